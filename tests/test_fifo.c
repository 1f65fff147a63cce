/* How a queue that is first in, first out moves its items: what queue.h promises, in the ways that only
 * items of some size, or some orders of puts and gets, take. */
#include "random.h"
#include "world.h"

/* ------------------------------------------------------------- items of eight bytes */

static uint64_t places[3];
static cedo_queue words;

struct side_of_words {
    cedo_coro coro;
    int count, i;
    uint64_t item;
    enum { CAREFUL, GIVES_A_LOCAL, AWAITS_IN_A_GENERATOR, FORGETS_TO_AWAIT } in_the_end;
};

/* Runs within the turn of a task, and is none. */
struct inner {
    cedo_coro coro;
    uint64_t item;
    bool awaits;
};

static cedo_async(inner)
{
    cedo_body(struct inner, self) {
        ck_assert_ptr_null(cedo_current_task());
        if (self->awaits) cedo_await(cedo_queue_get(&words, &self->item));
    }
}

static void run_generator(bool awaits)
{
    static struct inner generator;
    memset(&generator, 0, sizeof generator);
    (void)cedo_make(&generator, inner, .awaits = awaits);
    ck_assert_int_eq(cedo_next(&generator), CEDO_END);
}

static cedo_async(putter)
{
    cedo_body(struct side_of_words, self) {
        for (self->i = 0; self->i < self->count; self->i++) {
            self->item = UINT64_C(0x100000000) + (uint64_t)self->i;
            cedo_await(cedo_queue_put(&words, &self->item));
        }
    }
}

static uint64_t next_got;

static void forget_to_await(cedo_op op)
{
    ck_assert_ptr_eq(op, CEDO_WAITING);
}

static cedo_async(getter)
{
    cedo_body(struct side_of_words, self) {
        for (self->i = 0; self->i < self->count; self->i++) {
            cedo_await(cedo_queue_get(&words, &self->item));
            ck_assert(self->item == UINT64_C(0x100000000) + next_got++);
        }
        if (self->in_the_end == AWAITS_IN_A_GENERATOR) run_generator(true);
        if (self->in_the_end == GIVES_A_LOCAL) {
            uint64_t local;
            cedo_await(cedo_queue_get(&words, &local));
        }
        if (self->in_the_end == FORGETS_TO_AWAIT) {
            forget_to_await(cedo_queue_get(&words, &self->item));
            cedo_await(cedo_queue_get(&words, &self->item));
        }
    }
}

static cedo_task tasks_of_words[3];
static struct side_of_words sides_of_words[3];

static void begin_with_words(size_t capacity)
{
    open_world();
    memset(tasks_of_words, 0, sizeof tasks_of_words);
    memset(sides_of_words, 0, sizeof sides_of_words);
    cedo_queue_init_at(&words, places, capacity, sizeof *places);
    next_got = 0;
}

static void start_with_words_in(cedo_loop *where, int which, cedo_body_ *body, int count)
{
    sides_of_words[which].coro.body = body;
    sides_of_words[which].count = count;
    ck_assert_int_eq(
        cedo_loop_spawn_coro(where, &tasks_of_words[which], &sides_of_words[which].coro), CEDO_OK);
}

static void start_with_words(int which, cedo_body_ *body, int count)
{
    start_with_words_in(&loop, which, body, count);
}

static void end_with_words(int tasks)
{
    run_dry();
    for (int i = 0; i < tasks; i++) ck_assert(cedo_task_done(&tasks_of_words[i]));
    ck_assert_uint_eq(cedo_queue_size(&words), 0);
    close_world();
}

START_TEST(items_of_eight_bytes_pass_whoever_waits)
{
    for (size_t capacity = 1; capacity <= 3; capacity++) {
        for (int first = 0; first < 2; first++) { /* who begins, and so who waits */
            begin_with_words(capacity);
            for (int i = 0; i < 2; i++)
                start_with_words(i, i == first ? putter_coro : getter_coro, 40);
            end_with_words(2);
        }
    }
}
END_TEST

START_TEST(items_of_eight_bytes_go_to_several_in_turn)
{
    begin_with_words(1);
    start_with_words(0, getter_coro, 40);
    start_with_words(1, getter_coro, 40);
    start_with_words(2, putter_coro, 80);
    end_with_words(3);
}
END_TEST

