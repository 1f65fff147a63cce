/* From interrupts and threads into a loop. Interrupts are simulated: they come where a test says. */
#include "world.h"

#include <signal.h>
#include <sys/time.h>

#if CEDO_HOSTED
#include <cedo/port/posix.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>
#include <unistd.h>
#endif

static void start_world(void);

/* ------------------------------------------------------------- calls */

static cedo_handle h[4];

static void post_a_and_b(void *arg)
{
    (void)arg;
    ck_assert_int_eq(cedo_call_soon_threadsafe(&loop, &h[0], mark_callback, "a"), CEDO_OK);
    ck_assert_int_eq(cedo_call_soon_threadsafe(&loop, &h[1], mark_callback, "b"), CEDO_OK);
    ck_assert(cedo_handle_scheduled(&h[0]));
}

START_TEST(THREAD_05_calls_are_made_in_the_order_in_which_they_were_posted)
{
    start_world();
    cedo_sim_interrupt(post_a_and_b, NULL);
    ck_assert_int_eq(cedo_call_soon_threadsafe(&loop, &h[2], mark_callback, "c"), CEDO_OK);
    turns(1);
    ck_trail("a b c");
    ck_assert(!cedo_handle_scheduled(&h[0]));
    cedo_sim_interrupt(post_a_and_b, NULL);
    turns(1);
    ck_trail("a b");
    turns(1);
    ck_trail("");
    close_world();
}
END_TEST

START_TEST(THREAD_05_a_closed_loop_takes_no_call)
{
    start_world();
    ck_assert_int_eq(cedo_call_soon_threadsafe(&loop, &h[0], mark_callback, "a"), CEDO_OK);
    ck_assert_int_eq(cedo_loop_close(&loop), CEDO_OK);
    ck_assert(!cedo_handle_scheduled(&h[0])); /* dropped */
    ck_assert_int_eq(cedo_call_soon_threadsafe(&loop, &h[0], mark_callback, "b"), CEDO_ECLOSED);
    ck_assert(!cedo_handle_scheduled(&h[0]));
    ck_assert_int_eq(cedo_call_soon_threadsafe(&loop, &h[0], mark_callback, "c"), CEDO_ECLOSED);
    ck_trail("");
}
END_TEST

static cedo_status no_memory(cedo_loop *where)
{
    (void)where;
    return CEDO_ENOMEM;
}

START_TEST(a_loop_that_could_not_be_made_takes_no_call)
{
    cedo_port port = cedo_port_sim;
    start_world();
    (void)cedo_loop_close(&loop);
    port.open = no_memory;
    ck_assert_int_eq(cedo_loop_init(&loop, &port), CEDO_ENOMEM);
    ck_assert_int_eq(cedo_call_soon_threadsafe(&loop, &h[0], mark_callback, "a"), CEDO_ECLOSED);
}
END_TEST

static cedo_status post_again(void *arg)
{
    mark("call");
    if (arg) ck_assert_int_eq(cedo_call_soon_threadsafe(&loop, &h[0], post_again, NULL), CEDO_OK);
    return CEDO_OK;
}

START_TEST(a_call_that_is_still_to_be_made_is_not_posted_twice)
{
    start_world();
    ck_assert_int_eq(cedo_call_soon_threadsafe(&loop, &h[0], post_again, &loop), CEDO_OK);
    ck_assert_int_eq(cedo_call_soon_threadsafe(&loop, &h[0], post_again, NULL), CEDO_EBUSY);
    turns(1); /* which posts itself from its call */
    ck_trail("call");
    ck_assert_int_eq(cedo_call_soon_threadsafe(&loop, &h[0], post_again, NULL), CEDO_EBUSY);
    turns(2);
    ck_trail("call");
    close_world();
}
END_TEST

START_TEST(a_posted_call_can_be_cancelled)
{
    start_world();
    cedo_sim_interrupt(post_a_and_b, NULL);
    cedo_handle_cancel(&h[0]);
    ck_assert(cedo_handle_cancelled(&h[0]));
    turns(1);
    ck_trail("b");
    /* and posted again, and cancelled when the loop has seen it */
    cedo_sim_interrupt(post_a_and_b, NULL);
    cedo_handle_cancel(&h[1]);
    cedo_handle_cancel(&h[0]);
    turns(1);
    ck_trail("");
    close_world();
}
END_TEST

static cedo_status queue_soon(void *text)
{
    ck_assert_int_eq(cedo_call_soon(&loop, &h[3], mark_callback, text), CEDO_OK);
    return CEDO_OK;
}

