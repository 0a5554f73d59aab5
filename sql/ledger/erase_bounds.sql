-- Keys are private: the chunks' bounds go when the run ends, and the ids that an abandoned second
-- pass would have left out. $1 run id, $2 whether failed chunks keep theirs, to be tried again.
UPDATE {ledger}.chunk
SET key_lower = NULL, key_upper = NULL, row_lower = NULL, row_upper = NULL, key_sets = NULL,
    settled_row_ids = NULL
WHERE run_id = $1
  AND (state <> 'failed' OR NOT $2::boolean)
