/* Futures, shields, done callbacks of futures and of tasks. */
#include "world.h"

static cedo_future f, g;

static const char *word(cedo_status status)
{
    switch (status) {
    case CEDO_OK: return "ok";
    case CEDO_ECANCELED: return "cancelled";
    case CEDO_ETIMEDOUT: return "timeout";
    case CEDO_ESTATE: return "state";
    case CEDO_EINVAL: return "invalid";
    case CEDO_EDEADLK: return "deadlock";
    default: return status > 0 ? "more" : "error";
    }
}

/* Waits once, or as often as it is told to. */
struct waiter {
    cedo_coro coro;
    const char *name;
    cedo_future *future;
    bool shielded;
    int times, status;
    unsigned cancelling;
    const char *message;
};

static cedo_async(waiter)
{
    cedo_body(struct waiter, self) {
        do {
            if (self->shielded)
                cedo_catch(self->status, cedo_future_wait_shielded(self->future));
            else
                cedo_catch(self->status, cedo_future_wait(self->future));
            self->message = cedo_task_cancel_message(cedo_current_task());
            self->cancelling = cedo_task_cancelling(cedo_current_task());
            mark("%s:%s", self->name, word(self->status));
        } while (--self->times > 0);
        if (self->status < 0) cedo_throw(self->status);
    }
}

struct marker {
    cedo_coro coro;
    const char *name;
};

static cedo_async(marker)
{
    cedo_body(struct marker, self) {
        mark("%s", self->name);
    }
}

static cedo_task_of(waiter) a, b, c;

static void open_futures(void)
{
    open_world();
    cedo_future_init(&f, NULL);
    cedo_future_init(&g, NULL);
    /* the errors that they have from the test before do not matter */
    (void)cedo_task_result(&a.task);
    (void)cedo_task_result(&b.task);
    (void)cedo_task_result(&c.task);
}

static void start_waiters(void)
{
    start(&a, waiter, .name = "a", .future = &f);
    start(&b, waiter, .name = "b", .future = &f);
    start(&c, waiter, .name = "c", .future = &f);
    cedo_task_keep(&a.task);
    cedo_task_keep(&b.task);
    cedo_task_keep(&c.task);
    turns(1);
    ck_trail("");
}

static cedo_handle h[4];

/* ------------------------------------------------------------- states */

START_TEST(FUT_01_a_future_is_done_once)
{
    open_futures();
    ck_assert(!cedo_future_done(&f));
    ck_assert(!cedo_future_cancelled(&f));
    ck_assert_int_eq(cedo_future_set(&f, CEDO_OK), CEDO_OK);
    ck_assert(cedo_future_done(&f));
    ck_assert(!cedo_future_cancelled(&f));
    ck_assert_int_eq(cedo_future_set(&f, CEDO_OK), CEDO_ESTATE);
    ck_assert_int_eq(cedo_future_set(&f, CEDO_EUSER), CEDO_ESTATE);
    ck_assert(!cedo_future_cancel(&f));
    ck_assert_int_eq(cedo_future_result(&f), CEDO_OK);

    cedo_future_init(&f, NULL);
    ck_assert_int_eq(cedo_future_set(&f, CEDO_EUSER), CEDO_OK);
    ck_assert(!cedo_future_cancel_with(&f, "no"));
    ck_assert_ptr_null(cedo_future_cancel_message(&f));
    ck_assert_int_eq(cedo_future_result(&f), CEDO_EUSER);

    cedo_future_init(&f, NULL);
    ck_assert(cedo_future_cancel(&f));
    ck_assert(!cedo_future_cancel(&f));
    ck_assert(cedo_future_cancelled(&f));
    ck_assert_int_eq(cedo_future_set(&f, CEDO_OK), CEDO_ESTATE);
    ck_assert(cedo_future_cancelled(&f));
    close_world();
}
END_TEST

START_TEST(FUT_02_only_a_future_that_is_done_has_an_outcome)
{
    open_futures();
    ck_assert_int_eq(cedo_future_result(&f), CEDO_ESTATE);
    ck_assert_ptr_null(cedo_future_cancel_message(&f));
    cedo_future_cancel(&f);
    ck_assert_int_eq(cedo_future_result(&f), CEDO_ECANCELED);
    close_world();
}
END_TEST

