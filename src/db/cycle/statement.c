/* The table of the cycle's statements, and their expansion. Knows no connection. */
#include "db/cycle/statement.h"

#include <stddef.h>

#include "core/sql/template.h"
#include "sql_statements.h"

enum needs { ALWAYS = 0, WITH_FLAG = 1, WITH_ROW_ID = 2, WITH_MOVES = 4 };

struct entry {
    const struct sql *sql; /* NULL: the job's update */
    int needs;             /* of enum needs, together */
    bool has_tile;
    enum parameter parameters[STATEMENT_OWN_MAX + 1]; /* in the order of $1, $2, .. */
};

/* How most lists begin. */
#define RUN_AND_CHUNK PARAMETER_RUN_ID, PARAMETER_CHUNK_ID

static const struct entry entries[STATEMENT_COUNT] = {
    [STATEMENT_RECORD_IN_FLIGHT] = {&sql_record_in_flight,
                                    ALWAYS,
                                    false,
                                    {RUN_AND_CHUNK, PARAMETER_ATTEMPT, PARAMETER_WORKER}},
    [STATEMENT_FENCE] = {&sql_fence_attempt, ALWAYS, false, {PARAMETER_RUN_ID, PARAMETER_ATTEMPT}},
    [STATEMENT_CLAIM] = {&sql_claim_chunk, ALWAYS, false, {RUN_AND_CHUNK}},
    [STATEMENT_CLAIM_EXPECTED] = {&sql_claim_expected,
                                  ALWAYS,
                                  false,
                                  {RUN_AND_CHUNK, PARAMETER_STATE, PARAMETER_MARK_XID,
                                   PARAMETER_CRASHES_MAX}},
    [STATEMENT_FENCE_TABLE] = {&sql_fence_table, ALWAYS, false, {PARAMETER_RUN_ID}},
    [STATEMENT_FENCE_MARKS] = {&sql_fence_marks, WITH_FLAG | WITH_MOVES, true, {RUN_AND_CHUNK}},
    [STATEMENT_FENCE_UPDATE] = {&sql_fence_update, WITH_MOVES, true, {PARAMETER_ROWS_UPDATED}},
    [STATEMENT_MARK] = {&sql_mark_chunk,
                        WITH_FLAG,
                        true,
                        {RUN_AND_CHUNK, PARAMETER_ATTEMPT, PARAMETER_WORKER,
                         PARAMETER_CRASHES_MAX}},
    [STATEMENT_MARK_AGAIN] = {&sql_mark_chunk_again,
                              WITH_FLAG,
                              true,
                              {RUN_AND_CHUNK, PARAMETER_ATTEMPT, PARAMETER_WORKER,
                               PARAMETER_CRASHES_MAX}},
    [STATEMENT_UPDATE] = {NULL, ALWAYS, true, {PARAMETER_MARK_XID, RUN_AND_CHUNK}},
    [STATEMENT_SETTLE_LEFT] = {&sql_settle_left,
                               WITH_FLAG,
                               true,
                               {PARAMETER_MARK_XID, RUN_AND_CHUNK}},
    [STATEMENT_LOCK_OWN] = {&sql_lock_own, WITH_FLAG, false, {RUN_AND_CHUNK}},
    [STATEMENT_UPDATE_OWN] = {NULL, WITH_FLAG, true, {RUN_AND_CHUNK}},
    [STATEMENT_RELEASE_OWN] = {&sql_release_own, WITH_FLAG, false, {RUN_AND_CHUNK}},
    [STATEMENT_COUNT_OTHERS] = {&sql_count_others, WITH_FLAG, true, {RUN_AND_CHUNK}},
    [STATEMENT_PUT_BACK] = {&sql_put_back_chunk,
                            WITH_FLAG,
                            false,
                            {RUN_AND_CHUNK, PARAMETER_ROWS_UPDATED, PARAMETER_ROWS_RELEASED,
                             PARAMETER_ROWS_LOST, PARAMETER_TRIES}},
    [STATEMENT_FINISH] = {&sql_finish_chunk,
                          ALWAYS,
                          false,
                          {RUN_AND_CHUNK, PARAMETER_ROWS_UPDATED, PARAMETER_ROWS_RELEASED,
                           PARAMETER_ROWS_LOST, PARAMETER_TRIES, PARAMETER_ATTEMPT,
                           PARAMETER_WORKER}},
    [STATEMENT_FAIL] = {&sql_fail_chunk,
                        ALWAYS,
                        false,
                        {RUN_AND_CHUNK, PARAMETER_SQLSTATE, PARAMETER_ERROR, PARAMETER_TRIES,
                         PARAMETER_ATTEMPT, PARAMETER_WORKER}},
    [STATEMENT_GIVE_BACK] = {&sql_give_back,
                             ALWAYS,
                             false,
                             {PARAMETER_RUN_ID, PARAMETER_ATTEMPT, PARAMETER_WORKER,
                              PARAMETER_CHUNK_ID}},
    [STATEMENT_COUNT_TRY] = {&sql_count_try, ALWAYS, false, {RUN_AND_CHUNK, PARAMETER_ATTEMPT}},
    [STATEMENT_COUNT_CRASH] = {&sql_count_crash, ALWAYS, false, {RUN_AND_CHUNK, PARAMETER_ATTEMPT}},
    [STATEMENT_FIND_MIDDLE_KEY] = {&sql_find_middle_key, ALWAYS, true, {PARAMETER_NONE}},
    [STATEMENT_FIND_MIDDLE_ROW] = {&sql_find_middle_row, WITH_ROW_ID, true, {PARAMETER_NONE}},
    [STATEMENT_HALVE_SETS] = {&sql_halve_sets, ALWAYS, false, {RUN_AND_CHUNK}},
    [STATEMENT_INSERT_PART] = {&sql_insert_part,
                               ALWAYS,
                               false,
                               {PARAMETER_RUN_ID, PARAMETER_PARENT_ID, PARAMETER_KIND,
                                PARAMETER_KEY_LOWER, PARAMETER_KEY_UPPER, PARAMETER_UPPER_OPEN,
                                PARAMETER_ROW_LOWER, PARAMETER_ROW_UPPER, PARAMETER_KEY_SETS,
                                PARAMETER_ROWS_PLANNED, PARAMETER_KEYS_PLANNED,
                                PARAMETER_IS_FIRST_PART}},
    [STATEMENT_DIVIDE_MARKS] = {&sql_divide_marks,
                                WITH_FLAG,
                                true,
                                {PARAMETER_RUN_ID, PARAMETER_PARENT_ID, PARAMETER_CHUNK_ID,
                                 PARAMETER_IS_LAST_PART}},
    [STATEMENT_RETIRE] = {&sql_retire_chunk, ALWAYS, false, {RUN_AND_CHUNK}},
    [STATEMENT_UNMARK] = {&sql_unmark_chunk, WITH_FLAG, false, {RUN_AND_CHUNK}},
};

