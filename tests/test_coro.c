/* Frames, await, catch, throw, return, finally, calls, recursion, generators. */
#include "deep.h"

/* ------------------------------------------------------------- bodies */

struct simple {
    cedo_coro coro;
    int a, b, sum;
};

static cedo_async(simple)
{
    cedo_body(struct simple, self) {
        self->sum = self->a + self->b;
    }
}

START_TEST(a_body_runs_to_its_end)
{
    static cedo_task_of(simple) task;
    open_world();
    ck_assert_int_eq(run(&task, simple, .a = 2, .b = 3), CEDO_OK);
    ck_assert_int_eq(task.frame.sum, 5);
    close_world();
}
END_TEST

START_TEST(fields_that_are_not_named_are_zero)
{
    static cedo_task_of(simple) task;
    open_world();
    task.frame.sum = 77;
    ck_assert_int_eq(run(&task, simple, .a = 2), CEDO_OK);
    ck_assert_int_eq(task.frame.sum, 2);
    close_world();
}
END_TEST

struct empty {
    cedo_coro coro;
};

static cedo_async(empty)
{
    cedo_body(struct empty, self) {
    }
}

struct ends_early {
    cedo_coro coro;
    int suspends;
    int seen;
};

static cedo_async(ends_early)
{
    cedo_body(struct ends_early, self) {
        if (self->suspends == 0) continue;
        cedo_await(cedo_yield_now());
        if (self->suspends == 1) continue;
        self->seen++;
    }
}

START_TEST(a_continue_in_no_loop_goes_to_the_end)
{
    static cedo_task_of(ends_early) task;
    open_world();
    for (int suspends = 0; suspends < 3; suspends++) {
        ck_assert_int_eq(run(&task, ends_early, .suspends = suspends), CEDO_OK);
        ck_assert_int_eq(task.frame.seen, suspends == 2);
    }
    close_world();
}
END_TEST

START_TEST(an_empty_body_ends_at_once)
{
    static cedo_task_of(empty) task;
    open_world();
    ck_assert_int_eq(run(&task, empty), CEDO_OK);
    close_world();
}
END_TEST

/* ------------------------------------------------------------- await and catch */

static int evaluations;

static cedo_op counted(cedo_op op)
{
    evaluations++;
    return op;
}

struct awaiter {
    cedo_coro coro;
    int status, after, many;
};

static cedo_async(awaiter)
{
    cedo_body(struct awaiter, self) {
        cedo_await(counted(cedo_done(CEDO_OK)));
        cedo_await(counted(cedo_done(CEDO_END))); /* success, too */
        cedo_await(counted(cedo_sleep_ms(3)));
        cedo_await(counted(cedo_yield_now()));
        cedo_catch(self->status, counted(cedo_done(CEDO_EUSER)));
        if (self->status == CEDO_EUSER)
            cedo_await(cedo_yield_now());
        else
            cedo_await(cedo_done(CEDO_EUSER - 2));
        cedo_catch(self->many, counted(cedo_done(42)));
        cedo_await(counted(cedo_done(CEDO_EUSER - 1)));
        self->after = 1;
    }
}

START_TEST(an_operand_is_evaluated_once_however_often_it_suspends)
{
    static cedo_task_of(awaiter) task;
    open_world();
    evaluations = 0;
    ck_assert_int_eq(run(&task, awaiter), CEDO_EUSER - 1);
    ck_assert_int_eq(evaluations, 7);
    close_world();
}
END_TEST

START_TEST(a_failed_await_leaves_and_catch_does_not)
{
    static cedo_task_of(awaiter) task;
    open_world();
    ck_assert_int_eq(run(&task, awaiter), CEDO_EUSER - 1);
    ck_assert_int_eq(task.frame.status, CEDO_EUSER);
    ck_assert_int_eq(task.frame.many, 42);
    ck_assert_int_eq(task.frame.after, 0);
    close_world();
}
END_TEST

struct returner {
    cedo_coro coro;
    int result, early;
};

static cedo_async(returner)
{
    cedo_body(struct returner, self) {
        if (self->early) cedo_return(self->result = 3);
        cedo_await(cedo_yield_now());
        cedo_return();
        self->result = 9;
    }
}

START_TEST(return_evaluates_its_expression_and_leaves)
{
    static cedo_task_of(returner) task;
    open_world();
    ck_assert_int_eq(run(&task, returner, .early = 1), CEDO_OK);
    ck_assert_int_eq(task.frame.result, 3);
    ck_assert_int_eq(run(&task, returner), CEDO_OK);
    ck_assert_int_eq(task.frame.result, 0);
    close_world();
}
END_TEST

