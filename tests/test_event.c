/* Events. */
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

static cedo_event second;

struct second_waiter {
    cedo_coro coro;
};

static cedo_async(second_waiter)
{
    cedo_body(struct second_waiter, self) {
        cedo_await(cedo_event_wait(&second));
        mark("second");
    }
}

struct sets_both {
    cedo_coro coro;
};

static cedo_async(sets_both)
{
    cedo_body(struct sets_both, self) {
        cedo_await(cedo_yield_now());
        cedo_await(cedo_yield_now());
        cedo_event_set(&second);
        cedo_event_set(&event);
        mark("both");
    }
}

START_TEST(one_task_may_set_several_while_nothing_else_is_ready)
{
    static cedo_task_of(second_waiter) other;
    static cedo_task_of(sets_both) setter;
    begin();
    cedo_event_clear(&second);
    start(&setter, sets_both);
    start(&w[0], waiter, .name = "a");
    start(&other, second_waiter);
    run_dry();
    ck_trail("both second a");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- where a wait may stand */

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
        one_task_may_set_several_while_nothing_else_is_ready,
        all_waiters_may_be_cancelled_at_once,
#if CEDO_CHECKS
        a_wait_outside_of_a_task_or_beside_another_one_traps,
#endif
    };
    return suite_run("event", tests, sizeof tests / sizeof *tests);
}
