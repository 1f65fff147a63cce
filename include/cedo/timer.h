/* Timers: what is due when. Private: tasks that sleep (sleep.h) and handles (handle.h) stand on it.
 *
 * Order: what is due runs by deadline; equal deadlines run in the order in which they were armed.
 * Nothing runs before its deadline.
 */
#ifndef CEDO_TIMER_H
#define CEDO_TIMER_H

#include <cedo/coro.h>
#include <cedo/list.h>
#include <cedo/port.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What tasks and handles begin with: what the loop's queues hold. Private. */
typedef struct cedo_entry cedo_entry;
struct cedo_entry {
    cedo_node node;
    union {
        cedo_time due; /* of a timer */
        /* of a waiting task: the operation's argument; of a watching handle: its ring */
        void *arg;
    } u;
    cedo_status_ status; /* of a task: what a wake-up brings, at last its outcome */
    uint8_t flags;
#if CEDO_HOSTED
    uint8_t message;  /* of a task: see cedo_keep_message_ */
    uint16_t cancels; /* of a task: cancel requests, see cedo_task_cancelling */
#else
    uint8_t cancels;
#endif
};

/* ------------------------------------------------------------- the timers of a loop */

#if CEDO_TIMER_WHEEL

#define CEDO_WHEEL_LEVELS_ 8
#define CEDO_WHEEL_SLOTS_ 64
#define CEDO_WHEEL_LANES_ 4

/* What lies in a slot, in as many lists as memory is to be asked for at once. */
typedef struct cedo_wheel_slot_ cedo_wheel_slot_;
struct cedo_wheel_slot_ {
    cedo_node lanes[CEDO_WHEEL_LANES_];
};

/* A radix wheel: see the comment in the implementation. */
typedef struct cedo_timers cedo_timers;
struct cedo_timers {
    cedo_node near_; /* what is due before tick `base`, sorted */
    int64_t base;    /* ticks */
    unsigned levels; /* bit l: slots[l] is not 0 */
    cedo_time next;  /* what cedo_timers_next_ may point at */
    uint64_t slots
        [CEDO_WHEEL_LEVELS_]; /* bit s: the slot holds timers, or did before they were cancelled */
    cedo_wheel_slot_ wheel[CEDO_WHEEL_LEVELS_ * CEDO_WHEEL_SLOTS_];
};

#else

typedef struct cedo_timers cedo_timers;
struct cedo_timers {
    cedo_node sorted;
};

#endif

static inline cedo_entry *cedo_entry_of_(cedo_node *node)
{
    return CEDO_CONTAINER_(node, cedo_entry, node);
}

/* Insertion from the end: new deadlines are mostly late ones, and behind equal ones. */
static inline void cedo_timers_sort_in_(cedo_node *list, cedo_entry *entry)
{
    cedo_node *place;
    CEDO_FORGET_VALUE_(list);
    place = list->prev;
    while (place != list && cedo_time_after(cedo_entry_of_(place)->u.due, entry->u.due))
        place = place->prev;
    cedo_list_insert_after(place, &entry->node);
}

#if CEDO_TIMER_WHEEL
/* Private. `entry` has its deadline in u.due and is on no list. */
void cedo_timers_init_(cedo_timers *timers);
/* To take it out again, unlink its node. */
void cedo_timers_add_(cedo_timers *timers, cedo_entry *entry);
bool cedo_timers_are_none_(const cedo_timers *timers);
/* Takes out and returns the first entry that is due at `now`, or NULL. */
cedo_entry *cedo_timers_pop_(cedo_timers *timers, cedo_time now);
/* When to look again: the first deadline (or, where more than 64 timers share a slot, a time before
 * it at which to sort them out); NULL: never. */
const cedo_time *cedo_timers_next_(cedo_timers *timers);
#else
static inline void cedo_timers_init_(cedo_timers *timers)
{
    cedo_list_init(&timers->sorted);
}

static inline void cedo_timers_add_(cedo_timers *timers, cedo_entry *entry)
{
    cedo_timers_sort_in_(&timers->sorted, entry);
}

static inline bool cedo_timers_are_none_(const cedo_timers *timers)
{
    return cedo_list_is_empty(&timers->sorted);
}

static inline cedo_entry *cedo_timers_pop_(cedo_timers *timers, cedo_time now)
{
    cedo_entry *const first = cedo_entry_of_(timers->sorted.next);
    if (&first->node == &timers->sorted || cedo_time_after(first->u.due, now)) return NULL;
    cedo_list_pop_(&timers->sorted, &first->node);
    return first;
}

static inline const cedo_time *cedo_timers_next_(cedo_timers *timers)
{
    return cedo_list_is_empty(&timers->sorted) ? NULL : &cedo_entry_of_(timers->sorted.next)->u.due;
}
#endif

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_TIMER_IMPLEMENTED_)
#define CEDO_TIMER_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

#if CEDO_TIMER_WHEEL

