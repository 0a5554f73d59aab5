/* Fills struct error and adds context to it. Does not know what a layer does with an error. */
#include "base/error.h"

#include <stdio.h>
#include <string.h>

#include "base/exit_status.h"

__attribute__((format(printf, 4, 0))) static void fill(struct error *err, enum error_kind kind,
                                                       const char *sqlstate, const char *format,
                                                       va_list args)
{
    char text[sizeof err->text];

    vsnprintf(text, sizeof text, format, args);
    err->kind = kind;
    snprintf(err->sqlstate, sizeof err->sqlstate, "%s", sqlstate == NULL ? "" : sqlstate);
    memcpy(err->text, text, sizeof text);
}

int error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fill(err, kind, NULL, format, args);
    va_end(args);
    return -1;
}

int error_sql(struct error *err, enum error_kind kind, const char *sqlstate, const char *format,
              ...)
{
    va_list args;

    va_start(args, format);
    fill(err, kind, sqlstate, format, args);
    va_end(args);
    return -1;
}

void error_context(struct error *err, const char *format, ...)
{
    char context[sizeof err->text];
    char joined[2 * sizeof err->text + 3];
    va_list args;

    va_start(args, format);
    vsnprintf(context, sizeof context, format, args);
    va_end(args);
    snprintf(joined, sizeof joined, "%s: %s", context, err->text);
    memcpy(err->text, joined, sizeof err->text - 1);
    err->text[sizeof err->text - 1] = '\0';
}

void error_clear(struct error *err)
{
    memset(err, 0, sizeof *err);
}

int error_exit_status(enum error_kind kind)
{
    static const enum exit_status statuses[] = {
        [ERROR_NONE] = EXIT_STATUS_DONE,
        [ERROR_CONFIG] = EXIT_STATUS_USAGE,
        [ERROR_REFUSED] = EXIT_STATUS_REFUSED,
        [ERROR_SERVER] = EXIT_STATUS_STOPPED,
        [ERROR_FATAL] = EXIT_STATUS_STOPPED,
        [ERROR_LIVE] = EXIT_STATUS_LIVE,
        [ERROR_CONNECTION] = EXIT_STATUS_UNAVAILABLE,
        [ERROR_BUG] = EXIT_STATUS_BUG,
        [ERROR_INTERRUPTED] = EXIT_STATUS_INTERRUPTED,
    };
    return (int)statuses[kind];
}
