/* Point-to-point messages between the manager and a worker: sent without waiting, received if
 * there is one. A message is kept until MPI has taken it. */
#ifndef CHUNKMILL_RUN_MPI_MAIL_H
#define CHUNKMILL_RUN_MPI_MAIL_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
#include "run/mpi/comm.h"

enum mail_kind {
    MAIL_CHUNK = 1, /* manager -> worker: one packed chunk */
    MAIL_RETURN,    /* manager -> worker: what is queued comes back, unstarted */
    MAIL_STOP,      /* manager -> worker: finish the chunk in flight, drop the others */
    MAIL_RESULT,    /* worker -> manager: one packed result */
    MAIL_LEFT,      /* worker -> manager: its last message */
};

struct mail;

struct mail *mail_new(const struct comm *comm);
/* After mail_flush, or MPI would read outstanding messages from freed memory. Takes NULL. */
void mail_free(struct mail *mail);

/* mail_send(mail, rank, kind, body): takes body's bytes (body is empty then); NULL: an empty
 * message. */
void mail_send(struct mail *mail, int rank, enum mail_kind kind, struct text *body);

/* mail_receive(mail, rank, kind, body, got, err): one message if there is one: *got, and from which
 * rank, of which kind, with which body (cleared before). Doesn't wait for one. INTERRUPTED as
 * comm_wait. */
int mail_receive(struct mail *mail, int *rank, enum mail_kind *kind, struct text *body, bool *got,
                 struct error *err);

/* mail_flush(mail, err): waits, asleep, until MPI has taken all messages. */
int mail_flush(struct mail *mail, struct error *err);

#endif
