-- Ends what is left of former attempts: only sessions whose pid and start both match. $1 run id.
SELECT count(pg_terminate_backend(a.pid))
FROM {ledger}.backend AS b
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = b.pid AND a.backend_start = b.backend_start
WHERE b.run_id = $1
  AND a.pid <> pg_backend_pid()
