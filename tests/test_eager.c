/* Eager start, and hooks told of what is spawned. */
#include "world.h"

struct quick {
    cedo_coro coro;
    const char *name;
    int status;
    cedo_task *current; /* seen inside */
};

static cedo_async(quick)
{
    cedo_body(struct quick, self) {
        self->current = cedo_current_task();
        if (self->name) mark("%s", self->name);
        if (self->status) cedo_throw(self->status);
    }
}

struct blocks {
    cedo_coro coro;
    cedo_duration time;
    int status;
};

static cedo_async(blocks)
{
    cedo_body(struct blocks, self) {
        mark("begin");
        cedo_await(cedo_sleep(self->time));
        mark("end");
        if (self->status) cedo_throw(self->status);
    cedo_finally:
        mark("finally");
    }
}

static cedo_task_of(quick) a, b;
static cedo_task_of(blocks) c;
static cedo_handle handle;

/* A coroutine that a test runs in its loop. */
#define IN_TASK(title) \
    struct title { \
        cedo_coro coro; \
        int status; \
    }; \
    static cedo_async(title)

#define RUN_TASK(title) \
    do { \
        static cedo_task_of(title) main_; \
        open_world(); \
        memset(&main_, 0, sizeof main_); \
        ck_assert_int_eq(run(&main_, title), CEDO_OK); \
        close_world(); \
    } while (0)

IN_TASK(runs_inside)
{
    cedo_body(struct runs_inside, self) {
        const cedo_task *const me = cedo_current_task();
        ck_assert_int_eq(cedo_spawn_eager(&a, quick, .name = "a"), CEDO_OK);
        mark("after");
        ck_assert_ptr_eq(a.frame.current, &a.task);
        ck_assert_ptr_eq(cedo_current_task(), me);
    }
}

START_TEST(EAGER_01_the_first_step_runs_inside_the_call_with_the_new_task_current)
{
    RUN_TASK(runs_inside);
    ck_trail("a after");
}
END_TEST

static bool is_known(const cedo_task *wanted)
{
#if CEDO_REGISTRY
    for (const cedo_task *task = NULL; (task = cedo_loop_next_task(&loop, task)) != NULL;)
        if (task == wanted) return true;
#else
    (void)wanted;
#endif
    return false;
}

static bool is_queued(const cedo_task *task)
{
    const cedo_node *const ready = cedo_loop_ready_(&loop);
    for (const cedo_node *node = ready->next; node != ready; node = node->next)
        if (node == &task->entry.node) return true;
    return false;
}

IN_TASK(never_suspends)
{
    cedo_body(struct never_suspends, self) {
        ck_assert_int_eq(cedo_spawn_eager(&a, quick), CEDO_OK);
        ck_assert(cedo_task_done(&a.task));
        ck_assert_int_eq(cedo_task_result(&a.task), CEDO_OK);
        ck_assert(!is_known(&a.task));
        ck_assert(!is_queued(&a.task));
    }
}

START_TEST(EAGER_02_one_that_never_waits_is_done_and_was_never_queued)
{
    RUN_TASK(never_suspends);
}
END_TEST

IN_TASK(suspends)
{
    cedo_body(struct suspends, self) {
        ck_assert_int_eq(cedo_spawn_eager(&c, blocks), CEDO_OK);
        ck_assert(!cedo_task_done(&c.task));
        ck_assert(is_known(&c.task));
        mark("after");
        cedo_await(cedo_join(&c.task));
        ck_assert_int_eq(cedo_spawn_eager(&c, blocks, .time = 5), CEDO_OK);
        cedo_await(cedo_join(&c.task));
    }
}

START_TEST(EAGER_03_one_that_waits_is_a_task_like_any_other)
{
    RUN_TASK(suspends);
    ck_trail("begin after end finally begin end finally");
}
END_TEST

IN_TASK(fails)
{
    cedo_body(struct fails, self) {
        ck_assert_int_eq(cedo_spawn_eager(&a, quick, .status = CEDO_EUSER), CEDO_OK);
        ck_assert_int_eq(cedo_task_result(&a.task), CEDO_EUSER);
        cedo_catch(self->status, cedo_join(&a.task));
        ck_assert_int_eq(self->status, CEDO_EUSER);
    }
}

START_TEST(EAGER_04_an_error_of_the_first_step_is_kept_in_the_task)
{
    RUN_TASK(fails);
}
END_TEST

