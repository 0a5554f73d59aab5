-- The tables that hold the target's rows. $1 its oid. Columns: name.
SELECT format('%I.%I', n.nspname, c.relname) AS name
FROM (
    SELECT $1::oid AS relid
    UNION
    SELECT p.relid FROM pg_catalog.pg_partition_tree($1::oid::regclass) AS p
) AS tree
JOIN pg_catalog.pg_class AS c ON c.oid = tree.relid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r'
ORDER BY 1;
