-- Is the table that has the target's name the one that the run began with? Asked after the rows
-- were written, when this transaction's lock keeps the name where it is. Else it divides by zero,
-- so that the server runs nothing of what was sent behind it. $1 run id.
SELECT 1 / (table_oid = pg_catalog.to_regclass({table_name}))::integer AS is_the_same
FROM {ledger}.run
WHERE run_id = $1
