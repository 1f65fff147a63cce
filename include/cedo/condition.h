/* Conditions: waiting, with a lock, for a change of what the lock protects.
 *
 * What holds for all that synchronises stands in sync.h. Counterpart: asyncio.Condition.
 */
#ifndef CEDO_CONDITION_H
#define CEDO_CONDITION_H

#include <cedo/lock.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Waits, with a lock, for a change of what the lock protects. All zero: with a lock of its own;
 * CEDO_CONDITION_INIT(&lock): with that one, which several may share. Private fields. Counterpart:
 * asyncio.Condition. */
typedef struct cedo_condition cedo_condition;
struct cedo_condition {
    cedo_ring waiters;
    cedo_lock *shared; /* NULL: `own` */
    cedo_lock own;
};

#define CEDO_CONDITION_INIT(lock) \
    { \
        {NULL}, (lock), \
        { \
            {NULL}, CEDO_LOCK_FREE_ \
        } \
    }

/* The lock of the condition. */
static inline cedo_lock *cedo_condition_lock(cedo_condition *condition)
{
    return condition->shared ? condition->shared : &condition->own;
}

/* Those of the lock. Counterparts: Condition.acquire(), release(), locked(). */
static inline CEDO_AWAITABLE cedo_condition_acquire(cedo_condition *condition)
{
    return cedo_lock_acquire(cedo_condition_lock(condition));
}

static inline cedo_status cedo_condition_release(cedo_condition *condition)
{
    return cedo_lock_release(cedo_condition_lock(condition));
}

static inline bool cedo_condition_locked(cedo_condition *condition)
{
    return cedo_lock_locked(cedo_condition_lock(condition));
}

/* Awaitable: releases the lock, waits until notified, and takes the lock again, behind those who
 * wait for it already. It may wake without a reason: look at what you wait for, in a loop, or use
 * cedo_condition_wait_for. Fails with CEDO_ESTATE at once if the lock is not held (RuntimeError).
 * Cancel contract: fails only once the lock is held again, however many cancels come meanwhile; a
 * notification goes to another task.
 * Counterpart: Condition.wait(). */
CEDO_AWAITABLE cedo_condition_wait(cedo_condition *condition);

/* A statement, not an awaitable: waits until the expression `predicate` is true. It is evaluated
 * with the lock held: first, and after each wake-up; its value can be kept in a field:
 *     cedo_condition_wait_for(&filled, (self->job = next_job()) != NULL);
 * Errors and cancel contract as cedo_condition_wait; limit it with cedo_with_timeout. Counterpart:
 * Condition.wait_for(). */
#define cedo_condition_wait_for(condition, predicate) \
    do { \
        while (!(predicate)) cedo_await(cedo_condition_wait(condition)); \
    } while (0)

/* Wakes the `count` tasks that wait longest, or as many as there are: each goes on when it has the
 * lock. CEDO_ESTATE: the lock is not held (RuntimeError). O(count). Counterpart:
 * Condition.notify(). */
cedo_status cedo_condition_notify(cedo_condition *condition, unsigned count);

/* Wakes all. Counterpart: Condition.notify_all(). */
cedo_status cedo_condition_notify_all(cedo_condition *condition);

/* ------------------------------------------------------------- blocks */

#if CEDO_SCOPES
/* As cedo_with_lock, with the lock of a condition. Counterpart: async with condition. */
#define cedo_with_condition(hold, condition) cedo_with_lock (hold, cedo_condition_lock(condition))
#endif

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_CONDITION_IMPLEMENTED_)
#define CEDO_CONDITION_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

/* A task waits in the ring of the condition, then perhaps in that of the lock; in both `arg` is the
 * condition. In both it may have been cancelled before, which is told by its ops. */

static void cedo_condition_wake_(cedo_condition *condition, unsigned count)
{
    for (; count && !cedo_ring_is_empty(&condition->waiters); count--)
        cedo_wake_first_(&condition->waiters);
}

/* The lock is held, and the wait fails: another task may need the notification, as in asyncio. */
static cedo_op cedo_condition_fail_(const cedo_task *task)
{
    cedo_condition_wake_((cedo_condition *)task->entry.u.arg, 1);
    return cedo_done(CEDO_ECANCELED);
}

static cedo_op cedo_condition_relock_(const cedo_task *task, const cedo_wait_ops *ops)
{
    cedo_condition *const condition = (cedo_condition *)task->entry.u.arg;
    return cedo_lock_take_(cedo_condition_lock(condition), ops, condition);
}

static cedo_op cedo_condition_notified_(cedo_task *task);
static cedo_op cedo_condition_cancelled_(cedo_task *task);
static cedo_op cedo_condition_locked_cancelled_(cedo_task *task);
static bool cedo_condition_cancel_(cedo_task *task, const char *message);
static void cedo_condition_abandon_(cedo_task *task);
static void cedo_condition_abandon_lock_(cedo_task *task);

static const cedo_wait_ops cedo_condition_ops_ = CEDO_WAIT_OPS(
    "condition", cedo_condition_notified_, cedo_condition_cancel_, cedo_condition_abandon_);
static const cedo_wait_ops cedo_condition_cancelled_ops_ =
    CEDO_WAIT_OPS("condition", cedo_condition_cancelled_, NULL, cedo_condition_abandon_);
static const cedo_wait_ops cedo_condition_lock_ops_ = CEDO_WAIT_OPS(
    "condition's lock", cedo_lock_got_, cedo_condition_cancel_, cedo_condition_abandon_lock_);
static const cedo_wait_ops cedo_condition_lock_cancelled_ops_ =
    CEDO_WAIT_OPS("condition's lock", cedo_condition_locked_cancelled_, cedo_condition_cancel_,
                  cedo_condition_abandon_lock_);

static cedo_op cedo_condition_notified_(cedo_task *task)
{
    return cedo_condition_relock_(task, &cedo_condition_lock_ops_);
}

static cedo_op cedo_condition_cancelled_(cedo_task *task)
{
    const cedo_op op = cedo_condition_relock_(task, &cedo_condition_lock_cancelled_ops_);
    return cedo_op_is_done_(op) ? cedo_condition_fail_(task) : op;
}

static cedo_op cedo_condition_locked_cancelled_(cedo_task *task)
{
    cedo_lock_of_(task)->state = CEDO_LOCK_HELD_;
    return cedo_condition_fail_(task);
}

static bool cedo_condition_cancel_(cedo_task *task, const char *message)
{
    (void)message;
    return cedo_wake_to_fail_(task, &cedo_condition_cancelled_ops_);
}

static void cedo_condition_abandon_(cedo_task *task)
{
    (void)cedo_condition_cancelled_(task);
}

/* As in asyncio, who is cancelled when it was its turn queues again. */
static void cedo_condition_abandon_lock_(cedo_task *task)
{
    cedo_lock_abandon_(task);
    (void)cedo_condition_cancelled_(task);
}

cedo_op cedo_condition_wait(cedo_condition *condition)
{
    const cedo_status status = cedo_condition_release(condition);
    if (status < 0) return cedo_done(status);
    return cedo_wait_(&condition->waiters, &cedo_condition_ops_, condition);
}

cedo_status cedo_condition_notify(cedo_condition *condition, unsigned count)
{
    if (!cedo_condition_locked(condition)) return CEDO_ESTATE;
    cedo_condition_wake_(condition, count);
    return CEDO_OK;
}

cedo_status cedo_condition_notify_all(cedo_condition *condition)
{
    return cedo_condition_notify(condition, UINT_MAX);
}

#ifdef __cplusplus
}
#endif
#endif
