/* Queues. */
#include "numbers.h"

typedef cedo_queue_of(int, 3) jobs_type;
static jobs_type jobs = CEDO_QUEUE_INIT(jobs);

static void begin(void)
{
    open_world();
    cedo_queue_init(&jobs);
}

struct getter {
    cedo_coro coro;
    const char *name;
    int count;
    int item, status, i;
};

static cedo_async(getter)
{
    cedo_body(struct getter, self) {
        for (self->i = 0; self->i < self->count; self->i++) {
            cedo_catch(self->status, cedo_queue_get(&jobs.queue, &self->item));
            mark("%s%s%d", self->name, self->status ? "!" : "", self->status ? 0 : self->item);
            if (self->status) cedo_throw(self->status);
        }
    }
}

struct putter {
    cedo_coro coro;
    const char *name;
    int first, count;
    int item, status;
};

static cedo_async(putter)
{
    cedo_body(struct putter, self) {
        for (self->item = self->first; self->item < self->first + self->count; self->item++) {
            cedo_catch(self->status, cedo_queue_put(&jobs.queue, &self->item));
            mark("%s%s", self->name, self->status ? "!" : "");
            if (self->status) cedo_throw(self->status);
        }
    }
}

START_TEST(a_queue_can_be_initialised_statically)
{
    static cedo_queue_of(short, 2) fresh = CEDO_QUEUE_INIT(fresh);
    short item = 5;
    ck_assert_uint_eq(cedo_queue_size(&fresh.queue), 0);
    ck_assert_int_eq(cedo_queue_put_nowait(&fresh.queue, &item), CEDO_OK);
    item = 6;
    ck_assert_int_eq(cedo_queue_put_nowait(&fresh.queue, &item), CEDO_OK);
    ck_assert_int_eq(cedo_queue_put_nowait(&fresh.queue, &item), CEDO_EAGAIN);
    ck_assert_int_eq(cedo_queue_get_nowait(&fresh.queue, &item), CEDO_OK);
    ck_assert_int_eq(item, 5);
}
END_TEST

START_TEST(QUEUE_01_items_getters_and_putters_are_served_in_order)
{
    static cedo_task_of(getter) a, b, c;
    static cedo_task_of(putter) x, y, z;
    int item;
    begin();
    start(&a, getter, .name = "a", .count = 1);
    start(&b, getter, .name = "b", .count = 1);
    start(&c, getter, .name = "c", .count = 1);
    turns(1);
    for (item = 1; item <= 3; item++)
        ck_assert_int_eq(cedo_queue_put_nowait(&jobs.queue, &item), CEDO_OK);
    turns(1);
    ck_trail("a1 b2 c3");
    for (item = 1; item <= 3; item++)
        ck_assert_int_eq(cedo_queue_put_nowait(&jobs.queue, &item), CEDO_OK);
    start(&x, putter, .name = "x", .first = 4, .count = 1);
    start(&y, putter, .name = "y", .first = 5, .count = 1);
    start(&z, putter, .name = "z", .first = 6, .count = 1);
    turns(1);
    ck_trail("");
    for (int i = 1; i <= 6; i++) {
        ck_assert_int_eq(cedo_queue_get_nowait(&jobs.queue, &item), CEDO_OK);
        ck_assert_int_eq(item, i);
        turns(1);
    }
    ck_trail("x y z");
    close_world();
}
END_TEST

START_TEST(QUEUE_02_get_and_put_that_need_not_wait_do_not_yield)
{
    static cedo_task_of(getter) get;
    static cedo_task_of(putter) put;
    begin();
    start(&put, putter, .name = "p", .first = 1, .count = 3);
    start(&get, getter, .name = "g", .count = 3);
    turns(1);
    ck_trail("p p p g1 g2 g3");
    close_world();
}
END_TEST

START_TEST(QUEUE_03_put_waits_while_the_queue_is_full)
{
    static cedo_task_of(putter) put;
    int item;
    begin();
    start(&put, putter, .name = "p", .first = 1, .count = 5);
    turns(3);
    ck_trail("p p p");
    ck_assert_uint_eq(cedo_queue_size(&jobs.queue), 3);
    ck_assert_int_eq(cedo_queue_get_nowait(&jobs.queue, &item), CEDO_OK);
    turns(2);
    ck_trail("p");
    for (int i = 2; i <= 5; i++) {
        ck_assert_int_eq(cedo_queue_get_nowait(&jobs.queue, &item), CEDO_OK);
        ck_assert_int_eq(item, i);
        turns(1);
    }
    ck_trail("p");
    ck_assert_uint_eq(cedo_queue_size(&jobs.queue), 0);
    close_world();
}
END_TEST

START_TEST(QUEUE_04_without_waiting_a_full_or_empty_queue_says_EAGAIN)
{
    int item = 7;
    begin();
    ck_assert_int_eq(cedo_queue_get_nowait(&jobs.queue, &item), CEDO_EAGAIN);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(cedo_queue_put_nowait(&jobs.queue, &item), CEDO_OK);
    ck_assert_int_eq(cedo_queue_put_nowait(&jobs.queue, &item), CEDO_EAGAIN);
    close_world();
}
END_TEST

