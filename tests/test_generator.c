/* Asynchronous generators. */
#include "world.h"

#include <cedo/generator.h>

struct ticks {
    cedo_coro coro;
    int until;
    int fail_with;
    int n;
};

static cedo_async(ticks)
{
    cedo_body(struct ticks, self) {
        for (self->n = 0; self->n < self->until; self->n++) {
            cedo_await(cedo_sleep(1));
            cedo_yield();
        }
        if (self->fail_with) cedo_throw(self->fail_with);
    cedo_finally:
        mark("closing");
        cedo_await(cedo_sleep(1));
        mark("closed");
    }
}

struct show {
    cedo_coro coro;
    cedo_generator_of(ticks) ticks;
    int until;
    int stop_at;
    int fail_with;
    int status;
    bool closes;
};

static cedo_async(show)
{
    cedo_body(struct show, self) {
        cedo_generate(&self->ticks, ticks, .until = self->until, .fail_with = self->fail_with);
        cedo_for_each(self->ticks.frame.n, cedo_anext(&self->ticks)) {
            mark("%d", self->ticks.frame.n);
            if (self->stop_at && self->ticks.frame.n == self->stop_at) break;
        }
        mark("behind");
        if (self->closes) {
            cedo_await(cedo_aclose(&self->ticks));
            cedo_catch(self->status, cedo_anext(&self->ticks));
            mark("%s", self->status == CEDO_END ? "over" : "not over");
        }
    }
}

static cedo_task_of(show) task;

START_TEST(a_generator_awaits_and_yields_until_it_is_over)
{
    open_world();
    ck_assert_int_eq(run(&task, show, .until = 3), CEDO_OK);
    ck_trail("0 1 2 closing closed behind");
    ck_assert_int_eq(run(&task, show, .until = 0), CEDO_OK);
    ck_trail("closing closed behind");
    close_world();
}
END_TEST

START_TEST(one_left_half_way_is_closed_when_its_owner_ends)
{
    open_world();
    ck_assert_int_eq(run(&task, show, .until = 5, .stop_at = 1), CEDO_OK);
    ck_trail("0 1 behind closing closed");
    close_world();
}
END_TEST

START_TEST(aclose_runs_its_finally_section)
{
    open_world();
    ck_assert_int_eq(run(&task, show, .until = 5, .stop_at = 1, .closes = true), CEDO_OK);
    ck_trail("0 1 behind closing closed over");
    ck_assert_int_eq(run(&task, show, .until = 1, .closes = true), CEDO_OK);
    ck_trail("0 closing closed behind over");
    close_world();
}
END_TEST

START_TEST(its_error_arrives_where_it_is_asked)
{
    open_world();
    ck_assert_int_eq(run(&task, show, .until = 1, .fail_with = CEDO_EUSER), CEDO_EUSER);
    ck_trail("0 closing closed");
    close_world();
}
END_TEST

