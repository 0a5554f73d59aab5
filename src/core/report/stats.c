/* Sums, extremes and percentiles. The reduction is a plain function that an MPI_Op may call. */
#include "core/report/stats.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static_assert(sizeof(struct stats) == STATS_MEMBERS * sizeof(int64_t),
              "one MPI datatype describes it");

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* What was committed: a failed or stopped cycle rolled back or gave its marks back. */
static void add_rows(struct stats *s, const struct cycle_result *result)
{
    s->rows_marked += result->rows_marked;
    s->rows_updated += result->rows_updated;
    s->rows_released += result->rows_released;
    s->rows_lost += result->rows_lost;
}

void stats_add(struct stats *s, const struct cycle_result *result)
{
    switch ((enum cycle_outcome)result->outcome) {
    case CYCLE_DONE:
        s->chunks_done++;
        s->rows_planned += result->rows_planned;
        s->rows_elsewhere += result->rows_elsewhere;
        add_rows(s, result);
        break;
    case CYCLE_PUT_BACK: /* planned and elsewhere are counted once, by its second pass */
        s->chunks_put_back++;
        add_rows(s, result);
        break;
    case CYCLE_SKIPPED:
        s->chunks_skipped++;
        break;
    case CYCLE_FAILED:
        s->chunks_failed++;
        break;
    case CYCLE_SPLIT: /* its rows count with its parts */
        s->chunks_split++;
        break;
    case CYCLE_BUSY:
    case CYCLE_CANCELLED:
    case CYCLE_SUSPECT:
    case CYCLE_STOPPED:
        break;
    }
    s->tries += result->tries;
    s->mark_ns += result->mark_ns;
    s->update_ns += result->update_ns;
    s->busy_ns += result->mark_ns + result->update_ns;
    s->max_chunk_ns = larger(s->max_chunk_ns, result->end_ns - result->begin_ns);
}

#define ADD(member)  into->member += from->member;
#define KEEP(member) into->member = larger(into->member, from->member);

void stats_merge(struct stats *into, const struct stats *from)
{
    STATS_SUMS(ADD)
    STATS_MAXIMA(KEEP)
}

bool stats_add_up(const struct stats *s, bool has_flag)
{
    if (!has_flag)
        return s->rows_released == 0;
    return s->rows_marked == s->rows_updated + s->rows_released + s->rows_lost;
}

int64_t stats_percentile(const int64_t *sorted, int64_t count, double percent)
{
    if (count <= 0)
        return 0;
    /* multiplied first: 0.55 * 100 is a little more than 55 */
    int64_t rank = (int64_t)ceil(percent * (double)count / 100.0);
    if (rank < 1)
        rank = 1;
    return sorted[(rank > count ? count : rank) - 1];
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

struct chunk_times stats_chunk_times(const struct chunk_record *records, int64_t count)
{
    struct chunk_times times = {0, 0, 0, 0, 0};
    int64_t *taken = memory_zero((size_t)(count > 0 ? count : 0), sizeof *taken);
    int64_t total_ns = 0;

    for (int64_t i = 0; i < count; i++) {
        if (records[i].outcome != CYCLE_DONE)
            continue;
        taken[times.count] = records[i].end_ns - records[i].begin_ns;
        total_ns += taken[times.count++];
    }
    if (times.count > 0) {
        qsort(taken, (size_t)times.count, sizeof *taken, by_value);
        times.p50_ns = stats_percentile(taken, times.count, 50);
        times.p95_ns = stats_percentile(taken, times.count, 95);
        times.max_ns = taken[times.count - 1];
        times.mean_ns = total_ns / times.count;
    }
    free(taken);
    return times;
}

void stats_by_rank(const struct chunk_record *records, int64_t count, int ranks,
                   struct rank_summary *out)
{
    int64_t *first_ns = memory_zero((size_t)ranks, sizeof *first_ns);
    int64_t *last_ns = memory_zero((size_t)ranks, sizeof *last_ns);
    bool *seen = memory_zero((size_t)ranks, sizeof *seen);

    memset(out, 0, (size_t)ranks * sizeof *out);
    for (int64_t i = 0; i < count; i++) {
        const struct chunk_record *r = &records[i];
        if (r->worker < 0 || r->worker >= ranks)
            continue;
        int64_t w = r->worker;
        if (!seen[w] || r->begin_ns < first_ns[w])
            first_ns[w] = r->begin_ns;
        if (!seen[w] || r->end_ns > last_ns[w])
            last_ns[w] = r->end_ns;
        seen[w] = true;
        out[w].chunks += r->outcome == CYCLE_DONE;
        out[w].rows_updated += r->rows_updated;
        out[w].busy_ns += r->mark_ns + r->update_ns;
        out[w].work_ns = last_ns[w] - first_ns[w];
    }
    free(first_ns);
    free(last_ns);
    free(seen);
}

double stats_imbalance(const struct rank_summary *ranks, int count)
{
    int64_t largest_ns = 0;
    int64_t total_ns = 0;

    for (int i = 0; i < count; i++) {
        largest_ns = larger(largest_ns, ranks[i].busy_ns);
        total_ns += ranks[i].busy_ns;
    }
    if (total_ns <= 0)
        return 1.0;
    return (double)largest_ns * count / (double)total_ns;
}
