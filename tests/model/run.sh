#!/bin/sh
# The ledger's protocol, checked exhaustively with spin: the model as it stands has no error, and
# each rule that is left out has one.
# README.md says what is modelled. Needs spin and a C compiler; at most 2 GB at once.
#
# usage: run.sh [holds|refuted]
#
#   holds      only the model as it stands: ctest model.protocol
#   refuted    only the rules left out: ctest model.rules
set -eu
case ${1-} in
'' | holds | refuted) only=${1-} ;;
*)
    echo "run.sh: holds or refuted, not $1" >&2
    exit 2
    ;;
esac

here=$(cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
cd "$work"
failed=0

ok() {
    echo "ok - $1"
}

not_ok() {
    echo "not ok - $1"
    sed 's/^/# /' log
    failed=1
}

# search DEFINES [ARGUMENTS..]: builds the search of an instance and runs it into log.
search() {
    defines=$1
    shift
    rm -f pan pan.*
    # shellcheck disable=SC2086 # words
    spin $defines -a "$here/protocol.pml" >log 2>&1 && gcc -O2 -w -DSAFETY -DCOLLAPSE \
        -DMEMLIM=2000 -o pan pan.c >>log 2>&1 || return 0
    ./pan -n -m100000 "$@" >>log 2>&1 || true
    grep -v '^Depth=' log >short || true
    mv short log
}

# holds CLAIM DEFINES: every state was searched, also for ends at which something still waits, and
# none is wrong.
holds() {
    [ "$only" != refuted ] || return 0
    search "$2"
    states=$(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' log)
    if grep -q 'errors: 0$' log && ! grep -Eq 'not completed|max search depth|MEMLIM' log; then
        ok "$1: $states states (${2:-no defines})"
    else
        not_ok "$1 (${2:-no defines})"
    fi
}

# refuted RULE DEFINES WRONG: without the rule, spin finds that WRONG is not 0. What merely waits
# for ever (-E) does not count.
refuted() {
    [ "$only" != holds ] || return 0
    search "$2" -E
    if grep -q "assertion violated ($3==0)" log; then
        depth=$(sed -n 's/.*assertion violated.*at depth \([0-9]*\).*/\1/p' log)
        ok "without this it goes wrong: $1: $3 after $depth steps ($2)"
    else
        not_ok "without this it goes wrong: $1: $3 ($2)"
    fi
}

holds 'flag cycle' ''
holds 'flag cycle, each statement a step' -DEACH_STATEMENT
holds 'flag cycle, a foreign program flags, unflags and writes' '-DFOREIGN=2 -DTOUCH'
holds 'the same, each statement a step' '-DFOREIGN=2 -DTOUCH -DEACH_STATEMENT'
holds 'flag cycle, split and quarantined' '-DSPLIT -DFAIL'
holds 'flag cycle, split and quarantined, foreign program, one crash' \
    '-DSPLIT -DFAIL -DFOREIGN=1 -DCRASHES=1'
holds 'abandon, split, quarantined, foreign program' '-DABANDON -DSPLIT -DFAIL -DFOREIGN=1 -DTOUCH'
holds 'cycle without a flag, split and quarantined' '-DNO_FLAG -DSPLIT -DFAIL -DEACH_STATEMENT'

refuted 'the fence' '-DNO_FENCE -DABANDON' marks_left_behind
refuted 'the fence locks FOR SHARE' '-DFENCE_KEY_SHARE -DABANDON' marks_left_behind
refuted 'the fence is a statement of its own' '-DFENCE_IN_CLAIM -DABANDON' marks_left_behind
refuted 'T2 looks at the state that it claimed' -DNO_STATE_CHECK updated_twice
refuted 'done is written with the rows' -DDONE_ELSEWHERE updated_twice
refuted 'a split retires the parent' '-DSPLIT_IN_PLACE -DSPLIT -DNO_FLAG' updated_twice
refuted 'a split counts anew for each half' \
    '-DSPLIT_COUNT_KEPT -DSPLIT -DFAIL -DFOREIGN=1 -DCRASHES=0' rows_not_in_count
refuted 'the chunk is read FOR UPDATE' -DPLAIN_READ updated_twice
refuted 'the chunk is read FOR UPDATE, without a flag too' '-DPLAIN_READ -DNO_FLAG' updated_twice
refuted 'the ledger says what is done, not the flag' -DFLAG_IS_TRUTH rows_not_in_count
refuted 'T2 takes rows of the mark by xmin' '-DNO_XMIN -DFOREIGN=1' foreign_flags_changed
refuted 'rows that are not ours count, whatever their flag' '-DCOUNT_FLAGS_ONLY -DFOREIGN=1' \
    rows_not_in_count
refuted 'marks are released by id' '-DRELEASE_BY_FLAG -DFOREIGN=1 -DABANDON' foreign_flags_changed

exit $failed
