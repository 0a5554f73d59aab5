-- This session, for the next attempt to end. $1 run id, $2 attempt, $3 worker. Returns since when
-- the server is up: another time is another server.
INSERT INTO {ledger}.backend (run_id, attempt, worker, pid, backend_start)
SELECT $1, $2, $3, a.pid, a.backend_start
FROM pg_catalog.pg_stat_activity AS a
WHERE a.pid = pg_backend_pid()
RETURNING pg_catalog.pg_postmaster_start_time()::text
