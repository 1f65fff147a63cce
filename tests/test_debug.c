/* Debug mode: slow steps, other threads, errors that nobody looked at, ages. */
#include "world.h"

#if CEDO_HOSTED
#include <pthread.h>
#include <stdlib.h>
#endif

/* ------------------------------------------------------------- what is logged */

static char logged[2048];

static void keep_log(void *arg, const char *text, size_t length)
{
    const size_t used = strlen(logged);
    ck_assert_str_eq((const char *)arg, "log");
    ck_assert_uint_lt(used + length, sizeof logged);
    memcpy(logged + used, text, length);
    logged[used + length] = '\0';
}

static void open_debugged(void)
{
    open_world();
    logged[0] = '\0';
    cedo_loop_set_debug(&loop, true);
    cedo_loop_set_log(&loop, keep_log, (void *)(uintptr_t) "log");
}

/* `text` was logged, and the log begins anew. */
#define ck_logged(text) \
    do { \
        ck_assert_msg(strstr(logged, text) != NULL, "\"%s\" is not in: %s", text, logged); \
        logged[0] = '\0'; \
    } while (0)

/* Where functions and names are known. */
#if CEDO_NAMES && CEDO_TRACE
#define WHO(number, function, rest) "executing Task-" #number " (" #function ", " rest
#elif CEDO_TRACE
#define WHO(number, function, rest) "executing " #function " (" #function ", " rest
#else
#define WHO(number, function, rest) "executing task at 0x"
#endif

/* ------------------------------------------------------------- on and off */

START_TEST(DEBUG_01_debug_mode_is_off_until_the_environment_or_a_call_turns_it_on)
{
#if CEDO_HOSTED
    static const struct {
        const char *value;
        bool on;
    } wishes[] = {{NULL, false}, {"", false},  {"0", false},
                  {"1", true},   {"00", true}, {"yes", true}};
    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
        if (wishes[i].value)
            ck_assert_int_eq(setenv("CEDO_DEBUG", wishes[i].value, 1), 0);
        else
            ck_assert_int_eq(unsetenv("CEDO_DEBUG"), 0);
        open_world();
        ck_assert_int_eq(cedo_loop_debug(&loop), wishes[i].on);
        close_world();
    }
    ck_assert_int_eq(unsetenv("CEDO_DEBUG"), 0);
    open_world();
#else
    open_world();
    ck_assert(cedo_loop_debug(&loop)); /* compiled in by choice */
#endif
    cedo_loop_set_debug(&loop, true);
    ck_assert(cedo_loop_debug(&loop));
    turns(1);
    ck_assert(cedo_loop_debug(&loop)); /* also after a run */
    cedo_loop_set_debug(&loop, false);
    ck_assert(!cedo_loop_debug(&loop));
    turns(1);
    ck_assert(!cedo_loop_debug(&loop));
    close_world();
}
END_TEST

#if CEDO_JOIN && CEDO_HANDLES && CEDO_HOSTED
struct asks {
    cedo_coro coro;
    bool *on;
};

static cedo_async(asks)
{
    cedo_body(struct asks, self) {
        *self->on = cedo_loop_debug(cedo_running_loop());
    }
}

START_TEST(RUN_05_a_runner_is_in_debug_mode_as_the_environment_or_its_user_says)
{
    for (int i = 0; i < 4; i++) {
        cedo_runner runner;
        cedo_loop own;
        bool on = i % 2 == 0;
        if (i < 2) ck_assert_int_eq(setenv("CEDO_DEBUG", i ? "1" : "0", 1), 0);
        cedo_runner_init(&runner, &own, &cedo_port_sim);
        if (i >= 2) cedo_loop_set_debug(cedo_runner_loop(&runner), i == 3);
        ck_assert_int_eq(cedo_runner_run(&runner, asks, .on = &on), CEDO_OK);
        ck_assert_int_eq(on, i % 2);
        ck_assert_int_eq(cedo_runner_close(&runner), CEDO_OK);
    }
    ck_assert_int_eq(unsetenv("CEDO_DEBUG"), 0);
}
END_TEST
#endif

