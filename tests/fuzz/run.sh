#!/bin/sh
# Fuzzes the modules that read text and bytes from outside, with libFuzzer and the sanitizers for
# addresses and undefined behaviour.
#
# usage: tests/fuzz/run.sh [--seconds N] [--seed S] [MODULE..]
#
#   --seconds N  how long each module is fuzzed; 60 by default
#   --seed S     the seed of the mutations; 1 by default
#   MODULE       a target tests/fuzz/fuzz_MODULE.c; by default all, one per processor at a time
#
# Starts from tests/fuzz/corpus/MODULE. Inputs that reach new code go to build/fuzz/found/MODULE; an
# input that crashes, leaks or hangs goes to build/fuzz/artifacts/. Add such an input to the corpus
# once it is mended: ctest -R fuzz replays the corpus in every build.
set -eu
cd "$(dirname "$0")/../.."
build=build/fuzz
seconds=60
seed=1
modules=

usage() {
    sed -n '2,/^set -eu/s/^# \{0,1\}//p' tests/fuzz/run.sh | sed '$d'
}

number() {
    case $2 in
    '' | *[!0-9]* | 0*)
        echo "run.sh: $1 wants a whole number above 0" >&2
        exit 2
        ;;
    esac
}

# fuzz_module MODULE SECONDS SEED: prints one line to stdout, and the report of a fault to stderr.
fuzz_module() {
    log=$build/found/$1.log
    dictionary=tests/fuzz/sql.dict
    [ "$1" != config ] || dictionary=tests/fuzz/config.dict
    # The inputs found last time must not influence this run.
    rm -rf "$build/found/$1"
    mkdir -p "$build/found/$1" "$build/artifacts"
    status=0
    "$build/tests/fuzz/fuzz_$1" -max_total_time="$2" -seed="$3" -max_len=4096 -timeout=30 \
        -print_final_stats=1 -dict="$dictionary" -artifact_prefix="$build/artifacts/$1-" \
        "$build/found/$1" "tests/fuzz/corpus/$1" >"$log" 2>&1 || status=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    units=$(sed -n 's/^stat::new_units_added: *//p' "$log")
    if [ "$status" -eq 0 ] && [ "${runs:-0}" -gt 0 ]; then
        echo "ok - fuzz $1: $runs executions, $units new units"
        return 0
    fi
    input=$(sed -n 's/.*Test unit written to //p' "$log" | head -n 1)
    {
        grep -vE '^(#[0-9]|INFO:|stat::)' "$log" | head -n 60
        if [ -n "$input" ]; then
            echo "fuzz $1: the input is in $input; try $build/tests/fuzz/fuzz_$1 $input"
        else
            echo "fuzz $1: ended with status $status and left no input; see $log"
        fi
    } >&2
    echo "not ok - fuzz $1: ${input:-$log}"
    return 1
}

if [ "${1-}" = --module ]; then # xargs calls this below
    shift
    fuzz_module "$@"
    exit
fi
while [ $# -gt 0 ]; do
    case $1 in
    --seconds | --seed)
        number "$1" "${2-}"
        if [ "$1" = --seed ]; then seed=$2; else seconds=$2; fi
        shift
        ;;
    --help | -h)
        usage
        exit 0
        ;;
    *)
        if [ ! -f "tests/fuzz/fuzz_$1.c" ]; then
            echo "run.sh: no module $1 here; try --help" >&2
            exit 2
        fi
        modules="$modules $1"
        ;;
    esac
    shift
done
[ -n "$modules" ] ||
    modules=$(for file in tests/fuzz/fuzz_*.c; do basename "$file" .c | sed 's/^fuzz_//'; done)

mkdir -p "$build"
if ! { cmake --preset fuzz && cmake --build --preset fuzz; } >"$build/build.log" 2>&1; then
    grep -E '(error|warning):' "$build/build.log" >&2 || tail -n 20 "$build/build.log" >&2
    echo "not ok - fuzz: the build" >&2
    exit 1
fi
unset LLVM_PROFILE_FILE
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
# shellcheck disable=SC2086 # one word a line
printf '%s\n' $modules |
    xargs -P "$(nproc)" -I MODULE tests/fuzz/run.sh --module MODULE "$seconds" "$seed"
