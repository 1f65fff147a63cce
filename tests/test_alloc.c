/* Allocators: pool, arena, malloc, and what happens when each single request fails. */
#include "world.h"

START_TEST(a_pool_hands_out_its_blocks_and_takes_them_back)
{
    static CEDO_POOL_STORAGE(storage, 40, 4);
    cedo_pool pool;
    void *blocks[4];
    cedo_pool_init(&pool, storage, sizeof storage, 40);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 4; i++) {
            blocks[i] = pool.allocator.alloc(&pool.allocator, 40);
            ck_assert_ptr_nonnull(blocks[i]);
            ck_assert_uint_eq((uintptr_t)blocks[i] % sizeof(cedo_max_align), 0);
            memset(blocks[i], 0xa5, 40);
            for (int j = 0; j < i; j++) ck_assert_ptr_ne(blocks[i], blocks[j]);
        }
        ck_assert_uint_eq(pool.used, 4);
        ck_assert_ptr_null(pool.allocator.alloc(&pool.allocator, 1));
        for (int i = 0; i < 4; i++) pool.allocator.free(&pool.allocator, blocks[(i + round) % 4]);
        ck_assert_uint_eq(pool.used, 0);
        ck_assert_uint_eq(pool.most, 4);
    }
}
END_TEST

START_TEST(a_pool_refuses_what_is_larger_than_its_blocks)
{
    static CEDO_POOL_STORAGE(storage, 40, 2);
    cedo_pool pool;
    cedo_pool_init(&pool, storage, sizeof storage, 40);
    ck_assert_ptr_null(pool.allocator.alloc(&pool.allocator, CEDO_BLOCK_SIZE(40) + 1));
    ck_assert_uint_eq(pool.used, 0);
    ck_assert_ptr_nonnull(pool.allocator.alloc(&pool.allocator, CEDO_BLOCK_SIZE(40)));
}
END_TEST

START_TEST(a_pool_makes_as_many_blocks_as_fit_in_the_order_of_their_addresses)
{
    static CEDO_POOL_STORAGE(storage, 8, 10);
    cedo_pool pool;
    unsigned char *block, *before = NULL;
    int count = 0;
    cedo_pool_init(&pool, storage, sizeof storage - 1, 16);
    while ((block = (unsigned char *)pool.allocator.alloc(&pool.allocator, 16)) != NULL) {
        ck_assert(!before || block > before);
        ck_assert(block + 16 <= (unsigned char *)storage + sizeof storage - 1);
        before = block;
        count++;
    }
    ck_assert_int_eq(count, (int)((sizeof storage - 1) / 16));
    cedo_pool_init(&pool, storage, 4, 16); /* none */
    ck_assert_ptr_null(pool.allocator.alloc(&pool.allocator, 1));
}
END_TEST

START_TEST(an_arena_goes_from_one_end_to_the_other)
{
    static CEDO_POOL_STORAGE(storage, 100, 1);
    cedo_arena arena;
    unsigned char *a, *b;
    cedo_arena_init(&arena, storage, sizeof storage);
    a = (unsigned char *)arena.allocator.alloc(&arena.allocator, 1);
    b = (unsigned char *)arena.allocator.alloc(&arena.allocator, 9);
    ck_assert_ptr_eq(a, (unsigned char *)storage);
    ck_assert_ptr_eq(b, a + sizeof(cedo_max_align));
    ck_assert_uint_eq(arena.used, sizeof(cedo_max_align) + CEDO_BLOCK_SIZE(9));
    arena.allocator.free(&arena.allocator, a);
    ck_assert_uint_eq(arena.used, sizeof(cedo_max_align) + CEDO_BLOCK_SIZE(9));
    ck_assert_ptr_null(arena.allocator.alloc(&arena.allocator, sizeof storage));
    ck_assert_ptr_null(arena.allocator.alloc(&arena.allocator, (size_t)-1));
    cedo_arena_reset(&arena);
    ck_assert_ptr_eq(arena.allocator.alloc(&arena.allocator, sizeof storage), storage);
    ck_assert_ptr_null(arena.allocator.alloc(&arena.allocator, 1));
    /* what fits, but not when rounded up */
    cedo_arena_init(&arena, storage, sizeof(cedo_max_align) - 1);
    ck_assert_ptr_null(arena.allocator.alloc(&arena.allocator, 1));
}
END_TEST

#if CEDO_HOSTED
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

