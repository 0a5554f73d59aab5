-- Runs and how far they are, the newest first. $1 run id, NULL: all runs of the ledger. Reads
-- without locks; a split chunk lives on in its parts.
SELECT r.run_id, j.job, r.label, r.state, r.table_name, p.complete AS plan_complete,
       to_char(r.began_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS began_at,
       to_char(r.finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS finished_at,
       EXISTS (
           SELECT FROM pg_catalog.pg_locks AS l
           -- the lock is the job's: it says nothing of runs that are over
           WHERE r.state IN ('planning', 'running', 'abandoning')
             AND l.locktype = 'advisory' AND l.classid = j.tableoid AND l.objid = r.job_id::oid
                 AND l.objsubid = 2
             AND l.database = (SELECT oid FROM pg_catalog.pg_database
                 WHERE datname = current_database())
             -- the lock is the truth; a heartbeat is only news
             AND l.granted AND l.pid <> pg_backend_pid()
       ) AS is_live,
       c.chunks, c.chunks_done, c.chunks_failed, c.chunks_marked, c.chunks_left,
       c.rows_planned, c.rows_done, c.rows_updated, c.rows_elsewhere, c.rows_marked, c.tries,
       s.chunks_split, c.chunks_crashed,
       -- since the attempt's first chunk, for connecting and planning come before it, and at most a
       -- minute
       coalesce(c.rows_recent / greatest(extract(epoch
           FROM least(interval '1 minute', clock_timestamp() - c.first_done)), 0.5), 0)
           AS rows_per_second
FROM {ledger}.run AS r
JOIN {ledger}.job AS j USING (job_id)
JOIN {ledger}.plan AS p USING (run_id)
CROSS JOIN LATERAL (
    SELECT count(*) AS chunks,
           count(*) FILTER (WHERE k.state = 'done') AS chunks_done,
           count(*) FILTER (WHERE k.state = 'failed') AS chunks_failed,
           count(*) FILTER (WHERE k.state = 'marked') AS chunks_marked,
           count(*) FILTER (WHERE k.state IN ('planned', 'marked')) AS chunks_left,
           coalesce(sum(k.rows_planned), 0)::bigint AS rows_planned,
           coalesce(sum(k.rows_planned) FILTER (WHERE k.state = 'done'), 0)::bigint AS rows_done,
           coalesce(sum(k.rows_updated), 0)::bigint AS rows_updated,
           coalesce(sum(k.rows_elsewhere), 0)::bigint AS rows_elsewhere,
           coalesce(sum(k.rows_marked - k.rows_updated - k.rows_released - k.rows_lost)
               FILTER (WHERE k.state = 'marked'), 0)::bigint
               AS rows_marked, -- marks of ours that are in the table now
           coalesce(sum(k.tries), 0)::bigint AS tries,
           -- in flight when a rank or session died
           count(*) FILTER (WHERE k.crashes > 0) AS chunks_crashed,
           sum(k.rows_planned) FILTER (WHERE k.state = 'done' AND k.attempt = r.attempt
                   AND k.finished_at > clock_timestamp() - interval '1 minute')
               AS rows_recent,
           min(k.finished_at) FILTER (WHERE k.state = 'done'
               AND k.attempt = r.attempt) AS first_done
    FROM {ledger}.chunk AS k
    WHERE k.run_id = r.run_id
      AND k.state <> 'split'
) AS c
CROSS JOIN LATERAL (
    SELECT count(*) AS chunks_split
    FROM {ledger}.chunk AS k
    WHERE k.run_id = r.run_id
      AND k.state = 'split'
) AS s
WHERE $1::bigint IS NULL OR r.run_id = $1
ORDER BY r.run_id DESC
