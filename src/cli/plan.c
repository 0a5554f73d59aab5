/* The command `plan`: prints how many chunks there would be and how even they are. Changes no
 * row and writes no ledger. The chunks are written to a file only with --out, their keys only
 * with --show-keys. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/human.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "core/plan/plan_quality.h"
#include "db/ledger/session.h"
#include "db/plan/distribution_whole.h"
#include "db/target/target.h"

static const char details[] = "Runs the distribution query and the partitioner, and states the "
                              "quality of the plan. A run plans\n"
                              "for itself when it begins, so these chunks are not stored: it is "
                              "for choosing chunk.target_rows\n"
                              "and the number of workers. Chunks are named by number, since their "
                              "bounds are keys, and keys are\n"
                              "private; a file with --show-keys can be read by its owner alone.";

static const char examples[] =
    "  chunkmill plan config/orders.json\n"
    "  chunkmill plan config/orders.json --workers 16 --set chunk.target_rows=50000\n"
    "  chunkmill plan config/orders.json --out orders.plan.json\n"
    "  chunkmill plan config/orders.json --json | jq .rows_per_chunk";

struct plan {
    int64_t workers;
    const char *out;
    bool json, show_keys;
    struct text chunks; /* for --out: an item a line */
    struct distribution_totals totals;
    struct plan_quality quality;
    int64_t plan_ns;
};

static void add_key(struct cJSON *item, const char *name, const struct key *key)
{
    if (!key_is_set(key))
        return;
    struct cJSON *values = json_array(item, name);
    for (int i = 0; i < key->columns; i++)
        json_string(values, NULL, key->values[i]);
}

/* A chunk on a line, as soon as it is planned: a tree of them all would be many times as large. */
static int take_chunk(void *context, const struct chunk *chunk, bool may_end, struct error *err)
{
    struct plan *plan = context;

    (void)may_end;
    (void)err;
    if (plan->out == NULL)
        return 0;
    struct cJSON *item = json_object(NULL, NULL);
    json_number(item, "id", chunk->id);
    json_string(item, "kind", chunk_kind_name(chunk->kind));
    json_number(item, "rows", chunk->rows);
    json_number(item, "keys", chunk->keys);
    if (plan->show_keys) {
        add_key(item, "lower", &chunk->lower);
        add_key(item, chunk->upper_open ? "upper_exclusive" : "upper", &chunk->upper);
        add_key(item, "sets", &chunk->sets);
        if (chunk->row_lower != NULL)
            json_string(item, "row_lower", chunk->row_lower);
        if (chunk->row_upper != NULL)
            json_string(item, "row_upper", chunk->row_upper);
    }
    text_add(&plan->chunks, plan->chunks.bytes > 0 ? ", " : "  ");
    json_text(item, JSON_IN_ONE_LINE, &plan->chunks);
    return 0;
}

static int create_file(const struct plan *plan, struct error *err)
{
    int file =
        open(plan->out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, plan->show_keys ? 0600 : 0666);

    if (file < 0)
        error_set(err, ERROR_CONFIG, "--out %s: %s; try another name", plan->out, strerror(errno));
    return file;
}

/* Refused before minutes of planning, not after them. */
static int try_file(const struct plan *plan, struct error *err)
{
    if (plan->out == NULL)
        return 0;
    int file = create_file(plan, err);
    if (file < 0)
        return -1;
    close(file);
    unlink(plan->out);
    return 0;
}

static int write_file(const struct plan *plan, struct error *err)
{
    FILE *stream = NULL;
    int file = create_file(plan, err);

    if (file < 0)
        return -1;
    stream = fdopen(file, "w");
    bool failed = stream == NULL;
    if (!failed)
        fprintf(stream,
                "{\"num_chunks\": %" PRId64 ", \"total_rows\": %" PRId64 ", \"chunks\": [\n%s]}\n",
                plan->quality.chunks, plan->quality.rows, text_string(&plan->chunks));
    if (failed || fflush(stream) != 0 || fsync(file) != 0) {
        error_set(err, ERROR_FATAL, "writing %s: %s", plan->out, strerror(errno));
        unlink(plan->out);
        failed = true;
    }
    if (stream != NULL)
        fclose(stream);
    else
        close(file);
    return failed ? -1 : 0;
}

