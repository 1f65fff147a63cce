/* Coroutines: stackless functions that can wait.
 *
 * A coroutine is a struct, its frame, that you declare, and a body that works on it:
 *
 *     struct greet {
 *         cedo_coro   coro;          // always first
 *         const char *who;           // arguments
 *         int         i;             // locals that live across an await
 *     };
 *
 *     static cedo_async(greet)
 *     {
 *         cedo_body(struct greet, self) {
 *             for (self->i = 0; self->i < 3; self->i++) {
 *                 puts(self->who);
 *                 cedo_await(cedo_sleep_ms(100));
 *             }
 *         cedo_finally:
 *             puts("bye");
 *         }
 *     }
 *
 * The frame is the whole memory of a coroutine; `sizeof` tells it. C locals do not survive an
 * await: keep them in the frame (-Wjump-misses-init finds most of those that are not). Frames that
 * have never been used must be all zero, as static storage and members of an initialised frame are.
 *
 * This header needs no loop: generators run from any code, an interrupt included. What may be
 * awaited comes with task.h, timer.h and the others.
 *
 * Two ways to resume, chosen per file and free to mix: a dense ISO C `switch` (the default), in
 * which an await cannot stand inside a `switch` of yours (it traps when it resumes), and labels as
 * values (#define CEDO_LABELS before the include; gcc and clang), in which it can.
 *
 * Source of the ideas: protothreads (Dunkels), Duff's device, PEP 492 and 525.
 */
#ifndef CEDO_CORO_H
#define CEDO_CORO_H

#include <cedo/status.h>
#include <cedo/trace.h>
#include <cedo/trap.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------- frames */

#if CEDO_STATE_BITS == 8
typedef uint8_t cedo_state_;
#define CEDO_SPECIAL_ 0xf8u
#elif CEDO_STATE_BITS == 16
typedef uint16_t cedo_state_;
#define CEDO_SPECIAL_ 0x8000u
#else
typedef uint32_t cedo_state_;
#define CEDO_SPECIAL_ 0x80000000u
#endif

#if CEDO_STATUS_BITS == 8
typedef int8_t cedo_status_;
#elif CEDO_STATUS_BITS == 16
typedef int16_t cedo_status_;
#else
typedef int32_t cedo_status_;
#endif

/* What a step answers to whoever drives it, in one word: 0, "I wait"; 2, "I yield, resume me in the
 * next turn"; odd, "done", with a status in the upper bits; else "go on with this frame". A pointer
 * type, so that nothing else can be awaited by mistake. */
typedef struct cedo_op_ *cedo_op;
struct cedo_op_ {
    char unused; /* complete, so that `&*op` tells an operation from a number that is 0 */
};

typedef cedo_op cedo_body_(cedo_coro *coro, cedo_status status);

/* The head of every frame: three words. All zero: never started. */
struct cedo_coro {
    cedo_body_ *body;
    cedo_coro *caller; /* who awaits it; NULL for the first frame of a task */
    cedo_state_ state; /* 0, the number or label of an await, or one of CEDO_S_... */
    /* 0, the error that is leaving, or, above 0, "in finally", see cedo_pending_ */
    cedo_status_ status;
} CEDO_FRAME_ALIGN_;

/* What may stand in `state` beside the resume points. */
/* by return: close the scopes, then finally */
#define CEDO_S_LEAVE_ ((cedo_state_)(CEDO_SPECIAL_ + 0u))
/* by error: the same, and guards may catch */
#define CEDO_S_THROW_ ((cedo_state_)(CEDO_SPECIAL_ + 1u))
/* jump into the finally section, if there is one */
#define CEDO_S_FINALLY_ ((cedo_state_)(CEDO_SPECIAL_ + 2u))
/* close the scopes and end, with no finally section: either it is over, since the end of the body was
 * reached (scopes are open still), or it never begins, since the task was cancelled before its first
 * step, and the body is not entered; in hold.h also a pass of a block */
#define CEDO_S_FINISH_ ((cedo_state_)(CEDO_SPECIAL_ + 3u))
#define CEDO_S_ENDED_ ((cedo_state_)(CEDO_SPECIAL_ + 4u))
/* never in a frame: the end was reached, perhaps past the finally section, by a break or a continue */
#define CEDO_S_FALLEN_ ((cedo_state_)(CEDO_SPECIAL_ + 5u))
#define CEDO_IS_SPECIAL_(state) ((cedo_state_)((state)-CEDO_SPECIAL_) <= 4u)

/* A function that may be awaited returns this. */
#define CEDO_AWAITABLE CEDO_NODISCARD_ cedo_op