IN_TASK(fails_later)
{
    cedo_body(struct fails_later, self) {
        ck_assert_int_eq(cedo_spawn_eager(&c, blocks, .status = CEDO_EUSER), CEDO_OK);
        cedo_await(cedo_sleep(1));
        ck_assert_int_eq(unhandled, 1);
        unhandled = 0;
    }
}

START_TEST(an_error_of_a_later_step_is_reported)
{
    RUN_TASK(fails_later);
}
END_TEST

IN_TASK(has_callback)
{
    cedo_body(struct has_callback, self) {
        (void)cedo_spawn_eager(&a, quick);
        ck_assert_int_eq(cedo_task_add_done_callback(&a.task, &handle, mark_callback, "called"),
                         CEDO_OK);
        mark("after");
        cedo_await(cedo_yield_now());
        cedo_await(cedo_yield_now());
    }
}

START_TEST(EAGER_05_done_callbacks_of_one_that_is_done_at_once_come_later)
{
    RUN_TASK(has_callback);
    ck_trail("after called");
}
END_TEST

IN_TASK(joins_both)
{
    cedo_body(struct joins_both, self) {
        (void)cedo_spawn_eager(&a, quick, .name = "a");
        (void)cedo_spawn_eager(&b, quick, .name = "b");
        (void)cedo_call_soon(&loop, &handle, mark_callback, "a turn later");
        cedo_await(cedo_join(&a.task));
        cedo_await(cedo_join(&b.task));
        mark("joined");
        cedo_await(cedo_yield_now());
    }
}

START_TEST(EAGER_06_joining_those_that_are_done_takes_no_turn)
{
    RUN_TASK(joins_both);
    ck_trail("a b joined a turn later");
}
END_TEST

IN_TASK(cancels)
{
    cedo_body(struct cancels, self) {
        (void)cedo_spawn_eager(&a, quick);
        ck_assert(!cedo_task_cancel(&a.task));
        (void)cedo_spawn_eager(&c, blocks);
        ck_assert(cedo_task_cancel(&c.task));
        cedo_catch(self->status, cedo_join(&c.task));
        ck_assert_int_eq(self->status, CEDO_ECANCELED);
    }
}

START_TEST(EAGER_07_cancel_finds_one_that_waits_and_not_one_that_is_done)
{
    RUN_TASK(cancels);
    ck_trail("begin finally");
}
END_TEST

START_TEST(EAGER_08_where_the_loop_does_not_run_the_first_step_waits)
{
    open_world();
    ck_assert_int_eq(cedo_loop_spawn_eager(&loop, &a, quick, .name = "a"), CEDO_OK);
    ck_assert(!cedo_task_done(&a.task));
    mark("after");
    ck_assert_int_eq(finish(&a), CEDO_OK);
    ck_trail("after a");
    cedo_loop_set_spawn_hook(&loop, cedo_spawn_eagerly, NULL);
    start(&b, quick, .name = "b");
    ck_assert(!cedo_task_done(&b.task));
    ck_assert_int_eq(finish(&b), CEDO_OK);
    close_world();
    ck_assert_int_eq(cedo_loop_spawn_eager(&loop, &a, quick), CEDO_ECLOSED);
}
END_TEST

static cedo_status spawns(void *arg)
{
    (void)arg;
    ck_assert_int_eq(cedo_spawn_eager(&a, quick, .name = "a"), CEDO_OK);
    ck_assert(cedo_task_done(&a.task));
    ck_assert_ptr_null(cedo_current_task());
    return CEDO_OK;
}

START_TEST(a_callback_may_spawn_eagerly_too)
{
    open_world();
    ck_assert_int_eq(cedo_call_soon(&loop, &handle, spawns, NULL), CEDO_OK);
    run_dry();
    ck_trail("a");
    close_world();
}
END_TEST

static cedo_handle next_handle;

struct cancels_next {
    cedo_coro coro;
};

static cedo_async(cancels_next)
{
    cedo_body(struct cancels_next, self) {
        cedo_handle_cancel(&next_handle);
        memset(&next_handle, 0xa5, sizeof next_handle); /* its storage is free */
        cedo_await(cedo_sleep(1));
        mark("slept");
    }
}

static cedo_task_of(cancels_next) canceller;

static cedo_status spawns_canceller(void *arg)
{
    (void)arg;
    return cedo_spawn_eager(&canceller, cancels_next);
}

