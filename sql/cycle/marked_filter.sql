-- The {chunk_filter} of T2 where the table has triggers, which may have written to rows that another program has flagged, and so given them the
-- mark's xid: rows of ours by id, too, that are as the mark left them. A fragment.
-- $1 the mark's xid, $2 run id, $3 chunk id, then the tile's.
{tile}
  AND {rows}
  AND t.{flag} IS NOT DISTINCT FROM {marked}
  AND t.xmin = $1::xid
  AND (t.{row_id} IN (
          SELECT unnest(row_ids::{row_id_type}[])
          FROM {ledger}.chunk
          WHERE run_id = $2 AND chunk_id = $3
      )) IS TRUE -- a filter of the chunk's scan, not a join to begin with
