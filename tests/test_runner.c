/* Runners: several runs in one loop, what is left between them, and the orderly end of a loop. */
#include "world.h"

static cedo_runner runner;

static cedo_status note_unhandled(cedo_loop *where, const cedo_exception *exception, void *arg)
{
    (void)where, (void)arg;
    unhandled++;
    mark("%s", exception->message ? exception->message : "error");
    return CEDO_OK;
}

static void open_runner(void)
{
    cedo_set_trap_handler(NULL);
    cedo_set_current_(NULL);
    cedo_running_ = NULL;
    trail[0] = '\0';
    unhandled = 0;
    cedo_runner_init(&runner, &loop, &cedo_port_sim);
    cedo_loop_set_exception_handler(cedo_runner_loop(&runner), note_unhandled, NULL);
}

struct outcome {
    cedo_coro coro;
    int status;
    int result;
};

static cedo_async(outcome)
{
    cedo_body(struct outcome, self) {
        cedo_await(cedo_sleep(1));
        if (self->status) cedo_throw(self->status);
        self->result = 42;
    }
}

START_TEST(RUN_01_run_gives_the_result_or_the_error)
{
    struct outcome frame = {0};
    open_runner();
    ck_assert_int_eq(cedo_runner_run_coro(&runner, cedo_prepare(&frame, outcome)), CEDO_OK);
    ck_assert_int_eq(frame.result, 42);
    ck_assert_int_eq(cedo_runner_run(&runner, outcome, .status = CEDO_EUSER), CEDO_EUSER);
    ck_assert_int_eq(cedo_runner_close(&runner), CEDO_OK);
    ck_assert_int_eq(unhandled, 0);
}
END_TEST

START_TEST(RUN_11_a_main_that_was_cancelled_gives_that)
{
    open_runner();
    ck_assert_int_eq(cedo_runner_run(&runner, outcome, .status = CEDO_ECANCELED), CEDO_ECANCELED);
    ck_assert_int_eq(cedo_runner_close(&runner), CEDO_OK);
}
END_TEST

/* ------------------------------------------------------------- what is left */

struct leftover {
    cedo_coro coro;
    const char *name;
    int status;
    cedo_duration cleanup;
    bool stubborn; /* catches the first cancel */
    int caught;
};

static cedo_async(leftover)
{
    cedo_body(struct leftover, self) {
        mark("%s begins", self->name);
        if (self->stubborn) cedo_catch(self->caught, cedo_sleep(CEDO_FOREVER));
        cedo_await(cedo_sleep(CEDO_FOREVER));
    cedo_finally:
        cedo_await(cedo_sleep(self->cleanup));
        mark("%s ends", self->name);
        if (self->status) cedo_throw(self->status);
    }
}

static cedo_task_of(leftover) left[2];

struct leaves {
    cedo_coro coro;
    int status;
    bool stubborn;
};

static cedo_async(leaves)
{
    cedo_body(struct leaves, self) {
        (void)cedo_spawn(&left[0], leftover, .name = "a", .cleanup = 2);
        (void)cedo_spawn(&left[1], leftover, .name = "b", .status = self->status,
                         .stubborn = self->stubborn);
        cedo_await(cedo_sleep(1));
        if (self->stubborn) {
            (void)cedo_task_cancel(&left[1].task);
            cedo_await(cedo_sleep(1));
        }
        mark("main ends");
    }
}

START_TEST(RUN_02_leftovers_are_cancelled_and_awaited_and_their_errors_reported)
{
    open_runner();
    ck_assert_int_eq(cedo_runner_run(&runner, leaves, .status = CEDO_EUSER), CEDO_OK);
    ck_trail("a begins b begins main ends");
    ck_assert_int_eq(cedo_runner_close(&runner), CEDO_OK);
    ck_assert_int_eq(unhandled, 1);
    ck_trail(CEDO_ADVICE ? "b ends task failed while its loop was shut down a ends"
                         : "b ends error a ends");
    ck_assert(cedo_task_cancelled(&left[0].task));
    ck_assert_int_eq(cedo_task_result(&left[1].task), CEDO_EUSER);
}
END_TEST

START_TEST(one_that_has_caught_a_cancel_before_is_cancelled_again)
{
    open_runner();
    ck_assert_int_eq(cedo_runner_run(&runner, leaves, .stubborn = true), CEDO_OK);
    ck_assert_int_eq(cedo_runner_close(&runner), CEDO_OK);
    ck_assert(cedo_task_cancelled(&left[1].task));
    ck_assert_int_eq(unhandled, 0);
}
END_TEST

struct calm {
    cedo_coro coro;
    int caught;
};

static cedo_async(calm)
{
    cedo_body(struct calm, self) {
        cedo_catch(self->caught, cedo_sleep(CEDO_FOREVER));
        mark("calm");
    }
}

