/* The preflight's findings about rights, the update, the steps, and how well a run will go. */
#include "db/ledger/ledger.h"
#include "preflight_lab.h"

#define UPDATE(text)                                                                               \
    text, (struct preflight_options)                                                               \
    {                                                                                              \
        .ranks = 2                                                                                 \
    }

/* The tests' other role, which has nothing but a login. */
static void become(const char *role)
{
    setenv("PGUSER", role, 1);
}

static void a_role(void)
{
    lab_table(&lab);
    lab_sql(&lab, "DROP ROLE IF EXISTS lab_role; CREATE ROLE lab_role LOGIN");
}

static void drop_role(void)
{
    become("postgres");
    lab_sql(&lab, "DROP OWNED BY lab_role; DROP ROLE lab_role");
}

static void missing_rights_are_named_as_grants(void)
{
    struct error err = ERROR_INIT;
    bool made;

    a_role();
    lab_sql(&lab, "CREATE TABLE lab.rates (id bigint, rate int)");
    lab_open(&lab);
    lab_must(ledger_create(lab.session.control, &lab.session.work, &made, &err), &err, "ledger");
    session_close(&lab.session);
    become("lab_role");
    look(FLAGGED);
    CU_ASSERT_TRUE(
        is("table", PREFLIGHT_FAIL, "permission denied for schema lab", "GRANT USAGE ON SCHEMA"));
    CU_ASSERT_TRUE(is("ledger", PREFLIGHT_FAIL, "may not read", "see privileges"));
    lab_sql(
        &lab,
        "GRANT USAGE ON SCHEMA lab TO lab_role; GRANT SELECT (id, day, name), UPDATE (updates) ON "
        "lab.item TO lab_role");
    look_with(
        FLAGGED,
        UPDATE("UPDATE lab.item t SET updates = r.rate FROM lab.rates r WHERE r.id = t.id AND "
               "{chunk_filter}"));
    CU_ASSERT_TRUE(
        is("privileges", PREFLIGHT_FAIL, "role lab_role lacks", "GRANT USAGE ON SCHEMA chunkmill"));
    CU_ASSERT_TRUE(
        is("privileges", PREFLIGHT_FAIL, "lacks", "GRANT UPDATE (busy) ON lab.item TO lab_role"));
    CU_ASSERT_TRUE(is("privileges", PREFLIGHT_FAIL, "lacks",
                      "GRANT SELECT, INSERT, UPDATE ON chunkmill.chunk"));
    CU_ASSERT_TRUE(
        is("privileges", PREFLIGHT_FAIL, "lacks", "GRANT SELECT ON lab.rates TO lab_role"));
    CU_ASSERT_TRUE(is("update", PREFLIGHT_SKIPPED, "see privileges", NULL));
    drop_role();
}

static void the_grants_that_are_named_are_enough(void)
{
    struct error err = ERROR_INIT;
    bool made;

    a_role();
    lab_open(&lab);
    lab_must(ledger_create(lab.session.control, &lab.session.work, &made, &err), &err, "ledger");
    session_close(&lab.session);
    lab_sql(&lab, "GRANT USAGE ON SCHEMA lab TO lab_role");
    for (int i = 0; i < 3; i++) { /* what a role may not see can't be judged before it may */
        become("lab_role");
        look(FLAGGED);
        const char *remedy = find("privileges")->remedy;
        for (const char *line = remedy; line != NULL; line = strchr(line, '\n')) {
            char grant[300];
            line += *line == '\n';
            snprintf(grant, sizeof grant, "%.*s", (int)strcspn(line, "\n"), line);
            CU_ASSERT_TRUE(holds(grant, "GRANT "));
            lab_sql(&lab, grant);
        }
    }
    CU_ASSERT_TRUE(is("privileges", PREFLIGHT_PASS, "has what is needed", NULL));
    CU_ASSERT_TRUE(is("update", PREFLIGHT_PASS, "updates lab.item", NULL));
    CU_ASSERT_FALSE(preflight_has_failed(&result));
    drop_role();
}

