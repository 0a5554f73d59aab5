/* Values that are refused, and the error: file, line, key, what is wrong, what is allowed. */
#include <stdio.h>
#include <sys/stat.h>

#include "config_sample.h"

/* A job whose third line is `line`. */
static void third_line_refused(const char *line, const char *said)
{
    struct text job = TEXT_INIT;

    text_format(&job, SAMPLE_START "\n,\n%s\n}", line);
    sample_refused(text_string(&job), NULL, said);
    text_free(&job);
}

struct refusal {
    const char *given;
    const char *said;
};

static void third_lines_refused(const struct refusal *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        third_line_refused(cases[i].given, cases[i].said);
}

#define REFUSED(cases) third_lines_refused(cases, sizeof(cases) / sizeof(cases)[0])

static void the_error_for_an_unknown_key_suggests_the_nearest_one(void)
{
    static const struct refusal cases[] = {
        {"\"sheduel\": \"static\"", "job.json:3: sheduel: no such key; did you mean schedule?"},
        {"\"chunk\": {\"target_row\": 1}",
         "job.json:3: chunk.target_row: no such key; did you mean chunk.target_rows?"},
        {"\"target_rows\": 1",
         "job.json:3: target_rows: no such key; did you mean chunk.target_rows?"},
        {"\"chunk\": {\"zzzz\": 1}", "job.json:3: chunk.zzzz: no such key; known here: "
                                     "target_rows, max_rows, max_keys, filter"},
        {"\"zzzz\": 1",
         "job.json:3: zzzz: no such key; known here: job, schemas, table, row_id, key, scope, "
         "window, flag, before,"},
        {"\"Job\": 1", "job.json:3: Job: no such key; did you mean job?"},
        {"\"chunk.target_rows\": 1", "job.json:3: chunk.target_rows: no such key; did you mean"},
        {"\"\": {\"key\": [\"a\"]}", "job.json:3: the job: no such key; known here:"},
        {"\"a\\u001b[2J\\u007f\": 1", "job.json:3: a?[2J?: no such key"},
        {"\"limits\": {\"$schema\": 1}", "job.json:3: limits.$schema: no such key"},
    };
    REFUSED(cases);
}

static void a_key_given_twice_is_refused(void)
{
    static const struct refusal cases[] = {
        {"\"scope\": \"a\", \"scope\": \"b\"", "job.json:3: scope: given twice; try one"},
        {"\"chunk\": {\"max_rows\": 50000,\n\"max_rows\": 50000}",
         "job.json:4: chunk.max_rows: given twice"},
        {"\"schemas\": {\"a\": \"x\",\n\n\"a\": \"x\"}", "job.json:5: schemas.a: given twice"},
        {"\"chunk\": {}, \"chunk\": {}", "job.json:3: chunk: given twice"},
        {"\"\\u0073cope\": \"a\", \"scope\": \"b\"", "job.json:3: scope: given twice"},
        {"\"before\": [{\"file\": \"step.sql\", \"file\": \"step.sql\"}]",
         "job.json:3: before: given twice in one step"},
    };
    REFUSED(cases);
}

static void text_that_is_not_strict_json_is_refused_with_its_line(void)
{
    static const struct refusal cases[] = {
        {"\"scope\": \"a\",", "job.json:4: not valid JSON"},
        {"\"scope\": \"a\"} 1 {", "job.json:3: not valid JSON"},
        {"\"scope\": \"a\nb\"", "job.json:3: a line break or tab inside of a string"},
        {"\"scope\": \"a\tb\"", "job.json:3: a line break or tab inside of a string"},
        {"\"scope\": \"a\001b\"", "job.json:3: a control byte"},
        {"\"scope\"\v: \"a\"", "job.json:3: a control byte"},
        {"\"scope\": \"\\u0000\"", "job.json:3: \\u0000, which no text"},
        {"\"scope\": \"a\\\\\\u0000\"", "job.json:3: \\u0000, which no text"},
        {"\"scope\": \"\xC3\"", "job.json:3: bytes that are not UTF-8"},
        {"\"scope\": \"\xC0\x80\"", "job.json:3: bytes that are not UTF-8"},
        {"\"scope\": \"\xED\xA0\x80\"", "job.json:3: bytes that are not UTF-8"},
        {"\"scope\": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
         "job.json:3: objects or lists nested too deeply"},
    };

    REFUSED(cases);
    sample_refused("{\n\"job\": \"j", NULL, "job.json:2: a string that does not end");
    sample_refused("[]", NULL, "job.json:1: the job: must be an object");
    sample_refused("7", NULL, "job.json:1: the job: must be an object");
    sample_refused(" ", NULL, "job.json:1: not valid JSON");
    sample_refused("", NULL, "job.json: the file is empty");
}

