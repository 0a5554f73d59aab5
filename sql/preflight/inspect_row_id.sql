-- The row id. $1 the target's oid, $2 the column's name, NULL for the primary key's single column.
-- No row: no such column. Columns: name, is NOT NULL, unique indexes that serve, unique ones that
-- don't, and why.
WITH row_id AS (
    SELECT a.attnum, a.attname, a.attnotnull, a.attcollation
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = $1::oid
      AND a.attnum > 0
      AND NOT a.attisdropped
      AND a.attname = coalesce($2::text, (
          SELECT k.attname
          FROM pg_catalog.pg_index AS i
          JOIN pg_catalog.pg_attribute AS k ON k.attrelid = i.indrelid AND k.attnum = i.indkey[0]
          WHERE i.indrelid = $1::oid AND i.indisprimary AND i.indnkeyatts = 1))
), candidate AS (
    SELECT c.relname,
           CASE WHEN NOT i.indisvalid OR NOT i.indisready THEN 'is not valid'
                WHEN i.indpred IS NOT NULL THEN 'is partial'
                WHEN NOT i.indimmediate THEN 'is deferrable'
                -- what is different there may be equal here
                WHEN i.indcollation[0] <> r.attcollation
                    AND EXISTS (
                        SELECT FROM pg_catalog.pg_collation AS l
                        WHERE l.oid = r.attcollation AND NOT l.collisdeterministic
                    ) THEN 'has another collation than the column' END AS fault
    FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
    JOIN row_id AS r ON r.attnum = i.indkey[0]
    WHERE i.indrelid = $1::oid AND i.indisunique AND i.indnkeyatts = 1
)
SELECT quote_ident(r.attname), r.attnotnull,
       (SELECT string_agg(quote_ident(relname), ', ' ORDER BY relname) FROM candidate
           WHERE fault IS NULL),
       (SELECT string_agg(quote_ident(relname) || ' ' || fault, ', ' ORDER BY relname)
           FROM candidate WHERE fault IS NOT NULL)
FROM row_id AS r;
