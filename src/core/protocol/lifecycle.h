/* The life of a run, its labels and its work hash (docs/PROTOCOL.md, "The ledger" and
 * docs/PROTOCOL.md, "Labels, hash, exit status"): what `run`, `status` and the other commands
 * decide from what the ledger says. Pure functions. */
#ifndef CHUNKMILL_CORE_PROTOCOL_LIFECYCLE_H
#define CHUNKMILL_CORE_PROTOCOL_LIFECYCLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "core/protocol/run_state.h"
#include "core/protocol/work.h"

/* What the ledger knows of one run, as far as decisions need it. */
struct run_facts {
    bool exists;
    char label[64];
    enum run_state state;
    char finished_at[32]; /* ISO 8601, "" while unfinished */
    int64_t rows_updated;
    bool attempt_is_live; /* its last attempt has not ended and its heartbeat is fresh, or its lock
                             is held */
    bool stopped_fatally; /* its last attempt ended with exit status 5 */
    int64_t chunks_open;
    int64_t chunks_failed;
    int64_t rows_elsewhere;
};

enum lifecycle_answer { LIFECYCLE_CREATE, LIFECYCLE_RESUME, LIFECYCLE_ALREADY_DONE };

/* lifecycle_start(job, label, unfinished, same_label, answer, err): label NULL: none was given; the
 * default one is LIFECYCLE_DEFAULT_LABEL. unfinished: the job's unfinished run, if any; same_label:
 * its finished run of the wanted label (or default), if any. An unfinished run is resumed by its
 * own label or by none; another label is REFUSED and names the unfinished one and the commands (run
 * without label, abandon). An abandoning run is REFUSED (finish `chunkmill abandon`). A finished
 * run of that label (done, done_with_gaps, abandoned) is ALREADY_DONE, but an abandoned one may be
 * started again under a new label only. */
int lifecycle_start(const char *job, const char *label, const struct run_facts *unfinished,
                    const struct run_facts *same_label, enum lifecycle_answer *answer,
                    struct error *err);
#define LIFECYCLE_DEFAULT_LABEL "once"

/* A label is 1 to 63 of [A-Za-z0-9._-], not beginning with '-' or '.': CONFIG otherwise. It becomes
 * part of a file name. */
int lifecycle_check_label(const char *label, struct error *err);

/* lifecycle_exit_status(run): what `status --exit-status` says: 0 done; 4 done_with_gaps; 5 stopped
 * fatally, abandoned/abandoning, or never begun (a loop that can't even start mpirun must end); 6
 * live; 75 unfinished, and no attempt is live. */
int lifecycle_exit_status(const struct run_facts *run);

/* The canonical texts that the work hash is made of (the server hashes them): identity covers
 * table, key and their types, row id, scope, window, flag, filter, time zone and the job's own
 * settings (with a dot in their names): it may never change under an unfinished run; update covers
 * the expanded SQL with line ends normalised: --accept-changes waives it. */
void lifecycle_identity_text(struct text *out, const struct work *work, bool keys_filter,
                             const char *window_from_sql, const char *window_to_sql);
void lifecycle_update_text(struct text *out, const struct work *work);

#endif
