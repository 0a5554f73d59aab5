# The ideal driver: pgbench with prepared statements and a plan made beforehand. It takes chunks
# from a sequence, and is exact, as sql/cycle is.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # names are shared between the files
. "$here/lib/cycle.sh"

next_chunk() {
    echo "SELECT nextval('bench.turn') AS next"
    printf '%s\n' '\gset'
    printf '%s\n' "\\if :next <= $chunks"
}

cycle() {
    next_chunk
    if has_flag "$setting"; then
        echo 'BEGIN; SET LOCAL synchronous_commit TO off;'
        claim next
        mark_exactly next
        echo 'COMMIT; BEGIN;'
        claim next
        update_exactly
        settle next
        echo 'COMMIT;'
    else
        echo 'BEGIN;'
        claim next
        update_exactly
        echo "UPDATE bench.plan SET state = 'done' WHERE n = :next;"
        echo 'COMMIT;'
    fi
    printf '%s\n' '\endif'
}

peer_prepare() {
    cycle >"$scratch/cycle.sql"
}

# A client asks more often than its share of the chunks, because a slow client leaves more chunks to
# the others.
peer_run() {
    PGOPTIONS=$session_settings "$pgbench" -n -M prepared -c "$workers" -j 1 \
        -t $((chunks / 2 + 10)) -D held0=0 -D held1=0 -f "$scratch/cycle.sql" bench
}
