#!/bin/sh
# What people do beside `run`: plan, sql, status, release, abandon; each says what is so, and
# changes what it says and nothing else. ctest: label job
# shellcheck source=tests/support/job.sh
. "$(dirname -- "$0")/../support/job.sh"

make_items 4000
in_scope=$(sql "SELECT count(*) FROM mill.items AS t WHERE $items_scope")
marks() {
    sql 'SELECT count(*) FROM mill.items WHERE "UpdateFlag" = 1'
}
# All ranks at once, and mpirun: nobody is left to clean up.
kill_held() {
    # shellcheck disable=SC2046 # processes
    kill -KILL $(pid_of held) $(children "$(pid_of held)")
    finish held
    wait_until 20 is_true \
        "NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name LIKE 'chunkmill%')"
}
# A member of what was printed as JSON.
said() {
    sql_script -v file="$(grep -vE "$log_line" out)" -v path="$1" <<'SQL'
SELECT :'file'::json #>> :'path';
SQL
}

# plan
umask 022
alone plan items.json --out plan.json --json
exits "plan ends with 0" 0
same "plan: all rows in scope are in it" "$in_scope" "$(said '{total_rows}')"
same "plan: the file has as many chunks as it says" "$(said '{num_chunks}')" \
    "$(report plan.json '{num_chunks}')"
same "plan: its chunks hold all rows" "$in_scope" "$(sql_script -v file="$(cat plan.json)" <<'SQL'
SELECT sum((c ->> 'rows')::bigint) FROM json_array_elements(:'file'::json -> 'chunks') AS c;
SQL
)"
claim "plan: its file holds no key" sh -c "! grep -Eq '[0-9]{3}-[0-9]{2}-[0-9]{4}' plan.json"
alone plan items.json --out keys.json --show-keys
claim "plan --show-keys: the file holds keys" grep -Eq '[0-9]{3}-[0-9]{2}-[0-9]{4}' keys.json
same "and is its owner's alone" 600 "$(stat -c %a keys.json)"
same "plan makes no run" 0 "$(sql 'SELECT count(*) FROM chunkmill.run')"
same "plan changes no row" 0 "$(sql 'SELECT count(*) FROM oracle.log')"

# sql
for kind in range slice nulls keys; do
    for job in items noflag; do
        "$CHUNKMILL" sql $job.json --kind $kind >$kind.$job.sql
        claim "sql: psql prepares all statements of $job for kind $kind" \
            psql -Xq -v ON_ERROR_STOP=1 -f $kind.$job.sql -c 'EXPLAIN EXECUTE distribution'
    done
done

# status, before and while
alone status items.json --exit-status
exits "status: a job that never ran needs a person, so that no loop starts it for ever" 5
same "and nothing is printed" '' "$(cat out)"
hold mark_committed 1
begin held 2 run items.json
wait_held held
alone status items.json --exit-status
exits "status: an attempt is live" 6
alone status items.json
says "status: how to stop it, by the process that is at work" "kill -USR1 $(run_value pid) "
sql "UPDATE chunkmill.attempt SET slurm_job = '4711'" >&2
alone status items.json
says "status: in Slurm it is told how to drain it" \
    'how to stop  *scancel --signal=USR1 --batch 4711 '
says "and how to end it" '^ *scancel 4711 '
alone run items.json
exits "another run is refused" 6
says "and told the same" 'scancel --signal=USR1 --batch 4711'
sql "UPDATE chunkmill.attempt SET slurm_job = NULL" >&2
marked=$(marks)
claim "there are marks" test "$marked" -gt 0
alone release items.json
exits "release refuses while an attempt is live" 6
alone abandon items.json --yes
exits "abandon refuses while an attempt is live" 6
same "and the marks are there" "$marked" "$(marks)"
unhold
kill_held

# release
marked=$(marks)
claim "killed: its marks are left" test "$marked" -gt 0
alone status items.json --json
same "status: nobody is at work" false "$(said '{is_live}')"
same "status: our marks, as many as in the table" "$marked" "$(said '{rows_marked}')"
sql "SET session_replication_role = replica; UPDATE mill.items AS t SET \"UpdateFlag\" = 1
     WHERE t.\"ID\" IN (SELECT t.\"ID\" FROM mill.items AS t WHERE $items_scope
         AND \"UpdateFlag\" IS NULL LIMIT 5)" >/dev/null
