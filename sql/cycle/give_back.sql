-- Out of hand without a result: the chunk is innocent. $1 run id, $2 attempt, $3 worker, $4 chunk
-- id (NULL: all that this worker has). A transaction of its own.
DELETE FROM {ledger}.in_flight WHERE run_id = $1 AND attempt = $2 AND worker = $3
    AND (chunk_id = $4 OR $4 IS NULL)
