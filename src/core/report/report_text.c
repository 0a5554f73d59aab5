/* Writes the report for a person: the outcome in words first, then the counts, the times, the
 * ranks and the failures, and the next step last, where it is seen in a terminal. */
#include "core/report/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exit_status.h"
#include "base/human.h"
#include "base/memory.h"

enum {
    COLUMNS = 100,
    LABEL = 18, /* where the second column begins */
    RANKS_WHOLE = 16,
    RANKS_SHOWN = 5, /* busiest, and least busy, of more */
    FAILURES_SHOWN = 20,
    HOST = 28,
};

/* "label   words", the words wrapped. Takes words. */
static void line(struct text *out, const char *label, struct text *words)
{
    human_cell(out, LABEL, label);
    human_wrap(out, LABEL, COLUMNS, text_string(words));
    text_free(words);
}

static void title(struct text *out, const char *name)
{
    text_format(out, "\n%s\n", name);
}

static const char *known(const char *s)
{
    return s == NULL || s[0] == '\0' ? "unknown" : s;
}

static bool is_outcome(const struct report *r, const char *outcome)
{
    return r->outcome != NULL && strcmp(r->outcome, outcome) == 0;
}

static void add_outcome(const struct report *r, struct text *out)
{
    const struct report_ledger *l = &r->ledger;
    struct text words = TEXT_INIT;

    text_format(&words, "%s (label %s): ", known(r->job), known(r->label));
    if (is_outcome(r, "done"))
        text_format(&words, "done, %s", human_count(l->chunks, "chunk").text);
    else if (is_outcome(r, "already done"))
        text_format(&words, "already done, nothing was left to do in %s",
                    human_count(l->chunks, "chunk").text);
    else if (is_outcome(r, "done_with_gaps"))
        text_format(&words, "done with gaps, %s of %s failed and %s marked elsewhere",
                    human_number(l->chunks_failed).text, human_count(l->chunks, "chunk").text,
                    human_count(l->rows_elsewhere, "row").text);
    else
        text_format(&words, "%s, %s of %s left",
                    is_outcome(r, "interrupted") ? "interrupted" : "stopped with a failure",
                    human_number(l->chunks_left).text, human_count(l->chunks, "chunk").text);
    text_format(&words, "; %s updated", human_count(l->rows_updated, "row").text);
    human_wrap(out, 2, COLUMNS, text_string(&words));
    text_clear(&words);
    text_format(&words, "run %" PRId64 ", attempt %" PRId32 ", ", r->run_id, r->attempt);
    if (r->total_ns > 0)
        text_format(&words, "%s, ", human_duration(r->total_ns).text);
    text_format(&words, "from %s to %s, exit status %d", known(r->started_at), known(r->ended_at),
                r->exit_status);
    human_wrap(out, 2, COLUMNS, text_string(&words));
    text_free(&words);
}

static void add_count_line(struct text *out, const char *label, int64_t chunks, const char *rows,
                           const char *note)
{
    human_cell(out, LABEL, label);
    text_format(out, "%14s  %18s", human_number(chunks).text, rows);
    text_format(out, "%s%s\n", note[0] == '\0' ? "" : "  ", note);
}

static void add_chunks(const struct report *r, struct text *out)
{
    const struct report_ledger *l = &r->ledger;
    int64_t done_rows = l->rows_planned - l->rows_failed - l->rows_left;
    bool rows_unknown = r->chunks_before > 0 && r->rows_before == 0;

    text_format(out, "\n%*s%14s  %18s\n", LABEL, "", "chunks", "rows");
    add_count_line(out, "planned", l->chunks, human_number(l->rows_planned).text,
                   r->plan_complete ? "" : "so far: the next start goes on planning");
    add_count_line(out, "done", l->chunks_done, human_number(done_rows).text, "as planned");
    add_count_line(out, "  skipped", r->chunks_before,
                   rows_unknown ? "-" : human_number(r->rows_before).text,
                   "done before this attempt");
    add_count_line(out, "failed", l->chunks_failed, human_number(l->rows_failed).text, "");
    add_count_line(out, "left", l->chunks_left, human_number(l->rows_left).text, "");
    if (l->chunks_split > 0)
        add_count_line(out, "split", l->chunks_split, "",
                       "by their statement_timeout; their parts count above");
    if (l->chunks_crashed > 0)
        add_count_line(out, "crashed", l->chunks_crashed, "",
                       "in flight when a rank or session died");
}

static void add_row_line(struct text *out, const char *label, int64_t rows, const char *note)
{
    human_cell(out, LABEL, label);
    text_format(out, "%14s%s", human_number(rows).text, note[0] == '\0' ? "" : "  ");
    human_wrap(out, LABEL + 16, COLUMNS, note);
}

