-- T1 of the second pass, for a chunk in which the first one saw rows that were not its own: marks what is free now and was not settled by the
-- first pass, and counts by the same snapshot what it could not mark: each row of the chunk is settled, marked or counted.
-- $1 run id, $2 chunk id, $3 attempt, $4 worker, then the tile's.
WITH settled AS MATERIALIZED (
    SELECT unnest(settled_row_ids::{row_id_type}[]) AS row_id
    FROM {ledger}.chunk
    WHERE run_id = $1 AND chunk_id = $2
), marked AS (
    UPDATE {table} AS t
    SET {flag} = {marked}
    WHERE {tile}
      AND {rows}
      AND t.{flag} IS NOT DISTINCT FROM {released} -- only free rows
      AND t.{row_id} NOT IN (SELECT row_id FROM settled) -- the first pass has done them
    RETURNING t.{row_id} AS row_id
), own AS (
    SELECT count(*) AS own_rows, array_agg(row_id)::text AS row_ids
    FROM marked
), unsettled AS (
    SELECT count(*) AS unsettled_rows
    FROM {table} AS t
    WHERE {tile}
      AND {rows}
      AND t.{row_id} NOT IN (SELECT row_id FROM settled)
)
UPDATE {ledger}.chunk
SET state = 'marked', attempt = $3, worker = $4, mark_xid = pg_current_xact_id()::xid, marked_at = clock_timestamp(),
    row_ids = own.row_ids, rows_marked = rows_marked + own.own_rows,
    rows_elsewhere = greatest(unsettled.unsettled_rows - own.own_rows, 0)
FROM own, unsettled
WHERE run_id = $1 AND chunk_id = $2
RETURNING own.own_rows, mark_xid::text
