-- The columns of the primary key, in its order. $1 table's oid.
SELECT quote_ident(a.attname) AS name
FROM pg_catalog.pg_index AS i
CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (attnum, position)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = $1::oid
  AND i.indisprimary -- the default key
  AND k.position <= i.indnkeyatts -- not what it INCLUDEs
ORDER BY k.position
