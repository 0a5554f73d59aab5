-- What set chunks aside, the most frequent first: no values of rows are in the ledger's errors. $1
-- run id, $2 at most so many.
SELECT coalesce(error_sqlstate, '') AS sqlstate, count(*) AS chunks,
       sum(rows_planned)::bigint AS rows_planned,
       min(chunk_id) AS first_chunk, coalesce((array_agg(error ORDER BY chunk_id))[1], '') AS error
FROM {ledger}.chunk
WHERE run_id = $1
  AND state = 'failed'
GROUP BY error_sqlstate
ORDER BY count(*) DESC, min(chunk_id)
LIMIT $2
