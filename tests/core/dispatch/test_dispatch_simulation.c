/* The dispatcher with thousands of workers, random times and random accidents, seeds fixed: an
 * event queue stands for the cluster, and a table of who holds what for the truth. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core/dispatch/dispatch.h"
#include "unit.h"

enum { WORKERS = 3000, CHUNKS = 20000, IN_FLIGHT = 3, NOBODY = -1 };

static uint64_t seed;

static int64_t below(int64_t limit)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((seed >> 33) % (uint64_t)limit);
}

struct event {
    int64_t at_ns;
    int64_t chunk_id; /* 0: the worker asks */
    int worker;
    int life; /* of the worker when this was scheduled: a lost worker's events are void */
};

struct accidents {
    int busy, stopped, put_back, failed, lost; /* per thousand answers */
};

struct simulation {
    struct dispatch *d;
    struct accidents accidents;
    struct event *heap; /* by at_ns */
    int64_t events, capacity;
    int64_t first_id;
    int *holder;     /* of each chunk */
    int *times_done; /* DONE, SKIPPED or FAILED answers that counted */
    int64_t *rests_until_ns;
    int *life;
    int64_t now_ns;
    int64_t faults; /* a chunk handed out while another held it, after it was done, or before it had
                       rested */
    int64_t handouts;
};

static void schedule(struct simulation *s, struct event event)
{
    if (s->events == s->capacity) {
        s->capacity = s->capacity == 0 ? 1024 : 2 * s->capacity;
        s->heap = memory_grow(s->heap, (size_t)s->capacity, sizeof *s->heap);
    }
    int64_t i = s->events++;
    for (; i > 0 && s->heap[(i - 1) / 2].at_ns > event.at_ns; i = (i - 1) / 2)
        s->heap[i] = s->heap[(i - 1) / 2];
    s->heap[i] = event;
}

static struct event earliest(struct simulation *s)
{
    struct event top = s->heap[0];
    struct event last = s->heap[--s->events];
    int64_t i = 0;

    for (int64_t child = 1; child < s->events; child = 2 * i + 1) {
        if (child + 1 < s->events && s->heap[child + 1].at_ns < s->heap[child].at_ns)
            child++;
        if (s->heap[child].at_ns >= last.at_ns)
            break;
        s->heap[i] = s->heap[child];
        i = child;
    }
    s->heap[i] = last;
    return top;
}

static void ask_again(struct simulation *s, int worker, int64_t in_ns)
{
    schedule(s,
             (struct event){.at_ns = s->now_ns + in_ns, .worker = worker, .life = s->life[worker]});
}

static void ask(struct simulation *s, int worker)
{
    int64_t id = 0;
    enum dispatch_answer answer = dispatch_next(s->d, worker, s->now_ns, &id);

    if (answer == DISPATCH_WAIT)
        ask_again(s, worker, 1 + below(2000));
    if (answer != DISPATCH_CHUNK)
        return;
    int64_t c = id - s->first_id;
    s->faults += s->holder[c] != NOBODY || s->times_done[c] > 0 || s->rests_until_ns[c] > s->now_ns;
    s->holder[c] = worker;
    s->handouts++;
    schedule(s, (struct event){.at_ns = s->now_ns + 1 + below(1000),
                               .chunk_id = id,
                               .worker = worker,
                               .life = s->life[worker]});
}

static enum cycle_outcome draw(const struct accidents *a)
{
    int64_t dice = below(1000);

    if ((dice -= a->busy) < 0)
        return CYCLE_BUSY;
    if ((dice -= a->stopped) < 0)
        return CYCLE_STOPPED;
    if ((dice -= a->put_back) < 0)
        return CYCLE_PUT_BACK;
    if ((dice -= a->failed) < 0)
        return CYCLE_FAILED;
    return dice % 10 == 0 ? CYCLE_SKIPPED : CYCLE_DONE;
}

static void lose(struct simulation *s, int worker)
{
    dispatch_lost(s->d, worker);
    for (int c = 0; c < CHUNKS; c++) {
        if (s->holder[c] == worker)
            s->holder[c] = NOBODY;
    }
    s->life[worker]++;
    for (int i = 0; i < IN_FLIGHT; i++) /* somebody is started in its place */
        ask_again(s, worker, 1 + below(5000));
}

