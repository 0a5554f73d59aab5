/* A chunk that runs into its statement_timeout: its parts are disjoint and complete, whatever its
 * kind and state, and what can't be split is quarantined. And what counts against a chunk that is
 * in flight when its session dies. */
#include "db/ledger/ledger_attempt.h"
#include "lab.h"

#define SLOW_JOB(more)                                                                             \
    "{\"job\": \"lab\", \"table\": \"lab.item\", \"key\": [\"t.day\", \"t.name\"], \"row_id\": "   \
    "\"id\","                                                                                      \
    " \"update\": \"update.sql\", " more " \"connection\": {\"lock_timeout_ms\": 80, "             \
    "\"statement_timeout_ms\": 160}, \"limits\": {\"retries\": 3}}"
/* lab.cost says how many milliseconds a row takes, and which rows do. */
#define SLOW_UPDATE                                                                                \
    "UPDATE lab.item AS t SET updates = updates + 1, busy = NULL, value = lab.slow(t.id) + "       \
    "t.value WHERE "                                                                               \
    "{chunk_filter}"

static void begin(struct lab *lab, const char *job, double row_ms, int up_to)
{
    char text[200];

    lab_begin(lab, job, SLOW_UPDATE);
    snprintf(text, sizeof text, "CREATE TABLE lab.cost AS SELECT %g::float8 AS row_ms, %d AS up_to",
             row_ms, up_to);
    lab_sql(lab, text);
    lab_sql(lab, "CREATE FUNCTION lab.slow(bigint) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN"
                 " PERFORM pg_sleep((SELECT CASE WHEN $1 <= up_to THEN row_ms ELSE 0 END FROM "
                 "lab.cost) / 1000);"
                 " RETURN 0; END $$");
    lab_start(lab);
}

/* Whatever is open, until nothing is; splits on the way. */
static int run_to_the_end(struct lab *lab)
{
    struct cycle *cycle = lab_open_cycle(lab, 0);
    struct cycle_result result;
    int splits = 0;

    for (lab_read_open(lab); lab->chunk_count > 0; lab_read_open(lab)) {
        int parts = lab_run_chunk(cycle, &lab->chunks[0], &result);
        splits += result.outcome == CYCLE_SPLIT;
        CU_ASSERT_EQUAL(result.outcome == CYCLE_SPLIT, parts >= 2);
        CU_ASSERT_NOT_EQUAL(result.outcome, CYCLE_STOPPED);
        if (result.outcome == CYCLE_STOPPED)
            break;
    }
    cycle_close(cycle);
    return splits;
}

static void each_row_was_updated_once_and_the_plan_adds_up(struct lab *lab)
{
    CU_ASSERT_EQUAL(
        lab_number(lab, "SELECT count(*) FROM lab.item WHERE updates = 1 AND busy IS NULL"), 120);
    CU_ASSERT_EQUAL(
        lab_number(lab, "SELECT sum(rows_planned) FROM chunkmill.chunk WHERE state <> 'split'"),
        120);
    CU_ASSERT_EQUAL(
        lab_number(lab, "SELECT sum(rows_updated) FROM chunkmill.chunk WHERE state = 'done'"), 120);
    CU_ASSERT_EQUAL(
        lab_number(
            lab,
            "SELECT count(*) FROM chunkmill.chunk p WHERE state = 'split' AND rows_planned <>"
            " (SELECT sum(rows_planned) FROM chunkmill.chunk c WHERE c.parent_id = p.chunk_id)"),
        0);
    CU_ASSERT_EQUAL(lab_number(lab, "SELECT count(*) FROM chunkmill.in_flight"), 0);
}

static void check_job(const char *job, double row_ms, int up_to, int at_least)
{
    struct lab lab;

    begin(&lab, job, row_ms, up_to);
    CU_ASSERT_TRUE(run_to_the_end(&lab) >= at_least);
    each_row_was_updated_once_and_the_plan_adds_up(&lab);
    lab_end(&lab);
}

static void a_range_is_split_until_it_fits(void)
{
    check_job(SLOW_JOB("\"chunk\": {\"target_rows\": 120},"), 6, 120, 3);
    check_job(SLOW_JOB("\"flag\": \"busy\", \"chunk\": {\"target_rows\": 120},"), 6, 120, 3);
}

