-- Fills the demo's tables: the same rows for the same variables and day.
-- psql [-v rows=250000] [-v skew=2] [-v seed=1] -f data.sql rows: so many are in the job's scope
-- and window. Besides them 2 per cent have no CONFLICTID, 3 per cent lie before the window and 1
-- per cent after it. Dates keep two days off the window's ends, so that midnight changes nothing.
-- One pair in a hundred lacks a visit.
-- skew: with 1 all caregivers have as many visits; the share of the busiest grows with it.
-- A cluster is a caregiver's day: one visit, and three at another provider that may be in conflict
-- with it.
\set ON_ERROR_STOP on
\if :{?rows}
\else
  \set rows 250000
\endif
\if :{?skew}
\else
  \set skew 2
\endif
\if :{?seed}
\else
  \set seed 1
\endif
SET client_min_messages TO warning;
SET TimeZone TO 'UTC'; -- that of the job
SET synchronous_commit TO off;
SET max_parallel_workers_per_gather TO 0; -- keeps the rows in order
SET work_mem TO '64MB';
BEGIN;
TRUNCATE conflict.conflictvisitmaps, analytics.visits;
-- The index is made again afterwards: that is quicker.
SELECT pg_get_indexdef('conflict.conflictvisitmaps_date_ssn'::regclass) AS make_index \gset
DROP INDEX conflict.conflictvisitmaps_date_ssn;

-- Rows are numbered from 0: first those before the window, then those within (with and without a
-- CONFLICTID), then those after it.
CREATE TEMPORARY TABLE size ON COMMIT DROP AS
SELECT rows, before, inside, total, (total + 2) / 3 AS clusters,
       greatest(inside / 32, 20) AS caregivers
FROM (SELECT rows, before, inside, before + inside + rows / 100 AS total
      FROM (SELECT :rows::bigint AS rows, :rows::bigint * 3 / 100 AS before,
                   :rows::bigint + :rows::bigint * 2 / 100 AS inside) AS a) AS b;

-- r: bits that look random, the same for the same seed.
CREATE TEMPORARY TABLE cluster ON COMMIT DROP AS
SELECT c,
       -- an SSN that begins with 9 is never given to anybody
       to_char(900000000 + caregiver * 7919 % 99999989, 'FM000"-"00"-"0000') AS ssn,
       now()::date + CASE
           WHEN c * 3 < s.before THEN -830 + (r1 % 60)::int
           WHEN c * 3 < s.before + s.inside THEN
               -- dates grow with the row ids, though not strictly, as in a table filled day by day
               least(28, greatest(-728, -728 + ((c * 3 - s.before) * 757 / s.inside)::int
                                        + (r1 % 7)::int - 3))
           ELSE 40 + (r1 % 60)::int
       END AS day,
       (1 + caregiver % 40)::int AS provider,
       (41 + r2 % 40)::int AS con_provider,
       interval '15 minutes' * (24 + r2 % 40) AS starts,
       40.5 + (r3 % 4000) / 10000.0::float8 AS latitude,
       -74.2 + (r3 / 4096 % 5000) / 10000.0::float8 AS longitude,
       r3
FROM size AS s,
     generate_series(0, s.clusters - 1) AS c,
     LATERAL (SELECT hashint8extended(c, :seed) & 1073741823 AS r1,
                     hashint8extended(c, :seed + 1000003) & 1073741823 AS r2,
                     hashint8extended(c, :seed + 2000003) & 1073741823 AS r3 OFFSET 0) AS r,
     LATERAL (SELECT floor(s.caregivers
                           * power((r1 / 8 % 8388608) / 8388608.0::float8, :skew))::bigint
                         AS caregiver OFFSET 0) AS who;

-- Visit 0 of a cluster is the one, 1 to 3 are the others: at the same time, or up to an hour and
-- three quarters later, near or far.
INSERT INTO analytics.visits
SELECT id + 1, ssn, CASE v WHEN 0 THEN provider ELSE con_provider END, (r % 90000)::int,
       starts_at, starts_at + interval '1 hour',
       CASE WHEN r % 8 > 0 THEN starts_at + interval '1 minute' * (r % 5) * sign(v) END,
       CASE WHEN r % 8 > 0 THEN starts_at + interval '1 hour' END,
       latitude + CASE v WHEN 0 THEN 0 ELSE (r / 64 % 64) / 200.0::float8 END,
       longitude + CASE v WHEN 0 THEN 0 ELSE (r / 4096 % 64) / 200.0::float8 END
FROM cluster,
     LATERAL generate_series(c * 4, c * 4 + 3) AS id,
     LATERAL (SELECT id % 4 AS v, hashint8extended(id, :seed) & 1073741823 AS r OFFSET 0) AS visit,
     LATERAL (SELECT day + starts + interval '15 minutes' * CASE v WHEN 0 THEN 0 ELSE r / 8 % 8 END
                         AS starts_at OFFSET 0) AS time
WHERE v = 0 OR r % 100 > 0; -- the visit is gone

INSERT INTO conflict.conflictvisitmaps ("ID", "CONFLICTID", "SSN", "VisitDate", "VisitID",
                                        "ConVisitID", "ProviderID", "ConProviderID",
                                        "ProviderName", "ConProviderName", "CreatedDate")
SELECT n + 1,
       -- within the window, the rows without a CONFLICTID are spread evenly
       CASE WHEN n < s.before OR n >= s.before + s.inside
                 OR (n - s.before + 1) * s.rows / s.inside > (n - s.before) * s.rows / s.inside
            THEN n / 2 + 1 END,
       ssn, day + starts, c * 4 + 1, c * 4 + 2 + n % 3, provider, con_provider,
       'Home Care Agency ' || provider, 'Home Care Agency ' || con_provider, day + interval '1 day'
FROM size AS s, cluster, LATERAL generate_series(c * 3, least(c * 3 + 2, s.total - 1)) AS n;
:make_index;
COMMIT;

VACUUM (ANALYZE) analytics.visits;
VACUUM (ANALYZE) conflict.conflictvisitmaps;
