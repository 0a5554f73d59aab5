-- A type's own schema and name, quoted (never format_type: "character" would become char(1)), its
-- array type, and whether it is no single value: no column can have it (void, record and their
-- like), or it is a row type, of which (1,NULL) is neither NULL nor NOT NULL. $1 type's oid.
SELECT quote_ident(n.nspname) || '.' || quote_ident(y.typname) AS name, y.typarray AS array_oid,
       y.typtype IN ('p', 'c') AS is_no_value
FROM pg_catalog.pg_type AS y
JOIN pg_catalog.pg_namespace AS n ON n.oid = y.typnamespace
WHERE y.oid = $1::oid
