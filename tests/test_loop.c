/* The loop: turns, order, stopping, closing, errors of callbacks, embedding. */
#include "world.h"

#if CEDO_HOSTED
#include <unistd.h>
#endif

/* ------------------------------------------------------------- a port that counts and finds I/O */

static int waits, polls, opens, closes;
static bool waited_without_limit;
static cedo_time waited_until, test_clock;
static cedo_handle *found; /* what the next look at I/O makes ready */
static cedo_status open_status;

static cedo_time counting_now(cedo_loop *where)
{
    (void)where;
    return test_clock;
}

static void find_io(cedo_loop *where)
{
    if (found) {
        cedo_handle *const handle = found;
        found = NULL;
        ck_assert_int_eq(cedo_call_soon(where, handle, mark_callback, "io"), CEDO_OK);
    }
}

static void counting_wait(cedo_loop *where, const cedo_time *until)
{
    waits++;
    waited_without_limit = until == NULL;
    waited_until = until ? *until : 0;
    if (!until)
        cedo_loop_stop(where);
    else if (cedo_time_after(*until, test_clock))
        test_clock = *until;
    find_io(where);
}

static void counting_poll(cedo_loop *where)
{
    polls++;
    find_io(where);
}

static cedo_status counting_open(cedo_loop *where)
{
    (void)where;
    opens++;
    return open_status;
}

static void counting_close(cedo_loop *where)
{
    (void)where;
    closes++;
}

static const cedo_port counting_port = {counting_now,   counting_wait, counting_poll, counting_open,
                                        counting_close, NULL,          NULL,          NULL,
                                        NULL,           true};
static const cedo_port bare_port = {counting_now, counting_wait, NULL, NULL, NULL,
                                    NULL,         NULL,          NULL, NULL, true};

static void open_counting(const cedo_port *port)
{
    waits = polls = opens = closes = 0;
    test_clock = 0;
    found = NULL;
    open_status = CEDO_OK;
    open_world_on(port);
}

#define soon(handle, text) \
    ck_assert_int_eq(cedo_call_soon(&loop, handle, mark_callback, text), CEDO_OK)
#define at(handle, when, text) \
    ck_assert_int_eq(cedo_call_at(&loop, handle, when, mark_callback, text), CEDO_OK)

/* ------------------------------------------------------------- turns and order */

START_TEST(LOOP_01_ready_callbacks_run_in_order_each_once)
{
    static cedo_handle handles[100];
    static char names[100][4];
    char expected[400] = "";
    open_world();
    for (int i = 0; i < 100; i++) {
        sprintf(names[i], "%d", i);
        soon(&handles[i], names[i]);
        sprintf(expected + strlen(expected), "%s%d", i ? " " : "", i);
    }
    turns(1);
    ck_trail(expected);
    turns(2);
    ck_trail("");
    close_world();
}
END_TEST

static cedo_handle h[8];

static cedo_status queue_more(void *arg)
{
    (void)arg;
    mark("first");
    soon(&h[2], "queued");
    at(&h[3], 0, "timer");
    found = &h[4];
    return CEDO_OK;
}

START_TEST(LOOP_02_what_a_batch_queues_waits_for_the_next_turn)
{
    open_counting(&counting_port);
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], queue_more, NULL), CEDO_OK);
    soon(&h[1], "second");
    ck_assert_int_eq(cedo_loop_step(&loop), CEDO_OK);
    ck_trail("first second");
    ck_assert_int_eq(cedo_loop_step(&loop), CEDO_END);
    ck_trail("queued io timer");
    close_world();
}
END_TEST

START_TEST(LOOP_03_queued_callbacks_run_before_io_and_io_before_timers)
{
    open_counting(&counting_port);
    at(&h[0], 5, "timer 5");
    at(&h[1], 3, "timer 3");
    soon(&h[2], "ready");
    found = &h[3];
    test_clock = 10;
    turns(1);
    ck_trail("ready io timer 3 timer 5");
    ck_assert_int_eq(polls, 1);
    ck_assert_int_eq(waits, 0);
    close_world();
}
END_TEST

START_TEST(LOOP_04_the_wait_lasts_until_the_nearest_deadline_or_for_ever)
{
    open_counting(&counting_port);
    at(&h[0], 500, "b");
    at(&h[1], 300, "a");
    cedo_loop_stop(&loop);
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_OK); /* stop was asked: a look, no sleep */
    ck_assert_int_eq(waits, 1);
    ck_assert_int_eq(waited_until, 0);
    ck_assert_int_eq(test_clock, 0);
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_OK);
    ck_trail("a b");
    ck_assert_int_eq(waits, 4); /* until 300, until 500, for ever */
    ck_assert(waited_without_limit);
    ck_assert_int_eq(test_clock, 500);
    soon(&h[0], "c");
    turns(1);
    ck_assert_int_eq(waits, 4); /* something was ready */
    close_world();
}
END_TEST

START_TEST(LOOP_05_waiting_takes_few_turns)
{
    open_counting(&counting_port);
    at(&h[0], 10000, "end");
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_OK);
    ck_assert_int_le(waits, 3);
    ck_trail("end");
    close_world();
}
END_TEST

START_TEST(a_port_may_wake_early_for_no_reason)
{
    open_counting(&counting_port);
    at(&h[0], 100, "end");
    for (int i = 0; i < 5; i++) ck_assert_int_eq(cedo_loop_step(&loop), CEDO_END);
    ck_trail("");
    test_clock = 99;
    turns(1);
    ck_trail("");
    test_clock = 100;
    turns(1);
    ck_trail("end");
    close_world();
}
END_TEST

START_TEST(a_port_needs_only_a_clock_and_a_wait)
{
    open_counting(&bare_port);
    soon(&h[0], "ready");
    at(&h[1], 0, "due");
    turns(1);
    ck_trail("ready due");
    ck_assert_int_eq(polls, 0);
    close_world();
    ck_assert_int_eq(closes, 0);
}
END_TEST

