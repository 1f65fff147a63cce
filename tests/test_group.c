/* Groups: TaskGroup, gather and as_completed over children. */
#include "jobs.h"

#define CHILD(child_, ...) \
    ck_assert_int_eq(cedo_group_spawn(&self->group, child_, job, __VA_ARGS__), CEDO_OK)

/* A coroutine with a group, children, and what a test may need besides. */
#define PARENT(name_) \
    struct name_ { \
        cedo_coro coro; \
        cedo_group group, other; \
        cedo_task_of(job) a, b, c; \
        cedo_guard guard; \
        cedo_timeout timeout; \
        cedo_task *task; \
        cedo_handle handle; \
        int status, i; \
    }; \
    static cedo_async(name_)

static void cancel_me_in(cedo_handle *handle, int ms)
{
    ck_assert_int_eq(cedo_call_later(&loop, handle, CEDO_MS(ms), cancels, cedo_current_task()),
                     CEDO_OK);
}

/* ------------------------------------------------------------- ends well */

PARENT(joins_pair)
{
    cedo_body(struct joins_pair, self) {
        CHILD(&self->a, .name = 'a', .length = 20);
        CHILD(&self->b, .name = 'b', .length = 10);
        ck_assert_uint_eq(cedo_group_running(&self->group), 2);
        cedo_await(cedo_group_join(&self->group));
        ck_assert_uint_eq(cedo_group_running(&self->group), 0);
        ck_assert_int_eq(self->a.frame.result + self->b.frame.result, 30);
        mark("joined");
        /* and again */
        CHILD(&self->a, .name = 'a', .length = 10);
        CHILD(&self->b, .name = 'b', .length = 20);
        cedo_await(cedo_group_join(&self->group));
        mark("again");
    }
}

START_TEST(a_group_opens_with_the_first_spawn_and_is_over_with_the_join)
{
    RUN(joins_pair, CEDO_OK);
    ck_trail("b a joined a b again");
}
END_TEST

/* Adds a sibling to its group. */
struct adds {
    cedo_coro coro;
    cedo_group *group;
    cedo_task_of(job) sibling;
    int expected, expected_later;
};

static cedo_async(adds)
{
    cedo_body(struct adds, self) {
        cedo_await(cedo_sleep_ms(10));
        ck_assert_int_eq(
            cedo_group_spawn(self->group, &self->sibling, job, .name = 's', .length = 30),
            self->expected);
        mark("adds");
    }
}

struct takes_late {
    cedo_coro coro;
    cedo_group group;
    cedo_task_of(adds) adds;
    cedo_task_of(job) a;
};

static cedo_async(takes_late)
{
    cedo_body(struct takes_late, self) {
        cedo_with_group (&self->group) {
            ck_assert_int_eq(
                cedo_group_spawn(&self->group, &self->adds, adds, .group = &self->group), CEDO_OK);
            CHILD(&self->a, .name = 'a', .length = 20);
            mark("end");
        }
        mark("%d", self->adds.frame.sibling.frame.result);
    }
}

START_TEST(GROUP_01_leaving_waits_for_every_child_also_those_added_by_children)
{
    RUN(takes_late, CEDO_OK);
    ck_trail("end adds a s 30");
}
END_TEST

PARENT(empty)
{
    cedo_body(struct empty, self) {
        ck_assert_ptr_null(cedo_group_next_failed(&self->group, NULL));
        cedo_await(cedo_group_join(&self->group));
        cedo_with_group (&self->group) mark("block");
        cedo_with_group (&self->group) {
            cedo_await(cedo_group_join(&self->group));
        }
        mark("behind");
    }
}

