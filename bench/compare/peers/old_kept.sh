# The same statements of the old system's, but the plan is made once and kept in memory, and so are
# the connections: kinder than it was.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # sourced: names come from elsewhere, and go there

peer_prepare() {
    plan_file=
}

# The server's default settings. The system's Python, for which Debian's psycopg2 is made: another
# may come first in PATH.
peer_run() {
    PGOPTIONS='-c timezone=UTC' /usr/bin/python3 "$compare/peers/old.py" \
        "$compare/sql/old_update.sql" "$workers" "$scope AND $window" ${plan_file:+"$plan_file"}
}