START_TEST(a_port_that_cannot_open_leaves_a_closed_loop)
{
    static cedo_loop broken;
    cedo_running_ = NULL;
    opens = 0;
    open_status = CEDO_ENOMEM;
    ck_assert_int_eq(cedo_loop_init(&broken, &counting_port), CEDO_ENOMEM);
    ck_assert_int_eq(opens, 1);
    ck_assert(cedo_loop_is_closed(&broken));
    ck_assert_int_eq(cedo_loop_run_forever(&broken), CEDO_ECLOSED);
    ck_assert_int_eq(cedo_loop_close(&broken), CEDO_OK);
}
END_TEST

#if CEDO_HOSTED
static const cedo_port costly_port = {counting_now,   counting_wait, counting_poll, counting_open,
                                      counting_close, NULL,          NULL,          NULL,
                                      NULL,           false};

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

START_TEST(a_costly_clock_is_read_once_in_many_tasks)
{
    static cedo_task_of(spinner) task;
    open_counting(&costly_port);
    cedo_loop_set_debug(&loop, false);
    start(&task, spinner, .left = 100 * CEDO_POLL_INTERVAL);
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_assert_int_ge(polls, 99);
    ck_assert_int_le(polls, 102);
    close_world();
}
END_TEST

START_TEST(io_and_timers_are_not_starved_by_ready_tasks)
{
    static cedo_task_of(spinner) task;
    open_counting(&costly_port);
    cedo_loop_set_debug(&loop, false);
    start(&task, spinner, .left = 100000);
    turns(10);
    found = &h[0];
    at(&h[1], 5, "timer");
    test_clock = 5;
    turns(CEDO_POLL_INTERVAL + 1);
    ck_trail("io timer");
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    close_world();
}
END_TEST
#endif

#if CEDO_HOSTED
/* A delay begins with the next look at the clock: it may end late, never early, and nothing of it
 * is lost. */
struct napper {
    cedo_coro coro;
    cedo_duration delay;
    cedo_time began, ended;
#if CEDO_SCOPES
    cedo_timeout limit;
#endif
    int limited, status;
};

static cedo_async(napper)
{
    cedo_body(struct napper, self) {
        self->began = test_clock;
#if CEDO_SCOPES
        if (self->limited) {
            cedo_catch(self->status,
                       cedo_wait_for(&self->limit, self->delay, cedo_sleep(CEDO_FOREVER)));
        }
        else
#endif
            cedo_catch(self->status, cedo_sleep(self->delay));
        self->ended = test_clock;
        mark("%d", (int)self->delay);
        if (self->status < 0) cedo_throw(self->status);
    }
}

START_TEST(delays_on_a_costly_clock_end_in_order_and_never_early)
{
    static cedo_task_of(napper) tasks[6];
    static cedo_task_of(spinner) busy;
    static const int delays[] = {300000, 5, 70, 5000, 6, 1000000};
    open_counting(&costly_port);
    for (int i = 0; i < 6; i++) {
        start(&tasks[i], napper, .delay = delays[i], .limited = i & 1);
        cedo_task_keep(&tasks[i].task);
    }
    at(&h[0], 400000, "timer");
    at(&h[1], 400001, "timer+1"); /* close by */
    start(&busy, spinner,
          .left = 3 * CEDO_POLL_INTERVAL); /* so that the first looks do not sleep */
    ck_assert_int_eq(cedo_loop_run_forever(&loop),
                     CEDO_OK); /* the port stops it when there is no deadline */
    ck_trail("5 6 70 5000 300000 timer timer+1 1000000");
    for (int i = 0; i < 6; i++)
        ck_assert_int_ge(tasks[i].frame.ended - tasks[i].frame.began, tasks[i].frame.delay);
    close_world();
}
END_TEST

START_TEST(a_delay_that_just_began_has_a_deadline_can_be_cancelled_and_is_dropped_by_close)
{
    static cedo_task_of(napper) a, b, c;
    cedo_time when;
    open_counting(&costly_port);
    start(&a, napper, .delay = 500);
    start(&b, napper, .delay = 400);
    start(&c, napper, .delay = 600);
    turns(1);
    ck_assert(cedo_task_cancel(&b.task)); /* not looked at yet */
    test_clock = 7;
    ck_assert(cedo_loop_deadline(&loop, &when));
    ck_assert_int_eq(when, 507);
    turns(1);
    ck_assert(cedo_task_cancelled(&b.task));
    ck_assert(cedo_task_cancel(&c.task)); /* armed */
    turns(1);
    start(&b, napper, .delay = 100);
    turns(1);
    ck_assert_int_eq(cedo_loop_close(&loop), CEDO_OK);
#if CEDO_REGISTRY
    ck_assert_int_eq(cedo_task_result(&a.task), CEDO_ECLOSED);
    ck_assert_int_eq(cedo_task_result(&b.task), CEDO_ECLOSED);
#endif
    ck_trail("400 600");
}
END_TEST

static cedo_status stop_now(void *arg)
{
    (void)arg;
    cedo_loop_stop(&loop);
    return CEDO_OK;
}

START_TEST(stop_ends_a_run_on_a_costly_clock_after_the_batch)
{
    static cedo_task_of(spinner) task;
    open_counting(&costly_port);
    start(&task, spinner, .left = 10);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(cedo_call_soon(&loop, &h[0], stop_now, NULL), CEDO_OK);
        soon(&h[1], "same batch");
        ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_OK);
        ck_trail("same batch");
        ck_assert_int_eq(task.frame.left, 9 - i);
    }
    ck_assert(cedo_task_cancel(&task.task));
    turns(1);
    close_world();
}
END_TEST

/* Two that wake each other in turn, so that one is ready at a time. From some moment on each marks its
 * turns, until there were a few after the next look. */
struct rally {
    cedo_coro coro;
    const char *name;
    cedo_event *mine, *other;
    int left;
    void (*moment)(void);
};

static int turns_to_mark;
static bool looks_are_marked;

static void marking_poll(cedo_loop *where)
{
    ck_assert_ptr_null(cedo_current_task());
    if (looks_are_marked) {
        looks_are_marked = false;
        trail[0] = '\0';
        turns_to_mark = 4;
    }
    find_io(where);
}

