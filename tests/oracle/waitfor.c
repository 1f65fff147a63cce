/* Traces of cedo_wait_for. */
#include "oracle.h"

static unsigned cancelling(void)
{
    return cedo_task_cancelling(cedo_current_task());
}

static cedo_status blocks_100ms(void *loop)
{
    cedo_sim_advance(loop, CEDO_MS(100));
    return CEDO_OK;
}

static cedo_status cancels(void *task)
{
    (void)cedo_task_cancel(task);
    return CEDO_OK;
}

static cedo_status sets(void *event)
{
    cedo_event_set(event);
    return CEDO_OK;
}

/* asyncio.sleep(d, result) as a task of its own. */
struct sleeper {
    cedo_coro coro;
    cedo_duration d;
};

static cedo_async(sleeper)
{
    cedo_body(struct sleeper, self) {
        cedo_await(cedo_sleep(self->d));
    }
}

/* ------------------------------------------------------------- waitfor_inner_cancelled */

struct third_main {
    cedo_coro coro;
    cedo_task_of(sleeper) t;
    cedo_handle later;
    cedo_timeout limit;
    int status;
};

static cedo_async(third_main)
{
    cedo_body(struct third_main, self) {
        (void)cedo_spawn(&self->t, sleeper, .d = CEDO_SECONDS(10));
        (void)cedo_call_later(&py_loop, &self->later, CEDO_MS(20), cancels, &self->t.task);
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_SECONDS(1), cedo_join(&self->t.task)));
        p("%s; cancelling %u", py_error(self->status), cancelling());
        cedo_await(cedo_yield_now());
        p("alive");
    }
}

static void waitfor_inner_cancelled(void)
{
    PY_RUN(third_main);
}

/* ------------------------------------------------------------- waitfor_outer_cancel */

struct outer_inner {
    cedo_coro coro;
    int status;
};

static cedo_async(outer_inner)
{
    cedo_body(struct outer_inner, self) {
        cedo_catch(self->status, cedo_sleep_ms(10000));
        if (self->status == CEDO_ECANCELED) {
            p("inner cancelled");
            cedo_await(cedo_sleep_ms(20));
            p("inner cleaned up");
            cedo_throw(self->status);
        }
    }
}

struct outer_outer {
    cedo_coro coro;
    cedo_task *aw;
    cedo_duration t;
    cedo_timeout limit;
    int status;
};

static cedo_async(outer_outer)
{
    cedo_body(struct outer_outer, self) {
        cedo_catch(self->status, cedo_wait_for(&self->limit, self->t, cedo_join(self->aw)));
        p("outer %s", py_error(self->status));
        if (self->status < 0) cedo_throw(self->status);
    }
}

static const cedo_duration outer_limits[] = {CEDO_SECONDS(1), CEDO_FOREVER};

struct outer_main {
    cedo_coro coro;
    cedo_task_of(outer_inner) i;
    cedo_task_of(outer_outer) o;
    int n;
    int status;
};

static cedo_async(outer_main)
{
    cedo_body(struct outer_main, self) {
        for (self->n = 0; self->n < 2; self->n++) {
            (void)cedo_spawn(&self->i, outer_inner);
            (void)cedo_spawn(&self->o, outer_outer, .aw = &self->i.task,
                             .t = outer_limits[self->n]);
            cedo_await(cedo_sleep_ms(10));
            (void)cedo_task_cancel(&self->o.task);
            cedo_catch(self->status, cedo_join(&self->o.task));
            p("outer cancelled %s inner cancelled %s", py_bool(cedo_task_cancelled(&self->o.task)),
              py_bool(cedo_task_cancelled(&self->i.task)));
        }
    }
}

static void waitfor_outer_cancel(void)
{
    PY_RUN(outer_main);
}

/* ------------------------------------------------------------- waitfor_basic_tasks */

struct basic_job {
    cedo_coro coro;
    cedo_duration d, cleanup;
    const char *result;
    int status;
};

static cedo_async(basic_job)
{
    cedo_body(struct basic_job, self) {
        cedo_catch(self->status, cedo_sleep(self->d));
        if (self->status == CEDO_OK) cedo_return(self->result = "value");
        p("inner cancelled");
        cedo_await(cedo_sleep(self->cleanup));
        p("inner cleaned up");
        cedo_throw(self->status);
    }
}

struct basic_bad {
    cedo_coro coro;
    const char *detail; /* what the exception carries */
};

