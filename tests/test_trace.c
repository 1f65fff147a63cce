/* Traces: the await stacks of errors and of suspended chains. */
#include "deep.h"

struct nap {
    cedo_coro coro;
    int status;
};

static cedo_async(nap)
{
    cedo_body(struct nap, self) {
        cedo_await(cedo_sleep_ms(5));
        cedo_throw(self->status);
    }
}

struct above {
    cedo_coro coro;
    int status;
    struct nap child;
};

static int above_line;

static cedo_async(above)
{
    cedo_body(struct above, self) {
        above_line = __LINE__ + 1;
        cedo_catch(self->status, cedo_call(&self->child, nap, .status = CEDO_EUSER));
        cedo_await(cedo_call(&self->child, nap, .status = CEDO_EUSER - 1));
    }
}

START_TEST(a_suspended_chain_tells_where_it_stands)
{
    static cedo_task_of(above) task;
    cedo_trace trace;
    open_world();
    ck_assert_int_eq(cedo_loop_spawn(&loop, &task, above), CEDO_OK);
    cedo_task_trace(&task.task, &trace);
    ck_assert_uint_eq(trace.depth, 0); /* not begun */
    turns(1);
    for (int twice = 0; twice < 2; twice++) {
        cedo_task_trace(&task.task, &trace);
        ck_assert_uint_eq(trace.depth, 2);
        ck_assert_str_eq(trace.entries[0].function, "nap_coro");
        ck_assert_str_eq(trace.entries[1].function, "above_coro");
        ck_assert_int_eq(trace.entries[1].line, above_line);
        ck_assert_ptr_nonnull(strstr(trace.entries[1].file, "test_trace.c"));
    }
    cedo_task_keep(&task.task);
    ck_assert_int_eq(finish(&task), CEDO_EUSER - 1);
    ck_assert_int_eq(task.frame.status, CEDO_EUSER);
    cedo_task_trace(&task.task, &trace);
    ck_assert_uint_eq(trace.depth, 0); /* done */
    close_world();
}
END_TEST

static cedo_trace error_trace;

static cedo_status keep_trace(cedo_loop *where, const cedo_exception *exception, void *arg)
{
    (void)where, (void)arg;
    error_trace = *exception->trace;
    return CEDO_OK;
}

START_TEST(an_unhandled_error_tells_where_it_came_from)
{
    static cedo_task_of(above) task;
    open_world();
    cedo_loop_set_exception_handler(&loop, keep_trace, NULL);
    ck_assert_int_eq(cedo_loop_spawn(&loop, &task, above), CEDO_OK);
    run_dry();
    ck_assert_uint_eq(error_trace.depth, 2);
    ck_assert_str_eq(error_trace.entries[0].function, "nap_coro");
    ck_assert_str_eq(error_trace.entries[1].function, "above_coro");
    ck_assert_int_eq(error_trace.entries[1].line, above_line + 1);
    close_world();
}
END_TEST

START_TEST(a_trace_keeps_the_innermost_and_counts_the_rest)
{
    static cedo_task_of(root) task;
    cedo_trace trace;
    open_world();
    cedo_loop_set_exception_handler(&loop, keep_trace, NULL);
    ck_assert_int_eq(cedo_loop_spawn(&loop, &task, root, .status = CEDO_EUSER), CEDO_OK);
    turns(1);
    cedo_task_trace(&task.task, &trace);
    ck_assert_uint_eq(trace.depth, DEPTH + 2);
    ck_assert_str_eq(trace.entries[CEDO_TRACE_MAX - 1].function, "link_coro");
    run_dry();
    ck_assert_uint_eq(error_trace.depth, DEPTH + 2);
    close_world();
}
END_TEST

#if CEDO_ALLOCATORS && CEDO_HOSTED
struct through {
    cedo_coro coro;
};

static cedo_async(through)
{
    cedo_body(struct through, self) {
        cedo_await(cedo_call_new(nap, .status = CEDO_EUSER));
    }
}

START_TEST(a_trace_leaves_out_frames_of_the_library)
{
    static cedo_task_of(through) task;
    cedo_trace trace;
    open_world();
    cedo_loop_set_exception_handler(&loop, keep_trace, NULL);
    ck_assert_int_eq(cedo_loop_spawn(&loop, &task, through), CEDO_OK);
    turns(1);
    cedo_task_trace(&task.task, &trace);
    ck_assert_uint_eq(trace.depth, 2);
    ck_assert_str_eq(trace.entries[0].function, "nap_coro");
    ck_assert_str_eq(trace.entries[1].function, "through_coro");
    run_dry();
    ck_assert_uint_eq(error_trace.depth, 2);
    ck_assert_str_eq(error_trace.entries[1].function, "through_coro");
    close_world();
}
END_TEST
#endif

int main(void)
{
    const TTest *const tests[] = {
        a_suspended_chain_tells_where_it_stands,
        an_unhandled_error_tells_where_it_came_from,
        a_trace_keeps_the_innermost_and_counts_the_rest,
#if CEDO_ALLOCATORS && CEDO_HOSTED
        a_trace_leaves_out_frames_of_the_library,
#endif
    };
    return suite_run("trace", tests, sizeof tests / sizeof *tests);
}
