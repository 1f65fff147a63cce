/* Traces of the loop, its handles and its life. */
#include "oracle.h"

static cedo_status print_line(void *line)
{
    p("%s", (const char *)line);
    return CEDO_OK;
}

/* A call that prints a line. */
#define LINE(text) ((void *)(uintptr_t)("" text))

/* time.sleep() in a callback. */
static cedo_status blocks_100ms(void *loop)
{
    cedo_sim_advance(loop, CEDO_MS(100));
    return CEDO_OK;
}

static cedo_status stops(void *loop)
{
    cedo_loop_stop(loop);
    return CEDO_OK;
}

/* ------------------------------------------------------------- loop_call_later_order */

struct later_main {
    cedo_coro coro;
    cedo_loop *loop;
    cedo_time t0;
    cedo_handle t120, t40, h, t80, zero, minus, soon;
};

static cedo_async(later_main)
{
    cedo_body(struct later_main, self) {
        self->loop = cedo_running_loop();
        self->t0 = cedo_loop_time(self->loop);
        (void)cedo_call_later(self->loop, &self->t120, CEDO_MS(120), print_line, LINE("t120"));
        (void)cedo_call_later(self->loop, &self->t40, CEDO_MS(40), print_line, LINE("t40"));
        (void)cedo_call_later(self->loop, &self->h, CEDO_MS(60), print_line, LINE("t60 never"));
        (void)cedo_call_at(self->loop, &self->t80, self->t0 + CEDO_MS(80), print_line, LINE("t80"));
        p("when ok %s", py_bool(self->t0 + CEDO_MS(59) < cedo_handle_when(&self->h) &&
                                cedo_handle_when(&self->h) < self->t0 + CEDO_MS(90)));
        cedo_handle_cancel(&self->h);
        p("cancelled %s", py_bool(cedo_handle_cancelled(&self->h)));
        (void)cedo_call_later(self->loop, &self->zero, 0, print_line, LINE("delay 0"));
        (void)cedo_call_later(self->loop, &self->minus, CEDO_SECONDS(-1), print_line,
                              LINE("delay -1"));
        (void)cedo_call_soon(self->loop, &self->soon, print_line, LINE("soon"));
        p("registered");
        cedo_await(cedo_sleep_ms(200));
        p("end");
    }
}

static void loop_call_later_order(void)
{
    PY_RUN(later_main);
}

/* ------------------------------------------------------------- loop_call_soon_fifo */

struct fifo_cb {
    cedo_handle handle, nested;
    const char *tag;
};

static cedo_status fifo_nested(void *arg)
{
    const struct fifo_cb *const cb = arg;
    p("nested %s", cb->tag);
    return CEDO_OK;
}

static cedo_status fifo_cb(void *arg)
{
    struct fifo_cb *const cb = arg;
    p("cb %s", cb->tag);
    return cedo_call_soon(&py_loop, &cb->nested, fifo_nested, cb);
}

static cedo_status fifo_stop_soon(void *handle)
{
    return cedo_call_soon(&py_loop, handle, stops, &py_loop);
}

static cedo_status fifo_stop_later(void *handle)
{
    return cedo_call_soon(&py_loop, handle, fifo_stop_soon, handle);
}

static void loop_call_soon_fifo(void)
{
    struct fifo_cb cb[3] = {{.tag = "a"}, {.tag = "b"}, {.tag = "c"}};
    cedo_handle last = {0}, stop = {0};
    py_open();
    for (int i = 0; i < 3; i++) (void)cedo_call_soon(&py_loop, &cb[i].handle, fifo_cb, &cb[i]);
    (void)cedo_call_soon(&py_loop, &last, print_line, LINE("last of batch 1"));
    (void)cedo_call_soon(&py_loop, &stop, fifo_stop_later, &stop);
    p("start");
    if (cedo_loop_run_forever(&py_loop) == CEDO_OK) p("stopped");
    py_close();
}

/* ------------------------------------------------------------- loop_exception_handler */

struct boom {
    cedo_handle handle;
    const char *detail; /* what the exception carries */
};

static cedo_status boom(void *arg)
{
    (void)arg;
    return VALUE_ERROR;
}

static cedo_status handler(cedo_loop *loop, const cedo_exception *exception, void *arg)
{
    static const char begins[] = "callback failed";
    const struct boom *const from = (const struct boom *)(const void *)exception->handle;
    (void)arg;
    p("handler %s %s %s %s %s", py_bool(loop == cedo_running_loop()), py_error(exception->status),
      from->detail, py_bool(exception->handle != NULL),
      py_bool(strncmp(exception->message, begins, sizeof begins - 1) == 0));
    return CEDO_OK;
}

