/* Conditions. */
#include "takers.h"

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

int main(void)
{
    const TTest *const tests[] = {
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
    };
    return suite_run("condition", tests, sizeof tests / sizeof *tests);
}
