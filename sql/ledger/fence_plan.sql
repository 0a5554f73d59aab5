-- The fence of a later batch of the plan: FOR SHARE, as the workers', for an UPDATE of the run's
-- row would wait for all of them. $1 run id, $2 attempt. No row: a newer attempt has taken over, or
-- the run is at its end.
SELECT 1
FROM {ledger}.run
WHERE run_id = $1
  AND attempt = $2
  AND state = 'running'
FOR SHARE
