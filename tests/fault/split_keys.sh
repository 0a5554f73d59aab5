#!/bin/sh
# Splits with keys whose text has less, or more, in it than their order.
# shellcheck source=tests/support/fault.sh
. "$(dirname -- "$0")/../support/fault.sh"

sql_script >/dev/null <<'SQL'
CREATE EXTENSION citext;
CREATE SCHEMA k;
CREATE COLLATION k.ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TYPE k.mood AS ENUM ('zz', 'mm', 'aa');
CREATE DOMAIN k.dom AS numeric CHECK (VALUE > -100);
SQL
cat >keys.sql <<'SQL'
UPDATE k.t AS t SET n = n + 1, flag = NULL
WHERE {chunk_filter} AND (SELECT pg_sleep(0.03) IS NOT NULL WHERE t.n >= 0)
SQL

# try NAME TYPE VALUE ROW_ID_TYPE ROW_ID KEY [keys]: makes a table of 24 rows, whose key and row id
# are these expressions of g, and does it as one chunk that is split; with `keys` once more with
# that filter.
try() {
    name=$1
    sql "DROP TABLE IF EXISTS k.t" >/dev/null 2>&1
    sql "CREATE TABLE k.t (id $4 PRIMARY KEY, k $2, flag integer, n integer NOT NULL DEFAULT 0);
         INSERT INTO k.t (id, k) SELECT $5, $3 FROM generate_series(1, 24) g;
         CREATE INDEX ON k.t (k); ANALYZE k.t"
    for filter in range ${7-}; do
        cat >keys.json <<JSON
{"job": "keys", "table": "k.t", "row_id": "id", "key": [$6], "flag": "flag", "update": "keys.sql",
 "chunk": {"filter": "$filter", "target_rows": 1000}, "connection": {"statement_timeout_ms": 250}}
JSON
        [ -n "${is_made-}" ] || alone ledger keys.json create
        is_made=yes
        mill 1 run keys.json --report none --label "$name-$filter"
        if [ "$name $filter" = "array keys" ]; then
            exits "$name $filter: refused, for there is no array of arrays" 2
            continue
        fi
        exits "$name $filter: it ends with 0" 0
        same "$name $filter: each row once" "1|1|0" \
            "$(sql 'SELECT min(n), max(n), count(flag) FROM k.t')"
        same "$name $filter: in parts" t "$(sql "SELECT count(*) > 0 FROM chunkmill.chunk
            WHERE state = 'split' AND run_id = (SELECT max(run_id) FROM chunkmill.run)")"
        sql 'UPDATE k.t SET n = 0, flag = NULL' >/dev/null
    done
}
T='"t.k"'
try numeric numeric \
    "CASE g % 6 WHEN 0 THEN 1.0 WHEN 1 THEN 1.00 WHEN 2 THEN 1 WHEN 3 THEN 'NaN' ELSE 2.50 END" \
    bigint g "$T" keys
try citext citext "(ARRAY['A','a','b','B','NULL','\"x,\\\\'])[1 + g % 6]" citext "'R' || g" "$T" \
    keys
try ci 'text COLLATE k.ci' "(ARRAY['A','a','b','B','', '{}'])[1 + g % 6]" 'text COLLATE "C"' \
    "chr(64 + g) || g" "$T"
try float float8 "(ARRAY['-0','0','NaN','Infinity','0.1','-0'])[1 + g % 6]::float8" uuid \
    "md5(g::text)::uuid" "$T"
try char 'char(5)' "(ARRAY['a','a ','b','B',' ', ''])[1 + g % 6]" 'char(6)' "'x' || g" "$T"
try array 'int[]' "(ARRAY['{}','{1}','{1,2}','{NULL}','{2}','[0:1]={1,2}'])[1 + g % 6]::int[]" \
    bigint g "$T" keys
try enum k.mood "(ARRAY['zz','mm','aa'])[1 + g % 3]::k.mood" bigint g "$T"
try bytea bytea "('\\x0' || (g % 4))::bytea" bigint g "$T"
try interval interval "(ARRAY['1 mon','30 days','720:00','0'])[1 + g % 4]::interval" bigint g "$T"
try tstz timestamptz "timestamptz '2025-10-26 00:30+00' + (g % 4) * interval '30 min'" bigint g "$T"
try dom k.dom "(g % 3)::numeric(5,2)" bigint g "$T"
try nulls integer "CASE WHEN g % 3 > 0 THEN g % 3 END" bigint g "$T" keys
try expr text "g % 4 || ' x'" bigint g '"lower(t.k) -- it", "left(t.k, 1)::int"'
conclude
