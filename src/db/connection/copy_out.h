/* Reads COPY .. TO STDOUT as it arrives, without waiting, so that the caller can do other things
 * between two turns. Errors are those of db/connection/connection.h. */
#ifndef CHUNKMILL_DB_CONNECTION_COPY_OUT_H
#define CHUNKMILL_DB_CONNECTION_COPY_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "db/connection/connection.h"

struct copy_out {
    struct connection *connection;
    const char *name;
    bool is_copying;  /* the server has begun to send */
    int64_t heard_ns; /* when something came last */
};

/* A row in COPY's text format, without its end of line; valid during the call, and the callee's to
 * write into. -1 ends the stream with its error. */
typedef int copy_out_each(void *context, char *line, size_t bytes, struct error *err);

/* copy_out_begin(out, c, sql, err): sends the statement and does not wait for its answer. c is
 * out's alone until the stream has ended. sql's name is borrowed, its text is not. */
int copy_out_begin(struct copy_out *out, struct connection *c, const struct sql *sql,
                   struct error *err);

/* copy_out_turn(out, until_ns, each, context, ended, err): what has arrived, until nothing more is
 * there or it is until_ns. *ended: that was all, and c is free. After an error the statement is
 * cancelled, and c only good for closing, unless the server itself refused the statement.
 * INTERRUPTED when the flag was raised. */
int copy_out_turn(struct copy_out *out, int64_t until_ns, copy_out_each *each, void *context,
                  bool *ended, struct error *err);

/* copy_out_wait(out, most_ns): until something arrives, at most so long, asleep. */
void copy_out_wait(const struct copy_out *out, int64_t most_ns);

/* copy_out_stop(out): cancels what is on its way; c is only good for closing then. */
void copy_out_stop(struct copy_out *out);

/* copy_out_split(line, bytes, values, most): the values of a row, unescaped in place (NULL for SQL
 * NULL); returns how many, or -1 where there are more than `most`. */
int copy_out_split(char *line, size_t bytes, char **values, int most);

#endif
