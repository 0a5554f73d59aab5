-- Are the rows that this transaction has marked still rows of the chunk, by key, scope and window?
-- A trigger may have moved them. Else it divides by zero. $1 run id, $2 chunk id, then the tile's.
SELECT 1 / (count(*) >= coalesce((
           SELECT rows_marked - rows_updated - rows_released - rows_lost
           FROM {ledger}.chunk
           WHERE run_id = $1 AND chunk_id = $2
             AND mark_xid = pg_current_xact_id()::xid -- this transaction's marks
       ), 0))::integer AS are_here
FROM {table} AS t
WHERE {tile}
  AND {rows}
  AND {written_here}
