/* Synchronisation: event, lock, condition, semaphore, barrier. */
#include "world.h"

static cedo_event event;

static void begin(void)
{
    static const cedo_event unset;
    open_world();
    event = unset;
}

struct waiter {
    cedo_coro coro;
    const char *name;
    int status;
};

static cedo_async(waiter)
{
    cedo_body(struct waiter, self) {
        cedo_catch(self->status, cedo_event_wait(&event));
        mark("%s%s", self->name, self->status ? "!" : "");
        if (self->status) cedo_throw(self->status);
    }
}

static cedo_task_of(waiter) w[4];
static const char *const names[] = {"a", "b", "c", "d"};

static void wait_four(void)
{
    for (int i = 0; i < 4; i++) start(&w[i], waiter, .name = names[i]);
    turns(1);
}

START_TEST(EVENT_01_set_wakes_all_in_order_even_if_cleared_at_once)
{
    begin();
    wait_four();
    ck_trail("");
    cedo_event_set(&event);
    cedo_event_clear(&event);
    ck_trail("");
    turns(1);
    ck_trail("a b c d");
    ck_assert(!cedo_event_is_set(&event));
    close_world();
}
END_TEST

START_TEST(EVENT_02_waiting_for_a_set_event_does_not_yield)
{
    begin();
    cedo_event_set(&event);
    wait_four();
    ck_trail("a b c d");
    close_world();
}
END_TEST

START_TEST(EVENT_03_set_twice_is_harmless_and_the_flag_follows_at_once)
{
    begin();
    ck_assert(!cedo_event_is_set(&event));
    cedo_event_set(&event);
    ck_assert(cedo_event_is_set(&event));
    cedo_event_set(&event);
    ck_assert(cedo_event_is_set(&event));
    cedo_event_clear(&event);
    ck_assert(!cedo_event_is_set(&event));
    cedo_event_clear(&event);
    wait_four();
    cedo_event_set(&event);
    cedo_event_set(&event);
    turns(1);
    ck_trail("a b c d");
    close_world();
}
END_TEST

START_TEST(EVENT_04_a_cancelled_waiter_is_removed_and_disturbs_nobody)
{
    begin();
    for (int which = 0; which < 4; which++) {
        wait_four();
        ck_assert(cedo_task_cancel(&w[which].task));
        cedo_event_set(&event);
        turns(1);
        for (int i = 0; i < 4; i++)
            ck_assert_int_eq(cedo_task_result(&w[i].task), i == which ? CEDO_ECANCELED : CEDO_OK);
        ck_assert(cedo_ring_is_empty(&event.waiters));
        cedo_event_clear(&event);
    }
    ck_trail("a! b c d b! a c d c! a b d d! a b c");
    /* the last one, so that the ring is empty */
    start(&w[0], waiter, .name = "a");
    turns(1);
    ck_assert(cedo_task_cancel(&w[0].task));
    turns(1);
    ck_assert(cedo_ring_is_empty(&event.waiters));
    close_world();
}
END_TEST

