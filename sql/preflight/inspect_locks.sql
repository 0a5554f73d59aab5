-- Tables that the statement parsed in this transaction reads, and that the role may not read:
-- parsing locks what it names. No parameters. Columns: the GRANT that gives the right. What a view
-- reads is read with its owner's rights, so it is left out.
WITH locked AS (
    SELECT DISTINCT l.relation
    FROM pg_catalog.pg_locks AS l
    WHERE l.pid = pg_backend_pid()
      AND l.locktype = 'relation'
      AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d
          WHERE d.datname = current_database())
)
SELECT format('GRANT SELECT ON %I.%I TO %I', n.nspname, c.relname, current_user) AS remedy
FROM locked
JOIN pg_catalog.pg_class AS c ON c.oid = locked.relation
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND NOT has_any_column_privilege(c.oid, 'SELECT')
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend AS d
      JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
      JOIN locked AS v ON v.relation = r.ev_class
      WHERE d.refobjid = c.oid AND d.refclassid = 'pg_class'::regclass AND r.ev_class <> c.oid)
ORDER BY 1;
