/* Job files for tests/core/job: makes a folder under /tmp with job.json, update.sql and the files
 * of steps, and removes it at exit. */
#ifndef CHUNKMILL_TESTS_CONFIG_SAMPLE_H
#define CHUNKMILL_TESTS_CONFIG_SAMPLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/job/config.h"
#include "unit.h"

#define SAMPLE_START "{\"job\": \"j\", \"table\": \"t\", \"update\": \"update.sql\""

static char sample_folder[] = "/tmp/chunkmill_config_XXXXXX";
static char sample_job[sizeof sample_folder + 16];

static inline void sample_write_bytes(const char *name, const void *bytes, size_t count)
{
    char path[sizeof sample_folder + 64];

    snprintf(path, sizeof path, "%s/%s", sample_folder, name);
    FILE *file = fopen(path, "w");
    if (file == NULL || fwrite(bytes, 1, count, file) != count || fclose(file) != 0)
        abort();
}

static inline void sample_write(const char *name, const char *text)
{
    sample_write_bytes(name, text, strlen(text));
}

static inline void sample_remove(void)
{
    static const char *const names[] = {"job.json", "update.sql", "other.sql", "step.sql",
                                        "pipe.sql"};
    char path[sizeof sample_folder + 64];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", sample_folder, names[i]);
        unlink(path);
    }
    rmdir(sample_folder);
}

static inline void sample_make(void)
{
    if (mkdtemp(sample_folder) == NULL || atexit(sample_remove) != 0)
        abort();
    snprintf(sample_job, sizeof sample_job, "%s/job.json", sample_folder);
    sample_write("update.sql", "UPDATE t SET a = 1 WHERE {chunk_filter}");
    sample_write("step.sql", "SELECT 1; SELECT 2;");
}

/* Writes the job file and reads it with at most one --set. */
static inline int sample_read(const char *text, const char *set, struct config *config,
                              struct error *err)
{
    sample_write("job.json", text);
    return config_read(sample_job, &set, set == NULL ? 0 : 1, config, err);
}

/* The job must be refused with an error that begins with `said`, once the folder's name is left
 * out. */
static inline void sample_refused(const char *text, const char *set, const char *said)
{
    struct config config;
    struct error err = ERROR_INIT;
    char plain[sizeof err.text];
    size_t folder_bytes = strlen(sample_folder) + 1;
    char *to = plain;

    CU_ASSERT_EQUAL(sample_read(text, set, &config, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_CONFIG);
    for (const char *s = err.text; *s != '\0';) {
        if (strncmp(s, sample_folder, folder_bytes - 1) == 0)
            s += folder_bytes;
        else
            *to++ = *s++;
    }
    *to = '\0';
    bool is_as_said = strncmp(plain, said, strlen(said)) == 0;
    CU_ASSERT_TRUE(is_as_said);
    if (!is_as_said)
        printf("\n    wanted: %s\n    said:   %s", said, plain);
    CU_ASSERT_PTR_NULL(config.path);
}

#endif
