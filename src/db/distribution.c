/* States: unread -> (page open -> page read)* -> whole. What a page asks for: keys; or bounds, then the rest
 * behind the last of them; in the end the NULLs. */
#include "db/distribution.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/predicate.h"
#include "db/copy_out.h"
#include "db/distribution_query.h"

enum { PROGRESS_EVERY_KEYS = 10000, LINES_MOST = 1000000, LINES_LEAST = 16 };
#define PAGE_NS (NS_PER_S / 5)
#define NAP_NS  (200 * NS_PER_MS)

enum stage { UNREAD, ALL, KEYS, BOUNDS, REST, NULLS, WHOLE };

struct distribution {
    struct distribution_job job;
    struct partition *partition;
    enum stage stage;
    struct copy_out page;
    bool is_open;
    int64_t begin_ns;                  /* of the page */
    int64_t lines;                     /* of the page, so far */
    int64_t limit;                     /* of the page, in lines; 0: none */
    struct text last[KEY_COLUMNS_MAX]; /* the last key; with has_last */
    bool has_last;
    int64_t rest_keys;  /* of the last line */
    int64_t chunk_rows; /* sum over the chunks that the sink has taken */
    int64_t told_keys;  /* when progress was last told */
    struct distribution_totals totals;
};

static int take_chunk(void *context, const struct chunk *chunk, bool may_end, struct error *err)
{
    struct distribution *d = context;

    d->chunk_rows += chunk->rows;
    return d->job.sink(d->job.context, chunk, may_end, err);
}

static int find_slices(void *context, const struct key *key, int64_t step, char ***bounds, int64_t *count,
                       struct error *err)
{
    const struct distribution_job *job = &((const struct distribution *)context)->job;
    struct chunk chunk = {.kind = key == NULL ? CHUNK_NULLS : CHUNK_SLICE};
    const char *values[PREDICATE_PARAMETERS_MAX];
    uint32_t types[PREDICATE_PARAMETERS_MAX];
    struct text text = TEXT_INIT;
    struct rows *rows = NULL;

    if (key != NULL)
        chunk.upper = *key;
    distribution_query_slices(job->work, key != NULL, step, &text);
    const struct sql sql = {"slicing an oversized key", text_string(&text)};
    int parameters = predicate_parameters(job->work, &chunk, values, types);
    int rc =
        connection_query_once(job->slicer, &sql, (struct parameters){parameters, values, types}, &rows, err);
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

static void keep_last(struct distribution *d, const struct key *key)
{
    d->has_last = key->columns > 0;
    for (int i = 0; i < key->columns; i++) {
        text_clear(&d->last[i]);
        text_add(&d->last[i], key->values[i]);
    }
}

struct distribution *distribution_new(const struct distribution_job *job)
{
    const struct config *config = job->config;
    const struct partition_limits limits = {config->target_rows, config->max_rows, config->max_keys,
                                            config->keys_filter};
    struct distribution *d = memory_zero(1, sizeof *d);

