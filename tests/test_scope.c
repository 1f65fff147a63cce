/* Blocks: with, try, except, rethrow, defer, and the unwinding that they share. */
#include "world.h"

/* ------------------------------------------------------------- a scope that takes time to close */

struct slow {
    cedo_scope scope;
    const char *name;
    int pauses;         /* how often closing waits */
    int fails;          /* how the closing itself ends */
    int becomes;        /* if not 0: what the pending status is turned into; 1: none */
    int pending, woke;  /* seen */
    int opened, closed; /* how often */
};

static cedo_op slow_close(cedo_scope *scope, cedo_status *pending, cedo_status woke)
{
    struct slow *const slow = CEDO_CONTAINER_(scope, struct slow, scope);
    if (woke < 0) slow->woke = woke;
    if (slow->pauses) {
        slow->pauses--;
        return cedo_sleep_ms(1);
    }
    slow->pending = *pending;
    slow->closed++;
    mark("-%s", slow->name);
    if (slow->becomes) *pending = slow->becomes < 0 ? slow->becomes : CEDO_OK;
    return cedo_done(slow->fails);
}

static void slow_open(struct slow *slow, const char *name)
{
    slow->name = name;
    slow->opened++;
    mark("+%s", name);
    cedo_scope_open(&slow->scope, slow_close);
}

#define with_slow(slow, name) cedo_with_(slow_open(slow, name), &(slow)->scope)

/* ------------------------------------------------------------- with */

struct block {
    cedo_coro coro;
    int pauses, fails, becomes, throws; /* arguments */
    int after;
    struct slow a;
};

static cedo_async(block)
{
    cedo_body(struct block, self) {
        self->a.pauses = self->pauses;
        self->a.fails = self->fails;
        self->a.becomes = self->becomes;
        with_slow(&self->a, "a")
        {
            mark("in");
            if (self->throws) cedo_await(cedo_done(self->throws));
        }
        mark("after");
        self->after++;
    cedo_finally:
        mark("finally");
    }
}

START_TEST(a_block_runs_once_and_closes)
{
    static cedo_task_of(block) task;
    open_world();
    ck_assert_int_eq(run(&task, block), CEDO_OK);
    ck_trail("+a in -a after finally");
    ck_assert_int_eq(task.frame.a.closed, 1);
    ck_assert_int_eq(task.frame.a.pending, 0);
    close_world();
}
END_TEST

START_TEST(closing_may_wait)
{
    static cedo_task_of(block) task;
    open_world();
    ck_assert_int_eq(run(&task, block, .pauses = 3), CEDO_OK);
    ck_trail("+a in -a after finally");
    ck_assert_int_eq(run(&task, block, .pauses = 3, .throws = CEDO_EUSER), CEDO_EUSER);
    ck_trail("+a in -a finally");
    ck_assert_int_eq(task.frame.a.pending, CEDO_EUSER);
    close_world();
}
END_TEST

START_TEST(a_failed_closing_fails_the_block)
{
    static cedo_task_of(block) task;
    open_world();
    for (int pauses = 0; pauses < 2; pauses++) {
        ck_assert_int_eq(run(&task, block, .pauses = pauses, .fails = CEDO_EUSER - 1),
                         CEDO_EUSER - 1);
        ck_trail("+a in -a finally");
        /* and replaces what was on its way */
        ck_assert_int_eq(
            run(&task, block, .pauses = pauses, .fails = CEDO_EUSER - 1, .throws = CEDO_EUSER),
            CEDO_EUSER - 1);
        ck_trail("+a in -a finally");
    }
    close_world();
}
END_TEST

START_TEST(a_scope_may_change_or_swallow_the_error)
{
    static cedo_task_of(block) task;
    open_world();
    ck_assert_int_eq(run(&task, block, .becomes = CEDO_EUSER - 3, .throws = CEDO_EUSER),
                     CEDO_EUSER - 3);
    ck_trail("+a in -a finally");
    /* swallowed: the coroutine still leaves, but without error */
    ck_assert_int_eq(run(&task, block, .becomes = 1, .throws = CEDO_EUSER), CEDO_OK);
    ck_trail("+a in -a finally");
    /* a block that ended well can be failed by its scope */
    ck_assert_int_eq(run(&task, block, .becomes = CEDO_EUSER - 4), CEDO_EUSER - 4);
    ck_trail("+a in -a finally");
    close_world();
}
END_TEST

