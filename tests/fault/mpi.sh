#!/bin/sh
# Ranks and mpirun that are killed, and signals, at the moments that tests/job/kill.sh and stop.sh leave out: while planning, in the first wave, under
# a long statement, while reducing, at the end. And the next start, which does the rest.
# shellcheck source=tests/support/fault.sh
. "$(dirname -- "$0")/../support/fault.sh"

make_items 3000
sed 's/pg_sleep(0.2)/pg_sleep(600)/' slow.sql >long.sql

# Moments. Each begins the run `run` and returns when it is there.

# While planning: the ledger takes no chunks, for somebody has it locked.
planning() {
    background locker psql -XAtq -c 'BEGIN; LOCK TABLE chunkmill.chunk IN SHARE MODE; SELECT pg_sleep(600)'
    wait_until 10 is_true "EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'BEGIN; LOCK%' AND wait_event = 'PgSleep')"
    begin run 4 run slow.json --report none --set connection.lock_timeout_ms=600000
    wait_until 30 is_true "EXISTS (SELECT FROM pg_stat_activity WHERE application_name LIKE 'chunkmill%' AND wait_event_type = 'Lock')"
}
planned_on() {
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'BEGIN; LOCK%'" >/dev/null
}

# The first wave: each worker has marked a chunk, and is in the middle of an update that takes ten minutes. The update is mended afterwards.
long_statement() {
    cp slow.sql kept.sql
    cp long.sql slow.sql
    begin run 4 run slow.json --report none
    wait_until 30 is_true "(SELECT count(*) = 3 FROM pg_stat_activity WHERE application_name LIKE 'chunkmill worker%' AND wait_event = 'PgSleep')"
    cp kept.sql slow.sql
}

middle() {
    begin run 4 run slow.json --report none
    wait_until 30 is_true "(SELECT count(*) >= 2 FROM chunkmill.chunk WHERE state = 'done')"
}

# held STEP: rank 0 is held there.
held() {
    hold "$1" 0
    begin run 4 run slow.json --report none
    wait_held run
    unhold
}

# resumed CLAIM: the documented loop does the rest.
resumed() {
    loop slow.json 3 --accept-changes
    exits "$1: then the documented loop ends with 0" 0
    exact "$1: each row exactly once"
    same "$1: it took one start more" 1 "$loops"
    fresh_items
}

# Ranks, and mpirun.
for what in "rank 0" mpirun; do
    for moment in planning long_statement middle; do
        $moment
        process=$(pid_of run)
        [ "$what" = mpirun ] || process=$(rank_pid run 0)
        kill -KILL "$process"
        finish run
        planned_on
        exits "kill -9 of $what, $moment: mpirun ends with 137" 137
        resumed "kill -9 of $what, $moment"
    done
done
held manager_before_reduce
kill -KILL "$held"
finish run
same "kill -9 of rank 0 before it reduces: all chunks are done, the run isn't" "t|running" "$(chunks_value "bool_and(state = 'done')")|$(run_value state)"
resumed "kill -9 of rank 0 before it reduces"

# Signals to mpirun.

# within CLAIM SECONDS SIGNAL: the run ends within so many seconds after the signal, and has recorded that it was interrupted.
within() {
    kill "-$3" "$(pid_of run)"
    began=$(date +%s)
    finish run 30
    same "$1: it ends within $2 s" t "$(sql "SELECT $(date +%s) - $began <= $2")"
    planned_on
    wait_until 5 is_seen_dead
    alone status slow.json --exit-status
    exits "$1: the ledger says 75" 75
}

# After a second ^C mpirun leaves before its ranks do.
is_seen_dead() {
    dead=0
    "$CHUNKMILL" status slow.json --exit-status || dead=$?
    [ "$dead" -ne 6 ]
}

for signal in TERM INT; do
    planning
    within "SIG$signal while planning" 5 $signal
    same "SIG$signal while planning: recorded" "interrupted|75" "$(run_value 'outcome, exit_status')"
    resumed "SIG$signal while planning"

    long_statement
    within "SIG$signal under a long statement" 5 $signal
    same "SIG$signal under a long statement: recorded" "interrupted|75" "$(run_value 'outcome, exit_status')"
    resumed "SIG$signal under a long statement"
done

long_statement
kill -INT "$(pid_of run)"
sleep 0.3 # a person's second ^C
within "SIGINT twice" 5 INT
resumed "SIGINT twice"

# SIGUSR1 drains.
planning
kill -USR1 "$(pid_of run)"
planned_on
finish run 30
exits "SIGUSR1 while planning: 75" 75
resumed "SIGUSR1 while planning"

# In the first wave: each worker does the chunk that it has, and what is queued stays.
held manager_before_scatter
kill -USR1 "$(pid_of run)"
let_go
finish run 30
exits "SIGUSR1 before the first wave: 75" 75
same "SIGUSR1 before the first wave: no chunk is left marked" 0 "$(chunks_value "count(*) FILTER (WHERE state = 'marked')")"
resumed "SIGUSR1 before the first wave"

# Under statements that take long it waits for them; a SIGTERM then cuts it short.
long_statement
kill -USR1 "$(pid_of run)"
wait_until 10 grep -q draining run.out
claim "SIGUSR1 under long statements: the chunks in hand are waited for" kill -0 "$(pid_of run)"
within "SIGTERM after SIGUSR1, under long statements" 5 TERM
resumed "SIGTERM after SIGUSR1"

held manager_before_finish
kill -USR1 "$(pid_of run)"
let_go
finish run 30
exits "SIGUSR1 at the end: 0, for it is done" 0
exact "SIGUSR1 at the end: each row exactly once"

conclude