/* For operations of your own. "Done" goes on (or fails, when `status` is negative) without leaving
 * the function; a positive status is success too. "Waiting" gives the loop control: something must
 * have been arranged to wake the task. */
#define CEDO_WAITING ((cedo_op)NULL)
#define CEDO_YIELDING_ ((cedo_op)(intptr_t)2)
#define CEDO_RESUMING_ ((cedo_op)(intptr_t)4)    /* no step answers this, see cedo_task_resume_ */
#define CEDO_DUET_BEGINS_ ((cedo_op)(intptr_t)4) /* nor this, see cedo_task_retry_ */

static inline cedo_op cedo_done(cedo_status status)
{
    return (cedo_op)((intptr_t)status * 2 + 1);
}

static inline bool cedo_op_is_done_(cedo_op op)
{
    return ((intptr_t)op & 1) != 0;
}

static inline cedo_status cedo_op_status_(cedo_op op)
{
    return (cedo_status)((intptr_t)op >> 1);
}

/* ------------------------------------------------------------- scopes (see scope.h) */

typedef struct cedo_scope cedo_scope;

/* Closes `scope`. `pending` is the status that is leaving the block (0: none) and may be changed.
 * `woke` is 0 at the first call and the status of the wake-up when the closing waited. Answers done
 * (the status counts only as a failure of the closing itself), waiting, or a frame to run first. */
typedef cedo_op cedo_scope_close(cedo_scope *scope, cedo_status *pending, cedo_status woke);

cedo_op cedo_guard_errors_(cedo_scope *scope, cedo_status *pending, cedo_status woke);

struct cedo_scope {
    cedo_scope *next;        /* the scope around it */
    cedo_coro *owner;        /* the frame whose block it is; NULL: not open */
    cedo_scope_close *close; /* of a guard: NULL, catches all, or cedo_guard_errors_ */
    cedo_state_ handler;     /* of a guard: where its block is left to */
    cedo_status_ caught; /* of a guard: the owner's status when it was set, then what it caught */
};

/* A chain of frames that run as one: what a task is for coroutines. */
typedef struct cedo_chain cedo_chain;
struct cedo_chain {
    cedo_coro *top; /* the innermost frame, the one to resume */
#if CEDO_SCOPES
    cedo_scope *scopes; /* the innermost open scope */
#endif
};

/* Private: the task that is running in this thread; NULL in callbacks and generators. */
#if CEDO_HOSTED
/* Its address, and in the two low bits whether it may wait by a short way, see cedo_wait_here_. */
extern CEDO_THREAD_LOCAL uintptr_t cedo_here_;

enum {
    CEDO_HERE_ALONE_, /* yes: nothing else is ready, and it is not in the ring of what is */
    CEDO_HERE_NOT_,   /* no: there is none, or a request for a cancellation is pending */
    CEDO_HERE_IN_RING_
};

static inline struct cedo_task *cedo_current_(void)
{
    return (struct cedo_task *)(cedo_here_ & ~(uintptr_t)3);
}

static inline void cedo_set_current_(struct cedo_task *task)
{
    cedo_here_ = (uintptr_t)task + CEDO_HERE_NOT_;
}
#else
extern CEDO_THREAD_LOCAL struct cedo_task *cedo_here_;

static inline struct cedo_task *cedo_current_(void)
{
    return cedo_here_;
}

static inline void cedo_set_current_(struct cedo_task *task)
{
    cedo_here_ = task;
}
#endif

/* ------------------------------------------------------------- the body */

/* Declares or defines the coroutine `name`, whose frame is struct `name`. May be preceded by
 * static; a prototype is the same with a semicolon. */
#ifdef CEDO_LABELS
/* noclone: a copy of the function would have its labels elsewhere */
#if CEDO_HAS_ATTRIBUTE_(noclone)
#define cedo_async(name) \
    CEDO_ALIGNED_ __attribute__((noinline, noclone)) \
    cedo_op name##_coro(cedo_coro *const co_, cedo_status st_)
#else
#define cedo_async(name) \
    CEDO_ALIGNED_ __attribute__((noinline)) \
    cedo_op name##_coro(cedo_coro *const co_, cedo_status st_)
#endif
#else
#define cedo_async(name) CEDO_ALIGNED_ cedo_op name##_coro(cedo_coro *const co_, cedo_status st_)
#endif

/* Private: leaving. Defined below. */
cedo_op cedo_leave_(cedo_coro *coro, cedo_status status CEDO_HERE_PARAM_);
cedo_op cedo_finish_(const cedo_coro *coro);
cedo_op cedo_fail_(cedo_coro *coro, cedo_status status CEDO_HERE_PARAM_);
cedo_op cedo_throw_(cedo_coro *coro, cedo_status status CEDO_HERE_PARAM_);

