/* Synchronisation between the tasks of one loop: event, lock, condition, semaphore, barrier.
 * Each has a header of its own; this one includes them all, and says what holds for all of them.
 *
 * All zero is the initial state of an event, a lock and a condition; a semaphore and a barrier need
 * a number. Storage is the caller's, and must stay while tasks wait. Nothing is allocated. Waiters
 * are served in the order in which they came, and nobody overtakes one that was woken but has not
 * run yet. All may be called in the loop's thread only, what is awaitable only in a task, the rest
 * in callbacks too; never in an interrupt.
 *
 * Counterparts: asyncio.Event, Lock, Condition, Semaphore, BoundedSemaphore, Barrier.
 */
#ifndef CEDO_SYNC_H
#define CEDO_SYNC_H

#include <cedo/event.h>
#include <cedo/lock.h>
#include <cedo/condition.h>
#include <cedo/semaphore.h>
#include <cedo/barrier.h>

#endif
