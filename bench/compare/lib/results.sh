# Writes the document of bench/compare/run from what it has measured so far: times.tsv, phases.tsv,
# oracle.tsv, figures.tsv. Sourced.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # names are shared between the files

setting_title() {
    if has_flag "$1"; then
        echo "With the flag, fillfactor ${1#flag}"
    else
        echo "Without the flag, fillfactor ${1#plain}"
    fi
}

# limit_of SETTING PEER: prints how much of the peer's time chunkmill may take, or nothing. It must
# be 1.5 times as fast as a session, 1.1 times as GNU parallel, and 8 times as the old system.
limit_of() {
    case $1/$2 in
    flag50/ideal) echo 0.80 ;;
    flag50/ahead) echo 1.10 ;;
    flag*/ideal) echo 1.10 ;;
    plain*/ideal) echo 1.08 ;;
    */session) echo 0.667 ;;
    */parallel) echo 0.909 ;;
    */old*) echo 0.125 ;;
    esac
}

# Prints column $3 of the lines of setting $1 and peer $2 in times.tsv.
measured() {
    awk -F "$tab" -v setting="$1" -v peer="$2" -v column="$3" \
        '$1 == setting && $3 == peer { print $column }' times.tsv
}

# Prints chunkmill's time and that of peer $2 in setting $1, a round a line.
ratios() {
    awk -F "$tab" -v setting="$1" -v peer="$2" '
        $1 == setting && $3 == "chunkmill" { own[$2] = $4 }
        $1 == setting && $3 == peer { other[$2] = $4 }
        END { for (round in other) print own[round], other[round] }' times.tsv
}

# Prints whether a peer's rows were right after each round: exact, inexact (some were updated more
# than once) or **wrong**.
rows_verdict() {
    awk -F "$tab" -v setting="$1" -v peer="$2" '
        $1 == setting && $3 == peer { all++; exact += $10 == "t"; right += $7 == "t" }
        END { print exact == all ? "exact" : right == all ? "inexact" : "**wrong**" }' times.tsv
}

# Prints a line for each peer that has updated rows more than once, with the worst of its rounds.
write_inexact() {
    awk -F "$tab" -v setting="$1" '
        $1 == setting && $7 == "t" && $8 > 0 + again[$3] { again[$3] = $8; updates[$3] = $9 }
        END { for (peer in again) if (again[peer])
                  printf "\n- %s: %d rows more than once, %d updates too many\n",
                         peer, again[peer], updates[peer] }' times.tsv
}

write_peer() {
    limit=$(limit_of "$1" "$2") ratio="" holds=""
    if [ "$2" != chunkmill ]; then
        ratio=$(ratios "$1" "$2" | ratio_of_columns)
        [ -z "$limit" ] || holds=$(verdict "$(cat ratio)" "$limit")
    fi
    for column in 4 5 6 11; do # milliseconds, bytes of WAL, share of HOT updates, CPU
        measured "$1" "$2" $column | median
    done | paste -sd' ' - |
        awk -v rows="$rows" -v peer="$2" -v ratio="$ratio" -v limit="$limit" -v holds="$holds" \
            -v verdict="$(rows_verdict "$1" "$2")" '{
            printf "| %s | %.2f | %d | %s | %s | %s ", peer, $1 / 1000, rows * 1000 / $1, ratio,
                limit, holds
            printf "| %.2f | %d | %.0f%% | %s |\n", $4 / 100, $2 / rows, $3 * 100, verdict }'
}

write_times() {
    cat <<'END'

## Whole wall times

Figures are medians. `ratio` is chunkmill's time over the peer's (from the smallest to the largest
of a round). `CPU s` is the server's and the peer's together, which a noisy machine disturbs least.
`rows` compares the table afterwards with what was computed from the visits alone: values, flags and
the number of updates of each row.
END
    for setting in $measured_settings; do
        printf '\n### %s\n\n' "$(setting_title "$setting")"
        echo '| peer | median s | rows/s | ratio | limit | holds | CPU s | WAL B/row | HOT | rows |'
        echo '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |'
        for peer in chunkmill $peers; do
            lacks "$peer" || write_peer "$setting" "$peer"
        done
        write_inexact "$setting"
    done
}

# Prints the median of an awk expression over the lines of setting $1 in phases.tsv, printed by
# format $3.
phase() {
    awk -F "$tab" "\$1 == \"$1\" { print $2 }" phases.tsv | median | awk "{ printf \"$3\", \$1 }"
}

