/* Members of a repetition, for whoever writes them. */
#include "core/bench/bench_json.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/utf8.h"

void bench_json_string(cJSON *object, const char *name, const char *value)
{
    if (value == NULL) {
        cJSON_AddNullToObject(object, name);
        return;
    }
    char *clean = utf8_clean_copy(value);
    cJSON_AddStringToObject(object, name, clean);
    free(clean);
}

void bench_json_pairs(cJSON *object, const char *name, const struct bench_pairs *pairs)
{
    cJSON *block = cJSON_AddObjectToObject(object, name);

    for (int i = 0; i < pairs->count; i++)
        bench_json_string(block, pairs->items[i].name, pairs->items[i].value);
}

void bench_json_number(cJSON *object, const char *name, double value)
{
    if (isnan(value))
        cJSON_AddNullToObject(object, name);
    else
        cJSON_AddNumberToObject(object, name, value);
}

void bench_json_figures(cJSON *object, const struct bench_figures *figures)
{
    for (int i = 0; i < BENCH_FIGURES; i++)
        bench_json_number(object, bench_figures_name((enum bench_figure)i), figures->values[i]);
}

void bench_json_records(cJSON *object, const char *name, const struct bench_repetition *repetition,
                        bool in_lines)
{
    struct text list = TEXT_INIT;

    text_add(&list, "[");
    for (int64_t i = 0; i < repetition->record_count; i++) {
        const struct chunk_record *r = &repetition->records[i];
        text_format(&list,
                    "%s%s[%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64
                    ",%" PRId64 ",%" PRId64 "]",
                    i > 0 ? "," : "", in_lines ? "\n\t\t\t\t" : "", r->chunk_id, r->worker,
                    r->begin_ns, r->end_ns, r->mark_ns, r->update_ns, r->rows_updated, r->outcome);
    }
    text_add(&list, "]");
    cJSON_AddRawToObject(object, name, text_string(&list));
    text_free(&list);
}

void bench_json_print(cJSON *root, bool in_lines, struct text *out)
{
    char *printed = in_lines ? cJSON_Print(root) : cJSON_PrintUnformatted(root);

    text_add(out, printed);
    text_add(out, "\n");
    cJSON_free(printed);
    cJSON_Delete(root);
}
