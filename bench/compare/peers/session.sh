# One psql session: the same statements, over the whole table at once.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # sourced: names come from elsewhere, and go there
. "$compare/lib/cycle.sh"

peer_prepare() {
    {
        ! has_flag "$setting" || mark_plainly "$window"
        update_plainly "$window"
        ! has_flag "$setting" || release_plainly "$window"
    } >"$scratch/session.sql"
}

peer_run() {
    sql -d bench -f "$scratch/session.sql"
}
