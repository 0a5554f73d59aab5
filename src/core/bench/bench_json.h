/* The JSON that the results and the state file share. For core/bench* alone. */
#ifndef CHUNKMILL_CORE_BENCH_BENCH_JSON_H
#define CHUNKMILL_CORE_BENCH_BENCH_JSON_H

#include "core/bench/bench_results.h"

struct cJSON;

/* Any bytes become valid UTF-8; NULL is null. */
void bench_json_string(struct cJSON *object, const char *name, const char *value);
void bench_json_pairs(struct cJSON *object, const char *name, const struct bench_pairs *pairs);
/* Not known (NAN) is null. */
void bench_json_number(struct cJSON *object, const char *name, double value);
/* A member for each figure. */
void bench_json_figures(struct cJSON *object, const struct bench_figures *figures);
/* [[id, worker, begin_ns, end_ns, mark_ns, update_ns, updated_rows, outcome], ..], on a line each
 * where so wanted. */
void bench_json_records(struct cJSON *object, const char *name,
                        const struct bench_repetition *repetition, bool in_lines);

/* bench_json_print(root, in_lines, out): with or without line breaks, ended by a newline; frees
 * root. */
void bench_json_print(struct cJSON *root, bool in_lines, struct text *out);

#endif
