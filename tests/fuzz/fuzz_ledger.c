/* The plan's way into the ledger and back, and libpq's text values. The first byte says what
 * follows. c: a chunk; it goes into COPY's text, which a small parser of its own takes apart as
 * PostgreSQL does, and comes back as it was. v: the values of a row, as any table could hold them.
 * Anything else: numbers. No server: the linker puts __wrap_.. in the place of what would speak to
 * it. Sources: https://www.postgresql.org/docs/current/sql-copy.html, "Text Format";
 * .../libpq-events.html, PQsetvalue. */
#include <inttypes.h>
#include <libpq-fe.h>

#include "core/protocol/message.h"
#include "db/connection/exchange.h"
#include "db/connection/rows.h"
#include "db/ledger/ledger_query.h"
#include "db/plan/chunk_store.h"
#include "fuzz.h"

enum {
    HEAD_COLUMNS = 10,
    READ_COLUMNS = HEAD_COLUMNS + 3 * KEY_COLUMNS_MAX,
    COPY_COLUMNS = 11,
    STRINGS_MAX = 40
};

/* What the ledger's table would hold. */
static char *copied;
static const char *stored[READ_COLUMNS];
static int stored_columns;

int __wrap_connection_begin(struct connection *c, struct error *err);
int __wrap_connection_commit(struct connection *c, struct error *err);
int __wrap_connection_copy_data(struct connection *c, const char *data, size_t bytes,
                                struct error *err);
int __wrap_connection_copy_end(struct connection *c, int64_t *rows, struct error *err);
int __wrap_connection_stream(struct connection *c, const struct sql *sql, struct parameters p,
                             connection_each *each, void *context, struct error *err);
int __wrap_ledger_query_change(struct connection *c, const struct work *work, const struct sql *sql,
                               struct parameters p, int64_t *changed, struct error *err);
int __wrap_ledger_query_execute(struct connection *c, const struct work *work,
                                const struct sql *sql, struct error *err);

int __wrap_connection_begin(struct connection *c, struct error *err)
{
    (void)c;
    (void)err;
    return 0;
}

int __wrap_connection_commit(struct connection *c, struct error *err)
{
    (void)c;
    (void)err;
    return 0;
}

int __wrap_connection_copy_data(struct connection *c, const char *data, size_t bytes,
                                struct error *err)
{
    (void)c;
    (void)err;
    REQUIRE(copied == NULL && strlen(data) == bytes);
    copied = fuzz_string(data, bytes);
    return 0;
}

int __wrap_connection_copy_end(struct connection *c, int64_t *rows, struct error *err)
{
    (void)c;
    (void)err;
    *rows = 1;
    return 0;
}

int __wrap_ledger_query_change(struct connection *c, const struct work *work, const struct sql *sql,
                               struct parameters p, int64_t *changed, struct error *err)
{
    (void)c;
    (void)work;
    (void)sql;
    (void)p;
    (void)err;
    *changed = 1;
    return 0;
}

int __wrap_ledger_query_execute(struct connection *c, const struct work *work,
                                const struct sql *sql, struct error *err)
{
    (void)c;
    (void)work;
    (void)sql;
    (void)err;
    return 0;
}

int __wrap_connection_stream(struct connection *c, const struct sql *sql, struct parameters p,
                             connection_each *each, void *context, struct error *err)
{
    (void)c;
    (void)sql;
    (void)p;
    return each(context, stored_columns, stored, err);
}

/* The input's strings, separated by its second byte. */
struct strings {
    char *values[STRINGS_MAX];
    int count;
    int used;
};

static void split(struct strings *strings, const uint8_t *data, size_t bytes)
{
    for (size_t start = 2; start < bytes && strings->count < STRINGS_MAX; strings->count++) {
        const uint8_t *end = memchr(data + start, data[1], bytes - start);
        size_t length = end == NULL ? bytes - start : (size_t)(end - data) - start;
        strings->values[strings->count] = fuzz_string(data + start, length);
        start += length + 1;
    }
}

static void strings_free(struct strings *strings)
{
    for (int i = 0; i < strings->count; i++)
        free(strings->values[i]);
}

static char *next(struct strings *strings)
{
    return strings->used < strings->count ? strings->values[strings->used++] : NULL;
}

/* A string that begins with ~ is none. */
static char *next_or_none(struct strings *strings)
{
    char *value = next(strings);

    return value == NULL || *value == '~' ? NULL : value;
}

static void take_key(struct strings *strings, int columns, struct key *key)
{
    char *first = next_or_none(strings);

    if (first == NULL)
        return;
    key->values[key->columns++] = first;
    while (key->columns < columns) {
        char *value = next(strings);
        key->values[key->columns++] = value == NULL ? memory_unconst("") : value;
    }
}

static int64_t number_of(const char *s)
{
    return s == NULL ? 0 : strtoll(s, NULL, 0);
}

