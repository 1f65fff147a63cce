/* What a cancellation says. */
#include "oracle.h"

#include <cedo/group.h>

enum { CLEANUP, GROUP, GATHER, BARRIER, ITSELF, CONDITION, QUEUE, LOCK };

static const char *const ways[] = {"cleanup", "group",     "gather", "barrier",
                                   "itself",  "condition", "queue",  "lock"};

static struct {
    cedo_condition cond;
    cedo_barrier barrier;
    cedo_queue_of(int, 1) q;
    cedo_lock lock;
} things;

static const char *message(void)
{
    return cedo_task_cancel_message(cedo_current_task());
}

/* ------------------------------------------------------------- who waits */

struct cleanup {
    cedo_coro coro;
};

static cedo_async(cleanup)
{
    cedo_body(struct cleanup, self) {
        cedo_await(cedo_sleep_ms(10000));
    cedo_finally:
        cedo_await(cedo_sleep_ms(10));
    }
}

struct waits {
    cedo_coro coro;
    int way;
    int item;
    cedo_hold hold;
    cedo_group group;
    cedo_set set;
    cedo_member members[2];
    cedo_task_of(cleanup) children[2];
    struct cleanup cleanup;
};

static cedo_async(waits)
{
    cedo_body(struct waits, self) {
        if (self->way == CONDITION) {
            cedo_with_condition (&self->hold, &things.cond)
                cedo_await(cedo_condition_wait(&things.cond));
        }
        if (self->way == BARRIER) cedo_await(cedo_barrier_wait(&things.barrier, NULL));
        if (self->way == ITSELF) (void)cedo_task_cancel_with(cedo_current_task(), "itself");
        if (self->way == QUEUE || self->way == ITSELF)
            cedo_await(cedo_queue_get(&things.q.queue, &self->item));
        if (self->way == LOCK) cedo_await(cedo_lock_acquire(&things.lock));
        if (self->way == CLEANUP) cedo_await(cedo_call(&self->cleanup, cleanup));
        if (self->way == GROUP) {
            cedo_with_group (&self->group) {
                (void)cedo_group_spawn(&self->group, &self->children[0], cleanup);
                cedo_await(cedo_sleep_ms(10000));
            }
        }
        if (self->way == GATHER) {
            for (int i = 0; i < 2; i++) {
                (void)cedo_spawn(&self->children[i], cleanup);
                (void)cedo_set_add_task(&self->set, &self->members[i], &self->children[i].task);
            }
            cedo_await(cedo_gather(&self->set));
        }
    }
}

struct told {
    cedo_coro coro;
    int way;
    int status;
    struct waits waits;
};

static cedo_async(told)
{
    cedo_body(struct told, self) {
        cedo_catch(self->status, cedo_call(&self->waits, waits, .way = self->way));
        if (self->status != CEDO_ECANCELED) cedo_return();
        p("%s is told%s%s", ways[self->way], message() ? " " : "", message() ? message() : "");
        cedo_throw(self->status);
    }
}

/* ------------------------------------------------------------- who cancels */

struct start {
    cedo_coro coro;
};

static cedo_async(start)
{
    cedo_body(struct start, self) {
        cedo_await(cedo_yield_now());
        cedo_await(cedo_yield_now());
    }
}

struct see {
    cedo_coro coro;
    cedo_task *t;
    int status;
};

static cedo_async(see)
{
    cedo_body(struct see, self) {
        cedo_catch(self->status, cedo_join(self->t));
        if (self->status == CEDO_ECANCELED)
            p("its awaiter is told%s%s", message() ? " " : "", message() ? message() : "");
    }
}

struct messages_main {
    cedo_coro coro;
    cedo_task_of(told) t;
    cedo_task_of(cleanup) unstarted;
    struct start start;
    struct see see;
    int way;
};

#define STARTS(kind) \
    do { \
        (void)cedo_spawn(&self->t, told, .way = kind); \
        cedo_await(cedo_call(&self->start, start)); \
    } while (0)
#define SEES(object) cedo_await(cedo_call(&self->see, see, .t = &(object)->task))

static cedo_async(messages_main)
{
    static const int one = 1;
    cedo_body(struct messages_main, self) {
        (void)cedo_barrier_init(&things.barrier, 2);
        cedo_queue_init(&things.q);
        for (self->way = CLEANUP; self->way <= BARRIER; self->way++) {
            STARTS(self->way);
            (void)cedo_task_cancel_with(&self->t.task, ways[self->way]);
            SEES(&self->t);
        }

        STARTS(ITSELF);
        SEES(&self->t);

        for (self->way = 0; self->way < 2; self->way++) {
            STARTS(CONDITION);
            cedo_await(cedo_condition_acquire(&things.cond));
            (void)cedo_task_cancel_with(&self->t.task, "first");
            cedo_await(cedo_yield_now());
            cedo_await(cedo_yield_now());
            if (self->way) {
                (void)cedo_task_cancel_with(&self->t.task, "second");
                cedo_await(cedo_yield_now());
            }
            (void)cedo_condition_release(&things.cond);
            SEES(&self->t);
        }

        STARTS(QUEUE);
        (void)cedo_queue_put_nowait(&things.q.queue, &one);
        (void)cedo_task_cancel_with(&self->t.task, "queue");
        SEES(&self->t);
        p("size %u", (unsigned)cedo_queue_size(&things.q.queue));

        cedo_await(cedo_lock_acquire(&things.lock));
        STARTS(LOCK);
        (void)cedo_lock_release(&things.lock);
        (void)cedo_task_cancel_with(&self->t.task, "lock");
        SEES(&self->t);
        p("locked %s", py_bool(cedo_lock_locked(&things.lock)));

        (void)cedo_spawn(&self->unstarted, cleanup);
        (void)cedo_task_cancel_with(&self->unstarted.task, "unstarted");
        SEES(&self->unstarted);

        STARTS(CLEANUP);
        (void)cedo_task_cancel_with(&self->t.task, "cleanup");
        cedo_await(cedo_yield_now());
        (void)cedo_task_cancel(&self->t.task);
        SEES(&self->t);
    }
}

static void cancel_messages(void)
{
    PY_RUN(messages_main);
}

/* ------------------------------------------------------------- */

ORACLE_TABLE(cancel) = {
    {"cancel_messages", cancel_messages},
    {NULL, NULL},
};
