/* Named steps at which a test can hold a process, so that it dies exactly there. Not in a release
 * build.
 *
 * With CHUNKMILL_TEST_HOLD=STEP[:NUMBER] and CHUNKMILL_TEST_HOLD_FILE=FILE in the environment, the
 * NUMBERth time (from 1; default 1) that the process reaches STEP it writes its pid into FILE.PID
 * and waits there until FILE.go exists. CHUNKMILL_TEST_HOLD_RANK limits it to one rank
 * (failpoint_rank says which this is).
 *
 * failpoint_number(VARIABLE): a number that a test wants, from the environment; 0: none. */
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
