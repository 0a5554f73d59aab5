-- The demo job's update: compares the two visits of each pair again. It reads the target once. A
-- pair that lacks a visit isn't touched.
UPDATE {conflict_schema}.conflictvisitmaps AS t
SET "SameTimeFlag" = d.is_same_time,
    "OverlapFlag" = d.overlap_minutes > 0,
    "DistanceFlag" = d.overlap_minutes > 0 AND d.miles > 0.1,
    "TravelTimeFlag" = d.overlap_minutes <= 0 AND d.miles * 2 > -d.overlap_minutes,
    "OverlapMinutes" = greatest(d.overlap_minutes, 0)::integer,
    "DistanceMiles" = d.miles,
    "TravelMinutes" = d.miles * 2, -- at 30 miles an hour
    "StatusFlag" = CASE WHEN d.overlap_minutes > 0 OR d.miles * 2 > -d.overlap_minutes
                        THEN 'U' ELSE 'R' END,
    "UpdateCount" = t."UpdateCount" + 1,
    "UpdatedDate" = now() AT TIME ZONE 'UTC',
    "UpdateFlag" = NULL -- the row is free again
FROM {analytics_schema}.visits AS v1,
     {analytics_schema}.visits AS v2,
     -- A visit's times are those when it took place, where they are known, else those when it was
     -- scheduled. With OFFSET 0 each value is computed once a row, not wherever it is named.
     LATERAL (SELECT coalesce(v1."VisitStartTime", v1."SchStartTime")
                     = coalesce(v2."VisitStartTime", v2."SchStartTime")
                     AND coalesce(v1."VisitEndTime", v1."SchEndTime")
                         = coalesce(v2."VisitEndTime", v2."SchEndTime") AS is_same_time,
                     -- of both visits; below zero: the time between them
                     extract(epoch FROM least(coalesce(v1."VisitEndTime", v1."SchEndTime"),
                                              coalesce(v2."VisitEndTime", v2."SchEndTime"))
                                        - greatest(coalesce(v1."VisitStartTime", v1."SchStartTime"),
                                                   coalesce(v2."VisitStartTime", v2."SchStartTime"))
                     )::double precision / 60 AS overlap_minutes,
                     -- haversine, with the earth's mean radius
                     2 * 3958.8 * asin(least(1, sqrt(
                         sin(radians(v2."Latitude" - v1."Latitude") / 2) ^ 2
                         + cos(radians(v1."Latitude")) * cos(radians(v2."Latitude"))
                           * sin(radians(v2."Longitude" - v1."Longitude") / 2) ^ 2))) AS miles
              OFFSET 0) AS d
WHERE {chunk_filter}
  AND v1."VisitID" = t."VisitID"
  AND v2."VisitID" = t."ConVisitID"
