/* Spawning: starting a coroutine as a task, in storage of yours or from the loop's allocator; and
 * calling one whose frame comes from the allocator. Counterpart: asyncio.create_task(). */
#ifndef CEDO_SPAWN_H
#define CEDO_SPAWN_H

#include <cedo/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Starts coroutine `name` as a task of the running loop, with storage `object` (a
 * cedo_task_of(name) *) and the arguments .field = value. Its first step runs in the next turn, in
 * the order of spawning. CEDO_OK; CEDO_ECLOSED. Traps if the task is not done yet. O(1), no
 * allocation. Counterpart: asyncio.create_task(). */
#define cedo_spawn(...) CEDO_SPAWN_(cedo_running_, NULL, __VA_ARGS__, )

/* The same in a given loop, also from outside of any. */
#define cedo_loop_spawn(loop, ...) CEDO_SPAWN_(loop, NULL, __VA_ARGS__, )

/* The same with a name, a string that must outlive the task. */
#define cedo_spawn_named(name_, ...) CEDO_SPAWN_(cedo_running_, name_, __VA_ARGS__, )
#define cedo_loop_spawn_named(loop, name_, ...) CEDO_SPAWN_(loop, name_, __VA_ARGS__, )

#define CEDO_SPAWN_SET_(loop, title, object, name, ...) \
    (CEDO_SET_(&(object)->frame, name, NULL, __VA_ARGS__), \
     cedo_task_start_(loop, &(object)->task, &(object)->frame.coro, title))

#if CEDO_HOSTED
#define CEDO_SPAWN_(loop, title, object, name, ...) \
    (cedo_task_must_be_idle_(&(object)->task), \
     CEDO_SPAWN_SET_(loop, title, object, name, __VA_ARGS__))
