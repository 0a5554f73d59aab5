/* A worker's connection: opened with patience, and opened again after a loss. */
#ifndef CHUNKMILL_DB_CYCLE_CYCLE_CONNECTION_H
#define CHUNKMILL_DB_CYCLE_CYCLE_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "db/cycle/executor.h"
#include "db/ledger/ledger.h"

struct cycle_link {
    struct steps *steps;      /* whose connection this is */
    unsigned short random[3]; /* erand48's state: jitter */
    int64_t reconnects;
    char server_start[LEDGER_TIME_BYTES];
};

/* Whether there is a connection that is not known to be dead. */
bool link_is_up(const struct steps *steps);

/* link_open(link, err): the first time: errors that may pass are tried again for a few seconds, since rank 0
 * is connected and so the server is there. */
int link_open(struct cycle_link *link, struct error *err);

/* link_reopen(link, is_same_server, err): after a loss, for up to a minute; the worker's former session is
 * ended, if it is still there. *is_same_server: the server has been up all the while. */
int link_reopen(struct cycle_link *link, bool *is_same_server, struct error *err);

/* link_open_bare(link, err): once, without settings: for who has no time. */
int link_open_bare(struct cycle_link *link, struct error *err);

/* Sleeps, with jitter, longer with each try; an interrupt ends it. */
void link_rest(struct cycle_link *link, int try_number);

#endif
