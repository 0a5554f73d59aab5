/* Writes chunks to the ledger by COPY, and reads them by a stream. A batch and the key behind
 * which planning goes on are written in one transaction. */
#include "db/plan/chunk_store.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "db/ledger/ledger_query.h"
#include "sql_statements.h"

struct chunk_store {
    const struct work *work;
    struct text batch; /* COPY text lines */
    int64_t batch_chunks;
    int64_t planned_chunks; /* committed */
    struct key
        last; /* the last planned key of the batch; not set: the batch ends behind all keys */
    struct chunk_store_sent {
        int64_t chunks; /* of the batch, its first ones */
        size_t bytes;
        bool is_last;
    } sent; /* with the last COMMIT, which may have gone unanswered */
};

struct chunk_store *chunk_store_new(const struct work *work, const struct key *planned_to,
                                    int64_t planned_chunks)
{
    struct chunk_store *store = memory_zero(1, sizeof *store);

    store->work = work;
    store->planned_chunks = planned_chunks;
    key_copy(&store->last, planned_to);
    return store;
}

void chunk_store_free(struct chunk_store *store)
{
    if (store == NULL)
        return;
    text_free(&store->batch);
    key_clear(&store->last);
    free(store);
}

/* A value in COPY's text format. */
static void add_value(struct text *line, const char *value)
{
    if (value == NULL) {
        text_add(line, "\\N");
        return;
    }
    for (const char *p = value; *p != '\0'; p++) {
        switch (*p) {
        case '\\':
            text_add(line, "\\\\");
            break;
        case '\t':
            text_add(line, "\\t");
            break;
        case '\n':
            text_add(line, "\\n");
            break;
        case '\r':
            text_add(line, "\\r");
            break;
        default:
            text_add_bytes(line, p, 1);
        }
    }
}

static void add_array(struct text *line, const struct key *key)
{
    char *array = key_array(key);

    add_value(line, array);
    free(array);
}

static void add_line(struct chunk_store *store, const struct chunk *chunk)
{
    struct text *line = &store->batch;

    text_format(line, "%" PRId64 "\t%" PRId64 "\t%s\t", store->work->run_id, chunk->id,
                chunk_kind_name(chunk->kind));
    add_array(line, &chunk->lower);
    text_add(line, "\t");
    add_array(line, &chunk->upper);
    text_format(line, "\t%s\t", chunk->upper_open ? "t" : "f");
    add_value(line, chunk->row_lower);
    text_add(line, "\t");
    add_value(line, chunk->row_upper);
    text_add(line, "\t");
    add_array(line, &chunk->sets);
    text_format(line, "\t%" PRId64 "\t", chunk->rows);
    if (chunk->keys == CHUNK_KEYS_UNCOUNTED)
        add_value(line, NULL);
    else
        text_format(line, "%" PRId64, chunk->keys);
    text_add(line, "\n");
    store->batch_chunks++;
}

static int refuse_newer(struct error *err)
{
    return error_set(err, ERROR_LIVE, "a newer attempt has taken over the run, and plans it");
}

/* The run is this attempt's until the batch's end; with the first batch it begins to run. */
static int fence(const struct chunk_store *store, struct connection *c, struct error *err)
{
    struct ledger_query_number run = ledger_query_number(store->work->run_id),
                               attempt = ledger_query_number(store->work->attempt);
    const char *values[] = {run.text, attempt.text};
    const struct sql *sql = store->planned_chunks == 0 ? &sql_begin_plan : &sql_fence_plan;
    int64_t found = 0;

    if (ledger_query_change(c, store->work, sql, ledger_query_values(2, values), &found, err) != 0)
        return -1;
    return found == 1 ? 0 : refuse_newer(err);
}

/* *moved false: the plan was not where the batch begins. */
static int move(const struct chunk_store *store, struct connection *c, bool *moved,
                struct error *err)
{
    const struct work *work = store->work;
    struct ledger_query_number run = ledger_query_number(work->run_id),
                               before = ledger_query_number(store->planned_chunks),
                               now =
                                   ledger_query_number(store->planned_chunks + store->batch_chunks);
    char *last = key_array(&store->last);
    const char *values[] = {run.text, before.text, now.text, last};
    int64_t rows = 0;

    int rc = ledger_query_change(c, work, &sql_move_planned_to, ledger_query_values(4, values),
                                 &rows, err);
    free(last);
    *moved = rows == 1;
    return rc;
}

