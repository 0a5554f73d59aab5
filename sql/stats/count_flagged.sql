-- Rows of the scope that are still marked, whoever did it. Scans the table.
SELECT count(*)
FROM {table} AS t
WHERE {rows}
  AND t.{flag} IS DISTINCT FROM {released}
