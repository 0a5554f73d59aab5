#!/bin/sh
# kill -9 of a rank at each step of the cycle and of the manager's way; the next start must do the
# rest, and each row exactly once.
# shellcheck source=tests/support/job.sh
. "$(dirname -- "$0")/../support/job.sh"

make_items 6000
in_scope=$(sql "SELECT count(*) FROM mill.items AS t WHERE $items_scope")
updated=$(sql "SELECT count(*) FROM mill.items AS t WHERE $items_scope AND NOT ($items_left)")

# resumed WHAT JOB [STATE]: a rank of the run `killed` has been killed; then the run is started
# again. STATE: that a chunk is found in meanwhile.
resumed() {
    what=$1
    same "$what: the job is not done by that" 0 "$(sql "SELECT count(*) FROM chunkmill.run
        WHERE state LIKE 'done%'")"
    if [ $# -eq 3 ]; then
        same "$what: a chunk is found $3" t "$(chunks_value "bool_or(state = '$3')")"
    fi
    mill 3 run "$2.json" --report none
    exits "$what: the next start ends with 0" 0
    exact "$what: each row exactly once"
    same "$what: and so by the ledger" "done|$in_scope|$updated" \
        "$(chunks_value "string_agg(DISTINCT state, ' '), sum(rows_planned), sum(rows_updated)")"
    fresh_items
}

# killed JOB STEP RANK [STATE]: the rank dies at the step.
killed() {
    hold "$2" "$3"
    begin killed 3 run "$1.json" --report none
    wait_held killed
    kill -KILL "$held"
    finish killed
    unhold
    resumed "$1: rank $3 killed at $2" "$1" ${4+"$4"}
}

# killed_before JOB STATE RANK [FOUND]: the rank dies while the server is about to commit that the
# chunk is STATE: by then it hears of the death.
killed_before() {
    stand "$2" "$3"
    begin killed 3 run "$1.json" --report none
    wait_standing "$3"
    same "$1: no chunk of rank $3 is $2 yet" \
        0 "$(chunks_value "count(*) FILTER (WHERE state = '$2' AND worker = $3)")"
    kill -KILL "$(rank_pid killed "$3")"
    finish killed
    wait_until 10 is_true "NOT EXISTS (SELECT FROM pg_stat_activity
        WHERE application_name = 'chunkmill worker $3')"
    same "$1: nor is it now" \
        0 "$(chunks_value "count(*) FILTER (WHERE state = '$2' AND worker = $3)")"
    stand_no_more
    resumed "$1: rank $3 killed before the COMMIT of $2" "$1" ${4+"$4"}
}

killed items before_mark 1
killed_before items marked 1
killed items mark_committed 2 marked
killed items updated:2 1 marked
killed_before items "done" 1 marked
killed items finish_committed 2 "done"
killed items worker_before_result:2 1 "done"
killed items manager_planned 0
killed items manager_before_scatter 0
killed items manager_before_finish 0 "done"

watch_items ''
killed noflag before_update 2
killed noflag updated 1
killed_before noflag "done" 1
killed noflag finish_committed 1 "done"

# Killed again and again, with filter keys and the static schedule: whichever rank's turn it is, as
# soon as two more chunks are done.
watch_items UpdateFlag
rounds=0
while [ "$rounds" -lt 20 ]; do
    done_before=$(sql "SELECT count(*) FROM chunkmill.chunk WHERE state = 'done'")
    begin again 4 run slow.json --report none --set chunk.target_rows=100 --set chunk.filter=keys \
        --set schedule=static
    wait_until 30 is_true "(SELECT count(*) >= least($done_before + 2, (SELECT count(*)
        FROM chunkmill.chunk)) AND count(*) > 0
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
