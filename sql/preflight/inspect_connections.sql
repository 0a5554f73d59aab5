-- Connections that this role can still open to this database. No parameters. One row: free ones,
-- what limits them. pg_stat_database counts other roles' sessions too, whoever asks.
WITH limits AS (
    SELECT 'max_connections ' || current_setting('max_connections') AS what,
           current_setting('max_connections')::integer
           - CASE WHEN r.rolsuper THEN 0
                  ELSE current_setting('superuser_reserved_connections')::integer
                       + coalesce(current_setting('reserved_connections', true), '0')::integer END
           - (SELECT coalesce(sum(s.numbackends), 0) FROM pg_catalog.pg_stat_database AS s) AS free
    FROM pg_catalog.pg_roles AS r
    WHERE r.rolname = current_user
    UNION ALL
    SELECT 'connection limit ' || r.rolconnlimit || ' of the role',
           r.rolconnlimit - (SELECT count(*) FROM pg_catalog.pg_stat_activity AS a
               WHERE a.usesysid = r.oid)
    FROM pg_catalog.pg_roles AS r
    WHERE r.rolname = current_user AND r.rolconnlimit >= 0 AND NOT r.rolsuper
    UNION ALL
    SELECT 'connection limit ' || d.datconnlimit || ' of the database',
           d.datconnlimit - (SELECT s.numbackends FROM pg_catalog.pg_stat_database AS s
               WHERE s.datid = d.oid)
    FROM pg_catalog.pg_database AS d
    WHERE d.datname = current_database() AND d.datconnlimit >= 0
)
SELECT greatest(free, 0)::bigint, what
FROM limits
ORDER BY free
LIMIT 1;
