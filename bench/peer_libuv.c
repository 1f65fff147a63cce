/* Peer `libuv`: a loop of callbacks, so only the tests that need no coroutine. */
#include "bench.h"
#include "post.h"

#include <uv.h>

static uv_loop_t *loop;
static long fired;

static void count(uv_timer_t *timer)
{
    (void)timer;
    fired++;
}

/* timer: n timers at random in 10 seconds: arm all; cancel all. Then all within 0.1 seconds,
 * wait until the last is due, and let one turn of the loop fire them. */
static void test_timer(long n, long param)
{
    uv_timer_t *const timers = bench_alloc(n, sizeof *timers);
    uint64_t *const due_ms = bench_alloc(n, sizeof *due_ms);

    (void)param;
    for (long i = 0; i < n; i++) {
        uv_timer_init(loop, &timers[i]);
        due_ms[i] = bench_random() % 10000;
    }

    bench_start();
    for (long i = 0; i < n; i++) uv_timer_start(&timers[i], count, 3600000 + due_ms[i], 0);
    bench_row("timer_arm", n, bench_elapsed() / n);

    bench_start();
    for (long i = 0; i < n; i++) uv_timer_stop(&timers[i]);
    bench_row("timer_cancel", n, bench_elapsed() / n);

    uv_update_time(loop);
    for (long i = 0; i < n; i++) uv_timer_start(&timers[i], count, due_ms[i] / 100, 0);
    bench_wait_until(bench_clock_ns(CLOCK_MONOTONIC) + 200000000u);
    bench_start();
    uv_run(loop, UV_RUN_DEFAULT);
    bench_row("timer_fire", n, bench_elapsed() / n);
    bench_check(fired == n, "timer");
}

/* callsoon: libuv has no such call; the usual substitute is an idle handle, which runs in each
 * turn of the loop. */
static long calls_left;

static void callback(uv_idle_t *idle)
{
    if (calls_left-- <= 0) uv_idle_stop(idle);
}

static void test_callsoon(long n, long callbacks)
{
    uv_idle_t *const all = bench_alloc(callbacks, sizeof *all);

    calls_left = n;
    for (long i = 0; i < callbacks; i++) {
        uv_idle_init(loop, &all[i]);
        uv_idle_start(&all[i], callback);
    }
    bench_start();
    uv_run(loop, UV_RUN_DEFAULT);
    bench_row("callsoon", callbacks, bench_elapsed() / n);
}

/* post: another thread gives the loop something to do. uv_async_send says only that there is something;
 * what it is stands in a list of the program's. */
static uv_async_t bell;

static void ring(void)
{
    uv_async_send(&bell);
}

static void rung(uv_async_t *async)
{
    open_post();
    if (letters_read == letters_sent) uv_close((uv_handle_t *)async, NULL);
}

static void answer(void)
{
    uv_run(loop, UV_RUN_DEFAULT);
}

static void test_post(long n, long param)
{
    uv_async_init(loop, &bell, rung);
    bench_post(n, param, ring, answer);
}

static const struct bench_test tests[] = {
    {"timer", test_timer},
    {"callsoon", test_callsoon},
    {"post", test_post},
};

int main(int argc, char **argv)
{
    loop = uv_default_loop();
    return bench_main("libuv", tests, BENCH_COUNT(tests), argc, argv);
}
