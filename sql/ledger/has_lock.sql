-- Whether this session holds the job's lock. $1 job.
SELECT EXISTS (
    SELECT
    FROM pg_catalog.pg_locks AS l
    JOIN {ledger}.job AS j ON l.objid = j.job_id::oid
    WHERE j.job = $1 AND l.locktype = 'advisory' AND l.classid = j.tableoid AND l.objsubid = 2
        AND l.granted
      AND l.pid = pg_backend_pid()
)
