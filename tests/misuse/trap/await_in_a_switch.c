/* An await inside a switch of the body, at its first resume.
 * file: await_in_a_switch.c
 * function: user_coro
 * advice: an await stands inside a switch
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
        switch (self->n) {
        case 0: cedo_await(cedo_yield_now()); break;
        default: break;
        }
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