    d->job = *job;
    d->partition = partition_new(&limits, take_chunk, job->work->row_id == NULL ? NULL : find_slices, d);
    if (job->after != NULL) {
        partition_resume(d->partition, job->after, job->next_id);
        keep_last(d, job->after);
    }
    return d;
}

void distribution_free(struct distribution *d)
{
    if (d == NULL)
        return;
    if (d->is_open)
        copy_out_stop(&d->page);
    partition_free(d->partition);
    for (int i = 0; i < KEY_COLUMNS_MAX; i++)
        text_free(&d->last[i]);
    free(d);
}

bool distribution_is_open(const struct distribution *d)
{
    return d->is_open;
}

bool distribution_is_whole(const struct distribution *d)
{
    return d->stage == WHOLE;
}

void distribution_wait(const struct distribution *d, int64_t most_ns)
{
    if (d->is_open)
        copy_out_wait(&d->page, most_ns);
}

const struct distribution_totals *distribution_totals(const struct distribution *d)
{
    return &d->totals;
}

static void tell(struct distribution *d)
{
    const struct distribution_totals *totals = &d->totals;

    if (d->job.progress == NULL || totals->keys - d->told_keys < PROGRESS_EVERY_KEYS)
        return;
    d->told_keys = totals->keys;
    d->job.progress(totals->keys, totals->rows);
}

/* A key with its rows; or the last of so many keys, of a row each. */
static int take_key(struct distribution *d, const struct key *key, int64_t rows, struct error *err)
{
    bool is_single = d->stage == BOUNDS || d->stage == REST;

    d->rest_keys = rows;
    keep_last(d, key);
    d->totals.keys += is_single ? rows : 1;
    d->totals.rows += rows;
    tell(d);
    return is_single ? partition_add_single(d->partition, key, rows, err)
                     : partition_add(d->partition, key, rows, err);
}

/* A copy_out_each. */
static int take_line(void *context, char *line, size_t bytes, struct error *err)
{
    struct distribution *d = context;
    struct key key = {.columns = d->stage == NULLS ? 0 : d->job.work->key_columns};
    char *values[KEY_COLUMNS_MAX + 1];

    bool is_whole = copy_out_split(line, bytes, values, key.columns + 1) == key.columns + 1;
    for (int i = 0; is_whole && i < key.columns; i++) {
        key.values[i] = values[i];
        is_whole = values[i] != NULL;
    }
    if (!is_whole || values[key.columns] == NULL)
        return error_set(err, ERROR_BUG, "the distribution has a key with a NULL in it");
    int64_t rows = strtoll(values[key.columns], NULL, 10);
    d->lines++;
    if (d->stage != NULLS)
        return take_key(d, &key, rows, err);
    d->totals.null_rows = rows;
    return 0;
}

/* How the server had best be asked. Leaps, too, are only for who would be given the keys in the order of an
 * index: they read the same. */
static int choose(struct distribution *d, struct error *err)
{
    const struct distribution_job *job = &d->job;
    struct text text = TEXT_INIT;
    bool streams, is_unique = false;

    distribution_text(job->work, false, &text);
    int rc = distribution_query_streams(job->reader, text_string(&text), &streams, err);
    text_free(&text);
    if (rc != 0 || (streams && !job->config->keys_filter &&
                    distribution_query_is_unique(job->reader, job->work, &is_unique, err) != 0))
        return -1;
    if (is_unique)
        d->stage = BOUNDS;
    else
        d->stage = streams || job->page_lines > 0 ? KEYS : ALL;
    d->limit = job->page_lines > 0 ? job->page_lines : LINES_LEAST;
    return 0;
}

static void add_query(const struct distribution *d, struct text *out)
{
    const struct work *work = d->job.work;
    int64_t step = d->job.config->target_rows;

    switch (d->stage) {
    case BOUNDS:
        distribution_query_bounds(work, d->has_last, step, d->limit, out);
        break;
    case REST:
        distribution_query_rest(work, d->has_last, step, out);
        break;
    case NULLS:
        distribution_query_nulls(work, out);
        break;
    case KEYS:
        distribution_query_keys(work, d->has_last, d->limit, out);
        break;
    case ALL:
    case UNREAD:
    case WHOLE:
        distribution_query_keys(work, d->has_last, 0, out);
        break;
    }
}

static int open_page(struct distribution *d, struct error *err)
{
    const struct distribution_job *job = &d->job;
    struct key last = {.columns = d->has_last ? job->work->key_columns : 0};
    struct text text = TEXT_INIT;

    for (int i = 0; i < last.columns; i++)
        last.values[i] = d->last[i].data;
    d->begin_ns = clock_now_ns();
    d->lines = 0;
    if (d->stage == UNREAD && choose(d, err) != 0)
        return -1;
    if (last.columns > 0 && distribution_query_begin_behind(job->reader, job->work, &last, err) != 0)
        return -1;
    text_add(&text, "COPY (");
    add_query(d, &text);
    text_add(&text, ") TO STDOUT");
    const struct sql sql = {"the distribution query", text_string(&text)};
    int rc = copy_out_begin(&d->page, job->reader, &sql, err);
    text_free(&text);
    d->is_open = rc == 0;
    return rc;
}

static bool has_nullable_key(const struct work *work)
{
    for (int i = 0; i < work->key_columns; i++)
        if (work->keys[i].nullable)
            return true;
    return false;
}

static int end(struct distribution *d, struct error *err)
{
    const struct distribution_totals *totals = &d->totals;

    if (partition_add_nulls(d->partition, totals->null_rows, err) != 0)
        return -1;
    d->stage = WHOLE;
    return d->chunk_rows == totals->rows + totals->null_rows
               ? 0
               : error_set(err, ERROR_BUG, "the distribution has %" PRId64 " rows, the plan %" PRId64,
                           totals->rows + totals->null_rows, d->chunk_rows);
}

static int end_keys(struct distribution *d, struct error *err)
{
    if (partition_end(d->partition, err) != 0)
        return -1;
    d->stage = NULLS;
    return has_nullable_key(d->job.work) ? 0 : end(d, err);
}

/* As many lines as a fifth of a second brings; the first page is the smallest, for a key may have a million
 * rows. */
static void adapt(struct distribution *d, int64_t page_ns)
{
    double lines = (double)d->lines * (double)PAGE_NS / (double)(page_ns > 0 ? page_ns : 1);

    if (d->job.page_lines > 0)
        return;
    d->limit = lines > (double)LINES_MOST ? LINES_MOST : lines < LINES_LEAST ? LINES_LEAST : (int64_t)lines;
}

/* Whether the page was the last of the keys. */
static bool is_last(const struct distribution *d)
{
    switch (d->stage) {
    case KEYS:
        return d->lines < d->limit;
    case REST: /* more may have come behind the last bound meanwhile */
        return d->lines == 0 || d->rest_keys < d->job.config->target_rows;
    case ALL:
        return true;
    case UNREAD:
    case BOUNDS:
    case NULLS:
    case WHOLE:
        break;
    }
    return false;
}

static int end_page(struct distribution *d, struct error *err)
{
    int64_t page_ns = clock_now_ns() - d->begin_ns;

    d->is_open = false;
    d->totals.distribution_ns += page_ns;
    d->totals.pages++;
    if (d->stage == NULLS)
        return end(d, err);
    if (is_last(d))
        return end_keys(d, err);
    if (d->stage == BOUNDS && d->lines < d->limit)
        d->stage = REST;
    adapt(d, page_ns);
    return 0;
}

int distribution_turn(struct distribution *d, int64_t until_ns, struct error *err)
{
    bool has_ended = false;

    if (d->stage == WHOLE)
        return 0;
    if ((!d->is_open && open_page(d, err) != 0) ||
        copy_out_turn(&d->page, until_ns, take_line, d, &has_ended, err) != 0 ||
        (has_ended && end_page(d, err) != 0)) {
        error_context(err, "planning");
        return -1;
    }
    return 0;
}

struct whole_plan {
    const struct distribution_job *job;
    struct plan_quality *quality;
};

static int judge(void *context, const struct chunk *chunk, bool may_end, struct error *err)
{
    struct whole_plan *plan = context;

    plan_quality_add(plan->quality, chunk);
    return plan->job->sink(plan->job->context, chunk, may_end, err);
}

int distribution_plan(const struct distribution_job *job, struct distribution_totals *totals,
                      struct plan_quality *quality, struct error *err)
{
    struct whole_plan plan = {.job = job, .quality = quality};
    struct distribution_job judged = *job;
    int rc = 0;

    memset(quality, 0, sizeof *quality);
    judged.sink = judge;
    judged.context = &plan;
    struct distribution *d = distribution_new(&judged);
    while (rc == 0 && !distribution_is_whole(d)) {
        rc = distribution_turn(d, INT64_MAX, err);
        distribution_wait(d, NAP_NS);
    }
    *totals = *distribution_totals(d);
    distribution_free(d);
    return rc;
}
