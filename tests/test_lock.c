/* Locks. */
#include "takers.h"

/* The first `count` take the lock, in order. */
static void take(int count)
{
    for (int i = 0; i < count; i++) start(&t[i], taker, .name = letters[i]);
    turns(1);
}

static void cancel_taker(int i)
{
    ck_assert(cedo_task_cancel(&t[i].task));
}

START_TEST(LOCK_01_waiters_get_it_in_order_and_a_release_wakes_one)
{
    open_lock();
    take(4);
    ck_trail("a");
    for (int i = 1; i < 4; i++) {
        ck_assert_int_eq(cedo_lock_release(&lock), CEDO_OK);
        turns(3);
        ck_trail(letters[i]);
    }
    ck_assert_int_eq(cedo_lock_release(&lock), CEDO_OK);
    ck_assert(!cedo_lock_locked(&lock));
    ck_assert(cedo_ring_is_empty(&lock.waiters));
    close_world();
}
END_TEST

struct greedy {
    cedo_coro coro;
};

static cedo_async(greedy)
{
    cedo_body(struct greedy, self) {
        cedo_await(cedo_lock_acquire(&lock));
        cedo_await(cedo_yield_now());
        ck_assert_int_eq(cedo_lock_release(&lock), CEDO_OK);
        mark("released,%d", cedo_lock_locked(&lock));
        cedo_await(cedo_lock_acquire(&lock));
        mark("again");
    }
}

START_TEST(LOCK_02_nobody_overtakes_a_task_that_was_woken)
{
    static cedo_task_of(greedy) g;
    open_lock();
    start(&g, greedy);
    start(&t[0], taker, .name = "a");
    turns(2);
    ck_trail("released,0");
    ck_assert(!cedo_lock_locked(&lock));
    start(&t[1], taker, .name = "b");
    turns(2);
    ck_trail("a");
    ck_assert(cedo_lock_locked(&lock));
    ck_assert_int_eq(cedo_lock_release(&lock), CEDO_OK);
    turns(1);
    ck_trail("again");
    ck_assert_int_eq(cedo_lock_release(&lock), CEDO_OK);
    turns(1);
    ck_trail("b");
    close_world();
}
END_TEST

START_TEST(LOCK_03_taking_a_free_lock_does_not_yield)
{
    open_lock();
    start(&t[0], taker, .name = "a");
    cancel_taker(0);
    turns(1); /* it never began */
    ck_assert(!cedo_lock_locked(&lock));
    take(1);
    ck_assert(cedo_task_done(&t[0].task));
    ck_trail("a");
    close_world();
}
END_TEST

START_TEST(LOCK_04_a_cancelled_waiter_is_removed_and_a_chosen_one_wakes_the_next)
{
    open_lock();
    take(5);
    cancel_taker(2);
    ck_assert_int_eq(cedo_lock_release(&lock), CEDO_OK);
    cancel_taker(1); /* it was chosen */
    turns(1);
    ck_trail("a c! b!");
    ck_assert(!cedo_lock_locked(&lock));
    turns(1);
    ck_trail("d");
    ck_assert(cedo_lock_locked(&lock));
    ck_assert_int_eq(cedo_lock_release(&lock), CEDO_OK);
    cancel_taker(4); /* nobody is behind it */
    turns(1);
    ck_trail("e!");
    take(1);
    ck_trail("a");
    close_world();
}
END_TEST

START_TEST(LOCK_05_with_all_waiters_cancelled_it_can_be_taken_at_once)
{
    open_lock();
    take(3);
    ck_trail("a");
    start(&t[3], taker, .name = "d");
    cancel_taker(1);
    cancel_taker(2);
    ck_assert_int_eq(cedo_lock_release(&lock), CEDO_OK);
    turns(1);
    ck_trail("d b! c!");
    close_world();
}
END_TEST