START_TEST(all_waiters_may_be_cancelled_at_once)
{
    begin();
    wait_four();
    for (int i = 0; i < 4; i++) ck_assert(cedo_task_cancel(&w[i].task));
    ck_assert(cedo_ring_is_empty(&event.waiters));
    turns(1);
    ck_trail("a! b! c! d!");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- lock */

static cedo_lock lock;

static void open_lock(void)
{
    static const cedo_lock free_lock;
    open_world();
    lock = free_lock;
}

/* Takes the lock and ends without releasing it. */
struct taker {
    cedo_coro coro;
    const char *name;
    int status;
};

static cedo_async(taker)
{
    cedo_body(struct taker, self) {
        cedo_catch(self->status, cedo_lock_acquire(&lock));
        mark("%s%s", self->name, self->status ? "!" : "");
        if (self->status) cedo_throw(self->status);
    }
}

static cedo_task_of(taker) t[5];
static const char *const letters[] = {"a", "b", "c", "d", "e"};

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

/* ------------------------------------------------------------- condition */

static cedo_condition condition;

static void open_condition(void)
{
    static const cedo_condition fresh;
    open_lock();
    condition = fresh;
    condition.shared = &lock;
}

/* Takes the lock, waits, and gives the lock back a turn later. */
struct cond {
    cedo_coro coro;
    const char *name;
    cedo_condition *condition;
    int status;
};

static cedo_async(cond)
{
    cedo_body(struct cond, self) {
        cedo_await(cedo_condition_acquire(self->condition));
        cedo_catch(self->status, cedo_condition_wait(self->condition));
        mark("%s%s", self->name, self->status ? "!" : "");
        if (!cedo_condition_locked(self->condition)) mark("(unlocked)");
        cedo_await(cedo_yield_now());
        (void)cedo_condition_release(self->condition);
        if (self->status == CEDO_ECANCELED) cedo_throw(CEDO_ECANCELED);
    }
}

static cedo_task_of(cond) c[5];

static void wait_on(int count)
{
    for (int i = 0; i < count; i++) start(&c[i], cond, .name = letters[i], .condition = &condition);
    turns(1);
    ck_trail("");
    ck_assert(!cedo_lock_locked(&lock));
}

static void cancel_cond(int i)
{
    ck_assert(cedo_task_cancel(&c[i].task));
}

/* The lock as if the test itself held it. */
static void hold_lock(void)
{
    ck_assert_int_eq(lock.state, CEDO_LOCK_FREE_);
    lock.state = CEDO_LOCK_HELD_;
}

static void release_lock(void)
{
    ck_assert_int_eq(cedo_lock_release(&lock), CEDO_OK);
}

/* Under the lock, as it must be. */
static void notify(unsigned count)
{
    hold_lock();
    ck_assert_int_eq(cedo_condition_notify(&condition, count), CEDO_OK);
    release_lock();
}

static void close_condition(void)
{
    ck_assert(cedo_ring_is_empty(&condition.waiters));
    ck_assert(cedo_ring_is_empty(&lock.waiters));
    ck_assert_int_eq(lock.state, CEDO_LOCK_FREE_);
    close_world();
}

struct unlocked {
    cedo_coro coro;
    int status;
};

static cedo_async(unlocked)
{
    cedo_body(struct unlocked, self) {
        cedo_catch(self->status, cedo_condition_wait(&condition));
        mark("%d", self->status == CEDO_ESTATE);
    }
}

START_TEST(COND_01_wait_needs_the_lock_gives_it_up_and_has_it_again)
{
    static cedo_task_of(unlocked) u;
    static const cedo_condition with_own;
    open_condition();
    start(&u, unlocked);
    turns(1);
    ck_trail("1");
    wait_on(1);
    notify(1);
    turns(1);
    ck_trail("a");
    ck_assert(cedo_lock_locked(&lock));
    turns(1);
    ck_assert(!cedo_lock_locked(&lock));
    /* all zero: a lock of its own */
    condition = with_own;
    ck_assert_ptr_eq(cedo_condition_lock(&condition), &condition.own);
    start(&c[0], cond, .name = "own", .condition = &condition);
    turns(1);
    ck_assert(!cedo_condition_locked(&condition));
    condition.own.state = CEDO_LOCK_HELD_;
    ck_assert_int_eq(cedo_condition_notify_all(&condition), CEDO_OK);
    ck_assert_int_eq(cedo_condition_release(&condition), CEDO_OK);
    turns(2);
    ck_trail("own");
    close_condition();
}
END_TEST

START_TEST(COND_02_notify_wakes_as_many_as_it_says_under_the_lock)
{
    open_condition();
    ck_assert_int_eq(cedo_condition_notify(&condition, 1), CEDO_ESTATE);
    ck_assert_int_eq(cedo_condition_notify_all(&condition), CEDO_ESTATE);
    notify(3); /* is lost */
    wait_on(5);
    notify(0);
    turns(2);
    ck_trail("");
    notify(2);
    turns(4);
    ck_trail("a b");
    hold_lock();
    ck_assert_int_eq(cedo_condition_notify_all(&condition), CEDO_OK);
    turns(2);
    ck_trail(""); /* the lock is held */
    release_lock();
    turns(7);
    ck_trail("c d e");
    close_condition();
}
END_TEST

START_TEST(COND_03_a_woken_waiter_queues_for_the_lock_behind_earlier_ones)
{
    open_condition();
    wait_on(2);
    hold_lock();
    start(&t[0], taker, .name = "earlier");
    turns(1);
    ck_assert_int_eq(cedo_condition_notify(&condition, 2), CEDO_OK);
    turns(1);
    start(&t[1], taker, .name = "later");
    turns(1);
    ck_trail("");
    release_lock();
    turns(1);
    ck_trail("earlier");
    release_lock();
    turns(4);
    ck_trail("a b");
    turns(2);
    ck_trail("later");
    release_lock();
    close_condition();
}
END_TEST

START_TEST(COND_04_a_cancelled_wait_has_the_lock_again_before_it_fails)
{
    open_condition();
    wait_on(2);
    cancel_cond(0);
    turns(1);
    ck_trail("a!"); /* at once, since the lock was free; and another one was told, as in asyncio */
    turns(3);
    ck_trail("b");
    ck_assert(cedo_task_cancelled(&c[0].task));
    wait_on(1);
    hold_lock();
    cancel_cond(0);
    turns(3);
    ck_trail("");
    ck_assert(!cedo_task_done(&c[0].task));
    release_lock();
    turns(2);
    ck_trail("a!");
    close_condition();
}
END_TEST

START_TEST(COND_05_who_is_cancelled_after_it_was_notified_passes_it_on)
{
    open_condition();
    wait_on(3);
    notify(1);
    cancel_cond(0);
    turns(1);
    ck_trail("a!");
    turns(3);
    ck_trail("b");
    notify(1);
    turns(2);
    ck_trail("c");
    /* the same while the lock is held */
    wait_on(2);
    hold_lock();
    ck_assert_int_eq(cedo_condition_notify(&condition, 1), CEDO_OK);
    cancel_cond(0);
    turns(2);
    ck_trail("");
    release_lock();
    turns(4);
    ck_trail("a! b");
    close_condition();
}
END_TEST

START_TEST(COND_06_a_cancel_while_it_takes_the_lock_again_waits_for_that)
{
    open_condition();
    /* in the queue of the lock */
    wait_on(1);
    hold_lock();
    ck_assert_int_eq(cedo_condition_notify(&condition, 1), CEDO_OK);
    turns(1);
    for (int i = 0; i < 3; i++) {
        cancel_cond(0);
        turns(1);
        ck_assert(!cedo_task_done(&c[0].task));
    }
    ck_trail("");
    release_lock();
    turns(2);
    ck_trail("a!");
    ck_assert(cedo_task_cancelled(&c[0].task));
    /* woken to take it, and alone */
    wait_on(1);
    hold_lock();
    ck_assert_int_eq(cedo_condition_notify(&condition, 1), CEDO_OK);
    turns(1);
    release_lock();
    cancel_cond(0);
    turns(2);
    ck_trail("a!");
    /* woken to take it, and another one waits: it queues again */
    wait_on(1);
    hold_lock();
    ck_assert_int_eq(cedo_condition_notify(&condition, 1), CEDO_OK);
    turns(1);
    start(&t[0], taker, .name = "t");
    turns(1);
    release_lock();
    cancel_cond(0);
    turns(2);
    ck_trail("t");
    release_lock();
    /* and once more */
    cancel_cond(0);
    turns(2);
    ck_trail("a!");
    close_condition();
}
END_TEST

START_TEST(cancelled_twice_in_a_turn_is_cancelled_once)
{
    open_condition();
    wait_on(2);
    cancel_cond(0);
    cancel_cond(0);
    turns(1);
    ck_trail("a!");
    turns(3);
    ck_trail("b");
    ck_assert(cedo_task_cancelled(&c[0].task));
    close_condition();
}
END_TEST

START_TEST(a_cancelled_wait_stays_cancelled_when_the_request_is_taken_back)
{
    open_condition();
    wait_on(1);
    cancel_cond(0);
    ck_assert_int_eq(cedo_task_uncancel(&c[0].task), 0);
    turns(2);
    ck_trail("a!");
    close_condition();
}
END_TEST

/* Cancels itself, and waits. */
struct suicide {
    cedo_coro coro;
    int status;
};

static cedo_async(suicide)
{
    cedo_body(struct suicide, self) {
        cedo_await(cedo_condition_acquire(&condition));
        (void)cedo_task_cancel(cedo_current_task());
        cedo_catch(self->status, cedo_condition_wait(&condition));
        mark("%d%d", self->status == CEDO_ECANCELED, cedo_condition_locked(&condition));
        (void)cedo_condition_release(&condition);
    }
}

START_TEST(a_pending_cancel_meets_the_wait)
{
    static cedo_task_of(suicide) s;
    open_condition();
    start(&s, suicide);
    turns(2);
    ck_trail("11");
    close_condition();
}
END_TEST

static int value;

static int positive(void)
{
    mark("?%d%d", value, cedo_lock_locked(&lock));
    return value > 0 ? value : 0;
}

struct until {
    cedo_coro coro;
    int got;
};

static cedo_async(until)
{
    cedo_body(struct until, self) {
        cedo_await(cedo_condition_acquire(&condition));
        cedo_condition_wait_for(&condition, (self->got = positive()) != 0);
        mark("got%d", self->got);
        (void)cedo_condition_release(&condition);
    }
}

START_TEST(COND_07_wait_for_looks_under_the_lock_first_and_after_each_wake_up)
{
    static cedo_task_of(until) u;
    open_condition();
    value = 0;
    start(&u, until);
    turns(1);
    ck_trail("?01");
    notify(1);
    turns(1);
    ck_trail("?01");
    value = 7;
    turns(2);
    ck_trail("");
    notify(1);
    turns(1);
    ck_trail("?71 got7");
    ck_assert_int_eq(run(&u, until), CEDO_OK);
    ck_trail("?71 got7");
    close_condition();
}
END_TEST

START_TEST(COND_08_conditions_may_share_a_lock)
{
    static cedo_condition one = CEDO_CONDITION_INIT(&lock), two = CEDO_CONDITION_INIT(&lock);
    open_lock();
    start(&c[0], cond, .name = "one", .condition = &one);
    start(&c[1], cond, .name = "two", .condition = &two);
    turns(1);
    hold_lock();
    ck_assert(cedo_condition_locked(&one));
    ck_assert(cedo_condition_locked(&two));
    ck_assert_int_eq(cedo_condition_notify_all(&two), CEDO_OK);
    ck_assert_int_eq(cedo_condition_release(&one), CEDO_OK);
    turns(2);
    ck_trail("two");
    hold_lock();
    ck_assert_int_eq(cedo_condition_notify_all(&one), CEDO_OK);
    release_lock();
    turns(2);
    ck_trail("one");
    close_world();
}
END_TEST

#if CEDO_SCOPES
struct limited {
    cedo_coro coro;
    cedo_hold hold;
    cedo_timeout limit;
    int status;
};

static cedo_async(limited)
{
    cedo_body(struct limited, self) {
        cedo_with_condition (&self->hold, &condition) {
            cedo_catch(self->status,
                       cedo_wait_for(&self->limit, CEDO_MS(5), cedo_condition_wait(&condition)));
            mark("%d%d", self->status == CEDO_ETIMEDOUT, cedo_lock_locked(&lock));
            cedo_with_timeout (&self->limit, CEDO_MS(5)) {
                cedo_condition_wait_for(&condition, false);
            }
        }
    }
}

START_TEST(COND_09_a_timeout_leaves_the_lock_consistent)
{
    static cedo_task_of(limited) l;
    open_condition();
    ck_assert_int_eq(cedo_loop_spawn(&loop, &l, limited), CEDO_OK);
    cedo_task_keep(&l.task);
    ck_assert_int_eq(finish(&l), CEDO_ETIMEDOUT);
    ck_trail("11");
    close_condition();
}
END_TEST
#endif

/* ------------------------------------------------------------- semaphore */

static cedo_semaphore semaphore;

static void open_semaphore(int permits)
{
    open_world();
    ck_assert_int_eq(cedo_semaphore_init(&semaphore, permits), CEDO_OK);
}

struct user {
    cedo_coro coro;
    const char *name;
    int status;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
        cedo_catch(self->status, cedo_semaphore_acquire(&semaphore));
        mark("%s%s", self->name, self->status ? "!" : "");
        if (self->status) cedo_throw(self->status);
    }
}

