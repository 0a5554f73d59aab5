-- What the expressions in the temporary view chunkmill_check are made of. $1 the target's oid.
-- Columns: what (column, system_column, volatile, stable, whole_row), its name. To be run in the
-- transaction that made the view. Columns come from pg_depend, and those that a generated one is
-- computed from out of its expression's tree; functions and system columns from the rule's tree,
-- because pg_depend leaves them out.
WITH rule AS (
    SELECT r.oid, r.ev_action::text AS tree
    FROM pg_catalog.pg_rewrite AS r
    WHERE r.ev_class = 'pg_temp.chunkmill_check'::regclass
), used AS (
    SELECT DISTINCT (regexp_matches(tree, ':(?:funcid|opfuncid) (\d+)', 'g'))[1]::oid AS oid
    FROM rule
), named AS (
    SELECT d.refobjsubid AS attnum
    FROM rule
    JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = rule.oid
    WHERE d.refclassid = 'pg_class'::regclass
      AND d.refobjid = $1::oid
      AND d.refobjsubid > 0 -- 0 is the table itself
), read AS (
    SELECT attnum FROM named
    UNION
    SELECT base.number[1]::integer
    FROM named
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = $1::oid
        AND a.attnum = named.attnum
        AND a.attgenerated <> ''
    JOIN pg_catalog.pg_attrdef AS e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
    CROSS JOIN LATERAL regexp_matches(e.adbin::text, ':varattno (\d+)', 'g') AS base (number)
    UNION
    SELECT system_column.number[1]::integer
    FROM rule
    CROSS JOIN LATERAL regexp_matches(tree, ':varattno (-\d+)', 'g') AS system_column (number)
)
SELECT CASE WHEN a.attnum > 0 THEN 'column' ELSE 'system_column' END AS what,
       a.attname::text AS name
FROM read
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = $1::oid AND a.attnum = read.attnum
UNION
SELECT CASE p.provolatile WHEN 'v' THEN 'volatile' ELSE 'stable' END, p.oid::regprocedure::text
FROM used
JOIN pg_catalog.pg_proc AS p ON p.oid = used.oid
WHERE p.provolatile <> 'i'
UNION -- t.* reads all columns, and pg_depend doesn't say so
SELECT 'whole_row', ''
FROM rule
WHERE tree ~ ':varattno 0 '
ORDER BY 1, 2;
