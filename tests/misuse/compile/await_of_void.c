/* An await of a function that gives nothing.
 * compilers: gcc clang
 * expect: void
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

static void nothing(void)
{
}

struct user {
    cedo_coro coro;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
        nothing();
#ifdef WRONG
        cedo_await(nothing());
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
