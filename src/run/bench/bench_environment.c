/* Collects these facts as pairs of name and value. */
#include "run/bench/bench_environment.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/clock.h"
#include "base/human.h"
#include "db/ledger/ledger.h"
#include "db/stats/bench_server.h"
#include "run/mpi/versions.h"

static const double assumed_rate = 50000;

static uint32_t sum_of(const char *text)
{
    union {
        const char *chars;
        const unsigned char *bytes;
    } view = {text};

    return text == NULL ? 0 : ~checksum_crc32(UINT32_MAX, view.bytes, strlen(text));
}

static void print_list(const struct bench_plan *plan, enum bench_axis_name axis, struct text *out)
{
    for (int i = 0; i < plan->axes[axis].count; i++) {
        text_add(out, i > 0 ? "," : "");
        bench_plan_axis_print(axis, plan->axes[axis].values[i], out);
    }
}

static void print_version(const struct connection *c, char text[24])
{
    int version = connection_server_version(c);

    snprintf(text, 24, "%d.%d", version / 10000, version % 10000);
}

void bench_environment_sweep(const struct bench_environment *facts, struct bench_results *results)
{
    const struct session *s = facts->session;
    struct bench_pairs *to = &results->sweep;
    struct text text = TEXT_INIT;
    char version[24];

    print_version(s->control, version);
    bench_results_pairs_add(to, "job", "%s", s->config.job);
    bench_results_pairs_add(to, "database", "%s at %s", connection_database(s->control),
                            connection_host(s->control));
    bench_results_pairs_add(to, "server", "PostgreSQL %s", version);
    bench_results_pairs_add(to, "chunkmill", "%s, commit %s", versions_program(),
                            versions_commit());
    bench_results_pairs_add(to, "table", "%s", s->work.table);
    bench_results_pairs_add(to, "update", "%s, CRC-32 %08" PRIx32, s->config.update_name,
                            sum_of(s->work.update));
    for (int i = 0; i < BENCH_AXES; i++) {
        text_clear(&text);
        print_list(&results->plan, (enum bench_axis_name)i, &text);
        bench_results_pairs_add(to, bench_plan_axis_word((enum bench_axis_name)i), "%s",
                                text_string(&text));
    }
    bench_results_pairs_add(to, "repetitions", "%d", results->plan.repetitions);
    bench_results_pairs_add(to, "limit_rows", "%" PRId64, facts->options->limit_rows);
    bench_results_pairs_add(to, "reset", "CRC-32 %08" PRIx32, sum_of(facts->reset));
    text_clear(&text);
    for (int i = 0; i < facts->options->set_count; i++)
        text_format(&text, "%s%s", i > 0 ? " " : "", facts->options->sets[i]);
    bench_results_pairs_add(to, "set", "%s", text_string(&text));
    text_free(&text);
}

static int count_nodes(const struct bench_environment *facts)
{
    int nodes = 0;

    for (int i = 0; i < facts->ranks; i++) {
        int first = 0;
        while (strcmp(facts->places[first].host, facts->places[i].host) != 0)
            first++;
        nodes += first == i;
    }
    return nodes;
}

static void add_machine(const struct bench_environment *facts, struct bench_pairs *to)
{
    const struct report_place *place = &facts->places[0];
    struct text library = TEXT_INIT;

    versions_mpi(&library);
    bench_results_pairs_add(to, "mpi", "%s, %s on %s", text_string(&library),
                            human_count(facts->ranks, "rank").text,
                            human_count(count_nodes(facts), "node").text);
    text_free(&library);
    bench_results_pairs_add(to, "machine_of_rank_0", "%s: %s, %s, %s, %s of memory", place->host,
                            place->processor[0] == '\0' ? "processor not known" : place->processor,
                            human_count(place->cores, "core").text,
                            human_count(place->pus, "PU").text,
                            human_bytes(place->memory_bytes).text);
}

static void add_how(const struct bench_environment *facts, const struct bench_plan *plan,
                    struct bench_pairs *to)
{
    const struct bench_options *options = facts->options;

