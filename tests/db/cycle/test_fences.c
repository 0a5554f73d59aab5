/* Rows that a trigger moves out of their chunk, and a table that was swapped: the first chunk that
 * sees it stops, and nothing of it is kept. And names of ours beside a person's. */
#include "lab.h"

static bool is_stopped(const struct cycle_result *result, const char *words)
{
    bool is_so = result->outcome == CYCLE_STOPPED && result->error_kind == ERROR_FATAL &&
                 strstr(result->error, words) != NULL;

    if (!is_so)
        fprintf(stderr, "\noutcome %d, kind %d: %s\n", result->outcome, result->error_kind,
                result->error);
    return is_so;
}

/* A trigger on lab.item that does `body` before or after an UPDATE. */
static void add_trigger(struct lab *lab, const char *when, const char *body)
{
    char text[600];

    snprintf(text, sizeof text,
             "CREATE FUNCTION lab.move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN %s RETURN "
             "NEW; END $$; CREATE TRIGGER move %s ON lab.item FOR EACH ROW EXECUTE FUNCTION "
             "lab.move()",
             body, when);
    lab_sql(lab, text);
}

#define UNTOUCHED                                                                                  \
    "SELECT count(*) FROM lab.item WHERE updates = 0 AND busy IS NULL AND day < '2026-02-01'"

static void rows_that_the_update_moves_stop_the_run(void)
{
    static const struct {
        const char *job, *update, *when, *body;
    } cases[] = {
        {LAB_PLAIN_JOB, LAB_UPDATE, "BEFORE UPDATE", "NEW.day := NEW.day + 100;"},
        /* nothing in the function's text tells */
        {LAB_PLAIN_JOB, LAB_UPDATE, "BEFORE UPDATE", "SELECT NEW.day + 100 INTO NEW.day;"},
        {LAB_PLAIN_JOB, LAB_UPDATE, "AFTER UPDATE",
         "IF NEW.updates = 1 THEN UPDATE lab.item SET day = day + 100, updates = 2 WHERE id = "
         "NEW.id; END IF;"},
        /* the mark alone moves nothing */
        {LAB_FLAGGED_JOB, LAB_UPDATE_CLEARING, "BEFORE UPDATE",
         "IF NEW.updates > OLD.updates THEN NEW.name := 'zz'; END IF;"},
        /* one row of twelve */
        {LAB_FLAGGED_JOB, LAB_UPDATE_CLEARING, "BEFORE UPDATE",
         "IF NEW.updates > OLD.updates AND NEW.id = 2 THEN NEW.day := NEW.day + 100; END IF;"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct lab lab;
        lab_begin(&lab, cases[i].job, cases[i].update);
        add_trigger(&lab, cases[i].when, cases[i].body);
        lab_start(&lab);
        struct cycle_result result = lab_run_first(&lab);
        CU_ASSERT_TRUE(is_stopped(&result, "rows were updated and were not in their chunk"));
        CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM lab.item WHERE updates = 0"), 120);
        CU_ASSERT_EQUAL(
            lab_number(&lab, "SELECT count(*) FROM chunkmill.chunk WHERE state = 'done'"), 0);
        lab_end(&lab);
    }
}

static void rows_that_the_mark_moves_stop_the_run(void)
{
    static const struct {
        const char *rest, *body;
    } cases[] = {
        {"\"scope\": \"t.value = 1\", ", "NEW.value := 2;"},
        {"", "NEW.day := NEW.day + 100;"},
        {"\"window\": {\"on\": \"t.value\", \"from\": \"0\", \"to\": \"1\"}, ",
         "NEW.value := NEW.value + 1;"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct lab lab;
        char job[500];
        snprintf(job, sizeof job,
                 "{\"job\": \"lab\", \"table\": \"lab.item\", \"key\": [\"t.day\", \"t.name\"], "
                 "\"flag\": \"busy\", \"update\": \"update.sql\", %s\"chunk\": {\"target_rows\": "
                 "12}}",
                 cases[i].rest);
        lab_begin(&lab, job, LAB_UPDATE_CLEARING);
        add_trigger(&lab, "BEFORE UPDATE", cases[i].body);
        lab_start(&lab);
        struct cycle_result result = lab_run_first(&lab);
        CU_ASSERT_TRUE(is_stopped(&result, "rows were marked and were not in their chunk"));
        CU_ASSERT_EQUAL(lab_number(&lab, UNTOUCHED), 120);
        lab_end(&lab);
    }
}

static void a_trigger_that_moves_nothing_stops_nothing(void)
{
    static const char *const bodies[] = {
        "NEW.value := NEW.value + 1;",
        /* in a subtransaction, which has an xid of its own */
        "IF NEW.updates = 1 THEN BEGIN UPDATE lab.item SET updates = 2 WHERE id = NEW.id; "
        "EXCEPTION WHEN division_by_zero THEN NULL; END; END IF;",
    };
    static const char *const jobs[][2] = {{LAB_PLAIN_JOB, LAB_UPDATE},
                                          {LAB_FLAGGED_JOB, LAB_UPDATE_CLEARING}};

    for (int i = 0; i < 4; i++) {
        struct lab lab;
        lab_begin(&lab, jobs[i / 2][0], jobs[i / 2][1]);
        add_trigger(&lab, i % 2 == 0 ? "BEFORE UPDATE" : "AFTER UPDATE", bodies[i % 2]);
        lab_start(&lab);
        struct cycle_result result = lab_run_first(&lab);
        CU_ASSERT_EQUAL(result.outcome, CYCLE_DONE);
        CU_ASSERT_EQUAL(result.rows_updated, 12);
        lab_end(&lab);
    }
}

static void moves_that_the_job_accepts_stop_nothing(void)
{
    struct lab lab;

    lab_begin(&lab,
              "{\"job\": \"lab\", \"table\": \"lab.item\", \"key\": [\"t.day\"], \"may_assign\": "
              "[\"day\"], \"update\": \"update.sql\", \"chunk\": {\"target_rows\": 12}}",
              "UPDATE lab.item AS t SET updates = updates + 1, day = t.day + 100 WHERE "
              "{chunk_filter}");
    add_trigger(&lab, "BEFORE UPDATE", "");
    lab_start(&lab);
    struct cycle_result result = lab_run_first(&lab);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_DONE);
    CU_ASSERT_EQUAL(result.rows_updated, 12);
    lab_end(&lab);
}

#define SWAP                                                                                       \
    "CREATE TABLE lab.copy (LIKE lab.item INCLUDING ALL); INSERT INTO lab.copy SELECT * FROM "     \
    "lab.item; BEGIN; ALTER TABLE lab.item RENAME TO old; ALTER TABLE lab.copy RENAME TO item; "   \
    "COMMIT"

static void a_table_that_was_swapped_stops_the_run(void)
{
    static const char *const jobs[][2] = {{LAB_PLAIN_JOB, LAB_UPDATE},
                                          {LAB_FLAGGED_JOB, LAB_UPDATE_CLEARING}};

    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
        struct lab lab;
        struct cycle_result result;
        lab_begin(&lab, jobs[i][0], jobs[i][1]);
        lab_start(&lab);
        struct cycle *cycle = lab_open_cycle(&lab, 0);
        lab_run_chunk(cycle, &lab.chunks[0], &result);
        CU_ASSERT_EQUAL(result.outcome, CYCLE_DONE);
        lab_sql(&lab, SWAP);
        lab_run_chunk(cycle, &lab.chunks[1], &result);
        CU_ASSERT_TRUE(is_stopped(&result, "lab.item is another table now"));
        cycle_close(cycle);
        CU_ASSERT_EQUAL(lab_number(&lab, "SELECT sum(updates) FROM lab.item"), 12);
        CU_ASSERT_EQUAL(lab_number(&lab, "SELECT sum(updates) FROM lab.old"), 12);
        CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(busy) FROM lab.item"), 0);
        lab_end(&lab);
    }
}

