/* Tasks: coroutines that run side by side in a loop.
 *
 * A task runs one chain of frames: a coroutine, the one it awaits, and so on. It has storage of
 * yours: a cedo_task beside the frame of its coroutine (cedo_task_of declares both in one). Storage
 * that was never used must be all zero; it must stay until the task is done, and may then be used
 * again.
 *
 * Here is what a task is, how it runs and ends. Starting one is in spawn.h, how it waits and is woken in
 * wake.h; join.h, cancel.h and sleep.h have the rest.
 *
 * Counterpart: asyncio.Task.
 */
#ifndef CEDO_TASK_H
#define CEDO_TASK_H

#include <cedo/loop.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------- the task */

/* What it does when something happens, see wake.h. */
typedef struct cedo_wait_ops cedo_wait_ops;

/* Private fields. 40 bytes on a 32-bit target, 28 at the least; 104 on a 64-bit host. All zero:
 * never used. */
struct cedo_task {
    cedo_entry entry;
    cedo_chain chain;
    const cedo_wait_ops *ops; /* what it waits for; NULL: it runs or is ready to */
    union {
        cedo_ring *ring;     /* where it waits, on a host perhaps tagged, see cedo_ring_of_task_ */
        const char *message; /* of the last cancellation, until the next wait */
    } u;
#if CEDO_JOIN
    cedo_ring watchers; /* tasks that join it, and handles to call when it is done */
#endif
#if CEDO_REGISTRY
#if CEDO_HOSTED
    cedo_task *previous_task;
#endif
    cedo_task *next_task;
#endif
#if CEDO_LOOPS
    cedo_loop *loop;
#endif
#if CEDO_NAMES
    union {
        const char *text;     /* with CEDO_TASK_NAMED_ */
        unsigned long number; /* "Task-<number>" */
    } name;
#endif
#if CEDO_DEBUG && !CEDO_HOSTED
    cedo_time since; /* when it last ran; hosts have a table */
#endif
} CEDO_FRAME_ALIGN_; /* a frame may follow */

#if CEDO_HOSTED
/* Two bits of its address are free, see cedo_here_. */
struct cedo_task_at_ {
    char before;
    cedo_task task;
};
typedef char cedo_task_is_aligned_[offsetof(struct cedo_task_at_, task) >= 4 ? 1 : -1];
#endif

/* The type of a task together with the frame of coroutine `name`: members `task` and `frame`. */
#define cedo_task_of(name) \
    struct { \
        cedo_task task; \
        struct name frame; \
    }

/* True once it has ended, in whatever way. Counterpart: Task.done(). */
static inline bool cedo_task_done(const cedo_task *task)
{
    return (task->entry.flags & CEDO_TASK_DONE_) != 0;
}

/* Private: it was spawned and has not ended. */
static inline bool cedo_task_is_alive_(const cedo_task *task)
{
    return (task->entry.flags & (CEDO_ENTRY_TASK_ | CEDO_TASK_DONE_)) == CEDO_ENTRY_TASK_;
}

/* True once it has ended with CEDO_ECANCELED. Counterpart: Task.cancelled(). */
static inline bool cedo_task_cancelled(const cedo_task *task)
{
    return cedo_task_done(task) && task->entry.status == CEDO_ECANCELED;
}

/* Private: of a task that is done; somebody gets to know its outcome, so that it need not be kept
 * any more. */
static inline void cedo_task_seen_(const cedo_task *task)
{
#if CEDO_DEBUG
    ((cedo_task *)(uintptr_t)task)->entry.flags &= (uint8_t)~CEDO_TASK_KEPT_;
#else
    (void)task;
#endif
}

/* The outcome of a task that is done: CEDO_OK or its error (results lie in its frame); CEDO_ESTATE
 * before. Counterparts: Task.result(), Task.exception(). */
static inline cedo_status cedo_task_result(const cedo_task *task)
{
    if (!cedo_task_done(task)) return CEDO_ESTATE;
    cedo_task_seen_(task);
    return (cedo_status)task->entry.status;
}

