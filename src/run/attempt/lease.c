/* States: held -> lost (since lost_ns) -> held, or given up after GIVE_UP_NS. */
#include "run/attempt/lease.h"

#include "base/clock.h"
#include "base/log.h"
#include "core/protocol/retry.h"
#include "db/ledger/ledger_attempt.h"
#include "run/attempt/attempt_record.h"

#define BEAT_NS         (5 * NS_PER_S)
#define GIVE_UP_NS      (60 * NS_PER_S)
#define BACKOFF_NS      (200 * NS_PER_MS)
#define BACKOFF_MOST_NS (5 * NS_PER_S)
#define NAP_NS          (10 * NS_PER_MS)

void lease_init(struct lease *lease, struct session *session)
{
    *lease = (struct lease){.session = session, .beat_due_ns = clock_now_ns() + BEAT_NS};
}

bool lease_is_held(const struct lease *lease)
{
    return lease->lost_ns == 0 && !lease->is_given_up;
}

bool lease_is_loss(struct lease *lease, const struct error *err)
{
    const struct connection *c = lease->session->control;
    bool is_lost =
        c == NULL || connection_is_dead(c) || err->kind == ERROR_CONNECTION ||
        (err->kind == ERROR_SERVER && retry_action(err->sqlstate, false) == RETRY_RECONNECT);

    if (err->kind == ERROR_INTERRUPTED || err->kind == ERROR_LIVE || !is_lost)
        return false;
    if (lease->lost_ns == 0) {
        log_warning("the control connection is lost, nothing is handed out until it is back: %s",
                    err->text);
        lease->lost_ns = lease->retry_due_ns = clock_now_ns();
        lease->tries = 0;
    }
    return true;
}

int lease_reopen(struct session *session, bool pin, struct error *err)
{
    const struct work *work = &session->work;

    connection_close(session->control);
    session->control = NULL;
    if (connection_open(work->parameters, work->parameter_count, "chunkmill control",
                        &session->control, err) != 0) {
        session->control = NULL;
        return -1;
    }
    return pin ? connection_pin(session->control, work->settings, work->setting_count, err) : 0;
}

/* The whole way back. LIVE while a dead connection's backend still has the lock, too: the caller
 * asks is_current which of the two it is. */
static int regain(struct session *session, bool *is_current, struct error *err)
{
    const struct work *work = &session->work;

    *is_current = true;
    if (lease_reopen(session, true, err) != 0 ||
        ledger_attempt_is_current(session->control, work, is_current, err) != 0)
        return -1;
    if (!*is_current)
        return error_set(err, ERROR_LIVE, "another attempt has taken over the run");
    /* A connection that went silent may have its backend yet, and that the lock. */
    if (ledger_attempt_end_own_backends(session->control, work, LEDGER_CONTROL, err) != 0 ||
        attempt_record_lock(session, err) != 0)
        return -1;
    /* again: it may have been taken over between the question and the lock */
    if (ledger_attempt_is_current(session->control, work, is_current, err) != 0)
        return -1;
    if (!*is_current)
        return error_set(err, ERROR_LIVE, "another attempt has taken over the run");
    return ledger_attempt_add_backend(session->control, work, LEDGER_CONTROL, NULL, err);
}

static bool is_passing(const struct error *err)
{
    return err->kind == ERROR_CONNECTION || err->kind == ERROR_LIVE ||
           (err->kind == ERROR_SERVER && retry_may_pass(err->sqlstate));
}

static int try_to_regain(struct lease *lease, struct error *err)
{
    bool is_current = true;
    int64_t now_ns = clock_now_ns();

    if (now_ns < lease->retry_due_ns)
        return 0;
    if (regain(lease->session, &is_current, err) == 0) {
        log_info("the control connection is back after %.1f s",
                 (double)(clock_now_ns() - lease->lost_ns) / (double)NS_PER_S);
        lease->lost_ns = 0;
        lease->beat_due_ns = now_ns + BEAT_NS;
        return 0;
    }
    now_ns = clock_now_ns();
    if (!is_current || !is_passing(err)) {
        lease->is_given_up = true;
        return -1;
    }
    if (now_ns - lease->lost_ns > GIVE_UP_NS) {
        lease->is_given_up = true;
        err->kind = ERROR_CONNECTION;
        error_context(err, "the control connection did not come back for a minute");
        return -1;
    }
    log_debug("control: %s; trying again", err->text);
    lease->retry_due_ns =
        now_ns + retry_backoff_ns(lease->tries++, BACKOFF_NS, BACKOFF_MOST_NS, 0.5);
    error_clear(err);
    return 0;
}

int lease_turn(struct lease *lease, struct error *err)
{
    if (lease->is_given_up)
        return error_set(err, ERROR_CONNECTION, "the control connection was given up");
    if (lease->lost_ns != 0)
        return try_to_regain(lease, err);
    if (clock_now_ns() < lease->beat_due_ns)
        return 0;
    lease->beat_due_ns = clock_now_ns() + BEAT_NS;
    if (ledger_attempt_heartbeat(lease->session->control, &lease->session->work, err) == 0)
        return 0;
    if (!lease_is_loss(lease, err) && err->kind != ERROR_SERVER)
        return -1;
    if (lease->lost_ns == 0)
        log_warning("no heartbeat: %s (SQLSTATE %s)", err->text, err->sqlstate);
    error_clear(err);
    return 0;
}

int lease_require(struct lease *lease, struct error *err)
{
    while (!lease_is_held(lease)) {
        if (lease_turn(lease, err) != 0)
            return -1;
        if (connection_is_interrupted())
            return error_set(err, ERROR_INTERRUPTED, "interrupted while connecting");
        if (!lease_is_held(lease))
            clock_sleep_ns(NAP_NS);
    }
    return 0;
}
