-- Rights that the role lacks. $1 the target's oid, $2 the ledger's schema, $3 the flag's name or
-- NULL, $4 the row id's name or NULL, $5 the job's schemas. Columns: the GRANT that gives the
-- right; no row: nothing lacks. FOR SHARE on the run, which is the fence, needs UPDATE.
WITH target AS (
    SELECT c.oid, c.relname, n.nspname, n.oid AS schema
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.oid = $1::oid
), schemas AS (
    SELECT n.oid, n.nspname
    FROM pg_catalog.pg_namespace AS n
    WHERE n.oid = (SELECT schema FROM target)
       OR n.nspname = $2::text
       OR n.nspname = ANY ($5::text[])
), ledger AS (
    SELECT c.oid, n.nspname, c.relname, w.rights
    FROM (VALUES ('ledger', '{SELECT}'::text[]),
                 ('job', '{SELECT,INSERT}'),
                 ('run', '{SELECT,INSERT,UPDATE}'),
                 ('plan', '{SELECT,INSERT,UPDATE}'),
                 ('attempt', '{SELECT,INSERT,UPDATE}'),
                 ('backend', '{SELECT,INSERT,DELETE}'),
                 ('in_flight', '{SELECT,INSERT,DELETE}'),
                 ('chunk', '{SELECT,INSERT,UPDATE}'),
                 ('step', '{SELECT,INSERT}')) AS w (relname, rights)
    JOIN pg_catalog.pg_class AS c ON c.relname = w.relname AND c.relkind = 'r'
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = $2::text
), lacking AS (
    SELECT 1 AS step, format('GRANT USAGE ON SCHEMA %I TO %I', nspname, current_user) AS remedy
    FROM schemas
    WHERE NOT has_schema_privilege(oid, 'USAGE')
    UNION ALL
    SELECT 2, format('GRANT %s ON %I.%I TO %I', r.name, nspname, relname, current_user)
    FROM target
    CROSS JOIN unnest('{SELECT,UPDATE}'::text[]) AS r (name)
    WHERE NOT has_any_column_privilege(oid, r.name)
    UNION ALL
    SELECT 3,
           format('GRANT %s (%I) ON %I.%I TO %I', r.name, a.attname, nspname, relname, current_user)
    FROM target
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = target.oid
        AND a.attname IN ($3::text, $4::text)
    CROSS JOIN unnest('{SELECT,UPDATE}'::text[]) AS r (name)
    WHERE has_any_column_privilege(target.oid, r.name) -- else step 2 says it
      AND (r.name = 'SELECT' OR a.attname = $3::text) -- only the flag is written
      AND NOT has_column_privilege(target.oid, a.attnum, r.name)
    UNION ALL
    SELECT 4,
           format('GRANT %s ON %I.%I TO %I', string_agg(r.name, ', ' ORDER BY r.number), nspname,
               relname, current_user)
    FROM ledger
    CROSS JOIN unnest(rights) WITH ORDINALITY AS r (name, number)
    WHERE NOT has_table_privilege(oid, r.name)
    GROUP BY nspname, relname
)
SELECT remedy FROM lacking ORDER BY step, remedy;