START_TEST(GROUP_02_an_empty_group_leaves_without_yielding)
{
    static cedo_task_of(empty) task;
    open_world();
    start(&task, empty);
    turns(1);
    ck_assert(cedo_task_done(&task.task));
    ck_trail("block behind");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- failures */

PARENT(fails_in_body)
{
    cedo_body(struct fails_in_body, self) {
        cedo_try (&self->guard) {
            cedo_with_group (&self->group) {
                CHILD(&self->a, .name = 'a', .length = 1000, .cleanup = 20);
                CHILD(&self->b, .name = 'b', .length = 10, .error = CEDO_EUSER);
                CHILD(&self->c, .name = 'c', .length = 1000, .cleanup = 10);
                cedo_catch(self->status, cedo_sleep_ms(1000));
                mark("body-%u", cancelling());
                ck_assert_int_eq(self->status, CEDO_ECANCELED);
                cedo_throw(self->status);
            }
        }
        mark("%u", cancelling());
        ck_assert_int_eq(cedo_caught(&self->guard), CEDO_EUSER);
        ck_assert_uint_eq(cedo_group_failed(&self->group), 1);
        ck_assert(cedo_task_cancelled(&self->a.task));
        cedo_await(cedo_sleep_ms(1)); /* nothing is left of the cancel */
    }
}

START_TEST(GROUP_03_a_failing_child_cancels_the_others_and_the_body)
{
    RUN(fails_in_body, CEDO_OK);
    ck_trail("b body-1 c-cancelled a-cancelled 0");
}
END_TEST

PARENT(fails_while_leaving)
{
    cedo_body(struct fails_while_leaving, self) {
        cedo_try (&self->guard) {
            cedo_with_group (&self->group) {
                CHILD(&self->a, .name = 'a', .length = 1000, .cleanup = 30,
                      .cleanup_error = CEDO_EUSER - 1);
                CHILD(&self->b, .name = 'b', .length = 10, .error = CEDO_EUSER);
                CHILD(&self->c, .name = 'c', .length = 1000, .cleanup = 10,
                      .cleanup_error = CEDO_EUSER - 2);
            }
        }
        mark("%u", cancelling());
        ck_assert_int_eq(cedo_caught(&self->guard), CEDO_EUSER);
        ck_assert_uint_eq(cedo_group_failed(&self->group), 3);
        for (cedo_task *task = NULL; (task = cedo_group_next_failed(&self->group, task)) != NULL;)
            mark("%d", CEDO_EUSER - cedo_task_result(task));
        ck_assert_int_eq(cedo_group_body_error(&self->group), CEDO_OK);
    }
}

START_TEST(GROUP_04_the_group_waits_for_all_and_tells_their_errors_in_order)
{
    RUN(fails_while_leaving, CEDO_OK);
    ck_trail("b c-cancelled a-cancelled 0 0 2 1");
}
END_TEST

START_TEST(GROUP_05_errors_of_children_that_are_cancelled_count)
{
    static cedo_task_of(fails_while_leaving) task;
    open_world();
    ck_assert_int_eq(run(&task, fails_while_leaving), CEDO_OK);
    ck_assert_uint_eq(cedo_group_failed(&task.frame.group), 3);
    close_world();
}
END_TEST

PARENT(two_fail)
{
    cedo_body(struct two_fail, self) {
        CHILD(&self->a, .name = 'a', .length = 10, .error = CEDO_EUSER);
        CHILD(&self->b, .name = 'b', .length = 10, .error = CEDO_EUSER - 1);
        CHILD(&self->c, .name = 'c', .length = 20);
        cedo_catch(self->status, cedo_group_join(&self->group));
        ck_assert_int_eq(self->status, CEDO_EUSER);
        mark("%u", cedo_group_failed(&self->group));
        ck_assert_ptr_eq(cedo_group_next_failed(&self->group, NULL), &self->a.task);
        ck_assert_ptr_eq(cedo_group_next_failed(&self->group, &self->a.task), &self->b.task);
        ck_assert_ptr_null(cedo_group_next_failed(&self->group, &self->b.task));
    }
}

START_TEST(GROUP_06_children_that_fail_in_one_turn_are_all_reported)
{
    RUN(two_fail, CEDO_OK);
    ck_trail("a b c-cancelled 2");
}
END_TEST

PARENT(body_fails)
{
    cedo_body(struct body_fails, self) {
        cedo_try (&self->guard) {
            cedo_with_group (&self->group) {
                CHILD(&self->a, .name = 'a', .length = 1000, .cleanup = 10,
                      .cleanup_error = CEDO_EUSER - 1);
                CHILD(&self->b, .name = 'b', .length = 1000);
                cedo_await(cedo_yield_now());
                cedo_throw(CEDO_EUSER);
            }
        }
        /* the child failed first */
        ck_assert_int_eq(cedo_caught(&self->guard), CEDO_EUSER - 1);
        ck_assert_uint_eq(cedo_group_failed(&self->group), 2);
        ck_assert_ptr_eq(cedo_group_next_failed(&self->group, NULL), &self->a.task);
        ck_assert_ptr_null(cedo_group_next_failed(&self->group, &self->a.task));
        ck_assert_int_eq(cedo_group_body_error(&self->group), CEDO_EUSER);
        cedo_try (&self->guard) {
            cedo_with_group (&self->group) {
                CHILD(&self->a, .name = 'x', .length = 1000, .cleanup_error = CEDO_EUSER - 1);
                cedo_throw(CEDO_EUSER);
            }
        }
        mark("never-began");
        ck_assert_int_eq(cedo_caught(&self->guard), CEDO_EUSER);
        ck_assert_uint_eq(cedo_group_failed(&self->group), 1);
        ck_assert_ptr_null(cedo_group_next_failed(&self->group, NULL));
        ck_assert(cedo_task_cancelled(&self->a.task));
    }
}

START_TEST(GROUP_07_an_error_of_the_body_cancels_the_children_and_is_the_last)
{
    RUN(body_fails, CEDO_OK);
    ck_trail("b-cancelled a-cancelled never-began");
}
END_TEST

PARENT(child_cancelled)
{
    cedo_body(struct child_cancelled, self) {
        cedo_with_group (&self->group) {
            CHILD(&self->a, .name = 'a', .length = 1000);
            CHILD(&self->b, .name = 'b', .length = 40);
            CHILD(&self->c, .name = 'c', .length = 10, .error = CEDO_ECANCELED);
            cedo_await(cedo_sleep_ms(20));
            ck_assert(cedo_task_cancel(&self->a.task));
        }
        ck_assert_uint_eq(cedo_group_failed(&self->group), 0);
        ck_assert_ptr_null(cedo_group_next_failed(&self->group, NULL));
        mark("%u", cancelling());
    }
}

START_TEST(GROUP_08_a_child_that_ends_cancelled_has_not_failed)
{
    RUN(child_cancelled, CEDO_OK);
    ck_trail("c a-cancelled b 0");
}
END_TEST

/* Ends, with an error or without, before a request that it made itself meets an await. */
struct gives_up {
    cedo_coro coro;
    int error;
};

static cedo_async(gives_up)
{
    cedo_body(struct gives_up, self) {
        (void)cedo_task_cancel(cedo_current_task());
        if (self->error) cedo_throw(self->error);
    }
}

struct given_up {
    cedo_coro coro;
    cedo_group group;
    cedo_task_of(gives_up) a, b;
};

static cedo_async(given_up)
{
    cedo_body(struct given_up, self) {
        (void)cedo_group_spawn(&self->group, &self->a, gives_up);
        (void)cedo_group_spawn(&self->group, &self->b, gives_up, .error = CEDO_EUSER);
        cedo_await(cedo_group_join(&self->group));
    }
}

START_TEST(a_child_that_ends_with_a_request_that_met_no_await_is_cancelled)
{
    static cedo_task_of(given_up) task;
    open_world();
    ck_assert_int_eq(run(&task, given_up), CEDO_EUSER);
    ck_assert(cedo_task_cancelled(&task.frame.a.task));
    ck_assert_int_eq(cedo_task_result(&task.frame.b.task), CEDO_EUSER);
    ck_assert_uint_eq(cedo_group_failed(&task.frame.group), 1);
    close_world();
}
END_TEST

/* ------------------------------------------------------------- cancels from outside */

PARENT(cancelled_in_body)
{
    cedo_body(struct cancelled_in_body, self) {
        cancel_me_in(&self->handle, 10);
        cedo_try_all (&self->guard) {
            cedo_with_group (&self->group) {
                CHILD(&self->a, .name = 'a', .length = 1000, .cleanup = 20);
                CHILD(&self->b, .name = 'b', .length = 1000, .cleanup = 10);
                cedo_await(cedo_sleep_ms(1000));
            }
        }
        mark("%u", cancelling());
        cedo_rethrow(&self->guard);
    }
}

PARENT(cancelled_in_join)
{
    cedo_body(struct cancelled_in_join, self) {
        cancel_me_in(&self->handle, 10);
        CHILD(&self->a, .name = 'a', .length = 1000, .cleanup = 20);
        CHILD(&self->b, .name = 'b', .length = 1000, .cleanup = 10);
        cedo_catch(self->status, cedo_group_join(&self->group));
        mark("%u", cancelling());
        cedo_throw(self->status);
    }
}

START_TEST(GROUP_09_a_cancel_from_outside_cancels_the_children_and_goes_on_after_their_end)
{
    RUN(cancelled_in_body, CEDO_ECANCELED);
    ck_trail("b-cancelled a-cancelled 1");
    RUN(cancelled_in_join, CEDO_ECANCELED);
    ck_trail("b-cancelled a-cancelled 1");
}
END_TEST

PARENT(cancelled_and_fails)
{
    cedo_body(struct cancelled_and_fails, self) {
        cancel_me_in(&self->handle, 10);
        cedo_try_all (&self->guard) {
            cedo_with_group (&self->group)
                CHILD(&self->a, .name = 'a', .length = 1000, .cleanup = 20,
                      .cleanup_error = CEDO_EUSER);
        }
        ck_assert_int_eq(cedo_caught(&self->guard), CEDO_EUSER);
        mark("%u", cancelling());
        cedo_catch(self->status, cedo_sleep_ms(10));
        ck_assert_int_eq(self->status, CEDO_ECANCELED);
        mark("%u", cancelling());
        cedo_await(cedo_sleep_ms(10)); /* strikes once */
    }
}

START_TEST(GROUP_10_an_error_goes_before_a_cancel_that_then_meets_the_next_await)
{
    RUN(cancelled_and_fails, CEDO_OK);
    ck_trail("a-cancelled 1 1");
}
END_TEST

struct twice {
    cedo_coro coro;
    cedo_group group;
    cedo_task_of(job) a;
};

static cedo_async(twice)
{
    cedo_body(struct twice, self) {
        cedo_with_group (&self->group) CHILD(&self->a, .name = 'a', .length = 60, .cleanup = 60);
    }
}

START_TEST(GROUP_11_a_second_cancel_does_not_let_the_block_leave_early)
{
    static cedo_task_of(twice) task;
    open_world();
    start(&task, twice);
    cedo_task_keep(&task.task);
    turns(2);
    ck_assert(cedo_task_cancel(&task.task));
    turns(3);
    ck_assert(!cedo_task_done(&task.task));
    ck_assert(cedo_task_cancel(&task.task));
    turns(3);
    ck_assert(!cedo_task_done(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_assert_uint_eq(cedo_task_cancelling(&task.task), 2);
    ck_trail("a-cancelled");
    close_world();
}
END_TEST

PARENT(counts)
{
    cedo_body(struct counts, self) {
        /* an older request that was swallowed */
        (void)cedo_task_cancel(cedo_current_task());
        cedo_catch(self->status, cedo_yield_now());
        cedo_catch(self->status, cedo_sleep_ms(1));
        ck_assert_uint_eq(cancelling(), 1);
        cedo_with_group (&self->group) CHILD(&self->a, .name = 'a', .length = 10);
        ck_assert_uint_eq(cancelling(), 1);
        cedo_await(cedo_sleep_ms(1)); /* it stays swallowed where nothing fails */
        cedo_try_all (&self->guard) {
            cedo_with_group (&self->group) {
                CHILD(&self->a, .name = 'a', .length = 10, .error = CEDO_EUSER);
                cedo_await(cedo_sleep_ms(1000));
            }
        }
        ck_assert_int_eq(cedo_caught(&self->guard), CEDO_EUSER);
        ck_assert_uint_eq(cancelling(), 1);
        cedo_catch(self->status, cedo_sleep_ms(1));
        mark("%d", self->status == CEDO_ECANCELED);
    }
}

START_TEST(GROUP_12_the_cancel_of_the_parent_is_undone)
{
    RUN(fails_in_body, CEDO_OK);
    ck_trail("b body-1 c-cancelled a-cancelled 0");
    RUN(counts, CEDO_OK);
}
END_TEST

START_TEST(GROUP_13_a_count_above_zero_interrupts_the_await_behind_a_block_that_failed)
{
    RUN(counts, CEDO_OK);
    ck_trail("a a 1");
}
END_TEST

/* ------------------------------------------------------------- nested */

PARENT(nested)
{
    cedo_body(struct nested, self) {
        cedo_try_all (&self->guard) {
            cedo_with_group (&self->group) {
                CHILD(&self->a, .name = 'a', .length = 1000, .cleanup = 10);
                cedo_with_group (&self->other) {
                    ck_assert_int_eq(cedo_group_spawn(&self->other, &self->b, job, .name = 'b',
                                                      .length = 10, .error = CEDO_EUSER),
                                     CEDO_OK);
                    cedo_await(cedo_sleep_ms(1000));
                }
            }
        }
        ck_assert_int_eq(cedo_caught(&self->guard), CEDO_EUSER);
        ck_assert_uint_eq(cedo_group_failed(&self->other), 1);
        ck_assert_uint_eq(cedo_group_failed(&self->group), 1); /* its body */
        ck_assert_int_eq(cedo_group_body_error(&self->group), CEDO_EUSER);
        mark("%u", cancelling());
    }
}

PARENT(nested_both)
{
    cedo_body(struct nested_both, self) {
        cedo_try_all (&self->guard) {
            cedo_with_group (&self->group) {
                CHILD(&self->a, .name = 'a', .length = 10, .error = CEDO_EUSER);
                cedo_with_group (&self->other) {
                    ck_assert_int_eq(cedo_group_spawn(&self->other, &self->b, job, .name = 'b',
                                                      .length = 10, .error = CEDO_EUSER - 1),
                                     CEDO_OK);
                    cedo_await(cedo_sleep_ms(1000));
                }
            }
        }
        ck_assert_int_eq(cedo_caught(&self->guard), CEDO_EUSER);
        ck_assert_uint_eq(cedo_group_failed(&self->group), 2);
        ck_assert_int_eq(cedo_group_body_error(&self->group), CEDO_EUSER - 1);
        mark("%u", cancelling());
        cedo_await(cedo_sleep_ms(1));
    }
}

START_TEST(GROUP_14_an_error_of_the_inner_group_is_one_of_the_outer_and_both_may_fail_at_once)
{
    RUN(nested, CEDO_OK);
    ck_trail("b a-cancelled 0");
    RUN(nested_both, CEDO_OK);
    ck_trail("a b 0");
}
END_TEST

PARENT(exits)
{
    cedo_body(struct exits, self) {
        cedo_try_all (&self->guard) {
            cedo_with_group (&self->group) {
                CHILD(&self->a, .name = 'a', .length = 1000, .cleanup = 10,
                      .cleanup_error = CEDO_EUSER);
                CHILD(&self->b, .name = 'b', .length = 10, .error = CEDO_EEXIT);
                cedo_await(cedo_sleep_ms(1000));
            }
        }
        mark("%d", cedo_caught(&self->guard) == CEDO_EEXIT);
        cedo_try_all (&self->guard) {
            cedo_with_group (&self->group) {
                CHILD(&self->a, .name = 'a', .length = 1000, .cleanup = 10,
                      .cleanup_error = CEDO_EUSER);
                cedo_await(cedo_yield_now());
                cedo_throw(CEDO_EEXIT);
            }
        }
        mark("%d", cedo_caught(&self->guard) == CEDO_EEXIT);
        mark("%u", cancelling());
    }
}

START_TEST(GROUP_15_an_exit_of_a_child_or_the_body_passes_after_all_have_ended)
{
    static cedo_task_of(exits) task;
    open_world();
    start(&task, exits);
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_EEXIT);
    ck_trail("b");
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_trail("a-cancelled 1 a-cancelled 1 0");
    close_world();
}
END_TEST

/* An exit goes before errors, also those that are results. */
PARENT(exits_late)
{
    cedo_body(struct exits_late, self) {
        CHILD(&self->a, .name = 'a', .length = 10, .error = CEDO_EUSER);
        CHILD(&self->b, .name = 'b', .length = 1000, .cleanup = 10, .cleanup_error = CEDO_EEXIT);
        cedo_catch(self->status, cedo_group_join(&self->group));
        mark("%d", self->status == CEDO_EEXIT);
        cedo_group_on_error(&self->group, CEDO_ERROR_IS_RESULT);
        CHILD(&self->a, .name = 'c', .length = 10, .error = CEDO_EUSER);
        CHILD(&self->b, .name = 'd', .length = 20, .error = CEDO_EEXIT);
        CHILD(&self->c, .name = 'e', .length = 1000);
        cedo_catch(self->status, cedo_group_join(&self->group));
        mark("%d", self->status == CEDO_EEXIT);
        cedo_try_all (&self->guard) {
            cedo_with_group (&self->group) {
                cedo_group_on_error(&self->group, CEDO_ERROR_WAITS);
                CHILD(&self->a, .name = 'f', .error = CEDO_EUSER);
                cedo_await(cedo_sleep_ms(10));
                cedo_throw(CEDO_EEXIT);
            }
        }
        mark("%d", cedo_caught(&self->guard) == CEDO_EEXIT);
    }
}

START_TEST(an_exit_goes_before_any_error)
{
    static cedo_task_of(exits_late) task;
    open_world();
    start(&task, exits_late);
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_EEXIT);
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_EEXIT);
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_trail("a b-cancelled 1 c d e-cancelled 1 f 1");
    close_world();
}
END_TEST