static void a_table_that_was_marked_and_then_swapped_stops_the_run(void)
{
    struct lab lab;
    struct cycle_result result;

    lab_begin(&lab, LAB_FLAGGED_JOB, LAB_UPDATE_CLEARING);
    lab_start(&lab);
    struct cycle *cycle = lab_open_cycle(&lab, 0);
    for (int i = 0; i < 2; i++)
        cycle_mark_ahead(cycle, &lab.chunks[i], clock_now_ns());
    lab_run_chunk(cycle, &lab.chunks[0], &result);
    CU_ASSERT_EQUAL(result.outcome, CYCLE_DONE);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(busy) FROM lab.item"), 12);
    lab_sql(&lab, SWAP);
    lab_run_chunk(cycle, &lab.chunks[1], &result);
    CU_ASSERT_TRUE(is_stopped(&result, "lab.item is another table now"));
    cycle_close(cycle);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT sum(updates) FROM lab.item"), 12);
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(busy) FROM lab.old"), 12);
    lab_end(&lab);
}

/* Columns, and tables in the scope, that have names such as ours. */
static void names_of_a_person_are_not_taken_for_ours(void)
{
    static const char *const scopes[] = {
        "xid = 1 AND rows = 1",
        "EXISTS (SELECT FROM seen WHERE seen.id = t.id) AND t.id IN (SELECT own.id FROM own)",
        "t.id IN (SELECT marked.id FROM marked) AND t.id IN (SELECT released.id FROM released)",
    };

    for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++) {
        struct lab lab;
        char job[500];
        snprintf(job, sizeof job,
                 "{\"job\": \"lab\", \"table\": \"lab.item\", \"key\": [\"t.day\", \"t.name\"], "
                 "\"flag\": \"busy\", \"update\": \"update.sql\", \"scope\": \"%s\", \"chunk\": "
                 "{\"target_rows\": 12}}",
                 scopes[i]);
        setenv("PGOPTIONS", "-c search_path=lab", 1);
        lab_begin(&lab, job, LAB_UPDATE_CLEARING);
        lab_sql(&lab, "ALTER TABLE lab.item ADD xid integer DEFAULT 1, ADD rows integer DEFAULT 1;"
                      "CREATE VIEW lab.seen AS SELECT id FROM lab.item;"
                      "CREATE VIEW lab.own AS SELECT id FROM lab.item;"
                      "CREATE VIEW lab.marked AS SELECT id FROM lab.item;"
                      "CREATE VIEW lab.released AS SELECT id FROM lab.item");
        lab_start(&lab);
        struct cycle_result result = lab_run_first(&lab);
        CU_ASSERT_EQUAL(result.outcome, CYCLE_DONE);
        CU_ASSERT_EQUAL(result.rows_updated, 12);
        unsetenv("PGOPTIONS");
        lab_end(&lab);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(rows_that_the_update_moves_stop_the_run),
        TEST(rows_that_the_mark_moves_stop_the_run),
        TEST(a_trigger_that_moves_nothing_stops_nothing),
        TEST(moves_that_the_job_accepts_stop_nothing),
        TEST(a_table_that_was_swapped_stops_the_run),
        TEST(a_table_that_was_marked_and_then_swapped_stops_the_run),
        TEST(names_of_a_person_are_not_taken_for_ours),
        CU_TEST_INFO_NULL,
    };

    return unit_run("fences", tests);
}
