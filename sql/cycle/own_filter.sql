-- The {chunk_filter} of the slow path: rows of ours, by id, that are still in the chunk and that
-- this transaction has not written yet. A fragment. $1 run id, $2 chunk id, then the tile's.
{tile}
  AND {rows}
  AND t.{row_id} IN (
      SELECT unnest(row_ids::{row_id_type}[])
      FROM {ledger}.chunk
      WHERE run_id = $1 AND chunk_id = $2
  )
  AND t.xmin <> (SELECT pg_current_xact_id()::xid) -- not twice
  -- nor where a trigger wrote the row once more in a subtransaction, which has an xid of its own: a
  -- writer in progress whose row we see is us. xmin has no epoch: the distance to our own xid
  -- (-2^31 .. 2^31) gives it one.
  AND pg_xact_status(((SELECT pg_current_xact_id()::text::bigint)
                      + (t.xmin::text::bigint - (SELECT pg_current_xact_id()::xid::text::bigint)
                         + 6442450944) % 4294967296 - 2147483648
                     )::text::xid8) IS DISTINCT FROM 'in progress'
