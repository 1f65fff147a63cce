/* A task that sees a value outlives the block that has it.
 * file: context.h
 * function: cedo_binding_close_
 * advice: a task that was spawned in a block of cedo_with_value outlives the block
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

static const cedo_variable user = {NULL};

struct child {
    cedo_coro coro;
};

static cedo_async(child)
{
    cedo_body(struct child, self) {
        cedo_await(cedo_sleep_ms(1));
    }
}

static cedo_task_of(child) left;

struct parent {
    cedo_coro coro;
    cedo_binding user;
};

static cedo_async(parent)
{
    cedo_body(struct parent, self) {
        cedo_with_value(&self->user, &user, "root")(void) cedo_spawn(&left, child);
    }
}

int main(void)
{
    static cedo_loop loop;
    static cedo_task_of(parent) task;
    (void)cedo_loop_init(&loop, &cedo_port_sim);
    (void)cedo_loop_spawn(&loop, &task, parent);
    return cedo_loop_run_until_complete(&loop, &task.task) == CEDO_OK ? 0 : 1;
}
