// Peer `cxx20`: plain C++20 coroutines on the ready queue of `hand`; no library but the standard
// one.
//
// A task<T> is lazy and hands control over by symmetric transfer. The node of the ready queue lives
// in the awaiter, so that a wait allocates nothing; a coroutine's frame comes from operator new.
#include <coroutine>
#include <exception>
#include <queue>
#include <utility>
#include <vector>

#include "bench.h"

namespace {

using handle = std::coroutine_handle<>;

struct node {
    handle coroutine;
    node *next;
};

node *ready_first;
node **ready_end = &ready_first;

inline void make_ready(node *node)
{
    node->next = nullptr;
    *ready_end = node;
    ready_end = &node->next;
}

void run_ready()
{
    while (node *const node = ready_first) {
        ready_first = node->next;
        if (ready_first == nullptr) ready_end = &ready_first;
        node->coroutine.resume();
    }
}

// A coroutine that somebody awaits.
template <class T> struct task {
    struct promise_type {
        handle awaiter;
        T value;

        struct final_awaiter {
            bool await_ready() noexcept
            {
                return false;
            }
            void await_resume() noexcept
            {
            }
            handle await_suspend(std::coroutine_handle<promise_type> self) noexcept
            {
                const handle awaiter = self.promise().awaiter;
                return awaiter ? awaiter : std::noop_coroutine();
            }
        };

        task get_return_object()
        {
            return task{std::coroutine_handle<promise_type>::from_promise(*this)};
        }
        std::suspend_always initial_suspend() noexcept
        {
            return {};
        }
        final_awaiter final_suspend() noexcept
        {
            return {};
        }
        void return_value(T result)
        {
            value = result;
        }
        void unhandled_exception()
        {
            std::terminate();
        }
    };

    std::coroutine_handle<promise_type> coroutine;

    explicit task(std::coroutine_handle<promise_type> h) : coroutine(h)
    {
    }
    task(task &&other) : coroutine(std::exchange(other.coroutine, {}))
    {
    }
    ~task()
    {
        if (coroutine) coroutine.destroy();
    }

    bool await_ready()
    {
        return false;
    }
    T await_resume()
    {
        return coroutine.promise().value;
    }
    handle await_suspend(handle awaiter)
    {
        coroutine.promise().awaiter = awaiter;
        return coroutine;
    }
};

// A coroutine that nobody awaits. It starts through the ready queue and frees itself.
struct spawned {
    struct promise_type {
        node start;

        struct initial_awaiter {
            bool await_ready() noexcept
            {
                return false;
            }
            void await_resume() noexcept
            {
            }
            void await_suspend(std::coroutine_handle<promise_type> self) noexcept
            {
                self.promise().start.coroutine = self;
                make_ready(&self.promise().start);
            }
        };

        spawned get_return_object()
        {
            return {};
        }
        initial_awaiter initial_suspend() noexcept
        {
            return {};
        }
        std::suspend_never final_suspend() noexcept
        {
            return {};
        }
        void return_void()
        {
        }
        void unhandled_exception()
        {
            std::terminate();
        }
    };
};

struct yield_now {
    node self;

    bool await_ready()
    {
        return false;
    }
    void await_resume()
    {
    }
    void await_suspend(handle awaiter)
    {
        self.coroutine = awaiter;
        make_ready(&self);
    }
};

// An event for one waiter.
struct event {
    bool is_set = false;
    node *waiter = nullptr;

    struct awaiter {
        event &source;
        node self;

        bool await_ready()
        {
            return source.is_set;
        }
        void await_resume()
        {
        }
        void await_suspend(handle awaiter)
        {
            self.coroutine = awaiter;
            source.waiter = &self;
        }
    };

    void set()
    {
        is_set = true;
        if (waiter != nullptr) {
            make_ready(waiter);
            waiter = nullptr;
        }
    }

