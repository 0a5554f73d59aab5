# Functions for the whole-run tests: sourced by tests/job/*.sh, which `tests/tools/postgres with`
# has given a server of their own and ctest the program in $CHUNKMILL. Claims are lines `ok - CLAIM`
# and `not ok - CLAIM`.
# Everything happens in a throw-away folder; whatever was started is ended, however the script ends.
# shellcheck shell=sh
set -eu

: "${CHUNKMILL:?is the program; try: ctest -R job}" \
    "${CHUNKMILL_TEST_POSTGRES:?try: tests/tools/postgres with $0}"
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/chunkmill-job.XXXXXX")
cd "$work"
mkdir mpi # Open MPI's sockets, so that nothing of ours stays in /tmp
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 \
    OMPI_MCA_orte_tmpdir_base="$work/mpi"
export PGCONNECT_TIMEOUT=10
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=0}" # Open MPI keeps what it has until the end
pids=
claims=0
failures=0
is_concluded=
hold_number=0

die() {
    echo "# $*" >&2
    exit 1
}

# Children of process $1.
children() {
    cat "/proc/$1/task/$1/children" 2>/dev/null || true
}

# The beginning of a line of the log, where it isn't a terminal's (src/base/log.h).
log_line='^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z chunkmill(\[[0-9]+\])?: '
log_line="$log_line(error|warning|info|debug): "

# Whether process $1, which this script has started, has ended. Its id may be that of another
# process by then (the kernel starts again with 300 after 32,768), so only a child of this script
# counts.
is_gone() {
    ! grep -qs "^PPid:[[:space:]]*$$\$" "/proc/$1/status"
}

# Ends process $1 and its children, stopped ones too.
end_process() {
    ! is_gone "$1" || return 0
    for child in $(children "$1"); do
        kill -KILL "$child" 2>/dev/null || true
    done
    kill -TERM "$1" 2>/dev/null || true
    kill -CONT "$1" 2>/dev/null || true
}

