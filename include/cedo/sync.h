/* Synchronisation between the tasks of one loop: event, lock, condition, semaphore, barrier.
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

#include <cedo/scope.h>
#include <cedo/wake.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Private: how many; on firmware at most 255. */
#if CEDO_HOSTED
typedef uint32_t cedo_tally_;
#else
typedef uint8_t cedo_tally_;
#endif
#define CEDO_TALLY_MAX_ ((cedo_tally_)-1)

/* ------------------------------------------------------------- event */

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

/* ------------------------------------------------------------- lock */

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

/* ------------------------------------------------------------- condition */

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

/* ------------------------------------------------------------- semaphore */

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
#define CEDO_TALLY_(n) \
    ((cedo_tally_)((n) + 0 * sizeof(char[(int64_t)(n) >> 8 * sizeof(cedo_tally_) ? -1 : 1])))

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

/* ------------------------------------------------------------- barrier */

/* A place where `parties` tasks wait for each other, round after round. Needs its number. Private
 * fields. Counterpart: asyncio.Barrier. */
typedef struct cedo_barrier cedo_barrier;
struct cedo_barrier {
    cedo_ring waiters; /* of this round, while it fills; then those of the next */
    cedo_tally_ parties;
    cedo_tally_ count; /* who arrived and has not left */
    uint8_t state;
};

enum {
    CEDO_BARRIER_FILLING_,
    CEDO_BARRIER_DRAINING_,
    CEDO_BARRIER_RESETTING_,
    CEDO_BARRIER_BROKEN_
};

/* A static initialiser. Less than 1 or, on firmware, more than 255 does not compile. */
#define CEDO_BARRIER_INIT(parties) \
    { \
        {NULL}, (cedo_tally_)(CEDO_TALLY_((parties)-1) + 1), 0, CEDO_BARRIER_FILLING_ \
    }

/* The same at run time, not while tasks wait on it. CEDO_EINVAL: as above (ValueError), nothing
 * changed. */
cedo_status cedo_barrier_init(cedo_barrier *barrier, int parties);

/* Awaitable: waits until all parties have come. The last one does not wait, and the others go on in
 * the order of their arrival. Who comes while a round leaves waits for its end and belongs to the
 * next. *index (if not NULL; it must stay until then, so no C local) is the place in the order of
 * arrival, from 0. Fails with CEDO_ECLOSED if the barrier is, or becomes, broken, or is reset
 * (BrokenBarrierError). O(1), for the last O(waiters).
 * Cancel contract: has left the round, in its own turn; the others wait for another one.
 * Counterpart: Barrier.wait(). */
CEDO_AWAITABLE cedo_barrier_wait(cedo_barrier *barrier, unsigned *index);

/* Makes those who wait fail with CEDO_ECLOSED, also who was let go but has not run yet; once they
 * have left a new round begins. Mends a broken barrier. Does not wait. O(waiters). Counterpart:
 * await Barrier.reset(). */
void cedo_barrier_reset(cedo_barrier *barrier);

/* Breaks the barrier: all who wait, or come before it is reset, fail with CEDO_ECLOSED. Does not
 * wait. O(waiters). Counterpart: await Barrier.abort(). */
void cedo_barrier_abort(cedo_barrier *barrier);

/* Counterpart: Barrier.parties. */
static inline unsigned cedo_barrier_parties(const cedo_barrier *barrier)
{
    return barrier->parties;
}

/* How many wait for others; 0 while they leave. Counterpart: Barrier.n_waiting. */
static inline unsigned cedo_barrier_n_waiting(const cedo_barrier *barrier)
{
    return barrier->state == CEDO_BARRIER_FILLING_ ? barrier->count : 0;
}

/* Counterpart: Barrier.broken. */
static inline bool cedo_barrier_broken(const cedo_barrier *barrier)
{
    return barrier->state == CEDO_BARRIER_BROKEN_;
}

/* ------------------------------------------------------------- blocks */

#if CEDO_SCOPES

/* What a block holds, and gives back when it is left. All zero: nothing. Lives in the frame; may be
 * used again once its block was left. Private fields. */
typedef struct cedo_hold cedo_hold;
struct cedo_hold {
    cedo_scope scope;
    void *object;
};

/* cedo_with_lock (&self->hold, &lock) { ... }
 * Awaits the lock, runs the block, and releases the lock, however the block is left. If the await
 * fails (it was cancelled) the block is not entered. CEDO_ESTATE: the lock was released in the
 * block. Counterpart: async with lock. */
