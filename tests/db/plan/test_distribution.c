/* The distribution page by page, and by skips, against a real server: the plan is the same whatever
 * the way, and no snapshot outlives its page. */
#include "core/plan/plan_quality.h"
#include "db/connection/copy_out.h"
#include "db/plan/distribution_query.h"
#include "lab.h"

static int pack(void *context, const struct chunk *chunk, bool may_end, struct error *err)
{
    (void)may_end;
    (void)err;
    message_pack_chunk(context, chunk);
    return 0;
}

struct reading {
    struct text chunks; /* packed */
    struct distribution_totals totals;
    struct plan_quality quality;
};

static struct connection *open_reader(const struct lab *lab)
{
    const struct work *work = &lab->session.work;
    struct connection *reader = NULL;
    struct error err = ERROR_INIT;

    lab_must(connection_open(work->parameters, work->parameter_count, "reader", &reader, &err),
             &err, "reader");
    lab_must(connection_pin(reader, work->settings, work->setting_count, &err), &err, "reader");
    return reader;
}

struct way {
    int64_t page_lines;
    const struct key *after; /* NULL: all of it */
    int64_t next_id;
    bool skips;
    partition_sink *sink; /* NULL: pack */
};

static struct reading read_by(struct lab *lab, struct way way)
{
    struct reading reading = {0};
    struct error err = ERROR_INIT;
    struct connection *reader = open_reader(lab);
    const struct distribution_job job = {.reader = reader,
                                         .slicer = lab->session.control,
                                         .config = &lab->session.config,
                                         .work = &lab->session.work,
                                         .after = way.after,
                                         .next_id = way.next_id,
                                         .sink = way.sink != NULL ? way.sink : pack,
                                         .context = &reading.chunks,
                                         .counts_keys = !way.skips,
                                         .page_lines = way.page_lines};

    lab_must(distribution_whole_plan(&job, &reading.totals, &reading.quality, &err), &err,
             "planning");
    connection_close(reader);
    return reading;
}

static struct reading read_all(struct lab *lab, int64_t page_lines)
{
    return read_by(lab, (struct way){.page_lines = page_lines, .next_id = 1});
}

static bool is_same(const struct text *a, const struct text *b)
{
    return a->bytes == b->bytes && memcmp(a->data, b->data, a->bytes) == 0;
}

/* Keys of all kinds: oversized ones, first and in the middle, NULLs, and values that COPY must
 * escape. */
static void make_awkward(struct lab *lab)
{
    lab_sql(
        lab,
        "INSERT INTO lab.item (day, name) SELECT '2026-01-05', 'n2' FROM generate_series(1, 45);"
        "INSERT INTO lab.item (day, name) SELECT '2025-12-31', 'first' FROM generate_series(1, 30);"
        "INSERT INTO lab.item (day, name) SELECT '2026-01-05', NULL FROM generate_series(1, 17);"
        "INSERT INTO lab.item (day, name) SELECT NULL, 'n1' FROM generate_series(1, 3);"
        "INSERT INTO lab.item (day, name) SELECT '2026-01-06', name FROM unnest(ARRAY['', ' ', "
        "'\\N', "
        "E'a\\tb', E'a\\nb\\\\', E'\\b\\f\\r\\v', '\"', '''', '{NULL}', E'\\u00e9', 'NULL']) AS "
        "name");
}

static void the_plan_is_the_same_whatever_the_page(void)
{
    static const char *const filters[] = {
        LAB_FLAGGED_JOB,
        "{\"job\": \"lab\", \"table\": \"lab.item\", \"key\": [\"t.day\", \"t.name\"], \"row_id\": "
        "\"id\","
        " \"update\": \"update.sql\", \"chunk\": {\"target_rows\": 12, \"max_rows\": 12, "
        "\"filter\": "
        "\"keys\"}}",
    };
    static const int64_t pages[] = {1, 2, 3, 7, 40, 1000};

    for (size_t f = 0; f < sizeof filters / sizeof filters[0]; f++) {
        struct lab lab;
        lab_begin(&lab, filters[f], LAB_UPDATE);
        make_awkward(&lab);
        lab_open(&lab);
        struct reading whole = read_all(&lab, 0);
        CU_ASSERT_EQUAL(whole.quality.rows, 120 + 45 + 30 + 17 + 3 + 11);
        CU_ASSERT_EQUAL(whole.totals.null_rows, 20);
        CU_ASSERT_TRUE(whole.quality.oversized_slices >= 9);
        for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
            struct reading paged = read_all(&lab, pages[i]);
            CU_ASSERT_TRUE(is_same(&paged.chunks, &whole.chunks));
            CU_ASSERT_EQUAL(paged.totals.keys, whole.totals.keys);
            CU_ASSERT_EQUAL(paged.totals.pages, 52 / pages[i] + 2);
            text_free(&paged.chunks);
        }
        text_free(&whole.chunks);
        lab_end(&lab);
    }
}

