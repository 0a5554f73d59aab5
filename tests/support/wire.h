/* The network between us and the server, with its faults: a unix socket in a folder of its own,
 * whose bytes a thread passes on to the real server, both ways, until a fault that was armed. What
 * a client sends in one go is a request: libpq waits for the answer before the next. Nothing is
 * imitated: the server is the real one.
 */
#ifndef CHUNKMILL_TESTS_DB_WIRE_H
#define CHUNKMILL_TESTS_DB_WIRE_H

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum wire_fault {
    WIRE_GOOD,
    WIRE_CUT_REQUEST, /* the request does not arrive, both ends hear that the other is gone */
    WIRE_CUT_ANSWER,  /* the server has done it, and nobody hears of it */
    WIRE_CUT_WITHIN,  /* the answer's first half arrives */
    WIRE_CUT_LATER,   /* of a request with several answers, which come as they are ready, the first
                         arrives */
    WIRE_STALL        /* nothing passes any more, and nobody is told */
};

enum { WIRE_PAIRS_MAX = 16, WIRE_BYTES = 65536 };

struct wire {
    char folder[40];
    char server[108];
    int listener;
    pthread_t thread;
    atomic_int fault;    /* enum wire_fault, armed */
    atomic_int requests; /* to go until it strikes */
    atomic_int passed;   /* requests since wire_open, of any client */
    atomic_bool struck;
    atomic_bool down; /* who connects now finds nobody */
    atomic_bool ends;
    struct wire_pair {
        int client, server;
        enum wire_fault fault; /* what has struck this one */
    } pairs[WIRE_PAIRS_MAX];
};

static inline void wire_must(bool holds, const char *what)
{
    if (holds)
        return;
    perror(what);
    exit(EXIT_FAILURE);
}

static inline void wire_address(struct sockaddr_un *address, const char *folder)
{
    const char *port = getenv("PGPORT");

    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    int length = snprintf(address->sun_path, sizeof address->sun_path, "%s/.s.PGSQL.%s", folder,
                          port == NULL ? "5432" : port);
    wire_must(length < (int)sizeof address->sun_path, "wire: the socket's path");
}

/* A socket at folder that takes up to `backlog` connections nobody has accepted yet. */
static inline int wire_listen(const char *folder, int backlog)
{
    struct sockaddr_un address;
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    wire_address(&address, folder);
    wire_must(listener >= 0 && bind(listener, (struct sockaddr *)&address, sizeof address) == 0 &&
                  listen(listener, backlog) == 0,
              "wire: listening");
    return listener;
}

static inline int wire_connect(const char *folder)
{
    struct sockaddr_un address;
    int end = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    wire_address(&address, folder);
    if (end >= 0 && connect(end, (struct sockaddr *)&address, sizeof address) == 0)
        return end;
    if (end >= 0)
        close(end);
    return -1;
}

static inline void wire_drop(struct wire_pair *pair)
{
    if (pair->client >= 0)
        close(pair->client);
    if (pair->server >= 0)
        close(pair->server);
    *pair = (struct wire_pair){-1, -1, WIRE_GOOD};
}

static inline void wire_accept(struct wire *wire)
{
    int client = accept(wire->listener, NULL, NULL);

    if (client < 0)
        return;
    for (int i = 0; i < WIRE_PAIRS_MAX; i++) {
        struct wire_pair *pair = &wire->pairs[i];
        if (pair->client >= 0)
            continue;
        *pair = (struct wire_pair){
            client, atomic_load(&wire->down) ? -1 : wire_connect(wire->server), WIRE_GOOD};
        if (pair->server < 0)
            wire_drop(pair); /* the server is down, and so are we */
        return;
    }
    close(client);
}

/* False: the other end is gone. */
static inline bool wire_put(int to, const char *bytes, ssize_t count)
{
    while (count > 0) {
        ssize_t put = send(to, bytes, (size_t)count, MSG_NOSIGNAL);
        if (put <= 0)
            return false;
        bytes += put;
        count -= put;
    }
    return true;
}

