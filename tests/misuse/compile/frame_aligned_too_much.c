/* cedo_spawn_new of a frame that no allocator aligns as it must be.
 * compilers: gcc clang
 * expect: negative
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

struct adder {
    cedo_coro coro;
#ifdef WRONG
    long double sum;
#else
    double sum;
#endif
};

static cedo_async(adder)
{
    cedo_body(struct adder, self) {
        self->sum += 1;
    }
}

int main(void)
{
    static cedo_loop loop;
    cedo_task *task;
    (void)cedo_loop_init(&loop, &cedo_port_sim);
    task = cedo_loop_spawn_new(&loop, adder);
    return cedo_loop_run_until_complete(&loop, task) == CEDO_OK ? 0 : 1;
}
