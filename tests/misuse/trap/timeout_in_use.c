/* One timeout limits two operations at a time.
 * file: timeout.h
 * function: cedo_timeout_enter_
 * advice: this timeout is in use
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

struct user {
    cedo_coro coro;
    cedo_timeout limit;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
        cedo_await(cedo_wait_for(&self->limit, CEDO_MS(1),
                                 cedo_wait_for(&self->limit, CEDO_MS(2), cedo_sleep_ms(3))));
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
