/* A child waits for its own group.
 * file: group.h
 * function: cedo_group_join
 * advice: a group can only be awaited by the task that opened it
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

struct child {
    cedo_coro coro;
    cedo_group *group;
};

static cedo_async(child)
{
    cedo_body(struct child, self) {
        cedo_await(cedo_group_join(self->group));
    }
}

struct user {
    cedo_coro coro;
    cedo_group group;
    cedo_task_of(child) child;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
        cedo_with_group (&self->group)
            cedo_group_spawn(&self->group, &self->child, child, .group = &self->group);
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
