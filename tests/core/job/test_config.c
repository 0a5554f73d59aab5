/* Reading a job file: defaults, every key, precedence; and whether config/job.schema.json and
 * docs/JOB.md agree with the table of keys. */
#include "core/job/config.h"

#include <cjson/cJSON.h>
#include <inttypes.h>

#include "config_sample.h"
#include "core/job/config_keys.h"

static int64_t number(const struct config *c, const struct config_key *key)
{
    int64_t value;

    memcpy(&value, (const char *)c + key->offset, sizeof value);
    return value;
}

/* Reads the job with one key set: whether it is accepted and has that number. */
static bool keeps_number(const struct config_key *key, int64_t value)
{
    static const char text[] = SAMPLE_START
        ", \"chunk\": {\"target_rows\": 1, \"max_rows\": 10000000, \"filter\": \"keys\"}}";
    char set[100];
    struct config c;
    struct error err = ERROR_INIT;

    snprintf(set, sizeof set, "%s=%" PRId64, key->name, value);
    if (sample_read(text, set, &c, &err) != 0)
        return false;
    bool is_kept = number(&c, key) == value;
    config_clear(&c);
    return is_kept;
}

static void every_number_is_kept_and_held_to_its_range(void)
{
    int count;
    const struct config_key *keys = config_keys_all(&count);

    for (int i = 0; i < count; i++) {
        if (keys[i].type != CONFIG_INT64)
            continue;
        bool is_right =
            keeps_number(&keys[i], keys[i].low) && keeps_number(&keys[i], keys[i].high) &&
            !keeps_number(&keys[i], keys[i].low - 1) && !keeps_number(&keys[i], keys[i].high + 1);
        CU_ASSERT_TRUE(is_right);
        if (!is_right)
            printf("\n    not held to its range: %s", keys[i].name);
    }
}

static void every_number_has_the_default_of_its_row(void)
{
    int count;
    const struct config_key *keys = config_keys_all(&count);
    struct config c;
    struct error err = ERROR_INIT;

    CU_ASSERT_EQUAL_FATAL(sample_read(SAMPLE_START "}", NULL, &c, &err), 0);
    for (int i = 0; i < count; i++)
        if (keys[i].type == CONFIG_INT64)
            CU_ASSERT_EQUAL(number(&c, &keys[i]), strtoll(keys[i].fallback, NULL, 10));
    config_clear(&c);
}

static void a_small_job_has_every_default(void)
{
    struct config c;
    struct error err = ERROR_INIT;

    CU_ASSERT_EQUAL_FATAL(sample_read(SAMPLE_START "}", NULL, &c, &err), 0);
    CU_ASSERT_STRING_EQUAL(c.path, sample_job);
    CU_ASSERT_STRING_EQUAL(c.job, "j");
    CU_ASSERT_STRING_EQUAL(c.table, "t");
    CU_ASSERT_STRING_EQUAL(c.update_name, "update.sql");
    CU_ASSERT_STRING_EQUAL(c.update, "UPDATE t SET a = 1 WHERE {chunk_filter}");
    CU_ASSERT_PTR_NULL(c.row_id);
    CU_ASSERT_PTR_NULL(c.scope);
    CU_ASSERT_PTR_NULL(c.flag);
    CU_ASSERT_PTR_NULL(c.window_on);
    CU_ASSERT_EQUAL(c.key_count + c.schema_count + c.setting_count + c.before_count + c.after_count,
                    0);
    CU_ASSERT_EQUAL(c.target_rows, 10000);
    CU_ASSERT_EQUAL(c.max_rows, 50000);
    CU_ASSERT_EQUAL(c.max_keys, 1000);
    CU_ASSERT_EQUAL(c.max_workers, 0);
    CU_ASSERT_EQUAL(c.max_failed_chunks, 10);
    CU_ASSERT_EQUAL(c.retries, 10);
    CU_ASSERT_EQUAL(c.suspect_after, 3);
    CU_ASSERT_EQUAL(c.lock_timeout_ms, 1000);
    CU_ASSERT_EQUAL(c.statement_timeout_ms, 600000);
    CU_ASSERT_STRING_EQUAL(c.time_zone, "UTC");
    CU_ASSERT_STRING_EQUAL(c.ledger_schema, "chunkmill");
    CU_ASSERT_EQUAL(c.mark_ahead, 3);
    CU_ASSERT_FALSE(c.keys_filter || c.static_schedule || c.after_on_gaps || c.share_table ||
                    c.triggers_may_skip);
    config_clear(&c);
}

