/* The collectives, with one rank, two and four. Every rank runs the same tests in the same order; a
 * failure on any of them makes mpirun fail. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/protocol/cycle_result.h"
#include "run/mpi/comm.h"
#include "run/mpi/mail.h"
#include "unit.h"

static struct comm comm;

static int64_t cpu_ns(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * NS_PER_S +
           (int64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

static void a_number_of_rank_0_reaches_all(void)
{
    struct error err = ERROR_INIT;
    int number = comm.rank == 0 ? 75 : -1;

    CU_ASSERT_EQUAL(comm_number(&comm, &number, &err), 0);
    CU_ASSERT_EQUAL(number, 75);
}

static void a_broadcast_brings_every_byte(void)
{
    enum { BYTES = 300000 };
    struct error err = ERROR_INIT;
    struct text bytes = TEXT_INIT;
    int wrong = 0;

    for (int i = 0; comm.rank == 0 && i < BYTES; i++)
        text_add_bytes(&bytes, &(char){(char)(i % 251)}, 1);
    CU_ASSERT_EQUAL(comm_broadcast(&comm, &bytes, &err), 0);
    CU_ASSERT_EQUAL_FATAL(bytes.bytes, BYTES);
    for (int i = 0; i < BYTES; i++)
        wrong += bytes.data[i] != (char)(i % 251);
    CU_ASSERT_EQUAL(wrong, 0);
    text_free(&bytes);
}

static void a_broadcast_may_be_empty(void)
{
    struct error err = ERROR_INIT;
    struct text bytes = TEXT_INIT;

    CU_ASSERT_EQUAL(comm_broadcast(&comm, &bytes, &err), 0);
    CU_ASSERT_EQUAL(bytes.bytes, 0);
    text_free(&bytes);
}

/* Rank r's portion is r * 1000 bytes of the letter 'a' + r, but none for odd ranks where only_even.
 */
static size_t portion_bytes(int rank, bool only_even)
{
    return only_even && rank % 2 == 1 ? 0 : (size_t)rank * 1000;
}

static void scatter(bool only_even)
{
    struct error err = ERROR_INIT;
    struct text mine = TEXT_INIT;

    if (comm.rank == 0) {
        struct text *portions = memory_zero((size_t)comm.ranks, sizeof *portions);
        struct comm_scatter wave;
        for (int r = 0; r < comm.ranks; r++)
            for (size_t i = 0; i < portion_bytes(r, only_even); i++)
                text_add_bytes(&portions[r], &(char){(char)('a' + r)}, 1);
        CU_ASSERT_EQUAL(comm_scatter_begin(&comm, portions, &wave, &err), 0);
        for (int r = 0; r < comm.ranks; r++)
            text_free(&portions[r]); /* they were copied */
        free(portions);
        CU_ASSERT_EQUAL(comm_scatter_end(&wave, &err), 0);
        return;
    }
    CU_ASSERT_EQUAL(comm_scatter_receive(&comm, &mine, &err), 0);
    CU_ASSERT_EQUAL(mine.bytes, portion_bytes(comm.rank, only_even));
    for (size_t i = 0; i < mine.bytes; i++)
        if (mine.data[i] != (char)('a' + comm.rank))
            CU_FAIL_FATAL("a byte of another rank's portion");
    text_free(&mine);
}

static void a_scatter_brings_each_rank_its_portion(void)
{
    scatter(false);
}

static void a_scatter_may_have_empty_portions(void)
{
    scatter(true);
}

static void statistics_are_added_and_extremes_kept(void)
{
    struct error err = ERROR_INIT;
    struct stats mine = {.chunks_done = comm.rank + 1,
                         .rows_updated = 1000 * (comm.rank + 1),
                         .reconnects = 1,
                         .max_chunk_ns = 100 - comm.rank,
                         .max_work_ns = 100 + comm.rank};
    struct stats all;
    int64_t n = comm.ranks;

    CU_ASSERT_EQUAL(comm_stats(&comm, &mine, &all, &err), 0);
    if (comm.rank != 0)
        return;
    CU_ASSERT_EQUAL(all.chunks_done, n * (n + 1) / 2);
    CU_ASSERT_EQUAL(all.rows_updated, 1000 * n * (n + 1) / 2);
    CU_ASSERT_EQUAL(all.reconnects, n);
    CU_ASSERT_EQUAL(all.rows_released, 0);
    CU_ASSERT_EQUAL(all.max_chunk_ns, 100);
    CU_ASSERT_EQUAL(all.max_work_ns, 100 + n - 1);
    CU_ASSERT_EQUAL(all.max_connect_ns, 0);
}

