#!/bin/sh
# Too few connections: workers that get one do the work of those that don't, and nothing is changed
# where none gets one. And a rank can't reach the server while the others can.
# shellcheck source=tests/support/fault.sh
. "$(dirname -- "$0")/../support/fault.sh"

make_items 3000

# The limit of a role holds unless it is a superuser.
psql -Xq -v role=miller -v table=mill.items -v columns='value, "UpdateFlag"' \
    -f "$root/sql/roles.sql"
allow() {
    sql "ALTER ROLE miller CONNECTION LIMIT $1"
}
what_there_is() {
    sql 'SELECT md5(string_agg(t::text, chr(10) ORDER BY t."ID")) FROM mill.items AS t'
    sql 'SELECT count(*) FROM chunkmill.run'
    sql 'SELECT count(*) FROM chunkmill.attempt'
}
of_miller="SELECT count(*) FROM pg_stat_activity WHERE usename = 'miller'"

# No connection is free.
what_there_is >before
allow 0
PGUSER=miller mill 3 run items.json --report none
exits "no connection at all: 69" 69
says "and why" 'too many connections for role "miller"'
what_there_is >after
claim "and nothing is changed" cmp before after

# Too few are free, and check sees it.
allow 3
PGUSER=miller mill 5 run items.json --report none
exits "too few for the ranks: check refuses, 3" 3
says "and says what to do" 'connections: 3 free .*start fewer ranks'
what_there_is >after
claim "and still nothing is changed" cmp before after

# Too few are free, and check can't see it, because others take them between the check and the
# workers.
# Here the check is skipped.
allow 3
PGUSER=miller mill 5 run slow.json --report some.json --skip-check connections
exits "only some workers get a connection: they do everything, and it ends with 0" 0
says "the workers without a connection are named" \
    'worker [0-9] is gone, its chunks go to the others: .*too many connections'
exact "only some workers get a connection: each row exactly once"
same "only some workers get a connection: by one attempt" "done|1" "$(run_value 'state, attempt')"
same "the control connection and two workers had a connection" \
    2 "$(chunks_value 'count(DISTINCT worker)')"
fresh_items

# max_connections of the server, and its reserve for superusers.
allow -1
sql 'ALTER SYSTEM SET max_connections = 9' >/dev/null # of which 3 are reserved
sql 'ALTER SYSTEM SET max_wal_senders = 2' >/dev/null
server restart "$CHUNKMILL_TEST_POSTGRES" fast
for number in 1 2; do
    PGUSER=miller background "idler$number" psql -XAtqc 'SELECT pg_sleep(600)'
done
wait_until 10 is_true "($of_miller) = 2"
PGUSER=miller mill 6 run slow.json --report none --skip-check connections
exits "max_connections: the workers with a connection do everything" 0
says "max_connections: the SQL error is shown" \
    'remaining connection slots are reserved|too many clients'
exact "max_connections: each row exactly once"
fresh_items
for number in 1 2; do
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE query = 'SELECT pg_sleep(600)'" >/dev/null
    finish "idler$number"
done

# A worker loses its connection, and gets none for a while. It waits with the chunk that it had, and
# the others do the rest.
allow 4
PGUSER=miller begin slow 4 run slow.json --report none --skip-check connections \
    --set chunk.target_rows=50 --set mark_ahead=0
wait_until 30 is_true "(SELECT count(*) >= 6 FROM chunkmill.chunk WHERE state = 'done')"
allow 1
sql "SELECT pg_terminate_backend($(backend_of 2))" >/dev/null
# Two chunks are left: one that the worker has, and one in its queue.
wait_until 30 is_true "(SELECT count(*) <= 2 FROM chunkmill.chunk WHERE state <> 'done')"
claim "a worker that gets no connection for a while: the others do the rest" \
    kill -0 "$(pid_of slow)"
allow 4
ends_well slow "a worker that gets no connection for a while"
allow -1
fresh_items

# A rank can't reach the server while the others can: it is in a mount namespace where the server's
# socket is hidden. With the static schedule it has a share of its own, which goes to the others.
need_root "hiding the server's socket from one rank"
unshare --mount true 2>/dev/null || skip "no mount namespaces here"
cat >cut_off <<'SH'
#!/bin/sh
[ "$OMPI_COMM_WORLD_RANK" != 2 ] ||
    exec unshare --mount sh -c 'mount -t tmpfs chunkmill-test "$PGHOST" && exec "$@"' sh "$@"
exec "$@"
SH
chmod +x cut_off
background run mpirun -q --oversubscribe --bind-to none -n 4 ./cut_off "$CHUNKMILL" run slow.json \
    --report none --set schedule=static
ends_well run "a rank that can't reach the server"
says "a rank that can't reach the server is named, and its share goes back" \
    'worker 2 is gone, its chunks go to the others: connecting'
same "a rank that can't reach the server did nothing" \
    0 "$(chunks_value 'count(*) FILTER (WHERE worker = 2)')"

conclude
