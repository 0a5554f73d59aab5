-- Rewrite rules of the target. $1 its oid. One row: names of the rules that rewrite an UPDATE, how
-- many others. Only the target's own: an UPDATE of a partitioned table ignores the rules of its
-- partitions.
SELECT string_agg(quote_ident(r.rulename), ', '
    ORDER BY r.rulename) FILTER (WHERE r.ev_type = '2') AS updates,
       count(*) FILTER (WHERE r.ev_type <> '2') AS others
FROM pg_catalog.pg_rewrite AS r
WHERE r.ev_class = $1::oid
  AND r.rulename <> '_RETURN'
  AND r.ev_enabled <> 'D';
