/* All ranks go in step: places, then [how many ranks take part, the run of these], then 0 and
 * the exit status. A rank that does not take part waits asleep for the next number. */
#include "run/bench/bench.h"

#include <mpi.h>
#include <stdlib.h>

#include "base/exit_status.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "run/bench/bench_sweep.h"
#include "run/bench/bench_trial.h"
#include "run/mpi/comm.h"
#include "run/mpi/signals.h"
#include "run/mpi/topology.h"

static int lead(const struct bench_options *options, const struct comm *world,
                const struct report_place *places)
{
    struct error err = ERROR_INIT;
    int status = 0, nobody = 0;

    if (bench_sweep(options, world, places, &status, &err) != 0) {
        status = error_exit_status(err.kind);
        if (err.kind == ERROR_INTERRUPTED)
            log_info("%s; the same command goes on with what the state file has", err.text);
        else
            log_failure(&err);
    }
    error_clear(&err);
    if (signals_is_cancelled() || comm_number(world, &nobody, &err) != 0)
        signals_leave_after();
    return status;
}

static int follow(const struct comm *world, struct error *err)
{
    int ranks = 0;

    do {
        if (comm_number(world, &ranks, err) != 0 ||
            (ranks > 0 && bench_trial_follow(world, ranks, err) != 0))
            return -1;
    } while (ranks > 0);
    return 0;
}

int bench_run(const struct bench_options *options, int *argc, char ***argv)
{
    struct comm world;
    struct report_place mine, *places = NULL;
    struct error err = ERROR_INIT;
    int status = 0;

    signals_open();
    comm_start(argc, argv);
    comm_open(&world);
    failpoint_rank(world.rank);
    log_open((enum log_level)options->log_level, world.rank == 0 ? -1 : world.rank);
    topology_place(&mine);
    if (comm_places(&world, &mine, &places, &err) != 0)
        signals_leave_after();
    if (world.rank == 0)
        status = lead(options, &world, places);
    else if (follow(&world, &err) != 0 && !signals_is_cancelled()) {
        log_failure(&err);
        MPI_Abort(world.handle, EXIT_STATUS_BUG);
    }
    free(places);
    if (signals_is_cancelled() || comm_number(&world, &status, &err) != 0)
        signals_leave_after();
    comm_close(&world);
    MPI_Finalize();
    return status;
}
