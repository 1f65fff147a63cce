/* Tasks: start, order, join, outcome, names, registry, misuse. */
#include "world.h"

/* ------------------------------------------------------------- start and order */

struct marker {
    cedo_coro coro;
    const char *name;
    int yields, i, throws;
};

static cedo_async(marker)
{
    cedo_body(struct marker, self) {
        for (self->i = 0; self->i < self->yields; self->i++) {
            mark("%s%d", self->name, self->i);
            cedo_await(cedo_yield_now());
        }
        mark("%s.", self->name);
        if (self->throws) cedo_throw(self->throws);
    }
}

struct spawner {
    cedo_coro coro;
};

static cedo_task_of(marker) spawned[3];

static cedo_async(spawner)
{
    cedo_body(struct spawner, self) {
        mark("before");
        ck_assert_int_eq(cedo_spawn(&spawned[0], marker, .name = "a"), CEDO_OK);
        ck_assert_int_eq(cedo_spawn(&spawned[1], marker, .name = "b"), CEDO_OK);
        mark("after");
        cedo_await(cedo_yield_now());
        mark("resumed");
    }
}

START_TEST(TASK_01_spawn_only_queues_the_first_step)
{
    static cedo_task_of(spawner) task;
    open_world();
    ck_assert_int_eq(run(&task, spawner), CEDO_OK);
    ck_trail("before after a. b. resumed");
    close_world();
}
END_TEST

START_TEST(TASK_02_tasks_start_in_the_order_of_spawning)
{
    static cedo_task_of(marker) tasks[5];
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    open_world();
    for (int i = 0; i < 5; i++) start(&tasks[i], marker, .name = names[i]);
    turns(1);
    ck_trail("a. b. c. d. e.");
    close_world();
}
END_TEST

struct direct {
    cedo_coro coro;
    struct marker child;
};

static cedo_async(direct)
{
    cedo_body(struct direct, self) {
        mark("calls");
        cedo_await(cedo_call(&self->child, marker, .name = "child"));
        mark("called");
    }
}

START_TEST(TASK_03_a_direct_await_runs_in_the_same_task_without_scheduling)
{
    static cedo_task_of(direct) task;
    static cedo_task_of(marker) other;
    open_world();
    start(&task, direct);
    start(&other, marker, .name = "other");
    turns(1);
    ck_trail("calls child. called other.");
    close_world();
}
END_TEST

#if CEDO_JOIN
struct joiner {
    cedo_coro coro;
    const char *name;
    cedo_task *task;
    int status, again;
};

static cedo_async(joiner)
{
    cedo_body(struct joiner, self) {
        cedo_catch(self->status, cedo_join(self->task));
        mark("%s", self->name);
        cedo_catch(self->again, cedo_join(self->task));
        mark("%s", self->name);
    }
}

START_TEST(TASK_04_joining_a_finished_task_does_not_yield)
{
    static cedo_task_of(marker) done, other;
    static cedo_task_of(joiner) task;
    open_world();
    ck_assert_int_eq(run(&done, marker, .name = "done"), CEDO_OK);
    start(&task, joiner, .task = &done.task, .name = "join");
    start(&other, marker, .name = "other");
    turns(1);
    ck_trail("done. join join other.");
    close_world();
}
END_TEST
#endif

START_TEST(TASK_05_a_yield_gives_every_other_ready_task_one_chance)
{
    static cedo_task_of(marker) a, b, c;
    open_world();
    start(&a, marker, .name = "a", .yields = 2);
    start(&b, marker, .name = "b", .yields = 2);
    start(&c, marker, .name = "c", .yields = 1);
    run_dry();
    ck_trail("a0 b0 c0 a1 b1 c. a. b.");
    close_world();
}
END_TEST

