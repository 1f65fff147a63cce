/* Peer `cedo`: this library, as a program of a user would use it. The loop stands on the port of
 * the system, but for `timer`, where every peer that can has a virtual clock. */
#include "bench.h"
#include "post.h"

#include <cedo/core.h>
#include <cedo/port/posix.h>
#include <cedo/port/sim.h>

static cedo_loop loop;

static void open_loop(const cedo_port *port)
{
    bench_check(cedo_loop_init(&loop, port) == CEDO_OK, "loop");
}

/* yield: `param` tasks that do nothing but go to the back of the ready queue */

struct yielder {
    cedo_coro coro;
    long left;
};

static cedo_async(yielder)
{
    cedo_body(struct yielder, self) {
        while (self->left-- > 0) cedo_await(cedo_yield_now());
    }
}

typedef cedo_task_of(yielder) yielder_task;

static void run_yielders(const char *row, long param, long n, long tasks)
{
    yielder_task *const all = bench_alloc(tasks, sizeof *all);

    for (long i = 0; i < tasks; i++) cedo_loop_spawn(&loop, &all[i], yielder, .left = n / tasks);
    bench_start();
    cedo_loop_run_until_complete(&loop, &all[tasks - 1].task);
    bench_row(row, param, bench_elapsed() / n);
    bench_check(all[0].frame.left < 0, row);
    cedo_loop_close(&loop);
    free(all);
}

static void test_yield(long n, long tasks)
{
    open_loop(&cedo_port_posix);
    run_yielders("yield", tasks, n, tasks);
}

/* parked: the same with two tasks, beside `param` others that wait for an event */

static cedo_event event;

struct parked {
    cedo_coro coro;
};

static cedo_async(parked)
{
    cedo_body(struct parked, self) {
        cedo_await(cedo_event_wait(&event));
    }
}

static cedo_status ignore(cedo_loop *of, const cedo_exception *exception, void *arg)
{
    (void)of, (void)exception, (void)arg;
    return CEDO_OK;
}

static void test_parked(long n, long others)
{
    open_loop(&cedo_port_posix);
    cedo_loop_set_exception_handler(&loop, ignore, NULL); /* the loop is closed over them */
    for (long i = 0; i < others; i++)
        bench_check(cedo_loop_spawn_new(&loop, parked) != NULL, "parked");
    cedo_loop_step(&loop);
    run_yielders("parked", others, n, 2);
}

/* nest: a yield at the bottom of `param` coroutines, each awaiting the next */

struct nest {
    cedo_coro coro;
    long depth;
    long left;
};

static cedo_async(nest)
{
    cedo_body(struct nest, self) {
        if (self->depth > 1) {
            cedo_await(cedo_call_new(nest, .depth = self->depth - 1, .left = self->left));
        }
        else {
            while (self->left-- > 0) cedo_await(cedo_yield_now());
        }
    }
}

static void test_nest(long n, long depth)
{
    static cedo_task_of(nest) root;

    open_loop(&cedo_port_posix);
    cedo_loop_spawn(&loop, &root, nest, .depth = depth, .left = n);
    bench_start();
    bench_check(cedo_loop_run_until_complete(&loop, &root.task) == CEDO_OK, "nest");
    bench_row("nest", depth, bench_elapsed() / n);
    cedo_loop_close(&loop);
}

/* call: await of a child that ends at once */

struct successor {
    cedo_coro coro;
    long of;
    long result;
};

BENCH_NOINLINE static cedo_async(successor)
{
    cedo_body(struct successor, self) {
        self->result = self->of + 1;
    }
}

struct caller {
    cedo_coro coro;
    long left;
    long sum;
    struct successor child;
};

static cedo_async(caller)
{
    cedo_body(struct caller, self) {
        while (self->left-- > 0) {
            cedo_await(cedo_call(&self->child, successor, .of = self->sum));
            self->sum = self->child.result;
        }
    }
}

