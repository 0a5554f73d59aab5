/* Folds keys into chunks. It holds one open chunk: the bound below it, its last key, its counts,
 * and the key sets with filter keys. Of a closed chunk, which goes to the sink, it keeps the
 * upper bound alone. Does not know what a key means. */
#include "core/plan/partition.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct partition {
    struct partition_limits limits;
    partition_sink *sink;
    partition_slicer *slicer;
    void *context;
    int64_t next_id;
    struct key lower; /* exclusive bound of the open chunk; not set: none */
    struct text
        last[KEY_COLUMNS_MAX]; /* its last key, in buffers that are used again; with keys > 0 */
    int last_columns;
    int64_t rows;
    int64_t keys;                      /* perhaps uncounted; 0 where there is none */
    struct text sets[KEY_COLUMNS_MAX]; /* filter keys: the open array literals */
    bool ended;
};

struct partition *partition_new(const struct partition_limits *limits, partition_sink *sink,
                                partition_slicer *slicer, void *context)
{
    struct partition *p = memory_zero(1, sizeof *p);

    assert(limits->target_rows >= 1 && limits->max_rows >= 1);
    p->limits = *limits;
    p->sink = sink;
    p->slicer = slicer;
    p->context = context;
    p->next_id = 1;
    return p;
}

void partition_free(struct partition *p)
{
    if (p == NULL)
        return;
    key_clear(&p->lower);
    for (int i = 0; i < KEY_COLUMNS_MAX; i++) {
        text_free(&p->last[i]);
        text_free(&p->sets[i]);
    }
    free(p);
}

void partition_resume(struct partition *p, const struct key *after, int64_t next_id)
{
    assert(p->keys == 0 && !p->ended);
    key_clear(&p->lower);
    key_copy(&p->lower, after);
    p->next_id = next_id;
}

static int emit(struct partition *p, struct chunk *chunk, bool may_end, struct error *err)
{
    chunk->id = p->next_id++;
    return p->sink(p->context, chunk, may_end, err);
}

/* The next chunk opens behind `bound`. */
static void reopen(struct partition *p, const struct key *bound)
{
    struct key copy;

    key_copy(&copy, bound);
    key_clear(&p->lower);
    p->lower = copy;
    p->rows = 0;
    p->keys = 0;
}

/* Borrowed. */
static struct key last_key(const struct partition *p)
{
    struct key last = {.columns = p->last_columns};

    for (int i = 0; i < last.columns; i++)
        last.values[i] = p->last[i].data;
    return last;
}

static void keep_last(struct partition *p, const struct key *key)
{
    p->last_columns = key->columns;
    for (int i = 0; i < key->columns; i++) {
        text_clear(&p->last[i]);
        text_add(&p->last[i], key->values[i]);
    }
}

/* Closes the open range at `upper` (NULL: no bound). Emits it even when it is empty: keys that
 * appear later must have an owner. */
static int close_range(struct partition *p, const struct key *upper, bool upper_open, bool may_end,
                       struct error *err)
{
    struct chunk chunk = {.kind = CHUNK_RANGE, .rows = p->rows, .keys = p->keys};

    chunk.lower = p->lower;
    if (upper != NULL) {
        chunk.upper = *upper;
        chunk.upper_open = upper_open;
    }
    return emit(p, &chunk, may_end, err);
}

/* Closes the open key set, if there is a key in it. */
static int close_set(struct partition *p, struct error *err)
{
    struct chunk chunk = {.kind = CHUNK_KEYS, .rows = p->rows, .keys = p->keys};

    if (p->keys == 0)
        return 0;
    chunk.upper = last_key(p);
    chunk.sets.columns = p->last_columns;
    for (int i = 0; i < p->last_columns; i++) {
        key_array_end(&p->sets[i]);
        chunk.sets.values[i] = p->sets[i].data;
    }
    int rc = emit(p, &chunk, true, err);
    for (int i = 0; i < p->last_columns; i++)
        text_clear(&p->sets[i]);
    return rc;
}

/* Closes what is open at its last key, which then bounds the next. */
static int close_at_last(struct partition *p, struct error *err)
{
    const struct key last = last_key(p);
    int rc = p->limits.keys_filter ? close_set(p, err) : close_range(p, &last, false, true, err);

    if (rc == 0)
        reopen(p, &last);
    return rc;
}

/* Slices as even as can be, near target_rows each. */
static int64_t slice_step(const struct partition *p, int64_t rows)
{
    int64_t aim =
        p->limits.target_rows < p->limits.max_rows ? p->limits.target_rows : p->limits.max_rows;
    int64_t slices = (rows - 1) / aim + 1;

    return (rows - 1) / slices + 1;
}

/* One chunk a slice of `key` (NULL: the rows with a NULL in the key): the first has no lower, the
 * last no upper row id. The rows add up to what was counted, even if the table has moved on since.
 */
