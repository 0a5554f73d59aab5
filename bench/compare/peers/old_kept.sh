# The old system's statements, but with the plan and the connections kept in memory: faster than the
# old system was.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # names are shared between the files

peer_prepare() {
    plan_file=
}

# Its sessions have the server's default settings. Debian's psycopg2 is made for the system's
# Python; another may come first in PATH.
peer_run() {
    PGOPTIONS='-c timezone=UTC' /usr/bin/python3 "$here/peers/old.py" \
        "$here/sql/old_update.sql" "$workers" "$scope AND $window" ${plan_file:+"$plan_file"}
}