static cedo_task_of(calm) calm_one;

struct leaves_calm {
    cedo_coro coro;
};

static cedo_async(leaves_calm)
{
    cedo_body(struct leaves_calm, self) {
        (void)cedo_spawn(&calm_one, calm);
        cedo_await(cedo_sleep(1));
    }
}

START_TEST(one_that_ends_well_is_not_reported)
{
    open_runner();
    ck_assert_int_eq(cedo_runner_run(&runner, leaves_calm), CEDO_OK);
    ck_assert_int_eq(cedo_runner_close(&runner), CEDO_OK);
    ck_trail("calm");
    ck_assert_int_eq(cedo_task_result(&calm_one.task), CEDO_OK);
    ck_assert_int_eq(unhandled, 0);
}
END_TEST

START_TEST(RUN_07_one_loop_for_several_runs_and_leftovers_live_until_close)
{
    open_runner();
    cedo_loop *const before = cedo_runner_loop(&runner);
    ck_assert_int_eq(cedo_runner_run(&runner, leaves), CEDO_OK);
    ck_assert(!cedo_task_done(&left[0].task));
    ck_assert_int_eq(cedo_runner_run(&runner, outcome), CEDO_OK);
    ck_assert(!cedo_task_done(&left[0].task));
    ck_assert_ptr_eq(cedo_runner_loop(&runner), before);
    ck_assert_int_eq(cedo_runner_close(&runner), CEDO_OK);
    ck_assert(cedo_task_cancelled(&left[0].task));
    ck_assert(cedo_loop_is_closed(&loop));
}
END_TEST

START_TEST(RUN_08_a_second_close_does_nothing_and_a_closed_runner_runs_nothing)
{
    open_runner();
    ck_assert_int_eq(cedo_runner_close(&runner), CEDO_OK);
    ck_assert_int_eq(cedo_runner_close(&runner), CEDO_OK);
    ck_assert_ptr_null(cedo_runner_loop(&runner));
    ck_assert_int_eq(cedo_runner_run(&runner, outcome), CEDO_ECLOSED);
}
END_TEST

START_TEST(a_runner_that_was_never_used_makes_no_loop)
{
    cedo_runner_init(&runner, &loop, &cedo_port_sim);
    loop.flags = 0;
    ck_assert_int_eq(cedo_runner_close(&runner), CEDO_OK);
    ck_assert(!cedo_loop_is_closed(&loop));
}
END_TEST

/* ------------------------------------------------------------- runs in runs */

struct nested {
    cedo_coro coro;
};

static cedo_async(nested)
{
    cedo_body(struct nested, self) {
        ck_assert_int_eq(cedo_runner_run(&runner, outcome), CEDO_EBUSY);
        ck_assert_int_eq(cedo_runner_close(&runner), CEDO_EBUSY);
        ck_assert_int_eq(cedo_loop_shutdown(&loop), CEDO_EBUSY);
    }
}

START_TEST(RUN_04_a_run_inside_a_running_loop_is_refused)
{
    static cedo_loop outer;
    cedo_runner other;
    open_runner();
    cedo_runner_init(&other, CEDO_LOOPS ? &outer : &loop, CEDO_LOOPS ? &cedo_port_sim : NULL);
    ck_assert_int_eq(cedo_runner_run(&other, nested), CEDO_OK);
    ck_assert_int_eq(cedo_runner_close(&other), CEDO_OK);
    ck_assert_int_eq(cedo_runner_close(&runner), CEDO_OK);
}
END_TEST

START_TEST(RUN_09_a_nested_run_of_one_runner_is_refused)
{
    open_runner();
    ck_assert_int_eq(cedo_runner_run(&runner, nested), CEDO_OK);
    ck_assert_int_eq(cedo_runner_run(&runner, outcome), CEDO_OK);
    ck_assert_int_eq(cedo_runner_close(&runner), CEDO_OK);
}
END_TEST

/* ------------------------------------------------------------- the loop */

static cedo_status no_port(cedo_loop *where)
{
    (void)where;
    return CEDO_ENOMEM;
}

START_TEST(RUN_06_the_loop_is_on_the_port_given_or_the_one_given)
{
    cedo_port broken = cedo_port_sim;
    broken.open = no_port;
    cedo_runner_init(&runner, &loop, &broken);
    ck_assert_ptr_null(cedo_runner_loop(&runner));
    ck_assert_int_eq(cedo_runner_run(&runner, outcome), CEDO_ENOMEM);
    ck_assert_int_eq(cedo_runner_close(&runner), CEDO_OK);

    ck_assert_int_eq(cedo_loop_init(&loop, &cedo_port_sim), CEDO_OK);
    cedo_runner_init(&runner, &loop, NULL);
    ck_assert_ptr_eq(cedo_runner_loop(&runner), &loop);
    ck_assert_int_eq(cedo_runner_run(&runner, outcome), CEDO_OK);
    ck_assert_int_eq(cedo_runner_close(&runner), CEDO_OK);
    ck_assert(cedo_loop_is_closed(&loop));
    ck_assert_int_eq(cedo_loop_shutdown(&loop), CEDO_ECLOSED);
}
END_TEST

