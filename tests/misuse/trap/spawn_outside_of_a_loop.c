/* cedo_spawn where no loop runs.
 * file: spawn.h
 * function: cedo_task_start_
 * advice: no loop runs here
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
    static cedo_task_of(napper) task;
    return cedo_spawn(&task, napper);
}
