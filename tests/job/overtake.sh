#!/bin/sh
# Two attempts at one run: an old one that stood still and was overtaken, and two that start at
# once.
# shellcheck source=tests/support/job.sh
. "$(dirname -- "$0")/../support/job.sh"

make_items 6000

# overtaken STEP: rank 1 of an old attempt and its manager stand still, as if their host were cut
# off, and the manager's session ends.
# A new attempt does the job; then the old one goes on.
overtaken() {
    hold "$1" 1
    begin old 3 run items.json --report none
    wait_held old
    unhold
    worker=$held
    manager=$(rank_pid old 0)
    kill -STOP "$worker" "$manager"
    sql "SELECT pg_terminate_backend(pid) FROM chunkmill.backend WHERE worker = -1" >/dev/null
    $2
    mill 3 run items.json --report none
    exits "$1: a new attempt takes over and ends with 0" 0
    exact "$1: by then each row exactly once"
    same "$1: the run is the new attempt's" "done|2" "$(run_value 'state, attempt')"
    let_go
    kill -CONT "$worker" "$manager"
    finish old
    exits "$1: the old one ends by the fence, 6" 6
    says "$1: and says that another one has taken over" 'taken over|run has ended'
    exact "$1: still each row exactly once"
    same "$1: the run is the new attempt's, still" "done|2|done|0" \
        "$(run_value 'state, attempt, outcome, exit_status')"
    fresh_items
}

# The old worker's session can't be ended, because nobody knows of it: only the fence is left.
hide_sessions() {
    sql 'DELETE FROM chunkmill.backend'
}

overtaken updated true
overtaken mark_committed hide_sessions
overtaken finish_committed hide_sessions

hold updated 1
begin one 2 run items.json --report none
begin two 2 run items.json --report none
is_one_refused() {
    is_gone "$(pid_of one)" || is_gone "$(pid_of two)"
}
wait_until 30 is_one_refused
if is_gone "$(pid_of one)"; then
    refused=one live=two
else
    refused=two live=one
fi
finish $refused
exits "of two that start at once, one ends with 6" 6
says "and says that another one is live, since when and how to stop it" \
    'another attempt is live.*since.*USR1'
wait_held $live
unhold
alone status items.json --exit-status
exits "meanwhile status --exit-status says 6" 6
let_go
finish $live
exits "and the other one does the job" 0
exact "two at once: each row exactly once"

conclude
