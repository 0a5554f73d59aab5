-- So does the last planned key. $1 run id.
UPDATE {ledger}.run SET planned_to = NULL WHERE run_id = $1
