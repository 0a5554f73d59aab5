#!/bin/sh
# A row kills the rank or the server process that updates it. The chunk that has killed too often
# runs alone once more, and is quarantined. Innocent chunks, whose ranks went down together with
# that rank, are done.
# shellcheck source=tests/support/fault.sh
. "$(dirname -- "$0")/../support/fault.sh"

make_items 3000
poison=$(sql "SELECT max(\"ID\") FROM mill.items AS t WHERE $items_scope AND NOT ($items_left)
    AND \"VisitDate\"::date = '2025-01-20'")

sql_script >/dev/null <<'SQL'
-- Sleeps at the row, so that the test finds its worker there.
CREATE FUNCTION mill.rank_killer(id bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_sleep(600);
    RETURN true;
END
$$;
-- Kills the server process, so that the server goes through crash recovery. It waits for the whole
-- plan, because the loss of a planner's connection ends the attempt.
CREATE FUNCTION mill.backend_killer(id bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    WHILE NOT (SELECT bool_and(complete) FROM chunkmill.plan) LOOP
        PERFORM pg_sleep(0.01);
    END LOOP;
    COPY (SELECT 1) TO PROGRAM 'kill -9 $PPID';
    RETURN true;
END
$$;
SQL
# make_job NAME KILLER [flag]: makes a job whose update calls the function KILLER at the poisoned
# row.
make_job() {
    echo "UPDATE {mill}.items AS t SET value = t.value + 1${3+, \"UpdateFlag\" = NULL}
          WHERE {chunk_filter} AND t.\"ID\" % 20 <> 7
            AND CASE WHEN t.\"ID\" = $poison THEN {mill}.$2(t.\"ID\") ELSE true END" >"$1.sql"
    items_job "$1" "$1.sql" ${3+"$3"} >"$1.json"
}
make_job rank rank_killer flag
make_job rankp rank_killer
make_job backend backend_killer flag
make_job backendp backend_killer

# Kills the rank of the run `mill` whose statement is at the poisoned row, whenever there is one.
watch() {
    set +e
    while :; do
        asleep=$(sql "SELECT s.worker || ' ' || s.pid FROM ($sessions) AS s
            JOIN pg_stat_activity AS a USING (pid)
            WHERE a.wait_event = 'PgSleep' AND s.worker > 0 LIMIT 1" 2>/dev/null)
        if [ -n "$asleep" ]; then
            kill -KILL "$(rank_pid mill "${asleep% *}")" && echo killed >>kills
            until is_true "NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = ${asleep#* })"; do
                sleep 0.1
            done
        fi
        sleep 0.1
    done
}

# is_contained CLAIM: claims that one chunk is quarantined, that of the poisoned row, and that all
# other chunks are done exactly once.
is_contained() {
    same "$1: one chunk is quarantined, no other is left" "1|0" \
        "$(chunks_value "count(*) FILTER (WHERE state = 'failed'),
            count(*) FILTER (WHERE state NOT IN ('failed', 'done'))")"
    same "$1: its error says that a rank or session died of it" t \
        "$(chunks_value "bool_and(error ~ 'kill|died|ended|lost') FILTER (WHERE state = 'failed')")"
    same "$1: the poisoned row is not updated" \
        0 "$(sql "SELECT value FROM mill.items WHERE \"ID\" = $poison")"
    updated=$(chunks_value 'sum(rows_updated)')
    failed=$(chunks_value "sum(rows_planned) FILTER (WHERE state = 'failed')")
    same "$1: all rows of the other chunks are updated, each once" t \
        "$(sql "SELECT max(value) = 1 AND count(*) FILTER (WHERE value = 1) = $updated
            AND count(*) FILTER (WHERE value = 0) <= $failed
            FROM mill.items AS t WHERE $items_scope AND NOT ($items_left)")"
    same "$1: no mark is left" \
        0 "$(sql 'SELECT count(*) FROM mill.items WHERE "UpdateFlag" IS NOT NULL')"
}

watch &
watcher=$!
pids="$pids $watcher"
for job in rank rankp; do
    : >kills
    [ $job = rank ] || watch_items ''
    loop $job.json 4 --set chunk.target_rows=200
    exits "$job, a row that kills its rank: the documented loop ends with 4" 4
    is_contained "$job"
    alone status $job.json
    says "$job: status says how many chunks were in flight when somebody died" \
        '[0-9]+ chunks? in flight when a rank or session died'
    same "$job: it took as many dead ranks as limits.suspect_after says, and one more" \
        4 "$(grep -c killed kills)"
    fresh_items
done

# With another limit.
: >kills
watch_items UpdateFlag
loop rank.json 4 --set chunk.target_rows=200 --set limits.suspect_after=1
exits "limits.suspect_after 1: the documented loop ends with 4" 4
is_contained "limits.suspect_after 1"
same "limits.suspect_after 1: two ranks died" 2 "$(grep -c killed kills)"
fresh_items

# The functions of the next jobs sleep, too, and no rank is to die of it.
kill "$watcher"
for job in backend backendp; do
    [ $job = backend ] || watch_items ''
    mill 4 run $job.json --report none --set chunk.target_rows=200
    exits "$job, a row that crashes the server: it ends with 4" 4
    same "$job: by itself, in one attempt" "done_with_gaps|1" "$(run_value 'state, attempt')"
    is_contained "$job"
    fresh_items
done

conclude
