-- What a dead attempt still had in flight has killed somebody, perhaps; an orderly end gives it
-- back. The attempts before this one are over, and none of their transactions is open: raising the
-- attempt has waited for them. $1 run id, $2 attempt.
WITH left_in_flight AS (
    DELETE FROM {ledger}.in_flight
    WHERE run_id = $1 AND attempt < $2
    RETURNING chunk_id
)
UPDATE {ledger}.chunk
SET crashes = crashes + 1
WHERE run_id = $1
  AND state IN ('planned', 'marked')
  AND chunk_id IN (SELECT chunk_id FROM left_in_flight)
