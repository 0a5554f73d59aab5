-- Runs of any job that are not at their end.
SELECT count(*) FROM {ledger}.run WHERE state IN ('planning', 'running', 'abandoning')
