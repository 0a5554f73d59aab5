-- Makes a plan as a user would make it: keys in order, cut wherever so many rows have come
-- together.
-- psql -v name=bench.plan -v target=10000 -v scope=SQL -f plan.sql
-- A chunk owns the keys above (l1, l2) up to (u1, u2). The first begins with the first day.
\set ON_ERROR_STOP on
CREATE TABLE :name AS
WITH distribution AS (
    SELECT t."VisitDate"::date AS day, t."SSN" AS ssn, count(*) AS rows
    FROM conflict.conflictvisitmaps AS t
    WHERE :scope
    GROUP BY 1, 2
), numbered AS (
    SELECT day, ssn, ((sum(rows) OVER (ORDER BY day, ssn))::bigint - 1) / :target AS part,
           first_value(day) OVER (ORDER BY day, ssn) AS first
    FROM distribution
), last AS (
    SELECT DISTINCT ON (part) part, day, ssn, first
    FROM numbered
    ORDER BY part, day DESC, ssn DESC
)
SELECT row_number() OVER (ORDER BY part) AS n,
       coalesce(lag(day) OVER (ORDER BY part), first - 1) AS l1,
       coalesce(lag(ssn) OVER (ORDER BY part), '') AS l2,
       day AS u1, ssn AS u2
FROM last;
ALTER TABLE :name ADD PRIMARY KEY (n);