static void add_rows(const struct report *r, struct text *out)
{
    const struct report_ledger *l = &r->ledger;
    const char *drift = "";

    if (l->rows_drifted > 0)
        drift =
            r->has_flag
                ? "planned, but gone when their chunk was done: on a live table that is not a bug"
                : "planned, but not updated: gone meanwhile, or the update's own conditions left "
                  "them";
    else if (l->rows_drifted < 0)
        drift =
            "more there when their chunk was done than planned: on a live table that is not a bug";
    title(out, "rows of the done chunks");
    if (r->has_flag)
        add_row_line(out, "marked", l->rows_matched, "");
    add_row_line(out, "updated", l->rows_updated, "");
    if (r->has_flag) {
        add_row_line(out, "released", l->rows_released,
                     "marked, but left by the update as they were");
        add_row_line(out, "marked elsewhere", l->rows_elsewhere,
                     "by another program, and not touched");
    }
    add_row_line(out, "drifted", l->rows_drifted, drift);
    if (r->has_flag)
        add_row_line(out, "lost", l->rows_lost, "ours when marked, deleted before the update");
    if (!report_adds_up(r))
        human_wrap(out, 2, COLUMNS,
                   "These numbers do not add up (chunks = done + failed + left, marked = updated + "
                   "released + lost): that is a bug of chunkmill, please report it.");
}

static void add_phase(struct text *out, const char *label, int64_t ns, int64_t total_ns)
{
    human_cell(out, LABEL, label);
    text_format(out, "%14s  %5s\n", human_duration(ns).text,
                human_share((double)ns, (double)total_ns).text);
}

static void add_times(const struct report *r, struct text *out)
{
    struct text words = TEXT_INIT;

    title(out, "time");
    add_phase(out, "connect", r->connect_ns, r->total_ns);
    add_phase(out, "distribution", r->distribution_ns, r->total_ns);
    add_phase(out, "plan", r->plan_ns, r->total_ns);
    if (r->hidden_ns > 0)
        add_phase(out, "hidden in work", r->hidden_ns, r->total_ns);
    add_phase(out, "work", r->work_ns, r->total_ns);
    add_phase(out, "reduce", r->reduce_ns, r->total_ns);
    add_phase(out, "start, checks", report_other_ns(r), r->total_ns);
    add_phase(out, "total", r->total_ns, r->total_ns);
    text_format(&words, "%s rows/s over the work phase",
                human_number((int64_t)(report_rows_per_second(r) + 0.5)).text);
    if (r->hot_share >= 0)
        text_format(&words, ", %s of the updates HOT", human_share(r->hot_share, 1.0).text);
    line(out, "rate", &words);
    if (r->times.count == 0)
        return;
    text_format(&words, "p50 %s, p95 %s, max %s, over %s", human_duration(r->times.p50_ns).text,
                human_duration(r->times.p95_ns).text, human_duration(r->times.max_ns).text,
                human_count(r->times.count, "chunk").text);
    line(out, "chunk times", &words);
    text_format(&words, "%.2f (the busiest worker over the mean; 1.00 is perfect)", r->imbalance);
    line(out, "imbalance", &words);
}

/* One worker, or the rest of them: rank -1. */
static void add_rank_line(const struct report *r, int rank, struct text *out)
{
    const struct rank_summary *stats = &r->by_rank[rank];
    const struct report_place *place = &r->places[rank];

    text_format(out, "%6d  %10s  %16s  ", rank, human_number(stats->chunks).text,
                human_number(stats->rows_updated).text);
    text_format(out, "%7s  ",
                report_is_manager(r, rank)
                    ? "manager"
                    : human_share((double)stats->busy_ns, (double)r->work_ns).text);
    human_cell(out, HOST, known(place->host));
    text_add(out, "  ");
    human_cell(out, COLUMNS - 49 - HOST, known(place->binding));
    while (out->data[out->bytes - 1] == ' ')
        out->data[--out->bytes] = '\0';
    text_add(out, "\n");
}

struct busy_rank {
    int64_t busy_ns;
    int rank;
};

/* Busiest first; equals by rank, so that the order is one. */
static int compare_busy(const void *left, const void *right)
{
    const struct busy_rank *a = left;
    const struct busy_rank *b = right;

    if (a->busy_ns != b->busy_ns)
        return a->busy_ns > b->busy_ns ? -1 : 1;
    return (a->rank > b->rank) - (a->rank < b->rank);
}

static void add_rest_line(const struct report *r, const struct busy_rank *rest, int count,
                          struct text *out)
{
    int64_t chunks = 0;
    int64_t rows = 0;
    double busy_ns = 0;

    for (int i = 0; i < count; i++) {
        chunks += r->by_rank[rest[i].rank].chunks;
        rows += r->by_rank[rest[i].rank].rows_updated;
        busy_ns += (double)rest[i].busy_ns;
    }
    text_format(out, "%6s  %10s  %16s  %7s  the other %s, their mean busy share\n", "..",
                human_number(chunks).text, human_number(rows).text,
                human_share(busy_ns / count, (double)r->work_ns).text,
                human_count(count, "worker").text);
}

static void add_busiest(const struct report *r, struct text *out)
{
    struct busy_rank *order = memory_zero((size_t)r->ranks, sizeof *order);
    int count = 0;

    for (int rank = 0; rank < r->ranks; rank++) {
        if (report_is_manager(r, rank))
            add_rank_line(r, rank, out);
        else
            order[count++] = (struct busy_rank){r->by_rank[rank].busy_ns, rank};
    }
    qsort(order, (size_t)count, sizeof *order, compare_busy);
    for (int i = 0; i < RANKS_SHOWN; i++)
        add_rank_line(r, order[i].rank, out);
    add_rest_line(r, order + RANKS_SHOWN, count - 2 * RANKS_SHOWN, out);
    for (int i = count - RANKS_SHOWN; i < count; i++)
        add_rank_line(r, order[i].rank, out);
    free(order);
}

