# GNU parallel and psql: makes the same plan, and starts one psql for each chunk, as many at a time
# as there are workers.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # names are shared between the files
. "$here/lib/cycle.sh"

peer_prepare() {
    {
        echo 'SELECT l1, l2, u1, u2 FROM bench.chunks WHERE n = :n'
        printf '%s\n' '\gset'
        {
            ! has_flag "$setting" || mark_plainly "$tile"
            update_plainly "$tile"
            ! has_flag "$setting" || release_plainly "$tile"
        } | for_psql
    } >"$scratch/chunk.sql"
}

peer_run() {
    sql -d bench -v name=bench.chunks -v target="$target" -v scope="$scope AND $window" \
        -f "$here/sql/plan.sql"
    export PGOPTIONS="$session_settings"
    sql -d bench -c 'SELECT n FROM bench.chunks ORDER BY n' |
        parallel --will-cite -j "$workers" psql -X -q -d bench -v ON_ERROR_STOP=1 -v n={} \
            -f "$scratch/chunk.sql"
}
