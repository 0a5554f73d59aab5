-- After the update, one scan of the chunk: counts untouched rows of ours (still the mark's
-- version), rows that this transaction wrote, those of both that still have the flag, and rows that
-- are not ours at all; and releases what still has the flag, by the places that the scan saw. $1
-- the mark's xid, $2 run id, $3 chunk id, then the tile's. Locks the rows it releases.
WITH chunkmill_seen AS MATERIALIZED (
    SELECT count(*) FILTER (WHERE t.xmin = $1::xid) AS untouched_rows,
           count(*) FILTER (WHERE t.xmin = chunkmill_this.chunkmill_xid) AS written_rows,
           count(*) FILTER (
               WHERE t.xmin <> $1::xid AND t.xmin <> chunkmill_this.chunkmill_xid
           ) AS other_rows,
           array_agg(t.ctid) FILTER (
               WHERE t.{flag} IS NOT DISTINCT FROM {marked}
                   AND (t.xmin = $1::xid OR t.xmin = chunkmill_this.chunkmill_xid)
           ) AS places
    FROM {table} AS t,
    (SELECT pg_current_xact_id()::xid AS chunkmill_xid OFFSET 0) AS chunkmill_this
    WHERE {tile}
      AND {rows}
), chunkmill_released AS (
    UPDATE {table} AS t
    SET {flag} = {released}
    WHERE t.ctid = ANY ((SELECT places FROM chunkmill_seen)::tid[])
      -- still: a place is not looked at again after a wait for a lock
      AND t.{flag} IS NOT DISTINCT FROM {marked}
      AND ( -- as seen, not a later version; and only ours, in whatever partition the place is
          t.xmin = $1::xid
          AND {own_by_mark}
          -- what the update wrote, or a foreign key or a function for it: the ids are hashed only
          -- for such rows
          OR t.xmin = (SELECT pg_current_xact_id()::xid)
          AND {own_by_id}
      )
    RETURNING 1
)
SELECT untouched_rows, written_rows, other_rows, coalesce(cardinality(places), 0) AS left_rows,
       (SELECT count(*) FROM chunkmill_released) AS released_rows
FROM chunkmill_seen