leave() {
    status=$?
    trap '' INT TERM HUP PIPE
    for pid in $pids; do
        end_process "$pid"
    done
    # A SIGTERM doesn't end all of them within ten seconds, for instance not an mpirun that hangs.
    limit=$(($(date +%s) + 10))
    for pid in $pids; do
        while ! is_gone "$pid" && [ "$(date +%s)" -le "$limit" ]; do
            sleep 0.05
        done
        is_gone "$pid" || kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    cd /
    if [ -z "${CHUNKMILL_TEST_KEEP:-}" ]; then
        rm -rf "$work"
    else
        echo "# kept: $work"
    fi
    if [ -z "$is_concluded" ]; then
        echo "not ok - the script gets to its end (it left with $status after $claims claims)"
        exit 1
    fi
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
trap 'exit 141' PIPE

ok() {
    claims=$((claims + 1))
    echo "ok - $1"
}

not_ok() {
    claims=$((claims + 1))
    failures=$((failures + 1))
    echo "not ok - $1"
    shift
    for line in "$@"; do
        printf '%s\n' "$line" | sed 's/^/#   /'
    done
}

# claim CLAIM COMMAND..: claims that the command succeeds.
claim() {
    said=$1
    shift
    if "$@" >claim.log 2>&1; then
        ok "$said"
    else
        not_ok "$said" "$*" "$(tail -n 30 claim.log)"
    fi
}

# same CLAIM WANTED FOUND: claims that the two are the same.
same() {
    if [ "$2" = "$3" ]; then
        ok "$1"
    else
        not_ok "$1" "wanted: $2" "found:  $3"
    fi
}

# exits CLAIM STATUS: claims that the last run ended with this exit status.
exits() {
    if [ "$status" = "$2" ]; then
        ok "$1"
    else
        not_ok "$1" "wanted exit status $2, found $status" "$(tail -n 40 out)"
    fi
}

# says CLAIM REGEXP: claims that the last run printed it.
says() {
    if grep -Eq -- "$2" out; then
        ok "$1"
    else
        not_ok "$1" "nothing like: $2" "$(tail -n 40 out)"
    fi
}

# Ends a script: it fails where a claim did not hold.
conclude() {
    is_concluded=yes
    echo "# $((claims - failures)) of $claims claims hold"
    [ "$failures" -eq 0 ] || exit 1
}

# Runs SQL; prints rows as lines a|b.
sql() {
    psql -XAtq -v ON_ERROR_STOP=1 -c "$1"
}

# Runs psql with the statements on standard input; the arguments are those of psql.
sql_script() {
    psql -XAtq -v ON_ERROR_STOP=1 "$@"
}

# report FILE PATH: prints a member of a report, such as {ledger,updated_rows}.
report() {
    psql -XAtq -v ON_ERROR_STOP=1 -v file="$(cat "$1")" -v path="$2" <<'SQL'
SELECT :'file'::json #>> :'path';
SQL
}

# wait_until SECONDS COMMAND..: waits until the command succeeds; dies when it never does.
wait_until() {
    limit=$(($(date +%s) + $1))
    waited_for=$1
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(date +%s)" -le "$limit" ] || die "waited $waited_for s in vain for: $*"
        sleep 0.05
    done
}

# Whether SQL $1 is true.
is_true() {
    [ "$(sql "SELECT $1")" = t ]
}

# background NAME COMMAND..: starts it; its output is NAME.out. SIGINT works as in a terminal.
background() {
    background_name=$1
    shift
    env --default-signal=INT "$@" </dev/null >"$background_name.out" 2>&1 &
    pids="$pids $!"
    echo $! >"$background_name.pid"
}

# begin NAME RANKS ARGUMENTS..: starts the program under mpirun.
begin() {
    begin_name=$1
    ranks=$2
    shift 2
    background "$begin_name" mpirun -q --oversubscribe --bind-to none -n "$ranks" "$CHUNKMILL" "$@"
}

pid_of() {
    cat "$1.pid"
}

# Whether $1 is an mpirun that has no living rank. Open MPI 4.1's mpirun can deadlock when a rank is
# killed: it neither reaps its ranks nor ends.
has_no_ranks() {
    [ "$(cat "/proc/$1/comm" 2>/dev/null)" = mpirun ] || return 1
    for child in $(children "$1"); do
        grep -qs '^State:[[:space:]]*Z' "/proc/$child/status" || return 1
    done
}

# Whether process $1 has ended. An mpirun without ranks is killed after fifteen seconds; its exit
# status is the 137 that a killed rank gives it anyway.
has_ended() {
    ! is_gone "$1" || return 0
    if ! has_no_ranks "$1"; then
        rankless_since=
    elif [ "$(date +%s)" -ge $((${rankless_since:=$(date +%s)} + 15)) ]; then
        echo "# mpirun hangs without ranks, and is killed"
        kill -KILL "$1" 2>/dev/null || true
    fi
    return 1
}

# finish NAME [SECONDS]: waits until it has ended. Its exit status is $status, and its output is in
# the file out.
finish() {
    pid=$(pid_of "$1")
    rankless_since=
    wait_until "${2:-60}" has_ended "$pid"
    status=0
    wait "$pid" || status=$?
    cp "$1.out" out
    cat out >>everything.out
}

# mill RANKS ARGUMENTS..: runs the program under mpirun, and waits until it has ended.
mill() {
    begin mill "$@"
    finish mill
}

# alone ARGUMENTS..: runs the program without mpirun.
alone() {
    background alone "$CHUNKMILL" "$@"
    finish alone
}

# rank_pid NAME RANK: prints the process id of a rank.
rank_pid() {
    for child in $(children "$(pid_of "$1")"); do
        if { tr '\0' '\n' <"/proc/$child/environ"; } 2>/dev/null |
            grep -qx "OMPI_COMM_WORLD_RANK=$2"; then
            echo "$child"
        fi
    done
}

# hold STEP[:NUMBER] RANK: runs that begin from now on stop there (src/base/failpoint.h), until
# unhold.
hold() {
    hold_number=$((hold_number + 1))
    hold_file=$work/hold$hold_number
    export CHUNKMILL_TEST_HOLD="$1" CHUNKMILL_TEST_HOLD_RANK="$2" \
        CHUNKMILL_TEST_HOLD_FILE="$hold_file"
}

unhold() {
    unset CHUNKMILL_TEST_HOLD CHUNKMILL_TEST_HOLD_RANK CHUNKMILL_TEST_HOLD_FILE
}

is_held() {
    held=
    for file in "$hold_file".[0-9]*; do
        [ ! -e "$file" ] || held=${file##*.}
    done
    [ -n "$held" ]
}

# wait_held NAME: waits until a rank of the run is held there; its process id is $held.
wait_held() {
    limit=$(($(date +%s) + 30))
    until is_held; do
        if is_gone "$(pid_of "$1")" || [ "$(date +%s)" -gt "$limit" ]; then
            cat "$1.out" >&2
            die "no rank of $1 came to $CHUNKMILL_TEST_HOLD"
        fi
        sleep 0.02
    done
}

let_go() {
    touch "$hold_file.go"
}

# stand STATE RANK: from now on the server stands still in each COMMIT that makes a chunk STATE for
# this rank, until stand_no_more. No rank can be held there, for its COMMIT travels with the
# statement before it.
stand() {
    sql_script -v state="$1" -v rank="$2" >/dev/null <<'SQL'
SET client_min_messages = error;
CREATE TABLE IF NOT EXISTS mill.stand (state text, worker integer);
INSERT INTO mill.stand VALUES (:'state', :rank);
CREATE OR REPLACE FUNCTION mill.stand_still() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WHILE EXISTS (SELECT FROM mill.stand AS s
                  WHERE s.state = NEW.state AND s.worker = NEW.worker) LOOP
        PERFORM pg_sleep(0.02);
    END LOOP;
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS stand_still ON chunkmill.chunk;
CREATE CONSTRAINT TRIGGER stand_still AFTER UPDATE ON chunkmill.chunk DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION mill.stand_still();
SQL
}

# wait_standing RANK: waits until the server stands still for this rank.
wait_standing() {
    wait_until 30 is_true "EXISTS (SELECT FROM pg_stat_activity
        WHERE application_name = 'chunkmill worker $1' AND wait_event = 'PgSleep')"
}

stand_no_more() {
    sql 'DELETE FROM mill.stand'
}

# items_job NAME UPDATE [flag]: prints a job about mill.items (items.sql) with an update file;
# without `flag` it has none.
items_job() {
    cat <<JSON
{
    "job": "$1",
    "schemas": {"mill": "mill"},
    "table": "{mill}.items",
    "row_id": "ID",
    "key": ["t.\"VisitDate\"::date", "t.\"SSN\""],
    "scope": "t.\"CONFLICTID\" IS NOT NULL",
    "window": {"on": "t.\"VisitDate\"::date", "from": "'2025-01-03'", "to": "'2025-02-26'"},
    ${3+"\"flag\": \"UpdateFlag\","}
    "update": "$2",
    "chunk": {"target_rows": 500}
}
JSON
}

items_scope="t.\"CONFLICTID\" IS NOT NULL
    AND t.\"VisitDate\"::date BETWEEN '2025-01-03' AND '2025-02-26'"
items_left='t."ID" % 20 = 7' # the rows that the update leaves as they are

# make_items ROWS: the table, its oracle, a ledger, the jobs items.json and noflag.json, and
# slow.json, whose chunks take 0.2 s and are so many that a run is far from its end when two of them
# are done, also where all that the test does takes a second.
make_items() {
    sql_script -v rows="$1" -f "$root/tests/support/items.sql"
    cat >items.sql <<SQL
UPDATE {mill}.items AS t SET value = t.value + 1, "UpdateFlag" = NULL \
WHERE {chunk_filter} AND t."ID" % 20 <> 7
SQL
    sed 's/, "UpdateFlag" = NULL//' items.sql >noflag.sql
    sed 's/$/ AND (SELECT pg_sleep(0.2) IS NOT NULL)/' items.sql >slow.sql
    items_job items items.sql flag >items.json
    items_job noflag noflag.sql >noflag.json
    items_job slow slow.sql flag | sed 's/"target_rows": 500/"target_rows": 150/' >slow.json
    watch_items UpdateFlag
    alone ledger items.json create
    exits "the ledger is made" 0
}

# watch_items FLAG: installs the oracle's trigger; an empty FLAG is for a job without one.
watch_items() {
    psql -Xq -v table=mill.items -v row_id=ID -v flag="$1" -v scope="$items_scope" \
        -v left="$items_left" -f "$root/tests/support/oracle/install.sql"
}

# Puts the table back as it was at the beginning, and deletes all runs.
fresh_items() {
    sql "DELETE FROM chunkmill.run;
         SET session_replication_role = replica; -- the oracle watches nothing of this
         UPDATE mill.items SET value = 0, note = NULL, divisor = 1, \"UpdateFlag\" = NULL
         WHERE value <> 0 OR note IS NOT NULL OR divisor <> 1 OR \"UpdateFlag\" IS NOT NULL" \
        >/dev/null
    forget
}

# Makes the oracle forget what it has seen, before the next run.
forget() {
    sql 'SELECT oracle.reset()' >/dev/null
}

# foreign COMMAND..: to the oracle, the command is another program's.
foreign() {
    export PGOPTIONS='-c oracle.foreign=on'
    "$@"
    unset PGOPTIONS
}

# exact CLAIM [--retried]: claims that the oracle finds no rule broken; its counts are in $verdict.
exact() {
    said=$1
    shift
    if verdict=$("$root/tests/support/oracle/judge" "$@"); then
        ok "$said"
    else
        not_ok "$said" "$verdict" "$(tail -n 20 out)"
    fi
}

# run_value COLUMN: a value of the newest run, for instance state.
run_value() {
    sql "SELECT $1 FROM chunkmill.run AS r JOIN chunkmill.attempt AS a USING (run_id, attempt)
        ORDER BY run_id DESC LIMIT 1"
}

# chunks_value SUM: over the newest run's chunks, such as "count(*) FILTER (WHERE state = 'done')".
chunks_value() {
    sql "SELECT $1 FROM chunkmill.chunk WHERE run_id = (SELECT max(run_id) FROM chunkmill.run)
        AND state <> 'split'"
}
