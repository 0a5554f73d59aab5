#!/bin/sh
# A run that is asked to stop: by SIGUSR1, SIGTERM and SIGINT to mpirun, and by --max-chunks; and
# how it goes on, with as many ranks as one likes.
# shellcheck source=tests/support/job.sh
. "$(dirname -- "$0")/../support/job.sh"

make_items 6000

# stopped NAME SIGNAL: a run of slow chunks that gets the signal when two of them are done.
stopped() {
    begin slow 3 run slow.json --report none
    wait_until 30 is_true "(SELECT count(*) >= 2 FROM chunkmill.chunk WHERE state = 'done')"
    kill "-$1" "$(pid_of slow)"
    finish slow 20
}

# is_recorded CLAIM-PREFIX: what must stand in the ledger after any stop.
is_recorded() {
    same "$1 is recorded as interrupted, 75" "interrupted|75" "$(run_value 'outcome, exit_status')"
    alone status slow.json --exit-status
    exits "$1: status --exit-status says 75" 75
    same "$1 left chunks to do" t \
        "$(chunks_value "count(*) FILTER (WHERE state IN ('planned', 'marked')) > 0")"
}

# resumed CLAIM-PREFIX RANKS
resumed() {
    mill "$2" run slow.json --report none
    exits "$1: started again with $2 ranks it ends with 0" 0
    exact "$1: each row exactly once"
    alone status slow.json --exit-status
    exits "$1: then status --exit-status says 0" 0
    fresh_items
}

stopped USR1
exits "SIGUSR1: mpirun ends with 75" 75
is_recorded SIGUSR1
same "SIGUSR1: the chunks at work were finished, and no chunk that was marked ahead is suspected" \
    0 "$(sql 'SELECT count(*) FROM chunkmill.in_flight')"
resumed SIGUSR1 5

stopped TERM
is_recorded SIGTERM
resumed SIGTERM 2

stopped INT
is_recorded SIGINT
resumed SIGINT 4

# The loop of the documentation, word by word: the ledger, not mpirun, says whether to start again;
# a refusal ends it.
sed -n '/^    until mpirun/,/done$/p' "$root/README.md" >loop
claim "the documented loop is there" grep -q until loop
sed -e 's|mpirun -n 4 chunkmill run JOB.json|{ loops=$((loops + 1)); \
    mill 3 run "$job" --report none --max-chunks 4; (exit "$status"); }|' \
    -e 's|chunkmill status JOB.json|"$CHUNKMILL" status "$job"|; s|sleep 10|:|' loop >loop.sh
loops=0
export job=slow.json
# shellcheck source=/dev/null
. ./loop.sh
alone status slow.json --exit-status
exits "the documented loop ends with the job done" 0
same "the documented loop went round as often as it takes" "$(chunks_value '(count(*) + 3) / 4')" \
    "$loops"
exact "the documented loop: each row exactly once"

loops=0
sed 's/"row_id"/"no_such_key"/' slow.json >refused.json
export job=refused.json
# shellcheck source=/dev/null
. ./loop.sh
same "the documented loop ends where the job is refused" 1 "$loops"

conclude