/* Says that the owner will look at the outcome of `task` later. Without it, an error of a task that
 * nobody joins at the time it ends is reported at once to the loop's exception handler. */
static inline void cedo_task_keep(cedo_task *task)
{
    task->entry.flags |= CEDO_TASK_KEPT_;
}

/* The task that is running in this thread; NULL in callbacks and outside. Counterpart:
 * asyncio.current_task(). */
static inline cedo_task *cedo_current_task(void)
{
    return cedo_current_();
}

#if CEDO_REGISTRY
/* Iterates over the tasks of a loop that are not done, in no particular order: NULL gives the
 * first, each the next, the last NULL. Not while tasks are started or end. Counterpart:
 * asyncio.all_tasks(). */
cedo_task *cedo_loop_next_task(const cedo_loop *loop, const cedo_task *task);
#endif

#if CEDO_NAMES
/* The name of a task; by default "Task-1" and so on, counted per loop. A default name stands in a
 * buffer of the thread and is valid until the eighth next call. Counterpart: Task.get_name(). */
const char *cedo_task_name(const cedo_task *task);

/* `name` must outlive the task. Counterpart: Task.set_name(). */
void cedo_task_set_name(cedo_task *task, const char *name);
#endif

#if CEDO_TRACE
/* The await stack of a task that is not running now. Counterpart: Task.get_stack(). */
void cedo_task_trace(cedo_task *task, cedo_trace *trace);
#endif

/* ------------------------------------------------------------- private */

#if CEDO_HOSTED
cedo_node *cedo_task_run_slow_(cedo_loop *loop, cedo_task *task);
#endif
void cedo_task_withdraw_(cedo_task *task);
void cedo_task_orphan_(cedo_task *task);

static inline cedo_loop *cedo_task_loop_(const cedo_task *task)
{
#if CEDO_LOOPS
    return task->loop;
#else
    (void)task;
    return cedo_running_;
#endif
}

/* The running task, for operations. Traps outside of one. */
static inline cedo_task *cedo_this_task_(void)
{
    CEDO_CHECK_(cedo_current_() != NULL,
                "this can only be awaited in a task, not in a callback or a generator");
    return cedo_current_();
}

static inline cedo_task *cedo_task_of_node_(cedo_node *node)
{
    return CEDO_CONTAINER_(node, cedo_task, entry.node);
}

#if CEDO_HOSTED
/* The ring that a task stands in, or stood in last, with a tag if it is to take the byte behind it. */
static inline cedo_ring *cedo_tagged_(cedo_ring *ring)
{
    return (cedo_ring *)(void *)((char *)ring + 1);
}

static inline bool cedo_is_tagged_(const cedo_ring *ring)
{
    return ((uintptr_t)ring & 1) != 0;
}
#endif

/* Without it. */
static inline cedo_ring *cedo_ring_of_task_(const cedo_task *task)
{
#if CEDO_HOSTED
    return (cedo_ring *)((uintptr_t)task->u.ring & ~(uintptr_t)1);
#else
    return task->u.ring;
#endif
}

/* The running task is not ready any more. A firmware takes it out before it runs, a host only if
 * it is alone. */
static inline void cedo_leave_ready_(cedo_loop *loop, cedo_task *task)
{
#if CEDO_HOSTED
    if (loop->place == &task->entry.node) cedo_loop_leave_place_(loop, &task->entry.node);
#else
    (void)loop, (void)task;
#endif
}

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_TASK_IMPLEMENTED_)
#define CEDO_TASK_IMPLEMENTED_

#if CEDO_NAMES
#include <stdio.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

static inline void cedo_ready_(cedo_task *task)
{
    cedo_loop_push_(cedo_task_loop_(task), &task->entry.node);
}

/* ------------------------------------------------------------- start */

