/* Non-blocking collectives, tested between sleeps. Knows what travels, not what it is for. */
#include "run/mpi/comm.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "run/mpi/signals.h"

/* mpirun says how many ranks there are before MPI does. */
static bool is_one_host(void)
{
    const char *here = getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
    const char *all = getenv("OMPI_COMM_WORLD_SIZE");

    return here != NULL && all != NULL && strcmp(here, all) == 0;
}

void comm_start(int *argc, char ***argv)
{
    if (is_one_host())
        setenv("OMPI_MCA_pml", "ob1", 0);
    MPI_Init(argc, argv);
}

void comm_open(struct comm *comm)
{
    MPI_Comm_dup(MPI_COMM_WORLD, &comm->handle);
    MPI_Comm_set_name(comm->handle, "chunkmill");
    MPI_Comm_rank(comm->handle, &comm->rank);
    MPI_Comm_size(comm->handle, &comm->ranks);
}

void comm_split(const struct comm *all, int ranks, struct comm *comm)
{
    bool is_in = all->rank < ranks;

    *comm = (struct comm){MPI_COMM_NULL, all->rank, ranks};
    MPI_Comm_split(all->handle, is_in ? 0 : MPI_UNDEFINED, all->rank, &comm->handle);
    if (is_in)
        MPI_Comm_set_name(comm->handle, "chunkmill comm");
}

void comm_close(struct comm *comm)
{
    MPI_Comm_free(&comm->handle);
}

int comm_wait(MPI_Request *request, struct error *err)
{
    struct clock_idle idle = {0};
    int is_complete = 0;

    for (;;) {
        MPI_Test(request, &is_complete, MPI_STATUS_IGNORE);
        if (is_complete)
            return 0;
        if (signals_is_cancelled())
            return error_set(err, ERROR_INTERRUPTED,
                             "interrupted while waiting for the other ranks");
        clock_backoff(&idle);
    }
}

static int too_large(struct error *err, const char *what, int64_t amount)
{
    return error_set(err, ERROR_BUG, "%s: %" PRId64 " is more than MPI can count", what, amount);
}

int comm_number(const struct comm *comm, int *number, struct error *err)
{
    MPI_Request request;

    MPI_Ibcast(number, 1, MPI_INT, 0, comm->handle, &request);
    return comm_wait(&request, err);
}

int comm_broadcast(const struct comm *comm, struct text *bytes, struct error *err)
{
    MPI_Request request;
    char *buffer = NULL;
    int length = 0;

    if (bytes->bytes > INT_MAX)
        return too_large(err, "broadcast", (int64_t)bytes->bytes);
    length = (int)bytes->bytes;
    MPI_Ibcast(&length, 1, MPI_INT, 0, comm->handle, &request);
    if (comm_wait(&request, err) != 0)
        return -1;
    if (length == 0)
        return 0;
    buffer = comm->rank == 0 ? bytes->data : memory_zero((size_t)length, 1);
    MPI_Ibcast(buffer, length, MPI_BYTE, 0, comm->handle, &request);
    int rc = comm_wait(&request, err);
    if (comm->rank == 0)
        return rc;
    if (rc == 0)
        text_add_bytes(bytes, buffer, (size_t)length);
    free(buffer);
    return rc;
}

int comm_scatter_begin(const struct comm *comm, const struct text *portions,
                       struct comm_scatter *scatter, struct error *err)
{
    int64_t total = 0;

    memset(scatter, 0, sizeof *scatter);
    for (int i = 0; i < comm->ranks; i++)
        total += (int64_t)portions[i].bytes;
    if (total > INT_MAX)
        return too_large(err, "scatter", total);
    scatter->lengths = memory_zero((size_t)comm->ranks, sizeof *scatter->lengths);
    scatter->places = memory_zero((size_t)comm->ranks, sizeof *scatter->places);
    for (int i = 0; i < comm->ranks; i++) {
        scatter->lengths[i] = (int)portions[i].bytes;
        scatter->places[i] = (int)scatter->bytes.bytes;
        text_add_bytes(&scatter->bytes, text_string(&portions[i]), portions[i].bytes);
    }
    MPI_Iscatter(scatter->lengths, 1, MPI_INT, MPI_IN_PLACE, 0, MPI_INT, 0, comm->handle,
                 &scatter->requests[0]);
    MPI_Iscatterv(text_string(&scatter->bytes), scatter->lengths, scatter->places, MPI_BYTE,
                  MPI_IN_PLACE, 0, MPI_BYTE, 0, comm->handle, &scatter->requests[1]);
    return 0;
}

int comm_scatter_end(struct comm_scatter *scatter, struct error *err)
{
    int rc = 0;

    if (scatter->lengths == NULL)
        return 0;
    for (int i = 0; i < 2 && rc == 0; i++)
        rc = comm_wait(&scatter->requests[i], err);
    if (rc != 0)
        return -1; /* MPI may still read the buffers, and the process is about to end */
    free(scatter->lengths);
    free(scatter->places);
    text_free(&scatter->bytes);
    memset(scatter, 0, sizeof *scatter);
    return 0;
}

