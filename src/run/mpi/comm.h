/* The collectives of a run, and the MPI datatypes of what travels in them. None spins: each is a non-blocking
 * collective that is tested with growing sleeps, so that a waiting rank costs no CPU and may wait for hours.
 *
 * All ranks call each function in the same order. Errors: INTERRUPTED when this rank was told to leave
 * (signals.h): then the rank must end, since the others wait for it; BUG when a count doesn't fit MPI's int.
 * MPI's own errors end the program. */
#ifndef CHUNKMILL_RUN_MPI_COMM_H
#define CHUNKMILL_RUN_MPI_COMM_H

#include <mpi.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "core/report/report.h"
#include "core/report/stats.h"

/* All ranks, in a communicator of our own. */
struct collect {
    MPI_Comm comm;
    int rank;
    int ranks;
};

/* collect_start(argc, argv): MPI_Init. Where all ranks are on one host, and nobody has chosen otherwise, Open
 * MPI is kept from looking for fast networks, which costs it a fifth of a second. */
void collect_start(int *argc, char ***argv);

/* After MPI_Init; the only ones that may block, at the very beginning and the very end. */
void collect_open(struct collect *team);
void collect_close(struct collect *team);

/* collect_split(all, ranks, team): a team of the first `ranks` of all, for collect_close; the others get one
 * without a communicator (MPI_COMM_NULL). May block, so all come to it at once: after a collect_number. */
void collect_split(const struct collect *all, int ranks, struct collect *team);

/* collect_wait(request, err): until the request is complete. */
int collect_wait(MPI_Request *request, struct error *err);

/* collect_number(team, number, err): rank 0's *number to all. */
int collect_number(const struct collect *team, int *number, struct error *err);

/* collect_broadcast(team, bytes, err): rank 0's bytes to all, who have an empty text; may be none. */
int collect_broadcast(const struct collect *team, struct text *bytes, struct error *err);

/* A scatter under way: rank 0 has other things to do while it lasts. */
struct collect_scatter {
    int *lengths; /* [ranks] */
    int *places;
    int length; /* of this rank's share */
    struct text bytes;
    MPI_Request requests[2]; /* lengths, bytes */
};

/* collect_scatter_begin(team, shares, scatter, err): rank 0 sends each rank its share (may be empty); all of
 * them together at most INT_MAX bytes. The shares are copied. */
int collect_scatter_begin(const struct collect *team, const struct text *shares,
                          struct collect_scatter *scatter, struct error *err);
/* collect_scatter_end(team, scatter, err): rank 0, before it goes on to the next collective. Frees it. */
int collect_scatter_end(struct collect_scatter *scatter, struct error *err);
/* collect_scatter_receive(team, mine, err): the other ranks' side: their share. */
int collect_scatter_receive(const struct collect *team, struct text *mine, struct error *err);

/* collect_stats(team, mine, all, err): stats_merge over all ranks; *all is rank 0's. */
int collect_stats(const struct collect *team, const struct stats *mine, struct stats *all, struct error *err);

/* collect_records(team, mine, count, all, all_count, err): every rank's records to rank 0, in order of
 * begin_ns; *all is its own (free), elsewhere NULL. */
int collect_records(const struct collect *team, const struct chunk_record *mine, int64_t count,
                    struct chunk_record **all, int64_t *all_count, struct error *err);

/* collect_places(team, mine, all, err): to rank 0, by rank; *all is its own (free), elsewhere NULL. */
int collect_places(const struct collect *team, const struct report_place *mine, struct report_place **all,
                   struct error *err);

/* collect_int64(team, mine, all, err): every rank's number to rank 0, by rank; all has room for them there,
 * and is NULL elsewhere. */
int collect_int64(const struct collect *team, int64_t mine, int64_t *all, struct error *err);

#endif
