-- How many rows of the table $1 and its partitions were updated, and how many of these updates were
-- HOT, by the server's counters. Reads no row of the table.
SELECT coalesce(sum(pg_stat_get_tuples_updated(t.relid)), 0)::bigint,
       coalesce(sum(pg_stat_get_tuples_hot_updated(t.relid)), 0)::bigint
FROM (SELECT $1::oid AS relid UNION SELECT p.relid FROM pg_partition_tree($1::oid) AS p) AS t
