-- Who and where this session is. No parameters; columns: pid, is a standby, role, uses TLS, TLS
-- version, the bytes never leave the host. Locks nothing.
SELECT pg_backend_pid() AS pid,
       pg_is_in_recovery() AS is_standby,
       current_user AS role,
       coalesce(s.ssl, false) AS has_tls,
       coalesce(s.version, '') AS tls,
       -- no address: a socket; the same address at both ends: loopback
       inet_server_addr() IS NULL OR host(inet_server_addr()) = host(inet_client_addr()) AS is_local
FROM (SELECT 1) AS one
LEFT JOIN pg_catalog.pg_stat_ssl AS s ON s.pid = pg_backend_pid();
