/* Waiting for several tasks and futures, which go on by themselves: the first of them, all, or one
 * after the other. Tasks that are started for one purpose and should end with it are better off in
 * a group, see group.h.
 *
 *     cedo_set_add_task(&self->set, &self->a, &self->download.task);
 *     cedo_set_add_future(&self->set, &self->b, &self->button);
 *     cedo_await(cedo_wait(&self->set, CEDO_FIRST_COMPLETED, CEDO_SECONDS(10)));
 *     if (cedo_member_done(&self->b)) ...
 *
 * A set belongs to the task that adds its first member, and lives, as its members do, in the frame.
 * It is a scope: when the coroutine ends, its members leave it. While a task is in a set, somebody
 * waits for it: its error is not reported.
 *
 * All functions are for the loop's thread, and for no interrupt.
 *
 * Counterparts: asyncio.wait(), gather(), as_completed().
 */
#ifndef CEDO_WAIT_H
#define CEDO_WAIT_H

#include <cedo/cancel.h>
#include <cedo/each.h>
#include <cedo/future.h>
#include <cedo/scope.h>

#if CEDO_SCOPES && CEDO_JOIN

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cedo_set cedo_set;

/* One that is waited for. All zero: never used. Private fields. */
typedef struct cedo_member cedo_member;
struct cedo_member {
    cedo_handle handle; /* watches it; once it has told, stands on the list of those done */
    cedo_set *set;
    cedo_member *next;
    void *object; /* the task or future */
    bool (*cancel)(void *object, const char *message);
};

/* All zero: never used. Private fields. */
struct cedo_set {
    cedo_scope scope;
    cedo_handle timer;
    cedo_ring waiting; /* the task that waits */
    cedo_member *last; /* member; its `next` is the first */
    cedo_node done;    /* those that are, in that order */
    cedo_node *given;  /* the last of them that cedo_as_completed has given; at first the list */
    unsigned pending;
    cedo_status_ error; /* the first, a cancellation too */
    uint8_t flags;
};

/* Adds a task, or a future, with a member of yours that is in no set. In a task; the first one
 * opens the set for the running coroutine. CEDO_OK. CEDO_ESTATE: the task was never spawned.
 * CEDO_EINVAL: it belongs to another loop. Traps if the member is in a set. O(1). */
cedo_status cedo_set_add_task(cedo_set *set, cedo_member *member, cedo_task *task);
cedo_status cedo_set_add_future(cedo_set *set, cedo_member *member, cedo_future *future);

/* Takes a member out, done or not: the one that it stands for goes on. False: it was in no set.
 * Not while a task waits for the set. O(members). */
bool cedo_set_remove(cedo_member *member);

/* Takes all out; the set may be used again. */
void cedo_set_clear(cedo_set *set);

/* True once the task or future is done. */
static inline bool cedo_member_done(const cedo_member *member)
{
    return !(member->handle.entry.flags & CEDO_HANDLE_WATCHES_);
}

/* Its outcome: CEDO_OK, its error, CEDO_ECANCELED; CEDO_ESTATE while it is pending. Also of a task
 * whose storage is freed already. */
static inline cedo_status cedo_member_result(const cedo_member *member)
{
    return cedo_member_done(member) ? (cedo_status)member->handle.entry.status : CEDO_ESTATE;
}

/* The number of members that are not done, as far as the set knows: it is told in the turn after
 * the one in which they are. */
static inline unsigned cedo_set_pending(const cedo_set *set)
{
    return set->pending;
}

/* The members in the order in which they were added: NULL gives the first, each the next, the last
 * NULL. */
static inline cedo_member *cedo_set_next(const cedo_set *set, const cedo_member *member)
{
    if (member == set->last) return NULL; /* an empty set, too */
    return member ? member->next : set->last->next;
}

typedef enum {
    CEDO_ALL_COMPLETED,
    CEDO_FIRST_COMPLETED,
    CEDO_FIRST_EXCEPTION /* or all; a cancellation is none */
} cedo_return_when;

/* Awaitable: waits until all members are done, or one is, or one has failed; at once if that is so.
 * No longer than `delay` (CEDO_FOREVER: no limit), which is no error: ask the members. CEDO_EINVAL:
 * the set is empty. Members that were dealt with are to be taken out, or they count again. Cancel
 * contract: nothing happened. Counterpart: asyncio.wait(). */
CEDO_AWAITABLE cedo_wait(cedo_set *set, cedo_return_when when, cedo_duration delay);

