/* Groups: tasks that belong together, and that end before the block that started them.
 *
 *     cedo_with_group (&self->group) {
 *         cedo_group_spawn(&self->group, &self->a, fetch, .url = first);
 *         cedo_group_spawn(&self->group, &self->b, fetch, .url = second);
 *     }
 *
 * Behind the block both are done, and their results lie in their frames. The same without a block:
 *
 *     cedo_group_spawn(&self->group, &self->a, square, .n = 3);
 *     cedo_group_spawn(&self->group, &self->b, square, .n = 4);
 *     cedo_await(cedo_group_join(&self->group));
 *
 * A group is a scope: the coroutine that opened it, by the block or by its first spawn, cannot end,
 * fail or be cancelled past it while a child lives. It first cancels the children and waits for
 * their end. So they may lie in its frame.
 *
 * When a child fails, the others and the body of the block are cancelled, and the block (or the
 * join) fails with the error. Of several the first is given; cedo_group_next_failed tells the
 * others. A child that ends cancelled has not failed. cedo_group_on_error chooses otherwise.
 *
 * All functions are for the loop's thread, and for no interrupt.
 *
 * Counterparts: asyncio.TaskGroup, gather() and as_completed() over coroutines.
 */
#ifndef CEDO_GROUP_H
#define CEDO_GROUP_H

#include <cedo/cancel.h>
#include <cedo/each.h>
#include <cedo/scope.h>
#include <cedo/spawn.h>

#if CEDO_SCOPES && CEDO_JOIN && CEDO_REGISTRY

