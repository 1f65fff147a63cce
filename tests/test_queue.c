/* Queues. */
#include "world.h"

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
    ck_assert_ptr_null(jobs.queue.ends[0].waiters.first);
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

START_TEST(items_of_any_size_and_place_are_copied_whole)
{
    static unsigned char storage[4 * 24 + 4], item[24 + 4], got[24 + 4];
    cedo_queue queue;
    for (size_t size = 1; size <= 24; size++) {
        for (size_t shift = 0; shift < 4; shift++) {
            cedo_queue_init_(&queue, storage + shift, 4, size);
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
    (void)run(&task, careless);
}
#endif

START_TEST(a_wait_given_a_c_local_traps_and_one_given_what_outlives_the_run_does_not)
{
    static cedo_task_of(careless) task;
    int outlives = 0;
    const int item = 5;
    begin();
    start(&task, careless, .item = &outlives);
    turns(1);
    ck_assert_int_eq(cedo_queue_put_nowait(&jobs.queue, &item), CEDO_OK);
    ck_assert_int_eq(finish(&task), CEDO_OK);
    ck_assert_int_eq(outlives, 5);
    close_world();
#if CEDO_HOSTED && CEDO_CHECKS
    begin();
    ck_trap(wait_for_a_local, "given a C local");
#endif
}
END_TEST

#if CEDO_CHECKS
static unsigned char little[1000];
static cedo_queue bad;

static void no_items(void)
{
    cedo_queue_init_(&bad, little, 0, 1);
}

static void no_size(void)
{
    cedo_queue_init_(&bad, little, 1, 0);
}

static void too_many(void)
{
    cedo_queue_init_(&bad, little, (size_t)(cedo_count)-1 + 1, 1);
}

static void too_large(void)
{
    cedo_queue_init_(&bad, little, 1, (size_t)(cedo_count)-1 + 1);
}
#endif

START_TEST(a_queue_with_impossible_sizes_traps)
{
#if CEDO_CHECKS
    ck_trap(no_items, "a queue on this target");
    ck_trap(no_size, "a queue on this target");
    ck_trap(too_many, "a queue on this target");
    ck_trap(too_large, "a queue on this target");
    cedo_queue_init_(&bad, little, 4, 250);
#endif
}
END_TEST

START_TEST(large_items_arrive_whole)
{
    struct wide {
        int32_t numbers[4];
    };
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
    };
    return suite_run("queue", tests, sizeof tests / sizeof *tests);
}
