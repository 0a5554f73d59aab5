/* The preflight against a real server: each refusal and each warning is caused, and its answer and
 * remedy are looked for. */
#include "db/ledger/ledger.h"
#include "preflight_lab.h"

static void a_sound_job_passes(void)
{
    lab_table(&lab);
    look(FLAGGED);
    CU_ASSERT_FALSE(preflight_has_failed(&result));
    CU_ASSERT_TRUE(is("connection", PREFLIGHT_PASS, "as postgres", NULL));
    CU_ASSERT_TRUE(is("server_version", PREFLIGHT_PASS, "PostgreSQL", NULL));
    CU_ASSERT_TRUE(is("pooler", PREFLIGHT_PASS, "none", NULL));
    CU_ASSERT_TRUE(is("primary", PREFLIGHT_PASS, "primary", NULL));
    CU_ASSERT_TRUE(is("table", PREFLIGHT_PASS, "lab.item is an ordinary table", NULL));
    CU_ASSERT_TRUE(is("rules", PREFLIGHT_PASS, "none", NULL));
    CU_ASSERT_TRUE(is("columns", PREFLIGHT_PASS, "flag \"busy\"", NULL));
    CU_ASSERT_TRUE(is("row_id", PREFLIGHT_PASS, "id, unique by item_pkey", NULL));
    CU_ASSERT_TRUE(
        is("key", PREFLIGHT_PASS, "t.day (date, nullable); t.name (text, nullable)", NULL));
    CU_ASSERT_TRUE(is("flag_in_key", PREFLIGHT_PASS, "don't read", NULL));
    CU_ASSERT_TRUE(is("flag_values", PREFLIGHT_PASS, "1 and NULL only", NULL));
    CU_ASSERT_TRUE(is("flag_index", PREFLIGHT_PASS, "none", NULL));
    CU_ASSERT_TRUE(is("row_security", PREFLIGHT_PASS, "does not apply", NULL));
    CU_ASSERT_TRUE(is("triggers", PREFLIGHT_PASS, "none", NULL));
    CU_ASSERT_TRUE(is("privileges", PREFLIGHT_PASS, "has what is needed", NULL));
    CU_ASSERT_TRUE(is("index", PREFLIGHT_PASS, "a small table", NULL));
    CU_ASSERT_TRUE(is("statistics", PREFLIGHT_PASS, "analysed 20", NULL));
    CU_ASSERT_TRUE(is("fillfactor", PREFLIGHT_PASS, "50 or less", NULL));
    CU_ASSERT_TRUE(is("hot", PREFLIGHT_PASS, "update", NULL));
    CU_ASSERT_TRUE(is("update", PREFLIGHT_PASS, "update.sql updates lab.item", NULL));
    CU_ASSERT_TRUE(is("steps", PREFLIGHT_PASS, "0 before, 0 after", NULL));
    CU_ASSERT_TRUE(is("connections", PREFLIGHT_PASS, "4 wanted", NULL));
    CU_ASSERT_TRUE(is("settings", PREFLIGHT_PASS, "jit off", NULL));
    CU_ASSERT_TRUE(is("lag", PREFLIGHT_PASS, "no standby", NULL));
    CU_ASSERT_TRUE(is("snapshots", PREFLIGHT_PASS, "no transaction", NULL));
}

static void nothing_is_left_behind(void)
{
    lab_table(&lab);
    big_table();
    lab_sql(&lab, "DROP INDEX lab.item_day_name_idx");
    look(FLAGGED);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM pg_class WHERE relname LIKE 'chunkmill%'"), 0);
    CU_ASSERT_EQUAL(
        lab_number(&lab, "SELECT count(*) FROM lab.item WHERE busy IS NOT NULL OR updates > 0"), 0);
}

static void a_missing_ledger_is_a_warning_with_the_command(void)
{
    struct error err = ERROR_INIT;
    bool made;

    lab_table(&lab);
    look(PLAIN);
    CU_ASSERT_TRUE(is("ledger", PREFLIGHT_WARN, "no ledger", "job.json create"));
    lab_open(&lab);
    lab_must(ledger_create(lab.session.control, &lab.session.work, &made, &err), &err, "ledger");
    session_close(&lab.session);
    look(PLAIN);
    CU_ASSERT_TRUE(is("ledger", PREFLIGHT_PASS, "version 5", NULL));
    lab_sql(&lab, "UPDATE chunkmill.ledger SET version = 99");
    look(PLAIN);
    CU_ASSERT_TRUE(is("ledger", PREFLIGHT_FAIL, "version 99", "newer"));
}

