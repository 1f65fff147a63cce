/* A generator awaits what needs a task.
 * file: task.h
 * function: cedo_this_task_
 * advice: this can only be awaited in a task, not in a callback or a generator
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

int main(void)
{
    static struct napper frame;
    (void)cedo_make(&frame, napper);
    return cedo_next(&frame);
}
