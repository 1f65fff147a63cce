/* Events: a flag that tasks wait for. All zero: not set.
 *
 * What holds for all that synchronises stands in sync.h. Counterpart: asyncio.Event.
 */
#ifndef CEDO_EVENT_H
#define CEDO_EVENT_H

#include <cedo/wake.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A flag that tasks wait for. Counterpart: asyncio.Event. */
typedef struct cedo_event cedo_event;
struct cedo_event {
    cedo_ring waiters;
    bool is_set;
};

/* Awaitable: waits until the event is set; at once if it is. A task that was woken goes on even if
 * the event was cleared meanwhile. Cancel contract: nothing happened. Counterpart: Event.wait(). */
CEDO_HOT_ CEDO_AWAITABLE cedo_event_wait(cedo_event *event);

/* Sets the event and wakes all who wait, in the order in which they came. O(waiters). Counterpart:
 * Event.set(). */
CEDO_HOT_ void cedo_event_set(cedo_event *event);

/* Counterpart: Event.clear(). */
static inline void cedo_event_clear(cedo_event *event)
{
    event->is_set = false;
}

/* Counterpart: Event.is_set(). */
static inline bool cedo_event_is_set(const cedo_event *event)
{
    return event->is_set;
}

/* ------------------------------------------------------------- private */

#if CEDO_HOSTED

extern const cedo_wait_ops cedo_event_ops_;

static inline cedo_op cedo_event_wait(cedo_event *event)
{
    if (event->is_set) return cedo_done(CEDO_OK);
    return cedo_wait_here_(&event->waiters, &cedo_event_ops_, NULL, false);
}

static inline void cedo_event_set(cedo_event *event)
{
    event->is_set = true;
    if (cedo_ring_is_empty(&event->waiters)) return;
    if (CEDO_UNLIKELY_(!cedo_wake_only_(&event->waiters, cedo_loop_here_())))
        cedo_wake_all_(&event->waiters);
}

#endif

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_EVENT_IMPLEMENTED_)
#define CEDO_EVENT_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

CEDO_EXTERN_ON_HOSTS_ const cedo_wait_ops cedo_event_ops_ =
    CEDO_WAIT_OPS("event", CEDO_NO_RETRY, NULL, NULL);

#if !CEDO_HOSTED
cedo_op cedo_event_wait(cedo_event *event)
{
    if (event->is_set) return cedo_done(CEDO_OK);
    return cedo_wait_(&event->waiters, &cedo_event_ops_, NULL);
}

void cedo_event_set(cedo_event *event)
{
    CEDO_NOT_FROM_ISR_();
    event->is_set = true;
    cedo_wake_all_(&event->waiters);
}
#endif

#ifdef __cplusplus
}
#endif
#endif
