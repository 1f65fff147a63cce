/* Traces of futures and shields. */
#include "oracle.h"

/* ------------------------------------------------------------- future_states */

typedef cedo_future_of(int) int_future;

static void attempt(const char *tag, cedo_status status, const char *success)
{
    p("%s -> %s", tag, status < 0 ? py_error(status) : success);
}

static const char *text_of(const int_future *future)
{
    static char text[16];
    int value = future->value, length = 0;
    char digits[12];
    do digits[length++] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    for (value = 0; length > 0;) text[value++] = digits[--length];
    text[value] = '\0';
    return text;
}

struct states_main {
    cedo_coro coro;
    int_future f;
    cedo_future g, h;
    const char *detail; /* what the exception in g carries */
    int first;
};

static cedo_async(states_main)
{
    cedo_body(struct states_main, self) {
        cedo_future_init(&self->f.future, &py_loop);
        p("pending done %s cancelled %s", py_bool(cedo_future_done(&self->f.future)),
          py_bool(cedo_future_cancelled(&self->f.future)));
        attempt("result", cedo_future_result(&self->f.future), text_of(&self->f));
        attempt("exception", cedo_future_result(&self->f.future), "None");
        (void)cedo_future_set_value(&self->f, 1);
        p("done %s", py_bool(cedo_future_done(&self->f.future)));
        attempt("result", cedo_future_result(&self->f.future), text_of(&self->f));
        attempt("exception", cedo_future_result(&self->f.future), "None");
        attempt("set_result again", cedo_future_set_value(&self->f, 2), "None");
        attempt("set_exception again", cedo_future_set(&self->f.future, VALUE_ERROR), "None");
        attempt("cancel done", 0, py_bool(cedo_future_cancel(&self->f.future)));
        attempt("result kept", cedo_future_result(&self->f.future), text_of(&self->f));

        cedo_future_init(&self->g, &py_loop);
        self->detail = "x";
        (void)cedo_future_set(&self->g, VALUE_ERROR);
        p("exc result -> %s %s", py_error(cedo_future_result(&self->g)), self->detail);
        p("exc exception %s", py_error(cedo_future_result(&self->g)));
        attempt("exc cancel", 0, py_bool(cedo_future_cancel(&self->g)));

        cedo_future_init(&self->h, &py_loop);
        attempt("cancel", 0, py_bool(cedo_future_cancel(&self->h)));
        attempt("cancel again", 0, py_bool(cedo_future_cancel(&self->h)));
        p("cancelled %s done %s", py_bool(cedo_future_cancelled(&self->h)),
          py_bool(cedo_future_done(&self->h)));
        attempt("cancelled result", cedo_future_result(&self->h), "None");
        attempt("cancelled exception", cedo_future_result(&self->h), "None");
        attempt("set_result on cancelled", cedo_future_set(&self->h, CEDO_OK), "None");
        cedo_await(cedo_future_wait(&self->f.future));
        self->first = self->f.value;
        cedo_await(cedo_future_wait(&self->f.future));
        p("await twice %d %d", self->first, self->f.value);
        p("loop %s", py_bool(cedo_future_loop(&self->f.future) == &py_loop));
    }
}

static void future_states(void)
{
    PY_RUN(states_main);
}

/* ------------------------------------------------------------- future_done_callbacks */

typedef cedo_future_of(const char *) text_future;

/* A registration: the callback of asyncio gets its future, this one finds it here. */
struct registration {
    cedo_handle handle;
    const char *name;
    text_future *future;
};

struct callbacks_main {
    cedo_coro coro;
    text_future f;
    cedo_future g;
    struct registration a[2], b, c, late;
    cedo_handle d;
};

static text_future *callbacks_f;

static cedo_status callback(void *arg)
{
    const struct registration *const self = (const struct registration *)arg;
    p("cb %s %s %s", self->name, py_bool(self->future == callbacks_f),
      cedo_future_result(&self->future->future) == CEDO_OK ? self->future->value : "-");
    return CEDO_OK;
}

static void add(struct registration *registration, const char *name, text_future *future)
{
    registration->name = name;
    registration->future = future;
    (void)cedo_future_add_done_callback(&future->future, &registration->handle, callback,
                                        registration);
}

static int take_back(struct registration *registrations, int count)
{
    int found = 0;
    for (int i = 0; i < count; i++)
        found += cedo_future_remove_done_callback(&registrations[i].future->future,
                                                  &registrations[i].handle);
    return found;
}

static cedo_status still_runs(void *unused)
{
    (void)unused;
    p("d still runs");
    return CEDO_OK;
}

