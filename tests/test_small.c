/* One small program that works in every configuration, whatever is left out of it. */
#include "world.h"

static cedo_event go;
static cedo_queue_of(unsigned char, 2) jobs = CEDO_QUEUE_INIT(jobs);

struct producer {
    cedo_coro coro;
    unsigned char item;
};

static cedo_async(producer)
{
    cedo_body(struct producer, self) {
        cedo_await(cedo_event_wait(&go));
        for (self->item = 1; self->item <= 4; self->item++) {
            cedo_await(cedo_queue_put(&jobs.queue, &self->item));
            cedo_await(cedo_sleep_ms(1));
        }
    cedo_finally:
        mark("end");
    }
}

struct twice {
    cedo_coro coro;
    int n;
};

static cedo_async(twice)
{
    cedo_body(struct twice, self) {
        cedo_await(cedo_yield_now());
        self->n *= 2;
    }
}

struct consumer {
    cedo_coro coro;
    unsigned char item;
    int status;
    struct twice child;
};

static cedo_async(consumer)
{
    cedo_body(struct consumer, self) {
        for (;;) {
            cedo_catch(self->status, cedo_queue_get(&jobs.queue, &self->item));
            if (self->status < 0) cedo_throw(self->status);
            cedo_await(cedo_call(&self->child, twice, .n = self->item));
            mark("%d", self->child.n);
        }
    cedo_finally:
        cedo_await(cedo_sleep_ms(3));
        mark("cleaned");
    }
}

struct counter {
    cedo_coro coro;
    int n;
};

static cedo_async(counter)
{
    cedo_body(struct counter, self) {
        for (self->n = 1; self->n < 3; self->n++) cedo_yield();
    }
}

static cedo_status set_go(void *arg)
{
    (void)arg;
    cedo_event_set(&go);
    return CEDO_OK;
}

START_TEST(tasks_wait_pass_items_and_are_cancelled)
{
    static cedo_task_of(producer) producer;
    static cedo_task_of(consumer) consumer;
    static cedo_handle starts;
    open_world();
    start(&producer, producer);
    start(&consumer, consumer);
    ck_assert_int_eq(cedo_call_later(&loop, &starts, CEDO_MS(5), set_go, NULL), CEDO_OK);
    run_dry();
    ck_trail("2 4 6 8 end");
    ck_assert(cedo_task_done(&producer.task));
    ck_assert_int_eq(cedo_loop_time(&loop), CEDO_MS(9));
    ck_assert(cedo_task_cancel(&consumer.task));
    run_dry();
    ck_trail("cleaned");
    ck_assert(cedo_task_cancelled(&consumer.task));
    close_world();
}
END_TEST

START_TEST(a_generator_needs_no_loop)
{
    struct counter counter;
    (void)cedo_make(&counter, counter);
    ck_assert_int_eq(cedo_next(&counter), CEDO_OK);
    ck_assert_int_eq(cedo_next(&counter), CEDO_OK);
    ck_assert_int_eq(cedo_next(&counter), CEDO_END);
}
END_TEST

static cedo_task_of(producer) lost;

static cedo_status failing(void *arg)
{
    (void)arg;
    return CEDO_EUSER;
}

static void fail_in_callback(void)
{
    static cedo_handle handle;
    (void)cedo_call_soon(&loop, &handle, failing, NULL);
    run_dry();
}

START_TEST(an_error_is_not_lost)
{
    open_world();
#if CEDO_EXCEPTION_HANDLER
    fail_in_callback();
    ck_assert_int_eq(unhandled, 1);
#elif CEDO_HOSTED
    fail_in_callback(); /* prints */
#else
    ck_trap(fail_in_callback, "callback failed");
#endif
}
END_TEST

START_TEST(a_loop_can_be_closed_over_tasks)
{
    static const cedo_event unset;
    open_world();
    go = unset;
    cedo_queue_init(&jobs);
    start(&lost, producer);
    turns(1);
#if CEDO_REGISTRY && !CEDO_EXCEPTION_HANDLER
    ck_assert(cedo_task_cancel(&lost.task)); /* else its loss would trap */
    turns(1);
#endif
    ck_assert_int_eq(cedo_loop_close(&loop), CEDO_OK);
}
END_TEST

SUITE("small", tasks_wait_pass_items_and_are_cancelled, a_generator_needs_no_loop,
      an_error_is_not_lost, a_loop_can_be_closed_over_tasks)