/* Each chunk of the plan as a struct. */
static int unpack(const struct text *packed, struct chunk *chunks, int capacity)
{
    struct error err = ERROR_INIT;
    size_t at = 0;
    int count = 0;

    while (at < packed->bytes && count < capacity)
        lab_must(message_unpack_chunk(packed->data, packed->bytes, &at, &chunks[count++], &err),
                 &err, "a chunk");
    return count;
}

/* A chunk without the number of its keys, which skips leave open. */
static int pack_without_keys(void *context, const struct chunk *chunk, bool may_end,
                             struct error *err)
{
    struct chunk bare = *chunk;

    bare.keys = CHUNK_KEYS_UNCOUNTED;
    return pack(context, &bare, may_end, err);
}

#define BY_DAY(sizes)                                                                              \
    "{\"job\": \"lab\", \"table\": \"lab.item\", \"key\": [\"t.day\", \"t.name\"], \"row_id\": "   \
    "\"id\","                                                                                      \
    " \"update\": \"update.sql\", \"chunk\": {" sizes "},"                                         \
    " \"connection\": {\"settings\": {\"enable_sort\": \"off\", \"enable_seqscan\": \"off\", "     \
    "\"enable_hashagg\": \"off\", \"enable_bitmapscan\": \"off\"}}}"

static void resume_behind_each_range(const char *job, bool skips)
{
    struct lab lab;
    struct chunk chunks[64];
    int resumed = 0;

    lab_begin(&lab, job, LAB_UPDATE);
    make_awkward(&lab);
    lab_open(&lab);
    struct reading whole = read_by(&lab, (struct way){0, NULL, 1, false, pack_without_keys});
    int count = unpack(&whole.chunks, chunks, 64);
    for (int i = 0; i < count; i++) {
        bool may_resume =
            chunks[i].kind == CHUNK_RANGE && key_is_set(&chunks[i].upper) && !chunks[i].upper_open;
        if (may_resume) {
            struct reading rest = read_by(&lab, (struct way){3, &chunks[i].upper, chunks[i].id + 1,
                                                             skips, pack_without_keys});
            size_t from = whole.chunks.bytes - rest.chunks.bytes;
            CU_ASSERT_TRUE(rest.chunks.bytes < whole.chunks.bytes &&
                           memcmp(whole.chunks.data + from, rest.chunks.data, rest.chunks.bytes) ==
                               0);
            text_free(&rest.chunks);
            resumed++;
        }
    }
    CU_ASSERT_TRUE(resumed >= 8);
    for (int i = 0; i < count; i++)
        chunk_clear(&chunks[i]);
    text_free(&whole.chunks);
    lab_end(&lab);
}

static void a_plan_resumed_behind_any_range_is_the_same_plan(void)
{
    resume_behind_each_range(LAB_FLAGGED_JOB, false);
    resume_behind_each_range(BY_DAY("\"target_rows\": 12, \"max_rows\": 12"), true);
}

/* Among the sizes: every key oversized, none, chunks of one key, and keys of more rows than a skip
 * glances at. */