static cedo_async(basic_bad)
{
    cedo_body(struct basic_bad, self) {
        cedo_await(cedo_sleep_ms(10));
        self->detail = "inner error";
        cedo_throw(VALUE_ERROR);
    }
}

struct basic_who {
    cedo_coro coro;
    cedo_task *result;
};

static cedo_async(basic_who)
{
    cedo_body(struct basic_who, self) {
        cedo_return(self->result = cedo_current_task());
    }
}

struct basic_body {
    cedo_coro coro;
};

static cedo_async(basic_body)
{
    cedo_body(struct basic_body, self) {
        p("STARTED (wrong)");
    }
}

struct basic_late {
    cedo_coro coro;
    const char *result;
    int status;
};

static cedo_async(basic_late)
{
    cedo_body(struct basic_late, self) {
        cedo_catch(self->status, cedo_sleep_ms(10000));
        p("running task: cancelled");
        cedo_return(self->result = "late value");
    }
}

struct basic_main {
    cedo_coro coro;
    cedo_timeout limit;
    struct basic_job job;
    struct basic_bad bad;
    struct basic_who who;
    struct basic_body body;
    cedo_task_of(basic_job) t;
    cedo_task_of(basic_late) late;
    cedo_task_of(basic_body) unstarted;
    const char *first;
    int seconds;
    int status;
};

static cedo_async(basic_main)
{
    cedo_body(struct basic_main, self) {
        cedo_await(cedo_wait_for(&self->limit, CEDO_SECONDS(1), cedo_call(&self->who, basic_who)));
        p("a coroutine runs in the caller's own task %s",
          py_bool(self->who.result == cedo_current_task()));
        cedo_await(cedo_wait_for(&self->limit, CEDO_SECONDS(1),
                                 cedo_call(&self->job, basic_job, .d = CEDO_MS(10))));
        p("%s", self->job.result);
        cedo_await(cedo_wait_for(&self->limit, CEDO_FOREVER,
                                 cedo_call(&self->job, basic_job, .d = CEDO_MS(10))));
        p("%s", self->job.result);
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_SECONDS(1), cedo_call(&self->bad, basic_bad)));
        p("%s %s", py_error(self->status), self->bad.detail);
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_MS(20),
                                 cedo_call(&self->job, basic_job, .d = CEDO_SECONDS(10),
                                           .cleanup = CEDO_MS(40))));
        p("%s after the inner finished its cleanup", py_error(self->status));
        (void)cedo_spawn(&self->t, basic_job, .d = CEDO_SECONDS(10));
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_MS(20), cedo_join(&self->t.task)));
        p("task: %s; inner cancelled %s", py_error(self->status),
          py_bool(cedo_task_cancelled(&self->t.task)));
        p("cancelling %u", cancelling());
        (void)cedo_spawn(&self->t, basic_job, .d = 0);
        cedo_await(cedo_join(&self->t.task));
        cedo_await(cedo_wait_for(&self->limit, 0, cedo_join(&self->t.task)));
        self->first = self->t.frame.result;
        cedo_await(cedo_wait_for(&self->limit, CEDO_SECONDS(-1), cedo_join(&self->t.task)));
        p("done task %s %s", self->first, self->t.frame.result);
        for (self->seconds = 0; self->seconds >= -1; self->seconds--) {
            cedo_catch(self->status, cedo_wait_for(&self->limit, CEDO_SECONDS(self->seconds),
                                                   cedo_call(&self->body, basic_body)));
            p("coroutine: %s, not started", py_error(self->status));
        }
        (void)cedo_spawn(&self->late, basic_late);
        cedo_await(cedo_yield_now());
        cedo_await(cedo_wait_for(&self->limit, 0, cedo_join(&self->late.task)));
        p("%s", self->late.frame.result);
        (void)cedo_spawn(&self->unstarted, basic_body);
        cedo_catch(self->status, cedo_wait_for(&self->limit, 0, cedo_join(&self->unstarted.task)));
        p("task not begun: %s, cancelled %s", py_error(self->status),
          py_bool(cedo_task_cancelled(&self->unstarted.task)));
        p("cancelling %u", cancelling());
    }
}

static void waitfor_basic_tasks(void)
{
    PY_RUN(basic_main);
}

/* ------------------------------------------------------------- waitfor_inner_resists */

struct resists {
    cedo_coro coro;
    const char *kind;
    const char *result;
    int status;
};

