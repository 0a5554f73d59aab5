/* Parses a command line by a table, with getopt_long, and writes --help from the same table. Does
 * not know what any option means. */
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/edit_distance.h"
#include "base/human.h"
#include "base/memory.h"
#include "base/text.h"

enum { COLUMNS = 100, NAME_COLUMNS = 26, COMMON_ROWS = 4, ROWS_MAX = 24 };

/* One parse: the command's rows, and the common ones behind them. */
struct parse {
    const struct options_command *command;
    struct options_row rows[ROWS_MAX];
    int row_count;
    bool verbose, quiet, help;
    int argc;
    char **argv; /* a copy of the caller's, for getopt_long reorders it */
    struct error err;
};

/* The row's short letter, or 0. */
static char letter_of(const struct options_row *row)
{
    return row->name[1] == '-' ? '\0' : row->name[1];
}

/* "--label", of "-l, --label" too. */
static const char *long_name(const struct options_row *row)
{
    return letter_of(row) == '\0' ? row->name : strstr(row->name, "--");
}

static int known_rows(const struct options_command *command, struct options *options,
                      struct parse *parse)
{
    const struct options_row common[COMMON_ROWS] = {
        {"-s, --set", OPTIONS_LIST, &options->sets, "KEY=VALUE",
         "a key of the job file, for this call (repeatable; dots for nesting: "
         "chunk.target_rows=5000); "
         "`chunkmill help settings` has them all",
         0, 0, NULL},
        {"-v, --verbose", OPTIONS_SWITCH, &parse->verbose, NULL, "say more on standard error", 0, 0,
         NULL},
        {"-q, --quiet", OPTIONS_SWITCH, &parse->quiet, NULL,
         "no progress and no notes on standard error, only what went wrong", 0, 0, NULL},
        {"-h, --help", OPTIONS_SWITCH, &parse->help, NULL, "this text", 0, 0, NULL},
    };
    int count = 0;

    for (int i = 0; i < command->row_count && count < ROWS_MAX - COMMON_ROWS; i++)
        parse->rows[count++] = command->rows[i];
    for (int i = 0; i < COMMON_ROWS; i++)
        parse->rows[count++] = common[i];
    return count;
}

const char *options_nearest(const char *word, const char *const *names, int count)
{
    const char *nearest = NULL;
    int least = 0;

    for (int i = 0; i < count; i++) {
        int distance = edit_distance(word, names[i]);
        bool is_beginning = strlen(word) >= 2 && strncmp(names[i], word, strlen(word)) == 0;
        if (is_beginning)
            distance = 1;
        if ((is_beginning || edit_distance_is_near(distance, names[i])) &&
            (nearest == NULL || distance < least)) {
            nearest = names[i];
            least = distance;
        }
    }
    return nearest;
}

static int refuse_unknown(struct parse *parse, const char *name)
{
    const char *names[ROWS_MAX];

    for (int i = 0; i < parse->row_count; i++)
        names[i] = long_name(&parse->rows[i]);
    const char *nearest = options_nearest(name, names, parse->row_count);
    if (nearest != NULL)
        return error_set(&parse->err, ERROR_CONFIG, "%s has no option %s; try %s",
                         parse->command->name, name, nearest);
    return error_set(&parse->err, ERROR_CONFIG, "%s has no option %s; try `chunkmill %s --help`",
                     parse->command->name, name, parse->command->name);
}

static int take_count(struct parse *parse, const struct options_row *row, const char *value)
{
    char *end = NULL;

    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || number < row->min || number > row->max)
        return error_set(&parse->err, ERROR_CONFIG,
                         "%s %.80s: it takes a whole number from %" PRId64 " to %" PRId64,
                         long_name(row), value, row->min, row->max);
    int64_t *to = row->value;
    *to = number;
    return 0;
}

static int take_choice(struct parse *parse, const struct options_row *row, const char *value)
{
    const char **to = row->value;
    size_t bytes = strlen(value);

    for (const char *p = row->choices; p != NULL && bytes > 0; p = strchr(p, ',')) {
        p += strspn(p, ", ");
        if (strcspn(p, ",") == bytes && strncmp(p, value, bytes) == 0) {
            *to = value;
            return 0;
        }
    }
    return error_set(&parse->err, ERROR_CONFIG, "%s %.80s: it takes one of %s", long_name(row),
                     value, row->choices);
}