#define cedo_with_lock(hold, lock) \
    CEDO_WITH_HELD_(cedo_hold_lock_(hold, lock), hold, cedo_lock_close_, CEDO_NEXT_)

/* The same with the lock of a condition. Counterpart: async with condition. */
#define cedo_with_condition(hold, condition) cedo_with_lock (hold, cedo_condition_lock(condition))

/* The same with a permit of a semaphore. CEDO_EINVAL: a bounded semaphore has all its permits
 * already. Counterpart: async with semaphore. */
#define cedo_with_semaphore(hold, semaphore) \
    CEDO_WITH_HELD_(cedo_hold_permit_(hold, semaphore), hold, cedo_permit_close_, CEDO_NEXT_)

/* Three passes, told by the state: FINISH, which nothing else leaves here, awaits; then the block
 * runs; LEAVE closes. */
#define CEDO_WITH_HELD_(acquire, hold, close, n) \
    for (co_->state = CEDO_S_FINISH_;; \
         co_->state = \
             (cedo_state_)(co_->state == CEDO_S_FINISH_ ? CEDO_STATE_OF_(n) : CEDO_S_LEAVE_)) \
        if (co_->state == CEDO_S_FINISH_) { \
            CEDO_SUSPEND_(acquire, n) \
                : CEDO_FAIL_IF_NEGATIVE_ cedo_scope_open(&(hold)->scope, close); \
            co_->state = CEDO_S_FINISH_; \
        } \
        else if (co_->state == CEDO_S_LEAVE_) { \
            co_->state = CEDO_STATE_OF_(n); \
            st_ = cedo_hold_leave_(hold, close); \
            CEDO_FAIL_IF_NEGATIVE_ \
            break; \
        } \
        else

/* The normal way out of such a block, which does not wait. */
static inline cedo_status cedo_hold_leave_(cedo_hold *hold, cedo_scope_close *close)
{
#if CEDO_HOSTED
    const cedo_op op = close(&hold->scope, NULL, 0);
    cedo_scope_pop_(&hold->scope);
    return cedo_op_status_(op);
#else
    (void)close;
    return cedo_op_status_(cedo_scope_leave_(&hold->scope, 0));
#endif
}

cedo_op cedo_hold_lock_(cedo_hold *hold, cedo_lock *lock);
cedo_op cedo_hold_permit_(cedo_hold *hold, cedo_semaphore *semaphore);
cedo_op cedo_lock_close_(cedo_scope *scope, cedo_status *pending, cedo_status woke);
cedo_op cedo_permit_close_(cedo_scope *scope, cedo_status *pending, cedo_status woke);

#endif

/* ------------------------------------------------------------- private */

#if CEDO_HOSTED

extern const cedo_wait_ops cedo_event_ops_;
void cedo_wake_all_(cedo_ring *ring);
cedo_status cedo_lock_release_(cedo_lock *lock);

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

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_SYNC_IMPLEMENTED_)
#define CEDO_SYNC_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

CEDO_EXTERN_ON_HOSTS_ void cedo_wake_all_(cedo_ring *ring)
{
    while (!cedo_ring_is_empty(ring)) cedo_wake_first_(ring);
}

/* For a `cancel` that leaves something to do in the task's own turn: `ops->resume`, which fails. */
static bool cedo_wake_to_fail_(cedo_task *task, const cedo_wait_ops *ops)
{
    cedo_wake_(task);
    task->ops = ops;
    return true;
}

/* ------------------------------------------------------------- event */

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

/* ------------------------------------------------------------- lock */

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

/* ------------------------------------------------------------- condition */

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

/* ------------------------------------------------------------- semaphore */

static bool cedo_tally_fits_(int n)
{
    return n >= 0 && (unsigned)n <= CEDO_TALLY_MAX_;
}

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

/* ------------------------------------------------------------- barrier */

cedo_status cedo_barrier_init(cedo_barrier *barrier, int parties)
{
    if (parties < 1 || !cedo_tally_fits_(parties)) return CEDO_EINVAL;
    cedo_ring_init(&barrier->waiters);
    barrier->parties = (cedo_tally_)parties;
    barrier->count = 0;
    barrier->state = CEDO_BARRIER_FILLING_;
    return CEDO_OK;
}

/* A task that was counted leaves, in whatever way. */
static void cedo_barrier_leave_(cedo_barrier *barrier)
{
    if (--barrier->count) return;
    if (barrier->state != CEDO_BARRIER_BROKEN_) barrier->state = CEDO_BARRIER_FILLING_;
    cedo_wake_all_(&barrier->waiters);
}