START_TEST(a_loop_that_its_owner_has_closed_runs_nothing)
{
    open_runner();
    ck_assert_int_eq(cedo_loop_close(&loop), CEDO_OK);
    ck_assert_int_eq(cedo_runner_run(&runner, outcome), CEDO_ECLOSED);
    ck_assert_int_eq(cedo_runner_close(&runner), CEDO_OK);
}
END_TEST

/* ------------------------------------------------------------- runs that end early */

struct cut_short {
    cedo_coro coro;
    bool exits;
    bool resists;
    int caught;
};

static cedo_status exits(void *arg)
{
    (void)arg;
    return CEDO_EEXIT;
}

static cedo_async(cut_short)
{
    static cedo_handle handle;
    cedo_body(struct cut_short, self) {
        handle.entry.flags = 0;
        if (self->exits)
            (void)cedo_call_soon(&loop, &handle, exits, NULL);
        else if (!self->resists)
            cedo_loop_stop(&loop);
        cedo_catch(self->caught, cedo_sleep(CEDO_FOREVER));
        if (self->resists) cedo_catch(self->caught, cedo_sleep(CEDO_FOREVER));
    cedo_finally:
        if (!self->exits && !self->resists) cedo_loop_stop(&loop);
        cedo_await(cedo_sleep(1));
        mark("main ends");
    }
}

START_TEST(a_run_that_is_stopped_ends_its_coroutine_first)
{
    struct cut_short frame;
    open_runner();
    ck_assert_int_eq(cedo_runner_run_coro(&runner, cedo_make(&frame, cut_short)), CEDO_ESTOPPED);
    ck_trail("main ends");
    ck_assert_int_eq(frame.caught, CEDO_ECANCELED);
    ck_assert_int_eq(cedo_runner_run(&runner, cut_short, .exits = true), CEDO_EEXIT);
    ck_trail("main ends");
    ck_assert_int_eq(cedo_runner_run(&runner, outcome), CEDO_OK);
    ck_assert_int_eq(cedo_runner_close(&runner), CEDO_OK);
}
END_TEST

START_TEST(a_coroutine_that_nothing_can_wake_does_not_outlive_its_frame)
{
    open_runner();
    ck_assert_int_eq(cedo_runner_run(&runner, cut_short, .resists = true), CEDO_EDEADLK);
    ck_assert_int_eq(unhandled, 1);
    ck_assert(cedo_loop_is_closed(&loop));
    ck_assert_int_eq(cedo_runner_run(&runner, outcome), CEDO_ECLOSED);
    ck_assert_int_eq(cedo_runner_close(&runner), CEDO_OK);
}
END_TEST

static cedo_task_of(cut_short) resisting;

struct leaves_resisting {
    cedo_coro coro;
};

static cedo_async(leaves_resisting)
{
    cedo_body(struct leaves_resisting, self) {
        (void)cedo_spawn(&resisting, cut_short, .resists = true);
        cedo_await(cedo_sleep(1));
    }
}

START_TEST(a_leftover_that_nothing_can_wake_is_given_up)
{
    open_runner();
    ck_assert_int_eq(cedo_runner_run(&runner, leaves_resisting), CEDO_OK);
    ck_assert_int_eq(cedo_runner_close(&runner), CEDO_OK);
    ck_assert_int_eq(cedo_task_result(&resisting.task), CEDO_ECLOSED);
    ck_assert_int_eq(unhandled, 1);
}
END_TEST

/* ------------------------------------------------------------- tasks that are spawned meanwhile */

static cedo_task_of(leftover) late;

struct spawns_at_its_end {
    cedo_coro coro;
    bool exits;
};

static cedo_async(spawns_at_its_end)
{
    cedo_body(struct spawns_at_its_end, self) {
        cedo_await(cedo_sleep(CEDO_FOREVER));
    cedo_finally:
        (void)cedo_spawn(&late, leftover, .name = "late", .status = CEDO_EEXIT);
        cedo_await(cedo_sleep(1));
        mark("one ends");
        if (self->exits) cedo_throw(CEDO_EEXIT);
    }
}

static cedo_task_of(spawns_at_its_end) spawner;

struct leaves_spawner {
    cedo_coro coro;
};