static void a_table_that_is_not_there_is_a_finding(void)
{
    lab_table(&lab);
    look(JOB("lab.nothing", KEY, ""));
    CU_ASSERT_TRUE(is("table", PREFLIGHT_FAIL, "there is no table lab.nothing", "job.json"));
    CU_ASSERT_TRUE(is("rules", PREFLIGHT_SKIPPED, "see table", NULL));
    CU_ASSERT_TRUE(is("index", PREFLIGHT_SKIPPED, "see table", NULL));
    CU_ASSERT_TRUE(is("connections", PREFLIGHT_PASS, "", NULL));
}

static void what_is_no_table_is_refused(void)
{
    lab_table(&lab);
    lab_sql(&lab,
            "CREATE VIEW lab.seen AS SELECT * FROM lab.item;"
            "CREATE MATERIALIZED VIEW lab.kept AS SELECT * FROM lab.item;"
            "CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER away FOREIGN DATA WRAPPER nothing;"
            "CREATE FOREIGN TABLE lab.far (day date, name text) SERVER away;");
    look(JOB("lab.seen", KEY, ""));
    CU_ASSERT_TRUE(is("table", PREFLIGHT_FAIL, "is a view", "ordinary or a partitioned"));
    look(JOB("lab.kept", KEY, ""));
    CU_ASSERT_TRUE(
        is("table", PREFLIGHT_FAIL, "is a materialized view", "ordinary or a partitioned"));
    look(JOB("lab.far", KEY, ""));
    CU_ASSERT_TRUE(is("table", PREFLIGHT_FAIL, "is a foreign table", "ordinary or a partitioned"));
    lab_sql(&lab, "DROP FOREIGN DATA WRAPPER nothing CASCADE");
}

static void partitions_must_be_local_and_logged(void)
{
    lab_table(&lab);
    lab_sql(&lab,
            "CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER away FOREIGN DATA WRAPPER nothing;"
            "CREATE TABLE lab.parts (id bigint, day date, name text, updates int) PARTITION BY "
            "RANGE (day);"
            "CREATE TABLE lab.p1 PARTITION OF lab.parts FOR VALUES FROM ('2026-01-01') TO "
            "('2026-02-01')");
    look_with(JOB("lab.parts", KEY, ""), "UPDATE lab.parts t SET updates = 1 WHERE {chunk_filter}",
              (struct preflight_options){.ranks = 0});
    CU_ASSERT_TRUE(is("table", PREFLIGHT_PASS, "partitioned table", NULL));
    CU_ASSERT_TRUE(is("update", PREFLIGHT_PASS, "updates lab.parts", NULL));
    lab_sql(
        &lab,
        "CREATE FOREIGN TABLE lab.p2 PARTITION OF lab.parts FOR VALUES FROM ('2026-02-01') TO "
        "('2026-03-01') SERVER away; CREATE UNLOGGED TABLE lab.p3 PARTITION OF lab.parts DEFAULT");
    look(JOB("lab.parts", KEY, ""));
    CU_ASSERT_TRUE(is("table", PREFLIGHT_FAIL,
                      "another server, which the ledger's transaction does not "
                      "cover: lab.p2",
                      "jobs of their own"));
    CU_ASSERT_TRUE(is("table", PREFLIGHT_FAIL, "unlogged partitions", "jobs of their own"));
    CU_ASSERT_TRUE(is("fillfactor", PREFLIGHT_WARN, "lab.p1 has 100",
                      "ALTER TABLE lab.p1 SET (fillfactor = 50)"));
    lab_sql(&lab, "DROP FOREIGN DATA WRAPPER nothing CASCADE");
}

static void an_unlogged_table_and_children_are_warned_of(void)
{
    lab_table(&lab);
    lab_sql(&lab,
            "ALTER TABLE lab.item SET UNLOGGED; CREATE TABLE lab.child () INHERITS (lab.item)");
    look(PLAIN);
    CU_ASSERT_TRUE(is("table", PREFLIGHT_WARN, "1 child table by inheritance", "UPDATE ONLY"));
    CU_ASSERT_TRUE(is("table", PREFLIGHT_WARN, "unlogged", "after a crash"));
}

