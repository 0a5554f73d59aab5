-- What `bench` compares before and after a repetition. $1 the table's oid. No row of the table is
-- read. The next transaction's id tells later which row versions are younger (count_written.sql);
-- WAL and ids are the whole server's.
SELECT coalesce(sum(pg_stat_get_tuples_updated(t.relid)), 0)::bigint AS updates,
       coalesce(sum(pg_stat_get_tuples_hot_updated(t.relid)), 0)::bigint AS hot_updates,
       coalesce(sum(pg_stat_get_dead_tuples(t.relid)), 0)::bigint AS dead_rows,
       coalesce(sum(pg_relation_size(t.relid)), 0)::bigint AS table_bytes,
       coalesce(sum(pg_indexes_size(t.relid)), 0)::bigint AS index_bytes,
       (pg_current_wal_insert_lsn() - pg_lsn '0/0')::bigint AS wal_bytes,
       pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next_xid
-- with its partitions, where it has any
FROM (SELECT $1::oid AS relid UNION SELECT p.relid FROM pg_partition_tree($1::oid) AS p) AS t
