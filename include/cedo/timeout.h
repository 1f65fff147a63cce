/* Timeouts: a limit on a block, or on one operation.
 *
 * When the deadline passes, the task is cancelled: the await it is suspended in fails with
 * CEDO_ECANCELED, and when that arrives at the end of the block it becomes CEDO_ETIMEDOUT. A
 * cancellation from elsewhere stays one. Blocks nest.
 *
 * Counterparts: asyncio.timeout(), timeout_at(), wait_for(), Timeout.
 */
#ifndef CEDO_TIMEOUT_H
#define CEDO_TIMEOUT_H

#include <cedo/cancel.h>
#include <cedo/scope.h>

#if CEDO_SCOPES

#ifdef __cplusplus
extern "C" {
#endif

/* All zero: never used. Lives in a frame; may be used again once its block was left. Private
 * fields. */
typedef struct cedo_timeout cedo_timeout;
struct cedo_timeout {
    union {
        cedo_scope scope; /* of a block */
        cedo_coro coro;   /* of cedo_wait_for: a frame between the waiter and what it waits for */
    } as;
    cedo_handle handle;
    cedo_task *task;
    cedo_status_ cancelling; /* of the task, when the block was entered */
    uint8_t phase;
};

/* cedo_with_timeout (&self->limit, CEDO_MS(500)) { ... }
 * Limits the block to `delay`; CEDO_FOREVER: no limit. Zero or less interrupts the first await that
 * suspends. Leaving the block disarms the timer. Fails with CEDO_ETIMEDOUT. Cost: an arm and a
 * cancel of a timer. Counterpart: asyncio.timeout(). */
#define cedo_with_timeout(timeout, delay) \
    cedo_with_(cedo_timeout_open_(timeout, delay), &(timeout)->as.scope)

/* The same with a time of the loop's clock. Counterpart: asyncio.timeout_at(). */
#define cedo_with_timeout_at(timeout, when) \
    cedo_with_(cedo_timeout_open_at_(timeout, when), &(timeout)->as.scope)

/* Awaitable: limits the operation `op` to `delay`. Gives the outcome of `op` if it ends in time, if
 * it ends with success all the same, or if it is done already, whatever the delay; else
 * CEDO_ETIMEDOUT, after `op` was cancelled and has ended. A coroutine whose delay is zero or less
 * is never started. Cancel contract: `op` is cancelled, and its end awaited. `timeout` lives in the
 * frame. Counterpart: asyncio.wait_for(). */
CEDO_AWAITABLE cedo_wait_for(cedo_timeout *timeout, cedo_duration delay, cedo_op op);

/* True once the deadline has passed inside the block, also after it. Counterpart:
 * Timeout.expired(). */
bool cedo_timeout_expired(const cedo_timeout *timeout);

/* True, and *when (if not NULL) the deadline: it is armed. False: no limit, passed, or left.
 * Counterpart: Timeout.when(). */
bool cedo_timeout_when(const cedo_timeout *timeout, cedo_time *when);

/* Moves the deadline. A time that has passed interrupts the next await that suspends. CEDO_ESTATE:
 * the block is not entered, or its deadline has passed. Counterpart: Timeout.reschedule(when). */
cedo_status cedo_timeout_reschedule(cedo_timeout *timeout, cedo_time when);

/* Takes the limit off. CEDO_ESTATE as before. Counterpart: Timeout.reschedule(None). */
cedo_status cedo_timeout_remove(cedo_timeout *timeout);

/* Private. */
void cedo_timeout_open_(cedo_timeout *timeout, cedo_duration delay);
void cedo_timeout_open_at_(cedo_timeout *timeout, cedo_time when);

#ifdef __cplusplus
}
#endif
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && CEDO_SCOPES && !defined(CEDO_TIMEOUT_IMPLEMENTED_)
#define CEDO_TIMEOUT_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CEDO_TIMEOUT_IDLE_,
    CEDO_TIMEOUT_ENTERED_,
    CEDO_TIMEOUT_EXPIRING_,
    CEDO_TIMEOUT_EXPIRED_,
    CEDO_TIMEOUT_EXITED_
};

static cedo_status cedo_timeout_expire_(void *arg)
{
    cedo_timeout *const timeout = (cedo_timeout *)arg;
    timeout->phase = CEDO_TIMEOUT_EXPIRING_;
    cedo_task_cancel(timeout->task);
    return CEDO_OK;
}

