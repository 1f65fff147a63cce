/* What test_cancel.c and test_message.c cancel. */
#ifndef VICTIMS_H
#define VICTIMS_H

#include "world.h"

/* Waits in several ways. */
struct victim {
    cedo_coro coro;
    int swallow, cleanup, replace, result; /* arguments */
    int status, status2, finals, entered;
};

static cedo_async(victim)
{
    cedo_body(struct victim, self) {
        self->entered++;
        mark("in");
        cedo_catch(self->status, cedo_sleep_ms(100));
        if (self->status) mark("status");
        if (self->replace) cedo_throw(self->replace);
        if (self->status && !self->swallow) cedo_throw(self->status);
        cedo_await(cedo_yield_now());
        mark("on");
    cedo_finally:
        self->finals++;
        if (self->cleanup) {
            cedo_catch(self->status2, cedo_sleep_ms(self->cleanup));
            mark("cleaned");
            if (self->status2) cedo_throw(self->status2);
        }
    }
}

static cedo_event event;

/* Waits for it. */
struct waiter {
    cedo_coro coro;
    int status;
};

static cedo_async(waiter)
{
    cedo_body(struct waiter, self) {
        cedo_catch(self->status, cedo_event_wait(&event));
        if (self->status) cedo_throw(self->status);
    }
}

/* Cancels itself, and then does what is asked. */
enum then {
    AWAITS,
    JUST_RETURNS,
    RAISES,
    TAKES_BACK,
    SLEEPS,
    SLEEPS_LONG,
    WAITS,
    JOINS,
    CALLS,
    IS_DONE_AT_ONCE
};

struct selfish_child {
    cedo_coro coro;
};

static cedo_async(selfish_child)
{
    cedo_body(struct selfish_child, self) {
        cedo_await(cedo_yield_now());
        mark("never");
    }
}

#if CEDO_JOIN
static cedo_task_of(victim) joined;
#endif

struct selfish {
    cedo_coro coro;
    int then;
    const char *message;
    int status;
    struct selfish_child child;
};

static cedo_async(selfish)
{
    cedo_body(struct selfish, self) {
        cedo_task_cancel_with(cedo_current_task(), self->message);
        mark("on");
        if (self->then == AWAITS) cedo_catch(self->status, cedo_yield_now());
        if (self->then == JUST_RETURNS) cedo_return();
        if (self->then == RAISES) cedo_throw(CEDO_EUSER);
        if (self->then == TAKES_BACK) {
            mark("%u", cedo_task_uncancel(cedo_current_task()));
            cedo_await(cedo_yield_now());
            mark("not interrupted");
            cedo_return();
        }
        if (self->then == SLEEPS) cedo_catch(self->status, cedo_sleep_ms(1));
        if (self->then == SLEEPS_LONG) cedo_catch(self->status, cedo_sleep(CEDO_FOREVER));
        if (self->then == WAITS) cedo_catch(self->status, cedo_event_wait(&event));
#if CEDO_JOIN
        if (self->then == JOINS) cedo_catch(self->status, cedo_join(&joined.task));
#endif
        if (self->then == CALLS) cedo_catch(self->status, cedo_call(&self->child, selfish_child));
        if (self->then == IS_DONE_AT_ONCE) {
            cedo_await(cedo_done(CEDO_OK)); /* does not suspend, so is not interrupted */
            mark("done");
            cedo_catch(self->status, cedo_yield_now());
        }
        mark("at next await");
        if (self->message) {
            mark("%s", cedo_task_cancel_message(cedo_current_task())
                           ? cedo_task_cancel_message(cedo_current_task())
                           : "lost");
        }
        cedo_throw(self->status);
    }
}

#endif