static void skip_scans_make_the_same_plan_of_any_keys(void)
{
    static const char *const sizes[] = {
        "\"target_rows\": 1, \"max_rows\": 1",     "\"target_rows\": 1, \"max_rows\": 500",
        "\"target_rows\": 5, \"max_rows\": 5",     "\"target_rows\": 12, \"max_rows\": 12",
        "\"target_rows\": 12, \"max_rows\": 40",   "\"target_rows\": 30, \"max_rows\": 1000",
        "\"target_rows\": 150, \"max_rows\": 200", "\"target_rows\": 9999, \"max_rows\": 10000",
    };

    int leapt = 0;

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct lab lab;
        char job[600];
        snprintf(job, sizeof job, BY_DAY("%s"), sizes[i]);
        lab_begin(&lab, job, LAB_UPDATE);
        make_awkward(&lab);
        lab_sql(&lab, "INSERT INTO lab.item (day, name) SELECT '2026-01-07', 'many' FROM "
                      "generate_series(1, 300);"
                      "INSERT INTO lab.item (day, name) SELECT '2026-01-08', 'more' FROM "
                      "generate_series(1, 130)");
        lab_open(&lab);
        struct reading keys = read_by(&lab, (struct way){.next_id = 1, .sink = pack_without_keys});
        CU_ASSERT_EQUAL(keys.quality.rows, 120 + 45 + 30 + 17 + 3 + 11 + 300 + 130);
        for (int64_t page = 0; page < 5; page += 2) {
            struct reading skips =
                read_by(&lab, (struct way){page, NULL, 1, true, pack_without_keys});
            CU_ASSERT_TRUE(is_same(&skips.chunks, &keys.chunks));
            CU_ASSERT_EQUAL(skips.totals.rows, keys.totals.rows);
            CU_ASSERT_EQUAL(skips.totals.null_rows, 20);
            leapt += skips.totals.keys == CHUNK_KEYS_UNCOUNTED;
            text_free(&skips.chunks);
        }
        text_free(&keys.chunks);
        lab_end(&lab);
    }
    /* not where each key fills its chunk, nor where one chunk has them all */
    CU_ASSERT_EQUAL(leapt, 18);
}

static void keys_that_are_leapt_over_are_not_counted(void)
{
    struct lab lab;

    lab_begin(&lab, BY_DAY("\"target_rows\": 12, \"max_rows\": 12"), LAB_UPDATE);
    lab_open(&lab);
    struct reading skips = read_by(&lab, (struct way){.next_id = 1, .skips = true});
    struct reading keys = read_by(&lab, (struct way){.next_id = 1});
    CU_ASSERT_EQUAL(skips.totals.keys, CHUNK_KEYS_UNCOUNTED);
    CU_ASSERT_EQUAL(skips.quality.keys, CHUNK_KEYS_UNCOUNTED);
    CU_ASSERT_EQUAL(keys.totals.keys, 40);
    text_free(&skips.chunks);
    text_free(&keys.chunks);
    lab_end(&lab);
}

static void a_table_of_the_scope_may_have_any_name(void)
{
    struct lab lab;

    lab_begin(
        &lab,
        BY_DAY(
            "\"target_rows\": 12, \"max_rows\": 12}, \"scope\": \"t.id > (SELECT id FROM skip)\", "
            "\"limits\": {\"retries\": 3"),
        LAB_UPDATE);
    lab_sql(&lab, "DROP TABLE IF EXISTS skip; CREATE TABLE skip AS SELECT 3 AS id");
    lab_open(&lab);
    struct reading skips = read_by(&lab, (struct way){.next_id = 1, .skips = true});
    CU_ASSERT_EQUAL(skips.totals.rows, 117);
    CU_ASSERT_EQUAL(skips.totals.keys, CHUNK_KEYS_UNCOUNTED);
    text_free(&skips.chunks);
    lab_sql(&lab, "DROP TABLE skip");
    lab_end(&lab);
}

/* Its numbers need not agree from one part of the query to the next. The chunks tile all the same.
 */
static void a_scope_may_be_a_sample(void)
{
    struct lab lab;

    lab_begin(&lab,
              BY_DAY("\"target_rows\": 5, \"max_rows\": 5}, \"scope\": \"random() < 0.5\", "
                     "\"limits\": {\"retries\": 3"),
              LAB_UPDATE);
    make_awkward(&lab);
    lab_open(&lab);
    for (int i = 0; i < 50; i++) {
        struct chunk chunks[200];
        struct reading skips = read_by(&lab, (struct way){.next_id = 1, .skips = true});
        int count = unpack(&skips.chunks, chunks, 200);
        const struct chunk *before = NULL;
        for (int c = 0; c < count; c++) {
            bool is_range = chunks[c].kind == CHUNK_RANGE;
            if (is_range && before != NULL)
                CU_ASSERT_TRUE(key_is_same(&chunks[c].lower, &before->upper));
            before = is_range ? &chunks[c] : before;
        }
        CU_ASSERT_TRUE(before != NULL && !key_is_set(&before->upper) &&
                       !key_is_set(&chunks[0].lower));
        for (int c = 0; c < count; c++)
            chunk_clear(&chunks[c]);
        text_free(&skips.chunks);
    }
    lab_end(&lab);
}