/* COPY's text format: what PostgreSQL makes of the field at *s, owned by the caller; moves *s
 * behind its end.
 */
static char *copy_field(const char **s)
{
    struct text value = TEXT_INIT;
    bool is_null = strncmp(*s, "\\N", 2) == 0 && (*s)[2] != '\0' && strchr("\t\n", (*s)[2]) != NULL;

    for (; **s != '\t' && **s != '\n'; ++*s) {
        REQUIRE(**s != '\0' && **s != '\r');
        char byte = **s;
        if (byte == '\\') {
            byte = *++*s;
            byte = byte == 't' ? '\t' : byte == 'n' ? '\n' : byte == 'r' ? '\r' : byte;
            REQUIRE(byte == '\t' || byte == '\n' || byte == '\r' || byte == '\\' || is_null);
        }
        text_add_bytes(&value, &byte, 1);
    }
    ++*s;
    if (!is_null)
        return text_take(&value);
    text_free(&value);
    return NULL;
}

/* An array literal's elements into columns of their own, owned by the caller. Returns how many. */
static int array_elements(const char *s, char **elements)
{
    int count = 0;

    for (int i = 0; i < KEY_COLUMNS_MAX; i++)
        elements[i] = NULL;
    if (s == NULL)
        return 0;
    REQUIRE(*s++ == '{');
    while (*s != '}') {
        struct text value = TEXT_INIT;
        REQUIRE(count < KEY_COLUMNS_MAX && (count == 0 || *s++ == ','));
        REQUIRE(*s++ == '"');
        for (; *s != '"'; s++) {
            s += *s == '\\';
            REQUIRE(*s != '\0');
            text_add_bytes(&value, s, 1);
        }
        s++;
        elements[count++] = text_take(&value);
    }
    REQUIRE(s[1] == '\0');
    return count;
}

static int keep(void *context, const struct chunk_store_entry *entry, struct error *err)
{
    (void)err;
    chunk_copy(context, &entry->chunk);
    return 0;
}

static bool is_same(const struct chunk *a, const struct chunk *b)
{
    struct text one = TEXT_INIT, other = TEXT_INIT;

    message_pack_chunk(&one, a);
    message_pack_chunk(&other, b);
    bool same = one.bytes == other.bytes && memcmp(one.data, other.data, one.bytes) == 0;
    text_free(&one);
    text_free(&other);
    return same;
}

/* From the line that was copied to the row that is read: what the table does. */
static void store(char *fields[COPY_COLUMNS], char *elements[3][KEY_COLUMNS_MAX])
{
    enum { ID = 1, KIND, LOWER, UPPER, UPPER_OPEN, ROW_LOWER, ROW_UPPER, SETS, ROWS, KEYS };
    const char *const head[HEAD_COLUMNS] = {fields[ID],
                                            fields[KIND],
                                            fields[UPPER_OPEN],
                                            fields[ROW_LOWER],
                                            fields[ROW_UPPER],
                                            fields[ROWS],
                                            fields[KEYS],
                                            "planned",
                                            "1",
                                            "0"};
    const int arrays[] = {LOWER, UPPER, SETS};

    memcpy(stored, head, sizeof head);
    for (int i = 0; i < 3; i++) {
        array_elements(fields[arrays[i]], elements[i]);
        for (int j = 0; j < KEY_COLUMNS_MAX; j++)
            stored[HEAD_COLUMNS + i * KEY_COLUMNS_MAX + j] = elements[i][j];
    }
    stored_columns = READ_COLUMNS;
}

static void check_round_trip(const struct work *work, const struct chunk *chunk)
{
    const struct key nothing = {0};
    struct chunk_store *writer = chunk_store_new(work, &nothing, 0);
    struct error err = ERROR_INIT;
    char *fields[COPY_COLUMNS];
    char *elements[3][KEY_COLUMNS_MAX];
    struct chunk back = {0};

    chunk_store_add(writer, chunk, true);
    REQUIRE(chunk_store_end(writer, NULL, &err) == 0);
    chunk_store_free(writer);
    const char *s = copied;
    REQUIRE(s != NULL);
    for (int i = 0; i < COPY_COLUMNS; i++)
        fields[i] = copy_field(&s);
    REQUIRE(*s == '\0' && s[-1] == '\n');
    REQUIRE(strtoll(fields[0], NULL, 10) == work->run_id);
    store(fields, elements);
    REQUIRE(chunk_store_read_open(NULL, work, keep, &back, &err) == 0);
    REQUIRE(is_same(chunk, &back));
    chunk_clear(&back);
    for (int i = 0; i < COPY_COLUMNS; i++)
        free(fields[i]);
    for (int i = 0; i < 3 * KEY_COLUMNS_MAX; i++)
        free(elements[i / KEY_COLUMNS_MAX][i % KEY_COLUMNS_MAX]);
    free(copied);
    copied = NULL;
}

