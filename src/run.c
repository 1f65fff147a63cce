#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <cedo/cancel.h>
#include <cedo/run.h>

#include <cedo/port/posix.h>

#include <stdlib.h>

static CEDO_THREAD_LOCAL int exit_code;

int cedo_exit_code(void)
{
    return exit_code;
}

/* ------------------------------------------------------------- the main task */

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

enum { BEGIN = 1, RUNNING };

static cedo_op program_coro(cedo_coro *coro, cedo_status status)
{
    program *const self = (program *)(void *)coro;
#if CEDO_TRACE
    if (status == CEDO_DESCRIBE_) return CEDO_WAITING;
#endif
    if (coro->state == BEGIN && status == CEDO_OK) {
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

/* ------------------------------------------------------------- the others */

/* Cancels all tasks and waits until there are none, those that they start meanwhile included. */
struct finish {
    cedo_coro coro;
    cedo_task *self;
    cedo_task *other;
    int status;
};

static void cancel_others(const cedo_task *self)
{
    cedo_task *task = NULL;
    while ((task = cedo_loop_next_task(cedo_task_loop_(self), task)) != NULL) {
        if (task != self && !cedo_task_cancelling(task)) cedo_task_cancel(task);
    }
}

static cedo_task *first_other(const cedo_task *self)
{
    cedo_task *const task = cedo_loop_next_task(cedo_task_loop_(self), NULL);
    return task == self ? cedo_loop_next_task(cedo_task_loop_(self), task) : task;
}

static cedo_async(finish)
{
    cedo_body(struct finish, self) {
        self->self = cedo_current_task();
        while ((self->other = first_other(self->self)) != NULL) {
            cancel_others(self->self);
            cedo_catch(self->status, cedo_join(self->other));
            if (self->status < 0 && self->status != CEDO_ECANCELED && self->status != CEDO_EEXIT) {
                const cedo_exception exception = {"task failed while the run call ended",
                                                  self->status, NULL, NULL, NULL};
                cedo_loop_call_exception_handler(cedo_running_loop(), &exception);
            }
        }
    }
}

static void finish_others(cedo_loop *loop)
{
    cedo_task_of(finish) last = {0};
    cedo_status status;
    if (!cedo_loop_next_task(loop, NULL)) return;
    cedo_loop_spawn(loop, &last, finish);
    /* a task that exits, or stops the loop, does so once */
    do {
        status = cedo_loop_run_until_complete(loop, &last.task);
    } while (status == CEDO_EEXIT || status == CEDO_ESTOPPED);
}

/* ------------------------------------------------------------- run */

static cedo_status run(cedo_coro *coro, program *self)
{
    cedo_loop loop;
    cedo_task task = {0};
    cedo_status status;
    if (cedo_running_loop()) return CEDO_EBUSY;
    status = cedo_loop_init(&loop, &cedo_port_posix);
    if (status < 0) return status;
    self->coro.body = program_coro;
    self->coro.state = 0;
    self->main = coro;
    coro->caller = &self->coro;
    cedo_loop_spawn_coro(&loop, &task, &self->coro);
    self->coro.state = BEGIN; /* so that it takes a step even if it is cancelled before */
    status = cedo_loop_run_until_complete(&loop, &task);
    if (status == CEDO_EEXIT) exit_code = loop.exit_code;
    finish_others(&loop);
    cedo_loop_close(&loop);
    return status;
}

cedo_status cedo_run_coro(cedo_coro *coro)
{
    program self = {0};
    return run(coro, &self);
}

int cedo_main_(cedo_coro *coro)
{
    program self = {0};
    const cedo_status status = run(coro, &self);
    cedo_exception exception = {"the program failed", status, NULL, NULL, NULL};
    if (status >= 0) return EXIT_SUCCESS;
    if (status == CEDO_EEXIT) return exit_code;
#if CEDO_TRACE
    exception.trace = &self.trace;
#endif
    cedo_loop_default_exception_handler(NULL, &exception);
    return EXIT_FAILURE;
}