static cedo_task_of(user) u[5];

static void acquire_by(int first, int count)
{
    for (int i = first; i < first + count; i++) start(&u[i], user, .name = letters[i]);
    turns(1);
}

static void release_permit(void)
{
    ck_assert_int_eq(cedo_semaphore_release(&semaphore), CEDO_OK);
}

START_TEST(SEM_01_acquire_is_immediate_only_if_a_permit_is_left_and_nobody_waits)
{
    open_semaphore(2);
    acquire_by(0, 3);
    ck_trail("a b");
    for (int i = 3; i < 5; i++) start(&u[i], user, .name = letters[i]);
    release_permit();
    release_permit(); /* one for c, which has not run yet, and one that is free */
    turns(1);
    ck_trail("c"); /* d and e came behind c */
    turns(1);
    ck_trail("d");
    release_permit();
    turns(1);
    ck_trail("e");
    close_world();
}
END_TEST

START_TEST(SEM_02_release_grants_the_permit_to_the_first_waiter_at_once)
{
    open_semaphore(0);
    start(&u[1], user, .name = "barger");
    turns(1);
    ck_trail("");
    start(&u[0], user, .name = "late");
    release_permit();
    ck_assert(cedo_semaphore_locked(&semaphore));
    turns(2);
    ck_trail("barger");
    release_permit();
    turns(1);
    ck_trail("late");
    close_world();
}
END_TEST

