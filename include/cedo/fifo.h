/* How a queue that is first in, first out moves its items: bodies of what queue.h declares. Nothing here
 * is for programs. */
#ifndef CEDO_FIFO_H
#define CEDO_FIFO_H

#include <cedo/queue.h>

#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_FIFO_IMPLEMENTED_)
#define CEDO_FIFO_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

/* `size` is not 0. */
CEDO_ALWAYS_INLINE_ static inline void cedo_queue_copy_(unsigned char *to,
                                                        const unsigned char *from, size_t size)
{
#if CEDO_HOSTED
    /* what most items are, without a call */
    if (size == 8)
        __builtin_memcpy(to, from, 8);
    else if (size == 4)
        __builtin_memcpy(to, from, 4);
    else
        __builtin_memcpy(to, from, size);
#else
#if defined(__ARM_FEATURE_UNALIGNED)
    typedef uint32_t __attribute__((may_alias, aligned(1))) word;
    const bool in_words = (size & 3u) == 0;
#elif defined(__GNUC__) && UINTPTR_MAX > 0xffffu
    typedef uint32_t __attribute__((may_alias)) word;
    const bool in_words = (((uintptr_t)to | (uintptr_t)from | size) & 3u) == 0;
#else
    typedef unsigned char word;
    const bool in_words = false;
#endif
    if (in_words) {
        do {
            size -= sizeof(word);
            *(word *)(void *)(to + size) = *(const word *)(const void *)(from + size);
        } while (size);
        return;
    }
    /* one counter, tested at the end: 4 instructions a byte on a Cortex-M0 */
    do {
        size--;
        to[size] = from[size];
    } while (size);
#endif
}

static inline cedo_queue *cedo_queue_of_end_(cedo_queue_end_ *end, unsigned side)
{
    return (cedo_queue *)(void *)(end - side);
}

static cedo_queue_end_ *cedo_queue_end_of_(const cedo_task *task)
{
    return CEDO_CONTAINER_(task->u.ring, cedo_queue_end_, waiters);
}

/* ------------------------------------------------------------- moving */

#if CEDO_HOSTED

/* An end stops going ahead: what was counted and is not done is taken back. */
static void cedo_queue_halt_(cedo_queue *queue, uint8_t side)
{
    cedo_queue_end_ *const end = &queue->ends[side];
    const cedo_count undone = cedo_queue_ahead_(end);
    end->left += undone;
    queue->ends[1 - side].left -= undone;
    if (side) queue->unfinished -= undone;
    if (end->at == queue->capacity) end->at = 0;
    end->stop = 0;
}

static inline void cedo_queue_settle_(cedo_queue *queue)
{
    if (queue->direct_size) return;
    if (queue->kind == CEDO_QUEUE_DUET_) {
        cedo_running_->duet.end(cedo_running_);
        return;
    }
    cedo_queue_halt_(queue, 0);
    cedo_queue_halt_(queue, 1);
    queue->direct_size = queue->item_size;
}

/* An end that has moved by the long way is likely to go on, and goes ahead. */
CEDO_ALWAYS_INLINE_ static inline void cedo_queue_go_ahead_(cedo_queue *queue, uint8_t side)
{
    cedo_queue_end_ *const end = &queue->ends[side];
    cedo_queue_end_ *const other = &queue->ends[1 - side];
    cedo_count count = queue->capacity - end->at;
    if (queue->item_size != sizeof(uint64_t) || !cedo_ring_is_empty(&other->waiters)) return;
    if (count > end->left) count = end->left;
    if (!count) return;
    queue->direct_size = 0;
    end->stop = end->at + count;
    end->left -= count;
    other->left += count;
    if (side) queue->unfinished += count;
}
#else
#define cedo_queue_settle_(queue) ((void)0)
#define cedo_queue_is_early_(queue) 0u
#endif

