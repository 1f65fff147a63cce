/* Queues between the tasks of one loop: items of one size, copied in and out of storage of yours.
 *
 * Three kinds, which differ in what is got next: the item that was put first (cedo_queue_of), last
 * (cedo_lifo_queue_of), or the smallest (see priority_queue.h). All are used through their member
 * `queue`, by the same functions. Storage is the caller's, so a queue always has a bound; it must
 * stay while tasks wait. Getters, and putters, are served in the order in which they came. All may
 * be called in the loop's thread only, what is awaitable only in a task, the rest in callbacks too;
 * never in an interrupt. All are O(1), unless they say otherwise, and copy an item.
 *
 * Counterparts: asyncio.Queue, LifoQueue.
 */
#ifndef CEDO_QUEUE_H
#define CEDO_QUEUE_H

#include <cedo/wake.h>

#ifdef __cplusplus
extern "C" {
#endif

#if CEDO_HOSTED
typedef uint32_t cedo_count;
typedef uint32_t cedo_quick_;
#else
typedef uint8_t cedo_count;       /* at most 255 items of at most 255 bytes */
typedef uint_fast8_t cedo_quick_; /* one, in a register */
#endif

/* Private. Getting and putting differ only in the direction of the copy: each has an end. On a host one
 * that goes ahead has its next moves, those of the places from `at` to `stop`, counted already: `left` of
 * both ends, and what is unfinished, are as if they were made. */
typedef struct cedo_queue_end_ cedo_queue_end_;
struct cedo_queue_end_ {
    cedo_ring waiters;
    cedo_count left; /* how many items, or free places; 0 unless cedo_queue_fifo_ */
    cedo_count at;   /* the next one; else see cedo_queue_stored_ */
    uint8_t side;    /* which end it is */
#if CEDO_HOSTED
    cedo_count stop; /* up to where it goes ahead; 0: it does not */
#endif
};

/* Private: what an end does whose `left` is 0. */
typedef cedo_op cedo_queue_kind_(cedo_queue_end_ *end, void *item);
cedo_queue_kind_ cedo_queue_fifo_, cedo_queue_lifo_;
#if CEDO_HOSTED
/* Its two ends are a duet, see fifo.h. What would call this ends that first. */
#define CEDO_QUEUE_DUET_ ((cedo_queue_kind_ *)(uintptr_t)1)
#endif

/* Private fields. */
typedef struct cedo_queue cedo_queue;
struct cedo_queue {
    cedo_queue_end_ ends[2]; /* where is got, where is put */
    unsigned char *items;
    cedo_queue_kind_ *kind;
    cedo_ring joiners;
    cedo_count capacity;
    cedo_count item_size;
    cedo_count unfinished; /* put, and not yet task_done */
    bool is_shut;
#if CEDO_HOSTED
    uint8_t last;           /* which end moved last without going ahead */
    uint8_t patience;       /* how many more wake-ups before the two ends may be a duet */
    cedo_count direct_size; /* item_size; 0 while an end goes ahead, or both are a duet */
#endif
};

/* ------------------------------------------------------------- making */

/* The type of a queue of `count` items of `type`, with their storage: first in, first out. Members
 * `queue`, `items`. Counterpart: asyncio.Queue. */
#define cedo_queue_of(type, count) \
    struct { \
        cedo_queue queue; \
        type items[count]; \
    }

/* The same, last in, first out. Counterpart: asyncio.LifoQueue. */
#define cedo_lifo_queue_of(type, count) \
    struct { \
        cedo_queue queue; \
        type stack[count]; \
    }

/* Makes a cedo_queue_of empty; also one that was shut down. Not while tasks wait on it. */
#define cedo_queue_init(object) CEDO_QUEUE_INIT_AT_RUN_TIME_(object, items, cedo_queue_fifo_)

/* The same for a cedo_lifo_queue_of. */
#define cedo_lifo_queue_init(object) CEDO_QUEUE_INIT_AT_RUN_TIME_(object, stack, cedo_queue_lifo_)

/* The same for a bare cedo_queue, first in, first out, whose storage lies elsewhere: `capacity`
 * items of `item_size` bytes at `items`, suitably aligned. For sizes known at run time only. Traps
 * (CEDO_CHECKS) if one is 0, or, on firmware, above 255. Counterpart: asyncio.Queue(maxsize). */
static inline void cedo_queue_init_at(cedo_queue *queue, void *items, size_t capacity,
                                      size_t item_size);

#define CEDO_QUEUE_INIT_AT_RUN_TIME_(object, member, kind) \
    cedo_queue_init_(&(object)->queue, (object)->member, \
                     sizeof(object)->member / sizeof(object)->member[0], \
                     sizeof(object)->member[0], kind)

/* Static initialisers of such objects: static cedo_queue_of(int, 4) jobs = CEDO_QUEUE_INIT(jobs);
 */
#define CEDO_QUEUE_INIT(object) \
    { \
        CEDO_FIELD_(queue) \
        CEDO_QUEUE_INIT_(object, items, cedo_queue_fifo_, \
                         sizeof(object).items / sizeof(object).items[0]) \
        CEDO_REST_ \
    }
#define CEDO_LIFO_QUEUE_INIT(object) \
    { \
        CEDO_FIELD_(queue) CEDO_QUEUE_INIT_(object, stack, cedo_queue_lifo_, 0) CEDO_REST_ \
    }
/* The items are left out, whatever they are, in a way that no compiler warns about. */
#ifdef __cplusplus
#define CEDO_FIELD_(name)
#define CEDO_REST_ \
    , \
    { \
    }
#else
#define CEDO_FIELD_(name) .name =
#define CEDO_REST_
#endif
#define CEDO_QUEUE_INIT_(object, member, kind, places) \
    { \
        {CEDO_QUEUE_END_(0, 0), CEDO_QUEUE_END_(places, 1)}, (unsigned char *)(object).member, \
            kind, {NULL}, sizeof(object).member / sizeof(object).member[0], \
            sizeof(object).member[0], 0, false CEDO_QUEUE_MORE_(sizeof(object).member[0]) \
    }
#if CEDO_HOSTED
#define CEDO_QUEUE_END_(left, side) \
    { \
        {NULL}, left, 0, side, 0 \
    }
#define CEDO_QUEUE_MORE_(size) , 0, 0, size
#else
#define CEDO_QUEUE_END_(left, side) \
    { \
        {NULL}, left, 0, side \
    }
#define CEDO_QUEUE_MORE_(size)
#endif

/* ------------------------------------------------------------- putting and getting */

/* Awaitable: puts a copy of *item, waiting while the queue is full. `item` must stay until then: it
 * must not be a C local. Traps if it lies in the C stack (CEDO_CHECKS on a host). Fails with
 * CEDO_ECLOSED if the queue is, or meanwhile was, shut down (QueueShutDown). Cancel contract: the
 * item was not put; its place goes to the next one. Counterpart: Queue.put(). */
static inline CEDO_AWAITABLE cedo_queue_put(cedo_queue *queue, const void *item);

/* Awaitable: takes the next item out into *item, waiting while the queue is empty. `item` must stay
 * until then. CEDO_END, which is no error: the queue is, or meanwhile was, shut down, and it is
 * empty (QueueShutDown); *item is as it was. So cedo_for_each runs until then:
 *     cedo_for_each (self->job, cedo_queue_get(jobs, &self->job)) { ... }
 * Who uses cedo_await instead does not notice. Cancel contract: no item was taken; what it was
 * woken for goes to the next one. Counterpart: Queue.get(). */
static inline CEDO_AWAITABLE cedo_queue_get(cedo_queue *queue, void *item);

/* The same without waiting: CEDO_EAGAIN if it is full, or empty (QueueFull, QueueEmpty).
 * Counterparts: put_nowait(), get_nowait(). */
cedo_status cedo_queue_put_nowait(cedo_queue *queue, const void *item);
cedo_status cedo_queue_get_nowait(cedo_queue *queue, void *item);

/* Private: how many moves of an end are counted already, and not made. */
static inline cedo_count cedo_queue_ahead_(const cedo_queue_end_ *end)
{
#if CEDO_HOSTED
    if (end->at < end->stop) return end->stop - end->at;
#else
    (void)end;
#endif
    return 0;
}

/* Private: the size of a queue of another kind. */
#if CEDO_HOSTED
size_t cedo_queue_size_otherwise_(const cedo_queue *queue);
#else
static inline size_t cedo_queue_size_otherwise_(const cedo_queue *queue)
{
    return queue->ends[1].at;
}
#endif

/* The number of items in the queue. Counterpart: Queue.qsize(). */
static inline size_t cedo_queue_size(const cedo_queue *queue)
{
    if (queue->kind != cedo_queue_fifo_) return cedo_queue_size_otherwise_(queue);
    return (size_t)queue->ends[0].left + cedo_queue_ahead_(&queue->ends[0]) -
           cedo_queue_ahead_(&queue->ends[1]);
}

/* How many there can be. Never 0: no queue is unbounded. Counterpart: Queue.maxsize. */
static inline size_t cedo_queue_maxsize(const cedo_queue *queue)
{
    return queue->capacity;
}

/* Counterpart: Queue.empty(). */
static inline bool cedo_queue_empty(const cedo_queue *queue)
{
    return cedo_queue_size(queue) == 0;
}

/* Counterpart: Queue.full(). */
static inline bool cedo_queue_full(const cedo_queue *queue)
{
    return cedo_queue_size(queue) == queue->capacity;
}

/* ------------------------------------------------------------- join and shutdown */

/* Says that what was done with an item that was got is done: once for each. CEDO_EINVAL: more often
 * than items were put (ValueError); nothing changed. At the last one, O(joiners). On firmware at
 * most 255 items may be not done at a time, those in the queue included. Counterpart:
 * Queue.task_done(). */
cedo_status cedo_queue_task_done(cedo_queue *queue);

/* Awaitable: waits until cedo_queue_task_done was called for every item that was ever put; at once
 * if so. Any number of tasks may wait. Cancel contract: nothing happened. Counterpart:
 * Queue.join(). */
CEDO_AWAITABLE cedo_queue_join(cedo_queue *queue);

/* Shuts the queue down: who waits to put, or puts later, fails with CEDO_ECLOSED; who gets still
 * gets what is there, and then CEDO_END, at once. Joiners wait on until all is done. Again:
 * nothing. O(waiters). Counterpart: Queue.shutdown(). */
void cedo_queue_shutdown(cedo_queue *queue);

/* The same, also after it, but drops the items that are there, as if each had been got and done:
 * joiners wait only for those that were got before. O(waiters), O(joiners). Counterpart:
 * Queue.shutdown(immediate=True). */
void cedo_queue_shutdown_now(cedo_queue *queue);

/* ------------------------------------------------------------- private */

void cedo_queue_init_(cedo_queue *queue, void *items, size_t capacity, size_t item_size,
                      cedo_queue_kind_ *kind);

static inline void cedo_queue_init_at(cedo_queue *queue, void *items, size_t capacity,
                                      size_t item_size)
{
    cedo_queue_init_(queue, items, capacity, item_size, cedo_queue_fifo_);
}

#if CEDO_HOSTED

cedo_op cedo_queue_get_(cedo_queue_end_ *end, void *item);
cedo_op cedo_queue_put_(cedo_queue_end_ *end, void *item);

/* The place of the next item, for an end that goes ahead. It does where several moves in a row are to
 * be expected, nobody waits at the other end, and items are as big as most are: then the compiler sees
 * the copy, and all else is done for many items at once. What comes next is counted behind the copy,
 * which might change anything, for all that the compiler knows: so it need not be read anew for the next
 * item, which would have to wait for it. */
static inline void *cedo_queue_next_(const cedo_queue *queue, cedo_count at)
{
    return queue->items + (size_t)at * sizeof(uint64_t);
}

extern const cedo_wait_ops cedo_queue_ops_[2];

/* Who waits at an end, where just one does and has no links. */
static inline cedo_task *cedo_queue_lone_(const cedo_queue_end_ *end)
{
    return cedo_task_of_node_(cedo_ring_lone_(&end->waiters));
}

/* Is it the turn of this end in a duet, see fifo.h? If no loop runs, nothing is here. */
CEDO_ALWAYS_INLINE_ static inline bool cedo_queue_is_in_turn_(const cedo_queue *queue, uint8_t side)
{
    const cedo_queue_end_ *const end = &queue->ends[side];
    return CEDO_LIKELY_(cedo_ring_has_lone_(&end->waiters, cedo_here_)) &&
           CEDO_LIKELY_(cedo_running_->only == cedo_duet_sign_(end, CEDO_DUET_TURN_));
}

/* Then it waits, and the next turn is the other one's. The loop clears `ops` when that begins. */
CEDO_ALWAYS_INLINE_ static inline cedo_op cedo_queue_end_turn_(cedo_queue *queue, uint8_t side)
{
    cedo_queue_lone_(&queue->ends[side])->ops = &cedo_queue_ops_[side];
    if (!side) queue->unfinished++;
    cedo_running_->only = cedo_duet_sign_(&queue->ends[1 - side], CEDO_DUET_NEXT_);
    return CEDO_WAITING;
}

/* Is that all that is to be done? `item` is where it was the last time, mostly. */
CEDO_ALWAYS_INLINE_ static inline bool cedo_queue_takes_turns_(const cedo_queue *queue,
                                                               const void *item, uint8_t side)
{
    return CEDO_LIKELY_(cedo_queue_is_in_turn_(queue, side)) &&
           CEDO_LIKELY_(cedo_queue_lone_(&queue->ends[side])->entry.u.arg == item);
}

/* False if the compiler sees that what `item` points to is smaller: it would warn of the copy, which
 * is never made then. */
#define CEDO_MAY_BE_WORD_(item) (__builtin_object_size(item, 1) >= sizeof(uint64_t))

static inline cedo_op cedo_queue_put(cedo_queue *queue, const void *item)
{
    cedo_queue_end_ *const end = &queue->ends[1];
    void *const from = (void *)(uintptr_t)item;
    const cedo_count at = end->at;
    if (CEDO_LIKELY_(CEDO_MAY_BE_WORD_(item) & (at < end->stop))) {
        __builtin_memcpy(cedo_queue_next_(queue, at), item, sizeof(uint64_t));
        end->at = at + 1;
        return cedo_done(CEDO_OK);
    }
    if (CEDO_LIKELY_(cedo_queue_takes_turns_(queue, item, 1)))
        return cedo_queue_end_turn_(queue, 1);
    return cedo_queue_put_(end, from);
}

static inline cedo_op cedo_queue_get(cedo_queue *queue, void *item)
{
    cedo_queue_end_ *const end = &queue->ends[0];
    const cedo_count at = end->at;
    if (CEDO_LIKELY_(CEDO_MAY_BE_WORD_(item) & (at < end->stop))) {
        __builtin_memcpy(item, cedo_queue_next_(queue, at), sizeof(uint64_t));
        end->at = at + 1;
        return cedo_done(CEDO_OK);
    }
    if (CEDO_LIKELY_(cedo_queue_takes_turns_(queue, item, 0)))
        return cedo_queue_end_turn_(queue, 0);
    return cedo_queue_get_(end, item);
}

#else

cedo_op cedo_queue_do_(cedo_queue_end_ *end, void *item);

static inline cedo_op cedo_queue_put(cedo_queue *queue, const void *item)
{
    return cedo_queue_do_(&queue->ends[1], (void *)(uintptr_t)item);
}

static inline cedo_op cedo_queue_get(cedo_queue *queue, void *item)
{
    return cedo_queue_do_(&queue->ends[0], item);
}
#endif

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_QUEUE_IMPLEMENTED_)
#define CEDO_QUEUE_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