static void numbers_out_of_range_and_of_other_types_are_refused(void)
{
    static const struct refusal cases[] = {
        {"\"chunk\": {\"target_rows\": 0}",
         "job.json:3: chunk.target_rows: out of range; allowed is a whole "
         "number from 1 to 10000000 (rows)"},
        {"\"chunk\": {\"target_rows\": 10000001}", "job.json:3: chunk.target_rows: out of range"},
        {"\"chunk\": {\"target_rows\": 1e999}", "job.json:3: chunk.target_rows: out of range"},
        {"\"chunk\": {\"target_rows\": -1}", "job.json:3: chunk.target_rows: out of range"},
        {"\"chunk\": {\"target_rows\": 1.5}", "job.json:3: chunk.target_rows: not a whole number"},
        {"\"chunk\": {\"target_rows\": \"5\"}", "job.json:3: chunk.target_rows: not a number"},
        {"\"chunk\": {\"target_rows\": true}", "job.json:3: chunk.target_rows: not a number"},
        {"\"chunk\": {\"target_rows\": null}", "job.json:3: chunk.target_rows: not a number"},
        {"\"limits\": {\"retries\": 1001}", "job.json:3: limits.retries: out of range"},
        {"\"limits\": {\"max_workers\": 100001}", "job.json:3: limits.max_workers: out of range"},
        {"\"connection\": {\"lock_timeout_ms\": 0}",
         "job.json:3: connection.lock_timeout_ms: out of range"},
        {"\"share_table\": 1", "job.json:3: share_table: not a boolean; allowed is true or false"},
        {"\"schedule\": \"Static\"",
         "job.json:3: schedule: not one of its words; allowed is dynamic or static"},
        {"\"schedule\": \"dyn\"", "job.json:3: schedule: not one of its words"},
        {"\"schedule\": 1", "job.json:3: schedule: not one of its words"},
        {"\"chunk\": 5", "job.json:3: chunk: must be an object"},
        {"\"key\": \"t.id\"",
         "job.json:3: key: not a list; allowed is a list of 1 to 8 SQL expressions"},
        {"\"key\": []", "job.json:3: key: an empty list"},
        {"\"key\": [\"a\",\n1]", "job.json:4: key: not a string"},
        {"\"key\": [\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\n\"a\"]",
         "job.json:4: key: one expression too many"},
    };
    REFUSED(cases);
}

static void settings_that_would_break_exactness_are_refused(void)
{
    static const char *const names[] = {
        "datestyle",
        "intervalstyle",
        "extra_float_digits",
        "bytea_output",
        "client_encoding",
        "search_path",
        "row_security",
        "default_transaction_isolation",
        "session_replication_role",
        "password",
        "lock_timeout",
        "statement_timeout",
        "timezone",
        "standard_conforming_strings",
    };
    static const struct refusal cases[] = {
        {"\"connection\": {\"settings\": {\"TimeZone\": \"UTC\"}}",
         "job.json:3: connection.settings.TimeZone: not a setting's name in lower case"},
        {"\"connection\": {\"settings\": {\"timezone\": \"UTC\"}}",
         "job.json:3: connection.settings.timezone: must not be set here; try time_zone"},
        {"\"connection\": {\"settings\": {\"a b\": 1}}",
         "job.json:3: connection.settings.a b: not a setting's"},
        {"\"connection\": {\"settings\": {\"\": 1}}",
         "job.json:3: connection.settings.: no such key"},
        {"\"connection\": {\"settings\": {\"work_mem\": [1]}}",
         "job.json:3: connection.settings.work_mem: neither a string"},
        {"\"connection\": {\"settings\": {\"work_mem\": \"\\u001b\"}}",
         "job.json:3: connection.settings.work_mem: has a control byte"},
        {"\"connection\": {\"settings\": 1}", "job.json:3: connection.settings: must be an object"},
    };
    char line[200];
    char said[200];

    REFUSED(cases);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(line, sizeof line, "\"connection\": {\"settings\": {\"%s\": \"1\"}}", names[i]);
        snprintf(said, sizeof said, "job.json:3: connection.settings.%s: must not be set here; ",
                 names[i]);
        third_line_refused(line, said);
    }
}

