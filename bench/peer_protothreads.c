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

static const struct bench_test tests[] = {
    {"yield", test_yield}, {"nest", test_nest}, {"call", test_call},
    {"spawn", test_spawn}, {"live", test_live},
};

int main(int argc, char **argv)
{
    return bench_main("protothreads", tests, BENCH_COUNT(tests), argc, argv);
}
