-- The session's lock on the job: a constant and the job's serial number, not a hash of its name. $1
-- job. Held until the connection ends.
SELECT pg_try_advisory_lock(1667787629, job_id) FROM {ledger}.job WHERE job = $1
