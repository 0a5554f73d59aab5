-- Statistics of the target. $1 its oid. One row: tables with rows but without statistics (as
-- ANALYZE wants them), the last ANALYZE, expression indexes without statistics. pg_stats shows only
-- what the role may read, so other tables are taken to have them.
WITH tree AS (
    SELECT $1::oid AS relid
    UNION
    SELECT p.relid FROM pg_catalog.pg_partition_tree($1::oid::regclass) AS p
), leaf AS (
    SELECT c.oid, n.nspname, c.relname, c.relowner,
           greatest(pg_stat_get_last_analyze_time(c.oid),
               pg_stat_get_last_autoanalyze_time(c.oid)) AS analysed_at,
           EXISTS (SELECT FROM pg_catalog.pg_stats AS s
                   WHERE s.schemaname = n.nspname AND s.tablename = c.relname) AS has_statistics
    FROM tree
    JOIN pg_catalog.pg_class AS c ON c.oid = tree.relid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r'
      AND pg_relation_size(c.oid) > 0
      AND has_any_column_privilege(c.oid, 'SELECT')
)
SELECT string_agg(format('%I.%I', nspname, relname), ', '
    ORDER BY relname) FILTER (WHERE NOT has_statistics),
       to_char(min(analysed_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       (SELECT string_agg(quote_ident(x.relname), ', ' ORDER BY x.relname)
        FROM leaf AS l
        JOIN pg_catalog.pg_index AS i ON i.indrelid = l.oid AND i.indexprs IS NOT NULL
            AND i.indisvalid
        JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
        WHERE l.has_statistics
          AND pg_has_role(l.relowner, 'USAGE') -- pg_stats shows an index to its owner alone
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_stats AS s
                          WHERE s.schemaname = l.nspname AND s.tablename = x.relname))
FROM leaf;
