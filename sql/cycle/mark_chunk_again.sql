-- T1 of the second pass, for a chunk in which the first one saw rows that were not its own: marks
-- what is free now and was not settled by the first pass, and counts by the same snapshot what it
-- could not mark: each row of the chunk is settled, marked or counted. It is sent together with the
-- claim and the COMMIT, as mark_chunk is. $1 run id, $2 chunk id, $3 attempt, $4 worker, $5 crashes
-- that are borne with, then the tile's.
WITH chunkmill_settled AS MATERIALIZED (
    SELECT unnest(settled_row_ids::{row_id_type}[]) AS row_id
    FROM {ledger}.chunk
    WHERE run_id = $1 AND chunk_id = $2
), chunkmill_marked AS (
    UPDATE {table} AS t
    SET {flag} = {marked}
    WHERE {tile}
      AND {rows}
      AND t.{flag} IS NOT DISTINCT FROM {released} -- only free rows
      AND t.{row_id} NOT IN (SELECT row_id FROM chunkmill_settled) -- the first pass has done them
      AND EXISTS (
          SELECT FROM {ledger}.chunk
          WHERE run_id = $1 AND chunk_id = $2 AND state = 'planned' AND pass = 2 AND crashes <= $5
      )
    RETURNING t.{row_id} AS row_id
), chunkmill_own AS (
    SELECT count(*) AS own_rows, array_agg(row_id)::text AS row_ids
    FROM chunkmill_marked
), chunkmill_unsettled AS (
    SELECT count(*) AS unsettled_rows
    FROM {table} AS t
    WHERE {tile}
      AND {rows}
      AND t.{row_id} NOT IN (SELECT row_id FROM chunkmill_settled)
)
UPDATE {ledger}.chunk
SET state = 'marked', attempt = $3, worker = $4, mark_xid = pg_current_xact_id()::xid,
marked_at = clock_timestamp(),
    row_ids = chunkmill_own.row_ids, rows_marked = rows_marked + chunkmill_own.own_rows,
    rows_elsewhere = greatest(chunkmill_unsettled.unsettled_rows - chunkmill_own.own_rows, 0)
FROM chunkmill_own, chunkmill_unsettled
WHERE run_id = $1 AND chunk_id = $2 AND state = 'planned' AND pass = 2 AND crashes <= $5 -- as above
RETURNING chunkmill_own.own_rows, mark_xid::text
