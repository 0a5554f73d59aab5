/* The command `check`: prints the preflight, one line for each check, and below it what would
 * mend a fault. Changes nothing. */
#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "base/exit_status.h"
#include "base/human.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "db/ledger/session.h"
#include "db/preflight/preflight.h"

enum { COLUMNS = 100, NAME_COLUMNS = 15, FACTS_COLUMN = 6 + NAME_COLUMNS };

static const char *const answers[] = {
    [PREFLIGHT_PASS] = "pass",
    [PREFLIGHT_WARN] = "warn",
    [PREFLIGHT_FAIL] = "fail",
    [PREFLIGHT_SKIPPED] = "skip",
};

static const char details[] =
    "Looks at server, table, key, flag, rights, plans and settings, in transactions that are "
    "rolled\n"
    "back; nothing is changed, no row is locked. Each check says pass, warn, fail or skip, and "
    "under\n"
    "it what would mend it: no statement that it names takes an ACCESS EXCLUSIVE lock.\n"
    "`run` refuses what fails here; exit status 3 when something does.";

static const char examples[] =
    "  chunkmill check config/orders.json\n"
    "  chunkmill check config/orders.json --ranks 16       # are there connections enough\n"
    "  chunkmill check config/orders.json --verbose        # and where each setting came from\n"
    "  chunkmill check config/orders.json --json | jq '.checks[] | select(.answer == \"fail\")'";

struct counts {
    int64_t by_answer[PREFLIGHT_SKIPPED + 1];
};

static struct counts count(const struct preflight *preflight)
{
    struct counts counts = {{0}};

    for (int i = 0; i < preflight->count; i++)
        counts.by_answer[preflight->findings[i].answer]++;
    return counts;
}

/* Remedies are not wrapped: they are there to be copied. */
static void print_remedy(struct text *out, const char *remedy)
{
    text_format(out, "%*s> ", FACTS_COLUMN - 2, "");
    for (const char *s = remedy; *s != '\0'; s++) {
        text_add_bytes(out, s, 1);
        if (*s == '\n')
            text_format(out, "%*s> ", FACTS_COLUMN - 2, "");
    }
    text_add(out, "\n");
}

static void print_text(const struct session *s, const struct preflight *preflight, bool settings)
{
    struct counts counts = count(preflight);
    struct text out = TEXT_INIT;

    if (settings) {
        config_describe(&s->config, &out);
        text_add(&out, "\n");
    }
    for (int i = 0; i < preflight->count; i++) {
        const struct preflight_finding *finding = &preflight->findings[i];
        text_format(&out, "%s  ", answers[finding->answer]);
        human_cell(&out, NAME_COLUMNS, finding->name);
        human_wrap(&out, FACTS_COLUMN, COLUMNS, finding->facts == NULL ? "" : finding->facts);
        if (finding->remedy != NULL)
            print_remedy(&out, finding->remedy);
    }
    text_format(&out, "%" PRId64 " passed, %s, %" PRId64 " failed",
                counts.by_answer[PREFLIGHT_PASS],
                human_count(counts.by_answer[PREFLIGHT_WARN], "warning").text,
                counts.by_answer[PREFLIGHT_FAIL]);
    if (counts.by_answer[PREFLIGHT_SKIPPED] > 0)
        text_format(&out, ", %" PRId64 " skipped", counts.by_answer[PREFLIGHT_SKIPPED]);
    puts(text_string(&out));
    text_free(&out);
}

static void print_json(const struct session *s, const struct preflight *preflight)
{
    struct counts counts = count(preflight);
    struct cJSON *root = json_object(NULL, NULL);

    json_string(root, "job", s->config.job);
    json_string(root, "database", connection_database(s->control));
    json_string(root, "host", connection_host(s->control));
    struct cJSON *checks = json_array(root, "checks");
    for (int i = 0; i < preflight->count; i++) {
        const struct preflight_finding *finding = &preflight->findings[i];
        struct cJSON *check = json_object(checks, NULL);
        json_string(check, "name", finding->name);
        json_string(check, "answer", answers[finding->answer]);
        json_string(check, "facts", finding->facts);
        json_string(check, "remedy", finding->remedy);
    }
    json_number(root, "passed", counts.by_answer[PREFLIGHT_PASS]);
    json_number(root, "warnings", counts.by_answer[PREFLIGHT_WARN]);
    json_number(root, "failed", counts.by_answer[PREFLIGHT_FAIL]);
    json_number(root, "skipped", counts.by_answer[PREFLIGHT_SKIPPED]);
    json_print(root);
}

/* The checks' names as help. */
static void describe_names(struct text *out)
{
    text_add(out, "leave out a check (repeatable): ");
    for (const char *const *name = preflight_names(); *name != NULL; name++)
        text_format(out, "%s%s", name == preflight_names() ? "" : ", ", *name);
}

static int check(const char *path, const struct options *options,
                 const struct preflight_options *preflight_options, bool json)
{
    struct session s = {0};
    struct preflight preflight = {0, NULL};
    struct error err = ERROR_INIT;
    int status;

    if (session_connect(path, options->sets.values, options->sets.count, "check", &s, &err) != 0)
        return options_failure(&err);
    if (preflight_run(&s, preflight_options, &preflight, &err) != 0) {
        status = options_failure(&err);
    } else {
        if (json)
            print_json(&s, &preflight);
        else
            print_text(&s, &preflight, options->log_level >= LOG_DEBUG);
        status = preflight_has_failed(&preflight) ? EXIT_STATUS_REFUSED : 0;
    }
    preflight_clear(&preflight);
    session_close(&s);
    return status;
}

int check_command(int argc, char **argv)
{
    bool json = false;
    int64_t ranks = 0;
    struct options_list skip = {0};
    struct text names = TEXT_INIT;
    struct options options;
    int status;

    describe_names(&names);
    const struct options_row rows[] = {
        {"--ranks", OPTIONS_COUNT, &ranks, "N",
         "so many workers are to run: are there connections enough", 1, 1000000, NULL},
        {"--skip-check", OPTIONS_LIST, &skip, "NAME", text_string(&names), 0, 0, NULL},
        {"-j, --json", OPTIONS_SWITCH, &json, NULL, "print the findings as JSON", 0, 0, NULL},
    };
    const struct options_command command = {
        "check", "JOB",    "Is this job, on this server, right now, safe and fast to run?",
        details, examples, 1,
        1,       rows,     (int)(sizeof rows / sizeof rows[0]),
    };
    if (options_parse(&command, argc, argv, &options, &status)) {
        const struct preflight_options preflight_options = {
            .ranks = (int)ranks, .skip = skip.values, .skip_count = skip.count};
        status = check(options.operands[0], &options, &preflight_options, json);
    }
    text_free(&names);
    return status;
}