static void a_key_set_is_split_until_it_fits(void)
{
    check_job(SLOW_JOB("\"chunk\": {\"target_rows\": 120, \"filter\": \"keys\"},"), 6, 120, 3);
    check_job(
        SLOW_JOB("\"flag\": \"busy\", \"chunk\": {\"target_rows\": 120, \"filter\": \"keys\"},"), 6,
        120, 3);
}

/* Three rows a key, of which one has to be the limit: both filters come to slices. */
static void a_single_key_is_split_by_row_id(void)
{
    check_job(SLOW_JOB("\"flag\": \"busy\", \"chunk\": {\"target_rows\": 12},"), 60, 12, 4);
    check_job(
        SLOW_JOB("\"flag\": \"busy\", \"chunk\": {\"target_rows\": 12, \"filter\": \"keys\"},"), 60,
        12, 4);
}

static void slices_and_null_keys_are_split_by_row_id(void)
{
    struct lab lab;

    lab_begin(&lab,
              SLOW_JOB("\"flag\": \"busy\", \"chunk\": {\"target_rows\": 40, \"max_rows\": 60},"),
              SLOW_UPDATE);
    lab_sql(&lab, "UPDATE lab.item SET day = '2026-01-01', name = 'n1' WHERE id <= 60;"
                  "UPDATE lab.item SET name = NULL WHERE id > 60;"
                  "CREATE TABLE lab.cost AS SELECT 6::float8 AS row_ms;"
                  "CREATE FUNCTION lab.slow(bigint) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN"
                  " PERFORM pg_sleep((SELECT row_ms FROM lab.cost) / 1000); RETURN 0; END $$");
    lab_start(&lab);
    CU_ASSERT_TRUE(run_to_the_end(&lab) >= 2);
    each_row_was_updated_once_and_the_plan_adds_up(&lab);
    CU_ASSERT_TRUE(
        lab_number(
            &lab,
            "SELECT count(*) FROM chunkmill.chunk WHERE state = 'split' AND kind = 'nulls'") >= 1);
    lab_end(&lab);
}

static void a_key_that_appears_between_the_parts_has_one_owner(void)
{
    struct lab lab;
    struct cycle_result result;

    begin(&lab, SLOW_JOB("\"flag\": \"busy\", \"chunk\": {\"target_rows\": 3},"), 60, 120);
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    CU_ASSERT_TRUE(lab_run_chunk(cycle, &lab.chunks[5], &result) >= 3);
    cycle_close(cycle);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_SPLIT);
    /* before, in, and behind the key that was cut */
    lab_sql(&lab, "UPDATE lab.cost SET row_ms = 0;"
                  "INSERT INTO lab.item (day, name, value) SELECT '2026-01-02', n, 1 FROM "
                  "unnest(ARRAY['n1x', 'n2', 'n2a']) n");
    run_to_the_end(&lab);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM lab.item WHERE updates = 1 AND busy IS NULL"), 123);
    lab_end(&lab);
}

static void a_row_that_takes_too_long_by_itself_is_quarantined(void)
{
    struct lab lab;

    begin(&lab, SLOW_JOB("\"flag\": \"busy\", \"chunk\": {\"target_rows\": 12},"), 0, 120);
    lab_sql(
        &lab,
        "CREATE OR REPLACE FUNCTION lab.slow(bigint) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN"
        " PERFORM pg_sleep(CASE WHEN $1 = 17 THEN 9 ELSE 0 END); RETURN 0; END $$");
    run_to_the_end(&lab);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM lab.item WHERE updates = 1 AND busy IS NULL"), 119);
    CU_ASSERT_EQUAL(
        lab_number(&lab,
                   "SELECT count(*) FROM lab.item WHERE id = 17 AND updates = 0 AND busy IS NULL"),
        1);
    CU_ASSERT_EQUAL(lab_number(&lab,
                               "SELECT count(*) FROM chunkmill.chunk WHERE state = 'failed' AND "
                               "error_sqlstate = '57014' AND rows_planned = 1"),
                    1);
    lab_end(&lab);
}

