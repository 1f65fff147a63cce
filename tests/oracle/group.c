/* Traces of groups, and of waiting for several: TaskGroup, gather, wait, as_completed. */
#include "oracle.h"

#include <stdio.h>

static unsigned cancelling(void)
{
    return cedo_task_cancelling(cedo_current_task());
}

static cedo_status cancels(void *task)
{
    (void)cedo_task_cancel(task);
    return CEDO_OK;
}

/* ------------------------------------------------------------- a job, as most traces have it */

struct job {
    cedo_coro coro;
    const char *name;
    cedo_duration d;
    int error;
    cedo_duration cleanup;
    int cleanup_error;
    int status;
};

typedef cedo_task_of(job) job_task;

/* The job of our own programs. */
static cedo_async(job)
{
    cedo_body(struct job, self) {
        cedo_catch(self->status, cedo_sleep(self->d));
        if (self->status == CEDO_ECANCELED) {
            cedo_await(cedo_sleep(self->cleanup));
            p("job %s cancelled", self->name);
            cedo_throw(self->cleanup_error ? self->cleanup_error : CEDO_ECANCELED);
        }
        p("job %s %s", self->name, self->error ? "fails" : "ends");
        if (self->error) cedo_throw(self->error);
    }
}

/* ('ValueError', 'a'), for each error of a group of jobs; `body` is that of its body. */
static const char *show(const cedo_group *group, const char *body)
{
    static char texts[2][256];
    static unsigned turn;
    char *const text = texts[turn++ % 2];
    int length = snprintf(text, sizeof texts[0], "[");
    for (cedo_task *task = NULL; (task = cedo_group_next_failed(group, task)) != NULL;)
        length += snprintf(text + length, sizeof texts[0] - (size_t)length, "%s('%s', '%s')",
                           length > 1 ? ", " : "", py_error(cedo_task_result(task)),
                           CEDO_CONTAINER_(task, job_task, task)->frame.name);
    if (cedo_group_body_error(group) < 0)
        length += snprintf(text + length, sizeof texts[0] - (size_t)length, "%s%s",
                           length > 1 ? ", " : "", body);
    (void)snprintf(text + length, sizeof texts[0] - (size_t)length, "]");
    return text;
}

static const char *done_text(const job_task *jobs, int count)
{
    static char text[64];
    int length = 0;
    for (int i = 0; i < count; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, "%s%s", i ? ", " : "",
                           py_bool(cedo_task_done(&jobs[i].task)));
    return text;
}

/* ------------------------------------------------------------- taskgroup_success */

struct quiet {
    cedo_coro coro;
    const char *name;
    cedo_duration d;
};

static cedo_async(quiet)
{
    cedo_body(struct quiet, self) {
        cedo_await(cedo_sleep(self->d));
        p("job %s", self->name);
    }
}

struct spawner {
    cedo_coro coro;
    cedo_group *tg;
    cedo_task_of(quiet) late;
};

static cedo_async(spawner)
{
    cedo_body(struct spawner, self) {
        cedo_await(cedo_sleep_ms(20));
        (void)cedo_group_spawn(self->tg, &self->late, quiet, .name = "late sibling",
                               .d = CEDO_MS(40));
        p("spawner done");
    }
}

struct success_main {
    cedo_coro coro;
    cedo_group tg, empty;
    cedo_task_of(quiet) a, b;
    cedo_task_of(spawner) s;
};

static cedo_async(success_main)
{
    cedo_body(struct success_main, self) {
        cedo_with_group (&self->tg) {
            (void)cedo_group_spawn(&self->tg, &self->a, quiet, .name = "a", .d = CEDO_MS(40));
            (void)cedo_group_spawn_named("bee", &self->tg, &self->b, quiet, .name = "b",
                                         .d = CEDO_MS(10));
            (void)cedo_group_spawn(&self->tg, &self->s, spawner, .tg = &self->tg);
            p("body end %s", cedo_task_name(&self->b.task));
        }
        p("after %s %s", self->a.frame.name, self->b.frame.name);
        if (cedo_group_spawn(&self->tg, &self->a, quiet, .name = "x") == CEDO_ECLOSED)
            p("create_task after the block -> RuntimeError");
        cedo_with_group (&self->empty) p("empty group");
        p("empty group exits at once");
        p_not_applicable("re-entering -> RuntimeError",
                         "a group may be used again once it was left; while it is open, that "
                         "traps");
        p_not_applicable("create_task before entering -> RuntimeError",
                         "the first spawn opens the group for the running coroutine");
    }
}

static void taskgroup_success(void)
{
    PY_RUN(success_main);
}

/* ------------------------------------------------------------- taskgroup_child_failure_in_body */

static int cancelled_count;

struct sibling {
    cedo_coro coro;
    int n;
    int status;
};

static cedo_async(sibling)
{
    cedo_body(struct sibling, self) {
        cedo_catch(self->status, cedo_sleep_ms(10000));
        cancelled_count++;
        cedo_await(cedo_sleep_ms(20 * self->n));
        p("sibling %d cleaned up; siblings cancelled %s", self->n,
          cancelled_count == 2 ? "[1, 2]" : "not both");
        cedo_throw(self->status);
    }
}

struct bad {
    cedo_coro coro;
    bool is_quiet;
};

static cedo_async(bad)
{
    cedo_body(struct bad, self) {
        cedo_await(cedo_sleep_ms(20));
        if (!self->is_quiet) p("bad raises");
        cedo_throw(VALUE_ERROR);
    }
}

struct in_body_main {
    cedo_coro coro;
    cedo_group tg;
    cedo_guard guard;
    cedo_task_of(sibling) s2, s1;
    cedo_task_of(bad) bad;
    int status;
};

static cedo_async(in_body_main)
{
    cedo_body(struct in_body_main, self) {
        cedo_try (&self->guard) {
            cedo_with_group (&self->tg) {
                (void)cedo_group_spawn(&self->tg, &self->s2, sibling, .n = 2);
                (void)cedo_group_spawn(&self->tg, &self->bad, bad, .is_quiet = false);
                (void)cedo_group_spawn(&self->tg, &self->s1, sibling, .n = 1);
                cedo_catch(self->status, cedo_sleep_ms(10000));
                p("body interrupted; cancelling %u", cancelling());
                cedo_throw(self->status);
            }
        }
        cedo_except (&self->guard) {
            if (cedo_group_failed(&self->tg) == 1 &&
                cedo_group_next_failed(&self->tg, NULL) == &self->bad.task)
                p("group of [('%s', 'bad')]", py_error(cedo_caught(&self->guard)));
        }
        p("cancelling after %u sibling cancelled %s", cancelling(),
          py_bool(cedo_task_cancelled(&self->s1.task)));
        cedo_await(cedo_yield_now());
        p("main goes on");
    }
}

