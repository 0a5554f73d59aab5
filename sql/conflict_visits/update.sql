-- The job's update: compares the two visits of each pair again. Reads the target once; a pair that lacks a visit isn't touched.
-- {chunk_filter}: the rows of the chunk.
UPDATE {conflict_schema}.conflictvisitmaps AS t
SET "SameTimeFlag" = d.is_same_time,
    "OverlapFlag" = d.overlap_minutes > 0,
    "DistanceFlag" = d.overlap_minutes > 0 AND d.miles > 0.1,
    "TravelTimeFlag" = d.overlap_minutes <= 0 AND d.travel_minutes > -d.overlap_minutes,
    "OverlapMinutes" = greatest(d.overlap_minutes, 0)::integer,
    "DistanceMiles" = d.miles,
    "TravelMinutes" = d.travel_minutes,
    "StatusFlag" = CASE WHEN d.overlap_minutes > 0 OR d.travel_minutes > -d.overlap_minutes THEN 'U' ELSE 'R' END,
    "UpdateCount" = t."UpdateCount" + 1,
    "UpdatedDate" = now() AT TIME ZONE 'UTC',
    "UpdateFlag" = NULL -- the row is free again
FROM {analytics_schema}.visits AS v1,
     {analytics_schema}.visits AS v2,
     -- OFFSET 0: each expression is computed once a row, not wherever it is named
     LATERAL (SELECT coalesce(v1."VisitStartTime", v1."SchStartTime") AS start1, coalesce(v1."VisitEndTime", v1."SchEndTime") AS end1,
                     coalesce(v2."VisitStartTime", v2."SchStartTime") AS start2, coalesce(v2."VisitEndTime", v2."SchEndTime") AS end2,
                     sin(radians(v2."Latitude" - v1."Latitude") / 2) ^ 2
                     + cos(radians(v1."Latitude")) * cos(radians(v2."Latitude"))
                       * sin(radians(v2."Longitude" - v1."Longitude") / 2) ^ 2 AS haversine
              OFFSET 0) AS b,
     -- overlap_minutes: of both visits; below zero: the time between them. Miles at the earth's mean radius, travel at 30 miles an hour.
     LATERAL (SELECT start1 = start2 AND end1 = end2 AS is_same_time,
                     extract(epoch FROM least(end1, end2) - greatest(start1, start2))::double precision / 60 AS overlap_minutes,
                     2 * 3958.8 * asin(least(1, sqrt(haversine))) AS miles,
                     2 * 3958.8 * asin(least(1, sqrt(haversine))) * 2 AS travel_minutes
              OFFSET 0) AS d
WHERE {chunk_filter}
  AND v1."VisitID" = t."VisitID"
  AND v2."VisitID" = t."ConVisitID"
