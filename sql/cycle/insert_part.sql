-- A part of a chunk that is split, in the parent's state and with a number of its own. What a first
-- pass has settled counts with the first part; which row ids those were each part must know. $1 run
-- id, $2 the parent's id, $3 kind, $4 lower key, $5 upper key, $6 upper open, $7 lower row id, $8
-- upper row id, $9 key sets, $10 rows planned, $11 keys planned, $12 whether it is the first part.
-- Returns its id.
INSERT INTO {ledger}.chunk (run_id, parent_id, kind, key_lower, key_upper, upper_open, row_lower,
    row_upper, key_sets, rows_planned, keys_planned,
                            state, pass, crashes, attempt, worker, mark_xid, marked_at,
                            settled_row_ids,
                            rows_marked, rows_updated, rows_released, rows_lost, tries)
SELECT p.run_id, p.chunk_id, $3, $4::text[], $5::text[], $6::boolean, $7, $8, $9::text[],
       $10::bigint, $11::bigint,
       p.state, p.pass, p.crashes, p.attempt, p.worker, p.mark_xid, p.marked_at, p.settled_row_ids,
       CASE WHEN $12::boolean THEN p.rows_updated + p.rows_released + p.rows_lost ELSE 0 END,
       CASE WHEN $12::boolean THEN p.rows_updated ELSE 0 END, CASE
           WHEN $12::boolean THEN p.rows_released ELSE 0 END,
       CASE WHEN $12::boolean THEN p.rows_lost ELSE 0 END, CASE WHEN $12::boolean THEN p.tries
           ELSE 0 END
FROM {ledger}.chunk AS p
WHERE p.run_id = $1 AND p.chunk_id = $2
RETURNING chunk_id
