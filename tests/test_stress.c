/* Random programs: tasks that sleep, yield, pass items, limit what they wait for, call, join and
 * cancel each other. Whatever happens, no item or wake-up is lost, no item is doubled, every
 * finally section runs once, no scope stays open, every task ends. CEDO_SEED=<n> runs one seed
 * only.
 */
#include "world.h"

#define ACTORS 10
#define ITEMS 20000

static uint32_t random_state;

static int draw(int below)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (int)((random_state >> 8) % (uint32_t)below);
}

static cedo_queue_of(int, 3) jobs = CEDO_QUEUE_INIT(jobs);
static cedo_event event;
static int items, sent[ITEMS], received[ITEMS];
static int entered, left, deferred, opened, closed;

static const int steps_each = 25;

/* ------------------------------------------------------------- a scope of our own, slow to
 * close */

struct slow {
    cedo_scope scope;
    int pauses;
};

static cedo_op slow_close(cedo_scope *scope, cedo_status *pending, cedo_status woke)
{
    struct slow *const slow = CEDO_CONTAINER_(scope, struct slow, scope);
    (void)pending, (void)woke;
    if (slow->pauses) {
        slow->pauses--;
        return draw(2) ? cedo_yield_now() : cedo_sleep((cedo_duration)draw(3));
    }
    closed++;
    return cedo_done(draw(10) ? CEDO_OK : CEDO_EUSER - 5);
}

static void slow_open(struct slow *slow)
{
    slow->pauses = draw(3);
    opened++;
    cedo_scope_open(&slow->scope, slow_close);
}

/* ------------------------------------------------------------- a piece of work, with finally and
 * blocks */

struct piece {
    cedo_coro coro;
    int depth, item, status;
    cedo_timeout limit, limit2;
    cedo_guard guard;
    struct slow slow;
    cedo_deferred deferred;
};

static void count_deferred(void *arg)
{
    (void)arg;
    deferred--;
}

static cedo_async(piece)
{
    cedo_body(struct piece, self) {
        entered++;
        deferred++;
        cedo_defer(&self->deferred, count_deferred, NULL);
        cedo_try (&self->guard) {
            cedo_with_timeout (&self->limit, draw(4) ? (cedo_duration)draw(20) : CEDO_FOREVER) {
                cedo_with_(slow_open(&self->slow), &self->slow.scope)
                {
                    if (draw(3) == 0) cedo_await(cedo_sleep((cedo_duration)draw(30)));
                    if (draw(3) == 0) {
                        cedo_await(cedo_queue_get(&jobs.queue, &self->item));
                        received[self->item]++;
                    }
                    if (draw(10) == 0) cedo_throw(CEDO_EUSER);
                    if (draw(10) == 0) cedo_return();
                    if (draw(10) == 0) continue;
#if CEDO_ALLOCATORS
                    if (self->depth < 3 && draw(2))
                        cedo_await(cedo_call_new(piece, .depth = self->depth + 1));
#endif
                    if (draw(3) == 0) cedo_await(cedo_event_wait(&event));
                }
            }
        }
        cedo_except (&self->guard) {
            if (draw(4) == 0) cedo_await(cedo_yield_now());
            if (draw(4) == 0) cedo_rethrow(&self->guard);
        }
        cedo_await(cedo_yield_now());
    cedo_finally:
        left++;
        if (draw(2)) cedo_await(cedo_yield_now());
        if (draw(3) == 0) {
            cedo_catch(self->status, cedo_wait_for(&self->limit2, (cedo_duration)draw(5),
                                                   cedo_sleep((cedo_duration)draw(8))));
        }
        if (draw(20) == 0) cedo_throw(CEDO_EUSER - 1);
    }
}

/* ------------------------------------------------------------- the actors */

struct actor {
    cedo_coro coro;
    int me, i, kind, status, item;
    cedo_timeout limit;
    struct piece piece;
};

static cedo_task_of(actor) actors[ACTORS];

