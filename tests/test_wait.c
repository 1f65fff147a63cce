/* Waiting for several tasks and futures: wait, gather, as_completed. */
#include "jobs.h"

static cedo_status sets(void *future)
{
    (void)cedo_future_set((cedo_future *)future, CEDO_OK);
    return CEDO_OK;
}

#define WAITER(name_) \
    struct name_ { \
        cedo_coro coro; \
        cedo_set set; \
        cedo_member m[4]; \
        cedo_member *member; \
        cedo_task_of(job) a, b, c; \
        cedo_future future, other; \
        cedo_handle handle; \
        cedo_timeout timeout; \
        cedo_guard guard; \
        int status, i; \
    }; \
    static cedo_async(name_)

/* Starts a job and puts it into the set. */
#define JOB(n, object, ...) \
    do { \
        ck_assert_int_eq(cedo_spawn(object, job, __VA_ARGS__), CEDO_OK); \
        ck_assert_int_eq(cedo_set_add_task(&self->set, &self->m[n], &(object)->task), CEDO_OK); \
    } while (0)

static void mark_done(const cedo_member *members, int count)
{
    char text[8] = "";
    for (int i = 0; i < count; i++) text[i] = cedo_member_done(&members[i]) ? '1' : '0';
    mark("%s", text);
}

/* ------------------------------------------------------------- wait */

WAITER(waits_for_all)
{
    cedo_body(struct waits_for_all, self) {
        JOB(0, &self->a, .name = 'a', .length = 20);
        JOB(1, &self->b, .name = 'b', .length = 10, .error = CEDO_EUSER);
        JOB(2, &self->c, .name = 'c', .length = 1000);
        ck_assert_uint_eq(cedo_set_pending(&self->set), 3);
        ck_assert_int_eq(cedo_member_result(&self->m[0]), CEDO_ESTATE);
        (void)cedo_call_later(&loop, &self->handle, CEDO_MS(15), cancels, &self->c.task);
        cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_FOREVER));
        ck_assert_uint_eq(cedo_set_pending(&self->set), 0);
        ck_assert_int_eq(cedo_member_result(&self->m[0]), CEDO_OK);
        ck_assert_int_eq(cedo_member_result(&self->m[1]), CEDO_EUSER);
        ck_assert_int_eq(cedo_member_result(&self->m[2]), CEDO_ECANCELED);
        cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_FOREVER)); /* at once */
        mark("all");
    }
}

START_TEST(WAIT_01_gives_what_is_done_and_never_fails_for_it)
{
    RUN(waits_for_all, CEDO_OK);
    ck_trail("b c-cancelled a all");
}
END_TEST

WAITER(waits_for_first)
{
    cedo_body(struct waits_for_first, self) {
        JOB(0, &self->a, .name = 'a', .length = 10);
        JOB(1, &self->b, .name = 'b', .length = 10);
        JOB(2, &self->c, .name = 'c', .length = 1000);
        cedo_await(cedo_wait(&self->set, CEDO_FIRST_COMPLETED, CEDO_FOREVER));
        mark_done(self->m, 3);
        cedo_await(cedo_wait(&self->set, CEDO_FIRST_COMPLETED, CEDO_FOREVER)); /* still so */
        ck_assert(cedo_set_remove(&self->m[0]));
        ck_assert(cedo_set_remove(&self->m[1]));
        ck_assert(!cedo_set_remove(&self->m[1]));
        (void)cedo_call_later(&loop, &self->handle, CEDO_MS(10), cancels, &self->c.task);
        cedo_await(cedo_wait(&self->set, CEDO_FIRST_COMPLETED, CEDO_FOREVER));
        mark_done(self->m, 3);
    }
}

START_TEST(WAIT_02_the_first_that_is_done_or_cancelled_and_all_of_the_same_turn)
{
    RUN(waits_for_first, CEDO_OK);
    ck_trail("a b 110 c-cancelled 111");
}
END_TEST