/* ------------------------------------------------------------- slow steps */

struct slow {
    cedo_coro coro;
    cedo_duration first, second;
};

static cedo_async(slow)
{
    cedo_body(struct slow, self) {
        cedo_sim_advance(&loop, self->first);
        cedo_await(cedo_yield_now());
        cedo_sim_advance(&loop, self->second);
    }
}

static cedo_task_of(slow) task;

START_TEST(DEBUG_02_a_step_that_takes_long_is_logged_with_its_place_and_time)
{
    open_debugged();
    ck_assert_int_eq(cedo_loop_slow_callback_duration(&loop), CEDO_MS(100));
    ck_assert_int_eq(run(&task, slow, .first = CEDO_MS(99), .second = CEDO_MS(100)), CEDO_OK);
#if CEDO_TRACE
    ck_assert_ptr_nonnull(strstr(logged, "test_debug.c:"));
#endif
    ck_assert_ptr_nonnull(strstr(logged, "cedo: " WHO(1, slow, "")));
    ck_assert_ptr_eq(strchr(logged, '\n'), logged + strlen(logged) - 1); /* one line */
    ck_logged(" took 0.100 s\n");
    cedo_loop_set_slow_callback_duration(&loop, CEDO_MS(30));
    ck_assert_int_eq(run(&task, slow, .first = CEDO_MS(2750), .second = CEDO_MS(29)), CEDO_OK);
    ck_logged(CEDO_TRACE ? "test_debug.c) took 2.750 s\n" : " took 2.750 s\n");
    ck_assert_int_eq(run(&task, slow, .first = CEDO_MS(29)), CEDO_OK);
    ck_assert_str_eq(logged, "");
    cedo_loop_set_debug(&loop, false);
    ck_assert_int_eq(run(&task, slow, .first = CEDO_MS(2750)), CEDO_OK);
    ck_assert_str_eq(logged, "");
    close_world();
}
END_TEST

static cedo_status slow_callback(void *arg)
{
    (void)arg;
    cedo_sim_advance(&loop, CEDO_MS(60));
    return CEDO_OK;
}

START_TEST(DEBUG_02_a_callback_that_takes_long_is_logged)
{
    static cedo_handle handle;
    char expected[64];
    open_debugged();
    cedo_loop_set_slow_callback_duration(&loop, CEDO_MS(60));
    ck_assert_int_eq(cedo_call_soon(&loop, &handle, slow_callback, NULL), CEDO_OK);
    turns(1);
    snprintf(expected, sizeof expected, "cedo: executing callback 0x%llx took 0.060 s\n",
             (unsigned long long)(uintptr_t)slow_callback);
    ck_logged(expected);
    close_world();
}
END_TEST

#if CEDO_ALLOCATORS && CEDO_HOSTED
START_TEST(a_task_that_frees_itself_in_a_slow_step_is_logged)
{
    open_debugged();
    ck_assert_ptr_nonnull(cedo_loop_spawn_new(&loop, slow, .second = CEDO_MS(200)));
    run_dry();
    ck_assert_ptr_nonnull(strstr(logged, WHO(1, slow, "")));
    ck_logged(" took 0.200 s\n");
    close_world();
}
END_TEST
#endif

#if CEDO_TRACE
/* A body written by hand that tells nothing. */
static cedo_op silent_body(cedo_coro *coro, cedo_status status)
{
    if (status == CEDO_DESCRIBE_) return CEDO_WAITING;
    cedo_sim_advance(&loop, CEDO_MS(200));
    coro->state = CEDO_S_ENDED_;
    return cedo_done(CEDO_OK);
}

