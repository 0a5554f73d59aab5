# The makespan of the dispatcher with simulated workers, against the bound.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # names are shared between the files

figure_run() {
    (cd "$top" && cmake --preset dev && cmake --build --preset dev --target simulate) \
        >simulate.log 2>&1 || die "bench/simulate can't be built"
    for plan in uniform skewed adversarial; do
        measured=$("$top/build/dev/bench/simulate" --plan $plan |
            sed -n 's/^makespan.* s, \([0-9.]*\) of the bound.*/\1/p')
        figure "simulated makespan against the bound, $plan plan" "$measured" 1.02 \
            "$(verdict "$measured" 1.02)"
    done
}
