-- Whether there is a ledger. $1 its version table's name, schema-qualified and quoted.
SELECT pg_catalog.to_regclass($1) IS NOT NULL