struct thrower {
    cedo_coro coro;
    int status;
};

static cedo_async(thrower)
{
    cedo_body(struct thrower, self) {
        cedo_throw(self->status);
    }
}

START_TEST(throw_ends_with_its_status)
{
    static cedo_task_of(thrower) task;
    static const int statuses[] = {CEDO_ECANCELED, CEDO_ETIMEDOUT, CEDO_EINVAL, CEDO_EUSER,
                                   CEDO_STATUS_MIN};
    open_world();
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        ck_assert_int_eq(run(&task, thrower, .status = statuses[i]), statuses[i]);
    close_world();
}
END_TEST

#if CEDO_CHECKS
static cedo_task_of(thrower) bad_thrower;

static void throw_zero(void)
{
    (void)run(&bad_thrower, thrower, .status = CEDO_OK);
}

static void throw_positive(void)
{
    (void)run(&bad_thrower, thrower, .status = CEDO_END);
}
#endif

START_TEST(throwing_what_is_no_error_traps)
{
#if CEDO_CHECKS
    open_world();
    ck_trap(throw_zero, "cedo_throw takes a negative status");
    memset(&bad_thrower, 0, sizeof bad_thrower);
    open_world();
    ck_trap(throw_positive, "use cedo_return()");
#if CEDO_TRACE
    ck_assert_str_eq(trap_where.function, "thrower_coro");
    ck_assert_ptr_nonnull(strstr(trap_where.file, "test_coro.c"));
    ck_assert_int_gt(trap_where.line, 0);
#endif
#endif
}
END_TEST

/* ------------------------------------------------------------- finally */

enum way {
    BY_END,
    BY_RETURN,
    BY_BREAK,
    BY_CONTINUE,
    BY_THROW,
    BY_FAILED_AWAIT,
    BY_FAILED_CALL,
    BY_CANCEL,
    WAYS
};
enum last {
    PLAIN,
    RETURNS,
    BREAKS,
    CONTINUES,
    THROWS,
    AWAITS_A_FAILURE,
    CALLS_A_FAILURE,
    CALLS_A_THROWER,
    LASTS
};

static int pauses_most = 4;

struct leaver {
    cedo_coro coro;
    int way, last, pauses; /* arguments */
    int i, entered, finals, completed, caught;
    struct thrower child;
};

static cedo_async(leaver)
{
    cedo_body(struct leaver, self) {
        self->entered++;
        cedo_await(cedo_yield_now());
        if (self->way == BY_RETURN) cedo_return();
        if (self->way == BY_BREAK) break;
        if (self->way == BY_CONTINUE) continue;
        if (self->way == BY_THROW) cedo_throw(CEDO_EUSER);
        if (self->way == BY_FAILED_AWAIT) cedo_await(cedo_done(CEDO_EUSER));
        if (self->way == BY_FAILED_CALL)
            cedo_await(cedo_call(&self->child, thrower, .status = CEDO_EUSER));
        if (self->way == BY_CANCEL) cedo_await(cedo_sleep(CEDO_FOREVER));
    cedo_finally:
        self->finals++;
        for (self->i = 0; self->i < self->pauses; self->i++) cedo_await(cedo_sleep_ms(1));
        if (self->last == RETURNS) cedo_return();
        if (self->last == BREAKS) break;
        if (self->last == CONTINUES) continue;
        if (self->last == THROWS) cedo_throw(CEDO_EUSER - 1);
        if (self->last == AWAITS_A_FAILURE) cedo_await(cedo_done(CEDO_EUSER - 1));
        if (self->last == CALLS_A_FAILURE)
            cedo_await(cedo_call(&self->child, thrower, .status = CEDO_EUSER - 1));
        if (self->last == CALLS_A_THROWER)
            cedo_catch(self->caught, cedo_call(&self->child, thrower, .status = CEDO_EUSER - 2));
        self->completed++;
    }
}

static int outcome_of(int way, int last)
{
    if (last == THROWS || last == AWAITS_A_FAILURE || last == CALLS_A_FAILURE)
        return CEDO_EUSER - 1;
    if (way == BY_CANCEL) return CEDO_ECANCELED;
    return way == BY_END || way == BY_RETURN || way == BY_BREAK || way == BY_CONTINUE ? CEDO_OK
                                                                                      : CEDO_EUSER;
}

