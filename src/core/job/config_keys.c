/* The table of the job file's keys, and the search in it. config_values reads the values, and
 * config_apply checks them. */
#include "core/job/config_keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/edit_distance.h"
#include "core/job/config.h"

#define FIELD(name) offsetof(struct config, name)

static const struct config_key keys[] = {
    {"job", CONFIG_JOB, FIELD(job), NULL, 0, 0, "", "the job's name, in the ledger and in reports",
     true},
    {"schemas", CONFIG_SCHEMAS, FIELD(schemas), NULL, 0, 0, "",
     "placeholders for schemas: {name} becomes the quoted schema, in SQL and in table", false},
    {"table", CONFIG_TABLE, FIELD(table), NULL, 0, 0, "", "the table whose rows are recomputed",
     true},
    {"row_id", CONFIG_NAME, FIELD(row_id), NULL, 0, 0, "",
     "the unique column that names single rows; by default the primary key's single column", false},
    {"key", CONFIG_SQL_LIST, FIELD(keys), NULL, 0, 0, "",
     "the expressions that chunks are ranges of; by default the primary key", false},
    {"scope", CONFIG_SQL, FIELD(scope), NULL, 0, 0, "",
     "which rows the job is about; by default all", false},
    {"window.on", CONFIG_SQL, FIELD(window_on), NULL, 0, 0, "",
     "the expression whose value must lie in the window", false},
    {"window.from", CONFIG_SQL, FIELD(window_from), NULL, 0, 0, "",
     "the window's first value, evaluated once when the run begins", false},
    {"window.to", CONFIG_SQL, FIELD(window_to), NULL, 0, 0, "",
     "the window's last value, evaluated once when the run begins", false},
    {"flag.column", CONFIG_NAME, FIELD(flag), NULL, 0, 0, "",
     "the column that shows other programs which rows are being worked on; by default none", false},
    {"flag.marked", CONFIG_LITERAL, FIELD(flag_marked), "\"1\"", 0, 0, "",
     "the flag's value while a row is worked on", false},
    {"flag.released", CONFIG_LITERAL, FIELD(flag_released), "\"NULL\"", 0, 0, "",
     "the flag's value before and after", false},
    {"before", CONFIG_STEPS, FIELD(before), "[]", 0, 0, "",
     "steps before the first chunk, once a run", false},
    {"update", CONFIG_FILE, FIELD(update), NULL, 0, 0, "",
     "the file with the update: one statement that calls the table t and holds {chunk_filter}",
     true},
    {"after", CONFIG_STEPS, FIELD(after), "[]", 0, 0, "", "steps after the last chunk, once a run",
     false},
    {"after_on_gaps", CONFIG_BOOL, FIELD(after_on_gaps), "false", 0, 0, "",
     "whether the steps after are done too when chunks failed or rows were left out", false},
    {"chunk.target_rows", CONFIG_INT64, FIELD(target_rows), "10000", 1, 10000000, "rows",
     "rows that a chunk aims for", false},
    {"chunk.max_rows", CONFIG_INT64, FIELD(max_rows), "50000", 1, 10000000, "rows",
     "rows that no chunk exceeds; a larger key is split by row id", false},
    {"chunk.max_keys", CONFIG_INT64, FIELD(max_keys), "1000", 1, 100000, "keys",
     "keys that no chunk exceeds, with the filter keys", false},
    {"chunk.filter", CONFIG_CHOICE, FIELD(keys_filter), "\"range\"", 0, 0, "range or keys",
     "whether a chunk is a range of keys or the exact set of the keys found", false},
    {"mark_ahead", CONFIG_INT64, FIELD(mark_ahead), "3", 0, 15, "chunks",
     "with a flag: how many chunks a worker marks ahead of the one that it updates, so that the "
     "updates stay HOT",
     false},
    {"limits.max_workers", CONFIG_INT64, FIELD(max_workers), "0", 0, 100000, "workers",
     "workers that are given work at the same time; 0: all there are", false},
    {"limits.max_failed_chunks", CONFIG_INT64, FIELD(max_failed_chunks), "10", 0, 1000000, "chunks",
     "failed chunks that a run goes on with; one more stops it", false},
    {"limits.retries", CONFIG_INT64, FIELD(retries), "10", 0, 1000, "retries",
     "how often a chunk's transaction is tried again after a deadlock or the like", false},
    {"limits.suspect_after", CONFIG_INT64, FIELD(suspect_after), "3", 1, 1000, "times",
     "how often a chunk may be in flight when its rank or session dies, before it runs alone once "
     "more; if it dies then too, it is quarantined",
     false},
    {"schedule", CONFIG_CHOICE, FIELD(static_schedule), "\"dynamic\"", 0, 0, "dynamic or static",
     "whether chunks are handed out as workers become free, or all of them at the start", false},
    {"time_zone", CONFIG_ZONE, FIELD(time_zone), "\"UTC\"", 0, 0, "",
     "the time zone of every session, which decides what ::date means", false},
    {"connection.settings", CONFIG_SETTINGS, FIELD(settings), NULL, 0, 0, "",
     "server settings for every session", false},
    {"connection.lock_timeout_ms", CONFIG_INT64, FIELD(lock_timeout_ms), "1000", 1, 3600000, "ms",
     "how long a statement waits for a lock", false},
    {"connection.statement_timeout_ms", CONFIG_INT64, FIELD(statement_timeout_ms), "600000", 0,
     86400000, "ms",
     "how long a statement may take before it is cancelled and its chunk split in two; 0: any time",
     false},
    {"ledger_schema", CONFIG_NAME, FIELD(ledger_schema), "\"chunkmill\"", 0, 0, "",
     "the schema of the ledger's tables", false},
    {"share_table", CONFIG_BOOL, FIELD(share_table), "false", 0, 0, "",
     "whether another job that allows it, too, may run on the same table at the same time", false},
    {"triggers_may_skip", CONFIG_BOOL, FIELD(triggers_may_skip), "false", 0, 0, "",
     "whether a BEFORE UPDATE trigger that may return NULL is accepted", false},
    {"may_assign", CONFIG_NAMES, FIELD(may_assign), NULL, 0, 0, "",
     "columns of the key that the update may assign: their rows may move into a later chunk and be "
     "updated again there",
     false},
};

