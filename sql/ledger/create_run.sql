-- A new run, with a plan of nothing yet; the partial unique index refuses a second unfinished one.
-- $1 job, $2 label, $3 identity hash, $4 update hash, $5 table's oid, $6 table, $7 window from, $8
-- window to, $9 search_path.
WITH made AS (
    INSERT INTO {ledger}.run (job_id, label, state, identity_hash, update_hash, table_oid,
        table_name, window_from, window_to, search_path)
    SELECT job_id, $2, 'planning', $3, $4, $5::oid, $6, $7, $8, $9
    FROM {ledger}.job
    WHERE job = $1
    RETURNING run_id
)
INSERT INTO {ledger}.plan (run_id)
SELECT run_id FROM made
RETURNING run_id
