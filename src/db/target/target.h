/* What the job file means on this server: names become oids, key expressions get their types, the
 * window is pinned, the session's settings are settled. Fills struct work. Source: PROTOCOL,
 * section "Keys are text, so sessions must agree". */
#ifndef CHUNKMILL_DB_TARGET_TARGET_H
#define CHUNKMILL_DB_TARGET_TARGET_H

#include "base/error.h"
#include "core/job/config.h"
#include "core/protocol/work.h"
#include "db/connection/connection.h"

/* target_settings(config, work): the pinned session settings that the job file decides, before any
 * server is known. */
void target_settings(const struct config *config, struct work *work);

/* target_resolve(c, config, work, err): everything of work but run, attempt and the window's
 * values. The connection has the pinned settings. Only catalog reads, no row of the target is
 * looked at. Errors: CONFIG: no such table, column or expression, with the job file's key and what
 * to do. */
int target_resolve(struct connection *c, const struct config *config, struct work *work,
                   struct error *err);

/* target_pin_window(c, config, work, err): evaluates the window's from and to by the server's
 * now(), as values of the window's type. */
int target_pin_window(struct connection *c, const struct config *config, struct work *work,
                      struct error *err);

/* target_expand(c, config, name, text, out, err): {schema} placeholders of the job as quoted
 * identifiers; chunk_filter is kept. */
int target_expand(struct connection *c, const struct config *config, const char *name,
                  const char *text, struct text *out, struct error *err);

#endif
