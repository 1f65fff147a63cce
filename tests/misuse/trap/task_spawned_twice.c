/* A task is spawned again before it is done.
 * file: spawn.h
 * function: cedo_task_must_not_run_
 * advice: this task was spawned already and is not done
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

static cedo_task_of(napper) child;

struct user {
    cedo_coro coro;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
        (void)cedo_spawn(&child, napper);
        (void)cedo_spawn(&child, napper);
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
