/* A small world for the tests of the core: one loop in simulated time, a trail of marks, a record
 * of unhandled errors, and traps that can be observed. Works in every configuration. Each test
 * begins with open_world().
 *
 * On a host all tests run twice. The second time the clock counts as costly, as that of a host does:
 * then the loop does not look at it in each turn, and runs a task that is alone in another way.
 */
#ifndef WORLD_H
#define WORLD_H

#include <cedo/core.h>
#include <cedo/port/sim.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#if CEDO_HOSTED
#define SUITE_AGAIN "costly clock"
static bool clock_is_costly;
static inline void suite_again(void)
{
    clock_is_costly = true;
}
#endif

#include "suite.h"

/* First in a test of what can only be seen when the loop looks at the clock in each turn. */
static inline void need_cheap_clock(void)
{
#if CEDO_HOSTED
    clock_is_costly = false;
#endif
}

static cedo_loop loop;
static char trail[4096];
static int unhandled; /* errors that reached the exception handler */

/* ------------------------------------------------------------- the trail */

static inline void mark(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline void mark(const char *format, ...)
{
    const size_t used = strlen(trail);
    va_list arguments;
    if (used + 64 > sizeof trail) return;
    if (used) strcat(trail, " ");
    va_start(arguments, format);
    vsnprintf(trail + strlen(trail), 62, format, arguments);
    va_end(arguments);
}

/* The trail so far is `expected`; it begins anew. */
#define ck_trail(expected) \
    do { \
        ck_assert_str_eq(trail, expected); \
        trail[0] = '\0'; \
    } while (0)

/* A callback that marks its argument, a string. */
static inline cedo_status mark_callback(void *text)
{
    mark("%s", (const char *)text);
    return CEDO_OK;
}

/* ------------------------------------------------------------- the loop */

#if CEDO_EXCEPTION_HANDLER
static cedo_exception last_unhandled; /* the last of them; `trace` is not kept */

static inline cedo_status count_unhandled(cedo_loop *where, const cedo_exception *exception,
                                          void *arg)
{
    (void)where, (void)arg;
    unhandled++;
    last_unhandled = *exception;
    return CEDO_OK;
}
#endif

static inline void open_world_on(const cedo_port *port)
{
    cedo_set_trap_handler(NULL);
    /* a trap that was jumped out of leaves them behind */
    cedo_set_current_(NULL);
    cedo_running_ = NULL;
    trail[0] = '\0';
    unhandled = 0;
    ck_assert_int_eq(cedo_loop_init(&loop, port), CEDO_OK);
#if CEDO_EXCEPTION_HANDLER
    cedo_loop_set_exception_handler(&loop, count_unhandled, NULL);
#endif
}

static inline void open_world(void)
{
#if CEDO_HOSTED
    static cedo_port port;
    port = cedo_port_sim;
    port.clock_is_cheap = !clock_is_costly;
    open_world_on(&port);
#else
    open_world_on(&cedo_port_sim);
#endif
}

/* Every task has ended, nothing is armed, nothing was left unhandled. */
static inline void close_world(void)
{
    cedo_time when;
    ck_assert_int_eq(unhandled, 0);
#if CEDO_REGISTRY
    ck_assert_ptr_null(cedo_loop_next_task(&loop, NULL));
#endif
    ck_assert(!cedo_loop_deadline(&loop, &when));
    ck_assert(cedo_list_is_empty(cedo_loop_ready_(&loop)));
    ck_assert_int_eq(cedo_loop_close(&loop), CEDO_OK);
}

/* Runs until all that is left waits for ever. */
static inline void run_dry(void)
{
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_EDEADLK);
}

static inline cedo_status finish_(cedo_task *task)
{
#if CEDO_JOIN
    return cedo_loop_run_until_complete(&loop, task);
#else
    cedo_time when;
    cedo_task_keep(task);
    while (!cedo_task_done(task)) {
        if (cedo_loop_step(&loop) != CEDO_END || cedo_task_done(task)) continue;
        if (!cedo_loop_deadline(&loop, &when)) return CEDO_EDEADLK;
        if (cedo_time_after(when, loop.now)) loop.now = when;
    }
    return cedo_task_result(task);
#endif
}

/* Runs until the task of a cedo_task_of object is done; gives its outcome. */
#define finish(object) finish_(&(object)->task)

/* Spawns and runs: run(&object, coroutine, .argument = value...). */
#define run(object, ...) run_(cedo_loop_spawn(&loop, object, __VA_ARGS__), &(object)->task)
static inline cedo_status run_(cedo_status spawned, cedo_task *task)
{
    ck_assert_int_eq(spawned, CEDO_OK);
    return finish_(task);
}

/* Spawns: start(&object, coroutine, .argument = value...). */
#define start(object, ...) ck_assert_int_eq(cedo_loop_spawn(&loop, object, __VA_ARGS__), CEDO_OK)

static inline void turns(int count)
{
    while (count--) (void)cedo_loop_step(&loop);
}

/* A task beside which no other is alone. */
struct bystander {
    cedo_coro coro;
};

CEDO_UNUSED_ static cedo_async(bystander)
{
    cedo_body(struct bystander, self) {
        for (;;) cedo_await(cedo_yield_now());
    }
}

/* ------------------------------------------------------------- traps */

static jmp_buf trap_exit;
static bool trap_met;
static const char *trap_advice;
static cedo_where trap_where;

static inline void trap_observed(const cedo_where *where, const char *advice)
{
    trap_met = true;
    trap_advice = advice;
    trap_where = *where;
    longjmp(trap_exit, 1);
}

/* True if fn() traps. The loop that it ran is unusable afterwards. */
static inline bool traps(void (*fn)(void))
{
    trap_met = false;
    trap_advice = NULL;
    cedo_set_trap_handler(trap_observed);
    if (setjmp(trap_exit) == 0) fn();
    cedo_set_trap_handler(NULL);
    cedo_set_current_(NULL);
    cedo_running_ = NULL;
    return trap_met;
}

/* fn() traps, and `part` is in the advice, where a configuration has any. */
#define ck_trap(fn, part) \
    do { \
        ck_assert_msg(traps(fn), #fn " did not trap"); \
        ck_assert_msg(!trap_advice || strstr(trap_advice, part), #fn " trapped with: %s", \
                      trap_advice); \
    } while (0)

/* The text of an error or trap of the library, which configurations without CEDO_ADVICE leave
 * out. */
#define ck_text(text, expected) \
    do { \
        if (CEDO_ADVICE) \
            ck_assert_str_eq(text, expected); \
        else \
            ck_assert_ptr_null(text); \
    } while (0)

#endif
