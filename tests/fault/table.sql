-- Adds to mill.items (tests/support/items.sql) what the campaign needs: one key with many rows,
-- keys with a NULL, a procedure that puts everything back to the beginning, and foreign writers.
\set ON_ERROR_STOP on
SET client_min_messages TO warning;
SET session_replication_role = replica; -- the oracle watches nothing of this

UPDATE mill.items SET "VisitDate" = '2025-01-20 07:30', "SSN" = '900-00-0003' WHERE "ID" % 17 = 3;
CREATE TABLE mill.pristine AS SELECT * FROM mill.items;

-- The settings of the round.
CREATE TABLE mill.round (
    rest double precision NOT NULL, -- seconds that a chunk's update takes besides its work
    has_flag boolean NOT NULL,
    has_nulls boolean NOT NULL,
    is_slow boolean NOT NULL -- the rows of some days take milliseconds each
);
CREATE TABLE mill.stop (now boolean);

CREATE FUNCTION mill.slow(day timestamp) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    IF day < '2025-01-14' AND (SELECT is_slow FROM mill.round) THEN
        PERFORM pg_sleep(0.005);
    END IF;
    RETURN 0;
END
$$;

-- Puts the table back as it was at the beginning, and deletes all runs.
CREATE PROCEDURE mill.begin_round(rest double precision, has_flag boolean, has_nulls boolean,
                                  is_flagged boolean, is_slow boolean)
LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE chunkmill.run, chunkmill.plan, chunkmill.attempt, chunkmill.backend,
        chunkmill.in_flight, chunkmill.chunk, chunkmill.step, mill.items, mill.round, mill.stop;
    INSERT INTO mill.round VALUES (rest, has_flag, has_nulls, is_slow);
    ALTER TABLE mill.items ALTER "SSN" DROP NOT NULL;
    INSERT INTO mill.items SELECT * FROM mill.pristine;
    IF has_nulls THEN
        UPDATE mill.items SET "SSN" = NULL WHERE "ID" % 40 = 9;
    ELSE
        ALTER TABLE mill.items ALTER "SSN" SET NOT NULL;
    END IF;
    IF is_flagged THEN -- by another program, long ago
        UPDATE mill.items SET "UpdateFlag" = 1 WHERE "ID" % 700 = 5;
    END IF;
END
$$;

-- A foreign writer. Until a row in mill.stop tells it to end, it inserts, deletes and moves rows,
-- takes them out of the scope and back, and writes to them, whether or not they are being worked
-- on. It sets flags on free rows alone, and frees none but its own; sometimes it leaves them.
CREATE PROCEDURE mill.meddle(seed double precision) LANGUAGE plpgsql AS $$
DECLARE
    has_flag boolean;
    has_nulls boolean;
    ids bigint[];
    first bigint;
    day timestamp;
    ssn text;
BEGIN
    PERFORM setseed(seed);
    SELECT r.has_flag, r.has_nulls INTO STRICT has_flag, has_nulls FROM mill.round AS r;
    LOOP
        first = random() * (SELECT max("ID") FROM mill.pristine);
        day = timestamp '2025-01-01 09:00' + interval '1 day' * floor(random() * 60);
        ssn = CASE WHEN has_nulls AND random() < 0.1 THEN NULL
                   ELSE to_char(900000000 + floor(random() * 40000000), 'FM000"-"00"-"0000') END;
        SELECT array_agg("ID") INTO ids
        FROM (SELECT "ID" FROM mill.items WHERE "ID" >= first ORDER BY "ID"
              LIMIT 1 + floor(random() * 4) FOR UPDATE SKIP LOCKED) AS s;
        CASE floor(random() * 7)
            WHEN 0 THEN
                INSERT INTO mill.items ("ID", "CONFLICTID", "SSN", "VisitDate")
                SELECT 1000000 + floor(random() * 1e12), CASE WHEN n > 1 THEN 1 END, ssn, day
                FROM generate_series(1, 4) AS n;
            WHEN 1 THEN
                DELETE FROM mill.items WHERE "ID" = ANY (ids);
            WHEN 2 THEN
                UPDATE mill.items SET "VisitDate" = day, "SSN" = ssn WHERE "ID" = ANY (ids);
            WHEN 3 THEN
                UPDATE mill.items SET "CONFLICTID" = CASE WHEN "CONFLICTID" IS NULL THEN 1 END
                WHERE "ID" = ANY (ids);
            WHEN 4 THEN
                UPDATE mill.items SET note = 'written' WHERE "ID" = ANY (ids);
            ELSE
                IF has_flag THEN
                    WITH taken AS (
                        UPDATE mill.items SET "UpdateFlag" = 1
                        WHERE "ID" = ANY (ids) AND "UpdateFlag" IS NULL
                        RETURNING "ID"
                    )
                    SELECT array_agg("ID") INTO ids FROM taken;
                    COMMIT;
                    PERFORM pg_sleep(random() * 0.05);
                    EXIT WHEN EXISTS (SELECT FROM mill.stop); -- and leaves these flagged
                    UPDATE mill.items SET "UpdateFlag" = NULL WHERE "ID" = ANY (ids);
                END IF;
        END CASE;
        COMMIT;
        EXIT WHEN EXISTS (SELECT FROM mill.stop);
        PERFORM pg_sleep(random() * 0.03);
    END LOOP;
END
$$;
