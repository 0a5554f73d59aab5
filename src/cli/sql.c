/* The command `sql`: prints every statement of a job, expanded, as a script of PREPAREs that
 * psql can run, so that a DBA can EXPLAIN EXECUTE them. Sends none of them. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "core/sql/predicate.h"
#include "db/cycle/statement.h"
#include "db/ledger/session.h"
#include "db/plan/distribution_query.h"
#include "db/target/target.h"

static const char details[] = "Prints a script for psql: the session's settings, the distribution "
                              "query, and every statement of\n"
                              "the cycle, prepared, with its parameters named. The window is "
                              "pinned now; a run pins it when it\n"
                              "begins. The ledger must be there for the script to run.";

static const char examples[] = "  chunkmill sql config/orders.json | less\n"
                               "  chunkmill sql config/orders.json --kind slice > slice.sql\n"
                               "  chunkmill sql config/orders.json > orders.sql\n"
                               "  psql -f orders.sql -c 'EXPLAIN EXECUTE distribution'";

/* A chunk whose values are what its parameters are called. */
static void name_values(const struct work *work, struct chunk *chunk)
{
    static char lower[KEY_COLUMNS_MAX][48], upper[KEY_COLUMNS_MAX][48], sets[KEY_COLUMNS_MAX][48];
    static char row_lower[] = "row ids above", row_upper[] = "row ids up to";
    bool by_rows = chunk->kind == CHUNK_SLICE || chunk->kind == CHUNK_NULLS;

    for (int i = 0; i < work->key_columns; i++) {
        snprintf(lower[i], sizeof lower[i], "the lower bound's column %d", i + 1);
        snprintf(upper[i], sizeof upper[i],
                 chunk->kind == CHUNK_SLICE ? "the key's column %d" : "the upper bound's column %d",
                 i + 1);
        snprintf(sets[i], sizeof sets[i], "the keys' column %d", i + 1);
        chunk->lower.values[i] = lower[i];
        chunk->upper.values[i] = upper[i];
        chunk->sets.values[i] = sets[i];
    }
    if (chunk->kind == CHUNK_RANGE)
        chunk->lower.columns = work->key_columns;
    if (chunk->kind == CHUNK_RANGE || chunk->kind == CHUNK_SLICE)
        chunk->upper.columns = work->key_columns;
    if (chunk->kind == CHUNK_KEYS)
        chunk->sets.columns = work->key_columns;
    if (by_rows) {
        chunk->row_lower = row_lower;
        chunk->row_upper = row_upper;
    }
}

/* The type's name for PREPARE: those of the key and the row id are schema-qualified in work. */
static void add_type(struct text *out, const struct work *work, uint32_t oid)
{
    static const struct {
        uint32_t oid;
        const char *name;
    } fixed[] = {{16, "boolean"}, {20, "bigint"}, {23, "integer"}, {25, "text"}, {28, "xid"}};

    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        if (fixed[i].oid == oid) {
            text_add(out, fixed[i].name);
            return;
        }
    }
    for (int i = 0; i < work->key_columns; i++) {
        if (work->keys[i].type_oid == oid || (work->keys[i].array_oid == oid && oid != 0)) {
            text_add(out, work->keys[i].type);
            text_add(out, work->keys[i].type_oid == oid ? "" : "[]");
            return;
        }
    }
    if (work->row_id_oid == oid && work->row_id_type != NULL) {
        text_add(out, work->row_id_type);
    }
}

/* "-- parameters: $1 run id, ..", and "PREPARE name (types) AS". */
static void print_head(const struct work *work, enum statement statement, const struct chunk *chunk)
{
    const char *values[PREDICATE_PARAMETERS_MAX];
    uint32_t types[PREDICATE_PARAMETERS_MAX];
    struct text parameters = TEXT_INIT, type_names = TEXT_INIT;
    const enum parameter *list;
    int own = statement_parameters(work, statement, &list);
    int tile = statement_has_tile(statement) ? predicate_parameters(work, chunk, values, types) : 0;

    for (int i = 0; i < own; i++) {
        text_format(&parameters, "%s$%d %s", i == 0 ? "" : ", ", i + 1,
                    parameter_description(list[i]));
        text_add(&type_names, i == 0 ? "" : ", ");
        add_type(&type_names, work, parameter_type(list[i]));
    }
    for (int i = 0; i < tile; i++) {
        text_format(&parameters, "%s$%d %s", parameters.bytes == 0 ? "" : ", ", own + i + 1,
                    values[i]);
        text_add(&type_names, type_names.bytes == 0 ? "" : ", ");
        add_type(&type_names, work, types[i]);
    }
    printf("\n-- %s: %s\n", statement_name(statement),
           parameters.bytes == 0 ? "no parameters" : text_string(&parameters));
    printf("PREPARE %s", statement_name(statement));
    if (type_names.bytes > 0)
        printf(" (%s)", text_string(&type_names));
    printf(" AS\n");
    text_free(&parameters);
    text_free(&type_names);
}

