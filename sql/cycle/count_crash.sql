-- The session died without a word while this chunk was in hand. $1 run id, $2 chunk id. A transaction of its own. Returns how often by now.
UPDATE {ledger}.chunk
SET crashes = crashes + 1
WHERE run_id = $1 AND chunk_id = $2 AND state IN ('planned', 'marked')
RETURNING crashes
