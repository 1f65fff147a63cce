/* A task is spawned twice, which traps: the text arrives, wherever it is kept. */
#define CEDO_IMPLEMENTATION
#include <cedo/core.h>

#include "board.h"
#include "board_port.h"

struct wait {
    cedo_coro coro;
};

static cedo_async(wait)
{
    cedo_body(struct wait, self) {
        cedo_await(cedo_sleep_ms(1));
        board_exit(1);
    }
}

static void trapped(const cedo_where *where, const char *advice)
{
    (void)where;
    board_puts(advice);
    board_puts("\n");
    board_exit(2);
}

int main(void)
{
    static cedo_loop loop;
    static cedo_task_of(wait) task;

    (void)cedo_set_trap_handler(trapped);
    cedo_loop_init(&loop, &BOARD_PORT);
    cedo_loop_spawn(&loop, &task, wait);
    cedo_loop_spawn(&loop, &task, wait);
    return 0;
}