#if CEDO_JOIN
START_TEST(TASK_06_a_finished_task_wakes_its_joiners_in_order_in_the_next_turn)
{
    static cedo_task_of(marker) task;
    static cedo_task_of(joiner) joiners[3];
    static const char *const names[] = {"1", "2", "3"};
    open_world();
    start(&task, marker, .name = "t", .yields = 2);
    for (int i = 0; i < 3; i++) start(&joiners[i], joiner, .task = &task.task, .name = names[i]);
    turns(3);
    ck_trail("t0 t1 t.");
    turns(1);
    ck_trail("1 1 2 2 3 3");
    close_world();
}
END_TEST

START_TEST(TASK_07_an_error_is_stored_and_each_join_raises_it)
{
    static cedo_task_of(marker) task;
    static cedo_task_of(joiner) joiners[3];
    open_world();
    start(&task, marker, .name = "t", .yields = 1, .throws = CEDO_EUSER);
    for (int i = 0; i < 2; i++) start(&joiners[i], joiner, .task = &task.task, .name = "j");
    run_dry();
    ck_assert_int_eq(run(&joiners[2], joiner, .task = &task.task, .name = "j"), CEDO_OK);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(joiners[i].frame.status, CEDO_EUSER);
        ck_assert_int_eq(joiners[i].frame.again, CEDO_EUSER);
    }
    ck_assert_int_eq(cedo_task_result(&task.task), CEDO_EUSER);
    ck_assert(!cedo_task_cancelled(&task.task));
    close_world(); /* nobody was told otherwise */
}
END_TEST

START_TEST(TASK_09_a_task_that_joins_itself_gets_EDEADLK)
{
    static cedo_task_of(joiner) task;
    open_world();
    ck_assert_int_eq(run(&task, joiner, .task = &task.task, .name = "self"), CEDO_OK);
    ck_assert_int_eq(task.frame.status, CEDO_EDEADLK);
    close_world();
}
END_TEST

START_TEST(a_join_refuses_what_was_never_spawned_or_runs_elsewhere)
{
    static cedo_task_of(joiner) task;
    static cedo_task_of(marker) never;
    open_world();
    ck_assert_int_eq(run(&task, joiner, .task = &never.task, .name = "never"), CEDO_OK);
    ck_assert_int_eq(task.frame.status, CEDO_ESTATE);
#if CEDO_LOOPS
    {
        static cedo_loop second;
        static cedo_task_of(marker) elsewhere;
        ck_assert_int_eq(cedo_loop_init(&second, &cedo_port_sim), CEDO_OK);
        ck_assert_int_eq(cedo_loop_spawn(&second, &elsewhere, marker, .name = "elsewhere"),
                         CEDO_OK);
        ck_assert_int_eq(run(&task, joiner, .task = &elsewhere.task, .name = "other"), CEDO_OK);
        ck_assert_int_eq(task.frame.status, CEDO_EINVAL);
        ck_assert_int_eq(cedo_loop_run_until_complete(&second, &elsewhere.task), CEDO_OK);
        ck_assert_int_eq(cedo_loop_close(&second), CEDO_OK);
    }
#endif
    close_world();
}
END_TEST
#endif

/* ------------------------------------------------------------- errors nobody waits for */

#if CEDO_EXCEPTION_HANDLER
START_TEST(an_error_nobody_waits_for_is_reported_at_once_unless_kept)
{
    static cedo_task_of(marker) task;
    open_world();
    start(&task, marker, .name = "t", .throws = CEDO_EUSER);
    run_dry();
    ck_assert_int_eq(unhandled, 1);
    ck_assert_int_eq(last_unhandled.status, CEDO_EUSER);
    ck_assert_ptr_eq(last_unhandled.task, &task.task);
    ck_assert_ptr_null(last_unhandled.handle);
    unhandled = 0;
    start(&task, marker, .name = "t", .throws = CEDO_EUSER);
    cedo_task_keep(&task.task);
    run_dry();
    ck_assert_int_eq(cedo_task_result(&task.task), CEDO_EUSER);
    /* a cancellation is no error */
    start(&task, marker, .name = "t", .throws = CEDO_ECANCELED);
    run_dry();
    close_world();
}
END_TEST
#endif

/* ------------------------------------------------------------- outside of a loop */

