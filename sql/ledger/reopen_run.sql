-- A run that ended with gaps goes on. $1 run id.
UPDATE {ledger}.run
SET state = 'running', finished_at = NULL
WHERE run_id = $1
  AND state IN ('running', 'done_with_gaps') -- else nothing is to be reopened
