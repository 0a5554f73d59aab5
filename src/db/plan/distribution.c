/* States: unread -> (page open -> page read)* -> complete. A page asks for a skip scan, then for
 * the keys behind its last row, or for keys from the start; the last one counts the rows with
 * NULLs. */
#include "db/plan/distribution.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/sql/predicate.h"
#include "db/connection/copy_out.h"
#include "db/plan/distribution_query.h"

enum { PROGRESS_EVERY_LINES = 10000, LINES_MOST = 1000000, LINES_LEAST = 16 };
#define PAGE_NS (NS_PER_S / 5)

enum stage { UNREAD, ALL, KEYS, SKIPS, NULLS, WHOLE };

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
    bool is_unique;     /* each key has one row; asked only before a skip */
    bool is_spoilt;     /* a line was read and not taken: there is no going on */
    int64_t chunk_rows; /* sum over the chunks that the sink has taken */
    int64_t told_lines; /* since progress was last told */
    struct distribution_totals totals;
};

static int take_chunk(void *context, const struct chunk *chunk, bool may_end, struct error *err)
{
    struct distribution *d = context;

    d->chunk_rows += chunk->rows;
    return d->job.sink(d->job.context, chunk, may_end, err);
}

static int find_slices(void *context, const struct key *key, int64_t step, char ***bounds,
                       int64_t *count, struct error *err)
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
    int rc = connection_query_once(job->slicer, &sql,
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
    d->partition =
        partition_new(&limits, take_chunk, job->work->row_id == NULL ? NULL : find_slices, d);
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

bool distribution_is_complete(const struct distribution *d)
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

    d->told_lines++;
    if (d->job.progress == NULL || (d->stage != SKIPS && d->told_lines < PROGRESS_EVERY_LINES))
        return;
    d->told_lines = 0;
    d->job.progress(totals->keys, totals->rows);
}

static void count(struct distribution *d, int64_t keys, int64_t rows)
{
    d->totals.keys = chunk_keys_sum(d->totals.keys, keys);
    d->totals.rows += rows;
}

static int take_key(struct distribution *d, const struct key *key, int64_t rows, struct error *err)
{
    keep_last(d, key);
    count(d, 1, rows);
    tell(d);
    return partition_add(d->partition, key, rows, err);
}

/* The keys that a skip has left behind, of which `last` is the last. */
static int take_many(struct distribution *d, const struct key *last, int64_t rows,
                     struct error *err)
{
    int64_t keys = d->is_unique ? rows : CHUNK_KEYS_UNCOUNTED;

    count(d, keys, rows);
    return partition_add_many(d->partition, last, rows, keys, err);
}

/* False: there is a NULL in it. */
static bool read_key(struct key *key, int columns, char *const *values)
{
    bool is_whole = true;

    key->columns = columns;
    for (int i = 0; i < columns; i++) {
        key->values[i] = values[i];
        is_whole = is_whole && values[i] != NULL;
    }
    return is_whole;
}

static int64_t number(const char *value)
{
    return value == NULL ? 0 : strtoll(value, NULL, 10);
}

static int take_line(struct distribution *d, char *line, size_t bytes, struct error *err)
{
    struct key key, last = {0};
    char *values[2 * KEY_COLUMNS_MAX + 2];
    int columns = d->stage == NULLS ? 0 : d->job.work->key_columns;
    int count = d->stage == SKIPS ? 2 * columns + 2 : columns + 1;

    if (copy_out_split(line, bytes, values, count) != count || !read_key(&key, columns, values))
        return error_set(err, ERROR_BUG, "the distribution has a key with a NULL in it");
    int64_t rows = number(values[columns]);
    d->lines++;
    if (d->stage == NULLS) {
        d->totals.null_rows = rows;
        return 0;
    }
    if (d->stage == SKIPS && read_key(&last, columns, values + columns + 2) &&
        take_many(d, &last, number(values[columns + 1]), err) != 0)
        return -1;
    return take_key(d, &key, rows, err);
}

/* A copy_out_each. */
static int take(void *context, char *line, size_t bytes, struct error *err)
{
    struct distribution *d = context;

    d->is_spoilt = take_line(d, line, bytes, err) != 0;
    return d->is_spoilt ? -1 : 0;
}

static struct distribution_skip_scan skips_from(const struct distribution *d)
{
    const struct config *config = d->job.config;

    return (struct distribution_skip_scan){.capacity = partition_capacity(d->partition),
                                           .target_rows = config->target_rows,
                                           .max_rows = config->max_rows,
                                           .limit = d->limit};
}

/* The first page is the smallest, because it is not known yet how many rows a line stands for. */
static int64_t fewest_lines(const struct distribution *d)
{
    return d->stage == SKIPS ? 1 : LINES_LEAST;
}

