# The kills of kill_anywhere, the time of a round, and the list of what went wrong.
# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared between the files

now() {
    now_ms=$((${EPOCHREALTIME//[.,]/} / 1000))
}

is_late() {
    now
    [ "$now_ms" -gt "$late_ms" ]
}

# in_time COMMAND..: waits until it succeeds; fails when the round's time is over.
in_time() {
    until "$@"; do
        ! is_late || return 1
        sleep 0.02
    done
}

# trouble TEXT: the round has failed for this reason.
trouble() {
    troubles+=("$*")
}

# Prints the process of one session: of a worker, of the manager, or one that waits for the answer
# to a COMMIT.
session_of() {
    which="application_name LIKE 'chunkmill%'"
    case $1 in
    worker) which="application_name LIKE 'chunkmill worker%'" ;;
    manager) which="$which AND application_name NOT LIKE 'chunkmill worker%'" ;;
    committer) which="$which AND wait_event = 'SyncRep'" ;;
    esac
    sql "SELECT pid FROM pg_stat_activity WHERE $which ORDER BY random() LIMIT 1" 2>/dev/null ||
        true
}

rank_is_there() {
    victim=$(rank_pid "$name" "$1")
    [ -n "$victim" ] || is_gone "$mpirun"
}

signal_rank() {
    in_time rank_is_there "$2" || return 0
    [ -z "$victim" ] || kill -"$1" "$victim" 2>/dev/null || true
}

end_session() {
    victim=$(session_of "$1")
    [ -n "$victim" ] || return 0
    if [ "$2" = KILL ]; then
        kill -KILL "$victim" 2>/dev/null || true # the server crashes, and recovers by itself
    else
        sql "SELECT pg_terminate_backend($victim)" >/dev/null 2>&1 || true
    fi
}

is_restarted() {
    "$root/tests/tools/postgres" restart "$CHUNKMILL_TEST_POSTGRES" "$1" >>postgres.out 2>&1
}

kill_postmaster() {
    kill -KILL "$(head -n 1 "$data/postmaster.pid")"
    draw 1000
    sleep "$(printf '0.%03d' "$drawn")"
    in_time is_restarted immediate || trouble "the server does not start again"
}

set_standby() {
    sql "ALTER SYSTEM SET synchronous_standby_names = '$1'" >/dev/null 2>&1 &&
        sql 'SELECT pg_reload_conf()' >/dev/null 2>&1
}

# Loses the answer to a COMMIT. While the server waits for a standby that isn't there, the
# transaction is committed, but the client isn't told. Then the session ends, or the server crashes.
lose_answer() {
    set_standby nobody || return 0
    for ((waits = 0; waits < 40; waits++)); do
        [ -z "$(session_of committer)" ] || break
        ! is_gone "$mpirun" || break
        sleep 0.02
    done
    one_of TERM TERM KILL immediate
    case $drawn in
    immediate) is_restarted immediate || trouble "the server does not restart" ;;
    *) end_session committer "$drawn" ;;
    esac
    in_time set_standby '' || trouble "the server is away"
}

# Stops the manager and a worker, as if their host were cut off, and ends the manager's session. The
# ledger forgets the idle sessions of workers, so that only the fence protects the rows against
# them.
stop_ranks() {
    signal_rank STOP "$1"
    standing+=" $victim"
    [ "$1" -eq 0 ] || signal_rank STOP 0
    standing+=" $victim"
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name LIKE 'chunkmill%' AND application_name NOT LIKE 'chunkmill worker%';
         DELETE FROM chunkmill.backend AS b USING pg_stat_activity AS a
         WHERE a.pid = b.pid AND a.backend_start = b.backend_start AND a.state = 'idle'" \
        >/dev/null 2>&1 || true
}

go_on() {
    # shellcheck disable=SC2086 # pids, each a word
    [ -z "$standing" ] || kill -CONT $standing 2>/dev/null || true
    standing=
}

# Cancels a dozen statements of workers within a second.
cancel_statements() {
    for ((cancels = 0; cancels < 12; cancels++)); do
        sql "SELECT pg_cancel_backend(pid) FROM pg_stat_activity
            WHERE application_name LIKE 'chunkmill worker%' AND state = 'active'
             ORDER BY random() LIMIT 1" >/dev/null 2>&1 || true
        draw 60
        sleep "$(printf '0.%03d' "$drawn")"
    done
}

strike() {
    draw 100
    rank=$((ranks == 1 ? 0 : 1 + drawn % (ranks - 1)))
    [ "$1" != manager ] || rank=0
    case $1 in
    worker | manager) signal_rank KILL "$rank" ;;
    mpirun) kill -KILL "$mpirun" 2>/dev/null || true ;;
    worker_session | manager_session) end_session "${1%_*}" TERM ;;
    worker_backend | manager_backend) end_session "${1%_*}" KILL ;;
    fast | immediate) is_restarted "$1" || trouble "the server does not restart" ;;
    postmaster) kill_postmaster ;;
    answer) lose_answer ;;
    TERM | INT | USR1) kill -"$1" "$mpirun" 2>/dev/null || true ;;
    stop) stop_ranks "$rank" ;;
    cancel) cancel_statements ;;
    esac
}