    if (options->limit_rows > 0)
        bench_results_pairs_add(to, "limit", "about %s of these, in evenly spaced chunks",
                                human_count(options->limit_rows, "row").text);
    bench_results_pairs_add(to, "repetitions",
                            "%d a cell, all cells in a new order each round, after %s",
                            plan->repetitions, human_count(options->warm_ups, "warm-up").text);
    if (options->reset != NULL)
        bench_results_pairs_add(to, "reset", "%s, before each repetition", options->reset);
    else
        bench_results_pairs_add(
            to, "reset",
            "none: the table ages from repetition to repetition; try --reset FILE.sql");
}

int bench_environment_read(const struct bench_environment *facts, struct bench_results *results,
                           struct error *err)
{
    const struct session *s = facts->session;
    struct bench_pairs *to = &results->environment;
    struct bench_server_table table;
    char now[32], version[24];

    if (bench_server_table(s->control, &s->work, &table, err) != 0 ||
        bench_server_settings(s->control, &results->settings, err) != 0)
        return -1;
    clock_utc(now);
    print_version(s->control, version);
    bench_results_pairs_add(to, "chunkmill", "%s, commit %s", versions_program(),
                            versions_commit());
    bench_results_pairs_add(to, "command_line", "%s", facts->options->command_line);
    bench_results_pairs_add(to, "started_at", "%s", now);
    add_machine(facts, to);
    bench_results_pairs_add(to, "server", "PostgreSQL %s at %s, database %s, role %s", version,
                            connection_host(s->control), connection_database(s->control),
                            connection_user(s->control));
    bench_results_pairs_add(to, "job", "%s, update %s", s->config.job, s->config.update_name);
    bench_results_pairs_add(to, "table", "%s, %s in scope, %s and %s of indexes, %s", s->work.table,
                            human_count(facts->rows_in_scope, "row").text,
                            human_bytes(table.table_bytes).text,
                            human_bytes(table.index_bytes).text, table.options);
    add_how(facts, &results->plan, to);
    return 0;
}

/* 0: the job has had no whole run. */
static int read_rate(const struct bench_environment *facts, double *rate, struct error *err)
{
    struct session *s = facts->session;
    struct error missing = ERROR_INIT;

    *rate = 0;
    if (ledger_require(s->control, &s->work, facts->options->job_file, &missing) != 0)
        return 0;
    return bench_server_last_rate(s->control, &s->work, rate, err);
}

static void add_matrix(const struct bench_plan *plan, struct text *out)
{
    int cells = bench_plan_cells(plan);

    for (int i = 0; i < cells; i++) {
        const struct bench_cell cell = bench_plan_cell(plan, i);
        text_format(out, "%5d  ", i + 1);
        bench_plan_cell_describe(&cell, out);
        text_add(out, "\n");
    }
}

int bench_environment_cells(const struct bench_environment *facts, const struct bench_plan *plan,
                            struct text *out, struct error *err)
{
    const struct bench_options *options = facts->options;
    int64_t runs = (int64_t)bench_plan_cells(plan) * plan->repetitions + options->warm_ups;
    struct bench_server_table table;
    double rate = 0;

    if (bench_server_table(facts->session->control, &facts->session->work, &table, err) != 0 ||
        read_rate(facts, &rate, err) != 0)
        return -1;
    int64_t rows = table.estimated_rows;
    if (options->limit_rows > 0 && (rows < 0 || rows > options->limit_rows))
        rows = options->limit_rows;
    add_matrix(plan, out);
    text_format(out, "%s x %s and %s: %s\n", human_count(bench_plan_cells(plan), "cell").text,
                human_count(plan->repetitions, "repetition").text,
                human_count(options->warm_ups, "warm-up").text, human_count(runs, "run").text);
    if (rows < 0) {
        text_add(out, "estimate: none, the server has no statistics of the table; try ANALYZE\n");
        return 0;
    }
    double seconds = (double)runs * (double)rows / (rate > 0 ? rate : assumed_rate);
    text_format(out, "estimate: %s of at most %s each, at %s rows/s (%s): %s, and the resets\n",
                human_count(runs, "run").text, human_count(rows, "row").text,
                human_number((int64_t)(rate > 0 ? rate : assumed_rate)).text,
                rate > 0 ? "the job's last run" : "assumed: the job has had no whole run",
                human_duration((int64_t)(seconds * (double)NS_PER_S)).text);
    return 0;
}