static const char all_keys[] =
    "{\"$schema\": \"x\", \"$comment\": [1], \"job\": \"a.B_c-9\", \"schemas\": {\"s\": \"My "
    "\\u00e9\", "
    "\"s2\": \"x\"},\n"
    "\"table\": \"{s}.\\\"T t\\\"\", \"row_id\": \"ID\", \"key\": [\"t.\\\"A\\\"::date\", "
    "\"f(t.b, "
    "{s}.c)\"],\n"
    "\"scope\": \"t.x = '{no}' -- why\", \"window\": {\"on\": \"t.d\", \"from\": \"now() - "
    "interval '2 "
    "years'\", \"to\": \"now()\"},\n"
    "\"flag\": {\"column\": \"busy\", \"marked\": true, \"released\": \"'it''s'\"},\n"
    "\"before\": [\"step.sql\"], \"update\": \"update.sql\", \"after\": [{\"file\": "
    "\"other.sql\", "
    "\"transaction\": false}, {\"file\": \"step.sql\"}],\n"
    "\"after_on_gaps\": true, \"chunk\": {\"target_rows\": 5e3, \"max_rows\": 5000, "
    "\"max_keys\": 7, "
    "\"filter\": \"keys\"},\n"
    "\"limits\": {\"max_workers\": 3, \"max_failed_chunks\": 0, \"retries\": 1000, "
    "\"suspect_after\": "
    "1}, \"schedule\": "
    "\"static\", \"time_zone\": \"Europe/Vienna\",\n"
    "\"connection\": {\"settings\": {\"work_mem\": \"64MB\", \"my.own\": 1.5, "
    "\"enable_seqscan\": "
    "false}, \"lock_timeout_ms\": 1, \"statement_timeout_ms\": 0},\n"
    "\"ledger_schema\": \"l\", \"share_table\": true, \"triggers_may_skip\": true,\n"
    "\"may_assign\": [\"A\", \"b\"]}\n";

static void every_key_of_the_file_is_kept(void)
{
    struct config c;
    struct error err = ERROR_INIT;

    sample_write("other.sql", "\xEF\xBB\xBFVACUUM {s2}.x;");
    CU_ASSERT_EQUAL_FATAL(sample_read(all_keys, NULL, &c, &err), 0);
    CU_ASSERT_EQUAL(c.schema_count, 2);
    CU_ASSERT_STRING_EQUAL(c.schemas[0].name, "s");
    CU_ASSERT_STRING_EQUAL(c.schemas[0].value, "My \xC3\xA9");
    CU_ASSERT_STRING_EQUAL(c.table, "{s}.\"T t\"");
    CU_ASSERT_STRING_EQUAL(c.row_id, "ID");
    CU_ASSERT_EQUAL(c.key_count, 2);
    CU_ASSERT_STRING_EQUAL(c.keys[1], "f(t.b, {s}.c)");
    CU_ASSERT_STRING_EQUAL(c.scope, "t.x = '{no}' -- why");
    CU_ASSERT_STRING_EQUAL(c.window_on, "t.d");
    CU_ASSERT_STRING_EQUAL(c.window_from, "now() - interval '2 years'");
    CU_ASSERT_STRING_EQUAL(c.window_to, "now()");
    CU_ASSERT_STRING_EQUAL(c.flag, "busy");
    CU_ASSERT_STRING_EQUAL(c.flag_marked, "true");
    CU_ASSERT_STRING_EQUAL(c.flag_released, "'it''s'");
    CU_ASSERT_EQUAL(c.before_count, 1);
    CU_ASSERT_STRING_EQUAL(c.before[0].sql, "SELECT 1; SELECT 2;");
    CU_ASSERT_TRUE(c.before[0].transaction);
    CU_ASSERT_EQUAL(c.after_count, 2);
    CU_ASSERT_STRING_EQUAL(c.after[0].name, "other.sql");
    CU_ASSERT_STRING_EQUAL(c.after[0].sql, "VACUUM {s2}.x;");
    CU_ASSERT_FALSE(c.after[0].transaction);
    CU_ASSERT_TRUE(c.after[1].transaction);
    CU_ASSERT_EQUAL(c.target_rows, 5000);
    CU_ASSERT_EQUAL(c.max_rows, 5000);
    CU_ASSERT_EQUAL(c.max_keys, 7);
    CU_ASSERT_EQUAL(c.max_workers, 3);
    CU_ASSERT_EQUAL(c.max_failed_chunks, 0);
    CU_ASSERT_EQUAL(c.retries, 1000);
    CU_ASSERT_EQUAL(c.suspect_after, 1);
    CU_ASSERT_STRING_EQUAL(c.time_zone, "Europe/Vienna");
    CU_ASSERT_EQUAL(c.setting_count, 3);
    CU_ASSERT_STRING_EQUAL(c.settings[0].value, "64MB");
    CU_ASSERT_STRING_EQUAL(c.settings[1].name, "my.own");
    CU_ASSERT_STRING_EQUAL(c.settings[1].value, "1.5");
    CU_ASSERT_STRING_EQUAL(c.settings[2].value, "off");
    CU_ASSERT_EQUAL(c.lock_timeout_ms, 1);
    CU_ASSERT_EQUAL(c.statement_timeout_ms, 0);
    CU_ASSERT_STRING_EQUAL(c.ledger_schema, "l");
    CU_ASSERT_TRUE(c.keys_filter && c.static_schedule && c.after_on_gaps && c.share_table &&
                   c.triggers_may_skip);
    CU_ASSERT_EQUAL_FATAL(c.may_assign_count, 2);
    CU_ASSERT_STRING_EQUAL(c.may_assign[0], "A");
    CU_ASSERT_STRING_EQUAL(c.may_assign[1], "b");
    config_clear(&c);
}

