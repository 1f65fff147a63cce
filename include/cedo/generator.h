/* Asynchronous generators: coroutines that await, and hand out one thing after the other by
 * cedo_yield().
 *
 *     struct ticks {
 *         cedo_coro coro;
 *         int until;     // argument
 *         int n;         // what is yielded
 *     };
 *
 *     static cedo_async(ticks)
 *     {
 *         cedo_body(struct ticks, self) {
 *             for (self->n = 0; self->n < self->until; self->n++) {
 *                 cedo_await(cedo_sleep_ms(1000));
 *                 cedo_yield();
 *             }
 *         }
 *     }
 *
 *     struct show { cedo_coro coro; cedo_generator_of(ticks) ticks; };
 *         ...
 *         cedo_generate(&self->ticks, ticks, .until = 10);
 *         cedo_for_each (self->ticks.frame.n, cedo_anext(&self->ticks))
 *             printf("%d\n", self->ticks.frame.n);
 *
 * It runs in the task of whoever asks for the next thing, so nothing goes through a queue. It belongs
 * to the coroutine that called cedo_generate: left half-way, it is closed when that one ends, its
 * finally sections and their awaits included. So there is none left for the end of a loop to finalise.
 *
 * Generators that need no loop are driven by cedo_next, see coro.h. Counterpart: PEP 525.
 */
#ifndef CEDO_GENERATOR_H
#define CEDO_GENERATOR_H

#include <cedo/each.h>
#include <cedo/timeout.h>

#if CEDO_SCOPES

#ifdef __cplusplus
extern "C" {
#endif

/* Private fields. 40 bytes on a 32-bit target, 80 on a 64-bit host. All zero: never used. */
typedef struct cedo_generator cedo_generator;
struct cedo_generator {
    cedo_scope scope;   /* of the coroutine that owns it */
    cedo_coro between;  /* the frame between it and who awaits the next thing */
    cedo_coro *coro;    /* its frame */
    cedo_scope *parked; /* the scopes that it has open, while it does not run */
#if CEDO_HOSTED
    uint16_t cancels; /* of the task, when it began to close it */
#else
    uint8_t cancels;
#endif
};

/* The type of a generator together with its frame: members `generator` and `frame`. */
#define cedo_generator_of(name) \
    struct { \
        cedo_generator generator; \
        struct name frame; \
    }

/* Makes a generator of coroutine `name` in `object` (a cedo_generator_of(name) *) for the running
 * coroutine, with the arguments .field = value. Nothing of it runs yet. Traps if it is used already
 * and not over: see cedo_aclose. Python: object = name(field=value). */
#define cedo_generate(...) CEDO_GENERATE_(__VA_ARGS__, )
#define CEDO_GENERATE_(object, name, ...) \
    (cedo_idle_frame_(&(object)->frame.coro, NULL), \
     CEDO_SET_(&(object)->frame, name, NULL, __VA_ARGS__), \
     cedo_generate_(&(object)->generator, &(object)->frame.coro))

/* Awaitable: runs it to its next cedo_yield: CEDO_OK. CEDO_END: it is over, or was before. Fails with
 * its error; it is over then. CEDO_EBUSY: another task is waiting for its next thing. CEDO_ESTATE: it
 * was never made. Cancel contract: the await inside is cancelled; unless it catches that, it is over.
 * It may have scopes open when it yields (locks, try blocks), but no timeout, which could then strike
 * outside of it: that traps. Counterpart: anext(). To send it something, store it in its frame
 * before. */
#define cedo_anext(object) cedo_anext_(&(object)->generator, co_)

/* Awaitable: ends it: the cedo_yield in which it stands fails with CEDO_ECANCELED, so its finally
 * sections run. CEDO_OK: it is over (also if it never began). Fails with the error of its finally
 * sections. CEDO_EBUSY, as above. Traps if it yields again. Cancel contract: the await inside is
 * cancelled; it is over. Counterpart: aclose(). */
#define cedo_aclose(object) cedo_aclose_(&(object)->generator, co_)

void cedo_generate_(cedo_generator *generator, cedo_coro *coro);
CEDO_AWAITABLE cedo_anext_(cedo_generator *generator, cedo_coro *caller);
CEDO_AWAITABLE cedo_aclose_(cedo_generator *generator, cedo_coro *caller);

#ifdef __cplusplus
}
#endif
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && CEDO_SCOPES && !defined(CEDO_GENERATOR_IMPLEMENTED_)
#define CEDO_GENERATOR_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

/* The states of the frame between. */
enum { CEDO_GENERATOR_ENTER_ = 1, CEDO_GENERATOR_NEXT_, CEDO_GENERATOR_CLOSE_ };

/* Somebody waits for its next thing, or its end. */
static bool cedo_generator_runs_(const cedo_generator *generator)
{
    return (cedo_state_)(generator->between.state - 1u) < CEDO_GENERATOR_CLOSE_;
}

