-- Whether a batch of the plan whose COMMIT went unanswered is there: nobody else can have moved the
-- plan to just this end while the run is this attempt's. $1 run id, $2 chunks planned with it, $3
-- whether it was the last one.
SELECT planned_chunks = $2 AND complete = $3::boolean
FROM {ledger}.plan
WHERE run_id = $1
