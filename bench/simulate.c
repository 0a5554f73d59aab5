/* The pure dispatcher on a cluster that isn't there: workers whose chunks take what the plan and
 * chance say, messages that take time, and a manager that takes them one by one. Says how near the
 * makespan comes to its bound, how many messages a second the manager has, and how many workers
 * would be too many for it. */
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "core/dispatch/dispatch.h"
#include "base/human.h"

#define US 1000.0 /* ns */

enum {
    QUEUE = 4
}; /* chunks that a worker is sent: one at work, two marked ahead, the next of these */

static const char help[] =
    "usage: simulate [--workers N] [--chunks N] [--plan NAME] [--noise SIGMA] [--schedule "
    "dynamic|static]\n"
    "                [--chunk-ms MS] [--latency-us US] [--message-us US] [--seed N] [--most "
    "RATIO]\n"
    "\n"
    "The dispatcher with simulated workers: makespan against max(largest chunk, total / workers).\n"
    "\n"
    "  --workers N      (4096)\n"
    "  --chunks N       (1000000)\n"
    "  --plan NAME      uniform: all of one size; skewed: heavy-tailed sizes (lognormal, sigma "
    "1);\n"
    "                   adversarial: small ones, and one large chunk a worker at the end of the "
    "plan "
    "(skewed)\n"
    "  --noise SIGMA    how much a chunk's time differs from what its size says: lognormal (0.3)\n"
    "  --schedule S     dynamic or static (dynamic)\n"
    "  --chunk-ms MS    mean time of a chunk (100)\n"
    "  --latency-us US  of a message (50)\n"
    "  --message-us US  of the manager for each result (2)\n"
    "  --seed N         (1)\n"
    "  --most RATIO     exits with 1 when the makespan is more than this times the bound\n";

struct options {
    int64_t workers, chunks, seed;
    const char *plan;
    bool is_static;
    double noise, chunk_ms, latency_us, message_us, most;
};

/* A worker that will have ended its chunk at that time. */
struct event {
    double at_ns;
    int worker;
};

struct worker {
    int64_t queue[QUEUE]; /* chunks here or on their way; the first is at work */
    double arrives_ns[QUEUE];
    int held;
};

struct simulation {
    const struct options *options;
    struct dispatch *dispatch;
    double *times_ns; /* of chunk id - 1 */
    int64_t *rows;
    struct worker *workers;
    struct event *heap; /* by at_ns */
    int64_t events;
    double manager_free_ns, manager_busy_ns, makespan_ns, largest_ns, total_ns;
    int64_t messages;
    int64_t brain_ns; /* of real time, in the dispatcher */
};

static uint64_t seed;

static double uniform(void)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(seed >> 11) + 0.5) / 9007199254740992.0;
}

/* Box and Muller, Annals of Mathematical Statistics 29 (1958). */
static double lognormal(double sigma)
{
    return exp(sigma * sqrt(-2 * log(uniform())) * cos(2 * 3.14159265358979323846 * uniform()) -
               sigma * sigma / 2);
}

static void push(struct simulation *s, struct event event)
{
    int64_t i = s->events++;

    for (; i > 0 && s->heap[(i - 1) / 2].at_ns > event.at_ns; i = (i - 1) / 2)
        s->heap[i] = s->heap[(i - 1) / 2];
    s->heap[i] = event;
}