/* A skip over 400 rows takes longer than a statement may, a few keys don't. */
static void a_page_that_takes_too_long_is_read_in_shorter_ones(void)
{
    struct lab lab;

    lab_begin(
        &lab,
        "{\"job\": \"lab\", \"table\": \"lab.item\", \"key\": [\"t.day\", \"t.name\"], \"row_id\": "
        "\"id\","
        " \"scope\": \"lab.slow(t.id)\", \"update\": \"update.sql\", \"chunk\": {\"target_rows\": "
        "400},"
        " \"connection\": {\"statement_timeout_ms\": 400, \"settings\": {\"enable_sort\": \"off\","
        " \"enable_seqscan\": \"off\", \"enable_hashagg\": \"off\", \"enable_bitmapscan\": "
        "\"off\"}}}",
        LAB_UPDATE);
    lab_sql(&lab, "CREATE FUNCTION lab.slow(bigint) RETURNS boolean STABLE LANGUAGE plpgsql AS "
                  "'BEGIN PERFORM pg_sleep(0.001); RETURN true; END';"
                  "INSERT INTO lab.item (day, name) SELECT '2026-02-01', i / 3 FROM "
                  "generate_series(1, 480) AS i");
    lab_open(&lab);
    struct reading keys = read_by(&lab, (struct way){.next_id = 1, .sink = pack_without_keys});
    struct reading skips =
        read_by(&lab, (struct way){.next_id = 1, .skips = true, .sink = pack_without_keys});
    CU_ASSERT_EQUAL(skips.totals.rows, 600);
    CU_ASSERT_TRUE(is_same(&skips.chunks, &keys.chunks));
    text_free(&keys.chunks);
    text_free(&skips.chunks);
    lab_end(&lab);
}

#define BY_ID(key)                                                                                 \
    "{\"job\": \"lab\", \"table\": \"lab.item\", \"key\": [\"" key "\"], \"row_id\": \"id\","      \
    " \"scope\": \"t.name <> 'n3'\", \"update\": \"update.sql\", \"chunk\": {\"target_rows\": "    \
    "12},"                                                                                         \
    " \"connection\": {\"settings\": {\"enable_sort\": \"off\", \"enable_seqscan\": \"off\"}}}"

/* Skips, the keys behind the last of them, and no page after one that wasn't full. page 0: the
 * fewest, one skip and then as many as there are; a slow server gets smaller pages. */
static int64_t pages_of_a_skip_scan(int64_t rows, int64_t page)
{
    int64_t skips = rows > 0 ? (rows - 1) / 12 : 0;
    int64_t rest = skips > 0 ? rows - (12 * skips + 1) : rows;

    return page > 0 ? skips / page + 1 + rest / page + 1 : (skips > 0 ? 3 : 2);
}

/* t.id + 0 has the same values and order, but no index says that they are unique. */
static void a_unique_key_is_planned_by_a_skip_scan_and_the_plan_is_the_same(void)
{
    static const int64_t rows[] = {0, 1, 11, 12, 13, 24, 89};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct lab plain, unique;
        char keep[140];
        snprintf(keep, sizeof keep,
                 "DELETE FROM lab.item WHERE id NOT IN (SELECT id FROM lab.item WHERE name <> 'n3' "
                 "ORDER BY "
                 "id LIMIT %d)",
                 (int)rows[i]);
        lab_begin(&plain, BY_ID("t.id + 0"), LAB_UPDATE);
        lab_sql(&plain, keep);
        lab_open(&plain);
        struct reading one_by_one = read_all(&plain, 0);
        lab_end(&plain);
        lab_begin(&unique, BY_ID("t.id"), LAB_UPDATE);
        lab_sql(&unique, keep);
        lab_open(&unique);
        for (int64_t page = 0; page < 4; page++) {
            struct reading skips = read_all(&unique, page);
            CU_ASSERT_TRUE(is_same(&skips.chunks, &one_by_one.chunks));
            CU_ASSERT_EQUAL(skips.totals.rows, rows[i]);
            CU_ASSERT_EQUAL(skips.totals.keys, rows[i]);
            int64_t pages = pages_of_a_skip_scan(rows[i], page);
            CU_ASSERT_TRUE(skips.totals.pages == pages ||
                           (page == 0 && skips.totals.pages > pages));
            text_free(&skips.chunks);
        }
        text_free(&one_by_one.chunks);
        lab_end(&unique);
    }
}

