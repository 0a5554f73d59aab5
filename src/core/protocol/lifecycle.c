/* Decides what may be done with a run from what the ledger says of it. Facts are arguments; an
 * answer or a refusal comes out. */
#include "core/protocol/lifecycle.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/exit_status.h"

static bool is_unfinished(const struct run_facts *run)
{
    return run != NULL && run->exists && run_state_is_unfinished(run->state);
}

static int resume(const char *job, const char *label, const struct run_facts *run,
                  enum lifecycle_answer *answer, struct error *err)
{
    if (run->state == RUN_ABANDONING) {
        error_set(err, ERROR_REFUSED,
                  "job %s, label %s: it is being abandoned, and %" PRId64
                  " chunks are still open; try chunkmill abandon to finish that first",
                  job, run->label, run->chunks_open);
        return -1;
    }
    if (label != NULL && strcmp(label, run->label) != 0) {
        error_set(err, ERROR_REFUSED,
                  "job %s: label %s is unfinished (%" PRId64
                  " chunks open), so label %s can't start; try chunkmill run without --label to "
                  "resume it, or "
                  "chunkmill abandon to give it up",
                  job, run->label, run->chunks_open, label);
        return -1;
    }
    *answer = LIFECYCLE_RESUME;
    return 0;
}

int lifecycle_start(const char *job, const char *label, const struct run_facts *unfinished,
                    const struct run_facts *same_label, enum lifecycle_answer *answer,
                    struct error *err)
{
    if (label != NULL && lifecycle_check_label(label, err) != 0)
        return -1;
    if (is_unfinished(unfinished))
        return resume(job, label, unfinished, answer, err);
    *answer = same_label != NULL && same_label->exists ? LIFECYCLE_ALREADY_DONE : LIFECYCLE_CREATE;
    return 0;
}

static bool is_label(const char *label)
{
    size_t bytes = strlen(label);

    if (bytes < 1 || bytes > 63 || label[0] == '-' || label[0] == '.')
        return false;
    for (const char *p = label; *p != '\0'; p++) {
        if (!isalnum((unsigned char)*p) && strchr("._-", *p) == NULL)
            return false;
    }
    return true;
}

int lifecycle_check_label(const char *label, struct error *err)
{
    if (is_label(label))
        return 0;
    error_set(err, ERROR_CONFIG,
              "--label \"%.80s\": a label is 1 to 63 of A-Z a-z 0-9 . _ -, and begins with neither "
              "'-' nor '.'; "
              "try --label 2026-01",
              label);
    return -1;
}

int lifecycle_exit_status(const struct run_facts *run)
{
    if (run == NULL || !run->exists)
        return EXIT_STATUS_STOPPED;
    switch (run->state) {
    case RUN_DONE:
        return EXIT_STATUS_DONE;
    case RUN_DONE_WITH_GAPS:
        return EXIT_STATUS_GAPS;
    case RUN_ABANDONING:
    case RUN_ABANDONED:
        return EXIT_STATUS_STOPPED;
    case RUN_PLANNING:
    case RUN_RUNNING:
        break;
    }
    if (run->attempt_is_live)
        return EXIT_STATUS_LIVE;
    return run->stopped_fatally ? EXIT_STATUS_STOPPED : EXIT_STATUS_INTERRUPTED;
}

/* With line ends as \n: a file that went through a Windows editor means the same. */
static void add_normalised(struct text *out, const char *sql)
{
    for (const char *p = sql; *p != '\0'; p++) {
        if (*p != '\r')
            text_add_bytes(out, p, 1);
        else if (p[1] != '\n')
            text_add(out, "\n");
    }
}

/* "name bytes:value", or "name -" for NULL: the length keeps two works with the same text from
 * being one. */
static void add_fact(struct text *out, const char *name, const char *value)
{
    struct text normalised = TEXT_INIT;

    if (value == NULL) {
        text_format(out, "%s -\n", name);
        return;
    }
    add_normalised(&normalised, value);
    text_format(out, "%s %zu:%s\n", name, normalised.bytes, text_string(&normalised));
    text_free(&normalised);
}

/* The time zone decides what ::date means; a setting of a person's, such as app.tenant, may decide
 * the scope. */
static bool decides_rows(const char *setting)
{
    return strcmp(setting, "timezone") == 0 || strchr(setting, '.') != NULL;
}

void lifecycle_identity_text(struct text *out, const struct work *work, bool keys_filter,
                             const char *window_from_sql, const char *window_to_sql)
{
    add_fact(out, "table", work->table);
    for (int i = 0; i < work->key_columns; i++) {
        add_fact(out, "key", work->keys[i].expression);
        add_fact(out, "key type", work->keys[i].type);
    }
    add_fact(out, "row_id", work->row_id);
    add_fact(out, "row_id type", work->row_id_type);
    add_fact(out, "scope", work->scope);
    add_fact(out, "window on", work->window_on);
    add_fact(out, "window from", window_from_sql);
    add_fact(out, "window to", window_to_sql);
    add_fact(out, "flag", work->flag);
    add_fact(out, "marked", work->marked);
    add_fact(out, "released", work->released);
    add_fact(out, "filter", keys_filter ? "keys" : "range");
    for (int i = 0; i < work->setting_count; i++)
        if (decides_rows(work->settings[i].name)) {
            add_fact(out, "setting", work->settings[i].name);
            add_fact(out, "value", work->settings[i].value);
        }
}

void lifecycle_update_text(struct text *out, const struct work *work)
{
    add_normalised(out, work->update);
}