static cedo_async(actor)
{
    cedo_body(struct actor, self) {
        entered++;
        for (self->i = 0; self->i < steps_each; self->i++) {
            self->kind = draw(13);
            self->status = 0;
            if (self->kind == 0) cedo_catch(self->status, cedo_sleep((cedo_duration)draw(20)));
            if (self->kind == 1) cedo_catch(self->status, cedo_yield_now());
            if (self->kind == 2 || self->kind == 3) {
                self->item = items++;
                cedo_catch(self->status, cedo_queue_put(&jobs.queue, &self->item));
                if (self->status == CEDO_OK) sent[self->item]++;
                /* whoever was woken for it may be cancelled before its turn */
                if (draw(3) == 0) (void)cedo_task_cancel(&actors[draw(ACTORS)].task);
            }
            if (self->kind == 4) {
                cedo_catch(self->status, cedo_queue_get(&jobs.queue, &self->item));
                if (self->status == CEDO_OK) received[self->item]++;
                if (draw(3) == 0) (void)cedo_task_cancel(&actors[draw(ACTORS)].task);
            }
            if (self->kind == 5) {
                cedo_catch(self->status, cedo_wait_for(&self->limit, (cedo_duration)(draw(12) - 1),
                                                       cedo_queue_get(&jobs.queue, &self->item)));
                if (self->status == CEDO_OK) received[self->item]++;
            }
            if (self->kind == 6) cedo_catch(self->status, cedo_call(&self->piece, piece));
            if (self->kind == 7)
                cedo_catch(self->status, cedo_wait_for(&self->limit, (cedo_duration)(draw(12) - 1),
                                                       cedo_call(&self->piece, piece)));
            if (self->kind == 8) (void)cedo_task_cancel(&actors[draw(ACTORS)].task);
#if CEDO_JOIN
            if (self->kind == 9)
                cedo_catch(self->status, cedo_wait_for(&self->limit, (cedo_duration)draw(12),
                                                       cedo_join(&actors[draw(ACTORS)].task)));
            if (self->kind == 10 && draw(4) == 0)
                cedo_catch(self->status, cedo_join(&actors[draw(ACTORS)].task));
#endif
            if (self->kind == 11) {
                if (draw(2))
                    cedo_event_set(&event);
                else
                    cedo_event_clear(&event);
            }
            if (self->kind == 12) {
                if (draw(2))
                    (void)cedo_task_uncancel(cedo_current_task());
                else if (draw(20) == 0)
                    cedo_throw(CEDO_EUSER);
            }
            if (self->status == CEDO_ECANCELED && draw(4) == 0) cedo_throw(self->status);
        }
    cedo_finally:
        left++;
        if (draw(2)) cedo_await(cedo_sleep((cedo_duration)draw(5)));
        if (draw(2)) cedo_await(cedo_yield_now());
    }
}

#if CEDO_ALLOCATORS
static CEDO_POOL_STORAGE(pool_storage, sizeof(struct piece) + 64, 4 * ACTORS);
static cedo_pool pool;
#endif

static void play(uint32_t seed)
{
    static const cedo_event unset;
    int alive, rounds = 0;
    open_world();
    random_state = seed;
    event = unset;
    cedo_queue_init(&jobs);
    items = entered = left = deferred = opened = closed = 0;
    memset(sent, 0, sizeof sent);
    memset(received, 0, sizeof received);
#if CEDO_ALLOCATORS
    cedo_pool_init(&pool, pool_storage, sizeof pool_storage, sizeof(struct piece) + 64);
    cedo_loop_set_allocator(&loop, &pool.allocator);
#endif
    for (int i = 0; i < ACTORS; i++) {
        start(&actors[i], actor, .me = i);
        cedo_task_keep(&actors[i].task);
    }
    do {
        run_dry();
        /* nothing is ready, so nobody may wait for what is there */
        for (int end = 0; end < 2; end++)
            ck_assert_msg(!jobs.queue.ends[end].left || !jobs.queue.ends[end].waiters.first,
                          "seed %u: a wake-up was lost", (unsigned)seed);
        alive = 0;
        /* all that is left waits for ever: stir */
        for (int i = 0; i < ACTORS; i++) {
            if (cedo_task_done(&actors[i].task)) continue;
            alive++;
            if (draw(2)) (void)cedo_task_cancel(&actors[i].task);
        }
        ck_assert_msg(rounds++ < 5000, "seed %u: a task does not end", (unsigned)seed);
    } while (alive);
    ck_assert_msg(entered == left, "seed %u: %d entered, %d left", (unsigned)seed, entered, left);
    ck_assert_msg(opened == closed, "seed %u: %d scopes opened, %d closed", (unsigned)seed, opened,
                  closed);
    ck_assert_int_eq(deferred, 0);
#if CEDO_ALLOCATORS
    ck_assert_uint_eq(pool.used, 0);
#endif
    for (int item; cedo_queue_get_nowait(&jobs.queue, &item) == CEDO_OK;) received[item]++;
    for (int i = 0; i < items; i++)
        ck_assert_msg(sent[i] == received[i], "seed %u: item %d sent %d, received %d",
                      (unsigned)seed, i, sent[i], received[i]);
    for (int i = 0; i < ACTORS; i++) {
        ck_assert_ptr_null(actors[i].task.chain.scopes);
        ck_assert_int_ne(cedo_task_result(&actors[i].task), CEDO_ESTATE);
    }
    ck_assert_ptr_null(event.waiters.first);
    ck_assert_ptr_null(jobs.queue.ends[0].waiters.first);
    ck_assert_ptr_null(jobs.queue.ends[1].waiters.first);
    close_world();
}

START_TEST(random_programs_keep_what_is_promised)
{
    const char *const one = getenv("CEDO_SEED");
    if (one) {
        play((uint32_t)atol(one));
        return;
    }
    for (uint32_t seed = 1; seed <= 1000; seed++) play(seed);
}
END_TEST

SUITE("stress", random_programs_keep_what_is_promised)
