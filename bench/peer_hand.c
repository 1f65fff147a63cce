/* Peer `hand`: state machines written by hand. This is the yardstick, so it does nothing but the
 * work itself. */
#include "hand.h"
#include "post.h"

#include <sys/eventfd.h>

/* yield: `param` tasks that do nothing but go to the back of the ready queue */

static void yielder(struct task *task)
{
    switch (task->state) {
    case 0:
        task->state = 1;
        /* fall through */
    case 1:
        if (task->left-- <= 0) {
            task->state = 2;
            return;
        }
        make_ready(task);
    }
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

/* nest: a yield at the bottom of `param` functions, each waiting for the next */

/* Frames are linked to their callers. The task knows the innermost one, so that its depth costs
 * nothing. */
struct frame {
    struct frame *(*resume)(
        struct frame *frame); /* answers the frame to go on with, NULL to suspend */
    struct frame *caller;
    int state;
    long left;
    int depth;
};

struct frame_task {
    struct task task;
    struct frame *innermost;
};

static struct frame_task *current_frame_task;

static void resume_frames(struct task *task)
{
    struct frame_task *const self = (struct frame_task *)task;
    struct frame *frame = self->innermost;

    current_frame_task = self;
    while (frame != NULL) frame = frame->resume(frame);
}

static struct frame *frame_return(struct frame *frame)
{
    struct frame *const caller = frame->caller;

    if (caller != NULL) {
        current_frame_task->innermost = caller;
        free(frame);
    }
    return caller;
}

static struct frame *nest(struct frame *frame)
{
    struct frame *child;

    switch (frame->state) {
    case 0:
        if (frame->depth > 1) {
            child = malloc(sizeof *child);
            *child = (struct frame){nest, frame, 0, frame->left, frame->depth - 1};
            frame->state = 1;
            current_frame_task->innermost = child;
            return child;
        }
        frame->state = 2;
        /* fall through */
    case 2: /* the leaf, once for each yield */
        if (frame->left-- > 0) {
            make_ready(&current_frame_task->task);
            return NULL;
        }
        return frame_return(frame);
    case 1:
        /* the child has returned */
        return frame_return(frame);
    }
    return NULL;
}

static void test_nest(long n, long depth)
{
    struct frame outermost = {nest, NULL, 0, n, (int)depth};
    struct frame_task self = {{resume_frames, NULL, 0, 0, NULL}, &outermost};

    bench_start();
    make_ready(&self.task);
    run_ready();
    bench_row("nest", depth, bench_elapsed() / n);
}

/* call: await of a child that finishes at once; its frame is a part of the caller's */

struct child {
    int state;
    long argument;
    long result;
};

struct caller {
    struct task task;
    struct child child;
    long sum;
};

enum { CALL_FINISHED, CALL_SUSPENDED };

static BENCH_NOINLINE int add_one(struct child *child)
{
    if (child->state == 0) {
        child->result = child->argument + 1;
        child->state = -1;
    }
    return CALL_FINISHED;
}

static void call(struct task *task)
{
    struct caller *const self = (struct caller *)task;

    switch (task->state) {
    case 0:
        while (task->left-- > 0) {
            self->child.state = 0;
            self->child.argument = self->sum;
            task->state = 1;
            /* fall through */
        case 1:
            if (add_one(&self->child) == CALL_SUSPENDED) return;
            self->sum = self->child.result;
        }
    }
}

static void test_call(long n, long param)
{
    struct caller self = {{call, NULL, 0, n, NULL}, {0, 0, 0}, 0};

    bench_start();
    make_ready(&self.task);
    run_ready();
    bench_row("call", param, bench_elapsed() / n);
    bench_check(self.sum == n, "call");
}

/* spawn: start `param` tasks, wait until all have ended, again */

struct batch {
    long running;
    struct task *waiter;
};

struct spawner {
    struct task task;
    struct batch batch;
    long size;
};

static void short_lived(struct task *task)
{
    struct batch *const batch = task->argument;

    free(task);
    if (--batch->running == 0) make_ready(batch->waiter);
}

static void spawn(struct task *task)
{
    struct spawner *const self = (struct spawner *)task;
    const long size = self->size;

    if (task->left <= 0) return;
    task->left -= size;
    self->batch.running = size;
    self->batch.waiter = task;
    for (long i = 0; i < size; i++) {
        struct task *const child = malloc(sizeof *child);
        *child = (struct task){short_lived, NULL, 0, 0, &self->batch};
        make_ready(child);
    }
}

static void test_spawn(long n, long size)
{
    struct spawner self = {{spawn, NULL, 0, n, NULL}, {0, NULL}, size};

    bench_start();
    make_ready(&self.task);
    run_ready();
    bench_row("spawn", size, bench_elapsed() / n);
}

/* live: n tasks that are suspended at the same time */

static struct task *parked;

static void live(struct task *task)
{
    switch (task->state) {
    case 0:
        task->state = 1;
        task->next = parked;
        parked = task;
        return;
    case 1: free(task);
    }
}

static void test_live(long n, long param)
{
    const long before = bench_resident_bytes();

    (void)param;
    bench_start();
    for (long i = 0; i < n; i++) {
        struct task *const task = malloc(sizeof *task);
        *task = (struct task){live, NULL, 0, 0, NULL};
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

/* queue: numbers go from one task to another through a ring that holds `param` of them */

struct ring {
    long capacity;
    long length;
    long first;
    struct task *reader; /* waits for an item */
    struct task *writer; /* waits for a free place */
    long items[64];
};

static long received;

static void producer(struct task *task)
{
    struct ring *const ring = task->argument;
    long left = task->left;

    for (; left > 0; left--) {
        long at;

        if (ring->length == ring->capacity) {
            ring->writer = task;
            break;
        }
        at = ring->first + ring->length++;
        if (at >= ring->capacity) at -= ring->capacity;
        ring->items[at] = left;
        if (ring->reader != NULL) {
            make_ready(ring->reader);
            ring->reader = NULL;
        }
    }
    task->left = left;
}

static void consumer(struct task *task)
{
    struct ring *const ring = task->argument;
    long left = task->left;

    for (; left > 0; left--) {
        if (ring->length == 0) {
            ring->reader = task;
            break;
        }
        ring->length--;
        received += ring->items[ring->first];
        if (++ring->first == ring->capacity) ring->first = 0;
        if (ring->writer != NULL) {
            make_ready(ring->writer);
            ring->writer = NULL;
        }
    }
    task->left = left;
}

static void test_queue(long n, long capacity)
{
    struct ring ring = {capacity, 0, 0, NULL, NULL, {0}};
    struct task from = {producer, NULL, 0, n, &ring};
    struct task to = {consumer, NULL, 0, n, &ring};

    bench_check(capacity <= (long)BENCH_COUNT(ring.items), "capacity of the queue");
    bench_start();
    make_ready(&from);
    make_ready(&to);
    run_ready();
    bench_row("queue", capacity, bench_elapsed() / n);
    bench_check(received == bench_sum(n), "queue");
}

/* event: two tasks wake each other in turn */

static struct event turn[2];

static void player(struct task *task)
{
    const int me = task->argument != NULL;

    for (;;) {
        switch (task->state) {
        case 0:
            if (task->left-- <= 0) return;
            event_set(&turn[!me]);
            task->state = 1;
            /* fall through */
        case 1:
            if (!turn[me].is_set) {
                turn[me].waiter = task;
                return;
            }
            turn[me].is_set = 0;
            task->state = 0;
        }
    }
}

static void test_event(long n, long param)
{
    struct task first = {player, NULL, 0, n / 2, NULL};
    struct task second = {player, NULL, 1, n / 2, &second};

    bench_start();
    make_ready(&first);
    make_ready(&second);
    run_ready();
    bench_row("event", param, bench_elapsed() / n);
    /* The first has ended, the second waits for it: had they not waited, both would have ended. */
    bench_check(first.left < 0 && second.left == 0, "event");
}

/* mutex: `param` tasks take a lock in turn, and let the others run while they hold it */

struct locker {
    struct task task;
    long seen;
};

static struct {
    int is_held;
    struct task *first;
    struct task **end;
} lock = {0, NULL, &lock.first};

static long guarded;

static void locker(struct task *task)
{
    struct locker *const self = (struct locker *)task;
    struct task *next;

    for (;;) {
        switch (task->state) {
        case 0:
            if (task->left-- <= 0) return;
            task->state = 1;
            if (lock.is_held) {
                task->next = NULL;
                *lock.end = task;
                lock.end = &task->next;
                return;
            }
            lock.is_held = 1;
            /* fall through */
        case 1: /* the lock is ours */
            self->seen = guarded;
            task->state = 2;
            make_ready(task);
            return;
        case 2:
            guarded = self->seen + 1;
            task->state = 0;
            next = lock.first;
            if (next != NULL) { /* it stays held, by the next one */
                lock.first = next->next;
                if (lock.first == NULL) lock.end = &lock.first;
                make_ready(next);
            }
            else {
                lock.is_held = 0;
            }
        }
    }
}

static void test_mutex(long n, long tasks)
{
    struct locker *const all = bench_alloc(tasks, sizeof *all);

    bench_start();
    for (long i = 0; i < tasks; i++) {
        all[i].task.resume = locker;
        all[i].task.left = n / tasks;
        make_ready(&all[i].task);
    }
    run_ready();
    bench_row("mutex", tasks, bench_elapsed() / n);
    bench_check(guarded == n / tasks * tasks, "mutex"); /* nobody came in between */
    free(all);
}

/* gather: start `param` children that yield once, wait for all, add up their results; again */

struct numbered {
    struct task task;
    long number;
    long result;
};

struct gatherer {
    struct task task;
    struct batch batch;
    struct numbered *children;
    long size;
    long number;
    long sum;
};

static void numbered(struct task *task)
{
    struct numbered *const self = (struct numbered *)task;
    struct batch *const batch = task->argument;

    switch (task->state) {
    case 0:
        task->state = 1;
        make_ready(task);
        return;
    case 1:
        self->result = self->number + 1;
        if (--batch->running == 0) make_ready(batch->waiter);
    }
}

static void gather(struct task *task)
{
    struct gatherer *const self = (struct gatherer *)task;
    const long size = self->size;

    switch (task->state) {
    case 1:
        for (long i = 0; i < size; i++) self->sum += self->children[i].result;
        /* fall through */
    case 0:
        if (task->left-- <= 0) return;
        self->batch.running = size;
        self->batch.waiter = task;
        for (long i = 0; i < size; i++) {
            struct numbered *const child = &self->children[i];
            *child = (struct numbered){{numbered, NULL, 0, 0, &self->batch}, self->number++, 0};
            make_ready(&child->task);
        }
        task->state = 1;
    }
}

static void test_gather(long n, long size)
{
    struct gatherer self = {{gather, NULL, 0, n, NULL}, {0, NULL}, NULL, size, 0, 0};

    self.children = bench_alloc(size, sizeof *self.children);
    bench_start();
    make_ready(&self.task);
    run_ready();
    bench_row("gather", size, bench_elapsed() / n);
    bench_check(self.sum == bench_sum(n * size), "gather");
    free(self.children);
}

/* group: start `param` children, in storage of the parent, wait for all; again */

struct parent {
    struct task task;
    struct batch batch;
    struct task *children;
    long size;
};

static long ended;

static void child_of_group(struct task *task)
{
    struct batch *const batch = task->argument;

    ended++;
    if (--batch->running == 0) make_ready(batch->waiter);
}

static void group(struct task *task)
{
    struct parent *const self = (struct parent *)task;
    const long size = self->size;

    if (task->left <= 0) return;
    task->left -= size;
    self->batch.running = size;
    self->batch.waiter = task;
    for (long i = 0; i < size; i++) {
        self->children[i] = (struct task){child_of_group, NULL, 0, 0, &self->batch};
        make_ready(&self->children[i]);
    }
}

static void test_group(long n, long size)
{
    struct parent self = {{group, NULL, 0, n, NULL}, {0, NULL}, NULL, size};

    self.children = bench_alloc(size, sizeof *self.children);
    bench_start();
    make_ready(&self.task);
    run_ready();
    bench_row("group", size, bench_elapsed() / n);
    bench_check(ended == n, "group");
    free(self.children);
}

/* timers: a heap with four children a node; each timer knows its place, so that it can leave */

struct timer {
    uint64_t at;
    long index;
};

struct heap_entry {
    uint64_t at;
    struct timer *timer;
};

static struct heap_entry *heap;
static long heap_size;

static inline void heap_put(long index, struct heap_entry entry)
{
    heap[index] = entry;
    entry.timer->index = index;
}

static void heap_up(long index)
{
    const struct heap_entry entry = heap[index];

    while (index > 0) {
        const long parent = (index - 1) >> 2;
        if (heap[parent].at <= entry.at) break;
        heap_put(index, heap[parent]);
        index = parent;
    }
    heap_put(index, entry);
}

static void heap_down(long index)
{
    const struct heap_entry entry = heap[index];

    for (;;) {
        const long first = 4 * index + 1;
        const long end = first + 4 < heap_size ? first + 4 : heap_size;
        long least = first;

        if (first >= heap_size) break;
        for (long child = first + 1; child < end; child++) {
            if (heap[child].at < heap[least].at) least = child;
        }
        if (heap[least].at >= entry.at) break;
        heap_put(index, heap[least]);
        index = least;
    }
    heap_put(index, entry);
}

static void timer_arm(struct timer *timer, uint64_t at)
{
    const long index = heap_size++;

    timer->at = at;
    heap[index] = (struct heap_entry){at, timer};
    heap_up(index);
}

static void timer_cancel(struct timer *timer)
{
    const long index = timer->index;

    heap_size--;
    if (index == heap_size) return;
    heap_put(index, heap[heap_size]);
    if (index > 0 && heap[index].at < heap[(index - 1) >> 2].at)
        heap_up(index);
    else
        heap_down(index);
}

/* timer: n timers due at random in 10 seconds (of a clock that we make up): arm all; cancel all;
 * fire all. */
static void test_timer(long n, long param)
{
    struct timer *const timers = bench_alloc(n, sizeof *timers);
    uint64_t *const due = bench_alloc(n, sizeof *due);
    long fired = 0;

    (void)param;
    heap = bench_alloc(n, sizeof *heap);
    for (long i = 0; i < n; i++) due[i] = bench_random() % 10000000000u;

    bench_start();
    for (long i = 0; i < n; i++) timer_arm(&timers[i], due[i]);
    bench_row("timer_arm", n, bench_elapsed() / n);

    bench_start();
    for (long i = 0; i < n; i++) timer_cancel(&timers[i]);
    bench_row("timer_cancel", n, bench_elapsed() / n);

    for (long i = 0; i < n; i++) timer_arm(&timers[i], due[i]);
    bench_start();
    while (heap_size > 0) {
        timer_cancel(heap[0].timer);
        fired++;
    }
    bench_row("timer_fire", n, bench_elapsed() / n);
    bench_check(fired == n, "timer");
}

/* timeout: two tasks wake each other in turn; each wait is guarded by a timeout of 30 seconds */

static struct timer guard[2];

static void guarded_player(struct task *task)
{
    const int me = task->argument != NULL;

    for (;;) {
        switch (task->state) {
        case 0:
            if (task->left-- <= 0) return;
            event_set(&turn[!me]);
            task->state = 1;
            /* fall through */
        case 1:
            if (!turn[me].is_set) {
                turn[me].waiter = task;
                timer_arm(&guard[me], 30000000000u);
                task->state = 2;
                return;
            }
            turn[me].is_set = 0;
            task->state = 0;
            break;
        case 2:
            /* woken in time */
            timer_cancel(&guard[me]);
            task->state = 1;
        }
    }
}

static void test_timeout(long n, long others)
{
    struct timer *const timers = bench_alloc(others, sizeof *timers);
    struct task first = {guarded_player, NULL, 0, n / 2, NULL};
    struct task second = {guarded_player, NULL, 1, n / 2, &second};

    heap = bench_alloc(others + 2, sizeof *heap);
    for (long i = 0; i < others; i++)
        timer_arm(&timers[i], 20000000000u + (uint64_t)i * 1000000u % 10000000000u);

    bench_start();
    make_ready(&first);
    make_ready(&second);
    run_ready();
    bench_row("timeout", others, bench_elapsed() / n);
    bench_check(first.left < 0, "timeout");
}

/* callsoon: `param` callbacks, each puts itself into the ready queue again */

static long calls_left;

static void callback(struct task *task)
{
    if (calls_left-- > 0) make_ready(task);
}

static void test_callsoon(long n, long callbacks)
{
    struct task *const all = bench_alloc(callbacks, sizeof *all);

    calls_left = n;
    for (long i = 0; i < callbacks; i++) {
        all[i].resume = callback;
        make_ready(&all[i]);
    }
    bench_start();
    run_ready();
    bench_row("callsoon", callbacks, bench_elapsed() / n);
    free(all);
}

/* post: another thread puts callbacks into the loop, which sleeps on an eventfd when it has none */

static int bell;

static void ring(void)
{
    const uint64_t one = 1;

    if (write(bell, &one, sizeof one) != sizeof one) abort();
}

static void answer(void)
{
    while (letters_read < letters_sent) {
        uint64_t rings;

        if (read(bell, &rings, sizeof rings) != sizeof rings) abort();
        open_post();
    }
}

static void test_post(long n, long param)
{
    bell = eventfd(0, 0);
    bench_post(n, param, ring, answer);
    close(bell);
}

static const struct bench_test tests[] = {
    {"yield", test_yield},       {"nest", test_nest},   {"call", test_call},
    {"spawn", test_spawn},       {"live", test_live},   {"queue", test_queue},
    {"event", test_event},       {"mutex", test_mutex}, {"gather", test_gather},
    {"group", test_group},       {"timer", test_timer}, {"timeout", test_timeout},
    {"callsoon", test_callsoon}, {"post", test_post},
};

int main(int argc, char **argv)
{
    return bench_main("hand", tests, BENCH_COUNT(tests), argc, argv);
}
