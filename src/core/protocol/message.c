/* The bytes of the messages between ranks. One list of fields for each kind serves packing and
 * unpacking, so that the two can't differ. The checksum detects damage, not forgery, so every
 * length and number is checked as well when it is read. */
#include "core/protocol/message.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/memory.h"

/* The head: magic (4 bytes), version (2), kind (2), length of the body (4), and the CRC-32 of the
 * rest of the message (4). */
enum { HEAD_BYTES = 16, CRC_AT = 12 };
static const char magic[4] = {'C', 'M', 'I', 'L'};

/* Packs where out is set, and unpacks from data where it is NULL. refused is set by the first
 * fault; every field that is read after it is zero. */
struct codec {
    struct text *out;
    const unsigned char *data;
    size_t left_bytes;
    bool refused;
};

static uint32_t checksum(const unsigned char head[CRC_AT], const unsigned char *body, size_t bytes)
{
    return ~checksum_crc32(checksum_crc32(UINT32_MAX, head, CRC_AT), body, bytes);
}

static void put_number(unsigned char *at, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t get_number(const unsigned char *at, int bytes)
{
    uint64_t value = 0;

    for (int i = 0; i < bytes; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

/* The next `bytes` bytes of the body; NULL, and refused, when it is shorter. */
static const unsigned char *take(struct codec *c, size_t bytes)
{
    if (c->refused || bytes > c->left_bytes) {
        c->refused = true;
        return NULL;
    }
    const unsigned char *taken = c->data;
    c->data += bytes;
    c->left_bytes -= bytes;
    return taken;
}

static void number(struct codec *c, uint64_t *value, int bytes)
{
    if (c->out != NULL) {
        unsigned char raw[8];
        put_number(raw, *value, bytes);
        text_add_bytes(c->out, raw, (size_t)bytes);
        return;
    }
    const unsigned char *raw = take(c, (size_t)bytes);
    *value = raw == NULL ? 0 : get_number(raw, bytes);
}

static void field_int64(struct codec *c, int64_t *value)
{
    uint64_t raw = (uint64_t)*value;

    number(c, &raw, 8);
    *value = (int64_t)raw;
}

static void field_uint32(struct codec *c, uint32_t *value)
{
    uint64_t raw = *value;

    number(c, &raw, 4);
    *value = (uint32_t)raw;
}

static void field_int32(struct codec *c, int32_t *value)
{
    uint32_t raw = (uint32_t)*value;

    field_uint32(c, &raw);
    *value = (int32_t)raw;
}

/* A number that must lie in 0 .. most: a count, an enum or a flag. */
static void field_small(struct codec *c, int32_t *value, int32_t most)
{
    field_int32(c, value);
    if (*value < 0 || *value > most) {
        c->refused = true;
        *value = 0;
    }
}

static void field_bool(struct codec *c, bool *value)
{
    int32_t raw = *value ? 1 : 0;

    field_small(c, &raw, 1);
    *value = raw == 1;
}

static void field_string(struct codec *c, char **value)
{
    bool present = *value != NULL;
    uint32_t bytes = 0;

    if (c->out != NULL && present) {
        size_t length = strlen(*value);
        assert(length <= UINT32_MAX);
        bytes = (uint32_t)length;
    }
    field_bool(c, &present);
    if (!present)
        return;
    field_uint32(c, &bytes);
    if (c->out != NULL) {
        text_add_bytes(c->out, *value, bytes);
        return;
    }
    const unsigned char *raw = take(c, bytes);
    if (raw == NULL || memchr(raw, '\0', bytes) != NULL) {
        c->refused = true;
        return;
    }
    *value = memory_zero((size_t)bytes + 1, 1);
    memcpy(*value, raw, bytes);
}

/* A string in an array of array_bytes. */
static void field_array(struct codec *c, char *array, size_t array_bytes)
{
    if (c->out != NULL) {
        field_string(c, &array);
        return;
    }
    char *value = NULL;
    field_string(c, &value);
    if (value == NULL || strlen(value) >= array_bytes)
        c->refused = true;
    else
        memcpy(array, value, strlen(value) + 1);
    free(value);
}

static void field_key(struct codec *c, struct key *key)
{
    int32_t columns = key->columns;

    field_small(c, &columns, KEY_COLUMNS_MAX);
    key->columns = columns;
    for (int i = 0; i < key->columns; i++)
        field_string(c, &key->values[i]);
}

/* Grows the list one by one when it is read: a wrong count must not decide how much memory is
 * allocated. */
static void field_settings(struct codec *c, struct work_setting **list, int32_t *count)
{
    int32_t wanted = *count;

    field_small(c, &wanted, INT32_MAX);
    if (c->out == NULL)
        *count = 0;
    for (int32_t i = 0; i < wanted && !c->refused; i++) {
        if (c->out == NULL) {
            *list = memory_grow(*list, (size_t)i + 1, sizeof **list);
            (*list)[i] = (struct work_setting){NULL, NULL};
            *count = i + 1;
        }
        field_string(c, &(*list)[i].name);
        field_string(c, &(*list)[i].value);
    }
}

static void field_of_type(struct codec *c, enum work_type type, void *value)
{
    switch (type) {
    case WORK_STRING:
        field_string(c, value);
        break;
    case WORK_INT64:
        field_int64(c, value);
        break;
    case WORK_INT32:
        field_int32(c, value);
        break;
    case WORK_UINT32:
        field_uint32(c, value);
        break;
    case WORK_BOOL:
        field_bool(c, value);
        break;
    }
}

/* The members of work.h's lists come last, and among them the keys of the job file: the fuzzer's
 * corpus leaves these out, so it stays valid when one is added. */
static void work_fields(struct codec *c, struct work *work)
{
    int count;
    const struct work_field *fields = work_fields_all(&count);

    field_small(c, &work->key_columns, KEY_COLUMNS_MAX);
    for (int i = 0; i < work->key_columns; i++) {
        field_string(c, &work->keys[i].expression);
        field_string(c, &work->keys[i].type);
        field_uint32(c, &work->keys[i].type_oid);
        field_uint32(c, &work->keys[i].array_oid);
        field_bool(c, &work->keys[i].nullable);
    }
    field_settings(c, &work->parameters, &work->parameter_count);
    field_settings(c, &work->settings, &work->setting_count);
    for (int i = 0; i < count; i++)
        field_of_type(c, fields[i].type, (char *)work + fields[i].offset);
}

static void chunk_fields(struct codec *c, struct chunk *chunk)
{
    int32_t kind = (int32_t)chunk->kind;

    field_int64(c, &chunk->id);
    field_small(c, &kind, CHUNK_KEYS);
    chunk->kind = (enum chunk_kind)kind;
    field_key(c, &chunk->lower);
    field_key(c, &chunk->upper);
    field_bool(c, &chunk->upper_open);
    field_string(c, &chunk->row_lower);
    field_string(c, &chunk->row_upper);
    field_key(c, &chunk->sets);
    field_int64(c, &chunk->rows);
    field_int64(c, &chunk->keys);
}

static void result_fields(struct codec *c, struct cycle_result *result)
{
    field_int64(c, &result->chunk_id);
    field_small(c, &result->outcome, CYCLE_STOPPED);
    field_int32(c, &result->worker);
    field_small(c, &result->error_kind, ERROR_INTERRUPTED);
    field_int32(c, &result->tries);
    field_small(c, &result->is_ended, 1);
    field_int64(c, &result->rows_planned);
    field_int64(c, &result->rows_marked);
    field_int64(c, &result->rows_updated);
    field_int64(c, &result->rows_released);
    field_int64(c, &result->rows_lost);
    field_int64(c, &result->rows_elsewhere);
    field_int64(c, &result->begin_ns);
    field_int64(c, &result->end_ns);
    field_int64(c, &result->mark_ns);
    field_int64(c, &result->update_ns);
    field_array(c, result->sqlstate, sizeof result->sqlstate);
    field_array(c, result->error, sizeof result->error);
}

/* Puts the head before a packed body. */
static void finish(struct text *out, enum message_kind kind, struct text *body)
{
    unsigned char head[HEAD_BYTES];

    assert(body->bytes <= UINT32_MAX);
    memcpy(head, magic, sizeof magic);
    put_number(head + 4, MESSAGE_VERSION, 2);
    put_number(head + 6, (uint64_t)kind, 2);
    put_number(head + 8, body->bytes, 4);
    put_number(head + CRC_AT, checksum(head, (const unsigned char *)text_string(body), body->bytes),
               4);
    text_add_bytes(out, head, sizeof head);
    text_add_bytes(out, text_string(body), body->bytes);
    text_free(body);
}

/* Each packs a shallow copy, because the functions of the fields take pointers that unpacking
 * writes through. */
void message_pack_work(struct text *out, const struct work *work)
{
    struct text body = TEXT_INIT;
    struct work copy = *work;

    work_fields(&(struct codec){.out = &body}, &copy);
    finish(out, MESSAGE_WORK, &body);
}

void message_pack_chunk(struct text *out, const struct chunk *chunk)
{
    struct text body = TEXT_INIT;
    struct chunk copy = *chunk;

    chunk_fields(&(struct codec){.out = &body}, &copy);
    finish(out, MESSAGE_CHUNK, &body);
}

void message_pack_result(struct text *out, const struct cycle_result *result)
{
    struct text body = TEXT_INIT;
    struct cycle_result copy = *result;

    result_fields(&(struct codec){.out = &body}, &copy);
    finish(out, MESSAGE_RESULT, &body);
}

static int refuse(struct error *err, size_t at, const char *why)
{
    error_set(err, ERROR_BUG, "message at byte %zu: %s", at, why);
    return -1;
}

/* Checks the head at data[at], and sets *c to read the body that follows it. */
static int open_body(const void *data, size_t bytes, size_t at, enum message_kind kind,
                     struct codec *c, struct error *err)
{
    if (at > bytes || bytes - at < HEAD_BYTES)
        return refuse(err, at, "it ends within its head");
    const unsigned char *head = (const unsigned char *)data + at;
    if (memcmp(head, magic, sizeof magic) != 0)
        return refuse(err, at, "it does not begin as a message");
    if (get_number(head + 4, 2) != MESSAGE_VERSION)
        return refuse(err, at, "it is of another version; try the same chunkmill on all nodes");
    if (get_number(head + 6, 2) != (uint64_t)kind)
        return refuse(err, at, "it is of another kind than expected");
    size_t body_bytes = (size_t)get_number(head + 8, 4);
    if (body_bytes > bytes - at - HEAD_BYTES)
        return refuse(err, at, "it ends within its body");
    if (checksum(head, head + HEAD_BYTES, body_bytes) != get_number(head + CRC_AT, 4))
        return refuse(err, at, "its checksum is wrong");
    *c = (struct codec){.data = head + HEAD_BYTES, .left_bytes = body_bytes};
    return 0;
}

/* Refuses a body with a field that is not valid or with bytes that are left over. Moves *at behind
 * the message. */
static int close_body(const struct codec *c, const void *data, size_t *at, struct error *err)
{
    if (c->refused || c->left_bytes != 0)
        return refuse(err, *at, "its fields are not valid");
    *at = (size_t)(c->data - (const unsigned char *)data);
    return 0;
}

int message_unpack_work(const void *data, size_t bytes, size_t *at, struct work *work,
                        struct error *err)
{
    struct codec c = {.refused = true};

    memset(work, 0, sizeof *work);
    if (open_body(data, bytes, *at, MESSAGE_WORK, &c, err) != 0)
        return -1;
    work_fields(&c, work);
    if (close_body(&c, data, at, err) != 0) {
        work_clear(work);
        return -1;
    }
    return 0;
}

int message_unpack_chunk(const void *data, size_t bytes, size_t *at, struct chunk *chunk,
                         struct error *err)
{
    struct codec c = {.refused = true};

    memset(chunk, 0, sizeof *chunk);
    if (open_body(data, bytes, *at, MESSAGE_CHUNK, &c, err) != 0)
        return -1;
    chunk_fields(&c, chunk);
    if (close_body(&c, data, at, err) != 0) {
        chunk_clear(chunk);
        return -1;
    }
    return 0;
}

int message_unpack_result(const void *data, size_t bytes, size_t *at, struct cycle_result *result,
                          struct error *err)
{
    struct codec c = {.refused = true};

    memset(result, 0, sizeof *result);
    if (open_body(data, bytes, *at, MESSAGE_RESULT, &c, err) != 0)
        return -1;
    result_fields(&c, result);
    if (close_body(&c, data, at, err) != 0) {
        memset(result, 0, sizeof *result);
        return -1;
    }
    return 0;
}