#if CEDO_HOSTED && CEDO_LOOPS
START_TEST(items_of_eight_bytes_go_from_one_loop_of_a_thread_to_another)
{
    static cedo_loop second;
    begin_with_words(1);
    ck_assert_int_eq(cedo_loop_init(&second, cedo_loop_port_(&loop)), CEDO_OK);
    start_with_words(0, putter_coro, 40);
    start_with_words_in(&second, 1, getter_coro, 40);
    while (!cedo_task_done(&tasks_of_words[1])) {
        run_dry();
        ck_assert_int_eq(cedo_loop_run_forever(&second), CEDO_EDEADLK);
    }
    ck_assert_int_eq(cedo_loop_close(&second), CEDO_OK);
    end_with_words(2);
}
END_TEST
#endif

#if CEDO_HOSTED && CEDO_CHECKS
static void end_carelessly(void)
{
    start_with_words(0, putter_coro, 40);
    start_with_words(1, getter_coro, 39);
    run_dry();
}

START_TEST(a_wait_given_a_c_local_where_two_take_turns_traps)
{
    begin_with_words(1);
    sides_of_words[1].in_the_end = GIVES_A_LOCAL;
    ck_trap(end_carelessly, "was given a C local");
}
END_TEST

START_TEST(a_wait_that_is_not_awaited_where_two_take_turns_traps)
{
    begin_with_words(1);
    sides_of_words[1].in_the_end = FORGETS_TO_AWAIT;
    ck_trap(end_carelessly, "was begun but not awaited");
}
END_TEST

START_TEST(a_wait_in_a_generator_where_two_take_turns_traps)
{
    begin_with_words(1);
    sides_of_words[1].in_the_end = AWAITS_IN_A_GENERATOR;
    ck_trap(end_carelessly, "can only be awaited in a task");
}
END_TEST
#endif

struct drop {
    cedo_coro coro;
    cedo_queue *queue;
    uint64_t item;
};

static cedo_async(drop)
{
    cedo_body(struct drop, self) {
        cedo_await(cedo_queue_get(self->queue, &self->item));
        mark("%d", (int)self->item);
    }
}

START_TEST(items_of_eight_bytes_go_to_each_who_waits_wherever_they_are)
{
    begin_with_words(3);
    for (int shift = 0; shift < 4; shift++) { /* where the first item is */
        static cedo_task_of(drop) waiters[3];
        uint64_t item = 0;
        memset(waiters, 0, sizeof waiters);
        for (int i = 0; i < 3; i++) start(&waiters[i], drop, .queue = &words);
        turns(1);
        for (item = 1; item <= 3; item++)
            ck_assert_int_eq(cedo_queue_put_nowait(&words, &item), CEDO_OK);
        ck_assert_uint_eq(cedo_queue_size(&words), 3);
        run_dry();
        ck_trail("1 2 3");
        ck_assert_int_eq(cedo_queue_put_nowait(&words, &item), CEDO_OK);
        ck_assert_int_eq(cedo_queue_get_nowait(&words, &item), CEDO_OK);
    }
    close_world();
}
END_TEST

/* A queue and what must be in it. */
struct model {
    cedo_queue *queue;
    uint64_t put, got; /* the numbers of the next ones */
    unsigned unfinished;
    bool is_shut;
};

static void model_agrees(const struct model *model)
{
    const uint64_t size = model->put - model->got;
    ck_assert_uint_eq(cedo_queue_size(model->queue), size);
    ck_assert_int_eq(cedo_queue_empty(model->queue), size == 0);
    ck_assert_int_eq(cedo_queue_full(model->queue), size == cedo_queue_maxsize(model->queue));
}

