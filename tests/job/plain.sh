#!/bin/sh
# A run that nothing happens to, in each of its shapes: filter, schedule, flag, one rank; twice; in
# parts; and what it says and leaves behind.
# shellcheck source=tests/support/job.sh
. "$(dirname -- "$0")/../support/job.sh"

make_items 6000
in_scope=$(sql "SELECT count(*) FROM mill.items AS t WHERE $items_scope")
left=$(sql "SELECT count(*) FROM mill.items AS t WHERE $items_scope AND $items_left")
sql 'SELECT DISTINCT "SSN" FROM mill.items' >ssns

# all_once CLAIM: as the oracle says, and all rows of the scope were there for it.
all_once() {
    exact "$1"
    same "$1: none was missing" \
        "kept updated=$((in_scope - left)) left=$left elsewhere=0 touched=0" "$verdict"
    forget
}

mill 5 run items.json
exits "a run with 4 workers and filter range ends with 0" 0
all_once "filter range: each row exactly once"
report=items.once.a1.report.json
same "the report is where the documentation says" yes "$(test -f $report && echo yes)"
same "the last line that is printed names the report" $report "$(tail -n 1 out |
    grep -o '[^ ]*report.json' | sed 's,.*/,,')"
same "the run is done, by the ledger" "done|done|0" "$(run_value 'state, outcome, exit_status')"

# The report's numbers add up, each found another way.
same "report: it adds up by its own word" true "$(report $report '{adds_up}')"
same "report: planned rows are those in scope" "$in_scope" \
    "$(report $report '{ledger,planned_rows}')"
same "report: rows updated" "$((in_scope - left))" "$(report $report '{ledger,updated_rows}')"
same "report: rows released" "$left" "$(report $report '{ledger,released_rows}')"
same "report: nothing lost, elsewhere, drifted, failed or left" 0/0/0/0/0 \
    "$(for member in lost elsewhere drifted failed left; do
        report $report "{ledger,${member}_rows}"
    done | paste -sd/)"
same "report: its chunks are those of the ledger" "$(chunks_value 'count(*)')" \
    "$(report $report '{ledger,done_chunks}')"
same "report: this attempt's work is all of it" "$((in_scope - left))" \
    "$(report $report '{work,updated_rows}')"
sums=$(sql_script -v file="$(cat $report)" <<'SQL'
SELECT (SELECT sum((r ->> 'updated_rows')::bigint)
    FROM json_array_elements(:'file'::json -> 'ranks') AS r),
       (SELECT sum((r ->> 'chunks')::bigint)
           FROM json_array_elements(:'file'::json -> 'ranks') AS r),
       (SELECT sum((c ->> 'updated_rows')::bigint)
           FROM json_array_elements(:'file'::json -> 'chunks') AS c),
       (SELECT count(DISTINCT c ->> 'id') FROM json_array_elements(:'file'::json -> 'chunks') AS c);
SQL
)
chunks=$(chunks_value 'count(*)')
same "report: ranks and chunks add up to the same" \
    "$((in_scope - left))|$chunks|$((in_scope - left))|$chunks" "$sums"
same "report: the ledger has the same one" t "$(sql_script -v file="$(cat $report)" <<'SQL'
SELECT report::jsonb = :'file'::jsonb FROM chunkmill.attempt;
SQL
)"

mill 3 run items.json
exits "a second start ends with 0" 0
says "a second start says that it was done" 'done'
says "a second start says when it was done" \
    "$(sql "SELECT to_char(finished_at AT TIME ZONE 'UTC',
        'YYYY-MM-DD\"T\"HH24:MI') FROM chunkmill.run")"
says "a second start says how to run it again" '--label'
same "a second start updates nothing" 0 "$(sql 'SELECT count(*) FROM oracle.log')"

mill 4 run items.json --label again --set chunk.filter=keys
exits "--label runs the job again, with filter keys" 0
all_once "filter keys: each row exactly once"
same "filter keys: the chunks are sets of keys" keys \
    "$(chunks_value "string_agg(DISTINCT kind, ' ')")"

mill 4 run items.json --label static --set schedule=static
exits "a run with the static schedule ends with 0" 0
all_once "static schedule: each row exactly once"

mill 1 run items.json --label lonely
exits "one rank does it alone" 0
all_once "one rank: each row exactly once"

alone run items.json --label without-mpirun
exits "it does it without mpirun, too" 0
all_once "without mpirun: each row exactly once"

mill 3 run items.json --label parts --max-chunks 3
exits "--max-chunks ends with 75 when more is left" 75
same "--max-chunks does so many" 3 "$(chunks_value "count(*) FILTER (WHERE state = 'done')")"
next=$(chunks_value "max(chunk_id) FILTER (WHERE state IN ('planned', 'marked'))")
mill 2 run items.json --chunk "$next"
exits "--chunk ends with 75 when more is left" 75
same "--chunk does that one" "done" "$(chunks_value "max(state) FILTER (WHERE chunk_id = $next)")"
same "--chunk does no other" 4 "$(chunks_value "count(*) FILTER (WHERE state = 'done')")"
mill 3 run items.json
exits "then the rest" 0
all_once "in parts: each row exactly once"

# Each attempt leaves a report, and none takes another's place.
same "each attempt that worked has left its own report" \
    "$(sql "SELECT count(*) FROM chunkmill.attempt")" \
    "$(find . -name '*.report.json' | wc -l)"
before=$(cksum $report)
mill 2 run items.json --label over --report $report
exits "a report that is there already is refused" 2
same "and left as it was" "$before" "$(cksum $report)"
same "and nothing was done before that was seen" 0 "$(sql 'SELECT count(*) FROM oracle.log')"

# Without a flag.
watch_items ''
mill 4 run noflag.json
exits "a run without a flag ends with 0" 0
all_once "without a flag: each row exactly once"
mill 4 run noflag.json --label keys --set chunk.filter=keys --set schedule=static
exits "a run without a flag, keys, static ends with 0" 0
all_once "without a flag, keys, static: each row exactly once"

# Nothing private gets out: not in what a verbose run says, nor in its files, nor in what the server
# shows of its sessions.
watch_items UpdateFlag
hold updated 1
begin talk 3 run items.json --label talk --verbose
wait_held talk
sql 'SELECT application_name, query FROM pg_stat_activity' >activity
let_go
finish talk
unhold
exits "a verbose run ends with 0" 0
all_once "verbose: each row exactly once"
says "a verbose run says something" 'chunk'
same "the server's list shows our sessions by name" yes \
    "$(grep -q '^chunkmill' activity && echo yes)"
same "no SSN in anything that was printed, nor in a report, nor in the server's list of sessions" \
    "" \
    "$(grep -lF -f ssns everything.out activity ./*.json || true)"

conclude