/* Rows that come while the keys behind the last whole chunk are counted. */
static void skip_scans_take_in_what_has_come_meanwhile(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    struct text packed = TEXT_INIT;
    struct chunk chunks[64];
    int64_t most = 0;

    lab_begin(&lab, BY_ID("t.id"), LAB_UPDATE);
    lab_open(&lab);
    struct connection *reader = open_reader(&lab);
    const struct distribution_job job = {.reader = reader,
                                         .slicer = lab.session.control,
                                         .config = &lab.session.config,
                                         .work = &lab.session.work,
                                         .next_id = 1,
                                         .sink = pack,
                                         .context = &packed};
    struct distribution *d = distribution_new(&job);
    for (bool has_come = false; !distribution_is_complete(d); distribution_wait(d, NS_PER_S)) {
        lab_must(distribution_turn(d, INT64_MAX, &err), &err, "a turn");
        if (has_come || distribution_is_open(d) || distribution_totals(d)->pages != 1)
            continue;
        lab_sql(&lab, "INSERT INTO lab.item (day, name) SELECT '2026-02-01', 'n1' FROM "
                      "generate_series(1, 30)");
        has_come = true;
    }
    CU_ASSERT_EQUAL(distribution_totals(d)->rows, 90 + 30);
    int count = unpack(&packed, chunks, 64);
    CU_ASSERT_EQUAL(count, 10);
    for (int i = 0; i < count; i++) {
        most = chunks[i].rows > most ? chunks[i].rows : most;
        chunk_clear(&chunks[i]);
    }
    CU_ASSERT_EQUAL(most, 12);
    distribution_free(d);
    text_free(&packed);
    connection_close(reader);
    lab_end(&lab);
}

static bool is_unique(const char *key, const char *made)
{
    struct lab lab;
    char job[200];
    struct error err = ERROR_INIT;
    bool unique;

    snprintf(job, sizeof job,
             "{\"job\": \"lab\", \"table\": \"lab.item\", \"key\": [%s], \"row_id\": \"id\", "
             "\"update\": "
             "\"update.sql\"}",
             key);
    lab_begin(&lab, job, LAB_UPDATE);
    lab_sql(&lab,
            "ALTER TABLE lab.item ADD code text, ADD \"Part\" integer NOT NULL DEFAULT 0; UPDATE "
            "lab.item SET code = id; ALTER TABLE lab.item ALTER code SET NOT NULL");
    lab_sql(&lab, made);
    lab_open(&lab);
    lab_must(distribution_query_is_unique(lab.session.control, &lab.session.work, &unique, &err),
             &err, "unique?");
    lab_end(&lab);
    return unique;
}

