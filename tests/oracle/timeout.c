/* Traces of timeouts around blocks. */
#include "oracle.h"

static const char *when_text(const cedo_timeout *timeout)
{
    return cedo_timeout_when(timeout, NULL) ? "set" : "None";
}

static unsigned cancelling(void)
{
    return cedo_task_cancelling(cedo_current_task());
}

/* time.sleep() in a callback. */
static cedo_status blocks_80ms(void *loop)
{
    cedo_sim_advance(loop, CEDO_MS(80));
    return CEDO_OK;
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

/* ------------------------------------------------------------- timeout_basic */

struct basic_main {
    cedo_coro coro;
    cedo_timeout cm;
    cedo_guard guard;
    int status;
};

static cedo_async(basic_main)
{
    cedo_body(struct basic_main, self) {
        cedo_try (&self->guard) {
            cedo_with_timeout (&self->cm, CEDO_MS(20)) {
                p("when set %s expired %s", py_bool(cedo_timeout_when(&self->cm, NULL)),
                  py_bool(cedo_timeout_expired(&self->cm)));
                cedo_catch(self->status, cedo_sleep_ms(10000));
                p("body sees %s; cancelling %u expired %s", py_error(self->status), cancelling(),
                  py_bool(cedo_timeout_expired(&self->cm)));
                cedo_throw(self->status);
            }
        }
        cedo_except (&self->guard)
            p("%s; expired %s cancelling %u", py_error(cedo_caught(&self->guard)),
              py_bool(cedo_timeout_expired(&self->cm)), cancelling());
        cedo_with_timeout (&self->cm, CEDO_MS(40)) {
            cedo_await(cedo_sleep_ms(10));
        }
        p("in time; expired %s", py_bool(cedo_timeout_expired(&self->cm)));
        cedo_await(cedo_sleep_ms(60));
        p("a finished timeout never fires later");
        cedo_with_timeout (&self->cm, CEDO_FOREVER) {
            p("None: when %s", when_text(&self->cm));
            cedo_await(cedo_sleep_ms(10));
        }
        p("None: expired %s", py_bool(cedo_timeout_expired(&self->cm)));
        cedo_try (&self->guard) {
            cedo_with_timeout_at(&self->cm, cedo_loop_time(&py_loop) + CEDO_MS(20))
            {
                cedo_await(cedo_sleep_ms(10000));
            }
        }
        cedo_except (&self->guard) p("timeout_at %s", py_error(cedo_caught(&self->guard)));
        cedo_try (&self->guard) {
            cedo_with_timeout (&self->cm, CEDO_MS(20)) cedo_throw(VALUE_ERROR);
        }
        cedo_except (&self->guard) {
            if (cedo_caught(&self->guard) == VALUE_ERROR) p("foreign exceptions pass");
        }
        p_not_applicable(
            "re-entering -> RuntimeError",
            "storage may be used again once its block was left; while it is open, that traps");
    }
}

static void timeout_basic(void)
{
    PY_RUN(basic_main);
}

/* ------------------------------------------------------------- timeout_external_cancel */

struct external_body {
    cedo_coro coro;
    cedo_duration d;
    cedo_timeout cm;
    cedo_guard guard;
};

static cedo_async(external_body)
{
    cedo_body(struct external_body, self) {
        cedo_try_all (&self->guard) {
            cedo_with_timeout (&self->cm, self->d) {
                cedo_await(cedo_sleep_ms(10000));
            }
        }
        cedo_except (&self->guard) {
            if (cedo_caught(&self->guard) == CEDO_ETIMEDOUT) {
                p("TimeoutError");
            }
            else {
                p("%s; expired %s cancelling %u", py_error(cedo_caught(&self->guard)),
                  py_bool(cedo_timeout_expired(&self->cm)), cancelling());
                cedo_rethrow(&self->guard);
            }
        }
    }
}

static cedo_status external_blocks_and_cancels(void *task)
{
    cedo_sim_advance(&py_loop, CEDO_MS(40));
    return cancels(task);
}

struct external_main {
    cedo_coro coro;
    cedo_task_of(external_body) t;
    cedo_handle soon, later;
    int status;
};

static cedo_async(external_main)
{
    cedo_body(struct external_main, self) {
        p("- cancelled before the deadline");
        (void)cedo_spawn(&self->t, external_body, .d = CEDO_SECONDS(10));
        cedo_await(cedo_sleep_ms(10));
        (void)cedo_task_cancel(&self->t.task);
        cedo_catch(self->status, cedo_join(&self->t.task));
        p("cancelled %s", py_bool(cedo_task_cancelled(&self->t.task)));
        p("- cancelled in the same iteration, just before the deadline callback");
        (void)cedo_spawn(&self->t, external_body, .d = CEDO_MS(20));
        cedo_await(cedo_yield_now());
        (void)cedo_call_soon(&py_loop, &self->soon, external_blocks_and_cancels, &self->t.task);
        cedo_catch(self->status, cedo_join(&self->t.task));
        p("cancelled %s", py_bool(cedo_task_cancelled(&self->t.task)));
        p("- deadline first, then cancelled before the task resumes");
        (void)cedo_spawn(&self->t, external_body, .d = CEDO_MS(20));
        cedo_await(cedo_yield_now());
        (void)cedo_call_later(&py_loop, &self->later, CEDO_MS(30), cancels, &self->t.task);
        (void)cedo_call_soon(&py_loop, &self->soon, blocks_80ms, &py_loop);
        cedo_catch(self->status, cedo_join(&self->t.task));
        p("cancelled %s", py_bool(cedo_task_cancelled(&self->t.task)));
    }
}

static void timeout_external_cancel(void)
{
    PY_RUN(external_main);
}

/* ------------------------------------------------------------- timeout_reschedule */

struct reschedule_main {
    cedo_coro coro;
    cedo_timeout cm, fresh;
    cedo_guard guard;
};

static cedo_async(reschedule_main)
{
    cedo_body(struct reschedule_main, self) {
        cedo_with_timeout (&self->cm, CEDO_MS(20)) {
            (void)cedo_timeout_reschedule(&self->cm, cedo_loop_time(&py_loop) + CEDO_SECONDS(10));
            cedo_await(cedo_sleep_ms(40));
            p("extended: still here");
            (void)cedo_timeout_remove(&self->cm);
            p("when %s", when_text(&self->cm));
        }
        cedo_try (&self->guard) {
            cedo_with_timeout (&self->cm, CEDO_FOREVER) {
                (void)cedo_timeout_reschedule(&self->cm, cedo_loop_time(&py_loop) + CEDO_MS(20));
                cedo_await(cedo_sleep_ms(10000));
            }
        }
        cedo_except (&self->guard) p("armed late: %s", py_error(cedo_caught(&self->guard)));
        cedo_try (&self->guard) {
            cedo_with_timeout (&self->cm, CEDO_SECONDS(10)) {
                (void)cedo_timeout_reschedule(&self->cm,
                                              cedo_loop_time(&py_loop) - CEDO_SECONDS(1));
                p("past deadline: body continues until it suspends");
                cedo_await(cedo_sleep_ms(50));
                p("never");
            }
        }
        cedo_except (&self->guard) p("past: %s", py_error(cedo_caught(&self->guard)));
        if (cedo_timeout_remove(&self->cm) == CEDO_ESTATE)
            p("reschedule after expiry -> RuntimeError");
        if (cedo_timeout_remove(&self->fresh) == CEDO_ESTATE)
            p("reschedule before entering -> RuntimeError");
    }
}

static void timeout_reschedule(void)
{
    PY_RUN(reschedule_main);
}

/* ------------------------------------------------------------- timeout_swallowed */

struct swallowed_main {
    cedo_coro coro;
    cedo_timeout cm;
    cedo_guard guard;
    const char *detail; /* what the exception carries */
    int status;
};

static cedo_async(swallowed_main)
{
    cedo_body(struct swallowed_main, self) {
        cedo_with_timeout (&self->cm, CEDO_MS(20)) {
            cedo_catch(self->status, cedo_sleep_ms(10000));
            if (self->status == CEDO_ECANCELED) p("swallowed");
            cedo_await(cedo_sleep_ms(10));
            p("body continues unlimited; cancelling %u", cancelling());
        }
        p("no error; expired %s cancelling %u", py_bool(cedo_timeout_expired(&self->cm)),
          cancelling());
        cedo_try (&self->guard) {
            cedo_with_timeout (&self->cm, CEDO_MS(20)) {
                cedo_catch(self->status, cedo_sleep_ms(10000));
                if (self->status == CEDO_ECANCELED) {
                    self->detail = "replaced";
                    cedo_throw(VALUE_ERROR);
                }
            }
        }
        cedo_except (&self->guard)
            p("%s %s expired %s cancelling %u", py_error(cedo_caught(&self->guard)), self->detail,
              py_bool(cedo_timeout_expired(&self->cm)), cancelling());
    }
}

static void timeout_swallowed(void)
{
    PY_RUN(swallowed_main);
}

/* ------------------------------------------------------------- timeout_zero */

struct zero_leaf {
    cedo_coro coro;
    int result;
};

static cedo_async(zero_leaf)
{
    cedo_body(struct zero_leaf, self) {
        cedo_return(self->result = 3);
    }
}

struct zero_main {
    cedo_coro coro;
    cedo_timeout cm;
    cedo_guard guard;
    struct zero_leaf leaf;
    cedo_task_of(zero_leaf) done;
    int delay;
};

static cedo_async(zero_main)
{
    cedo_body(struct zero_main, self) {
        for (self->delay = 0; self->delay >= -1; self->delay--) {
            cedo_try (&self->guard) {
                cedo_with_timeout (&self->cm, CEDO_SECONDS(self->delay)) {
                    p("body starts; expired %s", py_bool(cedo_timeout_expired(&self->cm)));
                    cedo_await(cedo_call(&self->leaf, zero_leaf));
                    p("not suspended %d", self->leaf.result);
                    cedo_await(cedo_yield_now());
                    p("never");
                }
            }
            cedo_except (&self->guard)
                p("%s; expired %s cancelling %u", py_error(cedo_caught(&self->guard)),
                  py_bool(cedo_timeout_expired(&self->cm)), cancelling());
        }
        cedo_try (&self->guard) {
            cedo_with_timeout_at(&self->cm, cedo_loop_time(&py_loop) - CEDO_SECONDS(5))
            {
                cedo_await(cedo_sleep_ms(10000));
            }
        }
        cedo_except (&self->guard) p("timeout_at %s", py_error(cedo_caught(&self->guard)));
        cedo_with_timeout (&self->cm, 0) {
            cedo_await(cedo_call(&self->leaf, zero_leaf));
        }
        p("never suspended; expired %s", py_bool(cedo_timeout_expired(&self->cm)));
        cedo_await(cedo_yield_now());
        cedo_await(cedo_yield_now());
        p("and not later; cancelling %u", cancelling());
        (void)cedo_spawn(&self->done, zero_leaf);
        cedo_await(cedo_yield_now());
        cedo_with_timeout (&self->cm, 0) {
            cedo_await(cedo_join(&self->done.task));
            p("a done task %d", self->done.frame.result);
        }
    }
}

static void timeout_zero(void)
{
    PY_RUN(zero_main);
}

/* ------------------------------------------------------------- timeout_nested */

struct nested_both {
    cedo_coro coro;
    int outer, inner, busy;
    cedo_timeout a, b;
    cedo_guard around, within;
    cedo_handle soon;
};

static void nested_print(const struct nested_both *self, const char *block, cedo_status status)
{
    p("%s block %s cancelling %u expired %s %s", block, py_error(status), cancelling(),
      py_bool(cedo_timeout_expired(&self->a)), py_bool(cedo_timeout_expired(&self->b)));
}

static cedo_async(nested_both)
{
    cedo_body(struct nested_both, self) {
        if (self->busy) (void)cedo_call_soon(&py_loop, &self->soon, blocks_100ms, &py_loop);
        cedo_try_all (&self->around) {
            cedo_with_timeout (&self->a, CEDO_MS(self->outer)) {
                cedo_try_all (&self->within) {
                    cedo_with_timeout (&self->b, CEDO_MS(self->inner)) {
                        cedo_await(cedo_sleep_ms(10000));
                    }
                }
                cedo_except (&self->within) {
                    nested_print(self, "inner", cedo_caught(&self->within));
                    cedo_rethrow(&self->within);
                }
            }
        }
        cedo_except (&self->around) nested_print(self, "outer", cedo_caught(&self->around));
    }
}

static const struct {
    int outer, inner, busy;
} nested_cases[] = {{10000, 20, 0}, {20, 10000, 0}, {20, 40, 1}, {40, 20, 1}, {20, 20, 0}};

struct nested_main {
    cedo_coro coro;
    unsigned i;
    cedo_task_of(nested_both) t;
    cedo_timeout a, b;
    cedo_guard around, within;
};

static cedo_async(nested_main)
{
    cedo_body(struct nested_main, self) {
        for (self->i = 0; self->i < 5; self->i++) {
            p("- outer %d inner %d busy %d", nested_cases[self->i].outer,
              nested_cases[self->i].inner, nested_cases[self->i].busy);
            (void)cedo_spawn(&self->t, nested_both, .outer = nested_cases[self->i].outer,
                             .inner = nested_cases[self->i].inner,
                             .busy = nested_cases[self->i].busy);
            cedo_await(cedo_join(&self->t.task));
        }
        p("- the inner caught, the outer goes on");
        cedo_try (&self->around) {
            cedo_with_timeout (&self->a, CEDO_MS(60)) {
                cedo_try (&self->within) {
                    cedo_with_timeout (&self->b, CEDO_MS(20)) {
                        cedo_await(cedo_sleep_ms(10000));
                    }
                }
                cedo_except (&self->within) p("inner %s", py_error(cedo_caught(&self->within)));
                cedo_await(cedo_sleep_ms(20));
                p("in time %s", py_bool(cedo_timeout_expired(&self->a)));
                cedo_await(cedo_sleep_ms(10000));
            }
        }
        cedo_except (&self->around)
            p("outer %s %s", py_error(cedo_caught(&self->around)),
              py_bool(cedo_timeout_expired(&self->a)));
    }
}

static void timeout_nested(void)
{
    PY_RUN(nested_main);
}

/* ------------------------------------------------------------- timeout_busy_sleep */

struct busy_main {
    cedo_coro coro;
    cedo_timeout cm;
    cedo_guard guard;
    cedo_handle busy, set;
    cedo_event event;
};

static cedo_async(busy_main)
{
    cedo_body(struct busy_main, self) {
        (void)cedo_call_soon(&py_loop, &self->busy, blocks_100ms, &py_loop);
        cedo_try (&self->guard) {
            cedo_with_timeout (&self->cm, CEDO_MS(40)) {
                cedo_await(cedo_sleep_ms(20));
                p("in time");
            }
        }
        cedo_except (&self->guard)
            p("%s; expired %s", py_error(cedo_caught(&self->guard)),
              py_bool(cedo_timeout_expired(&self->cm)));
        (void)cedo_call_later(&py_loop, &self->set, CEDO_MS(20), sets, &self->event);
        (void)cedo_call_soon(&py_loop, &self->busy, blocks_100ms, &py_loop);
        cedo_try (&self->guard) {
            cedo_with_timeout (&self->cm, CEDO_MS(40)) {
                cedo_await(cedo_event_wait(&self->event));
                p("in time");
            }
        }
        cedo_except (&self->guard)
            p("%s; expired %s event %s", py_error(cedo_caught(&self->guard)),
              py_bool(cedo_timeout_expired(&self->cm)), py_bool(cedo_event_is_set(&self->event)));
        (void)cedo_call_soon(&py_loop, &self->busy, blocks_100ms, &py_loop);
        cedo_with_timeout (&self->cm, CEDO_MS(40)) {
            cedo_await(cedo_yield_now());
            p("a yield is over before the next look at the clock");
            (void)cedo_timeout_remove(&self->cm);
            cedo_await(cedo_yield_now());
        }
        p("expired %s", py_bool(cedo_timeout_expired(&self->cm)));
    }
}

static void timeout_busy_sleep(void)
{
    PY_RUN(busy_main);
}

/* ------------------------------------------------------------- timeout_in_finally */

struct finally_body {
    cedo_coro coro;
    cedo_timeout cm;
    cedo_guard guard;
};

static cedo_async(finally_body)
{
    cedo_body(struct finally_body, self) {
        cedo_await(cedo_sleep_ms(10000));
    cedo_finally:
        p("finally; cancelling %u", cancelling());
        cedo_try (&self->guard) {
            cedo_with_timeout (&self->cm, CEDO_MS(20)) {
                cedo_await(cedo_sleep_ms(10000));
            }
        }
        cedo_except (&self->guard)
            p("%s in finally; cancelling %u expired %s", py_error(cedo_caught(&self->guard)),
              cancelling(), py_bool(cedo_timeout_expired(&self->cm)));
        cedo_try (&self->guard)
            cedo_await(cedo_wait_for(&self->cm, CEDO_MS(20), cedo_sleep_ms(10000)));
        cedo_except (&self->guard) {
            if (cedo_caught(&self->guard) == CEDO_ETIMEDOUT)
                p("wait_for in finally; cancelling %u", cancelling());
        }
    }
}

struct finally_main {
    cedo_coro coro;
    cedo_task_of(finally_body) t;
    int status;
};

static cedo_async(finally_main)
{
    cedo_body(struct finally_main, self) {
        (void)cedo_spawn(&self->t, finally_body);
        cedo_await(cedo_sleep_ms(10));
        (void)cedo_task_cancel(&self->t.task);
        cedo_catch(self->status, cedo_join(&self->t.task));
        p("cancelled %s cancelling %u", py_bool(cedo_task_cancelled(&self->t.task)),
          cedo_task_cancelling(&self->t.task));
    }
}

static void timeout_in_finally(void)
{
    PY_RUN(finally_main);
}

/* ------------------------------------------------------------- timeout_self_cancel */

struct own_cancel {
    cedo_coro coro;
    cedo_timeout cm;
};

static cedo_async(own_cancel)
{
    cedo_body(struct own_cancel, self) {
        cedo_with_timeout (&self->cm, CEDO_SECONDS(10)) {
            (void)cedo_task_cancel(cedo_current_task());
            p("still inside");
        }
        p("left; cancelling %u", cancelling());
        cedo_await(cedo_yield_now());
        p("never");
    }
}

struct own_swallowed {
    cedo_coro coro;
    cedo_timeout cm;
    cedo_guard guard;
    int status;
};

static cedo_async(own_swallowed)
{
    cedo_body(struct own_swallowed, self) {
        cedo_catch(self->status, cedo_sleep_ms(10000));
        if (self->status == CEDO_ECANCELED) p("swallowed; cancelling %u", cancelling());
        cedo_try (&self->guard) {
            cedo_with_timeout (&self->cm, CEDO_MS(20)) {
                cedo_await(cedo_sleep_ms(10000));
            }
        }
        cedo_except (&self->guard)
            p("%s; cancelling %u", py_error(cedo_caught(&self->guard)), cancelling());
    }
}

struct own_raises {
    cedo_coro coro;
    cedo_timeout cm;
    cedo_guard guard;
};

static cedo_async(own_raises)
{
    cedo_body(struct own_raises, self) {
        cedo_try_all (&self->guard) {
            cedo_with_timeout (&self->cm, CEDO_SECONDS(10)) cedo_throw(CEDO_ECANCELED);
        }
        cedo_except (&self->guard)
            p("unprompted %s; expired %s", py_error(cedo_caught(&self->guard)),
              py_bool(cedo_timeout_expired(&self->cm)));
        cedo_throw(CEDO_ECANCELED);
    }
}

static void own_print(const cedo_task *task)
{
    p("cancelled %s cancelling %u", py_bool(cedo_task_cancelled(task)), cedo_task_cancelling(task));
}

struct own_main {
    cedo_coro coro;
    cedo_task_of(own_cancel) a;
    cedo_task_of(own_swallowed) b;
    cedo_task_of(own_raises) c;
    int status;
};

static cedo_async(own_main)
{
    cedo_body(struct own_main, self) {
        (void)cedo_spawn(&self->a, own_cancel);
        cedo_await(cedo_yield_now());
        cedo_catch(self->status, cedo_join(&self->a.task));
        own_print(&self->a.task);
        (void)cedo_spawn(&self->b, own_swallowed);
        cedo_await(cedo_yield_now());
        (void)cedo_task_cancel(&self->b.task);
        cedo_catch(self->status, cedo_join(&self->b.task));
        own_print(&self->b.task);
        (void)cedo_spawn(&self->c, own_raises);
        cedo_await(cedo_yield_now());
        cedo_catch(self->status, cedo_join(&self->c.task));
        own_print(&self->c.task);
    }
}

static void timeout_self_cancel(void)
{
    PY_RUN(own_main);
}

/* ------------------------------------------------------------- timeout_blocks_in_a_row */

struct row_main {
    cedo_coro coro;
    cedo_timeout cm, inner;
    cedo_guard guard;
    int n;
};

static cedo_async(row_main)
{
    cedo_body(struct row_main, self) {
        cedo_try (&self->guard) p("first");
        cedo_except (&self->guard) p("never");
        cedo_try (&self->guard) p("second");
        cedo_except (&self->guard) p("never");
        cedo_with_timeout (&self->cm, CEDO_SECONDS(1)) {
            p("third");
            cedo_try (&self->guard) p("inside");
            cedo_except (&self->guard) p("never");
            cedo_with_timeout (&self->inner, CEDO_SECONDS(1)) p("and a block after it");
        }
        for (self->n = 0; self->n < 2; self->n++) {
            cedo_try (&self->guard) {
                p("round %d", self->n);
                if (self->n == 0) continue;
                cedo_throw(VALUE_ERROR);
            }
            cedo_except (&self->guard) p("caught");
        }
        p("last");
    cedo_finally:
        cedo_try (&self->guard) p("finally, first");
        cedo_except (&self->guard) p("never");
        cedo_try (&self->guard) p("finally, second");
        cedo_except (&self->guard) p("never");
    }
}

static void timeout_blocks_in_a_row(void)
{
    PY_RUN(row_main);
}

/* ------------------------------------------------------------- */

ORACLE_TABLE(timeout) = {
    {"timeout_basic", timeout_basic},
    {"timeout_blocks_in_a_row", timeout_blocks_in_a_row},
    {"timeout_busy_sleep", timeout_busy_sleep},
    {"timeout_external_cancel", timeout_external_cancel},
    {"timeout_in_finally", timeout_in_finally},
    {"timeout_nested", timeout_nested},
    {"timeout_reschedule", timeout_reschedule},
    {"timeout_self_cancel", timeout_self_cancel},
    {"timeout_swallowed", timeout_swallowed},
    {"timeout_zero", timeout_zero},
    {NULL, NULL},
};