START_TEST(LOCK_06_releasing_a_free_lock_fails_and_acquire_succeeds)
{
    open_lock();
    ck_assert_int_eq(cedo_lock_release(&lock), CEDO_ESTATE);
    take(2);
    ck_assert_int_eq(t[0].frame.status, CEDO_OK);
    ck_assert_int_eq(cedo_lock_release(&lock), CEDO_OK);
    ck_assert_int_eq(cedo_lock_release(&lock), CEDO_ESTATE); /* promised, but not held */
    turns(1);
    ck_trail("a b");
    close_world();
}
END_TEST

/* Takes the lock, passes it on, and lives on for a while: who once was given a lock has nothing to do
 * with it any more. */
struct passed {
    cedo_coro coro;
    const char *name;
    int status;
    int i;
#if CEDO_SCOPES
    cedo_timeout limit;
#endif
};

static cedo_async(passed)
{
    cedo_body(struct passed, self) {
        cedo_catch(self->status, cedo_lock_acquire(&lock));
        mark("%s%s", self->name, self->status ? "!" : "");
        if (self->status) cedo_throw(self->status);
        ck_assert(cedo_lock_locked(&lock));
        ck_assert_int_eq(cedo_lock_release(&lock), CEDO_OK);
        for (self->i = 0; self->i < 200; self->i++) cedo_await(cedo_yield_now());
#if CEDO_SCOPES
        cedo_catch(self->status, cedo_wait_for(&self->limit, -1, cedo_yield_now()));
        ck_assert_int_eq(self->status, CEDO_ETIMEDOUT);
#endif
    }
}

static cedo_task_of(passed) passed[2];

/* What a task does after it has released the lock that the only other one waits for. */
enum { GOES_ON, LOOKS, RELEASES_AGAIN, CANCELS, CANCELS_BOTH, STARTS_ANOTHER, INSPECTS, ACTS };

struct passer {
    cedo_coro coro;
    int act;
};

static cedo_async(passer)
{
    cedo_body(struct passer, self) {
        cedo_await(cedo_lock_acquire(&lock));
        cedo_await(cedo_yield_now());
        cedo_await(cedo_yield_now());
        ck_assert_int_eq(cedo_lock_release(&lock), CEDO_OK);
        if (self->act == LOOKS) mark("%d", cedo_lock_locked(&lock));
        if (self->act == RELEASES_AGAIN) {
            ck_assert_int_eq(cedo_lock_release(&lock), CEDO_ESTATE);
            ck_assert_int_eq(cedo_lock_release(&lock), CEDO_ESTATE);
        }
        if (self->act == CANCELS || self->act == CANCELS_BOTH)
            ck_assert(cedo_task_cancel(&passed[0].task));
        if (self->act == CANCELS_BOTH) ck_assert(cedo_task_cancel(cedo_current_task()));
        if (self->act == STARTS_ANOTHER) {
            start(&passed[1], passed, .name = "b");
            mark("%d", cedo_lock_locked(&lock));
        }
#if CEDO_TRACE && CEDO_HOSTED
        if (self->act == INSPECTS) {
            cedo_task_state state;
            cedo_task_inspect(&passed[0].task, &state);
            ck_assert_int_eq(state.phase, CEDO_TASK_READY);
            ck_assert_str_eq(state.wait, "lock");
            ck_assert_ptr_eq(state.object, &lock);
        }
#endif
        cedo_await(cedo_lock_acquire(&lock));
        mark("again");
        ck_assert(cedo_lock_locked(&lock));
        ck_assert_int_eq(cedo_lock_release(&lock), CEDO_OK);
        for (self->act = 0; self->act < 200; self->act++) cedo_await(cedo_yield_now());
    }
}

struct modest {
    cedo_coro coro;
};

static cedo_async(modest)
{
    cedo_body(struct modest, self) {
        cedo_await(cedo_lock_acquire(&lock));
        cedo_await(cedo_yield_now());
        cedo_await(cedo_yield_now());
        ck_assert_int_eq(cedo_lock_release(&lock), CEDO_OK);
    }
}

