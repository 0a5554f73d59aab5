#!/bin/sh
# How a run reports chunks that were split: by --chunk, and in the report of a run that was resumed.
# shellcheck source=tests/support/fault.sh
. "$(dirname -- "$0")/../support/fault.sh"

make_items 2000
slow_row='AND (SELECT pg_sleep(0.002) IS NOT NULL WHERE t.\"ID\" > 0)'
sed "s/\$/ $slow_row/" items.sql >rows.sql
items_job rows rows.sql flag >rows.json

mill 3 run rows.json --report none --set connection.statement_timeout_ms=300 --max-chunks 1
exits "one chunk, which is split: not at its end" 75
sql "SELECT chunk_id, parent_id, state, rows_planned FROM chunkmill.chunk WHERE state = 'split'
    OR parent_id IS NOT NULL"
split_id=$(sql "SELECT min(chunk_id) FROM chunkmill.chunk WHERE state = 'split'")
mill 2 run rows.json --report none --chunk "$split_id"
exits "--chunk of one that was split: refused" 2
same "--chunk of one that was split doesn't say that it is done" 0 "$(grep -c 'done already' out)"
mill 3 run rows.json --report resumed.json
exits "resumed: 0" 0
same "the plan of the report has as many rows as were planned" \
    "$(report resumed.json '{ledger,planned_rows}')" "$(report resumed.json '{plan,total_rows}')"
exact "each row once"
fresh_items

conclude