static int take_value(struct parse *parse, const struct options_row *row, const char *value)
{
    if (row->kind == OPTIONS_COUNT)
        return take_count(parse, row, value);
    if (row->kind == OPTIONS_CHOICE)
        return take_choice(parse, row, value);
    if (value[0] == '\0')
        return error_set(&parse->err, ERROR_CONFIG, "%s is empty; it takes %s", long_name(row),
                         row->argument);
    if (row->kind == OPTIONS_STRING) {
        const char **to = row->value;
        *to = value;
        return 0;
    }
    struct options_list *list = row->value;
    if (list->count == OPTIONS_LIST_MAX)
        return error_set(&parse->err, ERROR_CONFIG, "%s may be given %d times at most",
                         long_name(row), OPTIONS_LIST_MAX);
    list->values[list->count++] = value;
    return 0;
}

static int take_option(struct parse *parse, const struct options_row *row)
{
    if (row->kind != OPTIONS_SWITCH)
        return take_value(parse, row, optarg);
    bool *to = row->value;
    *to = true;
    return 0;
}

/* What getopt_long returns: a letter, a row's number behind all letters, or that it is an operand.
 */
enum { FIRST_ROW = 256, IS_OPERAND = 1 };

/* What getopt_long did not take: a letter or a long name, which it has left behind in word. */
static int refuse_option(struct parse *parse, const char *word)
{
    char name[80];
    struct text candidates = TEXT_INIT;
    int count = 0;

    if (optopt > 0 && optopt < FIRST_ROW) {
        snprintf(name, sizeof name, "-%c", optopt);
        return refuse_unknown(parse, name);
    }
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    for (int i = 0; i < parse->row_count; i++) {
        const char *known = long_name(&parse->rows[i]);
        if (strcmp(known, name) == 0)
            return error_set(&parse->err, ERROR_CONFIG, "%s takes no value", known);
        if (strncmp(known, name, strlen(name)) == 0)
            text_format(&candidates, "%s%s", count++ == 0 ? "" : ", ", known);
    }
    if (count == 1)
        error_set(&parse->err, ERROR_CONFIG, "%s takes no value", text_string(&candidates));
    else if (count > 1)
        error_set(&parse->err, ERROR_CONFIG, "%s %s may be one of %s", parse->command->name, name,
                  text_string(&candidates));
    else
        refuse_unknown(parse, name);
    text_free(&candidates);
    return -1;
}

static int take_operand(struct parse *parse, struct options *options, const char *word)
{
    if (options->operand_count == parse->command->operands_max)
        return error_set(&parse->err, ERROR_CONFIG, "%s: what is \"%.80s\" for; it takes %s",
                         parse->command->name, word, parse->command->synopsis);
    options->operands[options->operand_count++] = word;
    return 0;
}

/* getopt_long's two tables. */
struct tables {
    struct option names[ROWS_MAX + 1];
    char letters[2 * ROWS_MAX + 3];
};

static void fill_tables(const struct parse *parse, struct tables *tables)
{
    size_t bytes = 0;

    memset(tables, 0, sizeof *tables);
    /* '-': operands come in their place, as IS_OPERAND; ':': a missing value is told apart */
    tables->letters[bytes++] = '-';
    tables->letters[bytes++] = ':';
    for (int i = 0; i < parse->row_count; i++) {
        const struct options_row *row = &parse->rows[i];
        bool has_value = row->kind != OPTIONS_SWITCH;
        tables->names[i] = (struct option){
            long_name(row) + 2, has_value ? required_argument : no_argument, NULL, FIRST_ROW + i};
        if (letter_of(row) != '\0')
            tables->letters[bytes++] = letter_of(row);
        if (letter_of(row) != '\0' && has_value)
            tables->letters[bytes++] = ':';
    }
}

static const struct options_row *row_of(const struct parse *parse, int value)
{
    if (value >= FIRST_ROW)
        return &parse->rows[value - FIRST_ROW];
    for (int i = 0; i < parse->row_count; i++)
        if (letter_of(&parse->rows[i]) == value)
            return &parse->rows[i];
    return NULL;
}

