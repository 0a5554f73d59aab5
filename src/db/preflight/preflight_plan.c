/* Checks the query plans: EXPLAIN of the cycle's statements for a chunk in the middle of the
 * table. Its bounds are keys of sampled rows, so they go to the server as parameters; neither
 * they nor the plans are printed. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "base/memory.h"
#include "core/sql/predicate.h"
#include "db/preflight/preflight_checks.h"
#include "sql_statements.h"

enum {
    SAMPLE_PAGES = 300,
    LARGE_SAMPLE_PAGES = 6000,
    GLANCE_MS = 1000,
    EXPLAIN_MS = 30000,
    OWN_MAX = 8,
    OID_TEXT = 25, /* pg_type's, which never changes */
};

/* A chunk in the middle. */
struct sample {
    struct key lower, upper;
    int64_t rows;    /* in scope, in the sample */
    double fraction; /* of the table that was sampled */
};

/* Filter keys: a set as large as the job's largest, since its size decides the plan. */
static void fill_sets(const struct preflight_run *run, const struct key *lower,
                      const struct key *upper, struct key *sets)
{
    sets->columns = run->work->key_columns;
    for (int i = 0; i < sets->columns; i++) {
        struct text array = TEXT_INIT;
        for (int64_t n = 0; lower != NULL && n < run->config->max_keys / 2; n++) {
            key_array_add(&array, lower->values[i]);
            key_array_add(&array, upper->values[i]);
        }
        if (array.bytes == 0)
            text_add(&array, "{}");
        else
            key_array_end(&array);
        sets->values[i] = text_take(&array);
    }
}

static void fill_chunk(const struct preflight_run *run, const struct key *lower,
                       const struct key *upper, struct chunk *chunk)
{
    *chunk = (struct chunk){.id = 1, .kind = run->config->keys_filter ? CHUNK_KEYS : CHUNK_RANGE};
    if (run->config->keys_filter) {
        fill_sets(run, lower, upper, &chunk->sets);
    } else if (lower != NULL) {
        key_copy(&chunk->lower, lower);
        key_copy(&chunk->upper, upper);
    }
}

int preflight_plan_explain(struct preflight_run *run, enum statement statement,
                           const struct key *lower, const struct key *upper, struct rows **plan,
                           struct error *err)
{
    const char *values[OWN_MAX + PREDICATE_PARAMETERS_MAX];
    uint32_t types[OWN_MAX + PREDICATE_PARAMETERS_MAX];
    const struct work *work = run->work;
    const enum parameter *list;
    int own = statement_parameters(work, statement, &list);
    struct text text = TEXT_INIT;
    struct chunk chunk;

    fill_chunk(run, lower, upper, &chunk);
    for (int i = 0; i < own; i++) {
        types[i] = parameter_type(list[i]);
        values[i] = types[i] == OID_TEXT ? "" : "1"; /* a NULL would make the plan empty */
    }
    int count = own + predicate_parameters(work, &chunk, values + own, types + own);
    text_add(&text, "EXPLAIN (VERBOSE, FORMAT JSON) ");
    int rc = statement_text(work, statement, predicate_shape(&chunk), &text, err);
    const struct sql sql = {statement_name(statement), text_string(&text)};
    if (rc == 0)
        rc = connection_query_once(run->c, &sql, (struct parameters){count, values, types}, plan,
                                   err);
    text_free(&text);
    chunk_clear(&chunk);
    return rc;
}