START_TEST(SEM_03_locked_tells_whether_acquire_would_wait)
{
    open_semaphore(1);
    ck_assert(!cedo_semaphore_locked(&semaphore));
    acquire_by(0, 2);
    ck_trail("a");
    ck_assert(cedo_semaphore_locked(&semaphore));
    release_permit();
    release_permit();
    ck_assert(cedo_semaphore_locked(&semaphore)); /* b is before */
    turns(1);
    ck_trail("b");
    ck_assert(!cedo_semaphore_locked(&semaphore));
    close_world();
}
END_TEST

START_TEST(SEM_04_permits_are_neither_lost_nor_doubled_by_cancels)
{
    open_semaphore(0);
    acquire_by(0, 4);
    ck_assert(cedo_task_cancel(&u[1].task)); /* in the queue */
    release_permit();
    ck_assert(cedo_task_cancel(&u[0].task)); /* granted */
    turns(1);
    ck_trail("b! a!");
    turns(1);
    ck_trail("c");
    release_permit();
    ck_assert(cedo_task_cancel(&u[3].task));
    turns(1);
    ck_trail("d!");
    ck_assert(!cedo_semaphore_locked(&semaphore));
    acquire_by(0, 2);
    ck_trail("a");
    ck_assert(cedo_task_cancel(&u[1].task));
    turns(1);
    ck_trail("b!");
    ck_assert(cedo_ring_is_empty(&semaphore.waiters));
    close_world();
}
END_TEST