static cedo_async(rally)
{
    cedo_body(struct rally, self) {
        while (self->left-- > 0) {
            if (self->moment && self->left == 100) {
                looks_are_marked = true;
                self->moment();
            }
            if (turns_to_mark > 0) {
                turns_to_mark--;
                mark("%s", self->name);
            }
            cedo_event_set(self->other);
            cedo_await(cedo_event_wait(self->mine));
            cedo_event_clear(self->mine);
        }
        cedo_event_set(self->other);
    }
}

static void sleep_is_due(void)
{
    test_clock = 5;
}

static void io_is_there(void)
{
    found = &h[0];
}

static void something_is_posted(void)
{
    ck_assert_int_eq(cedo_call_soon_threadsafe(&loop, &h[2], mark_callback, "post"), CEDO_OK);
}

static void all_is_there(void)
{
    something_is_posted();
    at(&h[1], 5, "timer");
    test_clock = 5;
    found = &h[0];
}

static void loop_is_to_stop(void)
{
    ck_assert_int_eq(cedo_call_at(&loop, &h[0], 1, stop_now, NULL), CEDO_OK);
    test_clock = 1;
}

/* Plays one with something that happens, and gives what was marked from the next look on. */
static const char *rally_with(void (*moment)(void), bool sleeps, bool has_poll)
{
    const cedo_port port = {counting_now,  counting_wait,  has_poll ? marking_poll : NULL,
                            counting_open, counting_close, NULL,
                            NULL,          NULL,           NULL,
                            false};
    static cedo_task_of(rally) rallying[2];
    static cedo_task_of(napper) nap;
    static cedo_event turn[2];
    static char marked[64];
    open_counting(&port);
    cedo_loop_set_debug(&loop, false);
    for (int i = 0; i < 2; i++) {
        cedo_event_clear(&turn[i]);
        start(&rallying[i], rally, .name = i ? "q" : "p", .mine = &turn[i], .other = &turn[1 - i],
              .left = 200, .moment = i ? NULL : moment);
    }
    if (sleeps) start(&nap, napper, .delay = 5);
    turns_to_mark = 0;
    while (!cedo_task_done(&rallying[0].task) || !cedo_task_done(&rallying[1].task))
        ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_OK);
    ck_assert_uint_lt(strlen(trail), sizeof marked);
    strcpy(marked, trail);
    if (sleeps && !cedo_task_done(&nap.task)) ck_assert_int_eq(finish(&nap), CEDO_OK);
    close_world();
    return marked;
}

START_TEST(a_look_while_one_is_ready_puts_what_it_finds_behind_that_one)
{
    ck_assert_str_eq(rally_with(io_is_there, false, true), "p io q p q");
    ck_assert_str_eq(rally_with(io_is_there, true, true), "p io q p q 5");
    /* as in asyncio: in the turn after that of what else was ready */
    ck_assert_str_eq(rally_with(sleep_is_due, true, true), "p q 5 p q");
    ck_assert_str_eq(rally_with(something_is_posted, false, true), "p post q p q");
    ck_assert_str_eq(rally_with(all_is_there, true, true), "p io post timer q 5 p q");
    ck_assert_str_eq(rally_with(loop_is_to_stop, false, true), "p q p q");
    ck_assert_str_eq(rally_with(something_is_posted, false, false), "post"); /* no look is marked */
}
END_TEST

/* Many that are ready at once, of which some are not just to be resumed. */
struct one_of_many {
    cedo_coro coro;
    int number, rounds, round;
};

static int expected_round, expected_number, met;

static cedo_async(one_of_many)
{
    cedo_body(struct one_of_many, self) {
        for (; self->round < self->rounds; self->round++) {
            if (self->round > expected_round) expected_round++, expected_number = 0;
            ck_assert_int_eq(self->round, expected_round);
            ck_assert_int_ge(self->number, expected_number); /* who has ended is left out */
            expected_number = self->number + 1;
            met++;
            if (self->number % 50 == 7 && self->round == 1)
                cedo_await(cedo_call_new(spinner, .left = 1));
            if (self->number % 50 != 7 || self->round != 1) cedo_await(cedo_yield_now());
        }
    }
}

static cedo_status count_call(void *arg)
{
    ++*(int *)arg;
    return CEDO_OK;
}

START_TEST(a_turn_of_many_runs_in_order)
{
    static cedo_task_of(one_of_many) many[400];
    static cedo_handle calls[400];
    int called = 0, rounds = 0;
    open_counting(&costly_port);
    cedo_loop_set_debug(&loop, false);
    expected_round = expected_number = met = 0;
    for (int i = 0; i < 400; i++) {
        start(&many[i], one_of_many, .number = i, .rounds = 5 + i % 3);
        rounds += 5 + i % 3;
        if (i > 300)
            ck_assert_int_eq(cedo_call_soon(&loop, &calls[i], count_call, &called), CEDO_OK);
    }
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_OK);
    ck_assert_int_eq(met, rounds);
    ck_assert_int_eq(called, 99);
    close_world();
}
END_TEST
#endif

/* ------------------------------------------------------------- the end of a batch */

static cedo_status cancel_next(void *handle)
{
    mark("cancels");
    cedo_handle_cancel((cedo_handle *)handle);
    return CEDO_OK;
}

static cedo_status queue_b(void *arg)
{
    (void)arg;
    mark("a");
    soon(&h[7], "late");
    return CEDO_OK;
}

START_TEST(a_batch_ends_rightly_when_its_last_entries_are_cancelled)
{
    /* the only one left, with something queued behind it; then two */
    for (int more = 0; more < 3; more++) {
        open_world();
        ck_assert_int_eq(cedo_call_soon(&loop, &h[0], queue_b, NULL), CEDO_OK);
        ck_assert_int_eq(cedo_call_soon(&loop, &h[1], cancel_next, &h[3]), CEDO_OK);
        if (more > 0) soon(&h[2], "stays");
        soon(&h[3], "never");
        if (more > 1) {
            ck_assert_int_eq(cedo_call_soon(&loop, &h[4], cancel_next, &h[5]), CEDO_OK);
            soon(&h[5], "never");
        }
        turns(1);
        if (more == 0) ck_trail("a cancels");
        if (more == 1) ck_trail("a cancels stays");
        if (more == 2) ck_trail("a cancels stays cancels");
        turns(1);
        ck_trail("late");
        close_world();
    }
}
END_TEST