static cedo_async(callbacks_main)
{
    cedo_body(struct callbacks_main, self) {
        callbacks_f = &self->f;
        add(&self->a[0], "a", &self->f);
        add(&self->b, "b", &self->f);
        add(&self->a[1], "a", &self->f);
        add(&self->c, "c", &self->f);
        p("removed a %d", take_back(self->a, 2));
        p("removed a again %d", take_back(self->a, 2));
        (void)cedo_future_set_value(&self->f, "R");
        p("set; nothing called yet");
        add(&self->late, "late", &self->f);
        p("late added; nothing called yet");
        cedo_await(cedo_yield_now());
        p("after one iteration");
        (void)cedo_future_add_done_callback(&self->g, &self->d, still_runs, NULL);
        (void)cedo_future_set(&self->g, CEDO_OK);
        p("removed after set %d", cedo_future_remove_done_callback(&self->g, &self->d));
        cedo_await(cedo_yield_now());
    }
}

static void future_done_callbacks(void)
{
    PY_RUN(callbacks_main);
}

/* ------------------------------------------------------------- future_cancel_into_task */

struct into_waiter {
    cedo_coro coro;
    cedo_future *f;
    bool catches;
    const char *result;
    int status;
};

static cedo_async(into_waiter)
{
    cedo_body(struct into_waiter, self) {
        cedo_catch(self->status, cedo_future_wait(self->f));
        p("%s in task; cancelling() %u", py_error(self->status),
          cedo_task_cancelling(cedo_current_task()));
        if (!self->catches) cedo_throw(self->status);
        self->result = "survived";
    }
}

struct into_main {
    cedo_coro coro;
    cedo_future f;
    cedo_task_of(into_waiter) t;
    int i;
    int status;
};

static cedo_async(into_main)
{
    cedo_body(struct into_main, self) {
        for (self->i = 0; self->i < 2; self->i++) {
            cedo_future_init(&self->f, &py_loop);
            (void)cedo_spawn(&self->t, into_waiter, .f = &self->f, .catches = self->i == 0);
            cedo_await(cedo_yield_now());
            (void)cedo_future_cancel(&self->f);
            p("task done right after fut.cancel() %s", py_bool(cedo_task_done(&self->t.task)));
            cedo_catch(self->status, cedo_join(&self->t.task));
            p("cancelled %s result %s", py_bool(cedo_task_cancelled(&self->t.task)),
              py_text(self->t.frame.result));
        }
    }
}

static void future_cancel_into_task(void)
{
    PY_RUN(into_main);
}

/* ------------------------------------------------------------- shield_semantics */

struct shield_inner {
    cedo_coro coro;
    cedo_duration d;
    const char *r;
    int status;
};

static cedo_async(shield_inner)
{
    cedo_body(struct shield_inner, self) {
        cedo_catch(self->status, cedo_sleep(self->d));
        p("inner %s %s", self->status == CEDO_ECANCELED ? "cancelled" : "finished", self->r);
        if (self->status < 0) cedo_throw(self->status);
    }
}

struct shield_outer {
    cedo_coro coro;
    cedo_task *t;
    int status;
};

static cedo_async(shield_outer)
{
    cedo_body(struct shield_outer, self) {
        cedo_catch(self->status, cedo_join_shielded(self->t));
        if (self->status == CEDO_ECANCELED) p("outer %s", py_error(self->status));
        if (self->status < 0) cedo_throw(self->status);
    }
}

struct shield_bad {
    cedo_coro coro;
    const char *detail; /* what the exception carries */
};

static cedo_async(shield_bad)
{
    cedo_body(struct shield_bad, self) {
        self->detail = "x";
        cedo_throw(VALUE_ERROR);
    }
}

struct shield_main {
    cedo_coro coro;
    cedo_task_of(shield_inner) t;
    cedo_task_of(shield_outer) o;
    cedo_task_of(shield_bad) bad;
    cedo_future f;
    int status;
};

static cedo_async(shield_main)
{
    cedo_body(struct shield_main, self) {
        (void)cedo_spawn(&self->t, shield_inner, .d = CEDO_MS(40), .r = "A");
        (void)cedo_spawn(&self->o, shield_outer, .t = &self->t.task);
        cedo_await(cedo_sleep_ms(10));
        (void)cedo_task_cancel(&self->o.task);
        cedo_catch(self->status, cedo_join(&self->o.task));
        p("outer cancelled %s inner done %s", py_bool(cedo_task_cancelled(&self->o.task)),
          py_bool(cedo_task_done(&self->t.task)));
        cedo_await(cedo_join(&self->t.task));
        p("inner result %s", self->t.frame.r);

        (void)cedo_spawn(&self->t, shield_inner, .d = CEDO_SECONDS(10), .r = "B");
        (void)cedo_spawn(&self->o, shield_outer, .t = &self->t.task);
        cedo_await(cedo_sleep_ms(10));
        (void)cedo_task_cancel(&self->t.task);
        cedo_catch(self->status, cedo_join(&self->o.task));
        p("inner cancelled -> outer cancelled %s outer cancelling %u",
          py_bool(cedo_task_cancelled(&self->o.task)), cedo_task_cancelling(&self->o.task));

        (void)cedo_spawn(&self->t, shield_inner, .d = CEDO_MS(10), .r = "C");
        cedo_await(cedo_join_shielded(&self->t.task));
        p("value %s", self->t.frame.r);
        (void)cedo_spawn(&self->bad, shield_bad);
        cedo_catch(self->status, cedo_join_shielded(&self->bad.task));
        p("%s %s", py_error(self->status), self->bad.frame.detail);
        (void)cedo_future_set(&self->f, CEDO_OK);
        p("done future returned as is %s",
          py_bool(cedo_future_wait_shielded(&self->f) == cedo_future_wait(&self->f)));
    }
}

