/* What an interrupt must not call traps there: MISUSE, an expression. */
#define CEDO_IMPLEMENTATION
#include <cedo/core.h>

#include "board.h"
#include "board_port.h"

#ifndef MISUSE
#define MISUSE cedo_event_set(&event)
#endif

static cedo_loop loop;
static cedo_event event;
CEDO_UNUSED_ static cedo_semaphore semaphore;
CEDO_UNUSED_ static cedo_lock lock;
CEDO_UNUSED_ static cedo_future future;
CEDO_UNUSED_ static cedo_handle handle;
CEDO_UNUSED_ static uint16_t item;
CEDO_UNUSED_ static cedo_queue_of(uint16_t, 4) queue = CEDO_QUEUE_INIT(queue);

CEDO_UNUSED_ static cedo_status call(void *arg)
{
    (void)arg;
    board_exit(1);
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

static cedo_task_of(waiter) task;
CEDO_UNUSED_ static cedo_task_of(waiter) other;

BOARD_SAMPLE_HANDLER()
{
    (void)(MISUSE);
}

static void trapped(const cedo_where *where, const char *advice)
{
    (void)where;
    board_puts(advice);
    board_exit(2);
}

int main(void)
{
    (void)cedo_set_trap_handler(trapped);
    cedo_loop_init(&loop, &BOARD_PORT);
    cedo_loop_spawn(&loop, &task, waiter);
    cedo_event_set(&event); /* no interrupt: allowed */
    cedo_event_clear(&event);
    board_sample_start();
    BOARD_INTERRUPTS_ON();
    return cedo_loop_run_forever(&loop);
}
