-- What was quarantined is planned again; a second pass stays one. $1 run id.
UPDATE {ledger}.chunk
SET state = 'planned', tries = 0, crashes = 0, error_sqlstate = NULL, error = NULL,
finished_at = NULL
WHERE run_id = $1
  AND state = 'failed'
