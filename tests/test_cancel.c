/* Cancellation: requests, counts, and what a cancelled task does with them. For messages see
 * test_message.c. */
#include "victims.h"

START_TEST(CANCEL_01_cancel_only_requests)
{
    static cedo_task_of(victim) task;
    open_world();
    start(&task, victim);
    turns(1);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert(!cedo_task_done(&task.task));
    ck_assert(!cedo_task_cancelled(&task.task));
    ck_assert_int_eq(cedo_task_result(&task.task), CEDO_ESTATE);
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_assert(cedo_task_cancelled(&task.task));
    close_world();
}
END_TEST

START_TEST(CANCEL_02_the_await_fails_in_a_later_turn_and_cleanup_may_await)
{
    static cedo_task_of(victim) task;
    open_world();
    start(&task, victim, .cleanup = 5);
    turns(1);
    ck_assert(cedo_task_cancel(&task.task));
    ck_trail("in");
    turns(1);
    ck_trail("status");
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_trail("cleaned");
    ck_assert_int_eq(cedo_loop_time(&loop), CEDO_MS(5));
    close_world();
}
END_TEST

START_TEST(CANCEL_03_cancel_of_a_finished_task_changes_nothing)
{
    static cedo_task_of(victim) task, never;
    open_world();
    start(&task, victim, .swallow = 1);
    turns(1);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_assert_uint_eq(cedo_task_cancelling(&task.task), 1);
    ck_assert(!cedo_task_cancel(&task.task));
    ck_assert_uint_eq(cedo_task_cancelling(&task.task), 1);
    start(&task, victim);
    turns(1);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_assert(!cedo_task_cancel(&task.task));
    ck_assert_uint_eq(cedo_task_cancelling(&task.task), 1);
    ck_assert(!cedo_task_cancel(&never.task)); /* never spawned */
    close_world();
}
END_TEST

struct claims {
    cedo_coro coro;
};

static cedo_async(claims)
{
    cedo_body(struct claims, self) {
        cedo_throw(CEDO_ECANCELED);
    }
}

START_TEST(CANCEL_04_cancelled_is_how_the_coroutine_ends)
{
    static cedo_task_of(victim) task;
    static cedo_task_of(claims) unprompted;
    open_world();
    start(&task, victim, .swallow = 1);
    turns(1);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_assert(!cedo_task_cancelled(&task.task));
    ck_assert_int_eq(run(&unprompted, claims), CEDO_ECANCELED);
    ck_assert(cedo_task_cancelled(&unprompted.task));
    ck_assert_uint_eq(cedo_task_cancelling(&unprompted.task), 0);
    close_world();
}
END_TEST

START_TEST(CANCEL_05_a_task_cancelled_before_its_first_step_never_enters_its_body)
{
    static cedo_task_of(victim) task;
    open_world();
    start(&task, victim);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_trail("");
    ck_assert_int_eq(task.frame.entered, 0);
    ck_assert_int_eq(task.frame.finals, 0);
    /* and its storage is free again */
    ck_assert_int_eq(run(&task, victim), CEDO_OK);
    ck_trail("in on");
    close_world();
}
END_TEST

#if CEDO_JOIN
struct joiner {
    cedo_coro coro;
    cedo_task *task;
    int status;
    int count;
};

static cedo_async(joiner)
{
    cedo_body(struct joiner, self) {
        cedo_catch(self->status, cedo_join(self->task));
        mark("joined");
        if (self->status) cedo_throw(self->status);
    }
}

START_TEST(CANCEL_07_cancelling_a_join_cancels_the_inner_and_gives_its_outcome)
{
    static cedo_task_of(victim) inner;
    static cedo_task_of(joiner) outer;
    static const struct {
        int swallow, replace, outcome;
    } cases[] = {{0, 0, CEDO_ECANCELED}, {1, 0, CEDO_OK}, {0, CEDO_EUSER, CEDO_EUSER}};
    open_world();
    for (int i = 0; i < 3; i++) {
        start(&inner, victim, .swallow = cases[i].swallow, .replace = cases[i].replace);
        start(&outer, joiner, .task = &inner.task);
        turns(1);
        ck_assert(cedo_task_cancel(&outer.task));
        ck_assert_uint_eq(cedo_task_cancelling(&outer.task), 1);
        ck_assert_uint_eq(cedo_task_cancelling(&inner.task), 1);
        ck_assert_int_eq(finish(&outer), cases[i].outcome);
        ck_assert_int_eq(cedo_task_result(&inner.task), cases[i].outcome);
        ck_assert_int_eq(outer.frame.status, cases[i].outcome);
        trail[0] = '\0';
    }
    close_world();
}
END_TEST

