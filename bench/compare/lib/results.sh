# The document that bench/compare/run writes, from what it has measured so far: times.tsv,
# phases.tsv, oracle.tsv, figures.tsv. Sourced.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # sourced: names come from elsewhere, and go there

setting_title() {
    if has_flag "$1"; then
        echo "With the flag, fillfactor ${1#flag}"
    else
        echo "Without the flag, fillfactor ${1#plain}"
    fi
}

# The most that chunkmill's time may be of the peer's, or nothing: limit_of SETTING PEER. The
# issue's words in times: 1 / 1.5, 1 / 1.1, 1 / 8.
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

# Column $3 of the lines of setting $1 and peer $2 in times.tsv.
measured() {
    awk -F "$tab" -v setting="$1" -v peer="$2" -v column="$3" \
        '$1 == setting && $3 == peer { print $column }' times.tsv
}

# Chunkmill's time over the peer's, round by round.
ratios() {
    awk -F "$tab" -v setting="$1" -v peer="$2" '
        $1 == setting && $3 == "chunkmill" { own[$2] = $4 }
        $1 == setting && $3 == peer { other[$2] = $4 }
        END { for (round in other) print own[round], other[round] }' times.tsv
}

rows_verdict() {
    awk -F "$tab" -v setting="$1" -v peer="$2" '
        $1 == setting && $3 == peer { all++; exact += $10 == "t"; right += $7 == "t"; if ($8 > again) { again = $8; updates = $9 } }
        END { if (exact == all) print "exact"
              else if (right == all) printf "%d rows more than once, %d updates too many\n", again, updates
              else print "**wrong**" }' times.tsv
}

write_peer() {
    limit=$(limit_of "$1" "$2") ratio="" holds=""
    median_ms=$(measured "$1" "$2" 4 | spread | cut -d' ' -f1)
    if [ "$2" != chunkmill ]; then
        ratio=$(ratios "$1" "$2" | ratio_of_columns)
        [ -z "$limit" ] || holds=$(verdict "$(cat ratio)" "$limit")
    fi
    echo "$median_ms $rows $(measured "$1" "$2" 5 | spread |
        cut -d' ' -f1) $(measured "$1" "$2" 6 | spread | cut -d' ' -f1)" \
        "$(measured "$1" "$2" 11 | spread | cut -d' ' -f1)" |
        awk -v peer="$2" -v ratio="$ratio" -v limit="$limit" -v holds="$holds" \
            -v is="$(rows_verdict "$1" "$2")" '{
            printf "| %s | %.2f | %d | %s | %s | %s | %.2f | %d | %.0f %% | %s |\n", peer, $1 / 1000, $2 * 1000 / $1, ratio, limit, holds, $5 / 100,
                $3 / $2, $4 * 100, is }'
}

write_times() {
    cat <<'END'

## Whole wall times

Ratio: of chunkmill's median time to the peer's (the smallest to the largest of a round). Rows: the table afterwards against what was computed
from the visits alone; values, flags and the number of updates of each row. CPU: the server's and the peer's together, which a noisy machine
disturbs least. Medians, too: CPU, WAL, HOT.
END
    for setting in $measured_settings; do
        printf '\n### %s\n\n' "$(setting_title "$setting")"
        echo '| peer | median s | rows/s | ratio | limit | holds | CPU s | WAL bytes a row | HOT | rows |'
        echo '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |'
        for peer in chunkmill $peers; do
            lacks "$peer" || write_peer "$setting" "$peer"
        done
    done
}

# Medians of the columns of phases.tsv: round, wall time, then phases in the order of the table's
# head.
write_phases() {
    cat <<'END'

### Where chunkmill's time goes

Medians in seconds; outside: what mpirun takes before and after the attempt's own time.

| setting | wall | outside | connect | distribution | plan | work | reduce | other | rows/s in the work phase |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
END
    for setting in $measured_settings; do
        line="| $setting"
        for column in '$3 / 1000' '$3 / 1000 - $10' '$4' '$5' '$6' '$7' '$8' '$9'; do
            line="$line | $(awk -F "$tab" "\$1 == \"$setting\" { print $column }" phases.tsv |
                spread | awk '{ printf "%.3f", $1 }')"
        done
        echo "$line | $(awk -F "$tab" -v s="$setting" '$1 == s { print $11 }' phases.tsv |
            spread | awk '{ printf "%d", $1 }') |"
    done
}

write_oracle() {
    printf '\n### As the trigger saw it\n\nOn %d rows, not timed: tests/support/oracle counts what is done to each row.\n\n' "$few_watched"
    echo '| setting | peer | verdict |'
    echo '| --- | --- | --- |'
    awk -F "$tab" '{ sub(/oracle: /, "", $3); printf "| %s | %s | %s |\n", $1, $2, $3 }' oracle.tsv
}

write_figures() {
    printf '\n## Other figures\n\n| figure | measured | limit | holds |\n| --- | --- | --- | --- |\n'
    awk -F "$tab" '{ printf "| %s | %s | %s | %s |\n", $1, $2, $3, $4 }' figures.tsv
}

first_line() {
    "$@" 2>&1 </dev/null | head -n 1
}

write_environment() {
    cat <<END
# chunkmill beside its peers

Made by a command; made anew, not mended:

    $command

| | |
| --- | --- |
| date | $(date -u '+%Y-%m-%d %H:%M UTC'), the measurements took $((($(date +%s) - began_at) / 60)) min$([ -n "$is_finished" ] || echo ' and go on: this is what there is so far') |
| machine | $(nproc) processors, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(awk '/^MemTotal/ { printf "%.0f GB", $2 / 1048576 }' /proc/meminfo), $(uname -sr) |
| chunkmill | $(first_line "$program" --version), commit $(cd "$top" && git describe --always --dirty 2>/dev/null || echo unknown) |
| server | PostgreSQL $(sql -d postgres -c 'SHOW server_version'), on the same machine, by a unix socket |
| settings | $(sql -d postgres -c "SELECT string_agg(name || ' ' || current_setting(name), ', ' ORDER BY name) FROM pg_settings WHERE name IN
    ('shared_buffers', 'max_wal_size', 'fsync', 'synchronous_commit', 'full_page_writes', 'autovacuum', 'checkpoint_timeout', 'wal_level')") |
| sessions | $session_settings; those of the old way have the server's defaults |
| others | $(first_line mpirun --version), $(first_line "$pgbench" --version), $(first_line parallel --version), psycopg2 $(/usr/bin/python3 -c 'import psycopg2; print(psycopg2.__version__.split()[0])') |
| data | $rows rows in scope, data of sql/conflict_visits in shared_buffers; $workers workers; chunks of $target rows; $rounds rounds, each peer once, in rotated order |

Before each measurement: a fresh copy of the same database, vacuumed, read into memory, a checkpoint.

Peers, each a file in bench/compare/peers:

END
    for peer in chunkmill $peers; do
        sed -n '1s/^# /- **'"$peer"'**: /p' "$compare/peers/$peer.sh"
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

# The document so far; a long run that is cut off has not been in vain.
publish() {
    write_results >results.md
    cp results.md "$out"
}
