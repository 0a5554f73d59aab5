-- The claim of a transaction whose next statement is on its way already: where the chunk is not as
-- expected it divides by zero, and the server runs nothing of what was sent behind it. What it is
-- instead, claim_chunk tells. $1 run id, $2 chunk id, $3 state, $4 the mark's xid (NULL: none), $5
-- crashes that are borne with. Locks the chunk's row.
WITH claimed AS MATERIALIZED ( -- locked first: the row may change while we wait for it
    SELECT rows_marked - rows_updated - rows_released - rows_lost AS own_rows, state, pass,
           mark_xid::text AS mark_xid, crashes, tries,
           state = $3 AND mark_xid IS NOT DISTINCT FROM $4 AND crashes <= $5 AS as_expected
    FROM {ledger}.chunk
    WHERE run_id = $1 AND chunk_id = $2
    FOR UPDATE
)
SELECT state, pass, mark_xid, own_rows, crashes, tries,
       1 / coalesce(as_expected, false)::integer AS is_ours
FROM (SELECT 1) AS always -- a chunk that is not there is not as expected
LEFT JOIN claimed ON true
