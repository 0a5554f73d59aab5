-- Adds to the demo's data what the comparison needs.
-- psql -v target=10000 -v scope=SQL -f data.sql
-- bench.plan has the chunks that the peers are given, and is the ledger of those that keep one.
-- bench.truth has what the rows must be in the end.
\set ON_ERROR_STOP on
SET client_min_messages TO warning;
CREATE SCHEMA bench;
CREATE SEQUENCE bench.turn;
\set name bench.plan
\ir plan.sql
ALTER TABLE bench.plan SET (fillfactor = 50), ADD state text NOT NULL DEFAULT 'planned',
    ADD mark_xid xid, ADD row_ids text, ADD rows_marked bigint, ADD rows_updated bigint,
    ADD rows_released bigint;

-- The same sum as that of judge.sql, from the visits alone.
CREATE TABLE bench.truth AS
SELECT count(*) AS updated_rows,
       (SELECT count(*) FROM conflict.conflictvisitmaps AS t WHERE :scope) AS scope_rows,
       sum(hashtextextended(concat_ws('|', id, same_time, minutes > 0,
                                      minutes > 0 AND miles > 0.1,
                                      minutes <= 0 AND 2 * miles > -minutes,
                                      CASE WHEN minutes > 0 THEN minutes ELSE 0 END::integer,
                                      round(miles::numeric, 6), round((2 * miles)::numeric, 6),
                                      CASE WHEN minutes <= 0 AND 2 * miles <= -minutes
                                           THEN 'R' ELSE 'U' END), 0)::numeric) AS digest
FROM (SELECT id, a.starts = b.starts AND a.ends = b.ends AS same_time,
             extract(epoch FROM least(a.ends, b.ends)
                                - greatest(a.starts, b.starts))::double precision / 60 AS minutes,
             2 * 3958.8 * asin(least(1, sqrt(
                 sin(radians(b.latitude - a.latitude) / 2) ^ 2
                 + cos(radians(a.latitude)) * cos(radians(b.latitude))
                   * sin(radians(b.longitude - a.longitude) / 2) ^ 2))) AS miles
      FROM (SELECT t."ID" AS id, t."VisitID" AS visit, t."ConVisitID" AS other
            FROM conflict.conflictvisitmaps AS t
            WHERE :scope) AS pair
      JOIN (SELECT "VisitID" AS visit, coalesce("VisitStartTime", "SchStartTime") AS starts,
                   coalesce("VisitEndTime", "SchEndTime") AS ends,
                   "Latitude" AS latitude, "Longitude" AS longitude
            FROM analytics.visits) AS a USING (visit)
      JOIN (SELECT "VisitID" AS other, coalesce("VisitStartTime", "SchStartTime") AS starts,
                   coalesce("VisitEndTime", "SchEndTime") AS ends,
                   "Latitude" AS latitude, "Longitude" AS longitude
            FROM analytics.visits) AS b USING (other)) AS compared;