static cedo_status again_and_not(void *handle)
{
    mark("self");
    soon(&h[1], "late");
    ck_assert_int_eq(cedo_call_soon(&loop, (cedo_handle *)handle, again_and_not, handle), CEDO_OK);
    cedo_handle_cancel((cedo_handle *)handle);
    return CEDO_OK;
}

START_TEST(the_last_entry_of_a_batch_may_schedule_and_cancel_itself)
{
    open_world();
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], again_and_not, &h[0]), CEDO_OK);
    turns(1);
    ck_trail("self");
    turns(1);
    ck_trail("late");
    close_world();
}
END_TEST

static cedo_status repeat(void *handle)
{
    mark("r");
    ck_assert_int_eq(cedo_call_soon(&loop, (cedo_handle *)handle, repeat, handle), CEDO_OK);
    return CEDO_OK;
}

START_TEST(a_callback_may_schedule_itself_for_the_next_turn)
{
    open_world();
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], repeat, &h[0]), CEDO_OK);
    turns(3);
    ck_trail("r r r");
    cedo_handle_cancel(&h[0]);
    turns(1);
    ck_trail("");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- stop */

static cedo_status stop_and_queue(void *arg)
{
    (void)arg;
    mark("stop");
    cedo_loop_stop(&loop);
    soon(&h[2], "next run");
    return CEDO_OK;
}

START_TEST(LOOP_06_stop_finishes_the_batch_and_leaves_the_rest)
{
    open_world();
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], stop_and_queue, NULL), CEDO_OK);
    soon(&h[1], "same batch");
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_OK);
    ck_trail("stop same batch");
    run_dry();
    ck_trail("next run");
    close_world();
}
END_TEST

static cedo_status queue_one(void *arg)
{
    (void)arg;
    mark("one");
    soon(&h[1], "two");
    return CEDO_OK;
}

START_TEST(LOOP_07_stop_before_a_run_makes_it_one_turn)
{
    open_world();
    cedo_loop_stop(&loop);
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], queue_one, NULL), CEDO_OK);
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_OK);
    ck_trail("one");
    cedo_loop_stop(&loop);
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_OK);
    ck_trail("two");
    /* with nothing ready it does not sleep either */
    at(&h[0], CEDO_MS(5), "timer");
    cedo_loop_stop(&loop);
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_OK);
    ck_assert_int_eq(cedo_loop_time(&loop), 0);
    run_dry();
    ck_trail("timer");
    close_world();
}
END_TEST

struct sleeper {
    cedo_coro coro;
    int fails;
};

static cedo_async(sleeper)
{
    cedo_body(struct sleeper, self) {
        cedo_await(cedo_sleep_ms(10));
        if (self->fails) cedo_throw(self->fails);
    }
}

#if CEDO_JOIN
static cedo_status stop_callback(void *arg)
{
    (void)arg;
    cedo_loop_stop(&loop);
    return CEDO_OK;
}

START_TEST(LOOP_08_run_until_complete_of_a_task_that_is_not_done_when_stopped_is_an_error)
{
    static cedo_task_of(sleeper) task;
    open_world();
    start(&task, sleeper);
    ck_assert_int_eq(cedo_call_later(&loop, &h[0], CEDO_MS(1), stop_callback, NULL), CEDO_OK);
    ck_assert_int_eq(finish(&task), CEDO_ESTOPPED);
    ck_assert(!cedo_task_done(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_OK);
    close_world();
}
END_TEST

START_TEST(LOOP_09_run_until_complete_of_a_finished_task_gives_its_outcome_after_one_turn)
{
    static cedo_task_of(sleeper) task;
    open_world();
    ck_assert_int_eq(run(&task, sleeper, .fails = CEDO_EUSER), CEDO_EUSER);
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], queue_one, NULL), CEDO_OK);
    ck_assert_int_eq(finish(&task), CEDO_EUSER);
    ck_trail("one");
    turns(1);
    ck_trail("two");
    close_world();
}
END_TEST

START_TEST(LOOP_11_run_until_complete_refuses_what_was_never_started)
{
    static cedo_task_of(sleeper) task;
    open_world();
    ck_assert_int_eq(finish(&task), CEDO_ESTATE);
    close_world();
}
END_TEST
#endif

static cedo_status run_inside(void *other)
{
    cedo_loop *const inner = (cedo_loop *)other;
#if CEDO_JOIN
    static cedo_task_of(sleeper) task;
    ck_assert_int_eq(cedo_loop_spawn(inner, &task, sleeper), CEDO_OK);
    ck_assert_int_eq(cedo_loop_run_until_complete(inner, &task.task), CEDO_EBUSY);
    ck_assert(cedo_task_cancel(&task.task));
#endif
    ck_assert_int_eq(cedo_loop_run_forever(inner), CEDO_EBUSY);
    ck_assert_int_eq(cedo_loop_step(inner), CEDO_EBUSY);
    mark("refused");
    return CEDO_OK;
}

START_TEST(LOOP_10_running_a_loop_inside_a_running_one_is_an_error)
{
    open_world();
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], run_inside, &loop), CEDO_OK);
    run_dry();
    ck_trail("refused");
#if CEDO_LOOPS
    {
        static cedo_loop second;
        ck_assert_int_eq(cedo_loop_init(&second, &cedo_port_sim), CEDO_OK);
        ck_assert_int_eq(cedo_call_soon(&loop, &h[0], run_inside, &second), CEDO_OK);
        run_dry();
        ck_trail("refused");
        /* afterwards it runs */
        ck_assert_int_eq(cedo_loop_run_forever(&second), CEDO_EDEADLK);
        ck_assert_int_eq(cedo_loop_close(&second), CEDO_OK);
    }
#endif
    close_world();
}
END_TEST

/* ------------------------------------------------------------- close */

static cedo_status close_inside(void *arg)
{
    (void)arg;
    ck_assert_int_eq(cedo_loop_close(&loop), CEDO_EBUSY);
    mark("refused");
    return CEDO_OK;
}