/* Several in a row, so that an end goes ahead; then something else, so that it must stop. */
static void model_step(struct model *model)
{
    const int count = 1 + draw(chance(2) ? 3 : 20);
    const int what = draw(16);
    uint64_t item;
    for (int i = 0; i < count; i++) {
        const uint64_t size = model->put - model->got;
        if (what < 7) {
            const cedo_status full =
                size == cedo_queue_maxsize(model->queue) ? CEDO_EAGAIN : CEDO_OK;
            item = model->put;
            if (model->unfinished == 255) return; /* as much as firmware can count */
            ck_assert_int_eq(cedo_queue_put_nowait(model->queue, &item),
                             model->is_shut ? CEDO_ECLOSED : full);
            if (model->is_shut || full) continue;
            model->put++;
            model->unfinished++;
        }
        else if (what < 13) {
            item = 0;
            ck_assert_int_eq(cedo_queue_get_nowait(model->queue, &item), size ? CEDO_OK
                                                                         : model->is_shut
                                                                             ? CEDO_END
                                                                             : CEDO_EAGAIN);
            if (size) ck_assert(item == model->got++);
        }
        else if (what < 15) {
            ck_assert_int_eq(cedo_queue_task_done(model->queue),
                             model->unfinished ? CEDO_OK : CEDO_EINVAL);
            if (model->unfinished) model->unfinished--;
        }
        if (chance(2)) model_agrees(model);
    }
    if (what < 15 || !chance(20)) return;
    model->is_shut = true;
    if (chance(2)) {
        cedo_queue_shutdown(model->queue);
    }
    else {
        const uint64_t size = model->put - model->got;
        cedo_queue_shutdown_now(model->queue);
        model->got = model->put;
        model->unfinished = size > model->unfinished ? 0 : model->unfinished - (unsigned)size;
    }
    model_agrees(model);
}

START_TEST(a_queue_of_words_does_what_a_model_says)
{
    static uint64_t storage[64];
    static const uint8_t sizes[] = {1, 2, 3, 5, 16, 64};
    open_world();
    for (unsigned round = 0; round < 600; round++) {
        cedo_queue queue;
        struct model model = {&queue, 1, 1, 0, false};
        cedo_queue_init_at(&queue, storage, sizes[round % 6], sizeof *storage);
        random_state = round;
        for (int step = 0; step < 60; step++) model_step(&model);
        model_agrees(&model);
        while (model.unfinished) {
            ck_assert_int_eq(cedo_queue_task_done(&queue), CEDO_OK);
            model.unfinished--;
        }
        ck_assert_int_eq(cedo_queue_task_done(&queue), CEDO_EINVAL);
    }
    close_world();
}
END_TEST

/* ------------------------------------------------------------- taking turns */

#if CEDO_HOSTED && CEDO_SCOPES && CEDO_JOIN && CEDO_HANDLES && CEDO_SPAWN_HOOK
/* Two tasks pass words through a queue of one place, and with nothing else ready they are a duet. In
 * its turn each may do something that sees the difference, or that would, were there one: all is as with
 * a clock that is cheap, where there are no duets. */

static cedo_queue_of(uint64_t, 1) strait;
static cedo_event third_may_go;
static int in_duet; /* turns in which the queue was one */

struct side {
    cedo_coro coro;
    const char *name;
    cedo_task *other;
    uint64_t item, spare;
    int puts, left, what, status;
    cedo_timeout limit;
};

typedef cedo_task_of(side) side_type;
static cedo_async(side);
static side_type putting, getting;

static void mark_queue(const char *name)
{
    mark("%s%d%s%s", name, (int)cedo_queue_size(&strait.queue),
         cedo_queue_empty(&strait.queue) ? "e" : "", cedo_queue_full(&strait.queue) ? "f" : "");
}

static void mark_task(const cedo_task *task)
{
#if CEDO_TRACE
    cedo_task_state state;
    cedo_task_inspect(task, &state);
    mark("%d%s", (int)state.phase, state.wait ? state.wait : "-");
#else
    mark("%d", cedo_task_done(task));
#endif
}

static cedo_status look(void *name)
{
    mark_task(&putting.task);
    mark_task(&getting.task);
    mark_queue((const char *)name);
    return CEDO_OK;
}

/* A third task: waits for what a side may set; or moves an item, or is told when all are done. */
struct third {
    cedo_coro coro;
    int kind;
    uint64_t item;
    int status;
};

static cedo_async(third)
{
    cedo_body(struct third, self) {
        if (self->kind == 0) {
            cedo_await(cedo_event_wait(&third_may_go));
            mark("third");
        }
        else if (self->kind == 1) {
            self->item = 1000;
            cedo_catch(self->status, cedo_queue_put(&strait.queue, &self->item));
            mark("third put %d", self->status);
        }
        else if (self->kind == 2) {
            cedo_catch(self->status, cedo_queue_get(&strait.queue, &self->item));
            mark("third got %d %d", (int)self->item, self->status);
        }
        else {
            cedo_catch(self->status, cedo_queue_join(&strait.queue));
            mark("joined %d", self->status);
        }
    }
}

