/* Placeholders: where they are seen, where they are not, and what is said of unknown ones. */
#include "core/sql/template.h"

#include <string.h>

#include "base/edit_distance.h"
#include "unit.h"

static const struct template_value values[] = {{"a", "1"}, {"conflict_schema", "\"Odd {a}\""}};

/* expected NULL: refused. */
static void expands_to(const char *text, const char *expected)
{
    struct text out = TEXT_INIT;
    struct error err = ERROR_INIT;
    int rc = template_expand("x.sql", text, values, 2, &out, &err);

    CU_ASSERT_EQUAL(rc, expected == NULL ? -1 : 0);
    CU_ASSERT_STRING_EQUAL(text_string(&out), expected == NULL ? "" : expected);
    if (strcmp(text_string(&out), expected == NULL ? "" : expected) != 0)
        printf("\n    %s\n -> %s (%s)", text, text_string(&out), err.text);
    text_free(&out);
}

static void a_placeholder_becomes_its_value_as_it_stands(void)
{
    expands_to("", "");
    expands_to("{a}", "1");
    expands_to("x{a}y{a}", "x1y1");
    expands_to("FROM {conflict_schema}.t", "FROM \"Odd {a}\".t");
}

static void a_doubled_brace_is_a_brace(void)
{
    expands_to("{{a}", "{a}");
    expands_to("{{{a}", "{1");
    expands_to("}", "}");
}

static void literals_quoted_names_and_comments_are_left_alone(void)
{
    static const char *const same[] = {
        "'{b}'",
        "'it''s {b}'",
        "'\\' || '{b}'",
        "\"{b}\"",
        "\"x\"\"{b}\"",
        "E'\\'{b}'",
        "e'a''{b}'",
        "E'a'\n'\\'{b}'",
        "N'{b}'",
        "U&'{b}'",
        "$${b}$$",
        "$x$ $$ {b} $x$",
        "$x1$ $x$ {b} $x1$",
        "-- {b}\n",
        "-- {b}",
        "/* {b} */",
        "/* /* */ {b} */",
        "'{b} never closed",
        "/* {b} never",
        "$$ {b} never",
        "\"{b} never",
        "'{1,2}'::int[]",
        "$_\xC3\xA9$ {b} $_\xC3\xA9$",
    };

    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        expands_to(same[i], same[i]);
}

static void placeholders_behind_literals_and_comments_are_seen(void)
{
    expands_to("'x'{a}", "'x'1");
    expands_to("'\\'{a}", "'\\'1");
    expands_to("name'\\'{a}", "name'\\'1");
    expands_to("E'x' {a}", "E'x' 1");
    expands_to("E'x' '\\' {a}", "E'x' '\\' 1");
    expands_to("-- x\n{a}", "-- x\n1");
    expands_to("/* /* */ */{a}", "/* /* */ */1");
    expands_to("$1 {a} $2", "$1 1 $2");
    expands_to("a$b$ {a} $b$", "a$b$ 1 $b$");
    expands_to("$x$ $y$ $x${a}", "$x$ $y$ $x$1");
    expands_to("1 - {a} / {a} * {a}", "1 - 1 / 1 * 1");
    expands_to("/*/{a}*/{a}", "/*/{a}*/1");
}

static void a_brace_that_begins_no_placeholder_is_refused(void)
{
    static const char *const refused[] = {"{", "{}", "{A}", "{1a}", "{ a}", "{a", "{a b}", "{a-b}"};
    struct text out = TEXT_INIT;
    struct error err = ERROR_INIT;

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        expands_to(refused[i], NULL);
    CU_ASSERT_EQUAL(template_expand("x.sql", "\n{", values, 2, &out, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "x.sql:2: a { that begins no {placeholder}"));
}

