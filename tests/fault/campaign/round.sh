# A round of kill_anywhere: its beginning, its foreign writers, its end, and the verdict.
# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared between the files

begin_round() {
    flag=
    has_flag=false
    [ "$job" != flag ] || flag=UpdateFlag has_flag=true
    rm -rf ./*.out ./*.pid hold[0-9]* mpi/* stop
    sql_script -v rest="$rest" -v flag="$has_flag" -v nulls="$nulls" -v flagged="$flagged" \
        -v slow="$slow" >/dev/null <<'SQL'
SET lock_timeout = '20s';
SET session_replication_role = replica;
CALL mill.begin_round(:rest, :flag, :nulls, :flagged, :slow);
VACUUM ANALYZE mill.items;
SQL
    if [ "$flag" = "$watched" ]; then
        forget
    else
        watch_items "$flag"
        watched=$flag
    fi
}

# Writers take another seed after each crash; otherwise the ids of deleted rows would come again.
begin_foreign() {
    draw 1000
    for number in 1 2; do
        foreign background "writer$number" \
            bash -c 'n=0
                until [ -e stop ]; do
                    psql -Xq -c "CALL mill.meddle(0.$0$n)" || sleep 0.1
                    n=$((n + 1))
                done' "$drawn$number"
    done
}

end_foreign() {
    touch stop
    sql 'INSERT INTO mill.stop VALUES (true)' >/dev/null
    for number in 1 2; do
        in_time is_gone "$(pid_of writer$number)" || trouble "writer $number does not end"
    done
}

is_up() {
    sql 'SELECT' >/dev/null 2>&1
}

# Prints the ranks of this round that are still there.
strays() {
    for process in /proc/[0-9]*; do
        if [ "$process/exe" -ef "$CHUNKMILL" ] && [ "$process/cwd" -ef "$work" ]; then
            echo "${process#/proc/}"
        fi
    done
}

is_quiet() {
    [ -z "$(strays)" ] && is_true "NOT EXISTS (SELECT FROM pg_stat_activity
        WHERE application_name LIKE 'chunkmill%')"
}

# Lets ranks that were stopped go on; they must end by themselves.
come_to_rest() {
    go_on
    for each in $names; do
        [[ $ended_names == *" $each "* ]] || ends "$each"
    done
    in_time is_up || trouble "the server is away"
    ! $foreign || end_foreign
    in_time is_quiet || trouble "ranks or sessions are left: $(strays)"
}

count_writes() {
    in_time is_up || true
    sql 'SELECT count(*) FROM oracle.log' 2>/dev/null || true
}

judge() {
    writes_now=$(count_writes)
    [ "$writes" = "$writes_now" ] ||
        trouble "an old attempt writes to rows after the run's end: $writes, then $writes_now"
    retried=()
    excused='^$'
    ! $released || retried=(--retried)
    ! $abandoned || retried=(--retried)
    ! $abandoned ||
        excused='^broken |^oracle: (in scope and never|left by the update and not released)'
    if ! verdict=$("$root/tests/support/oracle/judge" "${retried[@]}" 2>&1); then
        verdict=$(printf '%s\n' "$verdict" | grep -vE "$excused" || true)
        [ -z "$verdict" ] || trouble "$verdict"
    fi
    contradictions=$(sql_script -v foreign="$foreign" -v released="$released" \
        -v abandoned="$abandoned" -f "$here/ledger.sql" 2>&1) || true
    [ -z "$contradictions" ] || trouble "$contradictions"
    found=$(grep -hE 'AddressSanitizer|LeakSanitizer|runtime error:|Assertion|a bug:' ./*.out |
        head -n 5 || true)
    [ -z "$found" ] || trouble "$found"
}

keep_evidence() {
    evidence=$root/build/fault/$1
    rm -rf "$evidence"
    mkdir -p "$evidence"
    printf '%s\n' "$story" "${troubles[@]}" >"$evidence/story"
    cp ./*.out "$evidence"
    tail -n 300 "$data/../server.log" >"$evidence/server.log" || true
    for table in chunkmill.run chunkmill.attempt chunkmill.backend chunkmill.chunk mill.items \
        oracle.log oracle.expected oracle.touched pg_stat_activity pg_locks; do
        psql -Xq --csv -c "SELECT * FROM $table" >"$evidence/$table.csv" 2>&1 || true
    done
}

# After a round that failed, ends what does not end by itself.
sweep() {
    touch stop
    for pid in $pids; do
        end_process "$pid"
    done
    sleep 2 # the time that mpirun needs to end its ranks; one that hangs has to be killed
    for pid in $pids; do
        is_gone "$pid" || kill -KILL "$pid" 2>/dev/null || true
    done
    for pid in $(strays); do
        kill -KILL "$pid" 2>/dev/null || true
    done
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name LIKE 'chunkmill%' OR query LIKE '%meddle%'
         AND pid <> pg_backend_pid()" >/dev/null 2>&1 || true
}

play_round() {
    RANDOM=$1
    draw 1000000000
    next_seed=$drawn
    troubles=()
    names=
    ended_names=
    standing=
    released=false
    abandoned=false
    attempt=0
    draw_job
    draw_kills
    begin_round
    now
    began_ms=$now_ms
    late_ms=$((began_ms + most_ms))
    ! $foreign || begin_foreign
    loop
    final=$status
    writes=$(count_writes)
    late_ms=$((late_ms + 20000))
    come_to_rest
    judge
    now
}

# Prints the round's line, and after a failure the reasons.
tell() {
    word=ok
    [ ${#troubles[@]} -eq 0 ] || word=FAILED
    printf 'round %d seed %d: %s: %d attempts, status %s, %d.%d s: %s\n' "$round" "$seed" "$story" \
        "$attempt" "$final" $(((now_ms - began_ms) / 1000)) \
        $(((now_ms - began_ms) / 100 % 10)) "$word"
    [ "$word" = ok ] || printf '%s\n' "${troubles[@]}" "evidence: $root/build/fault/$seed" |
        sed 's/^/    /'
}
