/* Messages of cancellations: who gets to know which, and for how long. */
#include "victims.h"

struct reader {
    cedo_coro coro;
    cedo_task *task; /* to join; NULL: sleep */
    const char *message;
    const char *later;
    int status;
};

static cedo_async(reader)
{
    cedo_body(struct reader, self) {
#if CEDO_JOIN
        if (self->task)
            cedo_catch(self->status, cedo_join(self->task));
        else
#endif
            cedo_catch(self->status, cedo_sleep_ms(100));
        self->message = cedo_task_cancel_message(cedo_current_task());
        cedo_await(cedo_sleep_ms(1));
        self->later = cedo_task_cancel_message(cedo_current_task());
        if (self->status) cedo_throw(self->status);
    }
}

START_TEST(CANCEL_17_the_message_reaches_the_task_and_who_awaits_it)
{
    static cedo_task_of(reader) task;
#if CEDO_JOIN
    static cedo_task_of(reader) outer;
#endif
    open_world();
    start(&task, reader);
    turns(1);
    ck_assert(cedo_task_cancel_with(&task.task, "bye"));
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_assert_pstr_eq(task.frame.message, "bye");
#if CEDO_JOIN
    start(&task, reader);
    start(&outer, reader, .task = &task.task);
    turns(1);
    ck_assert(cedo_task_cancel_with(&task.task, "bye"));
    ck_assert_int_eq(finish(&outer), CEDO_ECANCELED);
    ck_assert_pstr_eq(task.frame.message, "bye");
    start(&task, reader);
    start(&outer, reader, .task = &task.task);
    turns(1);
    ck_assert(cedo_task_cancel_with(&outer.task, "via parent"));
    ck_assert_int_eq(finish(&outer), CEDO_ECANCELED);
    ck_assert_pstr_eq(task.frame.message, "via parent");
#endif
    close_world();
}
END_TEST

#if CEDO_JOIN
/* The inner one ends while its message is still the last that it met: the outer one sees it. */
struct quick {
    cedo_coro coro;
};

static cedo_async(quick)
{
    cedo_body(struct quick, self) {
        cedo_await(cedo_sleep_ms(100));
    }
}

START_TEST(the_message_goes_up_through_a_join)
{
    static cedo_task_of(quick) inner;
    static cedo_task_of(reader) outer;
    open_world();
    start(&inner, quick);
    start(&outer, reader, .task = &inner.task);
    turns(1);
    ck_assert(cedo_task_cancel_with(&inner.task, "bye"));
    ck_assert_int_eq(finish(&outer), CEDO_ECANCELED);
    ck_assert_pstr_eq(outer.frame.message, "bye");
    /* an outcome that is no cancellation brings none */
    start(&inner, quick);
    start(&outer, reader, .task = &inner.task);
    ck_assert_int_eq(finish(&outer), CEDO_OK);
    ck_assert_ptr_null(outer.frame.message);
    close_world();
}
END_TEST
#endif

START_TEST(a_message_to_oneself_is_kept_until_the_next_await)
{
    static cedo_task_of(selfish) task;
    static const cedo_event unset;
    static const int thens[] = {AWAITS, SLEEPS, SLEEPS_LONG, WAITS, CALLS};
    open_world();
    event = unset;
    for (size_t i = 0; i < sizeof thens / sizeof *thens; i++) {
        ck_assert_int_eq(run(&task, selfish, .then = thens[i], .message = "me"), CEDO_ECANCELED);
        ck_trail("on at next await me");
    }
    close_world();
}
END_TEST

struct turn {
    cedo_coro coro;
    const char *message;
    int status;
};

static cedo_async(turn)
{
    cedo_body(struct turn, self) {
        cedo_catch(self->status, cedo_yield_now());
        self->message = cedo_task_cancel_message(cedo_current_task());
    }
}

struct envious {
    cedo_coro coro;
    cedo_task *other;
    const char *message;
    int status;
};

static cedo_async(envious)
{
    cedo_body(struct envious, self) {
        cedo_task_cancel_with(cedo_current_task(), "me");
        cedo_task_cancel_with(self->other, "you");
        cedo_catch(self->status, cedo_event_wait(&event));
        self->message = cedo_task_cancel_message(cedo_current_task());
    }
}

