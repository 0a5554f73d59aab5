# The old system's way in Python with psycopg2 (old.py, old_update.sql), as many processes as there are workers, with the server's default settings.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # sourced: names come from elsewhere, and go there

peer_prepare() {
    :
}

# The system's Python, for which Debian's psycopg2 is made: another may come first in PATH.
peer_run() {
    PGOPTIONS='-c timezone=UTC' /usr/bin/python3 "$lab/old.py" "$lab/old_update.sql" "$workers" "$scope AND $window"
}
