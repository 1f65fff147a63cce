/* A queue that is all zero has no places: who gets would wait for ever.
 * file: fifo.h
 * function: cedo_queue_step_
 * advice: this queue was not initialised
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

static cedo_queue_of(int, 4) jobs;

struct user {
    cedo_coro coro;
    int job;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
        cedo_await(cedo_queue_get(&jobs.queue, &self->job));
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
