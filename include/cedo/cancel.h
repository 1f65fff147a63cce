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

/* The message of the cancellation that `task` met last, its own or that of a task that it joined,
 * if it has not waited for something else since, or NULL. */
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

bool cedo_task_cancel(cedo_task *task)
{
    return cedo_task_cancel_with(task, NULL);
}

bool cedo_task_cancel_with(cedo_task *task, const char *message)
{
    CEDO_NOT_FROM_ISR_();
    if ((task->entry.flags & (CEDO_ENTRY_TASK_ | CEDO_TASK_DONE_)) != CEDO_ENTRY_TASK_)
        return false;
    cedo_task_count_cancel_(task);
#if CEDO_JOIN
    /* down the chain of joins, without recursion: the one at the end is interrupted, the others get
     * its outcome */
    while (task->ops == &cedo_join_ops_) {
        task = cedo_joined_(task);
        cedo_task_count_cancel_(task);
    }
#endif
    if (task->ops && !(task->entry.flags & CEDO_TASK_WOKEN_)) {
        cedo_cancel_wait_(task, message);
    }
    else {
        task->entry.flags |= CEDO_TASK_CANCEL_;
        if (!task->ops) task->u.message = message;
    }
    return true;
}

const char *cedo_task_cancel_message(const cedo_task *task)
{
    return task->ops ? NULL : task->u.message;
}

unsigned cedo_task_uncancel(cedo_task *task)
{
    if (task->entry.cancels) task->entry.cancels--;
    if (!task->entry.cancels) task->entry.flags &= (uint8_t)~CEDO_TASK_CANCEL_;
    return task->entry.cancels;
}

#ifdef __cplusplus
}
#endif
#endif
