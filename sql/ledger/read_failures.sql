-- The chunks that were quarantined. $1 run id, $2 at most so many.
SELECT chunk_id, rows_planned, error_sqlstate, error
FROM {ledger}.chunk
WHERE run_id = $1
  AND state = 'failed'
ORDER BY chunk_id
LIMIT $2
