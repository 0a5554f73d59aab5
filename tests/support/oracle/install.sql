-- Installs the oracle: a trigger that records what is done to each row of a table, and knows
-- nothing of the program.
-- psql -v table=conflict.conflictvisitmaps -v row_id=ID [-v flag=UpdateFlag] [-v marked=1]
--     [-v released=] [-v scope=SQL] [-v left=SQL] -f install.sql
-- flag: empty for a job without one. marked, released: as text; released is empty for NULL.
-- scope: the job's scope and window, of t. left: those of them that the update doesn't touch, of t.
-- Afterwards tests/support/oracle/judge tells whether the rules were kept. SELECT oracle.reset()
-- forgets everything before the next run.
-- A foreign writer begins with SET oracle."foreign" = on (the quotes are needed), or has
-- PGOPTIONS="-c oracle.foreign=on". Of the rows that it touches, only what can be promised for them
-- is judged.
\set ON_ERROR_STOP on
\if :{?flag}
\else
  \set flag ''
\endif
\if :{?marked}
\else
  \set marked 1
\endif
\if :{?released}
\else
  \set released ''
\endif
\if :{?scope}
\else
  \set scope true
\endif
\if :{?left}
\else
  \set left false
\endif
SET client_min_messages TO warning;

DROP SCHEMA IF EXISTS oracle CASCADE;
CREATE SCHEMA oracle;

CREATE TABLE oracle.setting (
    target regclass NOT NULL,
    row_id text NOT NULL,
    flag text NOT NULL,
    marked text NOT NULL,
    released text, -- NULL where the value is NULL
    scope text NOT NULL,
    left_out text NOT NULL
);
INSERT INTO oracle.setting
VALUES (:'table', :'row_id', :'flag', :'marked', nullif(:'released', ''), :'scope', :'left');

-- What the program did. mark, release: nothing but the flag changed, from one of its two values to
-- the other. update: any other update.
CREATE TABLE oracle.log (
    row_id text NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    what text NOT NULL CHECK (what IN ('mark', 'release', 'update', 'insert', 'delete'))
);
-- The rows of the run, as they were before it: in scope, and not marked by anybody.
CREATE TABLE oracle.expected (row_id text PRIMARY KEY, is_left boolean NOT NULL);
-- Rows that were flagged before the run: the program may not write to them.
CREATE TABLE oracle.foreign_flag (row_id text PRIMARY KEY, image jsonb NOT NULL);
-- Rows that foreign writers touched during the run, and the flag that they left if they changed it.
CREATE TABLE oracle.touched (
    row_id text NOT NULL,
    sets_flag boolean NOT NULL,
    flag text,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- How often each row was updated, for a person to look at.
CREATE VIEW oracle.updates AS
SELECT row_id, count(*) FILTER (WHERE what = 'update') AS non_mark,
       count(*) FILTER (WHERE what = 'mark') AS marks,
       count(*) FILTER (WHERE what = 'release') AS releases,
       count(*) FILTER (WHERE what IN ('insert', 'delete')) AS others
FROM oracle.log
GROUP BY row_id;

-- It is security definer, so that the program's role needs no right here. It has no exception
-- block, which would be a subtransaction: rows would get another xmin than that of their
-- transaction.
CREATE FUNCTION oracle.watch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    column_of_id CONSTANT text = TG_ARGV[0];
    column_of_flag CONSTANT text = TG_ARGV[1];
    marked CONSTANT text = TG_ARGV[2];
    released CONSTANT text = nullif(TG_ARGV[3], '');
    was jsonb;
    is_now jsonb;
    what text = lower(TG_OP);
BEGIN
    IF TG_OP <> 'INSERT' THEN
        was = to_jsonb(OLD);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        is_now = to_jsonb(NEW);
    END IF;
    IF current_setting('oracle.foreign', true) = 'on' THEN
        INSERT INTO oracle.touched (row_id, sets_flag, flag)
        SELECT DISTINCT id, was ->> column_of_flag IS DISTINCT FROM is_now ->> column_of_flag,
               is_now ->> column_of_flag
        FROM unnest(ARRAY[was ->> column_of_id, is_now ->> column_of_id]) AS id
        WHERE id IS NOT NULL;
        RETURN NULL;
    END IF;
    IF what = 'update' AND column_of_flag <> ''
        AND was - column_of_flag = is_now - column_of_flag THEN
        IF was ->> column_of_flag IS NOT DISTINCT FROM released
            AND is_now ->> column_of_flag = marked THEN
            what = 'mark';
        ELSIF was ->> column_of_flag = marked
            AND is_now ->> column_of_flag IS NOT DISTINCT FROM released THEN
            what = 'release';
        END IF;
    END IF;
    INSERT INTO oracle.log (row_id, what) VALUES (coalesce(was, is_now) ->> column_of_id, what);
    RETURN NULL;
END
$$;

-- Forgets what was recorded, and takes the table as it is now for the next run's beginning.
CREATE FUNCTION oracle.reset() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    s oracle.setting;
    flagged text = 'false';
BEGIN
    SELECT * INTO STRICT s FROM oracle.setting;
    IF s.flag <> '' THEN
        flagged = format('t.%I::text IS DISTINCT FROM %L::text', s.flag, s.released);
    END IF;
    TRUNCATE oracle.log, oracle.expected, oracle.foreign_flag, oracle.touched;
    EXECUTE format('INSERT INTO oracle.expected
                    SELECT t.%I::text, (%s) FROM %s AS t WHERE (%s) AND NOT (%s)',
                   s.row_id, s.left_out, s.target, s.scope, flagged);
    EXECUTE format('INSERT INTO oracle.foreign_flag
                    SELECT t.%I::text, to_jsonb(t) FROM %s AS t WHERE %s',
                   s.row_id, s.target, flagged);
    ANALYZE oracle.expected;
END
$$;

SELECT format('CREATE TRIGGER oracle_watch AFTER INSERT OR UPDATE OR DELETE ON %s
               FOR EACH ROW EXECUTE FUNCTION oracle.watch(%L, %L, %L, %L)',
              target, row_id, flag, marked, coalesce(released, ''))
FROM oracle.setting
\gset make_
DROP TRIGGER IF EXISTS oracle_watch ON :table;
:make_format;
SELECT oracle.reset() AS done \gset