static int choose(struct distribution *d, struct error *err)
{
    const struct distribution_job *job = &d->job;
    const struct config *config = job->config;
    const struct distribution_skip_scan skips = skips_from(d);
    /* none of the keys that are skipped can have more than max_rows */
    bool may_skip = !config->keys_filter && config->max_rows >= config->target_rows;
    struct distribution_way way;

    if (distribution_query_way(job->reader, job->work, may_skip ? &skips : NULL, job->counts_keys,
                               &way, err) != 0)
        return -1;
    d->is_unique = way.is_unique;
    if (way.skips)
        d->stage = SKIPS;
    else
        d->stage = way.streams || job->page_lines > 0 ? KEYS : ALL;
    d->limit = job->page_lines > 0 ? job->page_lines : fewest_lines(d);
    return 0;
}

static void add_query(const struct distribution *d, struct text *out)
{
    const struct work *work = d->job.work;
    const struct distribution_skip_scan skips = skips_from(d);

    switch (d->stage) {
    case SKIPS:
        distribution_query_skip_scan(work, d->has_last, &skips, out);
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
    if (last.columns > 0 &&
        distribution_query_begin_behind(job->reader, job->work, &last, err) != 0)
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

static int end(struct distribution *d, struct error *err)
{
    const struct distribution_totals *totals = &d->totals;

    if (partition_add_nulls(d->partition, totals->null_rows, err) != 0)
        return -1;
    d->stage = WHOLE;
    return d->chunk_rows == totals->rows + totals->null_rows
               ? 0
               : error_set(err, ERROR_BUG,
                           "the distribution has %" PRId64 " rows, the plan %" PRId64,
                           totals->rows + totals->null_rows, d->chunk_rows);
}

static int end_keys(struct distribution *d, struct error *err)
{
    if (partition_end(d->partition, err) != 0)
        return -1;
    d->stage = NULLS;
    return work_may_have_null_keys(d->job.work) ? 0 : end(d, err);
}

/* As many lines as a fifth of a second brings. */
static void adapt(struct distribution *d, int64_t page_ns)
{
    double lines = (double)d->lines * (double)PAGE_NS / (double)(page_ns > 0 ? page_ns : 1);
    int64_t least = fewest_lines(d);

    if (d->job.page_lines > 0)
        return;
    d->limit = lines > (double)LINES_MOST ? LINES_MOST
               : lines < (double)least    ? least
                                          : (int64_t)lines;
}

/* The keys behind the last skip: they would fit into the open chunk, if no more have come
 * meanwhile. */
static void read_rest(struct distribution *d)
{
    d->stage = KEYS;
    d->limit = d->job.page_lines > 0 ? d->job.page_lines : d->job.config->target_rows + 1;
}

static int end_page(struct distribution *d, struct error *err)
{
    int64_t page_ns = clock_now_ns() - d->begin_ns;
    bool is_last = d->stage == ALL || d->lines < d->limit; /* of what is asked for in this way */

    d->is_open = false;
    d->totals.distribution_ns += page_ns;
    d->totals.pages++;
    if (d->stage == NULLS)
        return end(d, err);
    if (!is_last)
        adapt(d, page_ns);
    else if (d->stage == SKIPS)
        read_rest(d);
    else
        return end_keys(d, err);
    return 0;
}

/* Whether the page was cancelled, by its timeout or by a person, and could be shorter. */
static bool was_too_long(const struct distribution *d, const struct error *err)
{
    bool is_shortest = d->stage != SKIPS && (d->stage != KEYS || d->limit <= LINES_LEAST);

    return !d->is_spoilt && !is_shortest && err->kind == ERROR_SERVER &&
           strcmp(err->sqlstate, "57014") == 0;
}

/* Behind the last line that has come. */
static void go_on_shorter(struct distribution *d, struct error *err)
{
    error_clear(err);
    d->is_open = false;
    d->stage = KEYS;
    d->limit = LINES_LEAST;
    d->totals.distribution_ns += clock_now_ns() - d->begin_ns;
    d->totals.pages++;
}

static int turn(struct distribution *d, int64_t until_ns, struct error *err)
{
    bool has_ended = false;

    if ((!d->is_open && open_page(d, err) != 0) ||
        copy_out_turn(&d->page, until_ns, take, d, &has_ended, err) != 0)
        return -1;
    return has_ended ? end_page(d, err) : 0;
}

int distribution_turn(struct distribution *d, int64_t until_ns, struct error *err)
{
    if (d->stage == WHOLE || turn(d, until_ns, err) == 0)
        return 0;
    if (was_too_long(d, err)) {
        go_on_shorter(d, err);
        return 0;
    }
    error_context(err, "planning");
    return -1;
}
