#!/bin/sh
# Signals to mpirun at moments that tests/job/stop.sh leaves out: while planning, in the first wave,
# during a long statement, and at the end.
# shellcheck source=tests/support/moments.sh
. "$(dirname -- "$0")/../support/moments.sh"

# within CLAIM SECONDS SIGNAL: claims that the run ends within so many seconds after the signal, and
# has recorded that it was interrupted.
within() {
    kill "-$3" "$(pid_of run)"
    began=$(date +%s)
    finish run 30
    same "$1: it ends within $2 s" t "$(sql "SELECT $(date +%s) - $began <= $2")"
    planned_on
    alone status slow.json --exit-status
    exits "$1: the ledger says 75" 75
}

for signal in TERM INT; do
    planning
    within "SIG$signal while planning" 5 $signal
    same "SIG$signal while planning: recorded" "interrupted|75" \
        "$(run_value 'outcome, exit_status')"
    resumed "SIG$signal while planning"

    long_statement
    within "SIG$signal under a long statement" 5 $signal
    same "SIG$signal under a long statement: recorded" "interrupted|75" \
        "$(run_value 'outcome, exit_status')"
    resumed "SIG$signal under a long statement"
done

long_statement
kill -INT "$(pid_of run)"
sleep 0.3 # as a person would press ^C twice
within "SIGINT twice" 5 INT
resumed "SIGINT twice"

# SIGUSR1 drains.
planning
kill -USR1 "$(pid_of run)"
planned_on
finish run 30
exits "SIGUSR1 while planning: 75" 75
resumed "SIGUSR1 while planning"

# In the first wave each worker finishes the chunk that it updates. The chunks that are marked ahead
# stay marked, and are not in flight any more.
held manager_before_scatter
kill -USR1 "$held"
let_go
finish run 30
exits "SIGUSR1 before the first wave: 75" 75
same "SIGUSR1 before the first wave: nothing is left in flight" 0 "$(sql "SELECT count(*)
    FROM chunkmill.in_flight")"
resumed "SIGUSR1 before the first wave"

# It waits for long statements; a SIGTERM then ends that.
long_statement
kill -USR1 "$(pid_of run)"
wait_until 10 grep -q draining run.out
claim "SIGUSR1 under long statements: the chunks in flight are waited for" kill -0 "$(pid_of run)"
within "SIGTERM after SIGUSR1, under long statements" 5 TERM
resumed "SIGTERM after SIGUSR1"

held manager_before_finish
kill -USR1 "$held"
let_go
finish run 30
exits "SIGUSR1 at the end: 0, for it is done" 0
exact "SIGUSR1 at the end: each row exactly once"

conclude
