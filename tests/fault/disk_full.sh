#!/bin/sh
# The disk fills up during a run. The run stops with a message that says what to do, loses nothing,
# and can be resumed when there is space again.
# shellcheck source=tests/support/fault.sh
. "$(dirname -- "$0")/../support/fault.sh"

need_root "mounting a small file system"
make_items 6000

# The table has a tablespace of its own on a small tmpfs, where a file takes almost all the space
# that the table doesn't need yet. tests/tools/postgres unmounts it.
small=$CHUNKMILL_TEST_POSTGRES/small
mkdir "$small"
mount -t tmpfs -o size=24m chunkmill-test "$small" 2>/dev/null || skip "mount is not allowed here"
mkdir "$small/space"
chown postgres "$small/space"
sql "CREATE TABLESPACE small LOCATION '$small/space'"
fill() {
    sql 'ALTER TABLE mill.items SET TABLESPACE small' >/dev/null
    sql 'CHECKPOINT'
    free_kb=$(df --output=avail -k "$small" | tail -n 1)
    head -c $(((free_kb - 400) * 1024)) /dev/zero >"$small/ballast"
}

# Each row grows by 900 bytes, so that the table does.
cat >grow.sql <<'SQL'
UPDATE {mill}.items AS t SET value = t.value + 1, note = repeat('x', 900), "UpdateFlag" = NULL
WHERE {chunk_filter} AND t."ID" % 20 <> 7
SQL
sed 's/, "UpdateFlag" = NULL//' grow.sql >grow_plain.sql
items_job grow grow.sql flag >grow.json
items_job growp grow_plain.sql >growp.json

# fills_up JOB: claims all of this for a job.
fills_up() {
    fill
    mill 3 run "$1.json" --report "$1.full.json"
    exits "$1: a full disk stops the run with 5" 5
    says "$1: the message names the SQLSTATE, or what the server said" \
        '53100|No space left on device'
    says "$1: and it says what to do" 'error: .*; try: make room'
    same "$1: no chunk was quarantined for it" \
        0 "$(chunks_value "count(*) FILTER (WHERE state = 'failed')")"
    updated=$(chunks_value 'coalesce(sum(rows_updated), 0)')
    same "$1: no row of a chunk that is not done was updated" t \
        "$(sql "SELECT count(*) FILTER (WHERE value > 0) = $updated AND max(value) <= 1
        FROM mill.items")"
    same "$1: the report adds up" true "$(report "$1.full.json" '{adds_up}')"
    alone status "$1.json" --exit-status
    exits "$1: status --exit-status says 5: a person is needed" 5
    mill 3 run "$1.json" --report none
    exits "$1: started again with the disk still full: 5 once more" 5
    rm "$small/ballast"
    mill 3 run "$1.json" --report none
    exits "$1: with room again the next start ends with 0" 0
    exact "$1: each row exactly once"
}

fills_up grow
sql 'ALTER TABLE mill.items SET TABLESPACE pg_default' >/dev/null
fresh_items
sql 'VACUUM FULL mill.items'
watch_items ''
fills_up growp

conclude
