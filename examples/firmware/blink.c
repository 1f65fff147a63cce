/* The least there is: one task, one light, every half a second. Between two blinks the processor
 * sleeps.
 *
 *     arm-none-eabi-gcc -mcpu=cortex-m0 -mthumb -Os -I include blink.c your_startup.c -T your.ld
 *
 * It is written for the emulated boards of tests/firmware, which give a start-up and a text output
 * for a light; on a board of yours, board_port.h is the two lines
 *
 *     #define CEDO_CORTEX_M_HZ 16000000
 *     #include <cedo/port/cortex_m.h>
 */
#define CEDO_IMPLEMENTATION
#include <cedo/core.h>

#include "board.h"
#include "board_port.h"

struct blink {
    cedo_coro coro;
    uint8_t times;
};

static cedo_async(blink)
{
    cedo_body(struct blink, self) {
        for (self->times = 0; self->times < 5; self->times++) {
            board_puts("on ");
            cedo_await(cedo_sleep_ms(500));
            board_puts("off\n");
            cedo_await(cedo_sleep_ms(500));
        }
        board_puts("five blinks in five seconds\n");
        board_exit(0); /* an emulator is to come to an end; a light goes on for ever */
    }
}

int main(void)
{
    static cedo_loop loop;
    static cedo_task_of(blink) light;

    cedo_loop_init(&loop, &BOARD_PORT);
    cedo_loop_spawn(&loop, &light, blink);
    BOARD_INTERRUPTS_ON();
    return cedo_loop_run_forever(&loop);
}
