/* The schema of the ledger: tables in the same database that hold the truth about what is done
 * (docs/PROTOCOL.md, "The ledger"). work gives the schema. Each function is a transaction of its
 * own, to be called outside of one. */
#ifndef CHUNKMILL_DB_LEDGER_LEDGER_H
#define CHUNKMILL_DB_LEDGER_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "core/protocol/work.h"
#include "db/connection/connection.h"

enum { LEDGER_VERSION = 5 };

/* ledger_script(work, out): the CREATE statements, expanded. */
int ledger_script(const struct work *work, struct text *out, struct error *err);
/* ledger_create: in one transaction; an existing ledger of this version is no error (*made false).
 */
int ledger_create(struct connection *c, const struct work *work, bool *made, struct error *err);
/* ledger_drop: LIVE while an attempt is at work; REFUSED while a run of any job is unfinished,
 * unless force. Drops our tables and, when it is empty then, the schema. */
int ledger_drop(struct connection *c, const struct work *work, bool force, struct error *err);
/* ledger_require: REFUSED (exit 3) when missing, older or newer, with the command to type; job_file
 * is for that command. */
int ledger_require(struct connection *c, const struct work *work, const char *job_file,
                   struct error *err);

#endif
