# The rows a second in the work phase, with small chunks and with large ones on the same table.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # names are shared between the files

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
    figure "rows/s, chunks of $((target / 10)) rows against $target" "$measured" "0.85 or more" \
        "$(verdict "$(cat ratio)" 0.85 at_least)"
}