START_TEST(GROUP_16_any_other_error_is_an_error)
{
    RUN(two_fail, CEDO_OK);
    ck_trail("a b c-cancelled 2");
}
END_TEST

PARENT(refuses)
{
    cedo_body(struct refuses, self) {
        cedo_with_group (&self->group) CHILD(&self->a, .name = 'a', .length = 10);
        /* behind its block */
        ck_assert_int_eq(cedo_group_spawn(&self->group, &self->a, job, .name = 'x'), CEDO_ECLOSED);
        ck_assert(cedo_task_done(&self->a.task));
#if CEDO_ALLOCATORS && CEDO_HOSTED
        ck_assert_ptr_null(cedo_group_spawn_new(&self->group, job, .name = 'x'));
#endif
    }
}

struct adds_when_cancelled {
    cedo_coro coro;
    cedo_group *group;
    cedo_task_of(job) sibling;
};

static cedo_async(adds_when_cancelled)
{
    cedo_body(struct adds_when_cancelled, self) {
        cedo_await(cedo_sleep_ms(1000));
    cedo_finally:
        ck_assert_int_eq(cedo_group_spawn(self->group, &self->sibling, job, .name = 's'),
                         CEDO_ECLOSED);
        ck_assert(!cedo_task_done(&self->sibling.task));
        mark("refused");
    }
}