START_TEST(SEM_05_only_a_bounded_one_refuses_more_than_at_first)
{
    static cedo_semaphore bounded = CEDO_BOUNDED_SEMAPHORE_INIT(2);
    static const cedo_semaphore none = CEDO_BOUNDED_SEMAPHORE_INIT(0);
    open_semaphore(1);
    release_permit();
    release_permit();
    acquire_by(0, 4);
    ck_trail("a b c");
    ck_assert(cedo_task_cancel(&u[3].task));
    turns(1);
    ck_assert_int_eq(cedo_semaphore_release(&bounded), CEDO_EINVAL);
    semaphore = bounded;
    acquire_by(0, 2);
    release_permit();
    release_permit();
    ck_assert_int_eq(cedo_semaphore_release(&semaphore), CEDO_EINVAL);
    acquire_by(0, 3);
    ck_trail("d! a b a b");
    release_permit();
    turns(1);
    ck_trail("c");
    ck_assert_int_eq(cedo_bounded_semaphore_init(&semaphore, 1), CEDO_OK);
    ck_assert(!cedo_semaphore_locked(&semaphore));
    ck_assert_int_eq(cedo_semaphore_release(&semaphore), CEDO_EINVAL);
    semaphore = none;
    ck_assert_int_eq(cedo_semaphore_release(&semaphore), CEDO_EINVAL);
    close_world();
}
END_TEST

START_TEST(SEM_06_a_negative_value_is_refused_and_zero_is_not)
{
    static cedo_semaphore zero, two = CEDO_SEMAPHORE_INIT(2);
    open_semaphore(0);
    ck_assert(cedo_semaphore_locked(&semaphore));
    ck_assert(cedo_semaphore_locked(&zero));
    ck_assert(!cedo_semaphore_locked(&two));
    ck_assert_int_eq(cedo_semaphore_release(&zero), CEDO_OK);
    ck_assert(!cedo_semaphore_locked(&zero));
    ck_assert_int_eq(cedo_semaphore_init(&zero, -1), CEDO_EINVAL);
    ck_assert_int_eq(cedo_bounded_semaphore_init(&zero, -1), CEDO_EINVAL);
    ck_assert(!cedo_semaphore_locked(&zero));
    ck_assert_int_eq(cedo_semaphore_init(&zero, 0), CEDO_OK);
    ck_assert(cedo_semaphore_locked(&zero));
#if !CEDO_HOSTED
    ck_assert_int_eq(cedo_semaphore_init(&zero, 256), CEDO_EINVAL);
    ck_assert_int_eq(cedo_semaphore_init(&zero, 255), CEDO_OK);
    ck_assert_int_eq(cedo_semaphore_release(&zero), CEDO_EINVAL);
#endif
    close_world();
}
END_TEST

START_TEST(SEM_07_several_releases_in_a_turn_wake_as_many_in_order)
{
    open_semaphore(0);
    acquire_by(0, 4);
    for (int i = 0; i < 3; i++) release_permit();
    turns(1);
    ck_trail("a b c");
    release_permit();
    release_permit();
    turns(1);
    ck_trail("d");
    ck_assert(!cedo_semaphore_locked(&semaphore));
    close_world();
}
END_TEST

#if CEDO_SCOPES
struct worker {
    cedo_coro coro;
    const char *name;
    cedo_hold hold;
};

static cedo_async(worker)
{
    cedo_body(struct worker, self) {
        cedo_with_semaphore (&self->hold, &semaphore) {
            mark("%s+", self->name);
            cedo_await(cedo_yield_now());
            mark("%s-", self->name);
        }
    }
}

START_TEST(a_block_of_a_semaphore_gives_its_permit_back)
{
    static cedo_task_of(worker) w3[3];
    open_semaphore(2);
    for (int i = 0; i < 3; i++) start(&w3[i], worker, .name = letters[i]);
    turns(1);
    ck_trail("a+ b+");
    turns(1);
    ck_trail("a- b-");
    turns(1);
    ck_trail("c+");
    ck_assert(cedo_task_cancel(&w3[2].task));
    turns(1);
    ck_assert(cedo_task_cancelled(&w3[2].task));
    acquire_by(0, 2);
    ck_trail("a b");
    close_world();
}
END_TEST
#endif

/* ------------------------------------------------------------- barrier */

static cedo_barrier barrier;

