/* An operation is begun, kept, and not awaited before the next one.
 * file: wake.h
 * function: cedo_task_suspends_
 * advice: an operation was begun but not awaited
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

struct user {
    cedo_coro coro;
    cedo_op op;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
        self->op = cedo_sleep_ms(1);
        cedo_await(cedo_sleep_ms(2));
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