struct shuts_down {
    cedo_coro coro;
    cedo_group group;
    cedo_task_of(adds_when_cancelled) late;
    cedo_task_of(job) a;
};

static cedo_async(shuts_down)
{
    cedo_body(struct shuts_down, self) {
        ck_assert_int_eq(
            cedo_group_spawn(&self->group, &self->late, adds_when_cancelled, .group = &self->group),
            CEDO_OK);
        CHILD(&self->a, .name = 'a', .length = 10, .error = CEDO_EUSER);
        cedo_await(cedo_group_join(&self->group));
    }
}

START_TEST(GROUP_17_a_group_that_shuts_down_or_was_left_takes_no_children)
{
    RUN(refuses, CEDO_OK);
    ck_trail("a");
    RUN(shuts_down, CEDO_EUSER);
    ck_trail("a refused");
}
END_TEST

/* A child's end, seen by the group, and a spawn behind it in the turn in which the parent wakes. */
struct after_the_last {
    cedo_coro coro;
    cedo_group group;
    cedo_task_of(job) a, b;
    cedo_handle handle;
};

static cedo_status spawns_late(void *arg)
{
    struct after_the_last *const self = (struct after_the_last *)arg;
    mark("%d", cedo_group_spawn(&self->group, &self->b, job, .name = 'b') == CEDO_ECLOSED);
    return CEDO_OK;
}

static cedo_async(after_the_last)
{
    cedo_body(struct after_the_last, self) {
        cedo_with_group (&self->group) {
            CHILD(&self->a, .name = 'a');
            (void)cedo_task_add_done_callback(&self->a.task, &self->handle, spawns_late, self);
        }
        mark("left");
    }
}

START_TEST(a_group_whose_last_child_ended_while_it_was_left_takes_no_more)
{
    RUN(after_the_last, CEDO_OK);
    ck_trail("a 1 left");
}
END_TEST

PARENT(in_use)
{
    cedo_body(struct in_use, self) {
        cedo_with_group (&self->group) {
            cedo_with_group (&self->group) mark("never");
        }
    }
}

static void enters_twice(void)
{
    static cedo_task_of(in_use) task;
    (void)cedo_loop_spawn(&loop, &task, in_use);
    (void)cedo_loop_run_forever(&loop);
}

static void enters_outside(void)
{
    static cedo_group group;
    static cedo_task_of(job) task;
    (void)cedo_group_spawn(&group, &task, job, .name = 'a');
}

START_TEST(GROUP_18_a_group_is_open_once_at_a_time_and_in_a_task_only)
{
#if CEDO_CHECKS
    open_world();
    ck_trap(enters_twice, "open already");
    open_world();
    ck_trap(enters_outside, "only be opened in a task");
#endif
    (void)enters_twice, (void)enters_outside;
}
END_TEST

PARENT(replaces)
{
    cedo_body(struct replaces, self) {
        cedo_with_group (&self->group) {
            CHILD(&self->a, .name = 'a', .length = 10, .error = CEDO_EUSER);
            cedo_catch(self->status, cedo_sleep_ms(1000));
            ck_assert_int_eq(self->status, CEDO_ECANCELED);
            cedo_throw(CEDO_EUSER - 1);
        }
    cedo_finally:
        ck_assert_uint_eq(cedo_group_failed(&self->group), 2);
        ck_assert_int_eq(cedo_group_body_error(&self->group), CEDO_EUSER - 1);
        mark("%u", cancelling());
    }
}

START_TEST(GROUP_19_an_error_that_replaces_the_cancel_in_the_body_is_one_of_the_group)
{
    RUN(replaces, CEDO_EUSER);
    ck_trail("a 0");
}
END_TEST

/* A task and a frame that lie apart. */
struct apart {
    cedo_coro coro;
    cedo_group group;
    cedo_task task;
    struct job frame;
};

static cedo_async(apart)
{
    cedo_body(struct apart, self) {
        ck_assert_int_eq(
            cedo_group_spawn_coro(&self->group, &self->task,
                                  cedo_make(&self->frame, job, .name = 'a', .length = 10)),
            CEDO_OK);
        cedo_await(cedo_group_join(&self->group));
        ck_assert(cedo_task_done(&self->task));
    }
}

START_TEST(the_task_and_the_frame_of_a_child_may_lie_apart)
{
    RUN(apart, CEDO_OK);
    ck_trail("a");
}
END_TEST

PARENT(names)
{
    cedo_body(struct names, self) {
        ck_assert_int_eq(cedo_group_spawn_named("bee", &self->group, &self->a, job, .name = 'a'),
                         CEDO_OK);
#if CEDO_NAMES
        mark("%s", cedo_task_name(&self->a.task));
#else
        mark("bee");
#endif
        cedo_await(cedo_group_join(&self->group));
    }
}

START_TEST(GROUP_20_a_name_is_passed_on)
{
    RUN(names, CEDO_OK);
    ck_trail("bee a");
}
END_TEST

/* Serves the same storage again and again, in every state that it can be in. */
PARENT(pool)
{
    cedo_body(struct pool, self) {
        CHILD(&self->b, .name = 'b', .length = 200);
        for (self->i = 0; self->i < 3; self->i++) {
            CHILD(&self->a, .name = 'a', .length = 10, .error = CEDO_EUSER * (self->i == 1));
            cedo_group_on_error(&self->group, CEDO_ERROR_IS_RESULT);
            cedo_await(cedo_sleep_ms(20));
            ck_assert(cedo_task_done(&self->a.task));
        }
        ck_assert_uint_eq(cedo_group_failed(&self->group), 1);
        ck_assert_ptr_null(cedo_group_next_failed(&self->group, NULL)); /* its storage went on */
        /* done, but the group has not heard of it */
        CHILD(&self->a, .name = 'a');
        CHILD(&self->c, .name = 'c', .error = CEDO_EUSER);
        cedo_await(cedo_yield_now());
        while (!cedo_task_done(&self->c.task)) cedo_await(cedo_yield_now());
        CHILD(&self->c, .name = 'd');
        CHILD(&self->a, .name = 'e');
        ck_assert_ptr_eq(cedo_current_task(), self->group.parent);
        cedo_for_each(self->task, cedo_group_next(&self->group, &self->task))
            mark("[%c]", self->task == &self->a.task   ? 'a'
                         : self->task == &self->b.task ? 'b'
                                                       : 'c');
        ck_assert_uint_eq(cedo_group_failed(&self->group), 2);
        cedo_await(cedo_group_join(&self->group));
        /* the same outside of a group */
        ck_assert_int_eq(cedo_spawn(&self->a, job, .name = 'f'), CEDO_OK);
        cedo_await(cedo_join(&self->a.task));
    }
}

START_TEST(GROUP_21_a_child_that_is_done_leaves_its_storage_for_the_next)
{
    RUN(pool, CEDO_OK);
    ck_trail("a a a a c d e [c] [a] b [b] f");
}
END_TEST

/* Waits for an event that one sets who then fails, alone in the loop. */
struct told {
    cedo_coro coro;
    cedo_event *event;
};

static cedo_async(told)
{
    cedo_body(struct told, self) {
        cedo_await(cedo_event_wait(self->event));
        mark("told");
    }
}

struct tells {
    cedo_coro coro;
    cedo_event *event;
};

static cedo_async(tells)
{
    cedo_body(struct tells, self) {
        cedo_await(cedo_yield_now());
        cedo_await(cedo_yield_now());
        cedo_event_set(self->event);
        cedo_throw(CEDO_EINVAL);
    }
}

