/* Prints how far a run is, whether it causes trouble, and how to stop it. Reads no server. */
#include "cli/status_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/human.h"
#include "base/json.h"

const char *status_print_state(const struct status_run *run)
{
    if (run_state_is_unfinished(run->state) && !run->is_live)
        return run->state == RUN_ABANDONING ? "abandoning, nobody at work"
                                            : "unfinished, nobody at work";
    return run->state == RUN_DONE_WITH_GAPS ? "done with gaps" : run_state_name(run->state);
}

static void print_how_far(const struct status_run *run)
{
    if (!run->plan_complete && run_state_is_unfinished(run->state)) {
        printf("how far       planning: %s with %s so far, %s of them done\n",
               human_count(run->chunks, "chunk").text, human_count(run->rows_planned, "row").text,
               human_number(run->chunks_done).text);
        return;
    }
    printf("how far       %s of %s done, %s of %s (%s)", human_number(run->chunks_done).text,
           human_count(run->chunks, "chunk").text, human_number(run->rows_done).text,
           human_count(run->rows_planned, "row").text,
           human_share((double)run->rows_done, (double)run->rows_planned).text);
    if (run->is_live && run->rows_per_second > 0) {
        double left_s = (double)(run->rows_planned - run->rows_done) / run->rows_per_second;
        printf(", %s rows/s, about %s left", human_number((int64_t)run->rows_per_second).text,
               human_duration((int64_t)(left_s * (double)NS_PER_S)).text);
    }
    printf("\n");
}

static void print_hurting(const struct status_view *view)
{
    const struct status_run *run = view->run;

    printf("is it hurting %s failed, %s tried again, %s marked elsewhere\n",
           human_count(run->chunks_failed, "chunk").text,
           human_count(run->tries, "transaction").text,
           human_count(run->rows_elsewhere, "row").text);
    if (run->chunks_split > 0)
        printf("              %s split, which ran into the statement_timeout\n",
               human_count(run->chunks_split, "chunk").text);
    if (run->chunks_crashed > 0)
        printf("              %s in flight when a rank or session died\n",
               human_count(run->chunks_crashed, "chunk").text);
    for (int i = 0; i < view->failure_count; i++) {
        const struct status_failure *failure = &view->failures[i];
        printf("              SQLSTATE %s: %s with %s, the first is chunk %" PRId64 ": %s\n",
               failure->sqlstate[0] == '\0' ? "none" : failure->sqlstate,
               human_count(failure->chunks, "chunk").text,
               human_count(failure->rows_planned, "row").text, failure->first_chunk,
               failure->error);
    }
}

/* The one that is at work, or was the last one. */
static void print_how_to_stop(const struct status_view *view)
{
    const struct status_attempt *last = view->attempt_count > 0 ? &view->attempts[0] : NULL;

    if (view->run->is_live && last != NULL && last->slurm_job[0] != '\0')
        printf("how to stop   scancel --signal=USR1 --batch %s (finishes the chunks in flight; "
               "slurm/run.sbatch "
               "goes back into the queue)\n"
               "              scancel %s (ends it at once; start it again to go on)\n",
               last->slurm_job, last->slurm_job);
    else if (view->run->is_live && last != NULL)
        printf("how to stop   kill -USR1 %" PRId64
               " on %s (finishes the chunks in flight; start it again to go on)\n",
               last->pid, last->host);
    else if (view->run->state == RUN_ABANDONING)
        printf("how to end it chunkmill abandon %s\n", view->job_file);
    else if (run_state_is_unfinished(view->run->state))
        printf("how to go on  mpirun -n 4 chunkmill run %s, or give it up: chunkmill abandon %s\n",
               view->job_file, view->job_file);
    else if (view->run->chunks_failed > 0)
        printf("how to go on  mend the cause, then mpirun -n 4 chunkmill run %s --label %s "
               "--retry-failed\n",
               view->job_file, view->run->label);
}

static void print_attempts(const struct status_view *view)
{
    for (int i = 0; i < view->attempt_count; i++) {
        const struct status_attempt *a = &view->attempts[i];
        printf("attempt %-5d %s, %s on %s, pid %" PRId64, a->attempt, a->command,
               human_count(a->ranks, "rank").text, a->host, a->pid);
        if (a->slurm_job[0] != '\0')
            printf(", Slurm job %s", a->slurm_job);
        printf(", since %s: ", a->began_at);
        if (a->ended_at[0] != '\0' && a->exit_status >= 0)
            printf("%s (%d) at %s\n", a->outcome, a->exit_status, a->ended_at);
        else if (a->ended_at[0] != '\0')
            printf("%s at %s\n", a->outcome, a->ended_at);
        else if (i == 0 && view->run->is_live)
            printf("live, last heartbeat %s ago\n",
                   human_duration(a->heartbeat_age_s * NS_PER_S).text);
        else
            printf("died, last heartbeat %s ago\n",
                   human_duration(a->heartbeat_age_s * NS_PER_S).text);
    }
}

static void print_rows(const struct status_view *view)
{
    const struct marks_count *rows = view->rows;

    printf("rows          %s in scope now; by the ledger %s done, %s pending\n",
           human_number(rows->in_scope).text, human_number(rows->done).text,
           human_number(rows->pending).text);
    if (view->has_flag)
        printf("marks         %s of ours, %s elsewhere\n", human_number(rows->ours).text,
               human_number(rows->elsewhere).text);
}

