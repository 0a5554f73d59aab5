-- $1 run id, $2 attempt, $3 outcome, $4 exit status.
UPDATE {ledger}.attempt
SET ended_at = now(), heartbeat_at = now(), outcome = $3, exit_status = $4
WHERE run_id = $1 AND attempt = $2
