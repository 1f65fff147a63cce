/* Queues: bounded FIFOs of fixed-size items, copied in and out of storage of yours. Counterpart:
 * asyncio.Queue. */
#ifndef CEDO_QUEUE_H
#define CEDO_QUEUE_H

#include <cedo/task.h>

#ifdef __cplusplus
extern "C" {
#endif

#if CEDO_HOSTED
typedef uint32_t cedo_count;
#else
typedef uint8_t cedo_count; /* at most 255 items of at most 255 bytes */
#endif

/* Private. Getting and putting differ only in the direction of the copy: each has an end. */
typedef struct cedo_queue_end_ cedo_queue_end_;
struct cedo_queue_end_ {
    cedo_ring waiters;
    cedo_count left; /* how many items, or free places, there are */
    cedo_count at;   /* the next one */
    uint8_t side;    /* which end it is */
};

/* Private fields. */
typedef struct cedo_queue cedo_queue;
struct cedo_queue {
    cedo_queue_end_ ends[2]; /* where is got, where is put */
    unsigned char *items;
    cedo_count capacity;
    cedo_count item_size;
};

#if CEDO_HOSTED
#define CEDO_QUEUE_AWAITABLE_ CEDO_AWAITABLE
#else
#define CEDO_QUEUE_AWAITABLE_ static inline CEDO_AWAITABLE
#endif

/* The type of a queue of `count` items of `type`, with their storage: members `queue`, `items`. */
#define cedo_queue_of(type, count) \
    struct { \
        cedo_queue queue; \
        type items[count]; \
    }

/* Makes a cedo_queue_of empty. Not while tasks wait on it. */
#define cedo_queue_init(object) \
    cedo_queue_init_(&(object)->queue, (object)->items, \
                     sizeof(object)->items / sizeof(object)->items[0], sizeof(object)->items[0])

/* A static initialiser for a cedo_queue_of object: static cedo_queue_of(int, 4) jobs =
 * CEDO_QUEUE_INIT(jobs); */
#define CEDO_QUEUE_INIT(object) \
    { \
        {{{{NULL}, 0, 0, 0}, {{NULL}, sizeof(object).items / sizeof(object).items[0], 0, 1}}, \
         (unsigned char *)(object).items, \
         sizeof(object).items / sizeof(object).items[0], \
         sizeof(object).items[0]}, \
        { \
            0 \
        } \
    }

/* Awaitable: puts a copy of *item at the end, waiting while the queue is full. `item` must stay
 * until then: it must not be a C local. Traps if it lies in the C stack (CEDO_CHECKS on a host).
 * Cancel contract: the item was not put. Counterpart: Queue.put(). */
CEDO_QUEUE_AWAITABLE_ cedo_queue_put(cedo_queue *queue, const void *item);

/* Awaitable: takes the first item out into *item, waiting while the queue is empty. `item` must
 * stay until then. Cancel contract: no item was taken. Counterpart: Queue.get(). */
CEDO_QUEUE_AWAITABLE_ cedo_queue_get(cedo_queue *queue, void *item);

/* The same without waiting: CEDO_EAGAIN if full, or empty. Counterparts: put_nowait(),
 * get_nowait(). */
cedo_status cedo_queue_put_nowait(cedo_queue *queue, const void *item);
cedo_status cedo_queue_get_nowait(cedo_queue *queue, void *item);

/* The number of items in the queue. Counterpart: Queue.qsize(). */
static inline size_t cedo_queue_size(const cedo_queue *queue)
{
    return queue->ends[0].left;
}

void cedo_queue_init_(cedo_queue *queue, void *items, size_t capacity, size_t item_size);

#if !CEDO_HOSTED
cedo_op cedo_queue_do_(cedo_queue *queue, void *item, unsigned side);

static inline cedo_op cedo_queue_put(cedo_queue *queue, const void *item)
{
    return cedo_queue_do_(queue, (void *)(uintptr_t)item, 1);
}

static inline cedo_op cedo_queue_get(cedo_queue *queue, void *item)
{
    return cedo_queue_do_(queue, item, 0);
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

void cedo_queue_init_(cedo_queue *queue, void *items, size_t capacity, size_t item_size)
{
    CEDO_CHECK_(capacity > 0 && capacity <= (cedo_count)-1 && item_size > 0 &&
                    item_size <= (cedo_count)-1,
                "a queue on this target holds 1 to 255 items of 1 to 255 bytes");
    static const cedo_queue_end_ end = {{NULL}, 0, 0, 0};
    queue->ends[0] = end;
    queue->ends[1] = end;
    queue->ends[1].left = (cedo_count)capacity;
    queue->ends[1].side = 1;
    queue->items = (unsigned char *)items;
    queue->capacity = (cedo_count)capacity;
    queue->item_size = (cedo_count)item_size;
}

#if CEDO_HOSTED
#define CEDO_QUEUE_INLINE_ static inline
#else
#define CEDO_QUEUE_INLINE_
#endif

/* `size` is not 0. */
static inline void cedo_queue_copy_(unsigned char *to, const unsigned char *from, size_t size)
{
#if CEDO_HOSTED
    while (size--) *to++ = *from++;
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

static cedo_op cedo_queue_again_(cedo_task *task);
#if CEDO_HOSTED
static void cedo_queue_abandon_(cedo_task *task);
#else
#define cedo_queue_abandon_ CEDO_HAND_ON /* `left` stands behind the ring */
typedef char
    cedo_queue_end_is_laid_out_[offsetof(cedo_queue_end_, left) == sizeof(cedo_ring) ? 1 : -1];
#endif

#if CEDO_TRACE
static const cedo_wait_ops cedo_queue_ops_[2] = {
    CEDO_WAIT_OPS("queue get", cedo_queue_again_, NULL, cedo_queue_abandon_),
    CEDO_WAIT_OPS("queue put", cedo_queue_again_, NULL, cedo_queue_abandon_)};
#define CEDO_QUEUE_OPS_(side) &cedo_queue_ops_[side]
#else
static const cedo_wait_ops cedo_queue_ops_ =
    CEDO_WAIT_OPS(NULL, cedo_queue_again_, NULL, cedo_queue_abandon_);
#define CEDO_QUEUE_OPS_(side) &cedo_queue_ops_
#endif

/* Gets (side 0) or puts (side 1): on a host one copy for each, on firmware one for both. */
CEDO_QUEUE_INLINE_ cedo_op cedo_queue_do_(cedo_queue *queue, void *item, unsigned side)
{
    cedo_queue_end_ *const end = &queue->ends[side];
    cedo_queue_end_ *const other = &queue->ends[1 - side];
    unsigned char *to = (unsigned char *)item;
    unsigned char *from;
    size_t at;
    if (!end->left) return cedo_wait_(&end->waiters, CEDO_QUEUE_OPS_(side), item);
    at = end->at;
    from = queue->items + at * queue->item_size;
    if (++at == queue->capacity) at = 0;
    end->at = (cedo_count)at;
    end->left--;
    if (side) {
        to = from;
        from = (unsigned char *)item;
    }
    cedo_queue_copy_(to, from, queue->item_size);
    other->left++;
    cedo_wake_first_(&other->waiters);
    return cedo_done(CEDO_OK);
}

#if CEDO_HOSTED
cedo_op cedo_queue_put(cedo_queue *queue, const void *item)
{
    return cedo_queue_do_(queue, (void *)(uintptr_t)item, 1);
}

cedo_op cedo_queue_get(cedo_queue *queue, void *item)
{
    return cedo_queue_do_(queue, item, 0);
}
#endif

cedo_status cedo_queue_put_nowait(cedo_queue *queue, const void *item)
{
    if (!queue->ends[1].left) return CEDO_EAGAIN;
    return cedo_op_status_(cedo_queue_do_(queue, (void *)(uintptr_t)item, 1));
}

cedo_status cedo_queue_get_nowait(cedo_queue *queue, void *item)
{
    if (!queue->ends[0].left) return CEDO_EAGAIN;
    return cedo_op_status_(cedo_queue_do_(queue, item, 0));
}

static cedo_op cedo_queue_again_(cedo_task *task)
{
    cedo_queue_end_ *const end = CEDO_CONTAINER_(task->u.ring, cedo_queue_end_, waiters);
    return cedo_queue_do_((cedo_queue *)(void *)(end - end->side), task->entry.u.arg, end->side);
}

#if CEDO_HOSTED
/* Who was woken for an item, or a free place, and does not take it wakes the next one. */
static void cedo_queue_abandon_(cedo_task *task)
{
    cedo_queue_end_ *const end = CEDO_CONTAINER_(task->u.ring, cedo_queue_end_, waiters);
    if (end->left) cedo_wake_first_(&end->waiters);
}
#endif

#ifdef __cplusplus
}
#endif
#endif