static void a_password_in_a_job_file_is_refused_and_not_repeated(void)
{
    static const char *const names[] = {"password", "host",    "user",    "dbname",
                                        "port",     "sslmode", "passfile"};
    char line[200];
    char said[200];
    struct config config;
    struct error err = ERROR_INIT;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(line, sizeof line, "\"connection\": {\"%s\": \"sesame\"}", names[i]);
        snprintf(
            said, sizeof said,
            "job.json:3: connection.%s: no such key; a job file says nothing of server, user or "
            "password; try libpq's environment: PGHOST, PGPORT, PGDATABASE, PGUSER, PGSSLMODE, "
            "PGSERVICE, PGPASSFILE",
            names[i]);
        third_line_refused(line, said);
    }
    third_line_refused("\"password\": \"sesame\"",
                       "job.json:3: password: no such key; a job file says");
    third_line_refused("\"connection\": \"postgresql://u:sesame@h/d\"",
                       "job.json:3: connection: must be an object");
    sample_refused(SAMPLE_START "}", "connection.password=sesame",
                   "--set: connection.password: no such key; a job file says");
    CU_ASSERT_EQUAL(sample_read(SAMPLE_START ", \"password\": \"sesame\"}", NULL, &config, &err),
                    -1);
    CU_ASSERT_PTR_NULL(strstr(err.text, "sesame"));
}

static void malformed_names_expressions_and_literals_are_refused(void)
{
    static const struct refusal cases[] = {
        {"\"row_id\": \"\"",
         "job.json:3: row_id: empty; allowed is a name exactly as in the catalog"},
        {"\"row_id\": \"a\\nb\"", "job.json:3: row_id: has a control byte"},
        {"\"row_id\": \"a\\u0001\"", "job.json:3: row_id: has a control byte"},
        {"\"row_id\": 1", "job.json:3: row_id: not a string"},
        {"\"row_id\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"",
         "job.json:3: row_id: too long"},
        {"\"time_zone\": \"UTC; x\"", "job.json:3: time_zone: has a character that is not allowed"},
        {"\"scope\": \" \"", "job.json:3: scope: is empty"},
        {"\"scope\": \"-- nothing\"", "job.json:3: scope: is empty"},
        {"\"scope\": \"a = $1\"", "job.json:3: scope: has a parameter such as $1"},
        {"\"window\": {\"on\": \"a\",\n\"from\": \"$1\", \"to\": \"b\"}",
         "job.json:4: window.from: has a parameter such as $1"},
        {"\"scope\": \"a; DROP TABLE t\"", "job.json:3: scope: has a semicolon"},
        {"\"scope\": \"a;\"", "job.json:3: scope: has a semicolon"},
        {"\"scope\": \";a\"", "job.json:3: scope: has a semicolon"},
        {"\"scope\": \"a) OR (true\"",
         "job.json:3: scope: has a bracket, a quote or a comment that does not"},
        {"\"scope\": \"a /*\"",
         "job.json:3: scope: has a bracket, a quote or a comment that does not"},
        {"\"scope\": \"a\\u0002\"", "job.json:3: scope: has a control byte"},
        {"\"scope\": \"{nobody}.f(t.a)\"",
         "job.json:3: scope: unknown placeholder {nobody}; known here: none"},
        {"\"schemas\": {\"some\": \"x\"},\n\"scope\": \"{sone}.f(t.a)\"",
         "job.json:4: scope: unknown placeholder {sone}; known here: {some}"},
        {"\"scope\": \"{chunk_filter}\"", "job.json:3: scope: unknown placeholder {chunk_filter}"},
        {"\"key\": [\"t.a\",\n\"{x}\"]", "job.json:4: key: unknown placeholder {x}"},
        {"\"window\": {\"on\": \"a\",\n\"from\": \"{x}\", \"to\": \"b\"}",
         "job.json:4: window.from: unknown placeholder {x}"},
        {"\"schemas\": {\"A\": \"x\"}", "job.json:3: schemas.A: not a placeholder's name"},
        {"\"schemas\": {\"1a\": \"x\"}", "job.json:3: schemas.1a: not a placeholder's name"},
        {"\"schemas\": {\"a\\u001bb\": \"x\"}",
         "job.json:3: schemas.a?b: not a placeholder's name"},
        {"\"schemas\": {\"chunk_filter\": \"x\"}", "job.json:3: schemas.chunk_filter: the name of"},
        {"\"schemas\": {\"a\": \"\"}", "job.json:3: schemas.a: empty"},
        {"\"schemas\": {\"a\": 1}", "job.json:3: schemas.a: not a string"},
        {"\"flag\": {\"column\": \"f\", \"marked\": \"busy\"}",
         "job.json:3: flag.marked: not a literal; allowed is a number, true, false, null or a "
         "string in"},
        {"\"flag\": {\"column\": \"f\", \"marked\": \"1; x\"}",
         "job.json:3: flag.marked: not a literal"},
        {"\"flag\": {\"column\": \"f\", \"marked\": \"'a' || 'b'\"}",
         "job.json:3: flag.marked: not a"},
        {"\"flag\": {\"column\": \"f\", \"marked\": \"'a\"}",
         "job.json:3: flag.marked: not a literal"},
        {"\"flag\": {\"column\": \"f\", \"marked\": [1]}",
         "job.json:3: flag.marked: not a literal"},
        {"\"flag\": {\"column\": \"f\", \"marked\": \"null\"}",
         "job.json:3: flag.marked: marked and released"},
        {"\"flag\": {\"marked\": 2}",
         "job.json:3: flag.marked: a value without a flag; try flag.column"},
        {"\"flag\": {\"colum\": \"x\"}",
         "job.json:3: flag.colum: no such key; did you mean flag.column?"},
        {"\"flag\": 1", "job.json:3: flag.column: not a string"},
    };
    REFUSED(cases);
}

