/* A job for all purposes: a child of groups, a member of sets; and what the tests of these share. */
#ifndef JOBS_H
#define JOBS_H

#include "world.h"

struct job {
    cedo_coro coro;
    char name;
    int length;        /* ms */
    int error;         /* at its end */
    int cleanup;       /* ms, once it is cancelled; 0: none. -1: it refuses */
    int cleanup_error; /* what it fails with then */
    int status, result;
};

static cedo_async(job)
{
    cedo_body(struct job, self) {
        cedo_catch(self->status, cedo_sleep_ms(self->length));
        if (self->status < 0) {
            if (self->cleanup < 0) {
                mark("%c-refuses", self->name);
                cedo_return();
            }
            if (self->cleanup) cedo_await(cedo_sleep_ms(self->cleanup));
            mark("%c-cancelled", self->name);
            cedo_throw(self->cleanup_error ? self->cleanup_error : self->status);
        }
        mark("%c", self->name);
        if (self->error) cedo_throw(self->error);
        self->result = self->length;
    }
}

/* Runs coroutine `name_` in a world of its own. */
#define RUN(name_, expected) \
    do { \
        static cedo_task_of(name_) task_; \
        open_world(); \
        ck_assert_int_eq(run(&task_, name_), expected); \
        close_world(); \
    } while (0)

static inline unsigned cancelling(void)
{
    return cedo_task_cancelling(cedo_current_task());
}

/* Cancels a task; for cedo_call_later. */
static inline cedo_status cancels(void *task)
{
    (void)cedo_task_cancel((cedo_task *)task);
    return CEDO_OK;
}

#endif
