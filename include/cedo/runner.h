/* Running coroutines from outside of any loop, one after the other, in one loop; and the orderly end
 * of a loop. For a program that is one coroutine, see run.h.
 *
 *     static cedo_loop loop;
 *     cedo_runner runner;
 *     cedo_runner_init(&runner, &loop, &cedo_port_posix);
 *     status = cedo_runner_run(&runner, connect, .host = "example.org");
 *     status = cedo_runner_run(&runner, fetch, .path = "/");
 *     cedo_runner_close(&runner);
 *
 * Counterpart: asyncio.Runner.
 */
#ifndef CEDO_RUNNER_H
#define CEDO_RUNNER_H

#include <cedo/cancel.h>
#include <cedo/spawn.h>

#if CEDO_STOP && CEDO_JOIN && CEDO_HANDLES && CEDO_REGISTRY

#ifdef __cplusplus
extern "C" {
#endif

/* Private fields. */
typedef struct cedo_runner cedo_runner;
struct cedo_runner {
    cedo_loop *loop;
    const cedo_port *port;
    uint8_t state;
};

/* Makes a runner. Its loop is made on `port` in `loop`, which must outlive it, when it is first
 * needed; port NULL: `loop` was made by cedo_loop_init and is the runner's to close from now on.
 * Counterpart: asyncio.Runner(loop_factory=...). */
void cedo_runner_init(cedo_runner *runner, cedo_loop *loop, const cedo_port *port);

/* The runner's loop, made now if need be, to set it up: its exception handler, debug mode, callbacks.
 * NULL: the runner is closed, or the port cannot open (cedo_runner_run says why). Counterpart:
 * Runner.get_loop(). */
cedo_loop *cedo_runner_loop(cedo_runner *runner);

/* Runs coroutine `name` as a task, with the arguments .field = value, until it ends, and gives its
 * outcome. Tasks, callbacks and timers that it leaves go on in the next run; what happens between
 * runs waits. CEDO_EEXIT: it, another task or a callback failed with that. CEDO_ESTOPPED,
 * CEDO_EDEADLK: as cedo_loop_run_until_complete. In these three cases the coroutine itself is not
 * left behind, since its frame is yours: it is cancelled and awaited first (where even then nothing
 * can wake it, the loop is closed). CEDO_EBUSY: a loop runs in this thread. CEDO_ECLOSED: after
 * cedo_runner_close. Errors of the port. The frame stands on the C stack of the caller. Counterpart:
 * Runner.run(). */
#define cedo_runner_run(runner, ...) CEDO_RUNNER_RUN_(runner, __VA_ARGS__, )
#define CEDO_RUNNER_RUN_(runner, name, ...) \
    cedo_runner_run_coro(runner, &(struct name){.coro = CEDO_CORO_(name, NULL), __VA_ARGS__}.coro)

/* The same with a frame of yours, made by cedo_make or cedo_prepare: to look at its results, for big
 * ones, and for C++ before 20. */
cedo_status cedo_runner_run_coro(cedo_runner *runner, cedo_coro *coro);

/* cedo_loop_shutdown, then cedo_loop_close. A second close does nothing. CEDO_EBUSY: a loop runs in
 * this thread; nothing happened. Counterpart: Runner.close(). */
cedo_status cedo_runner_close(cedo_runner *runner);

/* Cancels all tasks of a loop that does not run, and runs it until they have ended, those too that
 * they spawn meanwhile. What they leave open (groups, generators) they close themselves. Their errors
 * go to the exception handler; a CEDO_EEXIT or a stop does not end this. Tasks that nothing can wake
 * (simulated time) are left. CEDO_OK; CEDO_EBUSY: a loop runs in this thread; CEDO_ECLOSED.
 * Counterpart: what asyncio.run() does at its end. */
cedo_status cedo_loop_shutdown(cedo_loop *loop);

#if CEDO_HOSTED
/* What was given to cedo_exit in the last run of this thread that ended with CEDO_EEXIT. */
int cedo_exit_code(void);
#endif

#ifdef __cplusplus
}
#endif
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && CEDO_STOP && CEDO_JOIN && CEDO_HANDLES && CEDO_REGISTRY && \
    !defined(CEDO_RUNNER_IMPLEMENTED_)
#define CEDO_RUNNER_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

enum { CEDO_RUNNER_NEW_, CEDO_RUNNER_OPEN_, CEDO_RUNNER_CLOSED_ };