/* Awaitable: waits until all members are done. Fails at once with the first error, or with
 * CEDO_ECANCELED if a member ended so; the others go on. For errors as results use cedo_wait.
 * Cancel contract: all members that are not done are cancelled, and their end awaited; then it
 * fails with CEDO_ECANCELED, whatever they did. Counterpart: asyncio.gather(). */
CEDO_AWAITABLE cedo_gather(cedo_set *set);

/* Awaitable: waits for the next member that is done, in that order, and stores it in *member;
 * CEDO_END: all were given. In cedo_for_each:
 *     cedo_for_each (self->member, cedo_as_completed(&self->set, &self->member)) { ... }
 * Its outcome is that of cedo_member_result, and no error here. Fails with CEDO_ETIMEDOUT once the
 * limit of the set has passed and none is left that was done before. Cancel contract: nothing
 * happened. Counterpart: async for ... in asyncio.as_completed(...). */
CEDO_AWAITABLE cedo_as_completed(cedo_set *set, cedo_member **member);

/* Limits all of cedo_as_completed that follows to `delay` from now. CEDO_FOREVER: no limit any
 * more. cedo_wait has its own, and takes this off. In a task. Nothing is cancelled by it. */
void cedo_set_limit(cedo_set *set, cedo_duration delay);

#ifdef __cplusplus
}
#endif
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && CEDO_SCOPES && CEDO_JOIN && !defined(CEDO_WAIT_IMPLEMENTED_)
#define CEDO_WAIT_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CEDO_SET_FAILED_ = 4, /* beside cedo_return_when, what is waited for */
    CEDO_SET_CANCELLED_ = 8,
    CEDO_SET_LATE_ = 16,
    CEDO_SET_GATHERS_ = 3 /* all bits of what is waited for, and the one that is left */
};

/* ------------------------------------------------------------- members */

static cedo_member *cedo_member_of_(cedo_node *node)
{
    return CEDO_CONTAINER_(node, cedo_member, handle.entry.node);
}

/* Is what `set->flags` asks for there? */
static bool cedo_set_is_ready_(const cedo_set *set)
{
    if (!set->pending) return true;
    switch (set->flags & CEDO_SET_GATHERS_) {
    case CEDO_FIRST_COMPLETED: return set->done.next != &set->done;
    case CEDO_FIRST_EXCEPTION: return (set->flags & CEDO_SET_FAILED_) != 0;
    case CEDO_SET_GATHERS_: return set->error < 0 && !(set->flags & CEDO_SET_CANCELLED_);
    default: return false;
    }
}

static void cedo_set_wake_(cedo_set *set)
{
    cedo_wake_first_(&set->waiting);
}

/* The turn after the one in which a member was done. */
static cedo_status cedo_member_told_(void *arg)
{
    cedo_member *const member = (cedo_member *)arg;
    cedo_set *const set = member->set;
    const cedo_status_ status = member->handle.entry.status;
    cedo_list_push(&set->done, &member->handle.entry.node);
    set->pending--;
    if (status < 0) {
        if (set->error == 0) set->error = status;
        if (status != CEDO_ECANCELED) set->flags |= CEDO_SET_FAILED_;
    }
    if (!cedo_ring_is_empty(&set->waiting) &&
        (cedo_entry_of_(cedo_ring_first(&set->waiting))->u.arg || cedo_set_is_ready_(set)))
        cedo_set_wake_(set);
    return CEDO_OK;
}

static void cedo_member_out_(cedo_member *member)
{
    cedo_handle *const handle = &member->handle;
    cedo_set *const set = member->set;
    member->set = NULL;
    if (handle->entry.flags & (CEDO_HANDLE_WATCHES_ | CEDO_HANDLE_READY_)) {
        const uint8_t watches = handle->entry.flags & CEDO_HANDLE_WATCHES_;
        cedo_handle_cancel(handle);
        handle->entry.flags |= watches; /* so cedo_member_done stays what it was */
        set->pending--;
        return;
    }
    if (set->given == &handle->entry.node) set->given = handle->entry.node.prev;
    cedo_list_unlink(&handle->entry.node);
}

/* What its members have done, as if there had been no other. */
static void cedo_set_recount_(cedo_set *set)
{
    set->error = 0;
    set->flags &= (uint8_t)~CEDO_SET_FAILED_;
    for (cedo_node *node = set->done.next; node != &set->done; node = node->next) {
        const cedo_status_ status = cedo_entry_of_(node)->status;
        if (status < 0 && set->error == 0) set->error = status;
        if (status < 0 && status != CEDO_ECANCELED) set->flags |= CEDO_SET_FAILED_;
    }
}

