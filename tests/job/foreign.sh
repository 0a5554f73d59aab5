#!/bin/sh
# Other programs at the same rows: flags set before and during a run, row locks, and rows of ours
# that are written to, moved and deleted.
# shellcheck source=tests/support/job.sh
. "$(dirname -- "$0")/../support/job.sh"

make_items 6000

# Another program that takes free rows, keeps them for a moment and frees them again, until a row in
# mill.stop tells it to end. It complains when a row of its own was written to by somebody else.
sql_script >/dev/null <<'SQL'
CREATE TABLE mill.stop (now boolean);
CREATE TABLE mill.complaint (text text);
CREATE TABLE mill.taken (rounds bigint);
CREATE PROCEDURE mill.meddle() LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
    sum_before bigint;
    freed bigint;
    sum_after bigint;
    first bigint;
BEGIN
    LOOP
        first = random() * 5900;
        WITH taken AS (
            UPDATE mill.items SET "UpdateFlag" = 1
            WHERE "ID" IN (SELECT "ID" FROM mill.items WHERE "ID" BETWEEN first AND first + 100
                AND "UpdateFlag" IS NULL
                           ORDER BY "ID" LIMIT 20 FOR UPDATE SKIP LOCKED)
              AND "UpdateFlag" IS NULL
            RETURNING "ID", value
        )
        SELECT array_agg("ID"), sum(value) INTO ids, sum_before FROM taken;
        COMMIT;
        PERFORM pg_sleep(random() * 0.03);
        EXIT WHEN EXISTS (SELECT 1 FROM mill.stop); -- and leaves these flagged
        WITH freed AS (
            UPDATE mill.items SET "UpdateFlag" = NULL WHERE "ID" = ANY (ids)
                AND "UpdateFlag" = 1 RETURNING value
        )
        SELECT count(*), sum(value) INTO freed, sum_after FROM freed;
        IF freed <> cardinality(ids) OR sum_after <> sum_before THEN
            INSERT INTO mill.complaint
                VALUES (format('%s of my %s rows, sum %s, once %s', freed, cardinality(ids),
                    sum_after, sum_before));
        END IF;
        INSERT INTO mill.taken VALUES (cardinality(ids));
        COMMIT;
    END LOOP;
END
$$;
SQL

for number in 1 2 3; do
    foreign background "meddler$number" psql -Xq -c 'CALL mill.meddle()'
done
wait_until 10 is_true '(SELECT count(*) > 20 FROM mill.taken)'
mill 4 run slow.json --report none --set chunk.target_rows=250
meddled=$status
sql 'INSERT INTO mill.stop VALUES (true)'
for number in 1 2 3; do
    finish "meddler$number"
    exits "program $number that takes and frees rows ends by itself" 0
done
cp mill.out out
same "meanwhile it took rows often" t "$(sql 'SELECT count(*) > 200 FROM mill.taken')"
same "its flags were not touched, nor its rows while it had them" "" \
    "$(sql 'SELECT text FROM mill.complaint LIMIT 3')"
exact "rows that it did not take: each exactly once"
same "no row was updated twice" 0 "$(sql 'SELECT count(*) FROM mill.items WHERE value > 1')"
same "each row was updated, or left by the update, or counted as marked elsewhere" t \
    "$(sql "SELECT $(chunks_value 'sum(rows_elsewhere)')
        BETWEEN count(*) FILTER (WHERE NOT ($items_left)) AND count(*)
            FROM mill.items AS t WHERE $items_scope AND value = 0")"
same "the exit status says whether any were left out" "$meddled" \
    "$(chunks_value 'CASE WHEN sum(rows_elsewhere) > 0 THEN 4 ELSE 0 END')"
sql 'TRUNCATE mill.stop'
fresh_items