START_TEST(the_first_step_in_a_callback_may_cancel_what_comes_next)
{
    open_world();
    ck_assert_int_eq(cedo_call_soon(&loop, &handle, spawns_canceller, NULL), CEDO_OK);
    ck_assert_int_eq(cedo_call_soon(&loop, &next_handle, mark_callback, "cancelled"), CEDO_OK);
    start(&b, quick, .name = "b");
    run_dry();
    ck_trail("b slept");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- nested */

struct nested {
    cedo_coro coro;
    int depth;
    cedo_guard guard;
};

static cedo_task_of(nested) tasks[3];

static cedo_async(nested)
{
    cedo_body(struct nested, self) {
        cedo_try (&self->guard) {
            if (self->depth < 2)
                (void)cedo_spawn_eager(&tasks[self->depth + 1], nested, .depth = self->depth + 1);
            ck_assert_ptr_eq(cedo_current_task(), &tasks[self->depth].task);
            mark("%d", self->depth);
            cedo_await(cedo_yield_now());
            cedo_throw(CEDO_EUSER);
        }
        cedo_except (&self->guard) mark("caught %d", self->depth);
    }
}

START_TEST(eager_tasks_nest_each_with_its_own_scopes)
{
    open_world();
    start(&tasks[0], nested, .depth = 0);
    run_dry();
    ck_trail("2 1 0 caught 2 caught 1 caught 0");
    close_world();
}
END_TEST

IN_TASK(exits)
{
    cedo_body(struct exits, self) {
        (void)cedo_spawn_eager(&a, quick, .status = CEDO_EEXIT);
        mark("spawner");
        cedo_await(cedo_yield_now());
    }
}

static cedo_status exits_too(void *arg)
{
    (void)arg;
    ck_assert_int_eq(cedo_spawn_eager(&a, quick, .status = CEDO_EEXIT), CEDO_OK);
    mark("callback");
    return CEDO_OK;
}

START_TEST(an_exit_in_the_first_step_ends_the_run)
{
    static cedo_task_of(exits) task;
    open_world();
    start(&task, exits);
    start(&b, quick, .name = "b");
    ck_assert_int_eq(cedo_call_soon(&loop, &handle, exits_too, NULL), CEDO_OK);
    start(&c, blocks);
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_EEXIT);
    ck_trail("spawner");
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_EEXIT);
    ck_trail("b callback");
    run_dry();
    ck_assert(cedo_task_done(&task.task));
    ck_trail("begin end finally");
    close_world();
}
END_TEST

IN_TASK(exits_alone)
{
    cedo_body(struct exits_alone, self) {
        cedo_await(cedo_yield_now());
        cedo_await(cedo_yield_now());
        (void)cedo_spawn_eager(&a, quick, .status = CEDO_EEXIT);
        (void)cedo_spawn(&b, quick, .name = "b");
        cedo_await(cedo_yield_now());
        mark("alone");
    }
}

/* On a port with an expensive clock a host runs a task that is alone in another way. */
START_TEST(so_does_one_within_a_task_that_is_alone)
{
    static cedo_task_of(exits_alone) task;
    open_world();
    start(&task, exits_alone);
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_EEXIT);
    ck_trail("");
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_trail("b alone");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- names */

#if CEDO_NAMES
IN_TASK(named)
{
    cedo_body(struct named, self) {
        ck_assert_int_eq(cedo_spawn_eager_named("reader", &a, quick), CEDO_OK);
        ck_assert_str_eq(cedo_task_name(&a.task), "reader");
    }
}

START_TEST(an_eager_task_has_its_name)
{
    RUN_TASK(named);
}
END_TEST
#define NAMES_TESTS an_eager_task_has_its_name,
#else
#define NAMES_TESTS
#endif

/* ------------------------------------------------------------- hooks */

static int told;
static bool wants_eager;

static void count_spawns(cedo_loop *where, cedo_task *task, void *arg)
{
    ck_assert_ptr_eq(where, &loop);
    ck_assert_ptr_eq(arg, &told);
    ck_assert(!cedo_task_done(task));
    told++;
    if (wants_eager) cedo_spawn_eagerly(where, task, NULL);
}

IN_TASK(is_hooked)
{
    cedo_body(struct is_hooked, self) {
        ck_assert(cedo_loop_spawn_hook(&loop) == NULL);
        cedo_loop_set_spawn_hook(&loop, count_spawns, &told);
        ck_assert(cedo_loop_spawn_hook(&loop) == count_spawns);
        (void)cedo_spawn(&a, quick);
        (void)cedo_spawn(&b, quick, .name = "b");
        ck_assert_int_eq(told, 2);
        cedo_await(cedo_yield_now());
        cedo_loop_set_spawn_hook(&loop, NULL, NULL);
        (void)cedo_spawn(&a, quick);
        cedo_await(cedo_yield_now());
        ck_assert_int_eq(told, 2);
    }
}