/* The handle belongs to the timeout alone, so there is less to check than for cedo_call_later. */
CEDO_INLINE_ON_HOSTS_ void cedo_timeout_arm_after_(cedo_timeout *timeout, cedo_duration delay)
{
    cedo_handle *const handle = &timeout->handle;
    if (delay == CEDO_FOREVER) return;
    handle->fn = cedo_timeout_expire_;
    handle->arg = timeout;
    handle->entry.flags = CEDO_HANDLE_ARMED_;
    cedo_arm_after_here_(cedo_task_loop_(timeout->task), &handle->entry, delay);
}

static void cedo_timeout_arm_(cedo_timeout *timeout, cedo_time when)
{
    cedo_loop *const loop = cedo_task_loop_(timeout->task);
    if (cedo_time_after(when, cedo_loop_time(loop))) {
        (void)cedo_call_at(loop, &timeout->handle, when, cedo_timeout_expire_, timeout);
    }
    else {
        (void)cedo_call_soon(loop, &timeout->handle, cedo_timeout_expire_, timeout);
    }
}

static void cedo_timeout_enter_(cedo_timeout *timeout)
{
    CEDO_CHECK_(!cedo_handle_scheduled(&timeout->handle),
                "this timeout is in use: give each block and operation its own");
    timeout->task = cedo_this_task_();
    timeout->cancelling = (cedo_status_)cedo_task_cancelling(timeout->task);
    timeout->phase = CEDO_TIMEOUT_ENTERED_;
    timeout->handle.entry.flags = 0;
}

/* What `status` becomes when it leaves the block. */
static cedo_status cedo_timeout_leave_(cedo_timeout *timeout, cedo_status status)
{
    cedo_handle_disarm_(&timeout->handle);
    if (timeout->phase == CEDO_TIMEOUT_EXPIRING_) {
        timeout->phase = CEDO_TIMEOUT_EXPIRED_;
        if (cedo_task_uncancel(timeout->task) <= (unsigned)timeout->cancelling &&
            status == CEDO_ECANCELED)
            return CEDO_ETIMEDOUT;
    }
    else {
        timeout->phase = CEDO_TIMEOUT_EXITED_;
    }
    return status;
}

static cedo_op cedo_timeout_close_(cedo_scope *scope, cedo_status *pending, cedo_status woke)
{
    (void)woke;
    *pending = cedo_timeout_leave_(CEDO_CONTAINER_(scope, cedo_timeout, as.scope), *pending);
    return cedo_done(0);
}

static void cedo_timeout_open_scope_(cedo_timeout *timeout)
{
    /* where cedo_wait_for has left its caller, a scope has its owner */
    if (timeout->phase >= CEDO_TIMEOUT_EXPIRED_) timeout->as.scope.owner = NULL;
    cedo_scope_open(&timeout->as.scope, cedo_timeout_close_);
    cedo_timeout_enter_(timeout);
}

void cedo_timeout_open_at_(cedo_timeout *timeout, cedo_time when)
{
    cedo_timeout_open_scope_(timeout);
    cedo_timeout_arm_(timeout, when);
}

void cedo_timeout_open_(cedo_timeout *timeout, cedo_duration delay)
{
    cedo_timeout_open_scope_(timeout);
    if (delay > 0) {
        cedo_timeout_arm_after_(timeout, delay);
    }
    else {
        (void)cedo_call_soon(cedo_task_loop_(timeout->task), &timeout->handle, cedo_timeout_expire_,
                             timeout);
    }
}

bool cedo_timeout_expired(const cedo_timeout *timeout)
{
    return timeout->phase == CEDO_TIMEOUT_EXPIRING_ || timeout->phase == CEDO_TIMEOUT_EXPIRED_;
}

bool cedo_timeout_when(const cedo_timeout *timeout, cedo_time *when)
{
    if (!cedo_handle_scheduled(&timeout->handle)) return false;
    (void)cedo_loop_next_(
        cedo_task_loop_(timeout->task)); /* gives it a deadline if it has none yet */
    if (when) *when = cedo_handle_when(&timeout->handle);
    return true;
}

cedo_status cedo_timeout_remove(cedo_timeout *timeout)
{
    if (timeout->phase != CEDO_TIMEOUT_ENTERED_) return CEDO_ESTATE;
    cedo_handle_disarm_(&timeout->handle);
    return CEDO_OK;
}