static void taskgroup_child_failure_in_body(void)
{
    cancelled_count = 0;
    PY_RUN(in_body_main);
}

/* ------------------------------------------------------------- taskgroup_child_failure_at_exit */

/* Its `bad` and `bad_on_cancel`. */
struct exit_job {
    cedo_coro coro;
    const char *name;
    cedo_duration d;
    bool on_cancel;
    int status;
};

typedef cedo_task_of(exit_job) exit_task;

static cedo_async(exit_job)
{
    cedo_body(struct exit_job, self) {
        if (self->on_cancel) {
            cedo_catch(self->status, cedo_sleep_ms(10000));
            cedo_await(cedo_sleep(self->d));
            p("after cancel, raise %s", self->name);
            cedo_throw(KEY_ERROR);
        }
        cedo_await(cedo_sleep(self->d));
        p("raise %s", self->name);
        cedo_throw(VALUE_ERROR);
    }
}

struct at_exit_main {
    cedo_coro coro;
    cedo_group tg;
    cedo_guard guard;
    exit_task t[4];
    int status;
};

static cedo_async(at_exit_main)
{
    cedo_body(struct at_exit_main, self) {
        cedo_try (&self->guard) {
            cedo_with_group (&self->tg) {
                (void)cedo_group_spawn(&self->tg, &self->t[0], exit_job, .name = "k1",
                                       .d = CEDO_MS(60), .on_cancel = true);
                (void)cedo_group_spawn(&self->tg, &self->t[1], exit_job, .name = "v1",
                                       .d = CEDO_MS(20));
                (void)cedo_group_spawn(&self->tg, &self->t[2], exit_job,
                                       .name = "v2 is cancelled instead", .d = CEDO_MS(40));
                (void)cedo_group_spawn(&self->tg, &self->t[3], exit_job, .name = "k2",
                                       .d = CEDO_MS(30), .on_cancel = true);
                p("body ends normally");
            }
        }
        cedo_except (&self->guard) {
            char text[256] = "";
            for (cedo_task *task = NULL;
                 (task = cedo_group_next_failed(&self->tg, task)) != NULL;) {
                const size_t length = strlen(text);
                (void)snprintf(text + length, sizeof text - length, "%s('%s', '%s')",
                               length ? ", " : "", py_error(cedo_task_result(task)),
                               CEDO_CONTAINER_(task, exit_task, task)->frame.name);
            }
            p("errors [%s]", text);
        }
        p("cancelling %u", cancelling());
    }
}

static void taskgroup_child_failure_at_exit(void)
{
    PY_RUN(at_exit_main);
}

/* ------------------------------------------------------------- taskgroup_child_cancelled */

struct told_job {
    cedo_coro coro;
    const char *name;
    cedo_duration d;
    int status;
};

static cedo_async(told_job)
{
    cedo_body(struct told_job, self) {
        cedo_catch(self->status, cedo_sleep(self->d));
        p("job %s %s", self->name, self->status < 0 ? "cancelled" : "finished");
        if (self->status < 0) cedo_throw(self->status);
    }
}

struct raises_cancelled {
    cedo_coro coro;
};

static cedo_async(raises_cancelled)
{
    cedo_body(struct raises_cancelled, self) {
        p("raises CancelledError by itself");
        cedo_throw(CEDO_ECANCELED);
    }
}

struct child_cancelled_main {
    cedo_coro coro;
    cedo_group tg;
    cedo_task_of(told_job) a, b;
    cedo_task_of(raises_cancelled) r;
};

static cedo_async(child_cancelled_main)
{
    cedo_body(struct child_cancelled_main, self) {
        cedo_with_group (&self->tg) {
            (void)cedo_group_spawn(&self->tg, &self->a, told_job, .name = "a",
                                   .d = CEDO_SECONDS(10));
            (void)cedo_group_spawn(&self->tg, &self->b, told_job, .name = "b", .d = CEDO_MS(40));
            (void)cedo_group_spawn(&self->tg, &self->r, raises_cancelled);
            cedo_await(cedo_sleep_ms(20));
            (void)cedo_task_cancel(&self->a.task);
        }
        p("no error; a cancelled %s cancelling %u", py_bool(cedo_task_cancelled(&self->a.task)),
          cancelling());
    }
}

static void taskgroup_child_cancelled(void)
{
    PY_RUN(child_cancelled_main);
}

/* ------------------------------------------------------------- taskgroup_body_exception */

struct cleans {
    cedo_coro coro;
    int n;
    const char *text; /* "child %d %s" */
    bool error;
    int status;
};

typedef cedo_task_of(cleans) cleans_task;

static cedo_async(cleans)
{
    cedo_body(struct cleans, self) {
        cedo_catch(self->status, cedo_sleep_ms(10000));
        cedo_await(cedo_sleep_ms(20 * self->n));
        p("child %d %s", self->n, self->text);
        cedo_throw(self->error ? (int)VALUE_ERROR : self->status);
    }
}

struct body_main {
    cedo_coro coro;
    cedo_group tg;
    cedo_guard guard;
    cleans_task a, b;
};

static cedo_async(body_main)
{
    cedo_body(struct body_main, self) {
        cedo_try (&self->guard) {
            cedo_with_group (&self->tg) {
                (void)cedo_group_spawn(&self->tg, &self->a, cleans, .n = 1, .text = "cancelled");
                (void)cedo_group_spawn(&self->tg, &self->b, cleans, .n = 2, .text = "cancelled",
                                       .error = true);
                cedo_await(cedo_yield_now());
                p("body raises");
                cedo_throw(KEY_ERROR);
            }
        }
        cedo_except (&self->guard) {
            const cedo_task *const task = cedo_group_next_failed(&self->tg, NULL);
            if (task == &self->b.task && cedo_group_failed(&self->tg) == 2)
                p("[('%s', %d), ('%s', 'body')]", py_error(cedo_task_result(task)), self->b.frame.n,
                  py_error(cedo_group_body_error(&self->tg)));
        }
        p("a child that never started is cancelled silently:");
        cedo_try (&self->guard) {
            cedo_with_group (&self->tg) {
                (void)cedo_group_spawn(&self->tg, &self->a, cleans, .n = 3, .error = true);
                cedo_throw(KEY_ERROR);
            }
        }
        cedo_except (&self->guard) {
            if (cedo_group_failed(&self->tg) == 1)
                p("[('%s', 'early')]", py_error(cedo_group_body_error(&self->tg)));
        }
    }
}

