/* Messages: the first byte tells what follows. After w, c or r comes the body of a work, a chunk or
 * a result, and the target puts a correct head before it; after any other byte come whole messages.
 * The body of a work ends before the job's keys, for which the target adds zeros, so that the
 * corpus stays valid when a key is added. What is accepted must pack to the same bytes again. */
#include "core/protocol/message.h"
#include "fuzz.h"

enum { LENGTH_AT = 8, CRC_AT = 12, HEAD_BYTES = 16 };

#define BYTES(type, name) +sizeof(((struct work *)NULL)->name)
static const char job_keys[0 WORK_JOB_KEYS(BYTES)];

static bool is_zero(const void *block, size_t bytes)
{
    const char *s = block;

    while (bytes > 0 && *s == 0) {
        s++;
        bytes--;
    }
    return bytes == 0;
}

/* Unpacks the message at *at and packs it into packed again. */
static int repack(enum message_kind kind, const struct text *from, size_t *at, struct text *packed)
{
    union {
        struct work work;
        struct chunk chunk;
        struct cycle_result result;
    } u;
    struct error err = ERROR_INIT;
    void *data = memory_copy(from->data, from->bytes); /* so that a read past the end is detected */
    size_t size = sizeof u.work;
    int rc;

    if (kind == MESSAGE_WORK) {
        rc = message_unpack_work(data, from->bytes, at, &u.work, &err);
        if (rc == 0) {
            message_pack_work(packed, &u.work);
            work_clear(&u.work);
        }
    } else if (kind == MESSAGE_CHUNK) {
        size = sizeof u.chunk;
        rc = message_unpack_chunk(data, from->bytes, at, &u.chunk, &err);
        if (rc == 0) {
            message_pack_chunk(packed, &u.chunk);
            chunk_clear(&u.chunk);
        }
    } else {
        size = sizeof u.result;
        rc = message_unpack_result(data, from->bytes, at, &u.result, &err);
        if (rc == 0)
            message_pack_result(packed, &u.result);
    }
    free(data);
    REQUIRE(rc == 0 || (err.kind == ERROR_BUG && *err.text != '\0' && is_zero(&u, size)));
    return rc;
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

static void add_number(struct text *out, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        text_add_bytes(out, &(char){(char)(value >> (8 * i))}, 1);
}

static void add_sealed(struct text *out, enum message_kind kind, const struct text *body)
{
    struct text head = TEXT_INIT;

    text_add(&head, "CMIL");
    add_number(&head, MESSAGE_VERSION, 2);
    add_number(&head, kind, 2);
    add_number(&head, (uint32_t)body->bytes, 4);
    uint32_t crc = crc32_slowly(UINT32_MAX, head.data, CRC_AT);
    add_number(&head, ~crc32_slowly(crc, body->data, body->bytes), 4);
    text_add_bytes(out, head.data, head.bytes);
    text_add_bytes(out, body->data, body->bytes);
    text_free(&head);
}

/* A valid message must be refused with one bit wrong, and without its end. The checksum of its
 * bytes chooses the bit and the length, so that an input always gives the same result. */
static void check_damage(enum message_kind kind, const struct text *good)
{
    uint32_t chosen = crc32_slowly(0, good->data, good->bytes);
    struct text bad = TEXT_INIT;
    struct text packed = TEXT_INIT;
    size_t at = 0;

    text_add_bytes(&bad, good->data, good->bytes);
    bad.data[(chosen >> 3) % bad.bytes] ^= (char)(1 << (chosen & 7));
    REQUIRE(repack(kind, &bad, &at, &packed) != 0 && at == 0);
    bad.bytes = chosen % good->bytes;
    memcpy(bad.data, good->data, bad.bytes);
    REQUIRE(repack(kind, &bad, &at, &packed) != 0 && at == 0);
    text_free(&bad);
    text_free(&packed);
}

/* Reads the messages of one kind at the beginning of `from`, and checks each. */
static void check(enum message_kind kind, const struct text *from)
{
    struct text packed = TEXT_INIT;
    size_t at = 0;

    for (;;) {
        size_t start = at;
        text_clear(&packed);
        if (repack(kind, from, &at, &packed) != 0) {
            REQUIRE(at == start);
            break;
        }
        REQUIRE(at > start && at <= from->bytes && packed.bytes == at - start);
        REQUIRE(memcmp(packed.data, from->data + start, packed.bytes) == 0);
        check_damage(kind, &packed);
    }
    text_free(&packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static const uint8_t kinds[] = {0, 'w', 'c', 'r'};
    struct text body = TEXT_INIT;
    struct text input = TEXT_INIT;

    for (enum message_kind kind = MESSAGE_WORK; kind <= MESSAGE_RESULT && bytes > 0; kind++) {
        text_clear(&input);
        text_clear(&body);
        text_add_bytes(&body, data + 1, bytes - 1);
        if (data[0] == 'w')
            text_add_bytes(&body, job_keys, sizeof job_keys);
        if (data[0] == kinds[kind]) {
            add_sealed(&input, kind, &body);
            add_sealed(&input, kind, &body);
        } else {
            text_add_bytes(&input, body.data, body.bytes);
        }
        check(kind, &input);
    }
    text_free(&body);
    text_free(&input);
    return 0;
}
