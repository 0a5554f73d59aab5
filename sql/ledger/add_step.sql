-- The step is done, in its own transaction. $1 run id, $2 phase, $3 number, $4 name.
INSERT INTO {ledger}.step (run_id, phase, number, name) VALUES ($1, $2, $3, $4)