static void taskgroup_body_exception(void)
{
    PY_RUN(body_main);
}

/* ------------------------------------------------------------- taskgroup_external_cancel */

struct external_parent {
    cedo_coro coro;
    bool body_waits;
    cedo_group tg;
    cedo_guard guard;
    cleans_task a, b;
    int status;
};

static cedo_async(external_parent)
{
    cedo_body(struct external_parent, self) {
        cedo_try_all (&self->guard) {
            cedo_with_group (&self->tg) {
                (void)cedo_group_spawn(&self->tg, &self->a, cleans, .n = 1, .text = "cleaned up");
                (void)cedo_group_spawn(&self->tg, &self->b, cleans, .n = 2, .text = "cleaned up");
                if (self->body_waits) {
                    cedo_catch(self->status, cedo_sleep_ms(10000));
                    p("body interrupted");
                    cedo_throw(self->status);
                }
            }
        }
        cedo_except (&self->guard) {
            p("parent: %s; cancelling %u", py_error(cedo_caught(&self->guard)), cancelling());
            cedo_rethrow(&self->guard);
        }
    }
}

struct external_main {
    cedo_coro coro;
    cedo_task_of(external_parent) t;
    cedo_set set;
    cedo_member m;
    int i;
};

static cedo_async(external_main)
{
    cedo_body(struct external_main, self) {
        for (self->i = 0; self->i < 2; self->i++) {
            (void)cedo_spawn(&self->t, external_parent, .body_waits = self->i == 0);
            cedo_await(cedo_sleep_ms(20));
            (void)cedo_task_cancel(&self->t.task);
            (void)cedo_set_add_task(&self->set, &self->m, &self->t.task);
            cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_FOREVER));
            cedo_set_clear(&self->set);
            p("cancelled %s", py_bool(cedo_task_cancelled(&self->t.task)));
        }
    }
}

static void taskgroup_external_cancel(void)
{
    PY_RUN(external_main);
}

/* ------------------------------------------------------------- taskgroup_cancelled_twice */

struct stubborn {
    cedo_coro coro;
    int n, status;
};

static cedo_async(stubborn)
{
    cedo_body(struct stubborn, self) {
        for (;;) {
            cedo_catch(self->status, cedo_sleep_ms(60));
            if (self->status == 0) {
                p("child ends after %d cancel requests", self->n);
                cedo_return();
            }
            p("child refuses request %d", ++self->n);
        }
    }
}

struct twice_parent {
    cedo_coro coro;
    cedo_group tg;
    cedo_task_of(stubborn) child;
};

static cedo_async(twice_parent)
{
    cedo_body(struct twice_parent, self) {
        cedo_with_group (&self->tg) (void)cedo_group_spawn(&self->tg, &self->child, stubborn);
    }
}

struct twice_main {
    cedo_coro coro;
    cedo_task_of(twice_parent) t;
    cedo_set set;
    cedo_member m;
};

static cedo_async(twice_main)
{
    cedo_body(struct twice_main, self) {
        (void)cedo_spawn(&self->t, twice_parent);
        cedo_await(cedo_sleep_ms(20));
        (void)cedo_task_cancel(&self->t.task);
        cedo_await(cedo_sleep_ms(20));
        p("parent done %s", py_bool(cedo_task_done(&self->t.task)));
        (void)cedo_task_cancel(&self->t.task);
        (void)cedo_set_add_task(&self->set, &self->m, &self->t.task);
        cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_FOREVER));
        p("cancelled %s cancelling %u", py_bool(cedo_task_cancelled(&self->t.task)),
          cedo_task_cancelling(&self->t.task));
    }
}

static void taskgroup_cancelled_twice(void)
{
    PY_RUN(twice_main);
}

/* ------------------------------------------------------------- taskgroup_create_while_aborting */

struct late {
    cedo_coro coro;
    cedo_group *tg;
    cedo_task_of(quiet) never;
};

static cedo_async(late)
{
    cedo_body(struct late, self) {
        cedo_await(cedo_sleep_ms(10000));
    cedo_finally:
        if (cedo_group_spawn(self->tg, &self->never, quiet, .name = "NEVER") == CEDO_ECLOSED)
            p("create_task while shutting down -> RuntimeError");
    }
}

struct aborting_main {
    cedo_coro coro;
    cedo_group tg;
    cedo_guard guard;
    cedo_task_of(late) late;
    cedo_task_of(bad) bad;
};

static cedo_async(aborting_main)
{
    cedo_body(struct aborting_main, self) {
        cedo_try (&self->guard) {
            cedo_with_group (&self->tg) {
                (void)cedo_group_spawn(&self->tg, &self->late, late, .tg = &self->tg);
                (void)cedo_group_spawn(&self->tg, &self->bad, bad, .is_quiet = true);
            }
        }
        cedo_except (&self->guard) p("group %u", cedo_group_failed(&self->tg));
    }
}

static void taskgroup_create_while_aborting(void)
{
    PY_RUN(aborting_main);
}

/* ------------------------------------------------------------- taskgroup_two_failures_same_iteration */

struct raises {
    cedo_coro coro;
    const char *name;
    int error;
};

static cedo_async(raises)
{
    cedo_body(struct raises, self) {
        p("raises %s", self->name);
        cedo_throw(self->error);
    }
}

struct two_main {
    cedo_coro coro;
    cedo_group tg;
    cedo_guard guard;
    job_task a, b, c, d;
    cedo_task_of(raises) r[2];
};

static cedo_async(two_main)
{
    cedo_body(struct two_main, self) {
        cedo_try (&self->guard) {
            cedo_with_group (&self->tg) {
                (void)cedo_group_spawn(&self->tg, &self->a, job, .name = "a", .d = CEDO_MS(20),
                                       .error = VALUE_ERROR);
                (void)cedo_group_spawn(&self->tg, &self->b, job, .name = "b", .d = CEDO_MS(20),
                                       .error = KEY_ERROR);
                (void)cedo_group_spawn(&self->tg, &self->c, job, .name = "c", .d = CEDO_MS(20));
                (void)cedo_group_spawn(&self->tg, &self->d, job, .name = "d", .d = CEDO_MS(40));
                cedo_await(cedo_sleep_ms(10000));
            }
        }
        cedo_except (&self->guard) p("group %s", show(&self->tg, ""));
        p("c cancelled %s d cancelled %s cancelling %u",
          py_bool(cedo_task_cancelled(&self->c.task)), py_bool(cedo_task_cancelled(&self->d.task)),
          cancelling());
        p("- without a sleep");
        cedo_try (&self->guard) {
            cedo_with_group (&self->tg) {
                (void)cedo_group_spawn(&self->tg, &self->r[0], raises, .name = "a",
                                       .error = VALUE_ERROR);
                (void)cedo_group_spawn(&self->tg, &self->r[1], raises, .name = "b",
                                       .error = KEY_ERROR);
            }
        }
        cedo_except (&self->guard) {
            if (cedo_group_failed(&self->tg) == 2)
                p("group [('%s', '%s'), ('%s', '%s')]", py_error(cedo_caught(&self->guard)),
                  self->r[0].frame.name, py_error(cedo_task_result(&self->r[1].task)),
                  self->r[1].frame.name);
        }
    }
}

