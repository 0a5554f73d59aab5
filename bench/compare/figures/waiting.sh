# The CPU time of ranks that wait, in three states: at the start, while rank 0 waits for the table;
# in the tail, while one worker waits for a row; and before the last collective, while rank 0 does
# the step after. The busiest rank counts. The server holds each state until it was watched.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # names are shared between the files

ranks_of() {
    cat "/proc/$1/task/$1/children"
}

wait_until_true() {
    limit=$(($(date +%s) + 120))
    until [ "$(sql -d bench -c "SELECT $1")" = t ]; do
        [ "$(date +%s)" -le $limit ] || die "waited in vain until $1"
        sleep 0.05
    done
}

# Prints the hundredths of a second of CPU that the busiest rank uses in $seconds, in a run whose
# mpirun is process $1.
busiest() {
    for rank in $(ranks_of "$1"); do
        echo "$rank $(ticks "$rank")"
    done >before.ticks
    sleep "$seconds"
    while read -r rank before; do
        echo $(($(ticks "$rank") - before))
    done <before.ticks | sort -n | tail -n 1
}

# watch STATE CONDITION: waits until the condition holds, measures the ranks, and lets the run go
# on.
watch() {
    wait_until_true "$2"
    [ "$(ranks_of "$run" | wc -w)" -eq $((workers + 1)) ] || die "$1: not all ranks are there"
    used=$(busiest "$run")
    end_background
    sql -d bench -c "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE application_name = 'holder'" >holder.log
    wait "$run" || { tail -n 20 run.log >&2; die "$1: the run has failed"; }
    percent=$(awk -v u="$used" -v s="$seconds" 'BEGIN { printf "%.2f", u / s }')
    figure "CPU of a waiting rank, $1" "$percent% of a core" "1%" "$(verdict "$percent" 1)"
}

# Begins a session that holds what SQL $1 locks.
hold() {
    in_background env PGAPPNAME=holder psql -X -q -d bench -c "BEGIN; $1; SELECT pg_sleep(600)"
    wait_until_true "EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'holder'
        AND query LIKE '%pg_sleep%' AND wait_event = 'PgSleep')"
}

# Starts a run whose mpirun is process $run.
start_run() {
    # shellcheck disable=SC2086 # several words
    env PGDATABASE=bench $launch "$program" run "$job" --report none \
        --set connection.lock_timeout_ms=600000 --set chunk.target_rows="$size" \
        >run.log 2>&1 </dev/null &
    run=$!
}

waits='EXISTS (SELECT FROM pg_locks WHERE NOT granted)'

figure_run() {
    setting=flag50
    write_job "$setting"
    few=$((rows / 5)) size=$((rows / 200))
    make_base 50 $few $size
    reset "$base"
    hold 'LOCK TABLE conflict.conflictvisitmaps IN ACCESS EXCLUSIVE MODE'
    start_run
    watch "at the start" "$waits"
    reset "$base"
    hold "SELECT FROM conflict.conflictvisitmaps WHERE \"ID\" = (SELECT max(t.\"ID\")
        FROM conflict.conflictvisitmaps AS t WHERE $scope AND $window) FOR UPDATE"
    start_run
    watch "in the tail" "$waits
        AND (SELECT max(finished_at) < clock_timestamp() - interval '1 s' FROM chunkmill.chunk)"
    reset "$base"
    echo "SELECT pg_sleep($((seconds + 5)))" >last.sql
    sed -i 's/"after": \[\]/"after": ["last.sql"]/' "$job"
    start_run
    watch "before the last collective" \
        "EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep')"
}