START_TEST(finally_runs_exactly_once_on_every_way_out)
{
    static cedo_task_of(leaver) task;
    open_world();
    for (int way = 0; way < WAYS; way++) {
        for (int last = 0; last < LASTS; last++) {
            for (int pauses = 0; pauses <= pauses_most; pauses++) {
                ck_assert_int_eq(cedo_loop_spawn(&loop, &task, leaver, .way = way, .last = last,
                                                 .pauses = pauses),
                                 CEDO_OK);
                cedo_task_keep(&task.task);
                turns(3);
                if (way == BY_CANCEL) ck_assert(cedo_task_cancel(&task.task));
                ck_assert_int_eq(finish(&task), outcome_of(way, last));
                ck_assert_int_eq(task.frame.entered, 1);
                ck_assert_int_eq(task.frame.finals, 1);
                ck_assert_int_eq(task.frame.i, pauses);
                ck_assert_int_eq(task.frame.completed, last == PLAIN || last == CALLS_A_THROWER);
                ck_assert_int_eq(task.frame.caught, last == CALLS_A_THROWER ? CEDO_EUSER - 2 : 0);
            }
        }
    }
    close_world();
}
END_TEST

struct outer {
    cedo_coro coro;
    int way, last, pauses;
    int finals, status;
    struct leaver child;
};

static cedo_async(outer)
{
    cedo_body(struct outer, self) {
        cedo_await(cedo_call(&self->child, leaver, .way = self->way, .last = self->last,
                             .pauses = self->pauses));
    cedo_finally:
        self->finals++;
        cedo_await(cedo_yield_now());
        /* a whole coroutine with its own finally inside this one */
        cedo_catch(self->status, cedo_call(&self->child, leaver,
                                           .way = self->way == BY_CANCEL ? BY_END : self->way,
                                           .last = self->last, .pauses = self->pauses));
    }
}

START_TEST(finally_sections_nest)
{
    static cedo_task_of(outer) task;
    open_world();
    for (int way = 0; way < WAYS; way++) {
        for (int last = 0; last < LASTS; last++) {
            for (int pauses = 0; pauses < 3; pauses++) {
                ck_assert_int_eq(cedo_loop_spawn(&loop, &task, outer, .way = way, .last = last,
                                                 .pauses = pauses),
                                 CEDO_OK);
                turns(3);
                if (way == BY_CANCEL) ck_assert(cedo_task_cancel(&task.task));
                ck_assert_int_eq(finish(&task), outcome_of(way, last));
                ck_assert_int_eq(task.frame.finals, 1);
                ck_assert_int_eq(task.frame.child.finals, 1);
                ck_assert_int_eq(task.frame.status,
                                 outcome_of(way == BY_CANCEL ? BY_END : way, last));
            }
        }
    }
    close_world();
}
END_TEST

struct bare {
    cedo_coro coro;
    int finals;
};

static cedo_async(bare)
{
    cedo_body(struct bare, self) {
        cedo_await(cedo_yield_now());
        cedo_await(cedo_done(CEDO_EUSER));
    cedo_finally:;
    }
}

START_TEST(finally_may_be_empty)
{
    static cedo_task_of(bare) task;
    open_world();
    ck_assert_int_eq(run(&task, bare), CEDO_EUSER);
    close_world();
}
END_TEST

/* ------------------------------------------------------------- calls */

START_TEST(calls_nest_a_thousand_deep)
{
    static cedo_task_of(root) task;
    open_world();
    finals_run = 0;
    ck_assert_int_eq(run(&task, root), CEDO_OK);
    ck_assert_int_eq(deepest, DEPTH);
    ck_assert_int_eq(finals_run, DEPTH + 1);
    close_world();
}
END_TEST

START_TEST(an_error_rises_through_a_thousand_finally_sections)
{
    static cedo_task_of(root) task;
    open_world();
    finals_run = 0;
    ck_assert_int_eq(run(&task, root, .status = CEDO_EUSER), CEDO_EUSER);
    ck_assert_int_eq(finals_run, DEPTH + 1);
    close_world();
}
END_TEST

START_TEST(a_cancellation_rises_through_a_thousand_finally_sections)
{
    static cedo_task_of(root) task;
    open_world();
    finals_run = 0;
    ck_assert_int_eq(cedo_loop_spawn(&loop, &task, root), CEDO_OK);
    turns(1);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_assert_int_eq(finals_run, DEPTH + 1);
    close_world();
}
END_TEST