    awaiter wait()
    {
        return {*this, {}};
    }
};

// yield: `param` tasks that do nothing but go to the back of the ready queue.
spawned yielder(long n)
{
    while (n-- > 0) co_await yield_now{};
}

void test_yield(long n, long tasks)
{
    for (long i = 0; i < tasks; i++) yielder(n / tasks);
    bench_start();
    run_ready();
    bench_row("yield", tasks, bench_elapsed() / n);
}

// nest: a yield at the bottom of `param` coroutines, each awaiting the next.
task<long> nest(long n, int depth)
{
    if (depth > 1) co_return co_await nest(n, depth - 1);
    while (n-- > 0) co_await yield_now{};
    co_return 1;
}

spawned nest_outermost(long n, int depth)
{
    co_await nest(n, depth);
}

void test_nest(long n, long depth)
{
    nest_outermost(n, static_cast<int>(depth));
    bench_start();
    run_ready();
    bench_row("nest", depth, bench_elapsed() / n);
}

// call: await of a child that finishes at once.
long call_result;

BENCH_NOINLINE task<long> add_one(long x)
{
    co_return x + 1;
}

spawned call(long n)
{
    long sum = 0;

    while (n-- > 0) sum = co_await add_one(sum);
    call_result = sum;
}

void test_call(long n, long param)
{
    call(n);
    bench_start();
    run_ready();
    bench_row("call", param, bench_elapsed() / n);
    bench_check(call_result == n, "call");
}

// spawn: start `param` tasks, wait until all have ended, again.
struct batch {
    long running;
    event all_ended;
};

spawned short_lived(batch &batch)
{
    if (--batch.running == 0) batch.all_ended.set();
    co_return;
}

spawned spawner(long n, long size)
{
    while (n > 0) {
        batch batch{size, {}};
        for (long i = 0; i < size; i++) short_lived(batch);
        n -= size;
        co_await batch.all_ended.wait();
    }
}

void test_spawn(long n, long size)
{
    spawner(n, size);
    bench_start();
    run_ready();
    bench_row("spawn", size, bench_elapsed() / n);
}

// live: n tasks that are suspended at the same time.
node *parked;

struct park {
    node self;

    bool await_ready()
    {
        return false;
    }
    void await_resume()
    {
    }
    void await_suspend(handle awaiter)
    {
        self.coroutine = awaiter;
        self.next = parked;
        parked = &self;
    }
};

spawned live()
{
    co_await park{};
}

void test_live(long n, long)
{
    const long before = bench_resident_bytes();

    bench_start();
    for (long i = 0; i < n; i++) live();
    run_ready();
    bench_row("live_bytes", n, static_cast<double>(bench_resident_bytes() - before) / n);
    while (parked != nullptr) {
        node *const node = parked;
        parked = node->next;
        make_ready(node);
    }
    run_ready();
    bench_row("live_ns", n, bench_elapsed() / n);
}

// timer: n coroutines asleep in the standard library's heap, which cannot cancel.
struct sleeper {
    uint64_t at;
    handle coroutine;

    bool operator<(const sleeper &other) const
    {
        return at > other.at;
    }
};

std::priority_queue<sleeper> sleepers;
long fired;

struct sleep_until {
    uint64_t at;

    bool await_ready()
    {
        return false;
    }
    void await_resume()
    {
    }
    void await_suspend(handle awaiter)
    {
        sleepers.push({at, awaiter});
    }
};

spawned sleep_and_count(uint64_t at)
{
    co_await sleep_until{at};
    fired++;
}

void test_timer(long n, long)
{
    std::vector<uint64_t> due(n);

    for (uint64_t &at : due) at = bench_random() % 10000000000u;
    bench_start();
    for (long i = 0; i < n; i++) sleep_and_count(due[i]);
    run_ready();
    bench_row("timer_arm", n, bench_elapsed() / n);

    bench_start();
    while (!sleepers.empty()) {
        const handle coroutine = sleepers.top().coroutine;
        sleepers.pop();
        coroutine.resume();
    }
    bench_row("timer_fire", n, bench_elapsed() / n);
    bench_check(fired == n, "timer");
}

const struct bench_test tests[] = {
    {"yield", test_yield}, {"nest", test_nest}, {"call", test_call},
    {"spawn", test_spawn}, {"live", test_live}, {"timer", test_timer},
};

} // namespace

int main(int argc, char **argv)
{
    return bench_main("cxx20", tests, BENCH_COUNT(tests), argc, argv);
}
