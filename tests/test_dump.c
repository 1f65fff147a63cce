/* Introspection: the tree of tasks, states, call graphs. */
#include "world.h"

/* ------------------------------------------------------------- what is printed */

static char printed[16384];
static size_t pieces;

static void print(void *arg, const char *text, size_t length)
{
    const size_t used = strlen(printed);
    ck_assert_ptr_eq(arg, &loop);
    ck_assert_uint_lt(used + length, sizeof printed);
    memcpy(printed + used, text, length);
    printed[used + length] = '\0';
    pieces++;
}

/* What was printed since, with @ for addresses, # for lines, and no path before a file. */
static const char *plain(void)
{
    static char text[sizeof printed];
    char *to = text;
    for (const char *from = printed; *from;) {
        if (from[0] == '0' && from[1] == 'x') {
            *to++ = '@';
            from += 2 + strspn(from + 2, "0123456789abcdef");
        }
        else if (*from == '/') {
            while (to > text && !strchr(" '", to[-1])) to--;
            from++;
        }
        else if (*from == ':' && from > printed && from[-1] != ' ' &&
                 strspn(from + 1, "0123456789")) {
            *to++ = ':';
            *to++ = '#';
            from += 1 + strspn(from + 1, "0123456789");
        }
        else if (strncmp(from, "', line ", 8) == 0) {
            to += strlen(strcpy(to, "', line #"));
            from += 8 + strspn(from + 8, "0123456789");
        }
        else {
            *to++ = *from++;
        }
    }
    *to = '\0';
    printed[0] = '\0';
    pieces = 0;
    return text;
}

#define ck_printed(expected) ck_assert_str_eq(plain(), expected)

/* A task is known by its number, or by its function where there are no names. */
#if CEDO_NAMES
#define NAME(number, function) "Task-" #number
#else
#define NAME(number, function) #function
#endif

static void open_quiet_world(void)
{
    open_world();
    printed[0] = '\0';
    cedo_loop_set_debug(&loop, false);
}

static void dump(void)
{
    cedo_dump(&loop, print, &loop);
}

static void dump_task(cedo_task *task)
{
    cedo_dump_task(task, print, &loop);
}

/* ------------------------------------------------------------- what is waited for */

static cedo_event event;
static cedo_lock lock;
static cedo_condition condition;
static cedo_semaphore semaphore;
static cedo_barrier barrier;
static cedo_future future;
static cedo_queue_of(unsigned char, 1) queue = CEDO_QUEUE_INIT(queue);
static unsigned char item;

struct any {
    cedo_coro coro;
    int kind;
    cedo_task *task;
};

enum {
    EVENT,
    LOCK,
    CONDITION,
    SEMAPHORE,
    BARRIER,
    FUTURE,
    SHIELDED_FUTURE,
    GET,
    PUT,
    FOR_EVER,
    SLEEP,
    YIELD,
    JOIN,
    SHIELDED_JOIN
};

static cedo_async(any)
{
    cedo_body(struct any, self) {
        if (self->kind == EVENT) cedo_await(cedo_event_wait(&event));
        if (self->kind == LOCK) {
            cedo_await(cedo_lock_acquire(&lock));
            cedo_await(cedo_lock_acquire(&lock));
        }
        if (self->kind == CONDITION) {
            cedo_await(cedo_lock_acquire(cedo_condition_lock(&condition)));
            cedo_await(cedo_condition_wait(&condition));
        }
        if (self->kind == SEMAPHORE) cedo_await(cedo_semaphore_acquire(&semaphore));
        if (self->kind == BARRIER) cedo_await(cedo_barrier_wait(&barrier, NULL));
        if (self->kind == FUTURE) cedo_await(cedo_future_wait(&future));
        if (self->kind == SHIELDED_FUTURE) cedo_await(cedo_future_wait_shielded(&future));
        if (self->kind == GET) cedo_await(cedo_queue_get(&queue.queue, &item));
        if (self->kind == PUT) {
            cedo_await(cedo_queue_put(&queue.queue, &item));
            cedo_await(cedo_queue_put(&queue.queue, &item));
        }
        if (self->kind == FOR_EVER) cedo_await(cedo_sleep(CEDO_FOREVER));
        if (self->kind == SLEEP) cedo_await(cedo_sleep_ms(1250));
        if (self->kind == YIELD) cedo_await(cedo_yield_now());
        if (self->kind == JOIN) cedo_await(cedo_join(self->task));
        if (self->kind == SHIELDED_JOIN) cedo_await(cedo_join_shielded(self->task));
    }
}

static cedo_task_of(any) task, other, third, fourth;

static void open_objects(void)
{
    memset(&event, 0, sizeof event);
    memset(&lock, 0, sizeof lock);
    memset(&condition, 0, sizeof condition);
    memset(&future, 0, sizeof future);
    cedo_queue_init(&queue);
    ck_assert_int_eq(cedo_semaphore_init(&semaphore, 0), CEDO_OK);
    ck_assert_int_eq(cedo_barrier_init(&barrier, 2), CEDO_OK);
}

START_TEST(every_wait_has_a_name_and_tells_its_object)
{
    static const struct {
        const char *name;
        const void *object;
    } waits[] = {
        {"event", &event},
        {"lock", &lock},
        {"condition", &condition},
        {"semaphore", &semaphore},
        {"barrier", &barrier},
        {"future", &future},
        {"shielded future", &future},
        {"queue get", &queue},
        {"queue put", &queue},
        {"sleep for ever", NULL},
        {"sleep", NULL},
    };
    cedo_task_state state;
    open_quiet_world();
    for (int kind = EVENT; kind <= SLEEP; kind++) {
        open_objects();
        start(&task, any, .kind = kind);
        turns(1);
        cedo_task_inspect(&task.task, &state);
        ck_assert_int_eq(state.phase, CEDO_TASK_WAITS);
        ck_assert_str_eq(state.wait, waits[kind].name);
        ck_assert_ptr_eq(state.object, waits[kind].object);
        ck_assert_ptr_null(state.task);
        ck_assert_int_eq(state.left, kind == SLEEP ? CEDO_MS(1250) : 0);
        ck_assert_int_eq(state.age, -1);
        (void)cedo_task_cancel(&task.task);
        run_dry();
        ck_assert(cedo_task_done(&task.task));
    }
    close_world();
}
END_TEST

