-- Whether the table has a unique index on exactly these columns, in this order: then each key has
-- one row, and the index leads from key to key. $1 table's oid, $2 the columns, as key expressions.
SELECT EXISTS (
    SELECT
    FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
    JOIN pg_catalog.pg_am AS m ON m.oid = x.relam
    JOIN pg_catalog.pg_class AS c ON c.oid = i.indrelid
    WHERE i.indrelid = $1::oid
      AND c.relkind = 'r'
      -- an index knows nothing of children
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits AS h WHERE h.inhparent = i.indrelid)
      AND m.amname = 'btree'
      AND i.indisunique
      AND i.indisvalid
      AND i.indimmediate
      AND i.indpred IS NULL
      AND i.indnkeyatts = cardinality($2::text[])
      AND NOT EXISTS (
          SELECT
          FROM generate_series(0, i.indnkeyatts - 1) AS n
          -- none for an expression
          LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid
              AND a.attnum = i.indkey[n]
          LEFT JOIN pg_catalog.pg_opclass AS o ON o.oid = i.indclass[n]
          WHERE (pg_catalog.btrim(($2::text[])[n + 1])
                 IN ('t.' || quote_ident(a.attname),
                     't."' || replace(a.attname, '"', '""') || '"')) IS NOT TRUE
             OR NOT a.attnotnull
             OR i.indcollation[n] <> a.attcollation -- the order of the key is its column's
             OR NOT o.opcdefault
             OR i.indoption[n] <> 0 -- ascending, NULLs last
      )
)
