/* Peer `protothreads`: a protothread per task, on the ready queue of `hand`.
 *
 * What waits for a child calls that child at each resume, so a resume costs as much as the nest is
 * deep. Protothreads have no timers.
 */
#include "bench.h"
#include "pt.h"

struct task {
    struct pt pt;
    int (*resume)(struct task *task);
    struct task *next;
    long left;
    void *argument;
};

static struct task *ready_first;
static struct task **ready_end = &ready_first;

static inline void make_ready(struct task *task)
{
    task->next = NULL;
    *ready_end = task;
    ready_end = &task->next;
}

static void run_ready(void)
{
    struct task *task;

    while ((task = ready_first) != NULL) {
        ready_first = task->next;
        if (ready_first == NULL) ready_end = &ready_first;
        task->resume(task);
    }
}

/* yield: `param` tasks that do nothing but go to the back of the ready queue. */
static int yielder(struct task *task)
{
    PT_BEGIN(&task->pt);
    while (task->left-- > 0) {
        make_ready(task);
        PT_YIELD(&task->pt);
    }
    PT_END(&task->pt);
}

static void test_yield(long n, long tasks)
{
    struct task *const all = bench_alloc(tasks, sizeof *all);

    for (long i = 0; i < tasks; i++) {
        all[i].resume = yielder;
        all[i].left = n / tasks;
        make_ready(&all[i]);
    }
    bench_start();
    run_ready();
    bench_row("yield", tasks, bench_elapsed() / n);
    free(all);
}

/* nest: a yield at the bottom of `param` protothreads, each waiting for the next. */
static struct pt levels[128];
static long leaf_left;

static BENCH_NOINLINE int nest(struct task *task, int depth)
{
    struct pt *const pt = &levels[depth];

    PT_BEGIN(pt);
    if (depth > 1) {
        PT_SPAWN(pt, &levels[depth - 1], nest(task, depth - 1));
    }
    else {
        while (leaf_left-- > 0) {
            make_ready(task);
            PT_YIELD(pt);
        }
    }
    PT_END(pt);
}

static int nest_outermost(struct task *task)
{
    PT_BEGIN(&task->pt);
    PT_SPAWN(&task->pt, &levels[task->left], nest(task, (int)task->left));
    PT_END(&task->pt);
}

static void test_nest(long n, long depth)
{
    struct task self = {{0}, nest_outermost, NULL, depth, NULL};

    bench_check(depth < (long)BENCH_COUNT(levels), "nest is too deep");
    leaf_left = n;
    bench_start();
    make_ready(&self);
    run_ready();
    bench_row("nest", depth, bench_elapsed() / n);
}

/* call: wait for a child that finishes at once. */
static long sum;

static BENCH_NOINLINE int add_one(struct pt *pt)
{
    PT_BEGIN(pt);
    sum++;
    PT_END(pt);
}

static int call(struct task *task)
{
    static struct pt child;

    PT_BEGIN(&task->pt);
    while (task->left-- > 0) PT_SPAWN(&task->pt, &child, add_one(&child));
    PT_END(&task->pt);
}

static void test_call(long n, long param)
{
    struct task self = {{0}, call, NULL, n, NULL};

    bench_start();
    make_ready(&self);
    run_ready();
    bench_row("call", param, bench_elapsed() / n);
    bench_check(sum == n, "call");
}

/* spawn: start `param` tasks, wait until all have ended, again. */
static long running;

static int short_lived_body(struct task *task)
{
    PT_BEGIN(&task->pt);
    running--;
    PT_END(&task->pt);
}

static int short_lived(struct task *task)
{
    const int status = short_lived_body(task);

    if (status == PT_ENDED) free(task);
    return status;
}

static void test_spawn(long n, long size)
{
    bench_start();
    for (long done = 0; done < n; done += size) {
        for (long i = 0; i < size; i++) {
            struct task *const task = malloc(sizeof *task);
            *task = (struct task){{0}, short_lived, NULL, 0, NULL};
            running++;
            make_ready(task);
        }
        run_ready();
        bench_check(running == 0, "spawn");
    }
    bench_row("spawn", size, bench_elapsed() / n);
}

/* live: n tasks that are suspended at the same time. */
static struct task *parked;

static int live_body(struct task *task)
{
    PT_BEGIN(&task->pt);
    task->next = parked;
    parked = task;
    PT_YIELD(&task->pt);
    PT_END(&task->pt);
}

static int live(struct task *task)
{
    const int status = live_body(task);

    if (status == PT_ENDED) free(task);
    return status;
}

static void test_live(long n, long param)
{
    const long before = bench_resident_bytes();

    (void)param;
    bench_start();
    for (long i = 0; i < n; i++) {
        struct task *const task = malloc(sizeof *task);
        *task = (struct task){{0}, live, NULL, 0, NULL};
        make_ready(task);
    }
    run_ready();
    bench_row("live_bytes", n, (double)(bench_resident_bytes() - before) / n);
    while (parked != NULL) {
        struct task *const task = parked;
        parked = task->next;
        make_ready(task);
    }
    run_ready();
    bench_row("live_ns", n, bench_elapsed() / n);
}

/* queue, event: a protothread waits by asking for its condition at each call, so both tasks are
 * called in turn until they have ended. With two of them that is as cheap as it gets. */