/* Branches, decrements and compares in the order that costs least on Cortex-M and AVR. */
CEDO_INLINE_ON_HOSTS_ cedo_op cedo_queue_step_(cedo_queue_end_ *end, void *item, uint8_t side)
{
    cedo_queue *queue = (cedo_queue *)(void *)end;
    cedo_queue_end_ *other = end + 1;
    unsigned char *to = (unsigned char *)item;
    unsigned char *from;
    cedo_quick_ at;
    if (side) {
        other = end - 1;
        queue = (cedo_queue *)(void *)other;
    }
    if (!end->left) {
#if CEDO_HOSTED
        CEDO_CHECK_(queue->kind != NULL,
                    "this queue was not initialised: use cedo_queue_init or CEDO_QUEUE_INIT");
#endif
        return queue->kind(end, item);
    }
    end->left--;
    at = end->at;
    from = queue->items + (size_t)at * queue->item_size;
    if (++at == queue->capacity) at = 0;
    end->at = (cedo_count)at;
#if CEDO_HOSTED
    if (side) {
#else
    if ((void *)other == (void *)queue) { /* it puts; `side` would need a register */
#endif
        queue->unfinished++;
        to = from;
        from = (unsigned char *)item;
    }
    cedo_queue_copy_(to, from, queue->item_size);
    other->left++;
#if CEDO_HOSTED
    if (!cedo_ring_is_empty(&other->waiters))
        return cedo_wake_here_(&other->waiters, cedo_loop_here_());
#else
    cedo_wake_first_(&other->waiters);
#endif
    return cedo_done(CEDO_OK);
}

/* Who was woken for an item, or a free place, and does not take it wakes the next one. Once the
 * queue is shut down nobody waits. */
#if CEDO_HOSTED
static void cedo_queue_abandon_(cedo_task *task)
{
    cedo_queue_end_ *const end = cedo_queue_end_of_(task);
    if (end->left) cedo_wake_first_(&end->waiters);
}
#else
#define cedo_queue_abandon_ CEDO_HAND_ON /* `left` stands behind the ring */
typedef char
    cedo_queue_end_is_laid_out_[offsetof(cedo_queue_end_, left) == sizeof(cedo_ring) ? 1 : -1];
#endif

static cedo_op cedo_queue_get_again_(cedo_task *task);
#if CEDO_HOSTED
static cedo_op cedo_queue_put_again_(cedo_task *task);
#else
#define cedo_queue_put_again_ cedo_queue_get_again_
#endif

#if CEDO_HOSTED || CEDO_TRACE
CEDO_EXTERN_ON_HOSTS_ const cedo_wait_ops cedo_queue_ops_[2] = {
    CEDO_WAIT_OPS("queue get", cedo_queue_get_again_, NULL, cedo_queue_abandon_),
    CEDO_WAIT_OPS_AT(offsetof(cedo_queue, ends[1]), "queue put", cedo_queue_put_again_, NULL,
                     cedo_queue_abandon_)};
#define CEDO_QUEUE_OPS_(side) &cedo_queue_ops_[side]
#else
static const cedo_wait_ops cedo_queue_ops_ =
    CEDO_WAIT_OPS(NULL, cedo_queue_get_again_, NULL, cedo_queue_abandon_);
#define CEDO_QUEUE_OPS_(side) &cedo_queue_ops_
#endif

#if CEDO_HOSTED

/* Where time counts, each end has functions of its own, and items of the usual size have a way of
 * their own, which calls nothing. */
CEDO_ALWAYS_INLINE_ static inline cedo_op cedo_queue_do_(cedo_queue_end_ *end, void *item,
                                                         uint8_t side)
{
    cedo_queue *const queue = cedo_queue_of_end_(end, side);
    cedo_op op;
    cedo_queue_settle_(queue);
    op = cedo_queue_step_(end, item, side);
    if (queue->kind == cedo_queue_fifo_) {
        /* or where both take turns it would be in vain */
        if (queue->last == side) cedo_queue_go_ahead_(queue, side);
        queue->last = side;
    }
    return op;
}

CEDO_NOINLINE_ static cedo_op cedo_queue_get_anyhow_(cedo_queue_end_ *end, void *item)
{
    return cedo_queue_do_(end, item, 0);
}

CEDO_NOINLINE_ static cedo_op cedo_queue_put_anyhow_(cedo_queue_end_ *end, void *item)
{
    return cedo_queue_do_(end, item, 1);
}

/* Can it move an item of the usual size, while nobody goes ahead? */
CEDO_ALWAYS_INLINE_ static inline bool cedo_queue_is_easy_(const cedo_queue *queue, uint8_t side)
{
    return CEDO_LIKELY_(queue->ends[side].left) &&
           CEDO_LIKELY_(queue->direct_size == sizeof(uint64_t));
}

/* Then it does. */
CEDO_ALWAYS_INLINE_ static inline void cedo_queue_step_easily_(cedo_queue *queue, void *item,
                                                               uint8_t side)
{
    cedo_queue_end_ *const end = &queue->ends[side];
    const cedo_count at = end->at;
    void *const place = queue->items + (size_t)at * sizeof(uint64_t);
    end->at = at + 1 == queue->capacity ? 0 : at + 1;
    end->left--;
    queue->ends[1 - side].left++;
    if (side) {
        __builtin_memcpy(place, item, sizeof(uint64_t));
        queue->unfinished++;
    }
    else {
        __builtin_memcpy(item, place, sizeof(uint64_t));
    }
}

/* Where both ends take turns neither goes ahead, and there is nothing to do but to move. */
CEDO_ALWAYS_INLINE_ static inline bool cedo_queue_step_in_turn_(cedo_queue *queue, void *item,
                                                                uint8_t side)
{
    if (!cedo_queue_is_easy_(queue, side) || queue->last == side ||
        !cedo_ring_is_empty(&queue->ends[1 - side].waiters))
        return false;
    queue->last = side;
    cedo_queue_step_easily_(queue, item, side);
    return true;
}

/* ------------------------------------------------------------- taking turns */

/* Where a queue has one place, each end waits after each move for a move of the other one: a duet, if
 * nothing else is ready. Then who is woken does not try again: its item is moved when its turn begins.
 * Meanwhile `left` is 0 at both ends, and both tasks stand in `waiters`; until its turn begins a task has
 * its `ops`, too, as if it were yet to be woken.
 *
 * Between turns the sign means the end whose turn is next: in truth its task was woken. In a turn it means
 * the end whose turn it is: in truth its task has moved its item, and has woken the other one. What is
 * put is counted as soon as its task is woken, which is early. */

/* A duet that something has ended within a turn may begin again after so many wake-ups: the same is
 * likely to happen in the next turns. */
#define CEDO_PATIENCE_ 32

/* Is there something that was counted early? */
static inline bool cedo_queue_is_early_(const cedo_queue *queue)
{
    return queue->kind == CEDO_QUEUE_DUET_ &&
           cedo_running_->only == cedo_duet_sign_(&queue->ends[1], CEDO_DUET_NEXT_);
}

static void cedo_queue_end_duet_(cedo_loop *loop)
{
    const bool is_in_turn = cedo_duet_is_in_turn_(loop->only);
    cedo_queue_end_ *const end = (cedo_queue_end_ *)cedo_duet_part_(loop->only);
    const uint8_t side = end->side;
    cedo_queue *const queue = cedo_queue_of_end_(end, side);
    cedo_task *const task = cedo_queue_lone_(end);
    queue->kind = cedo_queue_fifo_;
    queue->direct_size = queue->item_size;
    queue->last = is_in_turn ? side : 1 - side;
    queue->ends[1 - queue->last].left = 1;
    cedo_ring_init(&end->waiters);
    if (is_in_turn) {
        queue->patience = CEDO_PATIENCE_;
        loop->only = CEDO_NONE_;
        cedo_wake_first_(&queue->ends[1 - side].waiters);
    }
    else {
        if (side) queue->unfinished--; /* it was early */
        task->entry.flags |= CEDO_TASK_WOKEN_;
        loop->only = &task->entry.node;
    }
}

/* A task at an end of a queue of one place was woken, has moved, and is about to wake the other end. If
 * one waits there without links, it has begun to since this one was woken: so both are of this loop. */
CEDO_NOINLINE_ static bool cedo_queue_may_begin_duet_(cedo_queue *queue, const cedo_task *task,
                                                      uint8_t side)
{
    const cedo_ring *const others = &queue->ends[1 - side].waiters;
    if (queue->patience) {
        queue->patience--;
        return false;
    }
    return cedo_here_ == (uintptr_t)task + CEDO_HERE_ALONE_ && cedo_ring_is_lone_(others) &&
           cedo_ring_is_empty(&queue->ends[side].waiters);
}

CEDO_NOINLINE_ static cedo_op cedo_queue_begin_duet_(cedo_queue *queue, cedo_task *task,
                                                     uint8_t side)
{
    cedo_loop *const loop = cedo_task_loop_(task);
    cedo_queue_end_ *const end = &queue->ends[side];
    cedo_queue_end_ *const other = &queue->ends[1 - side];
    queue->kind = CEDO_QUEUE_DUET_;
    queue->direct_size = 0;
    end->left = other->left = 0;
    loop->duet.tasks[side] = task;
    loop->duet.tasks[1 - side] = cedo_queue_lone_(other);
    loop->duet.place = queue->items;
    for (int i = 0; i < 2; i++)
        loop->duet.next[i] = cedo_duet_sign_(&queue->ends[i], CEDO_DUET_NEXT_);
    loop->duet.end = cedo_queue_end_duet_;
    loop->only = cedo_duet_sign_(end, CEDO_DUET_TURN_);
    cedo_ring_push(&end->waiters, &task->entry.node);
    return CEDO_DUET_BEGINS_;
}

/* ------------------------------------------------------------- an end at work */

CEDO_ALWAYS_INLINE_ static inline cedo_op cedo_queue_work_(cedo_queue_end_ *end, void *item,
                                                           uint8_t side)
{
    cedo_queue *const queue = cedo_queue_of_end_(end, side);
    if (CEDO_UNLIKELY_(cedo_queue_is_in_turn_(queue, side)) &&
        cedo_may_wait_(cedo_queue_lone_(end), item, true)) {
        cedo_queue_lone_(end)->entry.u.arg = item; /* elsewhere than the last time */
        return cedo_queue_end_turn_(queue, side);
    }
    if (!end->left && CEDO_LIKELY_(queue->kind == cedo_queue_fifo_))
        return cedo_wait_here_(&end->waiters, &cedo_queue_ops_[side], item, true);
    if (cedo_queue_step_in_turn_(queue, item, side)) return cedo_done(CEDO_OK);
    return side ? cedo_queue_put_anyhow_(end, item) : cedo_queue_get_anyhow_(end, item);
}

cedo_op cedo_queue_get_(cedo_queue_end_ *end, void *item)
{
    return cedo_queue_work_(end, item, 0);
}

cedo_op cedo_queue_put_(cedo_queue_end_ *end, void *item)
{
    return cedo_queue_work_(end, item, 1);
}

/* A task was woken, and tries again: where it has waited, several moves in a row are likely. */
CEDO_ALWAYS_INLINE_ static inline cedo_op cedo_queue_again_(cedo_task *task, uint8_t side)
{
    cedo_queue_end_ *const end = cedo_queue_end_of_(task);
    cedo_queue *const queue = cedo_queue_of_end_(end, side);
    cedo_ring *const others = &queue->ends[1 - side].waiters;
    void *const item = task->entry.u.arg;
    if (CEDO_UNLIKELY_(!cedo_queue_is_easy_(queue, side))) {
        queue->last = side;
        return side ? cedo_queue_put_anyhow_(end, item) : cedo_queue_get_anyhow_(end, item);
    }
    cedo_queue_step_easily_(queue, item, side);
    if (CEDO_LIKELY_(!cedo_ring_is_empty(others))) {
        if (queue->capacity == 1 && cedo_queue_may_begin_duet_(queue, task, side))
            return cedo_queue_begin_duet_(queue, task, side);
        return cedo_wake_here_(others, cedo_task_loop_(task));
    }
    return cedo_done(CEDO_OK);
}

static cedo_op cedo_queue_get_again_(cedo_task *task)
{
    return cedo_queue_again_(task, 0);
}

static cedo_op cedo_queue_put_again_(cedo_task *task)
{
    return cedo_queue_again_(task, 1);
}

#else

/* Where space counts, one function serves both. */
cedo_op cedo_queue_do_(cedo_queue_end_ *end, void *item)
{
    return cedo_queue_step_(end, item, end->side);
}

static cedo_op cedo_queue_get_again_(cedo_task *task)
{
    return cedo_queue_do_(cedo_queue_end_of_(task), task->entry.u.arg);
}

#endif

cedo_op cedo_queue_fifo_(cedo_queue_end_ *end, void *item)
{
    return cedo_wait_(&end->waiters, CEDO_QUEUE_OPS_(end->side), item);
}

#ifdef __cplusplus
}
#endif
#endif
