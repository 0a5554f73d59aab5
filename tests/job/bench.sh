#!/bin/sh
# bench: what it refuses, a small sweep and its shapes, the gate that wrong figures don't pass, and
# how it goes on after a kill.
# shellcheck source=tests/support/job.sh
. "$(dirname -- "$0")/../support/job.sh"

make_items 6000
sql 'DROP TRIGGER oracle_watch ON mill.items' # it would log every one of the sweep's rewrites
updated=$(sql "SELECT count(*) FROM mill.items AS t WHERE $items_scope AND NOT ($items_left)")
sql 'CREATE TABLE mill.kept AS TABLE mill.items'
cat >reset.sql <<'SQL'
-- as it was; a semicolon ; here is none
TRUNCATE {mill}.items;
INSERT INTO {mill}.items TABLE {mill}.kept; /* ; */
VACUUM (ANALYZE) {mill}.items
SQL

# sweep RANKS ARGUMENTS..: of the job items.
sweep() {
    ranks=$1
    shift
    mill "$ranks" bench items.json --scratch postgres "$@"
}
# The job's own ledger, whole.
own_ledger() {
    sql "SELECT (SELECT coalesce(string_agg(r::text, ' ' ORDER BY run_id), '')
        FROM chunkmill.run AS r) ||
                (SELECT coalesce(string_agg(a::text, ' ' ORDER BY run_id, attempt), '') FROM \
                    chunkmill.attempt AS a) ||
                (SELECT coalesce(string_agg(c::text, ' ' ORDER BY run_id, chunk_id), '')
                    FROM chunkmill.chunk AS c)" | cksum
}
untouched() {
    sql "SELECT count(*) FROM mill.items WHERE value <> 0"
}
# Members of results, by a jsonpath: one a line.
member() {
    sql_script -v file="$(cat "$1")" -v path="$2" <<'SQL'
SELECT jsonb_path_query(:'file'::jsonb, :'path') #>> '{}';
SQL
}
measured() {
    grep -c '^{"cell"' "$1"
}

# What it is not to do is not done: in this order no refusal is another one's.
refused() {
    what=$1 wanted=$2 like=$3
    shift 3
    mill 3 bench "$@"
    exits "$what: refused" "$wanted"
    says "$what: and told what to type" "$like"
}
refused "without --scratch" 2 'try --scratch postgres' items.json
refused "another database in --scratch" 3 'try PGDATABASE=lab' items.json --scratch lab
refused "too many workers" 2 'try mpirun -n 5' items.json --scratch postgres --workers 1,4
refused "more workers than the job allows" 2 'try --set limits.max_workers=0' items.json --scratch \
    postgres --set limits.max_workers=1
refused "a list with a word for a number" 2 '"x": it takes whole numbers' items.json --scratch \
    postgres --target-rows 500,x
refused "a value twice" 2 'twice; try it once' items.json --scratch postgres --target-rows 500,500
refused "a word that the list has not" 2 '"sets": it takes range, keys' items.json --scratch \
    postgres --filter sets
refused "a flag that the job has not" 2 'try --flag without' noflag.json --scratch postgres --flag \
    with
refused "a cell whose settings do not go together" 2 'try raising chunk.max_rows' items.json \
    --scratch postgres --target-rows 500,60000
refused "a reset that is not there" 2 '--reset: nowhere.sql' items.json --scratch postgres --reset \
    nowhere.sql
refused "a ledger of bench's own name" 2 'try another one for the job' items.json --scratch \
    postgres --set ledger_schema=chunkmill_bench
touch taken.json
refused "results over a file that is there" 2 'try another name' items.json --scratch postgres \
    --json taken.json
refused "results in a folder that is not there" 2 'try another folder' items.json --scratch \
    postgres --csv nowhere/r.csv
same "refusals: no row was written" 0 "$(untouched)"
same "refusals: no ledger was made" t "$(sql "SELECT to_regnamespace('chunkmill_bench') IS NULL")"

alone bench items.json --target-rows 500,1000,2000 --workers 1,2 --filter range,keys -i \
    4 --print-cells
exits "--print-cells needs neither ranks nor --scratch" 0
says "--print-cells: the matrix" '^ *12  2,000 rows x 2 workers, keys, dynamic, with flag$'
says "--print-cells: how many runs" '12 cells x 4 repetitions and 1 warm-up: 49 runs'
says "--print-cells: an estimate, and what it is made of" 'estimate: .* 50,000 rows/s \(assumed'
same "--print-cells does nothing" "0 no" "$(untouched) $(test -e items.bench.state.jsonl &&
    echo yes || echo no)"