static void row_security_that_applies_is_refused(void)
{
    a_role();
    lab_sql(&lab, "GRANT ALL ON SCHEMA lab TO lab_role; GRANT ALL ON lab.item TO lab_role;"
                  "ALTER TABLE lab.item ENABLE ROW LEVEL SECURITY;"
                  "CREATE POLICY late_ones ON lab.item USING (id > 10)");
    look(FLAGGED);
    CU_ASSERT_TRUE(is("row_security", PREFLIGHT_PASS, "does not apply to role postgres", NULL));
    become("lab_role");
    look(FLAGGED);
    CU_ASSERT_TRUE(is("row_security", PREFLIGHT_FAIL, "hide rows from role lab_role", "BYPASSRLS"));
    drop_role();
}

static void without_the_right_to_temporary_views_the_rest_is_looked_at(void)
{
    a_role();
    lab_sql(&lab, "GRANT ALL ON SCHEMA lab TO lab_role; GRANT ALL ON lab.item TO lab_role;"
                  "REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC");
    become("lab_role");
    look(FLAGGED);
    CU_ASSERT_TRUE(is("flag_in_key", PREFLIGHT_WARN, "could not be looked at",
                      "GRANT TEMPORARY ON DATABASE postgres TO lab_role"));
    CU_ASSERT_TRUE(is("flag_values", PREFLIGHT_PASS, "1 and NULL", NULL));
    lab_sql(&lab, "GRANT TEMPORARY ON DATABASE postgres TO PUBLIC");
    drop_role();
}

static void an_update_that_the_server_refuses_is_refused(void)
{
    lab_table(&lab);
    look_with(PLAIN, UPDATE("UPDATE lab.item AS i SET updates = 1 WHERE {chunk_filter}"));
    CU_ASSERT_TRUE(is("update", PREFLIGHT_FAIL, "t", "UPDATE lab.item AS t SET"));
    look_with(JOB("lab.item", "\"t.id\"", ""),
              "UPDATE lab.item SET updates = 1 WHERE {chunk_filter}",
              (struct preflight_options){0});
    CU_ASSERT_TRUE(
        is("update", PREFLIGHT_FAIL, "entry for table \"t\"", "UPDATE lab.item AS t SET"));
    look_with(PLAIN, UPDATE("UPDATE lab.item AS t SET updatez = 1 WHERE {chunk_filter}"));
    CU_ASSERT_TRUE(is("update", PREFLIGHT_FAIL, "updatez", "UPDATE lab.item AS t SET"));
    CU_ASSERT_TRUE(is("index", PREFLIGHT_WARN, "see privileges and update", NULL));
}

static void an_update_of_another_table_is_refused(void)
{
    lab_table(&lab);
    lab_sql(&lab, "CREATE TABLE lab.other (LIKE lab.item)");
    look_with(PLAIN, UPDATE("UPDATE lab.other AS t SET updates = 1 WHERE {chunk_filter}"));
    CU_ASSERT_TRUE(
        is("update", PREFLIGHT_FAIL, "is about is not lab.item", "UPDATE lab.item AS t"));
    look_with(PLAIN, UPDATE("UPDATE lab.item AS u SET updates = 1 FROM lab.other AS t "
                            "WHERE u.id = t.id AND {chunk_filter}"));
    CU_ASSERT_TRUE(
        is("update", PREFLIGHT_FAIL, "is about is not lab.item", "UPDATE lab.item AS t"));
    look_with(PLAIN, UPDATE("UPDATE lab.item AS u SET updates = 1 WHERE u.id IN (SELECT t.id "
                            "FROM lab.other AS t WHERE {chunk_filter})"));
    CU_ASSERT_TRUE(
        is("update", PREFLIGHT_FAIL, "is about is not lab.item", "UPDATE lab.item AS t"));
    look_with(PLAIN, UPDATE("UPDATE lab.item AS u SET updates = 1 FROM lab.item AS t "
                            "WHERE u.id = t.id AND {chunk_filter}"));
    CU_ASSERT_TRUE(is("update", PREFLIGHT_FAIL, "is not called t", "UPDATE lab.item AS t"));
    look_with(PLAIN, UPDATE("UPDATE lab.other AS u SET updates = 1 WHERE u.id IN (SELECT t.id "
                            "FROM lab.item AS t WHERE {chunk_filter})"));
    CU_ASSERT_TRUE(
        is("update", PREFLIGHT_FAIL, "does not update lab.item", "UPDATE lab.item AS t"));
}

