-- The attempt has come to its end with all its ranks: whatever a worker that lost its connection
-- still had in flight has killed nobody. $1 run id, $2 attempt.
DELETE FROM {ledger}.in_flight WHERE run_id = $1 AND attempt = $2
