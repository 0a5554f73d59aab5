/* The command `run`: turns the command line into the options of an attempt, which run/launch
 * does. */
#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "core/protocol/lifecycle.h"
#include "run/launch/launch.h"

static const char details[] =
    "Plans the chunks (or reads the plan of the run that it goes on with), does them, and "
    "reports.\n"
    "Start it with mpirun: rank 0 hands out the chunks, each other rank is a worker with a "
    "connection\n"
    "of its own; one rank alone does both. Workers wait without burning a core: choose their "
    "number by\n"
    "what the server can take.\n\n"
    "Killed anywhere, the same command goes on where it stopped: the ledger knows what is done.\n"
    "Without --label a job runs once; starting it again says when it was done.\n"
    "SIGUSR1 finishes the chunks in flight and stops; SIGTERM and SIGINT stop at once. Exit status "
    "75\n"
    "means: start it again to go on. Since mpirun has its own ideas of an exit status, a loop "
    "asks\n"
    "`chunkmill status JOB --exit-status`.";

static const char examples[] =
    "  mpirun -n 4 chunkmill run config/orders.json\n"
    "  mpirun -n 4 chunkmill run config/orders.json --max-chunks 2        # a canary; then without "
    "it\n"
    "  mpirun -n 4 chunkmill run config/orders.json --label 2026-02       # once more, after it "
    "was done\n"
    "  mpirun -n 2 chunkmill run config/orders.json --set chunk.target_rows=2000 --report none\n"
    "  chunkmill run config/orders.json --chunk 17                        # one chunk of the "
    "unfinished run\n"
    "  mpirun -n 4 chunkmill run config/orders.json --retry-failed        # after the cause is "
    "mended";

/* As it was typed; a password can't be in it. */
static void describe_line(struct text *out, int argc, char **argv)
{
    text_add(out, "chunkmill");
    for (int i = 0; i < argc; i++)
        text_format(out, " %s", argv[i]);
}

int run_command(int argc, char **argv)
{
    struct attempt_options launch = {0};
    struct options_list skip = {0};
    const struct options_row rows[] = {
        {"-l, --label", OPTIONS_STRING, &launch.label, "NAME",
         "names the run: another label runs a finished job again; an unfinished run is gone on "
         "with by its "
         "own label or none (default: " LIFECYCLE_DEFAULT_LABEL ")",
         0, 0, NULL},
        {"--chunk", OPTIONS_COUNT, &launch.chunk, "ID", "do only this chunk of the unfinished run",
         1, INT64_MAX, NULL},
        {"--max-chunks", OPTIONS_COUNT, &launch.max_chunks, "N",
         "stop after so many chunks, exit 75", 1, INT64_MAX, NULL},
        {"--report", OPTIONS_STRING, &launch.report, "FILE",
         "where the report goes as JSON, never over a file that is there; none: nowhere (default: "
         "./JOB.LABEL.aN.report.json, N being the attempt)",
         0, 0, NULL},
        {"--accept-changes", OPTIONS_SWITCH, &launch.accept_changes, NULL,
         "go on although the update's SQL is not what the run began with; the ledger keeps which "
         "chunks ran "
         "under which",
         0, 0, NULL},
        {"--retry-failed", OPTIONS_SWITCH, &launch.retry_failed, NULL,
         "do the chunks again that were quarantined, also of a run that ended with gaps", 0, 0,
         NULL},
        {"--skip-check", OPTIONS_LIST, &skip, "NAME",
         "leave out a check that refuses; recorded in the report (repeatable; `chunkmill check` "
         "has the "
         "names)",
         0, 0, NULL},
        {"-j, --json", OPTIONS_SWITCH, &launch.json, NULL, "print the report as JSON", 0, 0, NULL},
    };
    const struct options_command command = {"run",   "JOB",    "Do the job, or go on with it.",
                                            details, examples, 1,
                                            1,       rows,     (int)(sizeof rows / sizeof rows[0])};
    struct options options;
    struct error err = ERROR_INIT;
    struct text line = TEXT_INIT;
    int status;

    if (!options_parse(&command, argc, argv, &options, &status))
        return status;
    if (launch.label != NULL && lifecycle_check_label(launch.label, &err) != 0)
        return options_failure(&err);
    describe_line(&line, argc, argv);
    launch.job_file = options.operands[0];
    launch.sets = options.sets.values;
    launch.set_count = options.sets.count;
    launch.skip = skip.values;
    launch.skip_count = skip.count;
    launch.log_level = (int)options.log_level;
    launch.command_line = text_string(&line);
    status = launch_run(&launch, &argc, &argv);
    text_free(&line);
    return status;
}
