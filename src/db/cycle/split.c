/* Finds where to cut, and inserts the parts. A range is cut behind the key in the middle of its
 * rows, a key set in the middle of its keys, a slice behind its middle row. A chunk of one key
 * is cut by row id, and the key space around that key keeps an owner. */
#include "db/cycle/split.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/protocol/message.h"
#include "db/cycle/claim.h"
#include "db/plan/chunk_store.h"

/* range below, lower slice, upper slice, range above */
enum { PARTS_MAX = 4 };

struct split {
    struct executor *executor;
    const struct chunk *chunk;
    struct claim claimed;
    struct chunk parts[PARTS_MAX];
    int count;
};

static struct chunk *add_part(struct split *split, enum chunk_kind kind, int64_t rows, int64_t keys)
{
    struct chunk *part = &split->parts[split->count++];

    *part = (struct chunk){.kind = kind, .rows = rows, .keys = keys};
    return part;
}

/* Of the rows that were planned, the share that the table has now. */
static int64_t proportion_of(int64_t planned, int64_t part, int64_t all)
{
    return all <= 0 ? 0 : (int64_t)((double)planned * (double)part / (double)all);
}

static void take_key(const struct rows *rows, int columns, struct key *key)
{
    key->columns = columns;
    for (int i = 0; i < columns; i++)
        key->values[i] = memory_copy_string(rows_text(rows, 0, i));
}

/* Two slices of a key, or of the NULL keys, between the chunk's row ids; none where there is but
 * one row. like: a chunk that says which rows. */
static int cut_rows(struct split *split, const struct chunk *like, struct error *err)
{
    struct rows *rows = NULL;

    if (split->executor->work->row_id == NULL)
        return 0;
    if (executor_run(split->executor, STATEMENT_FIND_MIDDLE_ROW, like, NULL, &rows, err) != 0)
        return -1;
    if (rows_count(rows) == 1) {
        const char *middle = rows_named_text(rows, 0, "row_id");
        int64_t lower_rows = proportion_of(like->rows, rows_named_int64(rows, 0, "number"),
                                           rows_named_int64(rows, 0, "all_rows"));
        struct chunk *lower = add_part(split, like->kind, lower_rows, like->keys);
        struct chunk *upper = add_part(split, like->kind, like->rows - lower_rows, 0);
        key_copy(&lower->upper, &like->upper);
        key_copy(&upper->upper, &like->upper);
        lower->row_lower = memory_copy_string(like->row_lower);
        lower->row_upper = memory_copy_string(middle);
        upper->row_lower = memory_copy_string(middle);
        upper->row_upper = memory_copy_string(like->row_upper);
    }
    rows_free(rows);
    return 0;
}

/* A range in which only this key has rows. */
static int cut_range_at(struct split *split, struct key *key, struct error *err)
{
    const struct chunk *chunk = split->chunk;
    struct chunk slice = {.kind = CHUNK_SLICE, .upper = *key, .rows = chunk->rows, .keys = 1};

    struct chunk *below = add_part(split, CHUNK_RANGE, 0, 0);
    key_copy(&below->lower, &chunk->lower);
    key_copy(&below->upper, key);
    below->upper_open = true;
    if (cut_rows(split, &slice, err) != 0)
        return -1;
    if (split->count == 1) { /* one row */
        chunk_clear(below);
        split->count = 0;
    } else if (!key_is_set(&chunk->upper) || !key_is_same(key, &chunk->upper)) {
        struct chunk *above = add_part(split, CHUNK_RANGE, 0, 0);
        key_copy(&above->lower, key);
        key_copy(&above->upper, &chunk->upper);
        above->upper_open = chunk->upper_open;
    }
    return 0;
}

static int cut_range(struct split *split, struct error *err)
{
    const struct chunk *chunk = split->chunk;
    int columns = split->executor->work->key_columns, rc = 0;
    struct rows *rows = NULL;
    struct key key = {0};

    if (executor_run(split->executor, STATEMENT_FIND_MIDDLE_KEY, chunk, NULL, &rows, err) != 0)
        return -1;
    if (rows_count(rows) == 1) {
        int64_t number = rows_named_int64(rows, 0, "number");
        int64_t keys = rows_named_int64(rows, 0, "keys");
        take_key(rows, columns, &key);
        if (number == keys) {
            rc = cut_range_at(split, &key, err);
        } else {
            int64_t lower_rows = proportion_of(chunk->rows, rows_named_int64(rows, 0, "rows_up_to"),
                                               rows_named_int64(rows, 0, "all_rows"));
            struct chunk *lower = add_part(split, CHUNK_RANGE, lower_rows, number);
            struct chunk *upper =
                add_part(split, CHUNK_RANGE, chunk->rows - lower_rows, keys - number);
            key_copy(&lower->lower, &chunk->lower);
            key_copy(&lower->upper, &key);
            key_copy(&upper->lower, &key);
            key_copy(&upper->upper, &chunk->upper);
            upper->upper_open = chunk->upper_open;
        }
    }
    key_clear(&key);
    rows_free(rows);
    return rc;
}

