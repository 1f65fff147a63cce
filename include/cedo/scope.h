/* Scopes: blocks that close what they opened.
 *
 * The open scopes of a task form a stack. A scope belongs to the frame whose block it is. It is
 * closed, awaiting if need be, when its block is left: at its end, by continue, by return, by a
 * failing await. A coroutine that ends in any way first closes what it left open, from the top.
 *
 * Do not leave a block by break or goto: the scope would stay open until the coroutine ends.
 * Opening it again meanwhile traps.
 *
 * Counterparts: async with, try and except.
 */
#ifndef CEDO_SCOPE_H
#define CEDO_SCOPE_H

#include <cedo/task.h>

#if CEDO_SCOPES

#ifdef __cplusplus
extern "C" {
#endif

/* Opens `scope` for the running frame. For scopes of your own: embed a cedo_scope, and let a macro
 * call cedo_with_ with an expression that opens it. */
static inline void cedo_scope_open(cedo_scope *scope, cedo_scope_close *close)
{
    CEDO_CHECK_(cedo_current_() != NULL, "a scope can only be opened in a task");
    CEDO_CHECK_(scope->owner == NULL, "this scope is open already: its block was left by break or "
                                      "goto, or it is used twice at a time");
    scope->owner = cedo_current_()->chain.top;
    scope->close = close;
    scope->next = cedo_current_()->chain.scopes;
    cedo_current_()->chain.scopes = scope;
}

/* Private: opens it below the blocks that the running coroutine is in, since they will be left before
 * it ends. Once: again by the same coroutine does nothing. */
void cedo_scope_open_below_(cedo_scope *scope, cedo_scope_close *close);

/* Private: takes out a scope from below calls that were deferred in its block. */
void cedo_scope_pop_below_(cedo_scope *scope);

static inline void cedo_scope_pop_(cedo_scope *scope)
{
    if (CEDO_LIKELY_(cedo_current_()->chain.scopes == scope)) {
        cedo_current_()->chain.scopes = scope->next;
    }
    else {
        cedo_scope_pop_below_(scope);
    }
    scope->owner = NULL;
}

/* Private: the normal way out of a block. */
cedo_op cedo_scope_leave_(cedo_scope *scope, cedo_status woke);

#if CEDO_TRACE
#define CEDO_IF_DESCRIBED_ \
    if (CEDO_UNLIKELY_(st_ == CEDO_DESCRIBE_)) { \
        CEDO_LINE_SET_; \
        goto cedo_fail_here_; \
    }
#else
#define CEDO_IF_DESCRIBED_
#endif

/* The loop runs the block once: at its end the state says so, and the scope is closed. */
#define CEDO_WITH_(open, scope, n) \
    for ((void)(open);; co_->state = CEDO_S_LEAVE_) \
        if (co_->state == CEDO_S_LEAVE_) { \
            co_->state = CEDO_STATE_OF_(n); \
            st_ = 0; \
            CEDO_FALL_INTO_POINT_; \
            CEDO_POINT_(n) : CEDO_IF_DESCRIBED_ \
            { \
                const cedo_op cedo_op_ = cedo_scope_leave_(scope, st_); \
                if (!cedo_op_is_done_(cedo_op_)) return cedo_op_; \
                st_ = cedo_op_status_(cedo_op_); \
            } \
            CEDO_FAIL_IF_NEGATIVE_ \
            break; \
        } \
        else

#define cedo_with_(open, scope) CEDO_WITH_(open, scope, CEDO_NEXT_)

/* ------------------------------------------------------------- try and except */

/* What a try block caught. Needs no initialisation but zero. */
typedef struct cedo_guard cedo_guard;
struct cedo_guard {
    cedo_scope scope;
};

#define CEDO_TRY_(guard, catches, n) \
    for (cedo_guard_set_(guard, catches, co_, CEDO_STATE_OF_(n));; co_->state = CEDO_S_LEAVE_) \
        if (co_->state == CEDO_S_LEAVE_) { \
            co_->state = CEDO_STATE_OF_(n); /* or the next block would find itself left already */ \
            cedo_guard_clear_(guard); \
            break; \
        } \
        else if (0) { \
            CEDO_POINT_(n) : CEDO_IF_DESCRIBED_ break; \
        } \
        else

/* cedo_try (&self->guard) { ... } cedo_except (&self->guard) { ... }
 * Runs the first block; when an await or throw in it fails, its scopes are closed and the second
 * block runs. Errors only: cancellation (CEDO_ECANCELED) and CEDO_EEXIT pass, as they do through
 * Python's "except Exception". */
#define cedo_try(guard) CEDO_TRY_(guard, cedo_guard_errors_, CEDO_NEXT_)

/* The same, and catches all. Who catches a cancellation should throw it again in time:
 * cedo_rethrow(guard). Python: except BaseException. */
#define cedo_try_all(guard) CEDO_TRY_(guard, NULL, CEDO_NEXT_)

#define cedo_except(guard) if (cedo_caught(guard) < 0)

/* What the guard caught, negative; CEDO_OK: nothing. */
static inline cedo_status cedo_caught(const cedo_guard *guard)
{
    return guard->scope.caught;
}

/* Throws what the guard caught. Python: raise. */
#define cedo_rethrow(guard) cedo_throw(cedo_caught(guard))

static inline void cedo_guard_set_(cedo_guard *guard, cedo_scope_close *catches,
                                   const cedo_coro *coro, cedo_state_ handler)
{
    cedo_scope_open(&guard->scope, catches);
    guard->scope.handler = handler;
    guard->scope.caught = coro->status;
}

static inline void cedo_guard_clear_(cedo_guard *guard)
{
    cedo_scope_pop_(&guard->scope);
    guard->scope.caught = 0;
}

/* ------------------------------------------------------------- deferred calls */

/* A call that is made when the coroutine ends, or when a surrounding scope of it is closed by an
 * error. */
typedef struct cedo_deferred cedo_deferred;
struct cedo_deferred {
    cedo_scope scope;
    void (*fn)(void *arg);
    void *arg;
};

/* From here on, fn(arg) will be called when the running coroutine ends, in whatever way; the last
 * deferred first. `deferred` must live in the frame. fn must not await. Source: Go's defer. */
void cedo_defer(cedo_deferred *deferred, void (*fn)(void *arg), void *arg);

#ifdef __cplusplus
}
#endif
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && CEDO_SCOPES && !defined(CEDO_SCOPE_IMPLEMENTED_)
#define CEDO_SCOPE_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

