/* Handles: calls of functions that a loop will make, soon, later, or at a time, or when what a task
 * waits for has come. The storage is the caller's and must stay until the call was made or cancelled.
 * Counterparts: asyncio.Handle, asyncio.TimerHandle.
 */
#ifndef CEDO_HANDLE_H
#define CEDO_HANDLE_H

#include <cedo/timer.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Private: the flags of a handle. */
enum {
    CEDO_HANDLE_READY_ = 2,
    CEDO_HANDLE_ARMED_ = 4,
    CEDO_HANDLE_CANCELLED_ = 8,
    CEDO_HANDLE_WATCHES_ = 16, /* is in the ring u.arg of a task or a future, or of a file */
    CEDO_HANDLE_POSTED_ =
        32, /* until it is READY, too, in the inbox of the loop u.arg, see isr.h */
    CEDO_HANDLE_BUSY_ =
        CEDO_HANDLE_READY_ | CEDO_HANDLE_ARMED_ | CEDO_HANDLE_WATCHES_ | CEDO_HANDLE_POSTED_
};

/* A function that a loop calls. Runs in the loop, outside of any task; must not block. A negative
 * answer is an error and goes to the loop's exception handler. */
typedef cedo_status cedo_callback(void *arg);

/* All zero: idle. Private fields. */
typedef struct cedo_handle cedo_handle;
struct cedo_handle {
    cedo_entry entry;
    cedo_callback *fn;
    void *arg;
};

#if CEDO_ISR
/* Private: moves all that was posted to where it belongs, and leaves `inbox` in its place. */
void cedo_loop_take_posts_(cedo_loop *loop, cedo_node *inbox);
#endif

#if CEDO_HANDLES

/* Runs fn(arg) in the next turn of the loop, after what is ready already.
 * Answers CEDO_OK; CEDO_EBUSY: the handle is scheduled already, nothing changed; CEDO_ECLOSED.
 * Any context of the loop's thread but an interrupt. O(1). Counterpart: loop.call_soon(). */
cedo_status cedo_call_soon(cedo_loop *loop, cedo_handle *handle, cedo_callback *fn, void *arg);

/* Runs fn(arg) when `delay` has passed, in the next turn at the earliest; a negative delay counts
 * as a deadline in the past. CEDO_FOREVER: never. Errors and context as cedo_call_soon.
 * Counterpart: loop.call_later(). */
cedo_status cedo_call_later(cedo_loop *loop, cedo_handle *handle, cedo_duration delay,
                            cedo_callback *fn, void *arg);

/* Runs fn(arg) when the loop's clock has reached `when`. Counterpart: loop.call_at(). */
cedo_status cedo_call_at(cedo_loop *loop, cedo_handle *handle, cedo_time when, cedo_callback *fn,
                         void *arg);

/* True while the call is still to be made. */
static inline bool cedo_handle_scheduled(const cedo_handle *handle)
{
    return (handle->entry.flags &
            (CEDO_HANDLE_READY_ | CEDO_HANDLE_ARMED_ | CEDO_HANDLE_POSTED_)) != 0;
}

#if CEDO_HOSTED
/* Private: takes a handle out of the ready queue. */
void cedo_handle_unqueue_(cedo_handle *handle);
#endif

/* Private: of a handle that watches nothing. */
static inline void cedo_handle_disarm_(cedo_handle *handle)
{
#if CEDO_HOSTED
    if (handle->entry.flags & CEDO_HANDLE_ARMED_) {
        /* timers are often cancelled in the order in which they were armed: to cancel the next one
         * writes there */
        CEDO_PREFETCH_(handle->entry.node.next->next);
        cedo_list_unlink(&handle->entry.node);
    }
    else if (handle->entry.flags & CEDO_HANDLE_READY_) {
        cedo_handle_unqueue_(handle);
    }
#else
    if (cedo_handle_scheduled(handle)) cedo_list_unlink(&handle->entry.node);
#endif
    handle->entry.flags = CEDO_HANDLE_CANCELLED_;
}

