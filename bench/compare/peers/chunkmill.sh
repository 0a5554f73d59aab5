# This program, from the start of mpirun to the report.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # names are shared between the files
peer_prepare() {
    rm -f "$scratch/report.json"
}

peer_run() {
    # shellcheck disable=SC2086 # several words
    $launch "$program" run "$job" --label bench --set chunk.target_rows="$target" \
        --report "$scratch/report.json"
}