enum { KEY_COUNT = sizeof keys / sizeof keys[0] };

const struct config_key *config_keys_all(int *count)
{
    *count = KEY_COUNT;
    return keys;
}

bool config_keys_is_map(const struct config_key *key)
{
    return key->type == CONFIG_SCHEMAS || key->type == CONFIG_SETTINGS;
}

/* Whether path is below the key or group `name`. */
static bool is_below(const char *path, const char *name)
{
    size_t bytes = strlen(name);

    return strncmp(path, name, bytes) == 0 && path[bytes] == '.';
}

const struct config_key *config_keys_find(const char *path)
{
    if (strcmp(path, "flag") == 0)
        path = "flag.column";
    for (int i = 0; i < KEY_COUNT; i++)
        if (strcmp(keys[i].name, path) == 0 ||
            (config_keys_is_map(&keys[i]) && is_below(path, keys[i].name)))
            return &keys[i];
    return NULL;
}

bool config_keys_is_group(const char *path)
{
    for (int i = 0; i < KEY_COUNT; i++)
        if (is_below(keys[i].name, path))
            return true;
    return false;
}

void config_keys_allowed(const struct config_key *key, struct text *out)
{
    static const char *const words[] = {
        [CONFIG_JOB] = "1 to 63 letters, digits, dots, underscores and hyphens",
        [CONFIG_NAME] =
            "a name exactly as in the catalog, without quotes, 1 to 63 bytes, no control bytes",
        [CONFIG_TABLE] =
            "a table's name, plain or in double quotes, with its schema or {placeholder} and a "
            "dot before it",
        [CONFIG_SQL] = "an SQL expression",
        [CONFIG_SQL_LIST] = "a list of 1 to 8 SQL expressions",
        [CONFIG_NAMES] = "a list of 1 to 8 columns' names, each exactly as in the catalog",
        [CONFIG_LITERAL] = "a number, true, false, null or a string in single quotes",
        [CONFIG_FILE] = "the name of an SQL file, relative to the job file",
        [CONFIG_STEPS] =
            "a list of at most 64 SQL files, each a name or {\"file\": .., \"transaction\": "
            "false}",
        [CONFIG_ZONE] = "a time zone's name, such as UTC or Europe/Vienna",
        [CONFIG_BOOL] = "true or false",
        [CONFIG_SCHEMAS] = "an object of at most 64 placeholders, lower-case letters, digits and "
                           "underscores, and the schemas' names",
        [CONFIG_SETTINGS] =
            "an object of at most 64 settings, lower case, each a string, a number or a "
            "boolean",
    };

    if (key->type == CONFIG_INT64)
        text_format(out, "a whole number from %" PRId64 " to %" PRId64 " (%s)", key->low, key->high,
                    key->unit);
    else
        text_add(out, key->type == CONFIG_CHOICE ? key->unit : words[key->type]);
}

