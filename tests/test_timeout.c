/* Timeouts of blocks and of single operations. */
#include "world.h"

static cedo_event event;

static void begin(void)
{
    static const cedo_event unset;
    open_world();
    event = unset;
}

static cedo_status set_event(void *arg)
{
    (void)arg;
    cedo_event_set(&event);
    return CEDO_OK;
}

static cedo_status cancel_callback(void *task)
{
    cedo_task_cancel((cedo_task *)task);
    return CEDO_OK;
}

/* ------------------------------------------------------------- blocks */

enum inside {
    SLEEPS,
    SWALLOWS,
    REPLACES,
    FAILS,
    NOTHING,
    YIELDS,
    MOVES,
    REMOVES,
    PUTS_BACK,
    WAITS
};

struct limited {
    cedo_coro coro;
    cedo_duration limit, length; /* arguments */
    int inside, at, in_finally;
    int status, caught, reschedule;
    cedo_time when;
    cedo_timeout timeout;
    cedo_guard guard;
};

static cedo_async(limited)
{
    cedo_body(struct limited, self) {
        cedo_try_all (&self->guard) {
            if (self->at) {
                cedo_with_timeout_at(&self->timeout, self->when)
                {
                    mark("at");
                    cedo_catch(self->status, cedo_sleep(self->length));
                    if (self->status) cedo_throw(self->status);
                }
            }
            else {
                cedo_with_timeout (&self->timeout, self->limit) {
                    if (self->inside == YIELDS) cedo_await(cedo_yield_now());
                    if (self->inside == FAILS) cedo_throw(CEDO_EUSER);
                    if (self->inside == MOVES)
                        self->reschedule = cedo_timeout_reschedule(&self->timeout, self->when);
                    if (self->inside == REMOVES)
                        self->reschedule = cedo_timeout_remove(&self->timeout);
                    if (self->inside == PUTS_BACK) {
                        self->reschedule = cedo_timeout_remove(&self->timeout);
                        ck_assert(!cedo_timeout_when(&self->timeout, NULL));
                        ck_assert_int_eq(cedo_timeout_reschedule(&self->timeout, self->when),
                                         CEDO_OK);
                        ck_assert(cedo_timeout_when(&self->timeout, NULL));
                    }
                    if (self->inside == WAITS) cedo_await(cedo_event_wait(&event));
                    if (self->inside != NOTHING && self->inside != YIELDS &&
                        self->inside != WAITS) {
                        cedo_catch(self->status, cedo_sleep(self->length));
                        if (self->status && self->inside == REPLACES) {
                            self->reschedule = cedo_timeout_reschedule(&self->timeout, 1);
                            cedo_throw(CEDO_EINVAL);
                        }
                        if (self->status && self->inside != SWALLOWS) cedo_throw(self->status);
                        if (self->inside == SWALLOWS) {
                            mark("%u", cedo_task_cancelling(cedo_current_task()));
                            cedo_await(cedo_sleep(self->length)); /* not limited any more */
                            mark("unlimited");
                        }
                    }
                    mark("end");
                }
            }
        }
        self->caught = cedo_caught(&self->guard);
        mark("%u", cedo_task_cancelling(cedo_current_task()));
        if (self->caught < 0) cedo_throw(self->caught);
    }
}

START_TEST(TIMEOUT_01_the_deadline_cancels_and_becomes_ETIMEDOUT_at_the_end)
{
    static cedo_task_of(limited) task;
    begin();
    ck_assert_int_eq(run(&task, limited, .limit = CEDO_MS(10), .length = CEDO_MS(100)),
                     CEDO_ETIMEDOUT);
    ck_assert_int_eq(task.frame.status, CEDO_ECANCELED); /* seen inside */
    ck_assert_int_eq(cedo_loop_time(&loop), CEDO_MS(10));
    close_world();
}
END_TEST

START_TEST(TIMEOUT_02_cancelling_is_back_to_its_value_at_entry)
{
    static cedo_task_of(limited) task;
    begin();
    ck_assert_int_eq(run(&task, limited, .limit = CEDO_MS(10), .length = CEDO_MS(100)),
                     CEDO_ETIMEDOUT);
    ck_trail("0");
    ck_assert_uint_eq(cedo_task_cancelling(&task.task), 0);
    close_world();
}
END_TEST

START_TEST(TIMEOUT_03_leaving_in_time_disarms_the_timer)
{
    static cedo_task_of(limited) task;
    cedo_time when;
    begin();
    ck_assert_int_eq(run(&task, limited, .limit = CEDO_MS(100), .length = CEDO_MS(10)), CEDO_OK);
    ck_trail("end 0");
    ck_assert(!cedo_loop_deadline(&loop, &when));
    ck_assert(!cedo_timeout_expired(&task.frame.timeout));
    close_world();
}
END_TEST