static cedo_async(leaves_spawner)
{
    cedo_body(struct leaves_spawner, self) {
        (void)cedo_spawn(&spawner, spawns_at_its_end, .exits = true);
        cedo_await(cedo_sleep(1));
    }
}

START_TEST(tasks_that_are_spawned_while_a_loop_is_shut_down_end_too)
{
    open_runner();
    ck_assert_int_eq(cedo_runner_run(&runner, leaves_spawner), CEDO_OK);
    ck_assert_int_eq(cedo_loop_shutdown(&loop), CEDO_OK);
    ck_trail("late begins one ends late ends");
    ck_assert_ptr_null(cedo_loop_next_task(&loop, NULL));
    ck_assert(!cedo_loop_is_closed(&loop));
    ck_assert_int_eq(cedo_runner_run(&runner, outcome), CEDO_OK);
    ck_assert_int_eq(cedo_runner_close(&runner), CEDO_OK);
    ck_assert_int_eq(unhandled, 0);
}
END_TEST

/* ------------------------------------------------------------- generators */

#if CEDO_SCOPES
struct endless {
    cedo_coro coro;
    int n;
};

static cedo_async(endless)
{
    cedo_body(struct endless, self) {
        for (;; self->n++) cedo_yield();
    cedo_finally:
        cedo_await(cedo_sleep(1));
        mark("generator closed");
    }
}

struct iterates {
    cedo_coro coro;
    cedo_generator_of(endless) items;
};

static cedo_async(iterates)
{
    cedo_body(struct iterates, self) {
        cedo_generate(&self->items, endless);
        cedo_for_each(self->items.frame.n, cedo_anext(&self->items))
            cedo_await(cedo_sleep(self->items.frame.n < 2 ? 1 : CEDO_FOREVER));
    }
}

static cedo_task_of(iterates) iterating;

struct leaves_generator {
    cedo_coro coro;
};

static cedo_async(leaves_generator)
{
    cedo_body(struct leaves_generator, self) {
        (void)cedo_spawn(&iterating, iterates);
        cedo_await(cedo_sleep(9));
        mark("main ends");
    }
}

START_TEST(RUN_03_generators_that_are_left_are_finalised)
{
    open_runner();
    ck_assert_int_eq(cedo_runner_run(&runner, leaves_generator), CEDO_OK);
    ck_assert_int_eq(cedo_runner_close(&runner), CEDO_OK);
    ck_trail("main ends generator closed");
    ck_assert(cedo_task_cancelled(&iterating.task));
}
END_TEST
#define SCOPES_TESTS , RUN_03_generators_that_are_left_are_finalised
#else
#define SCOPES_TESTS
#endif

#if CEDO_HOSTED
struct exits_with {
    cedo_coro coro;
    int code;
};

static cedo_async(exits_with)
{
    cedo_body(struct exits_with, self) {
        cedo_throw(cedo_exit(self->code));
    }
}

START_TEST(the_exit_code_is_that_of_the_last_run_that_exits)
{
    open_runner();
    ck_assert_int_eq(cedo_runner_run(&runner, exits_with, .code = 7), CEDO_EEXIT);
    ck_assert_int_eq(cedo_runner_run(&runner, outcome), CEDO_OK);
    ck_assert_int_eq(cedo_exit_code(), 7);
    ck_assert_int_eq(cedo_runner_close(&runner), CEDO_OK);
}
END_TEST
#define HOSTED_TESTS , the_exit_code_is_that_of_the_last_run_that_exits
#else
#define HOSTED_TESTS
#endif

SUITE("runner", RUN_01_run_gives_the_result_or_the_error,
      RUN_02_leftovers_are_cancelled_and_awaited_and_their_errors_reported,
      one_that_has_caught_a_cancel_before_is_cancelled_again, one_that_ends_well_is_not_reported,
      RUN_04_a_run_inside_a_running_loop_is_refused,
      RUN_06_the_loop_is_on_the_port_given_or_the_one_given,
      RUN_07_one_loop_for_several_runs_and_leftovers_live_until_close,
      RUN_08_a_second_close_does_nothing_and_a_closed_runner_runs_nothing,
      RUN_09_a_nested_run_of_one_runner_is_refused, RUN_11_a_main_that_was_cancelled_gives_that,
      a_runner_that_was_never_used_makes_no_loop, a_loop_that_its_owner_has_closed_runs_nothing,
      a_run_that_is_stopped_ends_its_coroutine_first,
      a_coroutine_that_nothing_can_wake_does_not_outlive_its_frame,
      a_leftover_that_nothing_can_wake_is_given_up,
      tasks_that_are_spawned_while_a_loop_is_shut_down_end_too SCOPES_TESTS HOSTED_TESTS)
