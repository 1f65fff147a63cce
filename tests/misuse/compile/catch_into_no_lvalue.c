/* cedo_catch into what cannot be assigned.
 * compilers: gcc clang
 * expect: lvalue|not assignable
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

struct user {
    cedo_coro coro;
    int n;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
#ifdef WRONG
        cedo_catch(3, cedo_yield_now());
#else
        cedo_catch(self->n, cedo_yield_now());
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