struct caller {
    cedo_coro coro;
    int i, total;
    union {
        struct simple simple;
        struct returner returner;
    } child;
};

static cedo_async(caller)
{
    cedo_body(struct caller, self) {
        for (self->i = 0; self->i < 10; self->i++) {
            cedo_await(cedo_call(&self->child.simple, simple, .a = self->i, .b = 1));
            self->total += self->child.simple.sum;
            cedo_await(cedo_call(&self->child.returner, returner, .early = self->i & 1));
            self->total += self->child.returner.result;
        }
        self->child.simple.a = 5;
        self->child.simple.b = 6;
        cedo_await(cedo_enter(&self->child.simple, simple));
        self->total += self->child.simple.sum;
    }
}

START_TEST(calls_that_do_not_overlap_share_storage)
{
    static cedo_task_of(caller) task;
    open_world();
    ck_assert_int_eq(run(&task, caller), CEDO_OK);
    ck_assert_int_eq(task.frame.total, 55 + 15 + 11);
    close_world();
}
END_TEST

START_TEST(a_prepared_frame_can_be_spawned)
{
    static cedo_task task;
    static struct simple frame;
    open_world();
    frame.a = 8;
    ck_assert_int_eq(cedo_loop_spawn_coro(&loop, &task, cedo_prepare(&frame, simple)), CEDO_OK);
    ck_assert_int_eq(finish_(&task), CEDO_OK);
    ck_assert_int_eq(frame.sum, 8);
    ck_assert_int_eq(cedo_loop_spawn_coro(&loop, &task, cedo_make(&frame, simple, .b = 4)),
                     CEDO_OK);
    ck_assert_int_eq(finish_(&task), CEDO_OK);
    ck_assert_int_eq(frame.sum, 4);
    close_world();
}
END_TEST

#if CEDO_CHECKS
static struct sleeper {
    cedo_coro coro;
} shared_frame;

static cedo_async(sleeper)
{
    cedo_body(struct sleeper, self) {
        cedo_await(cedo_sleep_ms(1));
    }
}

struct sharer {
    cedo_coro coro;
};

static cedo_async(sharer)
{
    cedo_body(struct sharer, self) {
        cedo_await(cedo_call(&shared_frame, sleeper));
    }
}

static void share_a_frame(void)
{
    static cedo_task_of(sharer) one, two;
    (void)cedo_loop_spawn(&loop, &one, sharer);
    (void)cedo_loop_spawn(&loop, &two, sharer);
    run_dry();
}

struct enterer {
    cedo_coro coro;
};

static cedo_async(enterer)
{
    cedo_body(struct enterer, self) {
        cedo_await(cedo_enter(&shared_frame, sleeper));
    }
}

static void enter_a_frame_in_use(void)
{
    static cedo_task_of(sharer) one;
    static cedo_task_of(enterer) two;
    (void)cedo_loop_spawn(&loop, &one, sharer);
    (void)cedo_loop_spawn(&loop, &two, enterer);
    run_dry();
}

struct ouroboros {
    cedo_coro coro;
};

static cedo_async(ouroboros)
{
    cedo_body(struct ouroboros, self) {
        cedo_await(cedo_call(self, ouroboros));
    }
}

static void call_on_the_own_frame(void)
{
    static cedo_task_of(ouroboros) task;
    (void)cedo_loop_spawn(&loop, &task, ouroboros);
    run_dry();
}
#endif

START_TEST(a_frame_in_use_cannot_be_called)
{
#if CEDO_CHECKS
    open_world();
    ck_trap(call_on_the_own_frame, "this frame is in use");
    open_world();
    ck_trap(share_a_frame, "this frame is in use");
    memset(&shared_frame, 0, sizeof shared_frame);
    open_world();
    ck_trap(enter_a_frame_in_use, "this frame is in use");
#endif
}
END_TEST

static cedo_task_of(simple) ended_task;

static void resume_the_ended(void)
{
    (void)run(&ended_task, simple);
    (void)ended_task.frame.coro.body(&ended_task.frame.coro, CEDO_OK);
}

static void fail_the_ended(void)
{
    (void)run(&ended_task, simple);
    (void)ended_task.frame.coro.body(&ended_task.frame.coro, CEDO_EUSER);
}

START_TEST(a_coroutine_that_has_ended_cannot_be_resumed)
{
    open_world();
    ck_trap(fail_the_ended, "has ended and was resumed");
    open_world();
    ck_trap(resume_the_ended, "has ended and was resumed");
#if CEDO_TRACE
    ck_assert_str_eq(trap_where.function, "simple_coro");
#endif
}
END_TEST