static void taskgroup_two_failures_same_iteration(void)
{
    PY_RUN(two_main);
}

/* ------------------------------------------------------------- taskgroup_external_cancel_and_error */

struct both_parent {
    cedo_coro coro;
    bool err_in_cleanup, body_waits;
    cedo_group tg;
    cedo_guard guard;
    job_task a, b;
    int status;
};

static cedo_async(both_parent)
{
    cedo_body(struct both_parent, self) {
        cedo_try (&self->guard) {
            cedo_with_group (&self->tg) {
                (void)cedo_group_spawn(&self->tg, &self->a, job, .name = "a",
                                       .d = self->err_in_cleanup ? CEDO_SECONDS(10) : CEDO_MS(20),
                                       .error = self->err_in_cleanup ? CEDO_OK : VALUE_ERROR,
                                       .cleanup = self->err_in_cleanup ? CEDO_MS(20) : 0,
                                       .cleanup_error =
                                           self->err_in_cleanup ? VALUE_ERROR : CEDO_OK);
                (void)cedo_group_spawn(&self->tg, &self->b, job, .name = "b", .d = CEDO_SECONDS(10),
                                       .cleanup = CEDO_MS(40));
                if (self->body_waits) cedo_await(cedo_sleep_ms(10000));
            }
        }
        cedo_except (&self->guard) p("group %s cancelling %u", show(&self->tg, ""), cancelling());
        cedo_catch(self->status, cedo_yield_now());
        /* a bare yield is interrupted in its next turn */
        if (self->status < 0)
            p("interrupted; cancelling %u", cancelling());
        else
            p("not interrupted");
        cedo_await(cedo_yield_now());
        p("once");
    }
}

struct both_main {
    cedo_coro coro;
    cedo_task_of(both_parent) t;
    cedo_set set;
    cedo_member m;
    int i;
};

static cedo_async(both_main)
{
    cedo_body(struct both_main, self) {
        for (self->i = 0; self->i < 8; self->i++) {
            p("- error in cleanup %s body waits %s cancel after %d", py_bool(self->i < 4),
              py_bool(!(self->i & 2)), self->i & 1 ? 30 : 10);
            (void)cedo_spawn(&self->t, both_parent, .err_in_cleanup = self->i < 4,
                             .body_waits = !(self->i & 2));
            cedo_await(cedo_sleep_ms(self->i & 1 ? 30 : 10));
            (void)cedo_task_cancel(&self->t.task);
            (void)cedo_set_add_task(&self->set, &self->m, &self->t.task);
            cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_FOREVER));
            cedo_set_clear(&self->set);
            p("cancelled %s cancelling %u", py_bool(cedo_task_cancelled(&self->t.task)),
              cedo_task_cancelling(&self->t.task));
        }
    }
}

static void taskgroup_external_cancel_and_error(void)
{
    PY_RUN(both_main);
}

/* ------------------------------------------------------------- taskgroup_nested */

struct nested {
    cedo_coro coro;
    int outer_ms, inner_ms;
    cedo_group outer, inner;
    cedo_guard guard, inner_guard;
    job_task a, b;
};

static cedo_async(nested)
{
    cedo_body(struct nested, self) {
        cedo_try_all (&self->guard) {
            cedo_with_group (&self->outer) {
                (void)cedo_group_spawn(
                    &self->outer, &self->a, job, .name = "outer", .d = CEDO_MS(self->outer_ms),
                    .error = self->outer_ms < 1000 ? VALUE_ERROR : CEDO_OK, .cleanup = CEDO_MS(20));
                cedo_try_all (&self->inner_guard) {
                    cedo_with_group (&self->inner) {
                        (void)cedo_group_spawn(&self->inner, &self->b, job, .name = "inner",
                                               .d = CEDO_MS(self->inner_ms),
                                               .error = self->inner_ms < 1000 ? KEY_ERROR : CEDO_OK,
                                               .cleanup = CEDO_MS(10));
                        cedo_await(cedo_sleep_ms(10000));
                    }
                }
                cedo_except (&self->inner_guard) {
                    p("inner block %s cancelling %u",
                      cedo_group_failed(&self->inner) ? "ExceptionGroup" : "CancelledError",
                      cancelling());
                    cedo_rethrow(&self->inner_guard);
                }
            }
        }
        cedo_except (&self->guard)
            p("outer block %s cancelling %u", show(&self->outer, show(&self->inner, "")),
              cancelling());
        cedo_await(cedo_yield_now());
        p("on");
    }
}

struct nested_main {
    cedo_coro coro;
    cedo_task_of(nested) t;
    int i;
};

static cedo_async(nested_main)
{
    static const int ms[][2] = {{10000, 20}, {20, 10000}, {20, 20}, {20, 30}};
    cedo_body(struct nested_main, self) {
        for (self->i = 0; self->i < 4; self->i++) {
            p("- outer %d inner %d", ms[self->i][0], ms[self->i][1]);
            (void)cedo_spawn(&self->t, nested, .outer_ms = ms[self->i][0],
                             .inner_ms = ms[self->i][1]);
            cedo_await(cedo_join(&self->t.task));
        }
    }
}

static void taskgroup_nested(void)
{
    PY_RUN(nested_main);
}

/* ------------------------------------------------------------- taskgroup_cancel_count_preserved */

struct count_main {
    cedo_coro coro;
    cedo_group tg;
    cedo_guard guard;
    job_task t;
    int status, i;
};