static void an_update_that_moves_rows_is_warned_of(void)
{
    lab_table(&lab);
    look_with(PLAIN,
              UPDATE("UPDATE lab.item AS t SET updates = 1, \"name\" = 'x' WHERE {chunk_filter}"));
    CU_ASSERT_TRUE(is("update", PREFLIGHT_FAIL, "assigns \"name\"", "\"may_assign\": [\"name\"]"));
    look_with(JOB("lab.item", KEY, ", \"may_assign\": [\"name\"]"),
              UPDATE("UPDATE lab.item AS t SET \"name\" = 'x' WHERE {chunk_filter}"));
    CU_ASSERT_TRUE(is("update", PREFLIGHT_PASS, "updates lab.item", NULL));
    look_with(JOB("lab.item", KEY, ", \"scope\": \"t.value > 0\""),
              UPDATE("UPDATE lab.item AS t SET (updates, value) = (1, 2) WHERE {chunk_filter}"));
    CU_ASSERT_TRUE(is("update", PREFLIGHT_WARN, "assigns \"value\"", "leaves alone"));
}

static void a_filter_in_a_cte_is_warned_of(void)
{
    lab_table(&lab);
    look_with(
        PLAIN,
        UPDATE("WITH own AS (SELECT id FROM lab.item AS t WHERE {chunk_filter}) UPDATE lab.item "
               "AS u SET updates = 1 FROM own WHERE own.id = u.id"));
    CU_ASSERT_TRUE(
        is("update", PREFLIGHT_WARN, "stands in a subquery or WITH", "WHERE of the UPDATE itself"));
}

static void an_update_inside_of_another_statement_is_refused(void)
{
    lab_table(&lab);
    look_with(
        PLAIN,
        UPDATE("WITH x AS (UPDATE lab.item AS t SET updates = 1 WHERE {chunk_filter} RETURNING 1) "
               "SELECT count(*) FROM x"));
    CU_ASSERT_TRUE(
        is("update", PREFLIGHT_FAIL, "outermost statement is no UPDATE", "the outermost"));
    lab_sql(&lab, "CREATE TABLE lab.other (id bigint)");
    look_with(
        PLAIN,
        UPDATE(
            "WITH x AS (UPDATE lab.item AS t SET updates = 1 WHERE {chunk_filter} RETURNING t.id) "
            "UPDATE lab.other AS t SET id = x.id FROM x WHERE t.id = x.id"));
    CU_ASSERT_TRUE(
        is("update", PREFLIGHT_FAIL, "does not update lab.item", "UPDATE lab.item AS t"));
}

static void a_filter_that_does_not_bound_the_update_is_refused(void)
{
    lab_table(&lab);
    look_with(PLAIN,
              UPDATE("UPDATE lab.item AS t SET updates = 1 WHERE {chunk_filter} OR t.value = 1"));
    CU_ASSERT_TRUE(is("update", PREFLIGHT_FAIL, "beside OR or under NOT", "by AND"));
    look_with(PLAIN, UPDATE("UPDATE lab.item AS t SET updates = 1 WHERE NOT {chunk_filter}"));
    CU_ASSERT_TRUE(is("update", PREFLIGHT_FAIL, "beside OR or under NOT", "by AND"));
    look_with(
        PLAIN,
        UPDATE("UPDATE lab.item AS t SET updates = 1 WHERE {chunk_filter} OR t.id IN (SELECT 1 "
               "WHERE false)"));
    CU_ASSERT_TRUE(is("update", PREFLIGHT_FAIL, "beside OR or under NOT", "by AND"));
    look_with(
        PLAIN,
        UPDATE("WITH o AS MATERIALIZED (SELECT 1 AS id) UPDATE lab.item AS t SET updates = o.id "
               "FROM o WHERE t.value = (SELECT 1) AND {chunk_filter}"));
    CU_ASSERT_TRUE(is("update", PREFLIGHT_PASS, "updates lab.item", NULL));
    look_with(
        PLAIN,
        UPDATE("UPDATE lab.item AS t SET updates = o.id FROM lab.item o WHERE o.id = t.id AND "
               "(t.value = 1 OR o.value = 2) AND {chunk_filter}"));
    CU_ASSERT_TRUE(is("update", PREFLIGHT_PASS, "updates lab.item", NULL));
}

