-- The {chunk_filter} of the slow path: rows of ours, by id, that are still in the chunk and that
-- this transaction has not written yet. A fragment. $1 run id, $2 chunk id, then the tile's.
{tile}
  AND {rows}
  AND t.{row_id} IN (
      SELECT unnest(row_ids::{row_id_type}[])
      FROM {ledger}.chunk
      WHERE run_id = $1 AND chunk_id = $2
  )
  AND NOT {written_here} -- not twice
