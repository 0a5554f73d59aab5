-- Whether an UPDATE of the table fires triggers of people's: they may write to other rows of it. $1 its oid.
SELECT EXISTS (
    SELECT
    FROM pg_catalog.pg_trigger AS t
    WHERE (t.tgrelid = $1::oid OR t.tgrelid IN (SELECT p.relid FROM pg_catalog.pg_partition_tree($1::oid::regclass) AS p))
      AND NOT t.tgisinternal -- foreign keys
      AND t.tgenabled <> 'D'
      AND (t.tgtype & 16) = 16 -- UPDATE
)
