/* A join that is not awaited.
 * compilers: gcc clang
 * expect: unused
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

struct user {
    cedo_coro coro;
    cedo_task *other;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
#ifdef WRONG
        cedo_join(self->other);
#else
        if (self->other) cedo_await(cedo_join(self->other));
#endif
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
