#!/bin/sh
# A chunk runs into its statement_timeout. It is split in two, and again, until its parts fit. A
# single row that still takes too long is quarantined.
# shellcheck source=tests/support/fault.sh
. "$(dirname -- "$0")/../support/fault.sh"

make_items 2000
# The rows that the ledger must count as updated or released. Without a flag nothing is released.
settled=$(sql "SELECT count(*) FROM mill.items AS t WHERE $items_scope")

# 2 ms for each row that the update touches: a chunk of 500 takes a second, and 300 ms are allowed.
# The condition on t makes the server sleep for each row.
slow_row='AND (SELECT pg_sleep(0.002) IS NOT NULL WHERE t.\"ID\" > 0)'
sed "s/\$/ $slow_row/" items.sql >rows.sql
sed "s/\$/ $slow_row/" noflag.sql >rows_plain.sql
items_job rows rows.sql flag >rows.json
items_job rowsp rows_plain.sql >rowsp.json

# Prints a value over the chunks of the newest run, split ones included.
chunks="(SELECT * FROM chunkmill.chunk WHERE run_id = (SELECT max(run_id) FROM chunkmill.run))"

# is_sound CLAIM: claims what must be true of parents and children. Whether their rows are disjoint
# and complete, the oracle tells from what they did.
is_sound() {
    same "$1: chunks were split" t "$(sql "SELECT count(*) > 0 FROM $chunks AS c
        WHERE state = 'split'")"
    same "$1: each of them into parts whose rows are together as many" 0 \
        "$(sql "SELECT count(*) FROM $chunks AS p
                WHERE state = 'split' AND (SELECT sum(rows_planned) FROM $chunks AS c WHERE \
                    c.parent_id = p.chunk_id) IS DISTINCT FROM p.rows_planned")"
    # Four where one key was left of a range: its two slices, and the parts below and above.
    same "$1: into two parts, or up to four around a single key" 0 \
        "$(sql "SELECT count(*) FROM $chunks AS p
                WHERE state = 'split' AND (SELECT count(*) FROM $chunks AS c WHERE c.parent_id = \
                    p.chunk_id) NOT BETWEEN 2 AND 4")"
    same "$1: no other has children" 0 \
        "$(sql "SELECT count(*) FROM $chunks AS p JOIN $chunks AS c ON c.parent_id = p.chunk_id
        WHERE p.state <> 'split'")"
    same "$1: the chunks that count hold all rows planned" "$(sql "SELECT sum(rows_planned)
        FROM $chunks AS c WHERE parent_id IS NULL")" \
        "$(chunks_value 'sum(rows_planned)')"
    same "$1: no mark is left" \
        0 "$(sql 'SELECT count(*) FROM mill.items WHERE "UpdateFlag" IS NOT NULL')"
}

# split JOB CLAIM [ARGUMENTS..]: claims that chunks of the job are split, and all rows are done.
split() {
    job=$1
    what=$2
    shift 2
    mill 4 run "$job.json" --report split.json --set connection.statement_timeout_ms=300 "$@"
    exits "$what: it ends with 0" 0
    exact "$what: each row exactly once"
    same "$what: by the ledger, too" "done|$settled" \
        "$(chunks_value "string_agg(DISTINCT state, ' '), sum(rows_updated + rows_released)")"
    is_sound "$what"
    same "$what: the report adds up" true "$(report split.json '{adds_up}')"
    same "$what: and says how many chunks were split" "$(sql "SELECT count(*) FROM $chunks AS c
        WHERE state = 'split'")" \
        "$(report split.json '{work,split_chunks}')"
    alone status "$job.json"
    says "$what: status, too" "$(report split.json '{work,split_chunks}') chunks? split"
    rm split.json
    fresh_items
}

split rows "flag, range"
split rows "flag, keys" --set chunk.filter=keys
split rows "flag, static" --set schedule=static
watch_items ''
settled=$(sql "SELECT count(*) FROM mill.items AS t WHERE $items_scope AND NOT ($items_left)")
split rowsp "no flag, range"
split rowsp "no flag, keys" --set chunk.filter=keys
watch_items UpdateFlag

# One key with too many rows, which is cut into slices.
sql "SET session_replication_role = replica; UPDATE mill.items
    SET \"SSN\" = '900-00-0001', \"VisitDate\" = '2025-01-20 08:00' WHERE \"ID\" % 2 = 0" >/dev/null
sql 'VACUUM ANALYZE mill.items'
forget
settled=$(sql "SELECT count(*) FROM mill.items AS t WHERE $items_scope")
split rows "an oversized key" --set chunk.max_rows=600

# Keys that are NULL.
sql 'ALTER TABLE mill.items ALTER "SSN" DROP NOT NULL'
sql "SET session_replication_role = replica; UPDATE mill.items SET \"SSN\" = NULL
    WHERE \"ID\" % 3 = 0" >/dev/null
sql 'VACUUM ANALYZE mill.items'
forget
split rows "NULL keys"

# A row takes too long in any case: it ends up alone, and is quarantined with its SQLSTATE. All
# others are done.
poison=$(sql "SELECT max(\"ID\") FROM mill.items AS t WHERE $items_scope AND NOT ($items_left)")
for job in poison poisonp; do
    [ $job = poison ] && flag=', "UpdateFlag" = NULL' || flag=
    echo "UPDATE {mill}.items AS t SET value = t.value + 1$flag WHERE {chunk_filter}
        AND t.\"ID\" % 20 <> 7
          AND (SELECT pg_sleep(CASE WHEN t.\"ID\" = $poison THEN 60 ELSE 0 END) IS NOT NULL)" \
        >$job.sql
done
items_job poison poison.sql flag >poison.json
items_job poisonp poisonp.sql >poisonp.json
for job in poison poisonp; do
    [ $job = poison ] || watch_items ''
    mill 4 run $job.json --report none --set connection.statement_timeout_ms=300 \
        --set chunk.target_rows=100
    exits "$job, a row that always takes too long: it ends with 4" 4
    same "$job: it alone is quarantined, with 57014" "1|57014|1" \
        "$(chunks_value "count(*) FILTER (WHERE state = 'failed'), max(error_sqlstate),
            sum(rows_planned) FILTER (WHERE state = 'failed')")"
    same "$job: all other rows are updated exactly once, it is not" "0|0" \
        "$(sql "SELECT count(*) FILTER (WHERE \"ID\" <> $poison
        AND value <> 1), max(value) FILTER (WHERE \"ID\" = $poison)
                FROM mill.items AS t WHERE $items_scope AND NOT ($items_left)")"
    same "$job: no mark is left" \
        0 "$(sql 'SELECT count(*) FROM mill.items WHERE "UpdateFlag" IS NOT NULL')"
    fresh_items
done

conclude
