/* Settles the rows in T2 by xmin, in one update and one scan; where the sums don't match, by row
 * id. */
#include "db/cycle/settle.h"

void settle_add(struct executor *executor, struct pipeline *pipeline, const struct chunk *chunk,
                const char *mark_xid)
{
    const struct executor_values values = {.mark_xid = mark_xid};

    executor_queue(executor, pipeline, STATEMENT_UPDATE, chunk, &values);
    executor_queue(executor, pipeline, STATEMENT_SETTLE_LEFT, chunk, &values);
}

int settle_take(struct pipeline *pipeline, struct settled *settled, struct settle_left *left,
                struct error *err)
{
    struct rows *rows = NULL;

    if (pipeline_next(pipeline, &rows, err) != 0)
        return -1;
    settled->updated = rows_affected(rows);
    rows_free(rows);
    if (pipeline_next(pipeline, &rows, err) != 0)
        return -1;
    left->untouched = rows_named_int64(rows, 0, "untouched_rows");
    left->written = rows_named_int64(rows, 0, "written_rows");
    left->others = rows_named_int64(rows, 0, "other_rows");
    left->flagged = rows_named_int64(rows, 0, "left_rows");
    left->released = rows_named_int64(rows, 0, "released_rows");
    rows_free(rows);
    return 0;
}

/* Another session has updated, moved or deleted rows of this chunk: by row id, in the same
 * transaction. */
static int settle_by_id(struct executor *executor, const struct chunk *chunk,
                        const struct claim *claimed, struct settled *settled, struct error *err)
{
    struct rows *rows = NULL;
    int64_t more = 0, freed = 0;

    if (executor_run(executor, STATEMENT_LOCK_OWN, chunk, NULL, &rows, err) != 0)
        return -1;
    int64_t present = rows_int64(rows, 0, 0);
    rows_free(rows);
    if (executor_change(executor, STATEMENT_UPDATE_OWN, chunk, NULL, &more, err) != 0)
        return -1;
    if (executor_change(executor, STATEMENT_RELEASE_OWN, chunk, NULL, &freed, err) != 0)
        return -1;
    if (executor_run(executor, STATEMENT_COUNT_OTHERS, chunk, NULL, &rows, err) != 0)
        return -1;
    settled->others = rows_int64(rows, 0, 0);
    rows_free(rows);
    settled->updated += more;
    settled->lost = claimed->own_rows - present;
    settled->released = present - settled->updated;
    return 0;
}

/* The sums decide whether anybody else was at our rows. */
int settle_rest(struct executor *executor, const struct chunk *chunk, const struct claim *claimed,
                const struct settle_left *left, struct settled *settled, struct error *err)
{
    if (left->written != settled->updated ||
        settled->updated + left->untouched != claimed->own_rows || left->released != left->flagged)
        return settle_by_id(executor, chunk, claimed, settled, err);
    settled->released = left->untouched;
    settled->others = left->others;
    return 0;
}
