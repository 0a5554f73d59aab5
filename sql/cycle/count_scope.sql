-- Rows of the scope, for a job without a flag. Scans the table.
SELECT count(*) FROM {table} AS t WHERE {rows}