START_TEST(what_is_posted_goes_behind_what_is_ready_and_before_what_is_due)
{
    start_world();
    ck_assert_int_eq(cedo_call_at(&loop, &h[1], 0, mark_callback, "timer"), CEDO_OK);
    ck_assert_int_eq(cedo_call_soon_threadsafe(&loop, &h[0], mark_callback, "posted"), CEDO_OK);
    ck_assert_int_eq(cedo_call_soon(&loop, &h[2], mark_callback, "ready"), CEDO_OK);
    turns(1);
    ck_trail("ready posted timer");
    /* the callback is an ordinary one */
    ck_assert_int_eq(cedo_call_soon_threadsafe(&loop, &h[0], queue_soon, "soon"), CEDO_OK);
    turns(2);
    ck_trail("soon");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- signals */

static cedo_signal level, other_level;

struct waiter {
    cedo_coro coro;
    const char *name;
    int rounds;
    int status;
};

static cedo_async(waiter)
{
    cedo_body(struct waiter, self) {
        while (self->rounds--) {
            cedo_catch(self->status, cedo_signal_wait(&level));
            mark(self->status ? "%s failed" : "%s", self->name);
            if (self->status) cedo_throw(self->status);
            cedo_signal_clear(&level);
        }
    }
}

static cedo_task_of(waiter) w[2];

static void set_level(void *arg)
{
    (void)arg;
    cedo_signal_set_from_isr(&level);
}

static void start_world(void)
{
    static const cedo_handle idle;
    open_world();
    for (int i = 0; i < 4; i++) h[i] = idle;
    cedo_signal_init(&level);
    cedo_signal_init(&other_level);
}

START_TEST(a_signal_wakes_who_waits_for_it)
{
    start_world();
    start(&w[0], waiter, .name = "a", .rounds = 2);
    turns(1);
    ck_trail("");
    cedo_sim_interrupt(set_level, NULL);
    ck_assert(cedo_signal_is_set(&level));
    turns(1);
    ck_trail("a");
    ck_assert(!cedo_signal_is_set(&level));
    turns(3);
    ck_trail("");
    cedo_sim_interrupt(set_level, NULL);
    ck_assert_int_eq(finish(&w[0]), CEDO_OK);
    ck_trail("a");
    close_world();
}
END_TEST

START_TEST(a_signal_is_a_level)
{
    start_world();
    set_level(NULL);
    set_level(NULL);
    start(&w[0], waiter, .name = "a", .rounds = 2);
    turns(3);
    ck_trail("a"); /* once, however often it was set */
    set_level(NULL);
    cedo_signal_clear(&level); /* before the loop has seen it */
    turns(2);
    ck_trail("");
    set_level(NULL);
    cedo_signal_clear(&level);
    set_level(NULL); /* its post is under way still */
    turns(1);
    ck_trail("a");
    close_world();
}
END_TEST

START_TEST(a_signal_wakes_all_who_wait)
{
    start_world();
    start(&w[0], waiter, .name = "a", .rounds = 1);
    start(&w[1], waiter, .name = "b", .rounds = 1);
    turns(1);
    cedo_sim_interrupt(set_level, NULL);
    turns(1);
    ck_trail("a b");
    close_world();
}
END_TEST

START_TEST(a_wait_for_a_signal_can_be_cancelled)
{
    start_world();
    start(&w[0], waiter, .name = "a", .rounds = 1);
    turns(1);
    ck_assert(cedo_task_cancel(&w[0].task));
    ck_assert_int_eq(finish(&w[0]), CEDO_ECANCELED);
    ck_trail("a failed");
    cedo_sim_interrupt(set_level, NULL); /* nobody waits */
    turns(1);
    ck_assert(cedo_signal_is_set(&level));
    close_world();
}
END_TEST

START_TEST(a_signal_may_be_set_when_the_loop_is_closed)
{
    start_world();
    start(&w[0], waiter, .name = "a", .rounds = 1);
    turns(1);
    cedo_sim_interrupt(set_level, NULL);
#if CEDO_REGISTRY
    unhandled = 0;
#endif
    ck_assert_int_eq(cedo_loop_close(&loop), CEDO_OK);
    cedo_signal_clear(&level);
    set_level(NULL);
    ck_assert(cedo_signal_is_set(&level));
}
END_TEST

#if CEDO_LOOPS
START_TEST(a_signal_belongs_to_one_loop)
{
    static cedo_loop other;
    start_world();
    ck_assert_int_eq(cedo_loop_init(&other, &cedo_port_sim), CEDO_OK);
    set_level(NULL);
    start(&w[0], waiter, .name = "a", .rounds = 1);
    ck_assert_int_eq(finish(&w[0]), CEDO_OK);
    ck_trail("a");
    set_level(NULL);
    ck_assert_int_eq(cedo_loop_spawn(&other, &w[0], waiter, .name = "b", .rounds = 1), CEDO_OK);
    cedo_task_keep(&w[0].task);
    (void)cedo_loop_step(&other);
    ck_trail("b failed");
    ck_assert_int_eq(cedo_task_result(&w[0].task), CEDO_EINVAL);
    ck_assert_int_eq(cedo_loop_close(&other), CEDO_OK);
    close_world();
}
END_TEST
#endif

/* ------------------------------------------------------------- futures */

static cedo_future_of(int) answer;
static cedo_handle answered;

struct asker {
    cedo_coro coro;
    int status;
};

static cedo_async(asker)
{
    cedo_body(struct asker, self) {
        cedo_catch(self->status, cedo_future_wait(&answer.future));
        mark("%d %d", self->status == CEDO_OK, answer.value);
    }
}

static cedo_task_of(asker) asking;

static void give_answer(void *arg)
{
    answer.value = 42;
    ck_assert_int_eq(cedo_future_set_from_isr(&answer.future, &answered, arg ? CEDO_EUSER : 0),
                     CEDO_OK);
}

START_TEST(a_future_is_set_from_an_interrupt)
{
    start_world();
    answer.value = 0;
    for (int i = 0; i < 2; i++) {
        cedo_future_init(&answer.future, &loop);
        start(&asking, asker);
        turns(1);
        cedo_sim_interrupt(give_answer, i ? &loop : NULL);
        ck_assert(!cedo_future_done(&answer.future));
        ck_assert_int_eq(cedo_future_set_from_isr(&answer.future, &answered, 0), CEDO_EBUSY);
        ck_assert_int_eq(finish(&asking), CEDO_OK);
        ck_trail(i ? "0 42" : "1 42");
    }
    /* it was done before */
    cedo_sim_interrupt(give_answer, NULL);
    turns(1);
    ck_assert_int_eq(cedo_future_result(&answer.future), CEDO_EUSER);
    /* its wait was over before */
    cedo_future_init(&answer.future, &loop);
    cedo_sim_interrupt(give_answer, NULL);
    cedo_handle_cancel(&answered);
    close_world();
    ck_assert_int_eq(cedo_future_set_from_isr(&answer.future, &answered, 0), CEDO_ECLOSED);
}
END_TEST

START_TEST(a_future_of_no_loop_cannot_be_set_from_elsewhere)
{
    static cedo_future nobodys;
    start_world();
#if CEDO_LOOPS
    ck_assert_int_eq(cedo_future_set_from_isr(&nobodys, &h[0], CEDO_OK), CEDO_EINVAL);
    ck_assert(!cedo_handle_scheduled(&h[0]));
#else
    ck_assert_int_eq(cedo_future_set_from_isr(&nobodys, &h[0], CEDO_OK), CEDO_OK);
    turns(1);
    ck_assert(cedo_future_done(&nobodys));
#endif
    close_world();
}
END_TEST

/* ------------------------------------------------------------- channels */

typedef struct reading reading;
struct reading {
    uint16_t number;
    uint8_t check;
};

static cedo_channel_of(reading, 3) readings = CEDO_CHANNEL_INIT(readings);

static cedo_status put(unsigned number)
{
    const reading r = {(uint16_t)number, (uint8_t)(number * 7)};
    return cedo_channel_put_from_isr(&readings.channel, &r);
}

static unsigned next_number;

static void put_next(void *arg)
{
    (void)arg;
    if (put(next_number) == CEDO_OK) next_number++;
}

static void put_two(void *arg)
{
    put_next(arg);
    put_next(arg);
}

struct reader {
    cedo_coro coro;
    const char *name;
    int rounds;
    int status;
    reading r;
};

static cedo_async(reader)
{
    cedo_body(struct reader, self) {
        while (self->rounds--) {
            cedo_catch(self->status, cedo_channel_get(&readings.channel, &self->r));
            if (self->status) cedo_throw(self->status);
            ck_assert_uint_eq(self->r.check, (uint8_t)(self->r.number * 7));
            mark("%s%u", self->name, (unsigned)self->r.number);
        }
    }
}

static cedo_task_of(reader) r[3];

static void start_channel_world(void)
{
    start_world();
    cedo_channel_init(&readings);
    next_number = 1;
}

START_TEST(items_come_out_in_the_order_in_which_they_were_put)
{
    reading got;
    start_channel_world();
    for (int round = 0; round < 100; round++) {
        ck_assert_int_eq(cedo_channel_get_nowait(&readings.channel, &got), CEDO_EAGAIN);
        for (int i = 0; i < 3; i++) {
            ck_assert_uint_eq(cedo_channel_size(&readings.channel), (size_t)i);
            ck_assert_int_eq(put((unsigned)(3 * round + i)), CEDO_OK);
        }
        ck_assert_int_eq(put(9999), CEDO_EAGAIN);
        for (int i = 0; i < 3; i++) {
            ck_assert_int_eq(cedo_channel_get_nowait(&readings.channel, &got), CEDO_OK);
            ck_assert_uint_eq(got.number, (unsigned)(3 * round + i));
        }
    }
    close_world();
}
END_TEST

START_TEST(a_task_waits_for_an_item)
{
    start_channel_world();
    start(&r[0], reader, .name = "", .rounds = 5);
    turns(2);
    cedo_sim_interrupt(put_next, NULL);
    turns(1);
    ck_trail("1");
    cedo_sim_interrupt(put_two, NULL);
    cedo_sim_interrupt(put_next, NULL);
    turns(1);
    ck_trail("2 3 4"); /* one wake-up for all */
    turns(2);
    put_next(NULL); /* anywhere is from anywhere */
    ck_assert_int_eq(finish(&r[0]), CEDO_OK);
    ck_trail("5");
    close_world();
}
END_TEST

START_TEST(what_was_put_before_anybody_waited_is_there)
{
    start_channel_world();
    put_two(NULL);
    start(&r[0], reader, .name = "", .rounds = 2);
    turns(1);
    ck_trail("1 2");
    put_two(NULL);
    start(&r[0], reader, .name = "", .rounds = 2);
    turns(1); /* the post was not needed */
    ck_trail("3 4");
    turns(2);
    close_world();
}
END_TEST

START_TEST(several_tasks_share_a_channel)
{
    start_channel_world();
    for (int i = 0; i < 3; i++) start(&r[i], reader, .name = &"a\0b\0c"[2 * i], .rounds = 2);
    turns(1);
    cedo_sim_interrupt(put_two, NULL);
    turns(1);
    ck_trail("a1 a2");
    turns(2);
    cedo_sim_interrupt(put_next, NULL);
    turns(1);
    ck_trail("c3"); /* b was woken too late for the second one, and has queued again */
    cedo_sim_interrupt(put_two, NULL);
    cedo_sim_interrupt(put_next, NULL);
    turns(1);
    ck_trail("b4 b5"); /* and leaves one for c */
    turns(1);
    ck_trail("c6");
    close_world();
}
END_TEST

START_TEST(a_cancelled_get_loses_nothing)
{
    start_channel_world();
    start(&r[0], reader, .name = "a", .rounds = 1);
    start(&r[1], reader, .name = "b", .rounds = 1);
    turns(1);
    cedo_sim_interrupt(put_next, NULL);
    cedo_loop_stop(&loop);                   /* a look that wakes a, and its turn */
    ck_assert(cedo_task_cancel(&r[1].task)); /* while it waits */
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_OK);
    ck_trail("a1");
    start(&r[0], reader, .name = "a", .rounds = 1);
    start(&r[1], reader, .name = "b", .rounds = 1);
    turns(1);
    cedo_sim_interrupt(put_next, NULL);
    cedo_loop_take_posts_(&loop, NULL);
    ck_assert(cedo_task_cancel(&r[0].task)); /* it was woken already: b gets the item */
    turns(3);
    ck_trail("b2");
    /* an item that another has taken before */
    start(&r[0], reader, .name = "a", .rounds = 1);
    turns(1);
    cedo_sim_interrupt(put_next, NULL);
    cedo_loop_take_posts_(&loop, NULL);
    ck_assert_int_eq(cedo_channel_get_nowait(&readings.channel, &r[2].frame.r), CEDO_OK);
    ck_assert(cedo_task_cancel(&r[0].task));
    turns(2);
    ck_assert(cedo_task_cancelled(&r[0].task));
    /* the same, and it waits again */
    start(&r[0], reader, .name = "a", .rounds = 1);
    turns(1);
    cedo_sim_interrupt(put_next, NULL);
    cedo_loop_take_posts_(&loop, NULL);
    ck_assert_int_eq(cedo_channel_get_nowait(&readings.channel, &r[2].frame.r), CEDO_OK);
    turns(2);
    cedo_sim_interrupt(put_next, NULL);
    turns(1);
    ck_trail("a5");
    close_world();
}
END_TEST

