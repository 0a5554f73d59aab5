/* The checks of how well the run will go: statistics, free space on the pages, connections,
 * settings, standbys, and what keeps dead rows alive. What each costs is measured in
 * bench/MEASURED.md. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/human.h"
#include "db/preflight/preflight_checks.h"
#include "sql_statements.h"

enum {
    FILLFACTOR_TWO =
        50, /* versions of a row on a page: as it was, updated; marked ahead: marked, updated */
    FILLFACTOR_THREE = 40, /* as it was, marked, updated */
    FILLFACTOR_BEST = 30,  /* for three: measured a third faster than 40 */
    SHOWN = 3,
    OLD_S = 300,
};

int preflight_health_statistics(struct preflight_run *run, struct error *err)
{
    struct rows *rows = NULL;

    if (preflight_ask_table(run, &sql_inspect_statistics, &rows, err) != 0)
        return -1;
    const char *without = rows_value(rows, 0, 0), *last = rows_value(rows, 0, 1),
               *indexes = rows_value(rows, 0, 2);
    if (without != NULL)
        preflight_say(run, PREFLIGHT_WARN, "never analysed: %s", without);
    if (indexes != NULL)
        preflight_say(run, PREFLIGHT_WARN, "expression indexes younger than the last ANALYZE: %s",
                      indexes);
    if (without != NULL || indexes != NULL) {
        preflight_say(run, PREFLIGHT_WARN, "the planner guesses, and may read the table whole");
        preflight_advise(run, "ANALYZE %s", run->table);
    } else {
        preflight_say(run, PREFLIGHT_PASS, "%s%s", last == NULL ? "there" : "analysed ",
                      last == NULL ? "" : last);
    }
    rows_free(rows);
    return 0;
}

int preflight_health_fillfactor(struct preflight_run *run, struct error *err)
{
    bool has_three = run->config->flag != NULL && run->config->mark_ahead == 0;
    int limit = has_three ? FILLFACTOR_THREE : FILLFACTOR_TWO;
    char number[8];
    const char *values[] = {run->table_oid, number};
    struct rows *rows = NULL;

    snprintf(number, sizeof number, "%d", limit);
    if (preflight_ask(run, &sql_inspect_fillfactor, 2, values, &rows, err) != 0)
        return -1;
    int64_t count = rows_count(rows);
    for (int64_t i = 0; i < count && i < SHOWN; i++) {
        preflight_say(run, PREFLIGHT_WARN, "%s has %s", rows_text(rows, i, 0),
                      rows_text(rows, i, 1));
        preflight_advise(run, "ALTER TABLE %s SET (fillfactor = %d)", rows_text(rows, i, 0),
                         has_three ? FILLFACTOR_BEST : FILLFACTOR_TWO);
    }
    if (count > SHOWN)
        preflight_advise(run, "and so on, for %s", human_count(count, "partition").text);
    if (count == 0)
        preflight_say(run, PREFLIGHT_PASS, "%d or less", limit);
    else
        preflight_say(
            run, PREFLIGHT_WARN,
            "%s versions of a row don't fit on its page: about half of the speed; the setting is "
            "for pages that are written from now on, and needs no rewrite",
            has_three ? "three" : "two");
    rows_free(rows);
    return 0;
}

int preflight_health_hot(struct preflight_run *run, struct error *err)
{
    struct rows *rows = NULL;

    if (preflight_ask_table(run, &sql_inspect_hot, &rows, err) != 0)
        return -1;
    int64_t updates = rows_int64(rows, 0, 0), hot = rows_int64(rows, 0, 1),
            dead = rows_int64(rows, 0, 2);
    if (updates == 0)
        preflight_say(run, PREFLIGHT_PASS, "no update counted yet");
    else
        preflight_say(run, PREFLIGHT_PASS, "%s of %s were HOT",
                      human_share((double)hot, (double)updates).text,
                      human_count(updates, "update").text);
    preflight_say(run, PREFLIGHT_PASS, "%s", human_count(dead, "dead row").text);
    rows_free(rows);
    return 0;
}

