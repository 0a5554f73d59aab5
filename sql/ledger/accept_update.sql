-- The run goes on with another update; each attempt keeps the hash that it ran under. $1 run id, $2
-- update hash.
UPDATE {ledger}.run SET update_hash = $2 WHERE run_id = $1