#ifdef __cplusplus
extern "C" {
#endif

/* What the error of a child does. */
typedef enum {
    CEDO_ERROR_CANCELS,  /* cancels all others, and is that of the group. As TaskGroup does */
    CEDO_ERROR_WAITS,    /* all others go on; then it is that of the group */
    CEDO_ERROR_IS_RESULT /* all others go on, the group succeeds: cedo_task_result has it. As
                            gather(return_exceptions=True) does */
} cedo_on_error;

/* All zero: never used. Lives in a frame, and may be used again once it was left or joined. Private
 * fields. A child costs its group nothing. */
typedef struct cedo_group cedo_group;
struct cedo_group {
    cedo_scope scope;  /* handler, caught: where its owner goes on if its cancel ends here */
    cedo_coro coro;    /* what the first frame of each child returns to */
    cedo_coro join;    /* of cedo_group_join: between the parent and its wait */
    cedo_task *parent; /* the task that opened it */
    cedo_task *child;  /* the first child that is not done: they stand together in the registry */
    cedo_ring waiting; /* the parent, while it waits for children */
    cedo_node done;    /* the children that are done, in that order */
    cedo_node *given;  /* the last of them that cedo_group_next has given; at first the list */
    unsigned running;  /* children that are not done */
    unsigned count;    /* the same and those whose end the group has not seen yet */
    unsigned failed;
    cedo_status_ status; /* the error that it will fail with */
    cedo_status_ left;   /* what its block was left with */
    uint8_t flags;
    uint8_t on_error;
#if CEDO_HOSTED
    bool is_iterated; /* cedo_group_next was called */
#endif
};

/* cedo_with_group (&self->group) { ... }
 * Children that are spawned into the group, from wherever, are done when the block is left. Fails
 * with the first error of a child or, if none failed before, of the block itself; CEDO_EEXIT goes
 * before any other. Cancel contract: the children are cancelled and their end awaited, however
 * often one cancels; if a child then fails, the block fails with that, and the cancel meets the
 * next await. Traps if the group is open already, and outside of a task. An empty group does not
 * yield. Cost: a few words; nothing to the loop. Counterpart: async with asyncio.TaskGroup(). */
#define cedo_with_group(group) CEDO_WITH_GROUP_(group, CEDO_NEXT_)
#define CEDO_WITH_GROUP_(group, n) \
    CEDO_WITH_(cedo_group_open_(group, CEDO_STATE_OF_(n)), &(group)->scope, n)

/* Starts coroutine `name` as a child of the group, with storage `object` (a cedo_task_of(name) *)
 * and the arguments .field = value. The storage must stay until the group is left; once the child
 * is done it may serve another one of the same group. If the group is not open, the running
 * coroutine opens it, and it stays open until it is joined or that coroutine ends. May be called
 * from anywhere, also by a child, while the group is open. CEDO_OK. CEDO_ECLOSED: the group is
 * shutting down (a child failed, or it was cancelled) or its block was left; the coroutine is not
 * started. Traps if the storage is in use. O(1). Counterpart: TaskGroup.create_task(). */
#define cedo_group_spawn(...) CEDO_GROUP_SPAWN_(NULL, __VA_ARGS__, )

/* The same with a name, a string that must outlive the task. */
#define cedo_group_spawn_named(name_, ...) CEDO_GROUP_SPAWN_(name_, __VA_ARGS__, )

#define CEDO_GROUP_SPAWN_(title, group, object, name, ...) \
    (cedo_task_must_not_run_(&(object)->task), \
     CEDO_SET_(&(object)->frame, name, NULL, __VA_ARGS__), \
     cedo_group_start_(group, &(object)->task, &(object)->frame.coro, title))

/* The same with a task and a frame that lie apart: `coro` comes from cedo_make or cedo_prepare. */
#define cedo_group_spawn_coro(group, task, coro) \
    (cedo_task_must_not_run_(task), cedo_group_start_(group, task, coro, NULL))

#if CEDO_ALLOCATORS
/* The same with storage from the loop's allocator, freed at the child's end: its error counts, but
 * cedo_group_next and cedo_group_next_failed do not know it. Gives the task, valid until it is
 * done, or NULL: no memory, or as CEDO_ECLOSED above. For groups that live long. */
#define cedo_group_spawn_new(...) CEDO_GROUP_SPAWN_NEW_(__VA_ARGS__, )
#ifdef __GNUC__
#define CEDO_GROUP_SPAWN_NEW_(group, name, ...) \
    __extension__({ \
        cedo_group *const cedo_group_ = (group); \
        cedo_task *const cedo_task_ = \
            (cedo_task *)cedo_group_alloc_(cedo_group_, CEDO_SIZE_OF_FRAME_(name)); \
        if (cedo_task_) { \
            *(struct name *)(void *)(cedo_task_ + 1) = \
                (struct name){.coro = CEDO_CORO_(name, NULL), __VA_ARGS__}; \
            cedo_group_start_allocated_(cedo_group_, cedo_task_); \
        } \
        cedo_task_; \
    })
#else
#define CEDO_GROUP_SPAWN_NEW_(group, name, ...) \
    cedo_group_start_copy_(group, \
                           &(struct name){.coro = CEDO_CORO_(name, NULL), __VA_ARGS__}.coro, \
                           CEDO_SIZE_OF_FRAME_(name))
#endif
#endif

/* Awaitable: waits until all children are done, also those that are spawned meanwhile. For the task
 * that opened the group. Fails as the block does. Afterwards the group may be used again; in a
 * block it goes on. At once if there is no child. Cancel contract: as that of the block.
 * Counterparts: leaving a TaskGroup; await gather(...). */
CEDO_AWAITABLE cedo_group_join(cedo_group *group);

/* Awaitable: waits for the next child that is done, in that order, and stores it in *task (a
 * cedo_task_of object begins with its task); CEDO_END: all were given. For the task that opened the
 * group, in cedo_for_each:
 *     cedo_for_each (self->task, cedo_group_next(&self->group, &self->task)) { ... }
 * Its outcome is that of cedo_task_result, and no error here, though with CEDO_ERROR_CANCELS the
 * one who awaits is cancelled by it. Cancel contract: nothing happened. Counterpart: async for task
 * in asyncio.as_completed(...). */
CEDO_AWAITABLE cedo_group_next(cedo_group *group, cedo_task **task);

/* Cancels all children and the body of the block, which is then left without error. Children are
 * not taken any more. Before the block: it ends at its first await. After it, and again: nothing. A
 * cancel from outside still counts, and so do errors. Without a block the coroutine that opened the
 * group is left at its await, without error, unless it is already joining. Any context of the
 * loop's thread but an interrupt. O(children). Counterpart: TaskGroup.cancel(), new in 3.15. */
void cedo_group_cancel(cedo_group *group);

/* Chooses what an error does, from now on; stays so when the group is used again. */
static inline void cedo_group_on_error(cedo_group *group, cedo_on_error what)
{
    group->on_error = (uint8_t)what;
}

/* The number of children that are not done. */
static inline unsigned cedo_group_running(const cedo_group *group)
{
    return group->running;
}

/* The number of failures so far, of children and, once it was left, of the block itself. Until the
 * group is used again. Counterpart: len(group.exceptions). */
static inline unsigned cedo_group_failed(const cedo_group *group)
{
    return group->failed;
}

/* Iterates over the children that have failed, in the order in which they did: NULL gives the
 * first, each the next, the last NULL. Also after the group was left, until it or the storage of
 * one of them is used again. Counterpart: ExceptionGroup.exceptions. */
cedo_task *cedo_group_next_failed(const cedo_group *group, const cedo_task *task);

/* The error that the block itself was left with, or CEDO_OK: the last of the failures. */
static inline cedo_status cedo_group_body_error(const cedo_group *group)
{
    return group->left == CEDO_ECANCELED ? CEDO_OK : group->left;
}

/* ------------------------------------------------------------- private */

void cedo_group_open_(cedo_group *group, cedo_state_ behind);
cedo_status cedo_group_start_(cedo_group *group, cedo_task *task, cedo_coro *coro,
                              const char *name);
void *cedo_group_alloc_(cedo_group *group, size_t size);
void cedo_group_start_allocated_(cedo_group *group, cedo_task *task);

#if CEDO_ALLOCATORS
static inline cedo_task *cedo_group_start_copy_(cedo_group *group, const cedo_coro *frame,
                                                size_t size)
{
    cedo_task *const task = (cedo_task *)cedo_group_alloc_(group, size);
    if (!task) return NULL;
    cedo_copy_(task + 1, frame, size);
    cedo_group_start_allocated_(group, task);
    return task;
}
#endif

#ifdef __cplusplus
}
#endif
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && CEDO_SCOPES && CEDO_JOIN && CEDO_REGISTRY && \
    !defined(CEDO_GROUP_IMPLEMENTED_)
