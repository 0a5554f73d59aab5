-- The demo's tables: visits of caregivers, and the pairs of visits that were found in conflict.
-- psql [-v fillfactor=30] -f schema.sql: drops and makes the schemas conflict and analytics.
-- fillfactor: a row that is marked and updated has three versions; with 30 per cent of the page
-- filled they all fit beside it, and the updates stay HOT.
\set ON_ERROR_STOP on
\if :{?fillfactor}
\else
  \set fillfactor 30
\endif
SET client_min_messages TO warning;

DROP SCHEMA IF EXISTS conflict CASCADE;
DROP SCHEMA IF EXISTS analytics CASCADE;
CREATE SCHEMA conflict;
CREATE SCHEMA analytics;
-- So that ./demo knows whether it may drop them the next time.
COMMENT ON SCHEMA conflict IS 'chunkmill: demo';
COMMENT ON SCHEMA analytics IS 'chunkmill: demo';

CREATE TABLE analytics.visits (
    "VisitID" bigint PRIMARY KEY,
    "SSN" text NOT NULL, -- the caregiver's
    "ProviderID" integer NOT NULL,
    "PatientID" integer NOT NULL,
    "SchStartTime" timestamp NOT NULL, -- as scheduled
    "SchEndTime" timestamp NOT NULL,
    "VisitStartTime" timestamp, -- as it was; NULL: not confirmed
    "VisitEndTime" timestamp,
    "Latitude" double precision NOT NULL,
    "Longitude" double precision NOT NULL
);

CREATE TABLE conflict.conflictvisitmaps (
    "ID" bigint PRIMARY KEY,
    "CONFLICTID" bigint, -- NULL: not a conflict any more, out of scope
    "SSN" text NOT NULL,
    "VisitDate" timestamp NOT NULL,
    "VisitID" bigint NOT NULL, -- no foreign keys: a visit may be gone
    "ConVisitID" bigint NOT NULL,
    "ProviderID" integer NOT NULL,
    "ConProviderID" integer NOT NULL,
    "ProviderName" text NOT NULL,
    "ConProviderName" text NOT NULL,
    "SameTimeFlag" boolean NOT NULL DEFAULT false, -- both visits at exactly the same time
    "OverlapFlag" boolean NOT NULL DEFAULT false, -- one begins before the other has ended
    "DistanceFlag" boolean NOT NULL DEFAULT false, -- they overlap, at different places
    -- no overlap, but too little time to get from one to the other
    "TravelTimeFlag" boolean NOT NULL DEFAULT false,
    "OverlapMinutes" integer,
    "DistanceMiles" double precision,
    "TravelMinutes" double precision,
    "StatusFlag" text NOT NULL DEFAULT 'U', -- U: unresolved, R: resolved
    "UpdateFlag" smallint, -- 1: somebody is working on the row
    "UpdateCount" integer NOT NULL DEFAULT 0, -- how often the flags were computed
    "CreatedDate" timestamp NOT NULL,
    "UpdatedDate" timestamp
) WITH (fillfactor = :fillfactor);

-- The chunks' index. INCLUDE ("VisitDate"), because PostgreSQL reads an expression from an index
-- alone only when the column is in it too.
CREATE INDEX conflictvisitmaps_date_ssn
    ON conflict.conflictvisitmaps (("VisitDate"::date), "SSN") INCLUDE ("VisitDate")
    WHERE "CONFLICTID" IS NOT NULL;
