-- How the target was updated since its statistics were reset. $1 its oid. One row: updates, HOT
-- ones, dead rows.
WITH tree AS (
    SELECT $1::oid AS relid
    UNION
    SELECT p.relid FROM pg_catalog.pg_partition_tree($1::oid::regclass) AS p
)
SELECT coalesce(sum(s.n_tup_upd), 0)::bigint, coalesce(sum(s.n_tup_hot_upd), 0)::bigint,
       coalesce(sum(s.n_dead_tup), 0)::bigint
FROM tree
JOIN pg_catalog.pg_stat_all_tables AS s ON s.relid = tree.relid;
