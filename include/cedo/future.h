/* Futures: an outcome that is not there yet, and tasks that wait for it.
 *
 * The bridge from code that calls back to code that awaits:
 *
 *     static void on_answer(void *arg, int status)         // called by a foreign library
 *     {
 *         cedo_future_set((cedo_future *)arg, status);
 *     }
 *     ...
 *         foreign_ask(self->question, on_answer, &self->answer);
 *         cedo_await(cedo_future_wait(&self->answer));
 *
 * A future goes once from pending to done: with a result, an error, or cancelled. What the result
 * is lies beside it, for example in a cedo_future_of(type). All zero is pending; nothing is ever
 * allocated, and one that nobody waits for may be forgotten without a word (asyncio would complain
 * about an error that nobody retrieved; here, cedo_future_destroy does).
 *
 * A future belongs to one loop: that of the first task that waits for it, or that in which the
 * first callback was added (cedo_future_init names one before). All functions are for that loop's
 * thread, from tasks, callbacks and, while the loop does not run, from outside; not for interrupts
 * and other threads.
 *
 * Lifetime: whoever may still set the future must be told before its storage goes. A task that is
 * cancelled leaves its frame, and the future in it: undo the request in a finally section.
 *
 * Counterpart: asyncio.Future.
 */
#ifndef CEDO_FUTURE_H
#define CEDO_FUTURE_H

#include <cedo/wake.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Private fields. All zero: pending. 8 bytes on a 32-bit target, 24 on a 64-bit host. Must stay
 * where it is while tasks wait for it or callbacks are registered. */
typedef struct cedo_future cedo_future;
struct cedo_future {
    union {
        cedo_ring watchers;  /* pending: tasks that wait, handles to call */
        const char *message; /* done: of the cancellation, or NULL */
    } u;
#if CEDO_LOOPS
    cedo_loop *loop; /* NULL: nobody has waited yet */
#endif
    cedo_status_ status;
    bool is_done;
#if CEDO_DEBUG
    bool is_seen; /* somebody knows its outcome */
#endif
};

/* The type of a future together with the value that it brings: members `future` and `value`. */
#define cedo_future_of(type) \
    struct { \
        cedo_future future; \
        type value; \
    }

/* Makes it pending, whatever it was: for storage that is not zero, and to use a future again. Not
 * while tasks wait for it. `loop` is the one that it belongs to; NULL: that of whoever waits first.
 * Never needed in tasks for a future that is zero. Counterpart: loop.create_future(). */
static inline void cedo_future_init(cedo_future *future, cedo_loop *loop)
{
    cedo_ring_init(&future->u.watchers);
#if CEDO_LOOPS
    future->loop = loop;
#else
    (void)loop;
#endif
    future->status = 0;
    future->is_done = false;
#if CEDO_DEBUG
    future->is_seen = false;
#endif
}

/* The loop that it belongs to, NULL: none yet. Counterpart: Future.get_loop(). */
static inline cedo_loop *cedo_future_loop(const cedo_future *future)
{
#if CEDO_LOOPS
    return future->loop;
#else
    (void)future;
    return cedo_running_;
#endif
}

/* Ends it with `status`: CEDO_OK (or what is positive) is a result, what is negative an error, down
 * to CEDO_STATUS_MIN; CEDO_ECANCELED is the same as cedo_future_cancel. Store the value before.
 * All who wait, and all callbacks, follow in the next turn, in the order in which they came.
 * CEDO_OK; CEDO_ESTATE: it is done already (cancelled, perhaps, by a waiter who has lost patience),
 * nothing changed; who need not know may ignore it. O(1) and a step for each waiter.
 * Counterparts: Future.set_result(), set_exception(). */
cedo_status cedo_future_set(cedo_future *future, cedo_status status);

/* Stores a value in a cedo_future_of(type) and ends it with success. CEDO_ESTATE: it is done
 * already, the value is kept and the new one not evaluated.
 *     cedo_future_set_value(&self->answer, 42); */
#define cedo_future_set_value(typed, value_) \
    (cedo_future_done(&(typed)->future) \
         ? (cedo_status)CEDO_ESTATE \
         : ((void)((typed)->value = (value_)), cedo_future_set(&(typed)->future, CEDO_OK)))

/* Ends it with CEDO_ECANCELED, which is what the tasks that wait for it get; it is no request to
 * them, and not counted as one. False: it was done already, nothing changed.
 * Counterpart: Future.cancel(). */
bool cedo_future_cancel(cedo_future *future);

/* The same with a message (a string that outlives it), which those who wait find by
 * cedo_task_cancel_message. Counterpart: Future.cancel(msg). */
bool cedo_future_cancel_with(cedo_future *future, const char *message);

/* The message that it was cancelled with, or NULL. */
static inline const char *cedo_future_cancel_message(const cedo_future *future)
{
    return future->is_done ? future->u.message : NULL;
}

/* True once it has a result or an error or is cancelled. Counterpart: Future.done(). */
static inline bool cedo_future_done(const cedo_future *future)
{
    return future->is_done;
}

/* True once it is cancelled. Counterpart: Future.cancelled(). */
static inline bool cedo_future_cancelled(const cedo_future *future)
{
    return future->is_done && future->status == CEDO_ECANCELED;
}

/* Private: somebody gets to know its outcome. */
static inline void cedo_future_seen_(const cedo_future *future)
{
#if CEDO_DEBUG
    ((cedo_future *)(uintptr_t)future)->is_seen = true;
#else
    (void)future;
#endif
}

/* Its outcome: CEDO_OK, its error, CEDO_ECANCELED; CEDO_ESTATE while it is pending.
 * Counterparts: Future.result(), Future.exception(). */
