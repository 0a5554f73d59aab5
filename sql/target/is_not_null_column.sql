-- Whether a key expression is just a column that the catalog declares NOT NULL. $1 table's oid, $2
-- the expression.
SELECT count(*) > 0
FROM pg_catalog.pg_attribute AS a
WHERE a.attrelid = $1::oid
  AND a.attnotnull
  AND a.attnum > 0
  AND pg_catalog.btrim($2) IN ('t.' || quote_ident(a.attname),
      't."' || replace(a.attname, '"', '""') || '"')