#define CEDO_GROUP_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CEDO_GROUP_LEAVING_ = 1,  /* the block was left, or the group is joined */
    CEDO_GROUP_ABORTING_ = 2, /* the children were cancelled */
    CEDO_GROUP_CANCELS_ = 4,  /* and the parent, which must be taken back */
    CEDO_GROUP_OVER_ = 8      /* left, or joined */
};

/* ------------------------------------------------------------- the end of a child */

static void cedo_group_abort_(cedo_group *group)
{
    cedo_task *task = group->child;
    group->flags |= CEDO_GROUP_ABORTING_;
    for (unsigned left = group->running; left; left--) {
        (void)cedo_task_cancel(task);
        task = cedo_loop_next_task(cedo_task_loop_(task), task);
    }
}

static void cedo_group_abort_all_(cedo_group *group)
{
    cedo_group_abort_(group);
    group->flags |= CEDO_GROUP_CANCELS_;
    (void)cedo_task_cancel(group->parent);
}

CEDO_COLD_ static void cedo_group_failure_(cedo_group *group, cedo_status status)
{
    group->failed++;
    if (group->on_error == CEDO_ERROR_IS_RESULT && status != CEDO_EEXIT) return;
    if (group->status == 0 || status == CEDO_EEXIT) group->status = (cedo_status_)status;
    if ((group->on_error == CEDO_ERROR_CANCELS || status == CEDO_EEXIT) &&
        !(group->flags & CEDO_GROUP_ABORTING_))
        cedo_group_abort_all_(group);
}

