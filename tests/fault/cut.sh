#!/bin/sh
# The network between ranks and server is cut, in network namespaces of the test's own. Both sides
# notice it within half a minute, and when it is back the run goes on by itself. Also, a dead rank's
# session ends soon after the rank.
# shellcheck source=tests/support/fault.sh
. "$(dirname -- "$0")/../support/fault.sh"

need_root "network namespaces"
unshare --net true 2>/dev/null || skip "no network namespaces here"
make_items 3000

# A rank is killed in the middle of a long statement, and nobody starts the job again.
sed 's/pg_sleep(0.2)/pg_sleep(600)/' slow.sql >long.sql
items_job long long.sql flag >long.json
begin long 3 run long.json --report none
asleep="SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'chunkmill worker%'
    AND wait_event = 'PgSleep'"
wait_until 30 is_true "($asleep) = 2"
kill -KILL "$(rank_pid long 1)"
finish long
wait_until 8 is_true "($asleep) = 0"
ok "a dead rank's session ends within seconds by itself, in the middle of a statement"
wait_until 8 is_true "NOT EXISTS (SELECT FROM pg_stat_activity
    WHERE application_name LIKE 'chunkmill%')"
ok "and so do the sessions of the other ranks"
fresh_items
sql 'DELETE FROM chunkmill.job' >/dev/null

# Two networks with a wire between them: the ranks are at one end, the server at the other. The
# networks end with the processes that hold them.
background ranks unshare --net sleep infinity
background server unshare --net sleep infinity
at() {
    at_process=$(pid_of "$1")
    shift
    nsenter --target "$at_process" --net -- "$@"
}
is_apart() {
    [ "$(readlink "/proc/$(pid_of "$1")/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}
wait_until 5 is_apart ranks
wait_until 5 is_apart server
at ranks ip link add wire type veth peer name wire netns "$(pid_of server)"
for end in ranks.1 server.2; do
    at ${end%.*} ip addr add "10.0.0.${end#*.}/24" dev wire
    at ${end%.*} ip link set wire up
    at ${end%.*} ip link set lo up
done
sql "ALTER SYSTEM SET listen_addresses = '10.0.0.2'"
echo 'host all all 10.0.0.0/24 trust' >>"$(sql 'SHOW hba_file')"
at server "$root/tests/tools/postgres" restart "$CHUNKMILL_TEST_POSTGRES" fast

PGHOST=10.0.0.2 background slow nsenter --target "$(pid_of ranks)" --net -- \
    mpirun -q --oversubscribe --bind-to none -n 4 "$CHUNKMILL" run slow.json \
    --report none --set chunk.target_rows=100 --verbose
wait_until 30 is_true "(SELECT count(*) >= 3 FROM chunkmill.chunk WHERE state = 'done')"
seen=$(sql "SELECT string_agg(pid::text, ',') FROM ($sessions) AS s")
at server ip link set wire down
cut_at=$(date +%s)
wait_until 40 grep -q 'the control connection is lost' slow.out
wait_until 40 is_true "NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid IN ($seen))"
same "a cut is noticed at both ends within 40 s" t "$(sql "SELECT $(date +%s) - $cut_at <= 40")"
claim "a cut: the run waits" kill -0 "$(pid_of slow)"
at server ip link set wire up
ends_well slow "a cut of the network"
same "a cut of the network: no chunk is suspected for it" 0 "$(chunks_value 'sum(crashes)')"

conclude
