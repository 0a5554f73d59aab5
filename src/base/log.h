/* What a person is told while the program runs: lines on standard error, one write each, so that
 * the ranks' lines don't mix. Results go to standard output and are not the log's business. Never
 * log a key. */
#ifndef CHUNKMILL_BASE_LOG_H
#define CHUNKMILL_BASE_LOG_H

#include "base/error.h"

enum log_level { LOG_QUIET, LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* log_open(level, rank): rank < 0 writes no rank (commands without MPI, and rank 0 of a run). */
void log_open(enum log_level level, int rank);
enum log_level log_level_now(void);

/* log_before_line(callback): called before each line, so that a progress line in place can be ended
 * first. */
void log_before_line(void (*callback)(void));

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* log_failure(err): "chunkmill: TEXT (SQLSTATE)" at level error. */
void log_failure(const struct error *err);

#endif