static void check_chunk(struct strings *strings)
{
    struct work work = {.ledger = memory_unconst("\"chunkmill\""), .attempt = 1};
    struct chunk chunk = {0};

    work.run_id = number_of(next(strings));
    work.key_columns = 1 + (int)((uint64_t)number_of(next(strings)) % KEY_COLUMNS_MAX);
    chunk.id = number_of(next(strings));
    chunk.kind = (enum chunk_kind)((uint64_t)number_of(next(strings)) % (CHUNK_KEYS + 1));
    chunk.upper_open = number_of(next(strings)) % 2 != 0;
    chunk.rows = number_of(next(strings));
    chunk.keys = number_of(next(strings));
    chunk.row_lower = next_or_none(strings);
    chunk.row_upper = next_or_none(strings);
    take_key(strings, work.key_columns, &chunk.lower);
    take_key(strings, work.key_columns, &chunk.upper);
    take_key(strings, work.key_columns, &chunk.sets);
    check_round_trip(&work, &chunk);
}

/* Whole or not at all, and what is whole can go on its way. */
static int check_entry(void *context, const struct chunk_store_entry *entry, struct error *err)
{
    const struct chunk *chunk = &entry->chunk;
    const struct work *work = context;
    const struct key *const keys[] = {&chunk->lower, &chunk->upper, &chunk->sets};

    (void)err;
    REQUIRE(chunk->kind >= CHUNK_RANGE && chunk->kind <= CHUNK_KEYS);
    for (int i = 0; i < 3; i++) {
        REQUIRE(keys[i]->columns == 0 || keys[i]->columns == work->key_columns);
        for (int j = 0; j < keys[i]->columns; j++)
            REQUIRE(keys[i]->values[j] != NULL);
    }
    REQUIRE(is_same(chunk, chunk));
    return 0;
}

/* A result of libpq's own making, as the server's answer would be. */
static PGresult *make_result(struct strings *strings, int columns)
{
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    PGresAttDesc *described = memory_zero((size_t)columns, sizeof *described);

    for (int i = 0; i < columns; i++)
        described[i] =
            (PGresAttDesc){.name = memory_unconst("c"), .typid = 25, .typlen = -1, .atttypmod = -1};
    REQUIRE(PQsetResultAttrs(result, columns, described) != 0);
    free(described);
    for (int i = 0; i < columns; i++) {
        char *value = next_or_none(strings);
        int bytes = value == NULL ? -1 : (int)strlen(value);
        REQUIRE(PQsetvalue(result, 0, i, value, bytes) != 0);
    }
    return result;
}

static void check_values(struct strings *strings)
{
    struct work work = {.ledger = memory_unconst("\"chunkmill\""), .key_columns = 1};
    struct error err = ERROR_INIT;

    work.key_columns += (int)((uint64_t)number_of(next(strings)) % KEY_COLUMNS_MAX);
    /* One value too few is a statement of another program. */
    stored_columns = READ_COLUMNS - (number_of(next(strings)) == 1);
    struct rows rows = {make_result(strings, stored_columns)};
    REQUIRE(rows_count(&rows) == 1 && rows_affected(&rows) == 0);
    for (int i = 0; i < stored_columns; i++) {
        stored[i] = rows_value(&rows, 0, i);
        REQUIRE((stored[i] == NULL) == rows_is_null(&rows, 0, i));
        REQUIRE(strcmp(rows_text(&rows, 0, i), stored[i] == NULL ? "" : stored[i]) == 0);
        REQUIRE(rows_bool(&rows, 0, i) == (stored[i] != NULL && stored[i][0] == 't'));
        REQUIRE(stored[i] != NULL ||
                (rows_int64(&rows, 0, i) == 0 && !(rows_double(&rows, 0, i) > 0)));
    }
    int rc = chunk_store_read_all(NULL, &work, check_entry, &work, &err);
    REQUIRE(rc == 0 || err.kind == ERROR_BUG);
    PQclear(rows.result);
}

static void check_number(struct strings *strings)
{
    int64_t number = number_of(next(strings));
    struct ledger_query_number text = ledger_query_number(number);
    struct strings one = {.values = {text.text}, .count = 1};
    struct rows rows = {make_result(&one, 1)};

    REQUIRE(rows_int64(&rows, 0, 0) == number);
    REQUIRE(strlen(text.text) < sizeof text.text);
    PQclear(rows.result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct strings strings = {0};

    if (bytes < 2)
        return 0;
    split(&strings, data, bytes);
    if (data[0] == 'c')
        check_chunk(&strings);
    else if (data[0] == 'v')
        check_values(&strings);
    else
        check_number(&strings);
    strings_free(&strings);
    return 0;
}
