/* Peer `libevent`: a loop of callbacks, so only the tests that need no coroutine. */
#include <event2/event.h>

#include "bench.h"

static struct event_base *base;
static long fired;

static void count(evutil_socket_t fd, short events, void *argument)
{
    (void)fd;
    (void)events;
    (void)argument;
    fired++;
}

/* timer: n timers at random in 10 seconds: arm all; cancel all. Then all within 0.1 seconds,
 * wait until the last is due, and let the loop fire them in one go. */
static void test_timer(long n, long param)
{
    struct event **const timers = bench_alloc(n, sizeof *timers);
    struct timeval *const due = bench_alloc(n, sizeof *due);

    (void)param;
    for (long i = 0; i < n; i++) {
        const long us = (long)(bench_random() % 10000000);
        due[i].tv_sec = 3600 + us / 1000000;
        due[i].tv_usec = us % 1000000;
        timers[i] = evtimer_new(base, count, NULL);
    }

    bench_start();
    for (long i = 0; i < n; i++) evtimer_add(timers[i], &due[i]);
    bench_row("timer_arm", n, bench_elapsed() / n);

    bench_start();
    for (long i = 0; i < n; i++) evtimer_del(timers[i]);
    bench_row("timer_cancel", n, bench_elapsed() / n);

    for (long i = 0; i < n; i++) {
        const long us = (due[i].tv_sec - 3600) * 1000000 + due[i].tv_usec;
        due[i].tv_sec = 0;
        due[i].tv_usec = us / 100;
        evtimer_add(timers[i], &due[i]);
    }
    bench_wait_until(bench_clock_ns(CLOCK_MONOTONIC) + 200000000u);
    bench_start();
    event_base_dispatch(base);
    bench_row("timer_fire", n, bench_elapsed() / n);
    bench_check(fired == n, "timer");
}

/* callsoon: `param` events, each activates itself again. */
static long calls_left;

static void callback(evutil_socket_t fd, short events, void *argument)
{
    struct event **const self = argument;

    (void)fd;
    (void)events;
    if (calls_left-- > 0) event_active(*self, 0, 0);
}

static void test_callsoon(long n, long callbacks)
{
    struct event **const all = bench_alloc(callbacks, sizeof *all);

    calls_left = n;
    for (long i = 0; i < callbacks; i++) {
        all[i] = event_new(base, -1, 0, callback, &all[i]);
        event_active(all[i], 0, 0);
    }
    bench_start();
    event_base_dispatch(base);
    bench_row("callsoon", callbacks, bench_elapsed() / n);
}

static const struct bench_test tests[] = {
    {"timer", test_timer},
    {"callsoon", test_callsoon},
};

int main(int argc, char **argv)
{
    base = event_base_new();
    return bench_main("libevent", tests, BENCH_COUNT(tests), argc, argv);
}
