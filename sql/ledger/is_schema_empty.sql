-- Whether nothing is in the ledger's schema any more. $1 schema, quoted.
SELECT NOT EXISTS (
    SELECT
    FROM pg_catalog.pg_depend
    WHERE refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
      AND refobjid = pg_catalog.to_regnamespace($1)
      AND deptype = 'n'
)
