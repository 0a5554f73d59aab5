/* Errors of a job as a whole: a key is missing, two keys contradict each other, or a file can't be
 * used. */
#include <stdio.h>
#include <sys/stat.h>

#include "config_sample.h"

static void a_job_without_a_required_key_is_refused(void)
{
    sample_refused("{\"table\": \"t\", \"update\": \"update.sql\"}", NULL,
                   "job.json: job: is missing and required; allowed is 1 to 63 letters");
    sample_refused("{\"job\": \"j\", \"update\": \"update.sql\"}", NULL,
                   "job.json: table: is missing and required");
    sample_refused("{\"job\": \"j\", \"table\": \"t\"}", NULL,
                   "job.json: update: is missing and required");
}

static void keys_that_contradict_each_other_are_refused(void)
{
    sample_refused(SAMPLE_START ",\n\"window\": {\"on\": \"a\", \"to\": \"b\"}}", NULL,
                   "job.json:2: window.on: a window needs on, from and to; window.from is missing");
    sample_refused(SAMPLE_START ",\n\"chunk\": {\"max_rows\": 9999}}", NULL,
                   "job.json:2: chunk.max_rows: chunk.max_rows must be at least chunk.target_rows");
    sample_refused(
        SAMPLE_START ",\n\"chunk\": {\"target_rows\": 50001}}", NULL,
        "job.json:2: chunk.target_rows: chunk.max_rows must be at least chunk.target_rows");
    sample_refused(SAMPLE_START ",\n\"chunk\": {\"max_keys\": 10}}", NULL,
                   "job.json:2: chunk.max_keys: only allowed with \"filter\": \"keys\"");
    sample_refused(SAMPLE_START "}", "flag.released=0",
                   "--set: flag.released: a value without a flag");
}

static void an_update_must_be_one_statement_with_a_chunk_filter(void)
{
    static const struct {
        const char *sql;
        const char *said;
    } cases[] = {
        {"UPDATE t SET a = 1", "has no {chunk_filter}, so every chunk would update all rows"},
        {"UPDATE t SET a = 1 -- {chunk_filter}", "has no {chunk_filter}"},
        {"UPDATE t SET a = '{chunk_filter}'", "has no {chunk_filter}"},
        {"UPDATE t SET a = 1 WHERE {chunk_filter}; DELETE FROM t",
         "holds 2 statements; one is allowed"},
        {" -- nothing\n;", "holds no statement"},
    };
    char said[200];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sample_write("other.sql", cases[i].sql);
        snprintf(said, sizeof said, "--set: update: other.sql: %s", cases[i].said);
        sample_refused(SAMPLE_START "}", "update=other.sql", said);
    }
    sample_write(
        "other.sql",
        "UPDATE t /* $1\n$2 */\nSET a$3 = '$4', b = $x$ $5 $x$, c = $6 WHERE {chunk_filter}");
    sample_refused(SAMPLE_START "}", "update=other.sql",
                   "--set: update: other.sql:3: has a parameter such as $1");
    sample_write("other.sql", "UPDATE t\nSET a = {nobody} WHERE {chunk_filter}");
    sample_refused(SAMPLE_START ",\n\"schemas\": {\"s\": \"x\"}}", "update=other.sql",
                   "--set: update: other.sql:2: unknown placeholder {nobody}; known here: {s}, "
                   "{chunk_filter}");
}

static void a_file_that_is_large_or_not_plain_text_is_refused(void)
{
    static char large[(1 << 20) + 2];
    char pipe[sizeof sample_folder + 16];

    sample_refused(SAMPLE_START "}", "update=none.sql",
                   "--set: update: none.sql: No such file or directory");
    sample_refused(SAMPLE_START "}", "update=.", "--set: update: .: not a regular file");
    snprintf(pipe, sizeof pipe, "%s/pipe.sql", sample_folder);
    CU_ASSERT_EQUAL_FATAL(mkfifo(pipe, 0600), 0);
    sample_refused(SAMPLE_START "}", "update=pipe.sql",
                   "--set: update: pipe.sql: not a regular file");
    sample_write("other.sql", "");
    sample_refused(SAMPLE_START "}", "update=other.sql",
                   "--set: update: other.sql: the file is empty");
    sample_write_bytes("other.sql", "UPDATE\n\0{chunk_filter}", 22);
    sample_refused(SAMPLE_START "}", "update=other.sql", "--set: update: other.sql:2: a NUL byte");
    sample_write("other.sql", "UPDATE \xFF {chunk_filter}");
    sample_refused(SAMPLE_START "}", "update=other.sql",
                   "--set: update: other.sql:1: bytes that are not UTF-8");
    memset(large, ' ', sizeof large - 1);
    sample_write("other.sql", large);
    sample_refused(SAMPLE_START "}", "update=other.sql",
                   "--set: update: other.sql: the file is larger than 1 MiB");
    sample_refused(large, NULL, "job.json: the file is larger than 1 MiB");
    sample_refused(SAMPLE_START "}", "update=", "--set: update: empty");
}

