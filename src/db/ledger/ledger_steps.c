/* Runs the steps before and after the chunks, each once in a run, in the transaction that
 * records it. */
#include <stdio.h>

#include "base/log.h"
#include "core/job/config.h"
#include "db/ledger/ledger_query.h"
#include "db/ledger/ledger_steps.h"
#include "db/target/target.h"
#include "sql_statements.h"

struct step_id {
    struct ledger_query_number run, number;
    const char *values[4];
};

static void identify(struct step_id *id, const struct work *work, bool after, int number,
                     const char *name)
{
    id->run = ledger_query_number(work->run_id);
    id->number = ledger_query_number(number);
    id->values[0] = id->run.text;
    id->values[1] = after ? "after" : "before";
    id->values[2] = id->number.text;
    id->values[3] = name;
}

static int is_done(struct connection *c, const struct work *work, const struct step_id *id,
                   bool *done, struct error *err)
{
    struct rows *rows = NULL;

    if (ledger_query(c, work, &sql_find_step, ledger_query_values(3, id->values), &rows, err) != 0)
        return -1;
    *done = rows_bool(rows, 0, 0);
    rows_free(rows);
    return 0;
}

/* Behind a step: the session as it was before, and the step is done. */
static int record(struct connection *c, const struct work *work, const struct step_id *id,
                  struct error *err)
{
    return connection_restore(c, work->settings, work->setting_count, err) != 0
               ? -1
               : ledger_query(c, work, &sql_add_step, ledger_query_values(4, id->values), NULL,
                              err);
}

/* The savepoint is gone where the step has ended the transaction, whatever it began after that. */
static int run_inside(struct connection *c, const struct work *work, const struct sql *sql,
                      const struct step_id *id, struct error *err)
{
    static const struct sql set = {"savepoint", "SAVEPOINT chunkmill_step"},
                            release = {"release savepoint", "RELEASE SAVEPOINT chunkmill_step"};

    if (connection_begin(c, err) != 0 || connection_script(c, &set, err) != 0 ||
        connection_script(c, sql, err) != 0)
        return -1;
    if (connection_script(c, &release, err) != 0)
        return err->kind != ERROR_SERVER
                   ? -1
                   : error_set(err, ERROR_FATAL,
                               "%s ends the transaction that it runs in, so that it can't be "
                               "recorded as done together with what it does; take COMMIT and "
                               "ROLLBACK out of it, or give it \"transaction\": false",
                               sql->name);
    return record(c, work, id, err) != 0 ? -1 : connection_commit(c, err);
}

static int run_outside(struct connection *c, const struct work *work, const struct sql *sql,
                       const struct step_id *id, struct error *err)
{
    if (connection_script(c, sql, err) != 0)
        return -1;
    if (connection_is_in_transaction(c))
        return error_set(err, ERROR_FATAL,
                         "%s leaves a transaction open; nothing of it was kept; end it with COMMIT",
                         sql->name);
    return record(c, work, id, err);
}

static int run_step(struct connection *c, const struct work *work, const struct config_step *step,
                    const struct sql *sql, const struct step_id *id, struct error *err)
{
    int rc =
        step->transaction ? run_inside(c, work, sql, id, err) : run_outside(c, work, sql, id, err);

    if (rc != 0)
        connection_rollback(c);
    return rc;
}

static int take_step(struct connection *c, const struct work *work, const struct config *config,
                     bool after, int number, struct error *err)
{
    const struct config_step *step = after ? &config->after[number] : &config->before[number];
    struct text text = TEXT_INIT;
    struct step_id id;
    bool done = false;
    int rc = -1;

    identify(&id, work, after, number + 1, step->name);
    if (is_done(c, work, &id, &done, err) != 0)
        return -1;
    if (done)
        return 0;
    log_info("step %s, %d: %s", after ? "after" : "before", number + 1, step->name);
    if (target_expand(c, config, step->name, step->sql, &text, err) == 0) {
        const struct sql sql = {step->name, text_string(&text)};
        rc = run_step(c, work, step, &sql, &id, err);
    }
    text_free(&text);
    return rc;
}

int ledger_steps_run(struct connection *c, const struct work *work, const struct config *config,
                     bool after, struct error *err)
{
    int count = after ? config->after_count : config->before_count;

    for (int i = 0; i < count; i++)
        if (take_step(c, work, config, after, i, err) != 0)
            return -1;
    return 0;
}
