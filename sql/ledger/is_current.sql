-- $1 run id, $2 attempt.
SELECT attempt = $2 AND state IN ('planning', 'running', 'abandoning') FROM {ledger}.run
WHERE run_id = $1
