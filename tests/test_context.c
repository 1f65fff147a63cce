/* Values that go along with tasks. */
#include "world.h"

static const cedo_variable number = {NULL};
static const cedo_variable text = {(void *)(uintptr_t) "initial"};

static intptr_t get(void)
{
    return cedo_value_int(&number);
}

/* Marks what it sees, and again after a turn. */
struct sees {
    cedo_coro coro;
    const char *name;
};

static cedo_async(sees)
{
    cedo_body(struct sees, self) {
        mark("%s%d", self->name, (int)get());
        cedo_await(cedo_yield_now());
        mark("%s%d", self->name, (int)get());
    }
}

/* ------------------------------------------------------------- blocks */

struct blocks {
    cedo_coro coro;
    cedo_binding a, b, other;
    cedo_guard guard;
    cedo_timeout limit;
    struct sees child;
};

static cedo_async(blocks)
{
    cedo_body(struct blocks, self) {
        mark("%d %s", (int)get(), (const char *)cedo_value(&text));
        cedo_with_value(&self->a, &number, 1)
        {
            cedo_with_value(&self->other, &text, "bound")
            {
                cedo_with_timeout (&self->limit, CEDO_MS(10)) {
                    cedo_with_value(&self->b, &number, -2) mark("%d", (int)get());
                    mark("%d %s", (int)get(), (const char *)cedo_value(&text));
                }
            }
            mark("%s", (const char *)cedo_value(&text));
            cedo_try (&self->guard) {
                cedo_with_value(&self->b, &number, 3)
                {
                    cedo_await(cedo_call(&self->child, sees, .name = "child "));
                    cedo_throw(CEDO_EUSER);
                }
            }
            cedo_except (&self->guard) mark("%d", (int)get());
        }
        mark("%d", (int)get());
    }
}

