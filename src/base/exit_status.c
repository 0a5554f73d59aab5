/* The table, in ascending order of the statuses. */
#include "base/exit_status.h"

#include <assert.h>
#include <stddef.h>

static const struct row {
    enum exit_status status;
    const char *meaning;
    const char *next_step;
} rows[] = {
    {EXIT_STATUS_DONE, "done or nothing to do", NULL},
    {EXIT_STATUS_USAGE, "usage or job file", NULL},
    {EXIT_STATUS_REFUSED, "refused, nothing changed", NULL},
    {EXIT_STATUS_GAPS, "finished with failed chunks or rows left out", NULL},
    {EXIT_STATUS_STOPPED, "stopped, needs a person",
     "mend what stopped it (see the log), then start the same command again to resume"},
    {EXIT_STATUS_LIVE, "another attempt is live",
     "another attempt has taken over; `chunkmill status JOB` follows it"},
    {EXIT_STATUS_UNAVAILABLE, "the server is unreachable or gone",
     "when the server can be reached, start the same command again to resume"},
    {EXIT_STATUS_BUG, "a bug",
     "this is a bug of chunkmill, please report it; the same command again resumes"},
    {EXIT_STATUS_INTERRUPTED, "interrupted: start it again to resume",
     "start the same command again to resume"},
};

int exit_status_count(void)
{
    return (int)(sizeof rows / sizeof rows[0]);
}

enum exit_status exit_status_at(int i)
{
    assert(i >= 0 && i < exit_status_count());
    return rows[i].status;
}

const char *exit_status_meaning(int i)
{
    assert(i >= 0 && i < exit_status_count());
    return rows[i].meaning;
}

const char *exit_status_next_step(int status)
{
    for (int i = 0; i < exit_status_count(); i++)
        if ((int)rows[i].status == status)
            return rows[i].next_step;
    return NULL;
}
