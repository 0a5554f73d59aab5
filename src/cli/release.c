/* The command `release`: frees marks that no attempt works on any more. Ours are found by the
 * row ids in the ledger; those that the ledger does not know are freed only with --foreign
 * --yes. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

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

static const char details[] =
    "A run that was killed leaves the chunks in flight marked; the next `run` goes on with them, "
    "so that\n"
    "there is nothing to release. Use this when other programs should have the rows back before "
    "that.\n"
    "Only marks whose row ids the ledger holds are freed, and their chunks are planned again. "
    "While an\n"
    "attempt is live it refuses (exit 6).\n\n"
    "--foreign is about flagged rows of the scope that no chunk owns, such as another program "
    "left:\n"
    "without --yes it only counts them. Be sure that no such program is at work.";

static const char examples[] =
    "  chunkmill release config/conflict_visits.json --dry-run\n"
    "  chunkmill release config/conflict_visits.json\n"
    "  chunkmill release config/conflict_visits.json --foreign          # counts\n"
    "  chunkmill release config/conflict_visits.json --foreign --yes    # frees";

struct release {
    bool foreign, yes, dry_run;
    struct ledger_run run; /* the unfinished one, if any */
};

static int find_run(struct release *release, struct session *s, struct error *err)
{
    struct ledger_run finished = {0};
    int rc = ledger_run_find(s->control, &s->work, NULL, &release->run, &finished, err);

    ledger_run_clear(&finished);
    if (rc == 0 && release->run.facts.attempt_is_live)
        rc = attempt_record_lock(s, err); /* says who it is */
    return rc;
}

/* Marks of ours: only an unfinished run has any. */
static int release_own(struct release *release, struct session *s, struct error *err)
{
    int64_t chunks = 0, rows = 0;
    struct error later = ERROR_INIT;

    if (release->run.facts.exists &&
        status_marks(s->control, &s->work, release->run.run_id, &chunks, &rows, err) != 0)
        return -1;
    if (chunks == 0 || release->dry_run) {
        printf("marks of ours: %s in %s%s\n", human_count(rows, "row").text,
               human_count(chunks, "chunk").text, chunks == 0 ? ": nothing to release" : "");
        return 0;
    }
    if (attempt_record_lock(s, err) != 0 || session_adopt(s, &release->run, false, err) != 0 ||
        attempt_record_begin(s, "release", 1, err) != 0)
        return -1;
    int rc = marks_release(s->control, &s->work, &rows, &chunks, err);
    /* The run is as unfinished as before: start it again to go on. */
    const int status = error_exit_status(rc == 0 ? ERROR_INTERRUPTED : err->kind);
    if (attempt_record_end(s, rc == 0 ? "released" : "failed", status, rc == 0 ? err : &later) != 0)
        return -1;
    if (rc == 0)
        printf("released %s of %s; their chunks are planned again\n", human_count(rows, "row").text,
               human_count(chunks, "chunk").text);
    return rc;
}

/* The window of the unfinished run, or that of now. */
static int release_foreign(struct release *release, struct session *s, struct error *err)
{
    struct marks_count count = {0};
    int64_t released = 0;
    bool changes = release->yes && !release->dry_run;

    if (release->run.facts.exists ? session_adopt(s, &release->run, false, err) != 0
                                  : target_pin_window(s->control, &s->config, &s->work, err) != 0)
        return -1;
    if (changes && attempt_record_lock(s, err) != 0)
        return -1;
    log_info("counting flagged rows: this reads the rows in scope");
    if (marks_count(s->control, &s->work, &count, err) != 0)
        return -1;
    printf("marked elsewhere: %s of %s in scope\n", human_count(count.elsewhere, "row").text,
           human_number(count.in_scope).text);
    if (!changes) {
        if (count.elsewhere > 0)
            printf("nothing was changed; try --foreign --yes to free them, when no other program "
                   "is at work\n");
        return 0;
    }
    if (marks_release_foreign(s->control, &s->work, &released, err) != 0)
        return -1;
    printf("released %s that the ledger knows nothing of\n", human_count(released, "row").text);
    return 0;
}

static int do_release(struct release *release, struct session *s, const char *job_file,
                      struct error *err)
{
    if (ledger_require(s->control, &s->work, job_file, err) != 0)
        return -1;
    if (!work_has_flag(&s->work)) {
        printf("job %s has no flag: it marks no rows, so there is nothing to release\n",
               s->config.job);
        return 0;
    }
    if (find_run(release, s, err) != 0)
        return -1;
    if (release->foreign)
        return release_foreign(release, s, err);
    return release_own(release, s, err);
}

int release_command(int argc, char **argv)
{
    struct release release = {0};
    const struct options_row rows[] = {
        {"--dry-run", OPTIONS_SWITCH, &release.dry_run, NULL, "only say what would be freed", 0, 0,
         NULL},
        {"--foreign", OPTIONS_SWITCH, &release.foreign, NULL,
         "the flagged rows of the scope that no chunk owns, instead of ours; reads the rows in "
         "scope",
         0, 0, NULL},
        {"--yes", OPTIONS_SWITCH, &release.yes, NULL, "with --foreign: free them", 0, 0, NULL},
    };
    const struct options_command command = {
        "release", "JOB", "Free the marks that dead attempts left.", details, examples, 1,
        1,         rows,  (int)(sizeof rows / sizeof rows[0])};
    struct options options;
    struct session s = {0};
    struct error err = ERROR_INIT;
    int status;

    if (!options_parse(&command, argc, argv, &options, &status))
        return status;
    if (release.yes && !release.foreign) {
        error_set(&err, ERROR_CONFIG,
                  "--yes goes with --foreign: our own marks are freed without asking");
        return options_failure(&err);
    }
    if (session_open(options.operands[0], options.sets.values, options.sets.count, "release", &s,
                     &err) != 0)
        return options_failure(&err);
    int rc = do_release(&release, &s, options.operands[0], &err);
    ledger_run_clear(&release.run);
    session_close(&s);
    return rc == 0 ? 0 : options_failure(&err);
}
