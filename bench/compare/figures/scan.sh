# The old system without the index, on a small table: each chunk reads all of it.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # names are shared between the files

figure_run() {
    setting=flag50
    write_job "$setting"
    some=$((rows / 100 > 4000 ? rows / 100 : 4000))
    make_base 50 $some $((some / 40))
    for kind in with without; do
        reset "$base"
        [ $kind = with ] || sql -d bench -c 'DROP INDEX conflict.conflictvisitmaps_date_ssn'
        run_peer old
        right=$(sql -d bench -F ' ' -f "$here/sql/judge.sql" | cut -d' ' -f1)
        [ "$right" = t ] || die "old, $kind the index: the rows are not what they must be"
        echo $((some * 1000 / took)) >"old.$kind"
    done
    figure "the old system without the index, $some rows" \
        "$(cat old.without) rows/s ($(cat old.with) with it)" "-" "-"
}
