/* Peer `libev`: a loop of callbacks, so only the tests that need no coroutine. */
#include "bench.h"
#include "post.h"

/* libev's initialiser macros make gcc 12 warn about aliasing, in any program that uses them. */
#pragma GCC diagnostic ignored "-Wstrict-aliasing"
#include <ev.h>

static struct ev_loop *main_loop;
static long fired;

static void count(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)timer;
    (void)events;
    fired++;
}

/* timer: n timers at random in 10 seconds: arm all; cancel all. Then all within 0.1 seconds,
 * wait until the last is due, and let the loop fire them in one go. */
static void test_timer(long n, long param)
{
    ev_timer *const timers = bench_alloc(n, sizeof *timers);
    double *const due = bench_alloc(n, sizeof *due);

    (void)param;
    for (long i = 0; i < n; i++) due[i] = (double)(bench_random() % 10000000) / 1e6;

    bench_start();
    for (long i = 0; i < n; i++) {
        ev_timer_init(&timers[i], count, 3600 + due[i], 0);
        ev_timer_start(main_loop, &timers[i]);
    }
    bench_row("timer_arm", n, bench_elapsed() / n);

    bench_start();
    for (long i = 0; i < n; i++) ev_timer_stop(main_loop, &timers[i]);
    bench_row("timer_cancel", n, bench_elapsed() / n);

    ev_now_update(main_loop);
    for (long i = 0; i < n; i++) {
        ev_timer_init(&timers[i], count, due[i] / 100, 0);
        ev_timer_start(main_loop, &timers[i]);
    }
    bench_wait_until(bench_clock_ns(CLOCK_MONOTONIC) + 200000000u);
    bench_start();
    ev_run(main_loop, 0);
    bench_row("timer_fire", n, bench_elapsed() / n);
    bench_check(fired == n, "timer");
}

/* callsoon: `param` watchers, each feeds itself an event again. */
static long calls_left;

static void callback(struct ev_loop *loop, ev_timer *watcher, int events)
{
    (void)events;
    if (calls_left-- > 0) ev_feed_event(loop, watcher, EV_TIMER);
}

static void test_callsoon(long n, long callbacks)
{
    ev_timer *const all = bench_alloc(callbacks, sizeof *all);

    calls_left = n;
    for (long i = 0; i < callbacks; i++) {
        ev_init(&all[i], callback);
        ev_feed_event(main_loop, &all[i], EV_TIMER);
    }
    bench_start();
    while (calls_left > 0) ev_run(main_loop, EVRUN_NOWAIT);
    bench_row("callsoon", callbacks, bench_elapsed() / n);
}

/* post: another thread gives the loop something to do. ev_async_send says only that there is something;
 * what it is stands in a list of the program's. */
static ev_async bell;

static void ring(void)
{
    ev_async_send(main_loop, &bell);
}

static void rung(struct ev_loop *loop, ev_async *async, int events)
{
    (void)events;
    open_post();
    if (letters_read == letters_sent) ev_async_stop(loop, async);
}

static void answer(void)
{
    ev_run(main_loop, 0);
}

static void test_post(long n, long param)
{
    ev_async_init(&bell, rung);
    ev_async_start(main_loop, &bell);
    bench_post(n, param, ring, answer);
}

static const struct bench_test tests[] = {
    {"timer", test_timer},
    {"callsoon", test_callsoon},
    {"post", test_post},
};

int main(int argc, char **argv)
{
    main_loop = ev_default_loop(0);
    return bench_main("libev", tests, BENCH_COUNT(tests), argc, argv);
}