cedo_status cedo_timeout_reschedule(cedo_timeout *timeout, cedo_time when)
{
    const cedo_status status = cedo_timeout_remove(timeout);
    if (status == CEDO_OK) cedo_timeout_arm_(timeout, when);
    return status;
}

static cedo_op cedo_wait_for_coro_(cedo_coro *coro, cedo_status status)
{
#if CEDO_TRACE
    if (status == CEDO_DESCRIBE_) {
        cedo_trace_add_(__FILE__, "cedo_wait_for", 0);
        return CEDO_WAITING;
    }
    cedo_trace_through_(coro);
#endif
    status = cedo_timeout_leave_(CEDO_CONTAINER_(coro, cedo_timeout, as.coro), status);
    return cedo_done(status);
}

/* Puts the frame of a timeout around what the running frame waits for. */
static inline void cedo_wait_for_enter_(cedo_timeout *timeout, cedo_coro **caller)
{
    cedo_coro *const coro = &timeout->as.coro;
    coro->body = cedo_wait_for_coro_;
    coro->state = 1;
    coro->status = 0;
    coro->caller = *caller;
    *caller = coro;
}

/* The same around an operation that has begun. In asyncio the timeout is armed first: so of two deadlines
 * at the same time, that of a sleep comes behind it, although it was armed just before. */
CEDO_INLINE_ON_HOSTS_ void cedo_timeout_arm_before_(cedo_timeout *timeout, cedo_duration delay)
{
    cedo_entry *const entry = &timeout->handle.entry;
    cedo_entry *const sleep = &timeout->task->entry;
    cedo_timeout_arm_after_(timeout, delay);
    if (CEDO_UNLIKELY_(entry->node.prev == &sleep->node) && entry->u.due == sleep->u.due) {
        cedo_list_unlink(&entry->node);
        cedo_list_push(&sleep->node, &entry->node);
    }
}

/* What is not just an operation that waits. */
CEDO_APART_ON_HOSTS_ cedo_op cedo_wait_for_slow_(cedo_timeout *timeout, cedo_duration delay,
                                                 cedo_op op)
{
    cedo_coro *const child = (cedo_coro *)(void *)op;
    if (cedo_op_is_done_(op) || delay == CEDO_FOREVER) return op;
    if (op == CEDO_YIELDING_) {
        cedo_task *const task = cedo_this_task_();
        cedo_loop *const loop = cedo_task_loop_(task);
        cedo_leave_ready_(loop, task);
#if CEDO_HOSTED
        /* it was not woken, see cedo_loop_run_alone_ */
        cedo_loop_push_into_ring_(loop, &task->entry.node);
#else
        cedo_loop_push_(loop, &task->entry.node);
#endif
        op = CEDO_WAITING;
    }
    if (op != CEDO_WAITING && delay <= 0) {
        cedo_coro *const self = cedo_current_()->chain.top;
        cedo_coro *between = child->caller;
        child->state = CEDO_S_ENDED_;
        /* frames of the library that are in between (cedo_call_new, cedo_wait_for) let go of what
         * they hold */
        while (between != self) {
            cedo_coro *const next = between->caller;
            (void)between->body(between, CEDO_ECANCELED);
            between = next;
        }
        return cedo_done(CEDO_ETIMEDOUT);
    }
    cedo_timeout_enter_(timeout);
    cedo_wait_for_enter_(timeout, op == CEDO_WAITING ? &timeout->task->chain.top : &child->caller);
    if (delay > 0) {
        cedo_timeout_arm_before_(timeout, delay);
    }
    else {
        (void)cedo_timeout_expire_(timeout);
    }
    return op;
}

cedo_op cedo_wait_for(cedo_timeout *timeout, cedo_duration delay, cedo_op op)
{
#if CEDO_HOSTED
    if (CEDO_LIKELY_(op == CEDO_WAITING && delay > 0 && delay != CEDO_FOREVER)) {
        cedo_timeout_enter_(timeout);
        cedo_wait_for_enter_(timeout, &timeout->task->chain.top);
        cedo_timeout_arm_before_(timeout, delay);
        return CEDO_WAITING;
    }
#endif
    return cedo_wait_for_slow_(timeout, delay, op);
}

#ifdef __cplusplus
}
#endif
#endif
