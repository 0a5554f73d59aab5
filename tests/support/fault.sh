# Functions for the fault scenarios (tests/fault/*.sh), beyond those of job.sh, which it sources:
# runs with chunks in flight, the documented loop, the server's processes, and TCP on the loopback.
# shellcheck shell=sh
# shellcheck source=tests/support/job.sh
. "$(dirname -- "$0")/../support/job.sh"

# skip WHY: ends the script; ctest counts it as skipped.
skip() {
    echo "# skipped: $*"
    is_concluded=yes
    exit 77
}

need_root() {
    [ "$(id -u)" -eq 0 ] || skip "$* needs root"
}

# Runs a command as the owner of the server's files.
as_server() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd / && exec setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@")
    else
        (cd / && exec "$@")
    fi
}

server() {
    "$root/tests/tools/postgres" "$@"
}

# Prints the process id of the server's main process.
postmaster() {
    head -n 1 "$(sql 'SHOW data_directory')/postmaster.pid"
}

is_up() {
    sql 'SELECT 1'
}

# begin_slow [ARGUMENTS..]: begins a run with three workers whose chunks take 0.2 s, and waits until
# two of them are done.
begin_slow() {
    begin slow 4 run slow.json --report none "$@"
    wait_until 30 is_true "(SELECT count(*) >= 2 FROM chunkmill.chunk WHERE state = 'done')"
}

# ends_well NAME CLAIM [ATTEMPTS]: claims that the run NAME ends with 0 and each row exactly once,
# in so many attempts.
ends_well() {
    finish "$1" 100
    exits "$2: it ends with 0" 0
    exact "$2: each row exactly once"
    same "$2: the run is done, by attempt ${3:-1}" "done|${3:-1}" "$(run_value 'state, attempt')"
}

# loop JOB RANKS [ARGUMENTS..]: README.md's loop without its sleep: it goes on as long as the ledger
# says 75.
# How often it started is $loops; the last run's output is the file last.
loop() {
    loop_job=$1
    loop_ranks=$2
    shift 2
    loops=0
    while :; do
        loops=$((loops + 1))
        [ "$loops" -le 20 ] || die "the loop has no end"
        mill "$loop_ranks" run "$loop_job" --report none "$@"
        cp out last
        case $status in 2 | 3) break ;; esac
        alone status "$loop_job" --exit-status
        [ "$status" = 75 ] || break
    done
}

# Prints a port of the loopback that nobody listens on.
free_port() {
    port=$((20000 + $$ % 10000))
    while ss -Hltn "sport = :$port" | grep -q .; do
        port=$((port + 1))
    done
    echo "$port"
}

# A query for the sessions of the run in progress, as (worker, pid).
sessions="SELECT b.worker, b.pid FROM pg_stat_activity AS a
    JOIN chunkmill.backend AS b ON a.pid = b.pid AND a.backend_start = b.backend_start"

# Prints the server's process of worker $1 (-1: the manager's control session).
backend_of() {
    sql "SELECT max(pid) FROM ($sessions) AS s WHERE worker = $1"
}