static void answer(struct simulation *s, const struct event *event)
{
    int64_t c = event->chunk_id - s->first_id;
    struct cycle_result result = {.chunk_id = event->chunk_id, .outcome = draw(&s->accidents)};
    int64_t done = dispatch_counts(s->d).done;

    s->holder[c] = NOBODY;
    dispatch_done(s->d, event->worker, &result, s->now_ns);
    if (result.outcome == CYCLE_FAILED || dispatch_counts(s->d).done > done)
        s->times_done[c]++;
    if (result.outcome == CYCLE_BUSY)
        s->rests_until_ns[c] = s->now_ns + 500;
    ask(s, event->worker);
}

static struct simulation begin(struct dispatch_options options, struct accidents accidents,
                               int64_t first_id)
{
    struct simulation s = {.accidents = accidents, .first_id = first_id};

    options.workers = WORKERS;
    options.busy_delay_ns = 500;
    s.d = dispatch_new(&options);
    s.holder = memory_zero(CHUNKS, sizeof *s.holder);
    s.times_done = memory_zero(CHUNKS, sizeof *s.times_done);
    s.rests_until_ns = memory_zero(CHUNKS, sizeof *s.rests_until_ns);
    s.life = memory_zero(WORKERS, sizeof *s.life);
    for (int c = 0; c < CHUNKS; c++) {
        s.holder[c] = NOBODY;
        dispatch_add(s.d, first_id + c, 1 + below(20000), below(50) == 0);
    }
    dispatch_arrange(s.d);
    for (int w = 0; w < WORKERS; w++) {
        for (int i = 0; i < IN_FLIGHT; i++)
            ask_again(&s, w, below(100));
    }
    return s;
}

/* Runs until no event is left; drains after so many hand-outs (0: never). */
static void play(struct simulation *s, int64_t drain_after)
{
    int64_t guard = INT64_C(50) * CHUNKS;

    while (s->events > 0 && guard-- > 0) {
        struct event event = earliest(s);
        if (event.life != s->life[event.worker])
            continue;
        s->now_ns = event.at_ns;
        if (event.chunk_id == 0)
            ask(s, event.worker);
        else if (below(1000) < s->accidents.lost)
            lose(s, event.worker);
        else
            answer(s, &event);
        if (drain_after > 0 && s->handouts >= drain_after)
            dispatch_drain(s->d);
    }
    CU_ASSERT_TRUE(guard > 0);
    CU_ASSERT_EQUAL(s->faults, 0);
}

static void end(struct simulation *s)
{
    dispatch_free(s->d);
    free(s->heap);
    free(s->holder);
    free(s->times_done);
    free(s->rests_until_ns);
    free(s->life);
}

static int64_t chunks_done(const struct simulation *s, int times)
{
    int64_t count = 0;

    for (int c = 0; c < CHUNKS; c++)
        count += s->times_done[c] == times;
    return count;
}

static const struct accidents all_accidents = {
    .busy = 50, .stopped = 20, .put_back = 40, .failed = 5, .lost = 10};

static void check_each_is_done_once(enum dispatch_schedule schedule_kind, int64_t first_id)
{
    struct dispatch_options options = {.schedule = schedule_kind, .max_failed_chunks = CHUNKS};

    for (seed = 1; seed <= 3; seed += 1) {
        uint64_t this_seed = seed;
        struct simulation s = begin(options, all_accidents, first_id);
        play(&s, 0);
        CU_ASSERT_EQUAL(chunks_done(&s, 1), CHUNKS);
        CU_ASSERT_TRUE(dispatch_is_finished(s.d));
        CU_ASSERT_TRUE(dispatch_is_idle(s.d));
        CU_ASSERT_TRUE(s.handouts > CHUNKS + CHUNKS / 20); /* the accidents did happen */
        CU_ASSERT_EQUAL(dispatch_counts(s.d).done + dispatch_counts(s.d).failed, CHUNKS);
        end(&s);
        seed = this_seed;
    }
}

static void dispatch_never_hands_out_a_chunk_twice_and_does_each_once(void)
{
    check_each_is_done_once(DISPATCH_DYNAMIC, 1);
}