static void steps_are_looked_at_and_not_executed(void)
{
    lab_table(&lab);
    lab_file(&lab, "good.sql", "DROP TABLE lab.item");
    lab_file(&lab, "empty.sql", "-- nothing\n");
    lab_file(&lab, "wrong.sql", "SELECT {nobody}");
    look(JOB("lab.item", KEY, ", \"before\": [\"good.sql\"]"));
    CU_ASSERT_TRUE(is("steps", PREFLIGHT_PASS, "1 before, 0 after", NULL));
    lab_file(&lab, "wrong.sql", "BEGIN; SELECT 1; COMMIT; SELECT 2");
    look(JOB("lab.item", KEY, ", \"after\": [\"wrong.sql\"]"));
    CU_ASSERT_TRUE(
        is("steps", PREFLIGHT_FAIL, "wrong.sql ends the transaction", "\"transaction\": false"));
    CU_ASSERT_EQUAL(lab_number(&lab, "SELECT count(*) FROM lab.item"), 120);
}

static void a_server_that_is_read_only_is_refused(void)
{
    lab_table(&lab);
    setenv("PGOPTIONS", "-c default_transaction_read_only=on", 1);
    look(PLAIN);
    CU_ASSERT_TRUE(is("primary", PREFLIGHT_FAIL, "read-only by default",
                      "ALTER ROLE postgres SET default_transaction_read_only = off;"));
    unsetenv("PGOPTIONS");
}

static void too_few_connections_are_refused(void)
{
    lab_table(&lab);
    look_with(PLAIN, LAB_UPDATE, (struct preflight_options){.ranks = 1000});
    CU_ASSERT_TRUE(
        is("connections", PREFLIGHT_FAIL, "max_connections 100), 1002 wanted", "fewer ranks"));
    lab_sql(&lab, "DROP ROLE IF EXISTS lab_few; CREATE ROLE lab_few LOGIN CONNECTION LIMIT 3");
    become("lab_few");
    look_with(PLAIN, LAB_UPDATE, (struct preflight_options){.ranks = 2});
    CU_ASSERT_TRUE(is("connections", PREFLIGHT_FAIL,
                      "3 free (connection limit 3 of the role), 4 wanted", "fewer ranks"));
    become("postgres");
    lab_sql(&lab, "DROP ROLE lab_few");
}

static void packed_pages_are_warned_of(void)
{
    lab_table(&lab);
    lab_sql(&lab, "ALTER TABLE lab.item SET (fillfactor = 45)");
    look(PLAIN);
    CU_ASSERT_TRUE(is("fillfactor", PREFLIGHT_PASS, "50 or less", NULL));
    look(FLAGGED); /* marks ahead */
    CU_ASSERT_TRUE(is("fillfactor", PREFLIGHT_PASS, "50 or less", NULL));
    look(FLAGGED_NOT_AHEAD);
    CU_ASSERT_TRUE(
        is("fillfactor", PREFLIGHT_WARN, "has 45", "ALTER TABLE lab.item SET (fillfactor = 30)"));
    lab_sql(&lab, "ALTER TABLE lab.item RESET (fillfactor)");
    look(PLAIN);
    CU_ASSERT_TRUE(
        is("fillfactor", PREFLIGHT_WARN, "has 100", "ALTER TABLE lab.item SET (fillfactor = 50)"));
}

static void a_table_without_statistics_is_warned_of(void)
{
    lab_table(&lab);
    lab_sql(&lab, "CREATE TABLE lab.young AS SELECT * FROM lab.item");
    look_with(JOB("lab.young", KEY, ""),
              UPDATE("UPDATE lab.young t SET updates = 1 WHERE {chunk_filter}"));
    CU_ASSERT_TRUE(
        is("statistics", PREFLIGHT_WARN, "never analysed: lab.young", "ANALYZE lab.young"));
    lab_sql(&lab, "CREATE INDEX younger ON lab.item ((value + 1))");
    look(PLAIN);
    CU_ASSERT_TRUE(is("statistics", PREFLIGHT_WARN, "younger", "ANALYZE lab.item"));
}

static void slots_that_nobody_reads_are_warned_of(void)
{
    lab_table(&lab);
    lab_sql(&lab, "SELECT pg_create_physical_replication_slot('lab_slot', true)");
    look(PLAIN);
    CU_ASSERT_TRUE(is("lag", PREFLIGHT_WARN, "lab_slot", "pg_drop_replication_slot"));
    lab_sql(&lab, "SELECT pg_drop_replication_slot('lab_slot')");
}

