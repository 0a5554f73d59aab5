/* The table of struct work's members, the lists of parameters and settings, and the freeing of all
 * of them. Rank 0 fills a work in db/target and db/ledger/session. */
#include "core/protocol/work.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define TYPE(name)                                                                                 \
    _Generic(((struct work *)NULL)->name,                                                          \
        char *: WORK_STRING,                                                                       \
        int64_t: WORK_INT64,                                                                       \
        int32_t: WORK_INT32,                                                                       \
        uint32_t: WORK_UINT32,                                                                     \
        bool: WORK_BOOL)
#define FIELD(type, name) {#name, TYPE(name), offsetof(struct work, name)},

static const struct work_field fields[] = {WORK_FACTS(FIELD) WORK_JOB_KEYS(FIELD)};

enum { FIELD_COUNT = sizeof fields / sizeof fields[0] };

const struct work_field *work_fields_all(int *count)
{
    *count = FIELD_COUNT;
    return fields;
}

static void append(struct work_setting **list, int32_t *count, const char *name, const char *value)
{
    struct work_setting *grown = memory_grow(*list, (size_t)*count + 1, sizeof **list);

    grown[*count].name = memory_copy_string(name);
    grown[*count].value = memory_copy_string(value);
    *list = grown;
    (*count)++;
}

static void free_settings(struct work_setting *list, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        free(list[i].name);
        free(list[i].value);
    }
    free(list);
}

bool work_may_have_null_keys(const struct work *work)
{
    for (int i = 0; i < work->key_columns; i++)
        if (work->keys[i].nullable)
            return true;
    return false;
}

void work_add_parameter(struct work *work, const char *name, const char *value)
{
    append(&work->parameters, &work->parameter_count, name, value);
}

void work_add_setting(struct work *work, const char *name, const char *value)
{
    append(&work->settings, &work->setting_count, name, value);
}

struct work_setting *work_find_setting(const struct work *work, const char *name)
{
    int32_t i = work->setting_count - 1;

    while (i >= 0 && strcmp(work->settings[i].name, name) != 0)
        i--;
    assert(i >= 0);
    return &work->settings[i];
}

void work_forget_strings(struct work *work)
{
    for (int i = 0; i < FIELD_COUNT; i++) {
        if (fields[i].type != WORK_STRING)
            continue;
        char **string = (char **)(void *)((char *)work + fields[i].offset);
        free(*string);
        *string = NULL;
    }
    /* all of them, not key_columns: a work that was filled in part may have strings behind these */
    for (int i = 0; i < KEY_COLUMNS_MAX; i++) {
        free(work->keys[i].expression);
        free(work->keys[i].type);
    }
    memset(work->keys, 0, sizeof work->keys);
    work->key_columns = 0;
}

void work_clear(struct work *work)
{
    work_forget_strings(work);
    free_settings(work->parameters, work->parameter_count);
    free_settings(work->settings, work->setting_count);
    memset(work, 0, sizeof *work);
}