void status_print_text(const struct status_view *view)
{
    const struct status_run *run = view->run;

    printf("%s, label %s: %s; table %s; began %s", run->job, run->label, status_print_state(run),
           run->table, run->began_at);
    if (run->finished_at[0] != '\0')
        printf(", finished %s", run->finished_at);
    printf("\n");
    print_how_far(run);
    print_hurting(view);
    print_how_to_stop(view);
    if (run->chunks_marked > 0)
        printf("marked now    %s in %s\n", human_count(run->rows_marked, "row").text,
               human_count(run->chunks_marked, "chunk").text);
    print_attempts(view);
    if (view->rows != NULL)
        print_rows(view);
}

static void add_run(struct cJSON *json, const struct status_run *run)
{
    json_number(json, "run_id", run->run_id);
    json_string(json, "job", run->job);
    json_string(json, "label", run->label);
    json_string(json, "state", run_state_name(run->state));
    json_bool(json, "is_live", run->is_live);
    json_string(json, "table", run->table);
    json_string(json, "began_at", run->began_at);
    json_string_or_null(json, "finished_at", run->finished_at);
    json_bool(json, "plan_complete", run->plan_complete);
    json_number(json, "chunks", run->chunks);
    json_number(json, "chunks_done", run->chunks_done);
    json_number(json, "chunks_failed", run->chunks_failed);
    json_number(json, "chunks_marked", run->chunks_marked);
    json_number(json, "chunks_left", run->chunks_left);
    json_number(json, "rows_planned", run->rows_planned);
    json_number(json, "rows_done", run->rows_done);
    json_number(json, "rows_updated", run->rows_updated);
    json_number(json, "rows_elsewhere", run->rows_elsewhere);
    json_number(json, "rows_marked", run->rows_marked);
    json_number(json, "tries", run->tries);
    json_number(json, "chunks_split", run->chunks_split);
    json_number(json, "chunks_crashed", run->chunks_crashed);
    json_rounded(json, "rows_per_second", run->is_live ? run->rows_per_second : 0);
}

static void add_attempts(struct cJSON *json, const struct status_view *view)
{
    struct cJSON *attempts = json_array(json, "attempts");

    for (int i = 0; i < view->attempt_count; i++) {
        const struct status_attempt *a = &view->attempts[i];
        struct cJSON *attempt = json_object(attempts, NULL);
        json_number(attempt, "attempt", a->attempt);
        json_string(attempt, "command", a->command);
        json_string(attempt, "host", a->host);
        json_number(attempt, "pid", a->pid);
        json_string_or_null(attempt, "slurm_job", a->slurm_job);
        json_number(attempt, "ranks", a->ranks);
        json_string(attempt, "began_at", a->began_at);
        json_string_or_null(attempt, "ended_at", a->ended_at);
        json_string_or_null(attempt, "outcome", a->outcome);
        if (a->exit_status >= 0)
            json_number(attempt, "exit_status", a->exit_status);
        else
            json_string(attempt, "exit_status", NULL);
        json_number(attempt, "heartbeat_age_seconds", a->heartbeat_age_s);
    }
}

static void add_failures(struct cJSON *json, const struct status_view *view)
{
    struct cJSON *failures = json_array(json, "failures");

    for (int i = 0; i < view->failure_count; i++) {
        const struct status_failure *failure = &view->failures[i];
        struct cJSON *item = json_object(failures, NULL);
        json_string_or_null(item, "sqlstate", failure->sqlstate);
        json_number(item, "chunks", failure->chunks);
        json_number(item, "rows_planned", failure->rows_planned);
        json_number(item, "first_chunk", failure->first_chunk);
        json_string(item, "error", failure->error);
    }
}

void status_print_json(const struct status_view *view)
{
    struct cJSON *root = json_object(NULL, NULL);

    add_run(root, view->run);
    json_number(root, "exit_status", view->exit_status);
    add_attempts(root, view);
    add_failures(root, view);
    if (view->rows != NULL) {
        struct cJSON *rows = json_object(root, "rows");
        json_number(rows, "in_scope", view->rows->in_scope);
        json_number(rows, "done", view->rows->done);
        json_number(rows, "pending", view->rows->pending);
        json_number(rows, "marked", view->rows->ours);
        json_number(rows, "marked_elsewhere", view->rows->elsewhere);
    }
    json_print(root);
}

void status_print_list_text(const struct status_run *runs, int64_t count)
{
    struct text out = TEXT_INIT;

    if (count == 0) {
        printf("no run yet\n");
        return;
    }
    for (int64_t i = -1; i < count; i++) {
        const struct status_run *run = i < 0 ? NULL : &runs[i];
        struct text chunks = TEXT_INIT;
        if (run != NULL)
            text_format(&chunks, "%s/%s", human_number(run->chunks_done).text,
                        human_number(run->chunks).text);
        human_cell(&out, 24, run == NULL ? "job" : run->job);
        text_add(&out, " ");
        human_cell(&out, 14, run == NULL ? "label" : run->label);
        text_add(&out, " ");
        human_cell(&out, 26, run == NULL ? "state" : status_print_state(run));
        text_add(&out, " ");
        human_cell(&out, 13, run == NULL ? "chunks done" : text_string(&chunks));
        text_add(&out, " ");
        human_cell(&out, 14, run == NULL ? "rows updated" : human_number(run->rows_updated).text);
        text_format(&out, " %s\n", run == NULL ? "since" : run->began_at);
        text_free(&chunks);
    }
    fputs(text_string(&out), stdout);
    text_free(&out);
}

void status_print_list_json(const struct status_run *runs, int64_t count)
{
    struct cJSON *root = json_object(NULL, NULL);
    struct cJSON *list = json_array(root, "runs");

    for (int64_t i = 0; i < count; i++)
        add_run(json_object(list, NULL), &runs[i]);
    json_print(root);
}