static void test_call(long n, long param)
{
    static cedo_task_of(caller) task;

    open_loop(&cedo_port_posix);
    cedo_loop_spawn(&loop, &task, caller, .left = n);
    bench_start();
    cedo_loop_run_until_complete(&loop, &task.task);
    bench_row("call", param, bench_elapsed() / n);
    bench_check(task.frame.sum == n, "call");
    cedo_loop_close(&loop);
}

/* spawn: a task starts `param` others, allocated, and waits for the last of them; they run in the
 * order of their start, so all have ended then */

struct nothing {
    cedo_coro coro;
};

static cedo_async(nothing)
{
    cedo_body(struct nothing, self) {
    }
}

struct spawner {
    cedo_coro coro;
    long left;
    long batch;
    cedo_task *last;
};

static cedo_async(spawner)
{
    cedo_body(struct spawner, self) {
        while (self->left > 0) {
            for (long i = 0; i < self->batch; i++) self->last = cedo_spawn_new(nothing);
            self->left -= self->batch;
            cedo_await(cedo_join(self->last));
        }
    }
}

static void test_spawn(long n, long batch)
{
    static cedo_task_of(spawner) task;

    open_loop(&cedo_port_posix);
    cedo_loop_spawn(&loop, &task, spawner, .left = n, .batch = batch);
    bench_start();
    cedo_loop_run_until_complete(&loop, &task.task);
    bench_row("spawn", batch, bench_elapsed() / n);
    bench_check(task.frame.left <= 0, "spawn");
    cedo_loop_close(&loop);
}

/* live: `n` allocated tasks, all suspended at once */

static void test_live(long n, long param)
{
    cedo_task *last = NULL;
    const long before = bench_resident_bytes();

    (void)param;
    open_loop(&cedo_port_posix);
    bench_start();
    for (long i = 0; i < n; i++) last = cedo_loop_spawn_new(&loop, parked);
    cedo_loop_step(&loop);
    bench_row("live_bytes", n, (double)(bench_resident_bytes() - before) / (double)n);
    cedo_event_set(&event);
    bench_check(cedo_loop_run_until_complete(&loop, last) == CEDO_OK, "live");
    bench_row("live_ns", n, bench_elapsed() / n);
    cedo_loop_close(&loop);
}

/* queue: numbers go from one task to another through a queue that holds `param` of them */

struct producer {
    cedo_coro coro;
    long left;
    cedo_queue *numbers;
};

static cedo_async(producer)
{
    cedo_body(struct producer, self) {
        for (; self->left > 0; self->left--) cedo_await(cedo_queue_put(self->numbers, &self->left));
    }
}

struct consumer {
    cedo_coro coro;
    long left;
    cedo_queue *numbers;
    long number;
    long sum;
};

static cedo_async(consumer)
{
    cedo_body(struct consumer, self) {
        for (; self->left > 0; self->left--) {
            cedo_await(cedo_queue_get(self->numbers, &self->number));
            self->sum += self->number;
        }
    }
}

static void test_queue(long n, long capacity)
{
    static cedo_queue_of(long, 1) one = CEDO_QUEUE_INIT(one);
    static cedo_queue_of(long, 64) many = CEDO_QUEUE_INIT(many);
    static cedo_task_of(producer) from;
    static cedo_task_of(consumer) to;
    cedo_queue *const numbers = capacity == 1 ? &one.queue : &many.queue;

    bench_check(capacity == 1 || capacity == 64, "capacity of the queue");
    open_loop(&cedo_port_posix);
    cedo_loop_spawn(&loop, &from, producer, .left = n, .numbers = numbers);
    cedo_loop_spawn(&loop, &to, consumer, .left = n, .numbers = numbers);
    bench_start();
    cedo_loop_run_until_complete(&loop, &to.task);
    bench_row("queue", capacity, bench_elapsed() / n);
    bench_check(to.frame.sum == bench_sum(n), "queue");
    cedo_loop_close(&loop);
}

/* event: two tasks wake each other in turn */