static void show_progress(int64_t keys, int64_t rows)
{
    static int64_t last_ns;
    int64_t now_ns = clock_now_ns();

    if (last_ns == 0)
        last_ns = now_ns;
    if (now_ns - last_ns < 5 * NS_PER_S)
        return;
    last_ns = now_ns;
    log_info("planning: %s, %s so far", human_count(keys, "key").text,
             human_count(rows, "row").text);
}

static int make_plan(struct plan *plan, struct session *s, struct error *err)
{
    struct connection *reader = NULL;
    int rc = -1;

    if (target_pin_window(s->control, &s->config, &s->work, err) != 0 ||
        connection_open(s->work.parameters, s->work.parameter_count, "chunkmill plan", &reader,
                        err) != 0 ||
        connection_pin(reader, s->work.settings, s->work.setting_count, err) != 0)
        goto out;
    const struct distribution_job job = {
        .reader = reader,
        .slicer = s->control,
        .config = &s->config,
        .work = &s->work,
        .after = &(const struct key){0},
        .next_id = 1,
        .sink = take_chunk,
        .context = plan,
        .counts_keys = true,
        .progress = show_progress,
    };
    int64_t begin_ns = clock_now_ns();
    rc = distribution_whole_plan(&job, &plan->totals, &plan->quality, err);
    plan->plan_ns = clock_now_ns() - begin_ns;
out:
    connection_close(reader);
    return rc;
}

static double mean(int64_t sum, int64_t count)
{
    return count == 0 ? 0.0 : (double)sum / (double)count;
}

struct spread {
    int64_t min, max;
    double mean, cv;
};

static struct spread spread_of_rows(const struct plan_quality *q)
{
    return (struct spread){q->min_rows, q->max_rows, mean(q->rows, q->chunks),
                           plan_quality_rows_cv(q)};
}

static struct spread spread_of_keys(const struct plan_quality *q)
{
    return (struct spread){q->min_keys, q->max_keys, mean(q->keys, q->chunks),
                           plan_quality_keys_cv(q)};
}

static void spread_json(struct cJSON *parent, const char *name, struct spread spread)
{
    struct cJSON *json = json_object(parent, name);

    json_number(json, "min", spread.min);
    json_rounded(json, "mean", spread.mean);
    json_number(json, "max", spread.max);
    json_rounded(json, "coefficient_of_variation", spread.cv);
}

static void print_json(const struct plan *plan, const struct session *s)
{
    const struct plan_quality *q = &plan->quality;
    struct cJSON *json = json_object(NULL, NULL);

    json_string(json, "job", s->config.job);
    json_string(json, "database", connection_database(s->control));
    json_string(json, "table", s->work.table);
    json_string(json, "window_from", s->work.window_from);
    json_string(json, "window_to", s->work.window_to);
    json_number(json, "target_rows", s->config.target_rows);
    json_number(json, "num_chunks", q->chunks);
    json_number(json, "total_rows", q->rows);
    json_number(json, "total_keys", q->keys);
    json_number(json, "null_key_rows", plan->totals.null_rows);
    spread_json(json, "rows_per_chunk", spread_of_rows(q));
    spread_json(json, "keys_per_chunk", spread_of_keys(q));
    json_number(json, "oversized_slices", q->oversized_slices);
    json_number(json, "workers", plan->workers);
    json_rounded(json, "makespan_bound_rows", plan_quality_makespan_rows(q, (int)plan->workers));
    json_rounded(json, "distribution_seconds",
                 (double)plan->totals.distribution_ns / (double)NS_PER_S);
    json_rounded(json, "plan_seconds", (double)plan->plan_ns / (double)NS_PER_S);
    json_string(json, "out", plan->out);
    json_print(json);
}

