-- For a transaction whose COMMIT need not wait for the disk: who takes a chunk in flight, and T1. A
-- server that crashes loses such a transaction as a whole, the marks and the ledger's entry
-- together, and the next commit that waits flushes both. No parameters; in a transaction, for its
-- length.
SET LOCAL synchronous_commit TO off
