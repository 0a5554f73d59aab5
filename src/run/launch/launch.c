/* The course of one attempt, on rank 0 and on the other ranks. All ranks call the same
 * collectives in the same order: number of workers (0: nothing to do), work, first wave,
 * [messages], statistics, records, places, exit status. */
#include "run/launch/launch_comm.h"

#include <mpi.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/exit_status.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "core/protocol/message.h"
#include "run/attempt/attempt.h"
#include "run/attempt/planning.h"
#include "run/launch/finish.h"
#include "run/mpi/comm.h"
#include "run/mpi/signals.h"
#include "run/mpi/topology.h"
#include "run/report/progress.h"
#include "run/work/manager.h"
#include "run/work/worker.h"

/* A collective that failed by no signal: the ranks are not of one mind any more. */
static void give_up(const struct comm *comm, const struct error *err)
{
    log_failure(err);
    MPI_Abort(comm->handle, EXIT_STATUS_BUG);
}

/* Rank 0 was cancelled: the attempt's end into the ledger within a second, then out. */
static _Noreturn void leave(struct attempt *attempt)
{
    struct error err = ERROR_INIT;

    signals_last_second();
    progress_end();
    log_info("interrupted; start the same command again to resume");
    if (attempt->has_begun &&
        (attempt->session.control == NULL || connection_is_dead(attempt->session.control)))
        lease_reopen(&attempt->session, false, &err);
    attempt_end(attempt, "interrupted", EXIT_STATUS_INTERRUPTED, &err);
    attempt_close(attempt);
    signals_leave_after(); /* mpirun kills the others once one has left, and they have chunks to
                              give back */
}

/* Every rank's part of the collection, in order; *facts is rank 0's, its lists owned by the caller.
 */
static int collect_all(const struct comm *comm, const struct rank_stats *rank_stats,
                       struct finish_facts *facts, struct chunk_record **records,
                       struct report_place **places, struct error *err)
{
    struct report_place mine;
    int64_t began_ns = clock_now_ns();

    topology_place(&mine);
    if (comm_stats(comm, &rank_stats->stats, &facts->stats, err) != 0 ||
        comm_records(comm, rank_stats->records, rank_stats->count, records, &facts->record_count,
                     err) != 0 ||
        comm_places(comm, &mine, places, err) != 0)
        return -1;
    facts->records = *records;
    facts->places = *places;
    facts->reduce_ns = clock_now_ns() - began_ns;
    return 0;
}

/* Rank 0, once the others have the work: plan, manage, collect, close. */
static int conduct(const struct comm *comm, struct attempt *attempt, int *status, struct error *err)
{
    struct rank_stats rank_stats = {0};
    struct manager_outcome outcome;
    struct finish_facts facts = {0};
    struct chunk_record *records = NULL;
    struct report_place *places = NULL;
    struct error plan_error = ERROR_INIT;
    int rc = -1;

    bool can_work = planning_begin(attempt, &plan_error) == 0;
    failpoint_at("manager_planned");
    if (signals_is_cancelled())
        goto out;
    if (manager_run(comm, attempt, &rank_stats, &outcome, err) != 0 || signals_is_cancelled())
        goto out;
    failpoint_at("manager_before_reduce");
    if (collect_all(comm, &rank_stats, &facts, &records, &places, err) != 0)
        goto out;
    if (!can_work)
        outcome.stop = plan_error;
    *status = finish_run(attempt, &outcome, &facts);
    rc = 0;
out:
    planning_stop(attempt);
    free(records);
    free(places);
    rank_stats_clear(&rank_stats);
    return rc;
}

int launch_lead(const struct comm *comm, const struct attempt_options *options, int64_t start_ns)
{
    struct attempt attempt = {.options = options, .ranks = comm->ranks, .start_ns = start_ns};
    struct error err = ERROR_INIT, end_err = ERROR_INIT;
    struct text packed = TEXT_INIT;
    int status = 0;

    progress_open();
    bool has_work = attempt_begin(&attempt, &err) == 0 && !attempt.is_nothing_to_do &&
                    planning_connect(&attempt, &err) == 0;
    if (signals_is_cancelled())
        leave(&attempt);
    if (!has_work) {
        status = err.kind == ERROR_NONE ? attempt.exit_status : error_exit_status(err.kind);
        if (err.kind != ERROR_NONE)
            log_failure(&err);
        attempt_end(&attempt, "failed", status, &end_err);
        error_clear(&err);
    }
    int workers = has_work ? attempt.workers : 0;
    int rc = comm_number(comm, &workers, &err);
    if (rc == 0 && has_work) {
        message_pack_work(&packed, &attempt.session.work);
        rc = comm_broadcast(comm, &packed, &err);
    }
    if (rc == 0 && has_work)
        rc = conduct(comm, &attempt, &status, &err);
    if (signals_is_cancelled())
        leave(&attempt);
    if (rc != 0)
        give_up(comm, &err);
    progress_end();
    text_free(&packed);
    attempt_close(&attempt);
    return status;
}

int launch_follow(const struct comm *comm, struct error *err)
{
    struct text packed = TEXT_INIT;
    struct work work = {0};
    struct rank_stats rank_stats = {0};
    struct finish_facts none = {0};
    struct chunk_record *records = NULL;
    struct report_place *places = NULL;
    int workers = 0, rc = -1;
    size_t at = 0;

    if (comm_number(comm, &workers, err) != 0)
        return -1;
    if (workers == 0)
        return 0;
    if (comm_broadcast(comm, &packed, err) == 0 &&
        message_unpack_work(packed.data, packed.bytes, &at, &work, err) == 0 &&
        worker_run(comm, &work, workers, &rank_stats, err) == 0)
        rc = collect_all(comm, &rank_stats, &none, &records, &places, err);
    work_clear(&work);
    rank_stats_clear(&rank_stats);
    text_free(&packed);
    return rc;
}

int launch_run(const struct attempt_options *options, int *argc, char ***argv)
{
    struct comm comm;
    struct error err = ERROR_INIT;
    int64_t start_ns = clock_now_ns();
    int status = 0;

    signals_open();
    comm_start(argc, argv);
    comm_open(&comm);
    failpoint_rank(comm.rank);
    log_open((enum log_level)options->log_level, comm.rank == 0 ? -1 : comm.rank);
    if (comm.rank == 0)
        status = launch_lead(&comm, options, start_ns);
    else if (launch_follow(&comm, &err) != 0 && !signals_is_cancelled())
        give_up(&comm, &err);
    if (signals_is_cancelled() || comm_number(&comm, &status, &err) != 0)
        signals_leave_after();
    comm_close(&comm);
    MPI_Finalize();
    return status;
}
