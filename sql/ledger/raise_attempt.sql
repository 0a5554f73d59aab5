-- The next attempt begins: from here on the fence stops the former ones. Waits for their FOR SHARE.
-- $1 run id.
UPDATE {ledger}.run
SET attempt = attempt + 1
WHERE run_id = $1
  AND state IN ('planning', 'running', 'abandoning')
RETURNING attempt
