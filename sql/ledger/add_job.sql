-- The job's serial number, made when it is new. $1 job.
INSERT INTO {ledger}.job (job) VALUES ($1) ON CONFLICT (job) DO NOTHING