START_TEST(storage_that_is_all_zero_is_a_pending_future)
{
    static cedo_future zero;
    cedo_future other;
    memset(&other, 0xa5, sizeof other);
    cedo_future_init(&other, NULL);
    ck_assert(!cedo_future_done(&zero) && !cedo_future_done(&other));
    ck_assert_int_eq(cedo_future_set(&other, CEDO_OK), CEDO_OK);
}
END_TEST

START_TEST(a_typed_future_keeps_its_first_value)
{
    static cedo_future_of(short) typed;
    open_futures();
    start(&a, waiter, .name = "a", .future = &typed.future);
    turns(1);
    ck_assert_int_eq(cedo_future_set_value(&typed, 7), CEDO_OK);
    ck_assert_int_eq(cedo_future_set_value(&typed, 8), CEDO_ESTATE);
    ck_assert_int_eq(typed.value, 7);
    run_dry();
    ck_trail("a:ok");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- done callbacks */

static cedo_status add(cedo_handle *handle, const char *text)
{
    return cedo_future_add_done_callback(&f, handle, mark_callback, (void *)(uintptr_t)text);
}

static void open_bound(void)
{
    open_futures();
    cedo_future_init(&f, &loop);
    ck_assert_ptr_eq(cedo_future_loop(&f), &loop);
    memset(h, 0, sizeof h);
}

START_TEST(FUT_03_callbacks_run_later_in_the_order_of_registration)
{
    open_bound();
    for (int cancel = 0; cancel < 2; cancel++) {
        cedo_future_init(&f, &loop);
        ck_assert_int_eq(add(&h[0], "1"), CEDO_OK);
        ck_assert_int_eq(add(&h[1], "2"), CEDO_OK);
        ck_assert_int_eq(add(&h[2], "3"), CEDO_OK);
        if (cancel)
            ck_assert(cedo_future_cancel(&f));
        else
            ck_assert_int_eq(cedo_future_set(&f, CEDO_OK), CEDO_OK);
        ck_trail("");
        turns(1);
        ck_trail("1 2 3");
    }
    close_world();
}
END_TEST

START_TEST(FUT_04_a_callback_that_is_added_late_is_queued)
{
    open_bound();
    ck_assert_int_eq(cedo_future_set(&f, CEDO_OK), CEDO_OK);
    ck_assert_int_eq(add(&h[0], "late"), CEDO_OK);
    ck_assert_int_eq(add(&h[0], "again"), CEDO_EBUSY);
    ck_trail("");
    turns(1);
    ck_trail("late");
    close_world();
}
END_TEST

START_TEST(FUT_05_a_callback_can_be_taken_back_until_the_future_is_done)
{
    static cedo_handle never;
    open_bound();
    add(&h[0], "1");
    add(&h[1], "2");
    add(&h[2], "3");
    ck_assert(cedo_future_remove_done_callback(&f, &h[0]));
    ck_assert(!cedo_future_remove_done_callback(&f, &h[0]));
    ck_assert(!cedo_future_remove_done_callback(&f, &never));
    ck_assert(!cedo_future_remove_done_callback(&g, &h[1]));
    ck_assert_int_eq(add(&h[0], "4"), CEDO_OK);
    ck_assert_int_eq(add(&h[0], "5"), CEDO_EBUSY);
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], mark_callback, h), CEDO_EBUSY);
    cedo_future_set(&f, CEDO_OK);
    ck_assert(!cedo_future_remove_done_callback(&f, &h[1]));
    turns(1);
    ck_trail("2 3 4");
    close_world();
}
END_TEST

START_TEST(cancelling_the_handle_takes_a_callback_back_at_any_time)
{
    open_bound();
    add(&h[0], "1");
    add(&h[1], "2");
    add(&h[2], "3");
    cedo_handle_cancel(&h[0]);
    ck_assert(cedo_handle_cancelled(&h[0]));
    cedo_handle_cancel(&h[2]);
    memset(&h[2], 0xa5, sizeof h[2]); /* its storage is free */
    cedo_future_set(&f, CEDO_OK);
    add(&h[3], "4");
    cedo_handle_cancel(&h[1]);
    turns(1);
    ck_trail("4");
    close_world();
}
END_TEST

static cedo_status meddle(void *text)
{
    mark("%s", (const char *)text);
    ck_assert(!cedo_future_remove_done_callback(&f, &h[1]));
    ck_assert_int_eq(add(&h[2], "added"), CEDO_OK);
    cedo_handle_cancel(&h[3]);
    return CEDO_OK;
}

