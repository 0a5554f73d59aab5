/* Stops workers and the run. */
#include "run/work/manager_state.h"

int manager_state_rank_of(const struct manager *m, int worker)
{
    return m->local != NULL ? 0 : worker + 1;
}

void manager_state_stop_run(struct manager *m, enum error_kind kind, const char *sqlstate,
                            const char *text)
{
    if (m->outcome->stop.kind == ERROR_NONE)
        error_sql(&m->outcome->stop, kind, sqlstate, "%s", text);
    dispatch_drain(m->dispatch);
}

void manager_state_stop_worker(struct manager *m, int worker)
{
    if (m->is_stopped[worker])
        return;
    m->is_stopped[worker] = true;
    if (m->local == NULL) {
        mail_send(m->mail, manager_state_rank_of(m, worker), MAIL_STOP, NULL);
        return;
    }
    m->workers_left--;
}
