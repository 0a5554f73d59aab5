/* The ownership of a work: growing its lists and freeing all of it. What the members mean is
 * written in the header; who fills them is the business of rank 0. */
#include "core/protocol/work.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

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

void work_clear(struct work *work)
{
    char *const strings[] = {
        work->job,   work->ledger,    work->table,       work->row_id,      work->row_id_type,
        work->scope, work->window_on, work->window_type, work->window_from, work->window_to,
        work->flag,  work->marked,    work->released,    work->update,
    };

    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
        free(strings[i]);
    /* all of them, not key_columns: a half-filled work has strings beyond its count */
    for (int i = 0; i < KEY_COLUMNS_MAX; i++) {
        free(work->keys[i].expression);
        free(work->keys[i].type);
    }
    free_settings(work->parameters, work->parameter_count);
    free_settings(work->settings, work->setting_count);
    memset(work, 0, sizeof *work);
}
