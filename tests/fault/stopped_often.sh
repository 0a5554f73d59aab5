#!/bin/sh
# A run is stopped again and again by SIGTERM and by SIGINT in the middle of the same chunks, as
# time limits do. No rank died of these chunks, so none becomes a suspect, and none is quarantined.
# shellcheck source=tests/support/moments.sh
. "$(dirname -- "$0")/../support/moments.sh"

for signal in TERM INT; do
    for _ in 1 2 3 4 5; do
        long_statement
        kill "-$signal" "$(pid_of run)"
        finish run 30
        alone status slow.json --exit-status
        [ "$status" = 75 ] || break
    done
    exits "stopped five times by SIG$signal in the same chunks: the ledger says 75" 75
    same "SIG$signal: no chunk is quarantined" \
        0 "$(chunks_value "count(*) FILTER (WHERE state = 'failed')")"
    same "SIG$signal: no chunk is suspected" 0 "$(chunks_value 'coalesce(max(crashes), 0)')"
    resumed "stopped five times by SIG$signal"
done

conclude
