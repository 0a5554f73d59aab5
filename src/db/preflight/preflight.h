/* The preflight: is this job, on this server, right now, safe and fast to run? Each check has a
 * name, an answer and, unless it passes, the statement or step that would mend it. Source:
 * docs/PROTOCOL.md, "What `check` refuses, and what it warns of". Changes nothing. */
#ifndef CHUNKMILL_DB_PREFLIGHT_PREFLIGHT_H
#define CHUNKMILL_DB_PREFLIGHT_PREFLIGHT_H

#include "base/error.h"
#include "base/text.h"
#include "db/ledger/session.h"

enum preflight_answer { PREFLIGHT_PASS, PREFLIGHT_WARN, PREFLIGHT_FAIL, PREFLIGHT_SKIPPED };

struct preflight_finding {
    const char *name; /* static, e.g. "index", "fillfactor", "privileges" */
    enum preflight_answer answer;
    char *facts;  /* what was found */
    char *remedy; /* a statement or a step; NULL: none needed */
};

struct preflight {
    int count;
    struct preflight_finding *findings;
};

struct preflight_options {
    int ranks; /* connections that a run will want: one a worker, and two; 0: not known */
    const char *const *skip; /* names of checks not to be made */
    int skip_count;
    bool quick; /* only what may fail: what `run` does first */
};

/* preflight_run(s, options, result, err): all checks, in a fixed order. s is connected
 * (session_connect) but need not be resolved: what can't be resolved is a finding. Errors only
 * where the connection is lost, or skip names no check (CONFIG, lists them). */
int preflight_run(struct session *s, const struct preflight_options *options,
                  struct preflight *result, struct error *err);
bool preflight_has_failed(const struct preflight *result);
void preflight_clear(struct preflight *result);
/* The names of all checks, NULL-terminated. */
const char *const *preflight_names(void);

#endif
