-- Rows a second of the job's last whole run, from its report; no row where there is none. $1 the
-- job.
SELECT (a.report::json #>> '{work,updated_rows}')::double precision
       / nullif((a.report::json #>> '{phases,total_seconds}')::double precision, 0)
FROM {ledger}.attempt AS a
JOIN {ledger}.run AS r USING (run_id)
JOIN {ledger}.job AS j USING (job_id)
WHERE j.job = $1
  AND a.report IS NOT NULL
  AND a.report::json ->> 'outcome' = 'done'
  AND (a.report::json #>> '{work,skipped_chunks}') = '0'
ORDER BY a.run_id DESC, a.attempt DESC
LIMIT 1