static inline void wire_request(struct wire *wire, struct wire_pair *pair)
{
    static char bytes[WIRE_BYTES];
    ssize_t count = read(pair->client, bytes, sizeof bytes);

    if (count > 0)
        atomic_fetch_add(&wire->passed, 1);
    if (atomic_load(&wire->fault) != WIRE_GOOD && count > 0 &&
        atomic_fetch_sub(&wire->requests, 1) == 1) {
        pair->fault = (enum wire_fault)atomic_exchange(&wire->fault, WIRE_GOOD);
        atomic_store(&wire->struck, true);
    }
    if (pair->fault == WIRE_STALL)
        return;
    if (count <= 0 || pair->fault == WIRE_CUT_REQUEST || !wire_put(pair->server, bytes, count))
        wire_drop(pair);
}

static inline void wire_answer(struct wire_pair *pair)
{
    static char bytes[WIRE_BYTES];
    ssize_t count = read(pair->server, bytes, sizeof bytes);

    if (pair->fault == WIRE_CUT_WITHIN && count > 1)
        wire_put(pair->client, bytes, count / 2);
    bool is_last = pair->fault != WIRE_GOOD && pair->fault != WIRE_CUT_LATER;
    if (pair->fault == WIRE_CUT_LATER)
        pair->fault = WIRE_CUT_ANSWER;
    if (count <= 0 || is_last || !wire_put(pair->client, bytes, count))
        wire_drop(pair);
}

static inline void *wire_serve(void *context)
{
    struct wire *wire = context;
    struct pollfd ends[1 + 2 * WIRE_PAIRS_MAX];

    while (!atomic_load(&wire->ends)) {
        ends[0] = (struct pollfd){.fd = wire->listener, .events = POLLIN};
        for (int i = 0; i < WIRE_PAIRS_MAX; i++) {
            bool stalled = wire->pairs[i].fault == WIRE_STALL;
            ends[1 + 2 * i] =
                (struct pollfd){.fd = stalled ? -1 : wire->pairs[i].client, .events = POLLIN};
            ends[2 + 2 * i] =
                (struct pollfd){.fd = stalled ? -1 : wire->pairs[i].server, .events = POLLIN};
        }
        if (poll(ends, 1 + 2 * WIRE_PAIRS_MAX, 50) <= 0)
            continue;
        for (int i = 0; i < WIRE_PAIRS_MAX; i++) {
            if (ends[2 + 2 * i].revents != 0)
                wire_answer(&wire->pairs[i]);
            else if (ends[1 + 2 * i].revents != 0)
                wire_request(wire, &wire->pairs[i]);
        }
        if (ends[0].revents != 0)
            wire_accept(wire);
    }
    return NULL;
}

/* From now on whoever connects (PGHOST) is led over the wire. */
static inline void wire_open(struct wire *wire)
{
    memset(wire, 0, sizeof *wire);
    for (int i = 0; i < WIRE_PAIRS_MAX; i++)
        wire->pairs[i] = (struct wire_pair){-1, -1, WIRE_GOOD};
    snprintf(wire->server, sizeof wire->server, "%s", getenv("PGHOST"));
    snprintf(wire->folder, sizeof wire->folder, "/tmp/chunkmill-wire-XXXXXX");
    wire_must(mkdtemp(wire->folder) != NULL, "wire: a folder");
    wire->listener = wire_listen(wire->folder, 16);
    wire_must(pthread_create(&wire->thread, NULL, wire_serve, wire) == 0, "wire: a thread");
    setenv("PGHOST", wire->folder, 1);
}

/* The number-th request from now on, of any client, meets the fault. */
static inline void wire_arm(struct wire *wire, enum wire_fault fault, int number)
{
    atomic_store(&wire->fault, WIRE_GOOD);
    atomic_store(&wire->struck, false);
    atomic_store(&wire->requests, number);
    atomic_store(&wire->fault, fault);
}

/* Whether it struck; it does no more. */
static inline bool wire_disarm(struct wire *wire)
{
    atomic_store(&wire->fault, WIRE_GOOD);
    return atomic_load(&wire->struck);
}

static inline void wire_close(struct wire *wire)
{
    struct sockaddr_un address;

    atomic_store(&wire->ends, true);
    pthread_join(wire->thread, NULL);
    for (int i = 0; i < WIRE_PAIRS_MAX; i++)
        wire_drop(&wire->pairs[i]);
    close(wire->listener);
    wire_address(&address, wire->folder);
    unlink(address.sun_path);
    rmdir(wire->folder);
    setenv("PGHOST", wire->server, 1);
}

#endif
