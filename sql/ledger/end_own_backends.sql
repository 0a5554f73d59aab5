-- Ends the sessions that this worker had before: one that went silent may still be at a
-- transaction. $1 run id, $2 attempt, $3 worker.
SELECT count(pg_terminate_backend(a.pid))
FROM {ledger}.backend AS b
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = b.pid AND a.backend_start = b.backend_start
WHERE b.run_id = $1 AND b.attempt = $2 AND b.worker = $3
  AND a.pid <> pg_backend_pid()