static void print_settings(const struct session *s)
{
    printf("-- The statements of job %s, as chunkmill sends them to database %s.\n"
           "-- Try: EXPLAIN EXECUTE NAME (parameters), in a transaction that you roll back where "
           "you add "
           "ANALYZE.\n\n-- The settings of every session.\n",
           s->config.job, connection_database(s->control));
    for (int i = 0; i < s->work.setting_count; i++) {
        struct text value = TEXT_INIT;
        predicate_literal(&value, s->work.settings[i].value);
        printf("SELECT set_config('%s', %s, false) \\g /dev/null\n", s->work.settings[i].name,
               text_string(&value));
        text_free(&value);
    }
}

static void print_distribution(const struct work *work)
{
    struct text text = TEXT_INIT;

    distribution_query_text(work, false, &text);
    printf("\n-- The distribution query: no parameters here; later pages begin behind a key.\n"
           "PREPARE distribution AS\n%s\n;\n",
           text_string(&text));
    text_free(&text);
}

static int print_cycle(const struct work *work, const struct chunk *chunk, struct error *err)
{
    const struct predicate_shape shape = predicate_shape(chunk);
    struct text text = TEXT_INIT;
    int rc = 0;

    for (int i = 0; rc == 0 && i < STATEMENT_COUNT; i++) {
        enum statement statement = (enum statement)i;
        if (!statement_is_used(work, statement))
            continue;
        text_clear(&text);
        rc = statement_text(work, statement, shape, &text, err);
        if (rc == 0) {
            print_head(work, statement, chunk);
            printf("%s\n;\n", text_string(&text));
        }
    }
    text_free(&text);
    return rc;
}

static int choose_kind(const struct session *s, const char *word, enum chunk_kind *kind,
                       struct error *err)
{
    *kind = s->config.keys_filter ? CHUNK_KEYS : CHUNK_RANGE;
    if (word != NULL && chunk_kind_parse(word, kind) != 0)
        return error_set(err, ERROR_BUG, "no kind of chunk is called %s", word);
    if ((*kind == CHUNK_SLICE || *kind == CHUNK_NULLS) && s->work.row_id == NULL)
        return error_set(
            err, ERROR_CONFIG,
            "--kind %s: such chunks go by row id, and the job has none; name it in the job "
            "file as row_id",
            word);
    for (int i = 0; *kind == CHUNK_KEYS && i < s->work.key_columns; i++)
        if (s->work.keys[i].array_oid == 0)
            return error_set(err, ERROR_CONFIG, "--kind keys: a key of type %s has no array type",
                             s->work.keys[i].type);
    return 0;
}

int sql_command(int argc, char **argv)
{
    const char *kind = NULL;
    const struct options_row rows[] = {
        {"--kind", OPTIONS_CHOICE, &kind, "KIND",
         "the kind of chunk: range, slice (of a key over max_rows), nulls (rows with a NULL in the "
         "key), "
         "keys "
         "(default: range, or keys where the job's chunk.filter is keys)",
         0, 0, "range, slice, nulls, keys"},
    };
    const struct options_command command = {
        "sql",   "JOB",    "The statements that a job sends, for a DBA to PREPARE and EXPLAIN.",
        details, examples, 1,
        1,       rows,     (int)(sizeof rows / sizeof rows[0])};
    struct options options;
    struct session s = {0};
    struct chunk chunk = {0};
    struct error err = ERROR_INIT;
    int status, rc = -1;

    if (!options_parse(&command, argc, argv, &options, &status))
        return status;
    if (session_open(options.operands[0], options.sets.values, options.sets.count, "sql", &s,
                     &err) != 0)
        return options_failure(&err);
    if (target_pin_window(s.control, &s.config, &s.work, &err) == 0 &&
        choose_kind(&s, kind, &chunk.kind, &err) == 0) {
        name_values(&s.work, &chunk);
        print_settings(&s);
        print_distribution(&s.work);
        rc = print_cycle(&s.work, &chunk, &err);
    }
    session_close(&s);
    return rc == 0 ? 0 : options_failure(&err);
}
