-- What became of the run's chunks and rows; split chunks live on in their parts. $1 run id, $2
-- whether the job has a flag.
SELECT count(*) AS chunks,
       count(*) FILTER (WHERE state = 'done') AS chunks_done,
       count(*) FILTER (WHERE state = 'failed') AS chunks_failed,
       count(*) FILTER (WHERE state IN ('planned', 'marked')) AS chunks_left,
       coalesce(sum(rows_planned), 0)::bigint AS rows_planned,
       coalesce(sum(CASE WHEN $2::boolean THEN rows_marked
           ELSE rows_updated END) FILTER (WHERE state = 'done'), 0)::bigint AS rows_matched,
       coalesce(sum(rows_updated) FILTER (WHERE state = 'done'), 0)::bigint AS rows_updated,
       coalesce(sum(rows_released) FILTER (WHERE state = 'done'), 0)::bigint AS rows_released,
       coalesce(sum(rows_elsewhere) FILTER (WHERE state = 'done'), 0)::bigint AS rows_elsewhere,
       coalesce(sum(rows_lost) FILTER (WHERE state = 'done'), 0)::bigint AS rows_lost,
       coalesce(sum(rows_planned) FILTER (WHERE state = 'done'), 0)::bigint AS rows_planned_done,
       coalesce(sum(rows_planned) FILTER (WHERE state = 'failed'), 0)::bigint AS rows_failed,
       coalesce(sum(rows_planned) FILTER (WHERE state IN ('planned', 'marked')),
           0)::bigint AS rows_left,
       (SELECT count(*) FROM {ledger}.chunk WHERE run_id = $1 AND state = 'split') AS chunks_split,
       count(*) FILTER (WHERE crashes > 0) AS chunks_crashed
FROM {ledger}.chunk
WHERE run_id = $1
  AND state <> 'split'
