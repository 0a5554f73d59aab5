/* Messages of every kind come back as they were; every truncation and every wrong bit is refused.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/protocol/message.h"
#include "unit.h"

static void set(char **member, const char *value)
{
    free(*member);
    *member = memory_copy_string(value);
}

/* A value of its own for each member that struct work's lists name, but NULL for the window and the
 * flag. Numbers are at the ends of their types, so that no byte of them may be lost. */
static void fill(struct work *work, const struct work_field *field, int i)
{
    void *member = (char *)work + field->offset;

    switch (field->type) {
    case WORK_STRING:
        if (strncmp(field->name, "window_on", 9) != 0 && strcmp(field->name, "flag") != 0)
            *(char **)member = memory_copy_string(field->name);
        break;
    case WORK_INT64:
        *(int64_t *)member = i % 2 == 0 ? INT64_MIN + i : INT64_MAX - i;
        break;
    case WORK_INT32:
        *(int32_t *)member = i % 2 == 0 ? INT32_MIN + i : INT32_MAX - i;
        break;
    case WORK_UINT32:
        *(uint32_t *)member = UINT32_MAX - (uint32_t)i;
        break;
    case WORK_BOOL:
        *(bool *)member = true;
        break;
    }
}

static bool is_same(const struct work *a, const struct work *b, const struct work_field *field)
{
    const void *one = (const char *)a + field->offset;
    const void *other = (const char *)b + field->offset;
    size_t bytes = field->type == WORK_INT64  ? sizeof(int64_t)
                   : field->type == WORK_BOOL ? sizeof(bool)
                                              : sizeof(int32_t);

    if (field->type != WORK_STRING)
        return memcmp(one, other, bytes) == 0;
    const char *const *string = one;
    const char *const *other_string = other;
    if (*string == NULL || *other_string == NULL)
        return *string == *other_string;
    return strcmp(*string, *other_string) == 0;
}

static struct work full_work(void)
{
    struct work work = {.key_columns = 2};
    int count;
    const struct work_field *fields = work_fields_all(&count);

    for (int i = 0; i < count; i++)
        fill(&work, &fields[i], i);
    set(&work.table, "\"Z\xc3\xbcrich\".\"a\"\"b\"");
    set(&work.scope, "");
    set(&work.update, "UPDATE t SET a = 'O''Neill'\r\nWHERE {chunk_filter}");
    set(&work.keys[0].expression, "t.\"VisitDate\"::date -- \xe2\x82\xac");
    set(&work.keys[0].type, "\"pg_catalog\".\"date\"");
    work.keys[0].type_oid = 1082;
    work.keys[0].array_oid = 1182;
    set(&work.keys[1].expression, "t.\"SSN\"");
    set(&work.keys[1].type, "\"pg_catalog\".\"text\"");
    work.keys[1].nullable = true;
    work_add_parameter(&work, "host", "db");
    work_add_setting(&work, "TimeZone", "UTC");
    work_add_setting(&work, "search_path", "");
    return work;
}

static struct chunk full_chunk(void)
{
    struct chunk chunk = {
        .id = 42, .kind = CHUNK_KEYS, .upper_open = true, .rows = 10000, .keys = 17};

    chunk.lower.columns = 2;
    set(&chunk.lower.values[0], "2024-01-05");
    set(&chunk.lower.values[1], "");
    chunk.upper.columns = KEY_COLUMNS_MAX;
    set(&chunk.upper.values[KEY_COLUMNS_MAX - 1], "\"\\'{}");
    set(&chunk.row_upper, "9");
    chunk.sets.columns = 1;
    set(&chunk.sets.values[0], "{\"a\",\"\xc3\xa4\"}");
    return chunk;
}

static struct cycle_result full_result(void)
{
    return (struct cycle_result){.chunk_id = 5,
                                 .outcome = CYCLE_FAILED,
                                 .worker = 3,
                                 .error_kind = ERROR_SERVER,
                                 .tries = 2,
                                 .is_ended = 1,
                                 .rows_planned = 1,
                                 .rows_marked = 2,
                                 .rows_updated = 3,
                                 .rows_released = 4,
                                 .rows_lost = 1,
                                 .rows_elsewhere = 5,
                                 .begin_ns = -6,
                                 .end_ns = 7,
                                 .mark_ns = 8,
                                 .update_ns = 9,
                                 .sqlstate = "22P02",
                                 .error = "update: table \"t\""};
}

