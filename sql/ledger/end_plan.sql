-- The plan is whole; work may begin. $1 run id, $2 attempt, $3 chunks planned.
UPDATE {ledger}.run
SET plan_complete = true, state = 'running'
WHERE run_id = $1 AND attempt = $2 AND state = 'planning' AND planned_chunks = $3
