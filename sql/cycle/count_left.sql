-- After the update, one scan of the chunk: untouched rows of ours (still the mark's version), rows that this transaction wrote, those of them that
-- still have the flag, and rows that are not ours at all.
-- $1 the mark's xid, then the tile's. Locks nothing.
SELECT count(*) FILTER (WHERE t.xmin = $1::xid) AS untouched_rows,
       count(*) FILTER (WHERE t.xmin = this.xid) AS written_rows,
       count(*) FILTER (WHERE t.xmin = this.xid AND t.{flag} IS NOT DISTINCT FROM {marked}) AS written_flagged_rows,
       count(*) FILTER (WHERE t.xmin <> $1::xid AND t.xmin <> this.xid) AS other_rows
FROM {table} AS t, (SELECT pg_current_xact_id()::xid AS xid OFFSET 0) AS this
WHERE {tile}
  AND {rows}
