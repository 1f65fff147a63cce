/* A sensor that a timer interrupt reads a thousand times a second. A channel takes the samples out
 * of the interrupt; one task makes means of them and puts them into a queue, another sends them, as
 * fast as its wire lets it; a third is woken by the interrupt when a value is too high. When no
 * sample comes for 20 ms the sensor is switched off, and the program counts what it got: every
 * sample, once and in order, and none lost.
 *
 * The same file runs on Cortex-M, RISC-V and AVR; see blink.c for a board of yours.
 */
#define CEDO_IMPLEMENTATION
#include <cedo/core.h>

#include "board.h"
#include "board_port.h"

enum { SAMPLES = 500, IN_A_MEAN = 10, TOO_HIGH = 900 };

typedef struct sample sample;
struct sample {
    uint16_t number;
    uint16_t value;
};

static cedo_channel_of(sample, 8) samples = CEDO_CHANNEL_INIT(samples);
static cedo_queue_of(uint16_t, 4) means = CEDO_QUEUE_INIT(means);
static cedo_signal too_high;
static cedo_event is_off;

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
            if (self->status < 0) break;
            if (self->got.number != self->count) self->in_order = false;
            self->count++;
            self->sum += self->got.value;
            self->part = (uint16_t)(self->part + self->got.value);
            if (self->count % IN_A_MEAN) continue;
            self->mean = (uint16_t)(self->part / IN_A_MEAN);
            self->part = 0;
            cedo_await(cedo_queue_put(&means.queue, &self->mean));
        }
        cedo_event_set(&is_off);
        if (self->status != CEDO_ETIMEDOUT) cedo_throw(self->status);
    }
}

struct send {
    cedo_coro coro;
    uint32_t sum;
    uint16_t mean;
    uint8_t count;
};

static cedo_async(send)
{
    cedo_body(struct send, self) {
        for (;;) {
            cedo_await(cedo_queue_get(&means.queue, &self->mean));
            cedo_await(cedo_sleep_ms(3)); /* the wire */
            self->sum += self->mean;
            self->count++;
        }
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

static cedo_task_of(collect) collector;
static cedo_task_of(send) sender;
static cedo_task_of(watch) watcher;

static void report(const char *name, uint32_t value)
{
    board_puts(name);
    board_putu(value);
}

static bool all_is_right(void)
{
    report("samples ", collector.frame.count);
    report(", dropped ", sensor.dropped);
    report(", means ", sender.frame.count);
    report(", alarms ", watcher.frame.alarms);
    return collector.frame.count == SAMPLES && collector.frame.in_order &&
           collector.frame.sum == sensor.sum && sensor.dropped == 0 &&
           sender.frame.count == SAMPLES / IN_A_MEAN && sensor.alarms > 0 &&
           watcher.frame.alarms == sensor.alarms;
}

struct node {
    cedo_coro coro;
    int status;
    bool passed;
};

static cedo_async(node)
{
    cedo_body(struct node, self) {
        cedo_spawn(&collector, collect);
        cedo_spawn(&sender, send);
        cedo_spawn(&watcher, watch);
        board_sample_start();
        cedo_await(cedo_event_wait(&is_off));
        cedo_await(cedo_join(&collector.task));
        cedo_await(cedo_sleep_ms(20)); /* what is left in the queue */
        cedo_task_cancel(&sender.task);
        cedo_task_cancel(&watcher.task);
        cedo_catch(self->status, cedo_join(&sender.task));
        cedo_catch(self->status, cedo_join(&watcher.task));
        self->passed = all_is_right() && self->status == CEDO_ECANCELED;
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
