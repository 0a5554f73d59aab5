-- A run's attempts, the newest first. $1 run id, $2 at most so many.
SELECT attempt, command, host, pid, slurm_job, ranks,
       to_char(began_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS began_at,
       to_char(ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS ended_at,
       outcome, exit_status,
       extract(epoch FROM clock_timestamp() - heartbeat_at)::bigint AS heartbeat_age_s
FROM {ledger}.attempt
WHERE run_id = $1
ORDER BY attempt DESC
LIMIT $2
