/* A coroutine is resumed after its end.
 * file: resumed_after_its_end.c
 * function: user_coro
 * advice: this coroutine has ended and was resumed
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

struct user {
    cedo_coro coro;
    int n;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
        self->n++;
    }
}

int main(void)
{
    static cedo_loop loop;
    static cedo_task_of(user) task;
    (void)cedo_loop_init(&loop, &cedo_port_sim);
    (void)cedo_loop_spawn(&loop, &task, user);
    (void)cedo_loop_run_until_complete(&loop, &task.task);
    return task.frame.coro.body(&task.frame.coro, CEDO_OK) == CEDO_WAITING;
}
