/* A call with the frame of another coroutine.
 * compilers: gcc clang
 * expect: incompatible|incompatible types
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

struct user {
    cedo_coro coro;
    struct napper right;
    struct other wrong;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
#ifdef WRONG
        cedo_await(cedo_call(&self->wrong, napper));
#else
        cedo_await(cedo_call(&self->right, napper));
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
