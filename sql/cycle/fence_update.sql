-- Are the rows that this transaction has updated still in the chunk's tile? A trigger may have
-- moved them, into a chunk that comes later. Else it divides by zero. $1 rows updated, then the
-- tile's.
SELECT 1 / (count(*) >= $1)::integer AS are_here
FROM {table} AS t
WHERE {tile}
  AND {written_here}
