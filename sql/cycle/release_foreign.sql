-- Frees flagged rows of the scope that no chunk of an unfinished run owns, a batch at a time. $1 at
-- most so many, $2 the table's oid.
WITH chunkmill_own AS MATERIALIZED (
    SELECT unnest(c.row_ids::{row_id_type}[]) AS row_id
    FROM {ledger}.chunk AS c
    JOIN {ledger}.run AS r USING (run_id)
    WHERE r.table_oid = $2::oid AND c.state = 'marked'
), chunkmill_stale AS MATERIALIZED (
    SELECT t.{row_id} AS row_id
    FROM {table} AS t
    WHERE {rows}
      AND t.{flag} IS NOT DISTINCT FROM {marked}
      AND t.{row_id} NOT IN (SELECT row_id FROM chunkmill_own)
    LIMIT $1
)
UPDATE {table} AS t
SET {flag} = {released}
WHERE t.{row_id} IN (SELECT row_id FROM chunkmill_stale)
  AND t.{flag} IS NOT DISTINCT FROM {marked} -- still