static void without_a_row_id_a_single_key_is_quarantined(void)
{
    struct lab lab;
    struct cycle_result result;

    begin(
        &lab,
        "{\"job\": \"lab\", \"table\": \"lab.item\", \"key\": [\"t.day\", \"t.name\"], \"update\": "
        "\"update.sql\","
        " \"chunk\": {\"target_rows\": 3}, \"connection\": {\"lock_timeout_ms\": 80, "
        "\"statement_timeout_ms\": 160},"
        " \"limits\": {\"retries\": 3}}",
        60, 120);
    lab_sql(&lab, "ALTER TABLE lab.item DROP CONSTRAINT item_pkey");
    struct error err = ERROR_INIT;
    lab_must(target_resolve(lab.session.control, &lab.session.config, &lab.session.work, &err),
             &err, "resolving");
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    CU_ASSERT_EQUAL(lab_run_chunk(cycle, &lab.chunks[0], &result), 0);
    cycle_close(cycle);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_FAILED);
    CU_ASSERT_STRING_EQUAL(result.sqlstate, "57014");
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT sum(updates) FROM lab.item"), 0);
    lab_end(&lab);
}

/* The second pass: rows that the first one settled stay settled, and those elsewhere are counted by
 * the parts. */
static void a_second_pass_is_split_with_what_the_first_has_settled(void)
{
    struct lab lab;
    struct cycle_result result;

    begin(&lab, SLOW_JOB("\"flag\": \"busy\", \"chunk\": {\"target_rows\": 120},"), 0, 120);
    lab_sql(
        &lab,
        "UPDATE lab.item SET busy = 1 WHERE id IN (5, 70, 71, 72, 73) OR id BETWEEN 80 AND 119");
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    lab_run_chunk(cycle, &lab.chunks[0], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_PUT_BACK);
    lab_sql(&lab, "UPDATE lab.cost SET row_ms = 8; UPDATE lab.item SET busy = NULL WHERE id "
                  "BETWEEN 80 AND 119");
    lab_run_chunk(cycle, &lab.chunks[0], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_SPLIT);
    cycle_close(cycle);
    run_to_the_end(&lab);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM lab.item WHERE updates = 1 AND busy IS NULL"), 115);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM lab.item WHERE updates = 0 AND busy = 1"), 5);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT sum(rows_elsewhere) FROM chunkmill.chunk WHERE state = 'done'"),
        5);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT sum(rows_updated) FROM chunkmill.chunk WHERE state = 'done'"),
        115);
    lab_end(&lab);
}

/* Rows of ours that have moved out of the chunk before it is split: their marks are freed all the
 * same. */
static void marks_of_rows_that_moved_away_are_freed_by_the_last_part(void)
{
    struct lab lab;

    begin(&lab, SLOW_JOB("\"flag\": \"busy\", \"chunk\": {\"target_rows\": 60},"), 8, 120);
    lab_sql(&lab,
            "CREATE FUNCTION lab.move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " UPDATE lab.item SET day = '2026-03-01' WHERE id IN (2, 40); RETURN NULL; END $$;"
            "CREATE TRIGGER move AFTER UPDATE ON chunkmill.chunk FOR EACH ROW"
            " WHEN (NEW.state = 'marked' AND OLD.state = 'planned' AND NEW.chunk_id = 1) EXECUTE "
            "FUNCTION lab.move()");
    CU_ASSERT_TRUE(run_to_the_end(&lab) >= 2);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM lab.item WHERE busy IS NOT NULL"), 0);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT max(updates) FROM lab.item"), 1);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM lab.item WHERE updates = 0 AND id NOT IN (2, 40)"),
        0);
    lab_end(&lab);
}

/* The parts' marks have one xid, and in each partition the same places. */
static void a_part_leaves_the_marks_of_the_others_in_other_partitions(void)
{
    struct lab lab;
    struct cycle_result result;

    lab_begin(&lab, SLOW_JOB("\"flag\": \"busy\", \"chunk\": {\"target_rows\": 120},"),
              LAB_UPDATE " AND lab.slow(t.id) = 0");
    lab_sql(
        &lab,
        "CREATE TABLE lab.parts (LIKE lab.item INCLUDING ALL) PARTITION BY HASH (id);"
        "CREATE TABLE lab.part_0 PARTITION OF lab.parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
        "CREATE TABLE lab.part_1 PARTITION OF lab.parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);"
        "INSERT INTO lab.parts SELECT * FROM lab.item ORDER BY id;"
        "DROP TABLE lab.item; ALTER TABLE lab.parts RENAME TO item; ANALYZE lab.item;"
        "CREATE TABLE lab.cost AS SELECT 0::float8 AS row_ms;"
        "CREATE FUNCTION lab.slow(bigint) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN"
        " PERFORM pg_sleep((SELECT row_ms FROM lab.cost) / 1000); RETURN 0; END $$");
    lab_start(&lab);
    lab_sql(&lab, "UPDATE lab.cost SET row_ms = 6");
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    CU_ASSERT_EQUAL(lab_run_chunk(cycle, &lab.chunks[0], &result), 2);
    lab_sql(&lab, "UPDATE lab.cost SET row_ms = 0");
    lab_read_open(&lab);
    lab_run_chunk(cycle, &lab.chunks[0], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_DONE);
    CU_ASSERT_EQUAL(result.rows_updated, 60);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM lab.item WHERE busy = 1"), 60);
    cycle_close(cycle);
    run_to_the_end(&lab);
    each_row_was_updated_once_and_the_plan_adds_up(&lab);
    lab_end(&lab);
}