const char *statement_name(enum statement statement)
{
    if (statement == STATEMENT_UPDATE)
        return "update";
    if (statement == STATEMENT_UPDATE_OWN)
        return "update_own";
    return entries[statement].sql->name;
}

bool statement_is_used(const struct work *work, enum statement statement)
{
    int had = (work_has_flag(work) ? WITH_FLAG : 0) | (work->row_id != NULL ? WITH_ROW_ID : 0) |
              (work->rows_may_move ? WITH_MOVES : 0);

    return (entries[statement].needs & ~had) == 0;
}

bool statement_has_tile(enum statement statement)
{
    return entries[statement].has_tile;
}

static bool is_bare_update(const struct work *work, enum statement statement)
{
    return statement == STATEMENT_UPDATE && !work_has_flag(work);
}

/* Whether it finds its rows by the mark's xid alone. */
static bool goes_by_xid(const struct work *work, enum statement statement)
{
    return statement == STATEMENT_UPDATE && work_has_flag(work) && !work->marks_by_id;
}

int statement_parameters(const struct work *work, enum statement statement,
                         const enum parameter **list)
{
    int count = 0;

    *list = entries[statement].parameters;
    if (is_bare_update(work, statement))
        return 0;
    if (goes_by_xid(work, statement))
        return 1; /* the server can't tell the type of a parameter that a statement doesn't use */
    while ((*list)[count] != PARAMETER_NONE)
        count++;
    return count;
}

static int add_own_by_id(const struct work *work, struct text *out, struct error *err)
{
    const struct template_value values[] = {
        {"ledger", work->ledger}, {"row_id", work->row_id}, {"row_id_type", work->row_id_type}};

    return template_expand(sql_own_by_id.name, sql_own_by_id.text, values,
                           (int)(sizeof values / sizeof values[0]), out, err);
}

