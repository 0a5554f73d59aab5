/* Messages with a right checksum and wrong content: every field is checked when it is read. */
#include "core/protocol/message.h"

#include <stdio.h>

#include "unit.h"

enum { LENGTH_AT = 8, CRC_AT = 12, HEAD_BYTES = 16 };

static struct text packed_chunk(void)
{
    struct text out = TEXT_INIT;

    message_pack_chunk(&out, &(struct chunk){.id = 42, .kind = CHUNK_NULLS, .rows = 7});
    return out;
}

static struct text packed_result(void)
{
    struct text out = TEXT_INIT;

    message_pack_result(&out, &(struct cycle_result){.chunk_id = 5, .error = "update: canceled"});
    return out;
}

static int unpack_work(const struct text *message)
{
    struct work work;
    struct error err = ERROR_INIT;
    size_t at = 0;
    int rc = message_unpack_work(message->data, message->bytes, &at, &work, &err);

    work_clear(&work);
    return rc;
}

static int unpack_chunk(const struct text *message)
{
    struct chunk chunk;
    struct error err = ERROR_INIT;
    size_t at = 0;
    int rc = message_unpack_chunk(message->data, message->bytes, &at, &chunk, &err);

    chunk_clear(&chunk);
    return rc;
}

static int unpack_result(const struct text *message)
{
    struct cycle_result result;
    struct error err = ERROR_INIT;
    size_t at = 0;

    return message_unpack_result(message->data, message->bytes, &at, &result, &err);
}

/* CRC-32 bit by bit, by the definition of IEEE 802.3, and independent of the code under test. */
static uint32_t crc32_slowly(uint32_t crc, const char *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        crc ^= (unsigned char)data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ ((crc & 1) * UINT32_C(0xedb88320));
    }
    return crc;
}

/* Corrects the length and the checksum of a message that was changed. */
static void seal(struct text *out)
{
    uint32_t body_bytes = (uint32_t)(out->bytes - HEAD_BYTES);

    for (int i = 0; i < 4; i++)
        out->data[LENGTH_AT + i] = (char)(body_bytes >> (8 * i));
    uint32_t crc = crc32_slowly(UINT32_MAX, out->data, CRC_AT);
    crc = ~crc32_slowly(crc, out->data + HEAD_BYTES, body_bytes);
    for (int i = 0; i < 4; i++)
        out->data[CRC_AT + i] = (char)(crc >> (8 * i));
}

static void the_checksum_is_crc_32(void)
{
    struct text out = packed_chunk();

    CU_ASSERT_EQUAL(~crc32_slowly(UINT32_MAX, "123456789", 9), 0xcbf43926);
    seal(&out);
    CU_ASSERT_EQUAL(unpack_chunk(&out), 0);
    text_free(&out);
}

static void a_body_that_is_longer_than_its_fields_is_refused(void)
{
    struct text out = packed_result();

    text_add(&out, "x");
    seal(&out);
    CU_ASSERT_EQUAL(unpack_result(&out), -1);
    text_free(&out);
}

static void a_body_with_the_head_of_another_kind_is_refused(void)
{
    struct text out = packed_chunk();

    out.data[6] = MESSAGE_WORK;
    seal(&out);
    CU_ASSERT_EQUAL(unpack_chunk(&out), -1);
    text_free(&out);
}

static void a_string_with_a_nul_in_it_is_refused(void)
{
    struct text out = packed_result();

    out.data[out.bytes - 2] = '\0'; /* the error's text ends the message */
    seal(&out);
    CU_ASSERT_EQUAL(unpack_result(&out), -1);
    text_free(&out);
}

static void a_string_too_long_for_its_array_is_refused(void)
{
    struct cycle_result result = {.chunk_id = 1};
    struct text out = TEXT_INIT;

    /* the error is last: presence and length (4 bytes each), then nothing */
    for (unsigned bytes = sizeof result.error - 1; bytes <= sizeof result.error; bytes++) {
        message_pack_result(&out, &result);
        out.data[out.bytes - 4] = (char)bytes;
        out.data[out.bytes - 3] = (char)(bytes >> 8);
        for (unsigned i = 0; i < bytes; i++)
            text_add(&out, "e");
        seal(&out);
        CU_ASSERT_EQUAL(unpack_result(&out), bytes < sizeof result.error ? 0 : -1);
        text_clear(&out);
    }
    text_free(&out);
}

/* The file's bytes behind its first one, which names the kind. */
static void add_seed(struct text *out, const char *name)
{
    char path[100];
    char bytes[4096];

    snprintf(path, sizeof path, "tests/fuzz/corpus/message/%s", name);
    FILE *file = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    size_t count = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    CU_ASSERT_FATAL(count > 1 && count < sizeof bytes);
    text_add_bytes(out, bytes + 1, count - 1);
}

/* What fuzz_message.c makes of a seed: a head before it, and in a work zeros for the job's keys. */
static struct text sealed_seed(const char *name, enum message_kind kind)
{
#define BYTES(type, member) +sizeof(((struct work *)NULL)->member)
    static const char zeros[0 WORK_JOB_KEYS(BYTES)];
    struct text out = packed_result();

    out.bytes = HEAD_BYTES;
    out.data[6] = (char)kind;
    add_seed(&out, name);
    if (kind == MESSAGE_WORK)
        text_add_bytes(&out, zeros, sizeof zeros);
    seal(&out);
    return out;
}

/* A fuzzer whose seeds are all refused never gets to the fields. */
static void the_seeds_of_the_fuzzer_are_accepted(void)
{
    static const char *const chunks[] = {"chunk_keys", "chunk_range", "chunk_slice"};
    struct text whole = TEXT_INIT;
    struct text work = sealed_seed("work", MESSAGE_WORK);
    struct text result = sealed_seed("result", MESSAGE_RESULT);

    CU_ASSERT_EQUAL(unpack_work(&work), 0);
    CU_ASSERT_EQUAL(unpack_result(&result), 0);
    for (size_t i = 0; i < sizeof chunks / sizeof chunks[0]; i++) {
        struct text chunk = sealed_seed(chunks[i], MESSAGE_CHUNK);
        CU_ASSERT_EQUAL(unpack_chunk(&chunk), 0);
        text_free(&chunk);
    }
    add_seed(&whole, "whole");
    CU_ASSERT_EQUAL(unpack_chunk(&whole), 0);
    text_free(&whole);
    text_free(&work);
    text_free(&result);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(the_checksum_is_crc_32),
        TEST(a_body_that_is_longer_than_its_fields_is_refused),
        TEST(a_body_with_the_head_of_another_kind_is_refused),
        TEST(a_string_with_a_nul_in_it_is_refused),
        TEST(a_string_too_long_for_its_array_is_refused),
        TEST(the_seeds_of_the_fuzzer_are_accepted),
        CU_TEST_INFO_NULL,
    };

    return unit_run("message_forged", tests);
}
