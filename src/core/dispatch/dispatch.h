/* Decides which worker gets which chunk, and when. It has no clock, no network and no ledger:
 * workers are numbers from 0, chunks are known by id, answers and times are arguments.
 *
 * A chunk is waiting -> handed -> done | failed | split, or handed -> waiting again (a busy
 * chunk, one that was put back for its second pass, or one of a lost worker, later). No chunk is
 * ever handed to two workers at once, and none at all while a suspect is handed out. */
#ifndef CHUNKMILL_CORE_DISPATCH_DISPATCH_H
#define CHUNKMILL_CORE_DISPATCH_DISPATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/protocol/cycle_result.h"

enum dispatch_schedule { DISPATCH_DYNAMIC, DISPATCH_STATIC };
enum dispatch_answer {
    DISPATCH_CHUNK, /* *chunk_id is yours */
    DISPATCH_WAIT,  /* nothing now: something handed out may come back, or a busy chunk is not due
                       yet */
    DISPATCH_STOP,  /* no more chunks for any worker, or draining, or too many failed */
};

struct dispatch_options {
    int workers;
    enum dispatch_schedule schedule;
    int64_t max_chunks;        /* hand out no more than this many (a canary); 0: no limit */
    int64_t max_failed_chunks; /* more failures than this stop the run */
    int64_t busy_delay_ns;     /* how long a busy chunk rests before it is tried again */
};

struct dispatch;

struct dispatch *dispatch_new(const struct dispatch_options *options);
void dispatch_free(struct dispatch *d);

/* dispatch_add(d, chunk_id, rows, second_pass): an open chunk of the plan, in plan order.
 * second_pass ones are handed out after all others. Dynamic: handed out in this order, unless it is
 * arranged. */
void dispatch_add(struct dispatch *d, int64_t chunk_id, int64_t rows, bool second_pass);

/* dispatch_suspect(d, chunk_id): a waiting chunk is handed out after all others, when nothing else
 * is. */
void dispatch_suspect(struct dispatch *d, int64_t chunk_id);

/* dispatch_add_part(d, parent_id, chunk_id, rows): a part of a chunk that was split: in its pass,
 * and a suspect where it was one. */
void dispatch_add_part(struct dispatch *d, int64_t parent_id, int64_t chunk_id, int64_t rows);

/* dispatch_grow(d, growing): whether the plan still grows (at first: not). While it does, a worker
 * that finds no chunk is told to wait, not to stop, and second passes and suspects are not handed
 * out. */
void dispatch_grow(struct dispatch *d, bool growing);

/* dispatch_limit(d, workers): so many workers may hold chunks at the same time, 1 or more; at first
 * all. No chunk is called back; but while more workers hold one, none gets another. */
void dispatch_limit(struct dispatch *d, int workers);

/* dispatch_arrange(d): once the plan is complete, and with the dynamic schedule also while it
 * grows. Static: gives every waiting chunk to a worker, largest first onto the least loaded
 * (lpt.h); each worker's chunks keep the plan order. Dynamic: those of twice the size go before the
 * others, and those of half the size behind them, so that no large chunk is begun when all others
 * are done (list scheduling with decreasing times; Graham 1969); those of like size keep the plan
 * order but for neighbours of some thousand rows, which are not in flight together: a page that has
 * rows of both need not hold the old and new versions of all of them at once. O(n log n), O(n). */
void dispatch_arrange(struct dispatch *d);

/* dispatch_next(d, worker, now_ns, chunk_id): the next chunk for a worker. Dynamic: from the common
 * queue; static: from those assigned to it (WAIT before they are arranged; what is added after that
 * goes to the next worker that asks). Once none of these waits: chunks that came back, busy ones
 * that have rested, then second passes, then suspects one by one, to the next worker that asks.
 * STOP follows from the state alone: finished, draining, too many failures, or max_chunks reached
 * with none of them in flight; it stays STOP until a chunk is added. O(1). */
enum dispatch_answer dispatch_next(struct dispatch *d, int worker, int64_t now_ns,
                                   int64_t *chunk_id);

/* dispatch_done(d, worker, result, now_ns): what became of a chunk that was handed to the worker.
 * STOPPED gives it back to the waiting ones, BUSY and CANCELLED let it rest, PUT_BACK gives it a
 * second pass (of which a PUT_BACK is DONE), SUSPECT lets it wait for its turn alone. SPLIT retires
 * it: add its parts before anything is asked again. An answer for a chunk that the worker does not
 * hold (any more) is ignored. */
void dispatch_done(struct dispatch *d, int worker, const struct cycle_result *result,
                   int64_t now_ns);

/* dispatch_lost(d, worker): the worker is gone; the chunks that it held wait again, and those
 * assigned to it go to any worker. It may come back and ask. */
void dispatch_lost(struct dispatch *d, int worker);

/* dispatch_drain(d): hand out nothing more. */
void dispatch_drain(struct dispatch *d);
bool dispatch_is_draining(const struct dispatch *d);

/* Nothing is handed out and nothing will be. */
bool dispatch_is_idle(const struct dispatch *d);

/* All chunks added are done, failed or split, and no more are to come. */
bool dispatch_is_finished(const struct dispatch *d);
bool dispatch_has_too_many_failures(const struct dispatch *d);

struct dispatch_counts {
    int64_t waiting, handed, done, failed; /* chunks */
    int64_t rows_done, rows_total;         /* planned rows; those of a split chunk are its parts' */
};
struct dispatch_counts dispatch_counts(const struct dispatch *d);

/* dispatch_held(d, worker): how many chunks it has been handed and not answered for. */
int64_t dispatch_held(const struct dispatch *d, int worker);

/* dispatch_may_queue(d, held): whether a worker that holds so many chunks may be sent one more, to
 * lie in its queue. Towards the end only one may lie there, or chunks would lie there while other
 * workers have nothing to do. */
bool dispatch_may_queue(const struct dispatch *d, int64_t held);

#endif
