-- The last key of the lower half of the chunk: what a split cuts behind. Where there is but one
-- key, that one. The tile's parameters. Returns its values, its number and the number of keys, the
-- rows up to it and in all; no row where there are none.
WITH chunkmill_distribution AS MATERIALIZED (
    SELECT {key_names}, count(*) AS key_rows
    FROM (
        SELECT {keys}
        FROM {table} AS t
        WHERE {tile}
          AND {rows}
    ) AS tile
    GROUP BY {key_names}
), chunkmill_ranked AS (
    SELECT chunkmill_distribution.*, row_number() OVER in_order AS number, count(*) OVER () AS keys,
           sum(key_rows) OVER in_order AS rows_up_to, sum(key_rows) OVER () AS all_rows
    FROM chunkmill_distribution
    WINDOW in_order AS (ORDER BY {key_names})
)
SELECT {key_names}, number, keys, rows_up_to, all_rows
FROM chunkmill_ranked
ORDER BY number = keys -- the last key is the middle of nothing, but of itself
       , abs(2 * rows_up_to - all_rows), number
LIMIT 1