START_TEST(CANCEL_08_the_outer_stays_suspended_during_the_cleanup_of_the_inner)
{
    static cedo_task_of(victim) inner;
    static cedo_task_of(joiner) outer;
    open_world();
    start(&inner, victim, .cleanup = 50);
    start(&outer, joiner, .task = &inner.task);
    turns(1);
    ck_assert(cedo_task_cancel(&outer.task));
    turns(3);
    ck_assert(!cedo_task_done(&outer.task));
    ck_assert_int_eq(finish(&outer), CEDO_ECANCELED);
    ck_trail("in status cleaned joined");
    ck_assert_int_eq(cedo_loop_time(&loop), CEDO_MS(50));
    close_world();
}
END_TEST

/* A chain of joins: the one at the end is interrupted, all get its outcome. */
START_TEST(a_cancel_goes_down_a_chain_of_joins)
{
    static cedo_task_of(victim) inner;
    static cedo_task_of(joiner) outer[20];
    open_world();
    start(&inner, victim);
    for (int i = 0; i < 20; i++)
        start(&outer[i], joiner, .task = i ? &outer[i - 1].task : &inner.task);
    turns(1);
    ck_assert(cedo_task_cancel(&outer[19].task));
    ck_assert_int_eq(finish(&outer[19]), CEDO_ECANCELED);
    for (int i = 0; i < 20; i++) {
        ck_assert(cedo_task_cancelled(&outer[i].task));
        ck_assert_uint_eq(cedo_task_cancelling(&outer[i].task), 1);
    }
    close_world();
}
END_TEST

/* Two tasks that wait for each other: the second join would close the circle. */
struct circular {
    cedo_coro coro;
    cedo_task *other;
    int status;
};

static cedo_async(circular)
{
    cedo_body(struct circular, self) {
        cedo_await(cedo_yield_now());
        cedo_catch(self->status, cedo_join(self->other));
        mark("%d", self->status == CEDO_EDEADLK);
    }
}

START_TEST(a_circle_of_joins_is_a_deadlock_for_the_one_that_closes_it)
{
    static cedo_task_of(circular) tasks[3];
    open_world();
    for (int i = 0; i < 3; i++) start(&tasks[i], circular, .other = &tasks[(i + 1) % 3].task);
    ck_assert_int_eq(finish(&tasks[0]), CEDO_OK);
    ck_trail("1 0 0");
    close_world();
}
END_TEST
#endif

START_TEST(CANCEL_09_a_cancel_before_the_task_resumes_wins_over_the_result)
{
    static cedo_task_of(waiter) task;
    static const cedo_event unset;
    open_world();
    event = unset;
    start(&task, waiter);
    turns(1);
    cedo_event_set(&event);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_assert_int_eq(task.frame.status, CEDO_ECANCELED);
    close_world();
}
END_TEST

START_TEST(a_cancel_after_a_timer_fired_wins_over_it)
{
    static cedo_task_of(victim) task;
    static cedo_handle late, cancels;
    open_world();
    start(&task, victim);
    turns(1);
    /* the sleep is over, but its task resumes in the turn after */
    ck_assert_int_eq(cedo_call_at(&loop, &late, CEDO_MS(100), mark_callback, "tick"), CEDO_OK);
    cedo_sim_advance(&loop, CEDO_MS(100));
    ck_assert_int_eq(cedo_call_soon(&loop, &cancels, mark_callback, "tock"), CEDO_OK);
    turns(1);
    ck_assert_int_eq(task.frame.status, 0);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_assert_int_eq(task.frame.status, CEDO_ECANCELED);
    ck_trail("in tock tick status");
    close_world();
}
END_TEST

START_TEST(CANCEL_10_several_cancels_deliver_one_error_and_count)
{
    static cedo_task_of(victim) task;
    open_world();
    start(&task, victim, .swallow = 1);
    turns(1);
    for (int i = 0; i < 3; i++) ck_assert(cedo_task_cancel(&task.task));
    ck_assert_uint_eq(cedo_task_cancelling(&task.task), 3);
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_trail("in status on");
    close_world();
}
END_TEST

