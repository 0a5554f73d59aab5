/* The monotonic clock, the wall clock, and sleeping. Layer core reads neither: it is given the
 * time. */
#ifndef CHUNKMILL_BASE_CLOCK_H
#define CHUNKMILL_BASE_CLOCK_H

#include <stdint.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

/* Monotonic, in nanoseconds; the origin means nothing. */
int64_t clock_now_ns(void);

/* clock_sleep_ns(ns): sleeps; a signal ends it early. */
void clock_sleep_ns(int64_t ns);

/* clock_utc(buffer): the wall clock as ISO 8601 in UTC, "2026-01-31T12:00:00Z"; buffer holds
 * CLOCK_UTC_BYTES. */
enum { CLOCK_UTC_BYTES = 21 };
void clock_utc(char *buffer);

/* A waiter that does not spin: each clock_backoff sleeps a little longer, 0 to 2 ms, and 4 ms when
 * nothing has happened for a second; something happened: set idle_turns to 0. */
struct clock_idle {
    int idle_turns;
};
void clock_backoff(struct clock_idle *idle);

#endif