static void a_check_can_be_left_out_by_name(void)
{
    static const char *const skip[] = {"rules"}, *const wrong[] = {"ruels"};
    struct preflight_options options = {.skip = wrong, .skip_count = 1};
    struct error err = ERROR_INIT;
    struct preflight none;

    lab_table(&lab);
    lab_sql(&lab, "CREATE RULE upd AS ON UPDATE TO lab.item DO ALSO NOTHING");
    look_with(PLAIN, LAB_UPDATE, (struct preflight_options){.skip = skip, .skip_count = 1});
    CU_ASSERT_TRUE(is("rules", PREFLIGHT_SKIPPED, "as asked", NULL));
    CU_ASSERT_FALSE(preflight_has_failed(&result));
    lab_open(&lab);
    CU_ASSERT_EQUAL(preflight_run(&lab.session, &options, &none, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONFIG);
    CU_ASSERT_TRUE(holds(err.text, "'ruels'; try one of connection, server_version"));
    session_close(&lab.session);
}

static void a_quick_look_leaves_out_what_only_warns(void)
{
    lab_table(&lab);
    look_with(FLAGGED, LAB_UPDATE, (struct preflight_options){.ranks = 2, .quick = true});
    CU_ASSERT_STRING_EQUAL(find("fillfactor")->name, "missing");
    CU_ASSERT_STRING_EQUAL(find("lag")->name, "missing");
    CU_ASSERT_TRUE(is("flag_values", PREFLIGHT_PASS, "only", NULL));
    CU_ASSERT_TRUE(is("index", PREFLIGHT_PASS, "small", NULL));
    CU_ASSERT_TRUE(is("privileges", PREFLIGHT_PASS, "has", NULL));
}

static void no_remedy_takes_an_access_exclusive_lock(void)
{
    static const char *const forbidden[] = {"VACUUM FULL",    "REINDEX",        "CLUSTER",
                                            "DROP INDEX lab", "TRUNCATE",       "LOCK",
                                            "SET NOT NULL",   "DISABLE TRIGGER"};

    lab_table(&lab);
    big_table();
    lab_sql(&lab, "ALTER TABLE lab.item RESET (fillfactor); DROP INDEX lab.item_day_name_idx; "
                  "CREATE INDEX ON "
                  "lab.item (busy); UPDATE lab.item SET busy = 3 WHERE name = 'n7'");
    look(FLAGGED);
    for (int i = 0; i < result.count; i++)
        for (size_t j = 0; j < sizeof forbidden / sizeof forbidden[0]; j++)
            CU_ASSERT_FALSE(result.findings[i].remedy != NULL &&
                            holds(result.findings[i].remedy, forbidden[j]));
    CU_ASSERT_TRUE(preflight_has_failed(&result));
}

int main(void)
{
    static CU_TestInfo tests[] = {
        TEST(missing_rights_are_named_as_grants),
        TEST(the_grants_that_are_named_are_enough),
        TEST(row_security_that_applies_is_refused),
        TEST(without_the_right_to_temporary_views_the_rest_is_looked_at),
        TEST(an_update_that_the_server_refuses_is_refused),
        TEST(an_update_of_another_table_is_refused),
        TEST(an_update_that_moves_rows_is_warned_of),
        TEST(a_filter_in_a_cte_is_warned_of),
        TEST(an_update_inside_of_another_statement_is_refused),
        TEST(a_filter_that_does_not_bound_the_update_is_refused),
        TEST(steps_are_looked_at_and_not_executed),
        TEST(a_server_that_is_read_only_is_refused),
        TEST(too_few_connections_are_refused),
        TEST(packed_pages_are_warned_of),
        TEST(a_table_without_statistics_is_warned_of),
        TEST(slots_that_nobody_reads_are_warned_of),
        TEST(a_check_can_be_left_out_by_name),
        TEST(a_quick_look_leaves_out_what_only_warns),
        TEST(no_remedy_takes_an_access_exclusive_lock),
        CU_TEST_INFO_NULL,
    };

    lab_begin(&lab, PLAIN, LAB_UPDATE);
    int status = unit_run("preflight_rights", tests);
    preflight_clear(&result);
    lab_end(&lab);
    return status;
}
