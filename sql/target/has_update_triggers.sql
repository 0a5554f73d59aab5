-- Whether an UPDATE of the table fires triggers of people's: they may write to other rows of it. Of
-- its partitions, too, and of children by inheritance, which no partition tree shows. $1 its oid.
WITH RECURSIVE tree AS (
    SELECT $1::oid AS relid
    UNION
    SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN tree ON i.inhparent = tree.relid
)
SELECT EXISTS (
    SELECT
    FROM pg_catalog.pg_trigger AS t
    JOIN tree ON t.tgrelid = tree.relid
    WHERE NOT t.tgisinternal -- foreign keys
      AND t.tgenabled <> 'D'
      AND (t.tgtype & 16) = 16 -- UPDATE
)
