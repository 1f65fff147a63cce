/* How a task waits for an object and is woken: for operations of your own, too.
 *
 * An object has a ring of those who wait. An operation that must wait suspends the running task in it
 * by cedo_wait_; who changes the object wakes them by cedo_wake_first_ or cedo_wake_; in its turn the
 * task tries again, see cedo_wait_ops. All are for the loop's thread only.
 */
#ifndef CEDO_WAKE_H
#define CEDO_WAKE_H

#include <cedo/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a blocked task does when something happens. Constant, one per kind of operation. All run in
 * the loop. */
struct cedo_wait_ops {
#if CEDO_TRACE
    const char *name; /* the kind of wait, for people: "queue get" */
#endif
    /* The task was woken, and it is its turn: try again. Done, with the outcome; or waiting, after
     * cedo_wait_ again, when another one was faster. CEDO_NO_RETRY, which is NULL: woken means
     * done, with CEDO_OK. CEDO_TAKES (on a host): so it does, and the byte behind the ring is set
     * to 1. */
    cedo_op (*resume)(cedo_task *task);
    /* The task is cancelled while it waits, with `message` or NULL. True: it will be woken in time,
     * nothing more to do. NULL or false: it is taken out of its ring and its await fails with
     * CEDO_ECANCELED. */
    bool (*cancel)(cedo_task *task, const char *message);
    /* The task was woken, and then cancelled before its turn: hand on what it was woken for. NULL:
     * nothing to hand on. Its await then fails with CEDO_ECANCELED, or does not yet, if this calls
     * cedo_wait_ for something that must come first. CEDO_HAND_ON (not on a host): if the byte
     * behind the ring is not 0, the next one in it is woken. */
    void (*abandon)(cedo_task *task);
#if CEDO_TRACE
    size_t offset; /* of the ring in the object that people know */
#endif
};

#define CEDO_NO_RETRY NULL
#if CEDO_HOSTED
/* Told by a number, as a call costs more than all the rest of it. */
#define CEDO_TAKES ((cedo_op(*)(cedo_task *))(uintptr_t)1)
#else
/* Told by a number, so that a program that never cancels does not carry a function for it. */
#define CEDO_HAND_ON ((void (*)(cedo_task *))(uintptr_t)1)
#endif

#if CEDO_TRACE
#define CEDO_WAIT_OPS(name, resume, cancel, abandon) \
    { \
        name, resume, cancel, abandon, 0 \
    }
/* The same for a ring that is not at the beginning of its object, but `at` bytes into it. */
#define CEDO_WAIT_OPS_AT(at, name, resume, cancel, abandon) \
    { \
        name, resume, cancel, abandon, at \
    }
#else
#define CEDO_WAIT_OPS_AT(at, name, resume, cancel, abandon) \
    CEDO_WAIT_OPS(name, resume, cancel, abandon)
#define CEDO_WAIT_OPS(name, resume, cancel, abandon) \
    { \
        resume, cancel, abandon \
    }
#endif

/* Suspends the running task in `ring` of an object until cedo_wake_first_ or such; `arg` is for
 * ops->resume, in task->entry.u.arg. */
cedo_op cedo_wait_(cedo_ring *ring, const cedo_wait_ops *ops, void *arg);

/* Wakes a task that waits in a ring: it will try again in the next turn. */
void cedo_wake_(cedo_task *task);
void cedo_wake_node_(cedo_ring *ring, cedo_node *first); /* the first one */

/* Wakes the task that waits longest, if there is one. */
CEDO_ALWAYS_INLINE_ static inline void cedo_wake_first_(cedo_ring *ring)
{
    if (!cedo_ring_is_empty(ring)) cedo_wake_node_(ring, cedo_ring_first(ring));
}

/* ------------------------------------------------------------- private: the same, inline on hosts */

#if CEDO_HOSTED
/* Of who waits in a ring for the byte behind it: 1 when it is taken, 2 when it is promised. */
extern const cedo_wait_ops cedo_take_ops_;

/* May `pointer` point into a C function that runs now? cedo_wait_ looks closer. Most point into a frame
 * right behind the task, which no such function's variables are: then nothing need be read. */
static inline bool cedo_is_near_stack_(const cedo_task *task, const void *pointer)
{
    return CEDO_UNLIKELY_((uintptr_t)pointer - (uintptr_t)task >= (uintptr_t)1 << 16) &&
           cedo_task_loop_(task)->stack - (uintptr_t)pointer < (uintptr_t)1 << 20;
}

/* Is all as usual, so that the running task can wait by a short way? `task` is where cedo_here_ says
 * that it is, and in what state. */