#if CEDO_LOOPS
START_TEST(a_channel_belongs_to_one_loop)
{
    static cedo_loop other;
    start_channel_world();
    ck_assert_int_eq(cedo_loop_init(&other, &cedo_port_sim), CEDO_OK);
    put_two(NULL);
    start(&r[0], reader, .name = "", .rounds = 1);
    ck_assert_int_eq(finish(&r[0]), CEDO_OK);
    ck_assert_int_eq(cedo_loop_spawn(&other, &r[0], reader, .name = "", .rounds = 1), CEDO_OK);
    cedo_task_keep(&r[0].task);
    (void)cedo_loop_step(&other);
    ck_assert_int_eq(cedo_task_result(&r[0].task), CEDO_EINVAL);
    ck_assert_uint_eq(cedo_channel_size(&readings.channel), 1);
    ck_assert_int_eq(cedo_loop_close(&other), CEDO_OK);
    close_world();
}
END_TEST
#endif

/* ------------------------------------------------------------- when interrupts come */

static void mark_time(void *text)
{
    mark("%s@%ld", (const char *)text, (long)loop.now);
    put_next(NULL);
}

START_TEST(an_interrupt_comes_at_its_time_and_no_deadlock_is_seen_before)
{
    static cedo_sim_irq irqs[3];
    start_channel_world();
    start(&r[0], reader, .name = "", .rounds = 3);
    cedo_sim_interrupt_at(&loop, &irqs[0], 30, mark_time, "x");
    cedo_sim_interrupt_at(&loop, &irqs[1], 10, mark_time, "y");
    cedo_sim_interrupt_at(&loop, &irqs[2], 20, mark_time, "z");
    ck_assert_int_eq(cedo_call_at(&loop, &h[0], 20, mark_callback, "timer"), CEDO_OK);
    ck_assert_int_eq(cedo_call_at(&loop, &h[1], 40, mark_callback, "end"), CEDO_OK);
    run_dry();
    ck_trail("y@10 1 z@20 2 timer x@30 3 end");
    ck_assert_int_eq((int)loop.now, 40);
    close_world();
}
END_TEST

