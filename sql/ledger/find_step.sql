-- Whether a step is done. $1 run id, $2 phase, $3 number.
SELECT count(*) > 0 FROM {ledger}.step WHERE run_id = $1 AND phase = $2 AND number = $3
