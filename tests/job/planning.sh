#!/bin/sh
# Planning beside the work: chunks are done while the distribution is still read, and whatever ends
# a run in the middle of both, the next start goes on with both. The reader is held by a lock, in
# the middle of the key.
# shellcheck source=tests/support/job.sh
. "$(dirname -- "$0")/../support/job.sh"

make_items 20000
items_job slow slow.sql flag >slow.json # its plan is compared with that of items.json
sql_script >/dev/null <<'SQL'
CREATE TABLE mill.trouble (what text);
CREATE FUNCTION mill.pass(id bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF id = 160 AND current_setting('application_name') LIKE '%distribution%' THEN
        PERFORM pg_advisory_xact_lock_shared(78);
        IF EXISTS (SELECT FROM mill.trouble) THEN
            RAISE 'trouble' USING ERRCODE = '58030';
        END IF;
    END IF;
    RETURN true;
END
$$;
CREATE INDEX items_date_ssn_id ON mill.items (("VisitDate"::date), "SSN",
    "ID") INCLUDE ("VisitDate") WHERE "CONFLICTID" IS NOT NULL;
VACUUM (ANALYZE) mill.items;
SQL
for job in items slow noflag; do
    sed -e 's/"t.\\"SSN\\""\]/"t.\\"SSN\\"", "t.\\"ID\\""]/' \
        -e 's/IS NOT NULL"/IS NOT NULL AND mill.pass(t.\\"ID\\")"/' \
        -e 's/"chunk": /"connection": {"lock_timeout_ms": 600000,\
            "settings": {"enable_sort": "off", "enable_hashagg": "off"}}, &/' "$job.json" >kept
    mv kept "$job.json"
done

# The plan of the newest run, in one word.
plan_of_run() {
    sql "SELECT md5(string_agg(concat_ws('|', chunk_id, kind, rows_planned, keys_planned), ','
        ORDER BY chunk_id)) FROM chunkmill.chunk
         WHERE run_id = (SELECT max(run_id) FROM chunkmill.run)"
}

hold_reader() {
    background locker psql -XAtq -c 'BEGIN; SELECT pg_advisory_xact_lock(78); SELECT pg_sleep(600)'
    wait_until 10 is_true "EXISTS (SELECT FROM pg_stat_activity
        WHERE query LIKE 'BEGIN; SELECT pg_adv%' AND wait_event = 'PgSleep')"
}

let_reader_go() {
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE query LIKE 'BEGIN; SELECT pg_adv%'" >/dev/null
    wait_until 10 is_gone "$(pid_of locker)"
}

# both JOB RANKS CHUNKS [ARGUMENTS..]: the run `run`, of which so many chunks are done while its
# planner is in the middle of the keys.
both() {
    both_job=$1
    both_ranks=$2
    both_chunks=$3
    shift 3
    hold_reader
    begin run "$both_ranks" run "$both_job.json" "$@"
    wait_until 30 is_true "(SELECT count(*) >= $both_chunks FROM chunkmill.chunk
        WHERE state = 'done')"
    claim "$both_job, $both_ranks ranks: work is done while the plan is not whole" is_true \
        "EXISTS (SELECT FROM chunkmill.plan WHERE NOT complete) AND
         EXISTS (SELECT FROM pg_stat_activity WHERE application_name LIKE '%distribution'
             AND wait_event = 'advisory')"
}

# resumed CLAIM: the next start goes on with work and plan, and comes to the plan that it would have
# been.
resumed() {
    same "$1: the plan is not whole" f "$(sql 'SELECT complete FROM chunkmill.plan')"
    mill 4 run slow.json --report none
    exits "$1: started again it ends with 0" 0
    exact "$1: each row exactly once"
    same "$1: the plan is the same as if nothing had happened" "$whole" "$(plan_of_run)"
    fresh_items
}

# Undisturbed: the plan to compare with.
mill 4 run slow.json --report none
exits "undisturbed: 0" 0
whole=$(plan_of_run)
chunks=$(chunks_value 'count(*)')
fresh_items

both items 4 20 --report both.json
alone status items.json
says "status says that planning goes on" '^how far +planning'
let_reader_go
finish run
exits "planned and worked at once: 0" 0
exact "planned and worked at once: each row exactly once"
same "planned and worked at once: the plan is the same" "$whole" "$(plan_of_run)"
same "the report has the whole plan" "true|$chunks" \
    "$(report both.json '{plan,complete}')|$(report both.json '{plan,chunks}')"
