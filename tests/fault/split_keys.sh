#!/bin/sh
# Splits with keys whose text says less, or more, than their order.
# shellcheck source=tests/support/fault.sh
. "$(dirname -- "$0")/../support/fault.sh"

sql_script >/dev/null <<'SQL'
CREATE EXTENSION citext;
CREATE SCHEMA k;
CREATE COLLATION k.ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TYPE k.mood AS ENUM ('zz', 'mm', 'aa');
CREATE DOMAIN k.dom AS numeric CHECK (VALUE > -100);
SQL
# kind TYPE VALUES-EXPRESSION(of g) ROWID-TYPE
try() {
    name=$1 type=$2 value=$3 idtype=$4 idvalue=$5 keys=$6
    sql "DROP TABLE IF EXISTS k.t; DELETE FROM chunkmill.run" >/dev/null 2>&1 || sql "DROP TABLE IF EXISTS k.t"
    sql "CREATE TABLE k.t (id $idtype PRIMARY KEY, k $type, flag integer, n integer NOT NULL DEFAULT 0);
         INSERT INTO k.t (id, k) SELECT $idvalue, $value FROM generate_series(1, 40) g; CREATE INDEX ON k.t (k); ANALYZE k.t"
    for filter in range keys; do for flag in flag; do
        [ $flag = flag ] && { f='"flag": "flag",' set=', flag = NULL'; } || f= set=
        echo "UPDATE k.t AS t SET n = n + 1$set WHERE {chunk_filter} AND (SELECT pg_sleep(0.02) IS NOT NULL WHERE t.n >= 0)" >u.sql
        echo "{\"job\": \"j\", \"table\": \"k.t\", \"row_id\": \"id\", \"key\": [$keys], $f \"update\": \"u.sql\",
               \"chunk\": {\"filter\": \"$filter\", \"target_rows\": 1000}, \"connection\": {\"statement_timeout_ms\": 160}}" >j.json
        [ -n "${made-}" ] || { alone ledger j.json create; made=1; }
        mill 1 run j.json --report none --label "$name-$filter-$flag"
        if [ "$status" = 2 ]; then echo "# $name $filter: $(tail -1 out)"; else
            exits "$name $filter $flag" 0
            same "$name $filter $flag: once each" "1|1|0" "$(sql 'SELECT min(n), max(n), count(flag) FROM k.t')"
            echo "# splits: $(sql "SELECT count(*) FILTER (WHERE state = 'split'), count(*) FILTER (WHERE kind='slice' OR kind='nulls') FROM chunkmill.chunk WHERE run_id = (SELECT max(run_id) FROM chunkmill.run)")"
        fi
        sql 'UPDATE k.t SET n = 0, flag = NULL' >/dev/null
    done; done
}
T='"t.k"'
try numeric numeric "CASE g % 6 WHEN 0 THEN 1.0 WHEN 1 THEN 1.00 WHEN 2 THEN 1 WHEN 3 THEN 'NaN' ELSE 2.50 END" bigint g "$T"
try citext citext "(ARRAY['A','a','b','B','NULL','\"x,\\\\'])[1 + g % 6]" citext "'R' || g" "$T"
try ci 'text COLLATE k.ci' "(ARRAY['A','a','b','B','', '{}'])[1 + g % 6]" 'text COLLATE "C"' "chr(64 + g) || g" "$T"
try float float8 "(ARRAY['-0','0','NaN','Infinity','0.1','-0'])[1 + g % 6]::float8" uuid "md5(g::text)::uuid" "$T"
try char 'char(5)' "(ARRAY['a','a ','b','B',' ', ''])[1 + g % 6]" 'char(6)' "'x' || g" "$T"
try array 'int[]' "(ARRAY['{}','{1}','{1,2}','{NULL}','{2}','[0:1]={1,2}'])[1 + g % 6]::int[]" bigint g "$T"
try enum k.mood "(ARRAY['zz','mm','aa'])[1 + g % 3]::k.mood" bigint g "$T"
try bytea bytea "('\\x0' || (g % 4))::bytea" bigint g "$T"
try interval interval "(ARRAY['1 mon','30 days','720:00','0'])[1 + g % 4]::interval" bigint g "$T"
try tstz timestamptz "timestamptz '2025-10-26 00:30+00' + (g % 4) * interval '30 min'" bigint g "$T"
try dom k.dom "(g % 3)::numeric(5,2)" bigint g "$T"
try nulls integer "CASE WHEN g % 3 > 0 THEN g % 3 END" bigint g "$T"
try expr text "g % 4 || ' x'" bigint g '"lower(t.k) -- it", "left(t.k, 1)::int"'
conclude