START_TEST(TIMEOUT_04_for_ever_is_no_limit)
{
    static cedo_task_of(limited) task;
    cedo_time when;
    begin();
    start(&task, limited, .limit = CEDO_FOREVER, .length = CEDO_MS(10000));
    turns(1);
    ck_assert(!cedo_timeout_when(&task.frame.timeout, &when));
    ck_assert_int_eq(finish(&task), CEDO_OK);
    close_world();
}
END_TEST

START_TEST(when_is_the_deadline_while_it_is_armed)
{
    static cedo_task_of(limited) task;
    cedo_time when = 0;
    begin();
    ck_assert(!cedo_timeout_when(&task.frame.timeout, &when));
    start(&task, limited, .limit = CEDO_MS(20), .length = CEDO_MS(10));
    turns(1);
    ck_assert(cedo_timeout_when(&task.frame.timeout, &when));
    ck_assert_int_eq(when, CEDO_MS(20));
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_assert(!cedo_timeout_when(&task.frame.timeout, &when));
    close_world();
}
END_TEST

START_TEST(a_deadline_can_be_given_as_a_time)
{
    static cedo_task_of(limited) task;
    begin();
    ck_assert_int_eq(run(&task, limited, .at = 1, .when = CEDO_MS(20), .length = CEDO_MS(30)),
                     CEDO_ETIMEDOUT);
    ck_assert_int_eq(cedo_loop_time(&loop), CEDO_MS(20));
    /* one that has passed interrupts the first suspension */
    ck_assert_int_eq(run(&task, limited, .at = 1, .when = CEDO_MS(20), .length = CEDO_MS(30)),
                     CEDO_ETIMEDOUT);
    ck_assert_int_eq(cedo_loop_time(&loop), CEDO_MS(20));
    ck_trail("at 0 at 0");
    close_world();
}
END_TEST

START_TEST(TIMEOUT_05_expired_turns_true_with_the_deadline_and_stays)
{
    static cedo_task_of(limited) task;
    need_cheap_clock();
    begin();
    start(&task, limited, .limit = CEDO_MS(10), .length = CEDO_MS(50), .inside = SWALLOWS);
    turns(1);
    ck_assert(!cedo_timeout_expired(&task.frame.timeout));
    cedo_sim_advance(&loop, CEDO_MS(10));
    turns(1);
    ck_assert(cedo_timeout_expired(&task.frame.timeout));
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_assert(cedo_timeout_expired(&task.frame.timeout));
    close_world();
}
END_TEST

START_TEST(TIMEOUT_06_a_passed_deadline_interrupts_the_first_suspension)
{
    static cedo_task_of(limited) task;
    static const cedo_duration limits[] = {0, -1, -1000};
    begin();
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(run(&task, limited, .limit = limits[i], .length = CEDO_MS(10)),
                         CEDO_ETIMEDOUT);
        ck_assert_int_eq(run(&task, limited, .limit = limits[i], .inside = YIELDS), CEDO_ETIMEDOUT);
        ck_trail("0 0");
        ck_assert_int_eq(run(&task, limited, .limit = limits[i], .inside = NOTHING), CEDO_OK);
        ck_trail("end 0");
    }
    ck_assert_int_eq(cedo_loop_time(&loop), 0);
    close_world();
}
END_TEST

START_TEST(TIMEOUT_07_another_error_passes)
{
    static cedo_task_of(limited) task;
    begin();
    ck_assert_int_eq(run(&task, limited, .limit = CEDO_MS(10), .inside = FAILS), CEDO_EUSER);
    ck_assert(!cedo_timeout_expired(&task.frame.timeout));
    close_world();
}
END_TEST

START_TEST(TIMEOUT_08_an_error_that_replaces_the_cancel_passes)
{
    static cedo_task_of(limited) task;
    begin();
    ck_assert_int_eq(
        run(&task, limited, .limit = CEDO_MS(10), .length = CEDO_MS(50), .inside = REPLACES),
        CEDO_EINVAL);
    ck_assert(cedo_timeout_expired(&task.frame.timeout));
    ck_assert_int_eq(task.frame.reschedule, CEDO_ESTATE); /* while expiring */
    ck_trail("0");
    close_world();
}
END_TEST

START_TEST(TIMEOUT_09_a_swallowed_cancel_lifts_the_limit)
{
    static cedo_task_of(limited) task;
    begin();
    ck_assert_int_eq(
        run(&task, limited, .limit = CEDO_MS(10), .length = CEDO_MS(50), .inside = SWALLOWS),
        CEDO_OK);
    ck_trail("1 unlimited end 0");
    ck_assert(cedo_timeout_expired(&task.frame.timeout));
    ck_assert_int_eq(cedo_loop_time(&loop), CEDO_MS(60));
    close_world();
}
END_TEST

START_TEST(TIMEOUT_10_a_cancel_from_outside_stays_one)
{
    static cedo_task_of(limited) task;
    begin();
    start(&task, limited, .limit = CEDO_MS(10), .length = CEDO_MS(50));
    turns(1);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_assert(!cedo_timeout_expired(&task.frame.timeout));
    ck_trail("1");
    close_world();
}
END_TEST