WAITER(waits_for_error)
{
    cedo_body(struct waits_for_error, self) {
        JOB(0, &self->a, .name = 'a', .length = 10, .error = CEDO_ECANCELED);
        JOB(1, &self->b, .name = 'b', .length = 20, .error = CEDO_EUSER);
        JOB(2, &self->c, .name = 'c', .length = 30);
        cedo_await(cedo_wait(&self->set, CEDO_FIRST_EXCEPTION, CEDO_FOREVER));
        mark_done(self->m, 3);
        cedo_await(cedo_wait(&self->set, CEDO_FIRST_EXCEPTION, CEDO_FOREVER)); /* at once */
        ck_assert(cedo_set_remove(&self->m[1]));
        cedo_await(cedo_wait(&self->set, CEDO_FIRST_EXCEPTION, CEDO_FOREVER)); /* all others */
        mark_done(self->m, 3);
    }
}

START_TEST(WAIT_03_the_first_error_where_a_cancellation_is_none_or_all)
{
    RUN(waits_for_error, CEDO_OK);
    ck_trail("a b 110 c 111");
}
END_TEST

WAITER(waits_limited)
{
    cedo_body(struct waits_limited, self) {
        JOB(0, &self->a, .name = 'a', .length = 10);
        JOB(1, &self->b, .name = 'b', .length = 30);
        cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_MS(20)));
        mark_done(self->m, 2);
        cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, 0));
        mark_done(self->m, 2);
        cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, -1));
        cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_MS(100)));
        mark_done(self->m, 2);
        mark("%d", cedo_loop_time(&loop) == CEDO_MS(30));
    }
}

START_TEST(WAIT_04_a_limit_is_no_error_and_cancels_nothing)
{
    RUN(waits_limited, CEDO_OK);
    ck_trail("a 10 10 b 11 1");
}
END_TEST

WAITER(wait_cancelled)
{
    cedo_body(struct wait_cancelled, self) {
        JOB(0, &self->a, .name = 'a', .length = 20);
        (void)cedo_call_later(&loop, &self->handle, CEDO_MS(10), cancels, cedo_current_task());
        cedo_catch(self->status, cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_MS(100)));
        ck_assert_int_eq(self->status, CEDO_ECANCELED);
        mark("cancelled");
        /* woken, and then cancelled */
        cedo_set_clear(&self->set);
        ck_assert(!cedo_member_done(&self->m[0]));
        (void)cedo_set_add_future(&self->set, &self->m[0], &self->future);
        (void)cedo_future_set(&self->future, CEDO_OK);
        (void)cedo_call_soon(&loop, &self->handle, cancels, cedo_current_task());
        cedo_catch(self->status, cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_MS(100)));
        ck_assert_int_eq(self->status, CEDO_ECANCELED);
        cedo_set_clear(&self->set);
        cedo_await(cedo_join(&self->a.task));
    }
}

START_TEST(WAIT_05_a_cancel_of_the_waiter_leaves_them_alone)
{
    RUN(wait_cancelled, CEDO_OK);
    ck_trail("cancelled a");
}
END_TEST

WAITER(empty)
{
    cedo_body(struct empty, self) {
        cedo_catch(self->status, cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_FOREVER));
        ck_assert_int_eq(self->status, CEDO_EINVAL);
        ck_assert_int_eq(cedo_set_add_task(&self->set, &self->m[0], &self->a.task), CEDO_ESTATE);
        cedo_set_clear(&self->set);
        cedo_set_limit(&self->set, CEDO_MS(10));
        cedo_catch(self->status, cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_FOREVER));
        ck_assert_int_eq(self->status, CEDO_EINVAL);
        ck_assert_ptr_null(cedo_set_next(&self->set, NULL));
        cedo_set_clear(&self->set);
        cedo_await(cedo_gather(&self->set));
        cedo_for_each(self->member, cedo_as_completed(&self->set, &self->member)) mark("never");
        cedo_set_limit(&self->set, CEDO_FOREVER);
        cedo_await(cedo_gather(&self->set));
        cedo_for_each(self->member, cedo_as_completed(&self->set, &self->member)) mark("never");
    }
}

START_TEST(WAIT_06_an_empty_set_is_an_error)
{
    RUN(empty, CEDO_OK);
    ck_trail("");
}
END_TEST

