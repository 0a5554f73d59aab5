/* Distribution, partitioner and chunk store against a real server: the plan tiles the key space,
 * whatever the keys are. */
#include "lab.h"

#include "core/plan/plan_quality.h"
#include "db/ledger/ledger_run.h"
#include "wire.h"

/* Each row's owners, by each chunk's own predicate: the sum over chunks of the rows that their tile
 * holds. */
static int64_t rows_in_tiles(struct lab *lab)
{
    struct error err = ERROR_INIT;
    int64_t sum = 0;

    for (int i = 0; i < lab->chunk_count; i++) {
        const struct work *work = &lab->session.work;
        const char *values[PREDICATE_PARAMETERS_MAX];
        uint32_t types[PREDICATE_PARAMETERS_MAX];
        struct text text = TEXT_INIT;
        struct rows *rows = NULL;

        text_format(&text, "SELECT count(*) FROM %s AS t WHERE ", work->table);
        predicate_tile(&text, work, predicate_shape(&lab->chunks[i]), 1);
        text_add(&text, " AND ");
        predicate_rows(&text, work);
        const struct sql sql = {"tile", text_string(&text)};
        int count = predicate_parameters(work, &lab->chunks[i], values, types);
        lab_must(connection_query_once(lab->session.control, &sql,
                                       (struct parameters){count, values, types}, &rows, &err),
                 &err, text_string(&text));
        CU_ASSERT_EQUAL(rows_int64(rows, 0, 0), lab->chunks[i].rows);
        sum += rows_int64(rows, 0, 0);
        rows_free(rows);
        text_free(&text);
    }
    return sum;
}

static int64_t count_kind(const struct lab *lab, enum chunk_kind kind)
{
    int64_t count = 0;

    for (int i = 0; i < lab->chunk_count; i++)
        count += lab->chunks[i].kind == kind;
    return count;
}

static void ranges_own_each_row_once(void)
{
    struct lab lab;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_start(&lab);
    CU_ASSERT_EQUAL(lab.quality.rows, 120);
    CU_ASSERT_EQUAL(rows_in_tiles(&lab), 120);
    CU_ASSERT_FALSE(key_is_set(&lab.chunks[0].lower));
    CU_ASSERT_FALSE(key_is_set(&lab.chunks[lab.chunk_count - 1].upper));
    lab_end(&lab);
}

static void nulls_have_chunks_of_their_own(void)
{
    struct lab lab;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_sql(&lab,
            "INSERT INTO lab.item (day, name) SELECT '2026-01-05', NULL FROM generate_series(1, 7);"
            "INSERT INTO lab.item (day, name) SELECT NULL, 'n1' FROM generate_series(1, 10)");
    lab_start(&lab);
    CU_ASSERT_EQUAL(rows_in_tiles(&lab), 137);
    CU_ASSERT_EQUAL(count_kind(&lab, CHUNK_NULLS), 2);
    lab_end(&lab);
}

static void an_oversized_key_is_sliced_by_row_id(void)
{
    struct lab lab;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_sql(
        &lab,
        "INSERT INTO lab.item (day, name) SELECT '2026-01-05', 'n2' FROM generate_series(1, 45)");
    lab_start(&lab);
    CU_ASSERT_EQUAL(count_kind(&lab, CHUNK_SLICE), 4);
    CU_ASSERT_EQUAL(rows_in_tiles(&lab), 165);
    lab_end(&lab);
}

static void key_sets_hold_any_text(void)
{
    struct lab lab;

    lab_begin(&lab,
              "{\"job\": \"lab\", \"table\": \"lab.item\", \"key\": [\"t.day\", \"t.name\"], "
              "\"row_id\": \"id\","
              " \"update\": \"update.sql\", \"chunk\": {\"target_rows\": 12, \"max_rows\": 12, "
              "\"filter\": "
              "\"keys\"}}",
              LAB_UPDATE);
    lab_sql(
        &lab,
        "UPDATE lab.item SET name = E'O''Brien \"x\" \\\\ \\u00e9, {NULL}\\t' WHERE name = 'n1';"
        "UPDATE lab.item SET name = '' WHERE name = 'n2'; UPDATE lab.item SET name = 'NULL' WHERE "
        "name = 'n3'");
    lab_start(&lab);
    CU_ASSERT_EQUAL(rows_in_tiles(&lab), 120);
    CU_ASSERT_EQUAL(count_kind(&lab, CHUNK_KEYS), lab.chunk_count);
    lab_end(&lab);
}