START_TEST(a_slow_step_of_a_frame_that_tells_nothing_is_logged)
{
    static cedo_task quiet;
    static cedo_coro coro;
    open_debugged();
    coro.body = silent_body;
    ck_assert_int_eq(cedo_loop_spawn_coro(&loop, &quiet, &coro), CEDO_OK);
    run_dry();
    ck_logged(CEDO_NAMES ? "executing Task-1 took 0.200 s\n" : "executing task took 0.200 s\n");
    close_world();
}
END_TEST
#endif

struct switcher {
    cedo_coro coro;
    bool on;
};

static cedo_async(switcher)
{
    cedo_body(struct switcher, self) {
        cedo_await(cedo_yield_now());
        cedo_loop_set_debug(&loop, self->on);
        cedo_await(cedo_yield_now());
        cedo_sim_advance(&loop, CEDO_MS(150));
        cedo_await(cedo_yield_now());
    }
}

/* A clock that is looked at after many turns only. */
static cedo_time dear_now(cedo_loop *where)
{
    return where->now;
}

static void dear_wait(cedo_loop *where, const cedo_time *until)
{
    if (until && cedo_time_after(*until, where->now)) where->now = *until;
    if (!until) where->flags |= CEDO_LOOP_DEADLOCK_;
}

static const cedo_port dear_port = {dear_now, dear_wait, NULL, NULL, NULL,
                                    NULL,     NULL,      NULL, NULL, false};

START_TEST(debug_mode_can_be_turned_on_and_off_while_the_loop_runs)
{
    static cedo_task_of(switcher) toggler;
    open_world_on(&dear_port);
    logged[0] = '\0';
    cedo_loop_set_log(&loop, keep_log, (void *)(uintptr_t) "log");
    cedo_loop_set_debug(&loop, false);
    ck_assert_int_eq(run(&toggler, switcher, .on = true), CEDO_OK);
    ck_logged(" took 0.150 s\n");
    ck_assert(cedo_loop_debug(&loop));
    ck_assert_int_eq(run(&toggler, switcher, .on = false), CEDO_OK);
    ck_assert_str_eq(logged, "");
    close_world();
}
END_TEST