/* The middle key of sampled rows in scope, and the one as many rows behind it as a chunk has. */
static void sample_text(const struct preflight_run *run, double percent, struct text *out)
{
    const struct work *work = run->work;
    struct text names = TEXT_INIT, not_null = TEXT_INIT;
    int64_t distance = (int64_t)((double)run->config->target_rows * percent / 100);

    for (int i = 0; i < work->key_columns; i++) {
        text_format(&names, "%sk%d", i > 0 ? ", " : "", i);
        text_format(&not_null, "%sk%d IS NOT NULL", i > 0 ? " AND " : "", i);
    }
    const char *keys = text_string(&names);
    text_format(
        out,
        "SELECT %s, n FROM (SELECT %s, row_number() OVER (ORDER BY %s) AS r, count(*) OVER () AS n "
        "FROM (SELECT ",
        keys, keys, keys);
    for (int i = 0; i < work->key_columns; i++)
        text_format(out, "%s(%s\n) AS k%d", i > 0 ? ", " : "", work->keys[i].expression, i);
    text_format(out, " FROM %s AS t TABLESAMPLE SYSTEM (%f) REPEATABLE (1) WHERE ", work->table,
                percent);
    predicate_rows(out, work);
    text_format(out,
                ") AS sampled WHERE %s) AS numbered WHERE r = (n + 1) / 2 OR r = least((n + 1) / 2 "
                "+ %" PRId64 ", n) ORDER BY r",
                text_string(&not_null), distance > 0 ? distance : 1);
    text_free(&names);
    text_free(&not_null);
}

static void take_key(const struct preflight_run *run, const struct rows *rows, int64_t row,
                     struct key *key)
{
    key->columns = run->work->key_columns;
    for (int i = 0; i < key->columns; i++)
        key->values[i] = memory_copy_string(rows_text(rows, row, i));
}

static int take_sample(struct preflight_run *run, int64_t pages, struct sample *sample,
                       struct error *err)
{
    double percent = run->pages <= pages ? 100 : (double)pages * 100 / (double)run->pages;
    struct text text = TEXT_INIT;
    struct rows *rows = NULL;

    sample_text(run, percent, &text);
    const struct sql sql = {"sampling keys", text_string(&text)};
    int rc = preflight_ask(run, &sql, 0, NULL, &rows, err);
    if (rc == 0 && rows_count(rows) > 0) {
        sample->rows = rows_int64(rows, 0, run->work->key_columns);
        sample->fraction = percent / 100;
        take_key(run, rows, 0, &sample->lower);
        take_key(run, rows, rows_count(rows) - 1, &sample->upper);
    }
    rows_free(rows);
    text_free(&text);
    return rc;
}

static int64_t count_chunks(const struct preflight_run *run, const struct sample *sample)
{
    double rows = (double)sample->rows / sample->fraction;

    return 1 + (int64_t)(rows / (double)run->config->target_rows);
}

/* The statements that read the target whole. */
struct whole {
    struct text names;
    int64_t pages;
};

/* Says what a plan reads whole, where it matters; the target is collected. */
static int judge_plan(struct preflight_run *run, enum statement statement, const struct rows *plan,
                      int64_t chunks, struct whole *whole, struct error *err)
{
    const char *values[] = {rows_text(plan, 0, 0), run->table_oid};
    struct rows *scans = NULL;
    int64_t target_pages = 0;

    if (preflight_ask(run, &sql_inspect_plan, 2, values, &scans, err) != 0)
        return -1;
    for (int64_t i = 0; i < rows_count(scans); i++) {
        int64_t pages = rows_int64(scans, i, 2);
        if (strstr(rows_text(scans, i, 0), "scan") == NULL)
            continue;
        if (rows_bool(scans, i, 3)) {
            target_pages += pages;
        } else if (pages >= PREFLIGHT_SMALL_PAGES && chunks > 1) {
            preflight_say(run, PREFLIGHT_WARN, "%s reads %s whole for each chunk (%s of %s)",
                          statement_name(statement), rows_text(scans, i, 1), rows_text(scans, i, 0),
                          human_count(pages, "page").text);
            preflight_advise(
                run, "give %s an index on the columns that the update joins by, and ANALYZE it",
                rows_text(scans, i, 1));
        }
    }
    rows_free(scans);
    if (target_pages >= PREFLIGHT_SMALL_PAGES && chunks > 1) {
        text_format(&whole->names, "%s%s", whole->names.bytes > 0 ? ", " : "",
                    statement_name(statement));
        whole->pages = target_pages > whole->pages ? target_pages : whole->pages;
    }
    return 0;
}