#else
/* Without arguments or a name, and with the frame right behind the task: one call. */
#define CEDO_SPAWN_(loop, title, object, name, ...) \
    (cedo_task_must_be_idle_(&(object)->task), \
     sizeof("" #__VA_ARGS__) == 1 && !(title) && \
             sizeof *(object) == sizeof(cedo_task) + sizeof(object)->frame \
         ? cedo_task_start_plain_(loop, &(object)->task, sizeof *(object), name##_coro) \
         : CEDO_SPAWN_SET_(loop, title, object, name, __VA_ARGS__))
#endif

/* The same with a task and a frame that lie apart: `coro` comes from cedo_make or cedo_prepare. */
#define cedo_spawn_coro(task, coro) cedo_loop_spawn_coro(cedo_running_, task, coro)
#define cedo_loop_spawn_coro(loop, task, coro) \
    (cedo_task_must_be_idle_(task), cedo_task_start_(loop, task, coro, NULL))

#if CEDO_ALLOCATORS
/* Starts a task with storage from the loop's allocator, freed when the task is done. Gives the
 * task, which is valid until it is done (who joins it still gets its outcome), or NULL: no memory,
 * or the loop is closed. Does not compile for a frame that is aligned more than cedo_max_align. */
#define cedo_spawn_new(...) CEDO_SPAWN_NEW_(cedo_running_, __VA_ARGS__, )
#define cedo_loop_spawn_new(loop, ...) CEDO_SPAWN_NEW_(loop, __VA_ARGS__, )
#ifdef __GNUC__
/* in place: a frame that is copied at once after it was written costs more than the rest */
#define CEDO_SPAWN_NEW_(loop, name, ...) \
    __extension__({ \
        cedo_loop *const cedo_loop_ = (loop); \
        cedo_task *const cedo_task_ = \
            (cedo_task *)cedo_task_take_(cedo_loop_, CEDO_SIZE_OF_FRAME_(name)); \
        if (cedo_task_) { \
            *(struct name *)(void *)(cedo_task_ + 1) = \
                (struct name){.coro = CEDO_CORO_(name, NULL), __VA_ARGS__}; \
            cedo_task_start_allocated_(cedo_loop_, cedo_task_); \
        } \
        cedo_task_; \
    })
#else
#define CEDO_SPAWN_NEW_(loop, name, ...) \
    cedo_task_start_copy_(loop, &(struct name){.coro = CEDO_CORO_(name, NULL), __VA_ARGS__}.coro, \
                          CEDO_SIZE_OF_FRAME_(name))
#endif

/* Awaitable: calls coroutine `name` with a frame from the loop's allocator, freed at its end; so a
 * coroutine can call itself. Results go through pointers that you pass. Fails with CEDO_ENOMEM. */
#define cedo_call_new(...) CEDO_CALL_NEW_(__VA_ARGS__, )
#define CEDO_CALL_NEW_(name, ...) \
    cedo_call_new_(co_, &(struct name){.coro = CEDO_CORO_(name, NULL), __VA_ARGS__}.coro, \
                   CEDO_SIZE_OF_FRAME_(name))
#endif

/* ------------------------------------------------------------- private */

cedo_status cedo_task_start_(cedo_loop *loop, cedo_task *task, cedo_coro *coro, const char *name);
#if !CEDO_HOSTED
cedo_status cedo_task_start_plain_(cedo_loop *loop, cedo_task *task, size_t size, cedo_body_ *body);
#endif
void *cedo_task_alloc_(cedo_loop *loop, size_t size);
void cedo_task_start_allocated_(cedo_loop *loop, cedo_task *task);
cedo_op cedo_call_new_(cedo_coro *caller, const cedo_coro *frame, size_t size);

#if CEDO_ALLOCATORS
/* The same where `size` is constant: what was freed is found without a call. */
CEDO_ALWAYS_INLINE_ static inline void *cedo_task_take_(cedo_loop *loop, size_t size)
{
#if CEDO_HOSTED
    if (CEDO_LIKELY_(loop && loop->allocator == &loop->cache.allocator)) {
        void *const block = cedo_cache_find_(&loop->cache, sizeof(cedo_task) + size);
        if (CEDO_LIKELY_(block != NULL)) return block;
    }
#endif
    return cedo_task_alloc_(loop, size);
}
#endif

static inline void cedo_task_must_not_run_(const cedo_task *task)
{
    CEDO_CHECK_(!cedo_task_is_alive_(task),
                "this task was spawned already and is not done: give each task its own storage, or "
                "join it first");
    (void)task;
}

static inline void cedo_task_must_be_idle_(const cedo_task *task)
{
    cedo_task_must_not_run_(task);
#if CEDO_HOSTED
    CEDO_CHECK_(!(task->entry.flags & CEDO_TASK_DONE_) || task->ops == NULL,
                "this task is a child of a group that is open still: spawn it into that group, or "
                "join the group first");
#endif
    (void)task;
}

#if CEDO_ALLOCATORS
static inline void cedo_copy_(void *to, const void *from, size_t size)
{
#if CEDO_HOSTED
    __builtin_memcpy(to, from, size);
#else
    unsigned char *t = (unsigned char *)to;
    const unsigned char *f = (const unsigned char *)from;
    while (size--) *t++ = *f++;
#endif
}

/* A block holds a task, then its frame. */
static inline cedo_task *cedo_task_start_copy_(cedo_loop *loop, const cedo_coro *frame, size_t size)
{
    cedo_task *const task = (cedo_task *)cedo_task_alloc_(loop, size);
    if (!task) return NULL;
    cedo_copy_(task + 1, frame, size);
    cedo_task_start_allocated_(loop, task);
    return task;
}
#endif

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_SPAWN_IMPLEMENTED_)
#define CEDO_SPAWN_IMPLEMENTED_

#if CEDO_HOSTED
#include <string.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What is not zero in a task, and into the queue. */
static inline void cedo_task_enqueue_(cedo_loop *loop, cedo_task *task, cedo_coro *coro,
                                      const char *name, uint8_t flags)
{
    task->chain.top = coro;
#if CEDO_HOSTED
    (void)flags; /* see cedo_task_begin_ */
#else
    task->entry.flags = flags;
#endif
#if CEDO_LOOPS
    task->loop = loop;
#endif
#if CEDO_NAMES
    if (CEDO_UNLIKELY_(name != NULL)) {
        task->entry.flags |= CEDO_TASK_NAMED_;
        task->name.text = name;
    }
    else {
        task->name.number = ++loop->names;
    }
#else
    (void)name;
#endif
#if CEDO_REGISTRY
    cedo_task_register_(loop, task);
#endif
    cedo_loop_push_(loop, &task->entry.node);
}

#if CEDO_SPAWN_HOOK
#if CEDO_SCOPES
cedo_scope *cedo_values_(const cedo_loop *loop);
#endif

/* What a loop does beyond queueing it, with a task that was spawned. */
CEDO_NOINLINE_ static void cedo_task_spawned_(cedo_loop *loop, cedo_task *task)
{
#if CEDO_SCOPES
    if (!cedo_current_() || cedo_task_loop_(cedo_current_()) == loop)
        task->chain.scopes = cedo_values_(loop);
#endif
    if (loop->spawn_hook) loop->spawn_hook(loop, task, loop->spawn_arg);
}
#endif

#if CEDO_HOSTED
/* Of a task: scopes, ops, u and watchers, which are zero at first. */
enum {
    CEDO_TASK_ZERO_ = offsetof(cedo_task, chain) + sizeof(cedo_coro *),
    CEDO_TASK_ZERO_END_ = offsetof(cedo_task, u) + sizeof(void *) + CEDO_JOIN * sizeof(cedo_ring)
};
#if CEDO_JOIN
typedef char cedo_task_is_zero_there_
    [offsetof(cedo_task, watchers) + sizeof(cedo_ring) == CEDO_TASK_ZERO_END_ ? 1 : -1];
#endif
#endif

static inline void cedo_task_begin_(cedo_loop *loop, cedo_task *task, cedo_coro *coro,
                                    const char *name, uint8_t flags)
{
    task->entry.status = 0;
#if CEDO_HOSTED
    task->entry.flags = flags; /* here: all four are one store */
    task->entry.message = 0;
#endif
    task->entry.cancels = 0;
#if CEDO_HOSTED
    memset((char *)task + CEDO_TASK_ZERO_, 0,
           CEDO_TASK_ZERO_END_ - CEDO_TASK_ZERO_); /* two stores */
#else
#if CEDO_SCOPES
    task->chain.scopes = NULL;
#endif
    task->ops = NULL;
    task->u.message = NULL;
#if CEDO_JOIN
    cedo_ring_init(&task->watchers);
#endif
#endif
    cedo_task_enqueue_(loop, task, coro, name, flags);
}

#if !CEDO_HOSTED
/* The frame lies behind the task; `size` is that of both. */
cedo_status cedo_task_start_plain_(cedo_loop *loop, cedo_task *task, size_t size, cedo_body_ *body)
{
    cedo_coro *const coro = (cedo_coro *)(void *)(task + 1);
    CEDO_NOT_FROM_ISR_();
    CEDO_CHECK_(loop != NULL,
                "no loop runs here: use cedo_loop_spawn outside of tasks and callbacks");
    CEDO_CHECK_(!cedo_coro_is_busy_(coro), "this frame runs already: make it anew for each task");
    if (!cedo_loop_admits_task_(loop, task)) return CEDO_ECLOSED;
    cedo_zero_(task, size); /* it may have been used before */
    coro->body = body;
    cedo_task_enqueue_(loop, task, coro, NULL, CEDO_ENTRY_TASK_);
#if CEDO_SPAWN_HOOK
    if (cedo_loop_is_hooked_(loop)) cedo_task_spawned_(loop, task);
#endif
    return CEDO_OK;
}
#endif

#if CEDO_SPAWN_HOOK
CEDO_NOINLINE_ static cedo_status cedo_task_start_slow_(cedo_loop *loop, cedo_task *task,
                                                        cedo_coro *coro, const char *name)
{
    if (!cedo_loop_admits_task_(loop, task)) {
        coro->state = CEDO_S_ENDED_;
        return CEDO_ECLOSED;
    }
    cedo_task_begin_(loop, task, coro, name, CEDO_ENTRY_TASK_);
    if (!cedo_loop_is_hooked_(loop)) return CEDO_OK;
    /* a child must belong to its group before it begins */
    if (coro->caller) return CEDO_MORE;
    cedo_task_spawned_(loop, task);
    return CEDO_OK;
}
#endif

cedo_status cedo_task_start_(cedo_loop *loop, cedo_task *task, cedo_coro *coro, const char *name)
{
    CEDO_NOT_FROM_ISR_();
    CEDO_CHECK_(loop != NULL,
                "no loop runs here: use cedo_loop_spawn outside of tasks and callbacks");
    CEDO_CHECK_(coro->state == 0, "this frame runs already: make it anew for each task");
#if CEDO_SPAWN_HOOK
    /* one test for all that is not usual */
    if (CEDO_UNLIKELY_(loop->flags & (CEDO_LOOP_CLOSED_ | CEDO_LOOP_SPAWNS_ | CEDO_LOOP_DEBUG_)))
        return cedo_task_start_slow_(loop, task, coro, name);
#else
    if (!cedo_loop_admits_task_(loop, task)) {
        coro->state = CEDO_S_ENDED_;
        return CEDO_ECLOSED;
    }
#endif
    cedo_task_begin_(loop, task, coro, name, CEDO_ENTRY_TASK_);
    return CEDO_OK;
}

/* ------------------------------------------------------------- with an allocator */

#if CEDO_ALLOCATORS

void *cedo_task_alloc_(cedo_loop *loop, size_t size)
{
    CEDO_CHECK_(loop != NULL,
                "no loop runs here: use cedo_loop_spawn_new outside of tasks and callbacks");
#if CEDO_HOSTED
    if (CEDO_LIKELY_(loop->allocator == &loop->cache.allocator))
        return cedo_cache_take_(&loop->cache, sizeof(cedo_task) + size);
#endif
    return loop->allocator ? loop->allocator->alloc(loop->allocator, sizeof(cedo_task) + size)
                           : NULL; /* a closed loop has none */
}

void cedo_task_start_allocated_(cedo_loop *loop, cedo_task *task)
{
    cedo_task_begin_(loop, task, (cedo_coro *)(void *)(task + 1), NULL,
                     CEDO_ENTRY_TASK_ | CEDO_TASK_HEAP_);
#if CEDO_SPAWN_HOOK
    if (CEDO_UNLIKELY_(cedo_loop_is_hooked_(loop))) cedo_task_spawned_(loop, task);
#endif
}

/* A block holds a frame of the library, which outlives the other one and frees both, and then that
 * one. */
static cedo_op cedo_owner_coro_(cedo_coro *coro, cedo_status status)
{
    cedo_allocator *allocator;
#if CEDO_TRACE
    if (status == CEDO_DESCRIBE_) return CEDO_WAITING;
    cedo_trace_through_(coro);
#endif
    allocator = cedo_task_loop_(cedo_this_task_())->allocator;
#if CEDO_HOSTED
    /* the loop looks for the caller in the frame on top, so that must be one that is still there;
     * only cedo_wait_for calls here otherwise, to let go of a call that it does not make */
    if (cedo_current_()->chain.top == coro) {
        cedo_coro *const caller = coro->caller;
        cedo_current_()->chain.top = caller;
        allocator->free(allocator, coro);
        return caller->body(caller, status);
    }
#endif
    allocator->free(allocator, coro);
    return cedo_done(status);
}

cedo_op cedo_call_new_(cedo_coro *caller, const cedo_coro *frame, size_t size)
{
    cedo_allocator *const allocator = cedo_task_loop_(cedo_this_task_())->allocator;
    cedo_coro *const owner =
        allocator ? (cedo_coro *)allocator->alloc(allocator, sizeof *owner + size) : NULL;
    if (!owner) return cedo_done(CEDO_ENOMEM);
    owner->body = cedo_owner_coro_;
    owner->caller = caller;
    owner->state = 1;
    owner->status = 0;
    cedo_copy_(owner + 1, frame, size);
    (owner + 1)->caller = owner;
    return cedo_enter_(owner + 1);
}

#endif

#ifdef __cplusplus
}
#endif
#endif
