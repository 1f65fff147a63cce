/* Inspection: what a task does, who waits for it, as data. dump.h and graph.h print it.
 *
 * All may be called from tasks, callbacks, and by a debugger while the program stands still; not from
 * another thread or an interrupt while the loop runs. Nothing changes, nothing is allocated. Everything
 * here needs CEDO_TRACE; what is not called costs no flash.
 */
#ifndef CEDO_INSPECT_H
#define CEDO_INSPECT_H

#include <cedo/future.h>
#include <cedo/group.h>
#include <cedo/join.h>
#include <cedo/wait.h>

#if CEDO_TRACE

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cedo_task_phase {
    CEDO_TASK_NEW,    /* never spawned */
    CEDO_TASK_STARTS, /* spawned, its body was not entered */
    CEDO_TASK_READY,  /* will run in the next turn; `wait` is what it comes from, or NULL */
    CEDO_TASK_RUNS,   /* it is the current one */
    CEDO_TASK_WAITS,  /* for what `wait` says */
    CEDO_TASK_HAS_ENDED
} cedo_task_phase;

/* What a task does. */
typedef struct cedo_task_state cedo_task_state;
struct cedo_task_state {
    cedo_task_phase phase;
    const char *wait;   /* the kind of wait: "join", "queue get", "sleep"; else NULL */
    const void *object; /* the queue, lock, future... that it waits for; NULL: none, or a task */
    cedo_task *task;    /* the task that it joins, or NULL */
    cedo_duration left; /* of a sleep; else 0 */
    cedo_duration age;  /* since it ran last; -1: not known, the loop was not in debug mode */
};

void cedo_task_inspect(const cedo_task *task, cedo_task_state *state);

#if CEDO_JOIN
/* Iterates over the tasks that wait for the end of `task`, in the order in which they came, also by
 * a set; last the one whose group it is in: NULL gives the first, each the next, the last NULL. Not
 * while that changes. */
cedo_task *cedo_task_next_awaiter(const cedo_task *task, const cedo_task *awaiter);
#endif

/* The same for those that wait for a future. */
cedo_task *cedo_future_next_awaiter(const cedo_future *future, const cedo_task *awaiter);

#ifdef __cplusplus
}
#endif
#endif

#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && CEDO_TRACE && !defined(CEDO_INSPECT_IMPLEMENTED_)
#define CEDO_INSPECT_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------- what a task does */

static cedo_duration cedo_time_left_(cedo_time when, cedo_time now)
{
    return (cedo_duration)(when - now);
}

#if CEDO_HOSTED
static bool cedo_list_has_(const cedo_node *list, const cedo_node *node)
{
    const cedo_node *next = list->next;
    while (next != list && next != node) next = next->next;
    return next == node;
}
#endif

/* Of what is armed. */
static cedo_duration cedo_entry_left_(cedo_loop *loop, const cedo_entry *entry)
{
#if CEDO_HOSTED
    /* its delay begins with the next look at the clock */
    if (cedo_list_has_(&loop->fresh, &entry->node)) return entry->u.due;
#endif
    return cedo_time_left_(entry->u.due, cedo_loop_time(loop));
}

void cedo_task_inspect(const cedo_task *task, cedo_task_state *state)
{
    const cedo_wait_ops *ops;
    cedo_loop *loop;
    uint8_t flags = task->entry.flags;
    state->wait = NULL;
    state->object = NULL;
    state->task = NULL;
    state->left = 0;
    state->age = -1;
    if (!(flags & CEDO_ENTRY_TASK_)) {
        state->phase = CEDO_TASK_NEW;
        return;
    }
    if (flags & CEDO_TASK_DONE_) {
        state->phase = CEDO_TASK_HAS_ENDED;
        return;
    }
    loop = cedo_task_loop_(task);
#if CEDO_HOSTED
    cedo_loop_settle_(loop);
    flags = task->entry.flags;
#endif
    ops = task->ops;
    if (!ops && task == cedo_current_()) {
        state->phase = CEDO_TASK_RUNS;
        return;
    }
    if (task->chain.top->state == 0) {
        state->phase = CEDO_TASK_STARTS;
        return;
    }
#if CEDO_DEBUG
    if (!cedo_debug_age_(loop, task, &state->age)) state->age = -1;
#endif
    state->phase = CEDO_TASK_READY;
#if CEDO_HOSTED
    if (!ops) return;
    state->wait = ops->name;
    if (flags & CEDO_TASK_DELIVER_) return; /* a sleep that is due */
    if (!(flags & CEDO_TASK_WOKEN_)) state->phase = CEDO_TASK_WAITS;
#else
    if (!ops || ops == &cedo_told_ops_) return;
    state->wait = ops->name;
#if CEDO_HANDLES
    if (ops == &cedo_due_ops_) return;
#endif
    if (!task->u.ring || task->entry.status != CEDO_WAS_WOKEN_) state->phase = CEDO_TASK_WAITS;
#endif
    if (!task->u.ring) {
        if (ops == &cedo_sleep_ops_) state->left = cedo_entry_left_(loop, &task->entry);
        return;
    }
#if CEDO_JOIN
    if (ops == &cedo_join_ops_ || ops == &cedo_join_shielded_ops_) {
        state->task = cedo_joined_(task);
        return;
    }
#endif
    state->object = (const char *)cedo_ring_of_task_(task) - ops->offset;
}

