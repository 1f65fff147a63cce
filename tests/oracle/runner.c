/* Traces of run() and Runner. */
#include "oracle.h"

#include <cedo/run.h>

#include <signal.h>

/* ------------------------------------------------------------- run_shutdown */

struct shutdown_leftover {
    cedo_coro coro;
    int n;
    bool fail;
    int status;
};

static cedo_async(shutdown_leftover)
{
    cedo_body(struct shutdown_leftover, self) {
        cedo_catch(self->status, cedo_sleep_ms(10000));
        p("leftover %d cancelled", self->n);
        cedo_await(cedo_sleep_ms(20));
        p("leftover %d cleaned up", self->n);
        cedo_throw(self->fail ? VALUE_ERROR : self->status);
    }
}

static cedo_status shutdown_report(cedo_loop *loop, const cedo_exception *exception, void *arg)
{
    const bool known = strcmp(exception->message, "task failed while its loop was shut down") == 0;
    (void)loop, (void)arg;
    p("reported %s %s", py_error(exception->status),
      known ? "unhandled exception during asyncio.run() shutdown" : exception->message);
    return CEDO_OK;
}

struct shutdown_main {
    cedo_coro coro;
    bool fail;
    const char **result;
};

static cedo_async(shutdown_main)
{
    static cedo_task_of(shutdown_leftover) leftover;
    static cedo_loop other_loop;
    cedo_runner other;
    cedo_body(struct shutdown_main, self) {
        cedo_loop_set_exception_handler(cedo_running_loop(), shutdown_report, NULL);
        (void)cedo_spawn(&leftover, shutdown_leftover, .n = 1, .fail = self->fail);
        cedo_await(cedo_yield_now());
        cedo_runner_init(&other, &other_loop, py_port());
        if (cedo_runner_run(&other, shutdown_main) == CEDO_EBUSY) p("nested run -> RuntimeError");
        cedo_return(*self->result = "result");
    }
}

struct shutdown_boom {
    cedo_coro coro;
    const char **detail;
};

static cedo_async(shutdown_boom)
{
    cedo_body(struct shutdown_boom, self) {
        *self->detail = "main failed";
        cedo_throw(KEY_ERROR);
    }
}

struct shutdown_cancelled {
    cedo_coro coro;
};

static cedo_async(shutdown_cancelled)
{
    cedo_body(struct shutdown_cancelled, self) {
        (void)cedo_task_cancel(cedo_current_task());
        cedo_await(cedo_yield_now());
    }
}

static void run_shutdown(void)
{
    const char *text = NULL;
    cedo_status status;
    if (PY_RUN(shutdown_main, .fail = false, .result = &text) == CEDO_OK) p("%s", text);
    if (PY_RUN(shutdown_main, .fail = true, .result = &text) == CEDO_OK) p("%s", text);
    status = PY_RUN(shutdown_boom, .detail = &text);
    if (status < 0) p("%s %s", py_error(status), text);
    status = PY_RUN(shutdown_cancelled);
    if (status < 0) p("%s passes out of run", py_error(status));
}

/* ------------------------------------------------------------- run_awaitable */

struct job {
    cedo_coro coro;
    const char *result;
};

static cedo_async(job)
{
    cedo_body(struct job, self) {
        cedo_return(self->result = "job");
    }
}

/* What an object with __await__ is: a coroutine that awaits. */
struct awaitable {
    cedo_coro coro;
    struct job job;
};

static cedo_async(awaitable)
{
    cedo_body(struct awaitable, self) {
        cedo_await(cedo_call(&self->job, job));
        p("awaitable %s", self->job.result);
    }
}

struct awaits_future {
    cedo_coro coro;
    cedo_future *future;
    const char **result;
};

static cedo_async(awaits_future)
{
    cedo_body(struct awaits_future, self) {
        cedo_await(cedo_future_wait(self->future));
        p("%s", *self->result);
    }
}

