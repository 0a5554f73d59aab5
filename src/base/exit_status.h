/* The exit statuses of the program: one table of what each means and what to do next. README.md has
 * the same table for people (ctest structure.docs compares them). */
#ifndef CHUNKMILL_BASE_EXIT_STATUS_H
#define CHUNKMILL_BASE_EXIT_STATUS_H

enum exit_status {
    EXIT_STATUS_DONE = 0,
    EXIT_STATUS_USAGE = 2,
    EXIT_STATUS_REFUSED = 3,
    EXIT_STATUS_GAPS = 4,
    EXIT_STATUS_STOPPED = 5,
    EXIT_STATUS_LIVE = 6,
    EXIT_STATUS_UNAVAILABLE = 69, /* EX_UNAVAILABLE of sysexits.h, as the next two */
    EXIT_STATUS_BUG = 70,
    EXIT_STATUS_INTERRUPTED = 75,
};

/* The rows of the table, 0 <= i < exit_status_count(), in ascending order: the status, and its
 * meaning in a few words, as --help prints them. */
int exit_status_count(void);
enum exit_status exit_status_at(int i);
const char *exit_status_meaning(int i);

/* exit_status_next_step(status): what to do about a run that ended with it; NULL: nothing. */
const char *exit_status_next_step(int status);

#endif