struct switcher {
    cedo_coro coro;
    int n, seen;
};

static cedo_async(switcher)
{
    cedo_body(struct switcher, self) {
        switch (self->n) {
        case 100:
            cedo_await(cedo_yield_now());
            self->seen = 1;
            break;
        default: self->seen = 2; break;
        }
    }
}

static cedo_task_of(switcher) switching;

static void await_in_a_switch(void)
{
    (void)run(&switching, switcher, .n = 100);
}

START_TEST(an_await_in_a_switch_works_with_labels_and_traps_without)
{
    open_world();
#ifdef CEDO_LABELS
    await_in_a_switch();
    ck_assert_int_eq(switching.frame.seen, 1);
#else
    ck_trap(await_in_a_switch, "an await stands inside a switch");
#endif
}
END_TEST

struct plain_switcher {
    cedo_coro coro;
    int n, seen;
};

static cedo_async(plain_switcher)
{
    cedo_body(struct plain_switcher, self) {
        cedo_await(cedo_yield_now());
        switch (self->n) {
        case 2: self->seen = 1; break;
        default: self->seen = 2; break;
        }
        cedo_await(cedo_yield_now());
    }
}

START_TEST(a_switch_without_an_await_is_fine)
{
    static cedo_task_of(plain_switcher) task;
    open_world();
    ck_assert_int_eq(run(&task, plain_switcher, .n = 1), CEDO_OK);
    ck_assert_int_eq(task.frame.seen, 2);
    close_world();
}
END_TEST

/* ------------------------------------------------------------- recursion */

#if CEDO_ALLOCATORS
struct fib {
    cedo_coro coro;
    int n;
    int *result;
    int fail_at, a, b;
};

static int fib_finals;

static cedo_async(fib)
{
    cedo_body(struct fib, self) {
        if (self->n < 2) {
            cedo_await(cedo_yield_now());
            if (self->n == self->fail_at) cedo_throw(CEDO_EUSER);
            cedo_return(*self->result = self->n);
        }
        cedo_await(
            cedo_call_new(fib, .n = self->n - 1, .result = &self->a, .fail_at = self->fail_at));
        cedo_await(
            cedo_call_new(fib, .n = self->n - 2, .result = &self->b, .fail_at = self->fail_at));
        *self->result = self->a + self->b;
    cedo_finally:
        fib_finals++;
    }
}

#if CEDO_HOSTED
#define FIB_ALLOCATOR &cedo_allocator_malloc
static size_t fib_in_use(void)
{
    return 0;
}
#else
static CEDO_POOL_STORAGE(fib_storage, sizeof(cedo_coro) + sizeof(struct fib), 12);
static cedo_pool fib_pool;
#define FIB_ALLOCATOR \
    (cedo_pool_init(&fib_pool, fib_storage, sizeof fib_storage, \
                    sizeof(cedo_coro) + sizeof(struct fib)), \
     &fib_pool.allocator)
static size_t fib_in_use(void)
{
    return fib_pool.used;
}
#endif

static int fib_outcome(int n, int fail_at, bool cancel, int *result)
{
    static cedo_task_of(fib) task;
    int status;
    open_world();
    cedo_loop_set_allocator(&loop, FIB_ALLOCATOR);
    fib_finals = 0;
    ck_assert_int_eq(
        cedo_loop_spawn(&loop, &task, fib, .n = n, .result = result, .fail_at = fail_at), CEDO_OK);
    if (cancel) {
        turns(2);
        ck_assert(cedo_task_cancel(&task.task));
    }
    status = finish(&task);
    ck_assert_uint_eq(fib_in_use(), 0);
    close_world();
    return status;
}

START_TEST(a_coroutine_can_call_itself)
{
    int result = 0;
    ck_assert_int_eq(fib_outcome(10, -1, false, &result), CEDO_OK);
    ck_assert_int_eq(result, 55);
    ck_assert_int_eq(fib_finals, 177);
}
END_TEST

START_TEST(an_error_or_a_cancel_frees_what_recursion_allocated)
{
    int result = 0;
    ck_assert_int_eq(fib_outcome(10, 1, false, &result), CEDO_EUSER);
    ck_assert_int_eq(fib_finals, 10);
    ck_assert_int_eq(fib_outcome(10, 0, false, &result), CEDO_EUSER);
    ck_assert_int_eq(fib_outcome(10, -1, true, &result), CEDO_ECANCELED);
    ck_assert_int_eq(fib_finals, 11); /* the first leaf had ended */
}
END_TEST
#endif

