-- $1 run id.
SELECT state FROM {ledger}.run WHERE run_id = $1