cedo_op cedo_scope_leave_(cedo_scope *scope, cedo_status woke)
{
    cedo_status pending = 0;
    const cedo_op op = scope->close(scope, &pending, woke);
    if (!cedo_op_is_done_(op)) return op;
    cedo_scope_pop_(scope);
    return cedo_op_status_(op) < 0 ? op : cedo_done(pending);
}

static cedo_op cedo_deferred_close_(cedo_scope *scope, cedo_status *pending, cedo_status woke)
{
    cedo_deferred *const deferred = CEDO_CONTAINER_(scope, cedo_deferred, scope);
    (void)pending, (void)woke;
    deferred->fn(deferred->arg);
    return cedo_done(0);
}

void cedo_scope_open_below_(cedo_scope *scope, cedo_scope_close *close)
{
    cedo_chain *const chain = &cedo_this_task_()->chain;
    cedo_scope **place = &chain->scopes;
    if (scope->owner == chain->top) return;
    CEDO_CHECK_(scope->owner == NULL, "another coroutine began to use this and has not ended: use "
                                      "another object");
    while (*place && (*place)->owner == chain->top) place = &(*place)->next;
    scope->owner = chain->top;
    scope->close = close;
    scope->next = *place;
    *place = scope;
}

void cedo_scope_pop_below_(cedo_scope *scope)
{
    for (cedo_scope *above = cedo_current_()->chain.scopes;
         above->close == cedo_deferred_close_ || CEDO_IS_SPECIAL_(above->handler); /* no block */
         above = above->next) {
        if (above->next == scope) {
            above->next = scope->next;
            return;
        }
    }
    CEDO_TRAP("scopes must be closed in the reverse order of their opening: a block inside this "
              "one was left by break "
              "or goto");
}

void cedo_defer(cedo_deferred *deferred, void (*fn)(void *arg), void *arg)
{
    deferred->fn = fn;
    deferred->arg = arg;
    cedo_scope_open(&deferred->scope, cedo_deferred_close_);
}

#ifdef __cplusplus
}
#endif
#endif