/* Field by field: for whole structs a compiler calls memset, which a program without a C library
 * lacks. */
void cedo_queue_init_(cedo_queue *queue, void *items, size_t capacity, size_t item_size,
                      cedo_queue_kind_ *kind)
{
    CEDO_CHECK_(capacity > 0 && capacity <= (cedo_count)-1 && item_size > 0 &&
                    item_size <= (cedo_count)-1,
                "a queue on this target holds 1 to 255 items of 1 to 255 bytes");
    for (uint8_t side = 0; side < 2; side++) {
        cedo_ring_init(&queue->ends[side].waiters);
        queue->ends[side].left = 0;
        queue->ends[side].at = 0;
        queue->ends[side].side = side;
#if CEDO_HOSTED
        queue->ends[side].stop = 0;
#endif
    }
    if (kind == cedo_queue_fifo_) queue->ends[1].left = (cedo_count)capacity;
    queue->items = (unsigned char *)items;
    queue->kind = kind;
    cedo_ring_init(&queue->joiners);
    queue->capacity = (cedo_count)capacity;
    queue->item_size = (cedo_count)item_size;
    queue->unfinished = 0;
    queue->is_shut = false;
#if CEDO_HOSTED
    queue->last = 0;
    queue->patience = 0;
    queue->direct_size = (cedo_count)item_size;
#endif
}

