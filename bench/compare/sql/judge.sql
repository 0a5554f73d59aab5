-- Compares the table as a peer left it with bench.truth; knows nothing of the peer. Prints one
-- line, tab-separated:
-- is_right: whether each row that must be updated was, with the right values, and no other row, and
--   no flag is left;
-- again_rows: the rows that were updated more than once;
-- again_updates: the updates that these had too many;
-- is_exact: is_right, and each row was updated exactly once.
SELECT s.digest = r.digest AND s.flagged_rows = 0 AS is_right, s.again_rows, s.again_updates,
       s.digest = r.digest AND s.flagged_rows = 0 AND s.again_rows = 0
       AND s.updated_rows = r.updated_rows AS is_exact
FROM bench.truth AS r,
     (SELECT count(*) FILTER (WHERE t."UpdateCount" > 0) AS updated_rows,
             count(*) FILTER (WHERE t."UpdateCount" > 1) AS again_rows,
             coalesce(sum(t."UpdateCount" - 1) FILTER (WHERE t."UpdateCount" > 1), 0)
                 AS again_updates,
             count(*) FILTER (WHERE t."UpdateFlag" IS NOT NULL) AS flagged_rows,
             sum(hashtextextended(concat_ws('|', t."ID", t."SameTimeFlag", t."OverlapFlag",
                                            t."DistanceFlag", t."TravelTimeFlag",
                                            t."OverlapMinutes",
                                            round(t."DistanceMiles"::numeric, 6),
                                            round(t."TravelMinutes"::numeric, 6),
                                            t."StatusFlag"), 0)::numeric)
                 FILTER (WHERE t."UpdateCount" > 0) AS digest
      FROM conflict.conflictvisitmaps AS t) AS s
