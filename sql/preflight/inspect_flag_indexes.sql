-- Indexes that contain the flag: as a key, an included column, in an expression or a predicate. $1
-- the target's oid, $2 the flag's name. Columns: name, may be dropped with DROP INDEX CONCURRENTLY.
-- Columns of a constraint's index are not in pg_depend, those of expressions and predicates not in
-- indkey.
WITH tree AS (
    SELECT $1::oid AS relid
    UNION
    SELECT p.relid FROM pg_catalog.pg_partition_tree($1::oid::regclass) AS p
)
SELECT format('%I.%I', n.nspname, c.relname) AS name,
       c.relkind = 'i' AND NOT c.relispartition AND NOT i.indisunique AS may_be_dropped
FROM tree
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = tree.relid AND a.attname = $2::text
JOIN pg_catalog.pg_index AS i ON i.indrelid = tree.relid
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE a.attnum = ANY (i.indkey::int2[])
   OR EXISTS (
       SELECT FROM pg_catalog.pg_depend AS d
       WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
         AND d.refclassid = 'pg_class'::regclass AND d.refobjid = tree.relid
             AND d.refobjsubid = a.attnum)
ORDER BY 1;
