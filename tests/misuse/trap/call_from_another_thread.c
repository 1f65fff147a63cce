/* In debug mode, a thread calls into the loop that another one runs.
 * file: debug.h
 * function: cedo_loop_admits_slow_
 * advice: this was called from another thread than the one that runs the loop
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

#include <pthread.h>

static cedo_loop loop;

static cedo_status nothing(void *arg)
{
    (void)arg;
    return CEDO_OK;
}

static void *foreign(void *arg)
{
    static cedo_handle handle;
    (void)cedo_call_soon(&loop, &handle, nothing, NULL);
    return arg;
}

static cedo_status starts_a_thread(void *arg)
{
    pthread_t thread;
    (void)arg;
    if (pthread_create(&thread, NULL, foreign, NULL) != 0) return CEDO_EINVAL;
    return pthread_join(thread, NULL) == 0 ? CEDO_OK : CEDO_EINVAL;
}

int main(void)
{
    static cedo_handle handle;
    (void)cedo_loop_init(&loop, &cedo_port_sim);
    cedo_loop_set_debug(&loop, true);
    (void)cedo_call_soon(&loop, &handle, starts_a_thread, NULL);
    return cedo_loop_run_forever(&loop) == CEDO_OK ? 0 : 1;
}
