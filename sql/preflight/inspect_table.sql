-- The target and its partitions. $1 its oid. One row: kind, persistence, name, pages, rows
-- (estimated), bytes, partitions that hold rows, foreign ones, unlogged ones, inheritance children,
-- row security applies, owner.
WITH RECURSIVE tree AS ( -- partitions, and children by inheritance
    SELECT $1::oid AS relid
    UNION
    SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN tree ON i.inhparent = tree.relid
), leaf AS (
    SELECT c.relkind, c.relpersistence, format('%I.%I', n.nspname, c.relname) AS name,
           greatest(c.reltuples, 0) AS tuples, coalesce(pg_relation_size(c.oid), 0) AS bytes
    FROM tree
    JOIN pg_catalog.pg_class AS c ON c.oid = tree.relid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind <> 'p'
), sums AS (
    SELECT count(*) AS leaves,
           coalesce(sum(tuples), 0)::bigint AS tuples,
           coalesce(sum(bytes), 0)::bigint AS bytes,
           string_agg(name, ', ' ORDER BY name) FILTER (WHERE relkind = 'f') AS foreign_ones,
           string_agg(name, ', ' ORDER BY name) FILTER (WHERE relpersistence = 'u') AS unlogged_ones
    FROM leaf
)
SELECT c.relkind, c.relpersistence, format('%I.%I', n.nspname, c.relname) AS name,
       sums.bytes / current_setting('block_size')::bigint AS pages,
       sums.tuples, sums.bytes, sums.leaves, sums.foreign_ones, sums.unlogged_ones,
       (SELECT count(*) - 1 FROM tree WHERE c.relkind = 'r') AS children,
       c.relkind IN ('r', 'p') AND row_security_active(c.oid) AS has_row_security,
       pg_get_userbyid(c.relowner) AS owner
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN sums
WHERE c.oid = $1::oid;