/* One statement's plan. What the server refuses is for other checks to say; without a ledger all
 * but the job's own can't be parsed, which is the ledger check's. */
static int explain(struct preflight_run *run, enum statement statement, const struct sample *sample,
                   struct whole *whole, struct error *err)
{
    struct error refused = ERROR_INIT;
    struct rows *plan = NULL;

    if (preflight_script(run, "SAVEPOINT chunkmill_plan", err) != 0)
        return -1;
    int rc =
        preflight_plan_explain(run, statement, &sample->lower, &sample->upper, &plan, &refused);
    if (rc == 0)
        rc = judge_plan(run, statement, plan, count_chunks(run, sample), whole, &refused);
    rows_free(plan);
    if (rc == 0)
        return 0;
    if (refused.kind != ERROR_SERVER && refused.kind != ERROR_CONFIG) {
        *err = refused;
        return -1;
    }
    if (statement == STATEMENT_UPDATE)
        preflight_say(run, PREFLIGHT_WARN, "%s could not be explained: see privileges and update",
                      statement_name(statement));
    return preflight_script(run, "ROLLBACK TO SAVEPOINT chunkmill_plan", err);
}

static int explain_all(struct preflight_run *run, const struct sample *sample, struct error *err)
{
    static const enum statement statements[] = {STATEMENT_MARK, STATEMENT_UPDATE,
                                                STATEMENT_SETTLE_LEFT};
    struct whole whole = {TEXT_INIT, 0};
    int64_t chunks = count_chunks(run, sample);
    int rc = 0;

    for (size_t i = 0; i < sizeof statements / sizeof statements[0] && rc == 0; i++)
        if (statement_is_used(run->work, statements[i]))
            rc = explain(run, statements[i], sample, &whole, err);
    bool is_bad = whole.pages > 0;
    if (is_bad)
        preflight_say(run, PREFLIGHT_FAIL, "reads %s whole for each of about %s (%s each time): %s",
                      run->table, human_count(chunks, "chunk").text,
                      human_count(whole.pages, "page").text, text_string(&whole.names));
    text_free(&whole.names);
    if (rc != 0 || is_bad)
        return rc != 0 ? -1 : preflight_index_advise(run, err);
    if (run->finding->answer == PREFLIGHT_PASS)
        preflight_say(run, PREFLIGHT_PASS,
                      run->pages < PREFLIGHT_SMALL_PAGES ? "a small table: it may be read whole"
                                                         : "no chunk reads the table whole");
    preflight_say(run, PREFLIGHT_PASS, "about %s", human_count(chunks, "chunk").text);
    return 0;
}

int preflight_plan_index(struct preflight_run *run, struct error *err)
{
    struct sample sample = {.rows = 0};
    int limit_ms = run->options->quick ? GLANCE_MS : EXPLAIN_MS;
    int rc = preflight_limit(run, limit_ms, err);

    if (rc == 0)
        rc = take_sample(run, SAMPLE_PAGES, &sample, err);
    if (rc == 0 && sample.rows == 0 && run->pages > SAMPLE_PAGES) /* few rows are in scope */
        rc = take_sample(run, LARGE_SAMPLE_PAGES, &sample, err);
    if (rc == 0 && sample.rows > 0) {
        rc = explain_all(run, &sample, err);
    } else if (rc == 0 && run->pages == 0) {
        preflight_say(run, PREFLIGHT_PASS, "the table is empty");
    } else if (rc == 0) {
        preflight_say(run, PREFLIGHT_WARN, "no row of a sample is in scope: no chunk to look at");
    } else if (preflight_timed_out(err)) {
        preflight_say(run, run->options->quick ? PREFLIGHT_SKIPPED : PREFLIGHT_WARN,
                      "not seen within %d ms", limit_ms);
        rc = 0;
    } else if (strcmp(err->sqlstate, "42501") == 0) {
        preflight_say(run, PREFLIGHT_SKIPPED, "needs the right to read the table: see privileges");
        rc = 0;
    }
    key_clear(&sample.lower);
    key_clear(&sample.upper);
    return rc;
}