static int cut_sets(struct split *split, struct error *err)
{
    const struct chunk *chunk = split->chunk;
    int columns = split->executor->work->key_columns, rc = 0;
    struct rows *rows = NULL;

    if (executor_run(split->executor, STATEMENT_HALVE_SETS, chunk, NULL, &rows, err) != 0)
        return -1;
    int64_t keys = rows_count(rows) == columns ? rows_named_int64(rows, 0, "keys") : 0;
    if (keys == 1) {
        struct chunk slice = {.kind = CHUNK_SLICE, .rows = chunk->rows, .keys = 1};
        slice.upper.columns = columns;
        for (int i = 0; i < columns; i++)
            slice.upper.values[i] = memory_copy_string(rows_named_text(rows, i, "first_key"));
        rc = cut_rows(split, &slice, err);
        key_clear(&slice.upper);
    } else if (keys > 1) {
        int64_t lower_rows = proportion_of(chunk->rows, keys / 2, keys);
        struct chunk *lower = add_part(split, CHUNK_KEYS, lower_rows, keys / 2);
        struct chunk *upper =
            add_part(split, CHUNK_KEYS, chunk->rows - lower_rows, keys - keys / 2);
        lower->sets.columns = upper->sets.columns = columns;
        for (int i = 0; i < columns; i++) {
            lower->sets.values[i] = memory_copy_string(rows_named_text(rows, i, "lower_half"));
            upper->sets.values[i] = memory_copy_string(rows_named_text(rows, i, "upper_half"));
        }
    }
    rows_free(rows);
    return rc;
}

static int cut(struct split *split, struct error *err)
{
    switch (split->chunk->kind) {
    case CHUNK_RANGE:
        return cut_range(split, err);
    case CHUNK_KEYS:
        return cut_sets(split, err);
    case CHUNK_SLICE:
    case CHUNK_NULLS:
        break;
    }
    return cut_rows(split, split->chunk, err);
}

static int insert_part(struct split *split, int number, struct error *err)
{
    struct chunk *part = &split->parts[number];
    struct rows *rows = NULL;
    char *lower = key_array(&part->lower), *upper = key_array(&part->upper),
         *sets = key_array(&part->sets);

    const struct executor_values values = {
        .parent_id = split->chunk->id,
        .key_lower = lower,
        .key_upper = upper,
        .key_sets = sets,
        .is_first_part = number == 0,
    };
    int rc = executor_run(split->executor, STATEMENT_INSERT_PART, part, &values, &rows, err);
    free(lower);
    free(upper);
    free(sets);
    if (rc != 0)
        return -1;
    part->id = rows_int64(rows, 0, 0);
    rows_free(rows);
    return 0;
}

static int divide_marks(struct split *split, int number, struct error *err)
{
    const struct executor_values values = {
        .parent_id = split->chunk->id,
        .is_last_part = number == split->count - 1,
    };

    return executor_run(split->executor, STATEMENT_DIVIDE_MARKS, &split->parts[number], &values,
                        NULL, err);
}

static int replace(struct split *split, struct error *err)
{
    bool is_marked = split->claimed.state == CHUNK_STATE_MARKED;

    for (int i = 0; i < split->count; i++)
        if (insert_part(split, i, err) != 0 || (is_marked && divide_marks(split, i, err) != 0))
            return -1;
    return executor_run(split->executor, STATEMENT_RETIRE, split->chunk, NULL, NULL, err);
}

/* In the transaction that claimed the chunk. */
static int split_open(struct split *split, struct cycle_result *result, struct error *err)
{
    struct connection *c = split->executor->connection;

    if (cut(split, err) != 0)
        return -1;
    if (split->count == 0) {
        connection_rollback(c);
        return 0;
    }
    if (replace(split, err) != 0 || connection_commit(c, err) != 0)
        return -1;
    result->outcome = CYCLE_SPLIT;
    return 0;
}

int split_chunk(struct executor *executor, const struct chunk *chunk, const struct error *cause,
                struct cycle_result *result, struct error *err)
{
    struct split split = {.executor = executor, .chunk = chunk};
    int rc = 0;

    (void)cause;
    if (claim_begin(executor, chunk, &split.claimed, err) != 0)
        return -1;
    if (chunk_state_is_open(split.claimed.state)) {
        rc = split_open(&split, result, err);
    } else {
        connection_rollback(executor->connection);
        result->outcome = (int32_t)claim_outcome(&split.claimed);
    }
    for (int i = 0; i < split.count; i++)
        chunk_clear(&split.parts[i]);
    return rc;
}

static int pack(void *context, const struct chunk_store_entry *entry, struct error *err)
{
    (void)err;
    message_pack_chunk(context, &entry->chunk);
    return 0;
}

int split_parts(struct executor *executor, const struct chunk *chunk, struct text *parts,
                struct error *err)
{
    text_clear(parts);
    return chunk_store_read_parts(executor->connection, executor->work, chunk->id, pack, parts,
                                  err);
}
