/* Runs the job's steps before and after the work, each once in a run. */
#ifndef CHUNKMILL_DB_LEDGER_LEDGER_STEPS_H
#define CHUNKMILL_DB_LEDGER_LEDGER_STEPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "core/protocol/work.h"
#include "db/connection/connection.h"

struct config;

/* ledger_steps_run(c, work, config, after, done_names, err): runs the steps that are not recorded
 * yet, each in the transaction that records it ("transaction": false: recorded after it). Logs each
 * one. Errors: as the step's; the step's name is in the message. */
int ledger_steps_run(struct connection *c, const struct work *work, const struct config *config,
                     bool after, struct error *err);

#endif