START_TEST(CANCEL_11_a_cancel_during_cleanup_interrupts_it_again)
{
    static cedo_task_of(victim) task;
    open_world();
    start(&task, victim, .cleanup = 50);
    turns(1);
    ck_assert(cedo_task_cancel(&task.task));
    turns(1);
    ck_assert_int_eq(task.frame.status2, 0);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_assert_int_eq(task.frame.status2, CEDO_ECANCELED);
    ck_assert_int_eq(task.frame.finals, 1);
    ck_assert_int_eq(cedo_loop_time(&loop), 0);
    close_world();
}
END_TEST

START_TEST(CANCEL_12_a_swallowed_cancel_is_not_raised_again)
{
    static cedo_task_of(victim) task;
    open_world();
    start(&task, victim, .swallow = 1);
    turns(1);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_trail("in status on");
    ck_assert_uint_eq(cedo_task_cancelling(&task.task), 1);
    ck_assert_uint_eq(cedo_task_uncancel(&task.task), 0);
    close_world();
}
END_TEST

/* ------------------------------------------------------------- a task that cancels itself */

START_TEST(CANCEL_13_a_task_that_cancels_itself_is_interrupted_at_its_next_await)
{
    static cedo_task_of(selfish) task;
    static const cedo_event unset;
    static const int thens[] = {AWAITS, SLEEPS, SLEEPS_LONG, WAITS, CALLS};
    open_world();
    event = unset;
    for (size_t i = 0; i < sizeof thens / sizeof *thens; i++) {
        ck_assert_int_eq(run(&task, selfish, .then = thens[i]), CEDO_ECANCELED);
        ck_trail("on at next await");
        ck_assert_uint_eq(cedo_task_cancelling(&task.task), 1);
    }
    ck_assert_int_eq(run(&task, selfish, .then = IS_DONE_AT_ONCE), CEDO_ECANCELED);
    ck_trail("on done at next await");
    ck_assert_int_eq(run(&task, selfish, .then = JUST_RETURNS), CEDO_ECANCELED);
    ck_assert(cedo_task_cancelled(&task.task));
    ck_trail("on");
    ck_assert_int_eq(run(&task, selfish, .then = RAISES), CEDO_EUSER);
    ck_trail("on");
    ck_assert(cedo_ring_is_empty(&event.waiters));
    ck_assert_int_eq(cedo_loop_time(&loop), 0);
    close_world();
}
END_TEST

#if CEDO_JOIN
START_TEST(a_request_that_is_pending_at_a_join_goes_on_to_the_joined_task)
{
    static cedo_task_of(selfish) task;
    open_world();
    start(&joined, victim, .cleanup = 7);
    turns(1);
    ck_assert_int_eq(run(&task, selfish, .then = JOINS), CEDO_ECANCELED);
    ck_trail("in on status cleaned at next await");
    ck_assert(cedo_task_cancelled(&joined.task));
    close_world();
}
END_TEST
#endif

START_TEST(CANCEL_14_cancelling_counts_and_uncancel_never_goes_below_zero)
{
    static cedo_task_of(victim) task;
    open_world();
    start(&task, victim, .swallow = 1);
    turns(1);
    ck_assert_uint_eq(cedo_task_cancelling(&task.task), 0);
    ck_assert_uint_eq(cedo_task_uncancel(&task.task), 0);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_uint_eq(cedo_task_cancelling(&task.task), 2);
    ck_assert_uint_eq(cedo_task_uncancel(&task.task), 1);
    ck_assert_uint_eq(cedo_task_uncancel(&task.task), 0);
    ck_assert_uint_eq(cedo_task_uncancel(&task.task), 0);
    ck_assert_uint_eq(cedo_task_cancelling(&task.task), 0);
    ck_assert_int_eq(finish(&task), CEDO_OK);
    close_world();
}
END_TEST

START_TEST(the_count_of_requests_saturates)
{
    static cedo_task_of(victim) task;
    unsigned most;
    open_world();
    start(&task, victim, .swallow = 1);
    turns(1);
    for (long i = 0; i < 70000; i++) ck_assert(cedo_task_cancel(&task.task));
    most = cedo_task_cancelling(&task.task);
    ck_assert_uint_ge(most, 255);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_uint_eq(cedo_task_cancelling(&task.task), most);
    ck_assert_int_eq(finish(&task), CEDO_OK);
    close_world();
}
END_TEST

