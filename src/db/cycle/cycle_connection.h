/* A worker's connection: tries for some time to open it, and opens it again after a loss. */
#ifndef CHUNKMILL_DB_CYCLE_CYCLE_CONNECTION_H
#define CHUNKMILL_DB_CYCLE_CYCLE_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "db/cycle/executor.h"
#include "db/ledger/ledger_attempt.h"

struct cycle_connection {
    struct executor *executor; /* whose connection this is */
    unsigned short random[3];  /* erand48's state: jitter */
    int64_t reconnects;
    char server_start[LEDGER_TIME_BYTES];
};

/* Whether there is a connection that is not known to be dead. */
bool cycle_connection_is_up(const struct executor *executor);

/* cycle_connection_open(link, err): the first time: errors that may pass are tried again for a few
 * seconds, since rank 0 is connected and so the server is there. */
int cycle_connection_open(struct cycle_connection *link, struct error *err);

/* cycle_connection_reopen(link, is_same_server, err): after a loss, for up to a minute; the
 * worker's former session is ended, if it is still there. *is_same_server: the server has been up
 * all the while. */
int cycle_connection_reopen(struct cycle_connection *link, bool *is_same_server, struct error *err);

/* cycle_connection_open_bare(link, err): once, without settings: for a process that is about to
 * exit. */
int cycle_connection_open_bare(struct cycle_connection *link, struct error *err);

/* Sleeps, with jitter, longer with each try; an interrupt ends it. */
void cycle_connection_rest(struct cycle_connection *link, int try_number);

#endif
