/* Barriers. */
#include "world.h"

static cedo_barrier barrier;

static void open_barrier(int parties)
{
    open_world();
    ck_assert_int_eq(cedo_barrier_init(&barrier, parties), CEDO_OK);
}

struct party {
    cedo_coro coro;
    const char *name;
    int status;
    int times;
    unsigned index;
};

static cedo_async(party)
{
    cedo_body(struct party, self) {
        do {
            cedo_catch(self->status, cedo_barrier_wait(&barrier, &self->index));
            if (self->status)
                mark("%s%c", self->name, self->status == CEDO_ECLOSED ? '#' : '!');
            else
                mark("%s%u", self->name, self->index);
        } while (self->times--);
        if (self->status == CEDO_ECANCELED) cedo_throw(self->status);
    }
}

static cedo_task_of(party) b[5];
static const char *const letters[] = {"a", "b", "c", "d", "e"};

static void arrive(int first, int count)
{
    for (int i = first; i < first + count; i++) start(&b[i], party, .name = letters[i]);
    turns(1);
}

static void close_barrier(void)
{
    ck_assert(cedo_ring_is_empty(&barrier.waiters));
    ck_assert_int_eq(barrier.count, 0);
    close_world();
}

START_TEST(BARRIER_01_the_last_arrival_releases_all_and_each_has_its_index)
{
    open_barrier(3);
    ck_assert_uint_eq(cedo_barrier_parties(&barrier), 3);
    arrive(0, 2);
    ck_trail("");
    arrive(2, 1);
    ck_trail("c2");
    turns(1);
    ck_trail("a0 b1");
    close_barrier();
}
END_TEST

START_TEST(BARRIER_02_n_waiting_counts_while_it_fills)
{
    open_barrier(3);
    ck_assert_uint_eq(cedo_barrier_n_waiting(&barrier), 0);
    arrive(0, 1);
    ck_assert_uint_eq(cedo_barrier_n_waiting(&barrier), 1);
    arrive(1, 1);
    ck_assert_uint_eq(cedo_barrier_n_waiting(&barrier), 2);
    arrive(2, 1);
    ck_assert_int_eq(barrier.count, 2);
    ck_assert_uint_eq(cedo_barrier_n_waiting(&barrier), 0);
    turns(1);
    ck_assert_uint_eq(cedo_barrier_n_waiting(&barrier), 0);
    close_barrier();
}
END_TEST

START_TEST(BARRIER_03_who_comes_while_a_round_leaves_belongs_to_the_next)
{
    open_barrier(2);
    arrive(0, 4); /* b releases a; c and d come before a has left */
    ck_trail("b1");
    turns(1);
    ck_trail("a0");
    turns(1);
    ck_trail("d1");
    turns(1);
    ck_trail("c0");
    /* such a one can be cancelled */
    arrive(0, 3);
    ck_assert(cedo_task_cancel(&b[2].task));
    turns(2);
    ck_trail("b1 a0 c!");
    arrive(0, 3);
    turns(1);
    ck_trail("b1 a0");
    ck_assert(cedo_task_cancel(&b[2].task)); /* woken already */
    turns(1);
    ck_trail("c!");
    close_barrier();
}
END_TEST

START_TEST(BARRIER_04_it_serves_round_after_round)
{
    open_barrier(2);
    for (int i = 0; i < 2; i++) start(&b[i], party, .name = letters[i], .times = 2);
    turns(9);
    ck_trail("b1 a0 b1 a0 b1 a0");
    close_barrier();
}
END_TEST

START_TEST(BARRIER_05_a_cancelled_waiter_leaves_and_breaks_nothing)
{
    open_barrier(3);
    arrive(0, 2);
    ck_assert(cedo_task_cancel(&b[0].task));
    ck_assert(cedo_task_cancel(&b[0].task)); /* once or twice */
    turns(1);
    ck_trail("a!");
    ck_assert_uint_eq(cedo_barrier_n_waiting(&barrier), 1);
    ck_assert(!cedo_barrier_broken(&barrier));
    ck_assert(cedo_task_cancel(&b[1].task));
    turns(1);
    ck_trail("b!");
    ck_assert_uint_eq(cedo_barrier_n_waiting(&barrier), 0);
    arrive(0, 3);
    ck_assert(cedo_task_cancel(&b[0].task)); /* let go already */
    turns(1);
    ck_trail("c2 a! b1");
    /* until its turn it counts */
    arrive(0, 2);
    start(&b[2], party, .name = "c");
    ck_assert(cedo_task_cancel(&b[0].task));
    turns(2);
    ck_trail("c2 a! b1");
    close_barrier();
}
END_TEST

START_TEST(BARRIER_06_reset_fails_who_waits_and_mends)
{
    open_barrier(3);
    cedo_barrier_reset(&barrier); /* empty: nothing happens */
    ck_assert(!cedo_barrier_broken(&barrier));
    arrive(0, 2);
    cedo_barrier_reset(&barrier);
    ck_assert_uint_eq(cedo_barrier_n_waiting(&barrier), 0);
    start(&b[2], party, .name = "c");
    cedo_barrier_reset(&barrier);
    turns(1);
    ck_trail("a# b#");
    turns(1);
    ck_assert_uint_eq(cedo_barrier_n_waiting(&barrier), 1);
    arrive(3, 2);
    turns(1);
    ck_trail("e2 c0 d1");
    cedo_barrier_abort(&barrier);
    ck_assert(cedo_barrier_broken(&barrier));
    cedo_barrier_reset(&barrier);
    ck_assert(!cedo_barrier_broken(&barrier));
    arrive(0, 3);
    turns(1);
    ck_trail("c2 a0 b1");
    close_barrier();
}
END_TEST