static void open_barrier(int parties)
{
    open_world();
    ck_assert_int_eq(cedo_barrier_init(&barrier, parties), CEDO_OK);
}

struct party {
    cedo_coro coro;
    const char *name;
    int status;
    int times;
    unsigned index;
};

static cedo_async(party)
{
    cedo_body(struct party, self) {
        do {
            cedo_catch(self->status, cedo_barrier_wait(&barrier, &self->index));
            if (self->status)
                mark("%s%c", self->name, self->status == CEDO_ECLOSED ? '#' : '!');
            else
                mark("%s%u", self->name, self->index);
        } while (self->times--);
        if (self->status == CEDO_ECANCELED) cedo_throw(self->status);
    }
}

static cedo_task_of(party) b[5];

static void arrive(int first, int count)
{
    for (int i = first; i < first + count; i++) start(&b[i], party, .name = letters[i]);
    turns(1);
}

static void close_barrier(void)
{
    ck_assert(cedo_ring_is_empty(&barrier.waiters));
    ck_assert_int_eq(barrier.count, 0);
    close_world();
}

START_TEST(BARRIER_01_the_last_arrival_releases_all_and_each_has_its_index)
{
    open_barrier(3);
    ck_assert_uint_eq(cedo_barrier_parties(&barrier), 3);
    arrive(0, 2);
    ck_trail("");
    arrive(2, 1);
    ck_trail("c2");
    turns(1);
    ck_trail("a0 b1");
    close_barrier();
}
END_TEST

START_TEST(BARRIER_02_n_waiting_counts_while_it_fills)
{
    open_barrier(3);
    ck_assert_uint_eq(cedo_barrier_n_waiting(&barrier), 0);
    arrive(0, 1);
    ck_assert_uint_eq(cedo_barrier_n_waiting(&barrier), 1);
    arrive(1, 1);
    ck_assert_uint_eq(cedo_barrier_n_waiting(&barrier), 2);
    arrive(2, 1);
    ck_assert_int_eq(barrier.count, 2);
    ck_assert_uint_eq(cedo_barrier_n_waiting(&barrier), 0);
    turns(1);
    ck_assert_uint_eq(cedo_barrier_n_waiting(&barrier), 0);
    close_barrier();
}
END_TEST

START_TEST(BARRIER_03_who_comes_while_a_round_leaves_belongs_to_the_next)
{
    open_barrier(2);
    arrive(0, 4); /* b releases a; c and d come before a has left */
    ck_trail("b1");
    turns(1);
    ck_trail("a0");
    turns(1);
    ck_trail("d1");
    turns(1);
    ck_trail("c0");
    /* such a one can be cancelled */
    arrive(0, 3);
    ck_assert(cedo_task_cancel(&b[2].task));
    turns(2);
    ck_trail("b1 a0 c!");
    arrive(0, 3);
    turns(1);
    ck_trail("b1 a0");
    ck_assert(cedo_task_cancel(&b[2].task)); /* woken already */
    turns(1);
    ck_trail("c!");
    close_barrier();
}
END_TEST

START_TEST(BARRIER_04_it_serves_round_after_round)
{
    open_barrier(2);
    for (int i = 0; i < 2; i++) start(&b[i], party, .name = letters[i], .times = 2);
    turns(9);
    ck_trail("b1 a0 b1 a0 b1 a0");
    close_barrier();
}
END_TEST

START_TEST(BARRIER_05_a_cancelled_waiter_leaves_and_breaks_nothing)
{
    open_barrier(3);
    arrive(0, 2);
    ck_assert(cedo_task_cancel(&b[0].task));
    ck_assert(cedo_task_cancel(&b[0].task)); /* once or twice */
    turns(1);
    ck_trail("a!");
    ck_assert_uint_eq(cedo_barrier_n_waiting(&barrier), 1);
    ck_assert(!cedo_barrier_broken(&barrier));
    ck_assert(cedo_task_cancel(&b[1].task));
    turns(1);
    ck_trail("b!");
    ck_assert_uint_eq(cedo_barrier_n_waiting(&barrier), 0);
    arrive(0, 3);
    ck_assert(cedo_task_cancel(&b[0].task)); /* let go already */
    turns(1);
    ck_trail("c2 a! b1");
    /* until its turn it counts */
    arrive(0, 2);
    start(&b[2], party, .name = "c");
    ck_assert(cedo_task_cancel(&b[0].task));
    turns(2);
    ck_trail("c2 a! b1");
    close_barrier();
}
END_TEST

