/* The command `bench`: turns the command line into the options of a sweep, which run/bench does. */
#include <stdbool.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "run/bench/bench.h"

static const char details[] =
    "Does the job again and again, with every combination of the lists below, and says what each "
    "came to:\n"
    "rows a second, the time of each phase, what it cost the server. Start it with mpirun, one "
    "rank more\n"
    "than the most workers; ranks that a run does not need wait without burning a core.\n\n"
    "THE TABLE IS REWRITTEN EACH TIME. So it takes --scratch with the name of the very database "
    "that it\n"
    "is connected to. Its ledger is a schema of its own (" BENCH_LEDGER_SCHEMA
    "), gone at the end.\n"
    "Without --reset the table ages from repetition to repetition; docs/BENCH.md has what to put "
    "there.\n\n"
    "No figure is printed of a run whose numbers do not hold: the report's sums, and a count of "
    "the table\n"
    "that asks nobody. Interrupted, the same command goes on with what the state file has.";

static const char examples[] = "  mpirun -n 5 chunkmill bench JOB.json --scratch lab --target-rows "
                               "1000,10000 --workers 1,2,4 -i 5\n"
                               "  chunkmill bench JOB.json --target-rows 1000,10000 --workers "
                               "1,2,4 --print-cells    # how long, first\n"
                               "  mpirun -n 5 chunkmill bench JOB.json --scratch lab --reset "
                               "reset.sql --flag with,without \\\n"
                               "      --json results.json --csv results.csv\n"
                               "  bench/plot results.json pictures";

#define AXIS(option, axis, argument, help)                                                         \
    {                                                                                              \
        option, OPTIONS_STRING, &bench.axes[axis], argument, help, 0, 0, NULL                      \
    }

static int start(struct bench_options *bench, const struct options *options, int argc, char **argv)
{
    struct text line = TEXT_INIT;

    /* As it was typed; a password can't be in it. */
    text_add(&line, "chunkmill");
    for (int i = 0; i < argc; i++)
        text_format(&line, " %s", argv[i]);
    bench->job_file = options->operands[0];
    bench->sets = options->sets.values;
    bench->set_count = options->sets.count;
    bench->log_level = (int)options->log_level;
    bench->command_line = text_string(&line);
    int status = bench_run(bench, &argc, &argv);
    text_free(&line);
    return status;
}

int bench_command(int argc, char **argv)
{
    struct bench_options bench = {.repetitions = 3, .warm_ups = 1};
    struct options_list skip = {0};
    const struct options_row rows[] = {
        AXIS("--target-rows", BENCH_TARGET_ROWS, "LIST",
             "rows a chunk aims for, such as 1000,10000 (default: the job's)"),
        AXIS("--workers", BENCH_WORKERS, "LIST",
             "such as 1,2,4 (default: one rank less than there are)"),
        AXIS("--filter", BENCH_FILTER, "LIST", "range, keys or range,keys (default: the job's)"),
        AXIS("--schedule", BENCH_SCHEDULE, "LIST",
             "dynamic, static or dynamic,static (default: the job's)"),
        AXIS("--flag", BENCH_FLAG, "LIST",
             "with, without or with,without the job's flag column (default: as the job has it)"),
        {"-i, --repetitions", OPTIONS_COUNT, &bench.repetitions, "N",
         "measure each cell so often, all cells in turn, in another order each round "
         "(default 3)",
         1, 1000, NULL},
        {"--warm-ups", OPTIONS_COUNT, &bench.warm_ups, "N",
         "runs that count for nothing, before the first that does (default 1)", 0, 100, NULL},
        {"--scratch", OPTIONS_STRING, &bench.scratch, "DATABASE",
         "the database that may be rewritten; it must be the one that we are connected to", 0, 0,
         NULL},
        {"--reset", OPTIONS_STRING, &bench.reset, "FILE.sql",
         "what makes the table as it was, run before each repetition: statement by statement, so "
         "VACUUM and "
         "CHECKPOINT may be in it; {schemas} of the job are expanded",
         0, 0, NULL},
        {"--limit-rows", OPTIONS_COUNT, &bench.limit_rows, "N",
         "do evenly spaced chunks of about so many rows instead of all", 1, INT64_MAX, NULL},
        {"--print-cells", OPTIONS_SWITCH, &bench.print_cells, NULL,
         "the cells, and about how long they take; does nothing", 0, 0, NULL},
        {"--state", OPTIONS_STRING, &bench.state, "FILE",
         "what is measured, a line a repetition, to go on with (default: ./JOB.bench.state.jsonl)",
         0, 0, NULL},
        {"--json", OPTIONS_STRING, &bench.json, "FILE",
         "the results as JSON, never over a file that is there; -: to standard output, in place of "
         "the table",
         0, 0, NULL},
        {"--csv", OPTIONS_STRING, &bench.csv, "FILE", "the same as CSV, a line a repetition", 0, 0,
         NULL},
        {"--skip-check", OPTIONS_LIST, &skip, "NAME", "as for run (repeatable)", 0, 0, NULL},
    };
    const struct options_command command = {
        "bench", "JOB",    "How fast is the job with which chunks and workers.",
        details, examples, 1,
        1,       rows,     (int)(sizeof rows / sizeof rows[0])};
    struct options options;
    int status;

    if (!options_parse(&command, argc, argv, &options, &status))
        return status;
    bench.skip = skip.values;
    bench.skip_count = skip.count;
    return start(&bench, &options, argc, argv);
}