bool cedo_set_remove(cedo_member *member)
{
    cedo_set *const set = member->set;
    cedo_member *before;
    if (!set) return false;
    for (before = set->last; before->next != member;) before = before->next;
    before->next = member->next;
    if (set->last == member) set->last = before == member ? NULL : before;
    cedo_member_out_(member);
    cedo_set_recount_(set);
    return true;
}

static void cedo_set_empty_(cedo_set *set)
{
    for (cedo_member *member = NULL; (member = cedo_set_next(set, member)) != NULL;)
        cedo_member_out_(member);
    set->last = NULL;
    set->error = 0;
    set->flags = 0;
    cedo_handle_disarm_(&set->timer);
}

static cedo_op cedo_set_close_(cedo_scope *scope, cedo_status *pending, cedo_status woke)
{
    (void)pending, (void)woke;
    cedo_set_empty_(CEDO_CONTAINER_(scope, cedo_set, scope));
    scope->handler = 0;
    return cedo_done(CEDO_OK);
}

void cedo_set_clear(cedo_set *set)
{
    if (!set->scope.owner) return;
    cedo_set_empty_(set);
    /* one below other scopes stays open, which does no harm */
    if (cedo_current_()->chain.scopes != &set->scope) return;
    set->scope.handler = 0;
    cedo_scope_pop_(&set->scope);
}

static void cedo_set_open_(cedo_set *set)
{
    if (set->scope.owner) return;
    cedo_scope_open(&set->scope, cedo_set_close_);
    set->scope.handler = CEDO_S_ENDED_; /* no block; closed with the loop, too */
    set->timer.entry.flags = 0;
    cedo_ring_init(&set->waiting);
    set->last = NULL;
    cedo_list_init(&set->done);
    set->given = &set->done;
    set->pending = 0;
    set->error = 0;
    set->flags = 0;
}

static void cedo_set_add_(cedo_set *set, cedo_member *member, void *object,
                          bool (*cancel)(void *object, const char *message), cedo_status outcome)
{
    CEDO_CHECK_(member->set == NULL, "this member is in a set: give each its own, or take it out");
    cedo_set_open_(set);
    member->set = set;
    member->object = object;
    member->cancel = cancel;
    member->handle.entry.flags = 0;
    member->handle.entry.status = (cedo_status_)outcome; /* if it is done already */
    member->next = set->last ? set->last->next : member;
    if (set->last) set->last->next = member;
    set->last = member;
    set->pending++;
}

static bool cedo_member_cancel_task_(void *task, const char *message)
{
    return cedo_task_cancel_with((cedo_task *)task, message);
}

cedo_status cedo_set_add_task(cedo_set *set, cedo_member *member, cedo_task *task)
{
    if (!(task->entry.flags & CEDO_ENTRY_TASK_)) return CEDO_ESTATE;
#if CEDO_LOOPS
    if (task->loop != cedo_running_) return CEDO_EINVAL;
#endif
    cedo_set_add_(set, member, task, cedo_member_cancel_task_, cedo_task_result(task));
    return cedo_task_add_done_callback(task, &member->handle, cedo_member_told_, member);
}

static bool cedo_member_cancel_future_(void *future, const char *message)
{
    return cedo_future_cancel_with((cedo_future *)future, message);
}

cedo_status cedo_set_add_future(cedo_set *set, cedo_member *member, cedo_future *future)
{
#if CEDO_LOOPS
    if (future->loop && future->loop != cedo_running_) return CEDO_EINVAL;
#endif
    cedo_set_add_(set, member, future, cedo_member_cancel_future_, cedo_future_result(future));
    return cedo_future_add_done_callback(future, &member->handle, cedo_member_told_, member);
}

/* ------------------------------------------------------------- wait */

static cedo_op cedo_set_wait_resume_(cedo_task *task)
{
    cedo_set_limit(CEDO_CONTAINER_(task->u.ring, cedo_set, waiting), CEDO_FOREVER);
    return cedo_done(CEDO_OK);
}

static bool cedo_set_wait_cancel_(cedo_task *task, const char *message)
{
    (void)message;
    (void)cedo_set_wait_resume_(task);
    return false;
}

static void cedo_set_wait_abandon_(cedo_task *task)
{
    (void)cedo_set_wait_resume_(task);
}