/* config_describe must have a line that begins with `line`. */
static void describes(const struct config *c, const char *line)
{
    struct text all = TEXT_INIT;
    struct text wanted = TEXT_INIT;

    text_add(&all, "\n");
    config_describe(c, &all);
    text_format(&wanted, "\n%s", line);
    CU_ASSERT_PTR_NOT_NULL(strstr(text_string(&all), text_string(&wanted)));
    if (strstr(text_string(&all), text_string(&wanted)) == NULL)
        printf("\n    wanted: %s\n%s", line, text_string(&all));
    text_free(&all);
    text_free(&wanted);
}

static void set_wins_over_the_environment_over_the_file_over_the_default(void)
{
    static const char text[] = SAMPLE_START ",\n\"chunk\": {\"target_rows\": 1,\n\"max_rows\": 7}}";
    struct config c;
    struct error err = ERROR_INIT;

    CU_ASSERT_EQUAL_FATAL(sample_read(SAMPLE_START "}", NULL, &c, &err), 0);
    describes(&c, "chunk.target_rows = 10000 [default]\n");
    describes(&c, "row_id = null [default]\n");
    describes(&c, "chunk.filter = \"range\" [default]\n");
    config_clear(&c);
    CU_ASSERT_EQUAL_FATAL(sample_read(text, NULL, &c, &err), 0);
    CU_ASSERT_EQUAL(c.target_rows, 1);
    CU_ASSERT_EQUAL(c.max_rows, 7);
    config_clear(&c);
    setenv("CHUNKMILL_CHUNK_TARGET_ROWS", "2", 1);
    CU_ASSERT_EQUAL_FATAL(sample_read(text, NULL, &c, &err), 0);
    CU_ASSERT_EQUAL(c.target_rows, 2);
    describes(&c, "chunk.target_rows = 2 [CHUNKMILL_CHUNK_TARGET_ROWS]\n");
    config_clear(&c);
    CU_ASSERT_EQUAL_FATAL(sample_read(text, "chunk.target_rows=3", &c, &err), 0);
    CU_ASSERT_EQUAL(c.target_rows, 3);
    describes(&c, "chunk.target_rows = 3 [--set]\n");
    config_clear(&c);
    unsetenv("CHUNKMILL_CHUNK_TARGET_ROWS");
}

