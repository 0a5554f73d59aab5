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
killed items finish_committed 2 done
killed items worker_before_result:2 1 done
killed items manager_planned 0
killed items manager_before_scatter 0
killed items manager_before_finish 0 done

watch_items ''
killed noflag before_update 2
killed noflag updated 1
killed noflag finished:2 1
killed noflag finish_committed 1 done

conclude
