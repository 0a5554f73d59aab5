# Rank 0's peak memory in a whole run, with many keys and with a hundredth of them.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154 # names are shared between the files
. "$here/lib/planning.sh"

# Prints rank 0's peak memory in kB, by its own rusage.
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
    measured=$(echo "$many_kb $few_kb" | awk '{ many = $1 / 1024; few = $2 / 1024
        printf "%+.1f MB (%.1f against %.1f MB)", many - few, many, few }')
    figure "rank 0's memory, $keys keys against $few" "$measured" "2 MB more" \
        "$(verdict $((many_kb - few_kb)) 2048)"
}
