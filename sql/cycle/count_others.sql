-- The slow path's last look: rows of the chunk that are not ours, whatever xmin a trigger gave
-- them. $1 run id, $2 chunk id, then the tile's.
SELECT count(*) AS other_rows
FROM {table} AS t
WHERE {tile}
  AND {rows}
  AND t.{row_id} NOT IN (
      SELECT unnest(row_ids::{row_id_type}[])
      FROM {ledger}.chunk
      WHERE run_id = $1 AND chunk_id = $2
  )
