# The old system's way in Python with psycopg2 (old.py), as many processes as there are workers. It has no way without the flag.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # sourced: names come from elsewhere, and go there
. "$lab/cycle.sh"

peer_prepare() {
    job_update '{chunk_filter} AND t."UpdateFlag" = 1' >"$scratch/old.sql"
}

# The system's Python, for which Debian's psycopg2 is made: another may come first in PATH.
peer_run() {
    PGDATABASE=bench PGOPTIONS=$session_settings /usr/bin/python3 "$lab/old.py" "$scratch/old.sql" "$workers" "$scope AND $window"
}
