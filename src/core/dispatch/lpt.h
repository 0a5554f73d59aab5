/* Longest processing time first: the largest item goes to the least loaded worker. Source:
 * Graham, "Bounds on Multiprocessing Timing Anomalies", SIAM J. Appl. Math. 17 (1969). */
#ifndef CHUNKMILL_CORE_DISPATCH_LPT_H
#define CHUNKMILL_CORE_DISPATCH_LPT_H

#include <stdint.h>

struct lpt_item {
    int64_t rows, id;
    int worker; /* out */
};

/* lpt_assign(items, count, workers): fills each item's worker, 0 .. workers - 1; ties by id and by
 * number, so that the result is deterministic. Sorts the items, the largest first. O(n log n). */
void lpt_assign(struct lpt_item *items, int64_t count, int workers);

#endif
