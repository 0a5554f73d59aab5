/* What is read off an UPDATE's text. */
#include "core/sql/update_outline.h"

#include <string.h>

#include "unit.h"

/* The assigned columns as one string, "a,b"; "!" first where it is no update, "~" where it isn't
 * filtered. */
static const char *outline_of(const char *sql)
{
    static char shown[200];
    struct update_outline outline;
    size_t used = 0;

    update_outline_read(sql, &outline);
    used += (size_t)snprintf(shown, sizeof shown, "%s%s", outline.is_update ? "" : "!",
                             outline.is_filtered ? "" : "~");
    for (int i = 0; i < outline.column_count; i++)
        used += (size_t)snprintf(shown + used, sizeof shown - used, "%s%s", i > 0 ? "," : "",
                                 outline.columns[i]);
    update_outline_clear(&outline);
    return shown;
}

static void the_assigned_columns_are_found(void)
{
    static const char *const cases[][2] = {
        {"UPDATE x AS t SET a = 1 WHERE {chunk_filter}", "a"},
        {"update only x t set A = 1, \"B\" = t.b + 2, c = 3 from y where y.id = t.id and "
         "{chunk_filter}",
         "a,B,c"},
        {"UPDATE x AS t SET \"od\"\"d\" = 1 WHERE {chunk_filter}", "od\"d"},
        {"UPDATE x AS t SET (a, \"B\") = (SELECT c, d FROM y), e = 1 WHERE {chunk_filter}",
         "a,B,e"},
        {"UPDATE x AS t SET a = f(1, 2), b[1] = 3, c = ARRAY[4, 5] WHERE {chunk_filter}", "a,b,c"},
        {"UPDATE x AS t SET a = t.b IS DISTINCT FROM t.c, d = 1 FROM y WHERE {chunk_filter}",
         "a,d"},
        {"UPDATE x AS t SET a = 'x, b = 1 WHERE', /* c = 1, */ d = $$, e = 1$$ -- , f = 1\n WHERE "
         "{chunk_filter}",
         "a,d"},
        {"WITH s AS (UPDATE y SET z = 1 RETURNING *) UPDATE x AS t SET a = 1 FROM s WHERE "
         "{chunk_filter}",
         "a"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CU_ASSERT_STRING_EQUAL(outline_of(cases[i][0]), cases[i][1]);
}

static bool is_about_t(const char *sql)
{
    struct update_outline outline;

    update_outline_read(sql, &outline);
    bool is_so = outline.is_about_t;
    update_outline_clear(&outline);
    return is_so;
}

static void the_alias_of_the_table_is_seen(void)
{
    static const char *const right[] = {
        "UPDATE x AS t SET a = 1",
        "UPDATE x T SET a = 1",
        "UPDATE ONLY s.x * AS \"t\" SET a = 1",
        "UPDATE t SET a = 1",
        "UPDATE s.\"t\" SET a = 1",
        "WITH y AS (SELECT 1) UPDATE x /* AS o */ AS t SET a = t.b FROM y AS o",
    };
    static const char *const wrong[] = {
        "UPDATE x AS o SET a = 1 FROM y AS t",
        "UPDATE x SET a = 1",
        "UPDATE t AS o SET a = 1",
        "UPDATE t.x SET a = 1",
        "UPDATE x AS \"T\" SET a = 1",
        "UPDATE t.t AS \"t t\" SET a = 1",
    };

    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        CU_ASSERT_TRUE(is_about_t(right[i]));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CU_ASSERT_FALSE(is_about_t(wrong[i]));
}

static void a_filter_in_a_subquery_or_a_with_is_seen(void)
{
    static const char *const cases[][2] = {
        {"WITH s AS (SELECT * FROM x t WHERE {chunk_filter}) UPDATE x u SET a = 1 FROM s WHERE "
         "s.id = u.id",
         "~a"},
        {"UPDATE x u SET a = 1 FROM (SELECT * FROM x t WHERE {chunk_filter}) s WHERE s.id = u.id",
         "~a"},
        {"UPDATE x u SET a = 1 WHERE id IN (SELECT id FROM x t WHERE (({chunk_filter})))", "~a"},
        {"UPDATE x t SET a = (SELECT 1 WHERE {chunk_filter})", "~a"},
        {"UPDATE x t SET a = (SELECT 1) WHERE ((t.b OR t.c) AND ({chunk_filter}))", "a"},
        {"WITH s AS (SELECT 1) UPDATE x t SET a = 1 FROM s WHERE {chunk_filter}", "a"},
        {"UPDATE x t SET a = 1 WHERE '{chunk_filter}' <> ''", "~a"},
        {"UPDATE x t SET a = 1 WHERE {{chunk_filter}", "~a"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CU_ASSERT_STRING_EQUAL(outline_of(cases[i][0]), cases[i][1]);
}

static void what_is_no_update_has_no_columns(void)
{
    CU_ASSERT_STRING_EQUAL(outline_of("DELETE FROM x t WHERE {chunk_filter}"), "!~");
    CU_ASSERT_STRING_EQUAL(outline_of("WITH u AS (UPDATE x t SET a = 1) SELECT 1"), "!~");
    CU_ASSERT_STRING_EQUAL(outline_of(""), "!~");
    CU_ASSERT_STRING_EQUAL(outline_of("UPDATE x t SET a = ((((("), "~a");
}

static void parentheses_deeper_than_any_are_survived(void)
{
    struct update_outline outline;
    char deep[1000];

    memset(deep, '(', sizeof deep);
    memcpy(deep, "UPDATE x t SET a = ", 19);
    deep[sizeof deep - 1] = '\0';
    update_outline_read(deep, &outline);
    CU_ASSERT_TRUE(update_outline_assigns(&outline, "a"));
    CU_ASSERT_FALSE(update_outline_assigns(&outline, "A"));
    update_outline_clear(&outline);
}

int main(void)
{
    static CU_TestInfo tests[] = {
        TEST(the_assigned_columns_are_found),           TEST(the_alias_of_the_table_is_seen),
        TEST(a_filter_in_a_subquery_or_a_with_is_seen), TEST(what_is_no_update_has_no_columns),
        TEST(parentheses_deeper_than_any_are_survived), CU_TEST_INFO_NULL};

    return unit_run("update_outline", tests);
}