# A run of the job's own, so that its ledger has something to lose, and the estimate a rate.
mill 3 run items.json --report none --max-chunks 2
refused "an unfinished run in the job's own ledger" \
    3 'try `chunkmill run items.json` to finish it' items.json --scratch postgres
mill 3 run items.json --report none
alone bench items.json --print-cells
says "--print-cells: after a run in parts there is no rate yet" 'assumed'
mill 3 run items.json --report none --label again
alone bench items.json --print-cells
says "--print-cells: the rate of the job's last run" "the job's last run"
ledger=$(own_ledger)

# The sweep.
set -- --target-rows 500,1500 --workers 1,2 -i 2 --reset reset.sql --state sweep.jsonl
sweep 3 "$@" --json r.json --csv r.csv
exits "a sweep of 2 sizes x 2 workers x 2 repetitions ends with 0" 0
says "it tells how far it is, and how long it takes" \
    '8 of 8: .* rows x [12] workers?, range, dynamic, with flag: [0-9,]+ rows/s; 0 s left'
says "the environment: command line" '^command line +chunkmill bench items.json --scratch postgres'
says "the environment: commit" '^chunkmill +[0-9.]+, commit [0-9a-f]+'
says "the environment: server" "^server +PostgreSQL [0-9.]+ at .*, database postgres, role"
says "the environment: what matters of its settings" 'max_wal_size='
says "the environment: the machine" '^machine of rank 0 .*cores?, .* of memory'
says "the environment: MPI" '^mpi +Open MPI .*, 3 ranks on 1 node'
says "a line a cell, with its rates" \
    '^ +4 +1,500 +2 +range +dynamic +with +2( +[0-9,]+){5}( +[01]\.[0-9]{3}){2}$'
same "results: a cell each" "4" "$(member r.json 'strict $.cells.size()')"
same "results: what each cell is" "1 500 1 true/2 500 2 true/3 1500 1 true/4 1500 2 true" \
    "$(sql_script -v file="$(cat r.json)" <<'SQL'
SELECT string_agg(concat_ws(' ', c ->> 'cell', c ->> 'target_rows', c ->> 'workers', c ->> 'flag'),
    '/' ORDER BY n)
FROM json_array_elements(:'file'::json -> 'cells') WITH ORDINALITY AS e (c, n);
SQL
)"
same "results: all repetitions are good" 2 "$(member r.json '$.cells[*].good_repetitions' |
    sort -u)"
same "results: the rows are those that the table has to be updated" "$updated" \
    "$(member r.json '$.cells[*].repetitions[*].updated_rows' | sort -u)"
same "results: no figure is missing" "" \
    "$(member r.json '$.cells[*].figures.keyvalue() ? (@.value.median == null).key')"
same "results: each figure has its unit" "$(member r.json '$.cells[0].figures.keyvalue().key' |
    sort)" "$(member r.json '$.units.keyvalue().key' | sort)"
same "results: the largest is no less than the mean, and that no less than the smallest" "" \
    "$(member r.json '$.cells[*].figures.keyvalue() ? (@.value.max < @.value.mean * 0.999999 ||
        @.value.mean * 1.000001 < @.value.min).key')"
same "results: the median run's chunks are all there" \
    "$(member r.json '$.cells[*].figures.done_chunks.median')" \
    "$(member r.json '$.cells[*].median_chunks.size()')"
# A part of planning may be hidden: the workers are at work already.
same "results: phases add up to the total" t "$(sql_script -v file="$(cat r.json)" <<'SQL'
SELECT bool_and(p.planning + p.others > 0.999 * p.total AND p.others < 1.001 * p.total)
FROM json_array_elements(:'file'::json -> 'cells') AS c,
json_array_elements(c -> 'repetitions') AS r,
LATERAL (
    SELECT (r ->> 'distribution_seconds')::float + (r ->> 'plan_seconds')::float AS planning,
           (r ->> 'connect_seconds')::float + (r ->> 'work_seconds')::float +
               (r ->> 'reduce_seconds')::float + (r ->> 'other_seconds')::float AS others,
           (r ->> 'total_seconds')::float AS total
) AS p;
SQL
)"
same "CSV: a head, and a line a repetition" 9 "$(wc -l <r.csv)"
same "CSV: every line has as many fields" 1 "$(tr -d '\r' <r.csv | awk -F, '{print NF}' |
    sort -u | wc -l)"
