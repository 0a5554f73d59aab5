-- The beginning of T1. Its COMMIT need not wait for the disk: a server that crashes loses the marks and the ledger's entry together, and
-- the next commit that waits flushes both. No parameters; opens a transaction.
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
SET LOCAL synchronous_commit TO off
