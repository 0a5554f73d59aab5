/* The keys in order, through the partitioner: one query that streams, and one small one for each oversized
 * key. */
#include "db/distribution.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/predicate.h"

enum { PROGRESS_EVERY_KEYS = 10000 };

struct planning {
    const struct distribution_job *job;
    struct partition *partition;
    struct distribution_totals *totals;
    struct plan_quality *quality;
};

/* "k1, k2" or "1, 2", with what comes between them. */
static void add_columns(struct text *out, const struct work *work, bool as_numbers)
{
    for (int i = 0; i < work->key_columns; i++) {
        if (i > 0)
            text_add(out, ", ");
        if (as_numbers)
            text_format(out, "%d", i + 1);
        else
            text_format(out, "(%s\n)", work->keys[i].expression);
    }
}

/* FROM the table WHERE this tile, scope and window. */
static void add_source(struct text *out, const struct work *work, struct predicate_shape shape)
{
    text_format(out, "\nFROM %s AS t\nWHERE (", work->table);
    predicate_tile(out, work, shape, 1);
    text_add(out, ")\n  AND ");
    predicate_rows(out, work);
}

void distribution_text(const struct work *work, bool after, struct text *out)
{
    const struct predicate_shape shape = {.kind = CHUNK_RANGE, .has_lower = after};

    text_add(out, "SELECT ");
    add_columns(out, work, false);
    text_add(out, ", count(*)");
    add_source(out, work, shape);
    text_add(out, "\nGROUP BY ");
    add_columns(out, work, true);
    text_add(out, "\nORDER BY ");
    add_columns(out, work, true);
}

static int take_key(void *context, int columns, const char *const *values, struct error *err)
{
    struct planning *planning = context;
    struct distribution_totals *totals = planning->totals;
    struct key key = {.columns = columns - 1};

    for (int i = 0; i < key.columns; i++) {
        if (values[i] == NULL)
            return error_set(err, ERROR_BUG, "the distribution has a key with a NULL in it");
        key.values[i] = memory_unconst(values[i]);
    }
    int64_t rows = strtoll(values[columns - 1], NULL, 10);
    totals->keys++;
    totals->rows += rows;
    if (planning->job->progress != NULL && totals->keys % PROGRESS_EVERY_KEYS == 0)
        planning->job->progress(totals->keys, totals->rows);
    return partition_add(planning->partition, &key, rows, err);
}

static int take_chunk(void *context, const struct chunk *chunk, bool may_end, struct error *err)
{
    struct planning *planning = context;

    plan_quality_add(planning->quality, chunk);
    return planning->job->sink(planning->job->context, chunk, may_end, err);
}

/* Every step-th row id of a key (NULL: of the rows with a NULL in it), but for the last row's. */
static int find_slices(void *context, const struct key *key, int64_t step, char ***bounds, int64_t *count,
                       struct error *err)
{
    struct planning *planning = context;
    const struct work *work = planning->job->work;
    struct chunk chunk = {.kind = key == NULL ? CHUNK_NULLS : CHUNK_SLICE};
    const char *values[PREDICATE_PARAMETERS_MAX];
    uint32_t types[PREDICATE_PARAMETERS_MAX];
    struct text text = TEXT_INIT;
    struct rows *rows = NULL;

    if (key != NULL)
        chunk.upper = *key;
    text_format(&text,
                "SELECT row_id FROM (SELECT t.%s AS row_id, row_number() OVER (ORDER BY t.%s) AS number, "
                "count(*) OVER () AS all_rows",
                work->row_id, work->row_id);
    add_source(&text, work, predicate_shape(&chunk));
    text_format(&text, ") AS numbered WHERE number %% %" PRId64 " = 0 AND number < all_rows ORDER BY number",
                step);
    const struct sql sql = {"slicing an oversized key", text_string(&text)};
    int parameters = predicate_parameters(work, &chunk, values, types);
    int rc = connection_query_once(planning->job->slicer, &sql,
                                   (struct parameters){parameters, values, types}, &rows, err);
    text_free(&text);
    if (rc != 0)
        return -1;
    *count = rows_count(rows);
    *bounds = memory_zero((size_t)*count, sizeof **bounds);
    for (int64_t i = 0; i < *count; i++)
        (*bounds)[i] = memory_copy_string(rows_text(rows, i, 0));
    rows_free(rows);
    return 0;
}

static int stream_keys(struct planning *planning, struct error *err)
{
    const struct distribution_job *job = planning->job;
    bool after = job->after != NULL && key_is_set(job->after);
    struct chunk behind = {.kind = CHUNK_RANGE};
    const char *values[PREDICATE_PARAMETERS_MAX];
    uint32_t types[PREDICATE_PARAMETERS_MAX];
    struct text text = TEXT_INIT;
    int64_t began_ns = clock_now_ns();

    if (after)
        behind.lower = *job->after;
    distribution_text(job->work, after, &text);
    const struct sql sql = {"the distribution query", text_string(&text)};
    int parameters = predicate_parameters(job->work, &behind, values, types);
    int rc = connection_stream(job->reader, &sql, (struct parameters){parameters, values, types}, take_key,
                               planning, err);
    text_free(&text);
    planning->totals->distribution_ns = clock_now_ns() - began_ns;
    return rc;
}

static bool has_nullable_key(const struct work *work)
{
    for (int i = 0; i < work->key_columns; i++)
        if (work->keys[i].nullable)
            return true;
    return false;
}

static int add_nulls(struct planning *planning, struct error *err)
{
    const struct work *work = planning->job->work;
    struct text text = TEXT_INIT;
    struct rows *rows = NULL;

    if (!has_nullable_key(work))
        return 0;
    text_add(&text, "SELECT count(*)");
    add_source(&text, work, (struct predicate_shape){.kind = CHUNK_NULLS});
    const struct sql sql = {"counting the rows with a NULL in the key", text_string(&text)};
    int rc = connection_query_once(planning->job->slicer, &sql, PARAMETERS_NONE, &rows, err);
    text_free(&text);
    if (rc != 0)
        return -1;
    planning->totals->null_rows = rows_int64(rows, 0, 0);
    rows_free(rows);
    return partition_add_nulls(planning->partition, planning->totals->null_rows, err);
}

int distribution_plan(const struct distribution_job *job, struct distribution_totals *totals,
                      struct plan_quality *quality, struct error *err)
{
    const struct config *config = job->config;
    const struct partition_limits limits = {config->target_rows, config->max_rows, config->max_keys,
                                            config->keys_filter};
    struct planning planning = {.job = job, .totals = totals, .quality = quality};
    int rc = -1;

    memset(totals, 0, sizeof *totals);
    memset(quality, 0, sizeof *quality);
    planning.partition =
        partition_new(&limits, take_chunk, job->work->row_id == NULL ? NULL : find_slices, &planning);
    if (job->after != NULL)
        partition_resume(planning.partition, job->after, job->next_id);
    if (stream_keys(&planning, err) == 0 && partition_end(planning.partition, err) == 0 &&
        add_nulls(&planning, err) == 0)
        rc = 0;
    partition_free(planning.partition);
    if (rc == 0 && quality->rows != totals->rows + totals->null_rows)
        rc = error_set(err, ERROR_BUG, "the distribution has %" PRId64 " rows, the plan %" PRId64,
                       totals->rows + totals->null_rows, quality->rows);
    if (rc != 0)
        error_context(err, "planning");
    return rc;
}
