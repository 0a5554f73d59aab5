/* The state of a sweep as lines of JSON: a head that identifies the sweep, then a line for each
 * repetition in the order of measurement. A last line that a kill has cut off is left out. */
#ifndef CHUNKMILL_CORE_BENCH_BENCH_STATE_H
#define CHUNKMILL_CORE_BENCH_BENCH_STATE_H

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "core/bench/bench_results.h"

enum { BENCH_STATE_VERSION = 1 };

/* Each appends a line. */
void bench_state_head(const struct bench_results *results, struct text *out);
void bench_state_line(const struct bench_results *results, int cell, int number, struct text *out);

/* bench_state_read(text, path, results, whole_bytes, err): the repetitions into results, whose plan
 * and sweep are what was asked for this time. *whole_bytes: up to the end of the last whole line;
 * 0: nothing at all is in it. Errors: CONFIG: no state file of chunkmill, or that of another sweep,
 * with what differs and what to do; path is for the message. */
int bench_state_read(const char *text, const char *path, struct bench_results *results,
                     size_t *whole_bytes, struct error *err);

#endif