/* ------------------------------------------------------------- generators */

struct counter {
    cedo_coro coro;
    int to, value, finals;
};

static cedo_async(counter)
{
    cedo_body(struct counter, self) {
        for (self->value = 1; self->value <= self->to; self->value++) cedo_yield();
    cedo_finally:
        self->finals++;
    }
}

START_TEST(next_runs_a_generator_to_its_next_yield)
{
    struct counter counter = {.to = 0};
    (void)cedo_make(&counter, counter, .to = 3);
    for (int i = 1; i <= 3; i++) {
        ck_assert_int_eq(cedo_next(&counter), CEDO_OK);
        ck_assert_int_eq(counter.value, i);
    }
    ck_assert_int_eq(cedo_next(&counter), CEDO_END);
    ck_assert_int_eq(cedo_next(&counter), CEDO_END);
    ck_assert_int_eq(counter.finals, 1);
}
END_TEST

START_TEST(a_generator_can_be_empty_and_prepared_again)
{
    struct counter counter = {.to = 0};
    (void)cedo_prepare(&counter, counter);
    ck_assert_int_eq(cedo_next(&counter), CEDO_END);
    counter.to = 1;
    (void)cedo_prepare(&counter, counter);
    ck_assert_int_eq(cedo_next(&counter), CEDO_OK);
    ck_assert_int_eq(cedo_next(&counter), CEDO_END);
    ck_assert_int_eq(counter.finals, 2);
}
END_TEST

struct averager {
    cedo_coro coro;
    int in, sum, count, average;
};

static cedo_async(averager)
{
    cedo_body(struct averager, self) {
        for (;;) {
            cedo_yield();
            if (self->in < 0) cedo_throw(CEDO_EINVAL);
            self->sum += self->in;
            self->average = self->sum / ++self->count;
        }
    }
}

START_TEST(send_stores_a_value_and_runs_on)
{
    struct averager averager;
    (void)cedo_make(&averager, averager);
    ck_assert_int_eq(cedo_next(&averager), CEDO_OK);
    ck_assert_int_eq(cedo_send(&averager, &averager.in, 10), CEDO_OK);
    ck_assert_int_eq(averager.average, 10);
    ck_assert_int_eq(cedo_send(&averager, &averager.in, 20), CEDO_OK);
    ck_assert_int_eq(averager.average, 15);
    ck_assert_int_eq(cedo_send(&averager, &averager.in, -1), CEDO_EINVAL);
    ck_assert_int_eq(cedo_send(&averager, &averager.in, 1), CEDO_END);
}
END_TEST

START_TEST(close_runs_finally_once)
{
    struct counter counter;
    (void)cedo_make(&counter, counter, .to = 3);
    ck_assert_int_eq(cedo_next(&counter), CEDO_OK);
    ck_assert_int_eq(cedo_close(&counter), CEDO_OK);
    ck_assert_int_eq(counter.finals, 1);
    ck_assert_int_eq(cedo_close(&counter), CEDO_OK);
    ck_assert_int_eq(cedo_next(&counter), CEDO_END);
    ck_assert_int_eq(counter.finals, 1);
}
END_TEST

START_TEST(close_of_a_generator_that_never_began_enters_nothing)
{
    struct counter counter;
    (void)cedo_make(&counter, counter, .to = 3);
    ck_assert_int_eq(cedo_close(&counter), CEDO_OK);
    ck_assert_int_eq(counter.finals, 0);
    ck_assert_int_eq(cedo_next(&counter), CEDO_END);
}
END_TEST

enum stubbornness { ENDS, FAILS, YIELDS, ASKS };

struct stubborn {
    cedo_coro coro;
    int how;
};

static cedo_async(stubborn)
{
    cedo_body(struct stubborn, self) {
        if (self->how == ENDS) cedo_return();
        cedo_yield();
    cedo_finally:
        if (self->how == FAILS) cedo_throw(CEDO_EUSER);
        if (self->how == YIELDS) cedo_yield();
        if (self->how == ASKS) cedo_next_input();
    }
}

START_TEST(close_reports_another_error)
{
    struct stubborn stubborn;
    (void)cedo_make(&stubborn, stubborn, .how = FAILS);
    ck_assert_int_eq(cedo_next(&stubborn), CEDO_OK);
    ck_assert_int_eq(cedo_close(&stubborn), CEDO_EUSER);
    ck_assert_int_eq(cedo_close(&stubborn), CEDO_OK);
}
END_TEST

