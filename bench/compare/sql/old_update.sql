-- The job's update as the old system wrote its own: the rows and their new values are computed in
-- CTEs, and joined back to the table by row id.
WITH pair AS (
    SELECT t."ID" AS id,
           coalesce(v1."VisitStartTime", v1."SchStartTime") AS starts1,
           coalesce(v1."VisitEndTime", v1."SchEndTime") AS ends1,
           coalesce(v2."VisitStartTime", v2."SchStartTime") AS starts2,
           coalesce(v2."VisitEndTime", v2."SchEndTime") AS ends2,
           2 * 3958.8 * asin(least(1, sqrt(
               sin(radians(v2."Latitude" - v1."Latitude") / 2) ^ 2
               + cos(radians(v1."Latitude")) * cos(radians(v2."Latitude"))
                 * sin(radians(v2."Longitude" - v1."Longitude") / 2) ^ 2))) AS miles
    FROM conflict.conflictvisitmaps AS t
    JOIN analytics.visits AS v1 ON v1."VisitID" = t."VisitID"
    JOIN analytics.visits AS v2 ON v2."VisitID" = t."ConVisitID"
    WHERE t."UpdateFlag" = 1 AND {chunk_filter}
), computed AS (
    SELECT id, miles, starts1 = starts2 AND ends1 = ends2 AS is_same_time,
           extract(epoch FROM least(ends1, ends2)
                              - greatest(starts1, starts2))::double precision / 60 AS minutes
    FROM pair
)
UPDATE conflict.conflictvisitmaps AS t
SET "SameTimeFlag" = c.is_same_time,
    "OverlapFlag" = c.minutes > 0,
    "DistanceFlag" = c.minutes > 0 AND c.miles > 0.1,
    "TravelTimeFlag" = c.minutes <= 0 AND c.miles * 2 > -c.minutes,
    "OverlapMinutes" = greatest(c.minutes, 0)::integer,
    "DistanceMiles" = c.miles,
    "TravelMinutes" = c.miles * 2,
    "StatusFlag" = CASE WHEN c.minutes > 0 OR c.miles * 2 > -c.minutes THEN 'U' ELSE 'R' END,
    "UpdateCount" = t."UpdateCount" + 1,
    "UpdatedDate" = now() AT TIME ZONE 'UTC',
    "UpdateFlag" = NULL
FROM computed AS c
WHERE t."ID" = c.id
