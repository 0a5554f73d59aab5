/* Tells a person on standard error what the program does. A line is one write, so that the lines of
 * several ranks don't mix. On a terminal it is
 *     chunkmill: warning: TEXT
 * without a level where that is info. Elsewhere (a file, a Slurm log, the pipe to mpirun) it can be
 * read later:
 *     2026-01-31T12:00:00Z chunkmill[3]: info: TEXT
 * [3] is the rank, left out for rank 0. Results go to standard output, not here. Never log a key.
 */
#ifndef CHUNKMILL_BASE_LOG_H
#define CHUNKMILL_BASE_LOG_H

#include "base/error.h"

enum log_level { LOG_QUIET, LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* log_open(level, rank): the lines up to this level are written; rank < 0: without a rank (commands
 * without MPI, and rank 0 of a run). */
void log_open(enum log_level level, int rank);
enum log_level log_level_now(void);

/* log_before_line(callback): called before each line is written: it ends a progress line that is
 * being rewritten in place. */
void log_before_line(void (*callback)(void));

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* log_failure(err): the error's text, and its SQLSTATE if it has one, at level error. */
void log_failure(const struct error *err);

#endif