static cedo_async(count_main)
{
    cedo_body(struct count_main, self) {
        (void)cedo_task_cancel(cedo_current_task());
        cedo_catch(self->status, cedo_yield_now());
        if (self->status == CEDO_ECANCELED) p("swallowed; cancelling %u", cancelling());
        cedo_with_group (&self->tg)
            (void)cedo_group_spawn(&self->tg, &self->t, job, .name = "a", .d = CEDO_MS(10));
        p("success; cancelling %u", cancelling());
        cedo_await(cedo_yield_now());
        p("not interrupted");
        for (self->i = 0; self->i < 2; self->i++) {
            cedo_try (&self->guard) {
                cedo_with_group (&self->tg) {
                    (void)cedo_group_spawn(&self->tg, &self->t, job, .name = "b", .d = CEDO_MS(10),
                                           .error = VALUE_ERROR);
                    if (self->i == 0) cedo_await(cedo_sleep_ms(10000));
                }
            }
            cedo_except (&self->guard)
                p("group %s cancelling %u", show(&self->tg, ""), cancelling());
            cedo_catch(self->status, cedo_yield_now());
            if (self->status < 0)
                p("interrupted; cancelling %u", cancelling());
            else
                p("not interrupted");
        }
        (void)cedo_task_uncancel(cedo_current_task());
        cedo_try (&self->guard) {
            cedo_with_group (&self->tg) {
                (void)cedo_group_spawn(&self->tg, &self->t, job, .name = "c", .d = CEDO_MS(10),
                                       .error = VALUE_ERROR);
                cedo_await(cedo_sleep_ms(10000));
            }
        }
        cedo_except (&self->guard) p("group %s cancelling %u", show(&self->tg, ""), cancelling());
        cedo_await(cedo_yield_now());
        p("end");
    }
}

static void taskgroup_cancel_count_preserved(void)
{
    PY_RUN(count_main);
}

/* ------------------------------------------------------------- timeout_taskgroup */

struct limited {
    cedo_coro coro;
    cedo_duration d;
    int error;
    cedo_timeout cm;
    cedo_group tg;
    cedo_guard guard;
    job_task a, b;
};

static cedo_async(limited)
{
    cedo_body(struct limited, self) {
        cedo_try (&self->guard) {
            cedo_with_timeout (&self->cm, self->d) {
                cedo_with_group (&self->tg) {
                    (void)cedo_group_spawn(&self->tg, &self->a, job, .name = "a", .d = CEDO_MS(40),
                                           .cleanup = CEDO_MS(20), .cleanup_error = self->error);
                    (void)cedo_group_spawn(&self->tg, &self->b, job, .name = "b", .d = CEDO_MS(50),
                                           .cleanup = CEDO_MS(10));
                }
            }
        }
        cedo_except (&self->guard) {
            if (cedo_caught(&self->guard) == CEDO_ETIMEDOUT)
                p("TimeoutError");
            else
                p("group %s", show(&self->tg, ""));
        }
        p("expired %s cancelling %u", py_bool(cedo_timeout_expired(&self->cm)), cancelling());
        cedo_await(cedo_sleep_ms(10));
        p("on");
    }
}

struct limited_main {
    cedo_coro coro;
    cedo_task_of(limited) t;
    int i;
};

static cedo_async(limited_main)
{
    cedo_body(struct limited_main, self) {
        for (self->i = 0; self->i < 3; self->i++) {
            p("- limit %d error %s", self->i < 2 ? 20 : 1000, py_bool(self->i == 1));
            (void)cedo_spawn(&self->t, limited, .d = CEDO_MS(self->i < 2 ? 20 : 1000),
                             .error = self->i == 1 ? VALUE_ERROR : CEDO_OK);
            cedo_await(cedo_join(&self->t.task));
        }
    }
}

static void timeout_taskgroup(void)
{
    PY_RUN(limited_main);
}

/* ------------------------------------------------------------- gather_first_exception */

/* The job of the gather traces; with `is_quiet` that of those on wait. */
struct ok_job {
    cedo_coro coro;
    const char *name;
    cedo_duration d;
    int error;
    bool is_quiet, plain;
    int status;
};

typedef cedo_task_of(ok_job) ok_task;

static cedo_async(ok_job)
{
    cedo_body(struct ok_job, self) {
        cedo_await(cedo_sleep(self->d));
        if (self->plain)
            p("job %s", self->name);
        else if (!self->is_quiet)
            p("job %s %s", self->name, self->error ? "fails" : "ok");
        if (self->error) cedo_throw(self->error);
    }
}

struct first_main {
    cedo_coro coro;
    cedo_set g;
    cedo_member m[3];
    ok_task t[3];
    int status, i;
};

static cedo_async(first_main)
{
    static const int ms[] = {120, 40, 80};
    static const char *const names[] = {"a", "b", "c"};
    cedo_body(struct first_main, self) {
        for (self->i = 0; self->i < 3; self->i++) {
            (void)cedo_spawn(&self->t[self->i], ok_job, .name = names[self->i],
                             .d = CEDO_MS(ms[self->i]), .error = self->i ? VALUE_ERROR : CEDO_OK);
            (void)cedo_set_add_task(&self->g, &self->m[self->i], &self->t[self->i].task);
        }
        cedo_catch(self->status, cedo_gather(&self->g));
        if (self->status == VALUE_ERROR && cedo_member_result(&self->m[1]) == VALUE_ERROR)
            p("raised b");
        p_not_applicable("cancel of the finished gather -> False",
                         "there is no object but the set; who awaits it is cancelled");
        cedo_await(cedo_sleep_ms(120));
        p("end");
    }
}

static void gather_first_exception(void)
{
    PY_RUN(first_main);
}

/* ------------------------------------------------------------- gather_results */

struct results_main {
    cedo_coro coro;
    cedo_group group;
    cedo_set g;
    cedo_member m[3];
    ok_task t[3];
    cedo_future_of(const char *) f;
    int i;
};

static cedo_async(results_main)
{
    static const int ms[] = {60, 20, 40};
    static const char *const names[] = {"a", "b", "c"};
    cedo_body(struct results_main, self) {
        for (self->i = 0; self->i < 3; self->i++)
            (void)cedo_group_spawn(&self->group, &self->t[self->i], ok_job, .name = names[self->i],
                                   .d = CEDO_MS(ms[self->i]), .plain = true);
        cedo_await(cedo_group_join(&self->group));
        p("['%s', '%s', '%s']", self->t[0].frame.name, self->t[1].frame.name,
          self->t[2].frame.name);
        (void)cedo_spawn(&self->t[0], ok_job, .name = "dup", .d = CEDO_MS(10), .plain = true);
        (void)cedo_spawn(&self->t[1], ok_job, .name = "x", .plain = true);
        (void)cedo_set_add_task(&self->g, &self->m[0], &self->t[0].task);
        (void)cedo_set_add_task(&self->g, &self->m[1], &self->t[1].task);
        (void)cedo_set_add_task(&self->g, &self->m[2], &self->t[0].task);
        cedo_await(cedo_gather(&self->g));
        p("['%s', '%s', '%s']", ((ok_task *)self->m[0].object)->frame.name,
          ((ok_task *)self->m[1].object)->frame.name, ((ok_task *)self->m[2].object)->frame.name);
        cedo_set_clear(&self->g);
        cedo_await(cedo_gather(&self->g));
        p("empty []");
        (void)cedo_future_set_value(&self->f, "ready");
        (void)cedo_set_add_future(&self->g, &self->m[0], &self->f.future);
        (void)cedo_set_add_future(&self->g, &self->m[1], &self->f.future);
        cedo_await(cedo_gather(&self->g));
        p("['%s', '%s']", self->f.value, self->f.value);
    }
}