START_TEST(FUT_06_callbacks_may_add_and_remove_callbacks)
{
    open_bound();
    cedo_future_add_done_callback(&f, &h[0], meddle, (void *)(uintptr_t) "first");
    add(&h[1], "second");
    add(&h[3], "third");
    cedo_future_set(&f, CEDO_OK);
    turns(1);
    ck_trail("first second");
    turns(1);
    ck_trail("added");
    close_world();
}
END_TEST

START_TEST(a_closed_loop_takes_no_callbacks)
{
    open_bound();
    add(&h[0], "never");
    ck_assert_int_eq(cedo_loop_close(&loop), CEDO_OK);
    ck_assert_int_eq(add(&h[1], "never"), CEDO_ECLOSED);
    ck_assert(cedo_future_remove_done_callback(&f, &h[0]));
    cedo_future_set(&f, CEDO_OK);
    ck_assert_int_eq(add(&h[1], "never"), CEDO_ECLOSED);
}
END_TEST

static cedo_status add_inside(void *unused)
{
    (void)unused;
    add(&h[1], "inside");
    return CEDO_OK;
}

START_TEST(a_callback_that_is_added_in_a_loop_binds_the_future_to_it)
{
    open_futures();
    memset(h, 0, sizeof h);
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], add_inside, NULL), CEDO_OK);
    turns(1);
    ck_assert_ptr_eq(cedo_future_loop(&f), &loop);
    cedo_future_set(&f, CEDO_OK);
    turns(1);
    ck_trail("inside");
    close_world();
}
END_TEST

#if CEDO_CHECKS && CEDO_LOOPS
static void add_nowhere(void)
{
    cedo_future_init(&f, NULL);
    add(&h[0], "nowhere");
}

START_TEST(a_callback_of_a_future_without_a_loop_traps_outside_of_any)
{
    open_futures();
    ck_trap(add_nowhere, "cedo_future_init");
}
END_TEST
#endif

/* ------------------------------------------------------------- waiting */

START_TEST(FUT_07_all_waiters_wake_in_order_with_the_same_outcome)
{
    static const int outcomes[] = {CEDO_OK, CEDO_EUSER, CEDO_ECANCELED, 3};
    static const char *const trails[] = {"a:ok b:ok c:ok", "a:error b:error c:error",
                                         "a:cancelled b:cancelled c:cancelled",
                                         "a:more b:more c:more"};
    open_futures();
    for (int i = 0; i < 4; i++) {
        cedo_future_init(&f, NULL);
        start_waiters();
        cedo_future_set(&f, outcomes[i]);
        ck_trail("");
        turns(1);
        ck_trail(trails[i]);
        ck_assert_int_eq(a.frame.status, outcomes[i]);
        ck_assert_int_eq(b.frame.status, outcomes[i]);
        ck_assert_int_eq(cedo_task_result(&a.task), outcomes[i] < 0 ? outcomes[i] : CEDO_OK);
        ck_assert_int_eq(cedo_task_result(&b.task), cedo_task_result(&a.task));
        ck_assert_int_eq(cedo_task_result(&c.task), cedo_task_result(&a.task));
    }
    close_world();
}
END_TEST

START_TEST(FUT_07_awaiting_a_future_that_is_done_does_not_suspend)
{
    static cedo_task_of(marker) other;
    open_futures();
    cedo_future_set(&f, CEDO_EUSER);
    start(&a, waiter, .name = "a", .future = &f, .times = 3);
    cedo_task_keep(&a.task);
    start(&other, marker, .name = "other");
    turns(1);
    ck_trail("a:error a:error a:error other");
    close_world();
}
END_TEST

START_TEST(FUT_07_waiters_and_callbacks_have_one_order)
{
    open_futures();
    memset(h, 0, sizeof h);
    start(&a, waiter, .name = "a", .future = &f);
    turns(1);
    add(&h[0], "1");
    start(&b, waiter, .name = "b", .future = &f);
    turns(1);
    add(&h[1], "2");
    cedo_future_set(&f, CEDO_OK);
    turns(1);
    ck_trail("a:ok 1 b:ok 2");
    close_world();
}
END_TEST

