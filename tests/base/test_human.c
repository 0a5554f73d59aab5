/* How numbers and lines are shown to people. */
#include "base/human.h"

#include <limits.h>
#include <string.h>

#include "unit.h"

static void numbers_have_commas_at_thousands(void)
{
    CU_ASSERT_STRING_EQUAL(human_number(0).text, "0");
    CU_ASSERT_STRING_EQUAL(human_number(999).text, "999");
    CU_ASSERT_STRING_EQUAL(human_number(1000).text, "1,000");
    CU_ASSERT_STRING_EQUAL(human_number(-1234567).text, "-1,234,567");
    CU_ASSERT_STRING_EQUAL(human_number(-123).text, "-123");
    CU_ASSERT_STRING_EQUAL(human_number(INT64_MAX).text, "9,223,372,036,854,775,807");
    CU_ASSERT_STRING_EQUAL(human_number(INT64_MIN).text, "-9,223,372,036,854,775,808");
}

static void one_is_singular_and_none_is_plural(void)
{
    CU_ASSERT_STRING_EQUAL(human_count(1, "chunk").text, "1 chunk");
    CU_ASSERT_STRING_EQUAL(human_count(2, "chunk").text, "2 chunks");
    CU_ASSERT_STRING_EQUAL(human_count(0, "row").text, "0 rows");
    CU_ASSERT_STRING_EQUAL(human_count(21000, "row").text, "21,000 rows");
}

static void durations_choose_the_unit_after_rounding(void)
{
    static const struct {
        int64_t ns;
        const char *shown;
    } cases[] = {
        {-1, "0 s"},
        {0, "0 s"},
        {420000, "0.4 ms"},
        {9940000, "9.9 ms"},
        {9960000, "10 ms"},
        {340000000, "340 ms"},
        {999400000, "999 ms"},
        {999600000, "1.0 s"},
        {1249000000, "1.2 s"},
        {59940000000, "59.9 s"},
        {59970000000, "1 min 00 s"},
        {125000000000, "2 min 05 s"},
        {INT64_C(3599600000000), "1 h 00 min"},
        {INT64_C(7380000000000), "2 h 03 min"},
        {INT64_C(360000000000000), "100 h 00 min"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CU_ASSERT_STRING_EQUAL(human_duration(cases[i].ns).text, cases[i].shown);
    CU_ASSERT_STRING_EQUAL(human_duration(INT64_MAX).text, "2562047 h 47 min");
}

static void sizes_choose_the_unit_after_rounding(void)
{
    CU_ASSERT_STRING_EQUAL(human_bytes(0).text, "0 bytes");
    CU_ASSERT_STRING_EQUAL(human_bytes(1).text, "1 byte");
    CU_ASSERT_STRING_EQUAL(human_bytes(1023).text, "1,023 bytes");
    CU_ASSERT_STRING_EQUAL(human_bytes(1024).text, "1.0 KiB");
    CU_ASSERT_STRING_EQUAL(human_bytes(1024 * 1024 - 1).text, "1.0 MiB");
    CU_ASSERT_STRING_EQUAL(human_bytes(INT64_C(4080218931)).text, "3.8 GiB");
    CU_ASSERT_STRING_EQUAL(human_bytes(INT64_MAX).text, "8192.0 PiB");
}

static void shares_tell_little_from_nothing_and_need_a_whole(void)
{
    CU_ASSERT_STRING_EQUAL(human_share(1, 0).text, "-");
    CU_ASSERT_STRING_EQUAL(human_share(0, 10).text, "0%");
    CU_ASSERT_STRING_EQUAL(human_share(0.01, 10).text, "<1%");
    CU_ASSERT_STRING_EQUAL(human_share(3.7, 10).text, "37%");
    CU_ASSERT_STRING_EQUAL(human_share(10, 10).text, "100%");
    CU_ASSERT_STRING_EQUAL(human_share(2999, 3000).text, ">99%");
}

static void wraps_to(const char *before, int indent, int columns, const char *s,
                     const char *expected)
{
    struct text out = TEXT_INIT;

    text_add(&out, before);
    human_wrap(&out, indent, columns, s);
    CU_ASSERT_STRING_EQUAL(text_string(&out), expected);
    text_free(&out);
}

static void lines_break_between_words(void)
{
    wraps_to("", 0, 9, "one two three", "one two\nthree\n");
    wraps_to("", 0, 7, "one two three", "one two\nthree\n");
    wraps_to("", 2, 9, "one two three four", "one two\n  three\n  four\n");
    wraps_to("above\nlabel ", 6, 12, "a b c d e", "above\nlabel a b c\n      d e\n");
    wraps_to("", 0, 20, "  a\n\tb  ", "a b\n");
    wraps_to("", 4, 20, "", "\n");
}

static void a_word_longer_than_a_line_is_broken_inside(void)
{
    wraps_to("", 2, 6, "abcdefghijkl mn", "abcdef\n  ghij\n  kl\n  mn\n");
    wraps_to("", 0, 3, "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f", "\xc3\xa4\xc3\xb6\xc3\xbc\n\xc3\x9f\n");
}

static void cells_are_filled_or_cut_by_code_points(void)
{
    struct text out = TEXT_INIT;

    human_cell(&out, 5, "abc");
    human_cell(&out, 5, "abcde");
    human_cell(&out, 5, "abcdef");
    human_cell(&out, 4, "\xc3\xa4\xc3\xb6");
    human_cell(&out, 3, "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f");
    CU_ASSERT_STRING_EQUAL(text_string(&out), "abc  abcdeabc..\xc3\xa4\xc3\xb6  \xc3\xa4..");
    CU_ASSERT_EQUAL(human_columns(text_string(&out)), 22);
    text_free(&out);
}

int main(void)
{
    CU_TestInfo tests[] = {TEST(numbers_have_commas_at_thousands),
                           TEST(one_is_singular_and_none_is_plural),
                           TEST(durations_choose_the_unit_after_rounding),
                           TEST(sizes_choose_the_unit_after_rounding),
                           TEST(shares_tell_little_from_nothing_and_need_a_whole),
                           TEST(lines_break_between_words),
                           TEST(a_word_longer_than_a_line_is_broken_inside),
                           TEST(cells_are_filled_or_cut_by_code_points),
                           CU_TEST_INFO_NULL};
    return unit_run("human", tests);
}
