#!/bin/sh
# Keys that are hard to get right: NULLs, keys that appear after planning, a key larger than a
# chunk, odd texts, names and collations, and ranks whose environments disagree. Each update adds
# one to value, so that value = 1 in all rows is each row exactly once.
# shellcheck source=tests/support/job.sh
. "$(dirname -- "$0")/../support/job.sh"

# key_job NAME TABLE KEYS TARGET_ROWS: writes NAME.json and its update; KEYS as JSON strings.
key_job() {
    cat >"$1.sql" <<SQL
UPDATE $2 AS t SET value = value + 1, busy = NULL WHERE {chunk_filter}
SQL
    cat >"$1.json" <<JSON
{"job": "$1", "table": "$2", "row_id": "id", "key": [$3], "flag": "busy", "update": "$1.sql",
    "chunk": {"target_rows": $4}}
JSON
}

# once CLAIM TABLE [VALUE]
once() {
    same "$1: each row exactly once, none left marked" 0 \
        "$(sql "SELECT count(*) FROM $2 WHERE value <> ${3-1} OR busy IS NOT NULL")"
}

# both_filters CLAIM-PREFIX NAME TABLE: a run with each filter.
both_filters() {
    mill 4 run "$2.json" --report none
    exits "$1, filter range: it ends with 0" 0
    once "$1, filter range" "$3"
    mill 4 run "$2.json" --report none --label keys --set chunk.filter=keys
    exits "$1, filter keys: it ends with 0" 0
    once "$1, filter keys" "$3" 2
}