START_TEST(QUEUE_05_a_woken_getter_that_finds_nothing_waits_again)
{
    static cedo_task_of(getter) slow;
    int item = 1, stolen;
    begin();
    start(&slow, getter, .name = "g", .count = 1);
    turns(1);
    ck_assert_int_eq(cedo_queue_put_nowait(&jobs.queue, &item), CEDO_OK);
    ck_assert_int_eq(cedo_queue_get_nowait(&jobs.queue, &stolen), CEDO_OK);
    turns(3);
    ck_trail("");
    ck_assert(!cedo_task_done(&slow.task));
    item = 2;
    ck_assert_int_eq(cedo_queue_put_nowait(&jobs.queue, &item), CEDO_OK);
    turns(1);
    ck_trail("g2");
    close_world();
}
END_TEST

START_TEST(a_woken_putter_that_finds_no_place_waits_again)
{
    static cedo_task_of(putter) slow;
    int item = 9;
    begin();
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(cedo_queue_put_nowait(&jobs.queue, &item), CEDO_OK);
    start(&slow, putter, .name = "p", .first = 4, .count = 1);
    turns(1);
    ck_assert_int_eq(cedo_queue_get_nowait(&jobs.queue, &item), CEDO_OK);
    ck_assert_int_eq(cedo_queue_put_nowait(&jobs.queue, &item), CEDO_OK); /* the place is taken */
    turns(3);
    ck_trail("");
    ck_assert_int_eq(cedo_queue_get_nowait(&jobs.queue, &item), CEDO_OK);
    turns(1);
    ck_trail("p");
    close_world();
}
END_TEST

START_TEST(QUEUE_06_a_getter_cancelled_after_it_was_woken_passes_the_wake_up_on)
{
    static cedo_task_of(getter) a, b, c;
    int item = 1;
    begin();
    start(&a, getter, .name = "a", .count = 1);
    start(&b, getter, .name = "b", .count = 1);
    start(&c, getter, .name = "c", .count = 1);
    turns(1);
    ck_assert(cedo_task_cancel(&b.task)); /* while it waits: gone from the ring */
    ck_assert_int_eq(cedo_queue_put_nowait(&jobs.queue, &item), CEDO_OK);
    ck_assert(cedo_task_cancel(&a.task)); /* woken already */
    turns(2);
    ck_trail("b!0 a!0 c1");
    ck_assert(cedo_ring_is_empty(&jobs.queue.ends[0].waiters));
    /* nobody else is there: the item stays */
    start(&a, getter, .name = "a", .count = 1);
    turns(1);
    ck_assert_int_eq(cedo_queue_put_nowait(&jobs.queue, &item), CEDO_OK);
    ck_assert(cedo_task_cancel(&a.task));
    turns(2);
    ck_assert_uint_eq(cedo_queue_size(&jobs.queue), 1);
    /* woken, cancelled, and the item gone: nobody is woken for nothing */
    ck_assert_int_eq(cedo_queue_get_nowait(&jobs.queue, &item), CEDO_OK);
    start(&a, getter, .name = "a", .count = 1);
    start(&b, getter, .name = "b", .count = 1);
    turns(1);
    ck_assert_int_eq(cedo_queue_put_nowait(&jobs.queue, &item), CEDO_OK);
    ck_assert_int_eq(cedo_queue_get_nowait(&jobs.queue, &item), CEDO_OK);
    ck_assert(cedo_task_cancel(&a.task));
    turns(2);
    ck_assert(!cedo_task_done(&b.task));
    ck_assert(cedo_task_cancel(&b.task));
    turns(1);
    close_world();
}
END_TEST

START_TEST(QUEUE_07_a_cancelled_putter_stores_nothing_and_passes_its_place_on)
{
    static cedo_task_of(putter) a, b, c;
    int item;
    begin();
    for (item = 1; item <= 3; item++)
        ck_assert_int_eq(cedo_queue_put_nowait(&jobs.queue, &item), CEDO_OK);
    start(&a, putter, .name = "a", .first = 10, .count = 1);
    start(&b, putter, .name = "b", .first = 20, .count = 1);
    start(&c, putter, .name = "c", .first = 30, .count = 1);
    turns(1);
    ck_assert(cedo_task_cancel(&b.task));
    ck_assert_int_eq(cedo_queue_get_nowait(&jobs.queue, &item), CEDO_OK);
    ck_assert(cedo_task_cancel(&a.task)); /* woken for the place */
    turns(2);
    ck_trail("b! a! c");
    ck_assert_uint_eq(cedo_queue_size(&jobs.queue), 3);
    ck_assert_int_eq(cedo_queue_get_nowait(&jobs.queue, &item), CEDO_OK);
    ck_assert_int_eq(cedo_queue_get_nowait(&jobs.queue, &item), CEDO_OK);
    ck_assert_int_eq(cedo_queue_get_nowait(&jobs.queue, &item), CEDO_OK);
    ck_assert_int_eq(item, 30);
    /* woken, cancelled, and the place gone */
    for (item = 1; item <= 3; item++)
        ck_assert_int_eq(cedo_queue_put_nowait(&jobs.queue, &item), CEDO_OK);
    start(&a, putter, .name = "a", .first = 10, .count = 1);
    start(&b, putter, .name = "b", .first = 20, .count = 1);
    turns(1);
    ck_assert_int_eq(cedo_queue_get_nowait(&jobs.queue, &item), CEDO_OK);
    ck_assert_int_eq(cedo_queue_put_nowait(&jobs.queue, &item), CEDO_OK);
    ck_assert(cedo_task_cancel(&a.task));
    turns(2);
    ck_assert(!cedo_task_done(&b.task));
    ck_assert(cedo_task_cancel(&b.task));
    turns(1);
    close_world();
}
END_TEST

