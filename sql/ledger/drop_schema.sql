-- {ledger} is empty.
DROP SCHEMA IF EXISTS {ledger}
