# The time of distribution and plan for a unique key, against that of a COPY of the distribution.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # names are shared between the files
. "$here/lib/planning.sh"

figure_run() {
    write_numbers
    make_numbers "$keys"
    reset "$base"
    compare_planning "planning, $keys keys, against COPY" 0.3 "$job" \
        'SELECT t.id, count(*) FROM public.numbers AS t GROUP BY 1 ORDER BY 1'
}