/* Its scopes lie on top of the task's while it runs, and go with it. */
static void cedo_generator_park_(cedo_generator *generator)
{
    cedo_chain *const chain = &cedo_current_()->chain;
    cedo_scope **last = &chain->scopes;
    cedo_scope *below;
    while (*last && (*last)->owner == generator->coro) {
#if CEDO_HOSTED /* elsewhere it would cost the flash of timeouts */
        CEDO_CHECK_((*last)->close != cedo_timeout_close_,
                    "a generator must not yield inside cedo_with_timeout: put the timeout around "
                    "the await in it, or around cedo_anext");
#endif
        last = &(*last)->next;
    }
    below = *last;
    *last = NULL;
    generator->parked = chain->scopes;
    chain->scopes = below;
}

static void cedo_generator_unpark_(cedo_generator *generator)
{
    cedo_chain *const chain = &cedo_current_()->chain;
    cedo_scope **last = &generator->parked;
    while (*last) last = &(*last)->next;
    *last = chain->scopes;
    chain->scopes = generator->parked;
}

static cedo_op cedo_generator_left_(cedo_generator *generator, cedo_status status)
{
    const bool closing = generator->between.state == CEDO_GENERATOR_CLOSE_;
    generator->between.state = CEDO_S_ENDED_;
    if (generator->coro->state != CEDO_S_ENDED_) {
        if (closing) CEDO_TRAP("a generator that is being closed must not yield");
        cedo_generator_park_(generator);
        return cedo_done(CEDO_OK);
    }
    if (!closing) return cedo_done(status < 0 ? status : CEDO_END);
    /* the cancel that closed it ends here, one that came meanwhile does not */
    if (status == CEDO_ECANCELED && generator->cancels >= cedo_current_()->entry.cancels)
        status = CEDO_OK;
    return cedo_done(status < 0 ? status : CEDO_OK);
}

static cedo_op cedo_generator_coro_(cedo_coro *coro, cedo_status status)
{
    cedo_generator *const generator = CEDO_CONTAINER_(coro, cedo_generator, between);
#if CEDO_TRACE
    if (status == CEDO_DESCRIBE_) return CEDO_WAITING;
    cedo_trace_through_(coro);
#endif
    if (coro->state == CEDO_GENERATOR_ENTER_) {
        coro->state = CEDO_GENERATOR_NEXT_;
        cedo_generator_unpark_(generator);
        return cedo_enter_(generator->coro);
    }
    return cedo_generator_left_(generator, status);
}

/* Prepares the frames between `caller` and the generator. */
static void cedo_generator_begin_(cedo_generator *generator, cedo_coro *caller, cedo_state_ state)
{
    generator->between.body = cedo_generator_coro_;
    generator->between.caller = caller;
    generator->between.state = state;
    generator->between.status = 0;
    generator->coro->caller = &generator->between;
}

/* Resumes it with an error instead of a thing to do. */
static cedo_op cedo_generator_end_(cedo_generator *generator, cedo_coro *caller)
{
    cedo_chain *const chain = &cedo_this_task_()->chain;
    cedo_op op;
    if (generator->coro->state == 0 || generator->coro->state == CEDO_S_ENDED_) {
        generator->coro->state = CEDO_S_ENDED_;
        return cedo_done(CEDO_OK);
    }
    generator->cancels = cedo_current_()->entry.cancels;
    /* one that is on its way will arrive at an await in it */
    if (cedo_current_()->entry.flags & CEDO_TASK_CANCEL_) generator->cancels--;
    cedo_generator_begin_(generator, caller, CEDO_GENERATOR_CLOSE_);
    cedo_generator_unpark_(generator);
    chain->top = generator->coro;
    op = generator->coro->body(generator->coro, CEDO_ECANCELED);
    if (!cedo_op_is_done_(op)) return op;
    chain->top = caller;
    return cedo_generator_left_(generator, cedo_op_status_(op));
}

/* Called when its owner ends: at first, and again when it has ended. */
static cedo_op cedo_generator_close_(cedo_scope *scope, cedo_status *pending, cedo_status woke)
{
    cedo_generator *const generator = CEDO_CONTAINER_(scope, cedo_generator, scope);
    (void)pending;
    if (generator->coro->state == CEDO_S_ENDED_) return cedo_done(woke);
    CEDO_CHECK_(!cedo_generator_runs_(generator),
                "the owner of a generator ends while another task waits for its next thing");
    return cedo_generator_end_(generator, scope->owner);
}

void cedo_generate_(cedo_generator *generator, cedo_coro *coro)
{
    generator->coro = coro;
    generator->parked = NULL;
    cedo_scope_open_below_(&generator->scope, cedo_generator_close_);
}

cedo_op cedo_anext_(cedo_generator *generator, cedo_coro *caller)
{
    if (!generator->coro) return cedo_done(CEDO_ESTATE);
    if (cedo_generator_runs_(generator)) return cedo_done(CEDO_EBUSY);
    if (generator->coro->state == CEDO_S_ENDED_) return cedo_done(CEDO_END);
    (void)cedo_this_task_();
    cedo_generator_begin_(generator, caller, CEDO_GENERATOR_ENTER_);
    return cedo_enter_(&generator->between);
}

cedo_op cedo_aclose_(cedo_generator *generator, cedo_coro *caller)
{
    if (!generator->coro) return cedo_done(CEDO_OK);
    if (cedo_generator_runs_(generator)) return cedo_done(CEDO_EBUSY);
    return cedo_generator_end_(generator, caller);
}

#ifdef __cplusplus
}
#endif
#endif
