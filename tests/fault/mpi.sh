#!/bin/sh
# Rank 0 and mpirun are killed with kill -9 at moments that tests/job/kill.sh leaves out: while
# planning, in the first wave during a long statement, in the middle, and before the reduction. The
# documented loop does the rest.
# shellcheck source=tests/support/moments.sh
. "$(dirname -- "$0")/../support/moments.sh"

for what in "rank 0" mpirun; do
    for moment in planning long_statement middle; do
        $moment
        process=$(pid_of run)
        [ "$what" = mpirun ] || process=$(rank_pid run 0)
        kill -KILL "$process"
        finish run
        planned_on
        exits "kill -9 of $what, $moment: mpirun ends with 137" 137
        alone status slow.json --exit-status
        # Even though sessions may be left for a second.
        exits "kill -9 of $what, $moment: the ledger says 75 at once" 75
        resumed "kill -9 of $what, $moment"
    done
done
held manager_before_reduce
kill -KILL "$held"
finish run
same "kill -9 of rank 0 before it reduces: all chunks are done, the run isn't" "t|running" \
    "$(chunks_value "bool_and(state = 'done')")|$(run_value state)"
resumed "kill -9 of rank 0 before it reduces"

conclude
