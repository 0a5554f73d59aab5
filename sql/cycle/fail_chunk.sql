-- The chunk is quarantined with its error; its marks were released by id in this transaction, so
-- what this pass marked counts no more. What a first pass settled stays known, for `run
-- --retry-failed`. $1 run id, $2 chunk id, $3 SQLSTATE, $4 error (no values of rows), $5 tries, $6
-- attempt, $7 worker.
WITH not_in_flight AS (
    DELETE FROM {ledger}.in_flight WHERE run_id = $1 AND chunk_id = $2
)
UPDATE {ledger}.chunk
SET state = 'failed', row_ids = NULL, mark_xid = NULL, finished_at = clock_timestamp(),
    rows_marked = rows_updated + rows_released + rows_lost,
    tries = tries + $5, error_sqlstate = $3, error = $4, attempt = $6, worker = $7
WHERE run_id = $1 AND chunk_id = $2
