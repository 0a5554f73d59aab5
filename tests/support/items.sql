-- Makes the table of the whole-run tests, mill.items.
-- psql -v rows=6000 -f items.sql
-- The job's scope and window hold most of the rows; the update leaves one in twenty. The dates are
-- fixed, and the SSNs are in a range that is never given to anybody.
\set ON_ERROR_STOP on
SET client_min_messages TO warning;
DROP SCHEMA IF EXISTS mill CASCADE;
CREATE SCHEMA mill;

CREATE TABLE mill.items (
    "ID" bigint PRIMARY KEY,
    "CONFLICTID" bigint, -- NULL: out of scope
    "SSN" text NOT NULL,
    "VisitDate" timestamp NOT NULL,
    value integer NOT NULL DEFAULT 0, -- how often the row was updated
    divisor integer NOT NULL DEFAULT 1, -- 0 makes an update fail
    note text,
    "UpdateFlag" smallint
) WITH (fillfactor = 40);

INSERT INTO mill.items ("ID", "CONFLICTID", "SSN", "VisitDate")
SELECT n, CASE WHEN n % 25 > 0 THEN n END,
       to_char(900000000 + n * 7919 % 40 * 1000003, 'FM000"-"00"-"0000'),
       timestamp '2025-01-01 07:30' + interval '1 day' * (n * 31 % 60)
FROM generate_series(1, :rows) AS n;

CREATE INDEX items_date_ssn ON mill.items (("VisitDate"::date), "SSN") INCLUDE ("VisitDate")
    WHERE "CONFLICTID" IS NOT NULL;
VACUUM (ANALYZE) mill.items;