START_TEST(a_task_is_new_starts_waits_is_ready_and_ends)
{
    static const struct any fresh;
    memset(&task, 0, sizeof task);
    task.frame = fresh;
    open_quiet_world();
    open_objects();
    dump_task(&task.task);
    ck_printed("task at @: never spawned\n");
    start(&task, any, .kind = EVENT);
    dump_task(&task.task);
    ck_printed(NAME(1, any) " at @: not begun\n  in any, test_dump.c\n");
    turns(1);
    dump_task(&task.task);
    ck_printed(NAME(1, any) " at @: event at @\n  in any, test_dump.c:#\n");
    cedo_event_set(&event);
    dump_task(&task.task);
#if CEDO_HOSTED /* which forgets what needs no second try */
    ck_printed(NAME(1, any) " at @: ready\n  in any, test_dump.c:#\n");
#else
    ck_printed(NAME(1, any) " at @: ready after event at @\n  in any, test_dump.c:#\n");
#endif
    turns(1);
    dump_task(&task.task);
#if CEDO_HOSTED
    ck_printed("Task-1 at @: done, CEDO_OK\n");
#else
    ck_printed("task at @: done, 0\n");
#endif
    start(&task, any, .kind = GET);
    turns(1);
    ck_assert_int_eq(cedo_queue_put_nowait(&queue.queue, &item), CEDO_OK);
    dump_task(&task.task);
    ck_printed(NAME(2, any) " at @: ready after queue get at @\n  in any, test_dump.c:#\n");
    (void)cedo_task_cancel(&task.task);
    dump_task(&task.task);
    ck_printed(NAME(2, any) " at @: ready after queue get at @, cancel requests: 1\n"
                            "  in any, test_dump.c:#\n");
    turns(1);
    ck_assert_int_eq(cedo_queue_get_nowait(&queue.queue, &item), CEDO_OK);
    dump_task(&task.task);
#if CEDO_HOSTED
    ck_printed("Task-2 at @: done, CEDO_ECANCELED\n");
#else
    ck_printed("task at @: done, -1\n");
#endif
    close_world();
}
END_TEST

START_TEST(a_task_whose_wait_was_ended_is_ready)
{
    open_quiet_world();
    open_objects();
    start(&task, any, .kind = EVENT);
    turns(1);
    (void)cedo_task_cancel(&task.task);
    dump_task(&task.task);
    ck_printed(NAME(1, any) " at @: ready, cancel requests: 1\n  in any, test_dump.c:#\n");
    run_dry();
    close_world();
}
END_TEST

START_TEST(a_sleep_tells_how_long_it_lasts)
{
    need_cheap_clock();
    open_quiet_world();
    start(&task, any, .kind = SLEEP);
    turns(1);
    dump_task(&task.task);
    ck_printed(NAME(1, any) " at @: sleep, 1.250 s left\n  in any, test_dump.c:#\n");
    cedo_sim_advance(&loop, CEDO_MS(1249));
    dump_task(&task.task);
    ck_printed(NAME(1, any) " at @: sleep, 0.001 s left\n  in any, test_dump.c:#\n");
    cedo_sim_advance(&loop, CEDO_MS(2));
    dump_task(&task.task);
    ck_printed(NAME(1, any) " at @: sleep\n  in any, test_dump.c:#\n");
    run_dry();
    close_world();
}
END_TEST

static cedo_status dump_callback(void *task_)
{
    dump_task((cedo_task *)task_);
    return CEDO_OK;
}

START_TEST(a_sleep_that_is_due_is_ready)
{
    static cedo_handle handle;
    open_quiet_world();
    ck_assert_int_eq(cedo_call_later(&loop, &handle, CEDO_MS(1250), dump_callback, &task.task),
                     CEDO_OK);
    start(&task, any, .kind = SLEEP);
    run_dry();
    ck_printed(NAME(1, any) " at @: ready after sleep\n  in any, test_dump.c:#\n");
    close_world();
}
END_TEST

/* A clock that costs something: on a host, delays begin with the next look at it. */
static cedo_time slow_now(cedo_loop *where)
{
    return where->now;
}

static void slow_wait(cedo_loop *where, const cedo_time *until)
{
    if (until && cedo_time_after(*until, where->now)) where->now = *until;
    if (!until) where->flags |= CEDO_LOOP_DEADLOCK_;
}

static const cedo_port slow_port = {slow_now, slow_wait, NULL, NULL, NULL,
                                    NULL,     NULL,      NULL, NULL, false};

START_TEST(a_sleep_whose_delay_has_not_begun_has_all_of_it_left)
{
    open_world_on(&slow_port);
    printed[0] = '\0';
    cedo_loop_set_debug(&loop, false);
    start(&task, any, .kind = SLEEP);
    start(&other, any, .kind = SLEEP);
    turns(1);
    dump_task(&other.task);
    ck_printed(NAME(2, any) " at @: sleep, 1.250 s left\n  in any, test_dump.c:#\n");
    run_dry();
    close_world();
}
END_TEST

struct says_itself {
    cedo_coro coro;
    int line;
};

static cedo_async(says_itself)
{
    cedo_body(struct says_itself, self) {
        dump();
        cedo_await((self->line = __LINE__, cedo_yield_now()));
        cedo_dump(NULL, print, &loop);
    }
}

