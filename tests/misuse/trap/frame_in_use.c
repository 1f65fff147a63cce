/* Two tasks call a coroutine on one frame.
 * file: coro.h
 * function: cedo_idle_frame_
 * advice: this frame is in use
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

static struct napper shared;

struct user {
    cedo_coro coro;
    int second;
};

typedef cedo_task_of(user) user_task;
static user_task second;

static cedo_async(user)
{
    cedo_body(struct user, self) {
        if (!self->second) (void)cedo_spawn(&second, user, .second = 1);
        cedo_await(cedo_call(&shared, napper));
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