#if CEDO_CHECKS && CEDO_LOOPS
static void spawn_outside(void)
{
    static cedo_task_of(marker) task;
    (void)cedo_spawn(&task, marker, .name = "x");
}
#if CEDO_ALLOCATORS
static void spawn_new_outside(void)
{
    (void)cedo_spawn_new(marker, .name = "x");
}
#endif
#endif

START_TEST(TASK_11_a_spawn_outside_of_a_loop_traps)
{
#if CEDO_CHECKS && CEDO_LOOPS
    open_world();
    ck_trap(spawn_outside, "use cedo_loop_spawn");
#if CEDO_ALLOCATORS
    ck_trap(spawn_new_outside, "use cedo_loop_spawn_new");
#endif
#endif
}
END_TEST

#if CEDO_CHECKS
static cedo_task_of(marker) once;

static void spawn_twice(void)
{
    (void)cedo_loop_spawn(&loop, &once, marker, .name = "x");
    (void)cedo_loop_spawn(&loop, &once, marker, .name = "x");
}

static void spawn_coro_twice(void)
{
    static cedo_task task;
    static struct marker frame;
    (void)cedo_loop_spawn_coro(&loop, &task, cedo_make(&frame, marker, .name = "x"));
    (void)cedo_loop_spawn_coro(&loop, &task, cedo_make(&frame, marker, .name = "x"));
}

struct plain {
    cedo_coro coro;
};

static cedo_async(plain)
{
    cedo_body(struct plain, self) {
        cedo_await(cedo_sleep(CEDO_FOREVER));
    }
}

static void spawn_nowhere(void)
{
    static cedo_task_of(plain) task;
    cedo_loop *const nowhere = NULL;
    (void)cedo_loop_spawn(nowhere, &task, plain);
}

static void spawn_over_a_running_frame(void)
{
    static cedo_task task;
    static cedo_task_of(plain) both;
    (void)cedo_loop_spawn_coro(&loop, &task, cedo_make(&both.frame, plain));
    turns(2);
    (void)cedo_loop_spawn(&loop, &both, plain);
}

static void spawn_a_running_frame(void)
{
    static cedo_task task, second;
    static struct marker frame;
    (void)cedo_loop_spawn_coro(&loop, &task, cedo_make(&frame, marker, .name = "x", .yields = 5));
    turns(2);
    (void)cedo_loop_spawn_coro(&loop, &second, &frame.coro);
}
#endif

START_TEST(a_task_or_frame_cannot_be_started_twice)
{
#if CEDO_CHECKS
    open_world();
    ck_trap(spawn_twice, "spawned already");
    open_world();
    ck_trap(spawn_coro_twice, "spawned already");
    open_world();
    ck_trap(spawn_a_running_frame, "runs already");
    open_world();
    ck_trap(spawn_nowhere, "no loop runs here");
#if !CEDO_HOSTED /* on a host the frame is made anew first */
    open_world();
    ck_trap(spawn_over_a_running_frame, "runs already");
#else
    (void)spawn_over_a_running_frame;
#endif
#endif
}
END_TEST