START_TEST(CANCEL_15_uncancel_to_zero_takes_back_what_was_not_delivered)
{
    static cedo_task_of(selfish) task;
    static cedo_task_of(waiter) woken;
    static const cedo_event unset;
    open_world();
    ck_assert_int_eq(run(&task, selfish, .then = TAKES_BACK), CEDO_OK);
    ck_trail("on 0 not interrupted");
    /* woken, cancelled, taken back: the wake-up still counts */
    event = unset;
    start(&woken, waiter);
    turns(1);
    cedo_event_set(&event);
    ck_assert(cedo_task_cancel(&woken.task));
    ck_assert_uint_eq(cedo_task_uncancel(&woken.task), 0);
    ck_assert_int_eq(finish(&woken), CEDO_OK);
    /* not begun */
    start(&woken, waiter);
    ck_assert(cedo_task_cancel(&woken.task));
    ck_assert(cedo_task_cancel(&woken.task));
    ck_assert_uint_eq(cedo_task_uncancel(&woken.task), 1); /* not zero yet */
    ck_assert_uint_eq(cedo_task_uncancel(&woken.task), 0);
    ck_assert_int_eq(finish(&woken), CEDO_OK);
    close_world();
}
END_TEST

START_TEST(CANCEL_16_uncancel_does_not_undo_what_reached_the_wait)
{
    static cedo_task_of(victim) task;
    open_world();
    start(&task, victim);
    turns(1);
    ck_assert(cedo_task_cancel(&task.task)); /* the sleep is cancelled already */
    ck_assert_uint_eq(cedo_task_uncancel(&task.task), 0);
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_assert_int_eq(cedo_loop_time(&loop), 0);
    close_world();
}
END_TEST

START_TEST(CANCEL_18_a_cancel_during_the_last_step_ends_the_task_as_cancelled)
{
    static cedo_task_of(selfish) task;
    open_world();
    ck_assert_int_eq(run(&task, selfish, .then = JUST_RETURNS), CEDO_ECANCELED);
    ck_assert(cedo_task_cancelled(&task.task));
    ck_trail("on");
    close_world();
}
END_TEST

START_TEST(CANCEL_19_an_error_raised_while_handling_the_cancel_is_the_outcome)
{
    static cedo_task_of(victim) task;
    open_world();
    start(&task, victim, .replace = CEDO_EUSER);
    turns(1);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_EUSER);
    ck_assert(!cedo_task_cancelled(&task.task));
    close_world();
}
END_TEST

/* ------------------------------------------------------------- operations that say "later" */

static bool defers_cancel = true;

static bool later_cancel(cedo_task *task, const char *message)
{
    (void)task, (void)message;
    mark("asked");
    return defers_cancel;
}

static cedo_op later_resume(cedo_task *task)
{
    (void)task;
    mark("resume");
    return cedo_done(CEDO_EUSER - 7);
}

static const cedo_wait_ops later_ops = CEDO_WAIT_OPS("later", later_resume, later_cancel, NULL);
static cedo_ring later_ring;

static void wake_later(void)
{
    cedo_wake_first_(&later_ring);
}

struct later {
    cedo_coro coro;
    int status, selfish;
};

static cedo_async(later)
{
    cedo_body(struct later, self) {
        if (self->selfish) cedo_task_cancel(cedo_current_task());
        cedo_catch(self->status, cedo_wait_(&later_ring, &later_ops, NULL));
        mark("on");
    }
}

START_TEST(an_operation_may_answer_a_cancel_later)
{
    static cedo_task_of(later) task;
    open_world();
    for (int selfish = 0; selfish < 2; selfish++) {
        start(&task, later, .selfish = selfish);
        turns(1);
        if (!selfish) ck_assert(cedo_task_cancel(&task.task));
        ck_trail("asked");
        turns(2);
        ck_trail(""); /* the hardware still owns the buffer */
        wake_later();
        ck_assert_int_eq(finish(&task), CEDO_OK);
        ck_assert_int_eq(task.frame.status, CEDO_EUSER - 7);
        ck_trail("resume on");
    }
    close_world();
}
END_TEST