typedef int (*protothread)(struct task *task);

static void poll_both(protothread first_body, struct task *first, protothread second_body,
                      struct task *second)
{
    /* Read each time: the compiler is not to put both bodies into this loop. */
    volatile const protothread call_first = first_body;
    volatile const protothread call_second = second_body;
    int first_is = PT_WAITING;
    int second_is = PT_WAITING;

    while (first_is == PT_WAITING || second_is == PT_WAITING) {
        if (first_is == PT_WAITING) first_is = call_first(first);
        if (second_is == PT_WAITING) second_is = call_second(second);
    }
}

/* queue: numbers go from one task to another through a ring that holds `param` of them. */
static struct {
    long items[64];
    long capacity;
    long length;
    long first;
} queue;

static long received;

static int producer(struct task *task)
{
    PT_BEGIN(&task->pt);
    while (task->left > 0) {
        PT_WAIT_UNTIL(&task->pt, queue.length < queue.capacity);
        long at = queue.first + queue.length;
        if (at >= queue.capacity) at -= queue.capacity;
        queue.items[at] = task->left--;
        queue.length++;
    }
    PT_END(&task->pt);
}

static int consumer(struct task *task)
{
    PT_BEGIN(&task->pt);
    while (task->left > 0) {
        PT_WAIT_UNTIL(&task->pt, queue.length > 0);
        received += queue.items[queue.first];
        if (++queue.first == queue.capacity) queue.first = 0;
        queue.length--;
        task->left--;
    }
    PT_END(&task->pt);
}

static void test_queue(long n, long capacity)
{
    struct task from = {{0}, producer, NULL, n, NULL};
    struct task to = {{0}, consumer, NULL, n, NULL};

    bench_check(capacity <= (long)BENCH_COUNT(queue.items), "capacity of the queue");
    queue.capacity = capacity;
    bench_start();
    poll_both(producer, &from, consumer, &to);
    bench_row("queue", capacity, bench_elapsed() / n);
    bench_check(received == bench_sum(n), "queue");
}

/* event: two tasks wake each other in turn. */
static volatile int turn[2];

static int leader(struct task *task)
{
    PT_BEGIN(&task->pt);
    while (task->left-- > 0) {
        turn[1] = 1;
        PT_WAIT_UNTIL(&task->pt, turn[0]);
        turn[0] = 0;
    }
    bench_check(((struct task *)task->argument)->left < 0, "event"); /* it answered each time */
    PT_END(&task->pt);
}

static int follower(struct task *task)
{
    PT_BEGIN(&task->pt);
    while (task->left-- > 0) {
        PT_WAIT_UNTIL(&task->pt, turn[1]);
        turn[1] = 0;
        turn[0] = 1;
    }
    PT_END(&task->pt);
}

static void test_event(long n, long param)
{
    struct task second = {{0}, follower, NULL, n / 2, NULL};
    struct task first = {{0}, leader, NULL, n / 2, &second};

    bench_start();
    poll_both(leader, &first, follower, &second);
    bench_row("event", param, bench_elapsed() / n);
}

/* gather: start `param` children that yield once, wait for all, add up their results; again. */
struct numbered {
    struct task task;
    long number;
    long result;
};

static int numbered(struct task *task)
{
    struct numbered *const self = (struct numbered *)task;

    PT_BEGIN(&task->pt);
    make_ready(task);
    PT_YIELD(&task->pt);
    self->result = self->number + 1;
    running--;
    PT_END(&task->pt);
}

static void test_gather(long n, long size)
{
    struct numbered *const children = bench_alloc(size, sizeof *children);
    long number = 0;
    long total = 0;

    bench_start();
    for (long done = 0; done < n; done++) {
        for (long i = 0; i < size; i++) {
            children[i] = (struct numbered){{{0}, numbered, NULL, 0, NULL}, number++, 0};
            running++;
            make_ready(&children[i].task);
        }
        run_ready();
        bench_check(running == 0, "gather");
        for (long i = 0; i < size; i++) total += children[i].result;
    }
    bench_row("gather", size, bench_elapsed() / n);
    bench_check(total == bench_sum(n * size), "gather");
    free(children);
}

/* group: start `param` children, in storage of the parent, wait for all; again. */
static long ended;

static int child_of_group(struct task *task)
{
    PT_BEGIN(&task->pt);
    ended++;
    running--;
    PT_END(&task->pt);
}

static void test_group(long n, long size)
{
    struct task *const children = bench_alloc(size, sizeof *children);

    bench_start();
    for (long done = 0; done < n; done += size) {
        for (long i = 0; i < size; i++) {
            children[i] = (struct task){{0}, child_of_group, NULL, 0, NULL};
            running++;
            make_ready(&children[i]);
        }
        run_ready();
        bench_check(running == 0, "group");
    }
    bench_row("group", size, bench_elapsed() / n);
    bench_check(ended == n, "group");
    free(children);
}

static const struct bench_test tests[] = {
    {"yield", test_yield}, {"nest", test_nest},     {"call", test_call},
    {"spawn", test_spawn}, {"live", test_live},     {"queue", test_queue},
    {"event", test_event}, {"gather", test_gather}, {"group", test_group},
};

int main(int argc, char **argv)
{
    return bench_main("protothreads", tests, BENCH_COUNT(tests), argc, argv);
}