/* ------------------------------------------------------------- other kinds */

/* Other kinds have `left` 0 at both ends, always, so that whatever is done to them comes here: what
 * only some queues need costs the others nothing, and a program that does not use it no flash.
 * Shutting down makes a kind of its own of one that is first in, first out. */

/* How many items are in a queue of another kind. */
#define cedo_queue_stored_(queue) ((queue)->ends[1].at)

/* Would it have to wait? */
static bool cedo_queue_blocks_(cedo_queue_end_ *end)
{
    cedo_queue *const queue = cedo_queue_of_end_(end, end->side);
    if (cedo_queue_ahead_(end)) return false;
    cedo_queue_settle_(queue);
    if (end->left) return false;
    if (queue->kind == cedo_queue_fifo_) return true;
    return !queue->is_shut && cedo_queue_stored_(queue) == (end->side ? queue->capacity : 0);
}

cedo_status cedo_queue_put_nowait(cedo_queue *queue, const void *item)
{
    CEDO_NOT_FROM_ISR_();
#if CEDO_HOSTED
    if (cedo_queue_step_in_turn_(queue, (void *)(uintptr_t)item, 1)) return CEDO_OK;
#endif
    if (cedo_queue_blocks_(&queue->ends[1])) return CEDO_EAGAIN;
    return cedo_op_status_(cedo_queue_put(queue, item));
}

