/* The table of commands, and the help for a person who types none of them. */
#include "cli/commands.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/exit_status.h"
#include "base/log.h"
#include "cli/options.h"
#include "core/job/config.h"
#include "run/mpi/versions.h"

struct command {
    const char *name;
    int (*function)(int argc, char **argv);
    const char *summary;
};

static const struct command commands[] = {
    {"check", check_command, "is this job, on this server, safe and fast to run; changes nothing"},
    {"plan", plan_command, "what the chunks would be, and how good; changes nothing"},
    {"run", run_command,
     "do the job, or go on with it; start it with mpirun for more than one worker"},
    {"status", status_command, "how far a job is, whether it hurts, how to stop it"},
    {"release", release_command, "free the marks that dead attempts left"},
    {"abandon", abandon_command, "give an unfinished run up, and free its marks"},
    {"ledger", ledger_command, "make or drop the tables that hold what is done"},
    {"bench", bench_command,
     "how fast with which chunks and workers: rewrites the table again and again"},
    {"sql", sql_command, "the statements that a job sends, for a DBA to PREPARE and EXPLAIN"},
};
enum { COMMANDS = (int)(sizeof commands / sizeof commands[0]) };

static void print_help(FILE *out)
{
    fputs("usage: chunkmill COMMAND JOB.json [options]\n\n"
          "Recomputes the rows of a very large PostgreSQL table, chunk by chunk, from many MPI "
          "ranks at\n"
          "once: safe to kill anywhere, exact to the row.\n\ncommands:\n",
          out);
    for (int i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].summary);
    fputs("\nA first job, step by step:\n"
          "  chunkmill check JOB.json\n"
          "  chunkmill ledger JOB.json create\n"
          "  mpirun -n 4 chunkmill run JOB.json\n"
          "  chunkmill status JOB.json\n\n"
          "`chunkmill help COMMAND` has a command's options and examples, `chunkmill help "
          "settings` the keys\n"
          "of a job file. The connection comes as everywhere with libpq: PGHOST, PGSERVICE, "
          "PGPASSFILE, ..\n\nexit status:\n",
          out);
    for (int i = 0; i < exit_status_count(); i++)
        fprintf(out, "  %-9d %s\n", (int)exit_status_at(i), exit_status_meaning(i));
}

static const struct command *find_command(const char *name)
{
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int refuse_unknown(const char *word)
{
    const char *names[COMMANDS + 1];
    struct error err = ERROR_INIT;

    for (int i = 0; i < COMMANDS; i++)
        names[i] = commands[i].name;
    names[COMMANDS] = "help";
    const char *nearest = options_nearest(word, names, COMMANDS + 1);
    if (nearest != NULL)
        error_set(&err, ERROR_CONFIG, "there is no command \"%.80s\"; try `chunkmill %s`", word,
                  nearest);
    else
        error_set(&err, ERROR_CONFIG, "there is no command \"%.80s\"; try `chunkmill --help`",
                  word);
    return options_failure(&err);
}

static int help_command(int argc, char **argv)
{
    static char option[] = "--help";

    if (argc < 2) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(argv[1], "settings") == 0) {
        config_keys_print(stdout);
        return 0;
    }
    const struct command *command = find_command(argv[1]);
    if (command == NULL)
        return refuse_unknown(argv[1]);
    char *line[] = {argv[1], option, NULL};
    return command->function(2, line);
}

static bool is_one_of(const char *word, const char *a, const char *b)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

int commands_main(int argc, char **argv)
{
    log_open(options_speaks() ? LOG_INFO : LOG_QUIET, -1);
    if (argc < 2) {
        struct error err = ERROR_INIT;
        error_set(&err, ERROR_CONFIG, "a command is missing; try `chunkmill --help`");
        return options_failure(&err);
    }
    if (is_one_of(argv[1], "--version", "-V")) {
        struct text versions = TEXT_INIT;
        versions_all(&versions);
        fputs(text_string(&versions), stdout);
        text_free(&versions);
        return 0;
    }
    if (is_one_of(argv[1], "--help", "-h")) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(argv[1], "help") == 0)
        return help_command(argc - 1, argv + 1);
    const struct command *command = find_command(argv[1]);
    if (command == NULL)
        return refuse_unknown(argv[1]);
    return command->function(argc - 1, argv + 1);
}