static int copy(const struct chunk_store *store, struct connection *c, struct error *err)
{
    int64_t rows = 0;

    if (store->batch_chunks == 0)
        return 0;
    if (ledger_query_execute(c, store->work, &sql_copy_chunks, err) != 0 ||
        connection_copy_data(c, text_string(&store->batch), store->batch.bytes, err) != 0 ||
        connection_copy_end(c, &rows, err) != 0)
        return -1;
    return rows == store->batch_chunks
               ? 0
               : error_set(err, ERROR_BUG, "the ledger took %" PRId64 " of %" PRId64 " chunks",
                           rows, store->batch_chunks);
}

static int end_plan(const struct chunk_store *store, struct connection *c, struct error *err)
{
    struct ledger_query_number run = ledger_query_number(store->work->run_id),
                               chunks =
                                   ledger_query_number(store->planned_chunks + store->batch_chunks);
    const char *values[] = {run.text, chunks.text};
    int64_t ended = 0;

    if (ledger_query_change(c, store->work, &sql_end_plan, ledger_query_values(2, values), &ended,
                            err) != 0)
        return -1;
    return ended == 1 ? 0 : refuse_newer(err);
}

/* The batch's transaction, with the plan's end in it when this is the last. *moved false: nothing
 * was written, for the plan is not where the batch begins. */
static int commit_batch(struct chunk_store *store, struct connection *c, bool is_last, bool *moved,
                        struct error *err)
{
    if (connection_begin(c, err) != 0 || fence(store, c, err) != 0 ||
        move(store, c, moved, err) != 0)
        return -1;
    if (!*moved) {
        connection_rollback(c);
        return 0;
    }
    if (copy(store, c, err) != 0 || (is_last && end_plan(store, c, err) != 0))
        return -1;
    store->sent = (struct chunk_store_sent){store->batch_chunks, store->batch.bytes, is_last};
    return connection_commit(c, err);
}

/* What was sent is there; more may have come into the batch since. */
static void forget_sent(struct chunk_store *store)
{
    struct text *batch = &store->batch;
    struct text rest = TEXT_INIT;

    text_add_bytes(&rest, text_string(batch) + store->sent.bytes, batch->bytes - store->sent.bytes);
    text_free(batch);
    *batch = rest;
    store->planned_chunks += store->sent.chunks;
    store->batch_chunks -= store->sent.chunks;
    store->sent.chunks = 0;
    store->sent.bytes = 0;
}

/* The plan is not where the batch begins: it was committed already, if the answer to that was lost.
 */
static int find_sent(struct chunk_store *store, struct connection *c, struct error *err)
{
    struct ledger_query_number run = ledger_query_number(store->work->run_id),
                               chunks =
                                   ledger_query_number(store->planned_chunks + store->sent.chunks);
    const char *values[] = {run.text, chunks.text, store->sent.is_last ? "true" : "false"};
    struct rows *rows = NULL;

    if (ledger_query(c, store->work, &sql_has_batch, ledger_query_values(3, values), &rows, err) !=
        0)
        return -1;
    bool is_there = rows_count(rows) == 1 && rows_bool(rows, 0, 0);
    rows_free(rows);
    if (!is_there)
        return refuse_newer(err);
    forget_sent(store);
    return 0;
}

/* Where the answer to the last COMMIT was lost, what has come into the batch since is left to be
 * written. */
static int commit_rest(struct chunk_store *store, struct connection *c, bool is_last,
                       struct error *err)
{
    bool moved = true;

    if (find_sent(store, c, err) != 0)
        return -1;
    if ((store->batch_chunks > 0 || is_last != store->sent.is_last) &&
        commit_batch(store, c, is_last, &moved, err) != 0)
        return -1;
    return moved ? 0 : refuse_newer(err);
}

static int flush(struct chunk_store *store, struct connection *c, bool is_last, struct error *err)
{
    bool moved = false;

    if (commit_batch(store, c, is_last, &moved, err) != 0 ||
        (!moved && commit_rest(store, c, is_last, err) != 0)) {
        connection_rollback(c);
        error_context(err, "writing the plan");
        return -1;
    }
    store->planned_chunks += store->batch_chunks;
    store->batch_chunks = 0;
    text_clear(&store->batch);
    store->sent = (struct chunk_store_sent){0};
    return 0;
}

void chunk_store_add(struct chunk_store *store, const struct chunk *chunk, bool may_end)
{
    add_line(store, chunk);
    key_clear(&store->last);
    if (may_end && key_is_set(&chunk->upper))
        key_copy(&store->last, &chunk->upper);
}

bool chunk_store_may_commit(const struct chunk_store *store)
{
    return store->batch_chunks > 0 && key_is_set(&store->last);
}

int chunk_store_commit(struct chunk_store *store, struct connection *c, struct error *err)
{
    assert(chunk_store_may_commit(store));
    return flush(store, c, false, err);
}