/* Rank r has r records, so rank 0 has none; their beginnings interleave. */
static void records_of_all_ranks_come_in_order_of_their_beginning(void)
{
    struct error err = ERROR_INIT;
    struct chunk_record *mine = memory_zero((size_t)comm.rank + 1, sizeof *mine);
    struct chunk_record *all = NULL;
    int64_t count = -1, seen = 0;

    for (int i = 0; i < comm.rank; i++)
        mine[i] = (struct chunk_record){.chunk_id = 100 * comm.rank + i,
                                        .worker = comm.rank,
                                        .outcome = CYCLE_DONE,
                                        .rows_updated = 7,
                                        .begin_ns = 10 * i + (9 - comm.rank),
                                        .update_ns = comm.rank};
    CU_ASSERT_EQUAL(comm_records(&comm, mine, comm.rank, &all, &count, &err), 0);
    free(mine);
    if (comm.rank != 0) {
        CU_ASSERT_PTR_NULL(all);
        return;
    }
    CU_ASSERT_EQUAL(count, (int64_t)comm.ranks * (comm.ranks - 1) / 2);
    for (int64_t i = 0; i < count; i++) {
        int64_t index = all[i].chunk_id % 100;
        CU_ASSERT_EQUAL(all[i].chunk_id / 100, all[i].worker);
        CU_ASSERT_EQUAL(all[i].begin_ns, 10 * index + (9 - all[i].worker));
        CU_ASSERT_EQUAL(all[i].update_ns, all[i].worker);
        CU_ASSERT_EQUAL(all[i].rows_updated, 7);
        CU_ASSERT(i == 0 || all[i - 1].begin_ns < all[i].begin_ns);
        seen += all[i].worker;
    }
    int64_t expected = 0;
    for (int r = 0; r < comm.ranks; r++)
        expected += (int64_t)r * r;
    CU_ASSERT_EQUAL(seen, expected); /* r records of each rank r */
    free(all);
}

/* More records than MPI can count, which no test has the memory for: the other ranks only say how
 * many they have, as comm_records does first, and stay away from what would follow. */
static void too_many_records_are_refused_with_their_number(void)
{
    struct error err = ERROR_INIT;
    struct chunk_record *all = NULL;
    int64_t count = 0, expected = comm.ranks == 1 ? (int64_t)INT_MAX + 1 : INT_MAX;
    char number[32];

    if (comm.rank != 0) {
        int own = INT_MAX;
        MPI_Request request;
        MPI_Igather(&own, 1, MPI_INT, NULL, 1, MPI_INT, 0, comm.handle, &request);
        CU_ASSERT_EQUAL(comm_wait(&request, &err), 0);
        return;
    }
    CU_ASSERT_EQUAL(comm_records(&comm, NULL, expected, &all, &count, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERROR_BUG);
    snprintf(number, sizeof number, ": %" PRId64 " ", expected * comm.ranks);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, number));
    CU_ASSERT_PTR_NULL(all);
}

static void places_come_by_rank(void)
{
    struct error err = ERROR_INIT;
    struct report_place mine = {.cores = comm.rank + 1, .memory_bytes = INT64_C(1) << 40};
    struct report_place *all = NULL;

    memcpy(mine.host, "node", 5);
    mine.binding[0] = (char)('0' + comm.rank);
    CU_ASSERT_EQUAL(comm_places(&comm, &mine, &all, &err), 0);
    if (comm.rank != 0) {
        CU_ASSERT_PTR_NULL(all);
        return;
    }
    for (int r = 0; r < comm.ranks; r++) {
        CU_ASSERT_EQUAL(all[r].cores, r + 1);
        CU_ASSERT_EQUAL(all[r].binding[0], '0' + r);
        CU_ASSERT_EQUAL(all[r].memory_bytes, INT64_C(1) << 40);
        CU_ASSERT_STRING_EQUAL(all[r].host, "node");
    }
    free(all);
}