START_TEST(FUT_08_a_cancelled_future_is_no_request_to_its_waiters)
{
    open_futures();
    start_waiters();
    ck_assert(cedo_future_cancel(&f));
    ck_assert(!cedo_task_done(&a.task));
    run_dry();
    ck_trail("a:cancelled b:cancelled c:cancelled");
    ck_assert_uint_eq(a.frame.cancelling, 0);
    ck_assert(cedo_task_cancelled(&a.task));
    close_world();
}
END_TEST

#if CEDO_LOOPS
START_TEST(FUT_09_a_pending_future_of_another_loop_cannot_be_awaited)
{
    static cedo_loop other;
    open_futures();
    ck_assert_int_eq(cedo_loop_init(&other, &cedo_port_sim), CEDO_OK);
    ck_assert_ptr_null(cedo_future_loop(&f));
    start(&a, waiter, .name = "a", .future = &f);
    turns(1);
    ck_assert_ptr_eq(cedo_future_loop(&f), &loop);
    ck_assert_int_eq(cedo_loop_spawn(&other, &b, waiter, .name = "b", .future = &f), CEDO_OK);
    cedo_task_keep(&b.task);
    (void)cedo_loop_step(&other);
    ck_trail("b:invalid");
    ck_assert_int_eq(cedo_task_result(&b.task), CEDO_EINVAL);
    cedo_future_set(&f, CEDO_OK);
    turns(1);
    ck_assert_int_eq(cedo_loop_spawn(&other, &b, waiter, .name = "b", .future = &f), CEDO_OK);
    (void)cedo_loop_step(&other);
    ck_trail("a:ok b:ok");
    ck_assert_int_eq(cedo_loop_close(&other), CEDO_OK);
    close_world();
}
END_TEST
#endif

START_TEST(FUT_10_the_message_of_a_cancelled_future_reaches_its_waiters)
{
    open_futures();
    start_waiters();
    ck_assert(cedo_future_cancel_with(&f, "bye"));
    ck_assert_str_eq(cedo_future_cancel_message(&f), "bye");
    run_dry();
    ck_assert_str_eq(a.frame.message, "bye");
    ck_assert_str_eq(c.frame.message, "bye");
    /* and who comes late */
    start(&a, waiter, .name = "a", .future = &f);
    cedo_task_keep(&a.task);
    run_dry();
    ck_assert_str_eq(a.frame.message, "bye");
    close_world();
}
END_TEST

