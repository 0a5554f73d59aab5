/* What the target resolves to, and what it refuses: operators that the search path finds and that
 * are not those of the order, columns that an index only includes, children without NOT NULL. */
#include "lab.h"

static struct lab lab;

/* Resolves the job on a table lab.odd that the statements make. */
static int resolve(const char *statements, const char *rest, struct error *err)
{
    char job[400];

    snprintf(job, sizeof job,
             "{\"job\": \"lab\", \"table\": \"lab.odd\", \"update\": \"update.sql\"%s}", rest);
    lab_begin(&lab, job, LAB_UPDATE);
    lab_sql(&lab, statements);
    return session_open(lab.job_file, NULL, 0, "test", &lab.session, err);
}

static bool is_refused(const char *statements, const char *rest, const char *words)
{
    struct error err = ERROR_INIT;
    int rc = resolve(statements, rest, &err);
    bool is_so = rc != 0 && err.kind == ERROR_CONFIG && strstr(err.text, words) != NULL;

    if (!is_so)
        fprintf(stderr, "\n%s: %d %s\n", statements, rc, err.text);
    lab_end(&lab);
    return is_so;
}

static bool is_taken(const char *statements, const char *rest)
{
    struct error err = ERROR_INIT;
    int rc = resolve(statements, rest, &err);

    if (rc != 0)
        fprintf(stderr, "\n%s: %s\n", statements, err.text);
    lab_end(&lab);
    return rc == 0;
}

/* A type with an order of its own, whose operators are in the schema lab. */
#define BACKWARDS                                                                                  \
    "CREATE TYPE lab.level; "                                                                      \
    "CREATE FUNCTION lab.level_in(cstring) RETURNS lab.level LANGUAGE internal IMMUTABLE STRICT "  \
    "AS 'int4in'; "                                                                                \
    "CREATE FUNCTION lab.level_out(lab.level) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT " \
    "AS 'int4out'; "                                                                               \
    "CREATE TYPE lab.level (INPUT = lab.level_in, OUTPUT = lab.level_out, LIKE = int4); "          \
    "CREATE CAST (lab.level AS integer) WITHOUT FUNCTION AS IMPLICIT; " OPERATOR("<", "int4gt")    \
        OPERATOR("<=", "int4ge") OPERATOR("=", "int4eq") OPERATOR(">=", "int4le")                  \
            OPERATOR(">", "int4lt") "CREATE FUNCTION lab.level_order(lab.level, lab.level) "       \
                                    "RETURNS integer LANGUAGE sql "                                \
                                    "IMMUTABLE AS 'SELECT btint4cmp($2::integer, $1::integer)'; "  \
                                    "CREATE OPERATOR CLASS lab.level_ops DEFAULT FOR TYPE "        \
                                    "lab.level USING btree AS "                                    \
                                    "OPERATOR 1 lab.<, OPERATOR 2 lab.<=, OPERATOR 3 lab.=, "      \
                                    "OPERATOR 4 lab.>=, OPERATOR 5 lab.>, "                        \
                                    "FUNCTION 1 lab.level_order(lab.level, lab.level); "
#define OPERATOR(name, function)                                                                   \
    "CREATE FUNCTION lab.level_" function "(lab.level, lab.level) RETURNS boolean LANGUAGE "       \
    "internal IMMUTABLE STRICT AS '" function "'; "                                                \
    "CREATE OPERATOR lab." name " (LEFTARG = lab.level, RIGHTARG = lab.level, FUNCTION = "         \
    "lab.level_" function "); "

static void an_order_that_the_search_path_does_not_find_is_refused(void)
{
    static const char *const keys[] = {"lab.level", "lab.level_domain"};
    char table[100], statements[4000];

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        snprintf(table, sizeof table, "CREATE TABLE lab.odd (id integer PRIMARY KEY, level %s)",
                 keys[i]);
        snprintf(statements, sizeof statements,
                 "%s CREATE DOMAIN lab.level_domain AS lab.level; %s", BACKWARDS, table);
        CU_ASSERT_TRUE(is_refused(statements, ", \"key\": [\"t.level\"]",
                                  "the operators that order the type"));
        CU_ASSERT_TRUE(is_refused(statements,
                                  ", \"key\": [\"t.id\"], \"window\": {\"on\": \"t.level\", "
                                  "\"from\": \"'1'\", \"to\": \"'2'\"}",
                                  "which is not on the search_path"));
        setenv("PGOPTIONS", "-c search_path=public,lab", 1);
        CU_ASSERT_TRUE(is_taken(statements, ", \"key\": [\"t.level\"]"));
        unsetenv("PGOPTIONS");
    }
}

static void an_operator_that_would_be_taken_instead_is_refused(void)
{
    static const char rival[] =
        "CREATE TABLE lab.odd (id integer PRIMARY KEY, name varchar(20));"
        "CREATE FUNCTION lab.longer(varchar, varchar) RETURNS boolean LANGUAGE sql IMMUTABLE AS "
        "'SELECT length($1) > length($2)';"
        "CREATE OPERATOR lab.> (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = lab.longer)";

    CU_ASSERT_TRUE(is_taken(rival, ", \"key\": [\"t.name\"]"));
    setenv("PGOPTIONS", "-c search_path=public,lab", 1);
    CU_ASSERT_TRUE(is_refused(rival, ", \"key\": [\"t.name\"]", "would compare"));
    unsetenv("PGOPTIONS");
}