/* What follows from the end of a child: apart, so that the usual way saves no registers. */
CEDO_NOINLINE_ static cedo_op cedo_group_act_(cedo_group *group, cedo_status status)
{
    /* one who waits for the next has a place to store it */
    if (!cedo_ring_is_empty(&group->waiting) &&
        (!group->count || cedo_entry_of_(cedo_ring_first(&group->waiting))->u.arg != NULL))
        cedo_wake_first_(&group->waiting);
    if (status < 0 && status != CEDO_ECANCELED) cedo_group_failure_(group, status);
    return CEDO_WAITING;
}

/* The turn after the one in which a child has ended. */
static inline cedo_op cedo_group_count_(cedo_group *group, cedo_status status)
{
    cedo_set_current_(NULL);
    group->count--;
    if (status >= 0 && group->count &&
        (cedo_ring_is_empty(&group->waiting) ||
         !cedo_entry_of_(cedo_ring_first(&group->waiting))->u.arg))
        return CEDO_WAITING;
    return cedo_group_act_(group, status);
}

/* `ops` of a child that is done while its group has it on its list. */
static const cedo_wait_ops cedo_group_listed_ops_ = CEDO_WAIT_OPS("end", NULL, NULL, NULL);

/* It was taken out of the ready queue. */
static inline cedo_op cedo_group_take_(cedo_task *task)
{
    cedo_group *const group = (cedo_group *)task->entry.u.arg;
    task->ops = &cedo_group_listed_ops_;
#if CEDO_HOSTED
    task->entry.flags &= (uint8_t)~CEDO_TASK_WOKEN_;
#endif
    cedo_task_seen_(task);
    cedo_list_push(&group->done, &task->entry.node);
    return cedo_group_count_(group, task->entry.status);
}

static cedo_op cedo_group_list_(cedo_task *task)
{
    cedo_leave_ready_(cedo_task_loop_(task), task);
    return cedo_group_take_(task);
}

static const cedo_wait_ops cedo_group_list_ops_ =
    CEDO_WAIT_OPS("end", cedo_group_list_, NULL, NULL);

#if CEDO_ALLOCATORS
static void cedo_group_drop_(cedo_task *task)
{
    cedo_loop_free_(cedo_task_loop_(task), task);
}

static cedo_op cedo_group_free_(cedo_task *task)
{
    cedo_group *const group = (cedo_group *)task->entry.u.arg;
    const cedo_status status = task->entry.status;
    cedo_leave_ready_(cedo_task_loop_(task), task);
    cedo_group_drop_(task);
    return cedo_group_count_(group, status);
}

static const cedo_wait_ops cedo_group_free_ops_ =
    CEDO_WAIT_OPS("end", cedo_group_free_, NULL, cedo_group_drop_);
#endif

static inline void cedo_group_loses_(cedo_group *group, const cedo_task *task)
{
    group->running--;
    if (group->child == task) group->child = task->next_task;
}

#if CEDO_HOSTED
/* Can nobody tell whether the group learns of this end now or in the next turn? */
static inline bool cedo_group_counts_at_once_(const cedo_group *group, const cedo_task *task,
                                              cedo_status status)
{
    return cedo_task_ends_simply_(task, status) && group->running > 1 &&
           group->count == group->running && !group->is_iterated &&
           !(task->entry.flags & CEDO_TASK_HEAP_);
}