START_TEST(a_cancel_while_closing_reaches_the_closing)
{
    static cedo_task_of(block) task;
    static const int throws[] = {0, CEDO_EUSER};
    open_world();
    for (int i = 0; i < 2; i++) {
        start(&task, block, .pauses = 2, .throws = throws[i]);
        cedo_task_keep(&task.task);
        turns(1);
        ck_assert(cedo_task_cancel(&task.task));
        (void)finish(&task);
        ck_assert_int_eq(task.frame.a.woke, CEDO_ECANCELED);
        ck_assert_int_eq(task.frame.a.closed, 1);
    }
    close_world();
}
END_TEST

struct two {
    cedo_coro coro;
    struct slow a, b;
};

static cedo_async(two)
{
    cedo_body(struct two, self) {
        with_slow(&self->a, "a")
        {
            with_slow(&self->b, "b")
            {
                self->a.pauses = 1;
                self->b.pauses = 1;
                cedo_throw(CEDO_EUSER);
            }
        }
    }
}

START_TEST(a_cancel_reaches_the_scope_that_is_closing_and_not_the_next)
{
    static cedo_task_of(two) task;
    open_world();
    start(&task, two);
    cedo_task_keep(&task.task);
    turns(1);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_EUSER);
    ck_assert_int_eq(task.frame.b.woke, CEDO_ECANCELED);
    ck_assert_int_eq(task.frame.a.woke, 0);
    ck_trail("+a +b -b -a");
    close_world();
}
END_TEST

struct leaving {
    cedo_coro coro;
    int how;
    int i;
    struct slow a, b;
};

enum how { FALL, CONTINUE, RETURN, THROW, FAIL, BREAK, HOWS };

static cedo_async(leaving)
{
    cedo_body(struct leaving, self) {
        for (self->i = 0; self->i < 2; self->i++) {
            with_slow(&self->a, "a")
            {
                cedo_await(cedo_yield_now());
                with_slow(&self->b, "b")
                {
                    self->b.pauses = 1;
                    cedo_await(cedo_yield_now());
                    if (self->how == CONTINUE) continue; /* leaves the block of b */
                    if (self->how == RETURN) cedo_return();
                    if (self->how == THROW) cedo_throw(CEDO_EUSER);
                    if (self->how == FAIL) cedo_await(cedo_done(CEDO_EUSER));
                    mark("in");
                }
                mark("between");
            }
        }
        mark("after");
    cedo_finally:
        mark("finally");
    }
}

START_TEST(every_way_out_of_nested_blocks_closes_them)
{
    static cedo_task_of(leaving) task;
    open_world();
    ck_assert_int_eq(run(&task, leaving, .how = FALL), CEDO_OK);
    ck_trail("+a +b in -b between -a +a +b in -b between -a after finally");
    ck_assert_int_eq(run(&task, leaving, .how = CONTINUE), CEDO_OK);
    ck_trail("+a +b -b between -a +a +b -b between -a after finally");
    ck_assert_int_eq(run(&task, leaving, .how = RETURN), CEDO_OK);
    ck_trail("+a +b -b -a finally");
    ck_assert_int_eq(run(&task, leaving, .how = THROW), CEDO_EUSER);
    ck_trail("+a +b -b -a finally");
    ck_assert_int_eq(run(&task, leaving, .how = FAIL), CEDO_EUSER);
    ck_trail("+a +b -b -a finally");
    close_world();
}
END_TEST

struct breaker {
    cedo_coro coro;
    int again;
    struct slow a;
};

static cedo_async(breaker)
{
    cedo_body(struct breaker, self) {
        with_slow(&self->a, "a")
        {
            break;
        }
        mark("open");
        if (self->again) {
            with_slow(&self->a, "a")
            {
                mark("never");
            }
        }
    cedo_finally:
        mark("finally");
    }
}