START_TEST(a_running_task_can_dump_itself)
{
    static cedo_task_of(says_itself) speaker;
    char expected[64];
    open_quiet_world();
    ck_assert_int_eq(run(&speaker, says_itself), CEDO_OK);
    snprintf(expected, sizeof expected, "test_dump.c:%d\n", speaker.frame.line);
    ck_assert_ptr_nonnull(strstr(printed, expected));
    ck_printed("loop @: 1 task\n" NAME(
        1, says_itself) " at @: running\n"
                        "  in says_itself, test_dump.c\n"
                        "loop @: 1 task\n" NAME(1,
                                                says_itself) " at @: running\n"
                                                             "  in says_itself, test_dump.c:#\n");
    close_world();
}
END_TEST

START_TEST(without_a_loop_a_dump_says_so)
{
    open_quiet_world();
    cedo_dump(NULL, print, &loop);
    ck_printed("no loop runs in this thread\n");
    cedo_dump_table(NULL, print, &loop);
    ck_printed("task\tname\tcoroutines\tawaiter's coroutines\tits name\tawaiter\n");
    close_world();
}
END_TEST

/* ------------------------------------------------------------- the tree */

struct parent {
    cedo_coro coro;
    cedo_task_of(any) child;
    struct any deep;
    cedo_timeout limit;
};

static cedo_async(parent)
{
    cedo_body(struct parent, self) {
        (void)cedo_spawn(&self->child, any, .kind = SLEEP);
        cedo_await(cedo_yield_now());
        cedo_await(
            cedo_wait_for(&self->limit, CEDO_MS(5000),
                          cedo_call(&self->deep, any, .kind = JOIN, .task = &self->child.task)));
    }
}

static cedo_task_of(parent) top;

START_TEST(GRAPH_04_each_task_stands_under_its_awaiter_and_several_roots_are_several_trees)
{
    open_quiet_world();
    start(&top, parent);
    start(&other, any, .kind = FOR_EVER);
    turns(2);
    start(&third, any, .kind = JOIN, .task = &top.task);
    start(&fourth, any, .kind = SHIELDED_JOIN, .task = &top.frame.child.task);
    turns(1);
    dump();
    ck_printed("loop @: 5 tasks\n" NAME(
        2, any) " at @: sleep for ever\n"
                "  in any, test_dump.c:#\n" NAME(4, any) " at @: join of " NAME(
                    1, parent) " at @\n"
                               "  in any, test_dump.c:#\n"
                               "    " NAME(1, parent) " at @: join of " NAME(
                                   3, any) " at @\n"
                                           "      in parent, test_dump.c:#\n"
                                           "      in cedo_wait_for, timeout.h\n"
                                           "      in any, test_dump.c:#\n"
                                           "        " NAME(
                                               3, any) " at @: sleep, 1.250 s left\n"
                                                       "          in any, test_dump.c:#\n" NAME(
                                                           5, any) " at @: shielded join "
                                                                   "of " NAME(3, any) " at @\n"
                                                                                      "  in any, "
                                                                                      "test_dump."
                                                                                      "c:#\n");
    (void)cedo_task_cancel(&other.task);
    run_dry();
    close_world();
}
END_TEST

START_TEST(GRAPH_04_a_circle_of_awaits_is_named)
{
    cedo_task *const first = &task.task < &other.task ? &task.task : &other.task;
    char expected[600];
    const char *const a = first == &task.task ? NAME(1, any) : NAME(2, any);
    const char *const b = first == &task.task ? NAME(2, any) : NAME(1, any);
    open_quiet_world();
    start(&task, any, .kind = SHIELDED_JOIN, .task = &other.task);
    start(&other, any, .kind = SHIELDED_JOIN, .task = &task.task);
    start(&third, any, .kind = FOR_EVER);
    turns(1);
    dump();
    snprintf(expected, sizeof expected,
             "loop @: 3 tasks\n%s at @: sleep for ever\n  in any, test_dump.c:#\n"
             "a circle:\n"
             "%s at @: shielded join of %s at @\n  in any, test_dump.c:#\n"
             "    %s at @: shielded join of %s at @\n      in any, test_dump.c:#\n",
             NAME(3, any), a, b, b, a);
    ck_printed(expected);
    (void)cedo_task_cancel(&task.task);
    (void)cedo_task_cancel(&third.task);
    run_dry();
    close_world();
}
END_TEST

START_TEST(who_waits_for_a_task_in_a_circle_stands_above_no_tree)
{
    open_quiet_world();
    start(&task, any, .kind = SHIELDED_JOIN, .task = &other.task);
    start(&other, any, .kind = SHIELDED_JOIN, .task = &task.task);
    turns(1);
    start(&third, any, .kind = SHIELDED_JOIN, .task = &task.task);
    turns(1);
    dump();
    ck_assert_ptr_nonnull(strstr(plain(), NAME(3, any) " at @: shielded join of"));
    (void)cedo_task_cancel(&task.task);
    (void)cedo_task_cancel(&other.task);
    run_dry();
    close_world();
}
END_TEST

START_TEST(GRAPH_05_a_table_has_a_line_for_each_task_and_awaiter)
{
    open_quiet_world();
    start(&top, parent);
    turns(2);
    start(&other, any, .kind = JOIN, .task = &top.task);
    start(&third, any, .kind = SHIELDED_JOIN, .task = &top.task);
    turns(1);
    cedo_dump_table(&loop, print, &loop);
    ck_printed(
        "task\tname\tcoroutines\tawaiter's coroutines\tits name\tawaiter\n"
        "@\t" NAME(1, parent) "\tany, cedo_wait_for, parent\tany\t" NAME(
            3, any) "\t@\n"
                    "@\t" NAME(1, parent) "\tany, cedo_wait_for, parent\tany\t" NAME(
                        4, any) "\t@\n"
                                "@\t" NAME(2, any) "\tany\tany, cedo_wait_for, parent\t" NAME(
                                    1, parent) "\t@\n"
                                               "@\t" NAME(3, any) "\tany\t\t\t\n"
                                                                  "@\t" NAME(4,
                                                                             any) "\tany\t\t\t\n");
    run_dry();
    close_world();
}
END_TEST

/* ------------------------------------------------------------- groups and sets */