static void the_description_gives_the_line_of_each_value_of_the_file(void)
{
    struct config c;
    struct error err = ERROR_INIT;
    char line[200];

    CU_ASSERT_EQUAL_FATAL(
        sample_read("\n" SAMPLE_START
                    ",\n\"key\":\n[\"a\", \"'{ [ : , \\\" \\\\'\"],\n\n\"schemas\": {\"a\": "
                    "\"b\",\n\"c\": \"d\"},\n\n \"schedule\" :\n\"static\" }",
                    NULL, &c, &err),
        0);
    snprintf(line, sizeof line, "key = [\"a\",\"'{ [ : , \\\" \\\\'\"] [%s:3]\n", sample_job);
    describes(&c, line);
    snprintf(line, sizeof line, "schemas.a = \"b\" [%s:6]\n", sample_job);
    describes(&c, line);
    snprintf(line, sizeof line, "schemas.c = \"d\" [%s:7]\n", sample_job);
    describes(&c, line);
    snprintf(line, sizeof line, "schedule = \"static\" [%s:9]\n", sample_job);
    describes(&c, line);
    config_clear(&c);
}

static void set_reads_text_or_json_by_the_type_of_its_key(void)
{
    struct config c;
    struct error err = ERROR_INIT;

    CU_ASSERT_EQUAL_FATAL(sample_read(SAMPLE_START "}", "key=[\"a\", \"b\"]", &c, &err), 0);
    CU_ASSERT_EQUAL(c.key_count, 2);
    config_clear(&c);
    CU_ASSERT_EQUAL_FATAL(sample_read(SAMPLE_START "}", "scope=a = b", &c, &err), 0);
    CU_ASSERT_STRING_EQUAL(c.scope, "a = b");
    config_clear(&c);
    CU_ASSERT_EQUAL_FATAL(sample_read(SAMPLE_START "}", "flag=busy", &c, &err), 0);
    CU_ASSERT_STRING_EQUAL(c.flag, "busy");
    config_clear(&c);
    CU_ASSERT_EQUAL_FATAL(
        sample_read(SAMPLE_START "}", "flag={\"column\": \"busy\", \"marked\": 2}", &c, &err), 0);
    CU_ASSERT_STRING_EQUAL(c.flag_marked, "2");
    config_clear(&c);
    CU_ASSERT_EQUAL_FATAL(
        sample_read(SAMPLE_START ", \"flag\": \"x\"}", "flag.released=0", &c, &err), 0);
    CU_ASSERT_STRING_EQUAL(c.flag, "x");
    CU_ASSERT_STRING_EQUAL(c.flag_released, "0");
    config_clear(&c);
    CU_ASSERT_EQUAL_FATAL(sample_read(SAMPLE_START
                                      ", \"flag\": {\"column\": \"x\", \"marked\": 2}}",
                                      "flag=null", &c, &err),
                          0);
    CU_ASSERT_PTR_NULL(c.flag);
    config_clear(&c);
    CU_ASSERT_EQUAL_FATAL(sample_read(SAMPLE_START ", \"schemas\": {\"a\": \"x\", \"b\": \"y\"}}",
                                      "schemas.b=z", &c, &err),
                          0);
    CU_ASSERT_EQUAL(c.schema_count, 2);
    CU_ASSERT_STRING_EQUAL(c.schemas[1].value, "z");
    config_clear(&c);
    CU_ASSERT_EQUAL_FATAL(sample_read(SAMPLE_START "}", "connection.settings.my.own=on", &c, &err),
                          0);
    CU_ASSERT_STRING_EQUAL(c.settings[0].name, "my.own");
    config_clear(&c);
    CU_ASSERT_EQUAL_FATAL(
        sample_read(SAMPLE_START "}", "chunk={\"target_rows\": 5, \"max_rows\": 6}", &c, &err), 0);
    CU_ASSERT_EQUAL(c.max_rows, 6);
    config_clear(&c);
}

static void a_variable_may_name_a_member_and_reserved_ones_are_ignored(void)
{
    struct config c;
    struct error err = ERROR_INIT;

    setenv("CHUNKMILL_LOG", "debug", 1);
    setenv("CHUNKMILL_EXE", "/x", 1);
    setenv("CHUNKMILL_TEST_HOLD", "x", 1);
    setenv("CHUNKMILL_SCHEMAS_MY_SCHEMA", "other", 1);
    setenv("CHUNKMILL_FLAG", "busy", 1);
    setenv("CHUNKMILL_SHARE_TABLE", "true", 1);
    CU_ASSERT_EQUAL_FATAL(
        sample_read(SAMPLE_START ", \"schemas\": {\"my_schema\": \"x\"}}", NULL, &c, &err), 0);
    CU_ASSERT_EQUAL(c.schema_count, 1);
    CU_ASSERT_STRING_EQUAL(c.schemas[0].value, "other");
    CU_ASSERT_STRING_EQUAL(c.flag, "busy");
    CU_ASSERT_TRUE(c.share_table);
    config_clear(&c);
    unsetenv("CHUNKMILL_LOG");
    unsetenv("CHUNKMILL_EXE");
    unsetenv("CHUNKMILL_TEST_HOLD");
    unsetenv("CHUNKMILL_SCHEMAS_MY_SCHEMA");
    unsetenv("CHUNKMILL_FLAG");
    unsetenv("CHUNKMILL_SHARE_TABLE");
}

