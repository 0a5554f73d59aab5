/* The command `abandon`: gives up an unfinished run. Its marks are freed, its chunks stay as
 * they are, and the next `run` makes a new plan. It may be killed and started again: the run
 * stays in the state `abandoning` until all is done. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/human.h"
#include "base/log.h"
#include "run/attempt/attempt_record.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "db/cycle/marks.h"
#include "db/ledger/ledger.h"
#include "db/ledger/ledger_run.h"
#include "db/ledger/session.h"
#include "db/ledger/status.h"
#include "db/target/target.h"

static const char details[] = "What is done stays done: the rows of finished chunks keep their new "
                              "values. Rows that are still\n"
                              "marked are freed. The run can't be gone on with after that; the "
                              "next `run` takes another label\n"
                              "and plans anew. Asks first on a terminal; elsewhere it needs --yes. "
                              "When it is interrupted, start\n"
                              "it again. While an attempt is live it refuses (exit 6).";

static const char examples[] = "  chunkmill abandon config/orders.json\n"
                               "  chunkmill abandon config/orders.json --yes\n"
                               "  mpirun -n 4 chunkmill run config/orders.json --label again";

static int find_run(struct session *s, struct ledger_run *run, struct error *err)
{
    struct ledger_run finished = {0};
    int rc = ledger_run_find(s->control, &s->work, NULL, run, &finished, err);

    ledger_run_clear(&finished);
    return rc;
}

static int confirm(const struct session *s, const struct ledger_run *run, bool yes,
                   struct error *err)
{
    char answer[16] = "";

    if (yes || run->facts.state == RUN_ABANDONING)
        return 0;
    if (!isatty(STDIN_FILENO))
        return error_set(err, ERROR_CONFIG,
                         "job %s, label %s: %s still open would be given up; try --yes to do it",
                         s->config.job, run->facts.label,
                         human_count(run->facts.chunks_open, "chunk").text);
    printf("give up job %s, label %s, with %s still open? [y/N] ", s->config.job, run->facts.label,
           human_count(run->facts.chunks_open, "chunk").text);
    fflush(stdout);
    if (fgets(answer, sizeof answer, stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y'))
        return 0;
    return error_set(err, ERROR_REFUSED, "nothing was changed");
}

/* Marks can only be freed by a job that is about the same table, row id and flag; where there are
 * none, the job file may say what it likes. */
static int resolve(struct session *s, const struct ledger_run *run, int64_t rows, struct error *err)
{
    if (target_resolve(s->control, &s->config, &s->work, err) != 0)
        return -1;
    if (session_adopt(s, run, true, err) == 0)
        return 0;
    if (err->kind == ERROR_REFUSED)
        error_set(
            err, ERROR_REFUSED,
            "job %s, label %s: %s marked, and the job file is not what the run began with (table, "
            "key, row_id, scope, window, flag or filter); put it back, so that they can be freed",
            s->config.job, run->facts.label, human_count(rows, "row").text);
    return -1;
}

static int give_up(struct session *s, const struct ledger_run *run, struct error *err)
{
    int64_t chunks = 0, rows = 0;

    if (status_marks(s->control, &s->work, run->run_id, &chunks, &rows, err) != 0 ||
        (chunks > 0 && resolve(s, run, rows, err) != 0) ||
        attempt_record_abandon(s, run->facts.state, &rows, &chunks, err) != 0)
        return -1;
    printf("abandoned: job %s, label %s; released %s of %s; updated before that, and left so: %s\n",
           s->config.job, run->facts.label, human_count(rows, "row").text,
           human_count(chunks, "chunk").text, human_count(run->facts.rows_updated, "row").text);
    return 0;
}

static int do_abandon(struct session *s, struct ledger_run *run, bool yes, const char *job_file,
                      struct error *err)
{
    struct error later = ERROR_INIT;

    if (ledger_require(s->control, &s->work, job_file, err) != 0 || find_run(s, run, err) != 0)
        return -1;
    if (!run->facts.exists) {
        printf("job %s has no unfinished run: nothing to abandon\n", s->config.job);
        return 0;
    }
    s->work.table_oid = run->table_oid;
    s->work.run_id = run->run_id;
    if ((run->facts.attempt_is_live && attempt_record_lock(s, err) != 0) ||
        confirm(s, run, yes, err) != 0 || attempt_record_lock(s, err) != 0 ||
        attempt_record_begin(s, "abandon", 1, err) != 0)
        return -1;
    run->attempt = s->work.attempt; /* session_adopt takes it from there */
    int rc = give_up(s, run, err);
    const int status = error_exit_status(rc == 0 ? ERROR_NONE : err->kind);
    if (attempt_record_end(s, rc == 0 ? "abandoned" : "failed", status, rc == 0 ? err : &later) !=
        0)
        return -1;
    return rc;
}

int abandon_command(int argc, char **argv)
{
    bool yes = false;
    const struct options_row rows[] = {
        {"--yes", OPTIONS_SWITCH, &yes, NULL, "don't ask", 0, 0, NULL},
    };
    const struct options_command command = {
        "abandon", "JOB",    "Give an unfinished run up, and free its marks.",
        details,   examples, 1,
        1,         rows,     (int)(sizeof rows / sizeof rows[0])};
    struct options options;
    struct session s = {0};
    struct ledger_run run = {0};
    struct error err = ERROR_INIT;
    int status;

    if (!options_parse(&command, argc, argv, &options, &status))
        return status;
    if (session_connect(options.operands[0], options.sets.values, options.sets.count, "abandon", &s,
                        &err) != 0)
        return options_failure(&err);
    int rc = do_abandon(&s, &run, yes, options.operands[0], &err);
    ledger_run_clear(&run);
    session_close(&s);
    return rc == 0 ? 0 : options_failure(&err);
}
