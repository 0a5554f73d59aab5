#!/bin/sh
# Standbys: a job is started on one by mistake; a run fails over to one in the middle, with
# synchronous and with asynchronous replication; and a primary is made a standby of its own standby.
# shellcheck source=tests/support/fault.sh
. "$(dirname -- "$0")/../support/fault.sh"

make_items 6000
home=$CHUNKMILL_TEST_POSTGRES
primary=$PGHOST

# standby_of FOLDER NAME: makes a standby; its socket's folder is $standby.
make_standby() {
    server standby "$1" "$2" >standby.env
    standby=$(sed -n "s/^export PGHOST='\([^']*\)'.*/\1/p" standby.env)
}

# Whether the standby has replayed everything that the primary has done so far.
is_level() {
    at=$(PGHOST=$primary sql 'SELECT pg_current_wal_lsn()')
    PGHOST=$standby is_true "pg_last_wal_replay_lsn() >= '$at'"
}

make_standby "$home" standby1
wait_until 30 is_level

# Whether the standby has lost the primary.
level_no_more() {
    PGHOST=$standby is_true 'NOT EXISTS (SELECT FROM pg_stat_wal_receiver)'
}

# A job is started on a standby by mistake.
PGHOST=$standby alone run items.json --report none
exits "a standby by mistake: refused, 3" 3
says "and says what it is and what to do" \
    'is a standby, which takes no updates; try PGTARGETSESSIONATTRS=primary'
PGHOST=$standby mill 3 run items.json --report none
exits "by many ranks, too" 3
same "and nothing is changed" "0|0" \
    "$(sql 'SELECT (SELECT count(*) FROM chunkmill.run), (SELECT count(*) FROM oracle.log)')"
PGHOST="$standby,$primary" PGTARGETSESSIONATTRS=primary mill 3 run items.json --report none \
    --max-chunks 2
exits "as it is told, it finds the primary behind the standby" 75
fresh_items

# A failover with synchronous replication: all commits that were answered are on the standby, so the
# run goes on by itself.
sql "ALTER SYSTEM SET synchronous_standby_names = '*'" >/dev/null
sql 'SELECT pg_reload_conf()' >/dev/null
wait_until 10 is_true "EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')"
PGHOST="$primary,$standby" begin slow 4 run slow.json --report none --set chunk.target_rows=200
wait_until 30 is_true "(SELECT count(*) >= 3 FROM chunkmill.chunk WHERE state = 'done')"
server stop "$home" immediate
server promote "$home/standby1"
export PGHOST="$standby"
ends_well slow "failover, synchronous"
same "failover, synchronous: it ended on the new primary" t \
    "$(sql 'SELECT NOT pg_is_in_recovery()')"
fresh_items

# With asynchronous replication the standby doesn't know of the last chunks. They are done again, on
# rows that are as they were before. The chunks are so many that the run is far from its end then.
primary=$standby
make_standby "$home/standby1" standby2
PGHOST="$primary,$standby" begin slow 4 run slow.json --report none --set chunk.target_rows=60
wait_until 30 is_true "(SELECT count(*) >= 3 FROM chunkmill.chunk WHERE state = 'done')"
PGHOST=$standby sql "ALTER SYSTEM SET primary_conninfo = ''"
PGHOST=$standby sql 'SELECT pg_reload_conf()' >/dev/null
wait_until 10 level_no_more
known=$(PGHOST=$standby sql "SELECT count(*) FROM chunkmill.chunk WHERE state = 'done'")
wait_until 30 is_true "(SELECT count(*) >= $known + 3 FROM chunkmill.chunk WHERE state = 'done')"
server stop "$home/standby1" immediate
server promote "$home/standby1/standby2"
export PGHOST="$standby"
finish slow 100
exits "failover, asynchronous: the chunks that were lost are left for the next start, 75" 75
loop slow.json 4
exits "failover, asynchronous: the documented loop ends with 0" 0
exact "failover, asynchronous: each row exactly once"
fresh_items

# The primary becomes a standby of its own standby. A session that asks the old one first is told
# that it is read-only (25006). The environment doesn't say which host is the primary; the run must
# look for it.
primary=$standby
make_standby "$home/standby1/standby2" standby3
old=$home/standby1/standby2
wait_until 30 is_level
demote() {
    server stop "$old" fast
    server promote "$old/standby3"
    sed -i "/^primary_conninfo/d" "$old/data/postgresql.auto.conf"
    echo "primary_conninfo = 'host=$standby user=postgres'" >>"$old/data/postgresql.auto.conf"
    touch "$old/data/standby.signal"
    chown --reference="$old/data/PG_VERSION" "$old/data/standby.signal" \
        "$old/data/postgresql.auto.conf"
    server start "$old" >/dev/null
}
PGHOST="$primary,$standby" begin slow 4 run slow.json --report none --set chunk.target_rows=200
wait_until 30 is_true "(SELECT count(*) >= 3 FROM chunkmill.chunk WHERE state = 'done')"
demote
same "the old primary is a standby now" t "$(PGHOST=$primary sql 'SELECT pg_is_in_recovery()')"
export PGHOST="$standby"
ends_well slow "the primary is made a standby"
fresh_items

# The only host is a standby for a while: it is restarted as one, and promoted again once the run
# has seen it.
only=$old/standby3
begin slow 4 run slow.json --report none --verbose --set chunk.target_rows=200
wait_until 30 is_true "(SELECT count(*) >= 3 FROM chunkmill.chunk WHERE state = 'done')"
touch "$only/data/standby.signal"
chown --reference="$only/data/PG_VERSION" "$only/data/standby.signal"
server restart "$only" fast
wait_until 30 grep -q 'hot standby' slow.out
server promote "$only"
ends_well slow "the only host is a standby for a while"

conclude