static cedo_barrier *cedo_barrier_of_(const cedo_task *task)
{
    return CEDO_CONTAINER_(task->u.ring, cedo_barrier, waiters);
}

/* Let go, by the last one or by a reset or abort since. */
static cedo_op cedo_barrier_released_(cedo_task *task)
{
    cedo_barrier *const barrier = cedo_barrier_of_(task);
    const cedo_status status = barrier->state == CEDO_BARRIER_DRAINING_ ? CEDO_OK : CEDO_ECLOSED;
    cedo_barrier_leave_(barrier);
    return cedo_done(status);
}

static void cedo_barrier_abandon_(cedo_task *task)
{
    cedo_barrier_leave_(cedo_barrier_of_(task));
}

static cedo_op cedo_barrier_cancelled_(cedo_task *task)
{
    cedo_barrier_abandon_(task);
    return cedo_done(CEDO_ECANCELED);
}

static const cedo_wait_ops cedo_barrier_cancelled_ops_ =
    CEDO_WAIT_OPS("barrier", cedo_barrier_cancelled_, NULL, cedo_barrier_abandon_);

static bool cedo_barrier_cancel_(cedo_task *task, const char *message)
{
    (void)message;
    return cedo_wake_to_fail_(task, &cedo_barrier_cancelled_ops_);
}

static const cedo_wait_ops cedo_barrier_ops_ =
    CEDO_WAIT_OPS("barrier", cedo_barrier_released_, cedo_barrier_cancel_, cedo_barrier_abandon_);

static cedo_op cedo_barrier_again_(cedo_task *task)
{
    return cedo_barrier_wait(cedo_barrier_of_(task), (unsigned *)task->entry.u.arg);
}

/* Of those who wait for the next round: they are not counted yet. */
static const cedo_wait_ops cedo_barrier_next_ops_ =
    CEDO_WAIT_OPS("barrier", cedo_barrier_again_, NULL, NULL);

cedo_op cedo_barrier_wait(cedo_barrier *barrier, unsigned *index)
{
    CEDO_CHECK_(barrier->parties > 0,
                "a barrier needs its number: CEDO_BARRIER_INIT or cedo_barrier_init");
    if (barrier->state == CEDO_BARRIER_BROKEN_) return cedo_done(CEDO_ECLOSED);
    if (barrier->state != CEDO_BARRIER_FILLING_)
        return cedo_wait_(&barrier->waiters, &cedo_barrier_next_ops_, index);
    if (index) *index = barrier->count;
    if (++barrier->count < barrier->parties)
        return cedo_wait_(&barrier->waiters, &cedo_barrier_ops_, index);
    barrier->state = CEDO_BARRIER_DRAINING_;
    cedo_wake_all_(&barrier->waiters);
    cedo_barrier_leave_(barrier);
    return cedo_done(CEDO_OK);
}

void cedo_barrier_reset(cedo_barrier *barrier)
{
    barrier->state = barrier->count ? CEDO_BARRIER_RESETTING_ : CEDO_BARRIER_FILLING_;
    cedo_wake_all_(&barrier->waiters);
}

void cedo_barrier_abort(cedo_barrier *barrier)
{
    barrier->state = CEDO_BARRIER_BROKEN_;
    cedo_wake_all_(&barrier->waiters);
}

/* ------------------------------------------------------------- blocks */

#if CEDO_SCOPES

static void cedo_hold_begin_(cedo_hold *hold, void *object)
{
    CEDO_CHECK_(hold->scope.owner == NULL,
                "this hold is in use: its block was left by break or goto, or it is used twice");
    hold->object = object;
}

static void *cedo_held_(cedo_scope *scope)
{
    return CEDO_CONTAINER_(scope, cedo_hold, scope)->object;
}

cedo_op cedo_hold_lock_(cedo_hold *hold, cedo_lock *lock)
{
    cedo_hold_begin_(hold, lock);
    return cedo_lock_acquire(lock);
}

cedo_op cedo_hold_permit_(cedo_hold *hold, cedo_semaphore *semaphore)
{
    cedo_hold_begin_(hold, semaphore);
    return cedo_semaphore_acquire(semaphore);
}

cedo_op cedo_lock_close_(cedo_scope *scope, cedo_status *pending, cedo_status woke)
{
    (void)pending, (void)woke;
    return cedo_done(cedo_lock_release((cedo_lock *)cedo_held_(scope)));
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
