-- Releases every mark of ours by row id, wherever the row is now.
-- $1 run id, $2 chunk id.
UPDATE {table} AS t
SET {flag} = {released}
WHERE t.{row_id} IN (
      SELECT unnest(row_ids::{row_id_type}[])
      FROM {ledger}.chunk
      WHERE run_id = $1 AND chunk_id = $2
  )
  AND t.{flag} IS NOT DISTINCT FROM {marked} -- else there is nothing to release