struct player {
    cedo_coro coro;
    long left;
    cedo_event *mine;
    cedo_event *other;
};

static cedo_async(player)
{
    cedo_body(struct player, self) {
        while (self->left-- > 0) {
            cedo_event_set(self->other);
            cedo_await(cedo_event_wait(self->mine));
            cedo_event_clear(self->mine);
        }
    }
}

static void test_event(long n, long param)
{
    static cedo_event turn[2];
    static cedo_task_of(player) first, second;
    const long half = n / 2;

    open_loop(&cedo_port_posix);
    cedo_loop_spawn(&loop, &first, player, .left = half, .mine = &turn[0], .other = &turn[1]);
    /* it finds its event set at first, and so sets the other one once in vain */
    cedo_loop_spawn(&loop, &second, player, .left = half + 1, .mine = &turn[1], .other = &turn[0]);
    bench_start();
    bench_check(cedo_loop_run_until_complete(&loop, &first.task) == CEDO_OK, "event");
    bench_row("event", param, bench_elapsed() / n);
    /* had they not waited for each other, the second would have ended, too */
    bench_check(!cedo_task_done(&second.task) && second.frame.left == 0, "event");
    cedo_event_set(&turn[1]);
    bench_check(cedo_loop_run_until_complete(&loop, &second.task) == CEDO_OK, "event");
    cedo_loop_close(&loop);
}

/* mutex: `param` tasks take a lock in turn, and let the others run while they hold it */

static long guarded;
static long lockers;

struct locker {
    cedo_coro coro;
    long left;
    cedo_lock *lock;
    long seen;
};

static cedo_async(locker)
{
    cedo_body(struct locker, self) {
        while (self->left-- > 0) {
            cedo_await(cedo_lock_acquire(self->lock));
            self->seen = guarded;
            cedo_await(cedo_yield_now());
            guarded = self->seen + 1;
            cedo_lock_release(self->lock);
        }
        if (--lockers == 0) cedo_loop_stop(&loop);
    }
}

/* mutex_block: the same with a block, which releases the lock by itself */

struct block_locker {
    cedo_coro coro;
    long left;
    cedo_lock *lock;
    long seen;
    cedo_hold hold;
};

static cedo_async(block_locker)
{
    cedo_body(struct block_locker, self) {
        while (self->left-- > 0) {
            cedo_with_lock (&self->hold, self->lock) {
                self->seen = guarded;
                cedo_await(cedo_yield_now());
                guarded = self->seen + 1;
            }
        }
        if (--lockers == 0) cedo_loop_stop(&loop);
    }
}

static void run_lockers(const char *row, long n, long tasks)
{
    lockers = tasks;
    bench_start();
    cedo_loop_run_forever(&loop);
    bench_row(row, tasks, bench_elapsed() / n);
    bench_check(guarded == n / tasks * tasks, row); /* nobody came in between */
    cedo_loop_close(&loop);
}

static cedo_lock lock;

static void test_mutex(long n, long tasks)
{
    cedo_task_of(locker) *const all = bench_alloc(tasks, sizeof *all);

    open_loop(&cedo_port_posix);
    for (long i = 0; i < tasks; i++)
        cedo_loop_spawn(&loop, &all[i], locker, .left = n / tasks, .lock = &lock);
    run_lockers("mutex", n, tasks);
    free(all);
}

static void test_mutex_block(long n, long tasks)
{
    cedo_task_of(block_locker) *const all = bench_alloc(tasks, sizeof *all);

    open_loop(&cedo_port_posix);
    for (long i = 0; i < tasks; i++)
        cedo_loop_spawn(&loop, &all[i], block_locker, .left = n / tasks, .lock = &lock);
    run_lockers("mutex_block", n, tasks);
    free(all);
}

/* gather: start `param` children that yield once, wait for all, add up their results; again */

enum { GATHER_SIZE = 10 };

struct numbered {
    cedo_coro coro;
    long number;
    long result;
};