struct family {
    cedo_coro coro;
    cedo_group group;
    cedo_task_of(any) a, b, c;
    cedo_set set;
    cedo_member x, y, z, f;
    bool gathers;
};

static cedo_async(family)
{
    cedo_body(struct family, self) {
        if (self->gathers) {
            (void)cedo_spawn(&self->a, any, .kind = FOR_EVER);
            (void)cedo_spawn(&self->b, any, .kind = SLEEP);
            (void)cedo_set_add_task(&self->set, &self->x, &self->a.task);
            (void)cedo_set_add_task(&self->set, &self->y, &self->b.task);
            (void)cedo_set_add_task(&self->set, &self->z, &self->b.task); /* twice */
            (void)cedo_set_add_future(&self->set, &self->f, &future);
            cedo_await(cedo_gather(&self->set));
        }
        (void)cedo_group_spawn(&self->group, &self->a, any, .kind = FOR_EVER);
        (void)cedo_group_spawn(&self->group, &self->b, any, .kind = SLEEP);
        (void)cedo_group_spawn(&self->group, &self->c, any, .kind = JOIN, .task = &other.task);
        cedo_await(cedo_group_join(&self->group));
    }
}

static cedo_task_of(family) house;

START_TEST(GRAPH_01_children_stand_under_their_group)
{
    cedo_task_state state;
    open_quiet_world();
    start(&house, family);
    start(&other, any, .kind = FOR_EVER);
    turns(2);
    cedo_task_inspect(&house.task, &state);
    ck_assert_str_eq(state.wait, "group");
    ck_assert_ptr_eq(state.object, &house.frame.group);
    dump();
    ck_printed("loop @: 5 tasks\n" NAME(
        1, family) " at @: group at @\n"
                   "  in family, test_dump.c:#\n"
                   "  in cedo_group_join, group.h\n"
                   "    " NAME(
                       3, any) " at @: sleep for ever\n"
                               "      in any, test_dump.c:#\n"
                               "    " NAME(
                                   4, any) " at @: sleep, 1.250 s left\n"
                                           "      in any, test_dump.c:#\n"
                                           "    " NAME(5, any) " at @: join of " NAME(
                                               2,
                                               any) " at @\n"
                                                    "      in any, test_dump.c:#\n"
                                                    "        " NAME(
                                                        2,
                                                        any) " at @: sleep for ever\n"
                                                             "          in any, test_dump.c:#\n");
    cedo_print_call_graph(&other.task, 0, 0, print, &loop);
    ck_printed(
        "* Task(name='" NAME(2, any) "', id=@)\n"
                                     "  + Awaited by:\n"
                                     "    * Task(name='" NAME(5, any) "', id=@)\n"
                                                                      "      + Awaited by:\n"
                                                                      "        * Task(name='" NAME(
                                                                          1, family) "', id=@)\n");
    /* one who joins a child comes before its group; the parent itself only once */
    ck_assert_ptr_eq(cedo_task_next_awaiter(&house.frame.b.task, NULL), &house.task);
    ck_assert_ptr_null(cedo_task_next_awaiter(&house.frame.b.task, &house.task));
    start(&third, any, .kind = SHIELDED_JOIN, .task = &house.frame.b.task);
    turns(1);
    ck_assert_ptr_eq(cedo_task_next_awaiter(&house.frame.b.task, NULL), &third.task);
    ck_assert_ptr_eq(cedo_task_next_awaiter(&house.frame.b.task, &third.task), &house.task);
    (void)cedo_task_cancel(&house.task);
    run_dry();
    close_world();
}
END_TEST

START_TEST(GRAPH_01_members_of_a_set_stand_under_who_waits_for_it)
{
    cedo_task_state state;
    open_quiet_world();
    open_objects();
    start(&house, family, .gathers = true);
    start(&third, any, .kind = FUTURE);
    turns(2);
    cedo_task_inspect(&house.task, &state);
    ck_assert_str_eq(state.wait, "gather");
    ck_assert_ptr_eq(state.object, &house.frame.set);
    start(&fourth, any, .kind = SHIELDED_JOIN, .task = &house.frame.b.task);
    turns(1);
    dump();
    ck_assert_ptr_nonnull(strstr(plain(), "    " NAME(3, any) " at @: sleep for ever\n"));
    ck_assert_ptr_eq(cedo_task_next_awaiter(&house.frame.a.task, NULL), &house.task);
    ck_assert_ptr_null(cedo_task_next_awaiter(&house.frame.a.task, &house.task));
    ck_assert_ptr_eq(cedo_task_next_awaiter(&house.frame.b.task, NULL), &house.task);
    ck_assert_ptr_eq(cedo_task_next_awaiter(&house.frame.b.task, &house.task), &fourth.task);
    ck_assert_ptr_null(cedo_task_next_awaiter(&house.frame.b.task, &fourth.task));
    ck_assert_ptr_eq(cedo_future_next_awaiter(&future, NULL), &house.task);
    ck_assert_ptr_eq(cedo_future_next_awaiter(&future, &house.task), &third.task);
    (void)cedo_task_cancel(&house.task);
    (void)cedo_task_cancel(&third.task);
    run_dry();
    close_world();
}
END_TEST

struct ring {
    cedo_coro coro;
    cedo_group group;
    cedo_task_of(any) a, b, c;
};

static cedo_async(ring)
{
    cedo_body(struct ring, self) {
        (void)cedo_group_spawn(&self->group, &self->a, any, .kind = FOR_EVER);
        (void)cedo_group_spawn(&self->group, &self->b, any, .kind = SHIELDED_JOIN,
                               .task = cedo_current_task());
        (void)cedo_group_spawn(&self->group, &self->c, any, .kind = FOR_EVER);
        cedo_await(cedo_group_join(&self->group));
    }
}

static cedo_task_of(ring) loops;