static void shield_semantics(void)
{
    PY_RUN(shield_main);
}

/* ------------------------------------------------------------- future_multi_waiters */

static cedo_status print_line(void *line)
{
    p("%s", (const char *)line);
    return CEDO_OK;
}

/* A call that prints a line. */
#define LINE(text) ((void *)(uintptr_t)("" text))

struct multi_w {
    cedo_coro coro;
    const char *n;
    text_future *f;
    int status;
};

static cedo_async(multi_w)
{
    cedo_body(struct multi_w, self) {
        cedo_catch(self->status, cedo_future_wait(&self->f->future));
        p("%s gets %s", self->n, self->status < 0 ? py_error(self->status) : self->f->value);
    }
}

struct multi_main {
    cedo_coro coro;
    text_future f;
    cedo_task_of(multi_w) t[3];
    struct multi_w w;
    cedo_handle soon;
    int i, count;
    int status;
};

static void multi_start(struct multi_main *self, const char *const *names, int count)
{
    cedo_future_init(&self->f.future, &py_loop);
    self->count = count;
    for (int i = 0; i < count; i++)
        (void)cedo_spawn(&self->t[i], multi_w, .n = names[i], .f = &self->f);
}

static cedo_async(multi_main)
{
    static const char *const first[] = {"a", "b", "c"}, *const second[] = {"d", "e"},
                             *const third[] = {"g", "h"};
    cedo_body(struct multi_main, self) {
        multi_start(self, first, 3);
        cedo_await(cedo_yield_now());
        (void)cedo_call_soon(&py_loop, &self->soon, print_line, LINE("the loop had a turn"));
        (void)cedo_future_set_value(&self->f, "R");
        p("set; nobody has run; done %s", py_bool(cedo_task_done(&self->t[0].task)));
        for (self->i = 0; self->i < self->count; self->i++)
            cedo_await(cedo_join(&self->t[self->i].task));

        (void)cedo_call_soon(&py_loop, &self->soon, print_line, LINE("the loop had a turn"));
        cedo_await(cedo_future_wait(&self->f.future));
        cedo_await(cedo_future_wait(&self->f.future));
        p("again %s %s", self->f.value, self->f.value);
        cedo_catch(self->status, cedo_join(&self->t[0].task));
        p("a finished task %s", py_error(self->status));
        for (self->i = 0; self->i < self->count; self->i++)
            cedo_await(cedo_join(&self->t[self->i].task));
        cedo_await(cedo_call(&self->w, multi_w, .n = "main", .f = &self->f));
        cedo_await(cedo_yield_now());

        multi_start(self, second, 2);
        cedo_await(cedo_yield_now());
        (void)cedo_future_set(&self->f.future, VALUE_ERROR);
        for (self->i = 0; self->i < self->count; self->i++)
            cedo_await(cedo_join(&self->t[self->i].task));
        cedo_await(cedo_call(&self->w, multi_w, .n = "main", .f = &self->f));

        multi_start(self, third, 2);
        cedo_await(cedo_yield_now());
        (void)cedo_future_cancel(&self->f.future);
        for (self->i = 0; self->i < self->count; self->i++)
            cedo_await(cedo_join(&self->t[self->i].task));
        cedo_await(cedo_call(&self->w, multi_w, .n = "main", .f = &self->f));
        p("cancelled %s %s", py_bool(cedo_task_cancelled(&self->t[0].task)),
          py_bool(cedo_task_cancelled(&self->t[1].task)));
    }
}

static void future_multi_waiters(void)
{
    PY_RUN(multi_main);
}

/* ------------------------------------------------------------- */

ORACLE_TABLE(future) = {
    {"future_cancel_into_task", future_cancel_into_task},
    {"future_done_callbacks", future_done_callbacks},
    {"future_multi_waiters", future_multi_waiters},
    {"future_states", future_states},
    {"shield_semantics", shield_semantics},
    {NULL, NULL},
};
