/* Timers: what is due when, and what to run then.
 *
 * A cedo_handle is a call of a function that the loop will make: soon, later, or at a time. Its storage is the
 * caller's and must stay until it ran or was cancelled. Counterparts: asyncio.Handle, asyncio.TimerHandle.
 *
 * Order: what is due runs by deadline; equal deadlines run in the order in which they were armed. Nothing runs before
 * its deadline.
 */
#ifndef CEDO_TIMER_H
#define CEDO_TIMER_H

#include <cedo/list.h>
#include <cedo/port.h>
#include <cedo/coro.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What tasks and handles begin with: what the loop's queues hold. Private. */
typedef struct cedo_entry cedo_entry;
struct cedo_entry {
    cedo_node node;
    union {
        cedo_time due; /* of a timer */
        void *arg;     /* of a task that waits: the argument of the operation */
    } u;
    cedo_status_ status; /* of a task: what a wake-up brings, at last its outcome */
    uint8_t flags;
#if CEDO_HOSTED
    uint16_t cancels; /* of a task: cancel requests, see cedo_task_cancelling */
#else
    uint8_t cancels;
#endif
};

/* ------------------------------------------------------------- the timers of a loop */

#if CEDO_TIMER_WHEEL

#define CEDO_WHEEL_LEVELS_ 11
#define CEDO_WHEEL_SLOTS_ 64

/* A radix wheel: see the comment at cedo_timers_add_. */
typedef struct cedo_timers cedo_timers;
struct cedo_timers {
    cedo_time base;                       /* no timer in the wheel is before it */
    unsigned levels;                      /* bit l: level l holds timers */
    uint64_t slots[CEDO_WHEEL_LEVELS_];   /* bit s: the slot holds timers */
    cedo_node wheel[CEDO_WHEEL_LEVELS_ * CEDO_WHEEL_SLOTS_];
    cedo_node overdue;                    /* armed with a deadline before base; sorted */
    cedo_time next;                       /* what cedo_timers_next_ points at */
};

#else

typedef struct cedo_timers cedo_timers;
struct cedo_timers {
    cedo_node sorted;
};

#endif

/* Private. `entry` has its deadline in u.due and is on no list. */
void cedo_timers_init_(cedo_timers *timers);
void cedo_timers_add_(cedo_timers *timers, cedo_entry *entry);
void cedo_timers_remove_(cedo_timers *timers, cedo_entry *entry);
/* Takes out and returns the first entry that is due at `now`, or NULL. */
cedo_entry *cedo_timers_pop_(cedo_timers *timers, cedo_time now);
/* When to look again: the first deadline (or, where more than 64 timers share a slot, a time before it at which to
 * sort them out); NULL: never. */
const cedo_time *cedo_timers_next_(cedo_timers *timers);

/* ------------------------------------------------------------- handles */

/* A function that a loop calls. Runs in the loop, outside of any task; must not block. A negative answer is an error
 * and goes to the loop's exception handler. */
typedef cedo_status cedo_callback(void *arg);

/* All zero: idle. Private fields. */
typedef struct cedo_handle cedo_handle;
struct cedo_handle {
    cedo_entry entry;
    cedo_callback *fn;
    void *arg;
#if CEDO_LOOPS
    cedo_loop *loop;
#endif
};

/* Runs fn(arg) in the next turn of the loop, after what is ready already.
 * Answers CEDO_OK; CEDO_EBUSY: the handle is scheduled already, nothing changed; CEDO_ECLOSED.
 * Any context of the loop's thread but an interrupt. O(1). Counterpart: loop.call_soon(). */
cedo_status cedo_call_soon(cedo_loop *loop, cedo_handle *handle, cedo_callback *fn, void *arg);

/* Runs fn(arg) when `delay` has passed, in the next turn at the earliest; a negative delay counts as a deadline in the
 * past. CEDO_FOREVER: never. Errors and context as cedo_call_soon. Counterpart: loop.call_later(). */
cedo_status cedo_call_later(cedo_loop *loop, cedo_handle *handle, cedo_duration delay, cedo_callback *fn, void *arg);

/* Runs fn(arg) when the loop's clock has reached `when`. Counterpart: loop.call_at(). */
cedo_status cedo_call_at(cedo_loop *loop, cedo_handle *handle, cedo_time when, cedo_callback *fn, void *arg);