CEDO_ALWAYS_INLINE_ static inline bool cedo_may_wait_(const cedo_task *task, const void *arg,
                                                      bool has_arg)
{
#if CEDO_CHECKS
    if (CEDO_UNLIKELY_(task->ops != NULL)) return false;
    if (has_arg && CEDO_UNLIKELY_(cedo_is_near_stack_(task, arg))) return false;
#else
    (void)task, (void)arg, (void)has_arg;
#endif
    return true;
}

/* cedo_wait_ within an operation that is called often: all that is not usual is left to it. `has_arg`
 * and `takes` are constant. The way of a task that is alone has no jump in it. */
CEDO_ALWAYS_INLINE_ static inline cedo_op
cedo_wait_somehow_(cedo_ring *ring, const cedo_wait_ops *ops, void *arg, bool has_arg, bool takes)
{
    cedo_task *task = (cedo_task *)cedo_here_;
    if (CEDO_UNLIKELY_(((uintptr_t)task & 3) != CEDO_HERE_ALONE_)) {
        if ((uintptr_t)task & CEDO_HERE_NOT_) return cedo_wait_(ring, ops, arg);
        task = (cedo_task *)((uintptr_t)task - CEDO_HERE_IN_RING_);
        if (!cedo_may_wait_(task, arg, has_arg)) return cedo_wait_(ring, ops, arg);
        cedo_loop_leave_place_(cedo_task_loop_(task), &task->entry.node);
    }
    else if (!cedo_may_wait_(task, arg, has_arg)) {
        return cedo_wait_(ring, ops, arg);
    }
    task->ops = ops;
    task->u.ring = takes ? cedo_tagged_(ring) : ring;
    if (has_arg) task->entry.u.arg = arg;
    cedo_ring_push(ring, &task->entry.node);
    return CEDO_WAITING;
}

CEDO_ALWAYS_INLINE_ static inline cedo_op cedo_wait_here_(cedo_ring *ring, const cedo_wait_ops *ops,
                                                          void *arg, bool has_arg)
{
    return cedo_wait_somehow_(ring, ops, arg, has_arg, false);
}

/* The same of one that takes: `ops` are cedo_take_ops_. */
CEDO_ALWAYS_INLINE_ static inline cedo_op cedo_wait_to_take_(cedo_ring *ring)
{
    return cedo_wait_somehow_(ring, &cedo_take_ops_, NULL, false, true);
}

/* The loop that runs. The compiler shall not find out that it is that of a task just compared with it. */
CEDO_ALWAYS_INLINE_ static inline cedo_loop *cedo_loop_here_(void)
{
    cedo_loop *here = cedo_running_;
#if CEDO_LOOPS
    CEDO_FORGET_VALUE_(here);
#endif
    return here;
}

cedo_op cedo_wake_otherwise_(cedo_ring *ring);
cedo_op cedo_wake_second_(cedo_loop *loop, cedo_node *node);
void cedo_wake_all_(cedo_ring *ring);

/* Wakes the first one at the end of an operation that is called often; its `resume` is not NULL.
 * Answers done, so that what is not usual can be left to others in a tail call. `here` is the loop that
 * runs: as the task nearly always belongs to it, it is called by that name, since what a task that was
 * just found in a ring says of it would be waited for. */
CEDO_ALWAYS_INLINE_ static inline cedo_op cedo_wake_here_(cedo_ring *ring, cedo_loop *here)
{
    cedo_node *const node = cedo_ring_lone_(ring);
    cedo_task *const task = cedo_task_of_node_(node);
    if (CEDO_UNLIKELY_(!cedo_ring_is_lone_(ring) || cedo_task_loop_(task) != here))
        return cedo_wake_otherwise_(ring);
    cedo_ring_init(ring);
    task->entry.flags |= CEDO_TASK_WOKEN_;
    if (CEDO_UNLIKELY_(!cedo_loop_pushes_(here, here->only, node)))
        return cedo_wake_second_(here, node);
    return cedo_done(CEDO_OK);
}

/* The same of one whose `resume` is NULL, if it is the only one in the ring. */
CEDO_ALWAYS_INLINE_ static inline bool cedo_wake_only_(cedo_ring *ring, cedo_loop *here)
{
    cedo_node *const node = cedo_ring_lone_(ring);
    cedo_task *const task = cedo_task_of_node_(node);
    cedo_node *only; /* read early: that is worth 2 % of a switch */
    if (CEDO_UNLIKELY_(!cedo_ring_is_lone_(ring) || cedo_task_loop_(task) != here)) return false;
    only = here->only;
    cedo_ring_init(ring);
    task->ops = NULL;
    if (CEDO_UNLIKELY_(!cedo_loop_pushes_(here, only, node))) cedo_loop_push_into_ring_(here, node);
    return true;
}

