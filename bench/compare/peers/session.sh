# One psql session, with the same statements for the whole table at once.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # names are shared between the files
. "$here/lib/cycle.sh"

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