struct joins_alone {
    cedo_coro coro;
    cedo_group group;
    cedo_event event;
    cedo_task_of(told) told;
    cedo_task_of(tells) tells;
};

static cedo_async(joins_alone)
{
    cedo_body(struct joins_alone, self) {
        cedo_group_spawn(&self->group, &self->told, told, .event = &self->event);
        cedo_group_spawn(&self->group, &self->tells, tells, .event = &self->event);
        cedo_await(cedo_group_join(&self->group));
    }
}

START_TEST(what_a_child_made_ready_before_it_failed_runs_before_the_others_are_cancelled)
{
    static cedo_task_of(joins_alone) task;
    open_world();
    ck_assert_int_eq(run(&task, joins_alone), CEDO_EINVAL);
    ck_trail("told");
    close_world();
}
END_TEST

PARENT(all_cancelled)
{
    cedo_body(struct all_cancelled, self) {
        CHILD(&self->a, .name = 'a', .length = 10);
        CHILD(&self->b, .name = 'b', .length = 10);
        CHILD(&self->c, .name = 'c', .length = 10);
        cedo_throw(CEDO_EUSER);
    }
}

START_TEST(GROUP_22_all_children_are_cancelled_in_whatever_order)
{
    static cedo_task_of(all_cancelled) task;
    open_world();
    ck_assert_int_eq(run(&task, all_cancelled), CEDO_EUSER);
    ck_assert(cedo_task_cancelled(&task.frame.a.task));
    ck_assert(cedo_task_cancelled(&task.frame.b.task));
    ck_assert(cedo_task_cancelled(&task.frame.c.task));
    ck_trail("");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- cancel of a group */

static cedo_status cancels_group(void *group)
{
    cedo_group_cancel((cedo_group *)group);
    cedo_group_cancel((cedo_group *)group);
    return CEDO_OK;
}

PARENT(group_cancelled)
{
    cedo_body(struct group_cancelled, self) {
        (void)cedo_call_later(&loop, &self->handle, CEDO_MS(10), cancels_group, &self->group);
        cedo_with_group (&self->group) {
            CHILD(&self->a, .name = 'a', .length = 1000, .cleanup = 10);
            cedo_await(cedo_sleep_ms(1000));
        }
        mark("behind-%u", cancelling());
        cedo_group_cancel(&self->group); /* harmless */
        cedo_await(cedo_sleep_ms(1));
        /* while it is left */
        (void)cedo_call_later(&loop, &self->handle, CEDO_MS(10), cancels_group, &self->group);
        cedo_with_group (&self->group) CHILD(&self->a, .name = 'b', .length = 1000, .cleanup = 10);
        mark("behind-%u", cancelling());
        /* by its body, which does not wait */
        cedo_with_group (&self->group) {
            cedo_group_cancel(&self->group);
            ck_assert_int_eq(cedo_group_spawn(&self->group, &self->a, job, .name = 'x'),
                             CEDO_ECLOSED);
        }
        mark("behind-%u", cancelling());
        cedo_await(cedo_sleep_ms(1));
        /* before */
        cedo_group_cancel(&self->other);
        cedo_with_group (&self->other) {
            mark("block");
            ck_assert_int_eq(cedo_group_spawn(&self->other, &self->a, job, .name = 'x'),
                             CEDO_ECLOSED);
            cedo_await(cedo_sleep_ms(1000));
            mark("never");
        }
        mark("behind-%u", cancelling());
        /* an error counts */
        cedo_try (&self->guard) {
            (void)cedo_call_later(&loop, &self->handle, CEDO_MS(10), cancels_group, &self->group);
            cedo_with_group (&self->group)
                CHILD(&self->a, .name = 'c', .length = 1000, .cleanup_error = CEDO_EUSER);
        }
        mark("%d-%u", cedo_caught(&self->guard) == CEDO_EUSER, cancelling());
    }
}

/* In the finally section of an error. */
PARENT(group_cancelled_in_finally)
{
    cedo_body(struct group_cancelled_in_finally, self) {
        cedo_throw(CEDO_EUSER);
    cedo_finally:
        cedo_with_group (&self->group) {
            cedo_group_cancel(&self->group);
            cedo_await(cedo_sleep_ms(1000));
        }
        mark("behind");
    }
}

/* A cancel from outside, which comes while the group's own is on its way. */
PARENT(group_cancelled_and_more)
{
    cedo_body(struct group_cancelled_and_more, self) {
        cancel_me_in(&self->handle, 10);
        cedo_with_group (&self->group) {
            CHILD(&self->a, .name = 'a', .length = 1000, .cleanup = 100);
            cedo_await(cedo_sleep_ms(1));
            cedo_group_cancel(&self->group);
            if (self->i) cedo_await(cedo_sleep_ms(1));
        }
        mark("never");
    }
}

/* Without a block the whole coroutine is it. */
PARENT(group_cancelled_without_block)
{
    cedo_body(struct group_cancelled_without_block, self) {
        (void)cedo_call_later(&loop, &self->handle, CEDO_MS(10), cancels_group, &self->group);
        CHILD(&self->a, .name = 'a', .length = 1000);
        cedo_await(cedo_group_join(&self->group));
        mark("joined");
        (void)cedo_call_later(&loop, &self->handle, CEDO_MS(10), cancels_group, &self->group);
        CHILD(&self->a, .name = 'b', .length = 1000);
        cedo_await(cedo_sleep_ms(1000));
        mark("never");
    }
}

START_TEST(GROUP_23_a_group_that_is_cancelled_is_left_without_error)
{
    static cedo_task_of(group_cancelled_and_more) task;
    RUN(group_cancelled, CEDO_OK);
    ck_trail("a-cancelled behind-0 b-cancelled behind-0 behind-0 block behind-0 c-cancelled 1-0");
    RUN(group_cancelled_in_finally, CEDO_EUSER);
    ck_trail("behind");
    RUN(group_cancelled_without_block, CEDO_OK);
    ck_trail("a-cancelled joined b-cancelled");
    open_world();
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(run(&task, group_cancelled_and_more, .i = i), CEDO_ECANCELED);
        ck_assert_uint_eq(cedo_task_cancelling(&task.task), 1);
        ck_trail("a-cancelled");
    }
    close_world();
}
END_TEST

/* ------------------------------------------------------------- policies */

PARENT(collects)
{
    cedo_body(struct collects, self) {
        cedo_group_on_error(&self->group, CEDO_ERROR_IS_RESULT);
        CHILD(&self->a, .name = 'a', .length = 30);
        CHILD(&self->b, .name = 'b', .length = 10, .error = CEDO_EUSER);
        CHILD(&self->c, .name = 'c', .length = 1000);
        (void)cedo_call_later(&loop, &self->handle, CEDO_MS(20), cancels, &self->c.task);
        cedo_await(cedo_group_join(&self->group));
        ck_assert_int_eq(cedo_task_result(&self->a.task), CEDO_OK);
        ck_assert_int_eq(cedo_task_result(&self->b.task), CEDO_EUSER);
        ck_assert_int_eq(cedo_task_result(&self->c.task), CEDO_ECANCELED);
        ck_assert_uint_eq(cedo_group_failed(&self->group), 1);
        mark("%u", cancelling());
    }
}

START_TEST(GATHER_03_errors_can_be_results)
{
    RUN(collects, CEDO_OK);
    ck_trail("b c-cancelled a 0");
}
END_TEST