START_TEST(TASK_17_a_hook_is_told_of_every_task)
{
    told = 0;
    wants_eager = false;
    RUN_TASK(is_hooked);
    ck_trail("b");
}
END_TEST

IN_TASK(all_eager)
{
    cedo_body(struct all_eager, self) {
        wants_eager = true;
        cedo_loop_set_spawn_hook(&loop, count_spawns, &told);
        (void)cedo_spawn(&a, quick);
        ck_assert(cedo_task_done(&a.task));
        wants_eager = false;
        (void)cedo_spawn(&a, quick);
        ck_assert(!cedo_task_done(&a.task));
        cedo_await(cedo_yield_now());
        wants_eager = true;
        (void)cedo_spawn_eager(&a, quick); /* begins once */
        ck_assert(cedo_task_done(&a.task));
        (void)cedo_spawn_eager(&c, blocks, .time = 1);
        cedo_await(cedo_join(&c.task));
    }
}

START_TEST(a_hook_makes_tasks_eager)
{
    told = 0;
    RUN_TASK(all_eager);
    ck_assert_int_eq(told, 4);
    ck_trail("begin end finally");
}
END_TEST

IN_TASK(keeps)
{
    cedo_body(struct keeps, self) {
        cedo_loop_set_spawn_hook(&loop, cedo_spawn_eagerly, NULL);
        (void)cedo_spawn_eager(&c, blocks, .status = CEDO_EUSER);
        cedo_task_keep(&c.task);
        cedo_await(cedo_sleep(1));
        ck_assert_int_eq(cedo_task_result(&c.task), CEDO_EUSER);
    }
}

START_TEST(cedo_task_keep_holds_after_the_first_step)
{
    RUN_TASK(keeps);
}
END_TEST

static void keep_and_begin(cedo_loop *where, cedo_task *task, void *arg)
{
    cedo_task_keep(task);
    cedo_spawn_eagerly(where, task, arg);
}

IN_TASK(kept_by_hook)
{
    cedo_body(struct kept_by_hook, self) {
        cedo_loop_set_spawn_hook(&loop, keep_and_begin, NULL);
        (void)cedo_spawn(&c, blocks, .status = CEDO_EUSER);
        cedo_await(cedo_sleep(1));
    }
}

START_TEST(a_hook_may_keep_a_task)
{
    RUN_TASK(kept_by_hook);
}
END_TEST

#if CEDO_ALLOCATORS
static max_align_t memory[32];
static cedo_arena arena;

IN_TASK(allocated)
{
    cedo_body(struct allocated, self) {
        cedo_arena_init(&arena, memory, sizeof memory);
        cedo_loop_set_allocator(&loop, &arena.allocator);
        cedo_loop_set_spawn_hook(&loop, count_spawns, &told);
        wants_eager = true;
        ck_assert(!cedo_task_done(cedo_spawn_new(quick, .name = "q")));
        ck_assert_int_eq(told, 1);
        cedo_await(cedo_yield_now());
    }
}

START_TEST(a_task_from_the_allocator_outlives_the_call)
{
    told = 0;
    RUN_TASK(allocated);
    ck_trail("q");
}
END_TEST
#define ALLOCATOR_TESTS a_task_from_the_allocator_outlives_the_call,
#else
#define ALLOCATOR_TESTS
#endif

static void cancel_and_begin(cedo_loop *where, cedo_task *task, void *arg)
{
    (void)arg;
    ck_assert(cedo_task_cancel(task));
    cedo_spawn_eagerly(where, task, NULL);
}

IN_TASK(cancelled_by_hook)
{
    cedo_body(struct cancelled_by_hook, self) {
        cedo_loop_set_spawn_hook(&loop, cancel_and_begin, NULL);
        ck_assert_int_eq(cedo_spawn(&a, quick, .name = "a"), CEDO_OK);
        ck_assert(cedo_task_cancelled(&a.task));
        mark("after");
    }
}

START_TEST(a_hook_may_cancel_a_task_before_its_first_step)
{
    RUN_TASK(cancelled_by_hook);
    ck_trail("after");
}
END_TEST

/* ------------------------------------------------------------- in a group */

#if CEDO_SCOPES && CEDO_JOIN && CEDO_REGISTRY
static cedo_group group;

/* Awaits a coroutine, and that waits. */
struct calls {
    cedo_coro coro;
    struct blocks child;
    bool spawns;
};

