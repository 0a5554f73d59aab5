# pgbench with the simplest three statements, and nothing kept: no ids, no ledger. It is exact only
# while nobody else writes and nothing fails.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # names are shared between the files
. "$here/peers/ideal.sh"

cycle() {
    next_chunk
    echo "SELECT l1, l2, u1, u2 FROM bench.plan WHERE n = :next"
    printf '%s\n' '\gset'
    if has_flag "$setting"; then
        echo 'BEGIN; SET LOCAL synchronous_commit TO off;'
        mark_plainly "$tile"
        echo 'COMMIT; BEGIN;'
        update_plainly "$tile"
        release_plainly "$tile"
        echo 'COMMIT;'
    else
        update_plainly "$tile"
    fi
    printf '%s\n' '\endif'
}
