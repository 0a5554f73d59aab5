-- A try that ended without a result, kept where no rollback can undo it. $1 run id, $2 chunk id, $3
-- attempt. A transaction of its own.
UPDATE {ledger}.chunk
SET tries = tries + 1
WHERE run_id = $1 AND chunk_id = $2 AND state IN ('planned', 'marked')
  -- a former attempt counts nothing
  AND EXISTS (SELECT FROM {ledger}.run AS r WHERE r.run_id = $1 AND r.attempt = $3)