static void the_example_jobs_are_valid(void)
{
    static const char *const jobs[] = {"config/orders.json", "config/conflict_visits.json"};
    struct config c;
    struct error err = ERROR_INIT;

    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
        int rc = config_read(jobs[i], NULL, 0, &c, &err);
        CU_ASSERT_EQUAL(rc, 0);
        if (rc != 0)
            printf("\n    %s", err.text);
        else
            config_clear(&c);
    }
}

static char *whole_file(const char *path)
{
    struct text all = TEXT_INIT;
    char block[4096];
    size_t bytes;
    FILE *file = fopen(path, "r");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    while ((bytes = fread(block, 1, sizeof block, file)) > 0)
        text_add_bytes(&all, block, bytes);
    fclose(file);
    return text_take(&all);
}

/* properties.NAME, and for flag the object of its two forms. */
static const cJSON *property(const cJSON *schema, const char *name)
{
    const cJSON *forms = cJSON_GetObjectItemCaseSensitive(schema, "oneOf");

    if (forms != NULL)
        schema = cJSON_GetArrayItem(forms, 1);
    return cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(schema, "properties"),
                                            name);
}

static const cJSON *find_in_schema(const cJSON *schema, const char *path)
{
    char part[64];

    while (schema != NULL && *path != '\0') {
        size_t bytes = strcspn(path, ".");
        snprintf(part, sizeof part, "%.*s", (int)bytes, path);
        schema = property(schema, part);
        path += bytes + (path[bytes] == '.');
    }
    return schema;
}

/* The type of the key's value in the schema, or its definition. */
static void has_type(const struct config_key *key, const cJSON *schema)
{
    static const char *const types[] = {
        [CONFIG_JOB] = "string",
        [CONFIG_NAME] = "#/definitions/name",
        [CONFIG_TABLE] = "string",
        [CONFIG_SQL] = "#/definitions/expression",
        [CONFIG_SQL_LIST] = "array",
        [CONFIG_NAMES] = "array",
        [CONFIG_LITERAL] = "#/definitions/literal",
        [CONFIG_FILE] = "#/definitions/file",
        [CONFIG_STEPS] = "#/definitions/steps",
        [CONFIG_ZONE] = "string",
        [CONFIG_INT64] = "integer",
        [CONFIG_BOOL] = "boolean",
        [CONFIG_SCHEMAS] = "object",
        [CONFIG_SETTINGS] = "object",
    };
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(schema, "type");
    const cJSON *words = cJSON_GetObjectItemCaseSensitive(schema, "enum");

    if (key->type == CONFIG_CHOICE) {
        char unit[100];
        CU_ASSERT_EQUAL_FATAL(cJSON_GetArraySize(words), 2);
        snprintf(unit, sizeof unit, "%s or %s", cJSON_GetArrayItem(words, 0)->valuestring,
                 cJSON_GetArrayItem(words, 1)->valuestring);
        CU_ASSERT_STRING_EQUAL(unit, key->unit);
        return;
    }
    if (type == NULL)
        type = cJSON_GetObjectItemCaseSensitive(schema, "$ref");
    const char *name = cJSON_GetStringValue(type);
    CU_ASSERT_TRUE(name != NULL && strcmp(name, types[key->type]) == 0);
    CU_ASSERT_PTR_NULL(words);
}

