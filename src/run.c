#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <cedo/run.h>

#include <cedo/port/posix.h>

#include <stdlib.h>

/* The frame below the one that is run: it keeps the trace of its error, which the tasks that end
 * after it would overwrite. */
typedef struct program program;
struct program {
    cedo_coro coro;
    cedo_coro *main;
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
        return cedo_enter_(self->main);
    }
#if CEDO_TRACE
    cedo_trace_through_(coro);
    if (status < 0) cedo_trace_taken_(&self->trace);
#endif
    coro->state = CEDO_S_ENDED_;
    return cedo_done(status < 0 ? status : CEDO_OK);
}

cedo_status cedo_run_coro(cedo_coro *coro)
{
    cedo_loop loop;
    cedo_runner runner;
    cedo_status status;
    cedo_runner_init(&runner, &loop, &cedo_port_posix);
    status = cedo_runner_run_coro(&runner, coro);
    (void)cedo_runner_close(&runner);
    return status;
}

int cedo_main_(cedo_coro *coro)
{
    program self = {.coro = {program_coro, NULL, 0, 0}, .main = coro};
    cedo_exception exception = {"the program failed", CEDO_OK, NULL, NULL, NULL};
    coro->caller = &self.coro;
    exception.status = cedo_run_coro(&self.coro);
    if (exception.status >= 0) return EXIT_SUCCESS;
    if (exception.status == CEDO_EEXIT) return cedo_exit_code();
#if CEDO_TRACE
    exception.trace = &self.trace;
#endif
    cedo_loop_default_exception_handler(NULL, &exception);
    return EXIT_FAILURE;
}
