-- Who makes it. $1 run id, $2 attempt, $3 command, $4 host, $5 pid, $6 Slurm's job or NULL, $7
-- ranks. The attempts before it are over.
WITH former AS (
    UPDATE {ledger}.attempt
    SET ended_at = now(), outcome = 'overtaken'
    WHERE run_id = $1 AND attempt < $2 AND ended_at IS NULL
), backends AS (
    DELETE FROM {ledger}.backend WHERE run_id = $1
)
INSERT INTO {ledger}.attempt (run_id, attempt, command, host, pid, slurm_job, ranks, update_hash)
SELECT run_id, $2, $3, $4, $5, $6, $7, update_hash
FROM {ledger}.run
WHERE run_id = $1
