-- Chunks whose marks are in the table. $1 run id.
SELECT chunk_id FROM {ledger}.chunk WHERE run_id = $1 AND state = 'marked' ORDER BY chunk_id