static void only_a_plain_unique_index_on_the_key_makes_it_unique(void)
{
    CU_ASSERT_TRUE(is_unique("\"t.id\"", ""));
    CU_ASSERT_TRUE(is_unique("\"t.code\", \"t.\\\"Part\\\"\"",
                             "CREATE UNIQUE INDEX ON lab.item (code, \"Part\") INCLUDE (value)"));
    CU_ASSERT_FALSE(is_unique("\"t.code\"", "CREATE INDEX ON lab.item (code)"));
    CU_ASSERT_FALSE(
        is_unique("\"t.code\"", "CREATE UNIQUE INDEX ON lab.item (code) WHERE id < 1000"));
    CU_ASSERT_FALSE(is_unique("\"t.code\"", "CREATE UNIQUE INDEX ON lab.item (code DESC)"));
    CU_ASSERT_FALSE(
        is_unique("\"t.code\"", "CREATE UNIQUE INDEX ON lab.item (code COLLATE \"POSIX\")"));
    CU_ASSERT_FALSE(
        is_unique("\"t.code\"", "CREATE UNIQUE INDEX ON lab.item (code text_pattern_ops)"));
    CU_ASSERT_FALSE(is_unique("\"t.code\"", "CREATE UNIQUE INDEX ON lab.item (lower(code))"));
    CU_ASSERT_FALSE(is_unique("\"t.code\"", "CREATE UNIQUE INDEX ON lab.item (code, \"Part\")"));
    CU_ASSERT_FALSE(is_unique("\"t.code\", \"t.\\\"Part\\\"\"",
                              "CREATE UNIQUE INDEX ON lab.item (\"Part\", code)"));
    CU_ASSERT_FALSE(is_unique("\"t.code\"", "ALTER TABLE lab.item ADD UNIQUE (code) DEFERRABLE"));
    CU_ASSERT_FALSE(is_unique("\"t.name\"",
                              "UPDATE lab.item SET name = id; CREATE UNIQUE INDEX ON lab.item "
                              "(name)"));
    CU_ASSERT_FALSE(is_unique("\"t.id\"", "CREATE TABLE lab.child () INHERITS (lab.item)"));
}

static void without_an_index_it_is_one_page(void)
{
    struct lab lab;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_sql(
        &lab,
        "INSERT INTO lab.item (day, name) SELECT '2026-02-01', i FROM generate_series(1, 60000) i;"
        "ALTER TABLE lab.item ALTER day SET NOT NULL, ALTER name SET NOT NULL; DROP INDEX "
        "lab.item_day_name_idx");
    lab_open(&lab);
    struct reading sorted = read_all(&lab, 0);
    CU_ASSERT_EQUAL(sorted.totals.pages, 1);
    lab_sql(&lab, "CREATE INDEX ON lab.item (day, name)");
    lab_sql(&lab, "VACUUM ANALYZE lab.item");
    struct reading streamed = read_all(&lab, 0);
    CU_ASSERT_TRUE(streamed.totals.pages > 1);
    CU_ASSERT_TRUE(is_same(&sorted.chunks, &streamed.chunks));
    text_free(&sorted.chunks);
    text_free(&streamed.chunks);
    lab_end(&lab);
}

/* Nobody knows beforehand how many rows a key has, so how long a page of so many keys would take.
 */
static void the_first_page_is_small(void)
{
    struct lab lab;

    lab_begin(
        &lab,
        "{\"job\": \"lab\", \"table\": \"lab.item\", \"key\": [\"t.day\", \"t.name\"], \"row_id\": "
        "\"id\","
        " \"update\": \"update.sql\", \"connection\": {\"settings\": {\"enable_sort\": \"off\", "
        "\"enable_hashagg\": \"off\", \"enable_seqscan\": \"off\"}}}",
        LAB_UPDATE);
    lab_open(&lab);
    struct reading reading = read_all(&lab, 0);
    CU_ASSERT_EQUAL(reading.totals.keys, 40);
    CU_ASSERT_TRUE(reading.totals.pages > 2); /* the last one is that of the NULLs */
    text_free(&reading.chunks);
    lab_end(&lab);
}

/* The reader's snapshot: there while a page is open, gone when it is not. */
static int64_t snapshots(struct lab *lab)
{
    return lab_number(
        lab, "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%reader' AND "
             "backend_xmin IS NOT NULL");
}

static void no_snapshot_outlives_its_page(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    struct text chunks = TEXT_INIT;
    int between = 0, within = 0;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_sql(
        &lab,
        "INSERT INTO lab.item (day, name) SELECT '2026-02-01', i FROM generate_series(1, 60000) i");
    lab_open(&lab);
    struct connection *reader = open_reader(&lab);
    const struct distribution_job job = {.reader = reader,
                                         .slicer = lab.session.control,
                                         .config = &lab.session.config,
                                         .work = &lab.session.work,
                                         .next_id = 1,
                                         .sink = pack,
                                         .context = &chunks,
                                         .page_lines = 30000};
    struct distribution *d = distribution_new(&job);
    while (!distribution_is_complete(d)) {
        lab_must(distribution_turn(d, 0, &err), &err, "a turn");
        if (distribution_is_open(d))
            within += snapshots(&lab) == 1;
        else
            between += snapshots(&lab) == 0;
        distribution_wait(d, NS_PER_S);
    }
    CU_ASSERT_TRUE(within > 3);
    CU_ASSERT_EQUAL(between, distribution_totals(d)->pages);
    distribution_free(d);
    text_free(&chunks);
    connection_close(reader);
    lab_end(&lab);
}