WAITER(twice)
{
    cedo_body(struct twice, self) {
        JOB(0, &self->a, .name = 'a', .length = 10);
        ck_assert_int_eq(cedo_set_add_task(&self->set, &self->m[1], &self->a.task), CEDO_OK);
        for (self->member = NULL, self->i = 0;
             (self->member = cedo_set_next(&self->set, self->member)) != NULL;)
            self->i++;
        ck_assert_int_eq(self->i, 2);
        cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_FOREVER));
        mark_done(self->m, 2);
    }
}

START_TEST(WAIT_07_one_may_be_in_it_twice)
{
    RUN(twice, CEDO_OK);
    ck_trail("a 11");
}
END_TEST

WAITER(mixed)
{
    cedo_body(struct mixed, self) {
        JOB(0, &self->a, .name = 'a', .length = 10);
        ck_assert_int_eq(cedo_set_add_future(&self->set, &self->m[1], &self->future), CEDO_OK);
        (void)cedo_future_set(&self->other, CEDO_EUSER);
        ck_assert_int_eq(cedo_set_add_future(&self->set, &self->m[2], &self->other), CEDO_OK);
        (void)cedo_call_later(&loop, &self->handle, CEDO_MS(20), sets, &self->future);
        cedo_for_each(self->member, cedo_as_completed(&self->set, &self->member))
            mark("[%d:%d]", (int)(self->member - self->m),
                 cedo_member_result(self->member) == CEDO_EUSER);
        /* and one that is done already */
        ck_assert_int_eq(cedo_set_add_task(&self->set, &self->m[3], &self->a.task), CEDO_OK);
        cedo_for_each(self->member, cedo_as_completed(&self->set, &self->member))
            mark("[%d]", (int)(self->member - self->m));
    }
}

START_TEST(tasks_and_futures_mix_and_may_be_done_before)
{
    RUN(mixed, CEDO_OK);
    ck_trail("[2:1] a [0:0] [1:0] [3]");
}
END_TEST

/* ------------------------------------------------------------- gather */

WAITER(gathers)
{
    cedo_body(struct gathers, self) {
        JOB(0, &self->a, .name = 'a', .length = 30);
        JOB(1, &self->b, .name = 'b', .length = 10);
        JOB(2, &self->c, .name = 'c', .length = 20);
        cedo_await(cedo_gather(&self->set));
        mark("%d", self->a.frame.result - self->b.frame.result - self->c.frame.result);
        cedo_await(cedo_gather(&self->set)); /* at once */
    }
}

START_TEST(GATHER_01_results_lie_where_they_belong)
{
    RUN(gathers, CEDO_OK);
    ck_trail("b c a 0");
}
END_TEST

WAITER(gathers_error)
{
    cedo_body(struct gathers_error, self) {
        JOB(0, &self->a, .name = 'a', .length = 30);
        JOB(1, &self->b, .name = 'b', .length = 10, .error = CEDO_EUSER);
        JOB(2, &self->c, .name = 'c', .length = 20, .error = CEDO_EUSER - 1);
        cedo_catch(self->status, cedo_gather(&self->set));
        ck_assert_int_eq(self->status, CEDO_EUSER);
        mark("failed");
        cedo_catch(self->status, cedo_gather(&self->set)); /* at once */
        ck_assert_int_eq(self->status, CEDO_EUSER);
        cedo_await(cedo_sleep_ms(50)); /* nobody reports the error of c */
        mark_done(self->m, 3);
    }
}

START_TEST(GATHER_02_the_first_error_comes_at_once_and_the_others_go_on)
{
    RUN(gathers_error, CEDO_OK);
    ck_trail("b failed c a 111");
}
END_TEST

WAITER(gathers_cancelled_job)
{
    cedo_body(struct gathers_cancelled_job, self) {
        JOB(0, &self->a, .name = 'a', .length = 30);
        JOB(1, &self->b, .name = 'b', .length = 1000);
        (void)cedo_call_later(&loop, &self->handle, CEDO_MS(10), cancels, &self->b.task);
        cedo_catch(self->status, cedo_gather(&self->set));
        ck_assert_int_eq(self->status, CEDO_ECANCELED);
        mark("%u", cancelling());
        cedo_await(cedo_join(&self->a.task));
    }
}

