/* A throw in an ordinary function.
 * compilers: gcc clang
 * expect: co_
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

static int helper(int n)
{
#ifdef WRONG
    if (n) cedo_throw(CEDO_EINVAL);
#endif
    return n;
}

struct user {
    cedo_coro coro;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
        if (helper(0)) cedo_throw(CEDO_EINVAL);
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