/* Two values are equal if they pack to the same bytes. */
static void check_same_bytes(struct text *a, struct text *b)
{
    CU_ASSERT_EQUAL(a->bytes, b->bytes);
    CU_ASSERT_TRUE(a->bytes == b->bytes && memcmp(a->data, b->data, a->bytes) == 0);
    text_free(a);
    text_free(b);
}

static void a_work_comes_back_as_it_was(void)
{
    struct work work = full_work();
    struct work back;
    struct text out = TEXT_INIT;
    struct text again = TEXT_INIT;
    struct error err = ERROR_INIT;
    size_t at = 0;
    int count;
    const struct work_field *fields = work_fields_all(&count);

    message_pack_work(&out, &work);
    CU_ASSERT_EQUAL_FATAL(message_unpack_work(out.data, out.bytes, &at, &back, &err), 0);
    CU_ASSERT_EQUAL(at, out.bytes);
    for (int i = 0; i < count; i++) {
        bool same = is_same(&work, &back, &fields[i]);
        CU_ASSERT_TRUE(same);
        if (!same)
            printf("\n    not as it was: %s", fields[i].name);
    }
    CU_ASSERT_STRING_EQUAL(back.table, work.table);
    CU_ASSERT_EQUAL_FATAL(back.key_columns, 2);
    CU_ASSERT_STRING_EQUAL(back.keys[0].expression, work.keys[0].expression);
    CU_ASSERT_STRING_EQUAL(back.keys[1].type, work.keys[1].type);
    CU_ASSERT_EQUAL(back.keys[0].type_oid, 1082);
    CU_ASSERT_EQUAL(back.keys[0].array_oid, 1182);
    CU_ASSERT_TRUE(back.keys[1].nullable && !back.keys[0].nullable);
    CU_ASSERT_STRING_EQUAL(back.scope, "");
    CU_ASSERT_PTR_NULL(back.flag);
    CU_ASSERT_PTR_NULL(back.window_on);
    CU_ASSERT_STRING_EQUAL(back.update, work.update);
    CU_ASSERT_TRUE(back.marks_by_id);
    CU_ASSERT_EQUAL_FATAL(back.setting_count, 2);
    CU_ASSERT_STRING_EQUAL(back.settings[1].name, "search_path");
    CU_ASSERT_STRING_EQUAL(back.settings[1].value, "");
    CU_ASSERT_EQUAL_FATAL(back.parameter_count, 1);
    CU_ASSERT_STRING_EQUAL(back.parameters[0].value, "db");
    message_pack_work(&again, &back);
    check_same_bytes(&out, &again);
    work_clear(&work);
    work_clear(&back);
}

static void the_setting_that_wins_is_found_by_its_name(void)
{
    struct work work = {0};

    work_add_setting(&work, "jit", "off");
    work_add_setting(&work, "search_path", "a");
    work_add_setting(&work, "jit", "on");
    CU_ASSERT_STRING_EQUAL(work_find_setting(&work, "search_path")->value, "a");
    CU_ASSERT_STRING_EQUAL(work_find_setting(&work, "jit")->value, "on");
    work_clear(&work);
}

static void a_chunk_comes_back_as_it_was(void)
{
    struct chunk chunk = full_chunk();
    struct chunk back;
    struct text out = TEXT_INIT;
    struct text again = TEXT_INIT;
    struct error err = ERROR_INIT;
    size_t at = 0;

    message_pack_chunk(&out, &chunk);
    CU_ASSERT_EQUAL_FATAL(message_unpack_chunk(out.data, out.bytes, &at, &back, &err), 0);
    CU_ASSERT_EQUAL(back.id, 42);
    CU_ASSERT_EQUAL(back.kind, CHUNK_KEYS);
    CU_ASSERT_STRING_EQUAL(back.lower.values[1], "");
    CU_ASSERT_PTR_NULL(back.upper.values[0]);
    CU_ASSERT_STRING_EQUAL(back.upper.values[KEY_COLUMNS_MAX - 1], "\"\\'{}");
    CU_ASSERT_TRUE(back.upper_open);
    CU_ASSERT_PTR_NULL(back.row_lower);
    CU_ASSERT_STRING_EQUAL(back.row_upper, "9");
    CU_ASSERT_STRING_EQUAL(back.sets.values[0], chunk.sets.values[0]);
    CU_ASSERT_EQUAL(back.rows, 10000);
    CU_ASSERT_EQUAL(back.keys, 17);
    message_pack_chunk(&again, &back);
    check_same_bytes(&out, &again);
    chunk_clear(&chunk);
    chunk_clear(&back);
}