static void rules_for_update_are_refused(void)
{
    lab_table(&lab);
    lab_sql(&lab, "CREATE RULE ins AS ON INSERT TO lab.item DO ALSO NOTHING");
    look(PLAIN);
    CU_ASSERT_TRUE(is("rules", PREFLIGHT_PASS, "1 rule for others", NULL));
    lab_sql(&lab, "CREATE RULE \"Upd\" AS ON UPDATE TO lab.item DO ALSO NOTHING");
    look(PLAIN);
    CU_ASSERT_TRUE(is("rules", PREFLIGHT_FAIL, "\"Upd\"", "by triggers"));
}

static void columns_are_spelled_as_in_the_catalog(void)
{
    lab_table(&lab);
    look(JOB("lab.item", KEY, ", \"flag\": \"BUSY\", \"row_id\": \"idd\""));
    CU_ASSERT_TRUE(is("columns", PREFLIGHT_FAIL, "no column \"BUSY\"", "\"flag\": \"busy\""));
    CU_ASSERT_TRUE(is("columns", PREFLIGHT_FAIL, "no column \"idd\"", "put \"row_id\" right"));
    CU_ASSERT_TRUE(is("row_id", PREFLIGHT_SKIPPED, "see columns", NULL));
    CU_ASSERT_TRUE(is("key", PREFLIGHT_SKIPPED, "see columns", NULL));
    CU_ASSERT_TRUE(is("flag_values", PREFLIGHT_SKIPPED, "see columns", NULL));
}

static void the_row_id_is_unique_and_never_null(void)
{
    lab_table(&lab);
    lab_sql(&lab, "ALTER TABLE lab.item ADD code bigint; CREATE UNIQUE INDEX half ON lab.item "
                  "(code) WHERE code > 0");
    look(JOB("lab.item", KEY, ", \"flag\": \"busy\", \"row_id\": \"code\""));
    CU_ASSERT_TRUE(is("row_id", PREFLIGHT_FAIL, "code may be NULL", "declared NOT NULL"));
    CU_ASSERT_TRUE(is("row_id", PREFLIGHT_FAIL, "half is partial",
                      "CREATE UNIQUE INDEX CONCURRENTLY ON lab.item (code)"));
    lab_sql(&lab, "ALTER TABLE lab.item DROP CONSTRAINT item_pkey");
    look(JOB("lab.item", KEY, ", \"flag\": \"busy\""));
    CU_ASSERT_TRUE(is("row_id", PREFLIGHT_FAIL, "no primary key of one column", "\"row_id\""));
    look(PLAIN);
    CU_ASSERT_TRUE(is("row_id", PREFLIGHT_PASS, "none needed", NULL));
    lab_sql(&lab, "ALTER TABLE lab.item ADD CONSTRAINT late UNIQUE (id) DEFERRABLE");
    look(FLAGGED);
    CU_ASSERT_TRUE(
        is("row_id", PREFLIGHT_FAIL, "late is deferrable", "CREATE UNIQUE INDEX CONCURRENTLY"));
}

static void a_key_must_parse_and_have_an_order(void)
{
    lab_table(&lab);
    look(JOB("lab.item", "\"t.dey\"", ""));
    CU_ASSERT_TRUE(is("key", PREFLIGHT_FAIL, "dey", "alias t"));
    look(JOB("lab.item", "\"t.id, t.day\"", ""));
    CU_ASSERT_TRUE(is("key", PREFLIGHT_FAIL, "a row, not one value", "alias t"));
    look(JOB("lab.item", "\"pg_sleep(0)\"", ""));
    CU_ASSERT_TRUE(is("key", PREFLIGHT_FAIL,
                      "key: it is not one value, but of the row or pseudo-type", "alias t"));
    look(JOB("lab.item", "\"t\"", ""));
    CU_ASSERT_TRUE(is("key", PREFLIGHT_FAIL, "but of the row or pseudo-type lab.item", "alias t"));
    CU_ASSERT_TRUE(is("update", PREFLIGHT_SKIPPED, "see columns and key", NULL));
    look(JOB("lab.item", "\"to_json(t.day)\"", ""));
    CU_ASSERT_TRUE(is("key", PREFLIGHT_FAIL, "has no order", "btree"));
}