PARENT(goes_on)
{
    cedo_body(struct goes_on, self) {
        cedo_group_on_error(&self->group, CEDO_ERROR_WAITS);
        CHILD(&self->a, .name = 'a', .length = 30);
        CHILD(&self->b, .name = 'b', .length = 10, .error = CEDO_EUSER);
        CHILD(&self->c, .name = 'c', .length = 20, .error = CEDO_EUSER - 1);
        cedo_catch(self->status, cedo_group_join(&self->group));
        ck_assert_int_eq(self->status, CEDO_EUSER);
        mark("%u", cedo_group_failed(&self->group));
    }
}

START_TEST(the_others_can_go_on_and_the_first_error_comes_after_all)
{
    RUN(goes_on, CEDO_OK);
    ck_trail("b c a 2");
}
END_TEST

/* ------------------------------------------------------------- in order of completion */

PARENT(iterates)
{
    cedo_body(struct iterates, self) {
        cedo_group_on_error(&self->group, CEDO_ERROR_IS_RESULT);
        cedo_for_each(self->task, cedo_group_next(&self->group, &self->task)) mark("never");
        CHILD(&self->a, .name = 'a', .length = 30);
        CHILD(&self->b, .name = 'b', .length = 10, .error = CEDO_EUSER);
        CHILD(&self->c, .name = 'c', .length = 11);
        cedo_await(cedo_sleep_ms(20));
        mark("now");
        cedo_for_each(self->task, cedo_group_next(&self->group, &self->task))
            mark("[%c%d]", self->task == &self->a.task ? 'a' : 'x',
                 cedo_task_result(self->task) != 0);
        cedo_catch(self->status, cedo_group_next(&self->group, &self->task));
        ck_assert_int_eq(self->status, CEDO_END);
    }
}

START_TEST(children_are_given_in_the_order_in_which_they_end)
{
    RUN(iterates, CEDO_OK);
    ck_trail("b c now [x1] [x0] a [a0]");
}
END_TEST

/* Who is done begins anew; between the children of two groups other tasks are started. */
PARENT(rounds)
{
    cedo_body(struct rounds, self) {
        CHILD(&self->a, .name = 'a', .length = 10);
        ck_assert_int_eq(cedo_group_spawn(&self->other, &self->c, job, .name = 'c', .length = 25),
                         CEDO_OK);
        CHILD(&self->b, .name = 'b', .length = 15);
        cedo_for_each(self->task, cedo_group_next(&self->group, &self->task)) {
            if (self->task == &self->a.task && self->i++ < 3)
                CHILD(&self->a, .name = 'a', .length = 10);
            else if (self->i > 1)
                cedo_group_cancel(&self->group);
        }
        cedo_await(cedo_group_join(&self->group));
        cedo_await(cedo_group_join(&self->other));
    }
}

START_TEST(a_child_that_was_given_can_begin_anew_beside_those_of_other_groups)
{
    RUN(rounds, CEDO_OK);
    ck_trail("a b a c a a");
}
END_TEST

PARENT(first_wins)
{
    cedo_body(struct first_wins, self) {
        cedo_with_group (&self->group) {
            CHILD(&self->a, .name = 'a', .length = 30);
            CHILD(&self->b, .name = 'b', .length = 10);
            cedo_await(cedo_group_next(&self->group, &self->task));
            ck_assert_ptr_eq(self->task, &self->b.task);
            cedo_group_cancel(&self->group);
        }
        mark("behind");
    }
}

START_TEST(the_first_can_win)
{
    RUN(first_wins, CEDO_OK);
    ck_trail("b a-cancelled behind");
}
END_TEST

PARENT(next_cancelled)
{
    cedo_body(struct next_cancelled, self) {
        cancel_me_in(&self->handle, 10);
        CHILD(&self->a, .name = 'a', .length = 30);
        cedo_catch(self->status, cedo_group_next(&self->group, &self->task));
        ck_assert_int_eq(self->status, CEDO_ECANCELED);
        mark("cancelled");
        (void)cedo_task_uncancel(cedo_current_task());
        cedo_await(cedo_group_next(&self->group, &self->task));
        ck_assert_ptr_eq(self->task, &self->a.task);
        cedo_await(cedo_group_join(&self->group));
        cedo_try_all (&self->guard) {
            CHILD(&self->a, .name = 'b', .length = 10, .error = CEDO_EUSER);
            cedo_for_each(self->task, cedo_group_next(&self->group, &self->task)) mark("never");
        }
        ck_assert_int_eq(cedo_caught(&self->guard), CEDO_EUSER);
    }
}

START_TEST(a_cancel_leaves_the_children_to_the_next_await_and_a_failure_cancels_it)
{
    static cedo_task_of(next_cancelled) task;
    open_world();
    (void)run(&task, next_cancelled);
    mark("%d", cedo_task_result(&task.task) == CEDO_OK);
    close_world();
    ck_trail("cancelled a b 1");
}
END_TEST

/* ------------------------------------------------------------- among other scopes */

PARENT(limited)
{
    cedo_body(struct limited, self) {
        /* opened outside of the block, joined in it */
        CHILD(&self->a, .name = 'a', .length = 1000, .cleanup = 10);
        cedo_try (&self->guard) {
            cedo_with_timeout (&self->timeout, CEDO_MS(10)) {
                cedo_await(cedo_group_join(&self->group));
            }
        }
        ck_assert_int_eq(cedo_caught(&self->guard), CEDO_ETIMEDOUT);
        mark("1");
        /* opened in it, joined behind; the group is open still from before */
        cedo_with_timeout (&self->timeout, CEDO_MS(10)) {
            CHILD(&self->a, .name = 'b', .length = 20);
            ck_assert_int_eq(
                cedo_group_spawn(&self->other, &self->b, job, .name = 'c', .length = 20), CEDO_OK);
        }
        cedo_await(cedo_group_join(&self->other));
        cedo_await(cedo_group_join(&self->group));
        mark("2");
        /* around it */
        cedo_try (&self->guard) {
            cedo_with_timeout (&self->timeout, CEDO_MS(10)) {
                cedo_with_group (&self->other)
                    (void)cedo_group_spawn(&self->other, &self->b, job, .name = 'd', .length = 1000,
                                           .cleanup = 10);
            }
        }
        ck_assert_int_eq(cedo_caught(&self->guard), CEDO_ETIMEDOUT);
        cedo_try (&self->guard) {
            cedo_with_timeout (&self->timeout, CEDO_MS(10)) {
                cedo_with_group (&self->other)
                    (void)cedo_group_spawn(&self->other, &self->b, job, .name = 'e', .length = 1000,
                                           .cleanup_error = CEDO_EUSER);
            }
        }
        ck_assert_int_eq(cedo_caught(&self->guard), CEDO_EUSER);
        mark("%u", cancelling());
    }
}

START_TEST(TIMEOUT_17_around_a_group_its_children_are_cancelled_and_awaited_first)
{
    RUN(limited, CEDO_OK);
    ck_trail("a-cancelled 1 b c 2 d-cancelled e-cancelled 0");
}
END_TEST

PARENT(wait_for_join)
{
    cedo_body(struct wait_for_join, self) {
        CHILD(&self->a, .name = 'a', .length = 1000, .cleanup = 10);
        cedo_catch(self->status,
                   cedo_wait_for(&self->timeout, CEDO_MS(10), cedo_group_join(&self->group)));
        ck_assert_int_eq(self->status, CEDO_ETIMEDOUT);
        mark("1");
        CHILD(&self->a, .name = 'b', .length = 10);
        cedo_await(cedo_wait_for(&self->timeout, CEDO_MS(100), cedo_group_join(&self->group)));
        mark("2");
        CHILD(&self->a, .name = 'c', .length = 10);
        cedo_catch(self->status, cedo_wait_for(&self->timeout, 0, cedo_group_join(&self->group)));
        ck_assert_int_eq(self->status, CEDO_ETIMEDOUT); /* not even begun */
        mark("3");
        cedo_await(cedo_group_join(&self->group));
        cedo_await(cedo_wait_for(&self->timeout, 0, cedo_group_join(&self->group)));
        mark("4");
    }
}