# Flagged by others before the start, and left so.
flagged='t."ID" % 300 BETWEEN 10 AND 12'
foreign sql "UPDATE mill.items AS t SET \"UpdateFlag\" = 1 WHERE $flagged" >/dev/null
forget
elsewhere=$(sql "SELECT count(*) FROM mill.items AS t WHERE $items_scope AND $flagged")
mill 3 run items.json --report gaps.json
exits "with rows flagged by others it ends with 4" 4
exact "rows flagged by others stay as they are, the others are updated exactly once"
same "they are counted: in the ledger" "done_with_gaps|$elsewhere" \
    "$(run_value state)|$(chunks_value 'sum(rows_elsewhere)')"
same "they are counted: in the report" "$elsewhere/true" \
    "$(report gaps.json '{ledger,elsewhere_rows}')/$(report gaps.json '{adds_up}')"
alone status items.json --exit-status
exits "status --exit-status says 4" 4
fresh_items

# Rows locked by another session for 3 s, three times our lock_timeout.
background locker psql -XAtq -c "BEGIN; SELECT \"ID\" FROM mill.items AS t WHERE $items_scope
    AND \"ID\" % 500 = 1 FOR UPDATE; SELECT pg_sleep(3)"
wait_until 10 is_true "EXISTS (SELECT 1 FROM pg_stat_activity
    WHERE query LIKE 'BEGIN; SELECT \"ID\"%' AND wait_event = 'PgSleep')"
mill 3 run items.json --report none
exits "rows locked for 3 s are waited for" 0
exact "rows locked for a while: each row exactly once"
finish locker
fresh_items

# What others do to rows of ours between mark and update: write, delete, move to another key, move
# out of the scope. Seen with one worker that stands there with its first chunk marked, and rows of
# it that the update would not leave.
hold mark_committed 1
begin between 2 run items.json --report between.json
wait_held between
foreign sql_script >/dev/null <<SQL
CREATE TABLE mill.ours AS
SELECT "ID" AS id, row_number() OVER (ORDER BY "ID") AS n FROM mill.items AS t
WHERE "UpdateFlag" = 1 AND NOT ($items_left) ORDER BY "ID" LIMIT 50;
UPDATE mill.items SET note = 'written' WHERE "ID" IN (SELECT id FROM mill.ours WHERE n <= 10);
DELETE FROM mill.items WHERE "ID" IN (SELECT id FROM mill.ours WHERE n BETWEEN 11 AND 17);
UPDATE mill.items SET "VisitDate" = '2025-02-20 08:00', note = 'moved'
    WHERE "ID" IN (SELECT id FROM mill.ours WHERE n BETWEEN 21 AND 30);
UPDATE mill.items SET "CONFLICTID" = NULL, note = 'out'
    WHERE "ID" IN (SELECT id FROM mill.ours WHERE n BETWEEN 31 AND 35);
UPDATE mill.items SET "UpdateFlag" = NULL, note = 'freed'
    WHERE "ID" IN (SELECT id FROM mill.ours WHERE n BETWEEN 41 AND 44);
SQL
let_go
finish between
unhold
exits "rows of ours written to, moved and deleted: it ends with 0" 0
exact "rows of ours that nobody wrote to: each exactly once"
same "those written to: each exactly once" "10|1|1" \
    "$(sql "SELECT count(*), min(value), max(value) FROM mill.items WHERE note = 'written'")"
same "those freed by somebody: at most once" t "$(sql "SELECT count(*) = 4 AND max(value) <= 1
    FROM mill.items WHERE note = 'freed'")"
same "those moved to another key: at most once, by the chunk that they are in then" t \
    "$(sql "SELECT count(*) = 10 AND max(value) <= 1 FROM mill.items WHERE note = 'moved'")"
same "those moved out of the scope: not updated" "5|0" "$(sql "SELECT count(*), max(value)
    FROM mill.items WHERE note = 'out'")"
same "no mark is left anywhere" \
    0 "$(sql 'SELECT count(*) FROM mill.items WHERE "UpdateFlag" IS NOT NULL')"
same "those deleted are counted as lost" 7/7 \
    "$(chunks_value 'sum(rows_lost)')/$(report between.json '{ledger,lost_rows}')"
same "marked is updated, released and lost" true "$(report between.json '{adds_up}')"

conclude