static inline cedo_op cedo_group_see_end_(cedo_group *group, cedo_task *task)
{
    cedo_loop *const loop = cedo_task_loop_(task);
    cedo_group_loses_(group, task);
    group->count--;
    cedo_leave_ready_(loop, task);
    cedo_task_over_simply_(loop, task);
    task->entry.u.arg = group;
    task->ops = &cedo_group_listed_ops_;
    cedo_list_push(&group->done, &task->entry.node);
    return CEDO_WAITING;
}

/* It goes on at the end of the next turn, and what becomes ready from here on is behind it. Not
 * inline: so the usual end saves no registers. */
CEDO_NOINLINE_ static cedo_op cedo_group_queue_end_(cedo_group *group, cedo_task *task,
                                                    cedo_status status, const cedo_wait_ops *ops)
{
    cedo_loop *const loop = cedo_task_loop_(task);
    cedo_group_loses_(group, task);
    task->entry.u.arg = group;
    task->entry.flags |= CEDO_TASK_KEPT_ | CEDO_TASK_WOKEN_; /* the group knows its errors */
    task->ops = ops;
    if (loop->place == &task->entry.node)
        loop->place = task->entry.node.next;
    else
        cedo_loop_push_(loop, &task->entry.node); /* it was alone */
    (void)cedo_task_over_(loop, task, &status);
    if (CEDO_UNLIKELY_(status < 0)) cedo_task_end_badly_(task, status, 1);
    return CEDO_WAITING;
}
#else
static inline cedo_op cedo_group_queue_end_(cedo_group *group, cedo_task *task, cedo_status status,
                                            const cedo_wait_ops *ops)
{
    /* of what is ready before those who watch */
    cedo_node *const last = cedo_task_loop_(task)->ready.prev;
    cedo_group_loses_(group, task);
    task->entry.flags |= CEDO_TASK_KEPT_;
    if (task->entry.flags & CEDO_TASK_CANCEL_) { /* as cedo_cancel_meet_ does */
        task->entry.flags &= (uint8_t)~CEDO_TASK_CANCEL_;
        if (status >= 0) status = CEDO_ECANCELED;
    }
    cedo_task_end_(task, status);
    cedo_list_insert_after(last, &task->entry.node);
    task->entry.u.arg = group;
    task->ops = ops;
    return CEDO_WAITING;
}
#endif

/* The first frame of a child is done. The task ends here; its entry goes through the queue once
 * more, before all who watch it, and brings the group word of it. So the order of things is
 * asyncio's, where that is a callback. */
static cedo_op cedo_group_child_coro_(cedo_coro *coro, cedo_status status)
{
    cedo_group *const group = CEDO_CONTAINER_(coro, cedo_group, coro);
    cedo_task *const task = cedo_current_();
    const cedo_wait_ops *ops = &cedo_group_list_ops_;
#if CEDO_TRACE
    if (status == CEDO_DESCRIBE_) return CEDO_WAITING;
#endif
#if CEDO_HOSTED
    CEDO_CHECK_(task->ops == NULL,
                "an operation was begun but not awaited: put it into cedo_await(...)");
    if (cedo_group_counts_at_once_(group, task, status)) return cedo_group_see_end_(group, task);
#endif
#if CEDO_ALLOCATORS
    if (task->entry.flags & CEDO_TASK_HEAP_) {
        task->entry.flags &= (uint8_t)~CEDO_TASK_HEAP_; /* freed by the group */
        ops = &cedo_group_free_ops_;
    }
#endif
    return cedo_group_queue_end_(group, task, status, ops);
}

/* ------------------------------------------------------------- open */

/* Of what was before only an early cancel counts. */
static void cedo_group_begin_(cedo_group *group)
{
    const uint8_t flags = group->flags;
    cedo_list_init(&group->done);
    group->given = &group->done;
    group->failed = 0;
    group->status = 0;
    group->left = 0;
    group->flags = 0;
#if CEDO_HOSTED
    group->is_iterated = false;
#endif
    if ((flags & (CEDO_GROUP_ABORTING_ | CEDO_GROUP_OVER_)) == CEDO_GROUP_ABORTING_)
        cedo_group_abort_all_(group);
}

