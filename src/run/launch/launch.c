/* The way of one attempt, on rank 0 and on the others. All ranks go through the same collectives in the same
 * order: workers (0: nothing to do), work, first wave, [messages], statistics, records, places, exit status.
 */
#include "run/launch/launch_team.h"

#include <mpi.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "core/protocol/message.h"
#include "run/launch/closing.h"
#include "run/mpi/comm.h"
#include "run/work/manager.h"
#include "run/attempt/attempt.h"
#include "run/attempt/planning.h"
#include "run/report/progress.h"
#include "run/mpi/signals.h"
#include "run/mpi/topology.h"
#include "run/work/worker.h"

/* A collective that failed by no signal: the ranks are not of one mind any more. */
static void give_up(const struct collect *team, const struct error *err)
{
    log_failure(err);
    MPI_Abort(team->comm, error_exit_status(ERROR_BUG));
}

/* Rank 0 was cancelled: the attempt's end into the ledger within a second, then out. */
static _Noreturn void leave(struct opening *o)
{
    struct error err = ERROR_INIT;

    signals_last_second();
    progress_end();
    log_info("interrupted; start the same command again to resume");
    if (o->has_begun && (o->session.control == NULL || connection_is_dead(o->session.control)))
        control_reopen(&o->session, false, &err);
    opening_end(o, "interrupted", error_exit_status(ERROR_INTERRUPTED), &err);
    opening_close(o);
    signals_leave_after(); /* mpirun kills the others once one has left, and they have chunks to give back */
}

/* Every rank's part of the collection, in order; *facts is rank 0's, its lists owned by the caller. */
static int collect_all(const struct collect *team, const struct tally *tally, struct closing_facts *facts,
                       struct chunk_record **records, struct report_place **places, struct error *err)
{
    struct report_place mine;
    int64_t began_ns = clock_now_ns();

    topology_place(&mine);
    if (collect_stats(team, &tally->stats, &facts->stats, err) != 0 ||
        collect_records(team, tally->records, tally->count, records, &facts->record_count, err) != 0 ||
        collect_places(team, &mine, places, err) != 0)
        return -1;
    facts->records = *records;
    facts->places = *places;
    facts->reduce_ns = clock_now_ns() - began_ns;
    return 0;
}

/* Rank 0, once the others have the work: plan, manage, collect, close. */
static int conduct(const struct collect *team, struct opening *o, int *status, struct error *err)
{
    struct tally tally = {0};
    struct manager_outcome outcome;
    struct closing_facts facts = {0};
    struct chunk_record *records = NULL;
    struct report_place *places = NULL;
    struct error plan_error = ERROR_INIT;
    int rc = -1;

    bool is_planned = planning_begin(o, &plan_error) == 0;
    hook_at("manager_planned");
    if (signals_is_cancelled())
        goto out;
    const struct manager_job job = {
        .team = team,
        .control = &o->control,
        .opening = o,
        .stock = o->stock,
        .workers = o->workers,
        .max_chunks = o->options->max_chunks,
        .share = o->options->share,
        .only_chunk = is_planned ? o->options->chunk : -1,
        .tally = &tally,
    };
    if (manager_run(&job, &outcome, err) != 0 || signals_is_cancelled())
        goto out;
    hook_at("manager_before_reduce");
    if (collect_all(team, &tally, &facts, &records, &places, err) != 0)
        goto out;
    if (!is_planned)
        outcome.stop = plan_error;
    *status = closing_run(o, &outcome, &facts);
    rc = 0;
out:
    planning_stop(o);
    free(records);
    free(places);
    tally_clear(&tally);
    return rc;
}

int launch_lead(const struct collect *team, const struct launch_options *options, int64_t start_ns)
{
    struct opening o = {.options = options, .ranks = team->ranks, .start_ns = start_ns};
    struct error err = ERROR_INIT, end_err = ERROR_INIT;
    struct text packed = TEXT_INIT;
    int status = 0;

    progress_open();
    bool has_work = opening_begin(&o, &err) == 0 && !o.is_nothing_to_do && planning_connect(&o, &err) == 0;
    if (signals_is_cancelled())
        leave(&o);
    if (!has_work) {
        status = err.kind == ERROR_NONE ? o.exit_status : error_exit_status(err.kind);
        if (err.kind != ERROR_NONE)
            log_failure(&err);
        opening_end(&o, "failed", status, &end_err);
        error_clear(&err);
    }
    int workers = has_work ? o.workers : 0;
    int rc = collect_number(team, &workers, &err);
    if (rc == 0 && has_work) {
        message_pack_work(&packed, &o.session.work);
        rc = collect_broadcast(team, &packed, &err);
    }
    if (rc == 0 && has_work)
        rc = conduct(team, &o, &status, &err);
    if (signals_is_cancelled())
        leave(&o);
    if (rc != 0)
        give_up(team, &err);
    progress_end();
    text_free(&packed);
    opening_close(&o);
    return status;
}

int launch_follow(const struct collect *team, struct error *err)
{
    struct text packed = TEXT_INIT;
    struct work work = {0};
    struct tally tally = {0};
    struct closing_facts none = {0};
    struct chunk_record *records = NULL;
    struct report_place *places = NULL;
    int workers = 0, rc = -1;
    size_t at = 0;

    if (collect_number(team, &workers, err) != 0)
        return -1;
    if (workers == 0)
        return 0;
    if (collect_broadcast(team, &packed, err) == 0 &&
        message_unpack_work(packed.data, packed.bytes, &at, &work, err) == 0 &&
        worker_run(team, &work, workers, &tally, err) == 0)
        rc = collect_all(team, &tally, &none, &records, &places, err);
    work_clear(&work);
    tally_clear(&tally);
    text_free(&packed);
    return rc;
}

int launch_run(const struct launch_options *options, int *argc, char ***argv)
{
    struct collect team;
    struct error err = ERROR_INIT;
    int64_t start_ns = clock_now_ns();
    int status = 0;

    signals_open();
    collect_start(argc, argv);
    collect_open(&team);
    hook_rank(team.rank);
    log_open((enum log_level)options->log_level, team.rank == 0 ? -1 : team.rank);
    if (team.rank == 0)
        status = launch_lead(&team, options, start_ns);
    else if (launch_follow(&team, &err) != 0 && !signals_is_cancelled())
        give_up(&team, &err);
    if (signals_is_cancelled() || collect_number(&team, &status, &err) != 0)
        signals_leave_after();
    collect_close(&team);
    MPI_Finalize();
    return status;
}