static void types_with_the_order_of_another_are_taken(void)
{
    static const char *const types[] = {
        "varchar",       "char(3)",  "name",        "\"char\"", "text COLLATE \"C\"",
        "numeric(5, 2)", "uuid",     "inet",        "cidr",     "integer[]",
        "int4range",     "lab.mood", "lab.natural", "regclass", "boolean",
        "timestamptz",   "interval", "bytea",       "oid",      "money",
        "bit(3)",        "macaddr",  "jsonb",       "xid8",
    };
    char statements[300];

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        snprintf(statements, sizeof statements,
                 "CREATE TYPE lab.mood AS ENUM ('sad', 'glad'); CREATE DOMAIN lab.natural AS "
                 "integer CHECK (value > 0); CREATE TABLE lab.odd (id integer PRIMARY KEY, v %s)",
                 types[i]);
        CU_ASSERT_TRUE(is_taken(statements, ", \"key\": [\"t.v\"]"));
    }
}

static void the_key_of_a_primary_key_is_not_what_it_includes(void)
{
    struct error err = ERROR_INIT;

    lab_must(resolve("CREATE TABLE lab.odd (a integer, b integer, c integer, PRIMARY KEY (b) "
                     "INCLUDE (a, c))",
                     "", &err),
             &err, "resolving");
    CU_ASSERT_EQUAL(lab.session.work.key_columns, 1);
    CU_ASSERT_STRING_EQUAL(lab.session.work.keys[0].expression, "t.b");
    CU_ASSERT_STRING_EQUAL(lab.session.work.row_id, "b");
    lab_end(&lab);
}

static void a_column_that_a_child_may_leave_empty_is_nullable(void)
{
    struct error err = ERROR_INIT;

    lab_must(resolve("CREATE TABLE lab.odd (id integer NOT NULL, n integer NOT NULL);"
                     "CREATE TABLE lab.child () INHERITS (lab.odd);"
                     "CREATE TABLE lab.grandchild () INHERITS (lab.child)",
                     ", \"key\": [\"t.id\", \"t.n\"]", &err),
             &err, "resolving");
    CU_ASSERT_FALSE(lab.session.work.keys[0].nullable || lab.session.work.keys[1].nullable);
    bool keeps = connection_server_version(lab.side) >= 180000; /* a child, its parent's NOT NULL */
    lab_end(&lab);
    if (keeps)
        return;
    lab_must(resolve("CREATE TABLE lab.odd (id integer NOT NULL, n integer NOT NULL);"
                     "CREATE TABLE lab.child () INHERITS (lab.odd);"
                     "CREATE TABLE lab.grandchild () INHERITS (lab.child);"
                     "ALTER TABLE lab.grandchild ALTER n DROP NOT NULL",
                     ", \"key\": [\"t.id\", \"t.n\"]", &err),
             &err, "resolving");
    CU_ASSERT_FALSE(lab.session.work.keys[0].nullable);
    CU_ASSERT_TRUE(lab.session.work.keys[1].nullable);
    lab_end(&lab);
}

static void a_row_id_that_no_array_can_hold_is_refused_with_a_flag(void)
{
    static const char table[] =
        "CREATE TABLE lab.odd (id integer[] PRIMARY KEY, day integer, busy integer)";

    CU_ASSERT_TRUE(is_taken(table, ", \"key\": [\"t.day\"]"));
    CU_ASSERT_TRUE(is_refused(table, ", \"key\": [\"t.day\"], \"flag\": \"busy\"",
                              "row_id: the type pg_catalog._int4 has no array type"));
}

static void triggers_decide_how_rows_are_known(void)
{
    static const char *const tables[] = {"", ", \"flag\": \"busy\"",
                                         ", \"key\": [\"t.day\"], \"may_assign\": [\"day\"]"};

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        struct error err = ERROR_INIT;
        lab_must(resolve("CREATE TABLE lab.odd (id integer PRIMARY KEY, day integer, busy integer)",
                         tables[i], &err),
                 &err, "resolving");
        struct work *work = &lab.session.work;
        CU_ASSERT_FALSE(work->marks_by_id || work->rows_may_move);
        lab_sql(&lab, "CREATE FUNCTION lab.f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN "
                      "NEW; END $$; CREATE TRIGGER f AFTER UPDATE ON lab.odd FOR EACH ROW EXECUTE "
                      "FUNCTION lab.f()");
        lab_must(target_triggers(lab.session.control, &lab.session.config, work, &err), &err,
                 "triggers");
        CU_ASSERT_EQUAL(work->marks_by_id, i == 1);
        CU_ASSERT_EQUAL(work->rows_may_move, i != 2);
        lab_end(&lab);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(an_order_that_the_search_path_does_not_find_is_refused),
        TEST(an_operator_that_would_be_taken_instead_is_refused),
        TEST(types_with_the_order_of_another_are_taken),
        TEST(the_key_of_a_primary_key_is_not_what_it_includes),
        TEST(a_column_that_a_child_may_leave_empty_is_nullable),
        TEST(a_row_id_that_no_array_can_hold_is_refused_with_a_flag),
        TEST(triggers_decide_how_rows_are_known),
        CU_TEST_INFO_NULL,
    };

    return unit_run("target", tests);
}
