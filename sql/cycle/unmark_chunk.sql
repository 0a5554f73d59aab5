-- The chunk's marks were released by id in this transaction: it is planned again.
-- $1 run id, $2 chunk id.
UPDATE {ledger}.chunk
SET state = 'planned', row_ids = NULL, mark_xid = NULL,
rows_marked = rows_updated + rows_released + rows_lost
WHERE run_id = $1 AND chunk_id = $2