/* Prevents the call, also when it is already in the running batch. Its storage is free afterwards. No effect on a call
 * that was made, but for cedo_handle_cancelled. Counterpart: Handle.cancel(). */
void cedo_handle_cancel(cedo_handle *handle);

/* True once cancelled, until scheduled again. Counterpart: Handle.cancelled(). */
bool cedo_handle_cancelled(const cedo_handle *handle);

/* True while the call is still to be made. */
bool cedo_handle_scheduled(const cedo_handle *handle);

/* The deadline given, or computed, when it was last armed by cedo_call_later or cedo_call_at. Counterpart:
 * TimerHandle.when(). */
static inline cedo_time cedo_handle_when(const cedo_handle *handle)
{
    return handle->entry.u.due;
}

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

static inline cedo_entry *cedo_entry_of_(cedo_node *node)
{
    return CEDO_CONTAINER_(node, cedo_entry, node);
}

/* Insertion from the end: new deadlines are mostly late ones, and behind equal ones. */
static void cedo_timers_sort_in_(cedo_node *list, cedo_entry *entry)
{
    cedo_node *place = list->prev;
    while (place != list && cedo_time_after(cedo_entry_of_(place)->u.due, entry->u.due)) place = place->prev;
    cedo_list_insert_after(place, &entry->node);
}

#if CEDO_TIMER_WHEEL

/* The wheel is a monotone radix queue. A deadline is a number of eleven digits of six bits. A timer lies at the level of
 * the highest digit in which its deadline differs from `base`, in the slot of that digit; so each slot of level 0 holds
 * equal deadlines, and the first slot of the lowest level in use holds the nearest ones. As base moves on, a slot that
 * it enters is dealt out to lower levels, in order, which keeps equal deadlines in the order they were armed: two equal
 * deadlines always lie in the same slot.
 *
 * Arm: one shift, one list push. Cancel: one unlink. Fire: a timer is dealt out a few times at most, since a slot with
 * few timers is dealt out relative to its earliest one and so skips the levels between. */

static unsigned cedo_lowest_bit_(uint64_t bits)
{
    return (unsigned)__builtin_ctzll(bits);
}

void cedo_timers_init_(cedo_timers *timers)
{
    timers->base = 0;
    timers->levels = 0;
    for (unsigned level = 0; level < CEDO_WHEEL_LEVELS_; level++) timers->slots[level] = 0;
    for (unsigned slot = 0; slot < CEDO_WHEEL_LEVELS_ * CEDO_WHEEL_SLOTS_; slot++)
        cedo_list_init(&timers->wheel[slot]);
    cedo_list_init(&timers->overdue);
}

void cedo_timers_add_(cedo_timers *timers, cedo_entry *entry)
{
    const cedo_time due = entry->u.due;
    if (CEDO_UNLIKELY_(due < timers->base)) {
        cedo_timers_sort_in_(&timers->overdue, entry);
        return;
    }
    {
        const uint64_t differs = (uint64_t)due ^ (uint64_t)timers->base;
        const unsigned level = (63u - (unsigned)__builtin_clzll(differs | 1u)) / 6u;
        const unsigned slot = (unsigned)((uint64_t)due >> (level * 6u)) & 63u;
        timers->levels |= 1u << level;
        timers->slots[level] |= (uint64_t)1 << slot;
        cedo_list_push(&timers->wheel[level * CEDO_WHEEL_SLOTS_ + slot], &entry->node);
    }
}

static void cedo_timers_slot_emptied_(cedo_timers *timers, unsigned index)
{
    const unsigned level = index / CEDO_WHEEL_SLOTS_;
    timers->slots[level] &= ~((uint64_t)1 << (index % CEDO_WHEEL_SLOTS_));
    if (timers->slots[level] == 0) timers->levels &= ~(1u << level);
}

void cedo_timers_remove_(cedo_timers *timers, cedo_entry *entry)
{
    cedo_node *const rest = entry->node.next;
    cedo_list_unlink(&entry->node);
    /* alone with its sentinel, which is then in the table, or is `overdue`, which has no bit */
    if (rest->next == rest && rest != &timers->overdue)
        cedo_timers_slot_emptied_(timers, (unsigned)(rest - timers->wheel));
}