START_TEST(a_block_left_by_break_is_closed_with_its_coroutine)
{
    static cedo_task_of(breaker) task;
    open_world();
    ck_assert_int_eq(run(&task, breaker), CEDO_OK);
    ck_trail("+a open -a finally");
    close_world();
}
END_TEST

static cedo_task_of(breaker) broken;

CEDO_UNUSED_ static void open_again(void)
{
    (void)run(&broken, breaker, .again = 1);
}

START_TEST(a_block_left_by_break_cannot_be_opened_again)
{
#if CEDO_CHECKS
    open_world();
    ck_trap(open_again, "this scope is open already");
#endif
}
END_TEST

struct crossing {
    cedo_coro coro;
    struct slow a, b;
};

static cedo_async(crossing)
{
    cedo_body(struct crossing, self) {
        with_slow(&self->a, "a")
        {
            with_slow(&self->b, "b")
            {
                break;
            }
        }
    }
}

static cedo_task_of(crossing) crossed;

CEDO_UNUSED_ static void close_out_of_order(void)
{
    (void)run(&crossed, crossing);
}

START_TEST(an_inner_block_left_by_break_traps_at_the_end_of_the_outer)
{
#if CEDO_CHECKS
    open_world();
    ck_trap(close_out_of_order, "reverse order of their opening");
#endif
}
END_TEST

static struct slow outside;

CEDO_UNUSED_ static void open_outside(void)
{
    slow_open(&outside, "outside");
}

START_TEST(a_scope_needs_a_task)
{
#if CEDO_CHECKS
    open_world();
    ck_trap(open_outside, "can only be opened in a task");
#endif
}
END_TEST

/* Without a finally section, and with the block as the last statement. */
struct last {
    cedo_coro coro;
    int how;
    struct slow a;
};

static cedo_async(last)
{
    cedo_body(struct last, self) {
        self->a.pauses = 2;
        slow_open(&self->a, "a"); /* left open: closed at the end, which waits */
        if (self->how == THROW) cedo_throw(CEDO_EUSER);
        if (self->how == RETURN) cedo_return();
    }
}

START_TEST(what_is_open_at_the_end_of_a_body_is_closed_there)
{
    static cedo_task_of(last) task;
    open_world();
    ck_assert_int_eq(run(&task, last), CEDO_OK);
    ck_assert_int_eq(run(&task, last, .how = RETURN), CEDO_OK);
    ck_assert_int_eq(run(&task, last, .how = THROW), CEDO_EUSER);
    ck_trail("+a -a +a -a +a -a");
    close_world();
}
END_TEST

struct failing_last {
    cedo_coro coro;
    int becomes;
    struct slow a;
};

static cedo_async(failing_last)
{
    cedo_body(struct failing_last, self) {
    cedo_finally:
        self->a.becomes = self->becomes;
        slow_open(&self->a, "a");
    }
}