START_TEST(a_log_without_a_sink_goes_to_standard_error)
{
    open_debugged();
    cedo_loop_set_log(&loop, NULL, NULL);
    ck_assert_int_eq(run(&task, slow, .first = CEDO_MS(100)), CEDO_OK);
    ck_assert_str_eq(logged, "");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- other threads */

struct forever {
    cedo_coro coro;
};

static cedo_async(forever)
{
    cedo_body(struct forever, self) {
        cedo_await(cedo_sleep(CEDO_FOREVER));
    }
}

static cedo_task_of(forever) sleeper, second;
static cedo_future future;
static cedo_handle handle;

struct waits {
    cedo_coro coro;
};

static cedo_async(waits)
{
    cedo_body(struct waits, self) {
        cedo_await(cedo_future_wait(&future));
    }
}

static cedo_task_of(waits) waiter;

#if CEDO_HOSTED

static cedo_event event;
static cedo_queue_of(int, 2) numbers = CEDO_QUEUE_INIT(numbers);

struct waits_for_an_event {
    cedo_coro coro;
};

static cedo_async(waits_for_an_event)
{
    cedo_body(struct waits_for_an_event, self) {
        cedo_await(cedo_event_wait(&event));
    }
}

struct gets_a_number {
    cedo_coro coro;
    int number;
};

static cedo_async(gets_a_number)
{
    cedo_body(struct gets_a_number, self) {
        cedo_await(cedo_queue_get(&numbers.queue, &self->number));
    }
}

static cedo_task_of(waits_for_an_event) listeners[2];
static cedo_task_of(gets_a_number) getter;

static void calls_soon(void)
{
    (void)cedo_call_soon(&loop, &handle, mark_callback, "soon");
}

static void calls_later(void)
{
    (void)cedo_call_later(&loop, &handle, 1, mark_callback, "later");
}

static void spawns(void)
{
    (void)cedo_loop_spawn(&loop, &second, forever);
}

static void cancels(void)
{
    (void)cedo_task_cancel(&sleeper.task);
}

static void ends_a_future(void)
{
    (void)cedo_future_set(&future, CEDO_OK);
}

static void adds_a_callback(void)
{
    (void)cedo_future_add_done_callback(&future, &handle, mark_callback, "done");
}

static void sets_an_event(void)
{
    cedo_event_set(&event);
}

static void puts_a_number(void)
{
    static const int number = 7;
    (void)cedo_queue_put_nowait(&numbers.queue, &number);
}

static void (*const foreign_calls[])(void) = {calls_soon,    calls_later,   spawns,
                                              cancels,       ends_a_future, adds_a_callback,
                                              sets_an_event, puts_a_number};

static int trapped;

/* As `traps`, which is for the loop's own thread. */
static void try_foreign(void (*call)(void))
{
    trap_met = false;
    if (setjmp(trap_exit) == 0) call();
    if (trap_met) trapped++;
    ck_assert(!trap_met || !trap_advice || strstr(trap_advice, "another thread"));
}

static void *foreign_thread(void *arg)
{
    (void)arg;
    for (size_t i = 0; i < sizeof foreign_calls / sizeof foreign_calls[0]; i++)
        try_foreign(foreign_calls[i]);
    return NULL;
}

static void run_foreign_thread(void)
{
    pthread_t thread;
    trapped = 0;
    cedo_set_trap_handler(trap_observed);
    ck_assert_int_eq(pthread_create(&thread, NULL, foreign_thread, NULL), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    cedo_set_trap_handler(NULL);
}

struct intruded {
    cedo_coro coro;
};

static cedo_async(intruded)
{
    cedo_body(struct intruded, self) {
        run_foreign_thread();
        cedo_await(cedo_yield_now());
    }
}

START_TEST(DEBUG_03_a_call_from_another_thread_traps_while_the_loop_runs)
{
    static cedo_task_of(intruded) victim;
    open_debugged();
    start(&sleeper, forever);
    start(&waiter, waits);
    start(&listeners[0], waits_for_an_event);
    start(&listeners[1], waits_for_an_event);
    start(&getter, gets_a_number);
    turns(1);
#if CEDO_CHECKS && CEDO_LOOPS
    ck_assert_int_eq(run(&victim, intruded), CEDO_OK);
    ck_assert_int_eq(trapped, sizeof foreign_calls / sizeof foreign_calls[0]);
    ck_assert(!cedo_handle_scheduled(&handle));
#endif
    /* while it does not run, nobody can tell whose it is */
    run_foreign_thread();
    ck_assert_int_eq(trapped, 0);
    run_dry();
    ck_trail("soon");
    ck_assert(cedo_task_done(&listeners[0].task) && cedo_task_done(&listeners[1].task));
    ck_assert_int_eq(getter.frame.number, 7);
    (void)cedo_task_cancel(&second.task);
    run_dry();
    close_world();
}
END_TEST
#endif

START_TEST(a_closed_loop_admits_nothing_in_debug_mode)
{
    static const struct forever fresh;
    open_debugged();
    close_world();
    memset(&second, 0, sizeof second);
    second.frame = fresh;
    ck_assert_int_eq(cedo_call_soon(&loop, &handle, mark_callback, "soon"), CEDO_ECLOSED);
    ck_assert_int_eq(cedo_loop_spawn(&loop, &second, forever), CEDO_ECLOSED);
}
END_TEST

/* ------------------------------------------------------------- errors that nobody looked at */

struct fails {
    cedo_coro coro;
    int status;
};

static cedo_async(fails)
{
    cedo_body(struct fails, self) {
        if (self->status < 0) cedo_throw(self->status);
    }
}

static cedo_task_of(fails) failing;

static void start_failing(int status, bool is_kept)
{
    start(&failing, fails, .status = status);
    if (is_kept) cedo_task_keep(&failing.task);
}

#define ck_unhandled(count, text) \
    do { \
        ck_assert_int_eq(unhandled, count); \
        ck_text(last_unhandled.message, text); \
        unhandled = 0; \
    } while (0)

START_TEST(DEBUG_05_an_error_of_a_kept_task_that_nobody_looked_at_is_reported)
{
    open_debugged();
    start_failing(CEDO_EUSER, true);
    turns(1);
    ck_assert_int_eq(unhandled, 0);
    start_failing(CEDO_EUSER, true); /* its storage is used again */
    ck_unhandled(1, "task failed, and nobody looked at its error");
    ck_assert_int_eq(last_unhandled.status, CEDO_EUSER);
    ck_assert_ptr_eq(last_unhandled.task, &failing.task);
    turns(1);
    ck_assert_int_eq(cedo_task_destroy(&failing.task), CEDO_OK);
    ck_unhandled(1, "task failed, and nobody looked at its error");
    ck_assert_int_eq(cedo_task_destroy(&failing.task), CEDO_OK); /* once */
    ck_assert_int_eq(unhandled, 0);
    /* who asks has looked; so has who joins, and who was told already */
    start_failing(CEDO_EUSER, true);
    turns(1);
    ck_assert_int_eq(cedo_task_result(&failing.task), CEDO_EUSER);
    start_failing(CEDO_EUSER, true);
    ck_assert_int_eq(finish(&failing), CEDO_EUSER);
    start_failing(CEDO_EUSER, true);
    turns(1);
    ck_assert_int_eq(finish(&failing), CEDO_EUSER);
    start_failing(CEDO_ECANCELED, true);
    turns(1);
    start_failing(CEDO_OK, true);
    turns(1);
    start_failing(CEDO_EEXIT, true);
    turns(1);
    start_failing(CEDO_EUSER, false);
    turns(1);
    ck_unhandled(1, "task failed, and nobody was waiting for it");
    ck_assert_int_eq(cedo_task_destroy(&failing.task), CEDO_OK);
    cedo_loop_set_debug(&loop, false);
    start_failing(CEDO_EUSER, true);
    turns(1);
    start_failing(CEDO_OK, true); /* nobody looks when debug mode is off */
    turns(1);
    close_world();
}
END_TEST

START_TEST(DEBUG_05_an_error_of_a_future_that_nobody_looked_at_is_reported)
{
    open_debugged();
    cedo_future_init(&future, &loop);
    cedo_future_set(&future, CEDO_EUSER);
    cedo_future_destroy(&future);
    ck_unhandled(1, "future failed, and nobody looked at its error");
    ck_assert_int_eq(last_unhandled.status, CEDO_EUSER);
    ck_assert(!cedo_future_done(&future));
    cedo_future_destroy(&future);
    /* a result, a cancellation */
    cedo_future_set(&future, CEDO_OK);
    cedo_future_destroy(&future);
    (void)cedo_future_cancel(&future);
    cedo_future_destroy(&future);
    /* who asks has looked */
    cedo_future_set(&future, CEDO_EUSER);
    ck_assert_int_eq(cedo_future_result(&future), CEDO_EUSER);
    cedo_future_destroy(&future);
    /* who waits, before or after */
    start(&waiter, waits);
    cedo_task_keep(&waiter.task);
    turns(1);
    cedo_future_set(&future, CEDO_EUSER);
    turns(1);
    ck_assert_int_eq(cedo_task_result(&waiter.task), CEDO_EUSER);
    cedo_future_destroy(&future);
    cedo_future_set(&future, CEDO_EUSER);
    start(&waiter, waits);
    cedo_task_keep(&waiter.task);
    turns(1);
    ck_assert_int_eq(cedo_task_result(&waiter.task), CEDO_EUSER);
    cedo_future_destroy(&future);
    /* who is called */
    cedo_future_set(&future, CEDO_EUSER);
    ck_assert_int_eq(cedo_future_add_done_callback(&future, &handle, mark_callback, "done"),
                     CEDO_OK);
    turns(1);
    ck_trail("done");
    cedo_future_destroy(&future);
    ck_assert_int_eq(unhandled, 0);
    close_world();
}
END_TEST

#if CEDO_LOOPS && CEDO_HOSTED
START_TEST(a_future_without_a_loop_reports_to_the_default_handler)
{
    static cedo_future nobodys;
    open_debugged();
    cedo_future_set(&nobodys, CEDO_EUSER);
    cedo_future_destroy(&nobodys); /* on standard error */
    ck_assert_int_eq(unhandled, 0);
    close_world();
}
END_TEST
#endif

#if CEDO_SCOPES && CEDO_JOIN
struct fosters {
    cedo_coro coro;
    cedo_group group;
    cedo_task_of(fails) child;
    int i;
    int status;
};

static cedo_async(fosters)
{
    cedo_body(struct fosters, self) {
        for (self->i = 0; self->i < 2; self->i++) {
            (void)cedo_group_spawn(&self->group, &self->child, fails, .status = CEDO_EUSER);
            cedo_catch(self->status, cedo_group_join(&self->group));
            ck_assert_int_eq(self->status, CEDO_EUSER);
        }
    }
}

START_TEST(a_group_has_seen_the_errors_of_its_children)
{
    static cedo_task_of(fosters) family;
    open_debugged();
    ck_assert_int_eq(run(&family, fosters), CEDO_OK);
    ck_assert_int_eq(cedo_task_destroy(&family.frame.child.task), CEDO_OK);
    close_world();
}
END_TEST
#endif

static void destroys_awaited(void)
{
    cedo_future_destroy(&future);
}

START_TEST(a_future_that_is_awaited_cannot_be_destroyed)
{
    open_debugged();
    cedo_future_init(&future, &loop);
    start(&waiter, waits);
    turns(1);
    ck_trap(destroys_awaited, "while tasks wait for it");
}
END_TEST

START_TEST(DEBUG_06_a_task_that_is_destroyed_before_it_is_done_is_reported)
{
    static cedo_task_of(forever) never;
    open_debugged();
    ck_assert_int_eq(cedo_task_destroy(&never.task), CEDO_OK); /* it was never spawned */
    start(&sleeper, forever);
    turns(1);
    ck_assert_int_eq(cedo_task_destroy(&sleeper.task), CEDO_EBUSY);
    ck_unhandled(1, "task was destroyed but it is not done");
    ck_assert_ptr_eq(last_unhandled.task, &sleeper.task);
    (void)cedo_task_cancel(&sleeper.task);
    run_dry();
    ck_assert_int_eq(cedo_task_destroy(&sleeper.task), CEDO_OK);
    close_world();
}
END_TEST

/* ------------------------------------------------------------- ages, and waiting for ever */

#if CEDO_TRACE
START_TEST(a_task_tells_how_long_it_waits)
{
    cedo_task_state state;
    open_debugged();
    cedo_loop_set_debug(&loop, false);
    start(&sleeper, forever);
    turns(1);
    cedo_sim_advance(&loop, CEDO_MS(500));
    cedo_task_inspect(&sleeper.task, &state);
    ck_assert_int_eq(state.age, -1);
    cedo_loop_set_debug(&loop, true); /* from here on it is known */
    cedo_sim_advance(&loop, CEDO_MS(250));
    start(&second, forever);
    turns(1);
    cedo_sim_advance(&loop, CEDO_MS(1500));
    cedo_task_inspect(&sleeper.task, &state);
    ck_assert_int_eq(state.age, CEDO_MS(1750));
    cedo_dump_task(&second.task, keep_log, (void *)(uintptr_t) "log");
    ck_logged(": sleep for ever, for 1.500 s\n");
    (void)cedo_task_cancel(&sleeper.task);
    (void)cedo_task_cancel(&second.task);
    run_dry();
    close_world();
}
END_TEST
#endif

#if CEDO_TRACE && CEDO_HOSTED
static cedo_task_of(forever) crowd[100];

static cedo_duration age_of(const cedo_task *of)
{
    cedo_task_state state;
    cedo_task_inspect(of, &state);
    return state.age;
}

static void *no_memory(cedo_allocator *allocator, size_t size)
{
    (void)allocator, (void)size;
    return NULL;
}

START_TEST(the_ages_of_any_number_of_tasks_are_known_as_long_as_there_is_memory)
{
    open_debugged();
    cedo_loop_set_log(&loop, keep_log, (void *)(uintptr_t) "log");
    for (int round = 0; round < 3; round++) {
        const bool has_memory = round < 2;
        void *(*const alloc)(cedo_allocator *, size_t) = cedo_allocator_malloc.alloc;
        int known = 0;
        cedo_loop_set_debug(&loop, true); /* forgets all */
        for (int i = 0; i < 100; i++) {
            if (!has_memory) cedo_allocator_malloc.alloc = no_memory;
            start(&crowd[i], forever);
            turns(1);
            cedo_allocator_malloc.alloc = alloc;
            cedo_sim_advance(&loop, CEDO_MS(1));
        }
        for (int i = 0; i < 100; i++) known += age_of(&crowd[i].task) == CEDO_MS(100 - i);
        ck_assert_int_eq(known, has_memory ? 100 : CEDO_AGES_ / 2);
        for (int i = 0; i < 100; i++) (void)cedo_task_cancel(&crowd[i].task);
        turns(1);
    }
    close_world();
}
END_TEST
#endif

START_TEST(when_nothing_can_wake_a_task_all_are_dumped_once)
{
    open_debugged();
    run_dry();
    ck_assert_str_eq(logged, ""); /* there is none */
    start(&sleeper, forever);
    run_dry();
#if CEDO_TRACE
    ck_assert_ptr_nonnull(strstr(logged, "loop 0x"));
    ck_assert_ptr_nonnull(strstr(logged, "sleep for ever"));
#endif
    ck_logged("cedo: everything waits, and nothing in this loop will wake it\n");
    run_dry();
    ck_assert_str_eq(logged, "");
    cedo_loop_set_debug(&loop, true);
    run_dry();
    ck_logged("cedo: everything waits");
    cedo_loop_set_debug(&loop, false);
    loop.log_stuck = false;
    run_dry();
    ck_assert_str_eq(logged, "");
    (void)cedo_task_cancel(&sleeper.task);
    run_dry();
    close_world();
}
END_TEST

/* ------------------------------------------------------------- the same order of events */

struct counts {
    cedo_coro coro;
    const char *name;
    int i;
};

static cedo_async(counts)
{
    cedo_body(struct counts, self) {
        for (self->i = 0; self->i < 3; self->i++) {
            mark("%s%d", self->name, self->i);
            cedo_await(cedo_yield_now());
        }
    }
}

struct leaves {
    cedo_coro coro;
};

static cedo_async(leaves)
{
    cedo_body(struct leaves, self) {
        cedo_await(cedo_yield_now());
        cedo_throw(CEDO_EEXIT);
    }
}

START_TEST(debug_mode_changes_no_order)
{
    static cedo_task_of(counts) a, b;
    static cedo_task_of(leaves) exit_;
    open_debugged();
    start(&a, counts, .name = "a");
    start(&exit_, leaves);
    start(&b, counts, .name = "b");
    ck_assert_int_eq(cedo_call_soon(&loop, &handle, mark_callback, "soon"), CEDO_OK);
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_EEXIT);
    ck_trail("a0 b0 soon a1");
    ck_assert_int_eq(cedo_loop_step(&loop), CEDO_OK);
    ck_trail("b1 a2");
    cedo_loop_stop(&loop);
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_OK);
    ck_trail("b2");
    run_dry();
    ck_assert_int_eq(cedo_loop_step(&loop), CEDO_END);
    close_world();
}
END_TEST