static cedo_status block(void *arg)
{
    (void)arg;
    mark("[");
    cedo_sim_advance(&loop, 25);
    mark("]");
    return CEDO_OK;
}

START_TEST(interrupts_come_while_a_callback_blocks)
{
    static cedo_sim_irq irqs[2];
    static cedo_loop other;
    start_channel_world();
    ck_assert_int_eq(cedo_loop_init(&other, &cedo_port_sim), CEDO_OK);
    cedo_running_ = CEDO_LOOPS ? NULL : &loop;
    cedo_sim_interrupt_at(&other, &irqs[0], 5, mark_time, "never");
    cedo_sim_interrupt_at(&loop, &irqs[1], 10, mark_time, "x");
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], block, NULL), CEDO_OK);
    run_dry();
    ck_trail("[ x@10 ]");
    cedo_sim_interrupt_at(&loop, &irqs[1], 25, mark_time, "y"); /* due already */
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], mark_callback, "ready"), CEDO_OK);
    turns(1);
    ck_trail("y@25 ready");
    close_world();
}
END_TEST

static int looks;

static void put_at_some_looks(void *arg)
{
    looks++;
    if (looks % 3 == 0 && next_number <= 50) cedo_sim_interrupt(put_two, arg);
}

START_TEST(interrupts_at_any_look_lose_nothing)
{
    start_channel_world();
    looks = 0;
    cedo_sim_at_each_look(put_at_some_looks, NULL);
    start(&r[0], reader, .name = "", .rounds = 50);
    start(&w[0], waiter, .name = "never", .rounds = 1);
    for (int i = 0; i < 300; i++) (void)cedo_loop_step(&loop);
    ck_assert(cedo_task_done(&r[0].task));
    ck_assert_uint_eq(r[0].frame.r.number, 50);
    cedo_sim_at_each_look(NULL, NULL);
    trail[0] = '\0';
    set_level(NULL);
    ck_assert_int_eq(finish(&w[0]), CEDO_OK);
    ck_assert_uint_eq(cedo_channel_size(&readings.channel), 0);
    cedo_channel_init(&readings);
    close_world();
}
END_TEST

/* ------------------------------------------------------------- between any two instructions */

enum { INTERRUPTS = 500 };

static cedo_port preempted_port;
static volatile int interrupted;
static volatile bool is_armed;
#if !CEDO_HOSTED
static volatile bool locked, pending;
#endif

static void any_time(void)
{
    interrupted++;
    put_two(NULL);
    cedo_signal_set_from_isr(&level);
    (void)cedo_call_soon_threadsafe(&loop, &h[1], mark_callback, "");
}

static void handle_signal(int number, void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    ck_assert_int_eq(sigaction(number, &action, NULL), 0);
}

