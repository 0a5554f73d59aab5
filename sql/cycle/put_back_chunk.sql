-- After the first pass, for a chunk with rows that were not ours: it goes back for a second pass,
-- with the ids that this pass settled. $1 run id, $2 chunk id, $3 rows updated, $4 rows released,
-- $5 rows lost, $6 tries.
WITH not_in_flight AS (
    DELETE FROM {ledger}.in_flight WHERE run_id = $1 AND chunk_id = $2
)
UPDATE {ledger}.chunk
SET state = 'planned', pass = 2, settled_row_ids = row_ids, row_ids = NULL, mark_xid = NULL,
    rows_updated = rows_updated + $3, rows_released = rows_released + $4,
    rows_lost = rows_lost + $5, tries = tries + $6
WHERE run_id = $1 AND chunk_id = $2