alone release items.json --dry-run
exits "release --dry-run ends with 0" 0
alone status items.json --rows --json
same "status --rows: ours and others' are told apart" "$marked/5" \
    "$(said '{rows,marked}')/$(said '{rows,marked_elsewhere}')"
same "and nothing was freed so far" $((marked + 5)) "$(marks)"
alone release items.json
exits "release frees our marks" 0
says "and says how many" "released $marked rows"
same "others' marks stay" 5 "$(marks)"
same "no chunk is marked" 0 "$(chunks_value "count(*) FILTER (WHERE state = 'marked')")"
alone release items.json --foreign
says "release --foreign counts the others'" 'elsewhere: 5 rows'
same "and leaves them" 5 "$(marks)"
alone release items.json --foreign --yes
same "release --foreign --yes frees them" 0 "$(marks)"
alone status items.json --exit-status
exits "status: unfinished, nobody at work" 75

# abandon, in the state that a crash left
hold mark_committed 1
begin held 2 run items.json
wait_held held
unhold
kill_held
marked=$(marks)
claim "killed again: marks are left" test "$marked" -gt 0
alone abandon items.json
exits "abandon without a terminal wants --yes" 2
same "and frees nothing" "$marked" "$(marks)"
sed 's/IS NOT NULL"/IS NOT NULL AND true"/' items.json >other.json
alone abandon other.json --yes
exits "abandon refuses by another scope while there are marks" 3
same "and frees nothing of it" "$marked" "$(marks)"
alone abandon items.json --yes
exits "abandon --yes ends with 0" 0
same "no mark is left" 0 "$(marks)"
same "the run is abandoned" abandoned "$(run_value state)"
alone status items.json --exit-status
exits "status: abandoned needs a person" 5
mill 3 run items.json --label anew
exits "another label runs the job" 0
alone status items.json --exit-status
exits "status: done" 0
alone status
says "status without a job lists the run that is done" 'items .*anew .*done'
says "and the one that was abandoned" 'items .*once .*abandoned'

# options
alone --version
says "--version names the program" '^chunkmill [0-9]+\.[0-9]+\.[0-9]+, commit '
for library in 'Open MPI v?[0-9]' 'libpq [0-9]' 'cJSON [0-9]' 'hwloc [0-9]'; do
    says "--version names $library" "^$library"
done
alone status --lab once --js items.json
exits "abbreviated options are taken" 0
same "and mean what they begin" once "$(said '{label}')"
alone status items.json -jl once
same "so do letters, together and behind the operand" once "$(said '{label}')"
alone run --re x items.json
exits "an ambiguous option is refused" 2
says "with what it may be" '--report, --retry-failed'
alone status --json=yes items.json
says "a switch takes no value" '--json takes no value'
alone status --jsom items.json
says "a wrong name is told the right one" 'no option --jsom; try --json'
alone status items.json --label
says "a missing value is missed" '--label needs a value: NAME'
alone status -- --label
says "behind -- there are operands only" 'error: --label: No such file'

# log
alone statos items.json
says "a line of the log tells when, who and how bad it is" \
    '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z chunkmill: error: .*statos'
script -qec "$CHUNKMILL statos items.json" /dev/null >out </dev/null || true
says "on a terminal it has no time stamp" '^chunkmill: error: .*statos'

# ledger
alone ledger items.json create --print
claim "ledger --print: psql can read it" sh \
    -c "sed '/chunkmill: info: /d; s/chunkmill/elsewhere/g' out | psql -Xq -v ON_ERROR_STOP=1"
alone ledger items.json drop
exits "ledger drop, where no run is unfinished" 0
same "it is gone" 0 "$(sql "SELECT count(*) FROM pg_namespace WHERE nspname = 'chunkmill'")"
claim "no line holds a key" sh -c "! grep -Eq '[0-9]{3}-[0-9]{2}-[0-9]{4}' everything.out"
conclude