static void gather_results(void)
{
    PY_RUN(results_main);
}

/* ------------------------------------------------------------- gather_return_exceptions */

struct return_main {
    cedo_coro coro;
    cedo_group group;
    ok_task a, b, t;
    cedo_handle handle;
};

static cedo_async(return_main)
{
    cedo_body(struct return_main, self) {
        cedo_group_on_error(&self->group, CEDO_ERROR_IS_RESULT);
        (void)cedo_group_spawn(&self->group, &self->t, ok_job, .name = "never",
                               .d = CEDO_SECONDS(10), .is_quiet = true);
        (void)cedo_call_later(&py_loop, &self->handle, CEDO_MS(10), cancels, &self->t.task);
        (void)cedo_group_spawn(&self->group, &self->a, ok_job, .name = "a", .d = CEDO_MS(40),
                               .is_quiet = true);
        (void)cedo_group_spawn(&self->group, &self->b, ok_job, .name = "b", .d = CEDO_MS(20),
                               .error = VALUE_ERROR, .is_quiet = true);
        cedo_await(cedo_group_join(&self->group));
        p("['%s', '%s', '%s']", cedo_task_result(&self->a.task) < 0 ? "wrong" : self->a.frame.name,
          py_error(cedo_task_result(&self->b.task)), py_error(cedo_task_result(&self->t.task)));
        p("cancelling %u", cancelling());
    }
}

static void gather_return_exceptions(void)
{
    PY_RUN(return_main);
}

/* ------------------------------------------------------------- gather_cancellation */

struct refuses {
    cedo_coro coro;
    const char *name;
    int status;
};

static cedo_async(refuses)
{
    cedo_body(struct refuses, self) {
        cedo_catch(self->status, cedo_sleep_ms(10000));
        p("job %s refuses", self->name);
    }
}

struct gathers {
    cedo_coro coro;
    cedo_task *tasks[3];
    int count;
    cedo_set set;
    cedo_member m[3];
    int status;
};

static cedo_async(gathers)
{
    cedo_body(struct gathers, self) {
        for (int i = 0; i < self->count; i++)
            (void)cedo_set_add_task(&self->set, &self->m[i], self->tasks[i]);
        cedo_catch(self->status, cedo_gather(&self->set));
        if (self->status == CEDO_ECANCELED) {
            p("CancelledError; cancelling %u done [%s, %s%s%s]", cancelling(),
              py_bool(cedo_task_done(self->tasks[0])), py_bool(cedo_task_done(self->tasks[1])),
              self->count > 2 ? ", " : "",
              self->count > 2 ? py_bool(cedo_task_done(self->tasks[2])) : "");
            cedo_throw(self->status);
        }
    }
}

struct gather_main {
    cedo_coro coro;
    job_task jobs[3];
    cedo_task_of(refuses) r[2];
    cedo_task_of(gathers) t;
    cedo_set set;
    cedo_member m[2];
};

static cedo_async(gather_main)
{
    cedo_body(struct gather_main, self) {
        p("- the gatherer is cancelled");
        (void)cedo_spawn(&self->jobs[0], job, .name = "a", .d = CEDO_SECONDS(10),
                         .cleanup = CEDO_MS(20));
        (void)cedo_spawn(&self->jobs[1], job, .name = "b", .d = CEDO_SECONDS(10),
                         .cleanup = CEDO_MS(20));
        (void)cedo_spawn(&self->jobs[2], job, .name = "c", .d = CEDO_MS(10));
        (void)cedo_spawn(&self->t, gathers, .count = 3,
                         .tasks = {&self->jobs[0].task, &self->jobs[1].task, &self->jobs[2].task});
        cedo_await(cedo_sleep_ms(20));
        (void)cedo_task_cancel(&self->t.task);
        (void)cedo_set_add_task(&self->set, &self->m[0], &self->t.task);
        cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_FOREVER));
        cedo_set_clear(&self->set);
        p("cancelled %s", py_bool(cedo_task_cancelled(&self->t.task)));
        p("- all refuse");
        (void)cedo_spawn(&self->r[0], refuses, .name = "a");
        (void)cedo_spawn(&self->r[1], refuses, .name = "b");
        (void)cedo_spawn(&self->t, gathers, .count = 2,
                         .tasks = {&self->r[0].task, &self->r[1].task});
        cedo_await(cedo_sleep_ms(20));
        (void)cedo_task_cancel(&self->t.task);
        (void)cedo_set_add_task(&self->set, &self->m[0], &self->t.task);
        cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_FOREVER));
        cedo_set_clear(&self->set);
        p("cancelled %s", py_bool(cedo_task_cancelled(&self->t.task)));
        p("- one is cancelled by itself");
        (void)cedo_spawn(&self->jobs[0], job, .name = "a", .d = CEDO_MS(40));
        (void)cedo_spawn(&self->jobs[1], job, .name = "b", .d = CEDO_SECONDS(10));
        (void)cedo_spawn(&self->t, gathers, .count = 2,
                         .tasks = {&self->jobs[0].task, &self->jobs[1].task});
        cedo_await(cedo_sleep_ms(20));
        (void)cedo_task_cancel(&self->jobs[1].task);
        (void)cedo_set_add_task(&self->set, &self->m[0], &self->t.task);
        cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_FOREVER));
        cedo_set_clear(&self->set);
        p("cancelled %s cancelling %u", py_bool(cedo_task_cancelled(&self->t.task)),
          cedo_task_cancelling(&self->t.task));
        (void)cedo_set_add_task(&self->set, &self->m[0], &self->jobs[0].task);
        (void)cedo_set_add_task(&self->set, &self->m[1], &self->jobs[1].task);
        cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_FOREVER));
        p("end");
    }
}