START_TEST(TIMEOUT_11_a_cancel_beside_the_deadline_wins_though_it_is_expired)
{
    static cedo_task_of(limited) task;
    static cedo_handle cancels;
    need_cheap_clock();
    begin();
    /* deadline first, then cancelled before the task resumes */
    start(&task, limited, .limit = CEDO_MS(10), .length = CEDO_MS(50));
    turns(1);
    ck_assert_int_eq(cedo_call_at(&loop, &cancels, CEDO_MS(11), cancel_callback, &task.task),
                     CEDO_OK);
    cedo_sim_advance(&loop, CEDO_MS(12));
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_assert(cedo_timeout_expired(&task.frame.timeout));
    ck_assert_uint_eq(cedo_task_cancelling(&task.task), 1);
    /* cancelled first, then the deadline */
    start(&task, limited, .limit = CEDO_MS(10), .length = CEDO_MS(50));
    turns(1);
    ck_assert_int_eq(cedo_call_soon(&loop, &cancels, cancel_callback, &task.task), CEDO_OK);
    cedo_sim_advance(&loop, CEDO_MS(12));
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_trail("1 1");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- nested blocks */

struct nested {
    cedo_coro coro;
    cedo_duration outer_limit, inner_limit, length;
    int inner_status;
    cedo_timeout outer, inner;
    cedo_guard guard;
};

static cedo_async(nested)
{
    cedo_body(struct nested, self) {
        cedo_with_timeout (&self->outer, self->outer_limit) {
            cedo_try_all (&self->guard) {
                cedo_with_timeout (&self->inner, self->inner_limit) {
                    cedo_await(cedo_sleep(self->length));
                }
            }
            self->inner_status = cedo_caught(&self->guard);
            if (self->inner_status < 0) cedo_throw(self->inner_status);
        }
    }
}

START_TEST(TIMEOUT_12_only_the_block_whose_deadline_passed_converts)
{
    static cedo_task_of(nested) task;
    begin();
    ck_assert_int_eq(run(&task, nested, .outer_limit = CEDO_MS(10), .inner_limit = CEDO_MS(20),
                         .length = CEDO_MS(50)),
                     CEDO_ETIMEDOUT);
    ck_assert_int_eq(task.frame.inner_status, CEDO_ECANCELED);
    ck_assert(!cedo_timeout_expired(&task.frame.inner));
    ck_assert(cedo_timeout_expired(&task.frame.outer));
    ck_assert_int_eq(run(&task, nested, .outer_limit = CEDO_MS(20), .inner_limit = CEDO_MS(10),
                         .length = CEDO_MS(50)),
                     CEDO_ETIMEDOUT);
    ck_assert_int_eq(task.frame.inner_status, CEDO_ETIMEDOUT);
    ck_assert(cedo_timeout_expired(&task.frame.inner));
    ck_assert(!cedo_timeout_expired(&task.frame.outer));
    ck_assert_uint_eq(cedo_task_cancelling(&task.task), 0);
    close_world();
}
END_TEST

START_TEST(TIMEOUT_13_of_two_overdue_blocks_the_outer_converts)
{
    static cedo_task_of(nested) task;
    need_cheap_clock();
    begin();
    for (int i = 0; i < 2; i++) {
        start(&task, nested, .outer_limit = CEDO_MS(10 + i), .inner_limit = CEDO_MS(11 - i),
              .length = CEDO_MS(50));
        turns(1);
        cedo_sim_advance(&loop, CEDO_MS(20));
        ck_assert_int_eq(finish(&task), CEDO_ETIMEDOUT);
        ck_assert_int_eq(task.frame.inner_status, CEDO_ECANCELED);
        ck_assert(cedo_timeout_expired(&task.frame.inner));
        ck_assert(cedo_timeout_expired(&task.frame.outer));
        ck_assert_uint_eq(cedo_task_cancelling(&task.task), 0);
    }
    close_world();
}
END_TEST

START_TEST(TIMEOUT_14_reschedule_moves_removes_and_re_arms)
{
    static cedo_task_of(limited) task;
    begin();
    ck_assert_int_eq(cedo_timeout_reschedule(&task.frame.timeout, 1), CEDO_ESTATE); /* before */
    ck_assert_int_eq(cedo_timeout_remove(&task.frame.timeout), CEDO_ESTATE);
    ck_assert_int_eq(run(&task, limited, .limit = CEDO_MS(10), .length = CEDO_MS(50),
                         .inside = MOVES, .when = CEDO_MS(30)),
                     CEDO_ETIMEDOUT);
    ck_assert_int_eq(task.frame.reschedule, CEDO_OK);
    ck_assert_int_eq(cedo_loop_time(&loop), CEDO_MS(30));
    ck_assert_int_eq(cedo_timeout_reschedule(&task.frame.timeout, 1), CEDO_ESTATE); /* expired */
    ck_assert_int_eq(run(&task, limited, .limit = CEDO_MS(10), .length = CEDO_MS(50),
                         .inside = MOVES, .when = CEDO_MS(5)),
                     CEDO_ETIMEDOUT); /* has passed: at once */
    ck_assert_int_eq(cedo_loop_time(&loop), CEDO_MS(30));
    ck_assert_int_eq(
        run(&task, limited, .limit = CEDO_MS(10), .length = CEDO_MS(50), .inside = REMOVES),
        CEDO_OK);
    ck_assert_int_eq(cedo_loop_time(&loop), CEDO_MS(80));
    ck_assert_int_eq(cedo_timeout_reschedule(&task.frame.timeout, 1), CEDO_ESTATE); /* left */
    ck_assert_int_eq(run(&task, limited, .limit = CEDO_MS(10), .length = CEDO_MS(50),
                         .inside = PUTS_BACK, .when = CEDO_MS(100)),
                     CEDO_ETIMEDOUT);
    ck_assert_int_eq(cedo_loop_time(&loop), CEDO_MS(100));
    close_world();
}
END_TEST

static cedo_timeout lost;

CEDO_UNUSED_ static void open_outside(void)
{
    cedo_timeout_open_(&lost, CEDO_MS(1));
}

struct twice {
    cedo_coro coro;
    cedo_timeout timeout;
};

static cedo_async(twice)
{
    cedo_body(struct twice, self) {
        cedo_with_timeout (&self->timeout, CEDO_MS(10)) {
            cedo_with_timeout (&self->timeout, CEDO_MS(20)) {
                mark("never");
            }
        }
    }
}

CEDO_UNUSED_ static void open_twice(void)
{
    static cedo_task_of(twice) task;
    (void)run(&task, twice);
}

START_TEST(TIMEOUT_15_a_timeout_is_used_once_at_a_time_and_needs_a_task)
{
#if CEDO_CHECKS
    begin();
    ck_trap(open_outside, "can only be opened in a task");
    begin();
    ck_trap(open_twice, "open already");
#endif
}
END_TEST

struct in_finally {
    cedo_coro coro;
    int finals, status;
    cedo_timeout timeout;
    cedo_guard guard;
};

static cedo_async(in_finally)
{
    cedo_body(struct in_finally, self) {
        cedo_await(cedo_sleep_ms(100));
    cedo_finally:
        self->finals++;
        cedo_try (&self->guard) {
            cedo_with_timeout (&self->timeout, CEDO_MS(10)) cedo_await(cedo_sleep_ms(50));
        }
        self->status = cedo_caught(&self->guard);
    }
}

START_TEST(TIMEOUT_16_a_timeout_in_finally_of_a_cancelled_task_works)
{
    static cedo_task_of(in_finally) task;
    begin();
    start(&task, in_finally);
    turns(1);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_assert_int_eq(task.frame.finals, 1);
    ck_assert_int_eq(task.frame.status, CEDO_ETIMEDOUT);
    ck_assert_uint_eq(cedo_task_cancelling(&task.task), 1);
    ck_assert_int_eq(cedo_loop_time(&loop), CEDO_MS(10));
    close_world();
}
END_TEST

START_TEST(many_blocks_one_after_another_leave_nothing_behind)
{
    static cedo_task_of(limited) task;
    begin();
    for (int i = 1; i < 30; i++) {
        const int outcome = i < 15 ? CEDO_ETIMEDOUT : i == 15 ? 0 : CEDO_OK;
        start(&task, limited, .limit = CEDO_MS(i), .length = CEDO_MS(15));
        cedo_task_keep(&task.task);
        if (i == 15)
            (void)finish(&task); /* at the same time: either */
        else
            ck_assert_int_eq(finish(&task), outcome);
    }
    close_world();
}
END_TEST

/* ------------------------------------------------------------- wait_for */

struct inner {
    cedo_coro coro;
    cedo_duration length, cleanup;
    int fails, resists, raises;
    int status, entered, finals;
    cedo_task *task;
};

static cedo_async(inner)
{
    cedo_body(struct inner, self) {
        self->entered++;
        self->task = cedo_current_task();
        cedo_catch(self->status, cedo_sleep(self->length));
        if (self->status && self->raises) cedo_throw(self->raises);
        if (self->status && !self->resists) cedo_throw(self->status);
        if (self->fails) cedo_throw(self->fails);
    cedo_finally:
        self->finals++;
        if (self->cleanup) cedo_await(cedo_sleep(self->cleanup));
    }
}

struct waits_for {
    cedo_coro coro;
    cedo_duration limit, length, cleanup;
    int fails, resists, raises;
    int status;
    unsigned cancelling;
    struct inner inner;
    cedo_timeout timeout;
};

static cedo_async(waits_for)
{
    cedo_body(struct waits_for, self) {
        cedo_catch(self->status,
                   cedo_wait_for(&self->timeout, self->limit,
                                 cedo_call(&self->inner, inner, .length = self->length,
                                           .cleanup = self->cleanup, .fails = self->fails,
                                           .resists = self->resists, .raises = self->raises)));
        self->cancelling = cedo_task_cancelling(cedo_current_task());
        if (self->status) cedo_throw(self->status);
    }
}

START_TEST(WAITFOR_01_gives_the_outcome_if_it_is_in_time)
{
    static cedo_task_of(waits_for) task;
    begin();
    ck_assert_int_eq(run(&task, waits_for, .limit = CEDO_MS(20), .length = CEDO_MS(10)), CEDO_OK);
    ck_assert_int_eq(
        run(&task, waits_for, .limit = CEDO_MS(20), .length = CEDO_MS(10), .fails = CEDO_EUSER),
        CEDO_EUSER);
    ck_assert_int_eq(cedo_loop_time(&loop), CEDO_MS(20));
    ck_assert_int_eq(run(&task, waits_for, .limit = CEDO_FOREVER, .length = CEDO_MS(10000)),
                     CEDO_OK);
    close_world();
}
END_TEST

START_TEST(WAITFOR_02_at_the_deadline_the_inner_is_cancelled_and_its_cleanup_awaited)
{
    static cedo_task_of(waits_for) task;
    begin();
    ck_assert_int_eq(
        run(&task, waits_for, .limit = CEDO_MS(10), .length = CEDO_MS(100), .cleanup = CEDO_MS(30)),
        CEDO_ETIMEDOUT);
    ck_assert_int_eq(cedo_loop_time(&loop), CEDO_MS(40));
    ck_assert_int_eq(task.frame.inner.status, CEDO_ECANCELED);
    ck_assert_int_eq(task.frame.inner.finals, 1);
    close_world();
}
END_TEST

START_TEST(WAITFOR_03_an_inner_that_resists_decides_the_outcome)
{
    static cedo_task_of(waits_for) task;
    begin();
    ck_assert_int_eq(
        run(&task, waits_for, .limit = CEDO_MS(10), .length = CEDO_MS(100), .resists = 1), CEDO_OK);
    ck_assert_int_eq(
        run(&task, waits_for, .limit = CEDO_MS(10), .length = CEDO_MS(100), .raises = CEDO_EUSER),
        CEDO_EUSER);
    ck_assert(cedo_timeout_expired(&task.frame.timeout));
    close_world();
}
END_TEST

enum operation {
    DONE,
    SLEEP,
    EVENT,
    YIELD,
    JOIN,
    CALL,
    CALL_NEW,
    NESTED,
    NESTED_NEW,
    NESTED_WAIT,
    OPERATIONS
};

struct any {
    cedo_coro coro;
    cedo_duration limit, inner_limit;
    int operation, status, second;
    struct inner inner;
    cedo_task *joined;
    cedo_timeout timeout, nested;
};

static int any_entered;

struct noted {
    cedo_coro coro;
};

static cedo_async(noted)
{
    cedo_body(struct noted, self) {
        any_entered++;
        cedo_await(cedo_sleep_ms(100));
    }
}

#if CEDO_ALLOCATORS
#define CALL_NOTED_NEW cedo_call_new(noted)
#else
#define CALL_NOTED_NEW cedo_sleep_ms(100)
#endif
#if CEDO_JOIN
#define JOIN_IT cedo_join(self->joined)
#else
#define JOIN_IT cedo_sleep_ms(100)
#endif

static cedo_op any_of(struct any *self, cedo_coro *co_)
{
    switch (self->operation) {
    case DONE: return cedo_done(7);
    case SLEEP: return cedo_sleep_ms(100);
    case EVENT: return cedo_event_wait(&event);
    case YIELD: return cedo_yield_now();
    case JOIN: return JOIN_IT;
    case CALL: return cedo_call(&self->inner, inner, .length = CEDO_MS(100));
    case CALL_NEW: return CALL_NOTED_NEW;
    case NESTED:
        return cedo_wait_for(&self->nested, self->inner_limit,
                             cedo_call(&self->inner, inner, .length = CEDO_MS(100)));
    case NESTED_NEW: return cedo_wait_for(&self->nested, self->inner_limit, CALL_NOTED_NEW);
    default: return cedo_wait_for(&self->nested, self->inner_limit, cedo_event_wait(&event));
    }
}

static cedo_async(any)
{
    cedo_body(struct any, self) {
        cedo_catch(self->status, cedo_wait_for(&self->timeout, self->limit, any_of(self, co_)));
        /* whatever was left behind would meet this */
        cedo_catch(self->second, cedo_sleep_ms(500));
    }
}

START_TEST(WAITFOR_04_a_limit_of_zero_gives_what_is_done_and_starts_nothing)
{
    static cedo_task_of(any) task;
    static cedo_task_of(inner) joined;
    begin();
#if CEDO_ALLOCATORS && !CEDO_HOSTED
    static CEDO_POOL_STORAGE(storage, 128, 2);
    static cedo_pool pool;
    cedo_pool_init(&pool, storage, sizeof storage, 128);
    cedo_loop_set_allocator(&loop, &pool.allocator);
#endif
    any_entered = 0;
    for (cedo_duration limit = 0; limit >= -1; limit--) {
        for (int operation = 0; operation < OPERATIONS; operation++) {
            start(&joined, inner, .length = CEDO_MS(1000));
            turns(1);
            start(&task, any, .limit = limit, .inner_limit = CEDO_MS(200), .operation = operation,
                  .joined = &joined.task);
            ck_assert_int_eq(finish(&task), CEDO_OK);
            ck_assert_msg(task.frame.status == (operation == DONE ? 7 : CEDO_ETIMEDOUT),
                          "operation %d gave %d", operation, task.frame.status);
            ck_assert_msg(task.frame.second == CEDO_OK, "operation %d interrupted what followed",
                          operation);
            ck_assert_int_eq(task.frame.inner.entered, 0);
            ck_assert_uint_eq(cedo_task_cancelling(&task.task), 0);
            if (operation == JOIN && CEDO_JOIN) {
                ck_assert(cedo_task_cancelled(&joined.task));
            }
            else {
                ck_assert(cedo_task_cancel(&joined.task));
                turns(2);
            }
        }
    }
    ck_assert_int_eq(any_entered, 0);
#if CEDO_ALLOCATORS && !CEDO_HOSTED
    ck_assert_uint_eq(pool.used, 0);
#endif
    close_world();
}
END_TEST

START_TEST(any_operation_can_be_limited)
{
    static cedo_task_of(any) task;
    static cedo_task_of(inner) joined;
    begin();
#if CEDO_ALLOCATORS && !CEDO_HOSTED
    static CEDO_POOL_STORAGE(storage, 128, 2);
    static cedo_pool pool;
    cedo_pool_init(&pool, storage, sizeof storage, 128);
    cedo_loop_set_allocator(&loop, &pool.allocator);
#endif
    for (int which = 0; which < 2; which++) { /* the outer limit passes first, then the inner one */
        for (int operation = 0; operation < OPERATIONS; operation++) {
            const cedo_time began = cedo_loop_time(&loop);
            const bool in_time = operation == DONE || operation == YIELD;
            start(&joined, inner, .length = CEDO_MS(1000));
            turns(1);
            start(&task, any, .limit = which ? CEDO_MS(70) : CEDO_MS(30),
                  .inner_limit = CEDO_MS(50), .operation = operation, .joined = &joined.task);
            ck_assert_int_eq(finish(&task), CEDO_OK);
            ck_assert_msg(task.frame.status == (operation == DONE ? 7
                                                : in_time         ? CEDO_OK
                                                                  : CEDO_ETIMEDOUT),
                          "operation %d gave %d", operation, task.frame.status);
            ck_assert_int_eq(task.frame.second, CEDO_OK);
            ck_assert_uint_eq(cedo_task_cancelling(&task.task), 0);
            ck_assert_int_eq((cedo_time)(cedo_loop_time(&loop) - began),
                             CEDO_MS(500) + (in_time               ? 0
                                             : which == 0          ? CEDO_MS(30)
                                             : operation >= NESTED ? CEDO_MS(50)
                                                                   : CEDO_MS(70)));
            if (!cedo_task_done(&joined.task)) {
                ck_assert(cedo_task_cancel(&joined.task));
                turns(2);
            }
        }
    }
    close_world();
}
END_TEST

#if CEDO_JOIN
START_TEST(a_task_that_resists_its_cancel_by_a_zero_limit_gives_its_outcome)
{
    static cedo_task_of(any) task;
    static cedo_task_of(inner) joined;
    begin();
    start(&joined, inner, .length = CEDO_MS(1000), .resists = 1, .cleanup = CEDO_MS(5));
    turns(1);
    start(&task, any, .operation = JOIN, .joined = &joined.task);
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_assert_int_eq(task.frame.status, CEDO_OK);
    ck_assert_int_eq(cedo_loop_time(&loop), CEDO_MS(505));
    close_world();
}
END_TEST
#endif

START_TEST(WAITFOR_05_cancelling_the_waiter_cancels_the_inner_and_waits_for_it)
{
    static cedo_task_of(waits_for) task;
    begin();
    start(&task, waits_for, .limit = CEDO_MS(50), .length = CEDO_MS(100), .cleanup = CEDO_MS(5));
    turns(1);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_assert_int_eq(task.frame.inner.status, CEDO_ECANCELED);
    ck_assert_int_eq(task.frame.inner.finals, 1);
    ck_assert_int_eq(cedo_loop_time(&loop), CEDO_MS(5));
    close_world();
}
END_TEST

START_TEST(WAITFOR_06_a_deadline_found_before_the_waiter_resumed_wins_over_the_result)
{
    static cedo_task_of(any) task;
    static cedo_handle sets;
    need_cheap_clock();
    begin();
    start(&task, any, .limit = CEDO_MS(10), .operation = EVENT);
    turns(1);
    /* in one turn: the event is set first, then the deadline passes */
    ck_assert_int_eq(cedo_call_at(&loop, &sets, CEDO_MS(9), set_event, NULL), CEDO_OK);
    cedo_sim_advance(&loop, CEDO_MS(20));
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_assert_int_eq(task.frame.status, CEDO_ETIMEDOUT);
    ck_assert_int_eq(task.frame.second, CEDO_OK);
    close_world();
}
END_TEST

START_TEST(WAITFOR_07_a_cancel_that_races_with_the_completion_is_honoured)
{
    static cedo_task_of(any) task;
    begin();
    start(&task, any, .limit = CEDO_MS(10), .operation = EVENT);
    turns(1);
    cedo_event_set(&event);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_assert_int_eq(task.frame.status, CEDO_ECANCELED);
    ck_assert_uint_eq(cedo_task_cancelling(&task.task), 1);
    close_world();
}
END_TEST

#if CEDO_JOIN
START_TEST(WAITFOR_08_an_inner_cancelled_by_a_third_party_gives_ECANCELED)
{
    static cedo_task_of(any) task;
    static cedo_task_of(inner) joined;
    begin();
    start(&joined, inner, .length = CEDO_MS(1000));
    start(&task, any, .limit = CEDO_MS(50), .operation = JOIN, .joined = &joined.task);
    turns(1);
    ck_assert(cedo_task_cancel(&joined.task));
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_assert_int_eq(task.frame.status, CEDO_ECANCELED);
    ck_assert_uint_eq(cedo_task_cancelling(&task.task), 0);
    close_world();
}
END_TEST
#endif

START_TEST(WAITFOR_09_leaves_the_count_of_the_caller_unchanged)
{
    static cedo_task_of(waits_for) task;
    begin();
    ck_assert_int_eq(run(&task, waits_for, .limit = CEDO_MS(10), .length = CEDO_MS(100)),
                     CEDO_ETIMEDOUT);
    ck_assert_uint_eq(task.frame.cancelling, 0);
    ck_assert_int_eq(
        run(&task, waits_for, .limit = CEDO_MS(10), .length = CEDO_MS(100), .resists = 1), CEDO_OK);
    ck_assert_uint_eq(task.frame.cancelling, 0);
    close_world();
}
END_TEST

START_TEST(WAITFOR_10_a_coroutine_runs_in_the_task_of_the_caller)
{
    static cedo_task_of(waits_for) task;
    begin();
    ck_assert_int_eq(run(&task, waits_for, .limit = CEDO_MS(20), .length = CEDO_MS(10)), CEDO_OK);
    ck_assert_ptr_eq(task.frame.inner.task, &task.task);
    close_world();
}
END_TEST

struct mixed {
    cedo_coro coro;
    int i, status;
    cedo_guard guard;
    cedo_timeout timeout;
};

static cedo_async(mixed)
{
    cedo_body(struct mixed, self) {
        for (self->i = 0; self->i < 3; self->i++) {
            cedo_catch(self->status, cedo_wait_for(&self->timeout, CEDO_MS(10),
                                                   cedo_sleep_ms(20 * (self->i % 2))));
            mark("%d", self->status == CEDO_ETIMEDOUT);
            cedo_try (&self->guard) {
                cedo_with_timeout (&self->timeout, CEDO_MS(10))
                    cedo_await(cedo_sleep_ms(20 * (self->i % 2)));
            }
            mark("%d", cedo_caught(&self->guard) == CEDO_ETIMEDOUT);
        }
    }
}

START_TEST(one_timeout_serves_blocks_and_operations_in_turn)
{
    static cedo_task_of(mixed) task;
    begin();
    ck_assert_int_eq(run(&task, mixed), CEDO_OK);
    ck_trail("0 0 1 1 0 0");
    close_world();
}
END_TEST

#if CEDO_CHECKS
struct reuser {
    cedo_coro coro;
    cedo_timeout timeout;
};

static cedo_async(reuser)
{
    cedo_body(struct reuser, self) {
        cedo_await(cedo_wait_for(&self->timeout, CEDO_MS(1),
                                 cedo_wait_for(&self->timeout, CEDO_MS(2), cedo_sleep_ms(3))));
    }
}

static void reuse_while_armed(void)
{
    static cedo_task_of(reuser) task;
    (void)run(&task, reuser);
}
#endif

/* A sleep and the limit around it are due at once, and so is another task, which comes first and takes
 * the cancel of the limit back: it must have met the sleep by then. */

struct limited_sleep {
    cedo_coro coro;
    cedo_duration limit;
    cedo_timeout timeout;
};

static cedo_async(limited_sleep)
{
    cedo_body(struct limited_sleep, self) {
        cedo_await(cedo_sleep_ms(10));
        cedo_await(cedo_wait_for(&self->timeout, self->limit, cedo_sleep_ms(10)));
    }
}

struct forgiving {
    cedo_coro coro;
    cedo_task *task;
    unsigned left;
};

static cedo_async(forgiving)
{
    cedo_body(struct forgiving, self) {
        cedo_await(cedo_sleep_ms(20));
        self->left = cedo_task_uncancel(self->task);
    }
}

START_TEST(a_limit_comes_before_the_sleep_in_it_that_is_due_at_the_same_time)
{
    static cedo_task_of(forgiving) other;
    static cedo_task_of(limited_sleep) task;
    begin();
    start(&other, forgiving, .task = &task.task, .left = 7);
    start(&task, limited_sleep, .limit = CEDO_MS(10));
    ck_assert_int_eq(finish(&task), CEDO_ETIMEDOUT);
    ck_assert_int_eq(cedo_loop_time(&loop), CEDO_MS(20));
    ck_assert_uint_eq(other.frame.left, 0);
    ck_assert_int_eq(finish(&other), CEDO_OK);
    /* and not if it is due next */
    ck_assert_int_eq(run(&task, limited_sleep, .limit = CEDO_MS(10) + 1), CEDO_OK);
    ck_assert_int_eq(cedo_loop_time(&loop), CEDO_MS(40));
    close_world();
}
END_TEST

START_TEST(a_timeout_that_is_armed_cannot_be_used_again)
{
#if CEDO_CHECKS
    begin();
    ck_trap(reuse_while_armed, "in use");
#endif
}
END_TEST

#if CEDO_TRACE
START_TEST(a_wait_for_shows_in_the_await_stack)
{
    static cedo_task_of(waits_for) task;
    cedo_trace trace;
    begin();
    start(&task, waits_for, .limit = CEDO_MS(20), .length = CEDO_MS(10));
    turns(1);
    cedo_task_trace(&task.task, &trace);
    ck_assert_uint_eq(trace.depth, 3);
    ck_assert_str_eq(trace.entries[0].function, "inner_coro");
    ck_assert_str_eq(trace.entries[1].function, "cedo_wait_for");
    ck_assert_str_eq(trace.entries[2].function, "waits_for_coro");
    ck_assert_int_eq(finish(&task), CEDO_OK);
    close_world();
}
END_TEST
#endif

int main(void)
{
    const TTest *const tests[] = {
        TIMEOUT_01_the_deadline_cancels_and_becomes_ETIMEDOUT_at_the_end,
        TIMEOUT_02_cancelling_is_back_to_its_value_at_entry,
        TIMEOUT_03_leaving_in_time_disarms_the_timer,
        TIMEOUT_04_for_ever_is_no_limit,
        when_is_the_deadline_while_it_is_armed,
        a_deadline_can_be_given_as_a_time,
        TIMEOUT_05_expired_turns_true_with_the_deadline_and_stays,
        TIMEOUT_06_a_passed_deadline_interrupts_the_first_suspension,
        TIMEOUT_07_another_error_passes,
        TIMEOUT_08_an_error_that_replaces_the_cancel_passes,
        TIMEOUT_09_a_swallowed_cancel_lifts_the_limit,
        TIMEOUT_10_a_cancel_from_outside_stays_one,
        TIMEOUT_11_a_cancel_beside_the_deadline_wins_though_it_is_expired,
        TIMEOUT_12_only_the_block_whose_deadline_passed_converts,
        TIMEOUT_13_of_two_overdue_blocks_the_outer_converts,
        TIMEOUT_14_reschedule_moves_removes_and_re_arms,
        TIMEOUT_15_a_timeout_is_used_once_at_a_time_and_needs_a_task,
        TIMEOUT_16_a_timeout_in_finally_of_a_cancelled_task_works,
        many_blocks_one_after_another_leave_nothing_behind,
        WAITFOR_01_gives_the_outcome_if_it_is_in_time,
        WAITFOR_02_at_the_deadline_the_inner_is_cancelled_and_its_cleanup_awaited,
        WAITFOR_03_an_inner_that_resists_decides_the_outcome,
        WAITFOR_04_a_limit_of_zero_gives_what_is_done_and_starts_nothing,
        any_operation_can_be_limited,
#if CEDO_JOIN
        a_task_that_resists_its_cancel_by_a_zero_limit_gives_its_outcome,
        WAITFOR_08_an_inner_cancelled_by_a_third_party_gives_ECANCELED,
#endif
        WAITFOR_05_cancelling_the_waiter_cancels_the_inner_and_waits_for_it,
        WAITFOR_06_a_deadline_found_before_the_waiter_resumed_wins_over_the_result,
        WAITFOR_07_a_cancel_that_races_with_the_completion_is_honoured,
        WAITFOR_09_leaves_the_count_of_the_caller_unchanged,
        WAITFOR_10_a_coroutine_runs_in_the_task_of_the_caller,
        one_timeout_serves_blocks_and_operations_in_turn,
        a_limit_comes_before_the_sleep_in_it_that_is_due_at_the_same_time,
        a_timeout_that_is_armed_cannot_be_used_again,
#if CEDO_TRACE
        a_wait_for_shows_in_the_await_stack,
#endif
    };
    return suite_run("timeout", tests, sizeof tests / sizeof *tests);
}
