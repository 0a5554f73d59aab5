/* Holds the process at a fail point. Compiled to nothing in a release. */
#include "base/failpoint.h"

#ifdef CHUNKMILL_FAILPOINTS

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

static int this_rank;
static int times_reached;

void failpoint_rank(int rank)
{
    this_rank = rank;
}

static int is_wanted(const char *step)
{
    const char *wanted = getenv("CHUNKMILL_TEST_HOLD");
    const char *rank = getenv("CHUNKMILL_TEST_HOLD_RANK");
    size_t length = strlen(step);

    if (wanted == NULL || strncmp(wanted, step, length) != 0)
        return 0;
    if (wanted[length] != '\0' && wanted[length] != ':')
        return 0;
    if (rank != NULL && strtol(rank, NULL, 10) != this_rank)
        return 0;
    long number = wanted[length] == ':' ? strtol(wanted + length + 1, NULL, 10) : 1;
    return ++times_reached == number;
}

void failpoint_at(const char *step)
{
    char name[PATH_MAX];
    const char *file = getenv("CHUNKMILL_TEST_HOLD_FILE");

    if (file == NULL || !is_wanted(step))
        return;
    snprintf(name, sizeof name, "%s.%ld", file, (long)getpid());
    FILE *held = fopen(name, "w");
    if (held != NULL)
        fclose(held);
    snprintf(name, sizeof name, "%s.go", file);
    while (access(name, F_OK) != 0)
        clock_sleep_ns(5 * NS_PER_MS);
}

int64_t failpoint_number(const char *variable)
{
    const char *number = getenv(variable);

    return number == NULL ? 0 : strtoll(number, NULL, 10);
}

#endif
