-- Is this attempt still the run's? First statement of every transaction of a cycle. No row: a newer
-- attempt has taken over, or the run is at its end; then it divides by zero, so that the server
-- itself runs nothing of what was sent behind it. $1 run id, $2 attempt. Locks the run's row FOR
-- SHARE, which raising the attempt waits for (FOR KEY SHARE would not hold it up).
SELECT 1 / count(*) AS fenced
FROM (
    SELECT 1
    FROM {ledger}.run
    WHERE run_id = $1
      AND attempt = $2 -- an older attempt finds nothing
      AND state IN ('running', 'abandoning') -- abandoning: only its own attempt gets this far
    FOR SHARE
) AS held