START_TEST(LOOP_12_close_refuses_a_running_loop_and_ends_all_use)
{
    static cedo_task_of(sleeper) task;
    open_counting(&counting_port);
    ck_assert_int_eq(opens, 1);
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], close_inside, NULL), CEDO_OK);
    turns(1);
    ck_trail("refused");
    ck_assert(!cedo_loop_is_closed(&loop));
    ck_assert_int_eq(cedo_loop_close(&loop), CEDO_OK);
    ck_assert(cedo_loop_is_closed(&loop));
    ck_assert_int_eq(cedo_loop_close(&loop), CEDO_OK);
    ck_assert_int_eq(closes, 1);
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], mark_callback, "x"), CEDO_ECLOSED);
    ck_assert_int_eq(cedo_call_later(&loop, &h[0], 1, mark_callback, "x"), CEDO_ECLOSED);
    ck_assert_int_eq(cedo_call_later(&loop, &h[0], CEDO_FOREVER, mark_callback, "x"), CEDO_ECLOSED);
    ck_assert_int_eq(cedo_call_at(&loop, &h[0], 1, mark_callback, "x"), CEDO_ECLOSED);
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_ECLOSED);
    ck_assert_int_eq(cedo_loop_step(&loop), CEDO_ECLOSED);
    ck_assert_int_eq(cedo_loop_spawn(&loop, &task, sleeper), CEDO_ECLOSED);
    ck_assert(!cedo_task_done(&task.task));
    /* the frame that was not started can be used elsewhere */
    open_world();
    ck_assert_int_eq(run(&task, sleeper), CEDO_OK);
    close_world();
}
END_TEST

#if CEDO_JOIN
START_TEST(run_until_complete_on_a_closed_loop_is_refused)
{
    static cedo_task_of(sleeper) task;
    open_world();
    ck_assert_int_eq(run(&task, sleeper), CEDO_OK);
    close_world();
    ck_assert_int_eq(finish(&task), CEDO_ECLOSED);
}
END_TEST
#endif

START_TEST(LOOP_13_close_drops_what_is_queued_and_armed_without_running_it)
{
    static cedo_handle many[200];
    open_world();
    soon(&h[0], "ready");
    for (int i = 0; i < 200; i++) at(&many[i], (cedo_time)(CEDO_MS(1) + 4096 + i % 150), "timer");
    at(&h[1], CEDO_MS(1), "timer");
    ck_assert_int_eq(cedo_loop_close(&loop), CEDO_OK);
    ck_trail("");
    ck_assert(!cedo_handle_scheduled(&h[0]));
    ck_assert(!cedo_handle_scheduled(&h[1]));
    for (int i = 0; i < 200; i++) ck_assert(!cedo_handle_scheduled(&many[i]));
    cedo_handle_cancel(&h[0]); /* harmless */
}
END_TEST

static cedo_event never_set;

struct stuck {
    cedo_coro coro;
    int how, finals;
};

static cedo_async(stuck)
{
    cedo_body(struct stuck, self) {
        if (self->how == 0) cedo_await(cedo_sleep_ms(5));
        if (self->how == 1) cedo_await(cedo_event_wait(&never_set));
        if (self->how == 2) cedo_await(cedo_sleep(CEDO_FOREVER));
        if (self->how == 3) cedo_await(cedo_yield_now());
    cedo_finally:
        self->finals++;
    }
}

START_TEST(a_task_that_is_not_done_when_its_loop_is_closed_is_reported)
{
    static cedo_task_of(stuck) tasks[5];
    open_world();
    for (int i = 0; i < 4; i++) start(&tasks[i], stuck, .how = i);
    turns(1);
    start(&tasks[4], stuck, .how = 1); /* not begun */
    ck_assert_int_eq(cedo_loop_close(&loop), CEDO_OK);
#if CEDO_REGISTRY
    for (int i = 0; i < 5; i++) {
        ck_assert(cedo_task_done(&tasks[i].task));
        ck_assert_int_eq(cedo_task_result(&tasks[i].task), CEDO_ECLOSED);
        ck_assert_int_eq(tasks[i].frame.finals, 0);
    }
#if CEDO_EXCEPTION_HANDLER
    ck_assert_int_eq(unhandled, 5);
    ck_assert_int_eq(last_unhandled.status, CEDO_ECLOSED);
    ck_assert_ptr_nonnull(last_unhandled.task);
#endif
#endif
}
END_TEST

#if CEDO_REGISTRY
START_TEST(what_outlives_a_loop_does_not_know_the_tasks_that_it_was_closed_over)
{
    static cedo_task_of(stuck) tasks[3];
    open_world();
    for (int i = 0; i < 3; i++) start(&tasks[i], stuck, .how = 1);
    turns(1);
    ck_assert(!cedo_ring_is_empty(&never_set.waiters));
#if CEDO_JOIN
    ck_assert_int_eq(cedo_task_add_done_callback(&tasks[0].task, &h[0], mark_callback, "done"),
                     CEDO_OK);
#endif
    ck_assert_int_eq(cedo_loop_close(&loop), CEDO_OK);
    ck_assert(cedo_ring_is_empty(&never_set.waiters));
#if CEDO_JOIN
    memset(&tasks[0], 0x55, sizeof tasks[0]);
    cedo_handle_cancel(&h[0]); /* does not touch the task, whose storage may be gone */
    for (size_t i = 0; i < sizeof tasks[0]; i++)
        ck_assert_int_eq(((const char *)&tasks[0])[i], 0x55);
#endif
}
END_TEST
#endif

/* ------------------------------------------------------------- who runs */

static cedo_status running_callback(void *arg)
{
    (void)arg;
    ck_assert_ptr_eq(cedo_running_loop(), &loop);
    ck_assert(cedo_loop_is_running(&loop));
    mark("running");
    return CEDO_OK;
}

START_TEST(LOOP_14_the_running_loop_is_known_in_callbacks_and_tasks_only)
{
    open_world();
    ck_assert_ptr_null(cedo_running_loop());
    ck_assert(!cedo_loop_is_running(&loop));
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], running_callback, NULL), CEDO_OK);
    turns(1);
    ck_trail("running");
    ck_assert_ptr_null(cedo_running_loop());
    close_world();
}
END_TEST

static cedo_event set_inside;

struct alone {
    cedo_coro coro;
    const char *name;
};

