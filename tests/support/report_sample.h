/* A report in which every member has a value of its own, for test_report and test_report_text. */
#ifndef CHUNKMILL_TESTS_REPORT_SAMPLE_H
#define CHUNKMILL_TESTS_REPORT_SAMPLE_H

#include <stdio.h>
#include <string.h>

#include "core/plan/plan_quality.h"
#include "core/protocol/cycle_result.h"
#include "core/report/report.h"

enum { SAMPLE_RANKS = 40, SAMPLE_RECORDS = 2, SAMPLE_FAILURES = 2 };

struct report_sample {
    struct report report;
    struct report_place places[SAMPLE_RANKS];
    struct rank_summary by_rank[SAMPLE_RANKS];
    struct chunk_record records[SAMPLE_RECORDS];
    struct report_failure failures[SAMPLE_FAILURES];
};

static inline void sample_ranks(struct report_sample *s, int ranks)
{
    s->report.ranks = ranks;
    s->report.workers = ranks == 1 ? 1 : ranks - 1;
    for (int i = 0; i < ranks; i++) {
        struct report_place *place = &s->places[i];
        snprintf(place->host, sizeof place->host, "node%d", i / 4);
        snprintf(place->binding, sizeof place->binding, "%d-%d", 2 * (i % 4), 2 * (i % 4) + 1);
        place->cores = 8;
        place->pus = 16;
        place->memory_bytes = INT64_C(64) << 30;
        snprintf(place->processor, sizeof place->processor, "Example CPU 9000");
        s->by_rank[i] = i == 0 && ranks > 1
                            ? (struct rank_summary){0}
                            : (struct rank_summary){10 + i, 100000 + i, INT64_C(20000000) * i,
                                                    INT64_C(1900000000)};
    }
    s->report.nodes = (ranks + 3) / 4;
    s->report.places = s->places;
    s->report.by_rank = s->by_rank;
}

/* A run that two attempts made, on three ranks; it adds up: 41 = 36 + 2 + 3 chunks, 340,000 =
 * 339,900 + 95 + 5 rows. */
static inline struct report *sample_init(struct report_sample *s)
{
    memset(s, 0, sizeof *s);
    struct report *r = &s->report;

    r->job = "conflict_visits";
    r->label = "nightly";
    r->outcome = "interrupted";
    r->exit_status = 75;
    r->run_id = INT64_C(9007199254740993); /* 2^53 + 1: no double holds it */
    r->attempt = 2;
    snprintf(r->started_at, sizeof r->started_at, "2026-01-31T12:00:00Z");
    snprintf(r->ended_at, sizeof r->ended_at, "2026-01-31T12:00:02Z");
    r->command_line = "chunkmill run conflict_visits.json";
    r->database = "lab";
    r->server_host = "db.example.com";
    r->server_version = "15.8";
    r->server_role = "primary";
    r->user = "chunkmill_worker";
    r->table = "conflict.conflictvisitmaps";
    r->slurm_job = "4711";
    r->mpi_version = "Open MPI 4.1.4";
    r->chunkmill_version = "0.1.0";
    r->has_flag = true;
    r->target_rows = 10000;
    r->max_rows = 50000;
    r->window_from = "2024-01-31";
    r->window_to = "2026-03-02";
    r->plan_complete = true;
    r->plan = (struct plan_quality){.chunks = 41,
                                    .rows = 404232,
                                    .keys = 117604,
                                    .min_rows = 4232,
                                    .max_rows = 12000,
                                    .min_keys = 1000,
                                    .max_keys = 3000,
                                    .sum_rows_squared = 4.1e9,
                                    .sum_keys_squared = 3.5e8,
                                    .oversized_slices = 1};
    r->ledger = (struct report_ledger){.chunks = 41,
                                       .chunks_done = 36,
                                       .chunks_failed = 2,
                                       .chunks_left = 3,
                                       .rows_planned = 404232,
                                       .rows_matched = 340000,
                                       .rows_updated = 339900,
                                       .rows_released = 95,
                                       .rows_elsewhere = 7,
                                       .rows_lost = 5,
                                       .rows_drifted = 12,
                                       .rows_failed = 20000,
                                       .rows_left = 44213};
    r->chunks_before = 12;
    r->rows_before = 118310;
    r->stats = (struct stats){.chunks_done = 24,
                              .chunks_skipped = 1,
                              .rows_marked = 220000,
                              .rows_updated = 219900,
                              .tries = 3,
                              .mark_ns = 400000000,
                              .update_ns = 900000000,
                              .busy_ns = 1300000000};
    r->connect_ns = 120000000;
    r->distribution_ns = 340000000;
    r->plan_ns = 60000000;
    r->work_ns = 2000000000;
    r->reduce_ns = 400000;
    r->total_ns = 2800000000;
    r->times = (struct chunk_times){24, 81000000, 120000000, 1200000000, 90000000};
    r->imbalance = 1.18;
    s->records[0] = (struct chunk_record){.chunk_id = 13,
                                          .worker = 1,
                                          .outcome = CYCLE_DONE,
                                          .rows_updated = 9800,
                                          .end_ns = 81500000,
                                          .mark_ns = 30000000,
                                          .update_ns = 51000000};
    s->records[1] = (struct chunk_record){.chunk_id = 14,
                                          .worker = 2,
                                          .outcome = CYCLE_FAILED,
                                          .begin_ns = 1000000,
                                          .end_ns = 2000000,
                                          .mark_ns = 500000,
                                          .update_ns = 400000};
    r->records = s->records;
    r->record_count = SAMPLE_RECORDS;
    s->failures[0] =
        (struct report_failure){14, 9900, "22P02", "update: the server refused a value"};
    s->failures[1] =
        (struct report_failure){17, 1, "", "update: the connection was lost three times"};
    r->failures = s->failures;
    r->failure_count = SAMPLE_FAILURES;
    r->hot_share = 0.97;
    sample_ranks(s, 3);
    return r;
}

#endif