START_TEST(who_cancels_itself_and_another_one_keeps_its_own_message)
{
    static cedo_task_of(turn) other;
    static cedo_task_of(envious) task;
    static const cedo_event unset;
    open_world();
    event = unset;
    start(&other, turn);
    start(&task, envious, .other = &other.task);
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_assert_int_eq(task.frame.status, CEDO_ECANCELED);
    ck_assert_pstr_eq(task.frame.message, "me");
    ck_assert_int_eq(other.frame.status, CEDO_ECANCELED);
    ck_assert_pstr_eq(other.frame.message, "you");
    close_world();
}
END_TEST

struct deep_child {
    cedo_coro coro;
};

static cedo_async(deep_child)
{
    cedo_body(struct deep_child, self) {
        cedo_task_cancel(cedo_current_task());
    }
}

struct deep {
    cedo_coro coro;
    int status;
    struct deep_child child;
};

static cedo_async(deep)
{
    cedo_body(struct deep, self) {
        cedo_await(cedo_call(&self->child, deep_child));
        mark("returned");
        cedo_catch(self->status, cedo_event_wait(&event));
    }
}

START_TEST(a_request_from_a_callee_meets_the_next_wait_of_the_caller)
{
    static cedo_task_of(deep) task;
    static const cedo_event unset;
    open_world();
    event = unset;
    ck_assert_int_eq(run(&task, deep), CEDO_OK);
    ck_trail("returned");
    ck_assert_int_eq(task.frame.status, CEDO_ECANCELED);
    ck_assert(cedo_ring_is_empty(&event.waiters));
    close_world();
}
END_TEST

struct listener {
    cedo_coro coro;
    cedo_task *joins;
    int n;
};

static cedo_async(listener)
{
    cedo_body(struct listener, self) {
        ck_assert_ptr_null(cedo_task_cancel_message(cedo_current_task()));
        cedo_await(cedo_event_wait(&event));
        ck_assert_ptr_null(cedo_task_cancel_message(cedo_current_task()));
        cedo_await(cedo_sleep_ms(1));
        ck_assert_ptr_null(cedo_task_cancel_message(cedo_current_task()));
#if CEDO_JOIN
        cedo_await(cedo_join(self->joins));
        ck_assert_ptr_null(cedo_task_cancel_message(cedo_current_task()));
#endif
        self->n = 1;
    }
}

