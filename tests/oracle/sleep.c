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

/* ------------------------------------------------------------- */

ORACLE_TABLE(sleep) = {
    {"sleep_semantics", sleep_semantics},
    {NULL, NULL},
};
