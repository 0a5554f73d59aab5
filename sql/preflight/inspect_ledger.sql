-- Whether the ledger is there and may be read. $1 its schema. By catalog, since to_regclass fails
-- where the schema may not be used. Columns: exists, may be read, may make the schema.
SELECT c.oid IS NOT NULL AS is_there,
       coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'),
           false) AS may_read,
       coalesce(has_schema_privilege(n.oid, 'CREATE'),
                has_database_privilege(current_database(), 'CREATE')) AS may_create
FROM (SELECT $1::text AS schema) AS wanted
LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = wanted.schema
LEFT JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = 'ledger'
    AND c.relkind = 'r';