START_TEST(GATHER_04_one_that_is_cancelled_by_itself_gives_ECANCELED_and_no_request)
{
    RUN(gathers_cancelled_job, CEDO_OK);
    ck_trail("b-cancelled 0 a");
}
END_TEST

WAITER(gather_cancelled)
{
    cedo_body(struct gather_cancelled, self) {
        JOB(0, &self->a, .name = 'a', .length = 1000, .cleanup = 20);
        JOB(1, &self->b, .name = 'b', .length = 1000, .cleanup = self->i);
        (void)cedo_set_add_future(&self->set, &self->m[2], &self->future);
        JOB(3, &self->c, .name = 'c', .length = 5);
        (void)cedo_call_later(&loop, &self->handle, CEDO_MS(10), cancels, cedo_current_task());
        cedo_catch(self->status, cedo_gather(&self->set));
        ck_assert(cedo_future_cancelled(&self->future));
        mark_done(self->m, 4);
        mark("%u", cancelling());
        cedo_throw(self->status);
    }
}

START_TEST(GATHER_05_a_cancel_cancels_all_and_waits_for_their_end)
{
    static cedo_task_of(gather_cancelled) task;
    open_world();
    ck_assert_int_eq(run(&task, gather_cancelled, .i = 10), CEDO_ECANCELED);
    ck_trail("c b-cancelled a-cancelled 1111 1");
    ck_assert_int_eq(run(&task, gather_cancelled, .i = -1), CEDO_ECANCELED);
    ck_trail("c b-refuses a-cancelled 1111 1");
    close_world();
}
END_TEST

WAITER(gather_done_and_cancelled)
{
    cedo_body(struct gather_done_and_cancelled, self) {
        /* woken by an error, and then cancelled */
        JOB(0, &self->a, .name = 'a', .length = 30);
        (void)cedo_future_set(&self->future, CEDO_EUSER);
        (void)cedo_set_add_future(&self->set, &self->m[1], &self->future);
        (void)cedo_call_soon(&loop, &self->handle, cancels, cedo_current_task());
        cedo_catch(self->status, cedo_gather(&self->set));
        ck_assert_int_eq(self->status, CEDO_ECANCELED);
        cedo_await(cedo_join(&self->a.task));
        /* all are done, and the set is about to hear it */
        cedo_set_clear(&self->set);
        (void)cedo_set_add_future(&self->set, &self->m[1], &self->future);
        (void)cedo_task_cancel(cedo_current_task());
        cedo_catch(self->status, cedo_gather(&self->set));
        ck_assert_int_eq(self->status, CEDO_ECANCELED);
    }
}

START_TEST(GATHER_06_a_cancel_when_all_is_decided_cancels_nobody)
{
    RUN(gather_done_and_cancelled, CEDO_OK);
    ck_trail("a");
}
END_TEST

START_TEST(GATHER_07_duplicates_run_once_and_no_member_is_done_at_once)
{
    RUN(twice, CEDO_OK);
    ck_trail("a 11");
    RUN(empty, CEDO_OK);
}
END_TEST

#if CEDO_LOOPS
WAITER(foreign)
{
    cedo_body(struct foreign, self) {
        static cedo_loop elsewhere;
        ck_assert_int_eq(cedo_loop_init(&elsewhere, &cedo_port_sim), CEDO_OK);
        ck_assert_int_eq(cedo_loop_spawn(&elsewhere, &self->a, job, .name = 'a'), CEDO_OK);
        ck_assert_int_eq(cedo_set_add_task(&self->set, &self->m[0], &self->a.task), CEDO_EINVAL);
        cedo_future_init(&self->future, &elsewhere);
        ck_assert_int_eq(cedo_set_add_future(&self->set, &self->m[0], &self->future), CEDO_EINVAL);
#if CEDO_EXCEPTION_HANDLER
        cedo_loop_set_exception_handler(&elsewhere, count_unhandled, NULL);
#endif
        (void)cedo_loop_close(&elsewhere);
        unhandled = 0;
    }
}

START_TEST(GATHER_08_all_belong_to_one_loop)
{
    RUN(foreign, CEDO_OK);
}
END_TEST
#endif

