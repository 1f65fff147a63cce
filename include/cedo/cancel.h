/* Cancellation: a request that a task end, which arrives at its await as an error. It may clean up,
 * or go on. Counterparts: Task.cancel(), uncancel(), cancelling(). */
#ifndef CEDO_CANCEL_H
#define CEDO_CANCEL_H

#include <cedo/join.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Requests that `task` be cancelled: the await it is suspended in will fail with CEDO_ECANCELED.
 * False: it is done (or was never spawned), nothing changed. It may catch the error and go on; each
 * request is counted. A task that has not begun never enters its body. A task that is woken already
 * is cancelled all the same, and what it was woken for goes to the next one. O(1), but for chains
 * of joins. Counterpart: Task.cancel(). */
bool cedo_task_cancel(cedo_task *task);

/* The same with a message (a string that outlives it) for those who ask
 * cedo_task_cancel_message. */
bool cedo_task_cancel_with(cedo_task *task, const char *message);

/* The message of the cancellation that `task` met last, its own or that of a task that it joined, or
 * NULL. On a host each loop keeps the last 16 messages. On firmware there is no room for one once the
 * task has waited for something else, nor for that of a request which comes when it was woken already,
 * or waits for a condition or a barrier: then it is NULL. */
const char *cedo_task_cancel_message(const cedo_task *task);

/* Takes one request back; gives the number of those left. At 0 a request that was not delivered yet
 * is void. Counterpart: Task.uncancel(). */
unsigned cedo_task_uncancel(cedo_task *task);

/* The number of cancel requests, less those taken back. Counterpart: Task.cancelling(). */
static inline unsigned cedo_task_cancelling(const cedo_task *task)
{
    return task->entry.cancels;
}

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_CANCEL_IMPLEMENTED_)
#define CEDO_CANCEL_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

static void cedo_task_count_cancel_(cedo_task *task)
{
    const unsigned most = (1u << (8 * sizeof task->entry.cancels)) - 1u;
    if (task->entry.cancels < most) task->entry.cancels++;
}

#if !CEDO_HOSTED

/* On firmware nothing but this header knows of requests: what the engine asks is in the loop, and
 * set by the first one. */

/* of the last request that a running task got */
static const char *cedo_cancel_message_;

/* Is it running, or ready with no operation to try again? */
static bool cedo_task_is_free_(const cedo_task *task)
{
    return !task->ops || task->ops == &cedo_told_ops_;
}

/* Ends the wait of a suspended task early, or leaves it to the operation. */
CEDO_NOINLINE_ static void cedo_cancel_wait_(cedo_task *task, const char *message)
{
    if (task->u.ring) {
        bool (*const hook)(cedo_task *, const char *) = task->ops->cancel;
        if (hook && hook(task, message)) return;
        /* the hook may have done it */
        if (task->u.ring) cedo_ring_unlink(task->u.ring, &task->entry.node);
    }
    else {
        cedo_list_unlink(&task->entry.node); /* it sleeps */
    }
    cedo_task_tell_(task, CEDO_ECANCELED);
    cedo_set_message_(task, message);
    cedo_ready_(task);
}

/* A task with a request has its turn. Answers what it resumes with, or that it still waits. */
static inline cedo_op cedo_cancel_resume_(cedo_task *task)
{
    const cedo_wait_ops *const ops = task->ops;
    task->ops = NULL;
    if (task->chain.top->state == 0) { /* its body is not entered any more */
        task->chain.top->state = CEDO_S_FINISH_;
        task->chain.top->status = CEDO_ECANCELED;
    }
    if (ops && ops->abandon) {
        if (ops->abandon != CEDO_HAND_ON) {
            ops->abandon(task);
        }
        else if (*(const unsigned char *)(task->u.ring + 1)) {
            cedo_wake_first_(task->u.ring);
        }
        if (task->ops) return CEDO_WAITING; /* for something that must come first */
    }
    return cedo_done(CEDO_ECANCELED);
}

/* A task with a request has its turn, or made a step that answered `op`; `coro` is its next frame
 * then. */
static cedo_op cedo_cancel_meet_(cedo_task *task, cedo_op op, const cedo_coro *coro)
{
    task->entry.flags &= (uint8_t)~CEDO_TASK_CANCEL_;
    if (op == CEDO_RESUMING_) return cedo_cancel_resume_(task);
    if (op == CEDO_WAITING) {
        if (task->ops) {
            cedo_cancel_wait_(task, cedo_cancel_message_);
            return op;
        } /* with a timeout that expired at once it may be ready again */
    }
    else if (cedo_op_is_done_(op) && !coro) {
        /* it met no await: the task was not told, but the one who asked must be */
        return cedo_op_status_(op) < 0 ? op : cedo_done(CEDO_ECANCELED);
    }
    task->entry.flags |= CEDO_TASK_CANCEL_;
    return op;
}

#endif

bool cedo_task_cancel(cedo_task *task)
{
    return cedo_task_cancel_with(task, NULL);
}

bool cedo_task_cancel_with(cedo_task *task, const char *message)
{
    CEDO_NOT_FROM_ISR_();
    if (!cedo_task_is_alive_(task)) return false;
    cedo_loop_must_be_here_(cedo_task_loop_(task));
    cedo_task_count_cancel_(task);
#if CEDO_JOIN
    /* down the chain of joins, without recursion: the one at the end is interrupted, the others get
     * its outcome */
    while (task->ops == &cedo_join_ops_) {
        task = cedo_joined_(task);
        cedo_task_count_cancel_(task);
    }
#endif
#if CEDO_HOSTED
    cedo_loop_settle_(cedo_task_loop_(task));
    if (task->ops && !(task->entry.flags & CEDO_TASK_WOKEN_)) {
        cedo_cancel_wait_(task, message);
    }
    else {
        task->entry.flags |= CEDO_TASK_CANCEL_;
        if (task == cedo_current_()) {
            /* it is not to wait by the short way, nor go on alone */
            cedo_set_current_(task);
            cedo_loop_use_ring_(cedo_task_loop_(task));
        }
        cedo_leave_message_(task, message);
    }
#else
    cedo_task_loop_(task)->meet_request = cedo_cancel_meet_;
    if (cedo_task_is_free_(task)) {
        cedo_set_message_(task, message);
        /* it runs: when it waits, its own word is needed */
        if (task->entry.node.prev->next != &task->entry.node) cedo_cancel_message_ = message;
    }
    else if (!task->u.ring || task->entry.status != CEDO_WAS_WOKEN_) {
        cedo_cancel_wait_(task, message);
        return true;
    }
    task->entry.flags |= CEDO_TASK_CANCEL_;
#endif
    return true;
}

const char *cedo_task_cancel_message(const cedo_task *task)
{
#if CEDO_HOSTED
    if (cedo_task_done(task)) return cedo_last_message_(task);
    return task->ops ? NULL : cedo_message_of_(task);
#else
    return cedo_task_is_free_(task) ? cedo_message_of_(task) : NULL;
#endif
}

unsigned cedo_task_uncancel(cedo_task *task)
{
    if (task->entry.cancels) task->entry.cancels--;
    if (!task->entry.cancels && task->entry.flags & CEDO_TASK_CANCEL_) {
        task->entry.flags &= (uint8_t)~CEDO_TASK_CANCEL_;
#if CEDO_HOSTED
        cedo_leave_message_(task, NULL);
#endif
    }
    return task->entry.cancels;
}

#ifdef __cplusplus
}
#endif
#endif
