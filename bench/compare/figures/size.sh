# Small chunks against large ones, on the same table: rows a second in the work phase.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # sourced: names come from elsewhere, and go there

figure_run() {
    setting=flag50
    write_job "$setting"
    : >size.tsv
    round=1
    while [ "$round" -le "$rounds" ]; do
        small=$(work_seconds_a_row "$rows" $((target / 10)))
        large=$(work_seconds_a_row "$rows" "$target")
        echo "$large $small" >>size.tsv
        round=$((round + 1))
    done
    measured=$(ratio_of_columns <size.tsv)
    figure "chunks of $((target / 10)) rows against $target, rows/s in the work phase" "$measured" \
        "0.85 or more" "$(verdict "$(cat ratio)" 0.85 at_least)"
}