WAITER(gathers_later)
{
    cedo_body(struct gathers_later, self) {
        JOB(0, &self->a, .name = 'a', .length = 10);
        JOB(1, &self->b, .name = 'b', .length = 30, .error = CEDO_EUSER);
        cedo_await(cedo_sleep_ms(20));
        mark("now");
        cedo_await(cedo_gather(&self->set));
    }
}

START_TEST(GATHER_09_one_may_await_it_later)
{
    RUN(gathers_later, CEDO_EUSER);
    ck_trail("a now b");
}
END_TEST

/* ------------------------------------------------------------- as_completed */

WAITER(completes)
{
    cedo_body(struct completes, self) {
        JOB(0, &self->a, .name = 'a', .length = 30);
        JOB(1, &self->b, .name = 'b', .length = 10, .error = CEDO_EUSER);
        JOB(2, &self->c, .name = 'c', .length = 20);
        cedo_await(cedo_sleep_ms(25));
        cedo_for_each(self->member, cedo_as_completed(&self->set, &self->member)) {
            mark("[%d]", (int)(self->member - self->m));
            ck_assert(cedo_member_done(self->member));
        }
        cedo_catch(self->status, cedo_as_completed(&self->set, &self->member));
        ck_assert_int_eq(self->status, CEDO_END);
    }
}

START_TEST(ASCOMP_01_gives_in_order_of_completion_also_what_was_done_before)
{
    RUN(completes, CEDO_OK);
    ck_trail("b c [1] [2] a [0]");
}
END_TEST

START_TEST(ASCOMP_03_gives_the_members_that_were_put_in_already_done)
{
    RUN(completes, CEDO_OK);
    ck_trail("b c [1] [2] a [0]");
}
END_TEST

WAITER(completes_limited)
{
    cedo_body(struct completes_limited, self) {
        JOB(0, &self->a, .name = 'a', .length = 10);
        JOB(1, &self->b, .name = 'b', .length = 30);
        JOB(2, &self->c, .name = 'c', .length = 40);
        cedo_set_limit(&self->set, CEDO_MS(20));
        cedo_await(cedo_as_completed(&self->set, &self->member));
        ck_assert_ptr_eq(self->member, &self->m[0]);
        cedo_catch(self->status, cedo_as_completed(&self->set, &self->member));
        ck_assert_int_eq(self->status, CEDO_ETIMEDOUT);
        cedo_catch(self->status, cedo_as_completed(&self->set, &self->member));
        ck_assert_int_eq(self->status, CEDO_ETIMEDOUT);
        mark("late");
        cedo_await(cedo_sleep_ms(15));
        cedo_await(cedo_as_completed(&self->set, &self->member)); /* was done meanwhile */
        ck_assert_ptr_eq(self->member, &self->m[1]);
        cedo_set_limit(&self->set, CEDO_FOREVER);
        cedo_await(cedo_as_completed(&self->set, &self->member));
        ck_assert_ptr_eq(self->member, &self->m[2]);
    }
}

START_TEST(ASCOMP_04_behind_the_limit_what_is_missing_is_ETIMEDOUT)
{
    RUN(completes_limited, CEDO_OK);
    ck_trail("a late b c");
}
END_TEST

WAITER(completes_in_time)
{
    cedo_body(struct completes_in_time, self) {
        JOB(0, &self->a, .name = 'a', .length = 10);
        cedo_set_limit(&self->set, CEDO_MS(20));
        cedo_for_each(self->member, cedo_as_completed(&self->set, &self->member)) mark("[]");
        ck_assert(!cedo_loop_deadline(&loop, NULL) || CEDO_HOSTED);
    }
}

START_TEST(ASCOMP_05_a_limit_that_is_not_needed_is_dropped)
{
    RUN(completes_in_time, CEDO_OK);
    ck_trail("a []");
}
END_TEST

