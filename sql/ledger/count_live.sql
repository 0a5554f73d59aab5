-- Attempts that are at work: other sessions that hold a job's lock.
SELECT count(*)
FROM pg_catalog.pg_locks AS l
JOIN {ledger}.job AS j ON l.objid = j.job_id::oid
WHERE l.locktype = 'advisory' AND l.classid = j.tableoid AND l.objsubid = 2 AND l.granted
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
  AND l.pid <> pg_backend_pid()
