/* Locks: mutual exclusion over awaits.
 *
 * What holds for all that synchronises stands in sync.h. Counterpart: asyncio.Lock.
 */
#ifndef CEDO_LOCK_H
#define CEDO_LOCK_H

#include <cedo/hold.h>
#include <cedo/wake.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Mutual exclusion over awaits. Not owned: any task, or a callback, may release it. All zero: free.
 * Private fields. Counterpart: asyncio.Lock. */
typedef struct cedo_lock cedo_lock;
struct cedo_lock {
    cedo_ring waiters;
    uint8_t state;
};

enum {
    CEDO_LOCK_FREE_,
    CEDO_LOCK_HELD_,
    CEDO_LOCK_PROMISED_, /* to a task that was woken and has not run yet */
    /* on a host: promised to the task that was woken by the short way, until its turn begins; held by
     * it since */
    CEDO_LOCK_PASSED_
};

/* Awaitable: takes the lock, waiting while another holds it or is about to; at once if it is free.
 * Who holds it and takes it again waits for ever. O(1). Cancel contract: the lock was not taken; if
 * it was promised already, the next one gets it. Counterpart: Lock.acquire(). */
CEDO_HOT_ CEDO_AWAITABLE cedo_lock_acquire(cedo_lock *lock);

/* Frees the lock, or wakes the task that waits longest. CEDO_ESTATE: nobody holds it
 * (RuntimeError). O(1). Counterpart: Lock.release(). */
CEDO_HOT_ cedo_status cedo_lock_release(cedo_lock *lock);

/* True while a task holds it; false also between its release and the turn of who comes next.
 * Counterpart: Lock.locked(). */
static inline bool cedo_lock_locked(const cedo_lock *lock)
{
#if CEDO_HOSTED
    if (lock->state == CEDO_LOCK_PASSED_) {
        if (cedo_running_) cedo_loop_settle_(cedo_running_);
        return lock->state == CEDO_LOCK_PASSED_;
    }
#endif
    return lock->state == CEDO_LOCK_HELD_;
}

/* ------------------------------------------------------------- blocks */

#if CEDO_SCOPES
/* cedo_with_lock (&self->hold, &lock) { ... }
 * Awaits the lock, runs the block, and releases the lock, however the block is left. If the await
 * fails (it was cancelled) the block is not entered. CEDO_ESTATE: the lock was released in the
 * block. Counterpart: async with lock. */
#define cedo_with_lock(hold, lock) \
    CEDO_WITH_HELD_(cedo_hold_lock_(hold, lock), hold, cedo_lock_close_, CEDO_NEXT_)

cedo_op cedo_hold_lock_(cedo_hold *hold, cedo_lock *lock);
cedo_op cedo_lock_close_(cedo_scope *scope, cedo_status *pending, cedo_status woke);
#endif

/* ------------------------------------------------------------- private */

#if CEDO_HOSTED

cedo_status cedo_lock_release_(cedo_lock *lock);

static inline cedo_op cedo_lock_acquire(cedo_lock *lock)
{
    if (lock->state != CEDO_LOCK_FREE_) return cedo_wait_to_take_(&lock->waiters);
    lock->state = CEDO_LOCK_HELD_;
    return cedo_done(CEDO_OK);
}

static inline cedo_status cedo_lock_release(cedo_lock *lock)
{
    if (CEDO_LIKELY_(lock->state != CEDO_LOCK_PROMISED_) &&
        CEDO_LIKELY_(cedo_wake_to_take_(&lock->waiters, cedo_loop_here_()))) {
        lock->state = CEDO_LOCK_PASSED_;
        return CEDO_OK;
    }
    if (lock->state == CEDO_LOCK_HELD_ && cedo_ring_is_empty(&lock->waiters)) {
        lock->state = CEDO_LOCK_FREE_;
        return CEDO_OK;
    }
    return cedo_lock_release_(lock);
}

#endif

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_LOCK_IMPLEMENTED_)
#define CEDO_LOCK_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

static cedo_lock *cedo_lock_of_(const cedo_task *task)
{
    return CEDO_CONTAINER_(cedo_ring_of_task_(task), cedo_lock, waiters);
}

static void cedo_lock_pass_on_(cedo_lock *lock)
{
    lock->state = cedo_ring_is_empty(&lock->waiters) ? CEDO_LOCK_FREE_ : CEDO_LOCK_PROMISED_;
    cedo_wake_first_(&lock->waiters);
}

#if CEDO_HOSTED
#define cedo_lock_got_ CEDO_TAKES
typedef char cedo_lock_is_laid_out_[offsetof(cedo_lock, state) == sizeof(cedo_ring) &&
                                            CEDO_LOCK_HELD_ == 1 && CEDO_LOCK_PROMISED_ == 2
                                        ? 1
                                        : -1];
#else
static cedo_op cedo_lock_got_(cedo_task *task)
{
    cedo_lock_of_(task)->state = CEDO_LOCK_HELD_;
    return cedo_done(CEDO_OK);
}
#endif

static void cedo_lock_abandon_(cedo_task *task)
{
    cedo_lock_pass_on_(cedo_lock_of_(task));
}

CEDO_EXTERN_ON_HOSTS_ const cedo_wait_ops cedo_take_ops_ =
    CEDO_WAIT_OPS("lock", cedo_lock_got_, NULL, cedo_lock_abandon_);

static cedo_op cedo_lock_take_(cedo_lock *lock, const cedo_wait_ops *ops, void *arg)
{
    if (lock->state != CEDO_LOCK_FREE_) return cedo_wait_(&lock->waiters, ops, arg);
    lock->state = CEDO_LOCK_HELD_;
    return cedo_done(CEDO_OK);
}

#if CEDO_HOSTED
#define CEDO_LOCK_RELEASE_ cedo_lock_release_
#else
#define CEDO_LOCK_RELEASE_ cedo_lock_release

cedo_op cedo_lock_acquire(cedo_lock *lock)
{
    return cedo_lock_take_(lock, &cedo_take_ops_, NULL);
}
#endif

cedo_status CEDO_LOCK_RELEASE_(cedo_lock *lock)
{
    CEDO_NOT_FROM_ISR_();
    if (!cedo_lock_locked(lock)) return CEDO_ESTATE;
    cedo_lock_pass_on_(lock);
    return CEDO_OK;
}

/* ------------------------------------------------------------- blocks */

#if CEDO_SCOPES
cedo_op cedo_hold_lock_(cedo_hold *hold, cedo_lock *lock)
{
    cedo_hold_begin_(hold, lock);
    return cedo_lock_acquire(lock);
}

cedo_op cedo_lock_close_(cedo_scope *scope, cedo_status *pending, cedo_status woke)
{
    (void)pending, (void)woke;
    return cedo_done(cedo_lock_release((cedo_lock *)cedo_held_(scope)));
}
#endif

#ifdef __cplusplus
}
#endif
#endif