START_TEST(TASK_23_a_value_holds_in_its_block_and_in_what_is_awaited_there)
{
    static cedo_task_of(blocks) task;
    open_world();
    ck_assert_int_eq(run(&task, blocks), CEDO_OK);
    ck_trail("0 initial -2 1 bound initial child 3 child 3 1 0");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- tasks */

struct changes {
    cedo_coro coro;
    const char *name;
    cedo_binding own;
    cedo_task_of(sees) grandchild;
};

static cedo_async(changes)
{
    cedo_body(struct changes, self) {
        mark("%s%d", self->name, (int)get());
        cedo_with_value(&self->own, &number, get() * 10)
        {
            (void)cedo_spawn(&self->grandchild, sees, .name = "g");
            cedo_await(cedo_yield_now());
            mark("%s%d", self->name, (int)get());
            cedo_await(cedo_join(&self->grandchild.task));
        }
        mark("%s%d", self->name, (int)get());
    }
}

struct parent {
    cedo_coro coro;
    cedo_binding a, b;
    cedo_task_of(changes) one, two;
    cedo_task_of(sees) outside;
};

static cedo_async(parent)
{
    cedo_body(struct parent, self) {
        cedo_with_value(&self->a, &number, 1)
        {
            (void)cedo_spawn(&self->one, changes, .name = "a");
            cedo_with_value(&self->b, &number, 2)
            {
                (void)cedo_spawn(&self->two, changes, .name = "b");
                cedo_await(cedo_join(&self->two.task));
            }
            mark("p%d", (int)get());
            cedo_await(cedo_join(&self->one.task));
        }
        (void)cedo_spawn(&self->outside, sees, .name = "o");
        cedo_await(cedo_join(&self->outside.task));
    }
}

START_TEST(TASK_22_a_task_has_the_values_of_its_creation_and_its_own_change_nothing_outside)
{
    static cedo_task_of(parent) task;
    open_world();
    ck_assert_int_eq(run(&task, parent), CEDO_OK);
    ck_trail("a1 b2 g10 a10 g20 b20 g10 g20 a1 b2 p1 o0 o0");
    close_world();
}
END_TEST

struct eager {
    cedo_coro coro;
    cedo_binding a;
    cedo_task_of(sees) child;
};

static cedo_async(eager)
{
    cedo_body(struct eager, self) {
        cedo_with_value(&self->a, &number, 4)
        {
            (void)cedo_spawn_eager(&self->child, sees, .name = "e");
            mark("p%d", (int)get());
            cedo_await(cedo_join(&self->child.task));
        }
    }
}

START_TEST(EAGER_09_the_first_step_sees_the_values_of_the_new_task)
{
    static cedo_task_of(eager) task;
    open_world();
    ck_assert_int_eq(run(&task, eager), CEDO_OK);
    ck_trail("e4 p4 e4");
    close_world();
}
END_TEST

#if CEDO_EXCEPTION_HANDLER
struct fails {
    cedo_coro coro;
};

static cedo_async(fails)
{
    cedo_body(struct fails, self) {
        cedo_throw(CEDO_EUSER);
    }
}

struct has_failing_child {
    cedo_coro coro;
    cedo_binding a;
    cedo_task_of(fails) child;
};

static cedo_async(has_failing_child)
{
    cedo_body(struct has_failing_child, self) {
        cedo_with_value(&self->a, &number, 5)
        {
            (void)cedo_spawn(&self->child, fails);
            cedo_await(cedo_sleep(1));
        }
    }
}

static cedo_status see_unhandled(cedo_loop *where, const cedo_exception *exception, void *arg)
{
    (void)where, (void)exception, (void)arg;
    mark("handler %d", (int)get());
    return CEDO_OK;
}

START_TEST(ERRHANDLER_05_the_handler_sees_the_values_of_the_task_concerned)
{
    static cedo_task_of(has_failing_child) task;
    open_world();
    cedo_loop_set_exception_handler(&loop, see_unhandled, NULL);
    ck_assert_int_eq(run(&task, has_failing_child), CEDO_OK);
    ck_trail("handler 5");
    close_world();
}
END_TEST
#define HANDLER_TESTS ERRHANDLER_05_the_handler_sees_the_values_of_the_task_concerned,
#else
#define HANDLER_TESTS
#endif

/* ------------------------------------------------------------- the loop's values */

static cedo_status see_callback(void *arg)
{
    mark("%s%d", (const char *)arg, (int)get());
    return CEDO_OK;
}

struct schedules {
    cedo_coro coro;
    cedo_binding a;
    cedo_handle handle;
};

static cedo_async(schedules)
{
    cedo_body(struct schedules, self) {
        mark("%d", (int)get());
        cedo_with_value(&self->a, &number, 6)
        {
            (void)cedo_call_soon(&loop, &self->handle, see_callback, (void *)"c");
            cedo_await(cedo_sleep(1));
        }
    }
}

START_TEST(tasks_from_outside_and_callbacks_see_the_values_of_the_loop)
{
    static cedo_task_of(schedules) task;
    static cedo_binding first, second;
    open_world();
    ck_assert_int_eq(get(), 0); /* outside of any loop */
    cedo_loop_set_value(&loop, &first, &number, 7);
    cedo_loop_set_value(&loop, &second, &text, "loop");
    ck_assert_int_eq(run(&task, schedules), CEDO_OK);
    ck_trail("7 c7");
    close_world();
}
END_TEST

#if CEDO_LOOPS
static cedo_loop other_loop;

struct spawns_elsewhere {
    cedo_coro coro;
    cedo_binding a;
};

static cedo_task_of(sees) elsewhere;

static cedo_async(spawns_elsewhere)
{
    cedo_body(struct spawns_elsewhere, self) {
        cedo_loop_set_spawn_hook(&other_loop, NULL, NULL);
        cedo_with_value(&self->a, &number, 8)(void)
            cedo_loop_spawn(&other_loop, &elsewhere, sees, .name = "x");
    }
}

START_TEST(a_task_of_another_loop_inherits_nothing)
{
    static cedo_task_of(spawns_elsewhere) task;
    open_world();
    ck_assert_int_eq(cedo_loop_init(&other_loop, &cedo_port_sim), CEDO_OK);
    ck_assert_int_eq(run(&task, spawns_elsewhere), CEDO_OK);
    (void)cedo_loop_run_forever(&other_loop);
    ck_trail("x0 x0");
    ck_assert_int_eq(cedo_loop_close(&other_loop), CEDO_OK);
    close_world();
}
END_TEST
#define LOOPS_TESTS a_task_of_another_loop_inherits_nothing,
#else
#define LOOPS_TESTS
#endif

/* ------------------------------------------------------------- misuse */

#if CEDO_CHECKS && CEDO_REGISTRY
static cedo_task_of(sees) heir, others[10];

struct leaves_too_early {
    cedo_coro coro;
    cedo_binding a, b;
    int i;
};

static cedo_async(leaves_too_early)
{
    cedo_body(struct leaves_too_early, self) {
        cedo_with_value(&self->a, &number, 9)
        {
            cedo_with_value(&self->b, &number, 10) for (self->i = 0; self->i < 4; self->i++)
                mark("%d", (int)get());
            (void)cedo_spawn(&heir, sees, .name = "h");
        }
    }
}

static void leave_too_early(void)
{
    static cedo_task_of(leaves_too_early) task;
    (void)run(&task, leaves_too_early);
}

START_TEST(a_task_that_outlives_the_block_traps)
{
    open_world();
    ck_trap(leave_too_early, "outlives the block");
}
END_TEST

/* Among many tasks not all are looked at. */
START_TEST(others_that_live_on_do_not_matter)
{
    static cedo_task_of(blocks) task;
    open_world();
    for (int i = 0; i < 10; i++) start(&others[i], sees, .name = "");
    ck_assert_int_eq(run(&task, blocks), CEDO_OK);
    start(&task, blocks);
    for (int i = 0; i < 10; i++) start(&others[i], sees, .name = "");
    ck_assert_int_eq(finish(&task), CEDO_OK);
    run_dry();
    close_world();
}
END_TEST

#if CEDO_DEBUG
/* not `heir`: without forking that is still alive in the loop of the test above */
static cedo_task_of(sees) late_heir;

struct leaves_an_heir {
    cedo_coro coro;
    cedo_binding a;
};

static cedo_async(leaves_an_heir)
{
    cedo_body(struct leaves_an_heir, self) {
        cedo_with_value(&self->a, &number, 9)
        {
            (void)cedo_spawn(&late_heir, sees, .name = "h");
            cedo_await(cedo_yield_now());
        }
    }
}

struct starts_others {
    cedo_coro coro;
};

static cedo_async(starts_others)
{
    cedo_body(struct starts_others, self) {
        for (int i = 0; i < 10; i++) (void)cedo_spawn(&others[i], sees, .name = "");
    }
}

static void leave_an_heir_among_others(void)
{
    static cedo_task_of(leaves_an_heir) task;
    static cedo_task_of(starts_others) starter;
    start(&task, leaves_an_heir);
    start(&starter, starts_others);
    turns(2);
}

START_TEST(in_debug_mode_all_tasks_are_looked_at)
{
    open_world();
    cedo_loop_set_debug(&loop, false);
    leave_an_heir_among_others();
    run_dry();
    cedo_loop_set_debug(&loop, true);
    ck_trap(leave_an_heir_among_others, "outlives the block");
}
END_TEST
#define DEBUG_TESTS , in_debug_mode_all_tasks_are_looked_at
#else
#define DEBUG_TESTS
#endif

static void bind_twice(void)
{
    static cedo_binding binding;
    cedo_loop_set_value(&loop, &binding, &number, 1);
    cedo_loop_set_value(&loop, &binding, &number, 2);
}

START_TEST(a_binding_of_the_loop_is_used_once)
{
    open_world();
    ck_trap(bind_twice, "in use already");
}
END_TEST
#define CHECKED_TESTS \
    , a_task_that_outlives_the_block_traps, others_that_live_on_do_not_matter, \
        a_binding_of_the_loop_is_used_once DEBUG_TESTS
#else
#define CHECKED_TESTS
#endif

SUITE("context", TASK_23_a_value_holds_in_its_block_and_in_what_is_awaited_there,
      TASK_22_a_task_has_the_values_of_its_creation_and_its_own_change_nothing_outside,
      EAGER_09_the_first_step_sees_the_values_of_the_new_task,
      HANDLER_TESTS LOOPS_TESTS tasks_from_outside_and_callbacks_see_the_values_of_the_loop
          CHECKED_TESTS)