static struct event pop(struct simulation *s)
{
    struct event top = s->heap[0], last = s->heap[--s->events];
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

static int64_t draw_rows(const struct options *o, int64_t number)
{
    const double target = 10000;
    bool is_large = number >= o->chunks - o->workers;

    if (strcmp(o->plan, "uniform") == 0)
        return (int64_t)target;
    if (strcmp(o->plan, "adversarial") == 0)
        return (int64_t)(is_large ? 10 * target : target);
    double rows = target * lognormal(1);
    return rows < 1 ? 1 : (int64_t)rows;
}

static void draw_plan(struct simulation *s)
{
    const struct options *o = s->options;
    double sum = 0;

    s->rows = memory_zero((size_t)o->chunks, sizeof *s->rows);
    s->times_ns = memory_zero((size_t)o->chunks, sizeof *s->times_ns);
    for (int64_t i = 0; i < o->chunks; i++) {
        s->rows[i] = draw_rows(o, i);
        s->times_ns[i] = (double)s->rows[i] * lognormal(o->noise);
        sum += s->times_ns[i];
    }
    double scale = o->chunk_ms * 1000 * US * (double)o->chunks / sum;
    for (int64_t i = 0; i < o->chunks; i++) {
        s->times_ns[i] *= scale;
        s->total_ns += s->times_ns[i];
        s->largest_ns = s->times_ns[i] > s->largest_ns ? s->times_ns[i] : s->largest_ns;
        dispatch_add(s->dispatch, i + 1, s->rows[i], false);
    }
    dispatch_arrange(s->dispatch);
}

/* As the manager does. */
static bool may_queue(const struct simulation *s, const struct worker *w)
{
    return w->held < QUEUE && dispatch_may_queue(s->dispatch, w->held);
}

static void begin(struct simulation *s, int worker, double at_ns)
{
    struct worker *w = &s->workers[worker];
    double from_ns = w->arrives_ns[0] > at_ns ? w->arrives_ns[0] : at_ns;

    push(s, (struct event){from_ns + s->times_ns[w->queue[0] - 1], worker});
}

static void feed(struct simulation *s, int worker, double now_ns)
{
    struct worker *w = &s->workers[worker];
    int64_t id;

    while (may_queue(s, w) &&
           dispatch_next(s->dispatch, worker, (int64_t)now_ns, &id) == DISPATCH_CHUNK) {
        w->queue[w->held] = id;
        w->arrives_ns[w->held++] = now_ns + s->options->latency_us * US;
        if (w->held == 1)
            begin(s, worker, now_ns);
    }
}

/* The worker goes on with what it has; its result goes to the manager, who takes one after the
 * other. */
static void end(struct simulation *s, struct event event)
{
    const struct options *o = s->options;
    struct worker *w = &s->workers[event.worker];
    struct cycle_result result = {.chunk_id = w->queue[0], .outcome = CYCLE_DONE};
    double at_ns = event.at_ns + o->latency_us * US;

    s->makespan_ns = event.at_ns;
    w->held--;
    memmove(w->queue, w->queue + 1, (size_t)w->held * sizeof *w->queue);
    memmove(w->arrives_ns, w->arrives_ns + 1, (size_t)w->held * sizeof *w->arrives_ns);
    if (w->held > 0)
        begin(s, event.worker, event.at_ns);
    s->manager_free_ns =
        (s->manager_free_ns > at_ns ? s->manager_free_ns : at_ns) + o->message_us * US;
    s->manager_busy_ns += o->message_us * US;
    s->messages += 2;
    int64_t began_ns = clock_now_ns();
    dispatch_done(s->dispatch, event.worker, &result, (int64_t)s->manager_free_ns);
    feed(s, event.worker, s->manager_free_ns);
    s->brain_ns += clock_now_ns() - began_ns;
}

static double run(struct simulation *s)
{
    const struct options *o = s->options;
    const struct dispatch_options options = {
        .workers = (int)o->workers, .schedule = o->is_static ? DISPATCH_STATIC : DISPATCH_DYNAMIC};

    seed = (uint64_t)o->seed;
    s->dispatch = dispatch_new(&options);
    s->workers = memory_zero((size_t)o->workers, sizeof *s->workers);
    s->heap = memory_zero((size_t)o->workers * 2, sizeof *s->heap);
    draw_plan(s);
    for (int round = 0; round < 2; round++)
        for (int w = 0; w < o->workers; w++)
            feed(s, w, 0);
    while (s->events > 0)
        end(s, pop(s));
    double mean_ns = s->total_ns / (double)o->workers;
    return s->makespan_ns / (s->largest_ns > mean_ns ? s->largest_ns : mean_ns);
}

static void say(const struct simulation *s, double ratio)
{
    const struct options *o = s->options;
    double seconds = s->makespan_ns / 1e9;

    printf("%s, %s plan, %s, %s\n", human_count(o->workers, "worker").text, o->plan,
           human_count(o->chunks, "chunk").text, o->is_static ? "static" : "dynamic");
    printf("makespan    %.3f s, %.4f of the bound max(largest %.3f s, total / workers %.3f s)\n",
           seconds, ratio, s->largest_ns / 1e9, s->total_ns / 1e9 / (double)o->workers);
    printf("manager     %.0f messages/s, %.1f%% of its time at %.1f us a result\n",
           (double)s->messages / seconds, 100 * s->manager_busy_ns / s->makespan_ns, o->message_us);
    printf("dispatcher  %.2f us a result, as measured here; the rest of it is MPI's\n",
           (double)s->brain_ns / US / (double)(s->messages / 2));
    printf("saturation  %.0f workers at %.1f ms a chunk\n", o->chunk_ms * 1000 / o->message_us,
           o->chunk_ms);
    printf("chunks      %" PRId64 " done\n", dispatch_counts(s->dispatch).done);
}

static int refuse(const char *what)
{
    fprintf(stderr, "simulate: %s; try --help\n", what);
    return 2;
}

static bool take(struct options *o, int name, const char *value)
{
    char *rest = NULL;
    double number = strtod(value, &rest);
    bool is_number = *value != '\0' && *rest == '\0' && number >= 0;

    switch (name) {
    case 'p':
        o->plan = value;
        return strcmp(value, "uniform") == 0 || strcmp(value, "skewed") == 0 ||
               strcmp(value, "adversarial") == 0;
    case 'S':
        o->is_static = strcmp(value, "static") == 0;
        return o->is_static || strcmp(value, "dynamic") == 0;
    case 'w':
        o->workers = (int64_t)number;
        return is_number && o->workers >= 1 && o->workers <= 1000000;
    case 'c':
        o->chunks = (int64_t)number;
        return is_number && o->chunks >= 1 && o->chunks <= 100000000;
    case 's':
        o->seed = (int64_t)number;
        return is_number;
    default:
        *(name == 'n'   ? &o->noise
          : name == 't' ? &o->chunk_ms
          : name == 'l' ? &o->latency_us
          : name == 'm' ? &o->message_us
                        : &o->most) = number;
        return is_number;
    }
}

int main(int argc, char **argv)
{
    static const struct option known[] = {
        {"workers", 1, NULL, 'w'},    {"chunks", 1, NULL, 'c'},     {"plan", 1, NULL, 'p'},
        {"noise", 1, NULL, 'n'},      {"schedule", 1, NULL, 'S'},   {"chunk-ms", 1, NULL, 't'},
        {"latency-us", 1, NULL, 'l'}, {"message-us", 1, NULL, 'm'}, {"seed", 1, NULL, 's'},
        {"most", 1, NULL, 'M'},       {"help", 0, NULL, 'h'},       {NULL, 0, NULL, 0},
    };
    struct options o = {4096, 1000000, 1, "skewed", false, 0.3, 100, 50, 2, INFINITY};
    struct simulation s = {.options = &o};

    for (int name; (name = getopt_long(argc, argv, "h", known, NULL)) != -1;) {
        if (name == 'h') {
            fputs(help, stdout);
            return 0;
        }
        if (name == '?')
            return 2;
        if (!take(&o, name, optarg))
            return refuse("a value that is not allowed");
    }
    if (optind < argc)
        return refuse("no operands are wanted");
    double ratio = run(&s);
    bool is_whole = dispatch_counts(s.dispatch).done == o.chunks;
    say(&s, ratio);
    dispatch_free(s.dispatch);
    free(s.times_ns);
    free(s.rows);
    free(s.workers);
    free(s.heap);
    return is_whole && ratio <= o.most ? 0 : 1;
}