START_TEST(storage_can_be_used_again_when_the_task_is_done)
{
    static cedo_task_of(marker) task;
    open_world();
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(run(&task, marker, .name = "t", .yields = 1), CEDO_OK);
    ck_trail("t0 t. t0 t. t0 t.");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- who is running */

static cedo_status note_current(void *arg)
{
    (void)arg;
    mark("%d", cedo_current_task() == NULL);
    return CEDO_OK;
}

static cedo_handle handle;

struct knower {
    cedo_coro coro;
    cedo_task *self, *seen;
    cedo_loop *where;
    int i;
};

static cedo_async(knower)
{
    cedo_body(struct knower, self) {
        for (self->i = 0; self->i < 3; self->i++) {
            ck_assert_ptr_eq(cedo_current_task(), self->self);
            ck_assert_ptr_eq(cedo_running_loop(), &loop);
            if (self->i == 1 && !cedo_handle_scheduled(&handle))
                ck_assert_int_eq(cedo_call_soon(&loop, &handle, note_current, NULL), CEDO_OK);
            cedo_await(cedo_yield_now());
        }
    }
}

START_TEST(TASK_12_the_current_task_is_the_one_whose_step_runs)
{
    static cedo_task_of(knower) a, b;
    open_world();
    start(&a, knower, .self = &a.task);
    start(&b, knower, .self = &b.task);
    ck_assert_ptr_null(cedo_current_task());
    run_dry();
    ck_assert_ptr_null(cedo_current_task());
    ck_trail("1");
    close_world();
}
END_TEST

#if CEDO_REGISTRY
static int count_tasks(void)
{
    int count = 0;
    for (cedo_task *task = cedo_loop_next_task(&loop, NULL); task;
         task = cedo_loop_next_task(&loop, task))
        count++;
    return count;
}

START_TEST(TASK_13_the_tasks_of_a_loop_are_those_not_done)
{
    static cedo_task_of(marker) tasks[6];
    bool seen[6] = {false};
    open_world();
    ck_assert_int_eq(count_tasks(), 0);
    for (int i = 0; i < 6; i++) start(&tasks[i], marker, .name = "t", .yields = (i * 5) % 7);
    ck_assert_int_eq(count_tasks(), 6);
    for (cedo_task *task = cedo_loop_next_task(&loop, NULL); task;
         task = cedo_loop_next_task(&loop, task))
        for (int i = 0; i < 6; i++)
            if (task == &tasks[i].task) seen[i] = true;
    for (int i = 0; i < 6; i++) ck_assert(seen[i]);
    for (int turn = 1; turn <= 8; turn++) {
        int alive = 0;
        turns(1);
        for (int i = 0; i < 6; i++) alive += !cedo_task_done(&tasks[i].task);
        ck_assert_int_eq(count_tasks(), alive);
    }
    ck_assert_int_eq(count_tasks(), 0);
    close_world();
}
END_TEST
#endif

#if CEDO_NAMES
struct named {
    cedo_coro coro;
};

static cedo_async(named)
{
    cedo_body(struct named, self) {
        mark("%s", cedo_task_name(cedo_current_task()));
        cedo_await(cedo_yield_now());
        mark("%s", cedo_task_name(cedo_current_task()));
    }
}

struct name_spawner {
    cedo_coro coro;
};

static cedo_task_of(named) inner_named;

static cedo_async(name_spawner)
{
    cedo_body(struct name_spawner, self) {
        ck_assert_int_eq(cedo_spawn_named("inner", &inner_named, named), CEDO_OK);
    }
}

START_TEST(TASK_14_default_names_are_unique_and_names_are_seen_in_the_first_step)
{
    static cedo_task_of(named) a, b, c;
    static cedo_task_of(name_spawner) d;
    const char *name_a, *name_b;
    open_world();
    start(&a, named);
    start(&b, named);
    ck_assert_int_eq(cedo_loop_spawn_named(&loop, "given", &c, named), CEDO_OK);
    name_a = cedo_task_name(&a.task);
    name_b = cedo_task_name(&b.task);
    ck_assert_str_eq(name_a, "Task-1");
    ck_assert_str_eq(name_b, "Task-2");
    turns(1);
    cedo_task_set_name(&b.task, "new");
    run_dry();
    ck_trail("Task-1 Task-2 given Task-1 new given");
    ck_assert_int_eq(run(&d, name_spawner), CEDO_OK);
    run_dry();
    ck_trail("inner inner");
    close_world();
}
END_TEST
#endif

/* ------------------------------------------------------------- sleep */

struct sleeper {
    cedo_coro coro;
    cedo_duration delay;
    int until;
    cedo_time when;
    const char *name;
};

static cedo_async(sleeper)
{
    cedo_body(struct sleeper, self) {
        if (self->until)
            cedo_await(cedo_sleep_until(self->when));
        else
            cedo_await(cedo_sleep(self->delay));
        mark("%s", self->name);
        self->when = cedo_loop_time(&loop);
    }
}

START_TEST(TASK_19_a_sleep_lasts_at_least_its_time_and_sleepers_wake_by_deadline)
{
    static cedo_task_of(sleeper) tasks[5];
    static const int delays[] = {30, 10, 20, 10, 5};
    static const char *const names[] = {"30", "10", "20", "10b", "5"};
    open_world();
    for (int i = 0; i < 5; i++)
        start(&tasks[i], sleeper, .delay = CEDO_MS(delays[i]), .name = names[i]);
    run_dry();
    ck_trail("5 10 10b 20 30");
    for (int i = 0; i < 5; i++) ck_assert_int_eq(tasks[i].frame.when, CEDO_MS(delays[i]));
    close_world();
}
END_TEST

START_TEST(TASK_20_a_sleep_of_no_time_is_a_yield)
{
    static cedo_task_of(sleeper) zero, negative;
    static cedo_task_of(marker) other;
    open_world();
    start(&zero, sleeper, .delay = 0, .name = "zero");
    start(&negative, sleeper, .delay = -100, .name = "negative");
    start(&other, marker, .name = "other");
    turns(2);
    ck_trail("other. zero negative");
    ck_assert_int_eq(cedo_loop_time(&loop), 0);
    close_world();
}
END_TEST

START_TEST(a_sleep_until_a_time_that_has_passed_still_lets_others_run)
{
    static cedo_task_of(sleeper) past, future;
    static cedo_task_of(marker) other;
    open_world();
    cedo_sim_advance(&loop, CEDO_MS(10));
    start(&past, sleeper, .until = 1, .when = CEDO_MS(5), .name = "past");
    start(&future, sleeper, .until = 1, .when = CEDO_MS(25), .name = "future");
    start(&other, marker, .name = "other");
    run_dry();
    ck_trail("other. past future");
    ck_assert_int_eq(cedo_loop_time(&loop), CEDO_MS(25));
    close_world();
}
END_TEST

START_TEST(TASK_21_a_cancelled_sleep_leaves_nothing_armed)
{
    static cedo_task_of(sleeper) task, eternal;
    cedo_time when;
    open_world();
    start(&task, sleeper, .delay = CEDO_MS(30), .name = "never");
    start(&eternal, sleeper, .delay = CEDO_FOREVER, .name = "never");
    turns(1);
    ck_assert(cedo_loop_deadline(&loop, &when));
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert(!cedo_loop_deadline(&loop, &when));
    ck_assert(cedo_task_cancel(&eternal.task));
    turns(1);
    ck_assert(cedo_task_cancelled(&task.task));
    ck_assert(cedo_task_cancelled(&eternal.task));
    ck_trail("");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- exit */

struct exits {
    cedo_coro coro;
    int finals;
};

static cedo_async(exits)
{
    cedo_body(struct exits, self) {
        cedo_await(cedo_yield_now());
        cedo_throw(CEDO_EEXIT);
    cedo_finally:
        self->finals++;
        cedo_await(cedo_yield_now());
    }
}

START_TEST(TASK_18_an_exit_is_stored_in_the_task_and_leaves_the_run_call)
{
    static cedo_task_of(exits) task;
    static cedo_task_of(marker) other;
    open_world();
    start(&task, exits);
    start(&other, marker, .name = "o", .yields = 5);
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_EEXIT);
    ck_assert(cedo_task_done(&task.task));
    ck_assert_int_eq(cedo_task_result(&task.task), CEDO_EEXIT);
    ck_assert_int_eq(task.frame.finals, 1);
    ck_assert(!cedo_task_done(&other.task));
    run_dry();
#if CEDO_JOIN
    ck_assert_int_eq(run(&task, exits), CEDO_EEXIT);
#endif
    close_world();
}
END_TEST

/* ------------------------------------------------------------- misuse that is seen */

#if CEDO_CHECKS
static cedo_event never;

struct forgetful {
    cedo_coro coro;
    int how;
    cedo_op op;
};

static cedo_async(forgetful)
{
    cedo_body(struct forgetful, self) {
        self->op = self->how == 1 ? cedo_sleep_ms(1) : cedo_event_wait(&never);
        if (self->how == 2) cedo_return();
        cedo_await(cedo_sleep_ms(2));
    }
}

static void forget_a_wait(void)
{
    static cedo_task_of(forgetful) task;
    (void)run(&task, forgetful);
}

static void forget_a_sleep(void)
{
    static cedo_task_of(forgetful) task;
    (void)run(&task, forgetful, .how = 1);
}

static void forget_at_the_end(void)
{
    static cedo_task_of(forgetful) task;
    (void)run(&task, forgetful, .how = 2);
}

static cedo_status await_in_callback(void *arg)
{
    (void)arg;
    return cedo_event_wait(&never) == CEDO_WAITING ? CEDO_OK : CEDO_EINVAL;
}

static void wait_in_a_callback(void)
{
    ck_assert_int_eq(cedo_call_soon(&loop, &handle, await_in_callback, NULL), CEDO_OK);
    run_dry();
}

static void wait_outside(void)
{
    if (cedo_sleep_until(0) == CEDO_WAITING) mark("no");
}

#if CEDO_JOIN
static void join_outside(void)
{
    static cedo_task task;
    if (cedo_join(&task) == CEDO_WAITING) mark("no");
}
#endif
#endif

START_TEST(operations_that_are_misused_trap)
{
#if CEDO_CHECKS
    static const cedo_event unset;
    open_world();
    never = unset;
    ck_trap(forget_a_wait, "begun but not awaited");
    open_world();
    never = unset;
    ck_trap(forget_a_sleep, "begun but not awaited");
    open_world();
    never = unset;
    ck_trap(forget_at_the_end, "begun but not awaited");
    open_world();
    never = unset;
    ck_trap(wait_in_a_callback, "not in a callback");
    open_world();
    ck_trap(wait_outside, "only be awaited in a task");
#if CEDO_JOIN
    ck_trap(join_outside, "only be awaited in a task");
#endif
#endif
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        TASK_01_spawn_only_queues_the_first_step,
        TASK_02_tasks_start_in_the_order_of_spawning,
        TASK_03_a_direct_await_runs_in_the_same_task_without_scheduling,
        TASK_05_a_yield_gives_every_other_ready_task_one_chance,
#if CEDO_JOIN
        TASK_04_joining_a_finished_task_does_not_yield,
        TASK_06_a_finished_task_wakes_its_joiners_in_order_in_the_next_turn,
        TASK_07_an_error_is_stored_and_each_join_raises_it,
        TASK_09_a_task_that_joins_itself_gets_EDEADLK,
        a_join_refuses_what_was_never_spawned_or_runs_elsewhere,
#endif
#if CEDO_EXCEPTION_HANDLER
        an_error_nobody_waits_for_is_reported_at_once_unless_kept,
#endif
        TASK_11_a_spawn_outside_of_a_loop_traps,
        a_task_or_frame_cannot_be_started_twice,
        storage_can_be_used_again_when_the_task_is_done,
        TASK_12_the_current_task_is_the_one_whose_step_runs,
#if CEDO_REGISTRY
        TASK_13_the_tasks_of_a_loop_are_those_not_done,
#endif
#if CEDO_NAMES
        TASK_14_default_names_are_unique_and_names_are_seen_in_the_first_step,
#endif
        TASK_18_an_exit_is_stored_in_the_task_and_leaves_the_run_call,
        TASK_19_a_sleep_lasts_at_least_its_time_and_sleepers_wake_by_deadline,
        TASK_20_a_sleep_of_no_time_is_a_yield,
        a_sleep_until_a_time_that_has_passed_still_lets_others_run,
        TASK_21_a_cancelled_sleep_leaves_nothing_armed,
        operations_that_are_misused_trap,
    };
    return suite_run("task", tests, sizeof tests / sizeof *tests);
}