/* The other ranks wait a second for rank 0; a blocking call would burn it. */
static void a_waiting_rank_costs_no_cpu(void)
{
    struct error err = ERROR_INIT;
    int number = 1;

    CU_ASSERT_EQUAL(comm_number(&comm, &number, &err), 0);
    int64_t before_ns = cpu_ns();
    if (comm.rank == 0)
        clock_sleep_ns(NS_PER_S);
    CU_ASSERT_EQUAL(comm_number(&comm, &number, &err), 0);
    CU_ASSERT(cpu_ns() - before_ns < 200 * NS_PER_MS);
}

/* Teams of one, of some and of all, one behind the other, as bench makes them. */
static void a_part_of_the_ranks_is_a_communicator_of_its_own(void)
{
    struct error err = ERROR_INIT;
    int64_t *all = memory_zero((size_t)comm.ranks, sizeof *all);

    for (int ranks = 1; ranks <= comm.ranks; ranks++) {
        struct comm part;
        int number = 0;
        comm_split(&comm, ranks, &part);
        CU_ASSERT_EQUAL(part.handle == MPI_COMM_NULL, comm.rank >= ranks);
        if (part.handle == MPI_COMM_NULL)
            continue;
        CU_ASSERT_EQUAL(part.rank, comm.rank);
        CU_ASSERT_EQUAL(part.ranks, ranks);
        if (part.rank == 0)
            number = 100 + ranks;
        CU_ASSERT_EQUAL(comm_number(&part, &number, &err), 0);
        CU_ASSERT_EQUAL(number, 100 + ranks);
        CU_ASSERT_EQUAL(
            comm_int64(&part, (INT64_C(1) << 40) + part.rank, part.rank == 0 ? all : NULL, &err),
            0);
        for (int i = 0; part.rank == 0 && i < ranks; i++)
            CU_ASSERT_EQUAL(all[i], (INT64_C(1) << 40) + i);
        comm_close(&part);
    }
    free(all);
}

/* One round: each worker sends, rank 0 answers in the order that it hears them. */
static void mail_arrives_whole_and_in_order(void)
{
    enum { LETTERS = 5 };
    struct error err = ERROR_INIT;
    struct mail *mail = mail_new(&comm);
    struct text body = TEXT_INIT;
    struct clock_idle idle = {0};
    int *heard = memory_zero((size_t)comm.ranks, sizeof *heard);
    int missing = comm.rank == 0 ? (comm.ranks - 1) * (LETTERS + 1) : 0;

    for (int i = 0; comm.rank != 0 && i < LETTERS; i++) {
        text_format(&body, "%d letter of %d", i, comm.rank);
        mail_send(mail, 0, MAIL_RESULT, &body);
        CU_ASSERT_EQUAL(body.bytes, 0);
    }
    if (comm.rank != 0)
        mail_send(mail, 0, MAIL_LEFT, NULL);
    while (missing > 0) {
        enum mail_kind kind;
        bool got;
        int rank;
        CU_ASSERT_EQUAL_FATAL(mail_receive(mail, &rank, &kind, &body, &got, &err), 0);
        if (!got) {
            clock_backoff(&idle);
            continue;
        }
        missing--;
        CU_ASSERT_EQUAL(kind, heard[rank] < LETTERS ? MAIL_RESULT : MAIL_LEFT);
        if (kind == MAIL_RESULT)
            CU_ASSERT_EQUAL(strtol(text_string(&body), NULL, 10), heard[rank]);
        heard[rank]++;
    }
    CU_ASSERT_EQUAL(mail_flush(mail, &err), 0);
    mail_free(mail);
    text_free(&body);
    free(heard);
}

int main(int argc, char **argv)
{
    static CU_TestInfo tests[] = {
        TEST(a_number_of_rank_0_reaches_all),
        TEST(a_broadcast_brings_every_byte),
        TEST(a_broadcast_may_be_empty),
        TEST(a_scatter_brings_each_rank_its_portion),
        TEST(a_scatter_may_have_empty_portions),
        TEST(statistics_are_added_and_extremes_kept),
        TEST(records_of_all_ranks_come_in_order_of_their_beginning),
        TEST(too_many_records_are_refused_with_their_number),
        TEST(places_come_by_rank),
        TEST(a_part_of_the_ranks_is_a_communicator_of_its_own),
        TEST(a_waiting_rank_costs_no_cpu),
        TEST(mail_arrives_whole_and_in_order),
        CU_TEST_INFO_NULL,
    };

    MPI_Init(&argc, &argv);
    comm_open(&comm);
    int status = unit_run("comm", tests);
    comm_close(&comm);
    MPI_Finalize();
    return status;
}
