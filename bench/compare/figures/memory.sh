# Rank 0's peak memory over a whole run, with many keys and with a hundredth of them.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # sourced: names come from elsewhere, and go there
. "$compare/lib/planning.sh"

# Peak memory of rank 0 in kB, by its own rusage.
rank_0_kb() {
    make_numbers "$1"
    reset "$base"
    rm -f peak
    PGDATABASE=bench mpirun -q --oversubscribe --bind-to none -n 1 /usr/bin/time -f %M -o peak \
        "$program" run "$job" --report none : \
        -n "$workers" "$program" run "$job" --report none >peer.log 2>&1 </dev/null || {
        tail -n 20 peer.log >&2
        die "chunkmill failed with $1 keys"
    }
    left=$(sql -d bench -c 'SELECT count(*) FROM public.numbers WHERE n <> 1')
    [ "$left" -eq 0 ] || die "$left of $1 rows were not updated once"
    cat peak
}

figure_run() {
    write_numbers
    few=$((keys / 100))
    few_kb=$(rank_0_kb "$few")
    many_kb=$(rank_0_kb "$keys")
    figure "rank 0's peak memory, $keys keys against $few" "$(echo "$many_kb $few_kb" |
        awk '{ printf "%+.1f MB (%.1f against %.1f MB)", ($1 - $2) / 1024,
        $1 / 1024, $2 / 1024 }')" "2 MB more" "$(verdict $((many_kb - few_kb)) 2048)"
}