static cedo_async(numbered)
{
    cedo_body(struct numbered, self) {
        cedo_await(cedo_yield_now());
        self->result = self->number + 1;
    }
}

struct gatherer {
    cedo_coro coro;
    long left;
    long number;
    long sum;
    cedo_group group;
    cedo_task_of(numbered) children[GATHER_SIZE];
};

static cedo_async(gatherer)
{
    cedo_body(struct gatherer, self) {
        while (self->left-- > 0) {
            for (int i = 0; i < GATHER_SIZE; i++)
                cedo_group_spawn(&self->group, &self->children[i], numbered,
                                 .number = self->number++);
            cedo_await(cedo_group_join(&self->group));
            for (int i = 0; i < GATHER_SIZE; i++) self->sum += self->children[i].frame.result;
        }
    }
}

static void test_gather(long n, long size)
{
    static cedo_task_of(gatherer) task;

    bench_check(size == GATHER_SIZE, "number of children");
    open_loop(&cedo_port_posix);
    cedo_loop_spawn(&loop, &task, gatherer, .left = n);
    bench_start();
    cedo_loop_run_until_complete(&loop, &task.task);
    bench_row("gather", size, bench_elapsed() / n);
    bench_check(task.frame.sum == bench_sum(n * size), "gather");
    cedo_loop_close(&loop);
}

/* group: start `param` children, in storage of the parent, wait for all; again */

static long ended;

struct child_of_group {
    cedo_coro coro;
};

static cedo_async(child_of_group)
{
    cedo_body(struct child_of_group, self) {
        ended++;
    }
}

typedef cedo_task_of(child_of_group) child_task;

struct parent {
    cedo_coro coro;
    long left;
    long size;
    child_task *children;
    cedo_group group;
};

static cedo_async(parent)
{
    cedo_body(struct parent, self) {
        for (; self->left > 0; self->left -= self->size) {
            for (long i = 0; i < self->size; i++)
                cedo_group_spawn(&self->group, &self->children[i], child_of_group);
            cedo_await(cedo_group_join(&self->group));
        }
    }
}

static void test_group(long n, long size)
{
    static cedo_task_of(parent) task;
    child_task *const children = bench_alloc(size, sizeof *children);

    open_loop(&cedo_port_posix);
    cedo_loop_spawn(&loop, &task, parent, .left = n, .size = size, .children = children);
    bench_start();
    cedo_loop_run_until_complete(&loop, &task.task);
    bench_row("group", size, bench_elapsed() / n);
    bench_check(ended == n, "group");
    cedo_loop_close(&loop);
    free(children);
}

/* timer: `n` timers due at random in 10 seconds: arm all, cancel all, then let all fire */

static long fired;

static cedo_status fire(void *arg)
{
    (void)arg;
    fired++;
    return CEDO_OK;
}

static void test_timer(long n, long param)
{
    cedo_handle *const timers = bench_alloc(n, sizeof *timers);
    cedo_time *const due = bench_alloc(n, sizeof *due);

    (void)param;
    open_loop(&cedo_port_sim);
    for (long i = 0; i < n; i++) due[i] = (cedo_time)(bench_random() % 10000000000u);
    bench_start();
    for (long i = 0; i < n; i++) cedo_call_at(&loop, &timers[i], due[i], fire, NULL);
    bench_row("timer_arm", n, bench_elapsed() / n);
    bench_start();
    for (long i = 0; i < n; i++) cedo_handle_cancel(&timers[i]);
    bench_row("timer_cancel", n, bench_elapsed() / n);
    for (long i = 0; i < n; i++) cedo_call_at(&loop, &timers[i], due[i], fire, NULL);
    bench_start();
    cedo_loop_run_forever(&loop); /* until nothing is left that could fire */
    bench_row("timer_fire", n, bench_elapsed() / n);
    bench_check(fired == n, "timer");
    cedo_loop_close(&loop);
}

/* timeout: two tasks wake each other in turn; each wait is guarded by a timeout of 30 seconds */

