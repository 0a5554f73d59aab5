/* Checks the claims in an order in which the first failure explains those behind it. */
#include "core/bench/bench_gate.h"

#include <string.h>

#include "base/human.h"
#include "core/plan/chunk.h"

/* How many of the plan's chunks the sample leaves alone. */
static int64_t left_out(const struct report *r, double share)
{
    int64_t left = 0;

    for (int64_t id = 1; share > 0 && id <= r->ledger.chunks; id++)
        left += !chunk_is_sampled(id, share);
    return left;
}

static bool has_ended(const struct report *r, const struct bench_expected *expected,
                      struct text *why)
{
    int64_t left = left_out(r, expected->share);
    const char *wanted =
        left > 0 ? "interrupted" : "done"; /* a run of which chunks are left is no more */

    if (strcmp(r->outcome, wanted) != 0)
        text_format(why, "the run ended as %s, with %s failed and %s elsewhere", r->outcome,
                    human_count(r->ledger.chunks_failed, "chunk").text,
                    human_count(r->ledger.rows_elsewhere, "row").text);
    else if (r->ledger.chunks_split > 0)
        text_format(why, "%s ran into the statement_timeout and were split",
                    human_count(r->ledger.chunks_split, "chunk").text);
    else if (r->ledger.chunks_left != left)
        text_format(why, "%s left, not %s", human_count(r->ledger.chunks_left, "chunk").text,
                    human_number(left).text);
    return why->bytes == 0;
}

static bool adds_up(const struct report *r, struct text *why)
{
    const struct report_ledger *l = &r->ledger;

    if (!report_adds_up(r))
        text_add(why, "the ledger's numbers do not add up");
    else if (!stats_add_up(&r->stats, r->has_flag) || r->stats.rows_updated != l->rows_updated ||
             r->stats.chunks_done != l->chunks_done)
        text_format(why, "the workers counted %s, the ledger %s",
                    human_count(r->stats.rows_updated, "row").text,
                    human_number(l->rows_updated).text);
    else if (l->rows_elsewhere + l->rows_lost + l->rows_failed > 0)
        text_format(why, "%s elsewhere, %s lost, %s failed",
                    human_count(l->rows_elsewhere, "row").text, human_number(l->rows_lost).text,
                    human_number(l->rows_failed).text);
    else if (r->has_flag && l->rows_matched != l->rows_planned - l->rows_left)
        text_format(why, "%s marked of %s planned", human_count(l->rows_matched, "row").text,
                    human_number(l->rows_planned - l->rows_left).text);
    return why->bytes == 0;
}

/* With a flag each row of a chunk is written, by the mark at least. */
static bool is_in_the_table(const struct report *r, const struct bench_count *count,
                            struct text *why)
{
    int64_t written = r->has_flag ? r->ledger.rows_matched : r->ledger.rows_updated;

    if (count->in_scope != r->ledger.rows_planned)
        text_format(why, "the plan has %s, the table %s in scope",
                    human_count(r->ledger.rows_planned, "row").text,
                    human_number(count->in_scope).text);
    else if (count->marked > 0)
        text_format(why, "%s still marked", human_count(count->marked, "row").text);
    else if (count->written != written)
        text_format(why, "the ledger has %s written, the table %s",
                    human_count(written, "row").text, human_number(count->written).text);
    return why->bytes == 0;
}

bool bench_gate(const struct report *r, const struct bench_count *count,
                const struct bench_expected *expected, struct text *why)
{
    text_clear(why);
    if (!has_ended(r, expected, why) || !adds_up(r, why) || !is_in_the_table(r, count, why))
        return false;
    if (r->ledger.rows_updated == 0)
        text_add(why, "no row was updated: is the table reset as the update wants it");
    else if (expected->rows_updated >= 0 && r->ledger.rows_updated != expected->rows_updated)
        text_format(why, "%s updated, but %s in the repetitions before",
                    human_count(r->ledger.rows_updated, "row").text,
                    human_number(expected->rows_updated).text);
    return why->bytes == 0;
}