cedo_status cedo_queue_get_nowait(cedo_queue *queue, void *item)
{
    CEDO_NOT_FROM_ISR_();
#if CEDO_HOSTED
    if (cedo_queue_step_in_turn_(queue, item, 0)) return CEDO_OK;
#endif
    if (cedo_queue_blocks_(&queue->ends[0])) return CEDO_EAGAIN;
    return cedo_op_status_(cedo_queue_get(queue, item));
}

static cedo_op cedo_queue_kind_again_(cedo_task *task)
{
    cedo_queue_end_ *const end = cedo_queue_end_of_(task);
    return cedo_queue_of_end_(end, end->side)->kind(end, task->entry.u.arg);
}

static void cedo_queue_kind_abandon_(cedo_task *task)
{
    cedo_queue_end_ *const end = cedo_queue_end_of_(task);
    if (!cedo_queue_blocks_(end)) cedo_wake_first_(&end->waiters);
}

static const cedo_wait_ops cedo_queue_kind_ops_[2] = {
    CEDO_WAIT_OPS("queue get", cedo_queue_kind_again_, NULL, cedo_queue_kind_abandon_),
    CEDO_WAIT_OPS_AT(offsetof(cedo_queue, ends[1]), "queue put", cedo_queue_kind_again_, NULL,
                     cedo_queue_kind_abandon_)};