static cedo_async(alone)
{
    cedo_body(struct alone, self) {
        mark("%s1", self->name);
        cedo_event_set(&set_inside); /* wakes, but nothing else runs */
        soon(&h[0], "callback");
        mark("%s2", self->name);
        cedo_await(cedo_done(CEDO_OK));
        mark("%s3", self->name);
        cedo_await(cedo_yield_now());
        mark("%s4", self->name);
    }
}

struct follower {
    cedo_coro coro;
};

static cedo_async(follower)
{
    cedo_body(struct follower, self) {
        cedo_await(cedo_event_wait(&set_inside));
        mark("follower");
    }
}

START_TEST(LOOP_15_nothing_else_runs_between_two_suspension_points)
{
    static cedo_task_of(alone) task;
    static cedo_task_of(follower) other;
    open_world();
    start(&other, follower);
    start(&task, alone, .name = "x");
    run_dry();
    ck_trail("x1 x2 x3 follower callback x4");
    close_world();
}
END_TEST

START_TEST(LOOP_17_time_never_decreases)
{
    static cedo_task_of(sleeper) task;
    cedo_time before;
    open_world();
    before = cedo_loop_time(&loop);
    for (int i = 0; i < 20; i++) {
        ck_assert_int_eq(run(&task, sleeper), CEDO_OK);
        ck_assert(!cedo_time_after(before, cedo_loop_time(&loop)));
        ck_assert(cedo_time_after(cedo_loop_time(&loop), before));
        before = cedo_loop_time(&loop);
    }
    close_world();
}
END_TEST

START_TEST(LOOP_18_many_cancelled_timers_leave_nothing_and_do_not_disturb_the_rest)
{
    static cedo_handle many[300];
    static char names[300][8];
    cedo_time when;
    char expected[200] = "";
    open_world();
    for (int i = 0; i < 300; i++) {
        sprintf(names[i], "%d", i);
        at(&many[i], (cedo_time)(1000 - i), names[i]);
    }
    for (int i = 0; i < 300; i++)
        if (i % 10) cedo_handle_cancel(&many[i]);
    for (int i = 290; i >= 0; i -= 10)
        sprintf(expected + strlen(expected), "%s%d", i < 290 ? " " : "", i);
    run_dry();
    ck_trail(expected);
    ck_assert(!cedo_loop_deadline(&loop, &when));
    close_world();
}
END_TEST

START_TEST(the_deadline_is_that_of_the_nearest_timer)
{
    cedo_time when = 77;
    open_world();
    ck_assert(!cedo_loop_deadline(&loop, &when));
    at(&h[0], 900, "b");
    at(&h[1], 70, "a");
    ck_assert(cedo_loop_deadline(&loop, &when));
    ck_assert_int_eq(when, 70);
    cedo_handle_cancel(&h[1]);
    ck_assert(cedo_loop_deadline(&loop, &when));
    ck_assert_int_eq(when, 900);
    cedo_handle_cancel(&h[0]);
    ck_assert(!cedo_loop_deadline(&loop, &when));
    close_world();
}
END_TEST

/* ------------------------------------------------------------- leaving at once */

static cedo_status exit_callback(void *arg)
{
    (void)arg;
    mark("exit");
#if CEDO_HOSTED
    return cedo_exit(3);
#else
    return CEDO_EEXIT;
#endif
}

struct exits {
    cedo_coro coro;
};

static cedo_async(exits)
{
    cedo_body(struct exits, self) {
        mark("exit");
        cedo_throw(CEDO_EEXIT);
    }
}

START_TEST(LOOP_19_an_exit_leaves_at_once_and_keeps_the_rest_of_the_batch)
{
    static cedo_task_of(exits) task;
    open_world();
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], exit_callback, NULL), CEDO_OK);
    soon(&h[1], "rest");
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_EEXIT);
    ck_trail("exit");
#if CEDO_HOSTED
    ck_assert_int_eq(loop.exit_code, 3);
#endif
    run_dry();
    ck_trail("rest");
    start(&task, exits);
    soon(&h[1], "rest");
    ck_assert_int_eq(cedo_loop_step(&loop), CEDO_EEXIT);
    ck_trail("exit");
    run_dry();
    ck_trail("rest");
    /* as the last of its batch */
    start(&task, exits);
    ck_assert_int_eq(cedo_loop_run_forever(&loop), CEDO_EEXIT);
    ck_trail("exit");
    close_world();
}
END_TEST

#if CEDO_HOSTED
START_TEST(an_exit_code_outside_of_a_loop_is_only_a_status)
{
    open_world();
    ck_assert_int_eq(cedo_exit(4), CEDO_EEXIT);
    ck_assert_int_eq(loop.exit_code, 0);
    close_world();
}
END_TEST
#endif

START_TEST(LOOP_20_a_foreign_loop_can_drive_single_turns)
{
    static cedo_task_of(sleeper) task;
    cedo_time when;
    int steps = 0;
    open_counting(&counting_port);
    start(&task, sleeper);
    while (!cedo_task_done(&task.task)) {
        ck_assert_int_lt(steps++, 10);
        if (cedo_loop_step(&loop) == CEDO_END && cedo_loop_deadline(&loop, &when))
            test_clock = when; /* its own sleep */
    }
    ck_assert_int_eq(test_clock, CEDO_MS(10));
    close_world();
}
END_TEST

START_TEST(a_stop_lasts_for_one_step)
{
    open_world();
    cedo_loop_stop(&loop);
    ck_assert_int_eq(cedo_loop_step(&loop), CEDO_END);
    run_dry();
    close_world();
}
END_TEST

/* ------------------------------------------------------------- errors of callbacks */

static cedo_status failing(void *status)
{
    mark("fails");
    return *(const int *)status;
}

static int failure = CEDO_EUSER;

#if CEDO_EXCEPTION_HANDLER
START_TEST(TIMER_08_an_error_of_a_callback_goes_to_the_handler_and_the_loop_carries_on)
{
    open_world();
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], failing, &failure), CEDO_OK);
    soon(&h[1], "next");
    run_dry();
    ck_trail("fails next");
    ck_assert_int_eq(unhandled, 1);
    ck_assert_int_eq(last_unhandled.status, CEDO_EUSER);
    ck_assert_ptr_eq(last_unhandled.handle, &h[0]);
    ck_assert_ptr_null(last_unhandled.task);
    ck_text(last_unhandled.message, "callback failed");
    unhandled = 0;
    close_world();
}
END_TEST