#if CEDO_SCOPES
struct limited {
    cedo_coro coro;
    int item, status;
    cedo_timeout timeout;
};

static cedo_async(limited)
{
    cedo_body(struct limited, self) {
        cedo_catch(self->status, cedo_wait_for(&self->timeout, CEDO_MS(10),
                                               cedo_queue_get(&jobs.queue, &self->item)));
    }
}

static cedo_handle puts_late;

static cedo_status put_one(void *arg)
{
    (void)arg;
    static const int item = 42;
    return cedo_queue_put_nowait(&jobs.queue, &item);
}

START_TEST(QUEUE_12_a_timed_out_get_consumes_nothing)
{
    static cedo_task_of(limited) task;
    need_cheap_clock();
    begin();
    ck_assert_int_eq(run(&task, limited), CEDO_OK);
    ck_assert_int_eq(task.frame.status, CEDO_ETIMEDOUT);
    ck_assert_int_eq(put_one(NULL), CEDO_OK);
    turns(1);
    ck_assert_uint_eq(cedo_queue_size(&jobs.queue), 1);
    ck_assert_int_eq(run(&task, limited), CEDO_OK);
    ck_assert_int_eq(task.frame.item, 42);
    /* in the same turn as the deadline, whichever comes first */
    for (int ms = 9; ms <= 11; ms++) {
        start(&task, limited);
        turns(1);
        ck_assert_int_eq(cedo_call_later(&loop, &puts_late, CEDO_MS(ms), put_one, NULL), CEDO_OK);
        cedo_sim_advance(&loop, CEDO_MS(20));
        ck_assert_int_eq(finish(&task), CEDO_OK);
        ck_assert_int_eq(task.frame.status, CEDO_ETIMEDOUT);
        ck_assert_uint_eq(cedo_queue_size(&jobs.queue), 1);
        ck_assert_int_eq(cedo_queue_get_nowait(&jobs.queue, &task.frame.item), CEDO_OK);
    }
    close_world();
}
END_TEST
#endif

/* ------------------------------------------------------------- join, shutdown, other kinds */

/* Gets from any queue, once; marks what came of it. */
struct taker {
    cedo_coro coro;
    cedo_queue *queue;
    const char *name;
    int item, status;
};

static const char *word_for(int status)
{
    return status == CEDO_END         ? "-end"
           : status == CEDO_ECLOSED   ? "-closed"
           : status == CEDO_ECANCELED ? "-cancelled"
           : status == CEDO_OK        ? ""
                                      : "-?";
}

static cedo_async(taker)
{
    cedo_body(struct taker, self) {
        self->item = -1;
        cedo_catch(self->status, cedo_queue_get(self->queue, &self->item));
        if (self->status)
            mark("%s%s", self->name, word_for(self->status));
        else
            mark("%s%d", self->name, self->item);
        if (self->status) ck_assert_int_eq(self->item, -1);
    }
}

/* Puts, once. */
struct giver {
    cedo_coro coro;
    cedo_queue *queue;
    const char *name;
    int item, status;
};

static cedo_async(giver)
{
    cedo_body(struct giver, self) {
        cedo_catch(self->status, cedo_queue_put(self->queue, &self->item));
        mark("%s%s", self->name, word_for(self->status));
    }
}

struct joiner {
    cedo_coro coro;
    cedo_queue *queue;
    const char *name;
    int status;
};

static cedo_async(joiner)
{
    cedo_body(struct joiner, self) {
        cedo_catch(self->status, cedo_queue_join(self->queue));
        mark("%s%s", self->name, word_for(self->status));
    }
}

typedef cedo_lifo_queue_of(int, 3) stack_type;
typedef cedo_priority_queue_of(int, 3) ranked_type;
static stack_type stack = CEDO_LIFO_QUEUE_INIT(stack);
static ranked_type ranked = CEDO_PRIORITY_QUEUE_INIT(ranked, compare_tens);

/* All kinds, of three places each, empty. */
enum { KINDS = 3 };
static cedo_queue *const kinds[KINDS] = {&jobs.queue, &stack.queue, &ranked.queue};

static void begin_all(void)
{
    begin();
    cedo_lifo_queue_init(&stack);
    cedo_priority_queue_init(&ranked, compare_tens);
}

struct wide {
    int32_t numbers[4];
};

static int compare_wide(const void *a, const void *b)
{
    const struct wide *const x = (const struct wide *)a, *const y = (const struct wide *)b;
    return (x->numbers[3] > y->numbers[3]) - (x->numbers[3] < y->numbers[3]);
}

START_TEST(queues_of_all_kinds_can_be_initialised_statically)
{
    static cedo_queue_of(struct wide, 2) wide = CEDO_QUEUE_INIT(wide);
    static cedo_lifo_queue_of(struct wide, 2) newest = CEDO_LIFO_QUEUE_INIT(newest);
    static cedo_priority_queue_of(struct wide, 2) least =
        CEDO_PRIORITY_QUEUE_INIT(least, compare_wide);
    cedo_queue *const queues[] = {&wide.queue, &newest.queue, &least.queue};
    static const int32_t expected[] = {70000, -70000, -70000};
    static struct wide item;
    for (int k = 0; k < 3; k++) {
        item.numbers[3] = 70000;
        ck_assert_int_eq(cedo_queue_put_nowait(queues[k], &item), CEDO_OK);
        item.numbers[3] = -70000;
        ck_assert_int_eq(cedo_queue_put_nowait(queues[k], &item), CEDO_OK);
        ck_assert_int_eq(cedo_queue_get_nowait(queues[k], &item), CEDO_OK);
        ck_assert_int_eq(item.numbers[3], expected[k]);
    }
    put(&stack.queue, 1);
    put(&stack.queue, 2);
    ck_assert_int_eq(get(&stack.queue), 2);
    ck_assert_uint_eq(cedo_queue_maxsize(&stack.queue), 3);
    put(&ranked.queue, 20);
    put(&ranked.queue, 10);
    ck_assert_int_eq(get(&ranked.queue), 10);
    ck_assert_uint_eq(cedo_queue_maxsize(&ranked.queue), 3);
}
END_TEST

