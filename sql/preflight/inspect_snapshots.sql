-- What keeps dead rows from being pruned: transactions of this database that are older than $1
-- seconds. Columns: pid (NULL: a prepared transaction), age in seconds, state, role; oldest first.
-- Vacuum's own transactions hold nothing back.
SELECT a.pid, extract(epoch FROM now() - a.xact_start)::bigint AS age_s,
       coalesce(a.state, '') AS state, a.usename AS role
FROM pg_catalog.pg_stat_activity AS a
WHERE a.datname = current_database()
  AND a.pid <> pg_backend_pid()
  AND a.xact_start < now() - make_interval(secs => $1::double precision)
  AND (a.backend_xid IS NOT NULL OR a.backend_xmin IS NOT NULL)
  AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
UNION ALL
SELECT NULL, extract(epoch FROM now() - p.prepared)::bigint, 'prepared', p.owner
FROM pg_catalog.pg_prepared_xacts AS p
WHERE p.database = current_database()
  AND p.prepared < now() - make_interval(secs => $1::double precision)
ORDER BY 2 DESC
LIMIT 20;