/* The same of one that takes, if there is nothing else that is ready. What it is woken for is its own
 * then when its turn comes, without a word written in it; until then only cedo_loop_settle_ can tell. */
CEDO_ALWAYS_INLINE_ static inline bool cedo_wake_to_take_(cedo_ring *ring, cedo_loop *here)
{
    cedo_node *node;
    cedo_task *task;
    if (!cedo_ring_is_lone_(ring)) return false;
    node = cedo_ring_lone_(ring);
    task = cedo_task_of_node_(node);
    if (CEDO_UNLIKELY_(cedo_task_loop_(task) != here) || CEDO_UNLIKELY_(here->only != CEDO_NONE_) ||
        CEDO_UNLIKELY_(task->u.ring != cedo_tagged_(ring)))
        return false;
    cedo_ring_init(ring);
    task->ops = NULL;
    here->only = node;
    return true;
}
#else
#define cedo_wait_here_(ring, ops, arg, has_arg) cedo_wait_(ring, ops, arg)
#endif

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_WAKE_IMPLEMENTED_)
#define CEDO_WAKE_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

#if CEDO_HOSTED
void cedo_loop_settle_(cedo_loop *loop)
{
    cedo_task *task;
    if (loop->only == CEDO_NONE_) return;
    if ((uintptr_t)loop->only & CEDO_DUET_TURN_) {
        loop->duet.end(loop);
        return;
    }
    task = cedo_task_of_node_(loop->only);
    if ((task->entry.flags & (CEDO_LOOP_SPECIAL_ | CEDO_ENTRY_TASK_)) != CEDO_ENTRY_TASK_ ||
        !cedo_is_tagged_(task->u.ring))
        return;
    task->entry.flags |= CEDO_TASK_WOKEN_;
    task->ops = &cedo_take_ops_;
    *(unsigned char *)(cedo_ring_of_task_(task) + 1) = 2;
}

/* Takes a suspended task out of where it waits. */
static void cedo_task_unlink_(cedo_task *task)
{
    cedo_ring *const ring = cedo_ring_of_task_(task);
    if (ring) {
        cedo_ring_unlink(ring, &task->entry.node);
    }
    else {
        /* it sleeps; if it is due it is in the ready queue already, see cedo_loop_expire_ */
        cedo_loop_unlink_(cedo_task_loop_(task), &task->entry.node);
    }
}

/* Ends the wait of a suspended task early, or leaves it to the operation. */
CEDO_NOINLINE_ static void cedo_cancel_wait_(cedo_task *task, const char *message)
{
    bool (*const hook)(cedo_task *, const char *) = task->ops->cancel;
    task->entry.flags &= (uint8_t)~CEDO_TASK_CANCEL_;
    if (!hook || !hook(task, message)) {
        if (!hook || task->u.ring) cedo_task_unlink_(task); /* a hook may have done it */
        task->ops = NULL;
        task->entry.status = (cedo_status_)CEDO_ECANCELED;
        task->entry.flags |= CEDO_TASK_DELIVER_;
        cedo_ready_(task);
    }
    cedo_leave_message_(task, message);
}

/* A task that is about to wait with a request pending: the request, with its message, meets the
 * wait. */
CEDO_ALWAYS_INLINE_ static inline void cedo_suspend_(cedo_task *task, const char *message)
{
    if (CEDO_UNLIKELY_(task->entry.flags & CEDO_TASK_CANCEL_)) cedo_cancel_wait_(task, message);
}
#endif

#if !CEDO_HOSTED
/* In `status` of a task that waits in a ring, or did: whether it was woken. */
#define CEDO_WAS_WOKEN_ 1
#endif

static inline void cedo_task_suspends_(cedo_task *task, const cedo_wait_ops *ops)
{
    CEDO_CHECK_(task->ops == NULL,
                "an operation was begun but not awaited: put it into cedo_await(...)");
    task->ops = ops;
    cedo_leave_ready_(cedo_task_loop_(task), task);
}

static cedo_task *cedo_task_to_suspend_(const cedo_wait_ops *ops)
{
    cedo_task *const task = cedo_this_task_();
    CEDO_NOT_FROM_ISR_();
    cedo_task_suspends_(task, ops);
    return task;
}

#if CEDO_HOSTED && CEDO_CHECKS
/* Does `pointer` point into a C function that will have returned when the task goes on? */
static bool cedo_dangles_(const cedo_task *task, const void *pointer)
{
    const char here = 0;
    return (uintptr_t)pointer > (uintptr_t)&here &&
           (uintptr_t)pointer < cedo_task_loop_(task)->stack;
}
#endif