START_TEST(QUEUE_03_every_kind_knows_how_full_it_is_and_waits_when_it_is)
{
    static cedo_task_of(giver) a, b;
    int item = 50;
    begin_all();
    for (int k = 0; k < KINDS; k++) {
        cedo_queue *const queue = kinds[k];
        ck_assert_uint_eq(cedo_queue_maxsize(queue), 3);
        ck_assert(cedo_queue_empty(queue) && !cedo_queue_full(queue));
        ck_assert_int_eq(cedo_queue_get_nowait(queue, &item), CEDO_EAGAIN);
        for (unsigned i = 0; i < 3; i++) {
            ck_assert_uint_eq(cedo_queue_size(queue), i);
            ck_assert(!cedo_queue_full(queue));
            put(queue, 50);
            ck_assert(!cedo_queue_empty(queue));
        }
        ck_assert(cedo_queue_full(queue));
        ck_assert_int_eq(cedo_queue_put_nowait(queue, &item), CEDO_EAGAIN);
        start(&a, giver, .queue = queue, .name = "a", .item = 60);
        start(&b, giver, .queue = queue, .name = "b", .item = 70);
        turns(2);
        ck_trail("");
        ck_assert_int_eq(get(queue), 50);
        turns(2);
        ck_trail("a");
        ck_assert(cedo_queue_full(queue));
        (void)get(queue);
        turns(2);
        ck_trail("b");
        (void)get(queue);
        (void)get(queue);
        (void)get(queue);
        ck_assert(cedo_queue_empty(queue));
    }
    close_world();
}
END_TEST

START_TEST(QUEUE_11_a_lifo_queue_gives_the_newest)
{
    static cedo_task_of(taker) task;
    begin_all();
    for (int i = 1; i <= 3; i++) put(&stack.queue, i);
    ck_assert_int_eq(get(&stack.queue), 3);
    put(&stack.queue, 4);
    ck_assert_int_eq(get(&stack.queue), 4);
    ck_assert_int_eq(get(&stack.queue), 2);
    ck_assert_int_eq(get(&stack.queue), 1);
    start(&task, taker, .queue = &stack.queue, .name = "t");
    turns(1);
    put(&stack.queue, 5);
    put(&stack.queue, 6); /* before it runs */
    turns(1);
    ck_trail("t6");
    ck_assert_int_eq(get(&stack.queue), 5);
    close_world();
}
END_TEST

START_TEST(QUEUE_05_a_woken_waiter_of_any_kind_waits_again_if_another_was_faster)
{
    static cedo_task_of(taker) t;
    static cedo_task_of(giver) g;
    begin_all();
    for (int k = 0; k < KINDS; k++) {
        start(&t, taker, .queue = kinds[k], .name = "t");
        turns(1);
        put(kinds[k], 10);
        ck_assert_int_eq(get(kinds[k]), 10);
        turns(2);
        ck_trail("");
        put(kinds[k], 20);
        turns(1);
        ck_trail("t20");
        for (int i = 0; i < 3; i++) put(kinds[k], 10);
        start(&g, giver, .queue = kinds[k], .name = "g", .item = 30);
        turns(1);
        (void)get(kinds[k]);
        put(kinds[k], 10);
        turns(2);
        ck_trail("");
        (void)get(kinds[k]);
        turns(1);
        ck_trail("g");
        for (int i = 0; i < 3; i++) (void)get(kinds[k]);
    }
    close_world();
}
END_TEST

START_TEST(QUEUE_06_a_cancelled_getter_of_any_kind_takes_nothing_and_passes_on)
{
    static cedo_task_of(taker) a, b, c;
    begin_all();
    for (int k = 0; k < KINDS; k++) {
        cedo_queue *const queue = kinds[k];
        start(&a, taker, .queue = queue, .name = "a");
        start(&b, taker, .queue = queue, .name = "b");
        start(&c, taker, .queue = queue, .name = "c");
        turns(1);
        ck_assert(cedo_task_cancel(&b.task)); /* before */
        put(queue, 10);
        ck_assert(cedo_task_cancel(&a.task)); /* after its wake-up */
        turns(2);
        ck_trail("b-cancelled a-cancelled c10");
        ck_assert(cedo_ring_is_empty(&queue->ends[0].waiters));
        /* after its wake-up, and another one took the item: nobody is woken for nothing */
        start(&a, taker, .queue = queue, .name = "a");
        start(&b, taker, .queue = queue, .name = "b");
        turns(1);
        put(queue, 10);
        ck_assert_int_eq(get(queue), 10);
        ck_assert(cedo_task_cancel(&a.task));
        turns(2);
        ck_trail("a-cancelled");
        ck_assert_ptr_eq(cedo_ring_first(&queue->ends[0].waiters), &b.task.entry.node);
        put(queue, 20);
        turns(1);
        ck_trail("b20");
        /* nobody is there to take over */
        start(&a, taker, .queue = queue, .name = "a");
        turns(1);
        put(queue, 10);
        ck_assert(cedo_task_cancel(&a.task));
        turns(1);
        ck_trail("a-cancelled");
        ck_assert_int_eq(get(queue), 10);
    }
    close_world();
}
END_TEST

