/* A group's block is left by break and entered again.
 * file: scope.h
 * function: cedo_scope_open
 * advice: this scope is open already
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

struct user {
    cedo_coro coro;
    int i;
    cedo_group group;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
        for (self->i = 0; self->i < 2; self->i++) {
            cedo_with_group (&self->group) {
                break;
            }
        }
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