static cedo_status broken(cedo_loop *loop, const cedo_exception *exception, void *arg)
{
    (void)loop, (void)exception, (void)arg;
    p("broken handler called");
    return VALUE_ERROR;
}

struct handler_main {
    cedo_coro coro;
    cedo_loop *loop;
    struct boom soon, later, direct, last;
    cedo_handle next;
};

static cedo_async(handler_main)
{
    cedo_body(struct handler_main, self) {
        self->loop = cedo_running_loop();
        p("default handler is None %s", py_bool(cedo_loop_exception_handler(self->loop) == NULL));
        cedo_loop_set_exception_handler(self->loop, handler, NULL);
        p("set %s", py_bool(cedo_loop_exception_handler(self->loop) == handler));
        self->soon.detail = "1";
        self->later.detail = "2";
        (void)cedo_call_soon(self->loop, &self->soon.handle, boom, NULL);
        (void)cedo_call_soon(self->loop, &self->next, print_line, LINE("next callback still runs"));
        (void)cedo_call_later(self->loop, &self->later.handle, CEDO_MS(20), boom, NULL);
        cedo_await(cedo_sleep_ms(40));
        self->direct.detail = "k";
        {
            const cedo_exception exception = {.message = "callback failed (direct)",
                                              .status = KEY_ERROR,
                                              .handle = &self->direct.handle};
            cedo_loop_call_exception_handler(self->loop, &exception);
        }
        cedo_loop_set_exception_handler(self->loop, broken, NULL);
        (void)cedo_call_soon(self->loop, &self->last.handle, boom, NULL);
        cedo_await(cedo_yield_now());
        cedo_await(cedo_yield_now());
        p("alive");
        p_not_applicable("non-callable -> TypeError", "it does not compile");
        cedo_loop_set_exception_handler(self->loop, NULL, NULL);
        p("reset %s", py_bool(cedo_loop_exception_handler(self->loop) == NULL));
    }
}

static void loop_exception_handler(void)
{
    PY_RUN(handler_main);
}

/* ------------------------------------------------------------- loop_handle_cancel */

static cedo_status cancels_h3(void *h3)
{
    p("h2 runs and cancels h3 (same batch)");
    cedo_handle_cancel(h3);
    return CEDO_OK;
}

struct handle_main {
    cedo_coro coro;
    cedo_loop *loop;
    cedo_handle h1, h2, h3, h4;
};

static cedo_async(handle_main)
{
    cedo_body(struct handle_main, self) {
        self->loop = cedo_running_loop();
        (void)cedo_call_soon(self->loop, &self->h1, print_line, LINE("h1 never"));
        cedo_handle_cancel(&self->h1);
        cedo_handle_cancel(&self->h1);
        p("h1 cancelled %s", py_bool(cedo_handle_cancelled(&self->h1)));
        (void)cedo_call_soon(self->loop, &self->h2, cancels_h3, &self->h3);
        (void)cedo_call_soon(self->loop, &self->h3, print_line, LINE("h3 never"));
        (void)cedo_call_soon(self->loop, &self->h4, print_line, LINE("h4 runs"));
        cedo_await(cedo_yield_now());
        p("h2 cancelled %s h3 cancelled %s", py_bool(cedo_handle_cancelled(&self->h2)),
          py_bool(cedo_handle_cancelled(&self->h3)));
        cedo_handle_cancel(&self->h4);
        p("h4 cancelled after run %s", py_bool(cedo_handle_cancelled(&self->h4)));
    }
}

static void loop_handle_cancel(void)
{
    PY_RUN(handle_main);
}

/* ------------------------------------------------------------- loop_lifecycle_errors */

/* run_until_complete takes a task: one that waits stands for the future. */
struct lifecycle_fut {
    cedo_coro coro;
    cedo_event *set;
    const int *value;
    int result;
};

static cedo_async(lifecycle_fut)
{
    cedo_body(struct lifecycle_fut, self) {
        cedo_await(cedo_event_wait(self->set));
        cedo_return(self->result = *self->value);
    }
}

static void attempt(const char *tag, cedo_status status, const int *result)
{
    if (status < 0) {
        p("%s -> %s", tag, py_error(status));
    }
    else if (result) {
        p("%s -> %d", tag, *result);
    }
    else {
        p("%s -> None", tag);
    }
}

static cedo_event lifecycle_set;
static int lifecycle_value;

