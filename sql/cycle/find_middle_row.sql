-- The row id in the middle of the chunk, its number and the number of rows; no row where there are
-- fewer than two. The tile's parameters.
SELECT row_id, number, all_rows
FROM (
    SELECT t.{row_id} AS row_id, row_number() OVER (ORDER BY t.{row_id}) AS number,
           count(*) OVER () AS all_rows
    FROM {table} AS t
    WHERE {tile}
      AND {rows}
) AS numbered
WHERE number = all_rows / 2