#if CEDO_REGISTRY
static void cedo_task_register_(cedo_loop *loop, cedo_task *task)
{
    task->next_task = loop->tasks;
#if CEDO_HOSTED
    task->previous_task = NULL;
    if (loop->tasks) loop->tasks->previous_task = task;
#endif
    loop->tasks = task;
}

static void cedo_task_unregister_(cedo_loop *loop, cedo_task *task)
{
#if CEDO_HOSTED
    /* branches are foreseen; the pointers of a ring that is almost empty would be waited for */
    if (task->previous_task) {
        task->previous_task->next_task = task->next_task;
    }
    else {
        loop->tasks = task->next_task;
    }
    if (task->next_task) task->next_task->previous_task = task->previous_task;
#else
    /* one word a task; firmware has few */
    cedo_task **link = &loop->tasks;
    while (*link != task) link = &(*link)->next_task;
    *link = task->next_task;
#endif
}

cedo_task *cedo_loop_next_task(const cedo_loop *loop, const cedo_task *task)
{
    return task ? task->next_task : loop->tasks;
}
#endif

/* ------------------------------------------------------------- end */

#if CEDO_ALLOCATORS
/* The default allocator is called without the detour through its table. */
CEDO_ALWAYS_INLINE_ static inline void cedo_loop_free_(cedo_loop *loop, void *memory)
{
#if CEDO_HOSTED
    if (CEDO_LIKELY_(loop->allocator == &loop->cache.allocator)) {
        cedo_cache_give_(memory);
        return;
    }
#endif
    loop->allocator->free(loop->allocator, memory);
}
#endif

#if !CEDO_HOSTED
static cedo_op cedo_told_(cedo_task *task)
{
    return cedo_done(task->entry.status);
}

/* Of a task whose wait has ended with `status`, and whose turn it is not yet. */
static const cedo_wait_ops cedo_told_ops_ = CEDO_WAIT_OPS("outcome", cedo_told_, NULL, NULL);

static inline void cedo_task_tell_(cedo_task *task, cedo_status status)
{
    task->entry.status = (cedo_status_)status;
    task->ops = &cedo_told_ops_;
}
#endif

/* Ends the waits of all in `watchers` with an outcome; `message` points to that of a cancellation.
 * Inline: a program without futures does not pay for them. */
CEDO_ALWAYS_INLINE_ static inline void cedo_tell_(cedo_loop *loop, cedo_ring *watchers,
                                                  cedo_status status, const char *const *message)
{
    cedo_node *first;
    cedo_node *node;
    if (cedo_ring_is_empty(watchers)) return;
    first = node = cedo_ring_linked_(watchers);
    cedo_ring_init(watchers);
    do {
        cedo_entry *const watcher = CEDO_CONTAINER_(node, cedo_entry, node);
        node = node->next;
        watcher->status = (cedo_status_)status;
#if CEDO_HANDLES
        if (!(watcher->flags & CEDO_ENTRY_TASK_)) {
            watcher->flags = CEDO_HANDLE_READY_;
        }
        else
#endif
        {
            cedo_task *const waiter = cedo_task_of_node_(&watcher->node);
            waiter->ops = NULL;
            if (status == CEDO_ECANCELED) cedo_set_message_(waiter, *message);
                /* success is what a task resumes with anyway */
#if CEDO_HOSTED
            if (status != 0) watcher->flags |= CEDO_TASK_DELIVER_;
#else
            if (status != 0) cedo_task_tell_(waiter, status);
#endif
        }
        cedo_loop_push_(loop, &watcher->node);
    } while (node != first);
}

static void cedo_task_report_(cedo_task *task, cedo_status status, const char *message)
{
    cedo_exception exception = {message, status, task, NULL, NULL};
#if CEDO_TRACE
    cedo_trace trace;
    cedo_trace_taken_(&trace);
    exception.trace = &trace;
#endif
    cedo_loop_call_exception_handler(cedo_task_loop_(task), &exception);
}

