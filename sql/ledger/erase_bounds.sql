-- Keys are private: the bounds of done chunks go when the run ends. $1 run id.
UPDATE {ledger}.chunk
SET key_lower = NULL, key_upper = NULL, row_lower = NULL, row_upper = NULL, key_sets = NULL
WHERE run_id = $1
  AND state = 'done'