/* Time is cut into ticks of 65.5 us. What is due before tick `base` stands in the sorted list
 * `near_`. All else lies in the wheel, a monotone radix queue: the number of a tick has eight
 * digits of six bits, and a timer lies at the level of the highest digit in which its tick differs
 * from base, in the slot of that digit. So a slot of level 0 is one tick, and the first slot of the
 * lowest level in use holds what is due next. When base enters a slot, its timers are dealt out to
 * lower levels; when the clock reaches a tick, its timers are sorted into `near_`.
 *
 * A long list is a long chain of cache misses, so a slot has four, its lanes, which are dealt out side
 * by side. The last bits of the tick tell the lane: of a slot of level 0 one alone is in use.
 *
 * Lanes are filled and dealt out in order, and two equal deadlines always lie in the same one, so
 * they stay in the order in which they were armed.
 *
 * Arm: a shift and a list push. Cancel: an unlink. Fire: for a timer of ten seconds, two dealings
 * and a short sort. */

#define CEDO_TICK_BITS_ 16

static inline unsigned cedo_lowest_bit_(uint64_t bits)
{
    return (unsigned)__builtin_ctzll(bits);
}

void cedo_timers_init_(cedo_timers *timers)
{
    cedo_list_init(&timers->near_);
    timers->base = 0;
    timers->levels = 0;
    for (unsigned level = 0; level < CEDO_WHEEL_LEVELS_; level++) timers->slots[level] = 0;
    for (unsigned slot = 0; slot < CEDO_WHEEL_LEVELS_ * CEDO_WHEEL_SLOTS_; slot++)
        for (unsigned lane = 0; lane < CEDO_WHEEL_LANES_; lane++)
            cedo_list_init(&timers->wheel[slot].lanes[lane]);
}

void cedo_timers_add_(cedo_timers *timers, cedo_entry *entry)
{
    const int64_t tick = entry->u.due >> CEDO_TICK_BITS_;
    if (tick < timers->base) {
        cedo_timers_sort_in_(&timers->near_, entry);
    }
    else {
        const unsigned highest =
            63u - (unsigned)__builtin_clzll((uint64_t)(tick ^ timers->base) | 1u);
        const unsigned level = highest / 6u;
        const unsigned slot = (unsigned)(tick >> (level * 6u)) & 63u;
        const unsigned lane = (unsigned)tick % CEDO_WHEEL_LANES_;
        timers->levels |= 1u << level;
        timers->slots[level] |= (uint64_t)1 << slot;
        cedo_list_push(&timers->wheel[level * CEDO_WHEEL_SLOTS_ + slot].lanes[lane], &entry->node);
    }
}

static void cedo_timers_slot_emptied_(cedo_timers *timers, const cedo_wheel_slot_ *slot)
{
    const unsigned index = (unsigned)(slot - timers->wheel);
    const unsigned level = index / CEDO_WHEEL_SLOTS_;
    timers->slots[level] &= ~((uint64_t)1 << (index % CEDO_WHEEL_SLOTS_));
    if (timers->slots[level] == 0) timers->levels &= ~(1u << level);
}

/* Finds the first slot that holds timers: its place in the wheel, and in *begins the tick at which
 * it begins. No timer in the wheel is before that. NULL: the wheel is empty. */
static cedo_wheel_slot_ *cedo_timers_first_slot_(cedo_timers *timers, int64_t *begins)
{
    while (timers->levels) {
        const unsigned level = cedo_lowest_bit_(timers->levels);
        const unsigned number = cedo_lowest_bit_(timers->slots[level]);
        const unsigned shift = level * 6u;
        cedo_wheel_slot_ *const slot = &timers->wheel[level * CEDO_WHEEL_SLOTS_ + number];
        /* the digits above this one are those of base */
        *begins = (timers->base >> (shift + 6u) << (shift + 6u)) + ((int64_t)number << shift);
        for (unsigned lane = 0; lane < CEDO_WHEEL_LANES_; lane++)
            if (!cedo_list_is_empty(&slot->lanes[lane])) return slot;
        cedo_timers_slot_emptied_(timers, slot);
    }
    return NULL;
}

static bool cedo_timers_is_one_tick_(const cedo_timers *timers, const cedo_wheel_slot_ *slot)
{
    return slot < &timers->wheel[CEDO_WHEEL_SLOTS_];
}

/* Takes the timers of a lane out, as a chain that ends with NULL. */
static cedo_node *cedo_timers_take_lane_(cedo_node *lane)
{
    cedo_node *const chain = lane->next;
    if (chain == lane) return NULL;
    lane->prev->next = NULL;
    cedo_list_init(lane);
    return chain;
}

/* Merges two sorted chains; of equal deadlines, those of `a` come first. */
static cedo_node *cedo_timers_merge_(cedo_node *a, cedo_node *b)
{
    cedo_node *merged;
    cedo_node **link = &merged;
    while (a && b) {
        cedo_node **const first = cedo_entry_of_(b)->u.due < cedo_entry_of_(a)->u.due ? &b : &a;
        *link = *first;
        link = &(*first)->next;
        *first = *link;
    }
    *link = a ? a : b;
    return merged;
}

