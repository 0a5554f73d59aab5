-- The chunk lives on in its parts, which have been inserted in this transaction; nothing ever
-- shrinks in place. $1 run id, $2 chunk id.
WITH not_in_flight AS (
    DELETE FROM {ledger}.in_flight WHERE run_id = $1 AND chunk_id = $2
)
UPDATE {ledger}.chunk
SET state = 'split', row_ids = NULL, settled_row_ids = NULL, mark_xid = NULL,
finished_at = clock_timestamp(), rows_elsewhere = 0,
    rows_marked = 0, rows_updated = 0, rows_released = 0, rows_lost = 0, tries = 0
WHERE run_id = $1 AND chunk_id = $2