/* A task has ended with an error; `expected`: 1, it is kept, 2, it is joined, or 0. Not worth a call
 * if all that happens is a trap. */
#if CEDO_STOP || CEDO_EXCEPTION_HANDLER
#define CEDO_TASK_FAILED_ CEDO_COLD_ static
#else
#define CEDO_TASK_FAILED_ static
#endif

CEDO_TASK_FAILED_ void cedo_task_failed_(cedo_task *task, cedo_status status, uint8_t expected)
{
    if (expected == 2) cedo_task_seen_(task);
#if CEDO_STOP
    if (status == CEDO_EEXIT) {
        cedo_task_seen_(task);
        cedo_loop_end_(cedo_task_loop_(task), CEDO_LOOP_EXIT_);
        return;
    }
#endif
    if (status != CEDO_ECANCELED && !expected) {
        cedo_task_report_(task, status, CEDO_ADVICE_("task failed, and nobody was waiting for it"));
    }
}

#if CEDO_HOSTED
/* The rest of the end of a task that has failed: on its own, so that the usual way has no registers
 * to save. */
CEDO_COLD_ static void cedo_task_end_badly_(cedo_task *task, cedo_status status, uint8_t expected)
{
    if (!expected) expected = (task->entry.flags & CEDO_TASK_KEPT_) != 0;
    cedo_task_failed_(task, status, expected);
#if CEDO_ALLOCATORS
    if (task->entry.flags & CEDO_TASK_HEAP_) cedo_loop_free_(cedo_task_loop_(task), task);
#endif
}
#endif

#if CEDO_HOSTED
/* A task that has left the ready queue is done: what is always to be done then. */
CEDO_ALWAYS_INLINE_ static inline void cedo_task_is_over_(cedo_loop *loop, cedo_task *task,
                                                          cedo_status status)
{
    (void)loop;
    task->entry.flags |= CEDO_TASK_DONE_;
    task->entry.status = (cedo_status_)status;
    task->chain.top = NULL;
#if CEDO_REGISTRY
    cedo_task_unregister_(loop, task);
#endif
}

/* The same, also of one that failed or was cancelled. True: somebody waits for it, who was told. */
CEDO_NOINLINE_ static bool cedo_task_over_(cedo_loop *loop, cedo_task *task, cedo_status *status)
{
    /* a request that met no await: the task was not told, but the one who asked must be */
    if (CEDO_UNLIKELY_(task->entry.flags & CEDO_TASK_CANCEL_)) {
        task->entry.flags &= (uint8_t)~CEDO_TASK_CANCEL_;
        if (*status >= 0) *status = CEDO_ECANCELED;
    }
    cedo_task_is_over_(loop, task, *status);
#if CEDO_JOIN
    if (!cedo_ring_is_empty(&task->watchers)) {
        const char *const message = cedo_message_of_(task);
        cedo_tell_(loop, &task->watchers, *status, &message);
        return true;
    }
#endif
    return false;
}

/* Does it end well, and nobody waits for it, or just one task? */
CEDO_ALWAYS_INLINE_ static inline bool cedo_task_ends_simply_(const cedo_task *task,
                                                              cedo_status status)
{
#if CEDO_JOIN
    if (!cedo_ring_is_empty(&task->watchers) &&
        (!cedo_ring_is_lone_(&task->watchers) ||
         !(cedo_entry_of_(cedo_ring_lone_(&task->watchers))->flags & CEDO_ENTRY_TASK_)))
        return false;
#endif
    return status == CEDO_OK && !(task->entry.flags & CEDO_TASK_CANCEL_);
}

CEDO_ALWAYS_INLINE_ static inline void cedo_task_over_simply_(cedo_loop *loop, cedo_task *task)
{
    cedo_task_is_over_(loop, task, CEDO_OK);
#if CEDO_JOIN
    if (!cedo_ring_is_empty(&task->watchers)) {
        cedo_node *const node = cedo_ring_lone_(&task->watchers);
        cedo_ring_init(&task->watchers);
        cedo_task_of_node_(node)->ops = NULL;
        cedo_loop_push_(loop, node);
    }
#endif
}