int statement_expand(const struct work *work, const struct sql *sql, const char *tile,
                     struct text *out, struct error *err)
{
    struct text rows = TEXT_INIT, keys = TEXT_INIT, key_names = TEXT_INIT, by_id = TEXT_INIT,
                by_mark = TEXT_INIT, table_name = TEXT_INIT;

    int rc = add_own_by_id(work, &by_id, err);
    /* else the tile, as a filter: the other parts of a chunk that was split have marks of the same
     * xid */
    if (tile != NULL)
        text_format(&by_mark, "(%s) IS TRUE", tile);
    predicate_literal(&table_name, work->table);
    predicate_rows(&rows, work);
    for (int i = 0; i < work->key_columns; i++) {
        text_format(&keys, "%s(%s\n) AS k%d", i > 0 ? ", " : "", work->keys[i].expression, i + 1);
        text_format(&key_names, "%sk%d", i > 0 ? ", " : "", i + 1);
    }
    const struct template_value values[] = {
        {"ledger", work->ledger},
        {"table", work->table},
        {"table_name", text_string(&table_name)},
        {"tile", tile},
        {"rows", text_string(&rows)},
        {"flag", work->flag},
        {"marked", work->marked},
        {"released", work->released},
        {"row_id", work->row_id},
        {"row_id_type", work->row_id_type},
        {"keys", text_string(&keys)},
        {"key_names", text_string(&key_names)},
        {"own_by_id", text_string(&by_id)},
        {"written_here", sql_written_here.text},
        {"own_by_mark", text_string(work->marks_by_id ? &by_id : &by_mark)},
    };
    if (rc == 0)
        rc = template_expand(sql->name, sql->text, values, (int)(sizeof values / sizeof values[0]),
                             out, err);
    text_free(&rows);
    text_free(&keys);
    text_free(&key_names);
    text_free(&by_id);
    text_free(&by_mark);
    text_free(&table_name);
    return rc;
}

/* {chunk_filter}, in parentheses, with a newline before the closing one: a comment at an end must
 * not eat it.
 */
static int update_filter(const struct work *work, enum statement statement, const struct text *tile,
                         struct text *out, struct error *err)
{
    int rc = 0;

    text_add(out, "(");
    if (statement == STATEMENT_UPDATE_OWN) {
        rc = statement_expand(work, &sql_own_filter, text_string(tile), out, err);
    } else {
        text_add(out, text_string(tile));
        text_add(out, " AND ");
        predicate_rows(out, work);
    }
    if (statement == STATEMENT_UPDATE && work_has_flag(work)) {
        text_format(out, " AND t.%s IS NOT DISTINCT FROM %s AND t.xmin = $1::xid", work->flag,
                    work->marked);
        text_add(out, work->marks_by_id ? " AND " : "");
        rc = work->marks_by_id ? add_own_by_id(work, out, err) : 0;
    }
    text_add(out, "\n)");
    return rc;
}

static int expand_update(const struct work *work, enum statement statement, const struct text *tile,
                         struct text *out, struct error *err)
{
    struct text filter = TEXT_INIT;
    int rc = -1;

    if (update_filter(work, statement, tile, &filter, err) == 0) {
        const struct template_value values[] = {{"chunk_filter", text_string(&filter)}};
        rc = template_expand("update", work->update, values, 1, out, err);
    }
    text_free(&filter);
    return rc;
}

int statement_text(const struct work *work, enum statement statement, struct predicate_shape shape,
                   struct text *out, struct error *err)
{
    const struct entry *entry = &entries[statement];
    const enum parameter *list;
    struct text tile = TEXT_INIT;
    int rc;

    if (entry->has_tile) {
        text_add(&tile, "(");
        predicate_tile(&tile, work, shape, statement_parameters(work, statement, &list) + 1);
        text_add(&tile, ")");
    }
    if (entry->sql == NULL)
        rc = expand_update(work, statement, &tile, out, err);
    else
        rc = statement_expand(work, entry->sql, text_string(&tile), out, err);
    text_free(&tile);
    return rc;
}

int statement_query(struct connection *c, const struct work *work, const struct sql *sql,
                    struct parameters p, struct rows **rows, struct error *err)
{
    struct text text = TEXT_INIT;
    int rc = statement_expand(work, sql, NULL, &text, err);

    if (rc == 0) {
        const struct sql expanded = {sql->name, text_string(&text)};
        rc = connection_query_once(c, &expanded, p, rows, err);
    }
    text_free(&text);
    return rc;
}