WAITER(removes)
{
    cedo_body(struct removes, self) {
        JOB(0, &self->a, .name = 'a', .length = 10, .error = CEDO_EUSER);
        JOB(1, &self->b, .name = 'b', .length = 20);
        JOB(2, &self->c, .name = 'c', .length = 10, .error = CEDO_ECANCELED);
        cedo_await(cedo_as_completed(&self->set, &self->member));
        /* the last that was given, one that is pending, one that has told but was not heard */
        ck_assert(cedo_set_remove(&self->m[0]));
        ck_assert(cedo_set_remove(&self->m[1]));
        (void)cedo_future_set(&self->future, CEDO_OK);
        (void)cedo_set_add_future(&self->set, &self->m[3], &self->future);
        ck_assert(cedo_set_remove(&self->m[3]));
        ck_assert(cedo_member_done(&self->m[3]));
        ck_assert(!cedo_member_done(&self->m[1]));
        cedo_for_each(self->member, cedo_as_completed(&self->set, &self->member))
            mark("[%d]", (int)(self->member - self->m));
        cedo_catch(self->status, cedo_gather(&self->set));
        ck_assert_int_eq(self->status, CEDO_ECANCELED); /* that of c, which is in it still */
        cedo_await(cedo_join(&self->b.task));
    }
}

WAITER(removes_last)
{
    cedo_body(struct removes_last, self) {
        (void)cedo_future_set(&self->future, CEDO_EUSER);
        (void)cedo_future_set(&self->other, CEDO_EUSER - 1);
        (void)cedo_set_add_future(&self->set, &self->m[0], &self->future);
        (void)cedo_set_add_future(&self->set, &self->m[1], &self->other);
        (void)cedo_set_add_future(&self->set, &self->m[2], &self->future);
        cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_FOREVER));
        ck_assert(cedo_set_remove(&self->m[2]));
        cedo_catch(self->status, cedo_gather(&self->set));
        ck_assert_int_eq(self->status, CEDO_EUSER);
        ck_assert(cedo_set_remove(&self->m[0]));
        cedo_catch(self->status, cedo_gather(&self->set));
        ck_assert_int_eq(self->status, CEDO_EUSER - 1);
        ck_assert_ptr_eq(cedo_set_next(&self->set, NULL), &self->m[1]);
        ck_assert(cedo_set_remove(&self->m[1]));
        ck_assert_ptr_null(cedo_set_next(&self->set, NULL));
    }
}

START_TEST(members_can_be_taken_out_in_any_state)
{
    RUN(removes_last, CEDO_OK);
    RUN(removes, CEDO_OK);
    ck_trail("a c [2] b");
}
END_TEST

/* ------------------------------------------------------------- its end */

struct leaves {
    cedo_coro coro;
    cedo_task *task;
    cedo_future *future;
    cedo_set set;
    cedo_member m[2];
    cedo_timeout timeout;
};

static cedo_async(leaves)
{
    cedo_body(struct leaves, self) {
        cedo_with_timeout (&self->timeout, CEDO_MS(5)) {
            (void)cedo_set_add_task(&self->set, &self->m[0], self->task);
            (void)cedo_set_add_future(&self->set, &self->m[1], self->future);
            cedo_set_limit(&self->set, CEDO_MS(100));
        }
        cedo_with_timeout (&self->timeout, CEDO_MS(5)) cedo_set_clear(&self->set);
        (void)cedo_set_add_task(&self->set, &self->m[0], self->task);
        (void)cedo_set_add_future(&self->set, &self->m[1], self->future);
        cedo_await(cedo_sleep_ms(5));
    }
}