static void gather_cancellation(void)
{
    PY_RUN(gather_main);
}

/* ------------------------------------------------------------- wait_modes */

struct modes_main {
    cedo_coro coro;
    cedo_set set;
    cedo_member m[3];
    ok_task ts[3];
    int status;
    unsigned i;
};

static void modes_make(struct modes_main *self)
{
    static const char *const names[] = {"a", "b", "c"};
    cedo_set_clear(&self->set);
    for (int i = 0; i < 3; i++) {
        (void)cedo_spawn_named(names[i], &self->ts[i], ok_job, .d = CEDO_MS(20 * i + 20),
                               .error = i == 1 ? VALUE_ERROR : CEDO_OK, .is_quiet = true);
        (void)cedo_set_add_task(&self->set, &self->m[i], &self->ts[i].task);
    }
}

/* The names of the members that are done, or of those that are not. Takes them out, if asked to. */
static const char *modes_names(struct modes_main *self, bool done, bool remove)
{
    static char texts[2][64];
    static unsigned turn;
    char *const text = texts[turn++ % 2];
    int length = snprintf(text, sizeof texts[0], "[");
    for (int i = 0; i < 3; i++) {
        if (!self->m[i].set || cedo_member_done(&self->m[i]) != done) continue;
        length += snprintf(text + length, sizeof texts[0] - (size_t)length, "%s'%s'",
                           length > 1 ? ", " : "", cedo_task_name(&self->ts[i].task));
        if (remove) (void)cedo_set_remove(&self->m[i]);
    }
    (void)snprintf(text + length, sizeof texts[0] - (size_t)length, "]");
    return text;
}

static cedo_async(modes_main)
{
    static const struct {
        const char *name;
        cedo_return_when when;
    } modes[] = {{"FIRST_COMPLETED", CEDO_FIRST_COMPLETED},
                 {"FIRST_EXCEPTION", CEDO_FIRST_EXCEPTION},
                 {"ALL_COMPLETED", CEDO_ALL_COMPLETED}};
    cedo_body(struct modes_main, self) {
        for (self->i = 0; self->i < 3; self->i++) {
            modes_make(self);
            cedo_await(cedo_wait(&self->set, modes[self->i].when, CEDO_FOREVER));
            p("%s done %s pending %s", modes[self->i].name, modes_names(self, true, true),
              modes_names(self, false, false));
            if (cedo_set_next(&self->set, NULL)) {
                cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_FOREVER));
                p("  rest %s", modes_names(self, true, false));
            }
            p("  error of b %s", py_error(cedo_task_result(&self->ts[1].task)));
        }
        modes_make(self);
        cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_MS(30)));
        p("timeout: done %s pending %s", modes_names(self, true, false),
          modes_names(self, false, false));
        cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, 0));
        p("timeout 0: done %s pending %s", modes_names(self, true, false),
          modes_names(self, false, false));
        cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_FOREVER));
        p("all %s [%s, %s, %s]", modes_names(self, true, false),
          py_bool(cedo_task_cancelled(&self->ts[0].task)),
          py_bool(cedo_task_cancelled(&self->ts[1].task)),
          py_bool(cedo_task_cancelled(&self->ts[2].task)));
        modes_make(self);
        (void)cedo_task_cancel(&self->ts[0].task);
        cedo_await(cedo_wait(&self->set, CEDO_FIRST_EXCEPTION, CEDO_FOREVER));
        p("a cancelled child is not an exception: done %s pending %s",
          modes_names(self, true, false), modes_names(self, false, false));
        cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_FOREVER));
        cedo_set_clear(&self->set);
        cedo_catch(self->status, cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_FOREVER));
        if (self->status == CEDO_EINVAL) p("empty -> ValueError");
        p_not_applicable("coroutine -> TypeError", "a set takes tasks and futures; the compiler "
                                                   "refuses what is neither");
    }
}

static void wait_modes(void)
{
    PY_RUN(modes_main);
}

/* ------------------------------------------------------------- wait_cancelled */

struct waits {
    cedo_coro coro;
    job_task *jobs;
    cedo_set set;
    cedo_member m[3];
    int status;
};

static cedo_async(waits)
{
    cedo_body(struct waits, self) {
        for (int i = 0; i < 3; i++)
            (void)cedo_set_add_task(&self->set, &self->m[i], &self->jobs[i].task);
        cedo_catch(self->status, cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_FOREVER));
        if (self->status == CEDO_ECANCELED)
            p("CancelledError; done [%s]", done_text(self->jobs, 3));
        cedo_throw(self->status);
    }
}

struct wait_main {
    cedo_coro coro;
    job_task jobs[3];
    cedo_task_of(waits) t;
    cedo_set set;
    cedo_member m[3];
};

static cedo_async(wait_main)
{
    cedo_body(struct wait_main, self) {
        (void)cedo_spawn(&self->jobs[0], job, .name = "a", .d = CEDO_MS(10));
        (void)cedo_spawn(&self->jobs[1], job, .name = "b", .d = CEDO_MS(30));
        (void)cedo_spawn(&self->jobs[2], job, .name = "c", .d = CEDO_MS(40));
        (void)cedo_spawn(&self->t, waits, .jobs = self->jobs);
        cedo_await(cedo_sleep_ms(20));
        (void)cedo_task_cancel(&self->t.task);
        (void)cedo_set_add_task(&self->set, &self->m[0], &self->t.task);
        cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_SECONDS(1)));
        p("cancelled %s", py_bool(cedo_task_cancelled(&self->t.task)));
        cedo_set_clear(&self->set);
        for (int i = 0; i < 3; i++)
            (void)cedo_set_add_task(&self->set, &self->m[i], &self->jobs[i].task);
        cedo_await(cedo_wait(&self->set, CEDO_ALL_COMPLETED, CEDO_FOREVER));
        p("done %u cancelling [%u, %u, %u]", 3 - cedo_set_pending(&self->set),
          cedo_task_cancelling(&self->jobs[0].task), cedo_task_cancelling(&self->jobs[1].task),
          cedo_task_cancelling(&self->jobs[2].task));
    }
}

static void wait_cancelled(void)
{
    PY_RUN(wait_main);
}

/* ------------------------------------------------------------- as_completed_order */

struct order_main {
    cedo_coro coro;
    cedo_set set;
    cedo_member m[3], *member;
    ok_task ts[3];
    cedo_future_of(const char *) f;
};

