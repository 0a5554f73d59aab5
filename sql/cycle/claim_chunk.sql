-- The chunk's state, and the right to decide on it: only a read FOR UPDATE decides anything.
-- $1 run id, $2 chunk id. Locks the chunk's row. own_rows: marked in this pass and not settled yet.
-- crashes: how often it was in flight when a rank or session died. tries: of former hand-outs.
SELECT state, pass, mark_xid::text AS mark_xid,
       rows_marked - rows_updated - rows_released - rows_lost AS own_rows, crashes, tries
FROM {ledger}.chunk
WHERE run_id = $1 AND chunk_id = $2
FOR UPDATE