START_TEST(a_coroutine_that_ends_takes_its_members_out)
{
    static cedo_task_of(leaves) task;
    static cedo_task_of(job) job;
    cedo_future future;
    cedo_future_init(&future, NULL);
    open_world();
    start(&job, job, .name = 'j', .length = 50);
    ck_assert_int_eq(run(&task, leaves, .task = &job.task, .future = &future), CEDO_OK);
    memset(&task, 0xff, sizeof task);
    ck_assert(cedo_future_set(&future, CEDO_OK) == CEDO_OK);
    ck_assert_int_eq(finish(&job), CEDO_OK);
    ck_trail("j");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- together */

/* await shield(gather(...)), await gather(shield(...)). */
WAITER(gather_task)
{
    cedo_body(struct gather_task, self) {
        JOB(0, &self->a, .name = 'a', .length = 20);
        JOB(1, &self->b, .name = 'b', .length = 30);
        cedo_await(cedo_gather(&self->set));
        mark("gathered");
    }
}

struct shields {
    cedo_coro coro;
    cedo_task *task;
};

static cedo_async(shields)
{
    cedo_body(struct shields, self) {
        cedo_await(cedo_join_shielded(self->task));
    }
}

struct gathers_shielded {
    cedo_coro coro;
    cedo_task *task;
    cedo_task_of(shields) proxy;
    cedo_set set;
    cedo_member member;
};

static cedo_async(gathers_shielded)
{
    cedo_body(struct gathers_shielded, self) {
        (void)cedo_spawn(&self->proxy, shields, .task = self->task);
        (void)cedo_set_add_task(&self->set, &self->member, &self->proxy.task);
        cedo_await(cedo_gather(&self->set));
    }
}

START_TEST(SHIELD_05_a_gather_can_be_shielded_and_gather_what_is)
{
    static cedo_task_of(gather_task) inner;
    static cedo_task_of(shields) outer;
    static cedo_task_of(gathers_shielded) gather;
    static cedo_task_of(job) job;
    open_world();
    start(&inner, gather_task);
    start(&outer, shields, .task = &inner.task);
    cedo_task_keep(&outer.task);
    turns(3);
    (void)cedo_task_cancel(&outer.task);
    ck_assert_int_eq(finish(&outer), CEDO_ECANCELED);
    ck_assert_int_eq(finish(&inner), CEDO_OK);
    ck_trail("a b gathered");
    start(&job, job, .name = 'j', .length = 10);
    start(&gather, gathers_shielded, .task = &job.task);
    turns(3);
    (void)cedo_task_cancel(&gather.task);
    ck_assert_int_eq(finish(&gather), CEDO_ECANCELED);
    ck_assert(cedo_task_cancelled(&gather.frame.proxy.task));
    ck_assert_int_eq(finish(&job), CEDO_OK);
    ck_trail("j");
    close_world();
}
END_TEST

struct shield_zero {
    cedo_coro coro;
    cedo_task_of(job) job;
    cedo_timeout timeout;
    int status;
};

static cedo_async(shield_zero)
{
    cedo_body(struct shield_zero, self) {
        (void)cedo_spawn(&self->job, job, .name = 'j', .length = 10);
        cedo_catch(self->status,
                   cedo_wait_for(&self->timeout, 0, cedo_join_shielded(&self->job.task)));
        ck_assert_int_eq(self->status, CEDO_ETIMEDOUT);
        cedo_await(cedo_join(&self->job.task));
        mark("%u", cedo_task_cancelling(&self->job.task));
    }
}

START_TEST(SHIELD_06_a_limit_of_zero_cancels_only_the_shield)
{
    static cedo_task_of(shield_zero) task;
    open_world();
    ck_assert_int_eq(run(&task, shield_zero), CEDO_OK);
    ck_trail("j 0");
    close_world();
}
END_TEST

struct shield_left {
    cedo_coro coro;
    cedo_task *task;
};

static cedo_async(shield_left)
{
    cedo_body(struct shield_left, self) {
        cedo_await(cedo_join_shielded(self->task));
    }
}

START_TEST(SHIELD_04_a_later_error_behind_a_cancelled_shield_is_reported_once)
{
    static cedo_task_of(job) job;
    static cedo_task_of(shield_left) outer;
    open_world();
    start(&job, job, .name = 'j', .length = 10, .error = CEDO_EUSER);
    start(&outer, shield_left, .task = &job.task);
    turns(2);
    (void)cedo_task_cancel(&outer.task);
    run_dry();
    ck_assert(cedo_task_cancelled(&outer.task));
    ck_assert_int_eq(unhandled, 1);
    unhandled = 0;
    ck_trail("j");
    close_world();
}
END_TEST

static cedo_future lasting[2];

WAITER(is_left_open)
{
    cedo_body(struct is_left_open, self) {
        JOB(0, &self->a, .name = 'a', .length = 10); /* done, and told */
        cedo_await(cedo_sleep_ms(20));
        JOB(1, &self->b, .name = 'b', .length = 50); /* pending */
        (void)cedo_set_add_future(&self->set, &self->m[2], &lasting[0]);
        (void)cedo_set_add_future(&self->set, &self->m[3], &lasting[1]);
        (void)cedo_future_set(&lasting[1], CEDO_OK); /* done, and told in the next turn */
        cedo_loop_stop(&loop);
        cedo_try (&self->guard) {
            cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_SECONDS(1)));
        }
        cedo_except (&self->guard) mark("never");
    }
}

