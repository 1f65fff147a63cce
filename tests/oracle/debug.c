/* Traces about what asyncio says in debug mode and of what is forgotten. */
#include "oracle.h"

#include <setjmp.h>

/* ------------------------------------------------------------- never_retrieved */

/* What asyncio calls it. */
static const char *py_message(const char *message)
{
    static const char *const messages[][2] = {
        {"task failed, and nobody was waiting for it", "Task exception was never retrieved"},
        {"task failed, and nobody looked at its error", "Task exception was never retrieved"},
        {"future failed, and nobody looked at its error", "Future exception was never retrieved"},
        {"task was destroyed but it is not done", "Task was destroyed but it is pending!"},
    };
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        if (strcmp(message, messages[i][0]) == 0) return messages[i][1];
    }
    return message;
}

static cedo_status reported(cedo_loop *loop, const cedo_exception *exception, void *arg)
{
    (void)loop, (void)arg;
    /* that a task is not done is no exception there */
    p("reported: %s %s", py_message(exception->message),
      exception->status == CEDO_EBUSY ? "NoneType" : py_error(exception->status));
    return CEDO_OK;
}

struct unseen_bad {
    cedo_coro coro;
};

static cedo_async(unseen_bad)
{
    cedo_body(struct unseen_bad, self) {
        cedo_throw(VALUE_ERROR);
    }
}

struct unseen_hangs {
    cedo_coro coro;
    cedo_future f;
};

static cedo_async(unseen_hangs)
{
    cedo_body(struct unseen_hangs, self) {
        cedo_await(cedo_future_wait(&self->f));
    }
}

struct unseen_main {
    cedo_coro coro;
    cedo_task_of(unseen_bad) t;
    cedo_task_of(unseen_hangs) h;
    cedo_future f;
    int status;
};

static cedo_async(unseen_main)
{
    cedo_body(struct unseen_main, self) {
        cedo_loop_set_exception_handler(&py_loop, reported, NULL);
        (void)cedo_spawn(&self->t, unseen_bad);
        cedo_await(cedo_yield_now());
        (void)cedo_task_destroy(&self->t.task);
        p("- retrieved");
        (void)cedo_spawn(&self->t, unseen_bad);
        cedo_task_keep(&self->t.task);
        cedo_catch(self->status, cedo_join_shielded(&self->t.task));
        (void)cedo_task_result(&self->t.task);
        (void)cedo_task_destroy(&self->t.task);
        p("- future");
        cedo_future_init(&self->f, &py_loop);
        (void)cedo_future_set(&self->f, KEY_ERROR);
        cedo_future_destroy(&self->f);
        p("- future result never retrieved is silent");
        (void)cedo_future_set(&self->f, CEDO_OK);
        cedo_future_destroy(&self->f);
        p("- pending task destroyed");
        (void)cedo_spawn(&self->h, unseen_hangs);
        cedo_await(cedo_yield_now());
        (void)cedo_task_destroy(&self->h.task);
        p("- never awaited");
        p_not_applicable("[('RuntimeWarning', True)]", "the compiler warns");
    }
}

static void never_retrieved(void)
{
    PY_RUN(unseen_main);
}

/* ------------------------------------------------------------- ensure_future_isfuture */

struct ensure_job {
    cedo_coro coro;
    const char *result;
};

static cedo_async(ensure_job)
{
    cedo_body(struct ensure_job, self) {
        self->result = "job";
    }
}

struct ensure_main {
    cedo_coro coro;
    cedo_task_of(ensure_job) t;
    struct ensure_job call;
    cedo_loop other;
    cedo_future g;
    int status;
};

static cedo_async(ensure_main)
{
    cedo_body(struct ensure_main, self) {
        p_not_applicable("future unchanged True", "nothing is wrapped: cedo_future_wait takes one");
        (void)cedo_spawn(&self->t, ensure_job);
        cedo_await(cedo_join(&self->t.task));
        p("task unchanged True %s", self->t.frame.result); /* cedo_join takes one */
        p_not_applicable("iscoroutine True False isfuture True True False",
                         "the compiler knows the types");
        (void)cedo_spawn(&self->t, ensure_job);
        cedo_await(cedo_join(&self->t.task));
        p("wrapped True %s", self->t.frame.result);
        cedo_await(cedo_call(&self->call, ensure_job));
        p("awaitable %s", self->call.result);
        p_not_applicable("other -> TypeError", "it does not compile");
        if (cedo_loop_init(&self->other, py_port()) < 0) cedo_throw(CEDO_ENOMEM);
        cedo_future_init(&self->g, &self->other);
        cedo_catch(self->status, cedo_future_wait(&self->g));
        if (self->status == CEDO_EINVAL) p("future of another loop -> RuntimeError");
        (void)cedo_loop_close(&self->other);
    }
}