static int emit_slices(struct partition *p, const struct key *key, int64_t rows,
                       char *const *bounds, int64_t count, struct error *err)
{
    int64_t step = slice_step(p, rows);
    int64_t left = rows;

    for (int64_t i = 0; i <= count; i++) {
        struct chunk chunk = {.kind = key == NULL ? CHUNK_NULLS : CHUNK_SLICE};
        bool is_last = i == count;

        if (key != NULL)
            chunk.upper = *key;
        chunk.row_lower = i == 0 ? NULL : bounds[i - 1];
        chunk.row_upper = is_last ? NULL : bounds[i];
        chunk.rows = is_last || left < step ? left : step;
        chunk.keys = key != NULL && i == 0 ? 1 : 0;
        left -= chunk.rows;
        /* nothing can be resumed behind NULLs: no key says where */
        if (emit(p, &chunk, is_last && key != NULL, err) != 0)
            return -1;
    }
    return 0;
}

static int slice(struct partition *p, const struct key *key, int64_t rows, struct error *err)
{
    char **bounds = NULL;
    int64_t count = 0;

    if (rows > p->limits.max_rows &&
        p->slicer(p->context, key, slice_step(p, rows), &bounds, &count, err) != 0)
        return -1;
    int rc = emit_slices(p, key, rows, bounds, count, err);
    for (int64_t i = 0; i < count; i++)
        free(bounds[i]);
    free(bounds);
    return rc;
}

static int add_oversized(struct partition *p, const struct key *key, int64_t rows,
                         struct error *err)
{
    if (p->slicer == NULL)
        return error_set(
            err, ERROR_CONFIG,
            "a key has %" PRId64 " rows, more than chunk.max_rows (%" PRId64
            "), and there is no row id to split it by; try naming a unique column as row_id in "
            "the job file, or a larger chunk.max_rows",
            rows, p->limits.max_rows);
    int rc = p->limits.keys_filter ? close_set(p, err) : close_range(p, key, true, false, err);
    if (rc != 0 || slice(p, key, rows, err) != 0)
        return -1;
    reopen(p, key);
    return 0;
}

static bool is_full_for(const struct partition *p, int64_t rows)
{
    if (p->keys == 0)
        return false;
    if (p->rows > p->limits.target_rows - rows)
        return true;
    return p->limits.keys_filter && p->limits.max_keys > 0 && p->keys >= p->limits.max_keys;
}

int partition_add(struct partition *p, const struct key *key, int64_t rows, struct error *err)
{
    assert(key_is_set(key) && !p->ended);
    if (rows < 1)
        return error_set(err, ERROR_BUG, "the distribution has a key with %" PRId64 " rows", rows);
    if (rows > p->limits.max_rows)
        return add_oversized(p, key, rows, err);
    if (is_full_for(p, rows) && close_at_last(p, err) != 0)
        return -1;
    keep_last(p, key);
    p->rows += rows;
    p->keys = chunk_keys_sum(p->keys, 1);
    if (p->limits.keys_filter) {
        for (int i = 0; i < key->columns; i++)
            key_array_add(&p->sets[i], key->values[i]);
    }
    return 0;
}

int64_t partition_capacity(const struct partition *p)
{
    return p->rows < p->limits.target_rows ? p->limits.target_rows - p->rows : 0;
}

int partition_add_many(struct partition *p, const struct key *last, int64_t rows, int64_t keys,
                       struct error *err)
{
    assert(key_is_set(last) && !p->ended && !p->limits.keys_filter);
    if (rows < 1 || rows > p->limits.target_rows)
        return error_set(err, ERROR_BUG,
                         "the distribution has %" PRId64 " rows for a chunk of %" PRId64, rows,
                         p->limits.target_rows);
    if (is_full_for(p, rows) && close_at_last(p, err) != 0)
        return -1;
    keep_last(p, last);
    p->rows += rows;
    p->keys = chunk_keys_sum(p->keys, keys);
    return 0;
}

int partition_end(struct partition *p, struct error *err)
{
    assert(!p->ended);
    p->ended = true;
    return p->limits.keys_filter ? close_set(p, err) : close_range(p, NULL, false, false, err);
}

int partition_add_nulls(struct partition *p, int64_t rows, struct error *err)
{
    assert(p->ended);
    if (rows < 0)
        return error_set(err, ERROR_BUG,
                         "the distribution has %" PRId64 " rows with a NULL in the key", rows);
    if (rows == 0)
        return 0;
    if (p->slicer == NULL)
        return error_set(
            err, ERROR_CONFIG,
            "%" PRId64 " rows have a NULL in the key, and there is no row id to take them by; try "
            "naming a unique column as row_id in the job file, or leave them out of the scope",
            rows);
    return slice(p, NULL, rows, err);
}
