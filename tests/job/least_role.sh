#!/bin/sh
# sql/roles.sql gives a role all that it needs and nothing more: it runs, resumes and abandons a
# job, and can't change anything else.
# ctest: label job
# shellcheck source=tests/support/job.sh
. "$(dirname -- "$0")/../support/job.sh"

make_items 3000
in_scope=$(sql "SELECT count(*) FROM mill.items AS t WHERE $items_scope")
grant() {
    psql -Xq -v role=miller -v table=mill.items -v columns='value, "UpdateFlag"' \
        -f "$root/sql/roles.sql"
}

# denied CLAIM SQL: that the role may not.
denied() {
    if PGUSER=miller psql -XAtq -v ON_ERROR_STOP=1 -c "BEGIN; $2; ROLLBACK" >denied.log 2>&1; then
        not_ok "$1" "it could: $2"
    elif grep -q 'permission denied\|must be owner' denied.log; then
        ok "$1"
    else
        not_ok "$1" "$(cat denied.log)"
    fi
}

claim "the role is made, with its rights" grant
claim "and again: nothing is in the way" grant
same "it has no other power" "t|f|f|f|f|f" \
    "$(sql "SELECT rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls
    FROM pg_roles WHERE rolname = 'miller'")"
# The oracle's trigger is the test's, not the job's.
sql 'GRANT USAGE ON SCHEMA oracle TO miller; GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA oracle
    TO miller;
     GRANT USAGE ON ALL SEQUENCES IN SCHEMA oracle TO miller' >/dev/null

PGUSER=miller alone check items.json
exits "check finds that nothing is missing" 0
PGUSER=miller mill 3 run items.json --max-chunks 2
exits "it runs a part of the job" 75
PGUSER=miller mill 3 run items.json
exits "it resumes the job, with the sessions of the attempt before to end" 0
exact "each row exactly once, by the least role"
same "none was missing" "$in_scope" "$(chunks_value 'sum(rows_planned)')"
forget

PGUSER=miller alone status
exits "it lists the runs" 0
PGUSER=miller alone status items.json --rows
exits "it counts the rows" 0
PGUSER=miller alone plan items.json
exits "it plans" 0
PGUSER=miller mill 2 run items.json --label again --max-chunks 1
exits "it begins another run" 75
PGUSER=miller alone release items.json
exits "it releases" 0
PGUSER=miller alone abandon items.json --yes
exits "it abandons" 0
same "which is abandoned" abandoned "$(run_value state)"
sed 's/$/ AND (SELECT pg_sleep(0.002) IS NOT NULL WHERE t."ID" > 0)/' items.sql >rows.sql
items_job rows rows.sql flag >rows.json
PGUSER=miller mill 3 run rows.json --report none --set connection.statement_timeout_ms=500
exits "it splits chunks that take too long" 0
same "which it did" t "$(sql "SELECT count(*) > 0 FROM chunkmill.chunk WHERE state = 'split'")"

denied "it may not write other columns" "UPDATE mill.items SET note = 'x'"
denied "it may not delete rows" 'DELETE FROM mill.items'
denied "it may not delete a run" 'DELETE FROM chunkmill.run'
denied "it may not delete a chunk" 'DELETE FROM chunkmill.chunk'
denied "it may not change the ledger's version" 'UPDATE chunkmill.ledger SET version = 2'
denied "it may not drop a table of the ledger" 'DROP TABLE chunkmill.step'
PGUSER=miller alone ledger items.json drop
exits "it may not drop the ledger" 3
claim "no line holds a key" sh -c "! grep -Eq '[0-9]{3}-[0-9]{2}-[0-9]{4}' everything.out"
conclude
