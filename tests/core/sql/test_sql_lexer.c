/* The tokens of SQL text. */
#include "core/sql/sql_lexer.h"

#include <string.h>

#include "unit.h"

static void each_kind_of_token_ends_where_postgresql_ends_it(void)
{
    static const struct {
        const char *text;
        enum sql_token_kind kind;
        size_t bytes;
    } cases[] = {
        {"", SQL_END, 0},
        {" \t\n\rx", SQL_SPACE, 4},
        {"-- it's\nx", SQL_COMMENT, 7},
        {"-- to the end", SQL_COMMENT, 13},
        {"/* a /* b */ c */x", SQL_COMMENT, 17},
        {"select(", SQL_WORD, 6},
        {"a$1_\xc3\xa4 b", SQL_WORD, 6},
        {"\"a \"\"b\"\" c\".d", SQL_QUOTED_IDENTIFIER, 11},
        {"'it''s'x", SQL_STRING, 7},
        {"'back\\'x", SQL_STRING, 7},
        {"E'it\\'s'x", SQL_STRING, 8},
        {"e'a'\n  'b\\'c'd", SQL_STRING, 13},
        {"e'a' 'b'", SQL_STRING, 4},
        {"$$it's$$x", SQL_STRING, 8},
        {"$tag$ $$ $tag$x", SQL_STRING, 14},
        {"$12+", SQL_PARAMETER, 3},
        {"$ 1", SQL_SIGN, 1},
        {"12+", SQL_NUMBER, 2},
        {"1.5e-3x", SQL_NUMBER, 6},
        {".5)", SQL_NUMBER, 2},
        {"1e+", SQL_NUMBER, 1},
        {"{chunk_filter}x", SQL_PLACEHOLDER, 14},
        {"{a1}", SQL_PLACEHOLDER, 4},
        {"{1a}", SQL_SIGN, 1},
        {"{A}", SQL_SIGN, 1},
        {"{}", SQL_SIGN, 1},
        {"{{a}", SQL_BRACE, 2},
        {".x", SQL_SIGN, 1},
        {"-1", SQL_SIGN, 1},
        {"/2", SQL_SIGN, 1},
        {"::", SQL_SIGN, 1},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sql_token token = sql_lexer_token(cases[i].text);
        CU_ASSERT_EQUAL(token.kind, cases[i].kind);
        CU_ASSERT_EQUAL(token.bytes, cases[i].bytes);
        CU_ASSERT_TRUE(token.is_closed);
        CU_ASSERT_PTR_EQUAL(sql_lexer_next(&token), cases[i].text + cases[i].bytes);
    }
}

static void what_never_ends_takes_all_the_rest_and_is_not_closed(void)
{
    static const char *const cases[] = {"'a",   "'a''",   "\"a",      "e'a\\'", "e'a'\n'b",
                                        "$$a$", "$t$a$$", "/* /* */", "/*"};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sql_token token = sql_lexer_token(cases[i]);
        CU_ASSERT_FALSE(token.is_closed);
        CU_ASSERT_EQUAL(token.bytes, strlen(cases[i]));
    }
}

static void the_tokens_are_the_whole_text(void)
{
    static const char text[] = "UPDATE \"T\" AS t SET a = E'\\'' || $$x$$, b=-1.5e3 -- c\n"
                               "WHERE {chunk_filter} AND t.d <> $1 /* {{ */;";
    size_t bytes = 0;

    for (struct sql_token token = sql_lexer_token(text); token.kind != SQL_END;
         token = sql_lexer_token(sql_lexer_next(&token))) {
        CU_ASSERT_NOT_EQUAL_FATAL(token.bytes, 0);
        CU_ASSERT_PTR_EQUAL(token.start, text + bytes);
        bytes += token.bytes;
    }
    CU_ASSERT_EQUAL(bytes, strlen(text));
}

static void keywords_are_words_in_any_case(void)
{
    struct sql_token word = sql_lexer_token("Select x"), name = sql_lexer_token("\"select\""),
                     sign = sql_lexer_token(";x");

    CU_ASSERT_TRUE(sql_lexer_is(&word, "select"));
    CU_ASSERT_FALSE(sql_lexer_is(&word, "selects"));
    CU_ASSERT_FALSE(sql_lexer_is(&name, "select"));
    CU_ASSERT_TRUE(sql_lexer_is_sign(&sign, ';'));
    CU_ASSERT_FALSE(sql_lexer_is_sign(&word, 'S'));
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(each_kind_of_token_ends_where_postgresql_ends_it),
        TEST(what_never_ends_takes_all_the_rest_and_is_not_closed),
        TEST(the_tokens_are_the_whole_text),
        TEST(keywords_are_words_in_any_case),
        CU_TEST_INFO_NULL,
    };

    return unit_run("sql_lexer", tests);
}
