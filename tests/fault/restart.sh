#!/bin/sh
# The server is away for long: its main process is killed with kill -9, and started again only 30 s
# later. tests/job/server.sh has the short restarts.
# shellcheck source=tests/support/fault.sh
. "$(dirname -- "$0")/../support/fault.sh"

make_items 6000

begin_slow
kill -KILL "$(postmaster)"
sleep 30 # this is the fault; there is nothing to wait for
claim "a server that is gone for 30 s: the run waits for it" kill -0 "$(pid_of slow)"
server start "$CHUNKMILL_TEST_POSTGRES" >/dev/null
ends_well slow "a server that is gone for 30 s"
says "a server that is gone for 30 s: the run says so, and when it is back" \
    'control connection is back'

conclude
