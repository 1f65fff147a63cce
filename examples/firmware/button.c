/* A button that bounces: its interrupt sets a signal, and a task that sleeps until then waits 20 ms
 * and looks again.
 *
 * It is written for the emulated boards of tests/firmware, where a timer plays the finger and text
 * is the light. On a board of yours press_handler() is the interrupt of the pin, and board_port.h
 * what blink.c says.
 */
#define CEDO_IMPLEMENTATION
#include <cedo/core.h>

#include "board.h"
#include "board_port.h"

static cedo_signal pressed; /* a level that an interrupt may set */
static volatile bool is_down, light;

static void press_handler(void)
{
    cedo_signal_set_from_isr(&pressed);
}

struct button {
    cedo_coro coro;
};

static cedo_async(button)
{
    cedo_body(struct button, self) {
        for (;;) {
            cedo_await(cedo_signal_wait(&pressed));
            cedo_await(cedo_sleep_ms(20));
            if (is_down) {
                light = !light;
                board_puts(light ? "on\n" : "off\n");
            }
            cedo_signal_clear(&pressed);
        }
    }
}

/* The finger: three presses, from 100, 300 and 500 ms on, each for 100 ms. Both edges bounce for 5
 * ms. */
BOARD_SAMPLE_HANDLER()
{
    static uint16_t ms;
    const uint8_t phase = (uint8_t)(ms % 100u);
    bool down = (ms / 100u & 1u) != 0;
    if (phase < 5u && (phase & 1u)) down = !down;
    if (down != is_down) {
        is_down = down;
        press_handler();
    }
    if (++ms == 700u) {
        board_puts(light ? "three presses\n" : "FAIL\n");
        board_exit(!light);
    }
}

int main(void)
{
    static cedo_loop loop;
    static cedo_task_of(button) task;

    cedo_loop_init(&loop, &BOARD_PORT);
    cedo_loop_spawn(&loop, &task, button);
    board_sample_start();
    BOARD_INTERRUPTS_ON();
    return cedo_loop_run_forever(&loop);
}