static const char *future_result;

static cedo_status sets_result(void *future)
{
    future_result = "future";
    return cedo_future_set(future, CEDO_OK);
}

static void run_awaitable(void)
{
    cedo_future future;
    cedo_handle handle = {0};
    cedo_runner runner;
    (void)PY_RUN(awaitable);
    cedo_runner_init(&runner, &py_loop, py_port());
    cedo_future_init(&future, cedo_runner_loop(&runner));
    (void)cedo_call_soon(&py_loop, &handle, sets_result, &future);
    (void)cedo_runner_run(&runner, awaits_future, .future = &future, .result = &future_result);
    p_not_applicable("not awaitable -> TypeError", "it does not compile");
    (void)cedo_runner_close(&runner);
}

/* ------------------------------------------------------------- runner_semantics */

/* What lasts for several runs is the loop's: here a counter. */
static const cedo_variable var = {NULL};

struct step {
    cedo_coro coro;
    int n;
    int value;
    cedo_loop *loop;
};

static cedo_async(step)
{
    cedo_body(struct step, self) {
        *(int *)cedo_value(&var) += self->n;
        self->value = *(int *)cedo_value(&var);
        self->loop = cedo_running_loop();
    }
}

struct nested {
    cedo_coro coro;
    cedo_runner *runner;
};

static cedo_async(nested)
{
    cedo_body(struct nested, self) {
        if (cedo_runner_run(self->runner, step, .n = 1) == CEDO_EBUSY)
            p("run inside a running loop -> RuntimeError");
    }
}

struct boom {
    cedo_coro coro;
};

static cedo_async(boom)
{
    cedo_body(struct boom, self) {
        cedo_throw(VALUE_ERROR);
    }
}

struct leftover {
    cedo_coro coro;
};

static cedo_async(leftover)
{
    cedo_body(struct leftover, self) {
        cedo_await(cedo_sleep_ms(10000));
    cedo_finally:
        p("leftover task cancelled at close");
    }
}

static cedo_task_of(leftover) keep;

struct spawn {
    cedo_coro coro;
};

static cedo_async(spawn)
{
    cedo_body(struct spawn, self) {
        (void)cedo_spawn(&keep, leftover);
        cedo_await(cedo_yield_now());
    }
}

static void runner_semantics(void)
{
    int count = 0;
    cedo_binding binding = {.variable = NULL};
    cedo_runner r;
    struct step first, second, third;
    cedo_runner_init(&r, &py_loop, py_port());
    cedo_loop_set_value(cedo_runner_loop(&r), &binding, &var, &count);
    (void)cedo_runner_run_coro(&r, cedo_make(&first, step, .n = 1));
    (void)cedo_runner_run_coro(&r, cedo_make(&second, step, .n = 10));
    p("values share a context %d %d same loop %s", first.value, second.value,
      py_bool(first.loop == second.loop && second.loop == cedo_runner_loop(&r)));
    (void)cedo_runner_run(&r, nested, .runner = &r);
    if (cedo_runner_run(&r, boom) == VALUE_ERROR) {
        (void)cedo_runner_run_coro(&r, cedo_make(&third, step, .n = 100));
        p("exception passes; runner usable: %d", third.value);
    }
    (void)cedo_runner_run(&r, spawn);
    p("leftover survives between runs %s", py_bool(!cedo_task_done(&keep.task)));
    (void)cedo_runner_close(&r);
    p("closed; loop closed %s task cancelled %s", py_bool(cedo_loop_is_closed(first.loop)),
      py_bool(cedo_task_cancelled(&keep.task)));
    (void)cedo_runner_close(&r);
    if (!cedo_runner_loop(&r)) p("get_loop after close -> RuntimeError");
    if (cedo_runner_run(&r, step, .n = 1) == CEDO_ECLOSED) p("run after close -> RuntimeError");
}

/* ------------------------------------------------------------- run_keyboard_interrupt */

