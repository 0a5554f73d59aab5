-- Takes the ledger's views and tables away; several statements. {ledger} is the schema. in_hand is
-- that of version 4 and before.
DROP VIEW IF EXISTS {ledger}.failures, {ledger}.chunks, {ledger}.runs;
DROP TABLE IF EXISTS {ledger}.step, {ledger}.in_flight, {ledger}.in_hand, {ledger}.chunk,
{ledger}.backend, {ledger}.attempt, {ledger}.plan, {ledger}.run, {ledger}.job, {ledger}.ledger
