/* An event is set in an interrupt, which traps, where the port can tell. */
#define CEDO_IMPLEMENTATION
#include <cedo/core.h>

#include "board.h"
#include "board_port.h"

static cedo_event event;

BOARD_SAMPLE_HANDLER()
{
    cedo_event_set(&event);
}

struct waiter {
    cedo_coro coro;
};

static cedo_async(waiter)
{
    cedo_body(struct waiter, self) {
        cedo_await(cedo_event_wait(&event));
        board_exit(1);
    }
}

static void trapped(const cedo_where *where, const char *advice)
{
    (void)where;
    board_puts(advice);
    board_exit(2);
}

int main(void)
{
    static cedo_loop loop;
    static cedo_task_of(waiter) task;

    (void)cedo_set_trap_handler(trapped);
    cedo_loop_init(&loop, &BOARD_PORT);
    cedo_loop_spawn(&loop, &task, waiter);
    cedo_event_set(&event); /* no interrupt: allowed */
    cedo_event_clear(&event);
    board_sample_start();
    BOARD_INTERRUPTS_ON();
    return cedo_loop_run_forever(&loop);
}
