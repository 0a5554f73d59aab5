#!/bin/sh
# The oracle of the job tests sees each violation: each rule is broken once on purpose, in a run
# that is imitated in plain SQL.
set -eu
cd "$(dirname "$0")/../.."
oracle=tests/support/oracle
maps=conflict.conflictvisitmaps
failed=0

sql() {
    psql -XqAt -v ON_ERROR_STOP=1 "$@" >/dev/null
}

# What an honest run does: mark, update, release what the update left.
play() {
    rows="SELECT \"ID\" FROM $maps WHERE \"CONFLICTID\" IS NOT NULL AND \"UpdateFlag\" IS NULL"
    mine='IN (SELECT id FROM mine)'
    update=$(sed "s/{conflict_schema}/conflict/; s/{analytics_schema}/analytics/
        s/{chunk_filter}/t.\"ID\" $mine/" sql/conflict_visits/update.sql)
    sql -c "CREATE TEMPORARY TABLE mine (id) AS $rows" \
        -c "UPDATE $maps SET \"UpdateFlag\" = 1 WHERE \"ID\" $mine" \
        -c "$update" \
        -c "UPDATE $maps SET \"UpdateFlag\" = NULL WHERE \"UpdateFlag\" = 1 AND \"ID\" $mine"
}

# claim NAME PATTERN [judge's option]: the judge's words match the pattern, and its exit status goes
# with them.
claim() {
    status=0
    said=$($oracle/judge ${3+"$3"}) || status=$?
    # shellcheck disable=SC2254 # a pattern
    case "$status $said" in
    $2) echo "ok - $1" ;;
    *)
        failed=1
        echo "not ok - $1"
        echo "$said" | sed 's/^/# /'
        ;;
    esac
}

sql -f sql/conflict_visits/schema.sql
sql -v rows=300 -f sql/conflict_visits/data.sql
sql -c "UPDATE $maps SET \"UpdateFlag\" = 1 WHERE \"ID\" IN (100, 101)" \
    -c "UPDATE $maps SET \"CONFLICTID\" = 1 WHERE \"ID\" IN (200, 201)" \
    -c "UPDATE $maps SET \"CONFLICTID\" = NULL WHERE \"ID\" = 150" \
    -c "DELETE FROM analytics.visits WHERE \"VisitID\" = 1"
begin() {
    sql -f $oracle/install.sql -v table=$maps -v row_id=ID -v flag=UpdateFlag \
        -v scope='t."CONFLICTID" IS NOT NULL' \
        -v left='NOT EXISTS (SELECT FROM analytics.visits AS v WHERE v."VisitID" = t."VisitID")
                 OR NOT EXISTS
                 (SELECT FROM analytics.visits AS v WHERE v."VisitID" = t."ConVisitID")'
}

begin
claim "a run that did nothing is seen" "1 *never updated*not released*broken updated=0*"
play
claim "an honest run keeps the rules" "0 kept updated=*elsewhere=2 touched=0"
play
claim "a second update is seen" "1 *more than once*"
sql -c 'SELECT oracle.reset()'
play
sql -c "BEGIN" -c "UPDATE $maps SET \"UpdateCount\" = 9 WHERE \"ID\" = 200" -c "ROLLBACK"
claim "what was rolled back counts for nothing" "0 kept*"
sql -c "UPDATE $maps SET \"UpdateFlag\" = 1 WHERE \"ID\" = 200"
claim "a mark left behind is seen" "1 *flag left behind: 1 rows*"
sql -c "UPDATE $maps SET \"UpdateFlag\" = NULL WHERE \"ID\" = 200"
claim "a mark and release too many are seen" "1 *released on its own besides: 1 rows*"
claim "but allowed where chunks were tried again" "0 kept*" --retried

begin
play
sql -c "UPDATE $maps SET \"UpdateCount\" = 9 WHERE \"ID\" IN (1, 2)"
claim "an update of what the update leaves is seen" "1 *though the update leaves it: 2 rows*"

begin
play
sql -c "UPDATE $maps SET \"UpdateCount\" = 9 WHERE \"ID\" = 150"
claim "a write out of scope is seen" "1 *though out of scope: 1 rows*"

begin
play
sql -c "UPDATE $maps SET \"UpdateFlag\" = NULL WHERE \"ID\" = 101"
claim "somebody else's mark that was changed is seen" \
    "1 *marked elsewhere: 1 rows*elsewhere and changed: 1 rows*"

begin
play
sql -c "SET oracle.\"foreign\" = on" -c "DELETE FROM $maps WHERE \"ID\" = 210" \
    -c "UPDATE $maps SET \"UpdateFlag\" = 1, \"UpdateCount\" = 9 WHERE \"ID\" IN (200, 201)"
claim "foreign writers break no rule" "0 kept*touched=3"
sql -c "UPDATE $maps SET \"UpdateFlag\" = NULL WHERE \"ID\" = 200"
claim "a foreign mark that we took away is seen" "1 *foreign flag lost: 1 rows*"

begin
play
sql -c "DELETE FROM $maps WHERE \"ID\" = 220"
claim "a deleted row is seen" "1 *inserted or deleted: 1 rows*"
exit "$failed"
