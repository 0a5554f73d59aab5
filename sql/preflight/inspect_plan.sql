-- What a plan does with whole tables. $1 the answer of EXPLAIN (VERBOSE, FORMAT JSON), $2 the
-- target's oid. Columns: what (update, sequential scan, scan of a whole index), relation, pages, is
-- the target or one of its partitions. The plan holds key values: none is given back.
WITH node AS (
    -- strict, because lax arrays give each node twice
    SELECT n,
           -- of what modifies a table only the outermost says how many rows there were
           n IN (SELECT jsonb_path_query($1::jsonb, '$[*].Plan')) AS is_outermost
    FROM jsonb_path_query($1::jsonb, 'strict $.** ? (exists (@."Relation Name"))') AS n
), tree AS (
    SELECT $2::oid AS relid
    UNION
    SELECT p.relid FROM pg_catalog.pg_partition_tree($2::oid::regclass) AS p
), scan AS (
    SELECT CASE WHEN n ->> 'Node Type' = 'ModifyTable'
        AND is_outermost THEN lower(n ->> 'Operation')
                WHEN n ->> 'Node Type' = 'Seq Scan' THEN 'sequential scan'
                WHEN n ->> 'Node Type' IN ('Index Scan', 'Index Only Scan') AND NOT n ? 'Index Cond'
                THEN 'scan of a whole index' END AS what,
           n ->> 'Schema' AS schema, n ->> 'Relation Name' AS relation
    FROM node
)
SELECT scan.what,
       format('%I.%I', s.nspname, c.relname) AS relation,
       coalesce(pg_relation_size(c.oid), 0) / current_setting('block_size')::bigint AS pages,
       c.oid IN (SELECT relid FROM tree) AS is_target
FROM scan
JOIN pg_catalog.pg_namespace AS s ON s.nspname = scan.schema
JOIN pg_catalog.pg_class AS c ON c.relname = scan.relation AND c.relnamespace = s.oid
WHERE scan.what IS NOT NULL
ORDER BY 3 DESC, 2;
