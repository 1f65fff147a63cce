/* An await of what is no operation: an int.
 * compilers: gcc clang
 * expect: \<int\>
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

static int number(void)
{
    return 7;
}

struct user {
    cedo_coro coro;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
        if (number() == 0) cedo_return();
#ifdef WRONG
        cedo_await(number());
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