START_TEST(a_future_that_outlives_the_loop_does_not_know_its_sets)
{
    static cedo_task_of(is_left_open) task;
    static cedo_handle other;
    open_world();
    cedo_future_init(&lasting[0], &loop);
    cedo_future_init(&lasting[1], &loop);
    start(&task, is_left_open);
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_OK);
    ck_assert_int_eq(cedo_future_add_done_callback(&lasting[0], &other, mark_callback, "other"),
                     CEDO_OK);
    ck_assert_int_eq(cedo_loop_close(&loop), CEDO_OK);
#if CEDO_EXCEPTION_HANDLER
    ck_assert_int_eq(unhandled, 2);
#endif
    memset(&task, 0xa5, sizeof task); /* its storage is free */
    ck_assert_ptr_eq(cedo_ring_first(&lasting[0].u.watchers), &other.entry.node);
    ck_assert(cedo_future_remove_done_callback(&lasting[0], &other));
    ck_assert(cedo_future_cancel(&lasting[0]));
    ck_trail("a");
    unhandled = 0;
    open_world();
    memset(&task, 0, sizeof task);
    close_world();
}
END_TEST

#if CEDO_CHECKS
WAITER(adds_twice)
{
    cedo_body(struct adds_twice, self) {
        JOB(0, &self->a, .name = 'a', .length = 10);
        JOB(0, &self->b, .name = 'b', .length = 10);
    }
}

static void adds_member_twice(void)
{
    static cedo_task_of(adds_twice) task;
    (void)cedo_loop_spawn(&loop, &task, adds_twice);
    (void)cedo_loop_run_forever(&loop);
}

START_TEST(a_member_is_in_one_set)
{
    open_world();
    ck_trap(adds_member_twice, "in a set");
}
END_TEST
#endif

int main(void)
{
    const TTest *const tests[] = {
        WAIT_01_gives_what_is_done_and_never_fails_for_it,
        WAIT_02_the_first_that_is_done_or_cancelled_and_all_of_the_same_turn,
        WAIT_03_the_first_error_where_a_cancellation_is_none_or_all,
        WAIT_04_a_limit_is_no_error_and_cancels_nothing,
        WAIT_05_a_cancel_of_the_waiter_leaves_them_alone,
        WAIT_06_an_empty_set_is_an_error,
        WAIT_07_one_may_be_in_it_twice,
        tasks_and_futures_mix_and_may_be_done_before,
        GATHER_01_results_lie_where_they_belong,
        GATHER_02_the_first_error_comes_at_once_and_the_others_go_on,
        GATHER_04_one_that_is_cancelled_by_itself_gives_ECANCELED_and_no_request,
        GATHER_05_a_cancel_cancels_all_and_waits_for_their_end,
        GATHER_06_a_cancel_when_all_is_decided_cancels_nobody,
        GATHER_07_duplicates_run_once_and_no_member_is_done_at_once,
#if CEDO_LOOPS
        GATHER_08_all_belong_to_one_loop,
#endif
        GATHER_09_one_may_await_it_later,
        ASCOMP_01_gives_in_order_of_completion_also_what_was_done_before,
        ASCOMP_03_gives_the_members_that_were_put_in_already_done,
        ASCOMP_04_behind_the_limit_what_is_missing_is_ETIMEDOUT,
        ASCOMP_05_a_limit_that_is_not_needed_is_dropped,
        members_can_be_taken_out_in_any_state,
        a_coroutine_that_ends_takes_its_members_out,
        a_future_that_outlives_the_loop_does_not_know_its_sets,
        SHIELD_05_a_gather_can_be_shielded_and_gather_what_is,
        SHIELD_06_a_limit_of_zero_cancels_only_the_shield,
        SHIELD_04_a_later_error_behind_a_cancelled_shield_is_reported_once,
#if CEDO_CHECKS
        a_member_is_in_one_set,
#endif
    };
    return suite_run("wait", tests, sizeof tests / sizeof *tests);
}