static void a_result_comes_back_as_it_was(void)
{
    struct cycle_result result = full_result();
    struct cycle_result back;
    struct text out = TEXT_INIT;
    struct text again = TEXT_INIT;
    struct error err = ERROR_INIT;
    size_t at = 0;

    message_pack_result(&out, &result);
    CU_ASSERT_EQUAL_FATAL(message_unpack_result(out.data, out.bytes, &at, &back, &err), 0);
    CU_ASSERT_EQUAL(back.outcome, CYCLE_FAILED);
    CU_ASSERT_EQUAL(back.error_kind, ERROR_SERVER);
    CU_ASSERT_EQUAL(back.is_ended, 1);
    CU_ASSERT_EQUAL(back.rows_elsewhere, 5);
    CU_ASSERT_EQUAL(back.begin_ns, -6);
    CU_ASSERT_EQUAL(back.update_ns, 9);
    CU_ASSERT_STRING_EQUAL(back.sqlstate, "22P02");
    CU_ASSERT_STRING_EQUAL(back.error, result.error);
    message_pack_result(&again, &back);
    check_same_bytes(&out, &again);
}

static void several_messages_in_a_row_are_read_one_by_one(void)
{
    struct chunk back;
    struct text out = TEXT_INIT;
    struct error err = ERROR_INIT;
    size_t at = 0;

    for (int i = 1; i <= 5; i++)
        message_pack_chunk(&out, &(struct chunk){.id = i});
    for (int i = 1; i <= 5; i++) {
        CU_ASSERT_EQUAL(message_unpack_chunk(out.data, out.bytes, &at, &back, &err), 0);
        CU_ASSERT_EQUAL(back.id, i);
        chunk_clear(&back);
    }
    CU_ASSERT_EQUAL(at, out.bytes);
    CU_ASSERT_EQUAL(message_unpack_chunk(out.data, out.bytes, &at, &back, &err), -1);
    text_free(&out);
}

static bool is_zero(const void *block, size_t bytes)
{
    const unsigned char *p = block;

    while (bytes > 0 && *p == 0) {
        p++;
        bytes--;
    }
    return bytes == 0;
}

/* Unpacks a message as `kind` and frees the result, which must be cleared if it is refused. */
static int unpack(enum message_kind kind, const char *data, size_t bytes)
{
    struct error err = ERROR_INIT;
    size_t at = 0;
    bool cleared;
    int rc;

    if (kind == MESSAGE_WORK) {
        struct work work;
        rc = message_unpack_work(data, bytes, &at, &work, &err);
        cleared = is_zero(&work, sizeof work);
        work_clear(&work);
    } else if (kind == MESSAGE_CHUNK) {
        struct chunk chunk;
        rc = message_unpack_chunk(data, bytes, &at, &chunk, &err);
        cleared = is_zero(&chunk, sizeof chunk);
        chunk_clear(&chunk);
    } else {
        struct cycle_result result;
        rc = message_unpack_result(data, bytes, &at, &result, &err);
        cleared = is_zero(&result, sizeof result);
    }
    if (rc != 0 && (!cleared || at != 0 || err.kind != ERROR_BUG))
        CU_FAIL("a refused message leaves its result cleared, and says BUG");
    return rc;
}

static struct text packed(enum message_kind kind)
{
    struct text out = TEXT_INIT;
    struct work work = full_work();
    struct chunk chunk = full_chunk();
    struct cycle_result result = full_result();

