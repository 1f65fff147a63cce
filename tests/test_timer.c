/* Timers: handles, and the structure that holds them against a model. */
#include "world.h"

static cedo_handle h[8];

#define at(handle, when, text) \
    ck_assert_int_eq(cedo_call_at(&loop, handle, when, mark_callback, text), CEDO_OK)
#define later(handle, delay, text) \
    ck_assert_int_eq(cedo_call_later(&loop, handle, delay, mark_callback, text), CEDO_OK)
#define soon(handle, text) \
    ck_assert_int_eq(cedo_call_soon(&loop, handle, mark_callback, text), CEDO_OK)

/* ------------------------------------------------------------- handles */

static cedo_time fired_at;

static cedo_status note_time(void *arg)
{
    (void)arg;
    fired_at = cedo_loop_time(&loop);
    mark("fired");
    return CEDO_OK;
}

START_TEST(TIMER_01_no_timer_fires_early_or_at_once)
{
    open_world();
    for (cedo_duration delay = 1; delay < 200; delay++) {
        const cedo_time due = (cedo_time)(cedo_loop_time(&loop) + (cedo_time)delay);
        ck_assert_int_eq(cedo_call_later(&loop, &h[0], delay, note_time, NULL), CEDO_OK);
        ck_assert_int_eq(cedo_loop_step(&loop), CEDO_END);
        ck_trail("");
        run_dry();
        ck_trail("fired");
        ck_assert_int_eq(fired_at, due);
    }
    later(&h[0], 0, "zero");
    ck_trail("");
    turns(1);
    ck_trail("zero");
    later(&h[0], -1, "-1");
    later(&h[1], -1000, "-1000");
    ck_trail("");
    turns(1);
    ck_trail("-1000 -1"); /* by deadline, though both have passed */
    close_world();
}
END_TEST

START_TEST(TIMER_02_what_is_due_in_one_turn_runs_in_it_by_deadline)
{
    open_world();
    at(&h[0], 30, "30");
    at(&h[1], 10, "10");
    at(&h[2], 20, "20");
    at(&h[3], 41, "41");
    cedo_sim_advance(&loop, 40);
    turns(1);
    ck_trail("10 20 30");
    run_dry();
    ck_trail("41");
    close_world();
}
END_TEST

START_TEST(TIMER_03_equal_deadlines_run_in_the_order_of_arming)
{
    static cedo_handle many[200];
    static char names[200][4];
    char expected[1000] = "";
    open_world();
    for (int i = 0; i < 200; i++) {
        sprintf(names[i], "%d", i);
        at(&many[i], 5000, names[i]);
        sprintf(expected + strlen(expected), "%s%d", i ? " " : "", i);
        /* the clock moves on in between, so that they are filed from different distances */
        if (i % 7 == 0) {
            cedo_sim_advance(&loop, 20);
            turns(1);
        }
    }
    run_dry();
    ck_trail(expected);
    close_world();
}
END_TEST

START_TEST(TIMER_04_call_at_takes_a_time_and_when_gives_it_back)
{
    open_world();
    cedo_sim_advance(&loop, 100);
    at(&h[0], 123, "x");
    ck_assert_int_eq(cedo_handle_when(&h[0]), 123);
    later(&h[1], 50, "y");
    ck_assert_int_eq(cedo_handle_when(&h[1]), 150);
    run_dry();
    ck_trail("x y");
    ck_assert_int_eq(cedo_loop_time(&loop), 150);
    close_world();
}
END_TEST

static cedo_status cancels(void *handle)
{
    mark("cancels");
    cedo_handle_cancel((cedo_handle *)handle);
    return CEDO_OK;
}