static void a_volatile_key_is_refused_and_a_stable_one_warned_of(void)
{
    lab_table(&lab);
    look(JOB("lab.item", "\"t.day\", \"(t.value + random())\"", ""));
    CU_ASSERT_TRUE(is("key", PREFLIGHT_FAIL, "volatile: random()", "immutable"));
    look(JOB("lab.item", "\"(t.day::timestamptz)::date\"", ""));
    CU_ASSERT_TRUE(is("key", PREFLIGHT_WARN, "not immutable", "AT TIME ZONE"));
}

static void key_and_scope_must_not_read_the_flag(void)
{
    lab_table(&lab);
    look(JOB("lab.item", KEY, FLAG ", \"scope\": \"t.busy IS NULL\""));
    CU_ASSERT_TRUE(is("flag_in_key", PREFLIGHT_FAIL, "read the flag \"busy\"", "take it out"));
    look(JOB("lab.item", "\"t.day\", \"coalesce(t.busy, 0)\"", FLAG));
    CU_ASSERT_TRUE(is("flag_in_key", PREFLIGHT_FAIL, "read the flag", "take it out"));
    look(JOB("lab.item", KEY, FLAG ", \"scope\": \"length(t::text) > 3\""));
    CU_ASSERT_TRUE(is("flag_in_key", PREFLIGHT_FAIL, "read the flag", "take it out"));
    look(JOB("lab.item", KEY, FLAG ", \"scope\": \"t.value > 0\""));
    CU_ASSERT_TRUE(is("flag_in_key", PREFLIGHT_PASS, "don't read", NULL));
}

static void a_third_flag_value_in_scope_is_refused(void)
{
    lab_table(&lab);
    lab_sql(&lab, "UPDATE lab.item SET busy = 2 WHERE id = 7");
    look(FLAGGED);
    CU_ASSERT_TRUE(is("flag_values", PREFLIGHT_FAIL, "neither 1 nor NULL",
                      "SELECT t.busy, count(*) FROM lab.item AS t WHERE true GROUP BY 1"));
    look(JOB("lab.item", KEY, FLAG ", \"scope\": \"t.id <> 7\""));
    CU_ASSERT_TRUE(is("flag_values", PREFLIGHT_PASS, "only", NULL));
    look(JOB("lab.item", KEY, FLAG ", \"scope\": \"t.id > 0\""));
    CU_ASSERT_TRUE(is("flag_values", PREFLIGHT_FAIL, "neither", "WHERE (t.id > 0) GROUP BY 1"));
}

static void an_index_with_the_flag_is_warned_of(void)
{
    static const char *const indexes[] = {"(busy)", "(day) INCLUDE (busy)",
                                          "(day) WHERE busy IS NULL", "(coalesce(busy, 0))"};

    for (size_t i = 0; i < sizeof indexes / sizeof indexes[0]; i++) {
        char create[100];
        snprintf(create, sizeof create, "CREATE INDEX flagged ON lab.item %s", indexes[i]);
        lab_table(&lab);
        lab_sql(&lab, create);
        look(FLAGGED);
        CU_ASSERT_TRUE(is("flag_index", PREFLIGHT_WARN, "lab.flagged holds the flag",
                          "DROP INDEX CONCURRENTLY lab.flagged"));
    }
    look(PLAIN);
    CU_ASSERT_TRUE(is("flag_index", PREFLIGHT_PASS, "no flag", NULL));
}

static void a_trigger_that_may_skip_rows_is_refused(void)
{
    lab_table(&lab);
    lab_sql(&lab, "CREATE FUNCTION lab.skip() RETURNS trigger LANGUAGE plpgsql AS"
                  " $$BEGIN IF new.value < 0 THEN RETURN  null; END IF; RETURN new; END$$;"
                  "CREATE FUNCTION lab.touch() RETURNS trigger LANGUAGE plpgsql AS"
                  " $$BEGIN /* return null */ RETURN new; -- never return null\n END$$;"
                  "CREATE TRIGGER touching BEFORE UPDATE ON lab.item FOR EACH ROW EXECUTE FUNCTION "
                  "lab.touch()");
    look(FLAGGED);
    CU_ASSERT_TRUE(is("triggers", PREFLIGHT_WARN, "1 trigger at an UPDATE", NULL));
    lab_sql(&lab, "CREATE TRIGGER skipping BEFORE UPDATE ON lab.item FOR EACH ROW EXECUTE FUNCTION "
                  "lab.skip()");
    look(FLAGGED);
    CU_ASSERT_TRUE(is("triggers", PREFLIGHT_FAIL,
                      "trigger skipping of lab.item (function lab.skip)",
                      "\"triggers_may_skip\": true"));
    look(JOB("lab.item", KEY, FLAG ", \"triggers_may_skip\": true"));
    CU_ASSERT_TRUE(is("triggers", PREFLIGHT_WARN, "as the job accepts", NULL));
    lab_sql(&lab, "ALTER TABLE lab.item DISABLE TRIGGER USER");
    look(FLAGGED);
    CU_ASSERT_TRUE(is("triggers", PREFLIGHT_PASS, "none", NULL));
}