static void matches_schema(const struct config_key *key, const cJSON *schema)
{
    const cJSON *low = cJSON_GetObjectItemCaseSensitive(schema, "minimum");
    const cJSON *high = cJSON_GetObjectItemCaseSensitive(schema, "maximum");
    const cJSON *help = cJSON_GetObjectItemCaseSensitive(schema, "description");
    const cJSON *fallback = cJSON_GetObjectItemCaseSensitive(schema, "default");
    cJSON *wanted = cJSON_Parse(key->fallback == NULL ? "" : key->fallback);

    CU_ASSERT_PTR_NOT_NULL_FATAL(help);
    CU_ASSERT_STRING_EQUAL(help->valuestring, key->help);
    CU_ASSERT_EQUAL(wanted == NULL, fallback == NULL);
    CU_ASSERT_TRUE(wanted == NULL || cJSON_Compare(wanted, fallback, 1));
    CU_ASSERT_EQUAL(key->type == CONFIG_INT64, low != NULL && high != NULL);
    if (low != NULL && high != NULL) {
        CU_ASSERT_EQUAL((int64_t)low->valuedouble, key->low);
        CU_ASSERT_EQUAL((int64_t)high->valuedouble, key->high);
    }
    has_type(key, schema);
    cJSON_Delete(wanted);
}

/* How many keys the schema has; a group of keys is not one itself. */
static int count_keys(const cJSON *schema)
{
    const cJSON *forms = cJSON_GetObjectItemCaseSensitive(schema, "oneOf");
    const cJSON *members = cJSON_GetObjectItemCaseSensitive(
        forms == NULL ? schema : cJSON_GetArrayItem(forms, 1), "properties");
    int count = 0;
    int named = 0;

    for (const cJSON *member = members == NULL ? NULL : members->child; member != NULL;
         member = member->next)
        if (member->string[0] != '$') {
            named++;
            count += count_keys(member);
        }
    return named == 0 ? 1 : count;
}

static void the_schema_agrees_with_the_table_of_keys(void)
{
    int count;
    int required = 0;
    const struct config_key *keys = config_keys_all(&count);
    char *text = whole_file("config/job.schema.json");
    cJSON *schema = cJSON_Parse(text);

    CU_ASSERT_PTR_NOT_NULL_FATAL(schema);
    for (int i = 0; i < count; i++) {
        const cJSON *found = find_in_schema(schema, keys[i].name);
        CU_ASSERT_PTR_NOT_NULL(found);
        if (found != NULL)
            matches_schema(&keys[i], found);
        else
            printf("\n    not in the schema: %s", keys[i].name);
        required += keys[i].is_required;
    }
    CU_ASSERT_EQUAL(count_keys(schema), count);
    CU_ASSERT_EQUAL(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(schema, "required")),
                    required);
    cJSON_Delete(schema);
    free(text);
}

/* Whether the line at row holds text. */
static bool line_has(const char *row, const char *text)
{
    const char *found = strstr(row, text);

    return found != NULL && found < row + strcspn(row, "\n");
}

static void the_manual_names_every_key_its_default_and_its_range(void)
{
    int count;
    const struct config_key *keys = config_keys_all(&count);
    char *manual = whole_file("docs/JOB.md");
    char wanted[100];

    for (int i = 0; i < count; i++) {
        snprintf(wanted, sizeof wanted, "\n| `%s` |", keys[i].name);
        const char *row = strstr(manual, wanted);
        CU_ASSERT_PTR_NOT_NULL(row);
        if (row == NULL) {
            printf("\n    not in docs/JOB.md: %s", keys[i].name);
            continue;
        }
        snprintf(wanted, sizeof wanted, "| `%s` |", keys[i].fallback);
        CU_ASSERT_TRUE(keys[i].fallback == NULL || line_has(row + 1, wanted));
        snprintf(wanted, sizeof wanted, "| number: %" PRId64 " to %" PRId64 " ", keys[i].low,
                 keys[i].high);
        CU_ASSERT_TRUE(keys[i].type != CONFIG_INT64 || line_has(row + 1, wanted));
    }
    free(manual);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_small_job_has_every_default),
        TEST(every_number_has_the_default_of_its_row),
        TEST(every_number_is_kept_and_held_to_its_range),
        TEST(every_key_of_the_file_is_kept),
        TEST(set_wins_over_the_environment_over_the_file_over_the_default),
        TEST(the_description_gives_the_line_of_each_value_of_the_file),
        TEST(set_reads_text_or_json_by_the_type_of_its_key),
        TEST(a_variable_may_name_a_member_and_reserved_ones_are_ignored),
        TEST(the_example_jobs_are_valid),
        TEST(the_schema_agrees_with_the_table_of_keys),
        TEST(the_manual_names_every_key_its_default_and_its_range),
        CU_TEST_INFO_NULL,
    };
    sample_make();
    return unit_run("config", tests);
}
