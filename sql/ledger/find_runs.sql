-- A job's runs, the unfinished one first, then the newest. $1 job, $2 label (NULL: any; an
-- unfinished run is always among them).
SELECT r.run_id, r.label, r.state, r.attempt, r.identity_hash, r.update_hash, r.window_from,
       r.window_to, r.search_path,
       p.planned_chunks, p.complete AS plan_complete, r.table_oid,
       to_char(r.finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS finished_at,
       EXISTS (
           SELECT FROM pg_catalog.pg_locks AS l
           WHERE l.locktype = 'advisory' AND l.classid = j.tableoid AND l.objid = r.job_id::oid
               AND l.objsubid = 2
             AND l.database = (SELECT oid FROM pg_catalog.pg_database
                 WHERE datname = current_database())
             -- the lock is the truth; a heartbeat is only news
             AND l.granted AND l.pid <> pg_backend_pid()
       ) AS attempt_is_live,
       coalesce((SELECT a.exit_status = 5 FROM {ledger}.attempt AS a WHERE a.run_id = r.run_id
           AND a.attempt = r.attempt), false)
           AS stopped_fatally,
       c.chunks_open, c.chunks_failed, c.rows_updated, c.rows_elsewhere,
       p.planned_to[1], p.planned_to[2], p.planned_to[3], p.planned_to[4], p.planned_to[5],
       p.planned_to[6], p.planned_to[7],
       p.planned_to[8]
FROM {ledger}.run AS r
JOIN {ledger}.job AS j USING (job_id)
JOIN {ledger}.plan AS p USING (run_id)
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE k.state IN ('planned', 'marked')) AS chunks_open,
           count(*) FILTER (WHERE k.state = 'failed') AS chunks_failed,
           coalesce(sum(k.rows_updated), 0)::bigint AS rows_updated,
           coalesce(sum(k.rows_elsewhere), 0)::bigint AS rows_elsewhere
    FROM {ledger}.chunk AS k
    WHERE k.run_id = r.run_id
) AS c
WHERE j.job = $1
  AND ($2::text IS NULL OR r.label = $2 OR r.state IN ('planning', 'running', 'abandoning'))
ORDER BY r.state IN ('planning', 'running', 'abandoning') DESC, r.run_id DESC
LIMIT 2
