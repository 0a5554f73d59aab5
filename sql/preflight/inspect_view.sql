-- What the expressions in the temporary view chunkmill_check are made of. $1 the target's oid.
-- Columns: what (column, volatile, stable, whole_row), its name. To be run in the transaction that
-- made the view. Columns come from pg_depend; functions from the rule's tree, because pg_depend
-- leaves out the built-in ones.
WITH rule AS (
    SELECT r.oid, r.ev_action::text AS tree
    FROM pg_catalog.pg_rewrite AS r
    WHERE r.ev_class = 'pg_temp.chunkmill_check'::regclass
), used AS (
    SELECT DISTINCT (regexp_matches(tree, ':(?:funcid|opfuncid) (\d+)', 'g'))[1]::oid AS oid
    FROM rule
)
SELECT 'column' AS what, a.attname::text AS name
FROM rule
JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = rule.oid
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE d.refclassid = 'pg_class'::regclass
  AND d.refobjid = $1::oid
  AND d.refobjsubid > 0 -- 0 is the table itself
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
