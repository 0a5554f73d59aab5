/* Messages whose checksum is right and whose content is not: the fields are checked for themselves.
 */
#include "core/protocol/message.h"
#include "unit.h"

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

/* CRC-32 bit by bit, as IEEE 802.3 has it: not the code under test. */
static uint32_t crc32_slowly(uint32_t crc, const char *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        crc ^= (unsigned char)data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ ((crc & 1) * UINT32_C(0xedb88320));
    }
    return crc;
}

/* Makes length and checksum of a tampered message right again. */
static void seal(struct text *out)
{
    enum { LENGTH_AT = 8, CRC_AT = 12, HEAD_BYTES = 16 };
    uint32_t body_bytes = (uint32_t)(out->bytes - HEAD_BYTES);

    for (int i = 0; i < 4; i++)
        out->data[LENGTH_AT + i] = (char)(body_bytes >> (8 * i));
    uint32_t crc = crc32_slowly(UINT32_MAX, out->data, CRC_AT);
    crc = ~crc32_slowly(crc, out->data + HEAD_BYTES, body_bytes);
    for (int i = 0; i < 4; i++)
        out->data[CRC_AT + i] = (char)(crc >> (8 * i));
}

static void the_checksum_is_the_well_known_one(void)
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

static void a_body_under_the_name_of_another_kind_is_refused(void)
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

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(the_checksum_is_the_well_known_one),
        TEST(a_body_that_is_longer_than_its_fields_is_refused),
        TEST(a_body_under_the_name_of_another_kind_is_refused),
        TEST(a_string_with_a_nul_in_it_is_refused),
        TEST(a_string_too_long_for_its_array_is_refused),
        CU_TEST_INFO_NULL,
    };

    return unit_run("message_forged", tests);
}
