/* An await in an ordinary function.
 * compilers: gcc clang
 * expect: co_
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

static void helper(void)
{
#ifdef WRONG
    cedo_await(cedo_sleep_ms(1));
#endif
}

struct user {
    cedo_coro coro;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
        helper();
        cedo_await(cedo_yield_now());
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