/* A signal of the system comes when it likes: the nearest thing to an interrupt. */
static void on_alarm(int number)
{
    (void)number;
    is_armed = false;
#if !CEDO_HOSTED
    if (locked) {
        pending = true;
        return;
    }
#endif
    any_time();
}

#if !CEDO_HOSTED
static uintptr_t lock(void)
{
    const bool before = locked;
    locked = true;
    return before;
}

static void unlock(uintptr_t before)
{
    locked = before != 0;
    if (pending && !locked) {
        pending = false;
        raise(SIGALRM);
    }
}
#endif

struct steady {
    cedo_coro coro;
    unsigned expected;
    reading r;
};

static cedo_async(steady)
{
    cedo_body(struct steady, self) {
        for (;;) {
            cedo_await(cedo_channel_get(&readings.channel, &self->r));
            ck_assert_uint_eq(self->r.number, (uint16_t)self->expected);
            ck_assert_uint_eq(self->r.check, (uint8_t)(self->r.number * 7));
            self->expected++;
        }
    }
}

struct steady_level {
    cedo_coro coro;
    unsigned levels;
};

static cedo_async(steady_level)
{
    cedo_body(struct steady_level, self) {
        for (;;) {
            cedo_await(cedo_signal_wait(&level));
            cedo_signal_clear(&level);
            self->levels++;
        }
    }
}

START_TEST(interrupts_between_any_two_instructions_lose_nothing)
{
    /* one at a time, so that a slow machine has time for more than interrupts */
    static const struct itimerval soon = {{0, 0}, {0, 50}};
    static cedo_task_of(steady) gets;
    static cedo_task_of(steady_level) waits;
    start_channel_world();
    (void)cedo_loop_close(&loop);
    preempted_port = cedo_port_sim;
#if !CEDO_HOSTED
    preempted_port.enter = lock;
    preempted_port.leave = unlock;
#endif
    ck_assert_int_eq(cedo_loop_init(&loop, &preempted_port), CEDO_OK);
    cedo_running_ = CEDO_LOOPS ? NULL : &loop;
    start(&gets, steady, .expected = 1);
    start(&waits, steady_level);
    handle_signal(SIGALRM, on_alarm);
    while (interrupted < INTERRUPTS) {
        if (!is_armed) {
            is_armed = true;
            setitimer(ITIMER_REAL, &soon, NULL);
        }
        for (int i = 0; i < 100; i++)
            (void)cedo_call_soon_threadsafe(&loop, &h[0], mark_callback, "");
        (void)cedo_loop_step(&loop);
        trail[0] = '\0';
    }
    while (is_armed) (void)cedo_loop_step(&loop);
    for (int i = 0; i < 5; i++) (void)cedo_loop_step(&loop);
    ck_assert_uint_eq(gets.frame.expected, next_number);
    ck_assert_uint_ge(next_number, INTERRUPTS / 10);
    ck_assert_uint_gt(waits.frame.levels, 0);
    ck_assert(!cedo_signal_is_set(&level));
    ck_assert(cedo_task_cancel(&gets.task) && cedo_task_cancel(&waits.task));
    turns(2);
    close_world();
}
END_TEST

/* ------------------------------------------------------------- misuse */

#if CEDO_CHECKS

static cedo_channel bad;
static unsigned char place[1];

static void no_items(void)
{
    cedo_channel_init_(&bad, place, 0, 1);
}
static void no_size(void)
{
    cedo_channel_init_(&bad, place, 1, 0);
}
static void too_many_items(void)
{
    cedo_channel_init_(&bad, place, (size_t)(cedo_count)-1 + 1, 1);
}
static void too_big_items(void)
{
    cedo_channel_init_(&bad, place, 1, (size_t)(cedo_count)-1 + 1);
}

START_TEST(a_channel_that_cannot_be_traps)
{
    ck_trap(no_items, "1 to 255");
    ck_trap(no_size, "1 to 255");
    ck_trap(too_many_items, "1 to 255");
    ck_trap(too_big_items, "1 to 255");
}
END_TEST

#define CHECKS_TESTS a_channel_that_cannot_be_traps,
#else
#define CHECKS_TESTS
#endif

#if CEDO_CHECKS && !CEDO_HOSTED

static void (*wrong)(void);
static cedo_event event;
static cedo_future plain_future;

static void call_soon_there(void)
{
    (void)cedo_call_soon(&loop, &h[0], mark_callback, "");
}
static void set_event_there(void)
{
    cedo_event_set(&event);
}
static void cancel_there(void)
{
    (void)cedo_task_cancel(&w[0].task);
}
static void spawn_there(void)
{
    start(&w[1], waiter, .name = "a", .rounds = 1);
}
static void spawn_plainly_there(void)
{
    start(&asking, asker);
}
static void set_future_there(void)
{
    (void)cedo_future_set(&plain_future, CEDO_OK);
}
static void put_there(void)
{
    static cedo_queue_of(char, 1) queue = CEDO_QUEUE_INIT(queue);
    const char item = 'x';
    (void)cedo_queue_put_nowait(&queue.queue, &item);
}
static void stop_there(void)
{
    cedo_loop_stop(&loop);
}

static void come(void *arg)
{
    (void)arg;
    wrong();
}

static void interrupt(void)
{
    cedo_sim_interrupt(come, NULL);
}

static void advance_with_interrupts_off(void)
{
    const uintptr_t state = cedo_port_sim.enter();
    cedo_port_sim.leave(cedo_port_sim.enter());
    interrupt();
    cedo_port_sim.leave(state);
}

