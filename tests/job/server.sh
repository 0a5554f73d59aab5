#!/bin/sh
# The server's own faults: a restart, a crash, sessions that are ended, statements that are
# cancelled, and a deadlock.
# shellcheck source=tests/support/job.sh
. "$(dirname -- "$0")/../support/job.sh"

make_items 6000

# begin_slow: starts a run of slow chunks, of which some are done.
begin_slow() {
    begin slow 4 run slow.json --report none
    wait_until 30 is_true "(SELECT count(*) >= 2 FROM chunkmill.chunk WHERE state = 'done')"
}

# all_done CLAIM-PREFIX
all_done() {
    finish slow 90
    exits "$1: it ends with 0" 0
    exact "$1: each row exactly once"
    same "$1: by one attempt" "done|1" "$(run_value 'state, attempt')"
    fresh_items
}

# The sessions of the run at work: workers (worker >= 0), control (-1).
sessions="SELECT a.pid FROM pg_stat_activity AS a JOIN chunkmill.backend AS b ON a.pid = b.pid
    AND a.backend_start = b.backend_start"

begin_slow
sql "SELECT pg_terminate_backend(pid) FROM ($sessions WHERE worker >= 0) AS s" >/dev/null
all_done "the workers' sessions are ended"

begin_slow
sql "SELECT pg_terminate_backend(pid) FROM ($sessions WHERE worker < 0) AS s" >/dev/null
all_done "the manager's session is ended"

begin_slow
sql "SELECT pg_cancel_backend(pid) FROM ($sessions WHERE worker >= 0) AS s" >/dev/null
all_done "statements are cancelled by somebody"

begin_slow
"$root/tests/tools/postgres" restart "$CHUNKMILL_TEST_POSTGRES" fast
all_done "the server is restarted"

begin_slow
"$root/tests/tools/postgres" restart "$CHUNKMILL_TEST_POSTGRES" immediate
all_done "the server crashes"

# A deadlock in which we are the victim: the other session has a row of ours-to-be, and, when we
# wait for it, wants those that we have marked.
mark_day="2025-01-05"
foreign background rival psql -XAtq -v ON_ERROR_STOP=1 -c "DO \$\$
BEGIN
    SET LOCAL deadlock_timeout = '20s'; -- so that it isn't the one to find out
    PERFORM FROM mill.items WHERE \"ID\" = (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY \
        \"ID\") FROM mill.items AS t
                                           WHERE $items_scope AND \"VisitDate\"::date = \
                                               '$mark_day') FOR UPDATE;
    PERFORM pg_advisory_lock(1);
    LOOP
        PERFORM pg_stat_clear_snapshot();
        EXIT WHEN EXISTS (SELECT FROM pg_stat_activity WHERE application_name LIKE \
            'chunkmill worker%' AND wait_event_type = 'Lock');
        PERFORM pg_sleep(0.01);
    END LOOP;
    PERFORM FROM mill.items AS t WHERE $items_scope AND \"VisitDate\"::date = '$mark_day' FOR \
        UPDATE;
END \$\$"
wait_until 10 is_true "EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 1)"
begin slow 4 run items.json --report none --set connection.lock_timeout_ms=30000
finish rival
exits "the other session of a deadlock gets its rows" 0
finish slow
exits "a deadlock: it ends with 0" 0
exact "a deadlock: each row exactly once"
same "a deadlock: the transaction was tried again" t "$(chunks_value 'sum(tries) > 0')"

conclude
