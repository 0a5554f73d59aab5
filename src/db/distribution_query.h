/* The texts of the queries that read the distribution. A page begins behind a key that is in the session's
 * settings (COPY takes no parameters, and no key is ever in an SQL text). */
#ifndef CHUNKMILL_DB_DISTRIBUTION_QUERY_H
#define CHUNKMILL_DB_DISTRIBUTION_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "core/work.h"
#include "db/connection.h"

/* distribution_text(work, after, out): the whole distribution, keys and rows, in the order of the key; after:
 * behind the key that distribution_query_begin_behind has set. */
void distribution_text(const struct work *work, bool after, struct text *out);

/* distribution_query_keys(work, after, limit, out): a page of it; 0: no limit. */
void distribution_query_keys(const struct work *work, bool after, int64_t limit, struct text *out);

/* distribution_query_bounds(work, after, step, limit, out): where the key is unique: every step-th key, with
 * step as its rows: by leaps along the index, without the keys between leaving the server. */
void distribution_query_bounds(const struct work *work, bool after, int64_t step, int64_t limit,
                               struct text *out);

/* distribution_query_rest(work, after, step, out): the last of the next keys, step of them at most, and how
 * many those are; no row: there are none. */
void distribution_query_rest(const struct work *work, bool after, int64_t step, struct text *out);

/* distribution_query_nulls(work, out): how many rows have a NULL in the key. */
void distribution_query_nulls(const struct work *work, struct text *out);

/* distribution_query_slices(work, key, step, out): every step-th row id of a key (parameters as
 * predicate_parameters has them; false: of the rows with a NULL in it), but for the last row's. */
void distribution_query_slices(const struct work *work, bool key, int64_t step, struct text *out);

/* distribution_query_begin_behind(c, work, key, err): for the queries with `after` on this connection. */
int distribution_query_begin_behind(struct connection *c, const struct work *work, const struct key *key,
                                    struct error *err);

/* distribution_query_streams(c, text, streams, err): whether the server would answer the query in the order
 * of an index, without sorting all of it first. Then it can be read in pages, each a query of its own. */
int distribution_query_streams(struct connection *c, const char *text, bool *streams, struct error *err);

/* distribution_query_is_unique(c, work, is_unique, err): whether a valid unique index is on exactly the key,
 * so that each key has one row. */
int distribution_query_is_unique(struct connection *c, const struct work *work, bool *is_unique,
                                 struct error *err);

#endif