static cedo_status handler_b(cedo_loop *where, const cedo_exception *exception, void *arg)
{
    (void)where, (void)exception;
    mark("b %s", (const char *)arg);
    return CEDO_OK;
}

START_TEST(ERRHANDLER_02_a_handler_replaces_the_default_and_NULL_restores_it)
{
    open_world();
    ck_assert(cedo_loop_exception_handler(&loop) == count_unhandled);
    cedo_loop_set_exception_handler(&loop, handler_b, "arg");
    ck_assert(cedo_loop_exception_handler(&loop) == handler_b);
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], failing, &failure), CEDO_OK);
    run_dry();
    ck_trail("fails b arg");
    ck_assert_int_eq(unhandled, 0);
    cedo_loop_set_exception_handler(&loop, NULL, NULL);
    ck_assert(cedo_loop_exception_handler(&loop) == NULL);
    close_world();
}
END_TEST

static cedo_status broken_handler(cedo_loop *where, const cedo_exception *exception, void *arg)
{
    (void)where, (void)exception, (void)arg;
    mark("broken");
    return CEDO_EINVAL;
}
#endif

#if CEDO_HOSTED
/* What fn() writes to standard error. */
static const char *stderr_of(void (*fn)(void))
{
    static char text[1 << 14];
    FILE *const file = tmpfile();
    const int saved = dup(2);
    size_t length;
    ck_assert_ptr_nonnull(file);
    fflush(stderr);
    ck_assert_int_ge(dup2(fileno(file), 2), 0);
    fn();
    fflush(stderr);
    ck_assert_int_ge(dup2(saved, 2), 0);
    close(saved);
    rewind(file);
    length = fread(text, 1, sizeof text - 1, file);
    text[length] = '\0';
    fclose(file);
    return text;
}

struct fails {
    cedo_coro coro;
};

static cedo_async(fails)
{
    cedo_body(struct fails, self) {
        cedo_throw(CEDO_EINVAL);
    }
}

struct outer_fails {
    cedo_coro coro;
    struct fails child;
};

static cedo_async(outer_fails)
{
    cedo_body(struct outer_fails, self) {
        cedo_await(cedo_call(&self->child, fails));
    }
}

static void fail_both(void)
{
    static cedo_task_of(outer_fails) task;
    ck_assert_int_eq(cedo_loop_spawn_named(&loop, "worker", &task, outer_fails), CEDO_OK);
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], failing, &failure), CEDO_OK);
    soon(&h[1], "next");
    run_dry();
}

START_TEST(ERRHANDLER_01_the_default_handler_prints_message_and_context)
{
    const char *text;
    open_world();
    cedo_loop_set_exception_handler(&loop, NULL, NULL);
    text = stderr_of(fail_both);
    ck_trail("fails next");
    ck_assert_ptr_nonnull(strstr(text, CEDO_ADVICE ? "cedo: task failed" : "cedo: error"));
    ck_assert_ptr_nonnull(strstr(text, "status: CEDO_EINVAL"));
    ck_assert_ptr_nonnull(strstr(text, "task: worker"));
#if CEDO_TRACE
    ck_assert_ptr_nonnull(strstr(text, "in fails_coro"));
    ck_assert_ptr_nonnull(strstr(text, "awaited by outer_fails_coro"));
#endif
    if (CEDO_ADVICE) ck_assert_ptr_nonnull(strstr(text, "cedo: callback failed"));
    ck_assert_ptr_nonnull(strstr(text, "handle: 0x"));
    close_world();
}
END_TEST

struct deep {
    cedo_coro coro;
    int n;
};

static struct deep deeps[50];

static cedo_async(deep)
{
    cedo_body(struct deep, self) {
        if (self->n < 49)
            cedo_await(cedo_call(&deeps[self->n + 1], deep, .n = self->n + 1));
        else
            cedo_throw(CEDO_EUSER);
    }
}

static void fail_deep(void)
{
    static cedo_task task;
    ck_assert_int_eq(cedo_loop_spawn_coro(&loop, &task, cedo_make(&deeps[0], deep)), CEDO_OK);
    run_dry();
}

START_TEST(the_default_handler_prints_as_much_of_a_trace_as_was_kept)
{
    const char *text;
    int lines = 0;
    open_world();
    cedo_loop_set_exception_handler(&loop, NULL, NULL);
    text = stderr_of(fail_deep);
    for (const char *c = strstr(text, "deep_coro"); c; c = strstr(c + 1, "deep_coro")) lines++;
    ck_assert_int_eq(lines, CEDO_TRACE ? CEDO_TRACE_MAX : 0);
    close_world();
}
END_TEST

static void report_without_message(void)
{
    static const cedo_exception exception = {NULL, CEDO_EBUSY, NULL, NULL, NULL};
    cedo_loop_call_exception_handler(&loop, &exception);
}

START_TEST(an_error_can_be_reported_by_the_program_with_or_without_a_message)
{
    static const cedo_exception exception = {"mine", CEDO_EUSER, NULL, NULL, NULL};
    const char *text;
    open_world();
    cedo_loop_call_exception_handler(&loop, &exception);
    ck_assert_int_eq(unhandled, 1);
    ck_assert_str_eq(last_unhandled.message, "mine");
    unhandled = 0;
    cedo_loop_set_exception_handler(&loop, NULL, NULL);
    text = stderr_of(report_without_message);
    ck_assert_ptr_nonnull(strstr(text, "cedo: error"));
    ck_assert_ptr_nonnull(strstr(text, "CEDO_EBUSY"));
    close_world();
}
END_TEST

static void break_handler(void)
{
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], failing, &failure), CEDO_OK);
    soon(&h[1], "next");
    run_dry();
}