static void print_spread(const char *name, struct spread spread)
{
    printf("  %-18s %s to %s, mean %s, coefficient of variation %.3f\n", name,
           human_number(spread.min).text, human_number(spread.max).text,
           human_number((int64_t)(spread.mean + 0.5)).text, spread.cv);
}

static void print_text(const struct plan *plan, const struct session *s)
{
    const struct plan_quality *q = &plan->quality;

    printf("%s: %s of %s in %s\n", s->config.job, human_count(q->rows, "row").text, s->work.table,
           human_count(q->chunks, "chunk").text);
    if (s->work.window_from != NULL)
        printf("  %-18s %s to %s\n", "window", s->work.window_from, s->work.window_to);
    print_spread("rows a chunk", spread_of_rows(q));
    print_spread("keys a chunk", spread_of_keys(q));
    printf("  %-18s %s%s\n", "oversized", human_number(q->oversized_slices).text,
           q->oversized_slices == 0
               ? ""
               : " slices by row id: a key has more than max_rows, or a NULL in it");
    if (plan->totals.null_rows > 0)
        printf("  %-18s %s\n", "NULL in the key", human_count(plan->totals.null_rows, "row").text);
    printf("  %-18s with %s the busiest does at least %s\n", "makespan bound",
           human_count(plan->workers, "worker").text,
           human_count((int64_t)(plan_quality_makespan_rows(q, (int)plan->workers) + 0.5), "row")
               .text);
    printf("  %-18s %s, of which the distribution query %s\n", "time",
           human_duration(plan->plan_ns).text, human_duration(plan->totals.distribution_ns).text);
    if (plan->out != NULL)
        printf("  %-18s %s%s\n", "written to", plan->out,
               plan->show_keys ? " (it holds keys: private)" : "");
}

int plan_command(int argc, char **argv)
{
    struct plan plan = {.workers = 4};
    const struct options_row rows[] = {
        {"--out", OPTIONS_STRING, &plan.out, "FILE",
         "write num_chunks, total_rows and the chunks (id, kind, rows, keys) as JSON; never over a "
         "file that "
         "is there",
         0, 0, NULL},
        {"--show-keys", OPTIONS_SWITCH, &plan.show_keys, NULL,
         "with --out: the chunks' bounds too, which are private data; the file gets mode 0600", 0,
         0, NULL},
        {"--workers", OPTIONS_COUNT, &plan.workers, "N", "for the makespan bound (default 4)", 1,
         100000, NULL},
        {"-j, --json", OPTIONS_SWITCH, &plan.json, NULL, "print the figures as JSON", 0, 0, NULL},
    };
    const struct options_command command = {
        "plan",  "JOB",    "What the chunks would be, and how good; changes nothing.",
        details, examples, 1,
        1,       rows,     (int)(sizeof rows / sizeof rows[0])};
    struct options options;
    struct session s = {0};
    struct error err = ERROR_INIT;
    int status, rc = -1;

    if (!options_parse(&command, argc, argv, &options, &status))
        return status;
    if (plan.show_keys && plan.out == NULL) {
        error_set(&err, ERROR_CONFIG, "--show-keys goes with --out FILE: keys are not printed");
        return options_failure(&err);
    }
    if (try_file(&plan, &err) != 0 || session_open(options.operands[0], options.sets.values,
                                                   options.sets.count, "plan", &s, &err) != 0)
        return options_failure(&err);
    if (make_plan(&plan, &s, &err) == 0 && (plan.out == NULL || write_file(&plan, &err) == 0)) {
        if (plan.json)
            print_json(&plan, &s);
        else
            print_text(&plan, &s);
        rc = 0;
    }
    text_free(&plan.chunks);
    session_close(&s);
    return rc == 0 ? 0 : options_failure(&err);
}
