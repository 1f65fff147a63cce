/* A chain of coroutines, a thousand frames deep: what the tests of frames and of traces share. */
#ifndef DEEP_H
#define DEEP_H

#include "world.h"

#define DEPTH 1000

/* Each calls the next one; the last sleeps, and then fails if it is to. */
struct link {
    cedo_coro coro;
    int level, status;
};

static struct link links[DEPTH + 1];
static int deepest, finals_run;

static cedo_async(link)
{
    cedo_body(struct link, self) {
        if (self->level > deepest) deepest = self->level;
        if (self->level < DEPTH) {
            cedo_await(cedo_call(&links[self->level + 1], link, .level = self->level + 1,
                                 .status = self->status));
        }
        else {
            cedo_await(cedo_sleep_ms(1));
            if (self->status) cedo_throw(self->status);
        }
    cedo_finally:
        finals_run++;
        cedo_await(cedo_yield_now());
    }
}

/* Calls the first of them. */
struct root {
    cedo_coro coro;
    int status;
};

static cedo_async(root)
{
    cedo_body(struct root, self) {
        cedo_await(cedo_call(&links[0], link, .status = self->status));
    }
}

#endif
