# Distribution and plan alone, against the distribution thrown away by psql.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # sourced: names come from elsewhere, and go there
. "$compare/lib/planning.sh"

figure_run() {
    setting=flag50
    write_job "$setting"
    make_base 50 "$rows" "$target"
    reset "$base"
    compare_planning "distribution and plan alone, $rows rows, against COPY (distribution)" 1.15 \
        "$job" "SELECT t.\"VisitDate\"::date, t.\"SSN\", count(*)
        FROM conflict.conflictvisitmaps AS t WHERE $scope AND $window GROUP BY 1, 2 ORDER BY 1, 2"
}
