/* The preflight's findings about rows that would leave their chunk, be found twice, or not at all:
 * assigned and generated columns, triggers, system columns, children, row ids. */
#include "preflight_lab.h"

static void look_at_update(const char *job, const char *update)
{
    look_with(job, update, (struct preflight_options){.ranks = 2});
}

static void add_trigger(const char *event, const char *body)
{
    char text[600];

    snprintf(text, sizeof text,
             "DROP FUNCTION IF EXISTS lab.f CASCADE; CREATE FUNCTION lab.f() RETURNS trigger "
             "LANGUAGE plpgsql AS $$ %s $$; CREATE TRIGGER f %s ON lab.item FOR EACH ROW EXECUTE "
             "FUNCTION lab.f()",
             body, event);
    lab_sql(&lab, text);
}

static void a_generated_column_stands_for_what_it_is_computed_from(void)
{
    lab_table(&lab);
    lab_sql(&lab, "ALTER TABLE lab.item ADD twice integer GENERATED ALWAYS AS (value * 2) STORED,"
                  " ADD is_busy boolean GENERATED ALWAYS AS (busy IS NOT NULL) STORED");
    look_at_update(JOB("lab.item", "\"t.twice\"", ""),
                   "UPDATE lab.item AS t SET value = 2 WHERE {chunk_filter}");
    CU_ASSERT_TRUE(is("update", PREFLIGHT_FAIL, "assigns \"value\"", "\"may_assign\""));
    look_at_update(JOB("lab.item", KEY, ", \"scope\": \"t.twice > 0\""),
                   "UPDATE lab.item AS t SET value = 2 WHERE {chunk_filter}");
    CU_ASSERT_TRUE(is("update", PREFLIGHT_WARN, "assigns \"value\"", "scope and window"));
    look(JOB("lab.item", KEY, FLAG ", \"scope\": \"NOT t.is_busy\""));
    CU_ASSERT_TRUE(is("flag_in_key", PREFLIGHT_FAIL, "read the flag \"busy\"", "take it out"));
    look(JOB("lab.item", "\"t.is_busy\"", FLAG));
    CU_ASSERT_TRUE(is("flag_in_key", PREFLIGHT_FAIL, "read the flag \"busy\"", "take it out"));
    look(JOB("lab.item", "\"t.twice\"", FLAG));
    CU_ASSERT_TRUE(is("flag_in_key", PREFLIGHT_PASS, "don't read the flag", NULL));
}

static void a_column_of_the_key_is_not_assigned_unless_the_job_accepts_it(void)
{
    lab_table(&lab);
    look_at_update("{\"job\": \"lab\", \"table\": \"lab.item\", \"update\": \"update.sql\"}",
                   "UPDATE lab.item AS t SET id = t.id + 1000 WHERE {chunk_filter}");
    CU_ASSERT_TRUE(is("update", PREFLIGHT_FAIL, "assigns \"id\"", "\"may_assign\": [\"id\"]"));
    look_at_update(JOB("lab.item", KEY, ", \"may_assign\": [\"day\"]"),
                   "UPDATE lab.item AS t SET day = '2026-02-02', \"name\" = 'x' WHERE "
                   "{chunk_filter}");
    CU_ASSERT_TRUE(is("update", PREFLIGHT_FAIL, "assigns \"name\", of which", "[\"name\"]"));
    look_at_update(JOB("lab.item", KEY, ", \"may_assign\": [\"day\", \"name\"]"),
                   "UPDATE lab.item AS t SET day = '2026-02-02', \"name\" = 'x' WHERE "
                   "{chunk_filter}");
    CU_ASSERT_TRUE(is("update", PREFLIGHT_PASS, "updates lab.item", NULL));
}

