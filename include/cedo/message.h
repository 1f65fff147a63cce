/* What cancellations have said, see cedo_task_cancel_with. Private: whoever cancels a task, or passes
 * the cancellation of one on, keeps it here; cancel.h tells it.
 *
 * Counterpart: the argument of asyncio.CancelledError.
 */
#ifndef CEDO_MESSAGE_H
#define CEDO_MESSAGE_H

#include <cedo/config.h>

#ifdef __cplusplus
extern "C" {
#endif

#if CEDO_HOSTED
/* A task has a word for that only until it waits again, so the loop keeps the last ones. */
#define CEDO_MESSAGES_ 16
typedef struct cedo_message_ cedo_message_;
struct cedo_message_ {
    const struct cedo_task *task; /* an address: it may be free already */
    const char *text;
};
#endif

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_MESSAGE_IMPLEMENTED_)
#define CEDO_MESSAGE_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

#if CEDO_HOSTED
/* What the cancellation that a task has met last, or is about to, has said: its number in the loop's
 * table, and one more, stands in the task; 0: nothing. */
#define CEDO_HAD_WORD_ 0x80u

static void cedo_keep_message_(cedo_task *task, const char *message)
{
    cedo_loop *const loop = cedo_task_loop_(task);
    task->entry.message = 0;
    if (!message) return;
    loop->messages[loop->next_message].task = task;
    loop->messages[loop->next_message].text = message;
    task->entry.message = ++loop->next_message;
    loop->next_message %= CEDO_MESSAGES_;
}

CEDO_UNUSED_ static const char *cedo_kept_message_(const cedo_task *task)
{
    const uint8_t number = task->entry.message & (uint8_t)~CEDO_HAD_WORD_;
    const cedo_message_ *kept;
    if (!number) return NULL;
    kept = &cedo_task_loop_(task)->messages[number - 1];
    return kept->task == task ? kept->text : NULL;
}
#else
#define cedo_keep_message_(task, message) ((void)0)
#define cedo_kept_message_(task) NULL
#endif

/* A task that does not wait has a word for it, too. That may still be the ring of an operation that is
 * over, as the loop has no time to clear it. So `arg`, which is not needed then, must vouch for it. */
static inline void cedo_set_last_word_(cedo_task *task, const char *message)
{
#if CEDO_HOSTED
    task->entry.message |= CEDO_HAD_WORD_;
#endif
    task->u.message = message;
    task->entry.u.arg = (void *)~(uintptr_t)message;
}

CEDO_UNUSED_ static const char *cedo_last_word_(const cedo_task *task)
{
#if CEDO_HOSTED
    if (!(task->entry.message & CEDO_HAD_WORD_)) return NULL; /* nothing was ever written there */
#endif
    if ((uintptr_t)task->entry.u.arg != ~(uintptr_t)task->u.message) return NULL;
    return task->u.message;
}

static inline void cedo_set_message_(cedo_task *task, const char *message)
{
    cedo_keep_message_(task, message);
    cedo_set_last_word_(task, message);
}

#if CEDO_HOSTED
/* Of a task that waits, or does not. */
static void cedo_leave_message_(cedo_task *task, const char *message)
{
    if (task->ops)
        cedo_keep_message_(task, message); /* while an operation lasts, the word is its ring */
    else
        cedo_set_message_(task, message);
}
#endif

CEDO_UNUSED_ static const char *cedo_message_of_(const cedo_task *task)
{
    const char *const message = cedo_last_word_(task);
    return message ? message : cedo_kept_message_(task);
}

/* The same of one that is done: its loop may not be there any more, but for a child whose group is
 * open, and which has its word for that. */
CEDO_UNUSED_ static const char *cedo_last_message_(const cedo_task *task)
{
    return task->ops ? cedo_kept_message_(task) : cedo_last_word_(task);
}

#ifdef __cplusplus
}
#endif
#endif
