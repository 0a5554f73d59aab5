/* The handlers only raise flags; the loops that poll act on them. State: two flags, each with
 * one writer. */
#include "run/mpi/signals.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/exit_status.h"
#include "db/connection/connection.h"

#define GRACE_NS (700 * NS_PER_MS)

static volatile int cancelled; /* an int, not sig_atomic_t: connection_watch reads it */
static volatile sig_atomic_t draining;

static void cancel(int signal_number)
{
    if (signal_number == SIGINT && cancelled != 0)
        _exit(EXIT_STATUS_INTERRUPTED);
    cancelled = 1;
}

static void drain(int signal_number)
{
    (void)signal_number;
    draining = 1;
}

static void leave(int signal_number)
{
    (void)signal_number;
    _exit(EXIT_STATUS_INTERRUPTED);
}

/* Without SA_RESTART: a sleeping or polling rank is to wake. */
static void handle(int signal_number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};

    sigemptyset(&action.sa_mask);
    sigaction(signal_number, &action, NULL);
}

void signals_open(void)
{
    handle(SIGTERM, cancel);
    handle(SIGINT, cancel);
    handle(SIGUSR1, drain);
    connection_watch(&cancelled);
}

bool signals_is_cancelled(void)
{
    return cancelled != 0;
}

bool signals_is_draining(void)
{
    return draining != 0;
}

void signals_last_second(void)
{
    handle(SIGALRM, leave);
    connection_watch(NULL);
    alarm(1);
}

void signals_leave(void)
{
    fflush(NULL);
    _exit(EXIT_STATUS_INTERRUPTED);
}

void signals_leave_after(void)
{
    int64_t until_ns = clock_now_ns() + GRACE_NS;

    while (clock_now_ns() < until_ns)
        clock_sleep_ns(until_ns - clock_now_ns());
    signals_leave();
}