static void post_without_a_lock(void)
{
    cedo_port port = cedo_port_sim;
    (void)cedo_loop_close(&loop);
    port.enter = NULL;
    ck_assert_int_eq(cedo_loop_init(&loop, &port), CEDO_OK);
    ck_assert_int_eq(cedo_loop_close(&loop), CEDO_OK);
    ck_assert_int_eq(cedo_loop_init(&loop, &port), CEDO_OK);
    (void)cedo_call_soon_threadsafe(&loop, &h[0], mark_callback, "");
}

START_TEST(what_only_tasks_may_call_traps_in_an_interrupt)
{
    void (*const calls[])(void) = {call_soon_there,     set_event_there,  cancel_there, spawn_there,
                                   spawn_plainly_there, set_future_there, put_there,    stop_there};
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        start_world();
        cedo_running_ = &loop;
        wrong = calls[i];
        ck_trap(interrupt, "an interrupt calls what ends in _from_isr");
    }
    start_world();
    wrong = call_soon_there;
    ck_trap(advance_with_interrupts_off, "interrupts are off here");
    start_world();
    ck_trap(post_without_a_lock, "need `enter` and `leave`");
}
END_TEST

static bool never(void)
{
    return false;
}

START_TEST(a_port_need_not_know_an_interrupt)
{
    cedo_port port = cedo_port_sim;
    start_world();
    (void)cedo_loop_close(&loop);
    for (int i = 0; i < 2; i++) {
        port.in_interrupt = i ? never : NULL;
        ck_assert_int_eq(cedo_loop_init(&loop, &port), CEDO_OK);
        cedo_running_ = &loop;
        wrong = call_soon_there;
        interrupt();
        cedo_running_ = CEDO_LOOPS ? NULL : &loop;
        turns(1);
        ck_assert_int_eq(cedo_loop_close(&loop), CEDO_OK);
    }
}
END_TEST

#define TRAPS what_only_tasks_may_call_traps_in_an_interrupt, a_port_need_not_know_an_interrupt,
#else
#define TRAPS
#endif

#if !CEDO_HOSTED

/* ------------------------------------------------------------- an interrupt in an interrupt */

static bool nested;

static void set_again(void *arg)
{
    cedo_signal_clear(&level);
    set_level(arg);
}

static uintptr_t enter_late(void)
{
    if (!nested) {
        nested = true;
        cedo_sim_interrupt(set_again, NULL);
    }
    return cedo_port_sim.enter();
}

START_TEST(a_more_urgent_interrupt_may_come_before_the_post)
{
    cedo_port port = cedo_port_sim;
    start_world();
    (void)cedo_loop_close(&loop);
    port.enter = enter_late;
    ck_assert_int_eq(cedo_loop_init(&loop, &port), CEDO_OK);
    cedo_running_ = CEDO_LOOPS ? NULL : &loop;
    start(&w[0], waiter, .name = "a", .rounds = 1);
    nested = true;
    turns(1);
    nested = false;
    cedo_sim_interrupt(set_level, NULL);
    ck_assert(nested);
    turns(1);
    ck_trail("a");
    close_world();
}
END_TEST

#define NESTED_TESTS a_more_urgent_interrupt_may_come_before_the_post,
#else
#define NESTED_TESTS
#endif

/* ------------------------------------------------------------- a port that must be woken */

static int wakes;

static void count_wake(cedo_loop *where)
{
    ck_assert_ptr_eq(where, &loop);
    wakes++;
}

START_TEST(the_port_is_told_of_the_first_post)
{
    cedo_port port = cedo_port_sim;
    start_world();
    (void)cedo_loop_close(&loop);
    port.wake = count_wake;
    ck_assert_int_eq(cedo_loop_init(&loop, &port), CEDO_OK);
    wakes = 0;
#if CEDO_HOSTED
    post_a_and_b(NULL);
    ck_assert_int_eq(wakes, 0); /* it runs */
    turns(1);
    ck_assert(cedo_loop_may_sleep(&loop));
#endif
    ck_assert_int_eq(cedo_call_soon_threadsafe(&loop, &h[2], mark_callback, "c"), CEDO_OK);
    ck_assert_int_eq(wakes, 1);
    ck_assert_int_eq(cedo_call_soon_threadsafe(&loop, &h[3], mark_callback, "d"), CEDO_OK);
    ck_assert_int_eq(wakes, 1);
    ck_assert(!cedo_loop_may_sleep(&loop));
    turns(1);
    ck_trail(CEDO_HOSTED ? "a b c d" : "c d");
#if CEDO_HOSTED
    ck_assert(cedo_loop_may_sleep(&loop));
    cedo_loop_has_slept(&loop);
    ck_assert_int_eq(cedo_call_soon_threadsafe(&loop, &h[0], mark_callback, "e"), CEDO_OK);
    ck_assert_int_eq(wakes, 1);
    turns(1);
    ck_trail("e");
    (void)cedo_loop_close(&loop);
    start_world(); /* on a port that need not be told */
    ck_assert(cedo_loop_may_sleep(&loop));
    ck_assert_int_eq(cedo_call_soon_threadsafe(&loop, &h[0], mark_callback, "f"), CEDO_OK);
    turns(1);
    ck_trail("f");
#endif
    close_world();
}
END_TEST

/* ------------------------------------------------------------- threads, on the port of the system */

#if CEDO_HOSTED && CEDO_LOOPS

enum { THREADS = 4, ITEMS = 3000 };

static cedo_channel_of(unsigned, 64) feeds[THREADS];
static cedo_signal drained[THREADS];

static void *feed(void *arg)
{
    const size_t which = (size_t)arg;
    const struct timespec moment = {0, 20000};
    for (unsigned i = 0; i < ITEMS; i++)
        while (cedo_channel_put_from_isr(&feeds[which].channel, &i) == CEDO_EAGAIN)
            nanosleep(&moment, NULL);
    cedo_signal_set_from_isr(&drained[which]);
    return NULL;
}

