# pgbench with the three statements that come to mind, and nothing kept: no ids, no ledger, exact
# only while nobody else writes and nothing fails.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # sourced: names come from elsewhere, and go there
. "$compare/peers/ideal.sh"

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