static void a_key_without_an_index_is_refused_with_the_index(void)
{
    lab_table(&lab);
    big_table();
    look(FLAGGED);
    CU_ASSERT_TRUE(is("index", PREFLIGHT_PASS, "no chunk reads the table whole", NULL));
    lab_sql(&lab, "DROP INDEX lab.item_day_name_idx");
    look(FLAGGED);
    CU_ASSERT_TRUE(is("index", PREFLIGHT_FAIL, "reads lab.item whole for each of about",
                      "CREATE INDEX CONCURRENTLY ON lab.item (day, name)"));
    look(JOB("lab.item", "\"date_trunc('month', t.day::timestamp)\", \"t.name\"",
             ", \"scope\": \"t.value > 0\""));
    CU_ASSERT_TRUE(
        is("index", PREFLIGHT_FAIL, "lab.item whole",
           "ON lab.item ((date_trunc('month', day::timestamp)), name) INCLUDE (\"day\") WHERE "
           "value > 0"));
    look(JOB("lab.item", KEY, ", \"scope\": \"t.day < now()\""));
    CU_ASSERT_TRUE(is("index", PREFLIGHT_FAIL, "lab.item whole", "ON lab.item (day, name)\n"));
    look(JOB("lab.item", "\"(t.day::timestamptz)::date\"", ""));
    CU_ASSERT_TRUE(is("index", PREFLIGHT_FAIL, "no index can hold this key", "immutable"));
}

static void the_advised_index_serves(void)
{
    lab_table(&lab);
    big_table();
    lab_sql(&lab, "DROP INDEX lab.item_day_name_idx");
    look(JOB("lab.item", "\"(t.id + 1)\", \"t.name\"", ", \"scope\": \"t.value > 0\""));
    const char *remedy = find("index")->remedy;
    char create[400] = "";
    if (remedy != NULL)
        snprintf(create, sizeof create, "%.*s", (int)strcspn(remedy, "\n"), remedy);
    CU_ASSERT_TRUE(holds(create, "CREATE INDEX CONCURRENTLY"));
    lab_sql(&lab, create);
    lab_sql(&lab, "ANALYZE lab.item");
    look(JOB("lab.item", "\"(t.id + 1)\", \"t.name\"", ", \"scope\": \"t.value > 0\""));
    CU_ASSERT_TRUE(is("index", PREFLIGHT_PASS, "no chunk reads", NULL));
}

int main(void)
{
    static CU_TestInfo tests[] = {
        TEST(a_sound_job_passes),
        TEST(nothing_is_left_behind),
        TEST(a_missing_ledger_is_a_warning_with_the_command),
        TEST(a_table_that_is_not_there_is_a_finding),
        TEST(what_is_no_table_is_refused),
        TEST(partitions_must_be_local_and_logged),
        TEST(an_unlogged_table_and_children_are_warned_of),
        TEST(rules_for_update_are_refused),
        TEST(columns_are_spelled_as_in_the_catalog),
        TEST(the_row_id_is_unique_and_never_null),
        TEST(a_key_must_parse_and_have_an_order),
        TEST(a_volatile_key_is_refused_and_a_stable_one_warned_of),
        TEST(key_and_scope_must_not_read_the_flag),
        TEST(a_third_flag_value_in_scope_is_refused),
        TEST(an_index_with_the_flag_is_warned_of),
        TEST(a_trigger_that_may_skip_rows_is_refused),
        TEST(a_key_without_an_index_is_refused_with_the_index),
        TEST(the_advised_index_serves),
        CU_TEST_INFO_NULL,
    };

    lab_begin(&lab, PLAIN, LAB_UPDATE);
    int status = unit_run("preflight", tests);
    preflight_clear(&result);
    lab_end(&lab);
    return status;
}
