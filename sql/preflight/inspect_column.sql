-- A column of the target. $1 its oid, $2 the name as the job file spells it. One row: is there, is
-- generated, a column that differs only in case (NULL: none).
SELECT coalesce(bool_or(a.attname = $2::text), false) AS is_there,
       coalesce(bool_or(a.attgenerated <> '') FILTER (WHERE a.attname = $2::text),
           false) AS is_generated,
       min(a.attname::text) FILTER (WHERE a.attname <> $2::text) AS other_case
FROM pg_catalog.pg_attribute AS a
WHERE a.attrelid = $1::oid
  AND a.attnum > 0
  AND NOT a.attisdropped
  AND lower(a.attname) = lower($2::text);
