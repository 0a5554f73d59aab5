/* Reads the clocks and sleeps. */
#include "base/clock.h"

#include <time.h>

int64_t clock_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

void clock_sleep_ns(int64_t ns)
{
    struct timespec wait = {.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};

    nanosleep(&wait, NULL);
}

void clock_utc(char *buffer)
{
    time_t now = time(NULL);
    struct tm parts;

    gmtime_r(&now, &parts);
    strftime(buffer, 21, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

void clock_backoff(struct clock_idle *idle)
{
    enum { POLLS_BEFORE_SLEEP = 4, TURNS_TO_FULL = 20, TURNS_TO_REST = 500 };
    int turn = idle->idle_turns++;

    if (turn < POLLS_BEFORE_SLEEP)
        return;
    int64_t step = turn - POLLS_BEFORE_SLEEP + 1;
    if (step >= TURNS_TO_REST) {
        clock_sleep_ns(4 * NS_PER_MS);
        return;
    }
    clock_sleep_ns(step >= TURNS_TO_FULL ? 2 * NS_PER_MS : step * 2 * NS_PER_MS / TURNS_TO_FULL);
}
