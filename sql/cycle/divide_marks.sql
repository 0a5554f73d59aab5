-- The part's share of the parent's marks: those in its tile; the last part has what is left, too,
-- rows that have moved or are gone: its T2 will see to them. In a second pass also what could not
-- be marked, counted anew: the parent's number doesn't say in which part those rows are. $1 run id,
-- $2 the parent's id, $3 the part's id, $4 whether it is the last, then the part's tile.
WITH chunkmill_parent AS MATERIALIZED (
    SELECT row_ids, settled_row_ids, pass
    FROM {ledger}.chunk
    WHERE run_id = $1 AND chunk_id = $2
), chunkmill_own AS MATERIALIZED (
    SELECT unnest(row_ids::{row_id_type}[]) AS row_id
    FROM chunkmill_parent
), chunkmill_settled AS MATERIALIZED (
    SELECT unnest(settled_row_ids::{row_id_type}[]) AS row_id
    FROM chunkmill_parent
), chunkmill_given AS MATERIALIZED (
    SELECT unnest(row_ids::{row_id_type}[]) AS row_id
    FROM {ledger}.chunk
    WHERE run_id = $1 AND parent_id = $2 AND chunk_id <> $3
), chunkmill_here AS MATERIALIZED (
    SELECT t.{row_id} AS row_id
    FROM {table} AS t
    WHERE {tile}
      AND {rows}
), chunkmill_share AS MATERIALIZED (
    SELECT row_id
    FROM chunkmill_own
    -- a row that moves between two of these statements is not given twice
    WHERE row_id NOT IN (SELECT row_id FROM chunkmill_given)
      AND ($4::boolean OR row_id IN (SELECT row_id FROM chunkmill_here))
)
UPDATE {ledger}.chunk
SET row_ids = (SELECT array_agg(row_id)::text FROM chunkmill_share),
    rows_marked = rows_marked + (SELECT count(*) FROM chunkmill_share),
    rows_elsewhere = CASE WHEN (SELECT pass FROM chunkmill_parent) = 1 THEN 0
                          ELSE (SELECT count(*) FROM chunkmill_here
                                WHERE row_id NOT IN (SELECT row_id FROM chunkmill_own)
                                    AND row_id NOT IN (SELECT row_id FROM chunkmill_settled)) END
WHERE run_id = $1 AND chunk_id = $3