START_TEST(a_join_can_be_limited)
{
    RUN(wait_for_join, CEDO_OK);
    ck_trail("a-cancelled 1 b 2 3 c 4");
}
END_TEST

/* A group in a block, joined halfway. */
PARENT(joined_in_block)
{
    cedo_body(struct joined_in_block, self) {
        cedo_with_group (&self->group) {
            CHILD(&self->a, .name = 'a', .length = 10);
            cedo_await(cedo_group_join(&self->group));
            cedo_await(cedo_group_join(&self->group)); /* nothing to wait for */
            mark("half");
            CHILD(&self->a, .name = 'b', .length = 10);
        }
        mark("behind");
        cedo_try (&self->guard) {
            cedo_with_group (&self->group) {
                CHILD(&self->a, .name = 'c', .length = 10, .error = CEDO_EUSER);
                cedo_await(cedo_group_join(&self->group));
                mark("never");
            }
        }
        ck_assert_int_eq(cedo_caught(&self->guard), CEDO_EUSER);
    }
}

START_TEST(a_group_of_a_block_can_be_joined_in_it)
{
    RUN(joined_in_block, CEDO_OK);
    ck_trail("a half b behind c");
}
END_TEST

/* Children that are left to the end of the coroutine, by every way out. */
struct leaves {
    cedo_coro coro;
    int way;
    cedo_group group;
    cedo_task_of(job) a;
};

static cedo_async(leaves)
{
    cedo_body(struct leaves, self) {
        CHILD(&self->a, .name = 'a', .length = 10);
        if (self->way == 1) cedo_return();
        if (self->way == 2) cedo_throw(CEDO_EUSER);
        if (self->way == 3) cedo_await(cedo_sleep_ms(5));
    cedo_finally:
        mark("finally");
    }
}

START_TEST(a_coroutine_cannot_end_before_its_children)
{
    static cedo_task_of(leaves) task;
    for (int way = 0; way < 4; way++) {
        open_world();
        ck_assert_int_eq(run(&task, leaves, .way = way), way == 2 ? CEDO_EUSER : CEDO_OK);
        ck_assert(cedo_task_done(&task.frame.a.task));
        ck_trail(way == 2 ? "finally" : "a finally");
        close_world();
    }
}
END_TEST

/* ------------------------------------------------------------- on the allocator */

#if CEDO_ALLOCATORS

static int allocated;
static bool is_short;

static void *counted_alloc(cedo_allocator *allocator, size_t size)
{
    (void)allocator;
    if (is_short) return NULL;
    allocated++;
    return malloc(size);
}

static void counted_free(cedo_allocator *allocator, void *memory)
{
    (void)allocator;
    allocated--;
    free(memory);
}

static cedo_allocator counted = {.alloc = counted_alloc, .free = counted_free};

PARENT(spawns_new)
{
    cedo_body(struct spawns_new, self) {
        cedo_with_group (&self->group) {
            for (self->i = 0; self->i < 3; self->i++)
                ck_assert_ptr_nonnull(cedo_group_spawn_new(&self->group, job, .name = 'a',
                                                           .length = 10 * self->i + 10));
            CHILD(&self->a, .name = 'b', .length = 15);
            is_short = true;
            ck_assert_ptr_null(cedo_group_spawn_new(&self->group, job, .name = 'x'));
            is_short = false;
            cedo_await(cedo_sleep_ms(25));
            mark("%d", allocated);
            cedo_for_each(self->task, cedo_group_next(&self->group, &self->task))
                mark("[%d]", self->task == &self->a.task);
            mark("%d", allocated);
        }
        cedo_catch(self->status, cedo_yield_now());
        ck_assert_ptr_null(cedo_group_spawn_new(&self->group, job, .name = 'x'));
        ck_assert_ptr_nonnull(
            cedo_group_spawn_new(&self->other, job, .name = 'd', .length = 5, .error = CEDO_EUSER));
        ck_assert_ptr_nonnull(cedo_group_spawn_new(&self->other, job, .name = 'e', .length = 1000));
        cedo_catch(self->status, cedo_group_join(&self->other));
        ck_assert_int_eq(self->status, CEDO_EUSER);
        ck_assert_uint_eq(cedo_group_failed(&self->other), 1);
        ck_assert_ptr_null(cedo_group_next_failed(&self->other, NULL));
    }
}

START_TEST(children_on_the_allocator_are_freed_at_their_end)
{
    static cedo_task_of(spawns_new) task;
    allocated = 0;
    open_world();
    cedo_loop_set_allocator(&loop, &counted);
    ck_assert_int_eq(run(&task, spawns_new), CEDO_OK);
    ck_trail("a b a 1 [1] a 0 d e-cancelled");
    ck_assert_int_eq(allocated, 0);
    close_world();
}
END_TEST

PARENT(left_running)
{
    cedo_body(struct left_running, self) {
        cedo_with_group (&self->group) {
            (void)cedo_group_spawn_new(&self->group, job, .name = 'a');
            CHILD(&self->b, .name = 'b');
            (void)cedo_group_spawn_new(&self->group, job, .name = 'c', .length = 1000);
        }
    }
}

#if CEDO_STOP && CEDO_EXCEPTION_HANDLER
START_TEST(a_loop_that_is_closed_over_a_group_frees_what_is_on_the_allocator)
{
    static cedo_task_of(left_running) task;
    allocated = 0;
    for (int count = 1; count < 6; count++) {
        open_world();
        cedo_loop_set_allocator(&loop, &counted);
        start(&task, left_running);
        turns(count);
        ck_assert_int_eq(cedo_loop_close(&loop), CEDO_OK);
        ck_assert_int_eq(allocated, 0);
        /* its loop is gone */
        if (task.frame.group.scope.owner) {
            ck_assert_int_eq(cedo_group_spawn(&task.frame.group, &task.frame.c, job, .name = 'x'),
                             CEDO_ECLOSED);
            ck_assert_ptr_null(cedo_group_spawn_new(&task.frame.group, job, .name = 'x'));
        }
        memset(&task, 0, sizeof task);
    }
}
END_TEST
#endif

#endif

/* ------------------------------------------------------------- misuse */

#if CEDO_CHECKS

struct stranger {
    cedo_coro coro;
    cedo_group *group;
    cedo_task **task;
};

static cedo_async(stranger)
{
    cedo_body(struct stranger, self) {
        if (self->task)
            cedo_await(cedo_group_next(self->group, self->task));
        else
            cedo_await(cedo_group_join(self->group));
    }
}

struct visited {
    cedo_coro coro;
    bool next;
    cedo_group group, other;
    cedo_task_of(stranger) stranger;
    cedo_task *task;
    cedo_task_of(job) a;
};

static cedo_async(visited)
{
    cedo_body(struct visited, self) {
        (void)cedo_group_spawn(&self->group, &self->stranger, stranger, .group = &self->group,
                               .task = self->next ? &self->task : NULL);
        cedo_await(cedo_group_join(&self->group));
    }
}

static void joined_by_a_child(void)
{
    static cedo_task_of(visited) task;
    (void)cedo_loop_spawn(&loop, &task, visited);
    (void)cedo_loop_run_forever(&loop);
}

static void iterated_by_a_child(void)
{
    static cedo_task_of(visited) task;
    (void)cedo_loop_spawn(&loop, &task, visited, .next = true);
    (void)cedo_loop_run_forever(&loop);
}

START_TEST(only_the_one_who_opened_it_can_wait_for_a_group)
{
    open_world();
    ck_trap(joined_by_a_child, "only be awaited by the task that opened it");
    open_world();
    ck_trap(iterated_by_a_child, "only be awaited by the task that opened it");
}
END_TEST

