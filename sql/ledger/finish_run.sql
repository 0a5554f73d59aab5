-- The run is done when this finds the plan complete and no chunk open. $1 run id, $2 attempt.
UPDATE {ledger}.run AS r
SET finished_at = now(),
    state = CASE WHEN EXISTS (SELECT FROM {ledger}.chunk AS c
                              WHERE c.run_id = r.run_id
                                  AND (c.state = 'failed' OR c.rows_elsewhere > 0))
                 THEN 'done_with_gaps' ELSE 'done' END
WHERE r.run_id = $1
  AND r.attempt = $2 -- an old attempt ends nothing
  AND r.state = 'running'
  AND EXISTS (SELECT FROM {ledger}.plan AS p WHERE p.run_id = r.run_id AND p.complete)
  AND NOT EXISTS (SELECT FROM {ledger}.chunk AS c WHERE c.run_id = r.run_id
      AND c.state IN ('planned', 'marked'))