START_TEST(without_a_cancellation_there_is_no_message)
{
    static cedo_task_of(listener) task;
    static cedo_task_of(victim) other;
    static const cedo_event unset;
    open_world();
    event = unset;
    start(&other, victim);
    start(&task, listener, .joins = &other.task);
    turns(1);
    ck_assert_ptr_null(cedo_task_cancel_message(&task.task));
    cedo_event_set(&event);
    ck_assert_ptr_null(cedo_task_cancel_message(&task.task));
    turns(1);
    ck_assert_ptr_null(cedo_task_cancel_message(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_assert_ptr_null(cedo_task_cancel_message(&task.task));
    ck_assert_int_eq(task.frame.n, 1);
    run_dry();
    close_world();
}
END_TEST

START_TEST(a_task_that_was_woken_and_cancelled_has_no_stray_message)
{
    static cedo_task_of(reader) slept;
    static cedo_task_of(waiter) task;
    static const cedo_event unset;
    const char *message;
    open_world();
    event = unset;
    start(&task, waiter);
    start(&slept, reader);
    turns(1);
    cedo_event_set(&event);
    ck_assert(cedo_task_cancel_with(&task.task, "late"));
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    message = cedo_task_cancel_message(&task.task);
#if CEDO_HOSTED
    ck_assert_pstr_eq(message, "late");
#else
    /* there was no room to keep it, but it must be that or nothing */
    ck_assert(message == NULL || strcmp(message, "late") == 0);
#endif
    ck_assert(cedo_task_cancel(&slept.task));
    ck_assert_int_eq(finish(&slept), CEDO_ECANCELED);
    ck_assert_ptr_null(slept.frame.message);
    close_world();
}
END_TEST

#if CEDO_HOSTED && CEDO_JOIN
START_TEST(a_message_is_kept_while_the_task_waits_for_something_else_and_when_it_is_done)
{
    static cedo_task_of(reader) task, outer;
    open_world();
    start(&task, reader);
    turns(1);
    ck_assert(cedo_task_cancel_with(&task.task, "bye"));
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_assert_pstr_eq(task.frame.later, "bye");
    /* who joins it late is told, too, in place of what it was told before */
    start(&outer, reader, .task = &task.task);
    ck_assert_int_eq(finish(&outer), CEDO_ECANCELED);
    ck_assert_pstr_eq(outer.frame.message, "bye");
    ck_assert_pstr_eq(outer.frame.later, "bye");
    close_world();
    memset(&loop, 0xff, sizeof loop); /* a task that is done does not need its loop */
    ck_assert_pstr_eq(cedo_task_cancel_message(&task.task), "bye");
    /* another task in the same storage has none */
    open_world();
    start(&task, reader);
    turns(1);
    ck_assert_ptr_null(cedo_task_cancel_message(&task.task));
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_assert_ptr_null(task.frame.message);
    ck_assert_ptr_null(task.frame.later);
    close_world();
}
END_TEST

/* The last request counts, also if that says nothing. */
START_TEST(a_message_is_that_of_the_last_request)
{
    static cedo_task_of(waiter) task;
    static const cedo_event unset;
    static const char *const lasts[] = {"last", NULL};
    static cedo_task_of(reader) slept;
    open_world();
    start(&slept, reader);
    ck_assert(cedo_task_cancel_with(&slept.task, "taken back"));
    ck_assert_uint_eq(cedo_task_uncancel(&slept.task), 0);
    ck_assert_int_eq(finish(&slept), CEDO_OK);
    ck_assert_ptr_null(slept.frame.message);
    close_world();
    for (int i = 0; i < 2; i++) {
        open_world();
        event = unset;
        start(&task, waiter);
        turns(1);
        cedo_event_set(&event);
        ck_assert(cedo_task_cancel_with(&task.task, "first"));
        ck_assert(cedo_task_cancel_with(&task.task, lasts[i]));
        ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
        ck_assert_pstr_eq(cedo_task_cancel_message(&task.task), lasts[i]);
        close_world();
    }
}
END_TEST

START_TEST(a_loop_keeps_the_last_messages_and_never_gives_one_for_another)
{
    enum { COUNT = CEDO_MESSAGES_ + 3 };
    static cedo_task_of(reader) tasks[COUNT];
    static char texts[COUNT][12];
    open_world();
    for (int i = 0; i < COUNT; i++) {
        start(&tasks[i], reader);
        snprintf(texts[i], sizeof texts[i], "%d", i);
    }
    turns(1);
    for (int i = 0; i < COUNT; i++) ck_assert(cedo_task_cancel_with(&tasks[i].task, texts[i]));
    for (int i = 0; i < COUNT; i++) {
        ck_assert_int_eq(finish(&tasks[i]), CEDO_ECANCELED);
        ck_assert_pstr_eq(tasks[i].frame.message, texts[i]); /* at once there is room for each */
        ck_assert_pstr_eq(tasks[i].frame.later, i < COUNT - CEDO_MESSAGES_ ? NULL : texts[i]);
    }
    close_world();
}
END_TEST
#endif

int main(void)
{
    const TTest *const tests[] = {
        CANCEL_17_the_message_reaches_the_task_and_who_awaits_it,
#if CEDO_JOIN
        the_message_goes_up_through_a_join,
#endif
        a_message_to_oneself_is_kept_until_the_next_await,
        who_cancels_itself_and_another_one_keeps_its_own_message,
        a_request_from_a_callee_meets_the_next_wait_of_the_caller,
        without_a_cancellation_there_is_no_message,
        a_task_that_was_woken_and_cancelled_has_no_stray_message,
#if CEDO_HOSTED && CEDO_JOIN
        a_message_is_kept_while_the_task_waits_for_something_else_and_when_it_is_done,
        a_message_is_that_of_the_last_request,
        a_loop_keeps_the_last_messages_and_never_gives_one_for_another,
#endif
    };
    return suite_run("message", tests, sizeof tests / sizeof *tests);
}