START_TEST(FUT_11_what_comes_after_the_waiter_was_cancelled_changes_nothing)
{
    open_futures();
    start_waiters();
    cedo_task_cancel(&a.task);
    ck_assert_int_eq(cedo_future_set(&f, CEDO_OK), CEDO_ESTATE);
    run_dry();
    ck_trail("a:cancelled b:cancelled c:cancelled");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- cancelling a waiter */

START_TEST(CANCEL_06_cancelling_a_waiter_cancels_the_future_and_so_all_waiters)
{
    open_futures();
    start_waiters();
    ck_assert(cedo_task_cancel_with(&b.task, "why"));
    ck_assert(cedo_future_cancelled(&f));
    ck_assert_str_eq(cedo_future_cancel_message(&f), "why");
    turns(1);
    ck_trail("a:cancelled b:cancelled c:cancelled");
    ck_assert_uint_eq(a.frame.cancelling, 0);
    ck_assert_uint_eq(b.frame.cancelling, 1);
    ck_assert_str_eq(a.frame.message, "why");
    ck_assert_str_eq(b.frame.message, "why");
    close_world();
}
END_TEST

START_TEST(CANCEL_09_a_cancel_wins_over_an_outcome_that_was_not_delivered_yet)
{
    open_futures();
    start_waiters();
    cedo_future_set(&f, CEDO_OK);
    ck_assert(cedo_task_cancel_with(&b.task, "too late"));
    turns(1);
    ck_trail("a:ok b:cancelled c:ok");
    ck_assert_str_eq(b.frame.message, "too late");
    ck_assert_int_eq(cedo_future_result(&f), CEDO_OK);
    close_world();
}
END_TEST

START_TEST(CANCEL_16_uncancel_does_not_undo_what_reached_the_future)
{
    open_futures();
    start_waiters();
    cedo_task_cancel(&a.task);
    ck_assert_uint_eq(cedo_task_uncancel(&a.task), 0);
    turns(1);
    ck_trail("a:cancelled b:cancelled c:cancelled");
    ck_assert_uint_eq(a.frame.cancelling, 0);
    close_world();
}
END_TEST

START_TEST(uncancel_voids_a_request_that_met_a_future_that_was_done)
{
    open_futures();
    start_waiters();
    cedo_future_set(&f, CEDO_EUSER);
    cedo_task_cancel(&a.task);
    ck_assert_uint_eq(cedo_task_uncancel(&a.task), 0);
    turns(1);
    ck_trail("a:error b:error c:error");
    close_world();
}
END_TEST

/* Requests its own cancellation, then waits for what is done, then for what is not. */
struct selfish {
    cedo_coro coro;
    cedo_future *done, *pending;
    bool shielded;
    const char *first, *second;
    int status;
};

static cedo_async(selfish)
{
    cedo_body(struct selfish, self) {
        cedo_task_cancel_with(cedo_current_task(), "mine");
        cedo_catch(self->status, cedo_future_wait(self->done));
        mark("%s", word(self->status));
        self->first = cedo_task_cancel_message(cedo_current_task());
        if (self->shielded)
            cedo_catch(self->status, cedo_future_wait_shielded(self->pending));
        else
            cedo_catch(self->status, cedo_future_wait(self->pending));
        mark("%s", word(self->status));
        self->second = cedo_task_cancel_message(cedo_current_task());
    }
}

START_TEST(a_request_waits_for_the_first_future_that_is_pending)
{
    static cedo_task_of(selfish) task;
    open_futures();
    for (int shielded = 0; shielded < 2; shielded++) {
        cedo_future_init(&f, NULL);
        cedo_future_init(&g, NULL);
        cedo_future_cancel_with(&f, "its");
        start(&task, selfish, .done = &f, .pending = &g, .shielded = shielded);
        run_dry();
        ck_trail("cancelled cancelled");
        ck_assert_str_eq(task.frame.first, "mine");
        ck_assert_str_eq(task.frame.second, "mine");
        ck_assert_int_eq(cedo_future_cancelled(&g), !shielded);
        if (!shielded) ck_assert_str_eq(cedo_future_cancel_message(&g), "mine");
    }
    close_world();
}
END_TEST

/* ------------------------------------------------------------- shields of futures */

START_TEST(SHIELD_01_cancelling_a_shielded_waiter_leaves_the_future_pending)
{
    open_futures();
    start(&a, waiter, .name = "a", .future = &f, .shielded = true);
    start(&b, waiter, .name = "b", .future = &f);
    turns(1);
    ck_assert(cedo_task_cancel_with(&a.task, "why"));
    ck_assert(!cedo_future_done(&f));
    turns(1);
    ck_trail("a:cancelled");
    ck_assert_str_eq(a.frame.message, "why");
    cedo_future_set(&f, CEDO_OK);
    turns(1);
    ck_trail("b:ok");
    close_world();
}
END_TEST

START_TEST(SHIELD_02_outcome_and_cancellation_of_the_future_pass_a_shield)
{
    static const int outcomes[] = {CEDO_OK, CEDO_EUSER, CEDO_ECANCELED};
    open_futures();
    for (int i = 0; i < 3; i++) {
        cedo_future_init(&f, NULL);
        start(&a, waiter, .name = "a", .future = &f, .shielded = true);
        cedo_task_keep(&a.task);
        turns(1);
        cedo_future_set(&f, outcomes[i]);
        turns(1);
        ck_assert_int_eq(cedo_task_result(&a.task), outcomes[i]);
        ck_assert_uint_eq(a.frame.cancelling, 0);
    }
    ck_trail("a:ok a:error a:cancelled");
    close_world();
}
END_TEST

START_TEST(SHIELD_03_shielding_a_future_that_is_done_does_not_suspend)
{
    static cedo_task_of(marker) other;
    open_futures();
    cedo_future_set(&f, CEDO_OK);
    start(&a, waiter, .name = "a", .future = &f, .shielded = true);
    start(&other, marker, .name = "other");
    turns(1);
    ck_trail("a:ok other");
    close_world();
}
END_TEST

START_TEST(SHIELD_04_an_error_of_a_future_that_nobody_waits_for_any_more_is_kept_in_it)
{
    open_futures();
    start(&a, waiter, .name = "a", .future = &f, .shielded = true);
    turns(1);
    cedo_task_cancel(&a.task);
    turns(1);
    cedo_future_set(&f, CEDO_EUSER);
    run_dry();
    ck_trail("a:cancelled");
    ck_assert_int_eq(cedo_future_result(&f), CEDO_EUSER);
    close_world();
}
END_TEST

#if CEDO_SCOPES
struct limited {
    cedo_coro coro;
    cedo_future *future;
    bool shielded;
    cedo_timeout limit;
    int status;
};

static cedo_async(limited)
{
    cedo_body(struct limited, self) {
        if (self->shielded)
            cedo_catch(self->status,
                       cedo_wait_for(&self->limit, 0, cedo_future_wait_shielded(self->future)));
        else
            cedo_catch(self->status,
                       cedo_wait_for(&self->limit, CEDO_MS(5), cedo_future_wait(self->future)));
        mark("%s", word(self->status));
    }
}

START_TEST(SHIELD_06_a_limit_of_zero_cancels_only_the_wait)
{
    static cedo_task_of(limited) task;
    open_futures();
    start(&task, limited, .future = &f, .shielded = true);
    run_dry();
    ck_trail("timeout");
    ck_assert(!cedo_future_done(&f));
    close_world();
}
END_TEST

START_TEST(a_limit_on_a_future_cancels_it)
{
    static cedo_task_of(limited) task;
    open_futures();
    start(&task, limited, .future = &f);
    run_dry();
    ck_trail("timeout");
    ck_assert(cedo_future_cancelled(&f));
    close_world();
}
END_TEST
#endif

/* ------------------------------------------------------------- tasks: shields and callbacks */

#if CEDO_JOIN
struct shielder {
    cedo_coro coro;
    const char *name;
    cedo_task *task;
    bool selfish;
    int status;
    const char *message;
};

static cedo_async(shielder)
{
    cedo_body(struct shielder, self) {
        if (self->selfish) cedo_task_cancel_with(cedo_current_task(), "mine");
        cedo_catch(self->status, cedo_join_shielded(self->task));
        self->message = cedo_task_cancel_message(cedo_current_task());
        mark("%s:%s", self->name, word(self->status));
    }
}

static cedo_task_of(shielder) s;

/* A task of a future, shielded. */
static void start_shielded(void)
{
    open_futures();
    start(&a, waiter, .name = "a", .future = &f);
    start(&s, shielder, .name = "s", .task = &a.task);
    turns(1);
    ck_trail("");
}

START_TEST(SHIELD_01_cancelling_a_shielded_join_leaves_the_task_running)
{
    start_shielded();
    ck_assert(cedo_task_cancel_with(&s.task, "why"));
    ck_assert_uint_eq(cedo_task_cancelling(&a.task), 0);
    turns(1);
    ck_trail("s:cancelled");
    ck_assert_str_eq(s.frame.message, "why");
    cedo_future_set(&f, CEDO_OK);
    turns(1);
    ck_trail("a:ok");
    ck_assert_int_eq(cedo_task_result(&a.task), CEDO_OK);
    close_world();
}
END_TEST

START_TEST(SHIELD_01_a_request_from_before_does_not_pass_a_shield)
{
    open_futures();
    start(&a, waiter, .name = "a", .future = &f);
    start(&s, shielder, .name = "s", .task = &a.task, .selfish = true);
    turns(2);
    ck_trail("s:cancelled");
    ck_assert_str_eq(s.frame.message, "mine");
    ck_assert(!cedo_task_done(&a.task));
    ck_assert_uint_eq(cedo_task_cancelling(&a.task), 0);
    cedo_future_set(&f, CEDO_OK);
    run_dry();
    ck_trail("a:ok");
    close_world();
}
END_TEST

START_TEST(SHIELD_02_the_end_of_a_task_passes_a_shield)
{
    start_shielded();
    cedo_future_set(&f, CEDO_EUSER);
    run_dry();
    ck_trail("a:error s:error");
    close_world();

    start_shielded();
    cedo_task_cancel_with(&a.task, "inner");
    run_dry();
    ck_trail("a:cancelled s:cancelled");
    ck_assert_str_eq(s.frame.message, "inner");
    ck_assert_uint_eq(cedo_task_cancelling(&s.task), 0);
    close_world();
}
END_TEST

START_TEST(SHIELD_03_shielding_a_task_that_is_done_does_not_suspend)
{
    static cedo_task_of(marker) other;
    open_futures();
    cedo_future_set(&f, CEDO_OK);
    ck_assert_int_eq(run(&a, waiter, .name = "a", .future = &f), CEDO_OK);
    start(&s, shielder, .name = "s", .task = &a.task, .selfish = true);
    start(&other, marker, .name = "other");
    turns(1);
    ck_trail("a:ok s:ok other");
    ck_assert_int_eq(cedo_task_result(&s.task), CEDO_ECANCELED); /* the request met no await */
    close_world();
}
END_TEST

START_TEST(SHIELD_04_an_error_after_the_waiter_was_cancelled_is_reported_once)
{
    start_shielded();
    cedo_task_cancel(&s.task);
    turns(1);
    cedo_future_set(&f, CEDO_EUSER);
    run_dry();
    ck_trail("s:cancelled a:error");
    ck_assert_int_eq(unhandled, 1);
    ck_assert_ptr_eq(last_unhandled.task, &a.task);
    unhandled = 0;
    close_world();
}
END_TEST

START_TEST(a_task_cannot_join_itself_behind_a_shield)
{
    open_futures();
    start(&s, shielder, .name = "s", .task = &s.task);
    run_dry();
    ck_trail("s:deadlock");
    close_world();
}
END_TEST

static cedo_status add_to(cedo_task *task, cedo_handle *handle, const char *text)
{
    return cedo_task_add_done_callback(task, handle, mark_callback, (void *)(uintptr_t)text);
}

START_TEST(FUT_03_callbacks_of_a_task_run_later_in_the_order_of_registration)
{
    start_shielded();
    memset(h, 0, sizeof h);
    ck_assert_int_eq(add_to(&a.task, &h[0], "1"), CEDO_OK);
    ck_assert_int_eq(add_to(&a.task, &h[1], "2"), CEDO_OK);
    ck_assert_int_eq(add_to(&a.task, &h[1], "2"), CEDO_EBUSY);
    cedo_future_set(&f, CEDO_EUSER);
    turns(1);
    ck_trail("a:error");
    turns(1);
    ck_trail("s:error 1 2");
    close_world();
}
END_TEST

START_TEST(FUT_04_a_callback_that_is_added_late_to_a_task_is_queued)
{
    open_futures();
    memset(h, 0, sizeof h);
    memset(&a, 0, sizeof a);
    ck_assert_int_eq(add_to(&a.task, &h[0], "never"), CEDO_ESTATE);
    cedo_future_set(&f, CEDO_OK);
    ck_assert_int_eq(run(&a, waiter, .name = "a", .future = &f), CEDO_OK);
    ck_assert_int_eq(add_to(&a.task, &h[0], "late"), CEDO_OK);
    ck_trail("a:ok");
    turns(1);
    ck_trail("late");
    close_world();
    ck_assert_int_eq(add_to(&a.task, &h[0], "never"), CEDO_ECLOSED);
}
END_TEST

START_TEST(FUT_05_a_callback_of_a_task_can_be_taken_back_until_the_task_is_done)
{
    open_futures();
    memset(h, 0, sizeof h);
    start(&a, waiter, .name = "a", .future = &f);
    add_to(&a.task, &h[0], "1");
    add_to(&a.task, &h[1], "2");
    add_to(&a.task, &h[2], "3");
    add_to(&a.task, &h[3], "4");
    ck_assert(cedo_task_remove_done_callback(&a.task, &h[1]));
    ck_assert(!cedo_task_remove_done_callback(&a.task, &h[1]));
    cedo_handle_cancel(&h[0]);
    cedo_future_set(&f, CEDO_OK);
    turns(1);
    ck_trail("a:ok");
    ck_assert(!cedo_task_remove_done_callback(&a.task, &h[2]));
    cedo_handle_cancel(&h[2]);
    turns(1);
    ck_trail("4");
    close_world();
}
END_TEST

START_TEST(a_callback_counts_as_waiting_for_the_error_of_a_task)
{
    open_futures();
    memset(h, 0, sizeof h);
    start(&a, waiter, .name = "a", .future = &f);
    add_to(&a.task, &h[0], "1");
    cedo_future_set(&f, CEDO_EUSER);
    run_dry();
    ck_trail("a:error 1");
    ck_assert_int_eq(cedo_task_result(&a.task), CEDO_EUSER);
    close_world();
}
END_TEST

static cedo_status cancel_handle(void *handle)
{
    cedo_handle_cancel((cedo_handle *)handle);
    return CEDO_OK;
}

START_TEST(a_callback_may_cancel_the_next_one_of_the_same_task)
{
    open_futures();
    memset(h, 0, sizeof h);
    start(&a, waiter, .name = "a", .future = &f);
    ck_assert_int_eq(cedo_task_add_done_callback(&a.task, &h[0], cancel_handle, &h[1]), CEDO_OK);
    add_to(&a.task, &h[1], "never");
    add_to(&a.task, &h[2], "3");
    cedo_future_set(&f, CEDO_OK);
    run_dry();
    ck_trail("a:ok 3");
    close_world();
}
END_TEST
#endif

int main(void)
{
    const TTest *const tests[] = {
        FUT_01_a_future_is_done_once,
        FUT_02_only_a_future_that_is_done_has_an_outcome,
        storage_that_is_all_zero_is_a_pending_future,
        a_typed_future_keeps_its_first_value,
        FUT_03_callbacks_run_later_in_the_order_of_registration,
        FUT_04_a_callback_that_is_added_late_is_queued,
        FUT_05_a_callback_can_be_taken_back_until_the_future_is_done,
        cancelling_the_handle_takes_a_callback_back_at_any_time,
        FUT_06_callbacks_may_add_and_remove_callbacks,
        a_closed_loop_takes_no_callbacks,
        a_callback_that_is_added_in_a_loop_binds_the_future_to_it,
#if CEDO_CHECKS && CEDO_LOOPS
        a_callback_of_a_future_without_a_loop_traps_outside_of_any,
#endif
        FUT_07_all_waiters_wake_in_order_with_the_same_outcome,
        FUT_07_awaiting_a_future_that_is_done_does_not_suspend,
        FUT_07_waiters_and_callbacks_have_one_order,
        FUT_08_a_cancelled_future_is_no_request_to_its_waiters,
#if CEDO_LOOPS
        FUT_09_a_pending_future_of_another_loop_cannot_be_awaited,
#endif
        FUT_10_the_message_of_a_cancelled_future_reaches_its_waiters,
        FUT_11_what_comes_after_the_waiter_was_cancelled_changes_nothing,
        CANCEL_06_cancelling_a_waiter_cancels_the_future_and_so_all_waiters,
        CANCEL_09_a_cancel_wins_over_an_outcome_that_was_not_delivered_yet,
        CANCEL_16_uncancel_does_not_undo_what_reached_the_future,
        uncancel_voids_a_request_that_met_a_future_that_was_done,
        a_request_waits_for_the_first_future_that_is_pending,
        SHIELD_01_cancelling_a_shielded_waiter_leaves_the_future_pending,
        SHIELD_02_outcome_and_cancellation_of_the_future_pass_a_shield,
        SHIELD_03_shielding_a_future_that_is_done_does_not_suspend,
        SHIELD_04_an_error_of_a_future_that_nobody_waits_for_any_more_is_kept_in_it,
#if CEDO_SCOPES
        SHIELD_06_a_limit_of_zero_cancels_only_the_wait,
        a_limit_on_a_future_cancels_it,
#endif
#if CEDO_JOIN
        SHIELD_01_cancelling_a_shielded_join_leaves_the_task_running,
        SHIELD_01_a_request_from_before_does_not_pass_a_shield,
        SHIELD_02_the_end_of_a_task_passes_a_shield,
        SHIELD_03_shielding_a_task_that_is_done_does_not_suspend,
        SHIELD_04_an_error_after_the_waiter_was_cancelled_is_reported_once,
        a_task_cannot_join_itself_behind_a_shield,
        FUT_03_callbacks_of_a_task_run_later_in_the_order_of_registration,
        FUT_04_a_callback_that_is_added_late_to_a_task_is_queued,
        FUT_05_a_callback_of_a_task_can_be_taken_back_until_the_task_is_done,
        a_callback_counts_as_waiting_for_the_error_of_a_task,
        a_callback_may_cancel_the_next_one_of_the_same_task,
#endif
    };
    return suite_run("future", tests, sizeof tests / sizeof *tests);
}
