-- So does the last planned key. $1 run id.
UPDATE {ledger}.plan SET planned_to = NULL WHERE run_id = $1