static cedo_op cedo_group_close_(cedo_scope *scope, cedo_status *pending, cedo_status woke);

void cedo_group_open_(cedo_group *group, cedo_state_ behind)
{
    cedo_scope_open(&group->scope, cedo_group_close_);
    group->scope.handler = behind;
    group->scope.caught = group->scope.owner->status;
    group->coro.body = cedo_group_child_coro_;
    group->coro.state = 1;
    group->parent = cedo_current_();
    cedo_ring_init(&group->waiting);
    group->running = 0;
    group->count = 0;
    cedo_group_begin_(group);
}

/* ------------------------------------------------------------- spawn */

/* The group is not open, or something has happened to it. */
CEDO_NOINLINE_ static bool cedo_group_opens_(cedo_group *group)
{
    if (!group->scope.owner) {
        if (group->flags & CEDO_GROUP_OVER_ && group->scope.handler != CEDO_S_LEAVE_) return false;
        cedo_group_open_(group, CEDO_S_LEAVE_);
    }
    else if (group->flags & CEDO_GROUP_OVER_) {
        cedo_group_begin_(group); /* it was joined */
    }
    return !(group->flags & CEDO_GROUP_ABORTING_) &&
           (group->count || !(group->flags & CEDO_GROUP_LEAVING_));
}

static inline bool cedo_group_accepts_(cedo_group *group)
{
    return CEDO_LIKELY_(group->scope.owner && !group->flags) || cedo_group_opens_(group);
}

/* A task that was just started, and so is the first of the registry. Before the first child, or
 * behind it. */
static inline void cedo_group_add_(cedo_group *group, cedo_task *task)
{
    cedo_task *const first = group->child;
    group->count++;
    if (group->running++ == 0 || CEDO_LIKELY_(task->next_task == first)) {
        group->child = task;
        return;
    }
    cedo_task_unregister_(cedo_task_loop_(task), task);
    task->next_task = first->next_task;
    first->next_task = task;
#if CEDO_HOSTED
    task->previous_task = first;
    task->next_task->previous_task = task; /* the parent, at the latest */
#endif
}

#if CEDO_SPAWN_HOOK
/* Its first step may come at once, and so may its end. */
CEDO_COLD_ static cedo_status cedo_group_add_hooked_(cedo_group *group, cedo_task *task)
{
    cedo_group_add_(group, task);
    cedo_task_spawned_(cedo_task_loop_(task), task);
    return CEDO_OK;
}
#endif

/* The storage of a child that is done is about to serve another one. */
static void cedo_group_forget_(cedo_group *group, cedo_task *task)
{
    cedo_node *const node = &task->entry.node;
    CEDO_CHECK_(task->entry.u.arg == group,
                "this storage is that of a child of another group, which is open still");
    if (task->ops != &cedo_group_listed_ops_) { /* its end is on its way: this is it */
        cedo_task *const current = cedo_current_();
        cedo_loop_unlink_(cedo_task_loop_(task), node);
        (void)cedo_group_take_(task);
        cedo_set_current_(current);
    }
    if (group->given == node) group->given = node->prev;
    cedo_list_unlink(node);
}

#if CEDO_HOSTED
CEDO_NOINLINE_ static cedo_status cedo_group_start_slow_(cedo_group *group, cedo_task *task,
                                                         cedo_coro *coro, const char *name)
#else
cedo_status cedo_group_start_(cedo_group *group, cedo_task *task, cedo_coro *coro, const char *name)
#endif
{
    cedo_status status;
    if (task->entry.flags & CEDO_TASK_DONE_ && task->ops) cedo_group_forget_(group, task);
    if (!cedo_group_accepts_(group)) {
        coro->state = CEDO_S_ENDED_;
        return CEDO_ECLOSED;
    }
    coro->caller = &group->coro;
    status = cedo_task_start_(cedo_task_loop_(group->parent), task, coro, name);
    if (status == CEDO_OK) cedo_group_add_(group, task);
#if CEDO_SPAWN_HOOK
    else if (status == CEDO_MORE)
        return cedo_group_add_hooked_(group, task);
#endif
    return status;
}