#if CEDO_TRACE
#define CEDO_LEAVE_OR_FAIL_ \
    return cedo_leave_(co_, st_ CEDO_HERE_); \
    goto cedo_fail_here_; \
    cedo_fail_here_: \
    return cedo_fail_(co_, st_ CEDO_HERE_LINE_)
#else
/* with no line to tell, one call serves both: the state says which it is */
#define CEDO_LEAVE_OR_FAIL_ \
    goto cedo_fail_here_; \
    cedo_fail_here_: \
    return cedo_leave_(co_, st_)
#endif

#ifdef __COUNTER__
#define CEDO_COUNT_ __COUNTER__
#define CEDO_COUNT_BASE_ __COUNTER__
#else
/* strict ISO C: sparse numbers, and only one await a line */
#define CEDO_COUNT_ __LINE__
#define CEDO_COUNT_BASE_ 0
#endif

#define CEDO_PASTE__(a, b) a##b
#define CEDO_PASTE_(a, b) CEDO_PASTE__(a, b)

#ifdef CEDO_LABELS

/* A resume point is the distance of its label from one that is in every body. */
#if CEDO_STATE_BITS == 16
#define CEDO_DISTANCE_ int16_t
#else
#define CEDO_DISTANCE_ int32_t
#endif
#define CEDO_NEXT_ CEDO_COUNT_
#define CEDO_LABEL_(n) CEDO_PASTE_(cedo_resume_, n)
#define CEDO_STATE_OF_(n) \
    (__extension__(cedo_state_)((char *)&&CEDO_LABEL_(n) - (char *)&&cedo_fail_here_))
#define CEDO_POINT_(n) CEDO_LABEL_(n)
#define CEDO_FALL_INTO_POINT_ ((void)0)
#define CEDO_RESUME_ \
    if (!CEDO_IS_SPECIAL_(co_->state)) \
        __extension__({ goto *(void *)((char *)&&cedo_fail_here_ + (CEDO_DISTANCE_)co_->state); });

#else

#define CEDO_NEXT_ CEDO_COUNT_ - cedo_base_
#define CEDO_STATE_OF_(n) \
    ((void)sizeof( \
         char[(n) < (long)(CEDO_SPECIAL_ & 0x7fffffff) || CEDO_STATE_BITS == 32 ? 1 : -1]), \
     (cedo_state_)(n))
#define CEDO_POINT_(n) case (n)
#define CEDO_FALL_INTO_POINT_ CEDO_FALLTHROUGH_
#define CEDO_RESUME_

#endif

/* A body is entered, and ended, once, and goes on from an await often: labels that say so, for a good
 * layout. */
#if CEDO_HOSTED && defined(__GNUC__) && !defined(__clang__) && !defined(__cplusplus)
#define CEDO_SELDOM_ __attribute__((cold, unused))
#define CEDO_AT_START_ \
    cedo_start_: \
    CEDO_SELDOM_
#define CEDO_AT_END_ \
    cedo_end_: \
    CEDO_SELDOM_;
#else
#define CEDO_AT_START_
#define CEDO_AT_END_
#endif

#if CEDO_HOSTED && defined(__GNUC__)
/* The usual end, by a shorter way; if scopes are open, the task sees to it. The compiler knows where
 * CEDO_S_FALLEN_ leads, so nothing is tested for that. */
#define CEDO_FALL_OFF_ \
    __extension__({ \
        CEDO_AT_END_ \
        if (CEDO_UNLIKELY_(co_->status != 0)) { \
            co_->state = CEDO_S_ENDED_; \
            return cedo_finish_(co_); \
        } \
        __asm__(""); /* or it would be merged with what is not seldom */ \
        cedo_at_ = CEDO_S_FALLEN_; \
    })
/* CEDO_S_FALLEN_ stands in no frame: with that known, what enters a body is not tested for it, neither
 * by CEDO_FALLEN_ nor by the case that cedo_finally has. */
#define CEDO_NOT_FALLEN_ \
    if (co_->state == CEDO_S_FALLEN_) __builtin_unreachable();
#define CEDO_FALLEN_ \
    if (cedo_at_ == CEDO_S_FALLEN_) { \
        co_->state = CEDO_S_ENDED_; \
        return cedo_done(CEDO_OK); \
    }
#else
/* a return as any other: CEDO_S_FALLEN_ is never met */
#define CEDO_FALL_OFF_ co_->state = cedo_at_ = CEDO_S_LEAVE_, st_ = 0
#define CEDO_NOT_FALLEN_
#define CEDO_FALLEN_
#endif