struct eater {
    cedo_coro coro;
    size_t which;
    unsigned expected, item;
};

static cedo_async(eater)
{
    cedo_body(struct eater, self) {
        for (; self->expected < ITEMS; self->expected++) {
            cedo_await(cedo_channel_get(&feeds[self->which].channel, &self->item));
            if (self->item != self->expected) cedo_throw(CEDO_EINVAL);
        }
        cedo_await(cedo_signal_wait(&drained[self->which]));
        if (cedo_channel_size(&feeds[self->which].channel)) cedo_throw(CEDO_EINVAL);
    }
}

START_TEST(threads_feed_a_loop_and_every_item_comes_once_and_in_order)
{
    static cedo_task_of(eater) eaters[THREADS];
    pthread_t threads[THREADS];
    open_world_on(&cedo_port_posix);
    for (size_t i = 0; i < THREADS; i++) {
        cedo_channel_init(&feeds[i]);
        start(&eaters[i], eater, .which = i);
        ck_assert_int_eq(pthread_create(&threads[i], NULL, feed, (void *)i), 0);
    }
    for (size_t i = 0; i < THREADS; i++) ck_assert_int_eq(finish(&eaters[i]), CEDO_OK);
    for (size_t i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    close_world();
}
END_TEST

/* A call each, as fast as they can: none is lost, none made twice, and each thread's are in
 * order. */
enum { CALLS = 3000 };

typedef struct call call;
struct call {
    cedo_handle handle;
    size_t thread;
    int number;
};

static call calls[THREADS][CALLS];
static pthread_barrier_t gate;
static cedo_signal flicker;
static int called[THREADS], all_called, nudges, nudged;
static cedo_handle nudge_handle;

static cedo_status count_call(void *arg)
{
    const call *const c = arg;
    if (called[c->thread]++ != c->number) return CEDO_EINVAL;
    if (++all_called == THREADS * CALLS) cedo_loop_stop(&loop);
    return CEDO_OK;
}

/* Sees all that was counted before a nudge, made or not. */
static cedo_status nudge(void *arg)
{
    (void)arg;
    nudged = __atomic_load_n(&nudges, __ATOMIC_RELAXED);
    return CEDO_OK;
}

static void *storm(void *arg)
{
    const size_t thread = (size_t)arg;
    pthread_barrier_wait(&gate);
    for (int i = 0; i < CALLS; i++) {
        call *const c = &calls[thread][i];
        c->thread = thread;
        c->number = i;
        if (cedo_call_soon_threadsafe(&loop, &c->handle, count_call, c) != CEDO_OK) return c;
        (void)__atomic_fetch_add(&nudges, 1, __ATOMIC_RELAXED);
        (void)cedo_call_soon_threadsafe(&loop, &nudge_handle, nudge, NULL);
        cedo_signal_clear(&flicker);
        cedo_signal_set_from_isr(&flicker);
    }
    return NULL;
}

struct flicked {
    cedo_coro coro;
};

static cedo_async(flicked)
{
    cedo_body(struct flicked, self) {
        cedo_await(cedo_signal_wait(&flicker));
    }
}

START_TEST(THREAD_05_a_storm_of_calls_from_threads_wakes_the_loop_and_loses_none)
{
    static cedo_task_of(flicked) watcher;
    pthread_t threads[THREADS];
    open_world_on(&cedo_port_posix);
    cedo_signal_init(&flicker);
    cedo_signal_set_from_isr(&flicker);
    ck_assert_int_eq(run(&watcher, flicked), CEDO_OK); /* it belongs to this loop now */
    start(&watcher, flicked);
    pthread_barrier_init(&gate, NULL, THREADS);
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, storm, (void *)i), 0);
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_OK);
    for (size_t i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        ck_assert_ptr_null(result);
        ck_assert_int_eq(called[i], CALLS);
    }
    turns(2);
    ck_assert_int_eq(nudged, THREADS * CALLS);
    ck_assert(cedo_task_done(&watcher.task));
    ck_assert(cedo_signal_is_set(&flicker));
    pthread_barrier_destroy(&gate);
    close_world();
}
END_TEST

/* One round trip after the other: the loop sleeps each time. */
enum { TRIPS = 50 };

struct trip {
    cedo_coro coro;
    cedo_future done;
    cedo_handle handle;
    int left;
};

static cedo_signal go;
static struct trip *asked;

static void *answer_trips(void *arg)
{
    int left = TRIPS;
    while (left) {
        struct trip *const now = __atomic_exchange_n(&asked, NULL, __ATOMIC_SEQ_CST);
        if (now) {
            left--;
            /* from here on the frame is the task's again */
            if (cedo_future_set_from_isr(&now->done, &now->handle, CEDO_OK) != CEDO_OK) return arg;
        }
        else {
            const struct timespec moment = {0, 1000};
            nanosleep(&moment, NULL);
        }
    }
    return NULL;
}

static cedo_async(trip)
{
    cedo_body(struct trip, self) {
        for (self->left = TRIPS; self->left; self->left--) {
            cedo_future_init(&self->done, cedo_running_loop());
            __atomic_store_n(&asked, self, __ATOMIC_SEQ_CST);
            cedo_await(cedo_future_wait(&self->done));
        }
    }
}

/* The loop goes right after the last post, when the thread may be still about to wake it. */
START_TEST(THREAD_08_loops_of_many_threads_come_and_go_while_others_post)
{
    for (int i = 0; i < 10; i++) {
        cedo_task_of(trip) *const task = calloc(1, sizeof *task);
        pthread_t thread;
        open_world_on(&cedo_port_posix);
        ck_assert_int_eq(pthread_create(&thread, NULL, answer_trips, &asked), 0);
        ck_assert_int_eq(run(task, trip), CEDO_OK);
        close_world();
        memset(&loop, 0xff, sizeof loop);
        free(task);
        pthread_join(thread, NULL);
    }
}
END_TEST