START_TEST(GRAPH_04_a_circle_through_a_group_is_printed_once)
{
    const char *text;
    int tasks = 0;
    open_quiet_world();
    start(&loops, ring);
    turns(2);
    /* `b` joins its parent: that would fail, but not behind a shield and a group */
    dump();
    text = plain();
    ck_assert_ptr_nonnull(strstr(text, "a circle:\n"));
    for (const char *at = text; (at = strstr(at, " at @: ")) != NULL; at++) tasks++;
    ck_assert_int_eq(tasks, 4);
    (void)cedo_task_cancel(&loops.task);
    run_dry();
    close_world();
}
END_TEST

struct clan {
    cedo_coro coro;
    cedo_group first, second;
    cedo_timeout limit;
    cedo_task_of(any) a, b;
    cedo_set set;
    cedo_member x, y;
    cedo_member *told;
    int kind;
};

static cedo_async(clan)
{
    cedo_body(struct clan, self) {
        if (self->kind == 0) { /* a parent that joins a child, with a scope around two groups */
            (void)cedo_group_spawn(&self->first, &self->a, any, .kind = FOR_EVER);
            cedo_with_timeout (&self->limit, CEDO_MS(5000)) {
                (void)cedo_group_spawn(&self->second, &self->b, any, .kind = FOR_EVER);
                cedo_await(cedo_join(&self->a.task));
            }
        }
        else {
            (void)cedo_spawn(&self->a, any, .kind = YIELD);
            (void)cedo_spawn(&self->b, any, .kind = FOR_EVER);
            (void)cedo_set_add_task(&self->set, &self->x, &self->a.task);
            (void)cedo_set_add_task(&self->set, &self->y, &self->b.task);
            if (self->kind == 1)
                cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_FOREVER));
            if (self->kind == 2) {
                cedo_await(cedo_as_completed(&self->set, &self->told));
                cedo_await(cedo_as_completed(&self->set, &self->told));
            }
            cedo_await(cedo_sleep(CEDO_FOREVER)); /* the set is open, but nobody waits for it */
        }
    }
}

static struct {
    cedo_task_of(any) low; /* lies before all others */
    cedo_task_of(ring) ring;
    cedo_task_of(clan) clan;
} homes;

START_TEST(a_tree_leaves_out_what_is_done_and_what_stands_elsewhere)
{
    open_quiet_world();
    for (int kind = 0; kind < 4; kind++) {
        const char *text;
        start(&homes.clan, clan, .kind = kind);
        turns(5);
        dump();
        text = plain();
        ck_assert_str_eq(strchr(text, ':'), strstr(text, kind ? ": 2 tasks\n" : ": 3 tasks\n"));
        ck_assert_int_eq(strstr(text, "\n    ") != NULL, kind < 3);
        ck_assert_ptr_eq(cedo_task_next_awaiter(&homes.clan.frame.b.task, NULL),
                         kind < 3 ? &homes.clan.task : NULL);
        ck_assert_ptr_eq(cedo_task_next_awaiter(&homes.clan.frame.a.task, NULL),
                         kind ? NULL : &homes.clan.task);
        ck_assert_ptr_null(
            cedo_task_next_awaiter(&homes.clan.frame.a.task, kind ? NULL : &homes.clan.task));
        (void)cedo_task_cancel(&homes.clan.task);
        (void)cedo_task_cancel(&homes.clan.frame.b.task);
        run_dry();
    }
    close_world();
}
END_TEST

struct idle_group {
    cedo_coro coro;
    cedo_group group;
    cedo_task_of(any) a;
};

static cedo_async(idle_group)
{
    cedo_body(struct idle_group, self) {
        (void)cedo_group_spawn(&self->group, &self->a, any, .kind = YIELD);
        cedo_await(cedo_sleep(CEDO_FOREVER));
    }
}

START_TEST(a_group_whose_children_are_done_has_none)
{
    static cedo_task_of(idle_group) idle;
    open_quiet_world();
    start(&idle, idle_group);
    turns(5);
    dump();
    ck_printed("loop @: 1 task\n" NAME(1, idle_group) " at @: sleep for ever\n"
                                                      "  in idle_group, test_dump.c:#\n");
    (void)cedo_task_cancel(&idle.task);
    run_dry();
    close_world();
}
END_TEST

START_TEST(what_hangs_below_a_circle_does_not_begin_it)
{
    const char *text;
    open_quiet_world();
    start(&homes.ring, ring);
    turns(1);
    ck_assert_int_eq(cedo_group_spawn(&homes.ring.frame.group, &homes.low, any, .kind = FOR_EVER),
                     CEDO_OK);
    turns(1);
    dump();
    text = plain();
    text = strstr(text, "a circle:\n");
    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_null(strstr(text + 1, "a circle:\n"));
    (void)cedo_task_cancel(&homes.ring.task);
    run_dry();
    close_world();
}
END_TEST

/* ------------------------------------------------------------- the call graph */

