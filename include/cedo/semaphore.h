/* Semaphores: a number of permits.
 *
 * What holds for all that synchronises stands in sync.h. Counterparts: asyncio.Semaphore,
 * BoundedSemaphore.
 */
#ifndef CEDO_SEMAPHORE_H
#define CEDO_SEMAPHORE_H

#include <cedo/hold.h>
#include <cedo/tally.h>
#include <cedo/wake.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A number of permits that tasks take and give back; of a bounded one there are never more than at
 * first. All zero: none, and not bounded. Private fields. Counterparts: asyncio.Semaphore,
 * BoundedSemaphore. */
typedef struct cedo_semaphore cedo_semaphore;
struct cedo_semaphore {
    cedo_ring waiters;
    cedo_tally_ value;
    cedo_tally_ granted; /* how many were woken with a permit and have not run yet */
    cedo_tally_ beyond;  /* CEDO_TALLY_MAX_ less the bound */
};

/* Static initialisers. A value that is negative or, on firmware, above 255 does not compile. */
#define CEDO_SEMAPHORE_INIT(value) \
    { \
        {NULL}, CEDO_TALLY_(value), 0, 0 \
    }
#define CEDO_BOUNDED_SEMAPHORE_INIT(value) \
    { \
        {NULL}, CEDO_TALLY_(value), 0, (cedo_tally_)(CEDO_TALLY_MAX_ - CEDO_TALLY_(value)) \
    }

/* The same at run time, not while tasks wait on it. CEDO_EINVAL: as above (ValueError), nothing
 * changed. */
cedo_status cedo_semaphore_init(cedo_semaphore *semaphore, int value);
cedo_status cedo_bounded_semaphore_init(cedo_semaphore *semaphore, int value);

/* Awaitable: takes a permit, waiting until there is one and nobody is before; at once if so. O(1).
 * Cancel contract: none was taken; one that was granted already goes to the next. Counterpart:
 * Semaphore.acquire(). */
CEDO_AWAITABLE cedo_semaphore_acquire(cedo_semaphore *semaphore);

/* Gives a permit back, to the task that waits longest if there is one. CEDO_EINVAL: it would be
 * more than a bounded one has, or than it can count (ValueError); nothing changed. O(1).
 * Counterpart: Semaphore.release(). */
cedo_status cedo_semaphore_release(cedo_semaphore *semaphore);

/* True if cedo_semaphore_acquire would wait. Counterpart: Semaphore.locked(). */
static inline bool cedo_semaphore_locked(const cedo_semaphore *semaphore)
{
    /* tasks are queued while there is a permit only if others were woken before them */
    return semaphore->value == 0 || semaphore->granted != 0;
}

/* ------------------------------------------------------------- blocks */

#if CEDO_SCOPES
/* As cedo_with_lock, with a permit of a semaphore. CEDO_EINVAL: a bounded semaphore has all its
 * permits already. Counterpart: async with semaphore. */
#define cedo_with_semaphore(hold, semaphore) \
    CEDO_WITH_HELD_(cedo_hold_permit_(hold, semaphore), hold, cedo_permit_close_, CEDO_NEXT_)

cedo_op cedo_hold_permit_(cedo_hold *hold, cedo_semaphore *semaphore);
cedo_op cedo_permit_close_(cedo_scope *scope, cedo_status *pending, cedo_status woke);
#endif

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_SEMAPHORE_IMPLEMENTED_)
#define CEDO_SEMAPHORE_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

static cedo_status cedo_semaphore_set_(cedo_semaphore *semaphore, int value, bool is_bounded)
{
    if (!cedo_tally_fits_(value)) return CEDO_EINVAL;
    cedo_ring_init(&semaphore->waiters);
    semaphore->value = (cedo_tally_)value;
    semaphore->granted = 0;
    semaphore->beyond = (cedo_tally_)(is_bounded ? CEDO_TALLY_MAX_ - (unsigned)value : 0);
    return CEDO_OK;
}

cedo_status cedo_semaphore_init(cedo_semaphore *semaphore, int value)
{
    return cedo_semaphore_set_(semaphore, value, false);
}

cedo_status cedo_bounded_semaphore_init(cedo_semaphore *semaphore, int value)
{
    return cedo_semaphore_set_(semaphore, value, true);
}

/* Grants a permit, of which there is one, to who waits longest. False: nobody waits. */
static bool cedo_semaphore_grant_(cedo_semaphore *semaphore)
{
    if (cedo_ring_is_empty(&semaphore->waiters)) return false;
    semaphore->value--;
    semaphore->granted++;
    cedo_wake_first_(&semaphore->waiters);
    return true;
}

/* A task that was granted one has its turn: whoever queued only because of it can go on, too. */
static void cedo_semaphore_settle_(cedo_semaphore *semaphore)
{
    semaphore->granted--;
    while (semaphore->value > 0 && cedo_semaphore_grant_(semaphore)) continue;
}

static cedo_op cedo_semaphore_got_(cedo_task *task)
{
    cedo_semaphore_settle_(CEDO_CONTAINER_(task->u.ring, cedo_semaphore, waiters));
    return cedo_done(CEDO_OK);
}

static void cedo_semaphore_abandon_(cedo_task *task)
{
    cedo_semaphore *const semaphore = CEDO_CONTAINER_(task->u.ring, cedo_semaphore, waiters);
    semaphore->value++;
    cedo_semaphore_settle_(semaphore);
}

static const cedo_wait_ops cedo_semaphore_ops_ =
    CEDO_WAIT_OPS("semaphore", cedo_semaphore_got_, NULL, cedo_semaphore_abandon_);

cedo_op cedo_semaphore_acquire(cedo_semaphore *semaphore)
{
    if (cedo_semaphore_locked(semaphore))
        return cedo_wait_(&semaphore->waiters, &cedo_semaphore_ops_, NULL);
    semaphore->value--;
    return cedo_done(CEDO_OK);
}

cedo_status cedo_semaphore_release(cedo_semaphore *semaphore)
{
    CEDO_NOT_FROM_ISR_();
    if (semaphore->value >= CEDO_TALLY_MAX_ - semaphore->beyond) return CEDO_EINVAL;
    semaphore->value++;
    (void)cedo_semaphore_grant_(semaphore);
    return CEDO_OK;
}

/* ------------------------------------------------------------- blocks */

#if CEDO_SCOPES
cedo_op cedo_hold_permit_(cedo_hold *hold, cedo_semaphore *semaphore)
{
    cedo_hold_begin_(hold, semaphore);
    return cedo_semaphore_acquire(semaphore);
}

cedo_op cedo_permit_close_(cedo_scope *scope, cedo_status *pending, cedo_status woke)
{
    (void)pending, (void)woke;
    return cedo_done(cedo_semaphore_release((cedo_semaphore *)cedo_held_(scope)));
}
#endif

#ifdef __cplusplus
}
#endif
#endif