CEDO_NOINLINE_ static void cedo_task_end_otherwise_(cedo_task *task, cedo_status status)
{
    cedo_loop *const loop = cedo_task_loop_(task);
    const bool is_expected = cedo_task_over_(loop, task, &status);
    if (CEDO_UNLIKELY_(status < 0)) {
        /* its loop may not be there when someone asks */
        if (status == CEDO_ECANCELED) cedo_set_last_word_(task, cedo_message_of_(task));
        cedo_task_end_badly_(task, status, is_expected ? 2 : 0);
        return;
    }
#if CEDO_ALLOCATORS
    if (task->entry.flags & CEDO_TASK_HEAP_) cedo_loop_free_(loop, task);
#endif
}

static void cedo_task_end_(cedo_task *task, cedo_status status)
{
    cedo_loop *const loop = cedo_task_loop_(task);
    CEDO_CHECK_(task->ops == NULL,
                "an operation was begun but not awaited: put it into cedo_await(...)");
    cedo_leave_ready_(loop, task);
    if (CEDO_UNLIKELY_(!cedo_task_ends_simply_(task, status))) {
        cedo_task_end_otherwise_(task, status);
        return;
    }
    cedo_task_over_simply_(loop, task);
#if CEDO_ALLOCATORS
    if (task->entry.flags & CEDO_TASK_HEAP_) cedo_loop_free_(loop, task);
#endif
}

#else

#if CEDO_JOIN || CEDO_REGISTRY
#define CEDO_TASK_END_ CEDO_NOINLINE_ static /* or the engine has too few registers */
#else
#define CEDO_TASK_END_ static
#endif

CEDO_TASK_END_ void cedo_task_end_(cedo_task *task, cedo_status status)
{
    cedo_loop *const loop = cedo_task_loop_(task);
    const uint8_t flags = task->entry.flags;
    uint8_t expected = (flags & CEDO_TASK_KEPT_) != 0;
    CEDO_CHECK_(task->ops == NULL,
                "an operation was begun but not awaited: put it into cedo_await(...)");
    cedo_leave_ready_(loop, task);
    task->entry.flags = (uint8_t)(flags | CEDO_TASK_DONE_);
    task->entry.status = (cedo_status_)status;
    task->chain.top = NULL;
#if CEDO_REGISTRY
    cedo_task_unregister_(loop, task);
#endif
#if CEDO_JOIN
    if (!cedo_ring_is_empty(&task->watchers)) {
        const char *const message = cedo_message_of_(task);
        expected = 2;
        cedo_tell_(cedo_task_loop_(task), &task->watchers, status, &message);
    }
#endif
    if (CEDO_UNLIKELY_(status < 0)) cedo_task_failed_(task, status, expected);
#if CEDO_ALLOCATORS
    if (task->entry.flags & CEDO_TASK_HEAP_) cedo_loop_free_(loop, task);
#endif
}
#endif

#if CEDO_STOP
#if CEDO_ALLOCATORS
static cedo_op cedo_owner_coro_(cedo_coro *coro, cedo_status status);

/* Gives back the frames of cedo_call_new in a chain that will not run again. */
static void cedo_task_free_frames_(cedo_task *task)
{
    cedo_allocator *const allocator = cedo_task_loop_(task)->allocator;
    for (cedo_coro *coro = task->chain.top, *caller; coro; coro = caller) {
        caller = coro->caller;
        if (coro->body == cedo_owner_coro_) allocator->free(allocator, coro);
    }
}
#endif

