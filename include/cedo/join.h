/* Joining: waiting until a task ends, and being told. Counterparts: await task, asyncio.shield(),
 * Task.add_done_callback(). */
#ifndef CEDO_JOIN_H
#define CEDO_JOIN_H

#include <cedo/wake.h>

#ifdef __cplusplus
extern "C" {
#endif

#if CEDO_JOIN
/* Awaitable: waits until `task` is done and gives its outcome; at once if it is done. Any number of
 * tasks may join. Fails with CEDO_EDEADLK on oneself and on a task that joins oneself, also through
 * others; CEDO_ESTATE on a task that was never spawned, CEDO_EINVAL on a task of another loop, else
 * with the error of the task. Cancel contract: cancels `task`, and then still waits for its
 * outcome. Counterpart: await task. */
CEDO_AWAITABLE cedo_join(cedo_task *task);

/* Awaitable: the same, but a cancel of the waiter leaves `task` alone. To shield a coroutine, spawn
 * it and await this. Errors as cedo_join; a circle that another shielded join is part of is not
 * seen (a cancel gets out of it). The outcome of `task` passes, its cancellation too; if the waiter
 * was cancelled before, nobody waits for `task` any more: an error of it is reported, unless
 * cedo_task_keep was called. Cancel contract: nothing happened to `task`, which runs on: its
 * storage must not lie in a frame that is left now. Counterpart: await asyncio.shield(task), which
 * wakes its waiter a turn later. */
CEDO_AWAITABLE cedo_join_shielded(cedo_task *task);

#if CEDO_HANDLES
/* Calls fn(arg) in the turn after the one in which `task` ends, in the order of registration (among
 * those who join it, too); of a task that is done, in the next turn. Never from here. `handle` is
 * the caller's and must stay until then; a handle is for one registration at a time. Who registered
 * counts as waiting: an error of the task is not reported. CEDO_OK; CEDO_ESTATE: the task was never
 * spawned; CEDO_EBUSY: the handle is in use; CEDO_ECLOSED. A loop that is closed makes no calls.
 * Any context of the task's loop but an interrupt. O(1). Counterpart: Task.add_done_callback(). */
cedo_status cedo_task_add_done_callback(cedo_task *task, cedo_handle *handle, cedo_callback *fn,
                                        void *arg);

/* Takes it back: true. False: it was not registered, or the task is done; then the call is still
 * made (cedo_handle_cancel prevents that, too). O(1). Counterpart: Task.remove_done_callback(). */
bool cedo_task_remove_done_callback(cedo_task *task, cedo_handle *handle);
#endif
#endif

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_JOIN_IMPLEMENTED_)
#define CEDO_JOIN_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

#if CEDO_JOIN

static cedo_task *cedo_joined_(const cedo_task *task)
{
    return CEDO_CONTAINER_(task->u.ring, cedo_task, watchers);
}

static bool cedo_join_cancel_(cedo_task *task, const char *message)
{
    return cedo_task_cancel_with(cedo_joined_(task), message);
}

static const cedo_wait_ops cedo_join_ops_ = CEDO_WAIT_OPS("join", NULL, cedo_join_cancel_, NULL);

/* Nothing to wait for: why? */
CEDO_COLD_ static cedo_op cedo_join_at_once_(const cedo_task *task)
{
    cedo_task *const self = cedo_this_task_();
    if (task == self) return cedo_done(CEDO_EDEADLK);
    if (cedo_task_done(task)) {
        cedo_task_seen_(task);
        if (cedo_task_cancelled(task)) cedo_set_message_(self, cedo_last_message_(task));
        return cedo_done(task->entry.status);
    }
    if (!(task->entry.flags & CEDO_ENTRY_TASK_)) return cedo_done(CEDO_ESTATE);
    return cedo_done(CEDO_EINVAL);
}

cedo_op cedo_join(cedo_task *task)
{
    cedo_task *const self = cedo_current_();
    if (!self || task == self || !cedo_task_is_alive_(task)
#if CEDO_LOOPS
        || task->loop != self->loop
#endif
    )
        return cedo_join_at_once_(task);
    /* a circle could never end, and a cancel would follow it for ever */
    if (CEDO_UNLIKELY_(task->ops == &cedo_join_ops_)) {
        const cedo_task *next = task;
        do {
            next = cedo_joined_(next);
            if (next == self) return cedo_done(CEDO_EDEADLK);
        } while (next->ops == &cedo_join_ops_);
    }
    return cedo_wait_here_(&task->watchers, &cedo_join_ops_, NULL, false);
}

static const cedo_wait_ops cedo_join_shielded_ops_ =
    CEDO_WAIT_OPS("shielded join", NULL, NULL, NULL);

/* A join that a cancel does not go through, also not one that is on its way already. */
cedo_op cedo_join_shielded(cedo_task *task)
{
    cedo_task *const self = cedo_this_task_();
#if CEDO_HOSTED
    const char *const message = cedo_message_of_(self);
    const uint8_t request = self->entry.flags & CEDO_TASK_CANCEL_;
    cedo_op op;
    self->entry.flags &= (uint8_t)~CEDO_TASK_CANCEL_;
    op = cedo_join(task);
    self->entry.flags |= request;
    if (op != CEDO_WAITING) return op;
    self->ops = &cedo_join_shielded_ops_;
    if (request) cedo_cancel_wait_(self, message);
    return CEDO_WAITING;
#else
    /* a request meets it when the step is over, and then finds these ops */
    const cedo_op op = cedo_join(task);
    if (op == CEDO_WAITING) self->ops = &cedo_join_shielded_ops_;
    return op;
#endif
}

#if CEDO_HANDLES
cedo_status cedo_task_add_done_callback(cedo_task *task, cedo_handle *handle, cedo_callback *fn,
                                        void *arg)
{
    cedo_loop *const loop = cedo_task_loop_(task);
    if (!(task->entry.flags & CEDO_ENTRY_TASK_)) return CEDO_ESTATE;
    if (cedo_task_done(task)) {
        cedo_task_seen_(task);
        return cedo_call_soon(loop, handle, fn, arg);
    }
    return cedo_handle_watch_(loop, &task->watchers, handle, fn, arg);
}

bool cedo_task_remove_done_callback(cedo_task *task, cedo_handle *handle)
{
    return cedo_handle_unwatch_(&task->watchers, handle);
}
#endif

#endif

#ifdef __cplusplus
}
#endif
#endif
