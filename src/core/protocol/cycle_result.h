/* The result of one cycle on one chunk. It travels from a worker to the manager, and
 * core/report/stats counts it. */
#ifndef CHUNKMILL_CORE_PROTOCOL_CYCLE_RESULT_H
#define CHUNKMILL_CORE_PROTOCOL_CYCLE_RESULT_H

#include <stdint.h>

enum cycle_outcome {
    CYCLE_DONE,     /* this worker did it and committed */
    CYCLE_SKIPPED,  /* the ledger says that it was done already */
    CYCLE_PUT_BACK, /* pass 1 found rows that were not ours: once more at the end */
    CYCLE_BUSY,     /* its ledger row is locked by another backend: not an attempt, later */
    CYCLE_FAILED,   /* quarantined: failed in the ledger, marks released */
    CYCLE_SPLIT, /* it ran into its statement_timeout: retired, its parts are chunks of the plan now
                  */
    CYCLE_CANCELLED, /* its statement was cancelled, or its session ended, by a person: later */
    CYCLE_SUSPECT,   /* its session died too often without a reason: once more, alone */
    CYCLE_STOPPED, /* the worker can't go on (fenced, connection gone for good, interrupted, fatal):
                      see error_kind */
};

struct cycle_result {
    int64_t chunk_id;
    int32_t outcome;    /* enum cycle_outcome */
    int32_t worker;     /* rank */
    int32_t error_kind; /* enum error_kind, for FAILED and STOPPED */
    int32_t tries;      /* transactions that had to be tried again */
    int32_t is_ended;   /* CANCELLED: the session was ended, while the server itself went on */
    int64_t rows_planned;
    int64_t rows_marked;
    int64_t rows_updated;
    int64_t rows_released;  /* marked, but the update left them */
    int64_t rows_lost;      /* marked, and deleted by another program before the update */
    int64_t rows_elsewhere; /* marked by another program */
    int64_t begin_ns;       /* on the worker's clock, relative to its start of work */
    int64_t end_ns;
    int64_t mark_ns; /* T1, with its COMMIT */
    int64_t update_ns;
    char sqlstate[8];
    char error[256]; /* private data taken out already */
};

#endif