START_TEST(QUEUE_07_a_cancelled_putter_of_any_kind_stores_nothing_and_passes_on)
{
    static cedo_task_of(giver) a, b, c;
    begin_all();
    for (int k = 0; k < KINDS; k++) {
        cedo_queue *const queue = kinds[k];
        for (int i = 0; i < 3; i++) put(queue, 10);
        start(&a, giver, .queue = queue, .name = "a", .item = 20);
        start(&b, giver, .queue = queue, .name = "b", .item = 30);
        start(&c, giver, .queue = queue, .name = "c", .item = 0);
        turns(1);
        ck_assert(cedo_task_cancel(&b.task)); /* before */
        (void)get(queue);
        ck_assert(cedo_task_cancel(&a.task)); /* after its wake-up */
        turns(2);
        ck_trail("b-cancelled a-cancelled c");
        ck_assert(cedo_ring_is_empty(&queue->ends[1].waiters));
        ck_assert_int_eq(get(queue) + get(queue) + get(queue), 20);
        /* after its wake-up, and the place is gone */
        for (int i = 0; i < 3; i++) put(queue, 10);
        start(&a, giver, .queue = queue, .name = "a", .item = 20);
        start(&b, giver, .queue = queue, .name = "b", .item = 30);
        turns(1);
        (void)get(queue);
        put(queue, 10);
        ck_assert(cedo_task_cancel(&a.task));
        turns(2);
        ck_trail("a-cancelled");
        ck_assert_ptr_eq(cedo_ring_first(&queue->ends[1].waiters), &b.task.entry.node);
        (void)get(queue);
        turns(1);
        ck_trail("b");
        for (int i = 0; i < 3; i++) (void)get(queue);
        ck_assert(cedo_queue_empty(queue));
    }
    close_world();
}
END_TEST

START_TEST(QUEUE_08_join_waits_until_every_item_is_done)
{
    static cedo_task_of(joiner) a, b;
    begin_all();
    for (int k = 0; k < KINDS; k++) {
        cedo_queue *const queue = kinds[k];
        ck_assert_int_eq(cedo_queue_task_done(queue), CEDO_EINVAL);
        ck_assert_int_eq(run(&a, joiner, .queue = queue, .name = "untouched"), CEDO_OK);
        ck_trail("untouched");
        put(queue, 10);
        start(&a, joiner, .queue = queue, .name = "a");
        start(&b, joiner, .queue = queue, .name = "b");
        turns(1);
        put(queue, 20); /* while they wait: counts */
        (void)get(queue);
        (void)get(queue);
        ck_assert_int_eq(cedo_queue_task_done(queue), CEDO_OK);
        turns(2);
        ck_trail("");
        ck_assert_int_eq(cedo_queue_task_done(queue), CEDO_OK);
        put(queue, 30); /* too late */
        turns(1);
        ck_trail("a b");
        (void)get(queue);
        ck_assert_int_eq(cedo_queue_task_done(queue), CEDO_OK);
        ck_assert_int_eq(cedo_queue_task_done(queue), CEDO_EINVAL);
        ck_assert_int_eq(cedo_queue_task_done(queue), CEDO_EINVAL);
    }
    close_world();
}
END_TEST

START_TEST(a_cancelled_join_changes_nothing)
{
    static cedo_task_of(joiner) a, b;
    begin();
    put(&jobs.queue, 1);
    start(&a, joiner, .queue = &jobs.queue, .name = "a");
    start(&b, joiner, .queue = &jobs.queue, .name = "b");
    turns(1);
    ck_assert(cedo_task_cancel(&a.task)); /* while it waits */
    turns(1);
    ck_trail("a-cancelled");
    start(&a, joiner, .queue = &jobs.queue, .name = "a");
    turns(1);
    (void)get(&jobs.queue);
    ck_assert_int_eq(cedo_queue_task_done(&jobs.queue), CEDO_OK);
    ck_assert(cedo_task_cancel(&b.task)); /* after its wake-up */
    turns(1);
    ck_trail("b-cancelled a");
    close_world();
}
END_TEST

