# Functions for bench/compare/run, its peers and its figures: settings, data, the reset between two
# measurements, and the arithmetic of the results.
# Sourced; the caller has set $top, $scratch, $program and $workers. A setting is flagF or plainF:
# with the flag or without, fillfactor F.
# The data of a setting are made once, in a database of their own (base_F). Each measurement has a
# copy of it, the database `bench`.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # names are shared between the files

here=$top/bench/compare
# The sessions of all peers but the old ones have the settings of a run (`chunkmill sql`), so that
# only the way of working differs.
session_settings='-c jit=off -c random_page_cost=1.1 -c plan_cache_mode=force_custom_plan'
session_settings="$session_settings -c timezone=UTC -c work_mem=64MB"

scope='t."CONFLICTID" IS NOT NULL'
window="t.\"VisitDate\"::date BETWEEN (now() - interval '2 years')::date
  AND (now() + interval '30 days')::date"
# The condition for a chunk of the plan. The first begins with the window and the last ends with it.
tile='t."VisitDate"::date BETWEEN :l1 AND :u1
  AND ROW(t."VisitDate"::date, t."SSN") > ROW(:l1::date, :l2::text)
  AND ROW(t."VisitDate"::date, t."SSN") <= ROW(:u1::date, :u2::text)'

die() {
    echo "compare: $*" >&2
    exit 1
}

sql() {
    PGOPTIONS=$session_settings psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"
}

now_ms() {
    echo $(($(date +%s%N) / 1000000))
}

has_flag() {
    case $1 in flag*) true ;; *) false ;; esac
}

# Prints the job's update with filter $1. Without the flag it doesn't free the row.
job_update() {
    filter=$1 keeps=$(! has_flag "$setting" || echo yes) awk '
        /"UpdateFlag" = NULL/ { if (!ENVIRON["keeps"]) next }
        /"UpdatedDate" = / { if (!ENVIRON["keeps"]) sub(/,$/, "") }
        { sub(/ *--.*/, "") }
        { gsub(/[{]conflict_schema[}]/, "conflict"); gsub(/[{]analytics_schema[}]/, "analytics") }
        (at = index($0, "{chunk_filter}")) {
            $0 = substr($0, 1, at - 1) "(" ENVIRON["filter"] ")" substr($0, at + 14)
        }
        { print }' "$top/sql/conflict_visits/update.sql"
}

# Makes the job file $job of a setting; its update is $scratch/update.SETTING.sql.
write_job() {
    setting=$1
    job_update '{chunk_filter}' | sed 's/({chunk_filter})/{chunk_filter}/' \
        >"$scratch/update.$setting.sql"
    job=$scratch/$setting.json
    sed -e 's|"\.\./sql/conflict_visits/update.sql"|"update.'"$setting"'.sql"|' -e '/"\$schema"/d' \
        "$top/config/conflict_visits.json" >"$job"
    has_flag "$setting" || sed -i '/"flag"/d' "$job"
}

# make_base FILLFACTOR ROWS TARGET: makes the database $base with the data, a ledger, the plan that
# peers are given, and what the rows must be in the end.
make_base() {
    base=base_$1_$2
    [ "$(sql -d postgres -c "SELECT count(*) FROM pg_database WHERE datname = '$base'")" = 0 ] ||
        return 0
    say "data: $2 rows, fillfactor $1"
    sql -d postgres -c "CREATE DATABASE $base"
    sql -d "$base" -v fillfactor="$1" -f "$top/sql/conflict_visits/schema.sql"
    sql -d "$base" -v rows="$2" -f "$top/sql/conflict_visits/data.sql"
    PGDATABASE=$base "$program" ledger "$top/config/conflict_visits.json" create \
        >"$scratch/ledger.log"
    sql -d "$base" -v target="$3" -v scope="$scope AND $window" -f "$here/sql/data.sql"
    sql -d "$base" -c 'CREATE EXTENSION pg_prewarm' -c 'VACUUM (FREEZE, ANALYZE)'
}

# Makes the same state before each measurement: a copy of database $1, read into memory, and a
# checkpoint, so that nothing is left to write.
reset() {
    sql -d postgres -c 'DROP DATABASE IF EXISTS bench' \
        -c "CREATE DATABASE bench TEMPLATE $1 STRATEGY file_copy" 2>"$scratch/reset.log"
    sql -d bench -c "SELECT sum(pg_prewarm(c.oid)) FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('conflict', 'analytics', 'bench', 'public')
            AND c.relkind IN ('r', 'i')" \
        -c CHECKPOINT >"$scratch/prewarm.log"
}

# Sets $postmaster to the server's main process.
find_postmaster() {
    folder=$CHUNKMILL_TEST_POSTGRES
    [ ! -f "$folder/moved_to" ] || folder=$(cat "$folder/moved_to")
    postmaster=$(head -n 1 "$folder/data/postmaster.pid")
}