/* ------------------------------------------------------------- who awaits it */

#if CEDO_SCOPES && CEDO_JOIN && CEDO_REGISTRY
/* The group that a task is a child of, or NULL. */
static cedo_group *cedo_group_of_(const cedo_task *task)
{
    cedo_coro *coro = task->chain.top;
    while (coro && coro->caller) coro = coro->caller;
    if (!coro || coro->body != cedo_group_child_coro_) return NULL;
    return CEDO_CONTAINER_(coro, cedo_group, coro);
}
#endif

static cedo_task *cedo_group_parent_(const cedo_task *task)
{
#if CEDO_SCOPES && CEDO_JOIN && CEDO_REGISTRY
    const cedo_group *const group = cedo_group_of_(task);
    return group ? group->parent : NULL;
#else
    (void)task;
    return NULL;
#endif
}

#if CEDO_SCOPES && CEDO_JOIN
/* A set may have a task twice; then only the first counts. */
static bool cedo_member_is_first_(const cedo_member *member)
{
    const cedo_member *first = NULL;
    do first = cedo_set_next(member->set, first);
    while (first->object != member->object);
    return first == member;
}
#endif

/* The task that waits at a node of the ring of a task or a future; NULL: none does. */
static cedo_task *cedo_watcher_(cedo_node *node)
{
    if (cedo_entry_of_(node)->flags & CEDO_ENTRY_TASK_) return cedo_task_of_node_(node);
#if CEDO_SCOPES && CEDO_JOIN
    {
        const cedo_handle *const handle = CEDO_CONTAINER_(node, cedo_handle, entry.node);
        const cedo_member *const member = (const cedo_member *)handle->arg;
        if (handle->fn == cedo_member_told_ && !cedo_ring_is_empty(&member->set->waiting) &&
            cedo_member_is_first_(member))
            return cedo_task_of_node_(cedo_ring_first(&member->set->waiting));
    }
#endif
    return NULL;
}

/* The first task that waits in such a ring, or the next one after `last`. */
static cedo_task *cedo_ring_next_task_(const cedo_ring *ring, const cedo_task *last)
{
    cedo_node *node = cedo_ring_first(ring);
    bool found = !last;
    if (last && cedo_ring_of_task_(last) == ring) { /* it stands there itself */
        node = cedo_ring_next(ring, &last->entry.node);
        found = true;
    }
    for (; node; node = cedo_ring_next(ring, node)) {
        cedo_task *const task = cedo_watcher_(node);
        if (task && found) return task;
        if (task == last) found = true;
    }
    return NULL;
}

static const cedo_ring cedo_no_ring_ = {NULL};

static const cedo_ring *cedo_task_ring_(const cedo_task *task)
{
#if CEDO_JOIN
    return &task->watchers;
#else
    (void)task;
    return &cedo_no_ring_;
#endif
}

/* The first of who awaits `task`, or the next one after `last`; that of its group comes last. */
static cedo_task *cedo_graph_next_(const cedo_task *task, const cedo_task *last)
{
    cedo_task *const parent = cedo_group_parent_(task);
    cedo_task *next = (cedo_task *)(uintptr_t)last;
    if (last && last == parent) return NULL;
    do next = cedo_ring_next_task_(cedo_task_ring_(task), next);
    while (next && next == parent);
    return next ? next : parent;
}

#if CEDO_JOIN
cedo_task *cedo_task_next_awaiter(const cedo_task *task, const cedo_task *awaiter)
{
    return cedo_graph_next_(task, awaiter);
}
#endif

static const cedo_ring *cedo_future_ring_(const cedo_future *future)
{
    return future->is_done ? &cedo_no_ring_ : &future->u.watchers;
}

cedo_task *cedo_future_next_awaiter(const cedo_future *future, const cedo_task *awaiter)
{
    return cedo_ring_next_task_(cedo_future_ring_(future), awaiter);
}

/* ------------------------------------------------------------- where it stands */

/* Where a frame stands; false: it does not tell. One that was not entered yet, or is running at the
 * beginning of its finally section, is asked as if it were leaving, or that would begin. */
static bool cedo_coro_place_(cedo_coro *coro, cedo_trace_entry *place)
{
    const cedo_state_ state = coro->state;
    cedo_trace *const trace = &cedo_tracer_.trace;
    const unsigned depth = trace->depth;
    const cedo_trace_entry kept = trace->entries[0];
    bool tells;
    if (state == CEDO_S_ENDED_) return false;
    if (state == 0 || state == CEDO_S_FINALLY_) coro->state = CEDO_S_LEAVE_;
    trace->depth = 0;
    (void)coro->body(coro, CEDO_DESCRIBE_);
    coro->state = state;
    tells = trace->depth > 0;
    *place = trace->entries[0];
    trace->entries[0] = kept;
    trace->depth = depth;
    return tells;
}

static unsigned cedo_task_depth_(const cedo_task *task)
{
    unsigned depth = 0;
    for (const cedo_coro *coro = task->chain.top; coro; coro = coro->caller) depth++;
    return depth;
}

static cedo_coro *cedo_task_frame_(const cedo_task *task, unsigned index)
{
    cedo_coro *coro = task->chain.top;
    while (index--) coro = coro->caller;
    return coro;
}

#ifdef __cplusplus
}
#endif
#endif
