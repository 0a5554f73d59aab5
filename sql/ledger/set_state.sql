-- Compare-and-set of the run's state, by its current attempt only. $1 run id, $2 attempt, $3 from,
-- $4 to.
UPDATE {ledger}.run
SET state = $4, finished_at = CASE WHEN $4 = 'abandoned' THEN now() ELSE finished_at END
WHERE run_id = $1 AND attempt = $2 AND state = $3