static cedo_async(resists)
{
    cedo_body(struct resists, self) {
        cedo_catch(self->status, cedo_sleep_ms(10000));
        if (self->status == CEDO_ECANCELED) {
            p("%s %s", self->kind, py_error(self->status));
            cedo_await(cedo_sleep_ms(20));
            if (strcmp(self->kind, "raises") == 0) cedo_throw(VALUE_ERROR);
            cedo_return(self->result = "value");
        }
    }
}

static const char *const resists_kinds[] = {"returns", "raises"};

struct resists_main {
    cedo_coro coro;
    cedo_timeout limit;
    struct resists inner;
    cedo_task_of(resists) task;
    int i;
    int status;
};

static cedo_async(resists_main)
{
    cedo_body(struct resists_main, self) {
        for (self->i = 0; self->i < 2; self->i++) {
            cedo_catch(self->status, cedo_wait_for(&self->limit, CEDO_MS(20),
                                                   cedo_call(&self->inner, resists,
                                                             .kind = resists_kinds[self->i])));
            p("%s", self->status < 0 ? py_error(self->status) : self->inner.result);
            p("cancelling %u inner -", cancelling());
        }
        for (self->i = 0; self->i < 2; self->i++) {
            (void)cedo_spawn(&self->task, resists, .kind = resists_kinds[self->i]);
            cedo_catch(self->status,
                       cedo_wait_for(&self->limit, CEDO_MS(20), cedo_join(&self->task.task)));
            p("%s", self->status < 0 ? py_error(self->status) : self->task.frame.result);
            p("cancelling %u inner %u", cancelling(), cedo_task_cancelling(&self->task.task));
        }
        cedo_await(cedo_yield_now());
        p("not interrupted");
    }
}

static void waitfor_inner_resists(void)
{
    PY_RUN(resists_main);
}

/* ------------------------------------------------------------- waitfor_race_result_timeout */

struct race_queue {
    cedo_queue_of(int, 4) q;
    int item;
};

static cedo_status race_put(void *arg)
{
    struct race_queue *const queue = arg;
    return cedo_queue_put_nowait(&queue->q.queue, &queue->item);
}

static void race_print(const char *name, cedo_status status, const char *value)
{
    if (status == CEDO_ETIMEDOUT) {
        p("%s %s; cancelling %u", name, py_error(status), cancelling());
    }
    else {
        p("%s %s", name, status < 0 ? py_error(status) : value);
    }
}

struct race_main {
    cedo_coro coro;
    cedo_timeout limit;
    cedo_event event;
    cedo_handle later, busy;
    struct sleeper job;
    cedo_task_of(sleeper) t;
    struct race_queue queue;
    int got;
    int status;
};

static cedo_async(race_main)
{
    cedo_body(struct race_main, self) {
        (void)cedo_call_later(&py_loop, &self->later, CEDO_MS(20), sets, &self->event);
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_MS(20), cedo_event_wait(&self->event)));
        race_print("event, equal deadlines", self->status, "True");
        cedo_event_clear(&self->event);
        (void)cedo_call_later(&py_loop, &self->later, CEDO_MS(20), sets, &self->event);
        (void)cedo_call_soon(&py_loop, &self->busy, blocks_100ms, &py_loop);
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_MS(40), cedo_event_wait(&self->event)));
        race_print("event, both overdue", self->status, "True");
        cedo_catch(self->status, cedo_wait_for(&self->limit, CEDO_MS(20),
                                               cedo_call(&self->job, sleeper, .d = CEDO_MS(20))));
        race_print("sleep armed after the limit", self->status, "value");
        (void)cedo_call_soon(&py_loop, &self->busy, blocks_100ms, &py_loop);
        cedo_catch(self->status, cedo_wait_for(&self->limit, CEDO_MS(40),
                                               cedo_call(&self->job, sleeper, .d = CEDO_MS(20))));
        race_print("sleep, both overdue", self->status, "value");
        (void)cedo_spawn(&self->t, sleeper, .d = CEDO_MS(20));
        cedo_await(cedo_yield_now());
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_MS(20), cedo_join(&self->t.task)));
        race_print("task that sleeps, equal deadlines", self->status, "value");
        p("cancelled %s", py_bool(cedo_task_cancelled(&self->t.task)));
        cedo_catch(self->status, cedo_wait_for(&self->limit, CEDO_MS(40),
                                               cedo_call(&self->job, sleeper, .d = CEDO_MS(20))));
        race_print("in time", self->status, "value");
        cedo_queue_init(&self->queue.q);
        self->queue.item = 7;
        (void)cedo_call_later(&py_loop, &self->later, CEDO_MS(20), race_put, &self->queue);
        cedo_catch(self->status, cedo_wait_for(&self->limit, CEDO_MS(20),
                                               cedo_queue_get(&self->queue.q.queue, &self->got)));
        race_print("queue, equal deadlines", self->status, "7");
        p("items left %zu", cedo_queue_size(&self->queue.q.queue));
    }
}

