/* One line, one write(2). State: level and rank, set once. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"

static enum log_level level = LOG_INFO;
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

__attribute__((format(printf, 3, 0))) static void line(enum log_level line_level, const char *word,
                                                       const char *format, va_list args)
{
    char body[2048];
    struct text out = TEXT_INIT;

    if (line_level > level)
        return;
    vsnprintf(body, sizeof body, format, args);
    text_add(&out, "chunkmill");
    if (rank >= 0)
        text_format(&out, "[%d]", rank);
    text_format(&out, ": %s%s\n", word, body);
    if (before_line != NULL)
        before_line();
    if (write(STDERR_FILENO, text_string(&out), out.bytes) < 0) {
        /* nobody is left to tell */
    }
    text_free(&out);
}

#define LOG_FUNCTION(name, line_level, word)                                                       \
    void name(const char *format, ...)                                                             \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, format);                                                                    \
        line(line_level, word, format, args);                                                      \
        va_end(args);                                                                              \
    }

LOG_FUNCTION(log_error, LOG_ERROR, "error: ")
LOG_FUNCTION(log_warning, LOG_WARNING, "warning: ")
LOG_FUNCTION(log_info, LOG_INFO, "")
LOG_FUNCTION(log_debug, LOG_DEBUG, "debug: ")

void log_failure(const struct error *err)
{
    if (err->sqlstate[0] != '\0')
        log_error("%s (SQLSTATE %s)", err->text, err->sqlstate);
    else
        log_error("%s", err->text);
}
