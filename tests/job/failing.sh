#!/bin/sh
# Chunks that fail, runs that are given up, marks that are released by hand, steps before and after,
# changed jobs, and the ledger's making.
# shellcheck source=tests/support/job.sh
. "$(dirname -- "$0")/../support/job.sh"

make_items 6000
in_scope=$(sql "SELECT count(*) FROM mill.items AS t WHERE $items_scope")

# edit FROM TO: another job file, TO, with what sed says in the third argument.
edit() {
    sed "$3" "$1" >"$2"
}

# One row that can't be divided by, one whose note is no number but an SSN: two chunks fail.
cat >bad.sql <<'SQL'
UPDATE {mill}.items AS t SET value = t.value + coalesce(t.note, '1')::integer / t.divisor,
"UpdateFlag" = NULL
WHERE {chunk_filter} AND t."ID" % 20 <> 7
SQL
items_job bad bad.sql flag >plain.json
edit plain.json bad.json 's/"update":/"after": ["after.sql"], "update":/'
sql 'CREATE TABLE mill.step (name text)'
echo "INSERT INTO mill.step VALUES ('after')" >after.sql
spoil() {
    sql "SET session_replication_role = replica;
         UPDATE mill.items AS t SET divisor = 0
         WHERE \"ID\" = (SELECT max(\"ID\") FROM mill.items AS t WHERE $items_scope AND NOT \
             ($items_left) AND \"VisitDate\"::date = '2025-01-10');
         UPDATE mill.items AS t SET note = '900-00-7777'
         WHERE \"ID\" = (SELECT max(\"ID\") FROM mill.items AS t WHERE $items_scope
             AND NOT ($items_left) AND \"VisitDate\"::date = '2025-02-10')" >/dev/null
}
spoil
mill 4 run bad.json --report failed.json
exits "with chunks that fail it ends with 4" 4
same "two chunks are quarantined, the others are done" "done_with_gaps|2|0" \
    "$(run_value state)|$(chunks_value "count(*) FILTER (WHERE state = 'failed'),
        count(*) FILTER (WHERE state NOT IN ('done', 'failed'))")"
same "rows of failed chunks are not updated, the others are, once" t \
    "$(sql "SELECT count(*) FILTER (WHERE value = 1) = $(chunks_value 'sum(rows_updated)')
    AND max(value) = 1 FROM mill.items")"
same "no mark is left" 0 "$(sql 'SELECT count(*) FROM mill.items WHERE "UpdateFlag" IS NOT NULL')"
same "the report counts them and adds up" 2/true \
    "$(report failed.json '{ledger,failed_chunks}')/$(report failed.json '{adds_up}')"
same "a step after is not done where there are gaps" 0 "$(sql 'SELECT count(*) FROM mill.step')"
alone status bad.json
exits "status tells of it" 0
says "status lists the division by its SQLSTATE" 22012
says "status lists the cast by its SQLSTATE" 22P02
sql 'SELECT * FROM chunkmill.failures' >failures
same "no value gets out: not printed, not in the report, not in the ledger" "" \
    "$(grep -lF 900-00-7777 everything.out failed.json failures || true)"
alone status bad.json --exit-status
exits "status --exit-status says 4" 4
sql "SET session_replication_role = replica; UPDATE mill.items SET divisor = 1 WHERE divisor = 0" \
    >/dev/null
mill 3 run bad.json --report none --retry-failed
exits "--retry-failed with one cause mended ends with 4" 4
same "and one chunk is left aside" 1 "$(chunks_value "count(*) FILTER (WHERE state = 'failed')")"
sql "SET session_replication_role = replica; UPDATE mill.items SET note = NULL
    WHERE note IS NOT NULL" >/dev/null
mill 2 run bad.json --report none --retry-failed
exits "--retry-failed with both causes mended ends with 0" 0
same "each row is done once, the others released" "done|$in_scope" \
    "$(run_value state)|$(chunks_value 'sum(rows_updated + rows_released)')"
same "no row was updated twice" 1 "$(sql 'SELECT max(value) FROM mill.items')"
same "the step after is done now" 1 "$(sql 'SELECT count(*) FROM mill.step')"
mill 2 run bad.json --report none --retry-failed
exits "--retry-failed with nothing quarantined does nothing" 0
sql 'DELETE FROM mill.step' >/dev/null
fresh_items
spoil
mill 3 run bad.json --report none --label gaps --set after_on_gaps=true
exits "with after_on_gaps it ends with 4, too" 4
same "but the step after is done" 1 "$(sql 'SELECT count(*) FROM mill.step')"
mill 2 run bad.json --report none --retry-failed
exits "--retry-failed without the label of that run is refused" 3
says "and asks for it" 'no run of the label once; try --label'
same "and nothing is done twice" 1 "$(sql 'SELECT max(value) FROM mill.items')"
fresh_items

