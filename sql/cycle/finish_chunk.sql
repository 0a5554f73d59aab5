-- The chunk is done, in the transaction that updated its rows. $1 run id, $2 chunk id, $3 rows
-- updated, $4 rows released, $5 rows lost, $6 tries, $7 attempt, $8 worker.
WITH not_in_flight AS (
    DELETE FROM {ledger}.in_flight WHERE run_id = $1 AND chunk_id = $2
)
UPDATE {ledger}.chunk
SET state = 'done', row_ids = NULL, settled_row_ids = NULL, mark_xid = NULL,
finished_at = clock_timestamp(),
    rows_updated = rows_updated + $3, rows_released = rows_released + $4,
    rows_lost = rows_lost + $5, tries = tries + $6,
    attempt = $7, worker = $8
WHERE run_id = $1 AND chunk_id = $2
RETURNING rows_elsewhere