static void add_ranks(const struct report *r, struct text *out)
{
    if (r->by_rank == NULL || r->places == NULL || r->ranks == 0)
        return;
    title(out, "ranks");
    text_format(out, "%6s  %10s  %16s  %7s  ", "rank", "chunks", "rows", "busy");
    human_cell(out, HOST, "host");
    text_add(out, "  binding\n");
    if (r->ranks > RANKS_WHOLE) {
        add_busiest(r, out);
        return;
    }
    for (int rank = 0; rank < r->ranks; rank++)
        add_rank_line(r, rank, out);
}

static bool is_first_of_host(const struct report *r, int rank)
{
    for (int i = 0; i < rank; i++)
        if (strcmp(r->places[i].host, r->places[rank].host) == 0)
            return false;
    return true;
}

static void add_machine(const struct report *r, struct text *words)
{
    int64_t cores = 0;
    int64_t memory_bytes = 0;

    for (int rank = 0; rank < r->ranks; rank++) {
        if (!is_first_of_host(r, rank))
            continue;
        cores += r->places[rank].cores;
        memory_bytes += r->places[rank].memory_bytes;
    }
    if (cores > 0)
        text_format(words, ", %s", human_count(cores, "core").text);
    if (memory_bytes > 0)
        text_format(words, ", %s of memory", human_bytes(memory_bytes).text);
    if (r->ranks > 0 && r->places[0].processor[0] != '\0')
        text_format(words, "; rank 0: %s", r->places[0].processor);
}

static void add_where(const struct report *r, struct text *out)
{
    struct text words = TEXT_INIT;

    title(out, "where");
    text_format(&words, "%s, %s (%s)", human_count(r->nodes, "node").text,
                human_count(r->ranks, "rank").text, human_count(r->workers, "worker").text);
    if (r->places != NULL)
        add_machine(r, &words);
    line(out, "machine", &words);
    text_add(&words, known(r->mpi_version));
    if (r->slurm_job != NULL)
        text_format(&words, "; Slurm job %s", r->slurm_job);
    line(out, "MPI", &words);
    text_format(&words, "PostgreSQL %s at %s, database %s, %s, role %s", known(r->server_version),
                known(r->server_host), known(r->database), known(r->server_role), known(r->user));
    line(out, "server", &words);
    text_add(&words, known(r->table));
    line(out, "table", &words);
}

static void add_failures(const struct report *r, struct text *out)
{
    int shown = r->failure_count < FAILURES_SHOWN ? r->failure_count : FAILURES_SHOWN;
    struct text words = TEXT_INIT;

    if (shown == 0)
        return;
    title(out, "failures");
    for (int i = 0; i < shown; i++) {
        const struct report_failure *f = &r->failures[i];

        text_format(&words, "chunk %" PRId64 ", %s, SQLSTATE %s: %s", f->chunk_id,
                    human_count(f->rows_planned, "row").text,
                    f->sqlstate[0] == '\0' ? "none" : f->sqlstate, f->error);
        text_add(out, "  ");
        human_wrap(out, 4, COLUMNS, text_string(&words));
        text_clear(&words);
    }
    if (r->ledger.chunks_failed > shown)
        text_format(out, "  and %s more\n",
                    human_count(r->ledger.chunks_failed - shown, "failed chunk").text);
    text_free(&words);
}

static void add_next_step(const struct report *r, struct text *out)
{
    const struct report_ledger *l = &r->ledger;
    struct text words = TEXT_INIT;

    const char *next_step = exit_status_next_step(r->exit_status);
    if (next_step != NULL)
        text_add(&words, next_step);
    if (l->chunks_failed > 0)
        text_format(
            &words,
            "%s`chunkmill status JOB` tells of the %s; `run --retry-failed` does them again",
            words.bytes > 0 ? "; " : "", human_count(l->chunks_failed, "failed chunk").text);
    if (l->rows_elsewhere > 0 && l->chunks_left == 0)
        text_format(&words, "%s`chunkmill release JOB --foreign` shows the %s marked elsewhere",
                    words.bytes > 0 ? "; " : "", human_count(l->rows_elsewhere, "row").text);
    if (is_outcome(r, "already done"))
        text_format(&words, "%s`--label NAME` runs the job again", words.bytes > 0 ? "; " : "");
    if (words.bytes > 0) {
        text_add(out, "\n");
        line(out, "next", &words);
    }
    text_free(&words);
}

void report_text(const struct report *r, struct text *out)
{
    add_outcome(r, out);
    add_chunks(r, out);
    add_rows(r, out);
    if (r->total_ns > 0)
        add_times(r, out);
    add_ranks(r, out);
    add_where(r, out);
    add_failures(r, out);
    add_next_step(r, out);
}