# Too many of them.
spoil
mill 3 run plain.json --report none --set limits.max_failed_chunks=0
exits "more failed chunks than allowed stop the run with 5" 5
alone status plain.json --exit-status
exits "status --exit-status says 5" 5
same "no mark of a failed chunk is left, only those of chunks marked ahead" \
    "$(chunks_value "coalesce(sum(rows_marked) FILTER (WHERE state = 'marked'), 0)")" \
    "$(sql 'SELECT count(*) FROM mill.items WHERE "UpdateFlag" IS NOT NULL')"
mill 3 run plain.json --report none
exits "started again with the limit raised it does the others and ends with 4" 4
same "all others are done" "2|0" \
    "$(chunks_value "count(*) FILTER (WHERE state = 'failed'),
        count(*) FILTER (WHERE state NOT IN ('done', 'failed'))")"
fresh_items

# Steps before and after, each once a run, however often it is started.
sql 'TRUNCATE mill.step'
echo "INSERT INTO {mill}.step VALUES ('before')" >before.sql
echo "VACUUM {mill}.items" >vacuum.sql
edit items.json steps.json \
    's/"update":/"before": ["before.sql", {"file": "vacuum.sql", "transaction": false}],\
        "after": ["after.sql"], "update":/; s/"items",/"steps",/'
mill 3 run steps.json --report none --max-chunks 2
exits "steps: a part" 75
same "the step before is done, the one after not yet" before "$(sql 'SELECT name FROM mill.step')"
mill 3 run steps.json --report none --max-chunks 2
mill 3 run steps.json --report none
exits "steps: the rest" 0
mill 3 run steps.json --report none
same "each is done once" "after 1,before 1" "$(sql "SELECT string_agg(n, ',' ORDER BY n)
    FROM (SELECT name || ' ' || count(*) AS n FROM mill.step GROUP BY name) AS s")"
echo "INSERT INTO mill.nowhere VALUES ('before')" >before.sql
mill 3 run steps.json --report none --label broken
exits "a step before that fails stops the run with 5" 5
says "and is named" 'before.sql'
fresh_items

# die_with_marks: a run that is killed while a chunk is marked.
die_with_marks() {
    hold mark_committed:2 1
    begin killed 2 run items.json --report none
    wait_held killed
    kill -KILL "$held"
    finish killed
    unhold
}
marks='SELECT count(*) FROM mill.items WHERE "UpdateFlag" IS NOT NULL'

die_with_marks
same "a killed run leaves marks" t "$(sql "SELECT ($marks) > 0")"
alone abandon items.json
exits "abandon wants a yes" 2
alone abandon items.json --yes
exits "abandon ends with 0" 0
same "abandon releases the marks" "0|abandoned" "$(sql "$marks")|$(run_value state)"
alone status items.json --exit-status
exits "then status --exit-status says 5" 5
forget
mill 3 run items.json --report none --label anew
exits "after it a new label may start" 0
exact "the new run: each row exactly once"
same "the new run has planned anew" "$in_scope" "$(chunks_value 'sum(rows_planned)')"
fresh_items

die_with_marks
mill 2 run items.json --report none --label another
exits "another label is refused while a run is unfinished" 3
says "and the unfinished one is named" 'once'
foreign sql "UPDATE mill.items AS t SET \"UpdateFlag\" = 1
             WHERE $items_scope AND \"UpdateFlag\" IS NULL AND NOT ($items_left)
                 AND \"ID\" % 100 = 1" >/dev/null
ours=$(chunks_value "sum(rows_marked) FILTER (WHERE state = 'marked')")
before=$(sql "$marks")
alone release items.json --dry-run
same "release --dry-run changes nothing" "$before" "$(sql "$marks")"
alone release items.json
exits "release ends with 0" 0
same "release frees what the ledger holds, and nothing else" "$((before - ours))|0" \
    "$(sql "$marks")|$(chunks_value "count(*) FILTER (WHERE state = 'marked')")"