START_TEST(a_woken_operation_with_nothing_to_hand_on_may_be_cancelled)
{
    static cedo_task_of(later) task;
    open_world();
    start(&task, later);
    turns(1);
    wake_later();
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_assert_int_eq(task.frame.status, CEDO_ECANCELED);
    ck_trail("on");
    close_world();
}
END_TEST

static bool leaves_cancel(cedo_task *task, const char *message)
{
    (void)message;
    cedo_ring_unlink(task->u.ring, &task->entry.node);
    task->u.ring = NULL;
    return false;
}

static const cedo_wait_ops leaves_ops = CEDO_WAIT_OPS("leaves", NULL, leaves_cancel, NULL);

struct leaves {
    cedo_coro coro;
    int status;
};

static cedo_async(leaves)
{
    cedo_body(struct leaves, self) {
        cedo_catch(self->status, cedo_wait_(&later_ring, &leaves_ops, NULL));
    }
}

START_TEST(an_operation_may_take_its_task_out_of_the_ring_itself)
{
    static cedo_task_of(leaves) task;
    open_world();
    start(&task, leaves);
    turns(1);
    ck_assert(cedo_task_cancel_with(&task.task, "why"));
    ck_assert(cedo_ring_is_empty(&later_ring));
    ck_assert_str_eq(cedo_task_cancel_message(&task.task), "why");
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_assert_int_eq(task.frame.status, CEDO_ECANCELED);
    close_world();
}
END_TEST

START_TEST(an_operation_may_be_interrupted_at_once)
{
    static cedo_task_of(later) task;
    open_world();
    defers_cancel = false;
    start(&task, later);
    turns(1);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert(cedo_ring_is_empty(&later_ring));
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_assert_int_eq(task.frame.status, CEDO_ECANCELED);
    ck_trail("asked on");
    wake_later(); /* nobody */
    close_world();
}
END_TEST

START_TEST(a_sleep_for_ever_ends_by_cancel_only)
{
    static cedo_task_of(selfish) task;
    cedo_time when;
    open_world();
    start(&task, selfish, .then = TAKES_BACK);
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_assert(!cedo_loop_deadline(&loop, &when));
    close_world();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        CANCEL_01_cancel_only_requests,
        CANCEL_02_the_await_fails_in_a_later_turn_and_cleanup_may_await,
        CANCEL_03_cancel_of_a_finished_task_changes_nothing,
        CANCEL_04_cancelled_is_how_the_coroutine_ends,
        CANCEL_05_a_task_cancelled_before_its_first_step_never_enters_its_body,
#if CEDO_JOIN
        CANCEL_07_cancelling_a_join_cancels_the_inner_and_gives_its_outcome,
        CANCEL_08_the_outer_stays_suspended_during_the_cleanup_of_the_inner,
        a_cancel_goes_down_a_chain_of_joins,
        a_circle_of_joins_is_a_deadlock_for_the_one_that_closes_it,
        a_request_that_is_pending_at_a_join_goes_on_to_the_joined_task,
#endif
        CANCEL_09_a_cancel_before_the_task_resumes_wins_over_the_result,
        a_cancel_after_a_timer_fired_wins_over_it,
        CANCEL_10_several_cancels_deliver_one_error_and_count,
        CANCEL_11_a_cancel_during_cleanup_interrupts_it_again,
        CANCEL_12_a_swallowed_cancel_is_not_raised_again,
        CANCEL_13_a_task_that_cancels_itself_is_interrupted_at_its_next_await,
        CANCEL_14_cancelling_counts_and_uncancel_never_goes_below_zero,
        the_count_of_requests_saturates,
        CANCEL_15_uncancel_to_zero_takes_back_what_was_not_delivered,
        CANCEL_16_uncancel_does_not_undo_what_reached_the_wait,
        CANCEL_18_a_cancel_during_the_last_step_ends_the_task_as_cancelled,
        CANCEL_19_an_error_raised_while_handling_the_cancel_is_the_outcome,
        an_operation_may_answer_a_cancel_later,
        a_woken_operation_with_nothing_to_hand_on_may_be_cancelled,
        an_operation_may_take_its_task_out_of_the_ring_itself,
        an_operation_may_be_interrupted_at_once,
        a_sleep_for_ever_ends_by_cancel_only,
    };
    return suite_run("cancel", tests, sizeof tests / sizeof *tests);
}