static void an_empty_table_has_one_chunk_without_bounds(void)
{
    struct lab lab;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_sql(&lab, "TRUNCATE lab.item");
    lab_start(&lab);
    CU_ASSERT_EQUAL(lab.chunk_count, 1);
    CU_ASSERT_EQUAL(lab.chunks[0].rows, 0);
    lab_end(&lab);
}

static void a_plan_that_was_begun_goes_on_behind_its_last_batch(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    struct ledger_run unfinished, finished;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_start(&lab);
    /* as if the manager had died behind the fourth chunk */
    lab_sql(&lab, "UPDATE chunkmill.plan SET complete = false, planned_chunks = 4,"
                  " planned_to = (SELECT key_upper FROM chunkmill.chunk WHERE chunk_id = 4);"
                  "DELETE FROM chunkmill.chunk WHERE chunk_id > 4");
    lab_must(
        ledger_run_find(lab.session.control, &lab.session.work, NULL, &unfinished, &finished, &err),
        &err, "finding");
    CU_ASSERT_TRUE(key_is_set(&unfinished.planned_to));
    CU_ASSERT_EQUAL(unfinished.planned_chunks, 4);

    struct session *s = &lab.session;
    struct connection *reader = NULL;
    struct distribution_totals totals;
    struct plan_quality quality;
    struct chunk_store *store = chunk_store_new(&s->work, &unfinished.planned_to, 4);
    lab_must(connection_open(s->work.parameters, s->work.parameter_count, "reader", &reader, &err),
             &err, "reader");
    const struct distribution_job job = {.reader = reader,
                                         .slicer = lab.side,
                                         .config = &s->config,
                                         .work = &s->work,
                                         .after = &unfinished.planned_to,
                                         .next_id = 5,
                                         .sink = lab_store,
                                         .context = store};
    lab_must(distribution_whole_plan(&job, &totals, &quality, &err), &err, "planning");
    lab_must(chunk_store_end(store, lab.session.control, &err), &err, "ending the plan");
    chunk_store_free(store);
    connection_close(reader);
    lab_read_open(&lab);
    CU_ASSERT_EQUAL(lab.chunk_count, 10);
    CU_ASSERT_EQUAL(rows_in_tiles(&lab), 120);
    ledger_run_clear(&unfinished);
    ledger_run_clear(&finished);
    lab_end(&lab);
}