/* Prevents the call, also when it is already in the running batch, and when it is a done callback
 * of a task or a future. Its storage is free afterwards. No effect on a call that was made, but for
 * cedo_handle_cancelled. O(1). Counterpart: Handle.cancel(). */
static inline void cedo_handle_cancel(cedo_handle *handle)
{
    if (handle->entry.flags & CEDO_HANDLE_WATCHES_)
        cedo_ring_unlink((cedo_ring *)handle->entry.u.arg, &handle->entry.node);
#if CEDO_ISR
    if ((handle->entry.flags & (CEDO_HANDLE_POSTED_ | CEDO_HANDLE_READY_)) == CEDO_HANDLE_POSTED_)
        cedo_loop_take_posts_((cedo_loop *)handle->entry.u.arg, NULL);
#endif
    cedo_handle_disarm_(handle);
}

/* Private: calls fn(arg) when what owns `ring` wakes its waiters. Errors as cedo_call_soon. */
cedo_status cedo_handle_watch_(cedo_loop *loop, cedo_ring *ring, cedo_handle *handle,
                               cedo_callback *fn, void *arg);

/* Private: takes that back. False: it is not in `ring`, or not any more. */
bool cedo_handle_unwatch_(cedo_ring *ring, cedo_handle *handle);

/* True once cancelled, until scheduled again. Counterpart: Handle.cancelled(). */
static inline bool cedo_handle_cancelled(const cedo_handle *handle)
{
    return (handle->entry.flags & CEDO_HANDLE_CANCELLED_) != 0;
}

/* The deadline given, or computed, when it was last armed by cedo_call_later or cedo_call_at.
 * Counterpart: TimerHandle.when(). */
static inline cedo_time cedo_handle_when(const cedo_handle *handle)
{
    return handle->entry.u.due;
}

#endif

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && CEDO_HANDLES && !defined(CEDO_HANDLE_IMPLEMENTED_)
#define CEDO_HANDLE_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

/* The loop is not closed. */
static cedo_status cedo_handle_set_(cedo_handle *handle, cedo_callback *fn, void *arg)
{
    CEDO_NOT_FROM_ISR_();
    if (handle->entry.flags & CEDO_HANDLE_BUSY_) return CEDO_EBUSY;
    handle->entry.flags = 0;
    handle->fn = fn;
    handle->arg = arg;
    return CEDO_OK;
}

static void cedo_handle_ready_(cedo_loop *loop, cedo_handle *handle)
{
    handle->entry.flags = CEDO_HANDLE_READY_;
    cedo_loop_push_(loop, &handle->entry.node);
}

CEDO_ALWAYS_INLINE_ static inline cedo_status cedo_call_soon_(cedo_loop *loop, cedo_handle *handle,
                                                              cedo_callback *fn, void *arg)
{
    const cedo_status status = cedo_handle_set_(handle, fn, arg);
    if (status == CEDO_OK) cedo_handle_ready_(loop, handle);
    return status;
}

#if CEDO_DEBUG
/* Apart, so that the usual way saves no registers. */
CEDO_COLD_ static cedo_status cedo_call_soon_slow_(cedo_loop *loop, cedo_handle *handle,
                                                   cedo_callback *fn, void *arg)
{
    if (!cedo_loop_admits_slow_(loop)) return CEDO_ECLOSED;
    return cedo_call_soon_(loop, handle, fn, arg);
}
#endif

cedo_status cedo_call_soon(cedo_loop *loop, cedo_handle *handle, cedo_callback *fn, void *arg)
{
#if CEDO_DEBUG
    if (CEDO_UNLIKELY_(loop->flags & (CEDO_LOOP_CLOSED_ | CEDO_LOOP_DEBUG_)))
        return cedo_call_soon_slow_(loop, handle, fn, arg);
#else
    if (cedo_loop_is_closed_(loop)) return CEDO_ECLOSED;
#endif
    return cedo_call_soon_(loop, handle, fn, arg);
}