static void an_unknown_placeholder_is_named_with_its_line_and_the_nearest_first(void)
{
    struct text out = TEXT_INIT;
    struct error err = ERROR_INIT;

    CU_ASSERT_EQUAL(template_expand("x.sql", "'\n'\n{conflict_shcema}", values, 2, &out, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONFIG);
    CU_ASSERT_STRING_EQUAL(
        err.text,
        "x.sql:3: unknown placeholder {conflict_shcema}; known here: {conflict_schema}, {a}");
    template_expand("x.sql", "{quite_other}", values, 2, &out, &err);
    CU_ASSERT_STRING_EQUAL(
        err.text, "x.sql:1: unknown placeholder {quite_other}; known here: {a}, {conflict_schema}");
    template_expand("x.sql", "{b}", values, 0, &out, &err);
    CU_ASSERT_STRING_EQUAL(err.text, "x.sql:1: unknown placeholder {b}; known here: none");
    CU_ASSERT_EQUAL(out.bytes, 0);
}

static void what_is_kept_for_later_survives_a_first_expansion(void)
{
    static const struct template_value first[] = {{"a", "'{later}'"}, {"later", NULL}};
    static const struct template_value second[] = {{"later", "2"}};
    struct text once = TEXT_INIT;
    struct text twice = TEXT_INIT;
    struct error err = ERROR_INIT;

    CU_ASSERT_EQUAL(template_expand("x", "{a} {later} {{", first, 2, &once, &err), 0);
    CU_ASSERT_STRING_EQUAL(text_string(&once), "'{later}' {later} {{");
    CU_ASSERT_EQUAL(template_expand("x", text_string(&once), second, 1, &twice, &err), 0);
    CU_ASSERT_STRING_EQUAL(text_string(&twice), "'{later}' 2 {");
    text_free(&once);
    text_free(&twice);
}

static void uses_sees_only_what_expand_would_expand(void)
{
    CU_ASSERT_TRUE(template_uses("x AND {chunk_filter}", "chunk_filter"));
    CU_ASSERT_TRUE(template_uses("{ {chunk_filter}", "chunk_filter"));
    CU_ASSERT_FALSE(template_uses("x AND {chunk_filters}", "chunk_filter"));
    CU_ASSERT_FALSE(template_uses("x AND {chunk}", "chunk_filter"));
    CU_ASSERT_FALSE(template_uses("-- {chunk_filter}", "chunk_filter"));
    CU_ASSERT_FALSE(template_uses("'{chunk_filter}'", "chunk_filter"));
    CU_ASSERT_FALSE(template_uses("{{chunk_filter}", "chunk_filter"));
    CU_ASSERT_FALSE(template_uses("", "chunk_filter"));
}

static void statements_are_counted_by_semicolons_that_separate(void)
{
    static const struct {
        const char *text;
        int statements;
    } cases[] = {
        {"", 0},
        {" \n -- only a comment;\n /* ; */ ;", 0},
        {"SELECT 1", 1},
        {"SELECT 1;", 1},
        {"SELECT 1; -- done;\n", 1},
        {"SELECT 1;;", 1},
        {"SELECT ';', \";\", $$;$$, E'\\';' /* ; */", 1},
        {"SELECT 1; SELECT 2", 2},
        {"SELECT 1;'x'", 2},
        {"SELECT '\\'; SELECT 2", 2},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CU_ASSERT_EQUAL(template_statements(cases[i].text), cases[i].statements);
}

static void a_statement_ends_behind_its_semicolon_and_no_other(void)
{
    static const char *const statements[] = {
        "SELECT ';' ;", " /* ; */ VACUUM t;", "-- ; \nDO $x$ a; b $x$;", "SELECT \"a;b\"", "",
    };
    struct text text = TEXT_INIT;

    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
        text_add(&text, statements[i]);
    const char *s = text_string(&text);
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        const char *end = template_statement_end(s);
        CU_ASSERT_EQUAL((size_t)(end - s), strlen(statements[i]));
        s = end;
    }
    text_free(&text);
}

static void what_ends_a_transaction_is_seen(void)
{
    static const char *const ends[] = {
        "COMMIT",
        "SELECT 1; commit work;",
        "BEGIN; x; END",
        "/* */ ; ROLLBACK",
        "a;\nABORT;",
        "ROLLBACK WORK; SELECT 'to'",
        "PREPARE TRANSACTION 'x'",
        "COMMIT PREPARED 'x'",
    };
    static const char *const goes_on[] = {
        "",
        "SELECT 1; SELECT commit FROM t",
        "SAVEPOINT a; ROLLBACK TO a; ROLLBACK WORK TO SAVEPOINT a",
        "DO $$ BEGIN COMMIT; END $$",
        "SELECT 'x; COMMIT'; -- COMMIT\n SELECT CASE WHEN a THEN 1 END",
        "PREPARE p AS SELECT 1",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END; SELECT 1",
    };

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        CU_ASSERT_TRUE(template_ends_transaction(ends[i]));
    for (size_t i = 0; i < sizeof goes_on / sizeof goes_on[0]; i++)
        CU_ASSERT_FALSE(template_ends_transaction(goes_on[i]));
}

static void what_could_leak_out_of_parentheses_is_not_closed(void)
{
    static const char *const closed[] = {
        "",      "a",    "(a)",       "a[1]",  "f(a[(1)])",      "')'",
        "\"(\"", "-- )", "/* ( */ a", "$$)$$", "E'\\')' || '('",
    };
    static const char *const open[] = {
        "a) OR (true", "(a",         "a)",   "(a]",      "'a",    "\"a",
        "/* a",        "/* /* */ a", "$$ a", "$x$ a $$", "E'\\'",
    };

    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++)
        CU_ASSERT_TRUE(template_is_closed(closed[i]));
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
        CU_ASSERT_FALSE(template_is_closed(open[i]));
}

static void edit_distance_counts_letters_that_differ(void)
{
    char longest[80];

    CU_ASSERT_EQUAL(edit_distance("", ""), 0);
    CU_ASSERT_EQUAL(edit_distance("key", "key"), 0);
    CU_ASSERT_EQUAL(edit_distance("", "key"), 3);
    CU_ASSERT_EQUAL(edit_distance("keys", "key"), 1);
    CU_ASSERT_EQUAL(edit_distance("kye", "key"), 1);
    CU_ASSERT_EQUAL(edit_distance("target_row", "target_rows"), 1);
    CU_ASSERT_EQUAL(edit_distance("kitten", "sitting"), 3);
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    CU_ASSERT_EQUAL(edit_distance(longest, "x"), 64);
    CU_ASSERT_TRUE(edit_distance_is_near(1, "key"));
    CU_ASSERT_FALSE(edit_distance_is_near(2, "key"));
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_placeholder_becomes_its_value_as_it_stands),
        TEST(a_doubled_brace_is_a_brace),
        TEST(literals_quoted_names_and_comments_are_left_alone),
        TEST(placeholders_behind_literals_and_comments_are_seen),
        TEST(a_brace_that_begins_no_placeholder_is_refused),
        TEST(an_unknown_placeholder_is_named_with_its_line_and_the_nearest_first),
        TEST(what_is_kept_for_later_survives_a_first_expansion),
        TEST(uses_sees_only_what_expand_would_expand),
        TEST(statements_are_counted_by_semicolons_that_separate),
        TEST(a_statement_ends_behind_its_semicolon_and_no_other),
        TEST(what_ends_a_transaction_is_seen),
        TEST(what_could_leak_out_of_parentheses_is_not_closed),
        TEST(edit_distance_counts_letters_that_differ),
        CU_TEST_INFO_NULL,
    };
    return unit_run("template", tests);
}
