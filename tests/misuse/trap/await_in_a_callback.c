/* A callback uses an operation that needs a task.
 * file: task.h
 * function: cedo_this_task_
 * advice: this can only be awaited in a task
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

static cedo_status callback(void *arg)
{
    (void)arg;
    return cedo_sleep_ms(1) == CEDO_WAITING ? CEDO_OK : CEDO_EINVAL;
}

int main(void)
{
    static cedo_loop loop;
    static cedo_handle handle;
    (void)cedo_loop_init(&loop, &cedo_port_sim);
    (void)cedo_call_soon(&loop, &handle, callback, NULL);
    return cedo_loop_run_forever(&loop) == CEDO_OK ? 0 : 1;
}