static const char *last_part(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot == NULL ? path : dot + 1;
}

/* Connection parameters, which come from libpq's environment and are refused in a job file. */
static bool is_connection_parameter(const char *path)
{
    static const char *const names[] = {
        "password",    "passwd",  "passfile", "host",        "hostaddr",    "hostname",
        "port",        "user",    "username", "dbname",      "database",    "service",
        "servicefile", "uri",     "url",      "dsn",         "conninfo",    "options",
        "sslmode",     "sslcert", "sslkey",   "sslrootcert", "sslpassword",
    };
    const char *name = last_part(path);

    if (name != path && !is_below(path, "connection"))
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* The key that was probably meant: a similar name, or the right name in the wrong group. */
static const char *nearest(const char *path)
{
    const char *found = NULL;
    int found_distance = 0;

    for (int i = 0; i < KEY_COUNT; i++) {
        int distance = edit_distance(path, keys[i].name);
        int last_distance = edit_distance(last_part(path), last_part(keys[i].name));
        bool is_near = edit_distance_is_near(distance, keys[i].name);
        if (edit_distance_is_near(last_distance, last_part(keys[i].name)) &&
            (!is_near || last_distance < distance)) {
            is_near = true;
            distance = last_distance;
        }
        if (is_near && (found == NULL || distance < found_distance)) {
            found = keys[i].name;
            found_distance = distance;
        }
    }
    return found;
}

void config_keys_advice(const char *path, struct text *out)
{
    const char *near = nearest(path);
    const char *dot = strrchr(path, '.');
    size_t group_bytes = dot == NULL ? 0 : (size_t)(dot - path) + 1;
    bool is_first = true;

    if (is_connection_parameter(path)) {
        text_add(
            out,
            "a job file says nothing of server, user or password; try libpq's environment: PGHOST, "
            "PGPORT, PGDATABASE, PGUSER, PGSSLMODE, PGSERVICE, PGPASSFILE");
        return;
    }
    if (near != NULL) {
        text_format(out, "did you mean %s?", near);
        return;
    }
    text_add(out, "known here: ");
    for (int i = 0; i < KEY_COUNT; i++) {
        const char *name = keys[i].name + group_bytes;
        if (strncmp(keys[i].name, path, group_bytes) != 0)
            continue;
        size_t bytes = strcspn(name, ".");
        if (i > 0 && strncmp(keys[i - 1].name, keys[i].name, group_bytes + bytes) == 0 &&
            keys[i - 1].name[group_bytes + bytes] == '.')
            continue; /* a further key of the group that was just named */
        text_format(out, "%s%.*s", is_first ? "" : ", ", (int)bytes, name);
        is_first = false;
    }
    if (is_first)
        text_add(out, "nothing");
}

void config_keys_print(FILE *out)
{
    struct text allowed = TEXT_INIT;

    for (int i = 0; i < KEY_COUNT; i++) {
        const struct config_key *key = &keys[i];
        text_clear(&allowed);
        config_keys_allowed(key, &allowed);
        fprintf(out, "%s%s\n    %s\n    allowed: %s\n", key->name,
                key->is_required ? " (required)" : "", key->help, text_string(&allowed));
        if (key->fallback != NULL)
            fprintf(out, "    default: %s\n", key->fallback);
    }
    text_free(&allowed);
}