static cedo_async(order_main)
{
    cedo_body(struct order_main, self) {
        (void)cedo_spawn(&self->ts[0], ok_job, .name = "c", .d = CEDO_MS(60), .is_quiet = true);
        (void)cedo_spawn(&self->ts[1], ok_job, .name = "a", .d = CEDO_MS(20), .is_quiet = true);
        (void)cedo_spawn(&self->ts[2], ok_job, .name = "b", .d = CEDO_MS(40), .error = VALUE_ERROR,
                         .is_quiet = true);
        for (int i = 0; i < 3; i++)
            (void)cedo_set_add_task(&self->set, &self->m[i], &self->ts[i].task);
        cedo_for_each(self->member, cedo_as_completed(&self->set, &self->member))
            p("plain %s%s", cedo_member_result(self->member) < 0 ? "error " : "",
              ((ok_task *)self->member->object)->frame.name);
        cedo_set_clear(&self->set);
        (void)cedo_spawn_named("z", &self->ts[0], ok_job, .name = "z", .d = CEDO_MS(40),
                               .is_quiet = true);
        (void)cedo_spawn_named("x", &self->ts[1], ok_job, .name = "x", .d = CEDO_MS(20),
                               .is_quiet = true);
        for (int i = 0; i < 2; i++)
            (void)cedo_set_add_task(&self->set, &self->m[i], &self->ts[i].task);
        cedo_for_each(self->member, cedo_as_completed(&self->set, &self->member)) {
            ok_task *const t = self->member->object;
            p("async %s %s %s %s", cedo_task_name(&t->task),
              py_bool(t == &self->ts[0] || t == &self->ts[1]), py_bool(cedo_task_done(&t->task)),
              t->frame.name);
        }
        cedo_set_clear(&self->set);
        (void)cedo_future_set_value(&self->f, "done before");
        (void)cedo_set_add_future(&self->set, &self->m[0], &self->f.future);
        cedo_for_each(self->member, cedo_as_completed(&self->set, &self->member))
            p("%s", self->f.value);
        cedo_set_clear(&self->set);
        cedo_for_each(self->member, cedo_as_completed(&self->set, &self->member)) p("wrong");
        p("empty []");
    }
}

static void as_completed_order(void)
{
    PY_RUN(order_main);
}

/* ------------------------------------------------------------- as_completed_timeout */

struct late_main {
    cedo_coro coro;
    cedo_set set;
    cedo_member m[3], *member;
    job_task jobs[3];
    int i, status;
};

static cedo_async(late_main)
{
    cedo_body(struct late_main, self) {
        (void)cedo_spawn(&self->jobs[0], job, .name = "a", .d = CEDO_MS(50));
        (void)cedo_spawn(&self->jobs[1], job, .name = "b", .d = CEDO_MS(10));
        (void)cedo_spawn(&self->jobs[2], job, .name = "c", .d = CEDO_MS(40));
        for (int i = 0; i < 3; i++)
            (void)cedo_set_add_task(&self->set, &self->m[i], &self->jobs[i].task);
        cedo_set_limit(&self->set, CEDO_MS(30));
        for (self->i = 0; self->i < 3; self->i++) {
            cedo_catch(self->status, cedo_as_completed(&self->set, &self->member));
            if (self->status < 0)
                p("%s", py_error(self->status));
            else
                p("got %s", ((job_task *)self->member->object)->frame.name);
        }
        p("done [%s]", done_text(self->jobs, 3));
        cedo_set_clear(&self->set);
        for (int i = 0; i < 3; i++)
            (void)cedo_set_add_task(&self->set, &self->m[i], &self->jobs[i].task);
        cedo_for_each(self->member, cedo_as_completed(&self->set, &self->member))
            p("got %s", ((job_task *)self->member->object)->frame.name);
        p("cancelling [%u, %u, %u]", cedo_task_cancelling(&self->jobs[0].task),
          cedo_task_cancelling(&self->jobs[1].task), cedo_task_cancelling(&self->jobs[2].task));
    }
}

static void as_completed_timeout(void)
{
    PY_RUN(late_main);
}

/* ------------------------------------------------------------- shield_waitfor */

struct shield_main {
    cedo_coro coro;
    job_task t;
    cedo_timeout limit;
    int i, status;
};

static cedo_async(shield_main)
{
    cedo_body(struct shield_main, self) {
        (void)cedo_spawn(&self->t, job, .name = "a", .d = CEDO_MS(40));
        for (self->i = 0; self->i < 2; self->i++) {
            cedo_catch(self->status, cedo_wait_for(&self->limit, self->i ? 0 : CEDO_MS(20),
                                                   cedo_join_shielded(&self->t.task)));
            p("%s; done %s cancelling %u", py_error(self->status),
              py_bool(cedo_task_done(&self->t.task)), cedo_task_cancelling(&self->t.task));
        }
        cedo_await(cedo_wait_for(&self->limit, CEDO_SECONDS(1), cedo_join_shielded(&self->t.task)));
        p("got %s", self->t.frame.name);
        cedo_await(cedo_wait_for(&self->limit, 0, cedo_join_shielded(&self->t.task)));
        p("got %s", self->t.frame.name);
    }
}

static void shield_waitfor(void)
{
    PY_RUN(shield_main);
}

ORACLE_TABLE(group) = {
    {"taskgroup_success", taskgroup_success},
    {"taskgroup_child_failure_in_body", taskgroup_child_failure_in_body},
    {"taskgroup_child_failure_at_exit", taskgroup_child_failure_at_exit},
    {"taskgroup_child_cancelled", taskgroup_child_cancelled},
    {"taskgroup_body_exception", taskgroup_body_exception},
    {"taskgroup_external_cancel", taskgroup_external_cancel},
    {"taskgroup_cancelled_twice", taskgroup_cancelled_twice},
    {"taskgroup_create_while_aborting", taskgroup_create_while_aborting},
    {"taskgroup_two_failures_same_iteration", taskgroup_two_failures_same_iteration},
    {"taskgroup_external_cancel_and_error", taskgroup_external_cancel_and_error},
    {"taskgroup_nested", taskgroup_nested},
    {"taskgroup_cancel_count_preserved", taskgroup_cancel_count_preserved},
    {"timeout_taskgroup", timeout_taskgroup},
    {"gather_first_exception", gather_first_exception},
    {"gather_results", gather_results},
    {"gather_return_exceptions", gather_return_exceptions},
    {"gather_cancellation", gather_cancellation},
    {"wait_modes", wait_modes},
    {"wait_cancelled", wait_cancelled},
    {"as_completed_order", as_completed_order},
    {"as_completed_timeout", as_completed_timeout},
    {"shield_waitfor", shield_waitfor},
    {NULL, NULL},
};
