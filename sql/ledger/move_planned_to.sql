-- A batch of the plan: where planning goes on. Compare-and-set: only the attempt that knows how far the plan is may lengthen it.
-- $1 run id, $2 attempt, $3 chunks planned before, $4 chunks planned now, $5 the last planned key (NULL: as it was).
UPDATE {ledger}.run
SET planned_chunks = $4, planned_to = coalesce($5::text[], planned_to)
WHERE run_id = $1 AND attempt = $2 AND state = 'planning' AND NOT plan_complete AND planned_chunks = $3
