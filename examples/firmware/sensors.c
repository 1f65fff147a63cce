/* A sensor that a timer interrupt reads a thousand times a second. A channel takes the samples out
 * of the interrupt; one task makes means of them and puts them into a queue, another sends them, as
 * fast as its wire lets it; a third is woken by the interrupt when a value is too high.
 *
 * The three are a group: when one fails, the others are stopped, and the block that started them
 * fails with its error, once all have ended. Here the sensor falls silent; a node in the field would
 * report that and start over. This one counts what it got: every sample, once and in order.
 *
 * The same file runs on Cortex-M, RISC-V and AVR; see blink.c for a board of yours.
 */
#define CEDO_IMPLEMENTATION
#include <cedo/core.h>

#include "board.h"
#include "board_port.h"

enum { SAMPLES = 500, IN_A_MEAN = 10, TOO_HIGH = 900, ALARMS = 54 };

typedef struct sample sample;
struct sample {
    uint16_t number;
    uint16_t value;
};

static cedo_channel_of(sample, 8) samples = CEDO_CHANNEL_INIT(samples);
static cedo_queue_of(uint16_t, 4) means = CEDO_QUEUE_INIT(means);
static cedo_signal too_high;
static cedo_event link_is_up;

/* ------------------------------------------------------------- the interrupt */

static struct {
    sample next;
    uint16_t dropped, alarms;
    uint32_t sum;
} sensor;

BOARD_SAMPLE_HANDLER()
{
    if (sensor.next.number == SAMPLES) return;
    sensor.next.value = (uint16_t)(sensor.next.number * 37u % 1000u);
    sensor.sum += sensor.next.value;
    if (cedo_channel_put_from_isr(&samples.channel, &sensor.next) != CEDO_OK) sensor.dropped++;
    if (sensor.next.value > TOO_HIGH) {
        sensor.alarms++;
        cedo_signal_set_from_isr(&too_high);
    }
    sensor.next.number++;
}

/* ------------------------------------------------------------- the tasks */

struct collect {
    cedo_coro coro;
    cedo_timeout limit;
    sample got;
    int status;
    uint32_t sum;
    uint16_t count, part, mean;
    bool in_order;
};

static cedo_async(collect)
{
    cedo_body(struct collect, self) {
        self->in_order = true;
        for (;;) {
            cedo_catch(self->status, cedo_wait_for(&self->limit, CEDO_MS(20),
                                                   cedo_channel_get(&samples.channel, &self->got)));
            if (self->status == CEDO_ETIMEDOUT) break; /* silent */
            if (self->status < 0) cedo_throw(self->status);
            if (self->got.number != self->count) self->in_order = false;
            self->count++;
            self->sum += self->got.value;
            self->part = (uint16_t)(self->part + self->got.value);
            if (self->count % IN_A_MEAN) continue;
            self->mean = (uint16_t)(self->part / IN_A_MEAN);
            self->part = 0;
            cedo_await(cedo_queue_put(&means.queue, &self->mean));
        }
        cedo_await(cedo_queue_join(&means.queue)); /* what was measured still goes out */
        cedo_throw(CEDO_ETIMEDOUT);                /* and stops the other two */
    }
}

struct send {
    cedo_coro coro;
    uint32_t sum;
    uint16_t mean;
    uint8_t count;
    bool is_up;
};

static cedo_async(send)
{
    cedo_body(struct send, self) {
        cedo_await(cedo_sleep_ms(5)); /* the wire takes its time to come up */
        self->is_up = true;
        cedo_event_set(&link_is_up);
        for (;;) {
            cedo_await(cedo_queue_get(&means.queue, &self->mean));
            cedo_await(cedo_sleep_ms(3)); /* the wire */
            self->sum += self->mean;
            self->count++;
            (void)cedo_queue_task_done(&means.queue); /* for who waits in cedo_queue_join */
        }
    cedo_finally: /* a cancel passes here, too */
        self->is_up = false;
    }
}

struct watch {
    cedo_coro coro;
    uint16_t alarms;
};

static cedo_async(watch)
{
    cedo_body(struct watch, self) {
        for (;;) {
            cedo_await(cedo_signal_wait(&too_high));
            cedo_signal_clear(&too_high);
            self->alarms++;
        }
    }
}

/* ------------------------------------------------------------- all of it */

/* The children lie in the frame of their parent: it cannot end before they have. */
struct node {
    cedo_coro coro;
    cedo_group group;
    cedo_guard guard;
    cedo_task_of(collect) collector;
    cedo_task_of(send) sender;
    cedo_task_of(watch) watcher;
    bool passed;
};

static void report(const char *name, uint32_t value)
{
    board_puts(name);
    board_putu(value);
}

static bool all_is_right(const struct node *node)
{
    const struct collect *const got = &node->collector.frame;
    const struct send *const sent = &node->sender.frame;

    report("samples ", got->count);
    report(", dropped ", sensor.dropped);
    report(", means ", sent->count);
    report(", alarms ", node->watcher.frame.alarms);
    return got->count == SAMPLES && got->in_order && got->sum == sensor.sum &&
           sensor.dropped == 0 && sent->count == SAMPLES / IN_A_MEAN && !sent->is_up &&
           node->watcher.frame.alarms == ALARMS && sensor.alarms == ALARMS &&
           cedo_task_cancelled(&node->sender.task) && cedo_task_cancelled(&node->watcher.task) &&
           cedo_group_failed(&node->group) == 1;
}

static cedo_async(node)
{
    cedo_body(struct node, self) {
        cedo_try (&self->guard) {
            cedo_with_group (&self->group) {
                cedo_group_spawn(&self->group, &self->sender, send);
                cedo_group_spawn(&self->group, &self->watcher, watch);
                cedo_await(cedo_event_wait(&link_is_up)); /* ends as well if one of them fails */
                cedo_group_spawn(&self->group, &self->collector, collect);
                board_sample_start();
            } /* behind this brace all three have ended, whatever happened */
        }
        cedo_except (&self->guard) {
            self->passed = cedo_caught(&self->guard) == CEDO_ETIMEDOUT && all_is_right(self);
        }
        board_puts(self->passed ? " PASS\n" : " FAIL\n");
        board_exit(!self->passed);
    }
}

int main(void)
{
    static cedo_loop loop;
    static cedo_task_of(node) task;

    cedo_loop_init(&loop, &BOARD_PORT);
    cedo_loop_spawn(&loop, &task, node);
    BOARD_INTERRUPTS_ON();
    return cedo_loop_run_forever(&loop);
}
