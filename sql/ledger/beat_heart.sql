-- $1 run id, $2 attempt.
UPDATE {ledger}.attempt SET heartbeat_at = now() WHERE run_id = $1 AND attempt = $2
