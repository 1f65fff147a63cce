/* An await of the number 0, which C would take for a null pointer.
 * compilers: gcc clang g++ clang++
 * expect: \<int\>
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

struct user {
    cedo_coro coro;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
#ifdef WRONG
        cedo_await(0);
#endif
    }
}

int main(void)
{
    static cedo_loop loop;
    static cedo_task_of(user) task;
    (void)cedo_loop_init(&loop, &cedo_port_sim);
    (void)cedo_loop_spawn_coro(&loop, &task.task, cedo_prepare(&task.frame, user));
    return cedo_loop_run_until_complete(&loop, &task.task) == CEDO_OK ? 0 : 1;
}