static void a_session_that_dies_without_a_word_counts_against_its_chunk(void)
{
    struct lab lab;
    struct cycle_result result;

    begin(&lab, SLOW_JOB("\"chunk\": {\"target_rows\": 12},"), 0, 120);
    /* kills its own backend, and so the server goes through crash recovery: ours is the only one
     * that says nothing */
    lab_sql(
        &lab,
        "CREATE OR REPLACE FUNCTION lab.slow(bigint) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN"
        " IF $1 = 17 THEN COPY (SELECT 1) TO PROGRAM 'kill -9 $PPID'; END IF; RETURN 0; END $$");
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    lab_run_chunk(cycle, &lab.chunks[1], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_SUSPECT);
    lab_run_chunk(cycle, &lab.chunks[0], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_DONE);
    lab_run_chunk(cycle, &lab.chunks[1], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_FAILED);
    CU_ASSERT_STRING_EQUAL(result.sqlstate, "KM001");
    cycle_close(cycle);
    struct error err = ERROR_INIT;
    connection_close(lab.side);
    lab_must(connection_open(NULL, 0, "lab", &lab.side, &err), &err, "connecting again");
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT crashes FROM chunkmill.chunk WHERE chunk_id = 2"), 4);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT sum(crashes) FROM chunkmill.chunk WHERE chunk_id <> 2"), 0);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT sum(updates) FROM lab.item"), 12);
    lab_end(&lab);
}

static void what_a_dead_attempt_had_in_flight_is_counted_by_the_next(void)
{
    struct lab lab;
    struct error err = ERROR_INIT;

    begin(&lab, SLOW_JOB("\"chunk\": {\"target_rows\": 12},"), 0, 120);
    lab_sql(&lab,
            "INSERT INTO chunkmill.in_flight SELECT run_id, 3, attempt, 1 FROM chunkmill.run;"
            "INSERT INTO chunkmill.in_flight SELECT run_id, 4, attempt, 2 FROM chunkmill.run");
    lab_must(ledger_attempt_begin(lab.session.control, &lab.session.work, lab_who(), &err), &err,
             "next attempt");
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM chunkmill.in_flight"), 0);
    CU_ASSERT_EQUAL(
        lab_number(&lab,
                   "SELECT count(*) FROM chunkmill.chunk WHERE crashes = 1 AND chunk_id IN (3, 4)"),
        2);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT sum(crashes) FROM chunkmill.chunk"), 2);
    lab_end(&lab);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_range_is_split_until_it_fits),
        TEST(a_key_set_is_split_until_it_fits),
        TEST(a_single_key_is_split_by_row_id),
        TEST(slices_and_null_keys_are_split_by_row_id),
        TEST(a_key_that_appears_between_the_parts_has_one_owner),
        TEST(a_row_that_takes_too_long_by_itself_is_quarantined),
        TEST(without_a_row_id_a_single_key_is_quarantined),
        TEST(a_second_pass_is_split_with_what_the_first_has_settled),
        TEST(marks_of_rows_that_moved_away_are_freed_by_the_last_part),
        TEST(a_part_leaves_the_marks_of_the_others_in_other_partitions),
        TEST(a_session_that_dies_without_a_word_counts_against_its_chunk),
        TEST(what_a_dead_attempt_had_in_flight_is_counted_by_the_next),
        CU_TEST_INFO_NULL,
    };

    return unit_run("split", tests);
}
