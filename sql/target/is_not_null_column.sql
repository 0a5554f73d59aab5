-- Whether a key expression is just a column that the catalog declares NOT NULL, in the table and in
-- every child of it: a child by inheritance may have lost the constraint. $1 table's oid, $2 the
-- expression.
WITH RECURSIVE tree AS (
    SELECT $1::oid AS relid
    UNION
    SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN tree ON i.inhparent = tree.relid
)
SELECT count(*) > 0 AND bool_and(a.attnotnull)
FROM tree
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = tree.relid
WHERE a.attnum > 0
  AND pg_catalog.btrim($2) IN ('t.' || quote_ident(a.attname),
      't."' || replace(a.attname, '"', '""') || '"')
