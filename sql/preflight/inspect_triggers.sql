-- Triggers that an UPDATE of the target fires. $1 its oid. Columns: table, trigger, function, for
-- each row, may skip the row (a BEFORE trigger that returns anything but NEW: NULL or OLD, or a
-- variable, which may be either; OLD is right where it also fires at DELETE and asks for TG_OP).
-- What a function in C returns can't be read; the one of the server that is made for skipping is
-- named.
WITH RECURSIVE tree AS ( -- partitions, and children by inheritance
    SELECT $1::oid AS relid
    UNION
    SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN tree ON i.inhparent = tree.relid
)
SELECT format('%I.%I', n.nspname, c.relname) AS relation,
       quote_ident(t.tgname) AS trigger,
       p.oid::regproc::text AS function,
       (t.tgtype & 1) = 1 AS is_row,
       (t.tgtype & 3) = 3 AND CASE l.lanname
           WHEN 'plpgsql' THEN EXISTS (
               SELECT
               FROM regexp_matches(
                   regexp_replace(regexp_replace(p.prosrc, '--[^\n]*', '', 'g'), '/\*.*?\*/', ' ',
                       'g'),
                   '\mreturn\s+([^;]*)', 'gi') AS found
               WHERE lower(btrim(found[1], E' \t\r\n()')) NOT IN ('new')
                 AND NOT (lower(btrim(found[1], E' \t\r\n()')) = 'old'
                     AND (t.tgtype & 8) = 8 -- DELETE
                     AND p.prosrc ~* '\mtg_op\M')
           )
           WHEN 'internal' THEN p.prosrc = 'suppress_redundant_updates_trigger'
           WHEN 'c' THEN false
           ELSE true END AS may_skip
FROM tree
JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = tree.relid
JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE NOT t.tgisinternal -- foreign keys
  AND t.tgparentid = 0 -- the partitions' copies of the parent's trigger
  AND t.tgenabled IN ('O', 'A') -- not the disabled ones, and not those of replicas
  AND (t.tgtype & 16) = 16 -- UPDATE
ORDER BY 5 DESC, 1, 2;