/* ------------------------------------------------------------- retries */

static cedo_queue_of(int, 1) one = CEDO_QUEUE_INIT(one);

struct retries {
    cedo_coro coro;
    int item;
};

static cedo_async(retries)
{
    cedo_body(struct retries, self) {
        cedo_await(cedo_queue_get(&one.queue, &self->item));
        mark("got %d", self->item);
        cedo_await(cedo_yield_now());
        cedo_await(cedo_queue_get(&one.queue, &self->item));
        mark("got %d", self->item);
    }
}

START_TEST(who_was_woken_in_vain_waits_again)
{
    static cedo_task_of(retries) retrier;
    int item = 1;
    open_debugged();
    memset(&retrier, 0, sizeof retrier);
    start(&retrier, retries);
    turns(1);
    ck_assert_int_eq(cedo_queue_put_nowait(&one.queue, &item), CEDO_OK);
    ck_assert_int_eq(cedo_queue_get_nowait(&one.queue, &item), CEDO_OK);
    turns(2);
    ck_trail("");
    item = 2;
    ck_assert_int_eq(cedo_queue_put_nowait(&one.queue, &item), CEDO_OK);
    turns(3);
    ck_trail("got 2");
    item = 3;
    ck_assert_int_eq(cedo_queue_put_nowait(&one.queue, &item), CEDO_OK);
    run_dry();
    ck_trail("got 3");
    close_world();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        DEBUG_01_debug_mode_is_off_until_the_environment_or_a_call_turns_it_on,
#if CEDO_JOIN && CEDO_HANDLES && CEDO_HOSTED
        RUN_05_a_runner_is_in_debug_mode_as_the_environment_or_its_user_says,
#endif
        DEBUG_02_a_step_that_takes_long_is_logged_with_its_place_and_time,
        DEBUG_02_a_callback_that_takes_long_is_logged,
#if CEDO_ALLOCATORS && CEDO_HOSTED
        a_task_that_frees_itself_in_a_slow_step_is_logged,
#endif
#if CEDO_TRACE
        a_slow_step_of_a_frame_that_tells_nothing_is_logged,
#endif
        debug_mode_can_be_turned_on_and_off_while_the_loop_runs,
        a_log_without_a_sink_goes_to_standard_error,
#if CEDO_HOSTED
        DEBUG_03_a_call_from_another_thread_traps_while_the_loop_runs,
#endif
        a_closed_loop_admits_nothing_in_debug_mode,
        DEBUG_05_an_error_of_a_kept_task_that_nobody_looked_at_is_reported,
        DEBUG_05_an_error_of_a_future_that_nobody_looked_at_is_reported,
#if CEDO_LOOPS && CEDO_HOSTED
        a_future_without_a_loop_reports_to_the_default_handler,
#endif
#if CEDO_SCOPES && CEDO_JOIN
        a_group_has_seen_the_errors_of_its_children,
#endif
        a_future_that_is_awaited_cannot_be_destroyed,
        DEBUG_06_a_task_that_is_destroyed_before_it_is_done_is_reported,
#if CEDO_TRACE
        a_task_tells_how_long_it_waits,
#endif
#if CEDO_TRACE && CEDO_HOSTED
        the_ages_of_any_number_of_tasks_are_known_as_long_as_there_is_memory,
#endif
        when_nothing_can_wake_a_task_all_are_dumped_once,
        who_was_woken_in_vain_waits_again,
        debug_mode_changes_no_order,
    };
    return suite_run("debug", tests, sizeof tests / sizeof *tests);
}
