#!/bin/sh
# The answer to a COMMIT is lost. The program reads in the ledger whether it was committed, and
# never assumes it. The answer is lost in two ways. The server waits for a standby that doesn't
# exist after it has committed, and the session is ended there; or the way back through a proxy is
# stopped. And the opposite: the session is ended just before the COMMIT.
# shellcheck source=tests/support/fault.sh
. "$(dirname -- "$0")/../support/fault.sh"

make_items 3000

# Holds worker 1 before it sends the statements of a transaction.
begin_held() {
    hold "$2" 1
    begin run 3 run "$1.json" --report none
    wait_held run
    unhold
    session=$(backend_of 1)
}

is_waiting_for_standby() {
    is_true "EXISTS (SELECT FROM pg_stat_activity WHERE pid = $session AND wait_event = 'SyncRep')"
}

# Lets all commits but the test's own wait for a standby that doesn't exist.
without_standby() {
    PGOPTIONS='-c synchronous_commit=local'
    export PGOPTIONS
    sql "ALTER SYSTEM SET synchronous_standby_names = 'nobody'"
    sql 'SELECT pg_reload_conf()' >/dev/null
    wait_until 10 is_true "current_setting('synchronous_standby_names') = 'nobody'"
    unset PGOPTIONS
}

with_standby() {
    sql 'ALTER SYSTEM RESET synchronous_standby_names' >/dev/null
    sql 'SELECT pg_reload_conf()' >/dev/null
}

# committed JOB: ends the session while its COMMIT, which is done, waits for the standby.
committed() {
    begin_held "$1" updated
    without_standby
    before=$(sql "SELECT count(*) FROM chunkmill.chunk WHERE state = 'done'")
    let_go
    wait_until 10 is_waiting_for_standby
    sql "SELECT pg_terminate_backend($session)" >/dev/null
    wait_until 10 is_true "NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $session)"
    same "$1: the COMMIT without an answer has been done" t "$(sql "SELECT count(*) > $before
        FROM chunkmill.chunk WHERE state = 'done'")"
    with_standby
    ends_well run "$1: a COMMIT done, its answer lost"
    fresh_items
}

# uncommitted JOB STATE: ends the session in the COMMIT that would have made a chunk STATE.
uncommitted() {
    stand "$2" 1
    begin run 3 run "$1.json" --report none
    wait_standing 1
    session=$(backend_of 1)
    same "$1: no chunk of worker 1 is $2" 0 "$(sql "SELECT count(*) FROM chunkmill.chunk
        WHERE state = '$2' AND worker = 1")"
    sql "SELECT pg_terminate_backend($session)" >/dev/null
    wait_until 10 is_true "NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $session)"
    stand_no_more
    ends_well run "$1: ended before a chunk is $2"
    fresh_items
}

committed items
uncommitted items marked
uncommitted items "done"
watch_items ''
committed noflag
uncommitted noflag "done"
watch_items UpdateFlag

# A proxy with two one-way pipes for each connection, so that only the way back can be stopped: cat
# reads the server's answers.
port=$(free_port)
server_port=$((port + 1))
while ss -Hltn "sport = :$server_port" | grep -q .; do
    server_port=$((server_port + 1))
done
background listener socat "TCP-LISTEN:$server_port,bind=127.0.0.1,fork,reuseaddr" \
    "UNIX-CONNECT:$PGHOST/.s.PGSQL.5432"
cat >pipes <<'SH'
#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/"$1"
cat <&3 &
echo "$$ $!" >>"$2"
cat >&3
kill "$!"
SH
chmod +x pipes
background proxy socat "TCP-LISTEN:$port,bind=127.0.0.1,fork,reuseaddr" \
    "EXEC:./pipes $server_port pipes.log"
direct=$PGHOST
is_listening() {
    PGHOST=127.0.0.1 PGPORT=$port psql -XAtqc 'SELECT 1'
}
wait_until 10 is_listening
is_idle() {
    [ ! -e pipes.log ] || ! kill -0 "$(tail -n 1 pipes.log | cut -d' ' -f1)" 2>/dev/null
}
wait_until 10 is_idle
rm -f pipes.log

# answer_lost JOB STEP STATE: stops the way back of worker 1's connection at the fail point STEP,
# before the worker sends the statements of a transaction. When the chunk is in STATE, the
# connection is cut.
answer_lost() {
    rm -f pipes.log
    hold "$2" 1
    PGHOST=127.0.0.1 PGPORT=$port begin run 2 run "$1.json" --report none
    wait_held run
    unhold
    before=$(sql "SELECT count(*) FROM chunkmill.chunk WHERE state = '$3'")
    # The worker's connection is the newest, and so is its pair of pipes.
    last_pair=$(tail -n 1 pipes.log)
    kill -STOP "${last_pair#* }"
    let_go
    wait_until 10 is_true "(SELECT count(*) > $before FROM chunkmill.chunk WHERE state = '$3')"
    kill -KILL "${last_pair% *}" "${last_pair#* }"
    ends_well run "$1: the answer to the COMMIT that makes a chunk $3 is lost on the way"
    fresh_items
}

answer_lost items before_mark marked
answer_lost items updated "done"
watch_items ''
answer_lost noflag updated "done"
export PGHOST="$direct"

conclude