static void a_trigger_that_assigns_what_the_job_reads_is_refused(void)
{
    static const char *const bodies[] = {
        "BEGIN NEW.day := current_date; RETURN NEW; END",
        "BEGIN new . \"day\" = current_date; RETURN NEW; END",
        "BEGIN IF NEW.value > 1 THEN NEW.DAY:=current_date; END IF; RETURN NEW; END",
    };

    lab_table(&lab);
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        add_trigger("BEFORE UPDATE", bodies[i]);
        look(PLAIN);
        CU_ASSERT_TRUE(is("triggers", PREFLIGHT_FAIL, "trigger f of lab.item assigns \"day\"",
                          "take \"day\" out"));
        look(JOB("lab.item", KEY, ", \"may_assign\": [\"day\"]"));
        CU_ASSERT_TRUE(is("triggers", PREFLIGHT_WARN, "1 trigger at an UPDATE", NULL));
        look(JOB("lab.item", "\"t.name\"", ", \"scope\": \"t.day > '2026-01-02'\""));
        CU_ASSERT_TRUE(is("triggers", PREFLIGHT_WARN, "1 trigger at an UPDATE", NULL));
        look(JOB("lab.item", "\"t.name\"", FLAG ", \"scope\": \"t.day > '2026-01-02'\""));
        CU_ASSERT_TRUE(is("triggers", PREFLIGHT_FAIL, "assigns \"day\"", "take \"day\" out"));
    }
    add_trigger("BEFORE UPDATE",
                "BEGIN IF NEW.day == OLD.day THEN NEW.value := 1; END IF; -- NEW.day := 1\n RETURN "
                "NEW; END");
    look(FLAGGED);
    CU_ASSERT_TRUE(is("triggers", PREFLIGHT_WARN, "1 trigger at an UPDATE", NULL));
    add_trigger("AFTER UPDATE", "BEGIN NEW.day := current_date; RETURN NULL; END");
    look(FLAGGED);
    CU_ASSERT_TRUE(is("triggers", PREFLIGHT_WARN, "1 trigger at an UPDATE", NULL));
}

static void a_trigger_that_returns_something_else_than_new_is_refused(void)
{
    static const struct {
        const char *event, *body;
        bool may_skip;
    } cases[] = {
        {"BEFORE UPDATE", "BEGIN IF NEW.id = 3 THEN RETURN OLD; END IF; RETURN NEW; END", true},
        {"BEFORE UPDATE OR DELETE", "BEGIN RETURN OLD; END", true},
        {"BEFORE UPDATE",
         "DECLARE r lab.item := NEW; BEGIN IF NEW.id = 3 THEN r := NULL; END IF; RETURN r; END",
         true},
        {"BEFORE UPDATE", "BEGIN RETURN (NULL); END", true},
        {"BEFORE UPDATE OR DELETE",
         "BEGIN IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END", false},
        {"BEFORE UPDATE", "BEGIN RETURN\n NEW; END", false},
        {"AFTER UPDATE", "BEGIN RETURN NULL; END", false},
    };

    lab_table(&lab);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        add_trigger(cases[i].event, cases[i].body);
        look(PLAIN);
        if (cases[i].may_skip)
            CU_ASSERT_TRUE(is("triggers", PREFLIGHT_FAIL, "may return NULL or OLD",
                              "\"triggers_may_skip\": true"));
        if (!cases[i].may_skip)
            CU_ASSERT_TRUE(is("triggers", PREFLIGHT_WARN, "1 trigger at an UPDATE", NULL));
    }
}

static void what_each_update_of_a_row_changes_is_no_key_and_no_scope(void)
{
    lab_table(&lab);
    look(JOB("lab.item", "\"t.ctid\"", ""));
    CU_ASSERT_TRUE(is("key", PREFLIGHT_FAIL, "the system column ctid", "take it out"));
    look(JOB("lab.item", KEY, ", \"scope\": \"t.xmin::text::bigint > 0\""));
    CU_ASSERT_TRUE(is("key", PREFLIGHT_FAIL, "the system column xmin", "take it out"));
    look(JOB("lab.item", "\"t.tableoid\"", ""));
    CU_ASSERT_TRUE(is("key", PREFLIGHT_FAIL, "the system column tableoid", "take it out"));
    look(JOB("lab.item", "\"t.day\"",
             ", \"window\": {\"on\": \"t.cmin::text\", \"from\": \"''\", \"to\": \"'9'\"}"));
    CU_ASSERT_TRUE(is("key", PREFLIGHT_FAIL, "the system column cmin", "take it out"));
    look(FLAGGED);
    CU_ASSERT_TRUE(is("key", PREFLIGHT_PASS, "t.day", NULL));
}