START_TEST(GRAPH_01_a_graph_has_the_stack_and_who_awaits_across_shields_joins_and_limits)
{
    cedo_graph_line lines[12];
    open_quiet_world();
    start(&top, parent);
    turns(2);
    start(&other, any, .kind = SHIELDED_JOIN, .task = &top.frame.child.task);
    start(&third, any, .kind = JOIN, .task = &top.task);
    turns(1);
    ck_assert_uint_eq(cedo_capture_call_graph(&top.frame.child.task, 0, CEDO_NO_LIMIT, lines, 12),
                      10);
    static const struct {
        unsigned level;
        const char *function;
    } expected[] = {
        {0, NULL},          {0, "any_coro"}, {1, NULL},       {1, "any_coro"}, {1, "cedo_wait_for"},
        {1, "parent_coro"}, {2, NULL},       {2, "any_coro"}, {1, NULL},       {1, "any_coro"}};
    for (int i = 0; i < 10; i++) {
        ck_assert_uint_eq(lines[i].level, expected[i].level);
        if (expected[i].function)
            ck_assert_str_eq(lines[i].frame.function, expected[i].function);
        else
            ck_assert_ptr_null(lines[i].frame.function);
    }
    ck_assert_ptr_eq(lines[0].task, &top.frame.child.task);
    ck_assert_ptr_eq(lines[2].task, &top.task);
    ck_assert_ptr_eq(lines[6].task, &third.task);
    ck_assert_ptr_eq(lines[8].task, &other.task);
    cedo_print_call_graph(&top.frame.child.task, 0, CEDO_NO_LIMIT, print, &loop);
    ck_printed("* Task(name='" NAME(
        2, any) "', id=@)\n"
                "  + Call stack:\n"
                "  |   File 'test_dump.c', line #, in async any()\n"
                "  + Awaited by:\n"
                "    * Task(name='" NAME(
                    1, parent) "', id=@)\n"
                               "      + Call stack:\n"
                               "      |   File 'test_dump.c', line #, in async any()\n"
                               "      |   File 'timeout.h', line #, in async cedo_wait_for()\n"
                               "      |   File 'test_dump.c', line #, in async parent()\n"
                               "      + Awaited by:\n"
                               "        * Task(name='" NAME(
                                   4,
                                   any) "', id=@)\n"
                                        "          + Call stack:\n"
                                        "          |   File 'test_dump.c', line #, in async any()\n"
                                        "    * Task(name='" NAME(
                                            3, any) "', id=@)\n"
                                                    "      + Call stack:\n"
                                                    "      |   File 'test_dump.c', line #, in "
                                                    "async any()\n");
    run_dry();
    close_world();
}
END_TEST

START_TEST(GRAPH_02_a_future_has_no_stack_and_its_awaiters)
{
    static cedo_handle handle, before, between;
    cedo_graph_line lines[8];
    open_quiet_world();
    open_objects();
    cedo_future_init(&future, &loop);
    /* a callback is no awaiter */
    ck_assert_int_eq(cedo_future_add_done_callback(&future, &before, mark_callback, "before"),
                     CEDO_OK);
    start(&task, any, .kind = FUTURE);
    turns(1);
    ck_assert_int_eq(cedo_future_add_done_callback(&future, &between, mark_callback, "between"),
                     CEDO_OK);
    start(&other, any, .kind = SHIELDED_FUTURE);
    turns(1);
    ck_assert_int_eq(cedo_future_add_done_callback(&future, &handle, mark_callback, "called"),
                     CEDO_OK);
    ck_assert_uint_eq(cedo_capture_future_graph(&future, CEDO_NO_LIMIT, lines, 8), 5);
    ck_assert_ptr_null(lines[0].task);
    ck_assert_ptr_null(lines[0].frame.function);
    ck_assert_ptr_eq(lines[1].task, &task.task);
    ck_assert_ptr_eq(lines[3].task, &other.task);
    ck_assert_ptr_eq(cedo_future_next_awaiter(&future, NULL), &task.task);
    ck_assert_ptr_eq(cedo_future_next_awaiter(&future, &task.task), &other.task);
    ck_assert_ptr_null(cedo_future_next_awaiter(&future, &other.task));
    cedo_print_future_graph(&future, 0, print, &loop);
    ck_printed("* Future(id=@)\n"
               "  + Awaited by:\n"
               "    * Task(name='" NAME(1, any) "', id=@)\n"
                                                "    * Task(name='" NAME(2, any) "', id=@)\n");
    cedo_dump_future(&future, print, &loop);
    ck_printed("future at @: pending, awaited by " NAME(1, any) " at @, awaited by " NAME(
        2, any) " at @\n");
    ck_assert_int_eq(cedo_future_set(&future, CEDO_OK), CEDO_OK);
    ck_assert_ptr_null(cedo_future_next_awaiter(&future, NULL));
    run_dry();
    ck_trail("before between called");
    close_world();
}
END_TEST

struct deep {
    cedo_coro coro;
    int depth;
    struct any *last;
    struct deep *next;
    void (*hook)(void);
};

static cedo_async(deep)
{
    cedo_body(struct deep, self) {
        if (self->depth)
            cedo_await(cedo_call(self->next, deep, .depth = self->depth - 1, .next = self->next + 1,
                                 .hook = self->hook));
        else
            cedo_await(cedo_yield_now());
        if (self->hook && !self->depth) self->hook();
    }
}

static struct deep frames[4];
static cedo_task_of(deep) diver;

static void limits(void)
{
    cedo_graph_line lines[8];
    /* the frames, innermost first, are frames[2], [1], [0], diver.frame */
    ck_assert_uint_eq(cedo_capture_call_graph(NULL, 0, CEDO_NO_LIMIT, lines, 8), 5);
    ck_assert_ptr_eq(lines[0].task, &diver.task);
    const int inner = lines[1].frame.line;
    const int outer = lines[4].frame.line;
    ck_assert_int_ne(inner, outer);
    ck_assert_uint_eq(cedo_capture_call_graph(NULL, 0, 0, lines, 8), 1);
    ck_assert_uint_eq(cedo_capture_call_graph(NULL, 0, 1, lines, 8), 2);
    ck_assert_int_eq(lines[1].frame.line, inner);
    ck_assert_uint_eq(cedo_capture_call_graph(NULL, 0, -1, lines, 8), 2);
    ck_assert_int_eq(lines[1].frame.line, outer);
    ck_assert_uint_eq(cedo_capture_call_graph(NULL, 0, 9, lines, 8), 5);
    ck_assert_uint_eq(cedo_capture_call_graph(NULL, 0, -9, lines, 8), 5);
    ck_assert_uint_eq(cedo_capture_call_graph(NULL, 1, CEDO_NO_LIMIT, lines, 8), 4);
    ck_assert_int_eq(lines[1].frame.line, outer);
    ck_assert_uint_eq(cedo_capture_call_graph(NULL, 3, 2, lines, 8), 2);
    ck_assert_uint_eq(cedo_capture_call_graph(NULL, 3, -2, lines, 8), 2);
    ck_assert_uint_eq(cedo_capture_call_graph(NULL, 9, CEDO_NO_LIMIT, lines, 8), 1);
    /* what does not fit is counted */
    lines[2].task = NULL;
    ck_assert_uint_eq(cedo_capture_call_graph(NULL, 0, CEDO_NO_LIMIT, lines, 2), 5);
    ck_assert_ptr_null(lines[2].task);
}

