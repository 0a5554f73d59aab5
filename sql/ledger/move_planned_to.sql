-- A batch of the plan: where planning goes on. Compare-and-set: only who knows how far the plan is
-- may lengthen it. $1 run id, $2 chunks planned before, $3 chunks planned now, $4 the last planned
-- key (NULL: as it was).
UPDATE {ledger}.plan
SET planned_chunks = $3, planned_to = coalesce($4::text[], planned_to)
WHERE run_id = $1 AND NOT complete AND planned_chunks = $2
