/* The string builder, errors that gather context, and memory: what every layer stands on. */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "unit.h"

static void a_text_never_written_to_is_empty(void)
{
    struct text text = TEXT_INIT;

    CU_ASSERT_STRING_EQUAL(text_string(&text), "");
    CU_ASSERT_PTR_NULL(text.data);
    text_clear(&text);
    text_free(&text);
    char *taken = text_take(&text);
    CU_ASSERT_STRING_EQUAL(taken, "");
    free(taken);
}

static void a_text_grows_over_every_boundary_of_its_capacity(void)
{
    struct text text = TEXT_INIT;

    for (size_t i = 0; i < 1000; i++) {
        text_add(&text, "x");
        CU_ASSERT_EQUAL(text.bytes, i + 1);
        CU_ASSERT_EQUAL(strlen(text_string(&text)), i + 1);
    }
    text_clear(&text);
    CU_ASSERT_STRING_EQUAL(text_string(&text), "");
    text_format(&text, "%s-%d", "a", 7);
    text_format(&text, "%s", "");
    text_add(&text, "!");
    CU_ASSERT_STRING_EQUAL(text_string(&text), "a-7!");
    text_free(&text);
}

static void a_formatted_piece_may_be_larger_than_the_capacity(void)
{
    struct text text = TEXT_INIT;

    text_format(&text, "%300d|", 1);
    CU_ASSERT_EQUAL(text.bytes, 301);
    CU_ASSERT_EQUAL(text_string(&text)[300], '|');
    text_free(&text);
}

static void bytes_may_hold_a_nul(void)
{
    struct text text = TEXT_INIT;

    text_add_bytes(&text, "a\0b", 3);
    text_add_bytes(&text, NULL, 0);
    CU_ASSERT_EQUAL(text.bytes, 3);
    CU_ASSERT_EQUAL(memcmp(text.data, "a\0b", 4), 0);
    text_free(&text);
}

static void what_is_taken_is_no_longer_the_texts(void)
{
    struct text text = TEXT_INIT;

    text_add(&text, "first");
    char *taken = text_take(&text);
    text_add(&text, "second");
    CU_ASSERT_STRING_EQUAL(taken, "first");
    CU_ASSERT_STRING_EQUAL(text_string(&text), "second");
    free(taken);
    text_free(&text);
}

static void an_error_is_overwritten_and_given_context(void)
{
    struct error err = ERROR_INIT;

    CU_ASSERT_EQUAL(error_sql(&err, ERROR_SERVER, "40001", "update: %s", "conflict"), -1);
    CU_ASSERT_STRING_EQUAL(err.sqlstate, "40001");
    error_context(&err, "chunk %d", 7);
    CU_ASSERT_STRING_EQUAL(err.text, "chunk 7: update: conflict");
    CU_ASSERT_EQUAL(err.kind, ERROR_SERVER);
    CU_ASSERT_EQUAL(error_set(&err, ERROR_CONFIG, "other"), -1);
    CU_ASSERT_STRING_EQUAL(err.sqlstate, "");
    CU_ASSERT_STRING_EQUAL(err.text, "other");
    CU_ASSERT_EQUAL(error_sql(&err, ERROR_CONNECTION, NULL, "gone"), -1);
    CU_ASSERT_STRING_EQUAL(err.sqlstate, "");
    error_clear(&err);
    CU_ASSERT_EQUAL(err.kind, ERROR_NONE);
    CU_ASSERT_STRING_EQUAL(err.text, "");
}

static void an_error_may_quote_itself(void)
{
    struct error err = ERROR_INIT;

    error_set(&err, ERROR_FATAL, "inner");
    error_set(&err, ERROR_FATAL, "outer: %s", err.text);
    CU_ASSERT_STRING_EQUAL(err.text, "outer: inner");
}

static void an_error_too_long_is_cut_and_ended(void)
{
    struct error err = ERROR_INIT;
    char line[2 * sizeof err.text];

    memset(line, 'x', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    error_set(&err, ERROR_FATAL, "%s", line);
    CU_ASSERT_EQUAL(strlen(err.text), sizeof err.text - 1);
    error_context(&err, "first");
    CU_ASSERT_EQUAL(strlen(err.text), sizeof err.text - 1);
    CU_ASSERT_EQUAL(strncmp(err.text, "first: xxx", 10), 0);
}

static void every_kind_of_error_has_its_exit_status(void)
{
    static const struct {
        enum error_kind kind;
        int status;
    } cases[] = {
        {ERROR_NONE, 0},        {ERROR_CONFIG, 2}, {ERROR_REFUSED, 3},
        {ERROR_SERVER, 5},      {ERROR_FATAL, 5},  {ERROR_LIVE, 6},
        {ERROR_CONNECTION, 69}, {ERROR_BUG, 70},   {ERROR_INTERRUPTED, 75},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CU_ASSERT_EQUAL(error_exit_status(cases[i].kind), cases[i].status);
}

static void copies_are_copies_and_null_stays_null(void)
{
    char original[] = "abc";
    char *copy = memory_copy_string(original);

    original[0] = 'x';
    CU_ASSERT_STRING_EQUAL(copy, "abc");
    CU_ASSERT_PTR_NULL(memory_copy_string(NULL));
    free(copy);
    int *zeros = memory_zero(4, sizeof *zeros);
    CU_ASSERT_EQUAL(zeros[0] + zeros[3], 0);
    zeros = memory_grow(zeros, 8, sizeof *zeros);
    CU_ASSERT_EQUAL(zeros[3], 0);
    free(zeros);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_text_never_written_to_is_empty),
        TEST(a_text_grows_over_every_boundary_of_its_capacity),
        TEST(a_formatted_piece_may_be_larger_than_the_capacity),
        TEST(bytes_may_hold_a_nul),
        TEST(what_is_taken_is_no_longer_the_texts),
        TEST(an_error_is_overwritten_and_given_context),
        TEST(an_error_may_quote_itself),
        TEST(an_error_too_long_is_cut_and_ended),
        TEST(every_kind_of_error_has_its_exit_status),
        TEST(copies_are_copies_and_null_stays_null),
        CU_TEST_INFO_NULL,
    };
    return unit_run("text", tests);
}
