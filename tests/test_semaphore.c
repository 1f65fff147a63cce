/* Semaphores. */
#include "world.h"

static cedo_semaphore semaphore;

static void open_semaphore(int permits)
{
    open_world();
    ck_assert_int_eq(cedo_semaphore_init(&semaphore, permits), CEDO_OK);
}

struct user {
    cedo_coro coro;
    const char *name;
    int status;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
        cedo_catch(self->status, cedo_semaphore_acquire(&semaphore));
        mark("%s%s", self->name, self->status ? "!" : "");
        if (self->status) cedo_throw(self->status);
    }
}

static cedo_task_of(user) u[5];
static const char *const letters[] = {"a", "b", "c", "d", "e"};

static void acquire_by(int first, int count)
{
    for (int i = first; i < first + count; i++) start(&u[i], user, .name = letters[i]);
    turns(1);
}

static void release_permit(void)
{
    ck_assert_int_eq(cedo_semaphore_release(&semaphore), CEDO_OK);
}

START_TEST(SEM_01_acquire_is_immediate_only_if_a_permit_is_left_and_nobody_waits)
{
    open_semaphore(2);
    acquire_by(0, 3);
    ck_trail("a b");
    for (int i = 3; i < 5; i++) start(&u[i], user, .name = letters[i]);
    release_permit();
    release_permit(); /* one for c, which has not run yet, and one that is free */
    turns(1);
    ck_trail("c"); /* d and e came behind c */
    turns(1);
    ck_trail("d");
    release_permit();
    turns(1);
    ck_trail("e");
    close_world();
}
END_TEST

START_TEST(SEM_02_release_grants_the_permit_to_the_first_waiter_at_once)
{
    open_semaphore(0);
    start(&u[1], user, .name = "barger");
    turns(1);
    ck_trail("");
    start(&u[0], user, .name = "late");
    release_permit();
    ck_assert(cedo_semaphore_locked(&semaphore));
    turns(2);
    ck_trail("barger");
    release_permit();
    turns(1);
    ck_trail("late");
    close_world();
}
END_TEST

START_TEST(SEM_03_locked_tells_whether_acquire_would_wait)
{
    open_semaphore(1);
    ck_assert(!cedo_semaphore_locked(&semaphore));
    acquire_by(0, 2);
    ck_trail("a");
    ck_assert(cedo_semaphore_locked(&semaphore));
    release_permit();
    release_permit();
    ck_assert(cedo_semaphore_locked(&semaphore)); /* b is before */
    turns(1);
    ck_trail("b");
    ck_assert(!cedo_semaphore_locked(&semaphore));
    close_world();
}
END_TEST

START_TEST(SEM_04_permits_are_neither_lost_nor_doubled_by_cancels)
{
    open_semaphore(0);
    acquire_by(0, 4);
    ck_assert(cedo_task_cancel(&u[1].task)); /* in the queue */
    release_permit();
    ck_assert(cedo_task_cancel(&u[0].task)); /* granted */
    turns(1);
    ck_trail("b! a!");
    turns(1);
    ck_trail("c");
    release_permit();
    ck_assert(cedo_task_cancel(&u[3].task));
    turns(1);
    ck_trail("d!");
    ck_assert(!cedo_semaphore_locked(&semaphore));
    acquire_by(0, 2);
    ck_trail("a");
    ck_assert(cedo_task_cancel(&u[1].task));
    turns(1);
    ck_trail("b!");
    ck_assert(cedo_ring_is_empty(&semaphore.waiters));
    close_world();
}
END_TEST

START_TEST(SEM_05_only_a_bounded_one_refuses_more_than_at_first)
{
    static cedo_semaphore bounded = CEDO_BOUNDED_SEMAPHORE_INIT(2);
    static const cedo_semaphore none = CEDO_BOUNDED_SEMAPHORE_INIT(0);
    open_semaphore(1);
    release_permit();
    release_permit();
    acquire_by(0, 4);
    ck_trail("a b c");
    ck_assert(cedo_task_cancel(&u[3].task));
    turns(1);
    ck_assert_int_eq(cedo_semaphore_release(&bounded), CEDO_EINVAL);
    semaphore = bounded;
    acquire_by(0, 2);
    release_permit();
    release_permit();
    ck_assert_int_eq(cedo_semaphore_release(&semaphore), CEDO_EINVAL);
    acquire_by(0, 3);
    ck_trail("d! a b a b");
    release_permit();
    turns(1);
    ck_trail("c");
    ck_assert_int_eq(cedo_bounded_semaphore_init(&semaphore, 1), CEDO_OK);
    ck_assert(!cedo_semaphore_locked(&semaphore));
    ck_assert_int_eq(cedo_semaphore_release(&semaphore), CEDO_EINVAL);
    semaphore = none;
    ck_assert_int_eq(cedo_semaphore_release(&semaphore), CEDO_EINVAL);
    close_world();
}
END_TEST