static void ensure_future_isfuture(void)
{
    PY_RUN(ensure_main);
}

/* ------------------------------------------------------------- debug_mode */

static void log_sink(void *arg, const char *text, size_t length)
{
    static const char begins[] = "cedo: executing callback";
    (void)arg;
    if (length >= sizeof begins && memcmp(text, begins, sizeof begins - 1) == 0)
        p("slow callback logged WARNING");
}

static cedo_status blocks(void *arg)
{
    (void)arg;
    cedo_sim_advance(&py_loop, CEDO_MS(60));
    return CEDO_OK;
}

static cedo_status nothing(void *arg)
{
    (void)arg;
    return CEDO_OK;
}

static jmp_buf refused;

static void refuse(const cedo_where *where, const char *advice)
{
    (void)where, (void)advice;
    longjmp(refused, 1);
}

static cedo_handle foreign;

static void foreign_soon(void)
{
    (void)cedo_call_soon(&py_loop, &foreign, nothing, NULL);
}

static void foreign_later(void)
{
    (void)cedo_call_later(&py_loop, &foreign, CEDO_SECONDS(1), nothing, NULL);
}

/* What a call from a thread in which no loop runs comes to. A thread of its own would allocate. */
static const char *from_elsewhere(void (*call)(void))
{
    cedo_trap_handler *const before = cedo_set_trap_handler(refuse);
    const char *volatile outcome = "RuntimeError";
    cedo_running_ = NULL;
    if (setjmp(refused) == 0) {
        call();
        outcome = "ok";
    }
    cedo_running_ = &py_loop;
    (void)cedo_set_trap_handler(before);
    return outcome;
}

struct debug_main {
    cedo_coro coro;
    cedo_handle slow, quick;
};

static cedo_async(debug_main)
{
    cedo_body(struct debug_main, self) {
        cedo_loop_set_log(&py_loop, log_sink, NULL);
        p("debug %s threshold %g", py_bool(cedo_loop_debug(&py_loop)),
          (double)cedo_loop_slow_callback_duration(&py_loop) / (double)CEDO_SECONDS(1));
        cedo_loop_set_slow_callback_duration(&py_loop, CEDO_MS(30));
        (void)cedo_call_soon(&py_loop, &self->slow, blocks, NULL);
        cedo_await(cedo_yield_now());
        (void)cedo_call_soon(&py_loop, &self->quick, nothing, NULL);
        cedo_await(cedo_yield_now());
        p("foreign thread ['%s', '%s', 'ok']", from_elsewhere(foreign_soon),
          from_elsewhere(foreign_later));
        p_not_applicable("bad callback -> TypeError", "it does not compile");
        p_not_applicable("bad callback -> TypeError", "it does not compile");
        p_not_applicable("bad callback -> TypeError", "it does not compile");
        cedo_loop_set_debug(&py_loop, false);
        p("debug %s", py_bool(cedo_loop_debug(&py_loop)));
        (void)cedo_call_soon(&py_loop, &self->slow, blocks, NULL);
        cedo_await(cedo_yield_now());
        p("no log when off");
    }
}

struct debug_plain {
    cedo_coro coro;
};

static cedo_async(debug_plain)
{
    cedo_body(struct debug_plain, self) {
        p("default debug %s", py_bool(cedo_loop_debug(&py_loop)));
    }
}

static void debug_mode(void)
{
    static struct debug_main main_;
    cedo_runner runner;
    cedo_runner_init(&runner, &py_loop, py_port());
    cedo_loop_set_debug(cedo_runner_loop(&runner), true);
    (void)cedo_runner_run_coro(&runner, cedo_make(&main_, debug_main));
    (void)cedo_runner_close(&runner);
    PY_RUN(debug_plain);
    PY_RUN(debug_plain);
}

/* ------------------------------------------------------------- */

ORACLE_TABLE(debug) = {
    {"debug_mode", debug_mode},
    {"ensure_future_isfuture", ensure_future_isfuture},
    {"never_retrieved", never_retrieved},
    {NULL, NULL},
};