START_TEST(ERRHANDLER_03_a_handler_that_fails_is_reported_by_the_default_one)
{
    const char *text;
    open_world();
    cedo_loop_set_exception_handler(&loop, broken_handler, NULL);
    text = stderr_of(break_handler);
    ck_trail("fails broken next");
    if (CEDO_ADVICE) {
        ck_assert_ptr_nonnull(strstr(text, "exception handler failed"));
        ck_assert_ptr_nonnull(strstr(text, "callback failed"));
    }
    ck_assert_ptr_nonnull(strstr(text, "CEDO_EINVAL"));
    ck_assert_ptr_nonnull(strstr(text, "CEDO_EUSER") ? text : strstr(text, "error of the program"));
    close_world();
}
END_TEST
#else
static void fail_without_handler(void)
{
#if CEDO_EXCEPTION_HANDLER
    cedo_loop_set_exception_handler(&loop, NULL, NULL);
#endif
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], failing, &failure), CEDO_OK);
    run_dry();
}

START_TEST(ERRHANDLER_01_the_default_handler_of_firmware_traps)
{
    open_world();
    ck_trap(fail_without_handler, "callback failed");
}
END_TEST

#if CEDO_EXCEPTION_HANDLER
static void fail_with_broken_handler(void)
{
    cedo_loop_set_exception_handler(&loop, broken_handler, NULL);
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], failing, &failure), CEDO_OK);
    run_dry();
}

START_TEST(ERRHANDLER_03_a_handler_that_fails_is_reported_by_the_default_one)
{
    open_world();
    ck_trap(fail_with_broken_handler, "exception handler failed");
}
END_TEST
#endif
#endif

#if CEDO_LOOPS
START_TEST(loops_of_one_thread_take_turns)
{
    static cedo_loop second;
    static cedo_task_of(sleeper) a, b;
    open_world();
    ck_assert_int_eq(cedo_loop_init(&second, &cedo_port_sim), CEDO_OK);
    start(&a, sleeper);
    ck_assert_int_eq(cedo_loop_spawn(&second, &b, sleeper), CEDO_OK);
    for (int i = 0; i < 3; i++) {
        (void)cedo_loop_step(&loop);
        (void)cedo_loop_step(&second);
    }
    ck_assert_int_eq(finish(&a), CEDO_OK);
    ck_assert(!cedo_task_done(&b.task));
    ck_assert_int_eq(cedo_loop_run_until_complete(&second, &b.task), CEDO_OK);
    ck_assert_int_eq(cedo_loop_close(&second), CEDO_OK);
    close_world();
}
END_TEST
#endif

int main(void)
{
    const TTest *const tests[] = {
        LOOP_01_ready_callbacks_run_in_order_each_once,
        LOOP_02_what_a_batch_queues_waits_for_the_next_turn,
        LOOP_03_queued_callbacks_run_before_io_and_io_before_timers,
        LOOP_04_the_wait_lasts_until_the_nearest_deadline_or_for_ever,
        LOOP_05_waiting_takes_few_turns,
        a_port_may_wake_early_for_no_reason,
        a_port_needs_only_a_clock_and_a_wait,
        a_port_that_cannot_open_leaves_a_closed_loop,
#if CEDO_HOSTED
        a_costly_clock_is_read_once_in_many_tasks,
        io_and_timers_are_not_starved_by_ready_tasks,
        delays_on_a_costly_clock_end_in_order_and_never_early,
        a_delay_that_just_began_has_a_deadline_can_be_cancelled_and_is_dropped_by_close,
        stop_ends_a_run_on_a_costly_clock_after_the_batch,
        a_look_while_one_is_ready_puts_what_it_finds_behind_that_one,
        a_turn_of_many_runs_in_order,
#endif
        a_batch_ends_rightly_when_its_last_entries_are_cancelled,
        the_last_entry_of_a_batch_may_schedule_and_cancel_itself,
        a_callback_may_schedule_itself_for_the_next_turn,
        LOOP_06_stop_finishes_the_batch_and_leaves_the_rest,
        LOOP_07_stop_before_a_run_makes_it_one_turn,
#if CEDO_JOIN
        LOOP_08_run_until_complete_of_a_task_that_is_not_done_when_stopped_is_an_error,
        LOOP_09_run_until_complete_of_a_finished_task_gives_its_outcome_after_one_turn,
        LOOP_11_run_until_complete_refuses_what_was_never_started,
        run_until_complete_on_a_closed_loop_is_refused,
#endif
        LOOP_10_running_a_loop_inside_a_running_one_is_an_error,
        LOOP_12_close_refuses_a_running_loop_and_ends_all_use,
        LOOP_13_close_drops_what_is_queued_and_armed_without_running_it,
        a_task_that_is_not_done_when_its_loop_is_closed_is_reported,
#if CEDO_REGISTRY
        what_outlives_a_loop_does_not_know_the_tasks_that_it_was_closed_over,
#endif
        LOOP_14_the_running_loop_is_known_in_callbacks_and_tasks_only,
        LOOP_15_nothing_else_runs_between_two_suspension_points,
        LOOP_17_time_never_decreases,
        LOOP_18_many_cancelled_timers_leave_nothing_and_do_not_disturb_the_rest,
        the_deadline_is_that_of_the_nearest_timer,
        LOOP_19_an_exit_leaves_at_once_and_keeps_the_rest_of_the_batch,
        LOOP_20_a_foreign_loop_can_drive_single_turns,
        a_stop_lasts_for_one_step,
#if CEDO_EXCEPTION_HANDLER
        TIMER_08_an_error_of_a_callback_goes_to_the_handler_and_the_loop_carries_on,
        ERRHANDLER_02_a_handler_replaces_the_default_and_NULL_restores_it,
#endif
#if CEDO_HOSTED
        an_exit_code_outside_of_a_loop_is_only_a_status,
        ERRHANDLER_01_the_default_handler_prints_message_and_context,
        the_default_handler_prints_as_much_of_a_trace_as_was_kept,
        an_error_can_be_reported_by_the_program_with_or_without_a_message,
        ERRHANDLER_03_a_handler_that_fails_is_reported_by_the_default_one,
#else
        ERRHANDLER_01_the_default_handler_of_firmware_traps,
#if CEDO_EXCEPTION_HANDLER
        ERRHANDLER_03_a_handler_that_fails_is_reported_by_the_default_one,
#endif
#endif
#if CEDO_LOOPS
        loops_of_one_thread_take_turns,
#endif
    };
    return suite_run("loop", tests, sizeof tests / sizeof *tests);
}
