/* Sleeping: giving others a turn, or waiting for a time. Counterpart: asyncio.sleep(). */
#ifndef CEDO_SLEEP_H
#define CEDO_SLEEP_H

#include <cedo/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Awaitable: gives all others that are ready a turn. Cancel contract: nothing happened.
 * Counterpart: asyncio.sleep(0). */
static inline CEDO_AWAITABLE cedo_yield_now(void)
{
    return CEDO_YIELDING_;
}
#define cedo_yield_now() CEDO_YIELDING_ /* a constant, see CEDO_STAND_AFTER_ */

/* Awaitable: sleeps for at least `delay`; zero or less is cedo_yield_now, CEDO_FOREVER ends only by
 * cancellation. Cancel contract: the timer is disarmed. Counterpart: asyncio.sleep(). */
CEDO_AWAITABLE cedo_sleep(cedo_duration delay);

/* Awaitable: sleeps until the loop's clock has reached `when`, which may have passed. For a steady
 * period, add to the deadline before. Cancel contract: the timer is disarmed. */
#if CEDO_HOSTED
CEDO_AWAITABLE cedo_sleep_until(cedo_time when);
#else
void cedo_sleep_until_(cedo_time when);
static inline CEDO_AWAITABLE cedo_sleep_until(cedo_time when)
{
    cedo_sleep_until_(when);
    return CEDO_WAITING; /* inline, so that the compiler sees it */
}
#endif

/* Awaitable: cedo_sleep of so many milliseconds. */
#define cedo_sleep_ms(milliseconds) cedo_sleep(CEDO_MS(milliseconds))

#if CEDO_HANDLES
/* Private: of a sleep that is due, for the loop. */
void cedo_task_fire_(cedo_task *task);
#endif
void cedo_task_due_(cedo_task *task);

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_SLEEP_IMPLEMENTED_)
#define CEDO_SLEEP_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

#if CEDO_HOSTED || CEDO_TRACE
static const cedo_wait_ops cedo_sleep_ops_ = CEDO_WAIT_OPS("sleep", NULL, NULL, NULL);
#define CEDO_SLEEP_OPS_ (&cedo_sleep_ops_)
#else
/* Any address but NULL: nobody looks into the ops of a task that is in no ring. */
#define CEDO_SLEEP_OPS_ ((const cedo_wait_ops *)(const void *)cedo_current_())
#endif

#if CEDO_HANDLES
void cedo_task_fire_(cedo_task *task)
{
    task->ops = NULL;
    cedo_ready_(task);
}

#if !CEDO_HOSTED
static cedo_op cedo_due_(cedo_task *task)
{
    (void)task;
    return CEDO_YIELDING_;
}

/* Takes a place in the batch, and resumes in the turn after. */
static const cedo_wait_ops cedo_due_ops_ = CEDO_WAIT_OPS("sleep", cedo_due_, NULL, NULL);
#define CEDO_DUE_OPS_ (&cedo_due_ops_)
#else
#define CEDO_DUE_OPS_ (&cedo_sleep_ops_)
#endif

void cedo_task_due_(cedo_task *task)
{
    task->ops = CEDO_DUE_OPS_;
#if CEDO_HOSTED
    task->entry.flags |= CEDO_TASK_DELIVER_;
#endif
}
#endif

#if CEDO_HOSTED
cedo_op cedo_sleep_until(cedo_time when)
#else
void cedo_sleep_until_(cedo_time when)
#endif
{
    cedo_task *const task = cedo_task_to_suspend_(CEDO_SLEEP_OPS_);
#if CEDO_HOSTED
    const char *const message = cedo_message_of_(task);
#endif
    task->u.ring = NULL;
    task->entry.u.due = when;
    cedo_timers_add_(&cedo_task_loop_(task)->timers, &task->entry);
#if CEDO_HOSTED
    cedo_suspend_(task, message);
    return CEDO_WAITING;
#endif
}

#if CEDO_HOSTED || CEDO_TRACE
static const cedo_wait_ops cedo_forever_ops_ = CEDO_WAIT_OPS("sleep for ever", NULL, NULL, NULL);
#define CEDO_FOREVER_OPS_ (&cedo_forever_ops_)
#else
#define CEDO_FOREVER_OPS_ CEDO_SLEEP_OPS_
#endif

/* Waits nowhere, so that nobody wakes it. */
static cedo_op cedo_sleep_for_ever_(void)
{
    cedo_task *const task = cedo_task_to_suspend_(CEDO_FOREVER_OPS_);
#if CEDO_HOSTED
    const char *const message = cedo_message_of_(task);
#endif
    task->u.ring = NULL;
    cedo_list_init(&task->entry.node);
#if CEDO_HOSTED
    cedo_suspend_(task, message);
#endif
    return CEDO_WAITING;
}

cedo_op cedo_sleep(cedo_duration delay)
{
    if (delay <= 0) return cedo_yield_now();
    if (delay == CEDO_FOREVER) return cedo_sleep_for_ever_();
#if CEDO_HOSTED
    {
        cedo_task *const task = cedo_task_to_suspend_(CEDO_SLEEP_OPS_);
        const char *const message = cedo_message_of_(task);
        task->u.ring = NULL;
        cedo_arm_after_(cedo_task_loop_(task), &task->entry, delay);
        cedo_suspend_(task, message);
        return CEDO_WAITING;
    }
#else
    return cedo_sleep_until(
        cedo_time_add(cedo_loop_time(cedo_task_loop_(cedo_this_task_())), delay));
#endif
}

#ifdef __cplusplus
}
#endif
#endif