START_TEST(QUEUE_09_shutdown_lets_gets_drain_and_fails_puts)
{
    static cedo_task_of(taker) t;
    static cedo_task_of(giver) g;
    static cedo_task_of(joiner) j;
    int item = 9;
    begin_all();
    for (int k = 0; k < KINDS; k++) {
        cedo_queue *const queue = kinds[k];
        put(queue, 99); /* so that the row does not begin at its first place */
        (void)get(queue);
        ck_assert_int_eq(cedo_queue_task_done(queue), CEDO_OK);
        for (int i = 0; i < 3; i++) put(queue, 10);
        start(&g, giver, .queue = queue, .name = "blocked", .item = 20);
        start(&j, joiner, .queue = queue, .name = "joined");
        turns(1);
        cedo_queue_shutdown(queue);
        turns(1);
        ck_trail("blocked-closed");
        ck_assert_uint_eq(cedo_queue_size(queue), 3);
        ck_assert_uint_eq(cedo_queue_maxsize(queue), 3);
        ck_assert(cedo_queue_full(queue));
        ck_assert_int_eq(cedo_queue_put_nowait(queue, &item), CEDO_ECLOSED);
        ck_assert_int_eq(run(&g, giver, .queue = queue, .name = "full", .item = 20), CEDO_OK);
        ck_assert_int_eq(run(&t, taker, .queue = queue, .name = "t"), CEDO_OK);
        ck_assert_int_eq(get(queue), 10);
        ck_assert_uint_eq(cedo_queue_size(queue), 1);
        ck_assert_int_eq(cedo_queue_put_nowait(queue, &item), CEDO_ECLOSED);
        ck_assert_int_eq(run(&g, giver, .queue = queue, .name = "g", .item = 20), CEDO_OK);
        cedo_queue_shutdown(queue); /* again */
        ck_assert_int_eq(get(queue), 10);
        ck_assert_int_eq(cedo_queue_get_nowait(queue, &item), CEDO_END);
        ck_assert_int_eq(item, 9);
        ck_assert_int_eq(run(&t, taker, .queue = queue, .name = "empty"), CEDO_OK);
        ck_trail("full-closed t10 g-closed empty-end");
        ck_assert(!cedo_task_done(&j.task));
        for (int i = 0; i < 3; i++) ck_assert_int_eq(cedo_queue_task_done(queue), CEDO_OK);
        ck_assert_int_eq(cedo_queue_task_done(queue), CEDO_EINVAL);
        turns(1);
        ck_trail("joined");
    }
    close_world();
}
END_TEST

START_TEST(QUEUE_09_shutdown_of_an_empty_queue_releases_its_getters)
{
    static cedo_task_of(taker) a, b, c;
    begin_all();
    for (int k = 0; k < KINDS; k++) {
        cedo_queue *const queue = kinds[k];
        start(&a, taker, .queue = queue, .name = "a");
        start(&b, taker, .queue = queue, .name = "b");
        start(&c, taker, .queue = queue, .name = "c");
        turns(1);
        put(queue, 10); /* a is woken */
        ck_assert_int_eq(get(queue), 10);
        ck_assert(cedo_task_cancel(&b.task)); /* before the shutdown */
        cedo_queue_shutdown(queue);
        ck_assert(cedo_task_cancel(&c.task)); /* after it: the cancel wins */
        turns(1);
        ck_trail("a-end b-cancelled c-cancelled");
    }
    close_world();
}
END_TEST

START_TEST(QUEUE_09_shutdown_while_both_ends_wait_releases_both)
{
    static cedo_task_of(giver) a, b, c;
    static cedo_task_of(taker) t, u;
    for (int now = 0; now < 2; now++) {
        begin_all();
        for (int k = 0; k < KINDS; k++) {
            cedo_queue *const queue = kinds[k];
            for (int i = 0; i < 3; i++) put(queue, 10);
            start(&a, giver, .queue = queue, .name = "a", .item = 20);
            start(&b, giver, .queue = queue, .name = "b", .item = 20);
            start(&c, giver, .queue = queue, .name = "c", .item = 20);
            start(&t, taker, .queue = queue, .name = "t");
            start(&u, taker, .queue = queue, .name = "u");
            turns(1); /* the last item but one is for t, so a is woken; u gets the next, for b */
            ck_trail("t10 u10");
            ck_assert_int_eq(get(queue), 10); /* for c */
            start(&t, taker, .queue = queue, .name = "t");
            start(&u, taker, .queue = queue, .name = "u");
            ck_assert(cedo_task_cancel(&b.task)); /* woken: its place goes on to nobody */
            if (now)
                cedo_queue_shutdown_now(queue);
            else
                cedo_queue_shutdown(queue);
            turns(2);
            ck_trail("a-closed b-cancelled c-closed t-end u-end");
            ck_assert(cedo_queue_empty(queue));
        }
        close_world();
    }
}
END_TEST

START_TEST(QUEUE_10_an_immediate_shutdown_drops_the_rest_and_counts_it_as_done)
{
    static cedo_task_of(giver) g;
    static cedo_task_of(taker) t;
    static cedo_task_of(joiner) j;
    int item = 9;
    for (int first = 0; first < 2; first++) {
        begin_all();
        for (int k = 0; k < KINDS; k++) {
            cedo_queue *const queue = kinds[k];
            for (int i = 0; i < 3; i++) put(queue, 10);
            (void)get(queue); /* in flight */
            put(queue, 10);
            start(&g, giver, .queue = queue, .name = "g", .item = 20);
            start(&j, joiner, .queue = queue, .name = "j");
            turns(1);
            if (first) cedo_queue_shutdown(queue);
            cedo_queue_shutdown_now(queue);
            turns(1);
            ck_trail("g-closed");
            ck_assert(cedo_queue_empty(queue));
            ck_assert_int_eq(cedo_queue_get_nowait(queue, &item), CEDO_END);
            ck_assert_int_eq(cedo_queue_put_nowait(queue, &item), CEDO_ECLOSED);
            ck_assert_int_eq(cedo_queue_task_done(queue), CEDO_OK);
            turns(1);
            ck_trail("j");
            ck_assert_int_eq(cedo_queue_task_done(queue), CEDO_EINVAL);
            cedo_queue_shutdown_now(queue); /* again */
            ck_assert_int_eq(run(&t, taker, .queue = queue, .name = "t"), CEDO_OK);
            ck_trail("t-end");
        }
        close_world();
    }
}
END_TEST

