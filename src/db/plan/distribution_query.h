/* The texts of the queries that read the distribution. A page begins behind a key that is in the
 * settings of the session, because COPY takes no parameters and no key may be in an SQL text. */
#ifndef CHUNKMILL_DB_PLAN_DISTRIBUTION_QUERY_H
#define CHUNKMILL_DB_PLAN_DISTRIBUTION_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "core/protocol/work.h"
#include "db/connection/connection.h"

/* distribution_query_text(work, after, out): the whole distribution, keys and rows, in the order of
 * the key; after: behind the key that distribution_query_begin_behind has set. */
void distribution_query_text(const struct work *work, bool after, struct text *out);

/* distribution_query_keys(work, after, limit, out): a page of it; 0: no limit. */
void distribution_query_keys(const struct work *work, bool after, int64_t limit, struct text *out);

/* Skips along the index, from chunk to chunk, without the keys between leaving the server. A row is
 * a key that the open chunk, with the rows before it, has no space for, so where that ends: key_1,
 * .. (the key), its rows, the rows before it and behind the former such key, last_1, .. (the last
 * key of those; NULL: there are none, whatever their number says). */
struct distribution_skip_scan {
    int64_t capacity; /* rows that fit into the open chunk; after the first row those of a chunk
                     with the row's key */
    int64_t target_rows, max_rows; /* 0 < target_rows <= max_rows */
    int64_t limit;                 /* rows of the answer */
};

/* distribution_query_skip_scan(work, after, skips, out): fewer rows than the limit: what is behind
 * the last of them fits into the open chunk. */
void distribution_query_skip_scan(const struct work *work, bool after,
                                  const struct distribution_skip_scan *skips, struct text *out);

/* distribution_query_nulls(work, out): how many rows have a NULL in the key. */
void distribution_query_nulls(const struct work *work, struct text *out);

/* distribution_query_slices(work, key, step, out): every step-th row id of a key (parameters as
 * predicate_parameters has them; false: of the rows with a NULL in it), but for the last row's. */
void distribution_query_slices(const struct work *work, bool key, int64_t step, struct text *out);

/* distribution_query_begin_behind(c, work, key, err): for the queries with `after` on this
 * connection. */
int distribution_query_begin_behind(struct connection *c, const struct work *work,
                                    const struct key *key, struct error *err);

/* distribution_query_is_unique(c, work, is_unique, err): whether a valid unique index is on exactly
 * the key, so that each key has one row. */
int distribution_query_is_unique(struct connection *c, const struct work *work, bool *is_unique,
                                 struct error *err);

/* How the server had best be asked. */
struct distribution_way {
    bool streams;   /* in the order of an index, without sorting: can be read in pages, each a query
                     * of its own
                     */
    bool skips;     /* so are skips, and they may be */
    bool is_unique; /* each key has one row; only asked where skips are possible */
};

/* distribution_query_way(c, work, skips, counts_keys, way, err): skips: as they would begin (NULL:
 * they may not be); counts_keys: nor where they would leave keys uncounted. */
int distribution_query_way(struct connection *c, const struct work *work,
                           const struct distribution_skip_scan *skips, bool counts_keys,
                           struct distribution_way *way, struct error *err);

#endif
