/* Three tasks and a queue, asleep in between: one produces a number every 10 ms, one takes each as
 * it comes, one blinks every 50 ms.
 *
 * The same file runs on Cortex-M, RISC-V and AVR. What differs is in two headers of the test
 * boards: app.h (pins and an output port) and board_port.h (which of <cedo/port/...> it is, and at
 * what frequency). tests/firmware/three.sh measures it beside the same program written by hand.
 */
#define CEDO_IMPLEMENTATION
#include <cedo/core.h>

#include "app.h"
#include "board_port.h"

static cedo_queue_of(uint32_t, 4) numbers = CEDO_QUEUE_INIT(numbers);

struct produce {
    cedo_coro coro;
    cedo_time due;
    uint32_t n;
};

static cedo_async(produce)
{
    cedo_body(struct produce, self) {
        for (;;) {
            self->due += CEDO_MS(10);
            cedo_await(cedo_sleep_until(self->due));
            APP_TICK(self->n * 10 + 10); /* ends a test run */
            TOGGLE(0);
            cedo_await(cedo_queue_put(&numbers.queue, &self->n));
            self->n++;
        }
    }
}

struct consume {
    cedo_coro coro;
    uint32_t n;
};

static cedo_async(consume)
{
    cedo_body(struct consume, self) {
        for (;;) {
            cedo_await(cedo_queue_get(&numbers.queue, &self->n));
            TOGGLE(1);
            PORT(self->n);
        }
    }
}

struct blink {
    cedo_coro coro;
    cedo_time due;
};

static cedo_async(blink)
{
    cedo_body(struct blink, self) {
        for (;;) {
            self->due += CEDO_MS(50);
            cedo_await(cedo_sleep_until(self->due));
            TOGGLE(2);
        }
    }
}

cedo_loop app_loop;

int main(void)
{
    static cedo_task_of(produce) producer;
    static cedo_task_of(consume) consumer;
    static cedo_task_of(blink) blinker;

    cedo_loop_init(&app_loop, &BOARD_PORT);
    cedo_loop_spawn(&app_loop, &producer, produce);
    cedo_loop_spawn(&app_loop, &consumer, consume);
    cedo_loop_spawn(&app_loop, &blinker, blink);
    BOARD_INTERRUPTS_ON();
    return cedo_loop_run_forever(&app_loop);
}
