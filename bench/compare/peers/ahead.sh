# The ideal driver that marks two chunks ahead of the one that it updates.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # names are shared between the files
. "$here/peers/ideal.sh"

cycle() {
    next_chunk
    echo 'BEGIN; SET LOCAL synchronous_commit TO off;'
    claim next
    mark_exactly next
    echo 'COMMIT;'
    printf '%s\n' '\else'
    printf '%s\n' '\set next 0'
    printf '%s\n' '\endif'
    printf '%s\n' '\if :held0 > 0'
    echo 'BEGIN;'
    claim held0
    update_exactly
    settle held0
    echo 'COMMIT;'
    printf '%s\n' '\endif'
    printf '%s\n' '\set held0 :held1'
    printf '%s\n' '\set held1 :next'
}
