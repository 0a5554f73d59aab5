/* The distribution: the keys in order, each with its number of rows; and planning: the
 * distribution goes through the partitioner. Reads only.
 *
 * It is read in pages, each a statement of its own behind the last key, so that no snapshot
 * lives long: a page has a million keys at most and takes about a fifth of a second. After a
 * page that was cancelled, by its timeout or by a person, the next ones are the shortest. The
 * open chunk goes on from one page to the next. Where the server would have to sort everything
 * for each page, everything is one page. Where it would not, and with the range filter, a skip
 * scan goes from bound to bound, and the keys between are not sent: they are not counted (or,
 * where each has one row, counted as rows), unless the caller wants them counted. The plan is
 * the same. The last statement counts the rows with a NULL in the key. */
#ifndef CHUNKMILL_DB_PLAN_DISTRIBUTION_H
#define CHUNKMILL_DB_PLAN_DISTRIBUTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "core/job/config.h"
#include "core/plan/partition.h"
#include "core/protocol/work.h"
#include "db/connection/connection.h"

struct distribution_totals {
    int64_t rows, null_rows, pages;
    int64_t keys;            /* or CHUNK_KEYS_UNCOUNTED */
    int64_t distribution_ns; /* while a page was open */
};

/* What is to be planned; all borrowed. */
struct distribution_job {
    struct connection *reader;
    struct connection
        *slicer; /* for the queries that slice an oversized key, while the reader is busy */
    const struct config *config;
    const struct work *work;
    const struct key *after; /* goes on behind it; NULL or not set: from the start */
    int64_t next_id;
    partition_sink *sink;
    void *context;
    bool counts_keys;
    void (*progress)(int64_t keys, int64_t rows); /* now and then, as in the totals; may be NULL */
    int64_t page_lines;                           /* of each page, for tests; 0: as it goes */
};

struct distribution;

struct distribution *distribution_new(const struct distribution_job *job);
void distribution_free(struct distribution *d); /* takes NULL; a page that is open is cancelled */

/* distribution_turn(d, until_ns, err): begins a page if none is open, and takes in what the server
 * has sent of it, at most until until_ns. Does not wait for the server, but for the slices of an
 * oversized key and for the small questions between two pages. Errors: those of the sink and the
 * server, INTERRUPTED; d is only good for distribution_free then. */
int distribution_turn(struct distribution *d, int64_t until_ns, struct error *err);

/* Whether a page is open: its snapshot lives. */
bool distribution_is_open(const struct distribution *d);
/* Whether all is read and the last chunk has gone to the sink. */
bool distribution_is_complete(const struct distribution *d);

/* distribution_wait(d, most_ns): until the server sends more of the page, at most so long, asleep.
 */
void distribution_wait(const struct distribution *d, int64_t most_ns);

const struct distribution_totals *distribution_totals(const struct distribution *d);

#endif