int preflight_health_connections(struct preflight_run *run, struct error *err)
{
    enum { MANAGERS = 2, CAPACITY = 3 };
    struct rows *rows = NULL;

    if (preflight_ask(run, &sql_inspect_connections, 0, NULL, &rows, err) != 0)
        return -1;
    /* this session is one that a run would have */
    int64_t free_ones = rows_int64(rows, 0, 0) + 1, wanted = run->options->ranks + MANAGERS;
    const char *limit = rows_text(rows, 0, 1);
    if (run->options->ranks == 0) {
        preflight_say(run, free_ones < MANAGERS + CAPACITY ? PREFLIGHT_WARN : PREFLIGHT_PASS,
                      "%" PRId64 " free (%s): space for %" PRId64 " workers", free_ones, limit,
                      free_ones > MANAGERS ? free_ones - MANAGERS : 0);
    } else {
        bool is_tight = free_ones < wanted + CAPACITY;
        preflight_say(run,
                      free_ones < wanted ? PREFLIGHT_FAIL
                      : is_tight         ? PREFLIGHT_WARN
                                         : PREFLIGHT_PASS,
                      "%" PRId64 " free (%s), %" PRId64 " wanted", free_ones, limit, wanted);
    }
    if (run->finding->answer != PREFLIGHT_PASS)
        preflight_advise(run,
                         "start fewer ranks, set limits.max_workers, or end sessions that idle");
    rows_free(rows);
    return 0;
}

int preflight_health_settings(struct preflight_run *run, struct error *err)
{
    struct rows *rows = NULL;

    if (preflight_ask(run, &sql_inspect_settings, 0, NULL, &rows, err) != 0)
        return -1;
    preflight_say(run, PREFLIGHT_PASS, "%s", rows_text(rows, 0, 0));
    rows_free(rows);
    return 0;
}

int preflight_health_lag(struct preflight_run *run, struct error *err)
{
    struct rows *rows = NULL;

    if (preflight_ask(run, &sql_inspect_replication, 0, NULL, &rows, err) != 0)
        return -1;
    int64_t standbys = rows_int64(rows, 0, 0), hidden = rows_int64(rows, 0, 1);
    const char *idle_slots = rows_value(rows, 0, 4);
    if (hidden > 0) {
        preflight_say(run, PREFLIGHT_WARN, "role %s has no right to see how far behind %s is",
                      run->role, human_count(hidden, "standby server").text);
        preflight_advise(run, "GRANT pg_read_all_stats TO %s", run->role);
    } else if (standbys > 0) {
        preflight_say(run, PREFLIGHT_PASS, "%s, up to %s and %s behind",
                      human_count(standbys, "standby server").text,
                      human_duration(rows_int64(rows, 0, 2) * NS_PER_MS).text,
                      human_bytes(rows_int64(rows, 0, 3)).text);
    } else {
        preflight_say(run, PREFLIGHT_PASS, "no standby server");
    }
    if (idle_slots != NULL) {
        preflight_say(run, PREFLIGHT_WARN,
                      "replication slots that nobody reads keep all WAL of the run: %s",
                      idle_slots);
        preflight_advise(run, "start their readers, or drop them with pg_drop_replication_slot");
    }
    rows_free(rows);
    return 0;
}

int preflight_health_snapshots(struct preflight_run *run, struct error *err)
{
    char seconds[8];
    const char *values[] = {seconds};
    struct rows *rows = NULL;

    snprintf(seconds, sizeof seconds, "%d", OLD_S);
    if (preflight_ask(run, &sql_inspect_snapshots, 1, values, &rows, err) != 0)
        return -1;
    int64_t count = rows_count(rows);
    for (int64_t i = 0; i < count && i < SHOWN; i++) {
        const char *pid = rows_value(rows, i, 0);
        preflight_say(run, PREFLIGHT_WARN, "%s%s of role %s is open for %s (%s)",
                      pid == NULL ? "a prepared transaction" : "the transaction of pid ",
                      pid == NULL ? "" : pid, rows_text(rows, i, 3),
                      human_duration(rows_int64(rows, i, 1) * NS_PER_S).text,
                      rows_text(rows, i, 2));
        if (pid != NULL)
            preflight_advise(run, "if it may end: SELECT pg_terminate_backend(%s)", pid);
        else
            preflight_advise(run,
                             "find it in pg_prepared_xacts: COMMIT PREPARED or ROLLBACK PREPARED");
    }
    if (count > 0)
        preflight_say(run, PREFLIGHT_WARN,
                      "dead rows can't be pruned meanwhile: about 40 per cent of the speed");
    else
        preflight_say(run, PREFLIGHT_PASS, "no transaction is open for more than %s",
                      human_duration(OLD_S * NS_PER_S).text);
    rows_free(rows);
    return 0;
}
