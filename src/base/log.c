/* Writes each line by one write(2). Level and rank are set once. */
#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

static enum log_level level = LOG_INFO;
static const char *const words[] = {
    [LOG_ERROR] = "error",
    [LOG_WARNING] = "warning",
    [LOG_INFO] = "info",
    [LOG_DEBUG] = "debug",
};
static int rank = -1;
static void (*before_line)(void);

void log_open(enum log_level new_level, int new_rank)
{
    level = new_level;
    rank = new_rank;
}

enum log_level log_level_now(void)
{
    return level;
}

void log_before_line(void (*callback)(void))
{
    before_line = callback;
}

__attribute__((format(printf, 2, 0))) static void line(enum log_level line_level,
                                                       const char *format, va_list args)
{
    char body[2048];
    struct text out = TEXT_INIT;

    if (line_level > level)
        return;
    vsnprintf(body, sizeof body, format, args);
    bool is_terminal = isatty(STDERR_FILENO);
    if (!is_terminal) {
        char now[CLOCK_UTC_BYTES];
        clock_utc(now);
        text_format(&out, "%s ", now);
    }
    text_add(&out, "chunkmill");
    if (rank >= 0)
        text_format(&out, "[%d]", rank);
    text_add(&out, ": ");
    if (line_level != LOG_INFO || !is_terminal)
        text_format(&out, "%s: ", words[line_level]);
    text_format(&out, "%s\n", body);
    if (before_line != NULL)
        before_line();
    if (write(STDERR_FILENO, text_string(&out), out.bytes) < 0) {
        /* there is no way to report it */
    }
    text_free(&out);
}

#define LOG_FUNCTION(name, line_level)                                                             \
    void name(const char *format, ...)                                                             \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, format);                                                                    \
        line(line_level, format, args);                                                            \
        va_end(args);                                                                              \
    }

LOG_FUNCTION(log_error, LOG_ERROR)
LOG_FUNCTION(log_warning, LOG_WARNING)
LOG_FUNCTION(log_info, LOG_INFO)
LOG_FUNCTION(log_debug, LOG_DEBUG)

void log_failure(const struct error *err)
{
    if (err->sqlstate[0] != '\0')
        log_error("%s (SQLSTATE %s)", err->text, err->sqlstate);
    else
        log_error("%s", err->text);
}