START_TEST(a_lock_that_was_passed_on_is_locked_when_the_loop_has_ended)
{
    static cedo_task_of(modest) m;
    open_lock();
    start(&m, modest);
    start(&t[0], taker, .name = "a"); /* gets it from the first one, and keeps it */
    run_dry();
    ck_trail("a");
    ck_assert(cedo_lock_locked(&lock));
    ck_assert_int_eq(cedo_lock_release(&lock), CEDO_OK);
    ck_assert(!cedo_lock_locked(&lock));
    close_world();
}
END_TEST

START_TEST(a_lock_that_is_passed_on_is_not_locked_before_the_turn_of_the_next_one)
{
    static const char *const trails[] = {"a again", "0 a again",   "a again", "a! again",
                                         "a!",      "0 a again b", "a again"};
    static cedo_task_of(passer) p;
    for (int act = 0; act < ACTS; act++) {
        open_lock();
        start(&p, passer, .act = act);
        cedo_task_keep(&p.task);
        start(&passed[0], passed, .name = "a");
        cedo_task_keep(&passed[0].task);
        ck_assert_int_eq(finish(&p), act == CANCELS_BOTH ? CEDO_ECANCELED : CEDO_OK);
        run_dry();
        ck_trail(trails[act]);
        ck_assert(!cedo_lock_locked(&lock));
        close_world();
    }
}
END_TEST

#if CEDO_SCOPES
/* How a block ends. */
enum { BY_END, BY_CONTINUE, BY_RETURN, BY_THROW, BY_CANCEL, BY_RELEASE, WAYS };

struct holder {
    cedo_coro coro;
    int way;
    int rounds;
    cedo_hold hold;
    cedo_guard guard;
};

static cedo_async(holder)
{
    cedo_body(struct holder, self) {
        while (self->rounds++ < 2) {
            cedo_with_lock (&self->hold, &lock) {
                ck_assert(cedo_lock_locked(&lock));
                mark("in");
                if (self->way == BY_CONTINUE) continue;
                if (self->way == BY_RETURN) cedo_return();
                if (self->way == BY_THROW) cedo_throw(CEDO_EUSER);
                if (self->way == BY_CANCEL) cedo_await(cedo_sleep(CEDO_FOREVER));
                if (self->way == BY_RELEASE) (void)cedo_lock_release(&lock);
            }
            mark("out");
        }
    }
}

START_TEST(LOCK_07_a_block_releases_on_every_path)
{
    static cedo_task_of(holder) h;
    static const int outcomes[] = {CEDO_OK,    CEDO_OK,        CEDO_OK,
                                   CEDO_EUSER, CEDO_ECANCELED, CEDO_ESTATE};
    static const char *const trails[] = {"in out in out", "in out in out", "in", "in", "in", "in"};
    for (int waits = 0; waits < 2; waits++) {
        for (int way = 0; way < WAYS; way++) {
            open_lock();
            if (waits) {
                take(1);
                ck_trail("a");
            }
            start(&h, holder, .way = way);
            cedo_task_keep(&h.task);
            turns(1);
            if (waits) {
                ck_trail("");
                ck_assert_int_eq(cedo_lock_release(&lock), CEDO_OK);
                turns(1);
            }
            if (way == BY_CANCEL) {
                ck_assert(cedo_lock_locked(&lock));
                ck_assert(cedo_task_cancel(&h.task));
                turns(1);
            }
            ck_trail(trails[way]);
            ck_assert_int_eq(cedo_task_result(&h.task), outcomes[way]);
            ck_assert(!cedo_lock_locked(&lock));
            ck_assert_int_eq(cedo_lock_release(&lock), CEDO_ESTATE);
            close_world();
        }
    }
}
END_TEST

START_TEST(a_block_whose_lock_did_not_come_is_not_entered)
{
    static cedo_task_of(holder) h;
    open_lock();
    take(1);
    start(&h, holder, .way = BY_END);
    turns(1);
    ck_assert(cedo_task_cancel(&h.task));
    turns(1);
    ck_trail("a");
    ck_assert(cedo_task_cancelled(&h.task));
    ck_assert(cedo_lock_locked(&lock));
    /* chosen, then cancelled */
    start(&h, holder, .way = BY_END);
    turns(1);
    ck_assert_int_eq(cedo_lock_release(&lock), CEDO_OK);
    ck_assert(cedo_task_cancel(&h.task));
    turns(1);
    ck_trail("");
    ck_assert_int_eq(cedo_lock_release(&lock), CEDO_ESTATE);
    close_world();
}
END_TEST

