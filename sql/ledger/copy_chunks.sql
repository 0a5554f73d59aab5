-- The batch's chunks.
COPY {ledger}.chunk (run_id, chunk_id, kind, key_lower, key_upper, upper_open, row_lower, row_upper,
    key_sets, rows_planned, keys_planned)
FROM STDIN
