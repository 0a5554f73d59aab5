-- Who works on the job, for the person who is refused. $1 job.
SELECT a.command, a.host, a.pid, a.slurm_job,
       to_char(a.began_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS began_at
FROM {ledger}.attempt AS a
JOIN {ledger}.run AS r USING (run_id)
JOIN {ledger}.job AS j USING (job_id)
WHERE j.job = $1
  AND a.ended_at IS NULL
ORDER BY a.began_at DESC
LIMIT 1