static cedo_task_of(third) thirds[8];
static unsigned used_thirds;

static void start_third(int kind)
{
    if (used_thirds == sizeof thirds / sizeof *thirds) return;
    ck_assert_int_eq(cedo_spawn(&thirds[used_thirds], third, .kind = kind), CEDO_OK);
    used_thirds++;
}

/* What does not wait. */
static void disturb(struct side *self, int what)
{
    static cedo_handle handle;
    uint64_t item = 2000;
    switch (what) {
    case 0: mark_queue(self->name); break;
    case 1: mark("%s%d", self->name, cedo_queue_put_nowait(&strait.queue, &item)); break;
    case 2:
        mark("%s%d", self->name, cedo_queue_get_nowait(&strait.queue, &item));
        mark("%d", (int)item);
        break;
    case 3: mark("%s%d", self->name, cedo_task_cancel(self->other)); break;
    case 4: cedo_task_cancel_with(cedo_current_task(), "self"); break;
    case 5: cedo_event_set(&third_may_go); break;
    case 6:
        if (!cedo_handle_scheduled(&handle))
            ck_assert_int_eq(cedo_call_soon(&loop, &handle, look, "soon"), CEDO_OK);
        break;
    case 7: {
        int count = 0;
        while (cedo_queue_task_done(&strait.queue) == CEDO_OK) count++;
        mark("%sdone%d", self->name, count);
        break;
    }
    case 8: (void)look("now"); break;
    case 9: start_third(0); break;
    case 10: start_third(1); break;
    case 11: start_third(2); break;
    case 12: start_third(3); break;
    case 13: cedo_loop_stop(&loop); break;
    case 14: cedo_queue_shutdown(&strait.queue); break;
    case 15: cedo_queue_shutdown_now(&strait.queue); break;
    case 16: mark("%d", cedo_task_done(self->other)); break;
    default: cedo_event_clear(&third_may_go); break;
    }
}

/* What a side may do in its turn: one of the above, or, from here on, */
enum {
    KINDS = 18,
    YIELDS = KINDS,
    SLEEPS,
    CALLS,
    CALLS_AND_SLEEPS,
    ENDS,
    LIMITS_TO_1_MS,
    LIMITS_TO_2_MS,
    USES_ANOTHER_WORD,
    GOES_THE_OTHER_WAY,
    RUNS_A_GENERATOR,
    DISTURBS_BEFORE_ITS_AWAIT = 30
};

static cedo_op move(struct side *self, void *item)
{
    return self->puts ? cedo_queue_put(&strait.queue, item) : cedo_queue_get(&strait.queue, item);
}

/* An operation, and something between its beginning and its await. */
static cedo_op move_and_disturb(struct side *self)
{
    const cedo_op op = move(self, &self->item);
    disturb(self, self->what - DISTURBS_BEFORE_ITS_AWAIT);
    return op;
}

struct pause {
    cedo_coro coro;
    int length;
};

static cedo_async(pause)
{
    cedo_body(struct pause, self) {
        if (self->length) cedo_await(cedo_sleep_ms(self->length));
    }
}