static void children_by_inheritance_are_refused_with_a_flag(void)
{
    lab_table(&lab);
    lab_sql(&lab, "CREATE TABLE lab.child () INHERITS (lab.item);"
                  "CREATE TABLE lab.grandchild () INHERITS (lab.child)");
    look(FLAGGED);
    CU_ASSERT_TRUE(
        is("table", PREFLIGHT_FAIL, "2 child tables by inheritance, and a flag", "UPDATE ONLY"));
    look(PLAIN);
    CU_ASSERT_TRUE(is("table", PREFLIGHT_WARN, "2 child tables by inheritance", "UPDATE ONLY"));
    lab_sql(&lab, "CREATE FOREIGN DATA WRAPPER lab_wrapper;"
                  "CREATE SERVER lab_server FOREIGN DATA WRAPPER lab_wrapper;"
                  "CREATE FOREIGN TABLE lab.far () INHERITS (lab.grandchild) SERVER lab_server");
    look(PLAIN);
    CU_ASSERT_TRUE(is("table", PREFLIGHT_FAIL, "on another server", "jobs of their own"));
    lab_sql(&lab, "DROP FOREIGN DATA WRAPPER lab_wrapper CASCADE");
}

static void a_row_id_is_unique_by_its_own_collation(void)
{
    lab_table(&lab);
    lab_sql(&lab,
            "CREATE COLLATION lab.ci (provider = icu, locale = 'und-u-ks-level2', "
            "deterministic = false);"
            "CREATE TABLE lab.part (code text COLLATE lab.ci NOT NULL, day date, busy integer);"
            "CREATE UNIQUE INDEX part_code ON lab.part (code COLLATE \"C\")");
    look(JOB("lab.part", "\"t.day\"", ", \"row_id\": \"code\", \"flag\": \"busy\""));
    CU_ASSERT_TRUE(is("row_id", PREFLIGHT_FAIL, "part_code has another collation",
                      "CREATE UNIQUE INDEX CONCURRENTLY ON lab.part (code)"));
    lab_sql(&lab, "CREATE UNIQUE INDEX part_code_ci ON lab.part (code)");
    look(JOB("lab.part", "\"t.day\"", ", \"row_id\": \"code\", \"flag\": \"busy\""));
    CU_ASSERT_TRUE(is("row_id", PREFLIGHT_PASS, "unique by part_code_ci", NULL));
    lab_sql(&lab,
            "DROP INDEX lab.part_code_ci, lab.part_code; ALTER TABLE lab.part ALTER code TYPE "
            "text COLLATE \"POSIX\"; CREATE UNIQUE INDEX part_c ON lab.part (code COLLATE "
            "\"C\")");
    look(JOB("lab.part", "\"t.day\"", ", \"row_id\": \"code\", \"flag\": \"busy\""));
    CU_ASSERT_TRUE(is("row_id", PREFLIGHT_PASS, "unique by part_c", NULL));
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_generated_column_stands_for_what_it_is_computed_from),
        TEST(a_column_of_the_key_is_not_assigned_unless_the_job_accepts_it),
        TEST(a_trigger_that_assigns_what_the_job_reads_is_refused),
        TEST(a_trigger_that_returns_something_else_than_new_is_refused),
        TEST(what_each_update_of_a_row_changes_is_no_key_and_no_scope),
        TEST(children_by_inheritance_are_refused_with_a_flag),
        TEST(a_row_id_is_unique_by_its_own_collation),
        CU_TEST_INFO_NULL,
    };

    lab_begin(&lab, PLAIN, LAB_UPDATE);
    int status = unit_run("preflight_moves", tests);
    preflight_clear(&result);
    lab_end(&lab);
    return status;
}