#if CEDO_HOSTED
static CEDO_THREAD_LOCAL int cedo_exit_code_;

int cedo_exit_code(void)
{
    return cedo_exit_code_;
}
#endif

/* Runs a loop until `task` is done, however often it is stopped. False: nothing can wake it. The
 * task may be freed at its end, so its outcome is that which the handle was told. */
static bool cedo_loop_outlast_(cedo_loop *loop, cedo_task *task, cedo_status *outcome)
{
    cedo_handle stop;
    cedo_status status;
    stop.entry.flags = 0;
    (void)cedo_task_add_done_callback(task, &stop, cedo_loop_stop_callback_, loop);
    do {
        status = cedo_loop_run_forever(loop);
    } while ((stop.entry.flags & CEDO_HANDLE_WATCHES_) && status != CEDO_EDEADLK);
    if (cedo_task_remove_done_callback(task, &stop)) return false;
    cedo_handle_cancel(&stop);
    *outcome = stop.entry.status;
    return true;
}

cedo_status cedo_loop_shutdown(cedo_loop *loop)
{
    bool all = true;
    cedo_task *first;
    if (cedo_running_loop()) return CEDO_EBUSY;
    if (cedo_loop_is_closed(loop)) return CEDO_ECLOSED;
    while ((first = cedo_loop_next_task(loop, NULL)) != NULL) {
        cedo_exception exception = {CEDO_ADVICE_("task failed while its loop was shut down"), 0,
                                    NULL, NULL, NULL};
        /* each once, so that its end is not disturbed; later only those that came meanwhile */
        for (cedo_task *task = first; task; task = cedo_loop_next_task(loop, task))
            if (all || !cedo_task_cancelling(task)) (void)cedo_task_cancel(task);
        all = false;
        if (!cedo_loop_outlast_(loop, first, &exception.status)) break;
        if (exception.status < 0 && exception.status != CEDO_ECANCELED &&
            exception.status != CEDO_EEXIT)
            cedo_loop_call_exception_handler(loop, &exception);
    }
    return CEDO_OK;
}

void cedo_runner_init(cedo_runner *runner, cedo_loop *loop, const cedo_port *port)
{
    runner->loop = loop;
    runner->port = port;
    runner->state = port ? CEDO_RUNNER_NEW_ : CEDO_RUNNER_OPEN_;
}

static cedo_status cedo_runner_open_(cedo_runner *runner)
{
    cedo_status status = CEDO_OK;
    if (runner->state == CEDO_RUNNER_CLOSED_) return CEDO_ECLOSED;
    if (runner->state == CEDO_RUNNER_NEW_) {
        status = cedo_loop_init(runner->loop, runner->port);
        if (status == CEDO_OK) runner->state = CEDO_RUNNER_OPEN_;
    }
    return status;
}

cedo_loop *cedo_runner_loop(cedo_runner *runner)
{
    return cedo_runner_open_(runner) == CEDO_OK ? runner->loop : NULL;
}

cedo_status cedo_runner_run_coro(cedo_runner *runner, cedo_coro *coro)
{
    cedo_task task;
    cedo_status status, ignored;
    if (cedo_running_loop()) return CEDO_EBUSY;
    status = cedo_runner_open_(runner);
    if (status < 0) return status;
    task.entry.flags = 0;
    status = cedo_task_start_(runner->loop, &task, coro, NULL);
    if (status < 0) return status;
    status = cedo_loop_run_until_complete(runner->loop, &task);
#if CEDO_HOSTED
    if (status == CEDO_EEXIT) cedo_exit_code_ = runner->loop->exit_code;
#endif
    if (!cedo_task_done(&task)) {
        (void)cedo_task_cancel(&task);
        if (!cedo_loop_outlast_(runner->loop, &task, &ignored)) (void)cedo_loop_close(runner->loop);
    }
    return status;
}

cedo_status cedo_runner_close(cedo_runner *runner)
{
    if (cedo_running_loop()) return CEDO_EBUSY;
    if (runner->state == CEDO_RUNNER_OPEN_) {
        (void)cedo_loop_shutdown(runner->loop);
        (void)cedo_loop_close(runner->loop);
    }
    runner->state = CEDO_RUNNER_CLOSED_;
    return CEDO_OK;
}

#ifdef __cplusplus
}
#endif
#endif