START_TEST(TIMER_05_cancel_prevents_the_call_also_in_the_running_batch)
{
    open_world();
    soon(&h[0], "never");
    ck_assert(cedo_handle_scheduled(&h[0]));
    ck_assert(!cedo_handle_cancelled(&h[0]));
    cedo_handle_cancel(&h[0]);
    cedo_handle_cancel(&h[0]);
    ck_assert(cedo_handle_cancelled(&h[0]));
    ck_assert(!cedo_handle_scheduled(&h[0]));
    ck_assert_int_eq(cedo_call_soon(&loop, &h[1], cancels, &h[2]), CEDO_OK);
    soon(&h[2], "never");
    soon(&h[3], "runs");
    turns(1);
    ck_trail("cancels runs");
    /* timers that are due together */
    ck_assert_int_eq(cedo_call_at(&loop, &h[1], 5, cancels, &h[2]), CEDO_OK);
    at(&h[2], 6, "never");
    at(&h[3], 7, "runs");
    cedo_sim_advance(&loop, 10);
    turns(1);
    ck_trail("cancels runs");
    /* armed */
    at(&h[0], 100, "never");
    cedo_handle_cancel(&h[0]);
    run_dry();
    ck_trail("");
    close_world();
}
END_TEST

START_TEST(TIMER_06_cancel_after_the_call_sets_the_flag_only)
{
    open_world();
    soon(&h[0], "runs");
    turns(1);
    ck_assert(!cedo_handle_cancelled(&h[0]));
    cedo_handle_cancel(&h[0]);
    ck_assert(cedo_handle_cancelled(&h[0]));
    soon(&h[0], "again");
    ck_assert(!cedo_handle_cancelled(&h[0]));
    turns(1);
    ck_trail("runs again");
    close_world();
}
END_TEST

START_TEST(a_handle_is_scheduled_once_at_a_time)
{
    open_world();
    soon(&h[0], "a");
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], mark_callback, "b"), CEDO_EBUSY);
    ck_assert_int_eq(cedo_call_later(&loop, &h[0], 5, mark_callback, "b"), CEDO_EBUSY);
    ck_assert_int_eq(cedo_call_at(&loop, &h[0], 5, mark_callback, "b"), CEDO_EBUSY);
    turns(1);
    ck_trail("a");
    at(&h[0], 5, "c");
    ck_assert_int_eq(cedo_call_soon(&loop, &h[0], mark_callback, "b"), CEDO_EBUSY);
    run_dry();
    ck_trail("c");
    close_world();
}
END_TEST

START_TEST(a_delay_for_ever_never_ends)
{
    cedo_time when;
    open_world();
    later(&h[0], CEDO_FOREVER, "never");
    ck_assert(!cedo_handle_scheduled(&h[0]));
    ck_assert(!cedo_loop_deadline(&loop, &when));
    run_dry();
    ck_trail("");
    close_world();
}
END_TEST

START_TEST(durations_round_up_to_whole_ticks)
{
    ck_assert_int_eq(CEDO_SECONDS(2), 2 * (cedo_duration)CEDO_TICKS_PER_SECOND);
    ck_assert_int_eq(CEDO_MS(0), 0);
    ck_assert_int_eq(CEDO_US(0), 0);
    ck_assert_int_gt(CEDO_US(1), 0);
#if CEDO_TICKS_PER_SECOND == 1000
    ck_assert_int_eq(CEDO_US(1), 1);
    ck_assert_int_eq(CEDO_US(1000), 1);
    ck_assert_int_eq(CEDO_US(1001), 2);
    ck_assert_int_eq(CEDO_US(-1), 0);
#else
    ck_assert_int_eq(CEDO_MS(7), 7000000);
    ck_assert_int_eq(CEDO_US(-7), -7000);
#endif
}
END_TEST