struct nested {
    cedo_coro coro;
    cedo_hold outer, inner;
    cedo_timeout limit;
    cedo_guard guard;
};

static cedo_lock second;

static cedo_async(nested)
{
    cedo_body(struct nested, self) {
        cedo_try (&self->guard) {
            cedo_with_lock (&self->outer, &lock) {
                cedo_with_timeout (&self->limit, CEDO_MS(5)) {
                    cedo_with_lock (&self->inner, &second) mark("never");
                }
            }
        }
        cedo_except (&self->guard) mark("%d", cedo_caught(&self->guard) == CEDO_ETIMEDOUT);
        (void)cedo_lock_release(&second);
        cedo_with_lock (&self->outer, &lock)
            cedo_with_lock (&self->inner, &second) cedo_await(cedo_yield_now());
        mark("%d%d", cedo_lock_locked(&lock), cedo_lock_locked(&second));
    cedo_finally:
        cedo_with_lock (&self->outer, &lock) mark("finally");
    }
}

START_TEST(blocks_of_locks_nest_and_can_be_limited)
{
    static cedo_task_of(nested) n;
    static const cedo_lock free_lock;
    open_lock();
    second = free_lock;
    second.state = CEDO_LOCK_HELD_;
    ck_assert_int_eq(run(&n, nested), CEDO_OK);
    ck_trail("1 00 finally");
    ck_assert(!cedo_lock_locked(&lock));
    close_world();
}
END_TEST

#if CEDO_CHECKS
struct leaver {
    cedo_coro coro;
    cedo_hold hold;
    int i;
};

static cedo_async(leaver)
{
    cedo_body(struct leaver, self) {
        for (self->i = 0; self->i < 2; self->i++) {
            while (true) {
                cedo_with_lock (&self->hold, &lock) goto outside;
            }
        outside:
            mark("left");
        }
    }
}

static void leave_by_goto(void)
{
    static cedo_task_of(leaver) l;
    start(&l, leaver);
    turns(1);
}

START_TEST(a_hold_whose_block_was_left_by_goto_traps_instead_of_waiting_for_itself)
{
    open_lock();
    ck_trap(leave_by_goto, "this hold is in use");
    ck_trail("left");
}
END_TEST
#endif
#endif

struct releaser {
    cedo_coro coro;
};

static cedo_async(releaser)
{
    cedo_body(struct releaser, self) mark("%d", cedo_lock_release(&lock));
}

START_TEST(LOCK_09_another_task_may_release)
{
    static cedo_task_of(releaser) r;
    open_lock();
    take(2);
    start(&r, releaser);
    turns(2);
    ck_trail("a 0 b");
    close_world();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        LOCK_01_waiters_get_it_in_order_and_a_release_wakes_one,
        LOCK_02_nobody_overtakes_a_task_that_was_woken,
        LOCK_03_taking_a_free_lock_does_not_yield,
        LOCK_04_a_cancelled_waiter_is_removed_and_a_chosen_one_wakes_the_next,
        LOCK_05_with_all_waiters_cancelled_it_can_be_taken_at_once,
        LOCK_06_releasing_a_free_lock_fails_and_acquire_succeeds,
        a_lock_that_was_passed_on_is_locked_when_the_loop_has_ended,
        a_lock_that_is_passed_on_is_not_locked_before_the_turn_of_the_next_one,
#if CEDO_SCOPES
        LOCK_07_a_block_releases_on_every_path,
        a_block_whose_lock_did_not_come_is_not_entered,
        blocks_of_locks_nest_and_can_be_limited,
#if CEDO_CHECKS
        a_hold_whose_block_was_left_by_goto_traps_instead_of_waiting_for_itself,
#endif
#endif
        LOCK_09_another_task_may_release,
    };
    return suite_run("lock", tests, sizeof tests / sizeof *tests);
}