START_TEST(a_cache_keeps_small_blocks_for_the_next_request_of_their_size)
{
    static void *blocks[CEDO_CACHE_BLOCKS + 10];
    static cedo_cache cache;
    cedo_allocator *const allocator = &cache.allocator;
    cedo_cache_init(&cache);
    /* a block serves every size of its class */
    for (size_t size = 1; size < 600; size += 16) {
        void *block = allocator->alloc(allocator, size);
        ck_assert_ptr_nonnull(block);
        allocator->free(allocator, block);
        block = allocator->alloc(allocator, size + 15);
        ck_assert_ptr_nonnull(block);
        memset(block, 0xa5, size + 15);
        allocator->free(allocator, block);
    }
    for (size_t size = 0; size < 3000; size += 37) {
        void *const block = allocator->alloc(allocator, size);
        ck_assert_ptr_nonnull(block);
        memset(block, 0xa5, size);
        allocator->free(allocator, block);
        if (size > 0 && size < 1000 && CEDO_CACHE_BLOCKS > 0) {
            void *const again = allocator->alloc(allocator, size);
            ck_assert_ptr_eq(again, block);
            allocator->free(allocator, again);
        }
    }
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < CEDO_CACHE_BLOCKS + 10; i++) {
            blocks[i] = allocator->alloc(allocator, 40);
            ck_assert_ptr_nonnull(blocks[i]);
            memset(blocks[i], (int)i, 40);
        }
        for (size_t i = 0; i < CEDO_CACHE_BLOCKS + 10; i++) allocator->free(allocator, blocks[i]);
    }
#ifndef SANITIZED
    ck_assert_ptr_null(
        allocator->alloc(allocator, (size_t)1 << 47)); /* more than there are addresses */
#endif
    cedo_cache_empty(&cache);
    cedo_cache_empty(&cache);
}
END_TEST
#endif

/* ------------------------------------------------------------- a program, and every request
 * failing once */

typedef struct failing failing;
struct failing {
    cedo_allocator allocator;
    cedo_pool pool;
    int countdown; /* the request that fails; below 0: none */
    int requests;
};

static CEDO_POOL_STORAGE(failing_storage, 400, 20);
static failing failer;

static void *failing_alloc(cedo_allocator *allocator, size_t size)
{
    failing *const self = CEDO_CONTAINER_(allocator, failing, allocator);
    void *block;
    self->requests++;
    if (self->countdown-- == 0) return NULL;
    block = self->pool.allocator.alloc(&self->pool.allocator, size);
    ck_assert_ptr_nonnull(block);
    memset(block, 0x5a, size);
    return block;
}

static void failing_free(cedo_allocator *allocator, void *block)
{
    failing *const self = CEDO_CONTAINER_(allocator, failing, allocator);
    self->pool.allocator.free(&self->pool.allocator, block);
}

static void failing_open(int countdown)
{
    cedo_pool_init(&failer.pool, failing_storage, sizeof failing_storage, 400);
    failer.allocator.alloc = failing_alloc;
    failer.allocator.free = failing_free;
    failer.countdown = countdown;
    failer.requests = 0;
    cedo_loop_set_allocator(&loop, &failer.allocator);
}

static int finals, entered;

struct branch {
    cedo_coro coro;
    int depth;
};

static cedo_async(branch)
{
    cedo_body(struct branch, self) {
        entered++;
        cedo_await(cedo_yield_now());
        if (self->depth) {
            cedo_await(cedo_call_new(branch, .depth = self->depth - 1));
            cedo_await(cedo_sleep_ms(1));
            cedo_await(cedo_call_new(branch, .depth = self->depth - 1));
        }
    cedo_finally:
        finals++;
    }
}

struct user {
    cedo_coro coro;
    int status, missing, i;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
        for (self->i = 0; self->i < 3; self->i++)
            if (!cedo_spawn_new(branch, .depth = 2)) self->missing++;
        cedo_catch(self->status, cedo_call_new(branch, .depth = 3));
    }
}

static int program(int countdown)
{
    static cedo_task_of(user) task;
    int requests, failures;
    open_world();
    failing_open(countdown);
    finals = entered = 0;
    ck_assert_int_eq(run(&task, user), CEDO_OK);
    run_dry();
    requests = failer.requests;
    failures = task.frame.missing + (task.frame.status != CEDO_OK) + unhandled;
    if (task.frame.status) ck_assert_int_eq(task.frame.status, CEDO_ENOMEM);
    if (unhandled) ck_assert_int_eq(last_unhandled.status, CEDO_ENOMEM);
    ck_assert_int_eq(finals, entered);
    ck_assert_uint_eq(failer.pool.used, 0);
    ck_assert_int_eq(failures, countdown >= 0);
    unhandled = 0;
    close_world();
    return requests;
}

START_TEST(each_single_request_may_fail)
{
#if CEDO_EXCEPTION_HANDLER
    const int requests = program(-1);
    ck_assert_int_gt(requests, 20);
    for (int i = 0; i < requests; i++) (void)program(i);
#endif
}
END_TEST

struct quick {
    cedo_coro coro;
    int *count;
    int fails;
};

static cedo_async(quick)
{
    cedo_body(struct quick, self) {
        ++*self->count;
        cedo_await(cedo_yield_now());
        ++*self->count;
        if (self->fails) cedo_throw(self->fails);
    }
}