int chunk_store_end(struct chunk_store *store, struct connection *c, struct error *err)
{
    key_clear(&store->last);
    return flush(store, c, true, err);
}

struct reading {
    chunk_store_each *each;
    void *context;
    int key_columns;
};

/* Whole, or not set. */
static int borrow_key(struct key *key, int columns, const char *const *values)
{
    if (values[0] == NULL)
        return 0;
    key->columns = columns;
    for (int i = 0; i < columns; i++) {
        if (values[i] == NULL)
            return -1;
        key->values[i] = memory_unconst(values[i]);
    }
    return 0;
}

enum {
    ID,
    KIND,
    UPPER_OPEN,
    ROW_LOWER,
    ROW_UPPER,
    ROWS,
    KEYS,
    STATE,
    PASS,
    CRASHES,
    LOWER
}; /* read_chunks.sql */

static bool is_whole(const char *const *values)
{
    return values[ID] != NULL && values[KIND] != NULL && values[UPPER_OPEN] != NULL &&
           values[ROWS] != NULL && values[STATE] != NULL && values[PASS] != NULL &&
           values[CRASHES] != NULL;
}

static int read_one(void *context, int columns, const char *const *values, struct error *err)
{
    const struct reading *reading = context;
    struct chunk_store_entry entry = {0};
    struct chunk *chunk = &entry.chunk;

    if (columns != LOWER + 3 * KEY_COLUMNS_MAX || !is_whole(values) ||
        chunk_kind_parse(values[KIND], &chunk->kind) != 0 ||
        chunk_state_parse(values[STATE], &entry.state) != 0)
        return error_set(err, ERROR_BUG, "a chunk of the ledger can't be read");
    chunk->id = strtoll(values[ID], NULL, 10);
    chunk->upper_open = values[UPPER_OPEN][0] == 't';
    chunk->row_lower = memory_unconst(values[ROW_LOWER]);
    chunk->row_upper = memory_unconst(values[ROW_UPPER]);
    chunk->rows = strtoll(values[ROWS], NULL, 10);
    chunk->keys = values[KEYS] == NULL ? CHUNK_KEYS_UNCOUNTED : strtoll(values[KEYS], NULL, 10);
    entry.is_second_pass = strcmp(values[PASS], "1") != 0;
    entry.crashes = (int)strtol(values[CRASHES], NULL, 10);
    if (borrow_key(&chunk->lower, reading->key_columns, values + LOWER) != 0 ||
        borrow_key(&chunk->upper, reading->key_columns, values + LOWER + KEY_COLUMNS_MAX) != 0 ||
        borrow_key(&chunk->sets, reading->key_columns, values + LOWER + 2 * KEY_COLUMNS_MAX) != 0)
        return error_set(err, ERROR_BUG, "chunk %" PRId64 " of the ledger has half a key",
                         chunk->id);
    return reading->each(reading->context, &entry, err);
}

/* parent_id 0: whatever they are parts of. */
static int read_chunks(struct connection *c, const struct work *work, bool only_open,
                       int64_t parent_id, const struct reading *reading, struct error *err)
{
    struct ledger_query_number run = ledger_query_number(work->run_id),
                               parent = ledger_query_number(parent_id);
    const char *values[] = {run.text, only_open ? "true" : "false",
                            parent_id == 0 ? NULL : parent.text};
    struct text text = TEXT_INIT;
    int rc = -1;

    if (ledger_query_expand(work, &sql_read_chunks, &text, err) == 0) {
        const struct sql sql = {sql_read_chunks.name, text_string(&text)};
        struct reading copy_of = *reading;
        rc = connection_stream(c, &sql, (struct parameters){3, values, NULL}, read_one, &copy_of,
                               err);
    }
    text_free(&text);
    return rc;
}

int chunk_store_read_open(struct connection *c, const struct work *work, chunk_store_each *each,
                          void *context, struct error *err)
{
    const struct reading reading = {each, context, work->key_columns};

    return read_chunks(c, work, true, 0, &reading, err);
}

int chunk_store_read_parts(struct connection *c, const struct work *work, int64_t parent_id,
                           chunk_store_each *each, void *context, struct error *err)
{
    const struct reading reading = {each, context, work->key_columns};

    return read_chunks(c, work, true, parent_id, &reading, err);
}

int chunk_store_read_all(struct connection *c, const struct work *work, chunk_store_each *each,
                         void *context, struct error *err)
{
    const struct reading reading = {each, context, work->key_columns};

    return read_chunks(c, work, false, 0, &reading, err);
}
