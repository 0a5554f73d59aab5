# This program: all of it, from mpirun's start to the report.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # sourced: names come from elsewhere, and go there
peer_prepare() {
    rm -f "$scratch/report.json"
}

peer_run() {
    # shellcheck disable=SC2086 # words
    $launch "$program" run "$job" --label bench --set chunk.target_rows="$target" --report \
        "$scratch/report.json"
}