static inline cedo_status cedo_future_result(const cedo_future *future)
{
    if (!future->is_done) return CEDO_ESTATE;
    cedo_future_seen_(future);
    return (cedo_status)future->status;
}

/* Awaitable: waits until it is done and gives its outcome; at once if it is done. Any number of
 * tasks may wait; all get the same. CEDO_EINVAL: it is pending and belongs to another loop.
 * Cancel contract: a cancel of the waiting task cancels the future, with its message, and so all
 * others that wait for it; but not if it is done already: then the await fails all the same, and
 * the outcome stays in the future. Counterpart: await future. */
CEDO_AWAITABLE cedo_future_wait(cedo_future *future);

/* Awaitable: the same, but a cancel of the waiter leaves the future alone.
 * Cancel contract: nothing happened; the future is pending still, and must stay for whoever sets
 * it. Counterpart: await asyncio.shield(future), which wakes its waiter a turn later. */
CEDO_AWAITABLE cedo_future_wait_shielded(cedo_future *future);

#if CEDO_HANDLES
/* Calls fn(arg) in the turn after the one in which the future is done; if it is done already, in
 * the next turn. Never from here, and never from cedo_future_set. Callbacks run in the order of
 * registration, among the tasks that wait. `handle` is the caller's and must stay until it was
 * called; a handle is for one registration at a time.
 * CEDO_OK; CEDO_EBUSY: the handle is in use; CEDO_ECLOSED: the loop is closed. Traps where the
 * future belongs to no loop and none runs. O(1). Counterpart: Future.add_done_callback(). */
cedo_status cedo_future_add_done_callback(cedo_future *future, cedo_handle *handle,
                                          cedo_callback *fn, void *arg);

/* Takes it back: true. False: it was not registered, or the future is done; then the call is still
 * made (cedo_handle_cancel prevents that, too). O(1). Counterpart: Future.remove_done_callback(),
 * which counts equal registrations: here each has its handle. */
bool cedo_future_remove_done_callback(cedo_future *future, cedo_handle *handle);
#endif

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_FUTURE_IMPLEMENTED_)
#define CEDO_FUTURE_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

static cedo_status cedo_future_end_(cedo_future *future, cedo_status status, const char *message)
{
    CEDO_NOT_FROM_ISR_();
    if (future->is_done) return CEDO_ESTATE;
#if CEDO_DEBUG
    if (!cedo_ring_is_empty(&future->u.watchers)) {
        cedo_loop_must_be_here_(cedo_future_loop(future));
        future->is_seen = true;
    }
#endif
    cedo_tell_(cedo_future_loop(future), &future->u.watchers, status, &message);
    future->u.message = message; /* the ring is empty */
    future->status = (cedo_status_)status;
    future->is_done = true;
    return CEDO_OK;
}

cedo_status cedo_future_set(cedo_future *future, cedo_status status)
{
    return cedo_future_end_(future, status, NULL);
}

bool cedo_future_cancel(cedo_future *future)
{
    return cedo_future_cancel_with(future, NULL);
}

bool cedo_future_cancel_with(cedo_future *future, const char *message)
{
    return cedo_future_end_(future, CEDO_ECANCELED, message) == CEDO_OK;
}

static bool cedo_future_wait_cancel_(cedo_task *task, const char *message)
{
    return cedo_future_cancel_with((cedo_future *)task->entry.u.arg, message);
}

static const cedo_wait_ops cedo_future_ops_ =
    CEDO_WAIT_OPS("future", NULL, cedo_future_wait_cancel_, NULL);
static const cedo_wait_ops cedo_future_shielded_ops_ =
    CEDO_WAIT_OPS("shielded future", NULL, NULL, NULL);

static cedo_op cedo_future_wait_with_(cedo_future *future, const cedo_wait_ops *ops)
{
    cedo_task *const self = cedo_this_task_();
    if (future->is_done) {
        /* the message of a request that the task has not met yet must stay */
        if (future->status == CEDO_ECANCELED && !(self->entry.flags & CEDO_TASK_CANCEL_))
            cedo_set_message_(self, future->u.message);
        cedo_future_seen_(future);
        return cedo_done(future->status);
    }
#if CEDO_LOOPS
    if (!future->loop) future->loop = self->loop;
    if (future->loop != self->loop) return cedo_done(CEDO_EINVAL);
#endif
    return cedo_wait_(&future->u.watchers, ops, future);
}

cedo_op cedo_future_wait(cedo_future *future)
{
    return cedo_future_wait_with_(future, &cedo_future_ops_);
}

cedo_op cedo_future_wait_shielded(cedo_future *future)
{
    return cedo_future_wait_with_(future, &cedo_future_shielded_ops_);
}

#if CEDO_HANDLES
cedo_status cedo_future_add_done_callback(cedo_future *future, cedo_handle *handle,
                                          cedo_callback *fn, void *arg)
{
    cedo_loop *loop;
#if CEDO_LOOPS
    if (!future->loop) future->loop = cedo_running_;
#endif
    loop = cedo_future_loop(future);
    CEDO_CHECK_(loop != NULL, "no loop runs here: name one by cedo_future_init");
    if (future->is_done) {
        cedo_future_seen_(future);
        return cedo_call_soon(loop, handle, fn, arg);
    }
    return cedo_handle_watch_(loop, &future->u.watchers, handle, fn, arg);
}

bool cedo_future_remove_done_callback(cedo_future *future, cedo_handle *handle)
{
    return cedo_handle_unwatch_(&future->u.watchers, handle);
}
#endif

#ifdef __cplusplus
}
#endif
#endif
