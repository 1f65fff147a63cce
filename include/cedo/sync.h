/* Synchronisation between the tasks of one loop. All zero is the initial state of each object. */
#ifndef CEDO_SYNC_H
#define CEDO_SYNC_H

#include <cedo/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------- event */

/* A flag that tasks wait for. Counterpart: asyncio.Event. */
typedef struct cedo_event cedo_event;
struct cedo_event {
    cedo_ring waiters;
    bool is_set;
};

/* Awaitable: waits until the event is set; at once if it is. A task that was woken goes on even if the event was cleared
 * meanwhile. Cancel contract: nothing happened. Counterpart: Event.wait(). */
CEDO_AWAITABLE cedo_event_wait(cedo_event *event);

/* Sets the event and wakes all who wait, in the order in which they came. Counterpart: Event.set(). */
void cedo_event_set(cedo_event *event);

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

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_SYNC_IMPLEMENTED_)
#define CEDO_SYNC_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

static const cedo_wait_ops cedo_event_ops_ = CEDO_WAIT_OPS("event", NULL, NULL, NULL);

cedo_op cedo_event_wait(cedo_event *event)
{
    if (event->is_set) return cedo_done(CEDO_OK);
    return cedo_wait_(&event->waiters, &cedo_event_ops_, NULL);
}

void cedo_event_set(cedo_event *event)
{
    event->is_set = true;
    while (event->waiters.first) cedo_wake_(cedo_task_of_node_(event->waiters.first));
}

#ifdef __cplusplus
}
#endif
#endif
