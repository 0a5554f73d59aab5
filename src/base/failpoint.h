/* Fail points: named places at which a test can hold a process, so that it dies exactly there.
 * Compiled to nothing in a release build.
 *
 * With CHUNKMILL_TEST_HOLD=NAME[:NUMBER] and CHUNKMILL_TEST_HOLD_FILE=FILE in the environment,
 * the process stops at the NUMBERth time (from 1; default 1) that it reaches the fail point
 * NAME: it writes its pid into FILE.PID and waits until FILE.go exists. CHUNKMILL_TEST_HOLD_RANK
 * limits this to one rank (failpoint_rank tells which this is).
 *
 * failpoint_number(VARIABLE): a number that a test has put into the environment; 0 if it has
 * not. */
#ifndef CHUNKMILL_BASE_FAILPOINT_H
#define CHUNKMILL_BASE_FAILPOINT_H

#include <stdint.h>

#ifdef CHUNKMILL_FAILPOINTS
void failpoint_rank(int rank);
void failpoint_at(const char *step);
int64_t failpoint_number(const char *variable);
#else
static inline void failpoint_rank(int rank)
{
    (void)rank;
}
static inline void failpoint_at(const char *step)
{
    (void)step;
}
static inline int64_t failpoint_number(const char *variable)
{
    (void)variable;
    return 0;
}
#endif

#endif
