/* The command line: one table of options for each command, which the parser and --help both
 * read. Options may stand before or behind the operands; "--name value" and "--name=value" mean
 * the same; a long option may be abbreviated; "--" ends the options. Every command also takes
 * --set, --verbose, --quiet and --help. Knows no job and no server. */
#ifndef CHUNKMILL_CLI_OPTIONS_H
#define CHUNKMILL_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"

enum { OPTIONS_LIST_MAX = 64, OPTIONS_OPERANDS_MAX = 2 };

enum options_kind {
    OPTIONS_SWITCH, /* bool */
    OPTIONS_STRING, /* const char *, borrowed from argv */
    OPTIONS_COUNT,  /* int64_t, min to max */
    OPTIONS_LIST,   /* struct options_list: may be repeated */
    OPTIONS_CHOICE, /* const char *, one of choices */
};

struct options_list {
    const char *values[OPTIONS_LIST_MAX];
    int count;
};

struct options_row {
    const char *name; /* "--workers", or with a letter "-l, --label" */
    enum options_kind kind;
    void *value;          /* where it goes; what is there is the default */
    const char *argument; /* "N"; NULL for a switch */
    const char *help;
    int64_t min, max;    /* COUNT */
    const char *choices; /* CHOICE: "range, slice, nulls, keys" */
};

struct options_command {
    const char *name;
    const char *synopsis; /* the operands: "JOB create|drop" */
    const char *summary;  /* one line */
    const char *details;  /* what a person should know before using it; NULL: nothing */
    const char *examples; /* lines */
    int operands_min, operands_max;
    const struct options_row *rows;
    int row_count;
};

/* What every command line holds. */
struct options {
    const char *operands[OPTIONS_OPERANDS_MAX];
    int operand_count;
    struct options_list sets; /* --set key=value */
    enum log_level log_level;
};

/* options_parse(command, argc, argv, options, status): argv[0] is the command's name. True: go on,
 * and the log is open. False: *status is the exit status, for --help was printed (0), or one line
 * said what is wrong (2). Where mpirun started several of us, only the first one speaks. */
bool options_parse(const struct options_command *command, int argc, char **argv,
                   struct options *options, int *status);

/* options_failure(err): logs it and gives its exit status: how a command ends that could not do its
 * work. */
int options_failure(const struct error *err);

/* Whether this process is to speak to the person: always, but where mpirun started several of us.
 */
bool options_speaks(void);

/* options_nearest(word, names, count): the name that word was probably meant to be; NULL: none is
 * near. */
const char *options_nearest(const char *word, const char *const *names, int count);

#endif