START_TEST(times_saturate_or_wrap)
{
#if CEDO_TIME_BITS == 64
    ck_assert_int_eq(cedo_time_add(INT64_MAX - 5, 6), INT64_MAX);
    ck_assert_int_eq(cedo_time_add(INT64_MAX - 5, 5), INT64_MAX);
    ck_assert_int_eq(cedo_time_add(INT64_MIN + 5, -6), INT64_MIN);
    ck_assert_int_eq(cedo_time_add(-5, 6), 1);
    ck_assert_int_eq(cedo_time_add(5, -6), -1);
    ck_assert(cedo_time_after(2, 1));
    ck_assert(!cedo_time_after(1, 1));
#else
    const cedo_time top = (cedo_time)-1;
    ck_assert_int_eq(cedo_time_add(top, 1), 0);
    ck_assert_int_eq(cedo_time_add(0, -1), top);
    ck_assert(cedo_time_after(0, top));
    ck_assert(cedo_time_after(5, (cedo_time)(top - 5)));
    ck_assert(!cedo_time_after(top, 0));
    ck_assert(!cedo_time_after(7, 7));
#endif
}
END_TEST

#if CEDO_TIME_BITS < 64
START_TEST(timers_work_across_the_wrap_of_the_clock)
{
    open_world();
    loop.now = (cedo_time)-10;
    later(&h[0], 20, "after");
    later(&h[1], 5, "before");
    later(&h[2], 10, "at");
    later(&h[3], 20, "after 2");
    run_dry();
    ck_trail("before at after after 2");
    ck_assert_int_eq(cedo_loop_time(&loop), 10);
    close_world();
}
END_TEST
#endif

/* ------------------------------------------------------------- against a model */

static uint64_t seed;

