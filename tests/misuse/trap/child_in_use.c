/* Two children of a group in one storage.
 * file: spawn.h
 * function: cedo_task_must_not_run_
 * advice: this task was spawned already and is not done: give each task its own storage
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

struct napper {
    cedo_coro coro;
};

static cedo_async(napper)
{
    cedo_body(struct napper, self) {
        cedo_await(cedo_sleep_ms(1));
    }
}

struct user {
    cedo_coro coro;
    cedo_group group;
    cedo_task_of(napper) child;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
        cedo_group_spawn(&self->group, &self->child, napper);
        cedo_group_spawn(&self->group, &self->child, napper);
        cedo_await(cedo_group_join(&self->group));
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
