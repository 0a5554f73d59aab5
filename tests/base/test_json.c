/* The JSON writer: what it writes can be read, whatever it is given. */
#include "base/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "unit.h"

/* The document in one line, without its newline; owned by the caller. */
static char *printed(struct cJSON *root)
{
    struct text text = TEXT_INIT;

    json_text(root, JSON_IN_ONE_LINE, &text);
    CU_ASSERT_EQUAL(text.data[text.bytes - 1], '\n');
    text.data[text.bytes - 1] = '\0';
    return text_take(&text);
}

static void check(struct cJSON *root, const char *expected)
{
    char *text = printed(root);

    CU_ASSERT_STRING_EQUAL(text, expected);
    free(text);
}

static void members_and_items_come_in_their_order(void)
{
    struct cJSON *root = json_object(NULL, NULL);
    struct cJSON *list = json_array(root, "list");

    json_string(list, NULL, "a");
    json_number(list, NULL, -1);
    json_bool(json_object(list, NULL), "b", true);
    json_string_or_null(root, "unknown", "");
    json_null(root, "none");
    check(root, "{\"list\":[\"a\",-1,{\"b\":true}],\"unknown\":null,\"none\":null}");
}

static void whole_numbers_keep_all_their_digits(void)
{
    struct cJSON *root = json_array(NULL, NULL);

    json_number(root, NULL, INT64_MAX);
    json_number(root, NULL, INT64_MIN);
    json_number(root, NULL, INT64_C(9007199254740993));
    check(root, "[9223372036854775807,-9223372036854775808,9007199254740993]");
}

static void numbers_that_json_has_not_are_null(void)
{
    struct cJSON *root = json_array(NULL, NULL);

    json_real(root, NULL, (double)NAN);
    json_real(root, NULL, (double)INFINITY);
    json_rounded(root, NULL, (double)-INFINITY);
    json_rounded(root, NULL, 1.0 / 3);
    json_real(root, NULL, 0.25);
    check(root, "[null,null,null,0.333333,0.25]");
}

static void any_bytes_become_well_formed(void)
{
    static const char *const values[] = {"\xff\xfe",           "a\xc3",         "\xe2\x82",
                                         "\xed\xa0\x80",       "\xc0\x80",      "\xf4\x90\x80\x80",
                                         "gr\xc3\xbc\xc3\x9f", "\x01\"\\\n\x7f"};

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct cJSON *root = json_object(NULL, NULL);
        json_string(root, values[i], values[i]);
        char *text = printed(root);
        for (const char *s = text; *s != '\0'; s += utf8_sequence_bytes(s))
            CU_ASSERT_NOT_EQUAL_FATAL(utf8_sequence_bytes(s), 0);
        cJSON *read = cJSON_Parse(text);
        const cJSON *member = cJSON_IsObject(read) ? read->child : NULL;
        const char *value = cJSON_GetStringValue(member);
        CU_ASSERT_TRUE(member != NULL && value != NULL && value[0] != '\0' &&
                       strcmp(value, member->string) == 0);
        cJSON_Delete(read);
        free(text);
    }
}

static void an_item_on_a_line_of_its_own_is_valid_too(void)
{
    struct cJSON *root = json_object(NULL, NULL);
    struct cJSON *list = json_array(root, "list");
    struct text text = TEXT_INIT;

    for (int i = 0; i < 3; i++) {
        struct cJSON *item = json_object(NULL, NULL);
        json_number(item, "id", i);
        json_line(list, item);
    }
    json_text(root, JSON_IN_LINES, &text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text_string(&text), "\n\t\t{\"id\":1}"));
    cJSON *read = cJSON_Parse(text_string(&text));
    CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItem(read, "list")), 3);
    cJSON_Delete(read);
    text_free(&text);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(members_and_items_come_in_their_order),     TEST(whole_numbers_keep_all_their_digits),
        TEST(numbers_that_json_has_not_are_null),        TEST(any_bytes_become_well_formed),
        TEST(an_item_on_a_line_of_its_own_is_valid_too), CU_TEST_INFO_NULL,
    };

    return unit_run("json", tests);
}