static cedo_status inside(void *arg)
{
    (void)arg;
    attempt("close while running", cedo_loop_close(&py_loop), NULL);
    attempt("run_forever while running", cedo_loop_run_forever(&py_loop), NULL);
    lifecycle_value = 7;
    cedo_event_set(&lifecycle_set);
    return CEDO_OK;
}

static void loop_lifecycle_errors(void)
{
    static cedo_task_of(lifecycle_fut) fut;
    cedo_handle stop = {0}, in = {0}, dropped = {0}, late = {0};
    memset(&fut, 0, sizeof fut);
    memset(&lifecycle_set, 0, sizeof lifecycle_set);
    py_open();
    (void)cedo_loop_spawn(&py_loop, &fut, lifecycle_fut, .set = &lifecycle_set,
                          .value = &lifecycle_value);
    (void)cedo_call_soon(&py_loop, &stop, stops, &py_loop);
    attempt("stopped early", cedo_loop_run_until_complete(&py_loop, &fut.task), &fut.frame.result);
    (void)cedo_call_soon(&py_loop, &in, inside, NULL);
    attempt("run_until_complete", cedo_loop_run_until_complete(&py_loop, &fut.task),
            &fut.frame.result);
    attempt("again on a done future", cedo_loop_run_until_complete(&py_loop, &fut.task),
            &fut.frame.result);
    (void)cedo_call_soon(&py_loop, &dropped, print_line, LINE("discarded by close"));
    py_close();
    py_close();
    p("closed %s", py_bool(cedo_loop_is_closed(&py_loop)));
    attempt("call_soon after close", cedo_call_soon(&py_loop, &late, print_line, LINE("never")),
            NULL);
    attempt("call_later after close",
            cedo_call_later(&py_loop, &late, CEDO_SECONDS(1), print_line, LINE("never")), NULL);
    attempt("run_forever after close", cedo_loop_run_forever(&py_loop), NULL);
    attempt("get_running_loop outside", cedo_running_loop() ? CEDO_OK : CEDO_ECLOSED, NULL);
}

/* ------------------------------------------------------------- loop_stop_semantics */

struct stop_pair {
    cedo_handle handle, then;
};

static cedo_status stopper(void *arg)
{
    struct stop_pair *const pair = arg;
    p("stop");
    cedo_loop_stop(&py_loop);
    return cedo_call_soon(&py_loop, &pair->then, print_line, LINE("queued after stop"));
}

static cedo_status nests(void *arg)
{
    struct stop_pair *const pair = arg;
    p("nests");
    return cedo_call_soon(&py_loop, &pair->then, print_line, LINE("nested"));
}

static void run_forever(const char *line)
{
    if (cedo_loop_run_forever(&py_loop) == CEDO_OK && line) p("%s", line);
}

static void loop_stop_semantics(void)
{
    struct stop_pair stop = {0}, nest = {0};
    cedo_handle a = {0}, b = {0}, late = {0}, timer = {0};
    py_open();
    (void)cedo_call_soon(&py_loop, &a, print_line, LINE("a"));
    (void)cedo_call_soon(&py_loop, &stop.handle, stopper, &stop);
    (void)cedo_call_soon(&py_loop, &b, print_line, LINE("b"));
    run_forever(NULL);
    p("returned; running %s", py_bool(cedo_loop_is_running(&py_loop)));
    cedo_loop_stop(&py_loop);
    run_forever("- stopped before");
    (void)cedo_call_soon(&py_loop, &nest.handle, nests, &nest);
    cedo_loop_stop(&py_loop);
    cedo_loop_stop(&py_loop);
    run_forever("one turn");
    cedo_loop_stop(&py_loop);
    run_forever("another");
    (void)cedo_call_later(&py_loop, &late, CEDO_SECONDS(10), print_line, LINE("too late"));
    cedo_loop_stop(&py_loop);
    run_forever("did not sleep");
    (void)cedo_call_later(&py_loop, &timer, CEDO_MS(20), stops, &py_loop);
    run_forever(NULL);
    p("stopped by a timer; closed %s", py_bool(cedo_loop_is_closed(&py_loop)));
    py_close();
}

/* ------------------------------------------------------------- loop_timer_batch_same_iteration */

struct batch_main {
    cedo_coro coro;
    cedo_handle t60, t20, t40, t50, busy, soon, armed, equal[3];
};