static void ids_may_start_anywhere(void)
{
    check_each_is_done_once(DISPATCH_DYNAMIC, INT64_C(987654321987));
}

static void a_static_schedule_survives_the_same_accidents(void)
{
    check_each_is_done_once(DISPATCH_STATIC, 5000);
}

static void a_drain_lets_what_is_in_flight_end_and_nothing_else(void)
{
    struct accidents none = {0};

    seed = 11;
    struct simulation s = begin((struct dispatch_options){.max_failed_chunks = 0}, none, 1);
    play(&s, 12345);
    CU_ASSERT_EQUAL(s.handouts, 12345);
    CU_ASSERT_EQUAL(chunks_done(&s, 1), 12345);
    CU_ASSERT_EQUAL(dispatch_counts(s.d).handed, 0);
    CU_ASSERT_TRUE(dispatch_is_idle(s.d));
    CU_ASSERT_FALSE(dispatch_is_finished(s.d));
    end(&s);
}

static void a_canary_takes_exactly_its_chunks_whatever_happens(void)
{
    struct accidents some = {.busy = 100, .stopped = 100, .lost = 20};

    seed = 12;
    struct simulation s =
        begin((struct dispatch_options){.max_chunks = 777, .max_failed_chunks = 0}, some, 1);
    play(&s, 0);
    CU_ASSERT_EQUAL(chunks_done(&s, 1), 777);
    CU_ASSERT_TRUE(dispatch_is_idle(s.d));
    end(&s);
}

static void too_many_failures_stop_all_workers(void)
{
    struct accidents failing = {.failed = 500};

    seed = 13;
    struct simulation s = begin((struct dispatch_options){.max_failed_chunks = 100}, failing, 1);
    play(&s, 0);
    CU_ASSERT_TRUE(dispatch_has_too_many_failures(s.d));
    CU_ASSERT_TRUE(dispatch_is_idle(s.d));
    CU_ASSERT_TRUE(s.handouts < CHUNKS);
    /* what was in flight at the hundred-and-first may still fail, no more */
    CU_ASSERT_TRUE(dispatch_counts(s.d).failed <= 101 + (int64_t)WORKERS * IN_FLIGHT);
    end(&s);
}

/* LPT by its definition, without a heap. */
static void check_lpt(int workers, int chunks)
{
    struct dispatch_options options = {.workers = workers, .schedule = DISPATCH_STATIC};
    struct dispatch *d = dispatch_new(&options);
    int64_t *rows = memory_zero((size_t)chunks, sizeof *rows);
    int64_t *load = memory_zero((size_t)workers, sizeof *load);
    int *owner = memory_zero((size_t)chunks, sizeof *owner);
    int wrong = 0;

    for (int c = 0; c < chunks; c++) {
        rows[c] = below(12); /* many ties */
        dispatch_add(d, c + 1, rows[c], false);
    }
    for (int64_t size = 12; size >= 0; size--) {
        for (int c = 0; c < chunks; c++) {
            int least = 0;
            if (rows[c] != size)
                continue;
            for (int w = 1; w < workers; w++)
                least = load[w] < load[least] ? w : least;
            owner[c] = least;
            load[least] += size;
        }
    }
    dispatch_arrange(d);
    for (int c = 0; c < chunks; c++) {
        int64_t id = 0;
        wrong += dispatch_next(d, owner[c], 0, &id) != DISPATCH_CHUNK || id != c + 1;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    free(rows);
    free(load);
    free(owner);
    dispatch_free(d);
}

static void static_assignments_are_those_of_graham(void)
{
    seed = 14;
    for (int i = 0; i < 300; i++)
        check_lpt(1 + (int)below(40), (int)below(300));
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(dispatch_never_hands_out_a_chunk_twice_and_does_each_once),
        TEST(ids_may_start_anywhere),
        TEST(a_static_schedule_survives_the_same_accidents),
        TEST(a_drain_lets_what_is_in_flight_end_and_nothing_else),
        TEST(a_canary_takes_exactly_its_chunks_whatever_happens),
        TEST(too_many_failures_stop_all_workers),
        TEST(static_assignments_are_those_of_graham),
        CU_TEST_INFO_NULL,
    };

    return unit_run("dispatch_simulation", tests);
}
