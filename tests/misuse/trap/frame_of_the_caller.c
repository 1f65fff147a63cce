/* A coroutine calls itself on its own frame, in its first step.
 * file: coro.h
 * function: cedo_idle_frame_
 * advice: this frame is in use
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

struct ouroboros {
    cedo_coro coro;
    int n;
};

static cedo_async(ouroboros)
{
    cedo_body(struct ouroboros, self) {
        cedo_await(cedo_call(self, ouroboros, .n = self->n + 1));
    }
}

int main(void)
{
    static cedo_loop loop;
    static cedo_task_of(ouroboros) task;
    (void)cedo_loop_init(&loop, &cedo_port_sim);
    (void)cedo_loop_spawn(&loop, &task, ouroboros);
    return cedo_loop_run_until_complete(&loop, &task.task) == CEDO_OK ? 0 : 1;
}
