/* What blocks that hold something have in common: cedo_with_lock, cedo_with_condition,
 * cedo_with_semaphore. */
#ifndef CEDO_HOLD_H
#define CEDO_HOLD_H

#include <cedo/scope.h>

#if CEDO_SCOPES

#ifdef __cplusplus
extern "C" {
#endif

/* What a block holds, and gives back when it is left. All zero: nothing. Lives in the frame; may be
 * used again once its block was left. Private fields. */
typedef struct cedo_hold cedo_hold;
struct cedo_hold {
    cedo_scope scope;
    void *object;
};

/* ------------------------------------------------------------- private */

/* Three passes, told by the state: FINISH, which nothing else leaves here, awaits; then the block
 * runs; LEAVE closes. */
#define CEDO_WITH_HELD_(acquire, hold, close, n) \
    for (co_->state = CEDO_S_FINISH_;; \
         co_->state = \
             (cedo_state_)(co_->state == CEDO_S_FINISH_ ? CEDO_STATE_OF_(n) : CEDO_S_LEAVE_)) \
        if (co_->state == CEDO_S_FINISH_) { \
            CEDO_SUSPEND_(acquire, n) \
                : CEDO_FAIL_IF_NEGATIVE_ cedo_scope_open(&(hold)->scope, close); \
            co_->state = CEDO_S_FINISH_; \
        } \
        else if (co_->state == CEDO_S_LEAVE_) { \
            co_->state = CEDO_STATE_OF_(n); \
            st_ = cedo_hold_leave_(hold, close); \
            CEDO_FAIL_IF_NEGATIVE_ \
            break; \
        } \
        else

/* The normal way out of such a block, which does not wait. */
static inline cedo_status cedo_hold_leave_(cedo_hold *hold, cedo_scope_close *close)
{
#if CEDO_HOSTED
    const cedo_op op = close(&hold->scope, NULL, 0);
    cedo_scope_pop_(&hold->scope);
    return cedo_op_status_(op);
#else
    (void)close;
    return cedo_op_status_(cedo_scope_leave_(&hold->scope, 0));
#endif
}

#ifdef __cplusplus
}
#endif
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && CEDO_SCOPES && !defined(CEDO_HOLD_IMPLEMENTED_)
#define CEDO_HOLD_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

static void cedo_hold_begin_(cedo_hold *hold, void *object)
{
    CEDO_CHECK_(hold->scope.owner == NULL,
                "this hold is in use: its block was left by break or goto, or it is used twice");
    hold->object = object;
}

static void *cedo_held_(cedo_scope *scope)
{
    return CEDO_CONTAINER_(scope, cedo_hold, scope)->object;
}

#ifdef __cplusplus
}
#endif
#endif