START_TEST(a_cancel_goes_through_it)
{
    open_world();
    start(&task, show, .until = 5);
    turns(2);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_trail("closing closed");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- not used, used again */

struct odd {
    cedo_coro coro;
    cedo_generator_of(ticks) never, unused, again;
    int status;
};

static cedo_async(odd)
{
    cedo_body(struct odd, self) {
        cedo_catch(self->status, cedo_anext(&self->never));
        ck_assert_int_eq(self->status, CEDO_ESTATE);
        cedo_await(cedo_aclose(&self->never));
        cedo_generate(&self->unused, ticks, .until = 1);
        cedo_generate(&self->again, ticks, .until = 1);
        cedo_await(cedo_aclose(&self->again));
        cedo_catch(self->status, cedo_anext(&self->again));
        ck_assert_int_eq(self->status, CEDO_END);
        cedo_generate(&self->again, ticks, .until = 3);
        cedo_await(cedo_anext(&self->again));
        cedo_await(cedo_aclose(&self->again));
        cedo_generate(&self->again, ticks, .until = 2);
        cedo_for_each(self->again.frame.n, cedo_anext(&self->again))
            mark("%d", self->again.frame.n);
    }
}

START_TEST(one_that_never_began_ends_without_a_step)
{
    static cedo_task_of(odd) object;
    open_world();
    ck_assert_int_eq(run(&object, odd), CEDO_OK);
    ck_trail("closing closed 0 1 closing closed");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- scopes in it and around it */

struct locks {
    cedo_coro coro;
    cedo_lock *lock;
    cedo_guard guard, outer;
    int n;
};

static cedo_async(locks)
{
    cedo_body(struct locks, self) {
        for (self->n = 0; self->n < 4; self->n++) {
            cedo_try_all (&self->outer) {
                cedo_try (&self->guard) {
                    cedo_await(cedo_sleep(1));
                    cedo_yield();
                    cedo_throw(CEDO_EUSER - self->n);
                }
                cedo_except (&self->guard) {
                    mark("caught %d", CEDO_EUSER - cedo_caught(&self->guard));
                    cedo_yield();
                }
            }
            cedo_except (&self->outer) {
                mark("outer");
                cedo_rethrow(&self->outer);
            }
        }
    }
}

struct uses_locks {
    cedo_coro coro;
    cedo_generator_of(locks) items;
    cedo_timeout limit;
    cedo_guard guard;
    int count;
};

static cedo_async(uses_locks)
{
    cedo_body(struct uses_locks, self) {
        cedo_generate(&self->items, locks, .n = 0);
        for (self->count = 0; self->count < 4; self->count++) {
            cedo_with_timeout (&self->limit, CEDO_MS(500)) {
                cedo_await(cedo_anext(&self->items));
                mark("%d", self->items.frame.n);
            }
        }
        cedo_try (&self->guard) {
            cedo_await(cedo_anext(&self->items));
            cedo_throw(CEDO_EUSER);
        }
        cedo_except (&self->guard) mark("own guard");
    }
}

START_TEST(its_scopes_go_with_it)
{
    static cedo_task_of(uses_locks) object;
    open_world();
    ck_assert_int_eq(run(&object, uses_locks), CEDO_OK);
    ck_trail("0 caught 0 0 1 caught 1 1 own guard outer");
    ck_assert_ptr_null(object.task.chain.scopes);
    close_world();
}
END_TEST

struct nested {
    cedo_coro coro;
    cedo_generator_of(ticks) inner;
    int n;
};

static cedo_async(nested)
{
    cedo_body(struct nested, self) {
        cedo_generate(&self->inner, ticks, .until = 5);
        cedo_for_each(self->n, cedo_anext(&self->inner)) {
            self->n = self->inner.frame.n * 10;
            cedo_yield();
        }
    cedo_finally:
        mark("outer");
    }
}

struct uses_nested {
    cedo_coro coro;
    cedo_generator_of(nested) items;
};

static cedo_async(uses_nested)
{
    cedo_body(struct uses_nested, self) {
        cedo_generate(&self->items, nested, .n = 0);
        cedo_await(cedo_anext(&self->items));
        cedo_await(cedo_anext(&self->items));
        mark("%d", self->items.frame.n);
        cedo_throw(CEDO_EUSER);
    }
}

START_TEST(a_generator_in_a_generator_is_closed_with_it)
{
    static cedo_task_of(uses_nested) object;
    open_world();
    ck_assert_int_eq(run(&object, uses_nested), CEDO_EUSER);
    ck_trail("10 closing closed outer");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- its end */

struct stubborn {
    cedo_coro coro;
    int fail_with;
    bool waits;
    int status;
};

static cedo_async(stubborn)
{
    cedo_body(struct stubborn, self) {
        cedo_yield();
    cedo_finally:
        if (self->waits) cedo_await(cedo_sleep(5));
        if (self->fail_with) cedo_throw(self->fail_with);
    }
}

struct uses_stubborn {
    cedo_coro coro;
    cedo_generator_of(stubborn) items;
    int fail_with;
    int status;
    bool waits, closes, cancels, fails;
};

static cedo_async(uses_stubborn)
{
    cedo_body(struct uses_stubborn, self) {
        cedo_generate(&self->items, stubborn, .fail_with = self->fail_with, .waits = self->waits);
        cedo_await(cedo_anext(&self->items));
        if (self->cancels) (void)cedo_task_cancel(cedo_current_task());
        if (self->closes) {
            cedo_catch(self->status, cedo_aclose(&self->items));
            mark("%s", self->status == CEDO_ECANCELED ? "cancelled"
                       : self->status == CEDO_EUSER   ? "failed"
                                                      : "closed");
        }
        if (self->fails) cedo_throw(CEDO_EUSER - 1);
    }
}

static cedo_task_of(uses_stubborn) user;

START_TEST(an_error_of_its_finally_section_is_that_of_aclose)
{
    open_world();
    ck_assert_int_eq(run(&user, uses_stubborn, .closes = true, .fail_with = CEDO_EUSER), CEDO_OK);
    ck_trail("failed");
    ck_assert_int_eq(run(&user, uses_stubborn, .closes = true, .waits = true), CEDO_OK);
    ck_trail("closed");
    close_world();
}
END_TEST

START_TEST(an_error_of_its_finally_section_leaves_its_owner)
{
    open_world();
    ck_assert_int_eq(run(&user, uses_stubborn, .fail_with = CEDO_EUSER), CEDO_EUSER);
    ck_assert_int_eq(run(&user, uses_stubborn, .fail_with = CEDO_EUSER, .fails = true), CEDO_EUSER);
    ck_assert_int_eq(run(&user, uses_stubborn, .waits = true, .fails = true), CEDO_EUSER - 1);
    close_world();
}
END_TEST

START_TEST(a_cancel_while_it_is_closed_is_not_lost)
{
    open_world();
    ck_assert_int_eq(run(&user, uses_stubborn, .closes = true, .waits = true, .cancels = true),
                     CEDO_OK);
    ck_trail("cancelled");
    ck_assert_int_eq(run(&user, uses_stubborn, .waits = true, .cancels = true), CEDO_ECANCELED);
    start(&user, uses_stubborn, .waits = true, .closes = true);
    turns(1);
    ck_assert(cedo_task_cancel(&user.task));
    ck_assert_int_eq(finish(&user), CEDO_OK);
    ck_trail("cancelled");
    start(&user, uses_stubborn, .waits = true);
    turns(1);
    ck_assert(cedo_task_cancel(&user.task));
    ck_assert_int_eq(finish(&user), CEDO_ECANCELED);
    close_world();
}
END_TEST

/* ------------------------------------------------------------- two tasks */

struct other {
    cedo_coro coro;
    int status;
};

static cedo_async(other)
{
    cedo_body(struct other, self) {
        cedo_catch(self->status, cedo_anext(&task.frame.ticks));
        ck_assert_int_eq(self->status, CEDO_EBUSY);
        cedo_catch(self->status, cedo_aclose(&task.frame.ticks));
        ck_assert_int_eq(self->status, CEDO_EBUSY);
    }
}

START_TEST(only_one_waits_for_its_next_thing)
{
    static cedo_task_of(other) object;
    open_world();
    start(&task, show, .until = 1);
    start(&object, other);
    turns(1);
    ck_assert(cedo_task_done(&object.task));
    ck_assert_int_eq(finish(&task), CEDO_OK);
    close_world();
}
END_TEST

/* Its owner waits for something else. */
struct hangs {
    cedo_coro coro;
    cedo_generator_of(ticks) ticks;
};

static cedo_task_of(hangs) hanging;

static cedo_async(hangs)
{
    cedo_body(struct hangs, self) {
        cedo_generate(&self->ticks, ticks, .until = 4);
        cedo_await(cedo_sleep(20));
        cedo_await(cedo_anext(&self->ticks));
        mark("owner %d", self->ticks.frame.n);
    }
}

struct helps {
    cedo_coro coro;
};

static cedo_async(helps)
{
    cedo_body(struct helps, self) {
        cedo_await(cedo_sleep(1));
        cedo_await(cedo_anext(&hanging.frame.ticks));
        mark("other %d", hanging.frame.ticks.frame.n);
    }
}

START_TEST(another_task_may_take_the_next_thing)
{
    static cedo_task_of(helps) helper;
    open_world();
    start(&hanging, hangs);
    start(&helper, helps);
    ck_assert_int_eq(finish(&hanging), CEDO_OK);
    ck_trail("other 0 owner 1 closing closed");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- yielding at the end */

struct late {
    cedo_coro coro;
    int n;
};

static cedo_async(late)
{
    cedo_body(struct late, self) {
        self->n = 1;
    cedo_finally:
        self->n = 2;
        cedo_yield();
        self->n = 3;
    }
}

struct uses_late {
    cedo_coro coro;
    cedo_generator_of(late) items;
    bool closes;
};

static cedo_async(uses_late)
{
    cedo_body(struct uses_late, self) {
        cedo_generate(&self->items, late);
        cedo_await(cedo_anext(&self->items));
        mark("%d", self->items.frame.n);
        if (self->closes) cedo_await(cedo_aclose(&self->items));
    }
}

START_TEST(one_that_has_nothing_left_to_await_is_closed_at_once)
{
    static cedo_task_of(uses_late) object;
    open_world();
    ck_assert_int_eq(run(&object, uses_late), CEDO_OK);
    ck_assert_int_eq(run(&object, uses_late, .closes = true), CEDO_OK);
    ck_trail("2 2");
    close_world();
}
END_TEST

#if CEDO_TRACE
START_TEST(it_is_seen_in_the_await_stack)
{
    cedo_trace trace;
    open_world();
    start(&task, show, .until = 1);
    turns(1);
    cedo_task_trace(&task.task, &trace);
    ck_assert_uint_eq(trace.depth, 2);
    ck_assert_str_eq(trace.entries[0].function, "ticks_coro");
    ck_assert_str_eq(trace.entries[1].function, "show_coro");
    ck_assert_int_eq(finish(&task), CEDO_OK);
    close_world();
}
END_TEST
#define TRACE_TESTS it_is_seen_in_the_await_stack,
#else
#define TRACE_TESTS
#endif

/* ------------------------------------------------------------- limits */

struct limited {
    cedo_coro coro;
    cedo_generator_of(ticks) ticks;
    cedo_timeout limit;
    int status;
};

static cedo_async(limited)
{
    cedo_body(struct limited, self) {
        cedo_generate(&self->ticks, ticks, .until = 9);
        cedo_await(cedo_wait_for(&self->limit, 100, cedo_anext(&self->ticks)));
        mark("%d", self->ticks.frame.n);
        cedo_catch(self->status, cedo_wait_for(&self->limit, 0, cedo_anext(&self->ticks)));
        ck_assert_int_eq(self->status, CEDO_ETIMEDOUT);
        cedo_await(cedo_anext(&self->ticks)); /* it was not begun */
        mark("%d", self->ticks.frame.n);
        self->ticks.frame.n = 9;
    }
}

START_TEST(a_limit_may_stand_around_the_next_thing)
{
    static cedo_task_of(limited) object;
    open_world();
    ck_assert_int_eq(run(&object, limited), CEDO_OK);
    ck_trail("0 1 closing closed");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- misuse */

#if CEDO_CHECKS
struct ignores {
    cedo_coro coro;
    int status;
};

static cedo_async(ignores)
{
    cedo_body(struct ignores, self) {
        cedo_yield();
    cedo_finally:
        cedo_yield();
    }
}

struct uses_ignores {
    cedo_coro coro;
    cedo_generator_of(ignores) items;
};

static cedo_async(uses_ignores)
{
    cedo_body(struct uses_ignores, self) {
        cedo_generate(&self->items, ignores, .status = 0);
        cedo_await(cedo_anext(&self->items));
    }
}

static void close_one_that_yields(void)
{
    static cedo_task_of(uses_ignores) object;
    (void)run(&object, uses_ignores);
}

START_TEST(one_that_yields_while_it_is_closed_traps)
{
    open_world();
    ck_trap(close_one_that_yields, "must not yield");
}
END_TEST

#if CEDO_HOSTED
struct in_timeout {
    cedo_coro coro;
    cedo_timeout limit;
    int status;
};

static cedo_async(in_timeout)
{
    cedo_body(struct in_timeout, self) {
        cedo_with_timeout (&self->limit, 5) cedo_yield();
    }
}

struct uses_in_timeout {
    cedo_coro coro;
    cedo_generator_of(in_timeout) items;
};

static cedo_async(uses_in_timeout)
{
    cedo_body(struct uses_in_timeout, self) {
        cedo_generate(&self->items, in_timeout, .status = 0);
        cedo_await(cedo_anext(&self->items));
    }
}

static void yield_in_a_timeout(void)
{
    static cedo_task_of(uses_in_timeout) object;
    (void)run(&object, uses_in_timeout);
}

START_TEST(a_yield_inside_a_timeout_traps)
{
    open_world();
    ck_trap(yield_in_a_timeout, "must not yield inside cedo_with_timeout");
}
END_TEST
#define HOSTED_TESTS , a_yield_inside_a_timeout_traps
#else
#define HOSTED_TESTS
#endif

struct lends {
    cedo_coro coro;
    cedo_generator_of(ticks) ticks;
};

static cedo_task_of(lends) lender;

struct takes {
    cedo_coro coro;
};

static cedo_async(takes)
{
    cedo_body(struct takes, self) {
        cedo_await(cedo_anext(&lender.frame.ticks));
    }
}

static cedo_task_of(takes) taker;

static cedo_async(lends)
{
    cedo_body(struct lends, self) {
        cedo_generate(&self->ticks, ticks, .until = 3);
        (void)cedo_spawn(&taker, takes);
        cedo_await(cedo_yield_now());
    }
}

static void end_before_the_borrower(void)
{
    (void)run(&lender, lends);
}

struct makes {
    cedo_coro coro;
};

static cedo_async(makes)
{
    cedo_body(struct makes, self) {
        cedo_generate(&hanging.frame.ticks, ticks, .until = 1);
    }
}

static void make_what_another_has(void)
{
    static cedo_task_of(makes) object;
    start(&hanging, hangs);
    turns(1);
    (void)run(&object, makes);
}

START_TEST(one_that_another_coroutine_has_made_traps)
{
    open_world();
    ck_trap(make_what_another_has, "another coroutine began to use this");
}
END_TEST

START_TEST(an_owner_that_ends_while_another_waits_traps)
{
    open_world();
    ck_trap(end_before_the_borrower, "the owner of a generator ends");
}
END_TEST
#define CHECKED_TESTS \
    , one_that_yields_while_it_is_closed_traps, one_that_another_coroutine_has_made_traps, \
        an_owner_that_ends_while_another_waits_traps HOSTED_TESTS
#else
#define CHECKED_TESTS
#endif

SUITE("generator", a_generator_awaits_and_yields_until_it_is_over,
      one_left_half_way_is_closed_when_its_owner_ends, aclose_runs_its_finally_section,
      its_error_arrives_where_it_is_asked, a_cancel_goes_through_it,
      one_that_never_began_ends_without_a_step, its_scopes_go_with_it,
      a_generator_in_a_generator_is_closed_with_it,
      an_error_of_its_finally_section_is_that_of_aclose,
      an_error_of_its_finally_section_leaves_its_owner, a_cancel_while_it_is_closed_is_not_lost,
      only_one_waits_for_its_next_thing, another_task_may_take_the_next_thing,
      one_that_has_nothing_left_to_await_is_closed_at_once,
      TRACE_TESTS a_limit_may_stand_around_the_next_thing CHECKED_TESTS)