# The tables of one database. odd: keys with everything that quoting, arrays, collations and types
# can get wrong.
make_tables() {
    sql_script >/dev/null <<'SQL'
SET client_min_messages TO warning;
CREATE SCHEMA keys;
CREATE TYPE keys.mood AS ENUM ('zest', 'Calm', 'a''ngst');
CREATE TABLE keys.odd (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL,
    code character(3) NOT NULL,
                       mood keys.mood NOT NULL, value integer NOT NULL DEFAULT 0, busy smallint);
INSERT INTO keys.odd (name, code, mood)
SELECT name, code, mood
FROM unnest(ARRAY[E'O\'Brien "x" \\ é', '{a,b}', 'NULL', 'null', '', ' ', '  ', E'tab\there',
    E'line\nbreak', 'ß', 'SS', 'ss', 'Ä', 'ä', 'A',
                  'a', 'B', 'b', 'a ', ' a', 'a b', 'A B', '$1', '$$', '%s', E'\\N', E'\\.',
                      '(1,2)', '"', '""', '''', ',', '{}', '日本',
                  '{chunk_filter}', '-- ', '/*', ';']) AS name,
     unnest(ARRAY['a', 'B', ' c', 'abc']) AS code, unnest(enum_range(NULL::keys.mood)) AS mood,
     generate_series(1, 2);
CREATE INDEX ON keys.odd (name, code, mood);
ANALYZE keys.odd;
SQL
}

make_tables
key_job odd keys.odd '"t.name", "t.code", "t.mood"' 20
alone ledger odd.json create
exits "the ledger is made" 0
both_filters "odd texts" odd keys.odd

# The same under a collation that sorts as people do, and under one to which A is a.
sql "CREATE DATABASE collated TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu
    ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'"
export PGDATABASE=collated
make_tables
alone ledger odd.json create
both_filters "odd texts, collation en-US" odd keys.odd
sql "CREATE COLLATION keys.caseless (PROVIDER = icu, LOCALE = 'und-u-ks-level2',
    DETERMINISTIC = false);
     ALTER TABLE keys.odd ALTER name TYPE text COLLATE keys.caseless;
     UPDATE keys.odd SET value = 0"
key_job caseless keys.odd '"t.name", "t.code", "t.mood"' 20
both_filters "odd texts, without upper and lower case" caseless keys.odd
PGDATABASE=postgres

# NULLs: on each day, so also strictly inside of chunks and at their edges; in the first column; in
# both.
sql_script >/dev/null <<'SQL'
CREATE TABLE keys.nulls (id integer PRIMARY KEY, day date, name text,
    value integer NOT NULL DEFAULT 0, busy smallint);
INSERT INTO keys.nulls (id, day, name)
SELECT n, CASE WHEN n % 41 > 0 THEN date '2025-01-01' + n / 60 END, CASE
    WHEN n % 13 > 0 THEN 'n' || n % 7 END FROM generate_series(1, 1500) AS n;
CREATE INDEX ON keys.nulls (day, name);
ANALYZE keys.nulls;
SQL
key_job nulls keys.nulls '"t.day", "t.name"' 50
both_filters "NULLs" nulls keys.nulls
same "NULLs: they have chunks of their own" t "$(chunks_value "bool_or(kind = 'nulls')")"

# Keys that appear between planning and work: between two chunks' keys, before the first and behind
# the last.
sql_script >/dev/null <<'SQL'
CREATE TABLE keys.late (id integer PRIMARY KEY, day date NOT NULL, name text NOT NULL,
    value integer NOT NULL DEFAULT 0, busy smallint);
INSERT INTO keys.late (id, day, name) SELECT n, date '2025-01-01' + n / 50 * 2, 'n' || n % 7
    FROM generate_series(1, 1000) AS n;
CREATE INDEX ON keys.late (day, name);
ANALYZE keys.late;
SQL
key_job late keys.late '"t.day", "t.name"' 40
hold manager_before_scatter 0
begin late 3 run late.json --report none
wait_held late
sql "INSERT INTO keys.late (id, day, name)
     SELECT 2000 + n, date '2024-12-25' + n, CASE WHEN n % 2 = 0 THEN 'n3x' ELSE '' END
         FROM generate_series(1, 60) AS n"
let_go
finish late
unhold
exits "late keys: it ends with 0" 0
once "late keys" keys.late
same "late keys: the drift is counted" -60 "$(chunks_value 'sum(rows_planned) - sum(rows_updated)')"

# A key that no chunk can hold.
sql_script >/dev/null <<'SQL'
CREATE TABLE keys.large (id integer PRIMARY KEY, name text NOT NULL,
    value integer NOT NULL DEFAULT 0, busy smallint) WITH (fillfactor = 40);
INSERT INTO keys.large (id, name) SELECT n, CASE WHEN n % 201 > 0 THEN 'large' ELSE 'n' || n END
    FROM generate_series(1, 201000) AS n;
CREATE INDEX ON keys.large (name, id);
ANALYZE keys.large;
SQL
key_job large keys.large '"t.name"' 10000
mill 3 run large.json --report none
exits "a key of 200,000 rows: it ends with 0" 0
once "a key of 200,000 rows" keys.large
same "a key of 200,000 rows: it is split, and no chunk exceeds max_rows" t \
    "$(chunks_value "count(*) FILTER (WHERE kind = 'slice') >= 4 AND max(rows_planned) <= 50000
        AND max(rows_updated) <= 50000")"

# Names that need quotes, the ledger's too.
sql_script >/dev/null <<'SQL'
CREATE SCHEMA "Übung ""Q"" {x}";
CREATE TABLE "Übung ""Q"" {x}"."Item's List" ("The Id" integer PRIMARY KEY,
    "Key One" text NOT NULL, value integer NOT NULL DEFAULT 0, "Busy?" smallint);
INSERT INTO "Übung ""Q"" {x}"."Item's List" ("The Id", "Key One") SELECT n, 'n' || n % 70
    FROM generate_series(1, 500) AS n;
CREATE INDEX ON "Übung ""Q"" {x}"."Item's List" ("Key One");
ANALYZE "Übung ""Q"" {x}"."Item's List";
SQL
cat >quoted.sql <<'SQL'
UPDATE {odd_schema}."Item's List" AS t SET value = value + 1, "Busy?" = NULL WHERE {chunk_filter}
SQL
cat >quoted.json <<'JSON'
{"job": "quoted", "schemas": {"odd_schema": "Übung \"Q\" {x}"},
    "table": "{odd_schema}.\"Item's List\"", "row_id": "The Id", "flag": "Busy?",
 "key": ["t.\"Key One\""], "update": "quoted.sql", "chunk": {"target_rows": 40},
     "ledger_schema": "Mill's \"Ledger\""}
JSON
alone ledger quoted.json create
exits "names that need quotes: the ledger is made" 0
mill 3 run quoted.json --report none
exits "names that need quotes: it ends with 0" 0
same "names that need quotes: each row exactly once" 0 \
    "$(sql "SELECT count(*) FROM \"Übung \"\"Q\"\" {x}\".\"Item's List\" WHERE value <> 1
    OR \"Busy?\" IS NOT NULL")"
same "names that need quotes: the ledger is where it was wanted" "done" "$(sql "SELECT state
    FROM \"Mill's \"\"Ledger\"\"\".run")"

# Ranks whose environments would make one text of a key into two.
sql_script >/dev/null <<'SQL'
CREATE TABLE keys.moments (id integer PRIMARY KEY, at timestamptz NOT NULL, ratio float8 NOT NULL,
    span interval NOT NULL, raw bytea NOT NULL,
                           value integer NOT NULL DEFAULT 0, busy smallint);
INSERT INTO keys.moments (id, at, ratio, span, raw)
SELECT n, timestamptz '2025-03-29 20:00Z' + interval '00:07:13.123456' * (n / 3), CASE
    WHEN n % 97 = 0 THEN 'NaN' ELSE sin(n % 11) / 3 END,
       interval '1 day 01:02:03.5' * (n % 3 - 1), decode(lpad(to_hex(n % 5 * 40), 2,
           '0') || '5c27', 'hex')
FROM generate_series(1, 1500) AS n;
CREATE INDEX ON keys.moments (at, ratio, span, raw);
ANALYZE keys.moments;
SQL
key_job moments keys.moments '"t.at", "t.ratio", "t.span", "t.raw"' 50
key_job days keys.moments '"t.at::date", "t.ratio"' 50

# disagreeing ARGUMENTS..
disagreeing() {
    background disagreeing mpirun -q --oversubscribe --bind-to none -n 1 env PGTZ=Asia/Tokyo \
        PGDATESTYLE=SQL,DMY "$CHUNKMILL" run "$@" : \
        -n 1 env PGTZ=America/New_York PGDATESTYLE=German \
        PGOPTIONS='-c extra_float_digits=0 -c intervalstyle=sql_standard' "$CHUNKMILL" run "$@" : \
        -n 1 env PGOPTIONS="-c search_path=pg_catalog -c bytea_output=escape \
-c default_transaction_isolation=serializable" "$CHUNKMILL" run "$@" : \
        -n 1 env PGCLIENTENCODING=LATIN1 "$CHUNKMILL" run "$@"
    finish disagreeing
}
disagreeing moments.json --report none
exits "ranks that disagree about texts: it ends with 0" 0
once "ranks that disagree about texts" keys.moments
disagreeing moments.json --report none --label keys --set chunk.filter=keys
exits "ranks that disagree about texts, filter keys: it ends with 0" 0
once "ranks that disagree about texts, filter keys" keys.moments 2
disagreeing days.json --report none
exits "ranks that disagree about days: it ends with 0" 0
once "ranks that disagree about days" keys.moments 3

# Hardly anything to do.
sql 'CREATE TABLE keys.few (id integer PRIMARY KEY, name text NOT NULL,
    value integer NOT NULL DEFAULT 0, busy smallint)'
key_job few keys.few '"t.name"' 10
mill 3 run few.json --report none
exits "an empty table: it ends with 0" 0
same "an empty table: the run is done" "done" "$(run_value state)"
sql "INSERT INTO keys.few VALUES (1, 'one')"
mill 3 run few.json --report none --label one
exits "a table with one row: it ends with 0" 0
once "a table with one row" keys.few
mill 1 run few.json --report none --label alone
exits "a table with one row, one rank: it ends with 0" 0
once "a table with one row, one rank" keys.few 2

conclude