START_TEST(BARRIER_06_reset_fails_who_waits_and_mends)
{
    open_barrier(3);
    cedo_barrier_reset(&barrier); /* empty: nothing happens */
    ck_assert(!cedo_barrier_broken(&barrier));
    arrive(0, 2);
    cedo_barrier_reset(&barrier);
    ck_assert_uint_eq(cedo_barrier_n_waiting(&barrier), 0);
    start(&b[2], party, .name = "c");
    cedo_barrier_reset(&barrier);
    turns(1);
    ck_trail("a# b#");
    turns(1);
    ck_assert_uint_eq(cedo_barrier_n_waiting(&barrier), 1);
    arrive(3, 2);
    turns(1);
    ck_trail("e2 c0 d1");
    cedo_barrier_abort(&barrier);
    ck_assert(cedo_barrier_broken(&barrier));
    cedo_barrier_reset(&barrier);
    ck_assert(!cedo_barrier_broken(&barrier));
    arrive(0, 3);
    turns(1);
    ck_trail("c2 a0 b1");
    close_barrier();
}
END_TEST

START_TEST(BARRIER_07_a_reset_leaves_alone_who_has_left)
{
    open_barrier(3);
    arrive(0, 3);
    ck_trail("c2");
    start(&b[3], party, .name = "d");
    cedo_barrier_reset(&barrier); /* as in asyncio, a and b, which have not run yet, fail */
    turns(1);
    ck_trail("a# b#");
    ck_assert_int_eq(cedo_task_result(&b[2].task), CEDO_OK);
    ck_assert_uint_eq(cedo_barrier_n_waiting(&barrier), 1);
    arrive(0, 2);
    turns(1);
    ck_trail("b2 d0 a1");
    close_barrier();
}
END_TEST

START_TEST(BARRIER_08_abort_fails_all_until_reset)
{
    open_barrier(3);
    arrive(0, 2);
    cedo_barrier_abort(&barrier);
    ck_assert(cedo_barrier_broken(&barrier));
    arrive(2, 1);
    ck_trail("a# b# c#");
    arrive(0, 1);
    ck_trail("a#");
    cedo_barrier_reset(&barrier);
    /* while a round leaves, and one waits for the next */
    arrive(0, 4);
    ck_trail("c2");
    cedo_barrier_abort(&barrier);
    turns(1);
    ck_trail("a# b# d#");
    ck_assert(cedo_barrier_broken(&barrier));
    cedo_barrier_reset(&barrier);
    /* reset before those who were told have run */
    arrive(0, 2);
    cedo_barrier_abort(&barrier);
    cedo_barrier_reset(&barrier);
    turns(1);
    ck_trail("a# b#");
    ck_assert(!cedo_barrier_broken(&barrier));
    close_barrier();
}
END_TEST

struct no_index {
    cedo_coro coro;
};

static cedo_async(no_index)
{
    cedo_body(struct no_index, self) cedo_await(cedo_barrier_wait(&barrier, NULL));
}

START_TEST(BARRIER_09_it_takes_one_party_at_least_and_gives_the_index)
{
    static cedo_barrier one = CEDO_BARRIER_INIT(1);
    static cedo_task_of(no_index) n;
    open_barrier(1);
    ck_assert_int_eq(cedo_barrier_init(&barrier, 0), CEDO_EINVAL);
    ck_assert_int_eq(cedo_barrier_init(&barrier, -1), CEDO_EINVAL);
#if !CEDO_HOSTED
    ck_assert_int_eq(cedo_barrier_init(&barrier, 256), CEDO_EINVAL);
#endif
    ck_assert_uint_eq(cedo_barrier_parties(&barrier), 1);
    arrive(0, 2);
    ck_trail("a0 b0");
    barrier = one;
    ck_assert_int_eq(run(&n, no_index), CEDO_OK);
    close_barrier();
}
END_TEST

#if CEDO_CHECKS
static void wait_without_parties(void)
{
    static const cedo_barrier zero;
    barrier = zero;
    arrive(0, 1);
}

START_TEST(a_barrier_without_its_number_traps)
{
    open_world();
    ck_trap(wait_without_parties, "a barrier needs its number");
}
END_TEST
#endif

/* ------------------------------------------------------------- where a wait may stand */

static cedo_barrier pair = CEDO_BARRIER_INIT(2);

struct arrives {
    cedo_coro coro;
    unsigned *index;
};

static cedo_async(arrives)
{
    cedo_body(struct arrives, self) {
        cedo_await(cedo_barrier_wait(&pair, self->index));
    }
}

START_TEST(a_local_of_who_runs_the_loop_outlives_a_wait)
{
    static cedo_task_of(arrives) early, late;
    unsigned indices[2] = {7, 7};
    open_world();
    memset(&early, 0, sizeof early);
    memset(&late, 0, sizeof late);
    start(&early, arrives, .index = &indices[0]);
    start(&late, arrives, .index = &indices[1]);
    run_dry();
    ck_assert_uint_eq(indices[0], 0);
    ck_assert_uint_eq(indices[1], 1);
    close_world();
}
END_TEST

