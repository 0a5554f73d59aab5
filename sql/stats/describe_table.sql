-- The table as it is before the sweep. $1 its oid. The row count is the server's estimate, -1 where
-- it has none.
SELECT coalesce(sum(pg_relation_size(t.relid)), 0)::bigint AS table_bytes,
       coalesce(sum(pg_indexes_size(t.relid)), 0)::bigint AS index_bytes,
       coalesce(sum(c.reltuples) FILTER (WHERE c.relkind = 'r'), -1)::bigint AS estimated_rows,
       coalesce(string_agg(DISTINCT o.option, ', '), 'default storage options') AS options
FROM (SELECT $1::oid AS relid UNION SELECT p.relid FROM pg_partition_tree($1::oid) AS p) AS t
JOIN pg_class AS c ON c.oid = t.relid
LEFT JOIN LATERAL unnest(c.reloptions) AS o (option) ON true
