/* What is read would be written where the stack of another function is by then.
 * file: wake.h
 * function: cedo_wait_
 * advice: an operation that waits was given a C local
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

static cedo_reader_of(16) uart = CEDO_READER_INIT(uart, 8);

struct user {
    cedo_coro coro;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
        cedo_bytes line;
        cedo_await(cedo_reader_read_line(&uart.reader, &line));
    }
}

int main(void)
{
    static cedo_loop loop;
    static cedo_task_of(user) task;
    (void)cedo_loop_init(&loop, &cedo_port_sim);
    (void)cedo_loop_spawn(&loop, &task, user);
    return cedo_loop_run_until_complete(&loop, &task.task) == CEDO_OK ? 0 : 1;
}