START_TEST(a_task_from_the_allocator_frees_itself)
{
    cedo_task *task;
    int count = 0;
    open_world();
    failing_open(-1);
    task = cedo_loop_spawn_new(&loop, quick, .count = &count);
    ck_assert_ptr_nonnull(task);
    ck_assert_uint_eq(failer.pool.used, 1);
    run_dry();
    ck_assert_int_eq(count, 2);
    ck_assert_uint_eq(failer.pool.used, 0);
#if CEDO_JOIN
    task = cedo_loop_spawn_new(&loop, quick, .count = &count);
    ck_assert_int_eq(finish_(task), CEDO_OK);
    ck_assert_uint_eq(failer.pool.used, 0);
    task = cedo_loop_spawn_new(&loop, quick, .count = &count, .fails = CEDO_EUSER);
    ck_assert_int_eq(finish_(task), CEDO_EUSER);
    ck_assert_uint_eq(failer.pool.used, 0);
#endif
    task = cedo_loop_spawn_new(&loop, quick, .count = &count);
    ck_assert(cedo_task_cancel(task)); /* not begun */
    run_dry();
    ck_assert_uint_eq(failer.pool.used, 0);
    close_world();
}
END_TEST

START_TEST(a_closed_loop_or_one_without_memory_starts_nothing)
{
    int count = 0;
    open_world();
    failing_open(0);
    ck_assert_ptr_null(cedo_loop_spawn_new(&loop, quick, .count = &count));
    failing_open(-1);
    ck_assert_int_eq(cedo_loop_close(&loop), CEDO_OK);
    ck_assert_ptr_null(cedo_loop_spawn_new(&loop, quick, .count = &count));
    ck_assert_int_eq(failer.requests, 0);
}
END_TEST

static struct fibre {
    cedo_coro coro;
    int status;
} the_fibre;

static cedo_async(fibre)
{
    cedo_body(struct fibre, self) {
        cedo_catch(self->status, cedo_call_new(branch));
    }
}

START_TEST(without_a_set_allocator_a_host_uses_malloc_and_firmware_nothing)
{
    static cedo_task task;
    int count = 0;
    cedo_task *spawned;
    open_world();
    cedo_loop_set_allocator(&loop, NULL);
    spawned = cedo_loop_spawn_new(&loop, quick, .count = &count);
    ck_assert_int_eq(cedo_loop_spawn_coro(&loop, &task, cedo_make(&the_fibre, fibre)), CEDO_OK);
    run_dry();
#if CEDO_HOSTED
    ck_assert_ptr_nonnull(spawned);
    ck_assert_int_eq(count, 2);
    ck_assert_int_eq(the_fibre.status, CEDO_OK);
    /* the next one is where that was */
    ck_assert_ptr_nonnull(cedo_loop_spawn_new(&loop, quick, .count = &count));
    run_dry();
    ck_assert_int_eq(count, 4);
#else
    ck_assert_ptr_null(spawned);
    ck_assert_int_eq(the_fibre.status, CEDO_ENOMEM);
#endif
    close_world();
}
END_TEST

#if CEDO_REGISTRY
START_TEST(close_frees_the_tasks_and_frames_that_were_allocated)
{
    static cedo_task_of(user) task;
    open_world();
    failing_open(-1);
    finals = 0;
    start(&task, user);
    turns(4);
    ck_assert_uint_gt(failer.pool.used, 5);
    ck_assert_int_eq(cedo_loop_close(&loop), CEDO_OK);
    ck_assert_uint_eq(failer.pool.used, 0);
    ck_assert_int_eq(finals, 0);
}
END_TEST
#endif

/* A frame with members of every alignment. */
struct aligned {
    cedo_coro coro;
    char c;
    int64_t wide;
    double real;
    void *pointer;
    int left;
};

static cedo_async(aligned)
{
    cedo_body(struct aligned, self) {
        ck_assert_uint_eq((uintptr_t)&self->wide % sizeof(int64_t), 0);
        ck_assert_uint_eq((uintptr_t)&self->real % sizeof(double), 0);
        if (self->left)
            cedo_await(cedo_call_new(aligned, .left = self->left - 1, .wide = 1, .real = 1.5));
    }
}

START_TEST(allocated_frames_are_aligned_for_any_member)
{
    open_world();
    failing_open(-1);
    ck_assert_ptr_nonnull(cedo_loop_spawn_new(&loop, aligned, .left = 3));
    run_dry();
    ck_assert_uint_eq(failer.pool.used, 0);
    close_world();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_pool_hands_out_its_blocks_and_takes_them_back,
        a_pool_refuses_what_is_larger_than_its_blocks,
        a_pool_makes_as_many_blocks_as_fit_in_the_order_of_their_addresses,
        an_arena_goes_from_one_end_to_the_other,
#if CEDO_HOSTED
        a_cache_keeps_small_blocks_for_the_next_request_of_their_size,
#endif
        each_single_request_may_fail,
        a_task_from_the_allocator_frees_itself,
        a_closed_loop_or_one_without_memory_starts_nothing,
        without_a_set_allocator_a_host_uses_malloc_and_firmware_nothing,
#if CEDO_REGISTRY
        close_frees_the_tasks_and_frames_that_were_allocated,
#endif
        allocated_frames_are_aligned_for_any_member,
    };
    return suite_run("alloc", tests, sizeof tests / sizeof *tests);
}
