-- Tables that are packed too full. $1 the target's oid, $2 the highest fillfactor that leaves room
-- for HOT updates. Columns: name, fillfactor; fullest first.
WITH tree AS (
    SELECT $1::oid AS relid
    UNION
    SELECT p.relid FROM pg_catalog.pg_partition_tree($1::oid::regclass) AS p
), leaf AS (
    SELECT format('%I.%I', n.nspname, c.relname) AS name,
           coalesce((SELECT o.option_value::integer
                     FROM pg_options_to_table(c.reloptions) AS o
                     WHERE o.option_name = 'fillfactor'), 100) AS fillfactor
    FROM tree
    JOIN pg_catalog.pg_class AS c ON c.oid = tree.relid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r'
)
SELECT name, fillfactor
FROM leaf
WHERE fillfactor > $2::integer
ORDER BY fillfactor DESC, name;