# Waits until the processes of the sessions with database bench have ended, which takes a moment
# longer than a client sees. Only then is their CPU time among the postmaster's.
wait_for_sessions() {
    while tr ' ' '\n' <"/proc/$postmaster/task/$postmaster/children" |
        sed 's|.*|/proc/&/cmdline|' | xargs cat 2>/dev/null | grep -q ' bench '; do
        sleep 0.05
    done
    sleep 0.1
}

# Prints the CPU time that the server has used, in hundredths of a second: that of the postmaster,
# of its children that have ended, and of those that are running.
server_cpu() {
    {
        sed 's/.*) //' "/proc/$postmaster/stat" | awk '{ print $12 + $13 + $14 + $15 }'
        tr ' ' '\n' <"/proc/$postmaster/task/$postmaster/children" | while read -r child; do
            ticks "$child" || true
        done
    } 2>/dev/null | awk '{ sum += $1 } END { print sum }'
}

# Prints utime + stime of process $1, in hundredths of a second.
ticks() {
    sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
}

# Prints the CPU time that the children of a shell have used, in hundredths of a second, from the
# output of its `times` in file $1.
children_cpu() {
    tail -n 1 "$1" | sed 's/[ms]/ /g' | awk '{ printf "%d\n", 100 * ($1 * 60 + $2 + $3 * 60 + $4) }'
}

# report_members FILE PATH..: prints members of a report, such as phases,work_seconds, one a line.
report_members() {
    file=$1
    shift
    {
        echo "\\set report \`cat '$file'\`"
        for path in "$@"; do
            echo "SELECT :'report'::json #>> '{$path}';"
        done
    } | sql -d postgres -f -
}

# Prints a line of progress with the time since the beginning and, while peers are measured, the
# time left for them.
say() {
    elapsed=$(($(date +%s) - began_at))
    left=
    [ "$done_steps" -eq 0 ] || [ "$done_steps" -ge "$all_steps" ] ||
        left=$(((elapsed * (all_steps - done_steps) / done_steps + 59) / 60))
    [ -z "$left" ] || left=", about $left min left for the peers"
    printf 'compare: %d:%02d%s: %s\n' $((elapsed / 60)) $((elapsed % 60)) "$left" "$*" >&2
}

find_pgbench() {
    for candidate in "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin; do
        [ ! -x "$candidate/pgbench" ] || echo "$candidate/pgbench"
    done | sort -V | tail -n 1
}

# in_background COMMAND..: starts it as process $background, which is ended at the latest with the
# script.
background=
in_background() {
    "$@" >"$scratch/background.log" 2>&1 </dev/null &
    background=$!
}

end_background() {
    [ -z "$background" ] || kill "$background" 2>/dev/null || true
    background=
}

# Prints the median, the smallest and the largest of the numbers on standard input, one a line.
spread() {
    sort -g | awk '{ a[NR] = $1 }
        END { if (NR) print (a[int((NR + 1) / 2)] + a[int(NR / 2) + 1]) / 2, a[1], a[NR] }'
}

# Prints the median alone.
median() {
    spread | cut -d' ' -f1
}

# verdict NUMBER LIMIT [at_least]: prints whether the number is at most, or at least, the limit.
verdict() {
    awk -v n="$1" -v limit="$2" -v at_least="${3-}" \
        'BEGIN { print (at_least ? n >= limit : n <= limit) ? "yes" : "**no**" }'
}

# figure WHAT MEASURED LIMIT HOLDS: adds a line to the table of figures.
figure() {
    printf '%s\t%s\t%s\t%s\n' "$@" >>"$scratch/figures.tsv"
    say "$1: $2 (limit $3): $4"
}

# milliseconds COMMAND..: runs it, and prints how long it took.
milliseconds() {
    began_ms=$(now_ms)
    "$@" >/dev/null 2>"$scratch/timed.log" </dev/null || {
        tail -n 20 "$scratch/timed.log" >&2
        die "$1 failed"
    }
    echo $(($(now_ms) - began_ms))
}

# Prints the ratio of the medians of two columns of standard input, and the spread of the ratios of
# its lines, as 'ratio (smallest to largest)'. The ratio alone is in the file ratio.
ratio_of_columns() {
    cat >ratio.columns
    echo "$(cut -d' ' -f1 ratio.columns | median) $(cut -d' ' -f2 ratio.columns | median)" |
        awk '{ printf "%.6f\n", $1 / $2 }' >ratio
    echo "$(cat ratio) $(awk '{ print $1 / $2 }' ratio.columns | spread)" |
        awk '{ printf "%.3f (%.3f to %.3f)\n", $1, $3, $4 }'
}

# work_seconds_a_row ROWS TARGET: prints the seconds a row in the work phase of a run of chunkmill.
work_seconds_a_row() {
    make_base 50 "$1" "$2"
    reset "$base"
    usual_target=$target target=$2
    run_peer chunkmill
    target=$usual_target
    report_members report.json phases,work_seconds work,updated_rows | paste -s - |
        awk '{ printf "%.9f\n", $1 / $2 }'
}
