/* The smallest core: it runs tasks and nothing else. Its loop has no end, so the port jumps out
 * when all tasks wait. */
#include <cedo/core.h>

#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

static cedo_loop loop;
static cedo_time now;
static jmp_buf out;
static char trail[100];

static cedo_time bare_now(cedo_loop *where)
{
    (void)where;
    return now;
}

static void bare_wait(cedo_loop *where, const cedo_time *until)
{
    (void)where;
    if (!until) longjmp(out, 1);
    now = *until;
}

static int polls;

CEDO_UNUSED_ static void bare_poll(cedo_loop *where)
{
    (void)where;
    polls++;
}

#ifdef CEDO_PORT
static cedo_status open_status;

static cedo_status bare_open(cedo_loop *where)
{
    (void)where;
    return open_status;
}

extern const cedo_port bare_port, open_port;
const cedo_port bare_port = {bare_now, bare_wait, NULL, NULL, NULL, NULL, NULL, NULL, NULL, true};
const cedo_port open_port = {bare_now, bare_wait, NULL, bare_open, NULL,
                             NULL,     NULL,      NULL, NULL,      true};
#else
static const cedo_port bare_port = {bare_now, bare_wait, bare_poll, NULL, NULL,
                                    NULL,     NULL,      NULL,      NULL, true};
#endif

#ifdef CEDO_PORT
#define THE_PORT (&CEDO_PORT)
#else
#define THE_PORT (&bare_port)
#endif

static void run_dry(void)
{
    if (setjmp(out) == 0) (void)cedo_loop_run_forever(&loop);
}

static cedo_event go;
static cedo_queue_of(char, 2) jobs = CEDO_QUEUE_INIT(jobs);

struct producer {
    cedo_coro coro;
    char item;
};

static cedo_async(producer)
{
    cedo_body(struct producer, self) {
        cedo_await(cedo_event_wait(&go));
        for (self->item = 'a'; self->item < 'f'; self->item++) {
            cedo_await(cedo_queue_put(&jobs.queue, &self->item));
            cedo_await(cedo_sleep_ms(1));
        }
    }
}

struct consumer {
    cedo_coro coro;
    char item[2];
    int status;
};

static cedo_async(consumer)
{
    cedo_body(struct consumer, self) {
        for (;;) {
            cedo_await(cedo_queue_get(&jobs.queue, self->item));
            strcat(trail, self->item);
            cedo_await(cedo_yield_now());
        }
    cedo_finally:
        cedo_await(cedo_sleep_ms(2));
        strcat(trail, ".");
    }
}

struct starter {
    cedo_coro coro;
};

static cedo_async(starter)
{
    cedo_body(struct starter, self) {
        cedo_await(cedo_sleep_ms(5));
        cedo_event_set(&go);
    }
}

START_TEST(tasks_wait_pass_items_and_are_cancelled)
{
    static cedo_task_of(producer) producer;
    static cedo_task_of(consumer) consumer;
    static cedo_task_of(starter) starter;
    ck_assert_int_eq(cedo_loop_init(&loop, THE_PORT), CEDO_OK);
    ck_assert_int_eq(cedo_loop_spawn(&loop, &producer, producer), CEDO_OK);
    ck_assert_int_eq(cedo_loop_spawn(&loop, &consumer, consumer), CEDO_OK);
    ck_assert_int_eq(cedo_loop_spawn(&loop, &starter, starter), CEDO_OK);
    run_dry();
    ck_assert_str_eq(trail, "abcde");
    ck_assert(cedo_task_done(&producer.task));
    ck_assert_uint_eq(now, CEDO_MS(10));
    ck_assert(cedo_task_cancel(&consumer.task));
    run_dry();
    ck_assert_str_eq(trail, "abcde.");
    ck_assert(cedo_task_cancelled(&consumer.task));
    ck_assert_uint_eq(now, CEDO_MS(12));
}
END_TEST

struct spinner {
    cedo_coro coro;
    int left;
};

static cedo_async(spinner)
{
    cedo_body(struct spinner, self) {
        while (self->left--) cedo_await(cedo_yield_now());
    }
}

START_TEST(a_busy_task_does_not_keep_timers_or_the_port_from_being_looked_at)
{
    static cedo_task_of(spinner) busy;
    static cedo_task_of(starter) starter;
    static const cedo_event unset;
    ck_assert_int_eq(cedo_loop_init(&loop, THE_PORT), CEDO_OK);
    go = unset;
    polls = 0;
    ck_assert_int_eq(cedo_loop_spawn(&loop, &busy, spinner, .left = 1000), CEDO_OK);
    ck_assert_int_eq(cedo_loop_spawn(&loop, &starter, starter), CEDO_OK);
    run_dry();
    ck_assert(cedo_task_done(&busy.task));
    ck_assert(cedo_event_is_set(&go));
#ifndef CEDO_PORT
    ck_assert_int_gt(polls, 0);
#endif
}
END_TEST

START_TEST(a_port_may_fail_to_open)
{
#ifdef CEDO_PORT
    open_status = CEDO_EBUSY;
    ck_assert_int_eq(cedo_loop_init(&loop, THE_PORT),
                     THE_PORT == &open_port ? CEDO_EBUSY : CEDO_OK);
    open_status = CEDO_OK;
#endif
    ck_assert_int_eq(cedo_loop_init(&loop, THE_PORT), CEDO_OK);
}
END_TEST

static void leave(int signal_number)
{
    (void)signal_number;
    exit(42); /* so that coverage data is written */
}

/* Without a trap handler a trap stops for ever. */
START_TEST(a_loop_refuses_another_port_than_the_one_it_was_built_for)
{
#ifdef CEDO_PORT
    static const struct itimerval soon = {{0, 0}, {0, 20000}};
    static const cedo_port other = {bare_now, bare_wait, NULL, NULL, NULL,
                                    NULL,     NULL,      NULL, NULL, true};
    int status;
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        signal(SIGALRM, leave);
        setitimer(ITIMER_REAL, &soon, NULL);
        (void)cedo_loop_init(&loop, &other);
        exit(1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 42);
#else
    (void)leave;
#endif
}
END_TEST

SUITE("bare", tasks_wait_pass_items_and_are_cancelled,
      a_busy_task_does_not_keep_timers_or_the_port_from_being_looked_at, a_port_may_fail_to_open,
      a_loop_refuses_another_port_than_the_one_it_was_built_for)