#if CEDO_HOSTED
/* Is there nothing to see to beyond starting a task? */
static inline bool cedo_group_starts_simply_(const cedo_group *group, const cedo_task *task,
                                             const cedo_coro *coro)
{
    return group->scope.owner && !group->flags &&
           !(task->entry.flags & CEDO_TASK_DONE_ && task->ops) && coro->state == 0 &&
           !(cedo_task_loop_(group->parent)->flags &
             (CEDO_LOOP_CLOSED_ | CEDO_LOOP_SPAWNS_ | CEDO_LOOP_DEBUG_));
}

cedo_status cedo_group_start_(cedo_group *group, cedo_task *task, cedo_coro *coro, const char *name)
{
    if (CEDO_UNLIKELY_(!cedo_group_starts_simply_(group, task, coro)))
        return cedo_group_start_slow_(group, task, coro, name);
    coro->caller = &group->coro;
    cedo_task_begin_(cedo_task_loop_(group->parent), task, coro, name, CEDO_ENTRY_TASK_);
    cedo_group_add_(group, task);
    return CEDO_OK;
}
#endif

#if CEDO_ALLOCATORS
void *cedo_group_alloc_(cedo_group *group, size_t size)
{
    if (!cedo_group_accepts_(group)) return NULL;
    return cedo_task_alloc_(cedo_task_loop_(group->parent), size);
}

void cedo_group_start_allocated_(cedo_group *group, cedo_task *task)
{
    cedo_task_start_allocated_(cedo_task_loop_(group->parent), task);
    task->chain.top->caller = &group->coro;
    cedo_group_add_(group, task);
}
#endif

/* ------------------------------------------------------------- close */

/* All children are done: what becomes of the block? */
static cedo_status cedo_group_end_(cedo_group *group)
{
    cedo_task *const parent = group->parent;
    cedo_status left = group->left;
    group->flags |= CEDO_GROUP_OVER_;
    /* their storage is free again */
    for (cedo_node *node = group->done.next; node != &group->done; node = node->next)
        cedo_task_of_node_(node)->ops = NULL;
    if (group->flags & CEDO_GROUP_CANCELS_ && cedo_task_uncancel(parent) == 0 &&
        left == CEDO_ECANCELED)
        left = 0;
    if (left < 0 && left != CEDO_ECANCELED) {
        group->failed++;
        if (group->status == 0 || left == CEDO_EEXIT) group->status = (cedo_status_)left;
    }
    if (group->status == 0) return left;
    /* the error goes first; a cancel from outside then meets the next await */
    if (group->status != CEDO_EEXIT && cedo_task_cancelling(parent)) {
        (void)cedo_task_uncancel(parent);
        (void)cedo_task_cancel(parent);
    }
    return group->status;
}

static const cedo_wait_ops cedo_group_ops_ =
    CEDO_WAIT_OPS_AT(offsetof(cedo_group, waiting), "group", CEDO_NO_RETRY, NULL, NULL);

static cedo_op cedo_group_close_(cedo_scope *scope, cedo_status *pending, cedo_status woke)
{
    cedo_group *const group = CEDO_CONTAINER_(scope, cedo_group, scope);
    if (group->flags & CEDO_GROUP_OVER_) return cedo_done(CEDO_OK);
    if (!(group->flags & CEDO_GROUP_LEAVING_)) {
        group->flags |= CEDO_GROUP_LEAVING_;
        woke = *pending;
    }
    if (woke < 0) {
        if (group->left == 0) group->left = (cedo_status_)woke;
        if (!(group->flags & CEDO_GROUP_ABORTING_)) cedo_group_abort_(group);
    }
    if (group->count) return cedo_wait_(&group->waiting, &cedo_group_ops_, NULL);
    woke = cedo_group_end_(group);
    if (*pending < 0 && woke == 0) { /* the cancel that is leaving ends here: on behind the block */
        cedo_coro *const owner = scope->owner;
        owner->status = scope->caught;
        owner->state = scope->handler;
        return cedo_enter_(owner);
    }
    *pending = woke;
    return cedo_done(CEDO_OK);
}