START_TEST(QUEUE_10_joiners_are_released_by_an_immediate_shutdown_before_getters)
{
    static cedo_task_of(joiner) j;
    static cedo_task_of(taker) t;
    begin_all();
    for (int k = 0; k < KINDS; k++) {
        cedo_queue *const queue = kinds[k];
        start(&t, taker, .queue = queue, .name = "t");
        turns(1);
        put(queue, 10); /* t is woken for it, but does not get it */
        start(&j, joiner, .queue = queue, .name = "j");
        cedo_queue_shutdown_now(queue);
        turns(2);
        ck_trail("t-end j");
        ck_assert_int_eq(cedo_queue_task_done(queue), CEDO_EINVAL);
    }
    /* said to be done before they were got: no count goes below zero */
    begin_all();
    put(&jobs.queue, 1);
    put(&jobs.queue, 2);
    ck_assert_int_eq(cedo_queue_task_done(&jobs.queue), CEDO_OK);
    start(&j, joiner, .queue = &jobs.queue, .name = "j");
    start(&t, taker, .queue = &stack.queue, .name = "t");
    turns(1);
    ck_assert_int_eq(cedo_queue_task_done(&jobs.queue), CEDO_OK);
    cedo_queue_shutdown_now(&jobs.queue);
    cedo_queue_shutdown_now(&stack.queue);
    turns(1);
    ck_trail("j t-end");
    ck_assert_int_eq(cedo_queue_task_done(&jobs.queue), CEDO_EINVAL);
    close_world();
}
END_TEST

START_TEST(a_queue_that_was_shut_down_can_be_made_anew)
{
    begin_all();
    for (int round = 0; round < 2; round++) {
        for (int k = 0; k < KINDS; k++) {
            put(kinds[k], 10);
            put(kinds[k], 20);
            cedo_queue_shutdown(kinds[k]);
        }
        begin_all();
        for (int k = 0; k < KINDS; k++) {
            ck_assert(cedo_queue_empty(kinds[k]));
            ck_assert_int_eq(cedo_queue_task_done(kinds[k]), CEDO_EINVAL);
        }
    }
    close_world();
}
END_TEST

struct each {
    cedo_coro coro;
    int job, sum;
};

static cedo_async(each)
{
    cedo_body(struct each, self) {
        cedo_for_each(self->job, cedo_queue_get(&jobs.queue, &self->job)) {
            if (self->job == 2) continue;
            self->sum += self->job;
            (void)cedo_queue_task_done(&jobs.queue);
        }
        mark("over");
        self->job = 0;
        cedo_for_each(self->job, cedo_queue_get(&jobs.queue, &self->job)) self->sum = -1;
    }
}

START_TEST(a_loop_over_a_queue_ends_when_it_is_shut_down_and_empty)
{
    static cedo_task_of(each) task;
    begin();
    start(&task, each);
    for (int i = 1; i <= 3; i++) put(&jobs.queue, i);
    turns(1);
    put(&jobs.queue, 10);
    turns(1);
    put(&jobs.queue, 20);
    cedo_queue_shutdown(&jobs.queue);
    ck_trail("");
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_assert_int_eq(task.frame.sum, 34);
    ck_trail("over");
    start(&task, each);
    cedo_queue_init(&jobs);
    turns(1);
    ck_assert(cedo_task_cancel(&task.task));
    ck_assert_int_eq(finish(&task), CEDO_ECANCELED);
    ck_trail("");
    close_world();
}
END_TEST

#if CEDO_SCOPES
START_TEST(a_limited_get_of_a_queue_that_is_shut_down_says_so)
{
    static cedo_task_of(limited) task;
    begin();
    start(&task, limited);
    turns(1);
    cedo_queue_shutdown(&jobs.queue);
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_assert_int_eq(task.frame.status, CEDO_END);
    close_world();
}
END_TEST
#endif

#if CEDO_HOSTED && CEDO_CHECKS
static void get_from_zero(void)
{
    static cedo_queue_of(int, 2) zero;
    static cedo_task_of(taker) task;
    (void)run(&task, taker, .queue = &zero.queue);
}

START_TEST(a_queue_that_was_not_initialised_traps)
{
    begin();
    ck_trap(get_from_zero, "was not initialised");
}
END_TEST
#endif

START_TEST(items_of_any_size_and_place_are_copied_whole)
{
    static unsigned char storage[4 * 24 + 4], item[24 + 4], got[24 + 4];
    cedo_queue queue;
    for (size_t size = 1; size <= 24; size++) {
        for (size_t shift = 0; shift < 4; shift++) {
            cedo_queue_init_at(&queue, storage + shift, 4, size);
            for (int round = 0; round < 6; round++) { /* around the end */
                for (size_t i = 0; i < size; i++)
                    item[shift + i] = (unsigned char)(i * 7 + size + (size_t)round);
                memset(got, 0xee, sizeof got);
                ck_assert_int_eq(cedo_queue_put_nowait(&queue, item + shift), CEDO_OK);
                ck_assert_int_eq(cedo_queue_get_nowait(&queue, got + shift), CEDO_OK);
                ck_assert_mem_eq(got + shift, item + shift, size);
                if (shift) ck_assert_uint_eq(got[shift - 1], 0xee);
                if (shift + size < sizeof got) ck_assert_uint_eq(got[shift + size], 0xee);
            }
        }
    }
}
END_TEST

struct careless {
    cedo_coro coro;
    int *item;
};

static cedo_async(careless)
{
    cedo_body(struct careless, self) {
        cedo_await(cedo_yield_now()); /* from here on it may be alone */
        if (self->item) {
            cedo_await(cedo_queue_get(&jobs.queue, self->item));
        }
        else {
            int local;
            cedo_await(cedo_queue_get(&jobs.queue, &local));
        }
    }
}

