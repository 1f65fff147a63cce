/* cedo_spawn of a struct that has no coroutine.
 * compilers: gcc clang
 * expect: other_coro
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

struct other {
    cedo_coro coro;
    long m;
};

typedef cedo_task_of(other) other_task;

struct user {
    cedo_coro coro;
    other_task *task;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
#ifdef WRONG
        if (cedo_spawn(self->task, other) < 0) cedo_return();
#else
        if (self->task) self->task->frame.m = 1;
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
