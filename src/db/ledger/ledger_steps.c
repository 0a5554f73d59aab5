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

static int run_step(struct connection *c, const struct work *work, const struct config_step *step,
                    const struct sql *sql, const struct step_id *id, struct error *err)
{
    if (!step->transaction)
        return connection_script(c, sql, err) != 0
                   ? -1
                   : ledger_query(c, work, &sql_add_step, ledger_query_values(4, id->values), NULL,
                                  err);
    if (connection_begin(c, err) != 0 || connection_script(c, sql, err) != 0 ||
        ledger_query(c, work, &sql_add_step, ledger_query_values(4, id->values), NULL, err) != 0 ||
        connection_commit(c, err) != 0) {
        connection_rollback(c);
        return -1;
    }
    return 0;
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