    if (kind == MESSAGE_WORK)
        message_pack_work(&out, &work);
    else if (kind == MESSAGE_CHUNK)
        message_pack_chunk(&out, &chunk);
    else
        message_pack_result(&out, &result);
    work_clear(&work);
    chunk_clear(&chunk);
    return out;
}

static void every_truncated_message_is_refused(void)
{
    for (int kind = MESSAGE_WORK; kind <= MESSAGE_RESULT; kind++) {
        struct text out = packed((enum message_kind)kind);
        int accepted = 0;
        for (size_t bytes = 0; bytes < out.bytes; bytes++) {
            /* a block of its own, so that a sanitizer detects a read past its end */
            char *cut = memory_copy(out.data, bytes);
            accepted += unpack((enum message_kind)kind, cut, bytes) == 0;
            free(cut);
        }
        CU_ASSERT_EQUAL(accepted, 0);
        CU_ASSERT_EQUAL(unpack((enum message_kind)kind, out.data, out.bytes), 0);
        text_free(&out);
    }
}

static void every_single_bit_flip_is_refused(void)
{
    for (int kind = MESSAGE_WORK; kind <= MESSAGE_RESULT; kind++) {
        struct text out = packed((enum message_kind)kind);
        int accepted = 0;
        for (size_t bit = 0; bit < out.bytes * CHAR_BIT; bit++) {
            char mask = (char)(1 << (bit % CHAR_BIT));
            out.data[bit / CHAR_BIT] ^= mask;
            accepted += unpack((enum message_kind)kind, out.data, out.bytes) == 0;
            out.data[bit / CHAR_BIT] ^= mask;
        }
        CU_ASSERT_EQUAL(accepted, 0);
        text_free(&out);
    }
}

static void a_message_of_another_kind_is_refused(void)
{
    for (int kind = MESSAGE_WORK; kind <= MESSAGE_RESULT; kind++) {
        struct text out = packed((enum message_kind)kind);
        for (int other = MESSAGE_WORK; other <= MESSAGE_RESULT; other++)
            CU_ASSERT_EQUAL(unpack((enum message_kind)other, out.data, out.bytes),
                            other == kind ? 0 : -1);
        text_free(&out);
    }
}

static void reading_from_past_the_end_is_refused(void)
{
    struct cycle_result result;
    struct error err = ERROR_INIT;
    size_t at = 100;

    CU_ASSERT_EQUAL(message_unpack_result("", 0, &at, &result, &err), -1);
    CU_ASSERT_EQUAL(at, 100);
}

/* As if a newer program with a longer enum had sent it: the checksum is right, the field is not. */
static void a_field_out_of_its_range_is_refused(void)
{
    struct cycle_result result = full_result();
    struct chunk chunk = {.kind = (enum chunk_kind)(CHUNK_KEYS + 1)};
    struct work work = {.key_columns = KEY_COLUMNS_MAX + 1};
    struct text out = TEXT_INIT;

    result.outcome = CYCLE_STOPPED + 1;
    message_pack_result(&out, &result);
    CU_ASSERT_EQUAL(unpack(MESSAGE_RESULT, out.data, out.bytes), -1);
    text_clear(&out);
    message_pack_chunk(&out, &chunk);
    CU_ASSERT_EQUAL(unpack(MESSAGE_CHUNK, out.data, out.bytes), -1);
    text_clear(&out);
    message_pack_work(&out, &work);
    CU_ASSERT_EQUAL(unpack(MESSAGE_WORK, out.data, out.bytes), -1);
    text_free(&out);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(the_setting_that_wins_is_found_by_its_name),
        TEST(a_work_comes_back_as_it_was),
        TEST(a_chunk_comes_back_as_it_was),
        TEST(a_result_comes_back_as_it_was),
        TEST(several_messages_in_a_row_are_read_one_by_one),
        TEST(every_truncated_message_is_refused),
        TEST(every_single_bit_flip_is_refused),
        TEST(a_message_of_another_kind_is_refused),
        TEST(reading_from_past_the_end_is_refused),
        TEST(a_field_out_of_its_range_is_refused),
        CU_TEST_INFO_NULL,
    };

    return unit_run("message", tests);
}
