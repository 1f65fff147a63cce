/* The join of a group that is not awaited.
 * compilers: gcc clang
 * expect: unused-result
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

struct user {
    cedo_coro coro;
    cedo_group group;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
#ifdef WRONG
        cedo_group_join(&self->group);
#else
        cedo_await(cedo_group_join(&self->group));
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