#if CEDO_HOSTED && CEDO_CHECKS
static void wait_for_a_local(void)
{
    static cedo_task_of(careless) task;
    memset(&task, 0, sizeof task);
    (void)run(&task, careless);
}

static void wait_for_a_local_beside_another(void)
{
    static cedo_task_of(bystander) other;
    memset(&other, 0, sizeof other);
    start(&other, bystander);
    wait_for_a_local();
}
#endif

START_TEST(a_wait_given_a_c_local_traps_and_one_given_what_outlives_the_run_does_not)
{
    static cedo_task_of(careless) task;
    int outlives = 0;
    const int item = 5;
    begin();
    start(&task, careless, .item = &outlives);
    turns(2);
    ck_assert_int_eq(cedo_queue_put_nowait(&jobs.queue, &item), CEDO_OK);
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_assert_int_eq(outlives, 5);
    close_world();
#if CEDO_HOSTED && CEDO_CHECKS
    begin();
    ck_trap(wait_for_a_local, "given a C local");
    begin();
    ck_trap(wait_for_a_local_beside_another, "given a C local");
#endif
}
END_TEST

#if CEDO_CHECKS
static unsigned char little[1000];
static cedo_queue bad;

static void no_items(void)
{
    cedo_queue_init_at(&bad, little, 0, 1);
}

static void no_size(void)
{
    cedo_queue_init_at(&bad, little, 1, 0);
}

static void too_many(void)
{
    cedo_queue_init_at(&bad, little, (size_t)(cedo_count)-1 + 1, 1);
}

static void too_large(void)
{
    cedo_queue_init_at(&bad, little, 1, (size_t)(cedo_count)-1 + 1);
}
#endif

START_TEST(a_queue_with_impossible_sizes_traps)
{
#if CEDO_CHECKS
    ck_trap(no_items, "a queue on this target");
    ck_trap(no_size, "a queue on this target");
    ck_trap(too_many, "a queue on this target");
    ck_trap(too_large, "a queue on this target");
    cedo_queue_init_at(&bad, little, 4, 250);
#endif
}
END_TEST

START_TEST(large_items_arrive_whole)
{
    static cedo_queue_of(struct wide, 2) fresh;
    static struct wide item;
    cedo_queue_init(&fresh);
    for (int32_t i = 0; i < 4; i++) item.numbers[i] = i - 100000;
    ck_assert_int_eq(cedo_queue_put_nowait(&fresh.queue, &item), CEDO_OK);
    for (int32_t i = 0; i < 4; i++) item.numbers[i] = 0;
    ck_assert_int_eq(cedo_queue_get_nowait(&fresh.queue, &item), CEDO_OK);
    for (int32_t i = 0; i < 4; i++) ck_assert_int_eq(item.numbers[i], i - 100000);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_queue_can_be_initialised_statically,
        QUEUE_01_items_getters_and_putters_are_served_in_order,
        QUEUE_02_get_and_put_that_need_not_wait_do_not_yield,
        QUEUE_03_put_waits_while_the_queue_is_full,
        QUEUE_04_without_waiting_a_full_or_empty_queue_says_EAGAIN,
        QUEUE_05_a_woken_getter_that_finds_nothing_waits_again,
        a_woken_putter_that_finds_no_place_waits_again,
        QUEUE_06_a_getter_cancelled_after_it_was_woken_passes_the_wake_up_on,
        QUEUE_07_a_cancelled_putter_stores_nothing_and_passes_its_place_on,
#if CEDO_SCOPES
        QUEUE_12_a_timed_out_get_consumes_nothing,
#endif
        a_wait_given_a_c_local_traps_and_one_given_what_outlives_the_run_does_not,
        items_of_any_size_and_place_are_copied_whole,
        a_queue_with_impossible_sizes_traps,
        large_items_arrive_whole,
        queues_of_all_kinds_can_be_initialised_statically,
        QUEUE_03_every_kind_knows_how_full_it_is_and_waits_when_it_is,
        QUEUE_05_a_woken_waiter_of_any_kind_waits_again_if_another_was_faster,
        QUEUE_06_a_cancelled_getter_of_any_kind_takes_nothing_and_passes_on,
        QUEUE_07_a_cancelled_putter_of_any_kind_stores_nothing_and_passes_on,
        QUEUE_08_join_waits_until_every_item_is_done,
        a_cancelled_join_changes_nothing,
        QUEUE_09_shutdown_lets_gets_drain_and_fails_puts,
        QUEUE_09_shutdown_of_an_empty_queue_releases_its_getters,
        QUEUE_09_shutdown_while_both_ends_wait_releases_both,
        QUEUE_10_an_immediate_shutdown_drops_the_rest_and_counts_it_as_done,
        QUEUE_10_joiners_are_released_by_an_immediate_shutdown_before_getters,
        QUEUE_11_a_lifo_queue_gives_the_newest,
        a_queue_that_was_shut_down_can_be_made_anew,
        a_loop_over_a_queue_ends_when_it_is_shut_down_and_empty,
#if CEDO_SCOPES
        a_limited_get_of_a_queue_that_is_shut_down_says_so,
#endif
#if CEDO_HOSTED && CEDO_CHECKS
        a_queue_that_was_not_initialised_traps,
#endif
    };
    return suite_run("queue", tests, sizeof tests / sizeof *tests);
}