/* Sorts a chain by deadline, stably. */
static cedo_node *cedo_timers_sort_(cedo_node *chain)
{
    /* runs[i] is empty or has 2^i nodes, which came before those of runs[i - 1] */
    cedo_node *runs[64];
    cedo_node *sorted = NULL;
    unsigned used = 0;
    unsigned i;
    while (chain) {
        cedo_node *run = chain;
        chain = chain->next;
        run->next = NULL;
        for (i = 0; i < used && runs[i]; i++) {
            run = cedo_timers_merge_(runs[i], run);
            runs[i] = NULL;
        }
        if (i == used) used++;
        runs[i] = run;
    }
    for (i = 0; i < used; i++) sorted = cedo_timers_merge_(runs[i], sorted);
    return sorted;
}

/* Deals the timers of a slot out to lower levels. */
static void cedo_timers_deal_(cedo_timers *timers, cedo_wheel_slot_ *slot)
{
    cedo_node *chains[CEDO_WHEEL_LANES_];
    bool is_done;
    for (unsigned lane = 0; lane < CEDO_WHEEL_LANES_; lane++)
        chains[lane] = cedo_timers_take_lane_(&slot->lanes[lane]);
    cedo_timers_slot_emptied_(timers, slot);
    do {
        is_done = true;
        for (unsigned lane = 0; lane < CEDO_WHEEL_LANES_; lane++) {
            cedo_node *const node = chains[lane];
            if (!node) continue;
            chains[lane] = node->next;
            CEDO_PREFETCH_(node->next);
            cedo_timers_add_(timers, cedo_entry_of_(node));
            is_done = false;
        }
    } while (!is_done);
}

/* Sets base, before which the wheel holds nothing, and deals out the slots that begin there. */
static void cedo_timers_enter_(cedo_timers *timers, int64_t base)
{
    cedo_wheel_slot_ *slot;
    int64_t begins;
    timers->base = base;
    while ((slot = cedo_timers_first_slot_(timers, &begins)) != NULL && begins == base &&
           !cedo_timers_is_one_tick_(timers, slot))
        cedo_timers_deal_(timers, slot);
}

/* Moves on to `tick`: what is due in the first tick up to it that holds timers goes to `near_`,
 * which is empty. */
static void cedo_timers_advance_(cedo_timers *timers, int64_t tick)
{
    cedo_wheel_slot_ *slot;
    int64_t begins;
    while ((slot = cedo_timers_first_slot_(timers, &begins)) != NULL && begins <= tick) {
        cedo_node *node;
        if (!cedo_timers_is_one_tick_(timers, slot)) {
            cedo_timers_enter_(timers, begins);
            continue;
        }
        node = cedo_timers_sort_(
            cedo_timers_take_lane_(&slot->lanes[(unsigned)begins % CEDO_WHEEL_LANES_]));
        while (node) {
            cedo_node *const next = node->next;
            cedo_list_push(&timers->near_, node);
            node = next;
        }
        cedo_timers_enter_(timers, begins + 1);
        return;
    }
    cedo_timers_enter_(timers, tick + 1);
}

cedo_entry *cedo_timers_pop_(cedo_timers *timers, cedo_time now)
{
    cedo_entry *first;
    if (cedo_list_is_empty(&timers->near_)) {
        const int64_t tick = now >> CEDO_TICK_BITS_;
        if (timers->base > tick) return NULL;
        cedo_timers_advance_(timers, tick);
        if (cedo_list_is_empty(&timers->near_)) return NULL;
    }
    first = cedo_entry_of_(timers->near_.next);
    if (first->u.due > now) return NULL;
    cedo_list_unlink(&first->node);
    return first;
}

/* May say no although there are none, after cancellations. */
bool cedo_timers_are_none_(const cedo_timers *timers)
{
    return timers->levels == 0 && cedo_list_is_empty(&timers->near_);
}

/* The earliest deadline of a slot, or, if it holds more than 64, the time at which it begins. */
static cedo_time cedo_timers_earliest_(const cedo_wheel_slot_ *slot, int64_t begins)
{
    cedo_time earliest = INT64_MAX;
    unsigned left = 64;
    for (unsigned lane = 0; lane < CEDO_WHEEL_LANES_; lane++) {
        const cedo_node *const end = &slot->lanes[lane];
        for (cedo_node *node = end->next; node != end; node = node->next) {
            const cedo_time due = cedo_entry_of_(node)->u.due;
            if (left-- == 0) return begins << CEDO_TICK_BITS_;
            if (due < earliest) earliest = due;
        }
    }
    return earliest;
}

const cedo_time *cedo_timers_next_(cedo_timers *timers)
{
    const cedo_wheel_slot_ *slot;
    int64_t begins;
    if (!cedo_list_is_empty(&timers->near_)) return &cedo_entry_of_(timers->near_.next)->u.due;
    slot = cedo_timers_first_slot_(timers, &begins);
    if (!slot) return NULL;
    timers->next = cedo_timers_earliest_(slot, begins);
    return &timers->next;
}

#endif

#ifdef __cplusplus
}
#endif
#endif
