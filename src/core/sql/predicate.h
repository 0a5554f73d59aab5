/* The rows of a chunk as an SQL predicate about the alias t with parameters, and the values of
 * these. The shape of a chunk decides the text, so chunks of one shape share a prepared
 * statement. Source: docs/PROTOCOL.md, "Chunks tile the key space". */
#ifndef CHUNKMILL_CORE_SQL_PREDICATE_H
#define CHUNKMILL_CORE_SQL_PREDICATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "core/plan/chunk.h"
#include "core/protocol/work.h"

struct predicate_shape {
    enum chunk_kind kind;
    bool has_lower; /* RANGE: a lower key; SLICE, NULLS: a lower row id */
    bool has_upper;
    bool upper_open; /* RANGE */
};

struct predicate_shape predicate_shape(const struct chunk *chunk);

/* A short name for the shape ("range_lu", "slice_l", "nulls_", "keys_"), for prepared statements;
 * unique for each shape. */
void predicate_shape_name(struct predicate_shape shape, char name[16]);

/* predicate_tile(out, work, shape, first): the tile: key bounds only, parameters from $first on.
 * Never empty: "true" for everything. */
void predicate_tile(struct text *out, const struct work *work, struct predicate_shape shape,
                    int first);

/* predicate_rows(out, work): scope and window, ANDed ("true" without either), each in parentheses
 * with a newline before the closing one. The pinned window's bounds are literals, cast to its type
 * (they hold no private data: they come from the job file). */
void predicate_rows(struct text *out, const struct work *work);

enum { PREDICATE_PARAMETERS_MAX = 2 * KEY_COLUMNS_MAX + 2 };

/* predicate_parameters(work, chunk, values, types): the values (borrowed from the chunk) and their
 * types for predicate_tile's parameters, in order; returns how many. */
int predicate_parameters(const struct work *work, const struct chunk *chunk, const char **values,
                         uint32_t *types);

/* 'text' as an SQL literal, quotes doubled, E'' with backslashes doubled where there are any. */
void predicate_literal(struct text *out, const char *text);

#endif
