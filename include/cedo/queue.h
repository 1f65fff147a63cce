/* Queues: bounded FIFOs of fixed-size items, copied in and out of storage of yours. Counterpart: asyncio.Queue. */
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

/* Private fields. */
typedef struct cedo_queue cedo_queue;
struct cedo_queue {
    cedo_ring getters;
    cedo_ring putters;
    unsigned char *items;
    cedo_count capacity;
    cedo_count item_size;
    cedo_count head;
    cedo_count length;
};

/* The type of a queue of `count` items of `type`, with their storage: members `queue`, `items`. */
#define cedo_queue_of(type, count) \
    struct { \
        cedo_queue queue; \
        type items[count]; \
    }

/* Makes a cedo_queue_of empty. Not while tasks wait on it. */
#define cedo_queue_init(object) \
    cedo_queue_init_(&(object)->queue, (object)->items, sizeof(object)->items / sizeof(object)->items[0], \
                     sizeof(object)->items[0])

/* A static initialiser for a cedo_queue_of object: static cedo_queue_of(int, 4) jobs = CEDO_QUEUE_INIT(jobs); */
#define CEDO_QUEUE_INIT(object) \
    { \
        {{NULL}, {NULL}, (unsigned char *)(object).items, sizeof(object).items / sizeof(object).items[0], \
         sizeof(object).items[0], 0, 0}, \
        { 0 } \
    }

/* Awaitable: puts a copy of *item at the end, waiting while the queue is full. `item` must stay until then: it must not
 * be a C local. Traps if it lies in the C stack (CEDO_CHECKS on a host).
 * Cancel contract: the item was not put. Counterpart: Queue.put(). */
CEDO_AWAITABLE cedo_queue_put(cedo_queue *queue, const void *item);

/* Awaitable: takes the first item out into *item, waiting while the queue is empty. `item` must stay until then.
 * Cancel contract: no item was taken. Counterpart: Queue.get(). */
CEDO_AWAITABLE cedo_queue_get(cedo_queue *queue, void *item);

/* The same without waiting: CEDO_EAGAIN if full, or empty. Counterparts: put_nowait(), get_nowait(). */
cedo_status cedo_queue_put_nowait(cedo_queue *queue, const void *item);
cedo_status cedo_queue_get_nowait(cedo_queue *queue, void *item);

/* The number of items in the queue. Counterpart: Queue.qsize(). */
static inline size_t cedo_queue_size(const cedo_queue *queue)
{
    return queue->length;
}

void cedo_queue_init_(cedo_queue *queue, void *items, size_t capacity, size_t item_size);

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
    CEDO_CHECK_(capacity > 0 && capacity <= (cedo_count)-1 && item_size > 0 && item_size <= (cedo_count)-1,
                "a queue on this target holds 1 to 255 items of 1 to 255 bytes");
    queue->getters.first = NULL;
    queue->putters.first = NULL;
    queue->items = (unsigned char *)items;
    queue->capacity = (cedo_count)capacity;
    queue->item_size = (cedo_count)item_size;
    queue->head = 0;
    queue->length = 0;
}

/* `size` is not 0. */
static void cedo_queue_copy_(unsigned char *to, const unsigned char *from, size_t size)
{
#if CEDO_HOSTED
    while (size--) *to++ = *from++;
#else
    /* one counter, tested at the end: 4 instructions a byte on a Cortex-M0 */
    do {
        size--;
        to[size] = from[size];
    } while (size);
#endif
}

cedo_status cedo_queue_put_nowait(cedo_queue *queue, const void *item)
{
    size_t place;
    if (queue->length == queue->capacity) return CEDO_EAGAIN;
    place = (size_t)queue->head + queue->length;
    if (place >= queue->capacity) place -= queue->capacity;
    cedo_queue_copy_(queue->items + place * queue->item_size, (const unsigned char *)item, queue->item_size);
    queue->length++;
    cedo_wake_first_(&queue->getters);
    return CEDO_OK;
}

cedo_status cedo_queue_get_nowait(cedo_queue *queue, void *item)
{
    if (!queue->length) return CEDO_EAGAIN;
    cedo_queue_copy_((unsigned char *)item, queue->items + (size_t)queue->head * queue->item_size, queue->item_size);
    queue->head++;
    if (queue->head == queue->capacity) queue->head = 0;
    queue->length--;
    cedo_wake_first_(&queue->putters);
    return CEDO_OK;
}

static cedo_queue *cedo_queue_putting_(const cedo_task *task)
{
    return CEDO_CONTAINER_(task->u.ring, cedo_queue, putters);
}

static cedo_queue *cedo_queue_getting_(const cedo_task *task)
{
    return CEDO_CONTAINER_(task->u.ring, cedo_queue, getters);
}

static cedo_op cedo_queue_put_again_(cedo_task *task)
{
    return cedo_queue_put(cedo_queue_putting_(task), task->entry.u.arg);
}

static cedo_op cedo_queue_get_again_(cedo_task *task)
{
    return cedo_queue_get(cedo_queue_getting_(task), task->entry.u.arg);
}

/* Who was woken for a free place, or an item, and does not take it wakes the next one. */
static void cedo_queue_put_abandon_(cedo_task *task)
{
    cedo_queue *const queue = cedo_queue_putting_(task);
    if (queue->length < queue->capacity) cedo_wake_first_(&queue->putters);
}

static void cedo_queue_get_abandon_(cedo_task *task)
{
    cedo_queue *const queue = cedo_queue_getting_(task);
    if (queue->length) cedo_wake_first_(&queue->getters);
}

static const cedo_wait_ops cedo_queue_put_ops_ =
    CEDO_WAIT_OPS("queue put", cedo_queue_put_again_, NULL, cedo_queue_put_abandon_);
static const cedo_wait_ops cedo_queue_get_ops_ =
    CEDO_WAIT_OPS("queue get", cedo_queue_get_again_, NULL, cedo_queue_get_abandon_);

cedo_op cedo_queue_put(cedo_queue *queue, const void *item)
{
    if (cedo_queue_put_nowait(queue, item) == CEDO_OK) return cedo_done(CEDO_OK);
    return cedo_wait_(&queue->putters, &cedo_queue_put_ops_, (void *)(uintptr_t)item);
}

cedo_op cedo_queue_get(cedo_queue *queue, void *item)
{
    if (cedo_queue_get_nowait(queue, item) == CEDO_OK) return cedo_done(CEDO_OK);
    return cedo_wait_(&queue->getters, &cedo_queue_get_ops_, item);
}

#ifdef __cplusplus
}
#endif
#endif