struct leaves_operation {
    cedo_coro coro;
};

static cedo_async(leaves_operation)
{
    cedo_body(struct leaves_operation, self) {
        ck_assert_ptr_null(cedo_sleep_ms(1));
    }
}

struct careless {
    cedo_coro coro;
    cedo_group group;
    cedo_task_of(leaves_operation) child;
};

static cedo_async(careless)
{
    cedo_body(struct careless, self) {
        (void)cedo_group_spawn(&self->group, &self->child, leaves_operation);
        cedo_await(cedo_group_join(&self->group));
    }
}

static void leaves_an_operation(void)
{
    static cedo_task_of(careless) task;
    (void)cedo_loop_spawn(&loop, &task, careless);
    (void)cedo_loop_run_forever(&loop);
}

START_TEST(a_child_that_leaves_an_operation_behind_traps)
{
    open_world();
    ck_trap(leaves_an_operation, "begun but not awaited");
}
END_TEST

struct reuses {
    cedo_coro coro;
    int way;
    cedo_group group, other;
    cedo_task_of(job) a;
};

static cedo_async(reuses)
{
    cedo_body(struct reuses, self) {
        CHILD(&self->a, .name = 'a', .length = 5);
        if (self->way == 0) CHILD(&self->a, .name = 'b');
        cedo_await(cedo_sleep_ms(10));
        if (self->way == 1) (void)cedo_group_spawn(&self->other, &self->a, job, .name = 'b');
        (void)cedo_spawn(&self->a, job, .name = 'b');
    }
}

static int reuse_way;

static void reuses_storage(void)
{
    static cedo_task_of(reuses) task;
    memset(&task, 0, sizeof task);
    (void)cedo_loop_spawn(&loop, &task, reuses, .way = reuse_way);
    (void)cedo_loop_run_forever(&loop);
}

START_TEST(the_storage_of_a_child_serves_no_other_while_its_group_is_open)
{
    open_world();
    reuse_way = 0;
    ck_trap(reuses_storage, "not done");
    open_world();
    reuse_way = 1;
    ck_trap(reuses_storage, "of another group");
#if CEDO_HOSTED
    open_world();
    reuse_way = 2;
    ck_trap(reuses_storage, "child of a group");
#endif
}
END_TEST

#endif

#if CEDO_TRACE
START_TEST(a_join_shows_in_the_await_stack)
{
    static cedo_task_of(joins_pair) task;
    cedo_trace trace;
    open_world();
    start(&task, joins_pair);
    turns(2);
    cedo_task_trace(&task.task, &trace);
    ck_assert_uint_eq(trace.depth, 2);
    ck_assert_str_eq(trace.entries[0].function, "cedo_group_join");
    ck_assert_str_eq(trace.entries[1].function, "joins_pair_coro");
    cedo_task_trace(&task.frame.a.task, &trace);
    ck_assert_uint_eq(trace.depth, 1);
    ck_assert_int_eq(finish(&task), CEDO_OK);
    close_world();
}
END_TEST
#endif

#if CEDO_CHECKS
struct child_of_a_busy_frame {
    cedo_coro coro;
    cedo_group group;
    cedo_task task;
    struct {
        cedo_coro coro;
    } frame;
};

static cedo_async(child_of_a_busy_frame)
{
    cedo_body(struct child_of_a_busy_frame, self) {
        cedo_with_group (&self->group) {
            self->frame.coro.state = 1; /* as if it had begun */
            (void)cedo_group_spawn_coro(&self->group, &self->task, &self->frame.coro);
        }
    }
}

static void spawns_a_busy_frame(void)
{
    static cedo_task_of(child_of_a_busy_frame) task;
    memset(&task, 0, sizeof task);
    (void)run(&task, child_of_a_busy_frame);
}

START_TEST(a_child_on_a_frame_that_runs_traps)
{
    open_world();
    ck_trap(spawns_a_busy_frame, "this frame runs already");
}
END_TEST
#endif

int main(void)
{
    const TTest *const tests[] = {
        a_group_opens_with_the_first_spawn_and_is_over_with_the_join,
        GROUP_01_leaving_waits_for_every_child_also_those_added_by_children,
        GROUP_02_an_empty_group_leaves_without_yielding,
        GROUP_03_a_failing_child_cancels_the_others_and_the_body,
        GROUP_04_the_group_waits_for_all_and_tells_their_errors_in_order,
        GROUP_05_errors_of_children_that_are_cancelled_count,
        GROUP_06_children_that_fail_in_one_turn_are_all_reported,
        GROUP_07_an_error_of_the_body_cancels_the_children_and_is_the_last,
        GROUP_08_a_child_that_ends_cancelled_has_not_failed,
        a_child_that_ends_with_a_request_that_met_no_await_is_cancelled,
        GROUP_09_a_cancel_from_outside_cancels_the_children_and_goes_on_after_their_end,
        GROUP_10_an_error_goes_before_a_cancel_that_then_meets_the_next_await,
        GROUP_11_a_second_cancel_does_not_let_the_block_leave_early,
        GROUP_12_the_cancel_of_the_parent_is_undone,
        GROUP_13_a_count_above_zero_interrupts_the_await_behind_a_block_that_failed,
        GROUP_14_an_error_of_the_inner_group_is_one_of_the_outer_and_both_may_fail_at_once,
        GROUP_15_an_exit_of_a_child_or_the_body_passes_after_all_have_ended,
        an_exit_goes_before_any_error,
        GROUP_16_any_other_error_is_an_error,
        GROUP_17_a_group_that_shuts_down_or_was_left_takes_no_children,
        a_group_whose_last_child_ended_while_it_was_left_takes_no_more,
        GROUP_18_a_group_is_open_once_at_a_time_and_in_a_task_only,
        GROUP_19_an_error_that_replaces_the_cancel_in_the_body_is_one_of_the_group,
        the_task_and_the_frame_of_a_child_may_lie_apart,
        GROUP_20_a_name_is_passed_on,
        GROUP_21_a_child_that_is_done_leaves_its_storage_for_the_next,
        what_a_child_made_ready_before_it_failed_runs_before_the_others_are_cancelled,
        GROUP_22_all_children_are_cancelled_in_whatever_order,
        GROUP_23_a_group_that_is_cancelled_is_left_without_error,
        GATHER_03_errors_can_be_results,
        the_others_can_go_on_and_the_first_error_comes_after_all,
        children_are_given_in_the_order_in_which_they_end,
        a_child_that_was_given_can_begin_anew_beside_those_of_other_groups,
        the_first_can_win,
        a_cancel_leaves_the_children_to_the_next_await_and_a_failure_cancels_it,
        TIMEOUT_17_around_a_group_its_children_are_cancelled_and_awaited_first,
        a_join_can_be_limited,
        a_group_of_a_block_can_be_joined_in_it,
        a_coroutine_cannot_end_before_its_children,
#if CEDO_ALLOCATORS
        children_on_the_allocator_are_freed_at_their_end,
#if CEDO_STOP && CEDO_EXCEPTION_HANDLER
        a_loop_that_is_closed_over_a_group_frees_what_is_on_the_allocator,
#endif
#endif
#if CEDO_CHECKS
        only_the_one_who_opened_it_can_wait_for_a_group,
        a_child_on_a_frame_that_runs_traps,
        a_child_that_leaves_an_operation_behind_traps,
        the_storage_of_a_child_serves_no_other_while_its_group_is_open,
#endif
#if CEDO_TRACE
        a_join_shows_in_the_await_stack,
#endif
    };
    return suite_run("group", tests, sizeof tests / sizeof *tests);
}
