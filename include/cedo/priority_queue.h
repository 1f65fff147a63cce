/* Priority queues: the smallest item is got first. All else is as in queue.h, by whose functions they
 * are used, through their member `queue`. Counterpart: asyncio.PriorityQueue. */
#ifndef CEDO_PRIORITY_QUEUE_H
#define CEDO_PRIORITY_QUEUE_H

#include <cedo/queue.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Says which of two items comes out first: negative if *a does, positive if *b does, 0 if it is all
 * the same, as for qsort. Must not use the queue. */
typedef int cedo_queue_compare(const void *a, const void *b);

/* The type of a queue of `count` items of `type`, with their storage: smallest first; equal ones in
 * the order in which they were put. Putting takes O(log size) comparisons, and moves up to `size`
 * numbers of the size of a cedo_count; getting is O(1). Counterpart: asyncio.PriorityQueue, which
 * promises no order of equal ones. */
#define cedo_priority_queue_of(type, count) \
    struct { \
        cedo_queue queue; \
        cedo_queue_ranks_ ranks; \
        type ranked[count]; \
        cedo_count slots[count]; \
    }

/* Makes a cedo_priority_queue_of empty; also one that was shut down. Not while tasks wait on it.
 * `compare` is a cedo_queue_compare function. */
#define cedo_priority_queue_init(object, compare) \
    (CEDO_QUEUE_INIT_AT_RUN_TIME_(object, ranked, cedo_queue_priority_), \
     cedo_queue_rank_by_(&(object)->ranks, compare, (object)->slots))

/* Static initialiser of such an object. */
#define CEDO_PRIORITY_QUEUE_INIT(object, compare) \
    { \
        CEDO_FIELD_(queue) \
        CEDO_QUEUE_INIT_(object, ranked, cedo_queue_priority_, 0), \
            CEDO_FIELD_(ranks){compare, (object).slots} CEDO_REST_ CEDO_REST_ \
    }

/* ------------------------------------------------------------- private */

cedo_queue_kind_ cedo_queue_priority_;

/* What a priority queue needs beyond, right behind it. */
typedef struct cedo_queue_ranks_ cedo_queue_ranks_;
struct cedo_queue_ranks_ {
    cedo_queue_compare *compare;
    cedo_count *slots; /* where the items are, the next one last; then the free places */
};

static inline void cedo_queue_rank_by_(cedo_queue_ranks_ *ranks, cedo_queue_compare *compare,
                                       cedo_count *slots)
{
    ranks->compare = compare;
    ranks->slots = slots;
}

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_PRIORITY_QUEUE_IMPLEMENTED_)
#define CEDO_PRIORITY_QUEUE_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

/* Smallest first. Items stay where they were put; their places stand in a sorted row, so equal ones
 * keep their order, as they would not in a heap. */
cedo_op cedo_queue_priority_(cedo_queue_end_ *end, void *item)
{
    cedo_queue *const queue = cedo_queue_of_end_(end, end->side);
    const cedo_queue_ranks_ *const ranks = (cedo_queue_ranks_ *)(void *)(queue + 1);
    cedo_count *const slots = ranks->slots;
    cedo_count *const used = &queue->ends[0].at; /* places that were ever used */
    const cedo_count size = cedo_queue_stored_(queue);
    const cedo_op op = cedo_queue_ask_(end, item);
    size_t low = 0, high = size;
    cedo_count slot;
    if (op != cedo_done(CEDO_OK)) return op;
    if (!end->side) return cedo_queue_move_(end, item, slots[size - 1u]);
    if (size == *used) slots[size] = (*used)++;
    while (low < high) { /* what stands below `low` comes out later than the new one */
        const size_t middle = (low + high) / 2;
        if (ranks->compare(item, queue->items + (size_t)slots[middle] * queue->item_size) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    slot = slots[size];
    for (high = size; high > low; high--) slots[high] = slots[high - 1];
    slots[low] = slot;
    return cedo_queue_move_(end, item, slot);
}

#ifdef __cplusplus
}
#endif
#endif