#if CEDO_HOSTED
/* With a request pending, which meets the wait. At the end of a function, which then has no registers
 * to save for it. */
CEDO_COLD_ static cedo_op cedo_wait_cancelled_(cedo_task *task, cedo_ring *ring, void *arg)
{
    const char *const message = cedo_message_of_(task);
    task->u.ring = ring;
    task->entry.u.arg = arg;
    cedo_ring_push(ring, &task->entry.node);
    cedo_cancel_wait_(task, message);
    return CEDO_WAITING;
}
#endif

/* Suspends `task`, which is the running one. */
static inline cedo_op cedo_wait_in_(cedo_task *task, cedo_ring *ring, void *arg)
{
#if CEDO_HOSTED
    if (CEDO_UNLIKELY_(task->entry.flags & CEDO_TASK_CANCEL_))
        return cedo_wait_cancelled_(task, ring, arg);
#endif
    task->u.ring = ring;
    task->entry.u.arg = arg;
    cedo_ring_push(ring, &task->entry.node);
#if !CEDO_HOSTED
    task->entry.status = 0; /* not woken yet */
#endif
    return CEDO_WAITING;
}

cedo_op cedo_wait_(cedo_ring *ring, const cedo_wait_ops *ops, void *arg)
{
    cedo_task *const task = cedo_task_to_suspend_(ops);
#if CEDO_HOSTED && CEDO_CHECKS
    CEDO_CHECK_(!arg || !cedo_dangles_(task, arg),
                "an operation that waits was given a C local: it is gone when the task goes on; "
                "use a field of the frame");
#endif
    return cedo_wait_in_(task, ring, arg);
}

/* It was taken out of its ring. */
CEDO_ALWAYS_INLINE_ static inline void cedo_woken_(cedo_loop *loop, cedo_task *task)
{
    CEDO_NOT_FROM_ISR_();
#if !CEDO_HOSTED
    task->entry.status = CEDO_WAS_WOKEN_;
#else
    if (task->ops->resume) {
        task->entry.flags |= CEDO_TASK_WOKEN_;
    }
    else {
        task->ops = NULL; /* resumes like one that only yielded */
    }
#endif
    cedo_loop_push_(loop, &task->entry.node);
}

void cedo_wake_(cedo_task *task)
{
    cedo_loop *const loop = cedo_task_loop_(task);
    cedo_loop_must_be_here_(loop);
    cedo_ring_unlink(cedo_ring_of_task_(task), &task->entry.node);
    cedo_woken_(loop, task);
}

#if CEDO_STOP
static bool cedo_task_is_in_ring_(const cedo_task *task)
{
    if (!task->ops || !task->u.ring) return false;
#if CEDO_HOSTED
    return !(task->entry.flags & CEDO_TASK_WOKEN_);
#else
    return task->ops != &cedo_told_ops_ && task->entry.status != CEDO_WAS_WOKEN_;
#endif
}

/* The loop is about to be closed over a task: what it waits for, and who watches it, may outlive
 * it. */
void cedo_task_withdraw_(cedo_task *task)
{
    if (cedo_task_is_in_ring_(task)) cedo_ring_unlink(cedo_ring_of_task_(task), &task->entry.node);
#if CEDO_JOIN
    while (!cedo_ring_is_empty(&task->watchers)) {
        cedo_entry *const watcher =
            CEDO_CONTAINER_(cedo_ring_first(&task->watchers), cedo_entry, node);
        cedo_ring_unlink(&task->watchers, &watcher->node);
        if (watcher->flags & CEDO_ENTRY_TASK_)
            cedo_task_of_node_(&watcher->node)->u.ring = NULL;
        else
            watcher->flags = 0;
    }
#endif
}
#endif

#if CEDO_HOSTED
CEDO_NOINLINE_ cedo_op cedo_wake_otherwise_(cedo_ring *ring)
{
    cedo_wake_first_(ring);
    return cedo_done(CEDO_OK);
}

CEDO_NOINLINE_ cedo_op cedo_wake_second_(cedo_loop *loop, cedo_node *node)
{
    cedo_loop_push_into_ring_(loop, node);
    return cedo_done(CEDO_OK);
}
#endif

void cedo_wake_node_(cedo_ring *ring, cedo_node *node)
{
    cedo_task *const task = cedo_task_of_node_(node);
    cedo_loop *const loop = cedo_task_loop_(task);
    cedo_loop_must_be_here_(loop);
    cedo_ring_pop_(ring, node);
    cedo_woken_(loop, task);
}

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

#ifdef __cplusplus
}
#endif
#endif