cedo_status cedo_handle_watch_(cedo_loop *loop, cedo_ring *ring, cedo_handle *handle,
                               cedo_callback *fn, void *arg)
{
    cedo_status status;
    if (!cedo_loop_admits_(loop)) return CEDO_ECLOSED;
    status = cedo_handle_set_(handle, fn, arg);
    if (status != CEDO_OK) return status;
    handle->entry.flags = CEDO_HANDLE_WATCHES_;
    handle->entry.u.arg = ring;
    cedo_ring_push(ring, &handle->entry.node);
    return CEDO_OK;
}

bool cedo_handle_unwatch_(cedo_ring *ring, cedo_handle *handle)
{
    if (!(handle->entry.flags & CEDO_HANDLE_WATCHES_) || handle->entry.u.arg != ring) return false;
    cedo_ring_unlink(ring, &handle->entry.node);
    handle->entry.flags = 0;
    return true;
}

cedo_status cedo_call_at(cedo_loop *loop, cedo_handle *handle, cedo_time when, cedo_callback *fn,
                         void *arg)
{
    cedo_status status;
    if (!cedo_loop_admits_(loop)) return CEDO_ECLOSED;
    status = cedo_handle_set_(handle, fn, arg);
    if (status != CEDO_OK) return status;
    handle->entry.u.due = when;
    handle->entry.flags = CEDO_HANDLE_ARMED_;
    cedo_timers_add_(&loop->timers, &handle->entry);
    return CEDO_OK;
}

cedo_status cedo_call_later(cedo_loop *loop, cedo_handle *handle, cedo_duration delay,
                            cedo_callback *fn, void *arg)
{
    /* on a clock that wraps there is no time that never comes */
    if (delay == CEDO_FOREVER)
        return cedo_loop_admits_(loop) ? cedo_handle_set_(handle, fn, arg) : CEDO_ECLOSED;
    return cedo_call_at(loop, handle, cedo_time_add(cedo_loop_time(loop), delay), fn, arg);
}

/* The handle may be gone. */
CEDO_COLD_ static void cedo_handle_failed_(cedo_loop *loop, cedo_handle *handle, cedo_status status)
{
    const cedo_exception exception = {CEDO_ADVICE_("callback failed"), status, NULL, handle, NULL};
#if CEDO_STOP
    if (status == CEDO_EEXIT) {
        cedo_loop_end_(loop, CEDO_LOOP_EXIT_);
        return;
    }
#endif
    cedo_loop_call_exception_handler(loop, &exception);
}

#if CEDO_HOSTED
/* Its loop is the one that runs here, or one that does not run and so is at its mark. */
void cedo_handle_unqueue_(cedo_handle *handle)
{
    if (cedo_running_) {
        cedo_loop_unlink_(cedo_running_, &handle->entry.node);
    }
    else {
        cedo_list_unlink(&handle->entry.node);
    }
}
#endif

static inline void cedo_handle_run_(cedo_loop *loop, cedo_handle *handle)
{
    cedo_callback *const fn = handle->fn; /* once it is not BUSY it may be posted again */
    void *const arg = handle->arg;
    cedo_status status;
    CEDO_BARRIER_();
#if CEDO_HOSTED
    cedo_loop_leave_place_(loop, &handle->entry.node);
    /* in this order with what fn reads: who finds it BUSY relies on the call to come */
    if (CEDO_UNLIKELY_(handle->entry.flags & CEDO_HANDLE_POSTED_))
        (void)__atomic_exchange_n(&handle->entry.flags, 0, __ATOMIC_SEQ_CST);
    else
        handle->entry.flags = 0;
    if (CEDO_UNLIKELY_(cedo_current_() != NULL)) cedo_set_current_(NULL); /* a store saved */
#else
    handle->entry.flags = 0;
    cedo_set_current_(NULL);
#endif
    status = fn(arg);
    if (CEDO_UNLIKELY_(status < 0)) cedo_handle_failed_(loop, handle, status);
}

#ifdef __cplusplus
}
#endif
#endif