/* Done with CEDO_OK: there is an item, or a place. Else the answer. */
static cedo_op cedo_queue_ask_(cedo_queue_end_ *end, void *item)
{
    const cedo_queue *const queue = cedo_queue_of_end_(end, end->side);
    if (cedo_queue_blocks_(end))
        return cedo_wait_(&end->waiters, &cedo_queue_kind_ops_[end->side], item);
    if (queue->is_shut) {
        if (end->side) return cedo_done(CEDO_ECLOSED);
        if (!cedo_queue_stored_(queue)) return cedo_done(CEDO_END);
    }
    return cedo_done(CEDO_OK);
}

/* Gets what is, or puts it, in place `slot`. */
static cedo_op cedo_queue_move_(cedo_queue_end_ *end, void *item, size_t slot)
{
    cedo_queue *const queue = cedo_queue_of_end_(end, end->side);
    unsigned char *to = (unsigned char *)item;
    unsigned char *from = queue->items + slot * queue->item_size;
    cedo_queue_stored_(queue)--;
    if (end->side) {
        cedo_queue_stored_(queue) = (cedo_count)(cedo_queue_stored_(queue) + 2);
        queue->unfinished++;
        to = from;
        from = (unsigned char *)item;
    }
    cedo_queue_copy_(to, from, queue->item_size);
    cedo_wake_first_(&queue->ends[1 - end->side].waiters);
    return cedo_done(CEDO_OK);
}

