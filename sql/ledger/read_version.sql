-- The ledger's version.
SELECT max(version) FROM {ledger}.ledger
