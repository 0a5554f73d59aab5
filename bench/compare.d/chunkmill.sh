# This program: all of it, from mpirun's start to the report.
# shellcheck shell=sh disable=SC2154
peer_prepare() {
    rm -f "$scratch/report.json"
}

peer_run() {
    run_chunkmill "$job" --label bench --set chunk.target_rows="$target" --report "$scratch/report.json"
}
