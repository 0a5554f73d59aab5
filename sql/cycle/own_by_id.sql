-- Where the table has triggers, the mark's xmin alone doesn't make a row ours: they may have
-- written to rows that another program has flagged. Nor does this transaction's: a foreign key or a
-- function may have. So ours are those whose ids the mark has kept. A fragment. $2 run id, $3 chunk
-- id.
(t.{row_id} IN (
    SELECT unnest(row_ids::{row_id_type}[])
    FROM {ledger}.chunk
    WHERE run_id = $2 AND chunk_id = $3
)) IS TRUE -- a filter of the scan, not a join to begin with