static cedo_async(calls)
{
    cedo_body(struct calls, self) {
        if (self->spawns) (void)cedo_group_spawn(&group, &a, quick, .name = "a");
        cedo_await(cedo_call(&self->child, blocks, .time = 1));
        mark("returned");
    }
}

static cedo_task_of(calls) caller;

struct parent {
    cedo_coro coro;
    int fails;
    int status;
};

static cedo_async(parent)
{
    cedo_body(struct parent, self) {
        cedo_loop_set_spawn_hook(&loop, cedo_spawn_eagerly, NULL);
        cedo_with_group (&group) {
            ck_assert_int_eq(cedo_group_spawn(&group, &c, blocks, .time = 5), CEDO_OK);
            ck_assert_int_eq(
                cedo_group_spawn(&group, &b, quick, .name = "b", .status = self->fails), CEDO_OK);
            ck_assert(cedo_task_done(&b.task));
            ck_assert_uint_eq(cedo_group_running(&group), 1);
            ck_assert_uint_eq(cedo_group_failed(&group), 0);
            /* not shut down yet */
            ck_assert_int_eq(cedo_group_spawn(&group, &a, quick, .name = "a"), CEDO_OK);
            mark("body");
            cedo_catch(self->status, cedo_yield_now());
            mark("%s", self->status == CEDO_ECANCELED ? "cancelled" : "went on");
        }
        mark("left");
    }
}

static cedo_task_of(parent) parent_;

START_TEST(EAGER_10_an_eager_child_that_fails_aborts_its_group_in_the_turn_after)
{
    open_world();
    start(&parent_, parent, .fails = CEDO_EUSER);
    ck_assert_int_eq(finish(&parent_), CEDO_EUSER);
    ck_trail("begin b a body cancelled finally");
    ck_assert_ptr_eq(cedo_group_next_failed(&group, NULL), &b.task);
    close_world();
}
END_TEST

START_TEST(eager_children_that_are_done_at_once_count)
{
    open_world();
    start(&parent_, parent);
    ck_assert_int_eq(finish(&parent_), CEDO_OK);
    ck_trail("begin b a body went on end finally left");
    close_world();
}
END_TEST

IN_TASK(has_eager_callers)
{
    cedo_body(struct has_eager_callers, self) {
        cedo_loop_set_spawn_hook(&loop, cedo_spawn_eagerly, NULL);
        memset(&group, 0, sizeof group); /* without a block, one that had none before */
        (void)cedo_group_spawn(&group, &caller, calls, .spawns = true);
        ck_assert(cedo_task_done(&a.task));
        ck_assert_uint_eq(cedo_group_running(&group), 1);
        mark("joins");
        cedo_await(cedo_group_join(&group));
        mark("joined");
    }
}

START_TEST(an_eager_child_may_call_what_waits_and_spawn_into_its_group)
{
    RUN_TASK(has_eager_callers);
    ck_trail("a begin joins end finally returned joined");
}
END_TEST
#define GROUP_TESTS \
    EAGER_10_an_eager_child_that_fails_aborts_its_group_in_the_turn_after, \
        eager_children_that_are_done_at_once_count, \
        an_eager_child_may_call_what_waits_and_spawn_into_its_group,
#else
#define GROUP_TESTS
#endif

SUITE("eager", EAGER_01_the_first_step_runs_inside_the_call_with_the_new_task_current,
      EAGER_02_one_that_never_waits_is_done_and_was_never_queued,
      EAGER_03_one_that_waits_is_a_task_like_any_other,
      EAGER_04_an_error_of_the_first_step_is_kept_in_the_task, an_error_of_a_later_step_is_reported,
      EAGER_05_done_callbacks_of_one_that_is_done_at_once_come_later,
      EAGER_06_joining_those_that_are_done_takes_no_turn,
      EAGER_07_cancel_finds_one_that_waits_and_not_one_that_is_done,
      EAGER_08_where_the_loop_does_not_run_the_first_step_waits, a_callback_may_spawn_eagerly_too,
      the_first_step_in_a_callback_may_cancel_what_comes_next,
      eager_tasks_nest_each_with_its_own_scopes, an_exit_in_the_first_step_ends_the_run,
      so_does_one_within_a_task_that_is_alone,
      GROUP_TESTS NAMES_TESTS ALLOCATOR_TESTS TASK_17_a_hook_is_told_of_every_task,
      a_hook_makes_tasks_eager, cedo_task_keep_holds_after_the_first_step, a_hook_may_keep_a_task,
      a_hook_may_cancel_a_task_before_its_first_step)