static void on_signal(int number)
{
    (void)number;
    cedo_signal_set_from_isr(&go);
}

static void *kill_main(void *arg)
{
    pthread_kill(*(pthread_t *)arg, SIGUSR1);
    return NULL;
}

struct signalled {
    cedo_coro coro;
    pthread_t me;
    int round;
};

static cedo_async(signalled)
{
    cedo_body(struct signalled, self) {
        for (self->round = 0; self->round < 20; self->round++) {
            pthread_t thread;
            cedo_signal_clear(&go);
            if (pthread_create(&thread, NULL, kill_main, &self->me)) cedo_throw(CEDO_ENOMEM);
            pthread_detach(thread);
            cedo_await(cedo_signal_wait(&go));
        }
    }
}

START_TEST(THREAD_05_a_signal_handler_of_the_system_may_post)
{
    static cedo_task_of(signalled) task;
    handle_signal(SIGUSR1, on_signal);
    cedo_signal_init(&go);
    open_world_on(&cedo_port_posix);
    ck_assert_int_eq(run(&task, signalled, .me = pthread_self()), CEDO_OK);
    close_world();
}
END_TEST

/* A job of another thread stands behind a future of the loop, from `begun` to its answer. */
static struct {
    cedo_future future;
    cedo_handle answer, told;
    sem_t may_go;
    int value;
} job;

static void *works(void *unused)
{
    (void)unused;
    sem_wait(&job.may_go);
    job.value = 42;
    (void)cedo_future_set_from_isr(&job.future, &job.answer, CEDO_OK);
    return NULL;
}

/* The future is done, perhaps because nobody wants the answer any more: the thread need not wait. */
static cedo_status tells_the_thread(void *future)
{
    if (cedo_future_cancelled((const cedo_future *)future)) sem_post(&job.may_go);
    return CEDO_OK;
}

struct employer {
    cedo_coro coro;
    bool is_patient;
    int status;
};

static cedo_async(employer)
{
    cedo_body(struct employer, self) {
        (void)cedo_future_add_done_callback(&job.future, &job.told, tells_the_thread, &job.future);
        if (self->is_patient) {
            sem_post(&job.may_go);
        }
        else {
            (void)cedo_task_cancel(cedo_current_task());
        }
        cedo_await(cedo_future_wait(&job.future));
        ck_assert_int_eq(job.value, 42);
    }
}

START_TEST(FUT_13_a_thread_ends_a_future_and_a_cancelled_one_tells_the_thread)
{
    static cedo_task_of(employer) task;
    pthread_t thread;
    for (int i = 0; i < 2; i++) {
        open_world_on(&cedo_port_posix);
        cedo_future_init(&job.future, &loop);
        job.value = 0;
        ck_assert_int_eq(sem_init(&job.may_go, 0, 0), 0);
        ck_assert_int_eq(pthread_create(&thread, NULL, works, NULL), 0);
        ck_assert_int_eq(run(&task, employer, .is_patient = i == 0),
                         i == 0 ? CEDO_OK : CEDO_ECANCELED);
        while (cedo_loop_step(&loop) == CEDO_OK) continue;
        pthread_join(thread, NULL);
        (void)cedo_loop_step(&loop); /* an answer that comes too late changes nothing */
        ck_assert(!cedo_handle_scheduled(&job.answer));
        ck_assert_int_eq(cedo_future_result(&job.future), i == 0 ? CEDO_OK : CEDO_ECANCELED);
        sem_destroy(&job.may_go);
        close_world();
    }
}
END_TEST

#define THREAD_TESTS \
    threads_feed_a_loop_and_every_item_comes_once_and_in_order, \
        THREAD_05_a_storm_of_calls_from_threads_wakes_the_loop_and_loses_none, \
        THREAD_08_loops_of_many_threads_come_and_go_while_others_post, \
        THREAD_05_a_signal_handler_of_the_system_may_post, \
        FUT_13_a_thread_ends_a_future_and_a_cancelled_one_tells_the_thread,
#else
#define THREAD_TESTS
#endif

#if CEDO_LOOPS
#define LOOPS_TESTS a_signal_belongs_to_one_loop, a_channel_belongs_to_one_loop,
#else
#define LOOPS_TESTS
#endif

SUITE("isr", THREAD_05_calls_are_made_in_the_order_in_which_they_were_posted,
      THREAD_05_a_closed_loop_takes_no_call, a_loop_that_could_not_be_made_takes_no_call,
      a_call_that_is_still_to_be_made_is_not_posted_twice, a_posted_call_can_be_cancelled,
      what_is_posted_goes_behind_what_is_ready_and_before_what_is_due,
      a_signal_wakes_who_waits_for_it, a_signal_is_a_level, a_signal_wakes_all_who_wait,
      a_wait_for_a_signal_can_be_cancelled, a_signal_may_be_set_when_the_loop_is_closed,
      a_future_is_set_from_an_interrupt, a_future_of_no_loop_cannot_be_set_from_elsewhere,
      items_come_out_in_the_order_in_which_they_were_put, a_task_waits_for_an_item,
      what_was_put_before_anybody_waited_is_there, several_tasks_share_a_channel,
      a_cancelled_get_loses_nothing, an_interrupt_comes_at_its_time_and_no_deadlock_is_seen_before,
      interrupts_come_while_a_callback_blocks, interrupts_at_any_look_lose_nothing,
      interrupts_between_any_two_instructions_lose_nothing,
      LOOPS_TESTS THREAD_TESTS CHECKS_TESTS TRAPS NESTED_TESTS the_port_is_told_of_the_first_post)