same "no mark is left" 0 "$(sql 'SELECT count(*) FROM mill.items WHERE "UpdateFlag" IS NOT NULL')"
same "the last repetition's rows are there, once" "$updated" \
    "$(sql 'SELECT sum(value) FROM mill.items')"
same "the sweep's ledger is gone" t "$(sql "SELECT to_regnamespace('chunkmill_bench') IS NULL")"
same "the job's own ledger is as it was" "$ledger" "$(own_ledger)"
same "no report was written" "" "$(find . -name '*.report.json')"

lines=$(cksum <sweep.jsonl)
# mpirun forwards standard output in pieces, and lines of standard error can come between them, so
# this run's standard output has a file of its own.
background printed sh -c 'exec mpirun -q --oversubscribe --bind-to none -n 3 "$@" >printed.csv' \
    sh "$CHUNKMILL" bench items.json --scratch postgres "$@" --csv -
finish printed
exits "a whole sweep started again ends with 0" 0
same "and prints the same, in the shape that is wanted" "$(cksum <r.csv)" "$(cksum <printed.csv)"
same "and measures nothing" "$lines" "$(cksum <sweep.jsonl)"
sweep 3 "$@" --repetitions 3
exits "another matrix with the same state is refused" 2
says "and told what to do" \
    'with repetitions 2, not 3; try --state with another name, remove the file'

# Pictures of it.
pictures() {
    find "$1" -type f | sed 's,.*/,,' | sort | paste -sd' '
}
claim "plot: pictures of a sweep" "$root/bench/plot" r.json pictures
best=$(sql_script -v file="$(cat r.json)" <<'SQL'
SELECT c ->> 'cell' FROM json_array_elements(:'file'::json -> 'cells') AS c
ORDER BY (c #>> '{figures,rows_per_second,median}')::float DESC LIMIT 1;
SQL
)
same "plot: throughput, scaling, phases and the chunks of the best cell, as PNG and SVG" \
    "$(for name in "gantt.cell-$best" phases.range-dynamic-with-flag \
        scaling.range-dynamic-with-flag throughput.range-dynamic-with-flag; do
        echo "$name".png; echo "$name".svg; done | paste -sd' ')" "$(pictures pictures)"
same "plot: each picture is one" "" \
    "$(find pictures -name '*.png' -size -8k -o -name '*.svg' -size -4k)"
