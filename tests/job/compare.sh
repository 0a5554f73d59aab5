#!/bin/sh
# bench/compare/run on few rows: every peer and figure runs, each peer's rows are judged, the
# document is made; and a peer that leaves rows out is seen.
# shellcheck source=tests/support/job.sh
. "$(dirname -- "$0")/../support/job.sh"

# compare ARGUMENTS..: of the tree $tree; its exit status is $status.
compare() {
    status=0
    env -u PGHOST -u PGPORT -u PGUSER -u PGDATABASE "$tree/bench/compare/run" --rows 4000 --rounds \
        1 --keys 5000 --seconds 1 \
        --program "$CHUNKMILL" --out "$work/results.md" "$@" >out 2>&1 </dev/null || status=$?
}

# How many lines of the document are like this.
lines() {
    grep -cE -- "$1" results.md || true
}

tree=$root
compare --settings flag50,plain30 --only \
    ideal,ahead,bare,session,parallel,old,old_kept,scan,planning,unique,memory,size,waiting
exits "all peers and figures run, and all rows are right" 0
same "a table's line for each peer and setting" \
    13 "$(lines '^\| (chunkmill|ideal|ahead|bare|session|parallel|old|old_kept) \| [0-9.]+ \|')"
same "whose rows are exact, but for the old way's" \
    11 "$(lines '^\| (chunkmill|ideal|ahead|bare|session|parallel) \| .*\| exact \|$')"
exact_peers='chunkmill|ideal|ahead|bare|session|parallel'
same "the trigger says so, too" \
    11 "$(lines "^\\| (flag50|plain50) \\| ($exact_peers) \\| exact \\|\$")"
same "a verdict for each figure with a limit" \
    7 "$(lines '^\| [^|]+ \| [^|]+ \| [^|]*[0-9][^|]* \| (yes|\*\*no\*\*) \|$')"
same "a line of phases for each setting" 2 "$(lines '^\| (flag50|plain30)( \| [0-9.]+){9} \|$')"
same "no key is in it" 0 "$(lines '[0-9]{3}-[0-9]{2}-[0-9]{4}')"

mkdir tree
for part in sql config tests build; do
    ln -s "$root/$part" tree/$part
done
cp -r "$root/bench" tree/bench
echo 'update_plainly() {
    job_update "$1 AND $scope AND t.\"UpdateFlag\" = 1 AND t.\"ID\" % 50 <> 0"
    echo ";"
}' >>tree/bench/compare/peers/session.sh
tree=$work/tree
compare --settings flag50 --only session
exits "a peer that leaves rows out fails the whole" 1
says "the oracle has seen it" 'session, flag50: oracle: in scope and never updated'
same "and so does the table" 1 "$(lines '^\| session \|.*\| \*\*wrong\*\* \|$')"

compare --only nobody
exits "an unknown peer is refused" 2
conclude
