-- Columns that BEFORE UPDATE triggers of the target assign, as far as their functions' text tells:
-- NEW.column := .., and the column that moddatetime is given. $1 the target's oid. Columns: table,
-- trigger, column.
WITH RECURSIVE tree AS ( -- partitions, and children by inheritance
    SELECT $1::oid AS relid
    UNION
    SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN tree ON i.inhparent = tree.relid
), fired AS (
    SELECT t.tgrelid, t.tgname, t.tgargs, l.lanname,
           regexp_replace(regexp_replace(p.prosrc, '--[^\n]*', '', 'g'), '/\*.*?\*/', ' ', 'g')
               AS source
    FROM tree
    JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = tree.relid
    JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
    JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
    WHERE NOT t.tgisinternal -- foreign keys
      AND t.tgparentid = 0 -- the partitions' copies of the parent's trigger
      AND t.tgenabled IN ('O', 'A') -- not the disabled ones, and not those of replicas
      AND (t.tgtype & 19) = 19 -- BEFORE UPDATE, for each row
), assigned AS (
    SELECT tgrelid, tgname, coalesce(nullif(found[1], ''), lower(found[2])) AS attname
    FROM fired
    CROSS JOIN LATERAL
        regexp_matches(source, '\mnew\s*\.\s*(?:"((?:[^"]|"")+)"|(\w+))\s*:?=(?!=)', 'gi')
        AS found
    WHERE lanname = 'plpgsql'
    UNION
    SELECT tgrelid, tgname, split_part(encode(tgargs, 'escape'), '\000', 1)
    FROM fired
    WHERE lanname = 'c' AND source = 'moddatetime'
)
SELECT format('%I.%I', n.nspname, c.relname) AS relation, quote_ident(s.tgname) AS trigger,
       a.attname
FROM assigned AS s
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = $1::oid AND a.attname = s.attname
    AND NOT a.attisdropped
JOIN pg_catalog.pg_class AS c ON c.oid = s.tgrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
ORDER BY 1, 2, 3;