START_TEST(a_scope_opened_in_finally_may_still_fail)
{
    static cedo_task_of(failing_last) task;
    open_world();
    ck_assert_int_eq(run(&task, failing_last, .becomes = CEDO_EUSER), CEDO_EUSER);
    ck_assert_int_eq(run(&task, failing_last, .becomes = 1), CEDO_OK);
    ck_trail("+a -a +a -a");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- blocks that close by running a
 * coroutine */

struct closer {
    cedo_coro coro;
    int fails;
};

static cedo_async(closer)
{
    cedo_body(struct closer, self) {
        mark("closing");
        cedo_await(cedo_sleep_ms(1));
        if (self->fails) cedo_throw(self->fails);
    }
}

struct called {
    cedo_scope scope;
    struct closer closer;
    int fails;
    int phase;
};

static cedo_op called_close(cedo_scope *scope, cedo_status *pending, cedo_status woke)
{
    struct called *const called = CEDO_CONTAINER_(scope, struct called, scope);
    cedo_coro *const co_ = scope->owner;
    (void)pending;
    if (called->phase++) return cedo_done(woke);
    return cedo_call(&called->closer, closer, .fails = called->fails);
}

struct calling {
    cedo_coro coro;
    int fails, throws;
    struct called scope;
};

static cedo_async(calling)
{
    cedo_body(struct calling, self) {
        self->scope.fails = self->fails;
        cedo_with_(cedo_scope_open(&self->scope.scope, called_close), &self->scope.scope)
        {
            if (self->throws) cedo_throw(self->throws);
            mark("in");
        }
        mark("after");
    }
}

START_TEST(closing_may_run_a_coroutine)
{
    static cedo_task_of(calling) task;
    open_world();
    ck_assert_int_eq(run(&task, calling), CEDO_OK);
    ck_trail("in closing after");
    ck_assert_int_eq(run(&task, calling, .throws = CEDO_EUSER), CEDO_EUSER);
    ck_trail("closing");
    ck_assert_int_eq(run(&task, calling, .fails = CEDO_EUSER - 1), CEDO_EUSER - 1);
    ck_trail("in closing");
    ck_assert_int_eq(run(&task, calling, .fails = CEDO_EUSER - 1, .throws = CEDO_EUSER),
                     CEDO_EUSER - 1);
    ck_trail("closing");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- try */

struct trier {
    cedo_coro coro;
    int fails, rethrows, all;
    int caught;
    cedo_guard guard;
    struct slow a;
};

static cedo_async(trier)
{
    cedo_body(struct trier, self) {
        if (self->all) {
            cedo_try_all (&self->guard) {
                cedo_await(cedo_done(self->fails));
                mark("well");
            }
            cedo_except (&self->guard) {
                mark("all");
                self->caught = cedo_caught(&self->guard);
                if (self->rethrows) cedo_rethrow(&self->guard);
            }
            cedo_return();
        }
        cedo_try (&self->guard) {
            with_slow(&self->a, "a")
            {
                self->a.pauses = 1;
                cedo_await(cedo_yield_now());
                cedo_await(cedo_done(self->fails));
                mark("well");
            }
        }
        cedo_except (&self->guard) {
            mark("except");
            self->caught = cedo_caught(&self->guard);
            cedo_await(cedo_yield_now());
            if (self->rethrows) cedo_rethrow(&self->guard);
            mark("handled");
        }
        mark("after");
    cedo_finally:
        mark("finally");
    }
}

START_TEST(try_catches_an_error_after_closing_what_was_opened_in_it)
{
    static cedo_task_of(trier) task;
    open_world();
    ck_assert_int_eq(run(&task, trier), CEDO_OK);
    ck_trail("+a well -a after finally");
    ck_assert_int_eq(task.frame.caught, 0);
    ck_assert_int_eq(cedo_caught(&task.frame.guard), 0);
    ck_assert_int_eq(run(&task, trier, .fails = CEDO_EUSER), CEDO_OK);
    ck_trail("+a -a except handled after finally");
    ck_assert_int_eq(task.frame.caught, CEDO_EUSER);
    ck_assert_int_eq(run(&task, trier, .fails = CEDO_ETIMEDOUT, .rethrows = 1), CEDO_ETIMEDOUT);
    ck_trail("+a -a except finally");
    close_world();
}
END_TEST

START_TEST(a_cancellation_passes_try)
{
    static cedo_task_of(trier) task;
    open_world();
    ck_assert_int_eq(run(&task, trier, .fails = CEDO_ECANCELED), CEDO_ECANCELED);
    ck_trail("+a -a finally");
    ck_assert_int_eq(run(&task, trier, .fails = CEDO_EEXIT), CEDO_EEXIT);
    ck_trail("+a -a finally");
    start(&task, trier);
    turns(1);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_trail("+a -a finally");
    close_world();
}
END_TEST

START_TEST(try_all_catches_all)
{
    static cedo_task_of(trier) task;
    static const int statuses[] = {CEDO_EUSER, CEDO_ECANCELED, CEDO_EEXIT};
    open_world();
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        ck_assert_int_eq(run(&task, trier, .all = 1, .fails = statuses[i]), CEDO_OK);
        ck_assert_int_eq(task.frame.caught, statuses[i]);
        ck_trail("all finally");
        ck_assert_int_eq(run(&task, trier, .all = 1, .fails = statuses[i], .rethrows = 1),
                         statuses[i]);
        ck_trail("all finally");
    }
    ck_assert_int_eq(run(&task, trier, .all = 1), CEDO_OK);
    ck_trail("well finally");
    close_world();
}
END_TEST

struct repeat {
    cedo_coro coro;
    int i, fails, awaits;
    cedo_guard guard;
    struct slow a;
};

/* Blocks right behind one another, with no await between them. */
static cedo_async(repeat)
{
    cedo_body(struct repeat, self) {
        for (self->i = 0; self->i < 3; self->i++) {
            cedo_try (&self->guard) {
                mark("try%d", self->i);
                if (self->awaits) cedo_await(cedo_yield_now());
                if (self->fails) cedo_throw(CEDO_EUSER);
            }
            cedo_except (&self->guard) mark("except");
        }
        cedo_try_all (&self->guard) mark("all");
        with_slow(&self->a, "a") mark("in");
        with_slow(&self->a, "a") mark("in");
        cedo_try (&self->guard) mark("last");
    cedo_finally:
        mark("finally");
        cedo_try (&self->guard) mark("try");
        with_slow(&self->a, "a") mark("in");
    }
}

START_TEST(a_block_behind_a_try_block_runs)
{
    static cedo_task_of(repeat) task;
    open_world();
    for (int awaits = 0; awaits < 2; awaits++) {
        ck_assert_int_eq(run(&task, repeat, .awaits = awaits), CEDO_OK);
        ck_trail("try0 try1 try2 all +a in -a +a in -a last finally try +a in -a");
        ck_assert_int_eq(run(&task, repeat, .awaits = awaits, .fails = 1), CEDO_OK);
        ck_trail(
            "try0 except try1 except try2 except all +a in -a +a in -a last finally try +a in -a");
    }
    close_world();
}
END_TEST

struct nester {
    cedo_coro coro;
    int fails, inner_throws, i;
    cedo_guard outer, inner;
    struct slow a, b;
};

static cedo_async(nester)
{
    cedo_body(struct nester, self) {
        cedo_try (&self->outer) {
            with_slow(&self->a, "a")
            {
                cedo_try (&self->inner) {
                    with_slow(&self->b, "b")
                    {
                        cedo_await(cedo_done(self->fails));
                    }
                }
                cedo_except (&self->inner) {
                    mark("inner");
                    if (self->inner_throws) cedo_throw(self->inner_throws);
                }
                mark("between");
                if (self->i) continue; /* leaves the block of a */
                mark("end");
            }
        }
        cedo_except (&self->outer) {
            mark("outer %d", cedo_caught(&self->outer) == self->inner_throws);
            cedo_try (&self->inner) cedo_throw(CEDO_EINVAL);
            cedo_except (&self->inner) mark("again %d", cedo_caught(&self->inner) == CEDO_EINVAL);
            ck_assert_int_eq(cedo_caught(&self->outer), self->inner_throws);
        }
        mark("after");
    cedo_finally:
        mark("finally");
    }
}

START_TEST(tries_nest_and_a_failing_handler_goes_to_the_next)
{
    static cedo_task_of(nester) task;
    open_world();
    ck_assert_int_eq(run(&task, nester), CEDO_OK);
    ck_trail("+a +b -b between end -a after finally");
    ck_assert_int_eq(run(&task, nester, .i = 1), CEDO_OK);
    ck_trail("+a +b -b between -a after finally");
    ck_assert_int_eq(run(&task, nester, .fails = CEDO_EUSER), CEDO_OK);
    ck_trail("+a +b -b inner between end -a after finally");
    ck_assert_int_eq(run(&task, nester, .fails = CEDO_EUSER, .inner_throws = CEDO_EUSER - 1),
                     CEDO_OK);
    ck_trail("+a +b -b inner -a outer 1 again 1 after finally");
    ck_assert_int_eq(run(&task, nester, .fails = CEDO_EUSER, .inner_throws = CEDO_ECANCELED),
                     CEDO_ECANCELED);
    ck_trail("+a +b -b inner -a finally");
    close_world();
}
END_TEST

struct try_leaver {
    cedo_coro coro;
    int how, i;
    cedo_guard guard;
};

static cedo_async(try_leaver)
{
    cedo_body(struct try_leaver, self) {
        for (self->i = 0; self->i < 2; self->i++) {
            cedo_try (&self->guard) {
                mark("try");
                if (self->how == CONTINUE) continue;
                if (self->how == RETURN) cedo_return();
                if (self->how == BREAK) break;
                mark("end");
            }
            cedo_except (&self->guard) mark("never");
            mark("behind");
            if (self->how == BREAK) cedo_return();
        }
    cedo_finally:
        mark("finally");
        if (self->how == BREAK) ck_assert_ptr_null(self->guard.scope.owner);
    }
}

START_TEST(continue_and_return_leave_a_try_block)
{
    static cedo_task_of(try_leaver) task;
    open_world();
    ck_assert_int_eq(run(&task, try_leaver, .how = FALL), CEDO_OK);
    ck_trail("try end behind try end behind finally");
    ck_assert_int_eq(run(&task, try_leaver, .how = CONTINUE), CEDO_OK);
    ck_trail("try behind try behind finally");
    ck_assert_int_eq(run(&task, try_leaver, .how = RETURN), CEDO_OK);
    ck_trail("try finally");
    ck_assert_int_eq(run(&task, try_leaver, .how = BREAK), CEDO_OK);
    ck_trail("try behind finally");
    close_world();
}
END_TEST

/* A guard that an error met although its block had been left (by break). */
struct stale {
    cedo_coro coro;
    int status;
    cedo_guard guard;
};

static cedo_async(stale)
{
    cedo_body(struct stale, self) {
        cedo_try_all (&self->guard) break;
        cedo_return();
    cedo_finally:
        mark("finally");
    }
}

START_TEST(a_guard_that_was_left_open_is_dropped_by_a_return)
{
    static cedo_task_of(stale) task;
    open_world();
    ck_assert_int_eq(run(&task, stale), CEDO_OK);
    ck_trail("finally");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- errors that cross frames */

struct deep {
    cedo_coro coro;
    int level, fails;
    struct slow a;
    struct deep *child;
};

static struct deep deeps[4];
static const char *const deep_names[] = {"0", "1", "2", "3"};

static cedo_async(deep)
{
    cedo_body(struct deep, self) {
        with_slow(&self->a, deep_names[self->level])
        {
            self->a.pauses = self->level & 1;
            if (self->level < 3)
                cedo_await(cedo_call(&deeps[self->level + 1], deep, .level = self->level + 1,
                                     .fails = self->fails));
            else
                cedo_await(cedo_done(self->fails));
        }
    cedo_finally:
        mark("f%d", self->level);
        cedo_await(cedo_yield_now());
    }
}

struct catcher {
    cedo_coro coro;
    int fails;
    cedo_guard guard;
};

static cedo_async(catcher)
{
    cedo_body(struct catcher, self) {
        cedo_try (&self->guard) {
            cedo_await(cedo_call(&deeps[0], deep, .fails = self->fails));
        }
        cedo_except (&self->guard) mark("caught");
    }
}

START_TEST(an_error_closes_the_scopes_of_each_frame_it_crosses)
{
    static cedo_task_of(catcher) task;
    open_world();
    ck_assert_int_eq(run(&task, catcher), CEDO_OK);
    ck_trail("+0 +1 +2 +3 -3 f3 -2 f2 -1 f1 -0 f0");
    ck_assert_int_eq(run(&task, catcher, .fails = CEDO_EUSER), CEDO_OK);
    ck_trail("+0 +1 +2 +3 -3 f3 -2 f2 -1 f1 -0 f0 caught");
    ck_assert_int_eq(run(&task, catcher, .fails = CEDO_ECANCELED), CEDO_ECANCELED);
    ck_trail("+0 +1 +2 +3 -3 f3 -2 f2 -1 f1 -0 f0");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- finally and guards */

struct guarded_finally {
    cedo_coro coro;
    int fails, final_fails, rethrows, caught;
    cedo_guard guard;
    struct slow a;
};

static cedo_async(guarded_finally)
{
    cedo_body(struct guarded_finally, self) {
        cedo_await(cedo_done(self->fails));
    cedo_finally:
        mark("finally");
        cedo_try (&self->guard) {
            with_slow(&self->a, "a")
            {
                self->a.pauses = 1;
                cedo_await(cedo_yield_now());
                cedo_await(cedo_done(self->final_fails));
                mark("well");
            }
        }
        cedo_except (&self->guard) {
            mark("except");
            self->caught = cedo_caught(&self->guard);
            if (self->rethrows) cedo_rethrow(&self->guard);
        }
        mark("end");
    }
}

START_TEST(an_error_caught_in_finally_keeps_the_older_one_on_its_way)
{
    static cedo_task_of(guarded_finally) task;
    static const int fails[] = {0, CEDO_EUSER};
    open_world();
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(run(&task, guarded_finally, .fails = fails[i]), fails[i]);
        ck_trail("finally +a well -a end");
        ck_assert_int_eq(run(&task, guarded_finally, .fails = fails[i], .final_fails = CEDO_EINVAL),
                         fails[i]);
        ck_trail("finally +a -a except end");
        ck_assert_int_eq(task.frame.caught, CEDO_EINVAL);
        ck_assert_int_eq(run(&task, guarded_finally, .fails = fails[i], .final_fails = CEDO_EINVAL,
                             .rethrows = 1),
                         CEDO_EINVAL);
        ck_trail("finally +a -a except");
        /* what the guard does not catch replaces the older one */
        ck_assert_int_eq(
            run(&task, guarded_finally, .fails = fails[i], .final_fails = CEDO_ECANCELED),
            CEDO_ECANCELED);
        ck_trail("finally +a -a");
    }
    close_world();
}
END_TEST

struct block_in_finally {
    cedo_coro coro;
    int fails, how, becomes;
    struct slow a;
};

static cedo_async(block_in_finally)
{
    cedo_body(struct block_in_finally, self) {
        cedo_await(cedo_done(self->fails));
    cedo_finally:
        with_slow(&self->a, "a")
        {
            self->a.pauses = 1;
            self->a.becomes = self->becomes;
            if (self->how == RETURN) cedo_return();
            if (self->how == THROW) cedo_throw(CEDO_EINVAL);
        }
        mark("end");
    }
}

START_TEST(a_block_in_finally_closes_on_every_way_out)
{
    static cedo_task_of(block_in_finally) task;
    static const int fails[] = {0, CEDO_EUSER};
    open_world();
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(run(&task, block_in_finally, .fails = fails[i], .how = FALL), fails[i]);
        ck_trail("+a -a end");
        ck_assert_int_eq(run(&task, block_in_finally, .fails = fails[i], .how = RETURN), fails[i]);
        ck_trail("+a -a");
        ck_assert_int_eq(task.frame.a.pending, 0); /* a return, as far as the block can tell */
        ck_assert_int_eq(run(&task, block_in_finally, .fails = fails[i], .how = THROW),
                         CEDO_EINVAL);
        ck_trail("+a -a");
        ck_assert_int_eq(
            run(&task, block_in_finally, .fails = fails[i], .how = THROW, .becomes = 1), CEDO_OK);
        ck_trail("+a -a");
        ck_assert_int_eq(
            run(&task, block_in_finally, .fails = fails[i], .how = RETURN, .becomes = CEDO_EINVAL),
            CEDO_EINVAL);
        ck_trail("+a -a");
    }
    close_world();
}
END_TEST

/* ------------------------------------------------------------- defer */

struct deferrer {
    cedo_coro coro;
    int fails, in_try;
    cedo_deferred first, second, third, fourth;
    cedo_guard guard;
};

static void mark_it(void *text)
{
    mark("%s", (const char *)text);
}

static cedo_async(deferrer)
{
    cedo_body(struct deferrer, self) {
        cedo_defer(&self->first, mark_it, "first");
        cedo_await(cedo_yield_now());
        cedo_defer(&self->second, mark_it, "second");
        if (self->in_try) {
            cedo_try (&self->guard) {
                cedo_defer(&self->third, mark_it, "third");
                if (self->in_try > 1) cedo_defer(&self->fourth, mark_it, "fourth");
                cedo_await(cedo_done(self->fails));
            }
            cedo_except (&self->guard) mark("except");
        }
        else {
            cedo_await(cedo_done(self->fails));
        }
        mark("body");
    cedo_finally:
        mark("finally");
    }
}

START_TEST(deferred_calls_are_made_last_one_first)
{
    static cedo_task_of(deferrer) task;
    open_world();
    ck_assert_int_eq(run(&task, deferrer), CEDO_OK);
    ck_trail("body second first finally");
    ck_assert_int_eq(run(&task, deferrer, .fails = CEDO_EUSER), CEDO_EUSER);
    ck_trail("second first finally");
    start(&task, deferrer);
    turns(1);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_trail("first finally");
    close_world();
}
END_TEST

START_TEST(an_error_makes_the_calls_deferred_in_its_block)
{
    static cedo_task_of(deferrer) task;
    open_world();
    ck_assert_int_eq(run(&task, deferrer, .in_try = 1, .fails = CEDO_EUSER), CEDO_OK);
    ck_trail("third except body second first finally");
    close_world();
}
END_TEST

START_TEST(a_call_deferred_in_a_block_waits_for_the_end_of_the_coroutine)
{
    static cedo_task_of(deferrer) task;
    open_world();
    ck_assert_int_eq(run(&task, deferrer, .in_try = 1), CEDO_OK);
    ck_trail("body third second first finally");
    ck_assert_int_eq(run(&task, deferrer, .in_try = 2), CEDO_OK);
    ck_trail("body fourth third second first finally");
    close_world();
}
END_TEST

#if CEDO_TRACE
START_TEST(a_coroutine_that_is_closing_a_block_can_be_traced)
{
    static cedo_task_of(block) task;
    cedo_trace trace;
    static const int throws[] = {0, CEDO_EUSER};
    open_world();
    for (int i = 0; i < 2; i++) {
        start(&task, block, .pauses = 1, .throws = throws[i]);
        cedo_task_keep(&task.task);
        turns(1);
        cedo_task_trace(&task.task, &trace);
        ck_assert_uint_eq(trace.depth, 1);
        ck_assert_str_eq(trace.entries[0].function, "block_coro");
        if (!throws[i]) ck_assert_int_gt(trace.entries[0].line, 0);
        ck_assert_int_eq(finish(&task), throws[i]);
        ck_assert_int_eq(task.frame.a.closed, 1);
    }
    close_world();
}
END_TEST
#endif

int main(void)
{
    const TTest *const tests[] = {
        a_block_runs_once_and_closes,
        closing_may_wait,
        a_failed_closing_fails_the_block,
        a_scope_may_change_or_swallow_the_error,
        a_cancel_while_closing_reaches_the_closing,
        a_cancel_reaches_the_scope_that_is_closing_and_not_the_next,
        every_way_out_of_nested_blocks_closes_them,
        a_block_left_by_break_is_closed_with_its_coroutine,
        a_block_left_by_break_cannot_be_opened_again,
        an_inner_block_left_by_break_traps_at_the_end_of_the_outer,
        a_scope_needs_a_task,
        what_is_open_at_the_end_of_a_body_is_closed_there,
        a_scope_opened_in_finally_may_still_fail,
        closing_may_run_a_coroutine,
        try_catches_an_error_after_closing_what_was_opened_in_it,
        a_cancellation_passes_try,
        try_all_catches_all,
        a_block_behind_a_try_block_runs,
        tries_nest_and_a_failing_handler_goes_to_the_next,
        continue_and_return_leave_a_try_block,
        a_guard_that_was_left_open_is_dropped_by_a_return,
        an_error_closes_the_scopes_of_each_frame_it_crosses,
        an_error_caught_in_finally_keeps_the_older_one_on_its_way,
        a_block_in_finally_closes_on_every_way_out,
        deferred_calls_are_made_last_one_first,
        an_error_makes_the_calls_deferred_in_its_block,
        a_call_deferred_in_a_block_waits_for_the_end_of_the_coroutine,
#if CEDO_TRACE
        a_coroutine_that_is_closing_a_block_can_be_traced,
#endif
    };
    return suite_run("scope", tests, sizeof tests / sizeof *tests);
}
