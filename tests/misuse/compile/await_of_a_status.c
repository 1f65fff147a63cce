/* An await of a function that gives a status, not an operation.
 * compilers: gcc clang
 * expect: \<int\>
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

struct user {
    cedo_coro coro;
    cedo_queue_of(int, 2) jobs;
    int item;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
#ifdef WRONG
        cedo_await(cedo_queue_get_nowait(&self->jobs.queue, &self->item));
#else
        cedo_catch(self->item, cedo_done(cedo_queue_get_nowait(&self->jobs.queue, &self->item)));
#endif
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