static cedo_op cedo_group_join_coro_(cedo_coro *coro, cedo_status status)
{
    cedo_group *const group = CEDO_CONTAINER_(coro, cedo_group, join);
    cedo_status outcome = 0;
    cedo_op op;
#if CEDO_TRACE
    if (status == CEDO_DESCRIBE_) {
        cedo_trace_add_(__FILE__, "cedo_group_join", 0);
        return CEDO_WAITING;
    }
    cedo_trace_through_(coro);
#endif
    op = cedo_group_close_(&group->scope, &outcome, status);
    if (!cedo_op_is_done_(op)) return op;
    /* one that a block opened goes on until its end; one below others stays open as well */
    if (group->scope.handler == CEDO_S_LEAVE_ && cedo_current_()->chain.scopes == &group->scope)
        cedo_scope_pop_(&group->scope);
    return cedo_done(outcome);
}

cedo_op cedo_group_join(cedo_group *group)
{
    cedo_coro *const coro = &group->join;
    if (!group->scope.owner || group->flags & CEDO_GROUP_OVER_) return cedo_done(CEDO_OK);
    CEDO_CHECK_(cedo_current_() == group->parent,
                "a group can only be awaited by the task that opened it");
    if (!group->count) return cedo_group_join_coro_(coro, 0);
    coro->body = cedo_group_join_coro_;
    coro->caller = cedo_current_()->chain.top;
    coro->state = 1;
    return cedo_enter_(coro);
}

void cedo_group_cancel(cedo_group *group)
{
    if (group->flags & (CEDO_GROUP_ABORTING_ | CEDO_GROUP_OVER_)) return;
    if (group->scope.owner) {
        cedo_group_abort_all_(group);
    }
    else {
        group->flags = CEDO_GROUP_ABORTING_; /* when it opens */
    }
}

/* ------------------------------------------------------------- iterations */

static cedo_op cedo_group_next_resume_(cedo_task *task);
static const cedo_wait_ops cedo_group_next_ops_ = CEDO_WAIT_OPS_AT(
    offsetof(cedo_group, waiting), "group next", cedo_group_next_resume_, NULL, NULL);

cedo_op cedo_group_next(cedo_group *group, cedo_task **task)
{
#if CEDO_HOSTED
    group->is_iterated = true;
#endif
    if (group->given && group->given->next != &group->done) {
        group->given = group->given->next;
        *task = cedo_task_of_node_(group->given);
        return cedo_done(CEDO_OK);
    }
    if (!group->count) return cedo_done(CEDO_END);
    CEDO_CHECK_(cedo_current_() == group->parent,
                "a group can only be awaited by the task that opened it");
    return cedo_wait_(&group->waiting, &cedo_group_next_ops_, task);
}

static cedo_op cedo_group_next_resume_(cedo_task *task)
{
    return cedo_group_next(CEDO_CONTAINER_(task->u.ring, cedo_group, waiting),
                           (cedo_task **)task->entry.u.arg);
}

cedo_task *cedo_group_next_failed(const cedo_group *group, const cedo_task *task)
{
    const cedo_node *const last = &group->done;
    for (cedo_node *node = task ? task->entry.node.next : last->next; node && node != last;
         node = node->next) {
        const cedo_status status = cedo_entry_of_(node)->status;
        if (status < 0 && status != CEDO_ECANCELED) return cedo_task_of_node_(node);
    }
    return NULL;
}

#ifdef __cplusplus
}
#endif
#endif