START_TEST(SEM_06_a_negative_value_is_refused_and_zero_is_not)
{
    static cedo_semaphore zero, two = CEDO_SEMAPHORE_INIT(2);
    open_semaphore(0);
    ck_assert(cedo_semaphore_locked(&semaphore));
    ck_assert(cedo_semaphore_locked(&zero));
    ck_assert(!cedo_semaphore_locked(&two));
    ck_assert_int_eq(cedo_semaphore_release(&zero), CEDO_OK);
    ck_assert(!cedo_semaphore_locked(&zero));
    ck_assert_int_eq(cedo_semaphore_init(&zero, -1), CEDO_EINVAL);
    ck_assert_int_eq(cedo_bounded_semaphore_init(&zero, -1), CEDO_EINVAL);
    ck_assert(!cedo_semaphore_locked(&zero));
    ck_assert_int_eq(cedo_semaphore_init(&zero, 0), CEDO_OK);
    ck_assert(cedo_semaphore_locked(&zero));
#if !CEDO_HOSTED
    ck_assert_int_eq(cedo_semaphore_init(&zero, 256), CEDO_EINVAL);
    ck_assert_int_eq(cedo_semaphore_init(&zero, 255), CEDO_OK);
    ck_assert_int_eq(cedo_semaphore_release(&zero), CEDO_EINVAL);
#endif
    close_world();
}
END_TEST

START_TEST(SEM_07_several_releases_in_a_turn_wake_as_many_in_order)
{
    open_semaphore(0);
    acquire_by(0, 4);
    for (int i = 0; i < 3; i++) release_permit();
    turns(1);
    ck_trail("a b c");
    release_permit();
    release_permit();
    turns(1);
    ck_trail("d");
    ck_assert(!cedo_semaphore_locked(&semaphore));
    close_world();
}
END_TEST

#if CEDO_SCOPES
struct worker {
    cedo_coro coro;
    const char *name;
    cedo_hold hold;
};

static cedo_async(worker)
{
    cedo_body(struct worker, self) {
        cedo_with_semaphore (&self->hold, &semaphore) {
            mark("%s+", self->name);
            cedo_await(cedo_yield_now());
            mark("%s-", self->name);
        }
    }
}

START_TEST(a_block_of_a_semaphore_gives_its_permit_back)
{
    static cedo_task_of(worker) w3[3];
    open_semaphore(2);
    for (int i = 0; i < 3; i++) start(&w3[i], worker, .name = letters[i]);
    turns(1);
    ck_trail("a+ b+");
    turns(1);
    ck_trail("a- b-");
    turns(1);
    ck_trail("c+");
    ck_assert(cedo_task_cancel(&w3[2].task));
    turns(1);
    ck_assert(cedo_task_cancelled(&w3[2].task));
    acquire_by(0, 2);
    ck_trail("a b");
    close_world();
}
END_TEST
#endif

int main(void)
{
    const TTest *const tests[] = {
        SEM_01_acquire_is_immediate_only_if_a_permit_is_left_and_nobody_waits,
        SEM_02_release_grants_the_permit_to_the_first_waiter_at_once,
        SEM_03_locked_tells_whether_acquire_would_wait,
        SEM_04_permits_are_neither_lost_nor_doubled_by_cancels,
        SEM_05_only_a_bounded_one_refuses_more_than_at_first,
        SEM_06_a_negative_value_is_refused_and_zero_is_not,
        SEM_07_several_releases_in_a_turn_wake_as_many_in_order,
#if CEDO_SCOPES
        a_block_of_a_semaphore_gives_its_permit_back,
#endif
    };
    return suite_run("semaphore", tests, sizeof tests / sizeof *tests);
}