/* It asks for input one call down, and takes the end of it as the end. */
struct reader {
    cedo_coro coro;
    int fed, status;
    struct get_nothing {
        cedo_coro coro;
    } child;
};

static cedo_async(get_nothing)
{
    cedo_body(struct get_nothing, self) {
        cedo_next_input(self);
    }
}

static cedo_async(reader)
{
    cedo_body(struct reader, self) {
        cedo_catch(self->status, cedo_call(&self->child, get_nothing));
    }
}

START_TEST(a_generator_may_catch_its_close_and_return)
{
    struct reader reader;
    (void)cedo_make(&reader, reader);
    ck_assert_int_eq(cedo_next(&reader), CEDO_MORE);
    ck_assert_int_eq(cedo_close(&reader), CEDO_OK);
    ck_assert_int_eq(reader.status, CEDO_ECANCELED);
    ck_assert_int_eq(cedo_next(&reader), CEDO_END);
}
END_TEST

static struct stubborn stubborn;

static void close_the_stubborn(void)
{
    (void)cedo_next(&stubborn);
    (void)cedo_close(&stubborn);
}

START_TEST(a_generator_that_is_closed_must_not_yield)
{
    (void)cedo_make(&stubborn, stubborn, .how = YIELDS);
    ck_trap(close_the_stubborn, "must not yield");
    (void)cedo_make(&stubborn, stubborn, .how = ASKS);
    ck_trap(close_the_stubborn, "must not yield");
    (void)cedo_make(&stubborn, stubborn, .how = ENDS);
    ck_assert_int_eq(cedo_next(&stubborn), CEDO_END);
}
END_TEST

/* A parser, fed byte by byte: it asks for input two calls down. */
struct get_byte {
    cedo_coro coro;
    const int *fed;
    int byte;
};

static cedo_async(get_byte)
{
    cedo_body(struct get_byte, self) {
        cedo_next_input(self);
        if (*self->fed < 0) cedo_throw(CEDO_EINVAL);
        self->byte = *self->fed;
    }
}

struct get_number {
    cedo_coro coro;
    const int *fed;
    int number;
    struct get_byte one;
};

static int numbers_left;

static cedo_async(get_number)
{
    cedo_body(struct get_number, self) {
        for (;;) {
            cedo_await(cedo_call(&self->one, get_byte, .fed = self->fed));
            if (self->one.byte < '0' || self->one.byte > '9') cedo_return();
            self->number = self->number * 10 + self->one.byte - '0';
        }
    cedo_finally:
        numbers_left++;
    }
}

struct parser {
    cedo_coro coro;
    int fed, number;
    struct get_number child;
};

static cedo_async(parser)
{
    cedo_body(struct parser, self) {
        for (;;) {
            cedo_await(cedo_call(&self->child, get_number, .fed = &self->fed));
            self->number = self->child.number;
            if (self->number == 0) cedo_return();
            cedo_yield();
        }
    }
}

START_TEST(a_generator_asks_for_input_at_any_depth)
{
    static const char text[] = "12,345,0,";
    struct parser parser;
    int numbers[3], count = 0, status;
    (void)cedo_make(&parser, parser);
    ck_assert_int_eq(cedo_next(&parser), CEDO_MORE);
    for (const char *c = text; *c; c++) {
        status = cedo_send(&parser, &parser.fed, *c);
        while (status == CEDO_OK) {
            ck_assert_int_lt(count, 3);
            numbers[count++] = parser.number;
            status = cedo_next(&parser);
        }
        ck_assert_int_eq(status, c[1] ? CEDO_MORE : CEDO_END);
    }
    ck_assert_int_eq(count, 2);
    ck_assert_int_eq(numbers[0], 12);
    ck_assert_int_eq(numbers[1], 345);
}
END_TEST

START_TEST(an_error_or_close_rises_from_the_frame_that_asked)
{
    struct parser parser;
    numbers_left = 0;
    (void)cedo_make(&parser, parser);
    ck_assert_int_eq(cedo_next(&parser), CEDO_MORE);
    ck_assert_int_eq(cedo_send(&parser, &parser.fed, -1), CEDO_EINVAL);
    ck_assert_int_eq(numbers_left, 1);
    ck_assert_int_eq(cedo_next(&parser), CEDO_END);
    (void)cedo_make(&parser, parser);
    ck_assert_int_eq(cedo_next(&parser), CEDO_MORE);
    ck_assert_int_eq(cedo_send(&parser, &parser.fed, '7'), CEDO_MORE);
    ck_assert_int_eq(cedo_close(&parser), CEDO_OK);
    ck_assert_int_eq(numbers_left, 2);
}
END_TEST

