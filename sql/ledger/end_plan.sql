-- The plan is whole. $1 run id, $2 chunks planned.
UPDATE {ledger}.plan
SET complete = true
WHERE run_id = $1 AND NOT complete AND planned_chunks = $2
