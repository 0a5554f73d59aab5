-- Of the table as a peer left it, against bench.truth; knows nothing of the peer. One line, tab-separated: whether each row that must be updated
-- has been, with the right values, and no other, and no flag is left (t or f); rows updated more than once; the updates that these had too many;
-- the same with 'once' taken literally.
SELECT s.digest = r.digest AND s.flagged_rows = 0 AS is_right, s.again_rows, s.again_updates,
       s.digest = r.digest AND s.flagged_rows = 0 AND s.again_rows = 0 AND s.updated_rows = r.updated_rows AS is_exact
FROM bench.truth AS r,
     (SELECT count(*) FILTER (WHERE t."UpdateCount" > 0) AS updated_rows, count(*) FILTER (WHERE t."UpdateCount" > 1) AS again_rows,
             coalesce(sum(t."UpdateCount" - 1) FILTER (WHERE t."UpdateCount" > 1), 0) AS again_updates,
             count(*) FILTER (WHERE t."UpdateFlag" IS NOT NULL) AS flagged_rows,
             sum(hashtextextended(concat_ws('|', t."ID", t."SameTimeFlag", t."OverlapFlag", t."DistanceFlag", t."TravelTimeFlag", t."OverlapMinutes",
                                            round(t."DistanceMiles"::numeric, 6), round(t."TravelMinutes"::numeric, 6), t."StatusFlag"), 0)::numeric)
                 FILTER (WHERE t."UpdateCount" > 0) AS digest
      FROM conflict.conflictvisitmaps AS t) AS s
