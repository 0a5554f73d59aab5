/* The job file. The parts of an input are its JSON, the text of a file with update in its name, the
 * lines for --set, and the text of all other files. The files are read from memory: the linker
 * replaces config_files_read by __wrap_config_files_read. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "base/utf8.h"
#include "core/job/config.h"
#include "core/job/config_files.h"
#include "core/job/config_keys.h"
#include "core/sql/template.h"
#include "fuzz.h"

enum { SETS_MAX = 8 };

static const char job_path[] = "folder/job.json";
static const char *job_text;
static const char *update_text;
static const char *step_text;

int __real_config_files_read(const char *path, struct text *out, struct error *err);
int __wrap_config_files_read(const char *path, struct text *out, struct error *err);

/* The module itself reads and checks the text, but from a file without a name. */
int __wrap_config_files_read(const char *path, struct text *out, struct error *err)
{
    const char *text = strcmp(path, job_path) == 0      ? job_text
                       : strstr(path, "update") != NULL ? update_text
                                                        : step_text;
    char name[40];
    int file = memfd_create("input", MFD_CLOEXEC);

    REQUIRE(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text));
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    int rc = __real_config_files_read(name, out, err);
    close(file);
    return rc;
}

static bool is_printable(const char *s)
{
    for (; *s != '\0'; s++)
        if (((unsigned char)*s < ' ' && *s != '\n') || *s == 0x7F)
            return false;
    return true;
}

static bool is_utf8(const char *s)
{
    while (*s != '\0' && utf8_sequence_bytes(s) > 0)
        s += utf8_sequence_bytes(s);
    return *s == '\0';
}

static bool is_within(int64_t number, int64_t low, int64_t high)
{
    return number >= low && number <= high;
}

static bool is_expression(const char *s)
{
    return template_is_closed(s) && template_statements(s) == 1;
}

static void check_steps(const struct config_step *steps, int count)
{
    for (int i = 0; i < count; i++) {
        REQUIRE(*steps[i].name != '\0' && template_statements(steps[i].sql) > 0);
        REQUIRE(steps[i].transaction || template_statements(steps[i].sql) == 1);
    }
}

static void check_pairs(const struct config_pair *pairs, int count)
{
    REQUIRE(is_within(count, 0, CONFIG_LIST_MAX));
    for (int i = 0; i < count; i++) {
        REQUIRE(is_within((int64_t)strlen(pairs[i].name), 1, 63) && is_printable(pairs[i].value));
        for (int j = 0; j < i; j++)
            REQUIRE(strcmp(pairs[i].name, pairs[j].name) != 0);
    }
}

static void check_numbers(const struct config *config)
{
    int count;
    const struct config_key *keys = config_keys_all(&count);

    for (int i = 0; i < count; i++) {
        int64_t value;
        if (keys[i].type != CONFIG_INT64)
            continue;
        memcpy(&value, (const char *)config + keys[i].offset, sizeof value);
        REQUIRE(is_within(value, keys[i].low, keys[i].high));
    }
    REQUIRE(config->target_rows <= config->max_rows);
}

/* Checks all that other modules rely on. */
static void check_config(const struct config *config)
{
    REQUIRE(is_within((int64_t)strlen(config->job), 1, 63) &&
            strpbrk(config->job, "/ \"'\n") == NULL);
    REQUIRE(*config->table != '\0' && *config->update_name != '\0');
    REQUIRE(template_statements(config->update) == 1 &&
            template_uses(config->update, "chunk_filter"));
    for (int i = 0; i < config->key_count; i++)
        REQUIRE(is_expression(config->keys[i]));
    REQUIRE(config->scope == NULL || is_expression(config->scope));
    REQUIRE((config->window_on == NULL) == (config->window_from == NULL));
    REQUIRE((config->window_on == NULL) == (config->window_to == NULL));
    REQUIRE(config->window_on == NULL || is_expression(config->window_on));
    REQUIRE(is_expression(config->flag_marked) && is_expression(config->flag_released));
    check_steps(config->before, config->before_count);
    check_steps(config->after, config->after_count);
    check_pairs(config->schemas, config->schema_count);
    check_pairs(config->settings, config->setting_count);
    check_numbers(config);
    REQUIRE(is_within((int64_t)strlen(config->ledger_schema), 1, 63));
    REQUIRE(is_within((int64_t)strlen(config->time_zone), 1, 63));
    REQUIRE(is_printable(config->description) && is_utf8(config->description));
}

static int cut_lines(char *text, const char *lines[SETS_MAX])
{
    char *rest = NULL;
    char *line = text == NULL ? NULL : strtok_r(text, "\n", &rest);
    int count = 0;

    for (; line != NULL && count < SETS_MAX; line = strtok_r(NULL, "\n", &rest))
        lines[count++] = line;
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static char *no_environment[] = {NULL};
    const char *lines[SETS_MAX];
    struct config config;
    struct error err = ERROR_INIT;
    char *job = fuzz_part(data, bytes, 0);
    char *update = fuzz_part(data, bytes, 1);
    char *sets = fuzz_part(data, bytes, 2);
    char *step = fuzz_part(data, bytes, 3);

    environ = no_environment;
    job_text = job;
    update_text = update == NULL ? "UPDATE t SET a = 1 WHERE {chunk_filter}" : update;
    step_text = step == NULL ? "SELECT 1" : step;
    if (config_read(job_path, lines, cut_lines(sets, lines), &config, &err) == 0) {
        check_config(&config);
        config_clear(&config);
    } else {
        REQUIRE(err.kind == ERROR_CONFIG && *err.text != '\0' && config.path == NULL);
        REQUIRE(is_printable(err.text));
    }
    free(job);
    free(update);
    free(sets);
    free(step);
    return 0;
}
