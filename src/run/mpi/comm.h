/* The collectives of a run, and the MPI datatypes of what travels in them. Each is a non-
 * blocking collective that is tested between growing sleeps, so that a waiting rank uses no CPU
 * and may wait for hours.
 *
 * All ranks call each function in the same order. Errors: INTERRUPTED when this rank was told to
 * leave (run/mpi/signals.h): then the rank must exit, since the others wait for it; BUG when a
 * count doesn't fit MPI's int. MPI's own errors end the program. */
#ifndef CHUNKMILL_RUN_MPI_COMM_H
#define CHUNKMILL_RUN_MPI_COMM_H

#include <mpi.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "core/report/report.h"
#include "core/report/stats.h"

/* All ranks, in a communicator of our own. */
struct comm {
    MPI_Comm handle;
    int rank;
    int ranks;
};

/* comm_start(argc, argv): MPI_Init. Where all ranks are on one host, and the user has not chosen
 * otherwise, Open MPI is kept from looking for fast networks, which costs it a fifth of a second.
 */
void comm_start(int *argc, char ***argv);

/* After MPI_Init; the only ones that may block, at the very beginning and the very end. */
void comm_open(struct comm *comm);
void comm_close(struct comm *comm);

/* comm_split(all, ranks, comm): a comm of the first `ranks` of all, for comm_close; the others get
 * one without a communicator (MPI_COMM_NULL). May block, so all come to it at once: after a
 * comm_number. */
void comm_split(const struct comm *all, int ranks, struct comm *comm);

/* comm_wait(request, err): until the request is complete. */
int comm_wait(MPI_Request *request, struct error *err);

/* comm_number(comm, number, err): rank 0's *number to all. */
int comm_number(const struct comm *comm, int *number, struct error *err);

/* comm_broadcast(comm, bytes, err): rank 0's bytes to all, who have an empty text; may be none. */
int comm_broadcast(const struct comm *comm, struct text *bytes, struct error *err);

/* A scatter under way: rank 0 has other things to do while it lasts. */
struct comm_scatter {
    int *lengths; /* [ranks] */
    int *places;
    int length; /* of this rank's portion */
    struct text bytes;
    MPI_Request requests[2]; /* lengths, bytes */
};

/* comm_scatter_begin(comm, portions, scatter, err): rank 0 sends each rank its portion (may be
 * empty); all of them together at most INT_MAX bytes. The portions are copied. */
int comm_scatter_begin(const struct comm *comm, const struct text *portions,
                       struct comm_scatter *scatter, struct error *err);
/* comm_scatter_end(comm, scatter, err): rank 0, before it goes on to the next collective. Frees it.
 */
int comm_scatter_end(struct comm_scatter *scatter, struct error *err);
/* comm_scatter_receive(comm, mine, err): the other ranks' side: their portion. */
int comm_scatter_receive(const struct comm *comm, struct text *mine, struct error *err);

/* comm_stats(comm, mine, all, err): stats_merge over all ranks; *all is rank 0's. */
int comm_stats(const struct comm *comm, const struct stats *mine, struct stats *all,
               struct error *err);

/* comm_records(comm, mine, count, all, all_count, err): every rank's records to rank 0, in order of
 * begin_ns; *all is its own (free), elsewhere NULL. */
int comm_records(const struct comm *comm, const struct chunk_record *mine, int64_t count,
                 struct chunk_record **all, int64_t *all_count, struct error *err);

/* comm_places(comm, mine, all, err): to rank 0, by rank; *all is its own (free), elsewhere NULL. */
int comm_places(const struct comm *comm, const struct report_place *mine, struct report_place **all,
                struct error *err);

/* comm_int64(comm, mine, all, err): every rank's number to rank 0, by rank; all has space for them
 * there, and is NULL elsewhere. */
int comm_int64(const struct comm *comm, int64_t mine, int64_t *all, struct error *err);

#endif