mill 3 run items.json --report none
exits "then the run goes on, and ends with 4 for the rows of others" 4
same "which are as they were" "$((before - ours))" "$(sql "$marks")"
exact "after a release: each row exactly once" --retried
alone release items.json --foreign
same "release --foreign only counts" "$((before - ours))" "$(sql "$marks")"
says "and says how many" "$((before - ours)) rows"
alone release items.json --foreign --yes
exits "release --foreign --yes ends with 0" 0
same "release --foreign --yes frees them" 0 "$(sql "$marks")"
fresh_items

hold updated 1
begin live 2 run items.json --report none
wait_held live
unhold
for command in release 'abandon --yes'; do
    # shellcheck disable=SC2086
    alone ${command%% *} items.json ${command#"${command%% *}"}
    exits "$command is refused while an attempt is live, with 6" 6
done
let_go
finish live
exits "and does not disturb it" 0
exact "release and abandon beside a run: each row exactly once"
fresh_items

# Another job under an unfinished run.
mill 2 run items.json --report none --max-chunks 2
cp items.sql first.sql
echo 'UPDATE {mill}.items AS t SET value = 1 + t.value, "UpdateFlag" = NULL WHERE {chunk_filter}
    AND t."ID" % 20 <> 7' >items.sql
mill 2 run items.json --report none
exits "another update is refused" 3
says "and --accept-changes named" '--accept-changes'
edit items.json other.json 's/"key": .*/"key": ["t.\\"SSN\\"", "t.\\"VisitDate\\"::date"],/'
mill 2 run other.json --report none --accept-changes
exits "another key is refused, whatever one accepts" 3
edit items.json other.json 's/IS NOT NULL/> 100/'
mill 2 run other.json --report none --accept-changes
exits "another scope is refused, too" 3
mill 2 run items.json --report none --accept-changes
exits "--accept-changes goes on" 0
exact "with a changed update: each row exactly once"
same "the ledger keeps which attempt ran under which" \
    2 "$(sql 'SELECT count(DISTINCT update_hash) FROM chunkmill.attempt')"
cp first.sql items.sql
fresh_items

# An error that is longer than a line is told whole. What a RAISE says is never shown, so the ledger
# is given a text as long as the server's own may be.
refused_id=$(sql "SELECT max(\"ID\") FROM mill.items AS t WHERE $items_scope AND NOT ($items_left)")
sql "CREATE FUNCTION mill.refuse() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''secret''; END';
    CREATE TRIGGER refuse BEFORE UPDATE OF value ON mill.items FOR EACH ROW
    WHEN (NEW.\"ID\" = $refused_id) EXECUTE FUNCTION mill.refuse()" >/dev/null
mill 2 run items.json --report none --label long
exits "a trigger that refuses a row: the run ends with 4" 4
same "what it says is not shown" 0 "$(grep -c secret out || true)"
sql "UPDATE chunkmill.chunk SET error = repeat('lang und \"spät\" ', 50) || 'Ende'
    WHERE state = 'failed'" >/dev/null
alone status items.json --label long --json
same "status --json has a long error whole" t "$(sql_script -v file="$(cat out)" <<'SQL'
SELECT bool_and(f ->> 'error' = repeat('lang und "spät" ', 50) || 'Ende') AND count(*) = 1
FROM json_array_elements(:'file'::json -> 'failures') AS f;
SQL
)"
sql 'DROP TRIGGER refuse ON mill.items' >/dev/null
fresh_items

# The ledger's making.
mill 2 run items.json --report none --max-chunks 2
alone ledger items.json drop
exits "the ledger is not dropped while a run is unfinished" 3
mill 2 run items.json --report none
alone ledger items.json drop
exits "it is dropped when nothing is unfinished" 0
same "nothing of it is left" 0 "$(sql "SELECT count(*) FROM pg_namespace
    WHERE nspname = 'chunkmill'")"
forget
mill 2 run items.json --report none
exits "without a ledger a run is refused" 3
says "and the command named" 'chunkmill ledger .*items.json create'
same "and nothing was changed" 0 "$(sql 'SELECT count(*) FROM oracle.log')"
alone ledger items.json create --print
exits "--print prints the statements" 0
same "and makes nothing" 0 "$(sql "SELECT count(*) FROM pg_namespace WHERE nspname = 'chunkmill'")"
claim "they make the ledger in psql" sql_script -f out
alone ledger items.json create
exits "making it again is no error" 0
mill 2 run items.json --report none --label printed
exits "and it serves a run" 0
exact "with a ledger made by psql: each row exactly once"

conclude
