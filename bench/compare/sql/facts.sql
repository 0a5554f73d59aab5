-- The bytes of WAL since -v before=LSN, and the share of HOT updates in the table.
SELECT (pg_current_wal_insert_lsn() - '0/0' - :before)::bigint,
       round(n_tup_hot_upd::numeric / greatest(n_tup_upd, 1), 3)
FROM pg_stat_all_tables
WHERE relid = 'conflict.conflictvisitmaps'::regclass