claim "the report says what was hidden" is_true \
    "$(report both.json '{phases,planning_hidden_seconds}') > 0"
fresh_items

both noflag 2 20 --report none
let_reader_go
finish run
exits "one worker, no flag: 0" 0
fresh_items

# Killed, with both in flight.
both slow 4 2 --report none
for child in $(children "$(pid_of run)"); do
    kill -KILL "$child"
done
finish run
let_reader_go
wait_until 20 is_true "NOT EXISTS (SELECT FROM pg_stat_activity
    WHERE application_name LIKE 'chunkmill%')"
resumed "killed"

# The manager's sessions alone.
for session in distribution run; do
    both slow 4 2 --report none
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'chunkmill $session'" >/dev/null
    [ "$session" = distribution ] || sleep 1
    let_reader_go
    finish run
    if [ "$session" = distribution ]; then
        exits "the reader's session is ended: 69" 69
        resumed "the reader's session is ended"
    else
        exits "the control session is ended, and comes back: 0" 0
        exact "the control session is ended: each row exactly once"
        same "the control session is ended: the plan is the same" "$whole" "$(plan_of_run)"
        fresh_items
    fi
done

# Asked to stop.
both slow 4 2 --report drained.json
kill -USR1 "$(pid_of run)"
finish run 20
exits "drained while planning: 75" 75
same "drained while planning: the report says that the plan is not whole" false \
    "$(report drained.json '{plan,complete}')"
says "drained while planning: the summary says so" 'planned .*so far'
same "drained while planning: nothing is left in flight" \
    0 "$(sql 'SELECT count(*) FROM chunkmill.in_flight')"
let_reader_go
resumed "drained"

both slow 4 2 --report none
kill -TERM "$(pid_of run)"
finish run 10
same "SIGTERM while planning is recorded" "interrupted|75" "$(run_value 'outcome, exit_status')"
let_reader_go
resumed "SIGTERM"

# The planner fails: the run stops, and what was planned counts.
sql "INSERT INTO mill.trouble VALUES ('x')" >/dev/null
both slow 4 2 --report none
let_reader_go
finish run
exits "planning fails: 5" 5
same "planning fails: the chunks in work were finished" \
    0 "$(sql 'SELECT count(*) FROM chunkmill.in_flight')"
sql 'DELETE FROM mill.trouble' >/dev/null
resumed "planning has failed"

# Who needs the whole plan waits for it.
for wish in "--set schedule=static" "--max-chunks 3"; do
    hold_reader
    # shellcheck disable=SC2086 # words
    begin run 4 run items.json --report none $wish
    wait_until 30 is_true "EXISTS (SELECT FROM pg_stat_activity
        WHERE application_name LIKE '%distribution' AND wait_event = 'advisory')"
    sleep 1
    same "$wish: nothing is done before the plan is whole" 0 "$(sql "SELECT count(*)
        FROM chunkmill.chunk WHERE state <> 'planned'")"
    let_reader_go
    finish run
    same "$wish: the plan is whole" t "$(sql 'SELECT complete FROM chunkmill.plan')"
    [ "$wish" = "--set schedule=static" ] || mill 1 run items.json --report none
    exact "$wish: each row exactly once"
    fresh_items
done

# Alone, with a key that is planned by a skip scan, in pages of 16 chunks: no page is open while a
# chunk is worked on.
sed 's/"key": \[.*\]/"key": ["t.\\"ID\\""]/; s/"target_rows": 500/"target_rows": 100/' slow.json \
    >alone.json
sed 's/pg_sleep(0.2)/pg_sleep(0.005)/' slow.sql >kept && mv kept slow.sql
hold worker_before_result 0
begin run 1 run alone.json --report none
wait_held run
same "alone: work has begun before the plan is whole" f \
    "$(sql 'SELECT complete FROM chunkmill.plan')"
same "alone: no snapshot is open meanwhile" 0 "$(sql "SELECT count(*) FROM pg_stat_activity
    WHERE application_name LIKE '%distribution' AND (backend_xmin IS NOT NULL OR state <> 'idle')")"
let_go
unhold
finish run
exits "alone: 0" 0
exact "alone: each row exactly once"

conclude
