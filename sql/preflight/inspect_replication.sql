-- Standbys and slots. No parameters. One row: standbys, those whose state the role may not see, the
-- longest replay lag in milliseconds, the most bytes behind, slots that nobody reads (they keep all
-- WAL).
SELECT count(*),
       count(*) FILTER (WHERE r.state IS NULL), -- another role's, and no right to see it
       coalesce(max(extract(epoch FROM r.replay_lag) * 1000), 0)::bigint,
       coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), r.replay_lsn)), 0)::bigint,
       (SELECT string_agg(quote_ident(s.slot_name), ', ' ORDER BY s.slot_name)
        FROM pg_catalog.pg_replication_slots AS s
        WHERE NOT s.active)
FROM pg_catalog.pg_stat_replication AS r;