/* The deadline at which the first slot begins; no timer in the wheel is before it. Level and slot go to *index. */
static cedo_time cedo_timers_first_slot_(const cedo_timers *timers, unsigned *index)
{
    const unsigned level = cedo_lowest_bit_(timers->levels);
    const unsigned slot = cedo_lowest_bit_(timers->slots[level]);
    const unsigned shift = level * 6u;
    /* the digits above this one are those of base */
    const uint64_t above = shift + 6u < 64u ? (uint64_t)timers->base >> (shift + 6u) << (shift + 6u) : 0u;
    *index = level * CEDO_WHEEL_SLOTS_ + slot;
    return (cedo_time)(above | (uint64_t)slot << shift);
}

/* The earliest deadline of a list, or `otherwise` if it is longer than `limit`. */
static cedo_time cedo_timers_earliest_(const cedo_node *list, unsigned limit, cedo_time otherwise)
{
    cedo_time earliest = INT64_MAX;
    for (cedo_node *node = list->next; node != list; node = node->next) {
        const cedo_time due = cedo_entry_of_(node)->u.due;
        if (limit-- == 0) return otherwise;
        if (due < earliest) earliest = due;
    }
    return earliest;
}

cedo_entry *cedo_timers_pop_(cedo_timers *timers, cedo_time now)
{
    if (CEDO_UNLIKELY_(!cedo_list_is_empty(&timers->overdue))) {
        cedo_entry *const first = cedo_entry_of_(timers->overdue.next);
        if (first->u.due > now) return NULL;
        cedo_list_unlink(&first->node);
        return first;
    }
    while (timers->levels) {
        unsigned index;
        const cedo_time begins = cedo_timers_first_slot_(timers, &index);
        cedo_node *const slot = &timers->wheel[index];
        if (begins > now) break;
        if (index < CEDO_WHEEL_SLOTS_) {
            cedo_entry *const first = cedo_entry_of_(slot->next);
            timers->base = begins;
            cedo_timers_remove_(timers, first);
            return first;
        }
        {
            /* deal the slot out, relative to its earliest timer where that is cheap to find */
            cedo_node *node = slot->next;
            const cedo_time earliest = cedo_timers_earliest_(slot, 64, begins);
            timers->base = earliest < now ? earliest : now;
            slot->prev->next = NULL;
            cedo_list_init(slot);
            cedo_timers_slot_emptied_(timers, index);
            while (node) {
                cedo_node *const next = node->next;
                cedo_timers_add_(timers, cedo_entry_of_(node));
                node = next;
            }
        }
    }
    /* all that is left is later than now, and so is what comes: new timers may lie close to it */
    if (now > timers->base) timers->base = now;
    return NULL;
}

const cedo_time *cedo_timers_next_(cedo_timers *timers)
{
    if (!cedo_list_is_empty(&timers->overdue)) {
        timers->next = cedo_entry_of_(timers->overdue.next)->u.due;
    }
    else if (timers->levels) {
        unsigned index;
        const cedo_time begins = cedo_timers_first_slot_(timers, &index);
        timers->next = cedo_timers_earliest_(&timers->wheel[index], 64, begins);
    }
    else {
        return NULL;
    }
    return &timers->next;
}

#else

void cedo_timers_init_(cedo_timers *timers)
{
    cedo_list_init(&timers->sorted);
}

void cedo_timers_add_(cedo_timers *timers, cedo_entry *entry)
{
    cedo_timers_sort_in_(&timers->sorted, entry);
}

void cedo_timers_remove_(cedo_timers *timers, cedo_entry *entry)
{
    (void)timers;
    cedo_list_unlink(&entry->node);
}

cedo_entry *cedo_timers_pop_(cedo_timers *timers, cedo_time now)
{
    cedo_entry *const first = cedo_entry_of_(timers->sorted.next);
    if (cedo_list_is_empty(&timers->sorted) || cedo_time_after(first->u.due, now)) return NULL;
    cedo_list_unlink(&first->node);
    return first;
}

const cedo_time *cedo_timers_next_(cedo_timers *timers)
{
    return cedo_list_is_empty(&timers->sorted) ? NULL : &cedo_entry_of_(timers->sorted.next)->u.due;
}

#endif

#ifdef __cplusplus
}
#endif
#endif
