/* Prints the status of runs, as text for a person or as JSON for a program. */
#ifndef CHUNKMILL_CLI_STATUS_PRINT_H
#define CHUNKMILL_CLI_STATUS_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/job/config.h"
#include "db/cycle/marks.h"
#include "db/ledger/status.h"

/* One run, with what was asked for about it. */
struct status_view {
    const char *job_file;
    const struct status_run *run;
    struct status_attempt attempts[STATUS_ATTEMPTS_MAX]; /* the newest first */
    int attempt_count;
    struct status_failure failures[STATUS_FAILURES_MAX];
    int failure_count;
    const struct marks_count *rows; /* NULL: not counted */
    bool has_flag;                  /* of the job; known only where rows were counted */
    int exit_status;                /* what --exit-status would say */
};

void status_print_text(const struct status_view *view);
void status_print_json(const struct status_view *view);

/* All runs, one line each. */
void status_print_list_text(const struct status_run *runs, int64_t count);
void status_print_list_json(const struct status_run *runs, int64_t count);

/* The words for one run: "running", or "running, nobody at work". */
const char *status_print_state(const struct status_run *run);

#endif
