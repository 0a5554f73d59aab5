/* Writes and reads the lines. A line of another program is an error; a last line that was cut
 * off is left out. */
#include "core/bench/bench_state.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "core/bench/bench_json.h"

static const char version_name[] = "chunkmill_bench_state";

void bench_state_head(const struct bench_results *results, struct text *out)
{
    cJSON *head = json_object(NULL, NULL);

    json_number(head, version_name, BENCH_STATE_VERSION);
    bench_json_pairs(head, "sweep", &results->sweep);
    json_text(head, JSON_IN_ONE_LINE, out);
}

void bench_state_line(const struct bench_results *results, int cell, int number, struct text *out)
{
    const struct bench_repetition *repetition = bench_results_at(results, cell, number);
    cJSON *line = json_object(NULL, NULL);

    json_number(line, "cell", cell + 1);
    json_number(line, "repetition", number + 1);
    json_bool(line, "good", repetition->is_good);
    json_number(line, "taken_ns", repetition->taken_ns);
    if (repetition->is_good) {
        bench_json_figures(json_object(line, "figures"), &repetition->figures);
        bench_json_records(line, "chunks", repetition, false);
    } else {
        json_string(line, "why", repetition->why);
    }
    json_text(line, JSON_IN_ONE_LINE, out);
}

static const double exact = 9007199254740992.0; /* 2^53: whole numbers up to here are doubles */

static int64_t integer(const cJSON *item)
{
    return cJSON_IsNumber(item) && fabs(item->valuedouble) <= exact ? (int64_t)item->valuedouble
                                                                    : -1;
}

static void read_record(const cJSON *list, struct chunk_record *record)
{
    int64_t values[CHUNK_RECORD_MEMBERS];

    for (int i = 0; i < CHUNK_RECORD_MEMBERS; i++)
        values[i] = integer(cJSON_GetArrayItem(list, i));
    chunk_record_from(record, values);
}

static void read_records(const cJSON *chunks, struct bench_repetition *repetition)
{
    const cJSON *list;

    repetition->record_count = 0;
    repetition->records = memory_grow(repetition->records, (size_t)cJSON_GetArraySize(chunks) + 1,
                                      sizeof *repetition->records);
    cJSON_ArrayForEach(list, chunks)
    {
        read_record(list, &repetition->records[repetition->record_count++]);
    }
}

static int read_line(const cJSON *line, struct bench_results *results)
{
    int64_t cell = integer(cJSON_GetObjectItemCaseSensitive(line, "cell")) - 1;
    int64_t number = integer(cJSON_GetObjectItemCaseSensitive(line, "repetition")) - 1;
    const cJSON *figures = cJSON_GetObjectItemCaseSensitive(line, "figures");
    const cJSON *why = cJSON_GetObjectItemCaseSensitive(line, "why");

    if (cell < 0 || cell >= bench_plan_cells(&results->plan) || number < 0 ||
        number >= results->plan.repetitions)
        return -1;
    struct bench_repetition *repetition = bench_results_at(results, (int)cell, (int)number);
    repetition->is_measured = true;
    repetition->is_good = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(line, "good"));
    repetition->taken_ns = integer(cJSON_GetObjectItemCaseSensitive(line, "taken_ns"));
    snprintf(repetition->why, sizeof repetition->why, "%s",
             cJSON_IsString(why) ? why->valuestring : "");
    for (int i = 0; i < BENCH_FIGURES; i++) {
        const cJSON *figure =
            cJSON_GetObjectItemCaseSensitive(figures, bench_figures_name((enum bench_figure)i));
        repetition->figures.values[i] = cJSON_IsNumber(figure) ? figure->valuedouble : (double)NAN;
    }
    read_records(cJSON_GetObjectItemCaseSensitive(line, "chunks"), repetition);
    return 0;
}

/* Whatever makes the sweep another one is told: was and is. */
static int compare(const cJSON *sweep, const char *path, const struct bench_results *results,
                   struct error *err)
{
    for (int i = 0; i < results->sweep.count; i++) {
        const char *name = results->sweep.items[i].name, *is = results->sweep.items[i].value;
        const cJSON *was = cJSON_GetObjectItemCaseSensitive(sweep, name);

        if (!cJSON_IsString(was) || strcmp(was->valuestring, is) != 0)
            return error_set(
                err, ERROR_CONFIG,
                "%s holds another sweep, with %s %.200s, not %.200s; try --state with another "
                "name, remove the file, or go on with the command that made it",
                path, name, cJSON_IsString(was) ? was->valuestring : "none", is);
    }
    return 0;
}

static int take_line(const cJSON *line, bool is_first, const char *path,
                     struct bench_results *results, struct error *err)
{
    if (is_first &&
        integer(cJSON_GetObjectItemCaseSensitive(line, version_name)) == BENCH_STATE_VERSION)
        return compare(cJSON_GetObjectItemCaseSensitive(line, "sweep"), path, results, err);
    if (is_first || read_line(line, results) != 0)
        return error_set(err, ERROR_CONFIG,
                         "%s is no state file of this version; try --state with another name",
                         path);
    return 0;
}

int bench_state_read(const char *text, const char *path, struct bench_results *results,
                     size_t *whole_bytes, struct error *err)
{
    int rc = 0;

    *whole_bytes = 0;
    for (const char *s = text, *end; rc == 0 && (end = strchr(s, '\n')) != NULL; s = end + 1) {
        cJSON *line = cJSON_ParseWithLength(s, (size_t)(end - s));
        rc = take_line(line, s == text, path, results, err);
        cJSON_Delete(line);
        *whole_bytes = (size_t)(end - text) + 1;
    }
    if (rc == 0 && *whole_bytes == 0 && *text != '\0')
        return take_line(NULL, true, path, results, err);
    return rc;
}