/* The body of a coroutine: an ordinary block. `self` is the frame, a const pointer to `type`.
 * Falling off the end is a return, and so are, in no loop of yours, a break and a continue. No label,
 * switch or loop around it is needed. */
#define cedo_body(type, self) \
    type *const self = (type *)(void *)co_; \
    CEDO_LINE_VARIABLE_ \
    enum { cedo_base_ = CEDO_COUNT_BASE_ }; \
    (void)self; \
    CEDO_NOT_FALLEN_ \
    for (cedo_state_ cedo_at_ = co_->state;; CEDO_FALL_OFF_) switch (cedo_at_) \
        default: \
            CEDO_AT_START_ if (cedo_at_ != 0) \
            { \
                CEDO_FALLEN_ \
                CEDO_RESUME_ \
                CEDO_LEAVE_OR_FAIL_; \
            } \
    else

/* Where it stands is written before or after `op`. After: only if it suspends, as most awaits of a
 * busy program do not. Before: so that the state tells a failure from what leaves, where nothing else
 * does, see CEDO_LEAVE_OR_FAIL_. */
#if CEDO_TRACE
#define CEDO_STAND_BEFORE_(n)
#ifdef __GNUC__
/* a loop that yields stands there already, and a comparison costs less than a store */
#define CEDO_STAND_AFTER_(op, n) \
    if (!__builtin_constant_p(op) || co_->state != CEDO_STATE_OF_(n)) \
        co_->state = CEDO_STATE_OF_(n);
#else
#define CEDO_STAND_AFTER_(op, n) co_->state = CEDO_STATE_OF_(n);
#endif
#else
#define CEDO_STAND_BEFORE_(n) co_->state = CEDO_STATE_OF_(n);
#define CEDO_STAND_AFTER_(op, n)
#endif

#define CEDO_SUSPEND_(op, n) \
    CEDO_STAND_BEFORE_(n) \
    { \
        const cedo_op cedo_op_ = &*(op); \
        if (!cedo_op_is_done_(cedo_op_)) { \
            CEDO_STAND_AFTER_(op, n) \
            return cedo_op_; \
        } \
        st_ = cedo_op_status_(cedo_op_); \
    } \
    CEDO_FALL_INTO_POINT_; \
    CEDO_POINT_(n)

#define CEDO_FAIL_IF_NEGATIVE_ \
    if (CEDO_UNLIKELY_(st_ < 0)) { \
        CEDO_LINE_SET_; \
        goto cedo_fail_here_; \
    }

#define CEDO_AWAIT_(op, n) \
    do { \
        CEDO_SUSPEND_(op, n) : CEDO_FAIL_IF_NEGATIVE_ \
    } while (0)

#if CEDO_TRACE
#define CEDO_CAUGHT_(n) \
    if (CEDO_UNLIKELY_(st_ < 0)) { \
        if (st_ == CEDO_DESCRIBE_) { \
            CEDO_LINE_SET_; \
            goto cedo_fail_here_; \
        } \
        cedo_trace_forget_(); \
    }
#else
#define CEDO_CAUGHT_(n)
#endif

#define CEDO_CATCH_(lvalue, op, n) \
    do { \
        CEDO_SUSPEND_(op, n) : CEDO_CAUGHT_(n)(lvalue) = st_; \
    } while (0)

/* Awaits `op`, which is evaluated once. If it fails, leaves through the finally section with its
 * status. Python: await. */
#define cedo_await(op) CEDO_AWAIT_(op, CEDO_NEXT_)

/* Awaits `op` and stores its status, whatever it is (cancellation included), in `lvalue`, an int of
 * the frame. Python: try: await op; except BaseException as status. */
#define cedo_catch(lvalue, op) CEDO_CATCH_(lvalue, op, CEDO_NEXT_)

/* Leaves with `status`, which is negative, through the finally section. Python: raise. */
#define cedo_throw(status) \
    do { \
        return cedo_throw_(co_, (status)CEDO_HERE_); \
    } while (0)

/* Leaves without error through the finally section; an expression, if given, is evaluated first:
 * cedo_return(self->result = 3). Inside the finally section it ends that section; a pending error
 * still goes on. */
#define cedo_return(...) \
    do { \
        __VA_ARGS__; \
        co_->state = CEDO_S_LEAVE_; \
        return cedo_leave_(co_, 0 CEDO_HERE_); \
    } while (0)

/* As a label near the end of the body: what follows runs exactly once on every way out, and may
 * await. An error in it replaces the one that was on its way. A coroutine that was cancelled before
 * its first step has not entered its body, so its finally section does not run. */
