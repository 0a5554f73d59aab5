#!/bin/sh
# An administrator cancels statements, or ends sessions. After cancelled statements fewer workers go
# on. When sessions are ended three times within five minutes by a server that stays up, the run
# drains. A restart of the server causes neither.
# shellcheck source=tests/support/fault.sh
. "$(dirname -- "$0")/../support/fault.sh"

make_items 6000
sed 's/pg_sleep(0.2)/pg_sleep(1)/' slow.sql >slower.sql
items_job slower slower.sql flag >slower.json

# Cancels one statement that sleeps, and fails where there is none. Only one, since the other
# workers must react to it, too.
cancels() {
    is_true "(SELECT count(pg_cancel_backend(pid)) > 0 FROM (SELECT pid FROM ($sessions) AS s
        JOIN pg_stat_activity AS a USING (pid)
        WHERE worker >= 0 AND a.wait_event = 'PgSleep' LIMIT 1) AS one)"
}
at_work="SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'chunkmill worker%'
    AND state = 'active' AND wait_event = 'PgSleep'"
done_chunks="SELECT count(*) FROM chunkmill.chunk WHERE state = 'done'"
end_sessions() {
    sql "SELECT pg_terminate_backend(pid) FROM ($sessions) AS s WHERE worker >= 0" >/dev/null
}
are_back() {
    is_true "(SELECT count(*) >= 3 FROM ($sessions) AS s WHERE worker >= 0)"
}

# A statement is cancelled long before its timeout.
begin slow 5 run slow.json --report none --set chunk.target_rows=100
wait_until 30 is_true "($done_chunks) >= 4"
wait_until 10 is_true "($at_work) >= 3"
wait_until 10 cancels
wait_until 10 grep -q 'cancelled' slow.out
before=$(sql "$done_chunks")
wait_until 30 is_true "($done_chunks) >= $before + 6" # the chunks in flight are done
most=0
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
    busy=$(sql "$at_work")
    [ "$busy" -le "$most" ] || most=$busy
done
claim "after a cancel half of four workers are at work, one or two: $most" \
    test "$most" -ge 1 -a "$most" -le 2
finish slow 100
exits "cancelled statements: it ends with 0" 0
says "cancelled statements: the run says that somebody cancelled one" \
    'warning: .*cancelled by somebody'
says "cancelled statements: and that it goes on with half of the workers for a minute" \
    'half of the workers for a minute \(2 of 4\)'
exact "cancelled statements: each row exactly once"
same "cancelled statements: no chunk was split" \
    0 "$(sql "SELECT count(*) FROM chunkmill.chunk WHERE state = 'split'")"
same "cancelled statements: by one attempt" "done|1" "$(run_value 'state, attempt')"
fresh_items

# Sessions are ended three times, each long enough after the last to count as another time, also
# where the run learns late of the last one.
begin slow 4 run slower.json --report none --set chunk.target_rows=25
for number in 1 2 3; do
    wait_until 30 are_back
    wait_until 10 is_true "($at_work) > 0"
    [ $number = 1 ] || sleep 12
    end_sessions
done
finish slow 60
exits "sessions ended three times: it drains, 75" 75
says "sessions ended three times: and says why" 'administrator has ended .* three times'
alone status slower.json --exit-status
exits "sessions ended three times: the ledger says 75" 75
same "sessions ended three times: something is left to do" t \
    "$(chunks_value "count(*) FILTER (WHERE state <> 'done') > 0")"
same "sessions ended three times: no chunk is quarantined" \
    0 "$(chunks_value "count(*) FILTER (WHERE state = 'failed')")"
cp slower.sql kept.sql
cp slow.sql slower.sql
mill 4 run slower.json --report none --accept-changes
exits "sessions ended three times: the next start ends with 0" 0
exact "sessions ended three times: each row exactly once"
cp kept.sql slower.sql
fresh_items

# Sessions are ended twice, and the server is restarted in between.
begin slow 4 run slower.json --report none --set chunk.target_rows=200
wait_until 30 is_true "($at_work) > 0"
end_sessions
wait_until 30 are_back
server restart "$CHUNKMILL_TEST_POSTGRES" fast
wait_until 30 are_back
sleep 6
end_sessions
ends_well slow "sessions ended twice, and a restart"

conclude