/* Last in, first out: a stack from the first place on. */
cedo_op cedo_queue_lifo_(cedo_queue_end_ *end, void *item)
{
    const cedo_op op = cedo_queue_ask_(end, item);
    if (op != cedo_done(CEDO_OK)) return op;
    return cedo_queue_move_(
        end, item, cedo_queue_stored_(cedo_queue_of_end_(end, end->side)) - 1u + end->side);
}

/* ------------------------------------------------------------- shutdown */

/* First in, first out, and shut down: only what is left comes out. */
static cedo_op cedo_queue_drain_(cedo_queue_end_ *end, void *item)
{
    const cedo_op op = cedo_queue_ask_(end, item);
    cedo_queue *const queue = cedo_queue_of_end_(end, end->side);
    const size_t at = end->at;
    if (op != cedo_done(CEDO_OK)) return op;
    end->at = (cedo_count)(at + 1 == queue->capacity ? 0 : at + 1);
    return cedo_queue_move_(end, item, at);
}

static void cedo_queue_shut_(cedo_queue *queue)
{
    cedo_queue_settle_(queue);
    queue->is_shut = true;
    if (queue->kind != cedo_queue_fifo_) return;
    queue->kind = cedo_queue_drain_;
    cedo_queue_stored_(queue) = queue->ends[0].left;
    queue->ends[0].left = queue->ends[1].left = 0;
}

/* Each tries again, and finds out. */
static void cedo_queue_release_(cedo_queue *queue)
{
    cedo_wake_all_(&queue->ends[0].waiters);
    cedo_wake_all_(&queue->ends[1].waiters);
}

void cedo_queue_shutdown(cedo_queue *queue)
{
    cedo_queue_shut_(queue);
    cedo_queue_release_(queue);
}

void cedo_queue_shutdown_now(cedo_queue *queue)
{
    cedo_queue_shut_(queue);
    /* task_done may have been called for items that nobody got, as in asyncio */
    while (cedo_queue_stored_(queue)) {
        cedo_queue_stored_(queue)--;
        (void)cedo_queue_task_done(queue);
    }
    cedo_queue_release_(queue);
}

/* ------------------------------------------------------------- join */

static const cedo_wait_ops cedo_queue_join_ops_ =
    CEDO_WAIT_OPS_AT(offsetof(cedo_queue, joiners), "queue join", CEDO_NO_RETRY, NULL, NULL);

/* What is counted and not put yet is not unfinished. */
static bool cedo_queue_all_is_done_(const cedo_queue *queue)
{
    return queue->unfinished == cedo_queue_ahead_(&queue->ends[1]) + cedo_queue_is_early_(queue);
}

#if CEDO_HOSTED
size_t cedo_queue_size_otherwise_(const cedo_queue *queue)
{
    cedo_queue_settle_((cedo_queue *)(uintptr_t)queue);
    return queue->kind == cedo_queue_fifo_ ? cedo_queue_size(queue) : cedo_queue_stored_(queue);
}
#endif

cedo_op cedo_queue_join(cedo_queue *queue)
{
    if (cedo_queue_all_is_done_(queue)) return cedo_done(CEDO_OK);
    return cedo_wait_(&queue->joiners, &cedo_queue_join_ops_, NULL);
}

cedo_status cedo_queue_task_done(cedo_queue *queue)
{
    if (cedo_queue_all_is_done_(queue)) return CEDO_EINVAL;
    queue->unfinished--;
    if (cedo_queue_all_is_done_(queue)) cedo_wake_all_(&queue->joiners);
    return CEDO_OK;
}

#ifdef __cplusplus
}
#endif
#endif