/* A generator at work inside a task. */
struct user {
    cedo_coro coro;
    int sum;
    struct counter counter;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
        (void)cedo_make(&self->counter, counter, .to = 4);
        while (cedo_next(&self->counter) == CEDO_OK) {
            self->sum += self->counter.value;
            cedo_await(cedo_yield_now());
        }
    }
}

START_TEST(a_task_drives_a_generator)
{
    static cedo_task_of(user) task;
    open_world();
    ck_assert_int_eq(run(&task, user), CEDO_OK);
    ck_assert_int_eq(task.frame.sum, 10);
    close_world();
}
END_TEST

#if CEDO_CHECKS
struct asker {
    cedo_coro coro;
};

static cedo_async(asker)
{
    cedo_body(struct asker, self) {
        cedo_next_input(self);
    }
}

static void ask_in_a_task(void)
{
    static cedo_task_of(asker) task;
    (void)run(&task, asker);
}
#endif

START_TEST(a_task_cannot_ask_for_generator_input)
{
#if CEDO_CHECKS
    open_world();
    ck_trap(ask_in_a_task, "a task awaits instead");
#endif
}
END_TEST

#if CEDO_CHECKS
struct napper {
    cedo_coro coro;
};

static cedo_async(napper)
{
    cedo_body(struct napper, self) {
        cedo_await(cedo_sleep_ms(1));
    }
}

static void nap_in_a_generator(void)
{
    static struct napper napper;
    (void)cedo_make(&napper, napper);
    (void)cedo_next(&napper);
}
#endif

static struct stubborn_yielder {
    cedo_coro coro;
} yielder;

static cedo_async(stubborn_yielder)
{
    cedo_body(struct stubborn_yielder, self) {
        cedo_await(cedo_yield_now());
    }
}

static void yield_to_nobody(void)
{
    (void)cedo_make(&yielder, stubborn_yielder);
    (void)cedo_next(&yielder);
}

START_TEST(a_generator_cannot_give_way_to_tasks)
{
    open_world();
    ck_trap(yield_to_nobody, "cedo_yield()");
}
END_TEST

START_TEST(a_generator_cannot_await_what_needs_a_task)
{
#if CEDO_CHECKS
    open_world();
    ck_trap(nap_in_a_generator, "not in a callback or a generator");
#endif
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_body_runs_to_its_end,
        fields_that_are_not_named_are_zero,
        a_continue_in_no_loop_goes_to_the_end,
        an_empty_body_ends_at_once,
        an_operand_is_evaluated_once_however_often_it_suspends,
        a_failed_await_leaves_and_catch_does_not,
        return_evaluates_its_expression_and_leaves,
        throw_ends_with_its_status,
        throwing_what_is_no_error_traps,
        finally_runs_exactly_once_on_every_way_out,
        finally_sections_nest,
        finally_may_be_empty,
        calls_nest_a_thousand_deep,
        an_error_rises_through_a_thousand_finally_sections,
        a_cancellation_rises_through_a_thousand_finally_sections,
        calls_that_do_not_overlap_share_storage,
        a_prepared_frame_can_be_spawned,
        a_frame_in_use_cannot_be_called,
        a_coroutine_that_has_ended_cannot_be_resumed,
        an_await_in_a_switch_works_with_labels_and_traps_without,
        a_switch_without_an_await_is_fine,
#if CEDO_ALLOCATORS
        a_coroutine_can_call_itself,
        an_error_or_a_cancel_frees_what_recursion_allocated,
#endif
        next_runs_a_generator_to_its_next_yield,
        a_generator_can_be_empty_and_prepared_again,
        send_stores_a_value_and_runs_on,
        close_runs_finally_once,
        close_of_a_generator_that_never_began_enters_nothing,
        close_reports_another_error,
        a_generator_may_catch_its_close_and_return,
        a_generator_that_is_closed_must_not_yield,
        a_generator_asks_for_input_at_any_depth,
        an_error_or_close_rises_from_the_frame_that_asked,
        a_task_drives_a_generator,
        a_task_cannot_ask_for_generator_input,
        a_generator_cannot_await_what_needs_a_task,
        a_generator_cannot_give_way_to_tasks,
    };
    return suite_run("coro", tests, sizeof tests / sizeof *tests);
}
