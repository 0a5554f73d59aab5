/* Resolves a job file on the server into struct work: the oids of names, the types of expressions,
 * the values of the window, the settings of sessions. Source: docs/PROTOCOL.md, "Keys are text, so
 * sessions must agree". */
#ifndef CHUNKMILL_DB_TARGET_TARGET_H
#define CHUNKMILL_DB_TARGET_TARGET_H

#include "base/error.h"
#include "core/job/config.h"
#include "core/protocol/work.h"
#include "db/connection/connection.h"

/* target_settings(config, work): adds the server settings of every session that follow from the job
 * file alone, and copies the keys of the job file that workers read. Needs no server. */
void target_settings(const struct config *config, struct work *work);

/* target_resolve(c, config, work, err): sets the members of work that depend on the server, but for
 * the run, the attempt and the window's values, which it forgets. c must have the pinned settings.
 * Reads the catalog alone, no row of the table. Errors: CONFIG: there is no such table or column,
 * or an expression is wrong; the text names the job file's key and tells what to do. */
int target_resolve(struct connection *c, const struct config *config, struct work *work,
                   struct error *err);

/* target_triggers(c, config, work, err): the part of target_resolve that depends on the table's
 * triggers, to be done again after the steps before the chunks, which may enable some. */
int target_triggers(struct connection *c, const struct config *config, struct work *work,
                    struct error *err);

/* target_pin_window(c, config, work, err): evaluates the window's from and to on the server, once,
 * as values of the window's type. Does nothing without a window. Errors: CONFIG: one of them is
 * NULL or not an expression. */
int target_pin_window(struct connection *c, const struct config *config, struct work *work,
                      struct error *err);

/* target_expand(c, config, name, text, out, err): appends text with the job's schemas, as quoted
 * identifiers, in place of their placeholders; {chunk_filter} is left as it is. name is how errors
 * name the text. Errors: as template_expand. */
int target_expand(struct connection *c, const struct config *config, const char *name,
                  const char *text, struct text *out, struct error *err);

#endif