/* The loop is closed over a task that is not done. */
void cedo_task_orphan_(cedo_task *task)
{
#if CEDO_TRACE
    cedo_trace_forget_();
#endif
    cedo_task_report_(task, CEDO_ECLOSED,
                      CEDO_ADVICE_("task was not done when its loop was closed"));
    task->entry.flags |= CEDO_TASK_DONE_;
    task->entry.status = (cedo_status_)CEDO_ECLOSED;
#if CEDO_ALLOCATORS
    cedo_task_free_frames_(task);
#endif
    task->chain.top = NULL;
    task->ops = NULL;
#if CEDO_ALLOCATORS
    if (task->entry.flags & CEDO_TASK_HEAP_) {
        cedo_loop_free_(cedo_task_loop_(task), task);
    }
#endif
}
#endif

/* ------------------------------------------------------------- run */

#if CEDO_HOSTED

/* The innermost frame has answered `op`: steps whatever it enters or returns to, until one of them
 * waits. True: it yields. False: it waits or has ended, and has left the ring. */
CEDO_ALWAYS_INLINE_ static inline bool cedo_task_goes_on_(cedo_task *task, cedo_op op)
{
    for (;;) {
        cedo_coro *coro;
        while (!cedo_op_is_done_(op)) {
            if ((uintptr_t)op <= (uintptr_t)CEDO_YIELDING_) return op != CEDO_WAITING;
            coro = (cedo_coro *)(void *)op;
            task->chain.top = coro;
            op = coro->body(coro, 0);
        }
        coro = task->chain.top; /* not what was stepped, see cedo_owner_coro_ */
#if CEDO_SCOPES
        if (CEDO_UNLIKELY_(task->chain.scopes != NULL) && task->chain.scopes->owner == coro &&
            coro->state == CEDO_S_ENDED_) {
            op = cedo_finish_open_(coro);
            continue;
        }
#endif
        coro = coro->caller;
        if (!coro) {
            cedo_task_end_(task, cedo_op_status_(op));
            return false;
        }
        task->chain.top = coro;
        op = coro->body(coro, cedo_op_status_(op));
    }
}

CEDO_NOINLINE_ static bool cedo_task_goes_on_apart_(cedo_task *task, cedo_op op)
{
    return cedo_task_goes_on_(task, op);
}

/* Steps the innermost frame, and on. */
CEDO_ALWAYS_INLINE_ static inline bool cedo_task_go_on_(cedo_task *task, cedo_status status)
{
    cedo_coro *const coro = task->chain.top;
    const cedo_op op = coro->body(coro, status);
    if (CEDO_LIKELY_(op == CEDO_YIELDING_)) return true;
    return cedo_task_goes_on_(task, op);
}

/* The same of one that is not the current one yet. */
CEDO_ALWAYS_INLINE_ static inline bool cedo_task_run_(cedo_task *task, cedo_status status)
{
    cedo_set_current_(task);
    return cedo_task_go_on_(task, status);
}

/* The task, which is the current one, was woken, nothing else has happened to it, and its operation is
 * to be tried again. Done, with the status that it goes on with; CEDO_DUET_BEGINS_: with CEDO_OK, in a
 * duet; or it waits, and may be gone. */
CEDO_ALWAYS_INLINE_ static inline cedo_op cedo_task_retry_(cedo_task *task)
{
    const cedo_wait_ops *const ops = task->ops;
    task->entry.flags &= (uint8_t)~CEDO_TASK_WOKEN_;
    task->ops = NULL;
    if (ops->resume == CEDO_TAKES) {
        *(unsigned char *)(cedo_ring_of_task_(task) + 1) = 1;
        return cedo_done(CEDO_OK);
    }
    return ops->resume(task);
}

