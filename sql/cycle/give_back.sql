-- Out of hand without a result: the chunk is innocent. $1 run id, $2 attempt, $3 worker. A transaction of its own.
DELETE FROM {ledger}.in_hand WHERE run_id = $1 AND attempt = $2 AND worker = $3
