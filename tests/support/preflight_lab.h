/* A job to be looked at by the preflight, and claims about what it found. Of what a test changes in
 * the table, lab_table makes it anew. */
#ifndef CHUNKMILL_TESTS_DB_PREFLIGHT_LAB_H
#define CHUNKMILL_TESTS_DB_PREFLIGHT_LAB_H

#include <stdbool.h>

#include "db/preflight/preflight.h"
#include "lab.h"

#define JOB(table, key, rest)                                                                      \
    "{\"job\": \"lab\", \"table\": \"" table "\", \"key\": [" key                                  \
    "], \"update\": \"update.sql\" " rest "}"
#define KEY     "\"t.day\", \"t.name\""
#define FLAG    ", \"flag\": \"busy\", \"row_id\": \"id\""
#define PLAIN   JOB("lab.item", KEY, "")
#define FLAGGED JOB("lab.item", KEY, FLAG)
/* three versions of a row must fit on a page */
#define FLAGGED_NOT_AHEAD JOB("lab.item", KEY, FLAG ", \"mark_ahead\": 0")

/* One lab for all tests: the table is made anew for each. */
static struct lab lab;
static struct preflight result;

static inline void look_with(const char *job, const char *update, struct preflight_options options)
{
    struct error err = ERROR_INIT;

    preflight_clear(&result);
    lab_file(&lab, "job.json", job);
    lab_file(&lab, "update.sql", update);
    lab_must(session_connect(lab.job_file, NULL, 0, "check", &lab.session, &err), &err,
             "connecting");
    lab_must(preflight_run(&lab.session, &options, &result, &err), &err, "preflight");
    session_close(&lab.session);
}

static inline void look(const char *job)
{
    look_with(job, LAB_UPDATE, (struct preflight_options){.ranks = 2});
}

static inline const struct preflight_finding *find(const char *name)
{
    static const struct preflight_finding missing = {"missing", PREFLIGHT_SKIPPED, NULL, NULL};

    for (int i = 0; i < result.count; i++)
        if (strcmp(result.findings[i].name, name) == 0)
            return &result.findings[i];
    return &missing;
}

static inline bool holds(const char *text, const char *part)
{
    return part == NULL ? text == NULL : text != NULL && strstr(text, part) != NULL;
}

/* facts hold a part; remedy NULL: there is none. */
static inline bool is(const char *name, enum preflight_answer answer, const char *facts,
                      const char *remedy)
{
    const struct preflight_finding *f = find(name);
    bool is_so = f->answer == answer && holds(f->facts, facts) && holds(f->remedy, remedy);

    if (!is_so)
        fprintf(stderr, "\n%s: %d, %s\n  remedy: %s\n", name, (int)f->answer, f->facts, f->remedy);
    return is_so;
}

/* 40,000 rows on more than 1,000 pages. */
static inline void big_table(void)
{
    lab_sql(
        &lab,
        "TRUNCATE lab.item; ALTER TABLE lab.item ADD note text DEFAULT repeat('x', 200);"
        "INSERT INTO lab.item (day, name, value) SELECT date '2026-01-01' + n / 100, 'n' || n, 1"
        " FROM generate_series(1, 40000) n; ANALYZE lab.item;");
}

#endif