# The columns of phases.tsv are the setting, the round and the wall time, then the phases in the
# order of the table's head.
write_phases() {
    cat <<'END'

### Where chunkmill's time goes

Medians in seconds. `outside` is what mpirun takes before and after the attempt's own time; `rows/s`
are those of the work phase.

| setting | wall | outside | connect | distribution | plan | work | reduce | other | rows/s |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
END
    for setting in $measured_settings; do
        line="| $setting"
        for column in '$3 / 1000' '$3 / 1000 - $10' '$4' '$5' '$6' '$7' '$8' '$9'; do
            line="$line | $(phase "$setting" "$column" %.3f)"
        done
        echo "$line | $(phase "$setting" '$11' %d) |"
    done
}

write_oracle() {
    cat <<END

### As the oracle's trigger saw it

On $few_watched rows, not timed: tests/support/oracle counts what is done to each row.

| setting | peer | verdict |
| --- | --- | --- |
END
    awk -F "$tab" '{ gsub(/oracle: /, "", $3); sub(/;broken .*/, "", $3)
                     printf "| %s | %s | %s |\n", $1, $2, $3 }' oracle.tsv
}

write_figures() {
    cat <<'END'

## Other figures

| figure | measured | limit | holds |
| --- | --- | --- | --- |
END
    awk -F "$tab" '{ printf "| %s | %s | %s | %s |\n", $1, $2, $3, $4 }' figures.tsv
}

first_line() {
    "$@" 2>&1 </dev/null | head -n 1
}

# item NAME TEXT: prints an item of a list, wrapped.
item() {
    printf '%s' "- $1: $2" | tr -s ' \n' ' ' | fmt -w 98 | sed '2,$s/^/  /'
}

server_settings() {
    sql -d postgres -c "SELECT string_agg(name || ' ' || current_setting(name), ', ' ORDER BY name)
        FROM pg_settings
        WHERE name IN ('shared_buffers', 'max_wal_size', 'fsync', 'synchronous_commit',
            'full_page_writes', 'autovacuum', 'checkpoint_timeout', 'wal_level')"
}

# Prints the comment at the top of a peer's file.
peer_comment() {
    sed -n '/^# shellcheck/q; s/^# //p' "$here/peers/$1.sh" | paste -sd' ' -
}

write_environment() {
    minutes=$((($(date +%s) - began_at) / 60))
    processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
    memory=$(awk '/^MemTotal/ { printf "%.0f GB", $2 / 1048576 }' /proc/meminfo)
    commit=$(cd "$top" && git describe --always --dirty 2>/dev/null || echo unknown)
    psycopg2=$(/usr/bin/python3 -c 'import psycopg2; print(psycopg2.__version__.split()[0])')
    cat <<END
# chunkmill beside its peers

Made by a command. Make it anew, do not edit it:

    $command

END
    item date "$(date -u '+%Y-%m-%d %H:%M UTC'), the measurements took $minutes min$(
        [ -n "$is_finished" ] || echo ' so far, and go on')"
    item machine "$(nproc) processors, $processor, $memory, $(uname -sr)"
    item chunkmill "$(first_line "$program" --version), commit $commit"
    item server "PostgreSQL $(sql -d postgres -c 'SHOW server_version'), on the same machine, by a
        unix socket"
    item "server's settings" "$(server_settings)"
    item "sessions' settings" "$session_settings; the old system's sessions have the server's
        defaults"
    item peers "$(first_line mpirun --version), $(first_line "$pgbench" --version),
        $(first_line parallel --version), psycopg2 $psycopg2"
    item data "$rows rows in scope, data of sql/conflict_visits in shared_buffers; $workers workers;
        chunks of $target rows; $rounds rounds, each peer once a round, in rotated order"
    cat <<'END'

Before each measurement the database is copied afresh, vacuumed and read into memory, and a
checkpoint is made.

Peers, each a file in bench/compare/peers:

END
    for peer in chunkmill $peers; do
        item "**$peer**" "$(peer_comment "$peer")"
    done
}

write_results() {
    write_environment
    if [ -n "$measured_settings" ]; then
        write_times
        write_phases
        write_oracle
    fi
    [ ! -s figures.tsv ] || write_figures
}

# Writes the document so far, so that a long run that is cut off leaves its results.
publish() {
    write_results >results.md
    cp results.md "$out"
}
