-- Tries that ended without a result, kept where no rollback can undo it. $1 run id, $2 chunk id, $3 tries. A transaction of its own.
UPDATE {ledger}.chunk
SET tries = tries + $3
WHERE run_id = $1 AND chunk_id = $2 AND state IN ('planned', 'marked')
