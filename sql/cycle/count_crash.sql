-- The session died without a word while this chunk was in flight. $1 run id, $2 chunk id, $3
-- attempt. A transaction of its own. Returns how often by now; no row for a former attempt, which
-- counts nothing.
UPDATE {ledger}.chunk
SET crashes = crashes + 1
WHERE run_id = $1 AND chunk_id = $2 AND state IN ('planned', 'marked')
  AND EXISTS (SELECT FROM {ledger}.run AS r WHERE r.run_id = $1 AND r.attempt = $3)
RETURNING crashes
