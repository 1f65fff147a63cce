/* A lock, and tasks that take it: what the tests of locks and of conditions share. */
#ifndef TAKERS_H
#define TAKERS_H

#include "world.h"

static cedo_lock lock;

static void open_lock(void)
{
    static const cedo_lock free_lock;
    open_world();
    lock = free_lock;
}

/* Takes the lock and ends without releasing it. */
struct taker {
    cedo_coro coro;
    const char *name;
    int status;
};

static cedo_async(taker)
{
    cedo_body(struct taker, self) {
        cedo_catch(self->status, cedo_lock_acquire(&lock));
        mark("%s%s", self->name, self->status ? "!" : "");
        if (self->status) cedo_throw(self->status);
    }
}

static cedo_task_of(taker) t[5];
static const char *const letters[] = {"a", "b", "c", "d", "e"};

#endif
