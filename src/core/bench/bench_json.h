/* The JSON members that the results and the state file share. Only core/bench includes it. */
#ifndef CHUNKMILL_CORE_BENCH_BENCH_JSON_H
#define CHUNKMILL_CORE_BENCH_BENCH_JSON_H

#include "core/bench/bench_results.h"

struct cJSON;

void bench_json_pairs(struct cJSON *object, const char *name, const struct bench_pairs *pairs);
/* A member for each figure. */
void bench_json_figures(struct cJSON *object, const struct bench_figures *figures);
/* An array of arrays of the members of struct chunk_record, each on a line of its own with
 * in_lines. */
void bench_json_records(struct cJSON *object, const char *name,
                        const struct bench_repetition *repetition, bool in_lines);

#endif
