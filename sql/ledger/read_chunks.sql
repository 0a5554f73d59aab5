-- The run's chunks with their bounds, in order. $1 run id, $2 whether only open ones, $3 parts of
-- this chunk only (NULL: of all).
SELECT chunk_id, kind, upper_open, row_lower, row_upper, rows_planned, keys_planned, state, pass,
       crashes,
       key_lower[1], key_lower[2], key_lower[3], key_lower[4], key_lower[5], key_lower[6],
       key_lower[7], key_lower[8],
       key_upper[1], key_upper[2], key_upper[3], key_upper[4], key_upper[5], key_upper[6],
       key_upper[7], key_upper[8],
       key_sets[1], key_sets[2], key_sets[3], key_sets[4], key_sets[5], key_sets[6], key_sets[7],
       key_sets[8]
FROM {ledger}.chunk
WHERE run_id = $1
  AND (state IN ('planned', 'marked') OR NOT $2::boolean)
  AND (parent_id = $3::bigint OR $3::bigint IS NULL)
ORDER BY chunk_id
