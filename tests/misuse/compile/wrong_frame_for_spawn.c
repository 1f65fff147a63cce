/* cedo_spawn with storage of another coroutine.
 * compilers: gcc clang
 * expect: incompatible
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

struct napper {
    cedo_coro coro;
    int n;
};

static cedo_async(napper)
{
    cedo_body(struct napper, self) {
        cedo_await(cedo_sleep_ms(1));
    }
}

struct other {
    cedo_coro coro;
    long m;
};

typedef cedo_task_of(napper) napper_task;
typedef cedo_task_of(other) other_task;

struct user {
    cedo_coro coro;
    napper_task *right;
    other_task *wrong;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
#ifdef WRONG
        if (cedo_spawn(self->wrong, napper) < 0) cedo_return();
#else
        if (self->right && cedo_spawn(self->right, napper) < 0) cedo_return();
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
