#!/bin/sh
# Connections go silent. A proxy in between is stopped, so that its kernel still acknowledges what
# is sent, and nothing ever comes back. Only a limit on the time of an answer detects that:
# statement_timeout and ten seconds of grace.
# shellcheck source=tests/support/fault.sh
. "$(dirname -- "$0")/../support/fault.sh"

make_items 3000
direct=$PGHOST
port=$(free_port)
background proxy socat "TCP-LISTEN:$port,bind=127.0.0.1,fork,reuseaddr" \
    "UNIX-CONNECT:$direct/.s.PGSQL.5432"
is_listening() {
    PGHOST=127.0.0.1 PGPORT=$port psql -XAtqc 'SELECT 1'
}
wait_until 10 is_listening

# begin_through NAME: begins a run through the proxy.
begin_through() {
    PGHOST=127.0.0.1 PGPORT=$port begin "$1" 4 run slow.json --report none --verbose \
        --set chunk.target_rows=100 \
        --set connection.statement_timeout_ms=2000
    wait_until 30 is_true "(SELECT count(*) >= 3 FROM chunkmill.chunk WHERE state = 'done')"
}

# All of its connections go silent; new ones are served.
begin_through slow
silenced=$(children "$(pid_of proxy)")
# shellcheck disable=SC2086 # processes
kill -STOP $silenced
ends_well slow "all connections go silent, new ones are to be had"
same "all connections go silent: no chunk is suspected for it" 0 "$(chunks_value 'sum(crashes)')"
# shellcheck disable=SC2086
kill -KILL $silenced
fresh_items

# Nothing answers for a while, not even new connections.
begin_through slow
silenced="$(children "$(pid_of proxy)") $(pid_of proxy)"
# shellcheck disable=SC2086
kill -STOP $silenced
wait_until 30 grep -q 'the control connection is lost' slow.out
# shellcheck disable=SC2086
kill -CONT $silenced
ends_well slow "nothing answers for a while"
same "nothing answers for a while: no chunk is suspected for it" 0 "$(chunks_value 'sum(crashes)')"

conclude
