/* An initialised local that an await would lose. clang has no warning for C; C++ refuses it.
 * compilers: gcc g++ clang++
 * expect: jump|cross
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
        int n = 3;
        cedo_await(cedo_yield_now());
        self->n = n;
#else
        self->n = 3;
        cedo_await(cedo_yield_now());
#endif
    }
}

int main()
{
    static cedo_loop loop;
    static cedo_task task;
    static struct user frame;
    (void)cedo_loop_init(&loop, &cedo_port_sim);
    (void)cedo_loop_spawn_coro(&loop, &task, cedo_prepare(&frame, user));
    return cedo_loop_run_until_complete(&loop, &task) == CEDO_OK ? 0 : 1;
}
