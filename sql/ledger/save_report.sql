-- $1 run id, $2 attempt, $3 the report as JSON.
UPDATE {ledger}.attempt SET report = $3 WHERE run_id = $1 AND attempt = $2
