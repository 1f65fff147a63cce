/* A future goes while a task waits for it.
 * file: debug.h
 * function: cedo_future_destroy
 * advice: this future is destroyed while tasks wait for it
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

static cedo_future future;

struct waiter {
    cedo_coro coro;
};

static cedo_async(waiter)
{
    cedo_body(struct waiter, self) {
        cedo_await(cedo_future_wait(&future));
    }
}

int main(void)
{
    static cedo_loop loop;
    static cedo_task_of(waiter) task;
    (void)cedo_loop_init(&loop, &cedo_port_sim);
    (void)cedo_loop_spawn(&loop, &task, waiter);
    (void)cedo_loop_step(&loop);
    cedo_future_destroy(&future);
    return 0;
}