static void literals_of_every_form_are_accepted(void)
{
    static const char *const literals[] = {"-1",   "+1.5e-3", ".5",          "5.",
                                           "TRUE", "''",      "'it''s; \\'", "'{x}'"};
    char text[300];
    struct config c;
    struct error err = ERROR_INIT;

    for (size_t i = 0; i < sizeof literals / sizeof literals[0]; i++) {
        snprintf(text, sizeof text, "flag.marked=%s", literals[i]);
        CU_ASSERT_EQUAL_FATAL(sample_read(SAMPLE_START ", \"flag\": \"f\"}", text, &c, &err), 0);
        CU_ASSERT_STRING_EQUAL(c.flag_marked, literals[i]);
        config_clear(&c);
    }
}

static void a_table_must_be_a_single_name(void)
{
    static const char *const refused[] = {
        "t; DROP TABLE t", "t t", "a.b.c", ".t", "t.",    "\"t", "\"\"",
        "t\"x\"",          "1t",  "{}",    "{s", "{S}.t", "t--", "(SELECT 1)",
        "\"a\nb\"",        "",
    };
    static const char *const taken[] = {"t",     "s.t",         "_t$1",     "\"A b\".\"c\"\"d;\"",
                                        "{s}.t", "{s}.\"T t\"", "\xC3\xA9", "{s}.{s}"};
    char text[200];
    struct config c;
    struct error err = ERROR_INIT;

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        snprintf(text, sizeof text, "table=%s", refused[i]);
        sample_refused(SAMPLE_START ", \"schemas\": {\"s\": \"x\"}}", text, "--set: table: ");
    }
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        snprintf(text, sizeof text, "table=%s", taken[i]);
        CU_ASSERT_EQUAL_FATAL(
            sample_read(SAMPLE_START ", \"schemas\": {\"s\": \"x\"}}", text, &c, &err), 0);
        CU_ASSERT_STRING_EQUAL(c.table, taken[i]);
        config_clear(&c);
    }
    sample_refused(SAMPLE_START "}", "table={x}.t",
                   "--set: table: unknown placeholder {x}; known here: none");
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(the_error_for_an_unknown_key_suggests_the_nearest_one),
        TEST(a_key_given_twice_is_refused),
        TEST(text_that_is_not_strict_json_is_refused_with_its_line),
        TEST(numbers_out_of_range_and_of_other_types_are_refused),
        TEST(settings_that_would_break_exactness_are_refused),
        TEST(a_password_in_a_job_file_is_refused_and_not_repeated),
        TEST(malformed_names_expressions_and_literals_are_refused),
        TEST(literals_of_every_form_are_accepted),
        TEST(a_table_must_be_a_single_name),
        CU_TEST_INFO_NULL,
    };
    sample_make();
    return unit_run("config_errors", tests);
}
