-- T1: marks the chunk's rows and keeps their ids and the transaction's xid beside the chunk; the
-- ids never leave the server. It is sent together with the claim and the COMMIT: only where the
-- chunk, which the claim has locked, is planned does it do anything. $1 run id, $2 chunk id, $3
-- attempt, $4 worker, $5 crashes that are borne with, then the tile's. Locks the rows it marks.
WITH chunkmill_marked AS (
    UPDATE {table} AS t
    SET {flag} = {marked}
    WHERE {tile}
      AND {rows}
      -- only free rows: any other value is somebody else's
      AND t.{flag} IS NOT DISTINCT FROM {released}
      AND EXISTS (
          SELECT FROM {ledger}.chunk
          WHERE run_id = $1 AND chunk_id = $2 AND state = 'planned' AND pass = 1 AND crashes <= $5
      )
    RETURNING t.{row_id} AS row_id
), chunkmill_own AS (
    SELECT count(*) AS own_rows, array_agg(row_id)::text AS row_ids
    FROM chunkmill_marked
)
UPDATE {ledger}.chunk
SET state = 'marked', attempt = $3, worker = $4, mark_xid = pg_current_xact_id()::xid,
marked_at = clock_timestamp(),
    row_ids = chunkmill_own.row_ids, rows_marked = rows_marked + chunkmill_own.own_rows
FROM chunkmill_own
WHERE run_id = $1 AND chunk_id = $2 AND state = 'planned' AND pass = 1 AND crashes <= $5 -- as above
RETURNING chunkmill_own.own_rows, mark_xid::text
