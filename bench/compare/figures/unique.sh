# Distribution and plan of a unique key, against the distribution thrown away by psql.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # sourced: names come from elsewhere, and go there
. "$compare/lib/planning.sh"

figure_run() {
    write_numbers
    make_numbers "$keys"
    reset "$base"
    compare_planning "the same for a unique key, $keys keys" 0.3 "$job" \
        'SELECT t.id, count(*) FROM public.numbers AS t GROUP BY 1 ORDER BY 1'
}