START_TEST(BARRIER_07_a_reset_leaves_alone_who_has_left)
{
    open_barrier(3);
    arrive(0, 3);
    ck_trail("c2");
    start(&b[3], party, .name = "d");
    cedo_barrier_reset(&barrier); /* as in asyncio, a and b, which have not run yet, fail */
    turns(1);
    ck_trail("a# b#");
    ck_assert_int_eq(cedo_task_result(&b[2].task), CEDO_OK);
    ck_assert_uint_eq(cedo_barrier_n_waiting(&barrier), 1);
    arrive(0, 2);
    turns(1);
    ck_trail("b2 d0 a1");
    close_barrier();
}
END_TEST

START_TEST(BARRIER_08_abort_fails_all_until_reset)
{
    open_barrier(3);
    arrive(0, 2);
    cedo_barrier_abort(&barrier);
    ck_assert(cedo_barrier_broken(&barrier));
    arrive(2, 1);
    ck_trail("a# b# c#");
    arrive(0, 1);
    ck_trail("a#");
    cedo_barrier_reset(&barrier);
    /* while a round leaves, and one waits for the next */
    arrive(0, 4);
    ck_trail("c2");
    cedo_barrier_abort(&barrier);
    turns(1);
    ck_trail("a# b# d#");
    ck_assert(cedo_barrier_broken(&barrier));
    cedo_barrier_reset(&barrier);
    /* reset before those who were told have run */
    arrive(0, 2);
    cedo_barrier_abort(&barrier);
    cedo_barrier_reset(&barrier);
    turns(1);
    ck_trail("a# b#");
    ck_assert(!cedo_barrier_broken(&barrier));
    close_barrier();
}
END_TEST

struct no_index {
    cedo_coro coro;
};

static cedo_async(no_index)
{
    cedo_body(struct no_index, self) cedo_await(cedo_barrier_wait(&barrier, NULL));
}

START_TEST(BARRIER_09_it_takes_one_party_at_least_and_gives_the_index)
{
    static cedo_barrier one = CEDO_BARRIER_INIT(1);
    static cedo_task_of(no_index) n;
    open_barrier(1);
    ck_assert_int_eq(cedo_barrier_init(&barrier, 0), CEDO_EINVAL);
    ck_assert_int_eq(cedo_barrier_init(&barrier, -1), CEDO_EINVAL);
#if !CEDO_HOSTED
    ck_assert_int_eq(cedo_barrier_init(&barrier, 256), CEDO_EINVAL);
#endif
    ck_assert_uint_eq(cedo_barrier_parties(&barrier), 1);
    arrive(0, 2);
    ck_trail("a0 b0");
    barrier = one;
    ck_assert_int_eq(run(&n, no_index), CEDO_OK);
    close_barrier();
}
END_TEST

#if CEDO_CHECKS
static void wait_without_parties(void)
{
    static const cedo_barrier zero;
    barrier = zero;
    arrive(0, 1);
}

START_TEST(a_barrier_without_its_number_traps)
{
    open_world();
    ck_trap(wait_without_parties, "a barrier needs its number");
}
END_TEST
#endif

/* ------------------------------------------------------------- where a wait may stand */

static cedo_barrier pair = CEDO_BARRIER_INIT(2);

struct arrives {
    cedo_coro coro;
    unsigned *index;
};

static cedo_async(arrives)
{
    cedo_body(struct arrives, self) {
        cedo_await(cedo_barrier_wait(&pair, self->index));
    }
}

START_TEST(a_local_of_who_runs_the_loop_outlives_a_wait)
{
    static cedo_task_of(arrives) early, late;
    unsigned indices[2] = {7, 7};
    open_world();
    memset(&early, 0, sizeof early);
    memset(&late, 0, sizeof late);
    start(&early, arrives, .index = &indices[0]);
    start(&late, arrives, .index = &indices[1]);
    run_dry();
    ck_assert_uint_eq(indices[0], 0);
    ck_assert_uint_eq(indices[1], 1);
    close_world();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        BARRIER_01_the_last_arrival_releases_all_and_each_has_its_index,
        BARRIER_02_n_waiting_counts_while_it_fills,
        BARRIER_03_who_comes_while_a_round_leaves_belongs_to_the_next,
        BARRIER_04_it_serves_round_after_round,
        BARRIER_05_a_cancelled_waiter_leaves_and_breaks_nothing,
        BARRIER_06_reset_fails_who_waits_and_mends,
        BARRIER_07_a_reset_leaves_alone_who_has_left,
        BARRIER_08_abort_fails_all_until_reset,
        BARRIER_09_it_takes_one_party_at_least_and_gives_the_index,
        a_local_of_who_runs_the_loop_outlives_a_wait,
#if CEDO_CHECKS
        a_barrier_without_its_number_traps,
#endif
    };
    return suite_run("barrier", tests, sizeof tests / sizeof *tests);
}