int comm_scatter_receive(const struct comm *comm, struct text *mine, struct error *err)
{
    MPI_Request request;
    int length = 0;

    MPI_Iscatter(NULL, 1, MPI_INT, &length, 1, MPI_INT, 0, comm->handle, &request);
    if (comm_wait(&request, err) != 0)
        return -1;
    char *buffer = memory_zero((size_t)length + 1, 1);
    MPI_Iscatterv(NULL, NULL, NULL, MPI_BYTE, buffer, length, MPI_BYTE, 0, comm->handle, &request);
    int rc = comm_wait(&request, err);
    if (rc == 0)
        text_add_bytes(mine, buffer, (size_t)length);
    free(buffer);
    return rc;
}

/* An MPI_User_function. NOLINTNEXTLINE(readability-non-const-parameter) */
static void merge(void *from, void *into, int *count, MPI_Datatype *type)
{
    const struct stats *more = from;
    struct stats *sums = into;

    (void)type;
    for (int i = 0; i < *count; i++)
        stats_merge(&sums[i], &more[i]);
}

int comm_stats(const struct comm *comm, const struct stats *mine, struct stats *all,
               struct error *err)
{
    MPI_Datatype type;
    MPI_Op op;
    MPI_Request request;

    static_assert(sizeof(struct stats) == STATS_MEMBERS * sizeof(int64_t),
                  "the datatype is one of int64_t");
    MPI_Type_contiguous(STATS_MEMBERS, MPI_INT64_T, &type);
    MPI_Type_commit(&type);
    MPI_Op_create(merge, 1, &op);
    memset(all, 0, sizeof *all);
    MPI_Ireduce(mine, all, 1, type, op, 0, comm->handle, &request);
    int rc = comm_wait(&request, err);
    MPI_Op_free(&op);
    MPI_Type_free(&type);
    return rc;
}

static MPI_Datatype record_type(void)
{
    MPI_Datatype type;

    static_assert(sizeof(struct chunk_record) == CHUNK_RECORD_MEMBERS * sizeof(int64_t),
                  "the datatype is one of int64_t");
    MPI_Type_contiguous(CHUNK_RECORD_MEMBERS, MPI_INT64_T, &type);
    MPI_Type_commit(&type);
    return type;
}

static int by_begin(const void *a, const void *b)
{
    const struct chunk_record *x = a;
    const struct chunk_record *y = b;

    if (x->begin_ns != y->begin_ns)
        return x->begin_ns < y->begin_ns ? -1 : 1;
    return (x->chunk_id > y->chunk_id) - (x->chunk_id < y->chunk_id);
}

/* Where each rank's records begin in the gathered array. Returns how many there are in all; where
 * that is more than INT_MAX, places is not to be used. */
static int64_t add_up(const int *counts, int *places, int ranks)
{
    int64_t total = 0;

    for (int i = 0; i < ranks; i++) {
        places[i] = total > INT_MAX ? 0 : (int)total;
        total += counts[i];
    }
    return total;
}

int comm_records(const struct comm *comm, const struct chunk_record *mine, int64_t count,
                 struct chunk_record **all, int64_t *all_count, struct error *err)
{
    int *counts = memory_zero((size_t)comm->ranks, sizeof *counts);
    int *places = memory_zero((size_t)comm->ranks, sizeof *places);
    MPI_Datatype type = record_type();
    MPI_Request request;
    int own = (int)count;
    int64_t total = 0;
    int rc = -1;

    *all = NULL;
    *all_count = 0;
    if (count > INT_MAX) {
        too_large(err, "gather", count);
        goto out;
    }
    MPI_Igather(&own, 1, MPI_INT, counts, 1, MPI_INT, 0, comm->handle, &request);
    if (comm_wait(&request, err) != 0)
        goto out;
    if (comm->rank == 0 && (total = add_up(counts, places, comm->ranks)) > INT_MAX) {
        too_large(err, "gather", total);
        goto out;
    }
    struct chunk_record *gathered = memory_zero((size_t)total + 1, sizeof *gathered);
    MPI_Igatherv(mine, own, type, gathered, counts, places, type, 0, comm->handle, &request);
    rc = comm_wait(&request, err);
    if (rc == 0 && comm->rank == 0) {
        qsort(gathered, (size_t)total, sizeof *gathered, by_begin);
        *all = gathered;
        *all_count = total;
    } else {
        free(gathered);
    }
out:
    MPI_Type_free(&type);
    free(counts);
    free(places);
    return rc;
}

int comm_places(const struct comm *comm, const struct report_place *mine, struct report_place **all,
                struct error *err)
{
    enum { BYTES = sizeof(struct report_place) };
    MPI_Request request;
    struct report_place *gathered =
        comm->rank == 0 ? memory_zero((size_t)comm->ranks, sizeof(struct report_place)) : NULL;

    *all = NULL;
    MPI_Igather(mine, BYTES, MPI_BYTE, gathered, BYTES, MPI_BYTE, 0, comm->handle, &request);
    if (comm_wait(&request, err) != 0) {
        free(gathered);
        return -1;
    }
    *all = gathered;
    return 0;
}

int comm_int64(const struct comm *comm, int64_t mine, int64_t *all, struct error *err)
{
    MPI_Request request;

    MPI_Igather(&mine, 1, MPI_INT64_T, all, 1, MPI_INT64_T, 0, comm->handle, &request);
    return comm_wait(&request, err);
}
