# The time of distribution and plan, against that of a COPY of the distribution to /dev/null.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # names are shared between the files
. "$here/lib/planning.sh"

figure_run() {
    setting=flag50
    write_job "$setting"
    make_base 50 "$rows" "$target"
    reset "$base"
    compare_planning "planning, $rows rows, against COPY" 1.15 "$job" \
        "SELECT t.\"VisitDate\"::date, t.\"SSN\", count(*)
        FROM conflict.conflictvisitmaps AS t WHERE $scope AND $window GROUP BY 1, 2 ORDER BY 1, 2"
}