static void a_missing_job_file_is_refused(void)
{
    struct config c;
    struct error err = ERROR_INIT;

    CU_ASSERT_EQUAL(config_read("/nonexistent/job.json", NULL, 0, &c, &err), -1);
    CU_ASSERT_STRING_EQUAL(err.text, "/nonexistent/job.json: No such file or directory");
    CU_ASSERT_EQUAL(err.kind, ERROR_CONFIG);
    CU_ASSERT_EQUAL(config_read("/tmp", NULL, 0, &c, &err), -1);
    CU_ASSERT_STRING_EQUAL(err.text, "/tmp: not a regular file");
}

static void a_step_is_a_file_or_an_object_with_a_file(void)
{
    sample_refused(SAMPLE_START "}", "before=[1]",
                   "--set: before: not a string; allowed is a list of");
    sample_refused(SAMPLE_START "}", "before=[{}]", "--set: before: a step without a file");
    sample_refused(SAMPLE_START "}", "before=[{\"file\": \"step.sql\", \"transaction\": 1}]",
                   "--set: before: transaction must be true or false");
    sample_refused(SAMPLE_START "}", "after=[{\"file\": \"step.sql\", \"transaction\": false}]",
                   "--set: after: step.sql: outside of a transaction a step must be one statement");
    sample_refused(SAMPLE_START "}", "after=[{\"file\": \"step.sql\", \"x\": 1}]",
                   "--set: after: no such key in a step; file and transaction are allowed");
    sample_refused(SAMPLE_START "}", "after=step.sql", "--set:1: not valid JSON");
    sample_refused(SAMPLE_START ",\n\"after\":\n\"step.sql\"}", NULL,
                   "job.json:2: after: not a list");
    sample_write("other.sql", "SELECT {chunk_filter}");
    sample_refused(
        SAMPLE_START ",\n\"before\": [\"step.sql\",\n\"other.sql\"]}", NULL,
        "job.json:3: before: other.sql:1: unknown placeholder {chunk_filter}; known here: none");
}

static void a_list_or_a_map_has_at_most_sixty_four_members(void)
{
    struct text steps = TEXT_INIT;
    struct text schemas = TEXT_INIT;

    for (int i = 0; i < 65; i++) {
        text_format(&steps, "%s\"step.sql\"", i == 0 ? "before=[" : ",");
        text_format(&schemas, "%s\"a%d\": \"x\"", i == 0 ? "schemas={" : ",", i);
    }
    text_add(&steps, "]");
    text_add(&schemas, "}");
    sample_refused(SAMPLE_START "}", text_string(&steps),
                   "--set: before: one step too many; allowed is");
    sample_refused(SAMPLE_START "}", text_string(&schemas),
                   "--set: schemas.a64: one member too many");
    text_free(&steps);
    text_free(&schemas);
}

static void unknown_names_in_set_and_the_environment_are_refused(void)
{
    sample_refused(SAMPLE_START "}", "chunk.target_row=1",
                   "--set: chunk.target_row: no such key; did you mean chunk.target_rows?");
    sample_refused(SAMPLE_START "}", "chunk.target_rows=many",
                   "--set: chunk.target_rows: not a number");
    sample_refused(SAMPLE_START "}",
                   "chunk.target_rows=", "--set: chunk.target_rows: not a number");
    sample_refused(SAMPLE_START "}", "chunk=5", "--set: chunk: must be an object");
    sample_refused(SAMPLE_START "}", "chunk", "--set: try --set KEY=VALUE");
    sample_refused(SAMPLE_START "}", "=1", "--set: try --set KEY=VALUE");
    sample_refused(SAMPLE_START "}", "scope=a\xFF", "--set: scope: has bytes that are not UTF-8");
    sample_refused(SAMPLE_START "}", "connection.settings.\033[2J=\xFF",
                   "--set: connection.settings.?[2J: has bytes that are not UTF-8");
    setenv("CHUNKMILL_CHUNK_TARGET_ROW", "1", 1);
    sample_refused(SAMPLE_START "}", NULL,
                   "CHUNKMILL_CHUNK_TARGET_ROW: chunk_target_row: no such key; did you mean "
                   "chunk.target_rows?");
    unsetenv("CHUNKMILL_CHUNK_TARGET_ROW");
    setenv("CHUNKMILL_RETRIES", "1", 1);
    sample_refused(SAMPLE_START "}", NULL,
                   "CHUNKMILL_RETRIES: retries: no such key; did you mean limits.retries?");
    unsetenv("CHUNKMILL_RETRIES");
    setenv("CHUNKMILL_LIMITS_RETRIES", "-1", 1);
    sample_refused(SAMPLE_START "}", NULL,
                   "CHUNKMILL_LIMITS_RETRIES: limits.retries: out of range");
    unsetenv("CHUNKMILL_LIMITS_RETRIES");
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_job_without_a_required_key_is_refused),
        TEST(keys_that_contradict_each_other_are_refused),
        TEST(an_update_must_be_one_statement_with_a_chunk_filter),
        TEST(a_file_that_is_large_or_not_plain_text_is_refused),
        TEST(a_missing_job_file_is_refused),
        TEST(a_step_is_a_file_or_an_object_with_a_file),
        TEST(a_list_or_a_map_has_at_most_sixty_four_members),
        TEST(unknown_names_in_set_and_the_environment_are_refused),
        CU_TEST_INFO_NULL,
    };
    sample_make();
    return unit_run("config_files", tests);
}