static void waitfor_race_result_timeout(void)
{
    PY_RUN(race_main);
}

/* ------------------------------------------------------------- waitfor_cancel_race */

/* An operation begins where it is awaited, so the waiter is told what to wait for. */
struct raced_waiter {
    cedo_coro coro;
    cedo_event *event;
    cedo_task *inner;
    cedo_timeout limit;
    int status;
};

static cedo_async(raced_waiter)
{
    cedo_body(struct raced_waiter, self) {
        cedo_catch(self->status, cedo_wait_for(&self->limit, CEDO_SECONDS(1),
                                               self->event ? cedo_event_wait(self->event)
                                                           : cedo_join(self->inner)));
        if (self->status < 0) {
            p("waiter %s", py_error(self->status));
            cedo_throw(self->status);
        }
        p("got it (wrong)");
    }
}

struct raced_main {
    cedo_coro coro;
    cedo_event event;
    cedo_task_of(raced_waiter) t;
    cedo_task_of(sleeper) inner;
    int status;
};

static cedo_async(raced_main)
{
    cedo_body(struct raced_main, self) {
        (void)cedo_spawn(&self->t, raced_waiter, .event = &self->event);
        cedo_await(cedo_yield_now());
        cedo_event_set(&self->event);
        p("cancel %s", py_bool(cedo_task_cancel(&self->t.task)));
        cedo_catch(self->status, cedo_join(&self->t.task));
        p("cancelled %s", py_bool(cedo_task_cancelled(&self->t.task)));
        cedo_event_clear(&self->event);
        (void)cedo_spawn(&self->t, raced_waiter, .event = &self->event);
        cedo_await(cedo_yield_now());
        p("cancel %s", py_bool(cedo_task_cancel(&self->t.task)));
        cedo_event_set(&self->event);
        cedo_catch(self->status, cedo_join(&self->t.task));
        p("cancelled %s", py_bool(cedo_task_cancelled(&self->t.task)));
        (void)cedo_spawn(&self->inner, sleeper, .d = 0);
        (void)cedo_spawn(&self->t, raced_waiter, .inner = &self->inner.task);
        cedo_await(cedo_yield_now());
        cedo_await(cedo_yield_now());
        self->status = cedo_task_done(&self->inner.task);
        p("inner done %s cancel %s", py_bool(self->status),
          py_bool(cedo_task_cancel(&self->t.task)));
        cedo_catch(self->status, cedo_join(&self->t.task));
        p("cancelled %s inner %s", py_bool(cedo_task_cancelled(&self->t.task)),
          py_bool(cedo_task_cancelled(&self->inner.task)));
    }
}

static void waitfor_cancel_race(void)
{
    PY_RUN(raced_main);
}

/* ------------------------------------------------------------- waitfor_then_timeout */

struct then_main {
    cedo_coro coro;
    cedo_timeout cm;
    cedo_guard guard;
    int limit;
    int status;
};

static cedo_async(then_main)
{
    cedo_body(struct then_main, self) {
        for (self->limit = 20; self->limit <= 40; self->limit += 20) {
            cedo_catch(self->status,
                       cedo_wait_for(&self->cm, CEDO_MS(self->limit), cedo_sleep_ms(30)));
            p("wait_for %d %s", self->limit, self->status < 0 ? py_error(self->status) : "in time");
            cedo_try (&self->guard) {
                cedo_with_timeout (&self->cm, CEDO_MS(self->limit)) {
                    cedo_await(cedo_sleep_ms(30));
                }
                p("timeout %d in time; expired %s", self->limit,
                  py_bool(cedo_timeout_expired(&self->cm)));
            }
            cedo_except (&self->guard)
                p("timeout %d %s; expired %s", self->limit, py_error(cedo_caught(&self->guard)),
                  py_bool(cedo_timeout_expired(&self->cm)));
        }
    }
}

static void waitfor_then_timeout(void)
{
    PY_RUN(then_main);
}

/* ------------------------------------------------------------- waitfor_basic */

