/* The command `ledger`: makes or drops the tables of the ledger. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "db/ledger/ledger.h"
#include "db/ledger/session.h"

static const char details[] =
    "The ledger is a schema in the job's own database (ledger_schema of the job file, by default\n"
    "chunkmill): runs, attempts and chunks, written in the same transactions as the rows. One "
    "ledger\n"
    "serves all jobs of a database. Its views runs, chunks and failures are for psql.\n\n"
    "create makes it where it isn't there yet. drop refuses while a run is unfinished: without "
    "the\n"
    "ledger nobody knows what is done.";

static const char examples[] =
    "  chunkmill ledger config/orders.json create\n"
    "  chunkmill ledger config/orders.json create --print | psql     # for a DBA to read first\n"
    "  chunkmill ledger config/orders.json drop";

static int print_script(const struct session *s, struct error *err)
{
    struct text script = TEXT_INIT;
    int rc = ledger_script(&s->work, &script, err);

    if (rc == 0)
        printf("BEGIN;\n%s\nCOMMIT;\n", text_string(&script));
    text_free(&script);
    return rc;
}

static int create(const struct session *s, struct error *err)
{
    bool made = false;

    if (ledger_create(s->control, &s->work, &made, err) != 0)
        return -1;
    printf("the ledger is %s: schema %s of database %s\n", made ? "made" : "there already",
           s->work.ledger, connection_database(s->control));
    return 0;
}

static int drop(const struct session *s, bool force, struct error *err)
{
    if (ledger_drop(s->control, &s->work, force, err) != 0)
        return -1;
    printf("the ledger is dropped: schema %s of database %s\n", s->work.ledger,
           connection_database(s->control));
    return 0;
}

int ledger_command(int argc, char **argv)
{
    bool print = false, force = false;
    const struct options_row rows[] = {
        {"--print", OPTIONS_SWITCH, &print, NULL, "with create: print the SQL, change nothing", 0,
         0, NULL},
        {"--force", OPTIONS_SWITCH, &force, NULL, "with drop: even while a run is unfinished", 0, 0,
         NULL},
    };
    const struct options_command command = {"ledger",
                                            "JOB create|drop",
                                            "Make or drop the tables that hold what is done.",
                                            details,
                                            examples,
                                            2,
                                            2,
                                            rows,
                                            (int)(sizeof rows / sizeof rows[0])};
    struct options options;
    struct session s = {0};
    struct error err = ERROR_INIT;
    int status;

    if (!options_parse(&command, argc, argv, &options, &status))
        return status;
    bool is_create = strcmp(options.operands[1], "create") == 0;
    bool is_drop = strcmp(options.operands[1], "drop") == 0;
    if (!is_create && !is_drop)
        error_set(&err, ERROR_CONFIG, "ledger %.80s: it takes create or drop", options.operands[1]);
    else if ((print && is_drop) || (force && is_create))
        error_set(&err, ERROR_CONFIG, "--print goes with create, --force with drop");
    if (err.kind != ERROR_NONE || session_connect(options.operands[0], options.sets.values,
                                                  options.sets.count, "ledger", &s, &err) != 0)
        return options_failure(&err);
    int rc = is_drop ? drop(&s, force, &err) : print ? print_script(&s, &err) : create(&s, &err);
    session_close(&s);
    return rc == 0 ? 0 : options_failure(&err);
}