struct interrupt_main {
    cedo_coro coro;
    const char *name;
    bool swallow, cancel;
    int status;
    const char **result;
};

static cedo_async(interrupt_main)
{
    cedo_body(struct interrupt_main, self) {
        raise(SIGINT);
        cedo_catch(self->status, cedo_sleep_ms(10000));
        p("%s cancelled; requests %u", self->name, cedo_task_cancelling(cedo_current_task()));
        if (self->cancel) {
            (void)cedo_task_cancel(cedo_current_task());
            cedo_throw(self->status);
        }
        cedo_await(cedo_sleep_ms(10));
        p("%s cleaned up", self->name);
        if (!self->swallow) cedo_throw(self->status);
        *self->result = "result";
    }
}

struct interrupt_leftover {
    cedo_coro coro;
};

static cedo_async(interrupt_leftover)
{
    cedo_body(struct interrupt_leftover, self) {
        cedo_await(cedo_sleep_ms(10000));
    cedo_finally:
        p("leftover cancelled");
    }
}

struct with_leftover {
    cedo_coro coro;
    struct interrupt_main main;
};

static cedo_async(with_leftover)
{
    static cedo_task_of(interrupt_leftover) left;
    cedo_body(struct with_leftover, self) {
        (void)cedo_spawn(&left, interrupt_leftover);
        cedo_await(cedo_yield_now());
        cedo_await(cedo_call(&self->main, interrupt_main, .name = "with leftover"));
    }
}

static cedo_status raises(void *arg)
{
    (void)arg;
    raise(SIGINT);
    return CEDO_OK;
}

struct interrupted_by_callback {
    cedo_coro coro;
    cedo_handle handle;
    int status;
};

static cedo_async(interrupted_by_callback)
{
    cedo_body(struct interrupted_by_callback, self) {
        (void)cedo_call_later(&py_loop, &self->handle, CEDO_MS(10), raises, NULL);
        cedo_catch(self->status, cedo_sleep_ms(10000));
        if (self->status == CEDO_ECANCELED) p("woken by the signal");
        cedo_throw(self->status);
    }
}

static void run_keyboard_interrupt(void)
{
    static struct interrupt_main plain, swallow, two;
    static struct with_leftover leftover_frame;
    static struct interrupted_by_callback callback;
    const char *result = NULL;
    cedo_coro *const coros[] = {
        cedo_make(&plain, interrupt_main, .name = "plain"),
        cedo_make(&swallow, interrupt_main, .name = "swallow", .swallow = true, .result = &result),
        cedo_make(&two, interrupt_main, .name = "two requests", .cancel = true),
        cedo_make(&leftover_frame, with_leftover),
        cedo_make(&callback, interrupted_by_callback),
    };
    static const char *const names[] = {"plain", "swallow", "two requests", "with leftover",
                                        "callback"};
    struct sigaction action;
    (void)signal(SIGINT, SIG_DFL); /* Check has a handler of its own */
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        cedo_runner runner;
        cedo_status status;
        cedo_runner_init(&runner, &py_loop, py_port());
        status = cedo_runner_run_interruptible_coro(&runner, coros[i]);
        (void)cedo_runner_close(&runner);
        p("%s -> %s", names[i],
          status == CEDO_EEXIT && cedo_exit_code() == 128 + SIGINT ? "KeyboardInterrupt"
          : status == CEDO_OK                                      ? result
                                                                   : py_error(status));
    }
    (void)sigaction(SIGINT, NULL, &action);
    p("restored %s", py_bool(action.sa_handler == SIG_DFL));
}

/* ------------------------------------------------------------- the table */

ORACLE_TABLE(runner) = {
    {"run_shutdown", run_shutdown},
    {"run_awaitable", run_awaitable},
    {"runner_semantics", runner_semantics},
    {"run_keyboard_interrupt", run_keyboard_interrupt},
    {NULL, NULL},
};