/* Something happened to the task since it was suspended. */
cedo_node *cedo_task_run_slow_(cedo_loop *loop, cedo_task *task)
{
    const cedo_wait_ops *const ops = task->ops;
    const uint8_t flags = task->entry.flags;
    cedo_status status;
    if (!(flags &
          (CEDO_TASK_CANCEL_ | CEDO_TASK_DELIVER_))) { /* where a turn has code of its own */
        cedo_op op;
        cedo_set_current_(task);
        op = cedo_task_retry_(task);
        if (op == CEDO_WAITING) return loop->place;
        return cedo_task_go_on_(task, cedo_op_status_(op)) ? task->entry.node.next : loop->place;
    }
    task->entry.flags =
        (uint8_t)(flags & ~(CEDO_TASK_CANCEL_ | CEDO_TASK_WOKEN_ | CEDO_TASK_DELIVER_));
    task->ops = NULL;
    cedo_set_current_(task);
    if (flags & CEDO_TASK_CANCEL_) {
        if (flags & CEDO_TASK_WOKEN_) {
            if (ops->abandon) ops->abandon(task);
            if (task->ops) return loop->place; /* it waits again */
        }
        if (task->chain.top->state == 0) { /* its body is not entered any more */
            task->chain.top->state = CEDO_S_FINISH_;
            task->chain.top->status = CEDO_ECANCELED;
        }
        status = CEDO_ECANCELED;
    }
    else {
        if (ops) return task->entry.node.next; /* a sleep that is due, see cedo_loop_expire_ */
        status = task->entry.status;
    }
    return cedo_task_run_(task, status) ? task->entry.node.next : loop->place;
}

#else

/* Steps the innermost frame, and from there whatever it enters or returns to, until one of them
 * waits. */
static inline void cedo_task_resume_(cedo_loop *loop, cedo_task *task)
{
    cedo_coro *coro = task->chain.top;
    cedo_coro *caller = coro;
    cedo_status status = 0;
    cedo_op op;
    const cedo_wait_ops *const ops = task->ops;
    cedo_set_current_(task);
    if (CEDO_UNLIKELY_(task->entry.flags & CEDO_TASK_CANCEL_)) {
        op = CEDO_RESUMING_;
        goto requested;
    }
    if (ops) {
        task->ops = NULL;
        op = cedo_done(CEDO_OK);
        if (ops->resume) op = ops->resume(task);
        goto resumed; /* the task may be gone */
    }
    for (;;) {
#if CEDO_ALLOCATORS
        caller = coro->caller; /* a frame of cedo_call_new frees itself when it is done */
        op = coro->body(coro, status);
#else
        op = coro->body(coro, status);
        caller = coro->caller;
#endif
        if (CEDO_UNLIKELY_(task->entry.flags & CEDO_TASK_CANCEL_)) {
        requested:
            /* only cedo_task_cancel knows what to do, see there */
            op = loop->meet_request(task, op, caller);
        }
    resumed:
        if (op == CEDO_WAITING) return;
        if (cedo_op_is_done_(op)) {
            status = cedo_op_status_(op);
            coro = caller;
            if (!coro) {
                cedo_task_end_(task, status);
                return;
            }
        }
        else {
            if (op == CEDO_YIELDING_) {
                cedo_list_push(&loop->ready, &task->entry.node);
                return;
            }
            status = 0;
            coro = (cedo_coro *)(void *)op;
        }
        task->chain.top = coro;
    }
}

#endif

/* ------------------------------------------------------------- names, traces */

#if CEDO_NAMES
const char *cedo_task_name(const cedo_task *task)
{
    static CEDO_THREAD_LOCAL char buffers[8][32];
    static CEDO_THREAD_LOCAL unsigned turn;
    char *const buffer = buffers[turn++ % 8];
    if (task->entry.flags & CEDO_TASK_NAMED_) return task->name.text;
    snprintf(buffer, sizeof buffers[0], "Task-%lu", task->name.number);
    return buffer;
}

void cedo_task_set_name(cedo_task *task, const char *name)
{
    task->entry.flags |= CEDO_TASK_NAMED_;
    task->name.text = name;
}
#endif

#if CEDO_TRACE
void cedo_task_trace(cedo_task *task, cedo_trace *trace)
{
    cedo_coro_trace(task->chain.top, trace);
}
#endif

#ifdef __cplusplus
}
#endif
#endif