START_TEST(GRAPH_03_a_limit_cuts_the_stack_and_frames_can_be_skipped)
{
    open_quiet_world();
    ck_assert_int_eq(run(&diver, deep, .depth = 3, .next = frames, .hook = limits), CEDO_OK);
    close_world();
}
END_TEST

START_TEST(GRAPH_03_without_a_current_task_there_is_no_graph)
{
    char text[8] = "before";
    open_quiet_world();
    ck_assert_uint_eq(cedo_capture_call_graph(NULL, 0, CEDO_NO_LIMIT, NULL, 0), 0);
    cedo_print_call_graph(NULL, 0, CEDO_NO_LIMIT, print, &loop);
    ck_printed("");
    ck_assert_uint_eq(cedo_format_call_graph(NULL, 0, CEDO_NO_LIMIT, text, sizeof text), 0);
    ck_assert_str_eq(text, "");
    close_world();
}
END_TEST

START_TEST(a_graph_can_be_text_that_is_cut_to_fit)
{
    char text[16] = "???????????????";
    size_t length;
    open_quiet_world();
    start(&task, any, .kind = FOR_EVER);
    turns(1);
    cedo_print_call_graph(&task.task, 0, CEDO_NO_LIMIT, print, &loop);
    length = strlen(printed);
    ck_assert_uint_eq(cedo_format_call_graph(&task.task, 0, CEDO_NO_LIMIT, NULL, 0), length);
    ck_assert_uint_eq(cedo_format_call_graph(&task.task, 0, CEDO_NO_LIMIT, text, 8), length);
    ck_assert_str_eq(text, "* Task(");
    ck_assert_int_eq(text[8], '?');
    ck_assert_str_eq(printed, printed);
    (void)plain();
    (void)cedo_task_cancel(&task.task);
    run_dry();
    close_world();
}
END_TEST

START_TEST(a_graph_does_not_follow_a_circle)
{
    cedo_graph_line lines[8];
    open_quiet_world();
    start(&task, any, .kind = SHIELDED_JOIN, .task = &other.task);
    start(&other, any, .kind = SHIELDED_JOIN, .task = &task.task);
    turns(1);
    ck_assert_uint_eq(cedo_capture_call_graph(&task.task, 0, 0, lines, 8), 3);
    ck_assert_ptr_eq(lines[1].task, &other.task);
    ck_assert_ptr_eq(lines[2].task, &task.task);
    (void)cedo_task_cancel(&task.task);
    run_dry();
    close_world();
}
END_TEST

static cedo_task_of(any) chain[40];

START_TEST(a_graph_ends_after_32_levels_and_a_tree_does_not)
{
    char *deepest;
    open_quiet_world();
    start(&chain[0], any, .kind = FOR_EVER);
    for (int i = 1; i < 40; i++) start(&chain[i], any, .kind = JOIN, .task = &chain[i - 1].task);
    turns(1);
    ck_assert_uint_eq(cedo_capture_call_graph(&chain[0].task, 0, 0, NULL, 0), 33);
    dump();
    deepest = strstr(printed, ": sleep for ever\n");
    ck_assert_ptr_nonnull(deepest);
    while (deepest[-1] != '\n') deepest--;
    ck_assert_uint_eq(strspn(deepest, " "), 4 * (39 % 16));
    printed[0] = '\0';
    (void)cedo_task_cancel(&chain[39].task);
    run_dry();
    close_world();
}
END_TEST

/* ------------------------------------------------------------- the rest */

START_TEST(DEBUG_09_tasks_futures_and_handles_can_show_themselves)
{
    static cedo_handle handle;
    open_quiet_world();
    open_objects();
    cedo_dump_handle(&handle, print, &loop);
    ck_printed("handle at @: idle\n");
    ck_assert_int_eq(cedo_call_soon(&loop, &handle, mark_callback, "now"), CEDO_OK);
    cedo_dump_handle(&handle, print, &loop);
    ck_printed("handle at @: ready, calls @ with @\n");
    cedo_handle_cancel(&handle);
    cedo_dump_handle(&handle, print, &loop);
    ck_printed("handle at @: cancelled\n");
    ck_assert_int_eq(cedo_call_later(&loop, &handle, CEDO_MS(9), mark_callback, "later"), CEDO_OK);
    cedo_dump_handle(&handle, print, &loop);
    ck_printed("handle at @: armed, calls @ with @\n");
    cedo_handle_cancel(&handle);
    cedo_future_init(&future, &loop);
    ck_assert_int_eq(cedo_future_add_done_callback(&future, &handle, mark_callback, "done"),
                     CEDO_OK);
    cedo_dump_handle(&handle, print, &loop);
    ck_printed("handle at @: done callback, calls @ with @\n");
    cedo_dump_future(&future, print, &loop);
    ck_printed("future at @: pending\n");
    (void)cedo_future_set(&future, CEDO_ETIMEDOUT);
    cedo_dump_future(&future, print, &loop);
#if CEDO_HOSTED
    ck_printed("future at @: done, CEDO_ETIMEDOUT\n");
#else
    ck_printed("future at @: done, -2\n");
#endif
    start(&task, any, .kind = FOR_EVER);
#if CEDO_NAMES
    cedo_task_set_name(&task.task, "dreamer");
#endif
    run_dry();
    ck_trail("done");
    dump_task(&task.task);
#if CEDO_NAMES
    ck_printed("dreamer at @: sleep for ever\n  in any, test_dump.c:#\n");
#else
    ck_printed("any at @: sleep for ever\n  in any, test_dump.c:#\n");
#endif
    (void)cedo_task_cancel(&task.task);
    run_dry();
    close_world();
}
END_TEST