#if CEDO_CHECKS
static void waits_outside_of_a_task(void)
{
    static cedo_event unset;
    (void)!cedo_event_wait(&unset);
}

struct waits_twice {
    cedo_coro coro;
};

static cedo_async(waits_twice)
{
    static cedo_event unset;
    cedo_body(struct waits_twice, self) {
        cedo_await(cedo_yield_now()); /* from here on it may be alone */
        (void)!cedo_sleep(CEDO_MS(1));
        cedo_await(cedo_event_wait(&unset));
    }
}

static void waits_twice_at_once(void)
{
    static cedo_task_of(waits_twice) twice;
    memset(&twice, 0, sizeof twice);
    (void)run(&twice, waits_twice);
}

static void waits_twice_beside_another(void)
{
    static cedo_task_of(bystander) other;
    memset(&other, 0, sizeof other);
    start(&other, bystander);
    waits_twice_at_once();
}

START_TEST(a_wait_outside_of_a_task_or_beside_another_one_traps)
{
    open_world();
    ck_trap(waits_outside_of_a_task, "only be awaited in a task");
    open_world();
    ck_trap(waits_twice_at_once, "begun but not awaited");
    open_world();
    ck_trap(waits_twice_beside_another, "begun but not awaited");
}
END_TEST
#endif

int main(void)
{
    const TTest *const tests[] = {
        EVENT_01_set_wakes_all_in_order_even_if_cleared_at_once,
        EVENT_02_waiting_for_a_set_event_does_not_yield,
        EVENT_03_set_twice_is_harmless_and_the_flag_follows_at_once,
        EVENT_04_a_cancelled_waiter_is_removed_and_disturbs_nobody,
        all_waiters_may_be_cancelled_at_once,
        LOCK_01_waiters_get_it_in_order_and_a_release_wakes_one,
        LOCK_02_nobody_overtakes_a_task_that_was_woken,
        LOCK_03_taking_a_free_lock_does_not_yield,
        LOCK_04_a_cancelled_waiter_is_removed_and_a_chosen_one_wakes_the_next,
        LOCK_05_with_all_waiters_cancelled_it_can_be_taken_at_once,
        LOCK_06_releasing_a_free_lock_fails_and_acquire_succeeds,
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
        COND_01_wait_needs_the_lock_gives_it_up_and_has_it_again,
        COND_02_notify_wakes_as_many_as_it_says_under_the_lock,
        COND_03_a_woken_waiter_queues_for_the_lock_behind_earlier_ones,
        COND_04_a_cancelled_wait_has_the_lock_again_before_it_fails,
        COND_05_who_is_cancelled_after_it_was_notified_passes_it_on,
        COND_06_a_cancel_while_it_takes_the_lock_again_waits_for_that,
        cancelled_twice_in_a_turn_is_cancelled_once,
        a_cancelled_wait_stays_cancelled_when_the_request_is_taken_back,
        a_pending_cancel_meets_the_wait,
        COND_07_wait_for_looks_under_the_lock_first_and_after_each_wake_up,
        COND_08_conditions_may_share_a_lock,
#if CEDO_SCOPES
        COND_09_a_timeout_leaves_the_lock_consistent,
#endif
        SEM_01_acquire_is_immediate_only_if_a_permit_is_left_and_nobody_waits,
        SEM_02_release_grants_the_permit_to_the_first_waiter_at_once,
        SEM_03_locked_tells_whether_acquire_would_wait,
        SEM_04_permits_are_neither_lost_nor_doubled_by_cancels,
        SEM_05_only_a_bounded_one_refuses_more_than_at_first,
        SEM_06_a_negative_value_is_refused_and_zero_is_not,
        SEM_07_several_releases_in_a_turn_wake_as_many_in_order,
#if CEDO_SCOPES
        a_block_of_a_semaphore_gives_its_permit_back,
#endif
        BARRIER_01_the_last_arrival_releases_all_and_each_has_its_index,
        BARRIER_02_n_waiting_counts_while_it_fills,
        BARRIER_03_who_comes_while_a_round_leaves_belongs_to_the_next,
        BARRIER_04_it_serves_round_after_round,
        BARRIER_05_a_cancelled_waiter_leaves_and_breaks_nothing,
        BARRIER_06_reset_fails_who_waits_and_mends,
        BARRIER_07_a_reset_leaves_alone_who_has_left,
        BARRIER_08_abort_fails_all_until_reset,
        BARRIER_09_it_takes_one_party_at_least_and_gives_the_index,
        a_local_of_who_runs_the_loop_outlives_a_wait,
#if CEDO_CHECKS
        a_wait_outside_of_a_task_or_beside_another_one_traps,
#endif
#if CEDO_CHECKS
        a_barrier_without_its_number_traps,
#endif
    };
    return suite_run("sync", tests, sizeof tests / sizeof *tests);
}