static cedo_status batch_first(void *arg)
{
    struct batch_main *const self = arg;
    p("t20");
    (void)cedo_call_soon(&py_loop, &self->soon, print_line, LINE("queued by t20: next turn"));
    (void)cedo_call_later(&py_loop, &self->armed, 0, print_line, LINE("armed by t20: next turn"));
    cedo_handle_cancel(&self->t40);
    return CEDO_OK;
}

static cedo_async(batch_main)
{
    cedo_body(struct batch_main, self) {
        (void)cedo_call_later(&py_loop, &self->t60, CEDO_MS(60), print_line, LINE("t60"));
        (void)cedo_call_later(&py_loop, &self->t20, CEDO_MS(20), batch_first, self);
        (void)cedo_call_later(&py_loop, &self->t40, CEDO_MS(40), print_line, LINE("never"));
        (void)cedo_call_later(&py_loop, &self->t50, CEDO_MS(50), print_line, LINE("t50"));
        (void)cedo_call_soon(&py_loop, &self->busy, blocks_100ms, &py_loop);
        cedo_await(cedo_sleep_ms(30));
        p("main, due at 30");
        (void)cedo_call_later(&py_loop, &self->equal[0], CEDO_MS(20), print_line, LINE("equal 3"));
        (void)cedo_call_later(&py_loop, &self->equal[1], CEDO_MS(20), print_line, LINE("equal 1"));
        (void)cedo_call_later(&py_loop, &self->equal[2], CEDO_MS(20), print_line, LINE("equal 2"));
        cedo_await(cedo_sleep_ms(40));
        p("end");
    }
}

static void loop_timer_batch_same_iteration(void)
{
    PY_RUN(batch_main);
}

/* ------------------------------------------------------------- loop_step_order */

struct order_task {
    cedo_coro coro;
    const char *name;
    int n;
    int i;
    int said;
    cedo_handle soon[2];
};

static cedo_status order_soon(void *arg)
{
    struct order_task *const self = arg;
    p("soon by %s %d", self->name, self->said++);
    return CEDO_OK;
}

static cedo_async(order_task)
{
    cedo_body(struct order_task, self) {
        for (self->i = 0; self->i < self->n; self->i++) {
            p("%s %d", self->name, self->i);
            (void)cedo_call_soon(&py_loop, &self->soon[self->i], order_soon, self);
            cedo_await(cedo_yield_now());
        }
    }
}

struct order_sleeper {
    cedo_coro coro;
    const char *name;
};

static cedo_async(order_sleeper)
{
    cedo_body(struct order_sleeper, self) {
        cedo_await(cedo_sleep_ms(20));
        p("%s woke", self->name);
    }
}

struct order_main {
    cedo_coro coro;
    cedo_task_of(order_sleeper) s;
    cedo_task_of(order_task) a, b;
    cedo_handle after, before;
};

static cedo_async(order_main)
{
    cedo_body(struct order_main, self) {
        (void)cedo_spawn(&self->s, order_sleeper, .name = "s20");
        (void)cedo_spawn(&self->a, order_task, .name = "a", .n = 2);
        (void)cedo_spawn(&self->b, order_task, .name = "b", .n = 1);
        cedo_await(cedo_join(&self->a.task));
        cedo_await(cedo_join(&self->b.task));
        (void)cedo_call_later(&py_loop, &self->after, CEDO_MS(20), print_line,
                              LINE("timer armed after the sleep"));
        cedo_await(cedo_join(&self->s.task));
        p("- a sleep between two timers of one deadline");
        (void)cedo_call_later(&py_loop, &self->before, CEDO_MS(20), print_line,
                              LINE("timer before"));
        (void)cedo_spawn(&self->s, order_sleeper, .name = "s");
        cedo_await(cedo_yield_now());
        (void)cedo_call_later(&py_loop, &self->after, CEDO_MS(20), print_line, LINE("timer after"));
        cedo_await(cedo_join(&self->s.task));
        p("end");
    }
}

static void loop_step_order(void)
{
    PY_RUN(order_main);
}

/* ------------------------------------------------------------- */

ORACLE_TABLE(loop) = {
    {"loop_call_later_order", loop_call_later_order},
    {"loop_call_soon_fifo", loop_call_soon_fifo},
    {"loop_exception_handler", loop_exception_handler},
    {"loop_handle_cancel", loop_handle_cancel},
    {"loop_lifecycle_errors", loop_lifecycle_errors},
    {"loop_step_order", loop_step_order},
    {"loop_stop_semantics", loop_stop_semantics},
    {"loop_timer_batch_same_iteration", loop_timer_batch_same_iteration},
    {NULL, NULL},
};
