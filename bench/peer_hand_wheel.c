/* Peer `hand_wheel`: the timer tests of `hand` on a timer wheel instead of a heap.
 *
 * One tick is a millisecond. Three levels: 256 slots of 1 tick, 64 slots of 256, 64 slots of 16384
 * (17 minutes in all).
 */
#include "hand.h"

struct timer {
    struct timer *next;
    struct timer **link; /* the pointer that points to this timer */
    uint32_t at;
};

static struct timer *near_slots[256];
static struct timer *middle_slots[64];
static struct timer *far_slots[64];
static uint32_t tick;

static inline void timer_arm(struct timer *timer, uint32_t at)
{
    const uint32_t distance = at - tick;
    struct timer **slot;

    if (distance < 256)
        slot = &near_slots[at & 255];
    else if (distance < 16384)
        slot = &middle_slots[(at >> 8) & 63];
    else
        slot = &far_slots[(at >> 14) & 63];
    timer->at = at;
    timer->next = *slot;
    if (timer->next != NULL) timer->next->link = &timer->next;
    timer->link = slot;
    *slot = timer;
}

static inline void timer_cancel(struct timer *timer)
{
    *timer->link = timer->next;
    if (timer->next != NULL) timer->next->link = timer->link;
}

/* Sorts the timers of a slot into the finer levels. */
static void cascade(struct timer **slot)
{
    struct timer *timer = *slot;

    *slot = NULL;
    while (timer != NULL) {
        struct timer *const next = timer->next;
        timer_arm(timer, timer->at);
        timer = next;
    }
}

/* Goes one tick ahead and answers the slot of what is due now. */
static struct timer **next_tick(void)
{
    tick++;
    if ((tick & 255) == 0) {
        if (((tick >> 8) & 63) == 0) cascade(&far_slots[(tick >> 14) & 63]);
        cascade(&middle_slots[(tick >> 8) & 63]);
    }
    return &near_slots[tick & 255];
}

/* timer: n timers due at random in 10 seconds: arm all; cancel all; fire all. */
static void test_timer(long n, long param)
{
    struct timer *const timers = bench_alloc(n, sizeof *timers);
    uint32_t *const due = bench_alloc(n, sizeof *due);
    long fired = 0;

    (void)param;
    for (long i = 0; i < n; i++) due[i] = (uint32_t)(1 + bench_random() % 10000);

    bench_start();
    for (long i = 0; i < n; i++) timer_arm(&timers[i], due[i]);
    bench_row("timer_arm", n, bench_elapsed() / n);

    bench_start();
    for (long i = 0; i < n; i++) timer_cancel(&timers[i]);
    bench_row("timer_cancel", n, bench_elapsed() / n);

    for (long i = 0; i < n; i++) timer_arm(&timers[i], due[i]);
    bench_start();
    while (fired < n) {
        struct timer **const slot = next_tick();
        while (*slot != NULL) {
            timer_cancel(*slot);
            fired++;
        }
    }
    bench_row("timer_fire", n, bench_elapsed() / n);
    bench_check(tick <= 10000, "timer");
}

/* timeout: two tasks wake each other in turn; each wait is guarded by a timeout of 30 seconds. */
static struct event turn[2];
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
                timer_arm(&guard[me], tick + 30000);
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

    for (long i = 0; i < others; i++) timer_arm(&timers[i], (uint32_t)(20000 + i % 10000));

    bench_start();
    make_ready(&first);
    make_ready(&second);
    run_ready();
    bench_row("timeout", others, bench_elapsed() / n);
    bench_check(first.left < 0, "timeout");
}

static const struct bench_test tests[] = {
    {"timer", test_timer},
    {"timeout", test_timeout},
};

int main(int argc, char **argv)
{
    return bench_main("hand_wheel", tests, BENCH_COUNT(tests), argc, argv);
}
