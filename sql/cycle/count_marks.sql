-- Rows of the scope by their flag, and which flags are ours by the ledger. Scans the table. $1 run
-- id.
WITH chunkmill_own AS MATERIALIZED (
    SELECT unnest(row_ids::{row_id_type}[]) AS row_id
    FROM {ledger}.chunk
    WHERE run_id = $1 AND state = 'marked'
)
SELECT count(*) AS in_scope,
       count(*) FILTER (WHERE t.{flag} IS DISTINCT FROM {released}
           AND t.{row_id} IN (SELECT row_id FROM chunkmill_own)) AS ours,
       count(*) FILTER (WHERE t.{flag} IS DISTINCT FROM {released}
           AND t.{row_id} NOT IN (SELECT row_id FROM chunkmill_own)) AS elsewhere
FROM {table} AS t
WHERE {rows}