#define cedo_finally \
    CEDO_FALLTHROUGH_; \
    case CEDO_S_FALLEN_: co_->state = CEDO_S_LEAVE_; return cedo_leave_(co_, 0 CEDO_HERE_); \
    case CEDO_S_FINALLY_: goto cedo_finally_here_; cedo_finally_here_

/* ------------------------------------------------------------- calling */

#define CEDO_CORO_(name, caller) \
    { \
        name##_coro, (caller), 0, 0 \
    }

/* Initialises *frame (struct `name`) with the arguments given as .field = value, all else zero.
 * Gives its cedo_coro *. Not in C++ before 20: see cedo_enter. */
#define cedo_make(...) CEDO_MAKE_(__VA_ARGS__, )
#define CEDO_MAKE_(frame, name, ...) (CEDO_SET_(frame, name, NULL, __VA_ARGS__), &(frame)->coro)

/* For an assignment of many zeros a compiler may call memset, which a program without a C library
 * lacks: so without arguments there is none. */
#if CEDO_HOSTED
#define CEDO_SET_(frame, name, caller, ...) \
    (void)(*(frame) = (struct name){.coro = CEDO_CORO_(name, caller), __VA_ARGS__})
#else
#define CEDO_SET_(frame, name, caller, ...) \
    (sizeof("" #__VA_ARGS__) == 1 \
         ? cedo_set_(&(frame)->coro, sizeof *(frame), name##_coro, caller) \
         : (void)(*(frame) = (struct name){.coro = CEDO_CORO_(name, caller), __VA_ARGS__}))
#endif

/* Awaitable: calls the coroutine `name` with its frame at `frame` (which must outlive the call: a
 * member of the caller's frame; calls that never overlap may share a union) and the arguments
 * .field = value, all else zero.
 *     cedo_await(cedo_call(&self->child, greet, .who = "x", .times = 3));
 * The child runs in the caller's task, at once. Cancel contract: that of what the child awaits.
 * Traps if the frame is in use. Cost: the initialisation of the frame and two indirect calls.
 * Python: await greet("x", times=3). */
#define cedo_call(...) CEDO_CALL_(__VA_ARGS__, )
#define CEDO_CALL_(frame, name, ...) \
    (cedo_idle_frame_(&(frame)->coro, co_), CEDO_SET_(frame, name, co_, __VA_ARGS__), \
     cedo_enter_(&(frame)->coro))

/* The same, but only the head of the frame is set: arguments and locals stay as you left them. For
 * big frames, and for C++ before 20.
 *     self->child.who = "x";
 *     cedo_await(cedo_enter(&self->child, greet)); */
#define cedo_enter(frame, name) \
    ((void)sizeof((frame) == (struct name *)NULL), \
     cedo_prepare_(&(frame)->coro, name##_coro, co_), cedo_enter_(&(frame)->coro))

/* Sets the head of a frame whose fields are set by hand: the cedo_coro * to spawn, or a
 * generator. */
#define cedo_prepare(frame, name) \
    ((void)sizeof((frame) == (struct name *)NULL), \
     cedo_prepare_(&(frame)->coro, name##_coro, NULL), &(frame)->coro)

static inline bool cedo_coro_is_busy_(const cedo_coro *coro)
{
    return coro->state != 0 && coro->state != CEDO_S_ENDED_;
}

/* The frame of who calls is in use, too, also in its first step, when its state is still 0. */
static inline void cedo_idle_frame_(const cedo_coro *coro, const cedo_coro *caller)
{
    CEDO_CHECK_(coro != caller && !cedo_coro_is_busy_(coro),
                "this frame is in use: a coroutine runs on it (or it was never zeroed); give each "
                "call its own");
    (void)coro, (void)caller;
}

static inline void cedo_prepare_(cedo_coro *coro, cedo_body_ *body, cedo_coro *caller)
{
    cedo_idle_frame_(coro, caller);
    coro->body = body;
    coro->caller = caller;
    coro->state = 0;
    coro->status = 0;
}

/* Sets the head of a frame, and all else to zero. */
void cedo_set_(cedo_coro *coro, size_t size, cedo_body_ *body, cedo_coro *caller);

static inline CEDO_AWAITABLE cedo_enter_(cedo_coro *coro)
{
#ifdef __GNUC__
    /* so that the compiler sees that this is not "done" */
    return (cedo_op)__builtin_assume_aligned(coro, 2);
#else
    return (cedo_op)(void *)coro;
#endif
}

/* ------------------------------------------------------------- generators */

/* In a generator: hands control back to whoever called cedo_next, which answers CEDO_OK; what is
 * yielded stands in a field. Python: yield. */
#define cedo_yield() CEDO_AWAIT_POINT_(cedo_done(CEDO_OK), CEDO_NEXT_)

/* In a generator, at any depth: hands control back to the driver, whose cedo_next answers
 * CEDO_MORE, until it calls again with more input in the frame. Not in a task: there it traps. */
#define cedo_next_input(self) CEDO_AWAIT_POINT_(cedo_next_input_(), CEDO_NEXT_)

#define CEDO_AWAIT_POINT_(op, n) \
    do { \
        co_->state = CEDO_STATE_OF_(n); \
        return (op); \
        CEDO_POINT_(n) : CEDO_FAIL_IF_NEGATIVE_ \
    } while (0)

cedo_op cedo_next_input_(void);

/* Runs a generator, made by cedo_make or cedo_prepare, to its next yield. CEDO_OK: it yielded.
 * CEDO_MORE: it asks for input. CEDO_END: it returned (and again at each further call). Negative:
 * it failed, with that; afterwards CEDO_END. Needs no loop and no task; may be called from an
 * interrupt. A generator cannot open scopes, nor await what needs a task. Python: next(). */
#define cedo_next(frame) cedo_next_(&(frame)->coro, 0)

/* Stores `value` in a field of the generator and runs it to its next yield. Python:
 * generator.send(). */
#define cedo_send(frame, field, value) ((void)(*(field) = (value)), cedo_next_(&(frame)->coro, 0))

/* Ends a generator: its pending yield fails with CEDO_ECANCELED, so its finally sections run.
 * CEDO_OK: it is over (also if it never began); negative: it failed with another error. Traps if it
 * yields again. Python: generator.close(). */
#define cedo_close(frame) cedo_close_(&(frame)->coro)

cedo_status cedo_next_(cedo_coro *generator, cedo_status status);
cedo_status cedo_close_(cedo_coro *generator);

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_CORO_IMPLEMENTED_)
#define CEDO_CORO_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

#if CEDO_HOSTED
CEDO_THREAD_LOCAL uintptr_t cedo_here_ = CEDO_HERE_NOT_;
#else
CEDO_THREAD_LOCAL struct cedo_task *cedo_here_;
#endif

#if !CEDO_HOSTED
/* `size` is not 0, and both are multiples of a pointer's. */
static inline void cedo_zero_(void *storage, size_t size)
{
#ifdef __GNUC__
    typedef uintptr_t __attribute__((may_alias)) word;
#else
    typedef volatile unsigned char word;
#endif
    do {
        size -= sizeof(word);
        *(word *)(void *)((char *)storage + size) = 0;
        CEDO_FORGET_VALUE_(size); /* or this is a memset again */
    } while (size);
}

void cedo_set_(cedo_coro *coro, size_t size, cedo_body_ *body, cedo_coro *caller)
{
    cedo_zero_(coro, size);
    coro->body = body;
    coro->caller = caller;
}
#endif

/* Once the finally section was entered, `status` holds the pending status plus this, so it is above
 * 0: one field tells both what is on its way and that finally has had its turn. */
#if CEDO_STATUS_BITS == 8
#define CEDO_IN_FINALLY_ 127
#elif CEDO_STATUS_BITS == 16
#define CEDO_IN_FINALLY_ 0x4000
#else
#define CEDO_IN_FINALLY_ 0x40000000
#endif

static void cedo_bad_resume_(const cedo_coro *coro CEDO_HERE_PARAM_)
{
#if CEDO_TRACE
    const cedo_where here = {cedo_file, cedo_function, cedo_line};
    const cedo_where *const where = &here;
#else
    const cedo_where *const where = NULL;
#endif
    (void)coro;
#if CEDO_ADVICE
    if (coro->state == CEDO_S_ENDED_)
        CEDO_TRAP_(where, "this coroutine has ended and was resumed: its frame was reused or freed "
                          "too early");
#endif
    CEDO_TRAP_(where, "an await stands inside a switch of this body: use if/else, or #define "
                      "CEDO_LABELS before the first include of this file");
}

static inline cedo_status cedo_pending_(const cedo_coro *coro)
{
    return coro->status > 0 ? coro->status - CEDO_IN_FINALLY_ : coro->status;
}

static inline void cedo_set_pending_(cedo_coro *coro, cedo_status pending)
{
    coro->status = (cedo_status_)(coro->status > 0 ? pending + CEDO_IN_FINALLY_ : pending);
}

#if CEDO_SCOPES

cedo_op cedo_guard_errors_(cedo_scope *scope, cedo_status *pending, cedo_status woke)
{
    (void)scope, (void)pending, (void)woke;
    return cedo_done(0);
}

static bool cedo_guard_catches_(const cedo_scope *scope, const cedo_coro *coro)
{
    const cedo_status pending = cedo_pending_(coro);
    if (coro->state != CEDO_S_THROW_) return false;
    if (!scope->close) return true;
    return scope->close == cedo_guard_errors_ && pending != CEDO_ECANCELED && pending != CEDO_EEXIT;
}

/* Closes the scopes of `coro` from the top. Done when none is left, the frame itself when a guard
 * caught (`state` says where to go on), else what the closing scope waits for. */
CEDO_NOINLINE_ static cedo_op cedo_unwind_(cedo_coro *coro, cedo_status woke)
{
    cedo_chain *const chain = &cedo_current_()->chain;
    cedo_scope *scope;
    while ((scope = chain->scopes) != NULL && scope->owner == coro) {
        if (cedo_guard_catches_(scope, coro)) {
            const cedo_status_ before = scope->caught;
            chain->scopes = scope->next;
            scope->owner = NULL;
            scope->caught = (cedo_status_)cedo_pending_(coro);
            coro->status = before; /* in a finally section an older error may still be on its way */
            coro->state = scope->handler;
#if CEDO_TRACE
            cedo_trace_forget_();
#endif
            return cedo_enter_(coro);
        }
        if (scope->close) {
            cedo_status pending = coro->state == CEDO_S_THROW_ ? cedo_pending_(coro) : 0;
            const cedo_op op = scope->close(scope, &pending, woke);
            if (!cedo_op_is_done_(op)) return op;
            if (cedo_op_status_(op) < 0) pending = cedo_op_status_(op);
            if (pending < 0) {
                cedo_set_pending_(coro, pending);
                coro->state = CEDO_S_THROW_;
            }
            else if (coro->state == CEDO_S_THROW_) {
                cedo_set_pending_(coro, 0);
                coro->state = CEDO_S_LEAVE_;
            }
            woke = 0;
        }
        chain->scopes = scope->next;
        scope->owner = NULL;
    }
    return cedo_done(0);
}

#endif

#if !CEDO_SCOPES && !CEDO_TRACE

/* The same with nothing to close and nothing to tell. */
cedo_op cedo_leave_(cedo_coro *coro, cedo_status status)
{
    const cedo_state_ way = (cedo_state_)(coro->state - CEDO_SPECIAL_);
    const cedo_status before = coro->status;
    if (way > 3u) { /* an await has failed, see CEDO_LEAVE_OR_FAIL_; or else */
        if (status >= 0 || way == 4u) cedo_bad_resume_(coro);
    }
    else {
        status = before > 0 ? before - CEDO_IN_FINALLY_ : before;
    }
    /* neither was it in finally, nor was there none, nor was the end reached */
    if (before <= 0 && way - 2u > 1u) {
        coro->status = (cedo_status_)(status + CEDO_IN_FINALLY_);
        coro->state = CEDO_S_FINALLY_;
        return cedo_enter_(coro);
    }
    coro->state = CEDO_S_ENDED_;
    return cedo_done(status);
}

#else

cedo_op cedo_leave_(cedo_coro *coro, cedo_status status CEDO_HERE_PARAM_)
{
#if CEDO_TRACE
    if (CEDO_UNLIKELY_(status == CEDO_DESCRIBE_)) {
        cedo_trace_add_(cedo_file, cedo_function, 0);
        return CEDO_WAITING;
    }
#endif
    if (CEDO_UNLIKELY_((cedo_state_)(coro->state - CEDO_SPECIAL_) > 3u)) {
#if CEDO_TRACE
        cedo_bad_resume_(coro, cedo_file, cedo_function, cedo_line);
#else
        /* an await has failed, see CEDO_LEAVE_OR_FAIL_; or else */
        if (status >= 0 || coro->state == CEDO_S_ENDED_) cedo_bad_resume_(coro);
        cedo_set_pending_(coro, status);
        coro->state = CEDO_S_THROW_;
        status = 0;
#endif
    }
#if CEDO_SCOPES
    if (cedo_current_() && cedo_current_()->chain.scopes &&
        cedo_current_()->chain.scopes->owner == coro) {
        const cedo_op op = cedo_unwind_(coro, status);
        if (!cedo_op_is_done_(op)) return op;
    }
#else
    (void)status;
#endif
    if (coro->status <= 0 && (coro->state == CEDO_S_LEAVE_ || coro->state == CEDO_S_THROW_)) {
        coro->state = CEDO_S_FINALLY_;
        coro->status = (cedo_status_)(coro->status + CEDO_IN_FINALLY_);
        return cedo_enter_(coro);
    }
    coro->state = CEDO_S_ENDED_;
    return cedo_done(cedo_pending_(coro));
}

#endif

#if CEDO_SCOPES && CEDO_HOSTED
/* The end of the body was reached, and scopes are open. */
CEDO_NOINLINE_ static cedo_op cedo_finish_open_(cedo_coro *coro)
{
    coro->state = CEDO_S_FINISH_;
#if CEDO_TRACE
    return cedo_leave_(coro, 0, NULL, NULL, 0);
#else
    return cedo_leave_(coro, 0);
#endif
}
#endif

/* The end of the finally section: what was on its way goes on. */
cedo_op cedo_finish_(const cedo_coro *coro)
{
    return cedo_done(cedo_pending_(coro));
}

static cedo_op cedo_leave_with_(cedo_coro *coro, cedo_status status CEDO_HERE_PARAM_)
{
    cedo_set_pending_(coro, status);
    coro->state = CEDO_S_THROW_;
#if CEDO_TRACE
    return cedo_leave_(coro, 0, cedo_file, cedo_function, cedo_line);
#else
    return cedo_leave_(coro, 0);
#endif
}

#if CEDO_TRACE
cedo_op cedo_fail_(cedo_coro *coro, cedo_status status CEDO_HERE_PARAM_)
{
    if (status == CEDO_DESCRIBE_) {
        cedo_trace_add_(cedo_file, cedo_function, cedo_line);
        return CEDO_WAITING;
    }
    cedo_trace_leaving_(coro, cedo_file, cedo_function, cedo_line);
    return cedo_leave_with_(coro, status, cedo_file, cedo_function, cedo_line);
}
#endif

cedo_op cedo_throw_(cedo_coro *coro, cedo_status status CEDO_HERE_PARAM_)
{
#if CEDO_TRACE
    const cedo_where where = {cedo_file, cedo_function, cedo_line};
    if (status >= 0)
        CEDO_TRAP_(&where,
                   "cedo_throw takes a negative status; to leave without error use cedo_return()");
    cedo_trace_forget_();
    cedo_trace_leaving_(coro, cedo_file, cedo_function, cedo_line);
    return cedo_leave_with_(coro, status, cedo_file, cedo_function, cedo_line);
#else
    CEDO_CHECK_(status < 0,
                "cedo_throw takes a negative status; to leave without error use cedo_return()");
    return cedo_leave_with_(coro, status);
#endif
}

cedo_op cedo_next_input_(void)
{
    CEDO_CHECK_(!cedo_current_(),
                "cedo_next_input is for generators that cedo_next drives; a task awaits instead");
    return CEDO_WAITING;
}

/* The first frame of a generator has no caller: while a frame below it waits for input, its
 * `caller` points there. */
cedo_status cedo_next_(cedo_coro *generator, cedo_status status)
{
    struct cedo_task *const around = cedo_current_();
    cedo_coro *coro = generator->caller ? generator->caller : generator;
    if (generator->state == CEDO_S_ENDED_) return CEDO_END;
    cedo_set_current_(NULL);
    generator->caller = NULL;
    for (;;) {
        const cedo_op op = coro->body(coro, status);
        if (op == CEDO_YIELDING_)
            CEDO_TRAP("cedo_yield_now is for tasks; a generator hands out control by cedo_yield()");
        if (op == CEDO_WAITING) {
            if (coro != generator) generator->caller = coro;
            status = CEDO_MORE;
            break;
        }
        if (!cedo_op_is_done_(op)) {
            coro = (cedo_coro *)(void *)op;
            status = 0;
        }
        else {
            status = cedo_op_status_(op);
            if (coro == generator) break;
            coro = coro->caller;
        }
    }
    cedo_set_current_(around);
    if (status == CEDO_OK && generator->state == CEDO_S_ENDED_) return CEDO_END;
    return status;
}

cedo_status cedo_close_(cedo_coro *generator)
{
    cedo_status status;
    if (!cedo_coro_is_busy_(generator)) {
        generator->state = CEDO_S_ENDED_;
        return CEDO_OK;
    }
    status = cedo_next_(generator, CEDO_ECANCELED);
    if (status == CEDO_OK || status == CEDO_MORE)
        CEDO_TRAP("a generator that is being closed must not yield");
    return status == CEDO_END || status == CEDO_ECANCELED ? CEDO_OK : status;
}

#ifdef __cplusplus
}
#endif
#endif
