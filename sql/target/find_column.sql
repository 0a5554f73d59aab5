-- A column by its exact name in the catalog. $1 table's oid, $2 name. No row: there is none.
SELECT quote_ident(a.attname) AS name, a.atttypid AS type_oid, a.attnotnull
FROM pg_catalog.pg_attribute AS a
WHERE a.attrelid = $1::oid
  AND a.attname = $2
  AND a.attnum > 0         -- no system column
  AND NOT a.attisdropped
