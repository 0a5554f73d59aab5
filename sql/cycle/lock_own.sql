-- The slow path, for a chunk whose sums don't match because somebody wrote to our rows, moved or
-- deleted them: locks what is left of them, wherever they are now. $1 run id, $2 chunk id. Returns
-- how many there are; the others were deleted.
SELECT count(*) AS present_rows
FROM (
    SELECT 1
    FROM {table} AS t
    WHERE t.{row_id} IN ( -- IN, not = ANY: a list of thousands is hashed
        SELECT unnest(row_ids::{row_id_type}[])
        FROM {ledger}.chunk
        WHERE run_id = $1 AND chunk_id = $2
    )
    FOR UPDATE OF t
) AS locked
