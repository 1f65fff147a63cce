/* A throw of what is no error.
 * file: throw_of_no_error.c
 * function: user_coro
 * advice: cedo_throw takes a negative status
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
        cedo_throw(self->n);
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
