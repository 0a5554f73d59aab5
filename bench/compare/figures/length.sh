# The time a row in the work phase, with ten times as many chunks of the same size.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # names are shared between the files

figure_run() {
    setting=flag50
    write_job "$setting"
    size=$((rows / 200)) few=$((rows / 5)) many=$((rows * 2))
    : >length.tsv
    round=1
    while [ "$round" -le "$rounds" ]; do
        long=$(work_seconds_a_row "$many" $size)
        short=$(work_seconds_a_row "$few" $size)
        echo "$long $short" >>length.tsv
        round=$((round + 1))
    done
    measured=$(ratio_of_columns <length.tsv)
    figure "time a row, 400 chunks of $size rows against 40" "$measured" "0.90 to 1.10" \
        "$(awk '{ print ($1 >= 0.9 && $1 <= 1.1) ? "yes" : "**no**" }' ratio)"
}