struct future_main {
    cedo_coro coro;
    cedo_timeout limit;
    struct basic_job job;
    struct basic_bad bad;
    struct basic_who who;
    cedo_task_of(basic_job) t;
    cedo_future f;
    int status;
};

static cedo_async(future_main)
{
    cedo_body(struct future_main, self) {
        cedo_await(cedo_wait_for(&self->limit, CEDO_SECONDS(1), cedo_call(&self->who, basic_who)));
        p("a coroutine runs in the caller's own task %s",
          py_bool(self->who.result == cedo_current_task()));
        cedo_await(cedo_wait_for(&self->limit, CEDO_SECONDS(1),
                                 cedo_call(&self->job, basic_job, .d = CEDO_MS(10))));
        p("%s", self->job.result);
        cedo_await(cedo_wait_for(&self->limit, CEDO_FOREVER,
                                 cedo_call(&self->job, basic_job, .d = CEDO_MS(10))));
        p("%s", self->job.result);
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_SECONDS(1), cedo_call(&self->bad, basic_bad)));
        p("%s %s", py_error(self->status), self->bad.detail);
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_MS(20),
                                 cedo_call(&self->job, basic_job, .d = CEDO_SECONDS(10),
                                           .cleanup = CEDO_MS(40))));
        p("%s after the inner finished its cleanup", py_error(self->status));
        (void)cedo_spawn(&self->t, basic_job, .d = CEDO_SECONDS(10));
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_MS(20), cedo_join(&self->t.task)));
        p("task: %s; inner cancelled %s", py_error(self->status),
          py_bool(cedo_task_cancelled(&self->t.task)));
        p("cancelling %u", cancelling());
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_MS(20), cedo_future_wait(&self->f)));
        p("future: %s; cancelled %s", py_error(self->status),
          py_bool(cedo_future_cancelled(&self->f)));
    }
}

static void waitfor_basic(void)
{
    PY_RUN(future_main);
}

/* ------------------------------------------------------------- waitfor_zero */

struct zero_main {
    cedo_coro coro;
    cedo_timeout limit;
    cedo_future_of(const char *) f;
    cedo_future g;
    struct basic_body body;
    cedo_task_of(basic_late) late;
    const char *first;
    int seconds;
    int status;
};

static cedo_async(zero_main)
{
    cedo_body(struct zero_main, self) {
        (void)cedo_future_set_value(&self->f, "ready");
        cedo_await(cedo_wait_for(&self->limit, 0, cedo_future_wait(&self->f.future)));
        self->first = self->f.value;
        cedo_await(
            cedo_wait_for(&self->limit, CEDO_SECONDS(-1), cedo_future_wait(&self->f.future)));
        p("%s %s", self->first, self->f.value);
        for (self->seconds = 0; self->seconds >= -1; self->seconds--) {
            cedo_catch(self->status, cedo_wait_for(&self->limit, CEDO_SECONDS(self->seconds),
                                                   cedo_call(&self->body, basic_body)));
            p("coroutine: %s, not started", py_error(self->status));
            cedo_future_init(&self->g, &py_loop);
            cedo_catch(self->status, cedo_wait_for(&self->limit, CEDO_SECONDS(self->seconds),
                                                   cedo_future_wait(&self->g)));
            p("future: %s, cancelled %s", py_error(self->status),
              py_bool(cedo_future_cancelled(&self->g)));
        }
        (void)cedo_spawn(&self->late, basic_late);
        cedo_await(cedo_yield_now());
        cedo_await(cedo_wait_for(&self->limit, 0, cedo_join(&self->late.task)));
        p("%s", self->late.frame.result);
    }
}

static void waitfor_zero(void)
{
    PY_RUN(zero_main);
}

/* ------------------------------------------------------------- */

ORACLE_TABLE(waitfor) = {
    {"waitfor_basic", waitfor_basic},
    {"waitfor_basic_tasks", waitfor_basic_tasks},
    {"waitfor_cancel_race", waitfor_cancel_race},
    {"waitfor_inner_cancelled", waitfor_inner_cancelled},
    {"waitfor_inner_resists", waitfor_inner_resists},
    {"waitfor_outer_cancel", waitfor_outer_cancel},
    {"waitfor_race_result_timeout", waitfor_race_result_timeout},
    {"waitfor_then_timeout", waitfor_then_timeout},
    {"waitfor_zero", waitfor_zero},
    {NULL, NULL},
};
