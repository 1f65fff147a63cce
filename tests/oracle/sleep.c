/* Traces of sleeping. */
#include "oracle.h"

/* ------------------------------------------------------------- sleep_semantics */

struct semantics_s {
    cedo_coro coro;
    cedo_duration d;
    const char *r;
    const char *v;
};

static cedo_async(semantics_s)
{
    cedo_body(struct semantics_s, self) {
        cedo_await(cedo_sleep(self->d));
        self->v = self->r;
        p("woke %s", self->v);
    }
}

struct semantics_main {
    cedo_coro coro;
    cedo_task_of(semantics_s) t[5], never;
    int i;
    int status;
};

static cedo_async(semantics_main)
{
    cedo_body(struct semantics_main, self) {
        (void)cedo_spawn(&self->t[0], semantics_s, .d = CEDO_MS(60), .r = "c");
        (void)cedo_spawn(&self->t[1], semantics_s, .d = CEDO_MS(20), .r = "a");
        (void)cedo_spawn(&self->t[2], semantics_s, .d = CEDO_MS(40), .r = "b");
        (void)cedo_spawn(&self->t[3], semantics_s, .d = CEDO_SECONDS(-5), .r = "neg");
        (void)cedo_spawn(&self->t[4], semantics_s, .d = 0, .r = "zero");
        for (self->i = 0; self->i < 5; self->i++) cedo_await(cedo_join(&self->t[self->i].task));
        p_not_applicable("nan -> ValueError", "a duration is an integer");
        (void)cedo_spawn(&self->never, semantics_s, .d = CEDO_SECONDS(10), .r = "never");
        cedo_await(cedo_yield_now());
        p("cancel %s", py_bool(cedo_task_cancel(&self->never.task)));
        cedo_catch(self->status, cedo_join(&self->never.task));
        if (self->status == CEDO_ECANCELED) p("cancelled sleep");
    }
}

static void sleep_semantics(void)
{
    PY_RUN(semantics_main);
}

/* ------------------------------------------------------------- sleep_cancelled_when_due */

static cedo_status due_blocks(void *loop)
{
    cedo_sim_advance(loop, CEDO_MS(100));
    return CEDO_OK;
}

static cedo_status due_cancels(void *task)
{
    (void)cedo_task_cancel(task);
    return CEDO_OK;
}

struct due_s {
    cedo_coro coro;
    const char *name;
    cedo_duration d;
    int status;
};

static cedo_async(due_s)
{
    cedo_body(struct due_s, self) {
        cedo_catch(self->status, cedo_sleep(self->d));
        p("%s %s", self->name, self->status < 0 ? py_error(self->status) : "woke");
        if (self->status < 0) cedo_throw(self->status);
    }
}

struct due_killer {
    cedo_coro coro;
    cedo_task *t;
};

static cedo_async(due_killer)
{
    cedo_body(struct due_killer, self) {
        cedo_await(cedo_sleep_ms(20));
        p("cancel %s", py_bool(cedo_task_cancel(self->t)));
    }
}

struct due_main {
    cedo_coro coro;
    cedo_task_of(due_s) t;
    cedo_task_of(due_killer) k;
    cedo_handle cancel, busy;
    int status;
};

static cedo_async(due_main)
{
    cedo_body(struct due_main, self) {
        p("- cancelled by a timer that is due after it");
        (void)cedo_spawn(&self->t, due_s, .name = "a", .d = CEDO_MS(20));
        cedo_await(cedo_yield_now());
        (void)cedo_call_later(&py_loop, &self->cancel, CEDO_MS(40), due_cancels, &self->t.task);
        (void)cedo_call_soon(&py_loop, &self->busy, due_blocks, &py_loop);
        cedo_catch(self->status, cedo_join(&self->t.task));
        p("cancelled %s", py_bool(cedo_task_cancelled(&self->t.task)));
        p("- cancelled by a timer that is due before it");
        (void)cedo_spawn(&self->t, due_s, .name = "b", .d = CEDO_MS(40));
        cedo_await(cedo_yield_now());
        (void)cedo_call_later(&py_loop, &self->cancel, CEDO_MS(20), due_cancels, &self->t.task);
        (void)cedo_call_soon(&py_loop, &self->busy, due_blocks, &py_loop);
        cedo_catch(self->status, cedo_join(&self->t.task));
        p("cancelled %s", py_bool(cedo_task_cancelled(&self->t.task)));
        p("- one sleeper cancels another, both due");
        (void)cedo_spawn(&self->t, due_s, .name = "c", .d = CEDO_MS(20));
        (void)cedo_spawn(&self->k, due_killer, .t = &self->t.task);
        cedo_await(cedo_yield_now());
        (void)cedo_call_soon(&py_loop, &self->busy, due_blocks, &py_loop);
        cedo_await(cedo_join(&self->k.task));
        (void)cedo_spawn(&self->t, due_s, .name = "d", .d = CEDO_MS(20));
        cedo_await(cedo_yield_now());
        (void)cedo_spawn(&self->k, due_killer, .t = &self->t.task);
        cedo_await(cedo_sleep_ms(30));
        p("cancelled %s", py_bool(cedo_task_cancelled(&self->t.task)));
    }
}

static void sleep_cancelled_when_due(void)
{
    PY_RUN(due_main);
}

/* ------------------------------------------------------------- */

ORACLE_TABLE(sleep) = {
    {"sleep_cancelled_when_due", sleep_cancelled_when_due},
    {"sleep_semantics", sleep_semantics},
    {NULL, NULL},
};
