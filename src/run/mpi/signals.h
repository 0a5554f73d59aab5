/* The signals of a run. SIGUSR1 drains: the manager hands out nothing more; the other ranks, to
 * which mpirun forwards it, ignore it. SIGTERM and SIGINT cancel: the statement in flight is
 * cancelled, and the rank exits without telling the other ranks, since mpirun gives it about a
 * second. A second SIGINT exits at once. */
#ifndef CHUNKMILL_RUN_MPI_SIGNALS_H
#define CHUNKMILL_RUN_MPI_SIGNALS_H

#include <stdbool.h>

/* signals_open(): installs the handlers, and has connections watch the flag that SIGTERM and SIGINT
 * raise. */
void signals_open(void);

bool signals_is_cancelled(void);
bool signals_is_draining(void);

/* signals_last_second(): from now on statements are sent again, and the process exits with 75
 * after a second whatever it is doing: time for one statement to the ledger. */
void signals_last_second(void);

/* signals_leave(): flushes and ends the process with 75, without MPI_Finalize, which would wait for
 * the others. The caller has closed its connections. */
_Noreturn void signals_leave(void);

/* signals_leave_after(): the same after most of a second, so that all ranks can still write to the
 * ledger: mpirun kills the others as soon as one has exited. */
_Noreturn void signals_leave_after(void);

#endif
