/* A generator hands out control while a timeout of its own is running.
 * file: generator.h
 * function: cedo_generator_park_
 * advice: a generator must not yield inside cedo_with_timeout
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

struct items {
    cedo_coro coro;
    cedo_timeout limit;
};

static cedo_async(items)
{
    cedo_body(struct items, self) {
        cedo_with_timeout (&self->limit, CEDO_MS(5)) cedo_yield();
    }
}

struct user {
    cedo_coro coro;
    cedo_generator_of(items) items;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
        cedo_generate(&self->items, items);
        cedo_await(cedo_anext(&self->items));
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
