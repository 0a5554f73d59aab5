-- The session's lock on the job: the oid of the ledger's table of jobs, so that two ledgers in one
-- database don't lock each other out, and the job's serial number, not a hash of its name. $1 job.
-- Held until the connection ends.
SELECT pg_try_advisory_lock(tableoid::integer, job_id) FROM {ledger}.job WHERE job = $1
