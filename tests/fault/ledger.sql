-- Compares what the ledger has of the newest run with what the oracle saw. Prints one line for each
-- contradiction, and nothing where they agree.
-- psql -v foreign=false -v released=false -v abandoned=false -f ledger.sql: whether there were
-- foreign writers, whether `release` has put marked chunks back, and whether the run was given up.
WITH run AS (
    SELECT r.run_id, r.state, a.exit_status
    FROM chunkmill.run AS r
    LEFT JOIN chunkmill.attempt AS a USING (run_id, attempt)
    ORDER BY r.run_id DESC
    LIMIT 1
), ledger AS (
    SELECT sum(rows_planned) FILTER (WHERE state <> 'split') AS planned,
           sum(rows_marked) AS marked, sum(rows_updated) AS updated,
           sum(rows_released) AS released,
           sum(rows_elsewhere) AS elsewhere, sum(rows_lost) AS lost,
           count(*) FILTER (WHERE state NOT IN ('done', 'split')) AS not_done,
           count(*) FILTER (WHERE row_ids IS NOT NULL OR settled_row_ids IS NOT NULL) AS with_ids,
           count(*) FILTER (WHERE coalesce(key_lower, key_upper, key_sets) IS NOT NULL) AS with_keys
    FROM chunkmill.chunk
    WHERE run_id = (SELECT run_id FROM run)
), seen AS (
    SELECT count(*) FILTER (WHERE what = 'mark') AS marks,
           count(*) FILTER (WHERE what = 'update') AS updates
    FROM oracle.log
), before AS (
    SELECT count(*) AS rows, count(*) FILTER (WHERE is_left) AS is_left FROM oracle.expected
), value AS (
    SELECT count(*) AS wrong
    FROM mill.items AS t
    LEFT JOIN (SELECT row_id, count(*) AS updates
               FROM oracle.log
               WHERE what = 'update'
               GROUP BY row_id) AS u ON u.row_id = t."ID"::text
    WHERE t.value <> coalesce(u.updates, 0)
), in_flight AS (
    SELECT count(*) AS chunks FROM chunkmill.in_flight
), flag AS (
    SELECT flag <> '' AS has FROM oracle.setting
)
SELECT format('ledger: %s: %s', what, facts)
FROM run, ledger, seen, before, value, in_flight, flag, LATERAL (VALUES
    ('the run is not at its end', run.state,
        run.state NOT IN ('done', 'done_with_gaps', 'abandoned')),
    ('the state is not what the sums say', format('%s, %s rows elsewhere', run.state, elsewhere),
        NOT :abandoned AND (run.state = 'done') <> (elsewhere = 0)),
    ('chunks are not done', not_done::text, NOT :abandoned AND not_done > 0),
    ('rows updated, as the ledger and the oracle say', format('%s, %s', updated, updates),
        updated <> updates),
    ('rows whose value is not the number of their updates', wrong::text, wrong > 0),
    ('rows marked are not updated, released and lost',
        format('%s, %s, %s, %s', marked, updated, released, lost),
        flag.has AND marked <> updated + released + lost),
    ('rows marked, as the ledger and the oracle say', format('%s, %s', marked, marks),
        flag.has AND NOT :released AND NOT :abandoned AND marked <> marks),
    ('rows planned, of those in scope', format('%s, %s', planned, before.rows),
        NOT :foreign AND NOT :abandoned AND planned <> before.rows),
    ('rows updated and released, of those in scope',
        format('%s, %s, %s', updated, released, before.rows),
        flag.has AND NOT :foreign AND NOT :abandoned AND updated + released <> before.rows),
    ('rows elsewhere or lost, but nobody else was there', format('%s, %s', elsewhere, lost),
        NOT :foreign AND elsewhere + lost > 0),
    ('chunks left in flight', in_flight.chunks::text, in_flight.chunks > 0),
    ('row ids left in chunks', with_ids::text, with_ids > 0),
    ('keys left in chunks', with_keys::text, with_keys > 0)
) AS contradiction (what, facts, is_so)
WHERE is_so;
