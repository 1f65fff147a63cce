/* Traces of asynchronous generators. */
#include "oracle.h"

/* ------------------------------------------------------------- async_generator_shutdown */

struct two {
    cedo_coro coro;
    int x;
};

static cedo_async(two)
{
    cedo_body(struct two, self) {
        self->x = 1;
        cedo_yield();
        self->x = 2;
        cedo_yield();
    cedo_finally:
        cedo_await(cedo_sleep_ms(10));
        p("generator finalised");
    }
}

static cedo_generator_of(two) keep;

struct shutdown_main {
    cedo_coro coro;
};

static cedo_async(shutdown_main)
{
    cedo_body(struct shutdown_main, self) {
        cedo_generate(&keep, two);
        cedo_for_each(keep.frame.x, cedo_anext(&keep)) {
            p("item %d", keep.frame.x);
            break;
        }
        p("main ends");
    }
}

static void async_generator_shutdown(void)
{
    (void)PY_RUN(shutdown_main);
    p("after run");
}

/* ------------------------------------------------------------- async_generator_aclose */

struct ticks {
    cedo_coro coro;
    const char *name;
    int until;
    int fail;
    int n;
};

static cedo_async(ticks)
{
    cedo_body(struct ticks, self) {
        for (self->n = 0; self->n < self->until; self->n++) {
            cedo_await(cedo_sleep_ms(10));
            cedo_yield();
        }
        if (self->fail) cedo_throw(self->fail);
    cedo_finally:
        p("%s closing", self->name);
        cedo_await(cedo_sleep_ms(10));
        p("%s closed", self->name);
    }
}

typedef cedo_generator_of(ticks) ticks_generator;

struct takes {
    cedo_coro coro;
    const char *name;
    ticks_generator *g;
    cedo_guard guard;
};

static cedo_async(takes)
{
    cedo_body(struct takes, self) {
        cedo_try_all (&self->guard) {
            cedo_for_each(self->g->frame.n, cedo_anext(self->g))
                p("%s got %d", self->name, self->g->frame.n);
            p("%s over", self->name);
        }
        cedo_except (&self->guard) p("%s got %s", self->name, py_error(cedo_caught(&self->guard)));
    }
}

struct closes {
    cedo_coro coro;
    ticks_generator *g;
};

static cedo_async(closes)
{
    cedo_body(struct closes, self) {
        cedo_await(cedo_aclose(self->g));
    }
}

struct aclose_main {
    cedo_coro coro;
    ticks_generator g[7];
    struct takes takes;
    cedo_task_of(takes) t;
    cedo_task_of(closes) c;
    cedo_timeout limit;
    int status;
};

static const char *nothing(cedo_status status)
{
    return status == CEDO_END ? "nothing" : py_error(status);
}

static cedo_async(aclose_main)
{
    cedo_body(struct aclose_main, self) {
        cedo_generate(&self->g[0], ticks, .name = "whole", .until = 2);
        cedo_await(cedo_call(&self->takes, takes, .name = "whole", .g = &self->g[0]));
        cedo_generate(&self->g[1], ticks, .name = "error", .until = 1, .fail = VALUE_ERROR);
        cedo_await(cedo_call(&self->takes, takes, .name = "error", .g = &self->g[1]));

        cedo_generate(&self->g[2], ticks, .name = "half", .until = 9);
        cedo_await(cedo_anext(&self->g[2]));
        p("first %d", self->g[2].frame.n);
        cedo_await(cedo_aclose(&self->g[2]));
        cedo_catch(self->status, cedo_anext(&self->g[2]));
        p("after aclose %s", nothing(self->status));
        cedo_await(cedo_aclose(&self->g[2]));

        cedo_generate(&self->g[3], ticks, .name = "unused", .until = 9);
        cedo_await(cedo_aclose(&self->g[3]));
        cedo_catch(self->status, cedo_anext(&self->g[3]));
        p("unused %s", nothing(self->status));

        cedo_generate(&self->g[4], ticks, .name = "cancelled", .until = 9);
        (void)cedo_spawn(&self->t, takes, .name = "cancelled", .g = &self->g[4]);
        cedo_await(cedo_sleep_ms(25));
        cedo_catch(self->status, cedo_anext(&self->g[4]));
        if (self->status < 0) p("two at a time -> %s", py_error(self->status));
        (void)cedo_task_cancel(&self->t.task);
        cedo_await(cedo_join(&self->t.task));
        cedo_catch(self->status, cedo_anext(&self->g[4]));
        p("cancelled %s", nothing(self->status));

        cedo_generate(&self->g[5], ticks, .name = "timeout", .until = 9);
        cedo_await(cedo_anext(&self->g[5]));
        cedo_catch(self->status, cedo_wait_for(&self->limit, CEDO_MS(5), cedo_anext(&self->g[5])));
        p("timeout %s", py_error(self->status));
        cedo_catch(self->status, cedo_anext(&self->g[5]));
        p("timeout %s", nothing(self->status));

        cedo_generate(&self->g[6], ticks, .name = "closing is cancelled", .until = 9);
        cedo_await(cedo_anext(&self->g[6]));
        (void)cedo_spawn(&self->c, closes, .g = &self->g[6]);
        cedo_await(cedo_sleep_ms(5));
        (void)cedo_task_cancel(&self->c.task);
        cedo_catch(self->status, cedo_join(&self->c.task));
        p("aclose %s", py_error(self->status));
    }
}

static void async_generator_aclose(void)
{
    static struct aclose_main frame;
    (void)py_run(cedo_make(&frame, aclose_main));
}

/* ------------------------------------------------------------- the table */

ORACLE_TABLE(generator) = {
    {"async_generator_shutdown", async_generator_shutdown},
    {"async_generator_aclose", async_generator_aclose},
    {NULL, NULL},
};