same "plot: PNG is PNG, SVG is SVG" "4 4" \
    "$(find pictures -name '*.png' -exec head -c 4 {} ';' | tr -cd PNG | grep -o PNG |
        wc -l) $(grep -l '</svg>' pictures/*.svg | wc -l)"
mill 3 run items.json --label drawn --report drawn.report.json
claim "plot: the chunks of a run, from its report" "$root/bench/plot" drawn.report.json drawn
same "plot: that is one picture" "gantt.png gantt.svg" "$(pictures drawn)"
status=0
"$root/bench/plot" items.json nothing >out 2>&1 || status=$?
exits "plot: what holds no results is refused" 2
rm drawn.report.json
ledger=$(own_ledger)

# With, without a flag; both filters, both schedules; no reset; a sample.
sweep 2 --flag with,without --filter range,keys --schedule dynamic,static -i 1 --warm-ups 0 \
    --state all.jsonl --limit-rows 2500 --json sample.json
exits "a sweep over flag, filter and schedule, of a sample, without a reset" 0
says "without a reset it is said that the table ages" '^reset +none: the table ages'
same "a sample: about so many rows, in all cells" t \
    "$(sql_script -v file="$(cat sample.json)" <<'SQL'
SELECT count(*) = 8
    AND bool_and((c #>> '{figures,updated_rows,median}')::float BETWEEN 1800 AND 3000)
FROM json_array_elements(:'file'::json -> 'cells') AS c;
SQL
)"
same "a sample: its chunks are spread over the plan" t \
    "$(sql_script -v file="$(cat sample.json)" <<'SQL'
SELECT min((r ->> 0)::int) <= 2 AND max((r ->> 0)::int) > 8 AND count(*) < 8
FROM json_array_elements(:'file'::json #> '{cells,0,median_chunks}') AS r;
SQL
)"

# The gate. A trigger takes a row's update away: no figure, why, and not 0.
sql "CREATE FUNCTION mill.lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN
        RETURN CASE WHEN NEW.\"ID\" <> 1001 THEN NEW END; END';
     CREATE TRIGGER lose BEFORE UPDATE ON mill.items FOR EACH ROW EXECUTE FUNCTION mill.lose()"
sweep 2 --set triggers_may_skip=true -i 1 --warm-ups 0 --reset reset.sql --state lost.jsonl \
    --json lost.json
exits "a row's update is lost: exit 4" 4
says "and why no figure is shown" \
    'repetition 1: the run ended as done_with_gaps, with 0 chunks failed and 1 row elsewhere'
says "and none is" '^ +1 +500 +1 +range +dynamic +with +0( +-){7}$'
same "nor in the results" "" \
    "$(member lost.json '$.cells[*].figures.rows_per_second.median ? (@ != null)')"
sql 'DROP TRIGGER lose ON mill.items'

# Another way to lie: what one repetition finds is not what the other found.
{
    cat reset.sql
    echo '; DELETE FROM {mill}.kept WHERE "ID" = (SELECT min("ID") FROM {mill}.kept AS t
        WHERE '"$items_scope AND NOT ($items_left))"
} >shrink.sql
sweep 2 -i 2 --warm-ups 0 --reset shrink.sql --state shrunk.jsonl
exits "the table is not what it was: exit 4" 4
says "and which two counts differ" 'rows updated, but [0-9,]+ in the repetitions before'
sql 'TRUNCATE mill.kept; INSERT INTO mill.kept TABLE mill.items; UPDATE mill.kept SET value = 0,
    "UpdateFlag" = NULL'

# Killed within a repetition: marks in the table, a ledger that nobody owns.
set -- --target-rows 300,600 -i 3 --state killed.jsonl
hold mark_committed:35 1
begin killed 3 bench items.json --scratch postgres "$@"
wait_held killed
before=$(measured killed.jsonl)
# shellcheck disable=SC2046 # processes
kill -KILL $(pid_of killed) $(children "$(pid_of killed)")
finish killed
unhold
claim "killed: some repetitions were measured, and marks are left" \
    test "$before" -gt 0 -a "$(sql 'SELECT count(*) FROM mill.items WHERE "UpdateFlag" = 1')" -gt 0
sweep 3 --set flag=null -i 1 --limit-rows 1000 --state other.jsonl
exits "killed: without the flag nobody could free the marks: refused" 3
says "killed: and told what to do" \
    'its table, key, row_id, scope, window or flag was another; try the command that made it'
printf '{"cell":1,"repeti' >>killed.jsonl # torn
sweep 3 "$@"
exits "killed: the same command goes on, and ends with 0" 0
says "killed: with what it had" "6 repetitions, $before of them measured already"
says "killed: it frees the marks first" 'marks of an interrupted repetition freed'
same "killed: in all each was measured once" 6 "$(measured killed.jsonl)"
same "killed: no mark is left" 0 \
    "$(sql 'SELECT count(*) FROM mill.items WHERE "UpdateFlag" IS NOT NULL')"

# Asked to stop, while the second of three repetitions has a chunk marked; it has four, and one
# worker.
for signal in USR1 TERM INT; do
    hold mark_committed:6 1
    begin stopped 2 bench slow.json --scratch postgres --target-rows 1500 -i 3 --warm-ups 0 \
        --state "$signal.jsonl"
    wait_held stopped
    kill "-$signal" "$(pid_of stopped)"
    [ "$signal" != USR1 ] || let_go # the others end who holds, too
    finish stopped 30
    unhold
    if [ "$signal" = USR1 ]; then
        exits "$signal: mpirun ends with 75" 75
    else
        claim "$signal: it does not end as if it were whole" test "$status" -ne 0
    fi
    claim "$signal: what was measured is kept" test "$(measured "$signal.jsonl")" -ge 1
    claim "$signal: what was interrupted is not" test "$(measured "$signal.jsonl")" -lt 3
done
sweep 3 --state none.jsonl -i 1
exits "another job's sweep does not take the interrupted one's ledger away" 3
says "and told what to type" \
    'try `chunkmill abandon JOB.json --yes --set ledger_schema=chunkmill_bench`'
mill 2 bench slow.json --scratch postgres --target-rows 1500 -i 3 --warm-ups 0 --state INT.jsonl
exits "INT: the same command goes on, and ends with 0" 0
same "INT: in all each was measured once" 3 "$(measured INT.jsonl)"
sweep 3 --state none.jsonl -i 1
exits "after all that a sweep ends with 0" 0
same "the job's own ledger is as it was, after all that" "$ledger" "$(own_ledger)"
same "no SSN in anything that was printed, nor in a file" "" \
    "$(grep -lE '9[0-9]{2}-[0-9]{2}-[0-9]{4}' everything.out ./*.json ./*.jsonl ./*.csv || true)"

conclude