static uint64_t draw(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

#define TIMERS 400

typedef struct model model;
struct model {
    cedo_entry entry;
    unsigned long order; /* of arming */
    bool armed;
};

static model models[TIMERS];
static unsigned long armings;

/* The one that is to fire next, by deadline and then by order. */
static model *model_first(void)
{
    model *first = NULL;
    for (int i = 0; i < TIMERS; i++) {
        model *const m = &models[i];
        if (!m->armed) continue;
        if (!first || cedo_time_after(first->entry.u.due, m->entry.u.due) ||
            (first->entry.u.due == m->entry.u.due && m->order < first->order))
            first = m;
    }
    return first;
}

/* A distance: near ones, far ones, round ones, and now and then one that has passed. */
static cedo_time distance(int kind)
{
    static const unsigned bits[] = {0, 3, 6, 7, 12, 13, 18, 24, 36, 48, 60};
    const unsigned most = CEDO_TIME_BITS == 64 ? 11 : CEDO_TIME_BITS == 32 ? 8 : 6;
    const uint64_t range = (uint64_t)1 << bits[draw() % most];
    switch (kind) {
    case 0: return (cedo_time)(draw() % range);
    case 1: return (cedo_time)range;
    case 2: return (cedo_time)(range - 1);
    default: return (cedo_time)(draw() % 4);
    }
}

static void model_arm(cedo_timers *timers, model *m, cedo_time due)
{
    m->entry.u.due = due;
    m->order = armings++;
    m->armed = true;
    cedo_timers_add_(timers, &m->entry);
}

static void model_run(uint64_t with, int steps, unsigned crowd)
{
    static cedo_timers timers;
    cedo_time now = 0;
    seed = with * 0x9e3779b97f4a7c15u + 1;
    cedo_timers_init_(&timers);
    memset(models, 0, sizeof models);
#if CEDO_TIME_BITS < 64
    now = (cedo_time)draw();
#endif
    for (int step = 0; step < steps; step++) {
        model *const m = &models[draw() % TIMERS];
        const unsigned what = (unsigned)(draw() % 100);
        if (what < crowd) {
            if (!m->armed) {
                const model *const same = &models[draw() % TIMERS];
                cedo_time due = cedo_time_add(now, (cedo_duration)distance((int)(draw() % 4)));
                if (draw() % 8 == 0) due = (cedo_time)(now - (cedo_time)(draw() % 20));
                if (draw() % 3 == 0 && same->armed) due = same->entry.u.due;
#if CEDO_TIME_BITS == 64
                if (due < 0 && now > 100) due = INT64_MAX;
                if (draw() % 500 == 0) due = INT64_MAX;
                if (draw() % 500 == 0) due = INT64_MAX - 1;
                if (draw() % 500 == 0) due = -(cedo_time)(draw() % 100);
                if (draw() % 1000 == 0) due = INT64_MIN;
#endif
                model_arm(&timers, m, due);
            }
        }
        else if (what < crowd + 15) {
            if (m->armed) {
                m->armed = false;
                cedo_list_unlink(&m->entry.node);
            }
        }
        else {
            const model *const next = model_first();
            const cedo_time *const look = cedo_timers_next_(&timers);
            cedo_entry *popped;
            ck_assert_int_eq(look != NULL, next != NULL);
            if (look) ck_assert(!cedo_time_after(*look, next->entry.u.due));
            /* sometimes up to what is next, sometimes beyond, sometimes not at all */
            if (look && draw() % 2 && cedo_time_after(*look, now))
                now = *look;
            else if (draw() % 2) {
                cedo_time to = cedo_time_add(now, (cedo_duration)distance(0));
#if CEDO_TIME_BITS == 64
                if (to < now || to > INT64_MAX / 2) to = now;
#else
                /* what is armed must stay within half the range */
                if (next && cedo_time_after(to, (cedo_time)(next->entry.u.due + 50))) to = now;
                if (cedo_time_after(now, to)) to = now;
#endif
                now = to;
            }
            for (;;) {
                model *const first = model_first();
                popped = cedo_timers_pop_(&timers, now);
                if (!first || cedo_time_after(first->entry.u.due, now)) {
                    ck_assert_ptr_null(popped);
                    break;
                }
                ck_assert_ptr_eq(popped, &first->entry);
                first->armed = false;
                /* something may be armed or cancelled while the rest of the turn is due */
                if (draw() % 4 == 0) {
                    model *const other = &models[draw() % TIMERS];
                    if (other->armed) {
                        other->armed = false;
                        cedo_list_unlink(&other->entry.node);
                    }
                    else {
                        model_arm(&timers, other, cedo_time_add(now, (cedo_duration)distance(0)));
                    }
                }
            }
        }
    }
    /* drain */
    for (;;) {
        model *const first = model_first();
        const cedo_time *const look = cedo_timers_next_(&timers);
        cedo_entry *popped;
        if (!first) {
            ck_assert_ptr_null(look);
            break;
        }
        ck_assert_ptr_nonnull(look);
        if (cedo_time_after(*look, now)) now = *look;
        popped = cedo_timers_pop_(&timers, now);
        if (popped) {
            ck_assert_ptr_eq(popped, &first->entry);
            first->armed = false;
        }
        else {
            ck_assert(cedo_time_after(first->entry.u.due, now));
        }
    }
}

START_TEST(timers_agree_with_a_sorted_model)
{
    for (uint64_t with = 1; with <= 40; with++) model_run(with, 3000, 40);
}
END_TEST

START_TEST(crowded_timers_agree_with_a_sorted_model)
{
    for (uint64_t with = 100; with <= 140; with++) model_run(with, 3000, 70);
}
END_TEST

START_TEST(a_look_at_an_earlier_time_finds_nothing)
{
    static cedo_timers timers;
    static cedo_entry a, b;
    cedo_timers_init_(&timers);
    ck_assert_ptr_null(cedo_timers_next_(&timers));
    ck_assert_ptr_null(cedo_timers_pop_(&timers, 1000));
    a.u.due = 900; /* before the time looked at: overdue */
    b.u.due = 2000;
    cedo_timers_add_(&timers, &a);
    cedo_timers_add_(&timers, &b);
    ck_assert_int_eq(*cedo_timers_next_(&timers), 900);
    ck_assert_ptr_null(cedo_timers_pop_(&timers, 800));
    ck_assert_ptr_eq(cedo_timers_pop_(&timers, 1000), &a);
    ck_assert_ptr_null(cedo_timers_pop_(&timers, 500));
    ck_assert_int_eq(*cedo_timers_next_(&timers), 2000);
    ck_assert_ptr_eq(cedo_timers_pop_(&timers, 2000), &b);
    ck_assert_ptr_null(cedo_timers_next_(&timers));
}
END_TEST

START_TEST(of_a_crowd_armed_from_the_last_to_the_first_the_first_is_not_missed)
{
    /* a wheel has them all in one slot */
    const cedo_time step = (cedo_time)(CEDO_TIME_BITS == 64 ? 600000 : 1);
    const cedo_time begins = (cedo_time)(CEDO_TIME_BITS == 64 ? 4300000000 : 100);
    static cedo_timers timers;
    static cedo_entry crowd[400];
    for (unsigned shift = 0; shift < 8; shift++) {
        const cedo_time shifted = (cedo_time)(begins + (cedo_time)shift * (step / 8));
        cedo_time now = 0;
        cedo_timers_init_(&timers);
        for (int i = 399; i >= 0; i--) {
            crowd[i].u.due = (cedo_time)(shifted + (cedo_time)i * step);
            cedo_timers_add_(&timers, &crowd[i]);
        }
        for (int i = 0; i < 400; i++) {
            cedo_entry *popped;
            do {
                const cedo_time look = *cedo_timers_next_(&timers);
                ck_assert(!cedo_time_after(look, crowd[i].u.due));
                if (cedo_time_after(look, now)) now = look;
                popped = cedo_timers_pop_(&timers, now);
            } while (!popped);
            ck_assert_ptr_eq(popped, &crowd[i]);
        }
        ck_assert_ptr_null(cedo_timers_next_(&timers));
    }
}
END_TEST

#if CEDO_TIME_BITS == 64
START_TEST(deadlines_may_lie_anywhere_in_64_bits)
{
    open_world();
    at(&h[0], INT64_MAX, "end of time");
    at(&h[1], (cedo_time)1 << 62, "far");
    at(&h[2], ((cedo_time)1 << 62) + 1, "far+1");
    at(&h[3], -5, "past");
    at(&h[4], INT64_MIN, "beginning");
    at(&h[5], 64, "64");
    at(&h[6], 63, "63");
    run_dry();
    ck_trail("beginning past 63 64 far far+1 end of time");
    ck_assert(cedo_loop_time(&loop) == INT64_MAX);
    later(&h[0], 5, "still"); /* saturates */
    run_dry();
    ck_trail("still");
    close_world();
}
END_TEST
#endif

int main(void)
{
    const TTest *const tests[] = {
        TIMER_01_no_timer_fires_early_or_at_once,
        TIMER_02_what_is_due_in_one_turn_runs_in_it_by_deadline,
        TIMER_03_equal_deadlines_run_in_the_order_of_arming,
        TIMER_04_call_at_takes_a_time_and_when_gives_it_back,
        TIMER_05_cancel_prevents_the_call_also_in_the_running_batch,
        TIMER_06_cancel_after_the_call_sets_the_flag_only,
        a_handle_is_scheduled_once_at_a_time,
        a_delay_for_ever_never_ends,
        durations_round_up_to_whole_ticks,
        times_saturate_or_wrap,
#if CEDO_TIME_BITS < 64
        timers_work_across_the_wrap_of_the_clock,
#endif
        timers_agree_with_a_sorted_model,
        crowded_timers_agree_with_a_sorted_model,
        of_a_crowd_armed_from_the_last_to_the_first_the_first_is_not_missed,
        a_look_at_an_earlier_time_finds_nothing,
#if CEDO_TIME_BITS == 64
        deadlines_may_lie_anywhere_in_64_bits,
#endif
    };
    return suite_run("timer", tests, sizeof tests / sizeof *tests);
}
