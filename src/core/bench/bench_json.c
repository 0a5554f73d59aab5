/* Builds these members. */
#include "core/bench/bench_json.h"

#include <inttypes.h>

#include "base/json.h"

void bench_json_pairs(struct cJSON *object, const char *name, const struct bench_pairs *pairs)
{
    struct cJSON *block = json_object(object, name);

    for (int i = 0; i < pairs->count; i++)
        json_string(block, pairs->items[i].name, pairs->items[i].value);
}

void bench_json_figures(struct cJSON *object, const struct bench_figures *figures)
{
    for (int i = 0; i < BENCH_FIGURES; i++)
        json_real(object, bench_figures_name((enum bench_figure)i), figures->values[i]);
}

void bench_json_records(struct cJSON *object, const char *name,
                        const struct bench_repetition *repetition, bool in_lines)
{
    struct text list = TEXT_INIT;

    text_add(&list, "[");
    for (int64_t i = 0; i < repetition->record_count; i++) {
        int64_t values[CHUNK_RECORD_MEMBERS];

        chunk_record_to(&repetition->records[i], values);
        text_format(&list, "%s%s[", i > 0 ? "," : "", in_lines ? "\n\t\t\t\t" : "");
        for (int m = 0; m < CHUNK_RECORD_MEMBERS; m++)
            text_format(&list, "%s%" PRId64, m > 0 ? "," : "", values[m]);
        text_add(&list, "]");
    }
    text_add(&list, "]");
    json_raw(object, name, text_string(&list));
    text_free(&list);
}
