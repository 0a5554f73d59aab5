/* The statements of the cycle, expanded for a job and a shape of chunk. The cycle, `chunkmill
 * sql` and the EXPLAINs of `check` use them. */
#ifndef CHUNKMILL_DB_CYCLE_STATEMENT_H
#define CHUNKMILL_DB_CYCLE_STATEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "core/protocol/work.h"
#include "core/sql/predicate.h"
#include "db/connection/connection.h"
#include "db/cycle/parameter.h"

enum statement {
    STATEMENT_RECORD_IN_FLIGHT,
    STATEMENT_FENCE,
    STATEMENT_CLAIM,
    STATEMENT_CLAIM_EXPECTED, /* the claim before what has been sent already */
    STATEMENT_FENCE_TABLE,    /* the last thing before a COMMIT: it was the table of the run */
    STATEMENT_MARK,           /* T1, with a flag */
    STATEMENT_MARK_AGAIN,     /* T1 of a second pass */
    STATEMENT_FENCE_MARKS,    /* with triggers: the marked rows are still in the chunk */
    STATEMENT_FENCE_UPDATE,   /* with triggers: the updated rows are still in the chunk's tile */
    STATEMENT_UPDATE, /* the job's update on the rows that this chunk owns: with a flag those with
                         our mark */
    STATEMENT_SETTLE_LEFT, /* counts what is ours, and what is not; releases what the update left */
    STATEMENT_LOCK_OWN,    /* the slow path, by row id */
    STATEMENT_UPDATE_OWN,
    STATEMENT_RELEASE_OWN,
    STATEMENT_COUNT_OTHERS,
    STATEMENT_PUT_BACK,
    STATEMENT_FINISH,
    STATEMENT_FAIL,
    STATEMENT_GIVE_BACK,
    STATEMENT_COUNT_TRY,
    STATEMENT_COUNT_CRASH,
    STATEMENT_FIND_MIDDLE_KEY, /* of a chunk that is to be split */
    STATEMENT_FIND_MIDDLE_ROW,
    STATEMENT_HALVE_SETS,
    STATEMENT_INSERT_PART,
    STATEMENT_DIVIDE_MARKS,
    STATEMENT_RETIRE,
    STATEMENT_UNMARK, /* for `abandon` and `release` */
    STATEMENT_COUNT
};

/* "fence_attempt", "mark_chunk": the stem of the SQL file, "update" for the job's own. */
const char *statement_name(enum statement statement);
/* Whether the work ever sends it (no marks without a flag, no row ids without a row id, no look at
 * where rows are without triggers). */
bool statement_is_used(const struct work *work, enum statement statement);
/* Whether its text depends on the shape of the chunk. */
bool statement_has_tile(enum statement statement);

/* statement_parameters(work, statement, list): how many parameters the statement has before those
 * of the tile, at most STATEMENT_OWN_MAX, and which they are, in the order of $1, $2, .. The list
 * is static. The job's update without a flag has none. */
enum { STATEMENT_OWN_MAX = 12 };
int statement_parameters(const struct work *work, enum statement statement,
                         const enum parameter **list);

/* statement_text(work, statement, shape, out, err): appends the SQL. The statement's own parameters
 * come first ($1, $2 ..), the tile's after them (predicate_parameters). Errors: CONFIG from the
 * template (an unknown placeholder). */
int statement_text(const struct work *work, enum statement statement, struct predicate_shape shape,
                   struct text *out, struct error *err);

/* statement_expand(work, sql, tile, out, err): one text of sql/cycle with the work's names and this
 * tile (NULL: it has none). Appends. */
int statement_expand(const struct work *work, const struct sql *sql, const char *tile,
                     struct text *out, struct error *err);

/* statement_query(c, work, sql, p, rows, err): a statement about the table, without a tile: all of
 * the work's names are expanded (statement_expand), and it is not prepared. */
int statement_query(struct connection *c, const struct work *work, const struct sql *sql,
                    struct parameters p, struct rows **rows, struct error *err);

#endif