static int take_words(struct parse *parse, struct options *options)
{
    struct tables tables;
    int value;

    fill_tables(parse, &tables);
    optind = 0; /* getopt_long begins anew */
    opterr = 0;
    while ((value = getopt_long(parse->argc, parse->argv, tables.letters, tables.names, NULL)) !=
           -1) {
        const struct options_row *row;
        int rc;
        if (value == IS_OPERAND)
            rc = take_operand(parse, options, optarg);
        else if (value == '?')
            rc = refuse_option(parse, parse->argv[optind - 1]);
        else if (value == ':' && (row = row_of(parse, optopt)) != NULL)
            rc = error_set(&parse->err, ERROR_CONFIG, "%s needs a value: %s", long_name(row),
                           row->argument);
        else
            rc = take_option(parse, row_of(parse, value));
        if (rc != 0)
            return -1;
    }
    while (optind < parse->argc)
        if (take_operand(parse, options, parse->argv[optind++]) != 0)
            return -1;
    return 0;
}

static int take_all(struct parse *parse, struct options *options)
{
    if (take_words(parse, options) != 0)
        return -1;
    if (!parse->help && options->operand_count < parse->command->operands_min)
        return error_set(&parse->err, ERROR_CONFIG, "%s takes %s; try `chunkmill %s --help`",
                         parse->command->name, parse->command->synopsis, parse->command->name);
    if (parse->verbose && parse->quiet)
        return error_set(&parse->err, ERROR_CONFIG, "--verbose and --quiet exclude each other");
    return 0;
}

static void help_row(struct text *out, const struct options_row *row)
{
    struct text name = TEXT_INIT;

    text_format(&name, "  %s%s%s%s", letter_of(row) == '\0' ? "    " : "", row->name,
                row->argument == NULL ? "" : " ", row->argument == NULL ? "" : row->argument);
    text_add(out, text_string(&name));
    if (name.bytes + 2 > NAME_COLUMNS)
        text_format(out, "\n%*s", NAME_COLUMNS, "");
    else
        text_format(out, "%*s", NAME_COLUMNS - (int)name.bytes, "");
    human_wrap(out, NAME_COLUMNS, COLUMNS, row->help);
    text_free(&name);
}

static void help(const struct parse *parse)
{
    const struct options_command *command = parse->command;
    struct text out = TEXT_INIT;

    text_format(&out, "usage: chunkmill %s %s [options]\n\n", command->name, command->synopsis);
    human_wrap(&out, 0, COLUMNS, command->summary);
    if (command->details != NULL)
        text_format(&out, "\n%s\n", command->details);
    text_add(&out, "\noptions:\n");
    for (int i = 0; i < parse->row_count; i++)
        help_row(&out, &parse->rows[i]);
    text_format(&out, "\nexamples:\n%s\n", command->examples);
    fputs(text_string(&out), stdout);
    text_free(&out);
}

bool options_speaks(void)
{
    static const char *const variables[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"};

    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *rank = getenv(variables[i]);
        if (rank != NULL)
            return strcmp(rank, "0") == 0;
    }
    return true;
}

bool options_parse(const struct options_command *command, int argc, char **argv,
                   struct options *options, int *status)
{
    struct parse parse = {.command = command, .argc = argc};

    memset(options, 0, sizeof *options);
    parse.row_count = known_rows(command, options, &parse);
    parse.argv = memory_copy(argv, ((size_t)argc + 1) * sizeof *argv);
    int rc = take_all(&parse, options);
    free(parse.argv);
    options->log_level = parse.verbose ? LOG_DEBUG : parse.quiet ? LOG_ERROR : LOG_INFO;
    log_open(options_speaks() ? options->log_level : LOG_QUIET, -1);
    if (rc != 0) {
        *status = options_failure(&parse.err);
        return false;
    }
    if (parse.help) {
        *status = 0;
        if (options_speaks())
            help(&parse);
        return false;
    }
    return true;
}

int options_failure(const struct error *err)
{
    /* mpirun ends all ranks when the first one fails: not before the one that speaks has spoken. */
    if (!options_speaks())
        clock_sleep_ns(700 * NS_PER_MS);
    log_failure(err);
    return error_exit_status(err->kind);
}