static void an_old_attempt_cannot_lengthen_the_plan(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    const struct key nothing = {0};

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_start(&lab);
    lab_sql(&lab, "UPDATE chunkmill.plan SET complete = false; UPDATE chunkmill.run SET attempt = "
                  "attempt + 1");
    struct chunk_store *store = chunk_store_new(&lab.session.work, &nothing, lab.chunk_count);
    CU_ASSERT_EQUAL(chunk_store_end(store, lab.session.control, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_LIVE);
    chunk_store_free(store);
    lab_end(&lab);
}

/* As a manager that reads on until it commits again: two chunks more when is_more, the plan's end
 * when is_last.
 */
static void cut_a_batch(struct lab *lab, struct wire *wire, int number, bool is_more, bool is_last)
{
    struct error err = ERROR_INIT;
    const struct session *s = &lab->session;
    const struct key nothing = {0};
    struct chunk chunk = {.id = 1, .kind = CHUNK_RANGE, .rows = 3, .keys = 1};
    struct connection *c = NULL;

    chunk.upper = (struct key){2, {memory_unconst("2026-01-01"), memory_unconst("n1")}};
    lab_sql(lab, "DELETE FROM chunkmill.chunk; UPDATE chunkmill.plan SET complete = false, "
                 "planned_to = NULL, "
                 "planned_chunks = 0");
    struct chunk_store *store = chunk_store_new(&s->work, &nothing, 0);
    chunk_store_add(store, &chunk, true);
    setenv("PGHOST", wire->folder, 1);
    lab_must(connection_open(NULL, 0, "test", &c, &err), &err, "the wire");
    setenv("PGHOST", wire->server, 1);
    wire_arm(wire, WIRE_CUT_ANSWER, number);
    bool is_first_last = is_last && !is_more;
    int rc = (is_first_last ? chunk_store_end : chunk_store_commit)(store, c, &err);
    if (wire_disarm(wire)) {
        CU_ASSERT_EQUAL(rc, -1);
        CU_ASSERT_EQUAL(err.kind, ERROR_CONNECTION);
        error_clear(&err);
    }
    connection_close(c);
    for (chunk.id = 2; is_more && chunk.id <= 3; chunk.id++)
        chunk_store_add(store, &chunk, true);
    if (rc != 0 || is_more)
        lab_must((is_last ? chunk_store_end : chunk_store_commit)(store, s->control, &err), &err,
                 "again");
    CU_ASSERT_EQUAL(lab_number(lab, "SELECT count(*) FROM chunkmill.chunk"), is_more ? 3 : 1);
    CU_ASSERT_EQUAL(lab_number(lab, "SELECT planned_chunks FROM chunkmill.plan"), is_more ? 3 : 1);
    CU_ASSERT_EQUAL(lab_number(lab, "SELECT complete::integer FROM chunkmill.plan"), is_last);
    chunk_store_free(store);
}

/* Cut off at each exchange with the server, the COMMIT among them. */
static void a_batch_that_was_cut_off_is_written_once(void)
{
    enum { EXCHANGES = 14 };
    struct lab lab;
    struct wire wire;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_start(&lab);
    wire_open(&wire);
    setenv("PGHOST", wire.server, 1);
    for (int number = 1; number <= EXCHANGES; number++)
        for (int how = 0; how < 4; how++)
            cut_a_batch(&lab, &wire, number, how % 2 == 1, how / 2 == 1);
    wire_close(&wire);
    lab_end(&lab);
}

static void a_plan_that_somebody_else_has_lengthened_is_his(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    const struct key nothing = {0};
    struct chunk chunk = {.id = 1, .kind = CHUNK_RANGE, .rows = 3, .keys = 1};

    chunk.upper = (struct key){2, {memory_unconst("2026-01-01"), memory_unconst("n1")}};
    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_start(&lab);
    lab_sql(&lab, "UPDATE chunkmill.plan SET complete = false, planned_chunks = 1");
    struct chunk_store *store = chunk_store_new(&lab.session.work, &nothing, 0);
    chunk_store_add(store, &chunk, true);
    CU_ASSERT_EQUAL(chunk_store_commit(store, lab.session.control, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_LIVE);
    chunk_store_free(store);
    lab_end(&lab);
}

/* An UPDATE of the run's row would wait for all of them, and for those who come meanwhile. */
static void a_batch_does_not_wait_for_workers(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;
    const struct key nothing = {0};
    struct chunk chunk = {.id = 100, .kind = CHUNK_RANGE};

    chunk.upper = (struct key){2, {memory_unconst("2026-01-01"), memory_unconst("n1")}};
    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE);
    lab_start(&lab);
    lab_sql(&lab, "UPDATE chunkmill.plan SET complete = false");
    lab_sql(&lab, "BEGIN; SELECT FROM chunkmill.run FOR SHARE");
    struct chunk_store *store = chunk_store_new(&lab.session.work, &nothing, lab.chunk_count);
    chunk_store_add(store, &chunk, true);
    lab_must(chunk_store_commit(store, lab.session.control, &err), &err, "a batch beside a worker");
    lab_must(chunk_store_end(store, lab.session.control, &err), &err,
             "the plan's end beside a worker");
    chunk_store_free(store);
    lab_end(&lab);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(ranges_own_each_row_once),
        TEST(nulls_have_chunks_of_their_own),
        TEST(an_oversized_key_is_sliced_by_row_id),
        TEST(key_sets_hold_any_text),
        TEST(an_empty_table_has_one_chunk_without_bounds),
        TEST(a_plan_that_was_begun_goes_on_behind_its_last_batch),
        TEST(an_old_attempt_cannot_lengthen_the_plan),
        TEST(a_batch_that_was_cut_off_is_written_once),
        TEST(a_plan_that_somebody_else_has_lengthened_is_his),
        TEST(a_batch_does_not_wait_for_workers),
        CU_TEST_INFO_NULL,
    };
    return unit_run("plan", tests);
}
