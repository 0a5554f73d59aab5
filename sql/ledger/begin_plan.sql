-- The first batch of the plan: work may begin, since the cycle's fence wants a run that is running.
-- It is the batch's fence, too, and nobody holds the run's row yet. $1 run id, $2 attempt. No row:
-- a newer attempt has taken over, or the run is at its end.
UPDATE {ledger}.run
SET state = 'running'
WHERE run_id = $1
  AND attempt = $2
  AND state IN ('planning', 'running') -- running: the first batch was an empty one
