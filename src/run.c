#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <cedo/run.h>

#include <cedo/isr.h>
#include <cedo/port/posix.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

/* The frame below the one that is run. It keeps the trace of its error, which the tasks that end
 * after it would overwrite, and knows whether an interrupt has ended it. */
typedef struct program program;
struct program {
    cedo_coro coro;
    cedo_coro *main;
    cedo_task *task; /* NULL: it has not begun, or has ended */
    bool was_interrupted;
#if CEDO_TRACE
    cedo_trace trace;
#endif
};

enum { RUNNING = 1 };

static cedo_op program_coro(cedo_coro *coro, cedo_status status)
{
    program *const self = (program *)(void *)coro;
#if CEDO_TRACE
    if (status == CEDO_DESCRIBE_) return CEDO_WAITING;
#endif
    if (coro->state == 0) {
        coro->state = RUNNING;
        self->task = cedo_current_task();
        return cedo_enter_(self->main);
    }
#if CEDO_TRACE
    cedo_trace_through_(coro);
    if (status < 0) cedo_trace_taken_(&self->trace);
#endif
    coro->state = CEDO_S_ENDED_;
    if (self->was_interrupted && status == CEDO_ECANCELED && cedo_task_uncancel(self->task) == 0)
        status = cedo_exit(128 + SIGINT);
    self->task = NULL;
    return cedo_done(status < 0 ? status : CEDO_OK);
}

/* ------------------------------------------------------------- interrupts */

/* What SIGINT ends: one at a time, since only the main thread has one. Static: another thread, which
 * has got the signal, may still be at it when the run has ended. */
static struct {
    cedo_loop *loop;
    program *program;
    cedo_handle handle;
} interrupt;

static cedo_status cancel(void *arg)
{
    program *const self = arg;
    if (self->task) {
        self->was_interrupted = true;
        (void)cedo_task_cancel(self->task);
    }
    return CEDO_OK;
}

static void on_interrupt(int number)
{
    const int saved = errno;
    (void)number;
    (void)cedo_call_soon_threadsafe(interrupt.loop, &interrupt.handle, cancel, interrupt.program);
    errno = saved;
}

static bool is_main_thread(void)
{
#ifdef __linux__
    return syscall(SYS_gettid) == getpid();
#else
    return pthread_main_np() != 0;
#endif
}

/* True: the first SIGINT will cancel `self`; SA_RESETHAND leaves the second to the system. */
static bool catch_interrupts(program *self, cedo_loop *loop)
{
    struct sigaction action;
    if (!is_main_thread() || sigaction(SIGINT, NULL, &action) < 0) return false;
    if (action.sa_flags & SA_SIGINFO || action.sa_handler != SIG_DFL) return false;
    interrupt.loop = loop;
    interrupt.program = self;
    action.sa_handler = on_interrupt;
    action.sa_flags = (int)(SA_RESETHAND | SA_RESTART);
    sigemptyset(&action.sa_mask);
    return sigaction(SIGINT, &action, NULL) == 0;
}

/* Unless the program has set another handler meanwhile. */
static void release_interrupts(void)
{
    struct sigaction action;
    if (sigaction(SIGINT, NULL, &action) == 0 && !(action.sa_flags & SA_SIGINFO) &&
        action.sa_handler == on_interrupt)
        (void)signal(SIGINT, SIG_DFL);
    cedo_handle_cancel(&interrupt.handle);
}

/* ------------------------------------------------------------- run */

static cedo_status run(cedo_runner *runner, cedo_coro *coro, program *self)
{
    cedo_loop *const loop = cedo_running_loop() ? NULL : cedo_runner_loop(runner);
    const bool catches = loop && catch_interrupts(self, loop);
    cedo_status status;
    self->coro.body = program_coro;
    self->main = coro;
    coro->caller = &self->coro;
    status = cedo_runner_run_coro(runner, &self->coro);
    if (catches) release_interrupts();
    return status;
}

cedo_status cedo_runner_run_interruptible_coro(cedo_runner *runner, cedo_coro *coro)
{
    program self = {.task = NULL};
    return run(runner, coro, &self);
}

static cedo_status run_alone(cedo_coro *coro, program *self)
{
    cedo_loop loop;
    cedo_runner runner;
    cedo_status status;
    cedo_runner_init(&runner, &loop, &cedo_port_posix);
    status = run(&runner, coro, self);
    (void)cedo_runner_close(&runner);
    return status;
}

cedo_status cedo_run_coro(cedo_coro *coro)
{
    program self = {.task = NULL};
    return run_alone(coro, &self);
}

int cedo_main_(cedo_coro *coro)
{
    program self = {.task = NULL};
    cedo_exception exception = {"the program failed", CEDO_OK, NULL, NULL, NULL};
    exception.status = run_alone(coro, &self);
    if (exception.status >= 0) return EXIT_SUCCESS;
    if (exception.status == CEDO_EEXIT) return cedo_exit_code();
#if CEDO_TRACE
    exception.trace = &self.trace;
#endif
    cedo_loop_default_exception_handler(NULL, &exception);
    return EXIT_FAILURE;
}
