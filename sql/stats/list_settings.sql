-- The server's settings that decide how fast it writes, with what this role sees, and none of the
-- session's own.
SELECT name, CASE WHEN unit IS NULL THEN reset_val ELSE current_setting(name) END
FROM pg_settings
WHERE name IN ('shared_buffers', 'max_wal_size', 'min_wal_size', 'wal_level', 'wal_buffers',
    'wal_compression', 'fsync',
               'synchronous_commit', 'full_page_writes', 'data_checksums', 'checkpoint_timeout',
               'checkpoint_completion_target',
               'autovacuum', 'effective_cache_size', 'max_connections', 'max_parallel_workers',
               'huge_pages')
ORDER BY name
