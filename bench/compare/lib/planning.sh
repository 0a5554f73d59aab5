# Functions for the figures of planning: the measurement, and a table with a unique key. Sourced.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # names are shared between the files

# compare_planning WHAT LIMIT JOB QUERY: measures in turn the plan of a job on database bench, and
# its distribution by COPY.
compare_planning() {
    export PGDATABASE=bench
    : >planning.tsv
    printf 'COPY (%s) TO STDOUT' "$4" | tr '\n' ' ' >distribution.sql
    sql -f distribution.sql >/dev/null
    round=1
    while [ "$round" -le "$rounds" ]; do
        plan_ms=$(milliseconds "$program" plan "$3" --set chunk.target_rows="$target")
        copy_ms=$(milliseconds sql -c "$(cat distribution.sql)")
        echo "$plan_ms $copy_ms" >>planning.tsv
        round=$((round + 1))
    done
    unset PGDATABASE
    measured=$(ratio_of_columns <planning.tsv)
    plan_ms=$(cut -d' ' -f1 planning.tsv | median)
    copy_ms=$(cut -d' ' -f2 planning.tsv | median)
    figure "$1" "$measured, $plan_ms against $copy_ms ms" "$2" "$(verdict "$(cat ratio)" "$2")"
}

# Makes the job $job with a unique key. make_numbers ROWS makes its table, in the database $base.
write_numbers() {
    job=$scratch/numbers.json
    echo '{"job": "numbers", "table": "public.numbers", "update": "numbers.sql"}' >"$job"
    echo 'UPDATE public.numbers AS t SET n = t.n + 1 WHERE {chunk_filter}' >"$scratch/numbers.sql"
}

make_numbers() {
    base=numbers_$1
    [ "$(sql -d postgres -c "SELECT count(*) FROM pg_database WHERE datname = '$base'")" = 0 ] ||
        return 0
    say "data: $1 unique keys"
    sql -d postgres -c "CREATE DATABASE $base"
    sql -d "$base" \
        -c 'CREATE TABLE public.numbers (id bigint, n integer NOT NULL) WITH (fillfactor = 50)' \
        -c "INSERT INTO public.numbers SELECT i, 0 FROM generate_series(1, $1) AS i" \
        -c 'ALTER TABLE public.numbers ADD PRIMARY KEY (id)' \
        -c 'CREATE EXTENSION pg_prewarm' -c 'VACUUM (FREEZE, ANALYZE)'
    PGDATABASE=$base "$program" ledger "$job" create >"$scratch/ledger.log"
}