struct guarded_player {
    cedo_coro coro;
    long left;
    cedo_event *mine;
    cedo_event *other;
    cedo_timeout limit;
};

static cedo_async(guarded_player)
{
    cedo_body(struct guarded_player, self) {
        while (self->left-- > 0) {
            cedo_event_set(self->other);
            cedo_await(cedo_wait_for(&self->limit, CEDO_SECONDS(30), cedo_event_wait(self->mine)));
            cedo_event_clear(self->mine);
        }
        cedo_event_set(self->other);
    }
}

static void test_timeout(long n, long others)
{
    static cedo_task_of(guarded_player) first, second;
    static cedo_event turn[2];
    cedo_handle *const timers = bench_alloc(others, sizeof *timers);

    open_loop(&cedo_port_posix);
    for (long i = 0; i < others; i++)
        cedo_call_later(&loop, &timers[i], CEDO_SECONDS(20) + i * 1000000 % CEDO_SECONDS(10), fire,
                        NULL);
    cedo_loop_spawn(&loop, &first, guarded_player, .left = n / 2, .mine = &turn[0],
                    .other = &turn[1]);
    cedo_loop_spawn(&loop, &second, guarded_player, .left = n / 2, .mine = &turn[1],
                    .other = &turn[0]);
    bench_start();
    bench_check(cedo_loop_run_until_complete(&loop, &first.task) == CEDO_OK, "timeout");
    bench_row("timeout", others, bench_elapsed() / n);
    cedo_loop_close(&loop);
}

/* callsoon: `param` callbacks, each schedules itself again */

static long calls_left;

static cedo_status call_again(void *arg)
{
    if (calls_left-- > 0) return cedo_call_soon(&loop, (cedo_handle *)arg, call_again, arg);
    cedo_loop_stop(&loop);
    return CEDO_OK;
}

static void test_callsoon(long n, long callbacks)
{
    cedo_handle *const handles = bench_alloc(callbacks, sizeof *handles);

    open_loop(&cedo_port_posix);
    calls_left = n;
    for (long i = 0; i < callbacks; i++)
        cedo_call_soon(&loop, &handles[i], call_again, &handles[i]);
    bench_start();
    cedo_loop_run_forever(&loop);
    bench_row("callsoon", callbacks, bench_elapsed() / n);
    cedo_loop_close(&loop);
}

/* post: another thread gives the loop callbacks */

static cedo_handle *posts;
static long posts_count;
static long arrived BENCH_APART;

static cedo_status arrive(void *argument)
{
    (void)argument;
    if (++arrived == posts_count) cedo_loop_stop(&loop);
    return CEDO_OK;
}

static void *post_all(void *argument)
{
    cedo_handle *const all = posts;
    const long count = posts_count;

    (void)argument;
    for (long i = 0; i < count; i++) (void)cedo_call_soon_threadsafe(&loop, &all[i], arrive, NULL);
    return NULL;
}

static void test_post(long n, long param)
{
    pthread_t thread;

    posts = bench_alloc(n, sizeof *posts);
    posts_count = n;
    open_loop(&cedo_port_posix);
    thread = bench_start_posting(post_all, NULL);
    cedo_loop_run_forever(&loop);
    bench_row("post", param, bench_elapsed() / n);
    pthread_join(thread, NULL);
    bench_check(arrived == n, "post");
    cedo_loop_close(&loop);
    free(posts);
}

static const struct bench_test tests[] = {
    {"yield", test_yield},       {"parked", test_parked},
    {"nest", test_nest},         {"call", test_call},
    {"spawn", test_spawn},       {"live", test_live},
    {"queue", test_queue},       {"event", test_event},
    {"mutex", test_mutex},       {"mutex_block", test_mutex_block},
    {"gather", test_gather},     {"group", test_group},
    {"timer", test_timer},       {"timeout", test_timeout},
    {"callsoon", test_callsoon}, {"post", test_post},
};

int main(int argc, char **argv)
{
    return bench_main("cedo", tests, BENCH_COUNT(tests), argc, argv);
}
