#!/bin/sh
# kill -9 of a rank at each step of the cycle and of the manager's way; the next start must do the rest, and each row exactly once.
# shellcheck source=tests/support/job.sh
. "$(dirname -- "$0")/../support/job.sh"

make_items 6000
in_scope=$(sql "SELECT count(*) FROM mill.items AS t WHERE $items_scope")
updated=$(sql "SELECT count(*) FROM mill.items AS t WHERE $items_scope AND NOT ($items_left)")

# killed JOB STEP RANK [STATE]: the rank dies at the step; then the run is started again. STATE: that a chunk is found in meanwhile.
killed() {
    what="$1: rank $3 killed at $2"
    hold "$2" "$3"
    begin killed 3 run "$1.json" --report none
    wait_held killed
    kill -KILL "$held"
    finish killed
    unhold
    same "$what: the job is not done by that" 0 "$(sql "SELECT count(*) FROM chunkmill.run WHERE state LIKE 'done%'")"
    if [ $# -eq 4 ]; then
        same "$what: a chunk is found $4" t "$(chunks_value "bool_or(state = '$4')")"
    fi
    mill 3 run "$1.json" --report none
    exits "$what: the next start ends with 0" 0
    exact "$what: each row exactly once"
    same "$what: and so by the ledger" "done|$in_scope|$updated" \
        "$(chunks_value "string_agg(DISTINCT state, ' '), sum(rows_planned), sum(rows_updated)")"
    fresh_items
}

killed items before_mark 1
killed items marked:2 1
killed items mark_committed 2 marked
killed items updated:2 1 marked
killed items finished 1 marked
killed items finish_committed 2 "done"
killed items worker_before_result:2 1 "done"
killed items manager_planned 0
killed items manager_before_scatter 0
killed items manager_before_finish 0 "done"

watch_items ''
killed noflag before_update 2
killed noflag updated 1
killed noflag finished:2 1
killed noflag finish_committed 1 "done"

# Killed again and again, with filter keys and the static schedule: whichever rank's turn it is, as soon as two more chunks are done.
watch_items UpdateFlag
rounds=0
while [ "$rounds" -lt 20 ]; do
    done_before=$(sql "SELECT count(*) FROM chunkmill.chunk WHERE state = 'done'")
    begin again 4 run slow.json --report none --set chunk.target_rows=100 --set chunk.filter=keys --set schedule=static
    wait_until 30 is_true "(SELECT count(*) >= least($done_before + 2, (SELECT count(*) FROM chunkmill.chunk)) AND count(*) > 0
                           FROM chunkmill.chunk WHERE state = 'done')"
    victim=$(rank_pid again $((rounds % 4)))
    [ -z "$victim" ] || kill -KILL "$victim" 2>/dev/null || true
    finish again
    rounds=$((rounds + 1))
    alone status slow.json --exit-status
    [ "$status" -eq 75 ] || [ "$status" -eq 6 ] || break
done
exits "killed again and again it gets done all the same" 0
same "it was killed more than twice on the way" t "$(sql "SELECT $rounds > 2")"
exact "killed again and again: each row exactly once"

conclude