static const cedo_wait_ops cedo_set_wait_ops_ =
    CEDO_WAIT_OPS_AT(offsetof(cedo_set, waiting), "wait", cedo_set_wait_resume_,
                     cedo_set_wait_cancel_, cedo_set_wait_abandon_);

static cedo_status cedo_set_late_(void *arg)
{
    cedo_set *const set = (cedo_set *)arg;
    set->flags |= CEDO_SET_LATE_;
    cedo_set_wake_(set);
    return CEDO_OK;
}

void cedo_set_limit(cedo_set *set, cedo_duration delay)
{
    cedo_set_open_(set);
    set->flags &= (uint8_t)~CEDO_SET_LATE_;
    cedo_handle_disarm_(&set->timer);
    if (delay == CEDO_FOREVER) return;
    set->timer.fn = cedo_set_late_;
    set->timer.arg = set;
    set->timer.entry.flags = CEDO_HANDLE_ARMED_;
    cedo_arm_after_(cedo_task_loop_(cedo_current_()), &set->timer.entry, delay > 0 ? delay : 0);
}

cedo_op cedo_wait(cedo_set *set, cedo_return_when when, cedo_duration delay)
{
    if (!set->scope.owner || !set->last) return cedo_done(CEDO_EINVAL);
    set->flags = (uint8_t)((set->flags & ~CEDO_SET_GATHERS_) | (uint8_t)when);
    if (cedo_set_is_ready_(set)) return cedo_done(CEDO_OK);
    cedo_set_limit(set, delay);
    return cedo_wait_(&set->waiting, &cedo_set_wait_ops_, NULL);
}

/* ------------------------------------------------------------- gather */

static cedo_op cedo_gather_resume_(cedo_task *task)
{
    cedo_set *const set = CEDO_CONTAINER_(task->u.ring, cedo_set, waiting);
    if (set->flags & CEDO_SET_CANCELLED_) {
        set->flags &= (uint8_t)~CEDO_SET_CANCELLED_;
        return cedo_done(CEDO_ECANCELED);
    }
    return cedo_done(set->error);
}

static bool cedo_gather_cancel_(cedo_task *task, const char *message)
{
    cedo_set *const set = CEDO_CONTAINER_(task->u.ring, cedo_set, waiting);
    bool any = false;
    for (cedo_member *member = NULL; (member = cedo_set_next(set, member)) != NULL;) {
        if (cedo_member_done(member)) continue;
        (void)member->cancel(member->object, message);
        any = true;
    }
    if (any) set->flags |= CEDO_SET_CANCELLED_;
    return any;
}

static void cedo_gather_abandon_(cedo_task *task)
{
    (void)cedo_gather_resume_(task);
}

static const cedo_wait_ops cedo_gather_ops_ =
    CEDO_WAIT_OPS_AT(offsetof(cedo_set, waiting), "gather", cedo_gather_resume_,
                     cedo_gather_cancel_, cedo_gather_abandon_);

cedo_op cedo_gather(cedo_set *set)
{
    if (!set->scope.owner) return cedo_done(CEDO_OK); /* empty */
    set->flags |= CEDO_SET_GATHERS_;
    if (cedo_set_is_ready_(set)) return cedo_done(set->error);
    return cedo_wait_(&set->waiting, &cedo_gather_ops_, NULL);
}

/* ------------------------------------------------------------- as_completed */

static cedo_op cedo_as_completed_resume_(cedo_task *task);
static const cedo_wait_ops cedo_as_completed_ops_ = CEDO_WAIT_OPS_AT(
    offsetof(cedo_set, waiting), "as_completed", cedo_as_completed_resume_, NULL, NULL);

cedo_op cedo_as_completed(cedo_set *set, cedo_member **member)
{
    if (!set->scope.owner) return cedo_done(CEDO_END);
    if (set->given->next != &set->done) {
        set->given = set->given->next;
        *member = cedo_member_of_(set->given);
        return cedo_done(CEDO_OK);
    }
    if (!set->pending) {
        cedo_handle_disarm_(&set->timer);
        return cedo_done(CEDO_END);
    }
    if (set->flags & CEDO_SET_LATE_) return cedo_done(CEDO_ETIMEDOUT);
    return cedo_wait_(&set->waiting, &cedo_as_completed_ops_, member);
}

static cedo_op cedo_as_completed_resume_(cedo_task *task)
{
    return cedo_as_completed(CEDO_CONTAINER_(task->u.ring, cedo_set, waiting),
                             (cedo_member **)task->entry.u.arg);
}

#ifdef __cplusplus
}
#endif
#endif
