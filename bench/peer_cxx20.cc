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

// queue: numbers go from one coroutine to another through a ring that holds `param` of them.
struct queue {
    long capacity;
    long items[64] = {};
    long length = 0;
    long first = 0;
    node *reader = nullptr; // waits for an item
    node *writer = nullptr; // waits for a free place

    struct not_full {
        queue &source;
        node self;

        bool await_ready()
        {
            return source.length < source.capacity;
        }
        void await_resume()
        {
        }
        void await_suspend(handle awaiter)
        {
            self.coroutine = awaiter;
            source.writer = &self;
        }
    };

    struct not_empty {
        queue &source;
        node self;

        bool await_ready()
        {
            return source.length > 0;
        }
        void await_resume()
        {
        }
        void await_suspend(handle awaiter)
        {
            self.coroutine = awaiter;
            source.reader = &self;
        }
    };

    void put(long item)
    {
        long at = first + length;

        if (at >= capacity) at -= capacity;
        items[at] = item;
        length++;
        if (reader != nullptr) make_ready(std::exchange(reader, nullptr));
    }

    long get()
    {
        const long item = items[first];

        if (++first == capacity) first = 0;
        length--;
        if (writer != nullptr) make_ready(std::exchange(writer, nullptr));
        return item;
    }
};

long received;

spawned producer(queue &numbers, long n)
{
    while (n > 0) {
        while (numbers.length == numbers.capacity) co_await queue::not_full{numbers, {}};
        numbers.put(n--);
    }
}

spawned consumer(queue &numbers, long n)
{
    long sum = 0;

    while (n-- > 0) {
        while (numbers.length == 0) co_await queue::not_empty{numbers, {}};
        sum += numbers.get();
    }
    received = sum;
}

void test_queue(long n, long capacity)
{
    queue numbers{capacity};

    bench_check(capacity <= static_cast<long>(BENCH_COUNT(numbers.items)), "capacity of the queue");
    producer(numbers, n);
    consumer(numbers, n);
    bench_start();
    run_ready();
    bench_row("queue", capacity, bench_elapsed() / n);
    bench_check(received == bench_sum(n), "queue");
}

// event: two coroutines wake each other in turn.
long answers_left;

spawned leader(event &mine, event &other, long n)
{
    while (n-- > 0) {
        other.set();
        co_await mine.wait();
        mine.is_set = false;
    }
    bench_check(answers_left < 0, "event"); // there was one each time
}

spawned follower(event &mine, event &other)
{
    while (answers_left-- > 0) {
        co_await mine.wait();
        mine.is_set = false;
        other.set();
    }
}

void test_event(long n, long param)
{
    event turn[2];

    answers_left = n / 2;
    leader(turn[0], turn[1], n / 2);
    follower(turn[1], turn[0]);
    bench_start();
    run_ready();
    bench_row("event", param, bench_elapsed() / n);
}

// mutex: `param` coroutines take a lock in turn, and let the others run while they hold it.
struct lock {
    bool is_held = false;
    node *first = nullptr;
    node **end = &first;

    struct awaiter {
        lock &source;
        node self;

        bool await_ready()
        {
            return !std::exchange(source.is_held, true);
        }
        void await_resume()
        {
        }
        void await_suspend(handle awaiter)
        {
            self = {awaiter, nullptr};
            *source.end = &self;
            source.end = &self.next;
        }
    };

    awaiter acquire()
    {
        return {*this, {}};
    }

    void release()
    {
        node *const next = first;

        if (next != nullptr) { // it stays held, by the next one
            first = next->next;
            if (first == nullptr) end = &first;
            make_ready(next);
        }
        else {
            is_held = false;
        }
    }
};

long guarded;

spawned locker(lock &lock, long n)
{
    while (n-- > 0) {
        co_await lock.acquire();
        const long seen = guarded;
        co_await yield_now{};
        guarded = seen + 1;
        lock.release();
    }
}

void test_mutex(long n, long tasks)
{
    lock lock;

    for (long i = 0; i < tasks; i++) locker(lock, n / tasks);
    bench_start();
    run_ready();
    bench_row("mutex", tasks, bench_elapsed() / n);
    bench_check(guarded == n / tasks * tasks, "mutex"); // nobody came in between
}

// gather: start `param` children that yield once, wait for all, add up their results; again.
spawned numbered(batch &batch, long number, long &result)
{
    co_await yield_now{};
    result = number + 1;
    if (--batch.running == 0) batch.all_ended.set();
}

long gathered;

spawned gatherer(long n, long size)
{
    std::vector<long> results(size);
    long number = 0;

    while (n-- > 0) {
        batch batch{size, {}};
        for (long &result : results) numbered(batch, number++, result);
        co_await batch.all_ended.wait();
        for (const long result : results) gathered += result;
    }
}

void test_gather(long n, long size)
{
    gatherer(n, size);
    bench_start();
    run_ready();
    bench_row("gather", size, bench_elapsed() / n);
    bench_check(gathered == bench_sum(n * size), "gather");
}

// group: start `param` children, wait for all; again.
long ended;

spawned child_of_group(batch &batch)
{
    ended++;
    if (--batch.running == 0) batch.all_ended.set();
    co_return;
}

spawned parent(long n, long size)
{
    for (; n > 0; n -= size) {
        batch batch{size, {}};
        for (long i = 0; i < size; i++) child_of_group(batch);
        co_await batch.all_ended.wait();
    }
}

void test_group(long n, long size)
{
    parent(n, size);
    bench_start();
    run_ready();
    bench_row("group", size, bench_elapsed() / n);
    bench_check(ended == n, "group");
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
    {"yield", test_yield},   {"nest", test_nest},   {"call", test_call},   {"spawn", test_spawn},
    {"live", test_live},     {"queue", test_queue}, {"event", test_event}, {"mutex", test_mutex},
    {"gather", test_gather}, {"group", test_group}, {"timer", test_timer},
};

} // namespace

int main(int argc, char **argv)
{
    return bench_main("cxx20", tests, BENCH_COUNT(tests), argc, argv);
}