static cedo_async(side)
{
    cedo_body(struct side, self) {
        while (self->left-- > 0) {
            if (strait.queue.kind == CEDO_QUEUE_DUET_) in_duet++;
            self->what = chance(6) ? draw(DISTURBS_BEFORE_ITS_AWAIT + KINDS) : -1;
            if (self->what >= 0 && self->what < KINDS) disturb(self, self->what);
            self->status = 0;
            if (self->what == YIELDS) cedo_catch(self->status, cedo_yield_now());
            if (self->what == SLEEPS) cedo_catch(self->status, cedo_sleep_ms(draw(3)));
            if (self->what == CALLS) cedo_catch(self->status, cedo_call_new(pause, .length = 0));
            if (self->what == CALLS_AND_SLEEPS)
                cedo_catch(self->status, cedo_call_new(pause, .length = 2));
            if (self->what == ENDS) break;
            if (self->what == RUNS_A_GENERATOR) run_generator(false);
            if (self->status) mark("%s!%d", self->name, self->status);
            if (self->puts) self->item = self->spare = (uint64_t)self->left;
            if (self->what == LIMITS_TO_1_MS || self->what == LIMITS_TO_2_MS)
                cedo_catch(self->status,
                           cedo_wait_for(&self->limit, CEDO_MS(self->what - LIMITS_TO_1_MS + 1),
                                         move(self, &self->item)));
            else if (self->what == GOES_THE_OTHER_WAY)
                cedo_catch(self->status, self->puts ? cedo_queue_get(&strait.queue, &self->item)
                                                    : cedo_queue_put(&strait.queue, &self->item));
            else if (self->what == USES_ANOTHER_WORD)
                cedo_catch(self->status, move(self, &self->spare));
            else if (self->what >= DISTURBS_BEFORE_ITS_AWAIT)
                cedo_catch(self->status, move_and_disturb(self));
            else
                cedo_catch(self->status, move(self, &self->item));
            mark("%s%d", self->name,
                 (int)(self->what == USES_ANOTHER_WORD ? self->spare : self->item));
            if (self->status) {
                const char *const message = cedo_task_cancel_message(cedo_current_task());
                mark("%d%s", self->status, message ? message : "");
                (void)cedo_task_uncancel(cedo_current_task());
            }
        }
    }
}

/* The trail of a run. */
static void play(uint64_t seed, bool costly, char kept[sizeof trail])
{
    clock_is_costly = costly;
    random_state = seed;
    open_world();
    cedo_queue_init(&strait);
    memset(&putting, 0, sizeof putting);
    memset(&getting, 0, sizeof getting);
    memset(thirds, 0, sizeof thirds);
    used_thirds = 0;
    cedo_event_clear(&third_may_go);
    if (chance(4)) cedo_loop_set_spawn_hook(&loop, cedo_spawn_eagerly, NULL);
    start(&putting, side, .name = "p", .puts = 1, .left = 5 + draw(60), .other = &getting.task);
    start(&getting, side, .name = "g", .puts = 0, .left = 5 + draw(60), .other = &putting.task);
    for (cedo_status status = CEDO_OK; status == CEDO_OK;) {
        status = cedo_loop_run_forever(&loop);
        look("end");
    }
    while (cedo_loop_next_task(&loop, NULL)) {
        cedo_queue_shutdown_now(&strait.queue);
        cedo_event_set(&third_may_go);
        while (cedo_queue_task_done(&strait.queue) == CEDO_OK) mark("done");
        (void)cedo_loop_run_forever(&loop);
    }
    run_dry(); /* a callback may be left */
    close_world();
    strcpy(kept, trail);
}

START_TEST(two_tasks_that_take_turns_do_what_they_would_without)
{
    static char plain[sizeof trail], turns_taken[sizeof trail];
    in_duet = 0;
    for (uint64_t seed = 0; seed < 6000; seed++) {
        play(seed, false, plain);
        ck_assert_int_eq(strait.queue.patience, 0);
        play(seed, true, turns_taken);
        ck_assert_msg(strcmp(plain, turns_taken) == 0, "seed %d:\n%s\n%s", (int)seed, plain,
                      turns_taken);
    }
    ck_assert_int_gt(in_duet, 6000); /* or it would not have been seen */
}
END_TEST
#endif

int main(void)
{
    const TTest *const tests[] = {
        items_of_eight_bytes_pass_whoever_waits,
        items_of_eight_bytes_go_to_several_in_turn,
#if CEDO_HOSTED && CEDO_LOOPS
        items_of_eight_bytes_go_from_one_loop_of_a_thread_to_another,
#endif
#if CEDO_HOSTED && CEDO_CHECKS
        a_wait_given_a_c_local_where_two_take_turns_traps,
        a_wait_that_is_not_awaited_where_two_take_turns_traps,
        a_wait_in_a_generator_where_two_take_turns_traps,
#endif
        items_of_eight_bytes_go_to_each_who_waits_wherever_they_are,
        a_queue_of_words_does_what_a_model_says,
#if CEDO_HOSTED && CEDO_SCOPES && CEDO_JOIN && CEDO_HANDLES && CEDO_SPAWN_HOOK
        two_tasks_that_take_turns_do_what_they_would_without,
#endif
    };
    return suite_run("fifo", tests, sizeof tests / sizeof *tests);
}