START_TEST(DEBUG_10_a_task_shows_where_it_is_suspended)
{
    open_quiet_world();
    start(&diver, deep, .depth = 2, .next = frames);
    turns(1);
    dump_task(&diver.task);
    ck_printed(NAME(1, deep) " at @: ready\n"
                             "  in deep, test_dump.c:#\n"
                             "  in deep, test_dump.c:#\n"
                             "  in deep, test_dump.c:#\n");
    run_dry();
    close_world();
}
END_TEST

static cedo_async(coro_coro_cor);

struct coro_coro_cor {
    cedo_coro coro;
    int status;
};

static cedo_async(coro_coro_cor)
{
    cedo_body(struct coro_coro_cor, self) {
        cedo_catch(self->status, cedo_sleep(CEDO_FOREVER));
        dump();
        cedo_throw(self->status);
    cedo_finally:
        dump();
    }
}

START_TEST(a_dump_leaves_the_trace_of_an_error_alone)
{
    static cedo_task_of(coro_coro_cor) odd;
    open_quiet_world();
    start(&odd, coro_coro_cor);
    turns(1);
    (void)cedo_task_cancel(&odd.task);
    run_dry();
    ck_printed("loop @: 1 task\n" NAME(
        1, coro_coro_cor) " at @: running, cancel requests: 1\n"
                          "  in coro_coro_cor, test_dump.c:#\n"
                          "loop @: 1 task\n" NAME(
                              1, coro_coro_cor) " at @: running, cancel requests: 1\n"
                                                "  in coro_coro_cor, test_dump.c\n");
    close_world();
}
END_TEST

/* A body written by hand that tells nothing. */
static cedo_op silent_body(cedo_coro *coro, cedo_status status)
{
    if (status == CEDO_DESCRIBE_) return CEDO_WAITING;
    coro->state = CEDO_S_ENDED_;
    return cedo_done(CEDO_OK);
}

START_TEST(frames_that_tell_nothing_are_left_out)
{
    static cedo_task quiet;
    static cedo_coro coro;
    open_quiet_world();
    coro.body = silent_body;
    ck_assert_int_eq(cedo_loop_spawn_coro(&loop, &quiet, &coro), CEDO_OK);
    dump_task(&quiet);
    ck_printed(NAME(1, task) " at @: not begun\n");
    cedo_dump_table(&loop, print, &loop);
    ck_printed("task\tname\tcoroutines\tawaiter's coroutines\tits name\tawaiter\n"
               "@\t" NAME(1, task) "\t\t\t\t\n");
    cedo_print_call_graph(&quiet, 0, CEDO_NO_LIMIT, print, &loop);
    ck_printed("* Task(name='" NAME(1, task) "', id=@)\n");
    coro.state = CEDO_S_ENDED_; /* as that of a call that ended and whose caller did not go on */
    dump_task(&quiet);
    ck_printed(NAME(1, task) " at @: ready\n");
    coro.state = 0;
    run_dry();
    close_world();
}
END_TEST

START_TEST(a_line_comes_in_one_piece_unless_it_is_too_long)
{
    open_quiet_world();
    start(&task, any, .kind = FOR_EVER);
    turns(1);
    pieces = 0;
    dump_task(&task.task);
    ck_assert_uint_le(pieces, 2 + strlen(__FILE__) / 60);
    (void)plain();
#if CEDO_NAMES
    cedo_task_set_name(&task.task,
                       "a name that is much, much longer than any name of a task should be, so "
                       "long that it does not fit into a line, which is one hundred and sixty "
                       "bytes, however long the name is");
    pieces = 0;
    dump_task(&task.task);
    ck_assert_uint_ge(pieces, 3);
    (void)plain();
#endif
    (void)cedo_task_cancel(&task.task);
    run_dry();
    close_world();
}
END_TEST

START_TEST(without_a_sink_it_goes_to_standard_error)
{
    open_quiet_world();
    start(&task, any, .kind = FOR_EVER);
    turns(1);
    cedo_dump(&loop, NULL, NULL);
    (void)cedo_task_cancel(&task.task);
    run_dry();
    close_world();
}
END_TEST

SUITE("dump", every_wait_has_a_name_and_tells_its_object,
      a_task_is_new_starts_waits_is_ready_and_ends, a_task_whose_wait_was_ended_is_ready,
      a_sleep_tells_how_long_it_lasts, a_sleep_that_is_due_is_ready,
      a_sleep_whose_delay_has_not_begun_has_all_of_it_left, a_running_task_can_dump_itself,
      without_a_loop_a_dump_says_so,
      GRAPH_04_each_task_stands_under_its_awaiter_and_several_roots_are_several_trees,
      GRAPH_04_a_circle_of_awaits_is_named, who_waits_for_a_task_in_a_circle_stands_above_no_tree,
      GRAPH_05_a_table_has_a_line_for_each_task_and_awaiter,
      GRAPH_01_a_graph_has_the_stack_and_who_awaits_across_shields_joins_and_limits,
      GRAPH_01_children_stand_under_their_group,
      GRAPH_01_members_of_a_set_stand_under_who_waits_for_it,
      GRAPH_04_a_circle_through_a_group_is_printed_once,
      a_tree_leaves_out_what_is_done_and_what_stands_elsewhere,
      a_group_whose_children_are_done_has_none, what_hangs_below_a_circle_does_not_begin_it,
      GRAPH_02_a_future_has_no_stack_and_its_awaiters,
      GRAPH_03_a_limit_cuts_the_stack_and_frames_can_be_skipped,
      GRAPH_03_without_a_current_task_there_is_no_graph, a_graph_can_be_text_that_is_cut_to_fit,
      a_graph_does_not_follow_a_circle, a_graph_ends_after_32_levels_and_a_tree_does_not,
      DEBUG_09_tasks_futures_and_handles_can_show_themselves,
      DEBUG_10_a_task_shows_where_it_is_suspended, a_dump_leaves_the_trace_of_an_error_alone,
      frames_that_tell_nothing_are_left_out, a_line_comes_in_one_piece_unless_it_is_too_long,
      without_a_sink_it_goes_to_standard_error)
