# Brings a run to a chosen moment, for kills and signals: sourced by tests/fault/mpi.sh and
# signals.sh.
# shellcheck shell=sh
# shellcheck source=tests/support/fault.sh
. "$(dirname -- "$0")/../support/fault.sh"

make_items 3000
sed 's/pg_sleep(0.2)/pg_sleep(600)/' slow.sql >long.sql

# Each of these functions begins the run `run`, and returns when the moment has come.

# While planning: a trigger on the ledger's chunks waits for a lock that another session holds.
sql_script >/dev/null <<'SQL'
CREATE FUNCTION mill.wait_at_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(77);
    RETURN NULL;
END
$$;
CREATE TRIGGER wait_at_plan BEFORE INSERT ON chunkmill.chunk
    FOR EACH STATEMENT EXECUTE FUNCTION mill.wait_at_plan();
SQL
planning() {
    background locker psql -XAtq -c 'BEGIN; SELECT pg_advisory_xact_lock(77); SELECT pg_sleep(600)'
    wait_until 10 is_true "EXISTS (SELECT FROM pg_stat_activity
        WHERE query LIKE 'BEGIN; SELECT pg_adv%' AND wait_event = 'PgSleep')"
    begin run 4 run slow.json --report none --set connection.lock_timeout_ms=600000
    wait_until 30 is_true "EXISTS (SELECT FROM pg_stat_activity
        WHERE application_name LIKE 'chunkmill%' AND wait_event = 'advisory')"
}
planned_on() {
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE query LIKE 'BEGIN; SELECT pg_adv%'" >/dev/null
}

# In the first wave: each worker has marked a chunk, and is in the middle of an update that takes
# ten minutes. The update file is put back afterwards.
long_statement() {
    cp slow.sql kept.sql
    cp long.sql slow.sql
    begin run 4 run slow.json --report none
    wait_until 30 is_true "(SELECT count(*) = 3 FROM pg_stat_activity
        WHERE application_name LIKE 'chunkmill worker%' AND wait_event = 'PgSleep')"
    cp kept.sql slow.sql
}

middle() {
    begin run 4 run slow.json --report none --set chunk.target_rows=100
    wait_until 30 is_true "(SELECT count(*) >= 2 FROM chunkmill.chunk WHERE state = 'done')"
}

# held STEP: rank 0 is held at this fail point.
held() {
    hold "$1" 0
    begin run 4 run slow.json --report none
    wait_held run
    unhold
}

# resumed CLAIM: claims that the documented loop does the rest.
resumed() {
    loop slow.json 3 --accept-changes
    exits "$1: then the documented loop ends with 0" 0
    exact "$1: each row exactly once"
    same "$1: it took one start more" 1 "$loops"
    fresh_items
}
