-- Checks the oracle's rules: prints one line for each violated rule, and nothing where all were
-- kept.
-- With -v retried=true, some chunks were quarantined or abandoned on the way, so that a row may
-- have been released and marked again. tests/support/oracle/judge calls this.
CREATE TEMPORARY TABLE verdict (rule text, rows bigint, example text);

-- An update that left the flag is followed by a release in its own transaction: that is part of it.
CREATE TEMPORARY VIEW done AS
SELECT row_id, count(*) FILTER (WHERE what = 'update') AS updates,
       count(*) FILTER (WHERE what = 'release' AND NOT updates_too) AS releases,
       count(*) FILTER (WHERE what IN ('insert', 'delete')) AS others
FROM (SELECT row_id, what, bool_or(what = 'update') OVER (PARTITION BY row_id, xid) AS updates_too
      FROM oracle.log) AS entry
GROUP BY row_id;

CREATE TEMPORARY TABLE judged AS
SELECT e.row_id, e.is_left, coalesce(d.updates, 0) AS updates, coalesce(d.releases, 0) AS releases,
       s.flag <> '' AS has_flag
FROM oracle.setting AS s, oracle.expected AS e
LEFT JOIN done AS d USING (row_id)
WHERE e.row_id NOT IN (SELECT row_id FROM oracle.touched);

INSERT INTO verdict
SELECT 'in scope and never updated', count(*), min(row_id) FROM judged
WHERE NOT is_left AND updates = 0
UNION ALL
SELECT 'in scope and updated more than once', count(*), min(row_id) FROM judged WHERE updates > 1
UNION ALL
SELECT 'updated, and released on its own besides', count(*), min(row_id) FROM judged
WHERE updates = 1 AND releases > 0 AND NOT :retried
UNION ALL
SELECT 'updated, though the update leaves it', count(*), min(row_id) FROM judged
WHERE is_left AND updates > 0
UNION ALL
SELECT 'left by the update and not released', count(*), min(row_id) FROM judged
WHERE is_left AND has_flag AND releases = 0
UNION ALL
SELECT 'left by the update and released more than once', count(*), min(row_id) FROM judged
WHERE is_left AND releases > 1 AND NOT :retried
UNION ALL
SELECT 'written to, though out of scope', count(*), min(row_id)
FROM done
WHERE row_id NOT IN (SELECT row_id FROM oracle.expected
                     UNION ALL SELECT row_id FROM oracle.foreign_flag
                     UNION ALL SELECT row_id FROM oracle.touched)
UNION ALL
SELECT 'written to, though marked elsewhere', count(*), min(row_id)
FROM done
JOIN oracle.foreign_flag USING (row_id)
WHERE row_id NOT IN (SELECT row_id FROM oracle.touched)
UNION ALL
SELECT 'inserted or deleted', count(*), min(row_id) FROM done WHERE others > 0;

-- The rules for the table itself need its name.
SELECT target::text AS target, quote_ident(row_id) AS row_id,
       CASE WHEN flag = '' THEN 'false'
            ELSE format('t.%I::text IS DISTINCT FROM %L::text', flag, released) END AS flagged,
       CASE WHEN flag = '' THEN 'NULL' ELSE format('t.%I', flag) END AS flag
FROM oracle.setting
\gset

INSERT INTO verdict
SELECT 'marked elsewhere and changed', count(*), min(f.row_id)
FROM oracle.foreign_flag AS f
LEFT JOIN :target AS t ON t.:row_id::text = f.row_id
WHERE to_jsonb(t) IS DISTINCT FROM f.image
  AND f.row_id NOT IN (SELECT row_id FROM oracle.touched);

INSERT INTO verdict
SELECT 'flag left behind', count(*), min(t.:row_id::text)
FROM :target AS t
WHERE :flagged
  AND t.:row_id::text NOT IN (SELECT row_id FROM oracle.foreign_flag)
  AND :flag::text IS DISTINCT FROM (
      SELECT o.flag FROM oracle.touched AS o
      WHERE o.row_id = t.:row_id::text AND o.sets_flag
      ORDER BY o.at DESC
      LIMIT 1);

INSERT INTO verdict
SELECT 'foreign flag lost', count(*), min(row_id)
FROM (SELECT DISTINCT ON (row_id) row_id, o.flag
      FROM oracle.touched AS o
      WHERE o.sets_flag
      ORDER BY row_id, at DESC) AS last
JOIN :target AS t ON t.:row_id::text = row_id
WHERE last.flag IS DISTINCT FROM (SELECT released FROM oracle.setting)
  AND :flag::text IS DISTINCT FROM last.flag;

SELECT format('oracle: %s: %s rows, one of them %s', rule, rows, example)
FROM verdict
WHERE rows > 0;
SELECT format('%s updated=%s left=%s elsewhere=%s touched=%s',
              CASE WHEN sum(v.rows) = 0 THEN 'kept' ELSE 'broken' END,
              (SELECT count(*) FROM judged WHERE updates > 0),
              (SELECT count(*) FROM judged WHERE updates = 0),
              (SELECT count(*) FROM oracle.foreign_flag),
              (SELECT count(DISTINCT row_id) FROM oracle.touched))
FROM verdict AS v;
