// Peer `asio`: standalone asio with C++20 awaitables.
//
// The executor's type is spelled out: the default, any_io_executor, makes a post cost 100 ns
// instead of 60.
#include <asio.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/experimental/channel.hpp>

#include <chrono>
#include <vector>

#include "bench.h"
#include "post.h"

namespace {

using asio::co_spawn;
using asio::detached;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

using executor = asio::io_context::executor_type;
using steady_timer =
    asio::basic_waitable_timer<steady_clock, asio::wait_traits<steady_clock>, executor>;
using channel = asio::experimental::basic_channel<executor, asio::experimental::channel_traits<>,
                                                  void(asio::error_code, long)>;

template <class T> using awaitable = asio::awaitable<T, executor>;

constexpr asio::use_awaitable_t<executor> use_awaitable;

asio::io_context context(1);

// yield: `param` tasks that do nothing but go to the back of the ready queue.
awaitable<void> yielder(long n)
{
    while (n-- > 0) co_await asio::post(context, use_awaitable);
}

void test_yield(long n, long tasks)
{
    for (long i = 0; i < tasks; i++) co_spawn(context, yielder(n / tasks), detached);
    bench_start();
    context.run();
    bench_row("yield", tasks, bench_elapsed() / n);
}

// nest: a yield at the bottom of `param` coroutines, each awaiting the next.
awaitable<long> nest(long n, long depth)
{
    if (depth > 1) co_return co_await nest(n, depth - 1);
    while (n-- > 0) co_await asio::post(context, use_awaitable);
    co_return 1;
}

void test_nest(long n, long depth)
{
    co_spawn(context, nest(n, depth), detached);
    bench_start();
    context.run();
    bench_row("nest", depth, bench_elapsed() / n);
}

// call: await of a child that finishes at once.
long call_result;

BENCH_NOINLINE awaitable<long> add_one(long x)
{
    co_return x + 1;
}

awaitable<void> call(long n)
{
    long sum = 0;

    while (n-- > 0) sum = co_await add_one(sum);
    call_result = sum;
}

void test_call(long n, long param)
{
    co_spawn(context, call(n), detached);
    bench_start();
    context.run();
    bench_row("call", param, bench_elapsed() / n);
    bench_check(call_result == n, "call");
}

// spawn: start `param` tasks, wait until all have ended, again.
awaitable<void> short_lived()
{
    co_return;
}

void test_spawn(long n, long size)
{
    bench_start();
    for (long done = 0; done < n; done += size) {
        long running = size;
        for (long i = 0; i < size; i++)
            co_spawn(context, short_lived(), [&](std::exception_ptr) { running--; });
        context.run();
        context.restart();
        bench_check(running == 0, "spawn");
    }
    bench_row("spawn", size, bench_elapsed() / n);
}

// live: n tasks that are suspended at the same time. A timer that is cancelled is asio's idiom for
// an event.
awaitable<void> live(steady_timer &event)
{
    asio::error_code error;

    co_await event.async_wait(asio::redirect_error(use_awaitable, error));
}

void test_live(long n, long)
{
    steady_timer event(context, hours(1));
    const long before = bench_resident_bytes();

    bench_start();
    for (long i = 0; i < n; i++) co_spawn(context, live(event), detached);
    context.poll();
    bench_row("live_bytes", n, static_cast<double>(bench_resident_bytes() - before) / n);
    event.cancel();
    context.run();
    bench_row("live_ns", n, bench_elapsed() / n);
}

// queue: numbers go from one coroutine to another through a channel that holds `param` of them. An
// attempt without waiting comes first: an asynchronous operation costs a trip through the loop even
// where it need not wait.
awaitable<void> producer(channel &numbers, long n)
{
    for (; n > 0; n--) {
        if (!numbers.try_send(asio::error_code(), n))
            co_await numbers.async_send(asio::error_code(), n, use_awaitable);
    }
}

long received;

awaitable<void> consumer(channel &numbers, long n)
{
    const auto take = [](asio::error_code, long number) { received += number; };

    while (n-- > 0) {
        if (!numbers.try_receive(take)) received += co_await numbers.async_receive(use_awaitable);
    }
}

void test_queue(long n, long capacity)
{
    channel numbers(context, capacity);

    co_spawn(context, producer(numbers, n), detached);
    co_spawn(context, consumer(numbers, n), detached);
    bench_start();
    context.run();
    bench_row("queue", capacity, bench_elapsed() / n);
    bench_check(received == bench_sum(n), "queue");
}

// event: two coroutines wake each other in turn, by channels that hold one item.
long answers_left;

awaitable<void> asking(channel &mine, channel &other, long n)
{
    while (n-- > 0) {
        other.try_send(asio::error_code(), 1);
        co_await mine.async_receive(use_awaitable);
    }
    bench_check(answers_left <= 0, "event"); // there was one each time
}

awaitable<void> answering(channel &mine, channel &other)
{
    for (; answers_left > 0; answers_left--) {
        co_await mine.async_receive(use_awaitable);
        other.try_send(asio::error_code(), 1);
    }
}

void test_event(long n, long param)
{
    channel first(context, 1);
    channel second(context, 1);

    answers_left = n / 2;
    co_spawn(context, asking(first, second, n / 2), detached);
    co_spawn(context, answering(second, first), detached);
    bench_start();
    context.run();
    bench_row("event", param, bench_elapsed() / n);
}

// mutex: `param` coroutines take a lock in turn, and let the others run while they hold it. A
// channel with one place makes a lock: who has put an item there holds it.
long guarded;

awaitable<void> locker(channel &lock, long n)
{
    while (n-- > 0) {
        if (!lock.try_send(asio::error_code(), 1))
            co_await lock.async_send(asio::error_code(), 1, use_awaitable);
        const long seen = guarded;
        co_await asio::post(context, use_awaitable);
        guarded = seen + 1;
        lock.try_receive([](asio::error_code, long) {});
    }
}

void test_mutex(long n, long tasks)
{
    channel lock(context, 1);

    for (long i = 0; i < tasks; i++) co_spawn(context, locker(lock, n / tasks), detached);
    bench_start();
    context.run();
    bench_row("mutex", tasks, bench_elapsed() / n);
    bench_check(guarded == n / tasks * tasks, "mutex"); // nobody came in between
}

// gather: start `param` children that yield once, wait for all, add up their results; again.
awaitable<long> numbered(long number)
{
    co_await asio::post(context, use_awaitable);
    co_return number + 1;
}

long gathered;

awaitable<void> gatherer(long n, long size)
{
    std::vector<long> results(size);
    channel all_ended(context, 1);
    long number = 0;

    while (n-- > 0) {
        long running = size;
        for (long &result : results) {
            co_spawn(context, numbered(number++), [&](std::exception_ptr, long value) {
                result = value;
                if (--running == 0) all_ended.try_send(asio::error_code(), 1);
            });
        }
        co_await all_ended.async_receive(use_awaitable);
        for (const long result : results) gathered += result;
    }
}

void test_gather(long n, long size)
{
    co_spawn(context, gatherer(n, size), detached);
    bench_start();
    context.run();
    bench_row("gather", size, bench_elapsed() / n);
    bench_check(gathered == bench_sum(n * size), "gather");
}

// group: start `param` children, wait for all; again.
long ended;

awaitable<void> child_of_group()
{
    ended++;
    co_return;
}

awaitable<void> parent(long n, long size)
{
    channel all_ended(context, 1);

    for (; n > 0; n -= size) {
        long running = size;
        for (long i = 0; i < size; i++) {
            co_spawn(context, child_of_group(), [&](std::exception_ptr) {
                if (--running == 0) all_ended.try_send(asio::error_code(), 1);
            });
        }
        co_await all_ended.async_receive(use_awaitable);
    }
}

void test_group(long n, long size)
{
    co_spawn(context, parent(n, size), detached);
    bench_start();
    context.run();
    bench_row("group", size, bench_elapsed() / n);
    bench_check(ended == n, "group");
}

// timer: n timers at random in 10 seconds: arm all; cancel all (the handlers are told so). Then all
// are overdue, and the loop fires them.
void test_timer(long n, long)
{
    std::vector<steady_timer> timers;
    std::vector<nanoseconds> due(n);
    long fired = 0;

    const auto count = [&fired](asio::error_code error) {
        if (!error) fired++;
    };

    timers.reserve(n);
    for (long i = 0; i < n; i++) {
        timers.emplace_back(context);
        due[i] = nanoseconds(bench_random() % 10000000000u);
    }

    auto now = steady_clock::now();
    bench_start();
    for (long i = 0; i < n; i++) {
        timers[i].expires_at(now + hours(1) + due[i]);
        timers[i].async_wait(count);
    }
    bench_row("timer_arm", n, bench_elapsed() / n);

    bench_start();
    for (long i = 0; i < n; i++) timers[i].cancel();
    context.poll();
    bench_row("timer_cancel", n, bench_elapsed() / n);

    context.restart();
    now = steady_clock::now();
    for (long i = 0; i < n; i++) {
        timers[i].expires_at(now - seconds(11) + due[i]);
        timers[i].async_wait(count);
    }
    bench_start();
    context.run();
    bench_row("timer_fire", n, bench_elapsed() / n);
    bench_check(fired == n, "timer");
}

// timeout: two tasks wake each other in turn; each wait is guarded by a timeout of 30 seconds. Done
// twice: with a callback that cancels the wait, and (row timeout_operator) in the documented way,
// receive || timer.
awaitable<void> wait_with_callback(channel &mine, steady_timer &guard)
{
    guard.expires_after(seconds(30));
    guard.async_wait([&mine](asio::error_code error) {
        if (!error) mine.cancel();
    });
    co_await mine.async_receive(use_awaitable);
    guard.cancel();
}

awaitable<void> wait_with_operator(channel &mine, steady_timer &guard)
{
    using namespace asio::experimental::awaitable_operators;

    guard.expires_after(seconds(30));
    const auto result =
        co_await (mine.async_receive(use_awaitable) || guard.async_wait(use_awaitable));
    bench_check(result.index() == 0, "timeout");
}

using guarded_wait = awaitable<void>(channel &mine, steady_timer &guard);

awaitable<void> leader(guarded_wait &wait, channel &mine, channel &other, long n)
{
    steady_timer guard(context);

    while (n-- > 0) {
        other.try_send(asio::error_code(), 1);
        co_await wait(mine, guard);
    }
}

awaitable<void> follower(guarded_wait &wait, channel &mine, channel &other, long n)
{
    steady_timer guard(context);

    while (n-- > 0) {
        co_await wait(mine, guard);
        other.try_send(asio::error_code(), 1);
    }
}

void run_timeout(const char *test, guarded_wait &wait, long n, long others)
{
    channel first(context, 1);
    channel second(context, 1);
    long playing = 2;

    const auto ended = [&playing](std::exception_ptr) {
        if (--playing == 0) context.stop();
    };

    co_spawn(context, leader(wait, first, second, n / 2), ended);
    co_spawn(context, follower(wait, second, first, n / 2), ended);
    bench_start();
    context.run();
    bench_row(test, others, bench_elapsed() / n);
    bench_check(playing == 0, test);
    context.restart();
}

void test_timeout(long n, long others)
{
    std::vector<steady_timer> timers;

    timers.reserve(others);
    for (long i = 0; i < others; i++) {
        timers.emplace_back(context, seconds(20) + milliseconds(i % 10000));
        timers[i].async_wait([](asio::error_code) {});
    }
    run_timeout("timeout", wait_with_callback, n, others);
    run_timeout("timeout_operator", wait_with_operator, n, others);
}

// callsoon: `param` callbacks, each posts itself again.
long calls_left;

void callback()
{
    if (calls_left-- > 0) asio::post(context, callback);
}

void test_callsoon(long n, long callbacks)
{
    calls_left = n;
    for (long i = 0; i < callbacks; i++) asio::post(context, callback);
    bench_start();
    context.run();
    bench_row("callsoon", callbacks, bench_elapsed() / n);
}

// post: another thread posts callbacks.
void test_post(long n, long param)
{
    long arrived = 0;
    auto open = asio::make_work_guard(context);
    auto poster = [&arrived, n] {
        for (long i = 0; i < n; i++) {
            asio::post(context, [&arrived, n] {
                if (++arrived == n) context.stop();
            });
        }
    };
    using poster_type = decltype(poster);
    auto *const run = +[](void *argument) -> void * {
        (*static_cast<poster_type *>(argument))();
        return nullptr;
    };

    const pthread_t thread = bench_start_posting(run, &poster);
    context.run();
    bench_row("post", param, bench_elapsed() / n);
    pthread_join(thread, nullptr);
    bench_check(arrived == n, "post");
}

const struct bench_test tests[] = {
    {"yield", test_yield},       {"nest", test_nest},   {"call", test_call},
    {"spawn", test_spawn},       {"live", test_live},   {"queue", test_queue},
    {"event", test_event},       {"mutex", test_mutex}, {"gather", test_gather},
    {"group", test_group},       {"timer", test_timer}, {"timeout", test_timeout},
    {"callsoon", test_callsoon}, {"post", test_post},
};

} // namespace

int main(int argc, char **argv)
{
    return bench_main("asio", tests, BENCH_COUNT(tests), argc, argv);
}