static int count_line(void *context, char *line, size_t bytes, struct error *err)
{
    char *values[1];

    (void)err;
    *(int64_t *)context += copy_out_split(line, bytes, values, 1);
    return 0;
}

static int read_copy(struct connection *c, const char *text, int64_t *lines, struct error *err)
{
    const struct sql sql = {"a copy", text};
    struct copy_out out;
    bool has_ended = false;
    int rc = copy_out_begin(&out, c, &sql, err);

    while (rc == 0 && !has_ended) {
        rc = copy_out_turn(&out, INT64_MAX, count_line, lines, &has_ended, err);
        if (rc == 0 && !has_ended)
            copy_out_wait(&out, NS_PER_S);
    }
    return rc;
}

static void a_copy_that_the_server_refuses_leaves_the_connection_usable(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    int64_t lines = 0;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_open(&lab);
    struct connection *c = open_reader(&lab);
    CU_ASSERT_EQUAL(read_copy(c, "COPY (SELECT nothing) TO STDOUT", &lines, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_SERVER);
    CU_ASSERT_STRING_EQUAL(err.sqlstate, "42703");
    error_clear(&err);
    /* in the middle of it */
    CU_ASSERT_EQUAL(
        read_copy(c, "COPY (SELECT 1 / (1000 - i) FROM generate_series(1, 2000) i) TO STDOUT",
                  &lines, &err),
        -1);
    CU_ASSERT_STRING_EQUAL(err.sqlstate, "22012");
    CU_ASSERT_EQUAL(lines, 999);
    error_clear(&err);
    CU_ASSERT_EQUAL(read_copy(c, "SELECT 1", &lines, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_BUG);
    connection_close(c);
    c = open_reader(&lab);
    lines = 0;
    CU_ASSERT_EQUAL(
        read_copy(c, "COPY (SELECT 1 FROM generate_series(1, 300000)) TO STDOUT", &lines, &err), 0);
    CU_ASSERT_EQUAL(lines, 300000);
    connection_close(c);
    lab_end(&lab);
}

static void a_reader_whose_session_is_ended_says_so(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    int64_t lines = 0;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_open(&lab);
    struct connection *c = open_reader(&lab);
    CU_ASSERT_EQUAL(read_copy(c, "COPY (SELECT pg_terminate_backend(pg_backend_pid())) TO STDOUT",
                              &lines, &err),
                    -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONNECTION);
    CU_ASSERT_STRING_EQUAL(err.sqlstate, "57P01");
    connection_close(c);
    lab_end(&lab);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(the_plan_is_the_same_whatever_the_page),
        TEST(a_plan_resumed_behind_any_range_is_the_same_plan),
        TEST(skip_scans_make_the_same_plan_of_any_keys),
        TEST(keys_that_are_leapt_over_are_not_counted),
        TEST(a_table_of_the_scope_may_have_any_name),
        TEST(a_scope_may_be_a_sample),
        TEST(a_page_that_takes_too_long_is_read_in_shorter_ones),
        TEST(a_unique_key_is_planned_by_a_skip_scan_and_the_plan_is_the_same),
        TEST(skip_scans_take_in_what_has_come_meanwhile),
        TEST(only_a_plain_unique_index_on_the_key_makes_it_unique),
        TEST(without_an_index_it_is_one_page),
        TEST(the_first_page_is_small),
        TEST(no_snapshot_outlives_its_page),
        TEST(a_copy_that_the_server_refuses_leaves_the_connection_usable),
        TEST(a_reader_whose_session_is_ended_says_so),
        CU_TEST_INFO_NULL,
    };
    return unit_run("distribution", tests);
}
