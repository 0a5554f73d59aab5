-- The worker takes the chunk in flight: committed before the cycle begins, so that no rollback and
-- no death undoes it. What is still here when its attempt is dead has killed somebody, perhaps.
-- Loses nothing with synchronous_commit off: a server that crashes takes everybody's. $1 run id, $2
-- chunk id, $3 attempt, $4 worker. A transaction of its own.
INSERT INTO {ledger}.in_flight (run_id, chunk_id, attempt, worker)
SELECT $1, $2, $3, $4
FROM {ledger}.run
WHERE run_id = $1
  AND attempt = $3 -- an old attempt, which the fence is about to stop, suspects nobody
ON CONFLICT DO NOTHING -- a former try of this worker
