-- Releases what the update left marked: rows of ours it did not touch, and rows it wrote without clearing the flag.
-- $1 the mark's xid, then the tile's.
UPDATE {table} AS t
SET {flag} = {released}
WHERE {tile}
  AND {rows}
  AND t.{flag} IS NOT DISTINCT FROM {marked} -- else there is nothing to release
  AND (t.xmin = $1::xid OR t.xmin = (SELECT pg_current_xact_id()::xid)) -- only ours
