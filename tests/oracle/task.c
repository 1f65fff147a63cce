/* Traces of tasks and their cancellation. */
#include "oracle.h"

/* ------------------------------------------------------------- task_cancel_basic */

struct basic_victim {
    cedo_coro coro;
    cedo_guard guard;
};

static cedo_async(basic_victim)
{
    cedo_body(struct basic_victim, self) {
        p("victim: before");
        cedo_try_all (&self->guard) {
            cedo_await(cedo_sleep_ms(10000));
            p("never");
        }
        cedo_except (&self->guard) {
            p("victim: %s", py_error(cedo_caught(&self->guard)));
            cedo_rethrow(&self->guard);
        }
    cedo_finally:
        p("victim: finally");
    }
}

struct basic_main {
    cedo_coro coro;
    cedo_task_of(basic_victim) t;
    int status;
};

static cedo_async(basic_main)
{
    cedo_body(struct basic_main, self) {
        (void)cedo_spawn(&self->t, basic_victim);
        cedo_await(cedo_sleep_ms(20));
        p("cancel -> %s", py_bool(cedo_task_cancel(&self->t.task)));
        p("right after: done %s cancelled %s cancelling %u", py_bool(cedo_task_done(&self->t.task)),
          py_bool(cedo_task_cancelled(&self->t.task)), cedo_task_cancelling(&self->t.task));
        cedo_catch(self->status, cedo_join(&self->t.task));
        p("main: awaiter got %s", py_error(self->status));
        p("done %s cancelled %s", py_bool(cedo_task_done(&self->t.task)),
          py_bool(cedo_task_cancelled(&self->t.task)));
        p("cancel of a finished task -> %s cancelling %u", py_bool(cedo_task_cancel(&self->t.task)),
          cedo_task_cancelling(&self->t.task));
        p("result() -> %s", py_error(cedo_task_result(&self->t.task)));
        p("exception() -> %s", py_error(cedo_task_result(&self->t.task)));
    }
}

static void task_cancel_basic(void)
{
    PY_RUN(basic_main);
}

/* ------------------------------------------------------------- task_cancel_before_start */

struct unstarted_body {
    cedo_coro coro;
};

static cedo_async(unstarted_body)
{
    cedo_body(struct unstarted_body, self) {
        p("BODY RAN (wrong)");
        cedo_await(cedo_yield_now());
    cedo_finally:
        p("FINALLY RAN (wrong)");
    }
}

struct unstarted_main {
    cedo_coro coro;
    cedo_task_of(unstarted_body) t;
    int status;
};

static cedo_async(unstarted_main)
{
    cedo_body(struct unstarted_main, self) {
        (void)cedo_spawn(&self->t, unstarted_body);
        p("cancel -> %s", py_bool(cedo_task_cancel(&self->t.task)));
        p("not done yet %s", py_bool(cedo_task_done(&self->t.task)));
        cedo_catch(self->status, cedo_join(&self->t.task));
        p("%s", py_error(self->status));
        p("cancelled %s", py_bool(cedo_task_cancelled(&self->t.task)));
    }
}

static void task_cancel_before_start(void)
{
    PY_RUN(unstarted_main);
}

/* ------------------------------------------------------------- task_cancel_msg_tasks */

struct msg_inner {
    cedo_coro coro;
    int status;
};

static cedo_async(msg_inner)
{
    cedo_body(struct msg_inner, self) {
        cedo_catch(self->status, cedo_sleep_ms(10000));
        if (self->status == CEDO_ECANCELED)
            p("inner got %s", py_text(cedo_task_cancel_message(cedo_current_task())));
        cedo_throw(self->status);
    }
}

struct msg_outer {
    cedo_coro coro;
    const char *name;
    cedo_task *t;
    int status;
};

static cedo_async(msg_outer)
{
    cedo_body(struct msg_outer, self) {
        cedo_catch(self->status, cedo_join(self->t));
        if (self->status == CEDO_ECANCELED)
            p("%s got %s", self->name, py_text(cedo_task_cancel_message(cedo_current_task())));
        cedo_throw(self->status);
    }
}

struct msg_main {
    cedo_coro coro;
    cedo_task_of(msg_inner) t;
    cedo_task_of(msg_outer) o, g;
    int status;
};

static cedo_async(msg_main)
{
    cedo_body(struct msg_main, self) {
        (void)cedo_spawn(&self->t, msg_inner);
        (void)cedo_spawn(&self->o, msg_outer, .name = "outer", .t = &self->t.task);
        (void)cedo_spawn(&self->g, msg_outer, .name = "outermost", .t = &self->o.task);
        cedo_await(cedo_yield_now());
        (void)cedo_task_cancel_with(&self->t.task, "bye");
        cedo_catch(self->status, cedo_join(&self->g.task));
        (void)cedo_spawn(&self->t, msg_inner);
        (void)cedo_spawn(&self->o, msg_outer, .name = "outer", .t = &self->t.task);
        cedo_await(cedo_yield_now());
        (void)cedo_task_cancel_with(&self->o.task, "via parent");
        cedo_catch(self->status, cedo_join(&self->o.task));
        (void)cedo_spawn(&self->t, msg_inner);
        cedo_await(cedo_yield_now());
        (void)cedo_task_cancel(&self->t.task);
        cedo_catch(self->status, cedo_join(&self->t.task));
        (void)cedo_task_cancel_with(cedo_current_task(), "my own");
        cedo_catch(self->status, cedo_yield_now());
        p("itself got %s", py_text(cedo_task_cancel_message(cedo_current_task())));
    }
}

static void task_cancel_msg_tasks(void)
{
    PY_RUN(msg_main);
}

/* ------------------------------------------------------------- task_cancel_self */

struct self_a {
    cedo_coro coro;
    int status;
};

static cedo_async(self_a)
{
    cedo_body(struct self_a, self) {
        (void)cedo_task_cancel(cedo_current_task());
        p("a: continues synchronously");
        cedo_catch(self->status, cedo_yield_now());
        if (self->status == CEDO_ECANCELED) p("a: at next await");
        if (self->status < 0) cedo_throw(self->status);
        p("never");
    }
}

struct self_b {
    cedo_coro coro;
    const char *result;
};

static cedo_async(self_b)
{
    cedo_body(struct self_b, self) {
        (void)cedo_task_cancel(cedo_current_task());
        p("b: returns without awaiting");
        cedo_return(self->result = "lost");
    }
}

struct self_c {
    cedo_coro coro;
};

static cedo_async(self_c)
{
    cedo_body(struct self_c, self) {
        (void)cedo_task_cancel(cedo_current_task());
        p("c: raises without awaiting");
        cedo_throw(VALUE_ERROR);
    }
}

struct self_d {
    cedo_coro coro;
    const char *result;
};

static cedo_async(self_d)
{
    cedo_body(struct self_d, self) {
        (void)cedo_task_cancel(cedo_current_task());
        p("d: uncancel -> %u", cedo_task_uncancel(cedo_current_task()));
        cedo_await(cedo_yield_now());
        p("d: not interrupted");
        cedo_return(self->result = "ok");
    }
}

static void self_print(const char *name, const cedo_task *task, const char *result)
{
    if (cedo_task_cancelled(task)) {
        p("%s -> cancelled", name);
    }
    else if (cedo_task_result(task) < 0) {
        p("%s -> error %s", name, py_error(cedo_task_result(task)));
    }
    else {
        p("%s -> %s", name, py_text(result));
    }
}

struct self_main {
    cedo_coro coro;
    cedo_task_of(self_a) a;
    cedo_task_of(self_b) b;
    cedo_task_of(self_c) c;
    cedo_task_of(self_d) d;
    int status;
};

static cedo_async(self_main)
{
    cedo_body(struct self_main, self) {
        (void)cedo_spawn(&self->a, self_a);
        cedo_catch(self->status, cedo_join(&self->a.task));
        self_print("a", &self->a.task, NULL);
        (void)cedo_spawn(&self->b, self_b);
        cedo_catch(self->status, cedo_join(&self->b.task));
        self_print("b", &self->b.task, self->b.frame.result);
        (void)cedo_spawn(&self->c, self_c);
        cedo_catch(self->status, cedo_join(&self->c.task));
        self_print("c", &self->c.task, NULL);
        (void)cedo_spawn(&self->d, self_d);
        cedo_catch(self->status, cedo_join(&self->d.task));
        self_print("d", &self->d.task, self->d.frame.result);
    }
}

static void task_cancel_self(void)
{
    PY_RUN(self_main);
}

/* ------------------------------------------------------------- task_cancel_suppressed */

struct suppressed_stubborn {
    cedo_coro coro;
    int status;
    const char *result;
};

static cedo_async(suppressed_stubborn)
{
    cedo_body(struct suppressed_stubborn, self) {
        cedo_catch(self->status, cedo_sleep_ms(10000));
        if (self->status == CEDO_ECANCELED)
            p("swallowed; cancelling %u", cedo_task_cancelling(cedo_current_task()));
        cedo_await(cedo_sleep_ms(20));
        p("still running; cancelling %u", cedo_task_cancelling(cedo_current_task()));
        p("uncancel -> %u", cedo_task_uncancel(cedo_current_task()));
        p("uncancel at zero -> %u", cedo_task_uncancel(cedo_current_task()));
        cedo_return(self->result = "value");
    }
}

struct suppressed_main {
    cedo_coro coro;
    cedo_task_of(suppressed_stubborn) t;
};

static cedo_async(suppressed_main)
{
    cedo_body(struct suppressed_main, self) {
        (void)cedo_spawn(&self->t, suppressed_stubborn);
        cedo_await(cedo_yield_now());
        p("cancel -> %s", py_bool(cedo_task_cancel(&self->t.task)));
        cedo_await(cedo_join(&self->t.task));
        p("result %s", self->t.frame.result);
        p("cancelled %s cancelling %u", py_bool(cedo_task_cancelled(&self->t.task)),
          cedo_task_cancelling(&self->t.task));
    }
}

static void task_cancel_suppressed(void)
{
    PY_RUN(suppressed_main);
}

/* ------------------------------------------------------------- task_direct_await_no_yield */

struct direct_leaf {
    cedo_coro coro;
    int n;
    cedo_task *owner;
    int result;
};

static cedo_async(direct_leaf)
{
    cedo_body(struct direct_leaf, self) {
        p("leaf %d same task %s", self->n, py_bool(cedo_current_task() == self->owner));
        cedo_return(self->result = self->n);
    }
}

struct direct_mid {
    cedo_coro coro;
    int n;
    cedo_task *owner;
    struct direct_leaf leaf;
    int result;
};

static cedo_async(direct_mid)
{
    cedo_body(struct direct_mid, self) {
        cedo_await(cedo_call(&self->leaf, direct_leaf, .n = self->n, .owner = self->owner));
        self->result = self->leaf.result;
        cedo_await(cedo_call(&self->leaf, direct_leaf, .n = self->n + 1, .owner = self->owner));
        self->result += self->leaf.result;
    }
}

struct direct_other {
    cedo_coro coro;
};

static cedo_async(direct_other)
{
    cedo_body(struct direct_other, self) {
        p("other task ran");
    }
}

struct direct_main {
    cedo_coro coro;
    cedo_task_of(direct_other) t;
    struct direct_mid mid;
};

static cedo_async(direct_main)
{
    cedo_body(struct direct_main, self) {
        (void)cedo_spawn(&self->t, direct_other);
        cedo_await(cedo_call(&self->mid, direct_mid, .n = 1, .owner = cedo_current_task()));
        p("sum %d", self->mid.result);
        p("other done %s", py_bool(cedo_task_done(&self->t.task)));
        cedo_await(cedo_join(&self->t.task));
        p("other done %s", py_bool(cedo_task_done(&self->t.task)));
    }
}

static void task_direct_await_no_yield(void)
{
    PY_RUN(direct_main);
}

/* ------------------------------------------------------------- task_exception_propagation */

struct propagation_bad {
    cedo_coro coro;
    const char *detail; /* what the exception carries */
};

static cedo_async(propagation_bad)
{
    cedo_body(struct propagation_bad, self) {
        p("bad: raising");
        self->detail = "v";
        cedo_throw(VALUE_ERROR);
    }
}

struct propagation_sleep {
    cedo_coro coro;
    const char *give;
    const char *result;
};

static cedo_async(propagation_sleep)
{
    cedo_body(struct propagation_sleep, self) {
        cedo_await(cedo_sleep_ms(20));
        cedo_return(self->result = self->give);
    }
}

struct propagation_main {
    cedo_coro coro;
    cedo_task_of(propagation_bad) t;
    cedo_task_of(propagation_sleep) u;
    int i;
    int status;
};

static cedo_async(propagation_main)
{
    cedo_body(struct propagation_main, self) {
        (void)cedo_spawn(&self->t, propagation_bad);
        for (self->i = 0; self->i < 2; self->i++) {
            cedo_catch(self->status, cedo_join(&self->t.task));
            if (self->status < 0)
                p("await %d %s %s", self->i, py_error(self->status), self->t.frame.detail);
        }
        p("exception %s cancelled %s done %s", py_error(cedo_task_result(&self->t.task)),
          py_bool(cedo_task_cancelled(&self->t.task)), py_bool(cedo_task_done(&self->t.task)));
        if (cedo_task_result(&self->t.task) == VALUE_ERROR) p("result raises");
        (void)cedo_spawn(&self->u, propagation_sleep, .give = "ok");
        p("result of a pending task -> %s", py_error(cedo_task_result(&self->u.task)));
        p("exception of a pending task -> %s", py_error(cedo_task_result(&self->u.task)));
        cedo_await(cedo_join(&self->u.task));
        p("await %s exception %s result %s", self->u.frame.result,
          py_error(cedo_task_result(&self->u.task)), self->u.frame.result);
        p_not_applicable("set_result on a task -> RuntimeError",
                         "a task is no future: it does not compile");
        p_not_applicable("set_exception on a task -> RuntimeError", "the same");
    }
}

static void task_exception_propagation(void)
{
    PY_RUN(propagation_main);
}

/* ------------------------------------------------------------- task_names_introspection */

struct names_child {
    cedo_coro coro;
};

static cedo_async(names_child)
{
    cedo_body(struct names_child, self) {
        p("child current %s", cedo_task_name(cedo_current_task()));
        cedo_await(cedo_sleep_ms(20));
    }
}

static void names_all(const char *title)
{
    char line[200] = "";
    const char *names[8];
    unsigned count = 0;
    for (cedo_task *task = NULL; (task = cedo_loop_next_task(&py_loop, task)) != NULL;) {
        unsigned place = count++;
        const char *const name = cedo_task_name(task);
        for (; place > 0 && strcmp(names[place - 1], name) > 0; place--)
            names[place] = names[place - 1];
        names[place] = name;
    }
    for (unsigned i = 0; i < count; i++) {
        strcat(line, i ? ", '" : "'");
        strcat(line, names[i]);
        strcat(line, "'");
    }
    p("%s [%s]", title, line);
}

static cedo_status names_callback(void *arg)
{
    (void)arg;
    p("current_task in a plain callback %s",
      cedo_current_task() ? cedo_task_name(cedo_current_task()) : "None");
    return CEDO_OK;
}

struct names_main {
    cedo_coro coro;
    cedo_task_of(names_child) a, b, c, d;
    cedo_handle soon;
};

static cedo_async(names_main)
{
    cedo_body(struct names_main, self) {
        p("main %s", cedo_task_name(cedo_current_task()));
        (void)cedo_spawn(&self->a, names_child);
        (void)cedo_spawn_named("worker", &self->b, names_child);
        (void)cedo_spawn_named("7", &self->c, names_child);
        p("names %s %s %s", cedo_task_name(&self->a.task), cedo_task_name(&self->b.task),
          cedo_task_name(&self->c.task));
        cedo_task_set_name(&self->c.task, "renamed");
        names_all("all");
        cedo_await(cedo_join(&self->a.task));
        cedo_await(cedo_join(&self->b.task));
        cedo_await(cedo_join(&self->c.task));
        names_all("all after");
        (void)cedo_spawn(&self->d, names_child);
        p("next auto name %s", cedo_task_name(&self->d.task));
        cedo_await(cedo_join(&self->d.task));
        (void)cedo_call_soon(&py_loop, &self->soon, names_callback, NULL);
        cedo_await(cedo_yield_now());
    }
}

static void task_names_introspection(void)
{
    PY_RUN(names_main);
    if (!cedo_running_loop() && !cedo_current_task())
        p("current_task without a loop -> RuntimeError");
}

/* ------------------------------------------------------------- task_sleep0_interleave */

struct interleave_w {
    cedo_coro coro;
    const char *name;
    int n;
    int i;
};

static cedo_async(interleave_w)
{
    cedo_body(struct interleave_w, self) {
        for (self->i = 0; self->i < self->n; self->i++) {
            p("%s %d", self->name, self->i);
            cedo_await(cedo_sleep(0));
        }
        p("%s done", self->name);
    }
}

struct interleave_main {
    cedo_coro coro;
    cedo_task_of(interleave_w) a, b, c;
};

static cedo_async(interleave_main)
{
    cedo_body(struct interleave_main, self) {
        (void)cedo_spawn(&self->a, interleave_w, .name = "A", .n = 3);
        (void)cedo_spawn(&self->b, interleave_w, .name = "B", .n = 2);
        (void)cedo_spawn(&self->c, interleave_w, .name = "C", .n = 4);
        cedo_await(cedo_join(&self->a.task));
        cedo_await(cedo_join(&self->b.task));
        cedo_await(cedo_join(&self->c.task));
        p("end");
    }
}

static void task_sleep0_interleave(void)
{
    PY_RUN(interleave_main);
}

/* ------------------------------------------------------------- task_start_order */

struct start_child {
    cedo_coro coro;
    int n;
    int result;
};

static cedo_async(start_child)
{
    cedo_body(struct start_child, self) {
        p("start %d", self->n);
        cedo_await(cedo_yield_now());
        p("end %d", self->n);
        cedo_return(self->result = self->n * 10);
    }
}

static cedo_status start_print(void *line)
{
    p("%s", (const char *)line);
    return CEDO_OK;
}

static char start_soon[] = "soon: only after main really suspends";

struct start_main {
    cedo_coro coro;
    cedo_task_of(start_child) t[3];
    cedo_handle soon;
    int i;
    int results[3];
};

static cedo_async(start_main)
{
    cedo_body(struct start_main, self) {
        for (self->i = 0; self->i < 3; self->i++)
            (void)cedo_spawn(&self->t[self->i], start_child, .n = self->i);
        p("created; none started");
        cedo_await(cedo_yield_now());
        p("main after 1 iteration");
        cedo_await(cedo_yield_now());
        p("main after 2 iterations [%s, %s, %s]", py_bool(cedo_task_done(&self->t[0].task)),
          py_bool(cedo_task_done(&self->t[1].task)), py_bool(cedo_task_done(&self->t[2].task)));
        (void)cedo_call_soon(&py_loop, &self->soon, start_print, start_soon);
        for (self->i = 0; self->i < 3; self->i++) {
            cedo_await(cedo_join(&self->t[self->i].task));
            self->results[self->i] = self->t[self->i].frame.result;
        }
        p("results [%d, %d, %d]", self->results[0], self->results[1], self->results[2]);
        p("main awaited 3 done tasks without yielding");
        cedo_await(cedo_yield_now());
        p("end");
    }
}

static void task_start_order(void)
{
    PY_RUN(start_main);
}

/* ------------------------------------------------------------- task_system_exit */

struct exit_leaves {
    cedo_coro coro;
};

static cedo_async(exit_leaves)
{
    cedo_body(struct exit_leaves, self) {
        p("raising SystemExit");
        cedo_throw(cedo_exit(3));
    }
}

struct exit_main {
    cedo_coro coro;
    cedo_task_of(exit_leaves) t;
};

static cedo_async(exit_main)
{
    cedo_body(struct exit_main, self) {
        (void)cedo_spawn(&self->t, exit_leaves);
        cedo_await(cedo_sleep_ms(10000));
    cedo_finally:
        p("main: finally, cancelled by run()'s shutdown");
    }
}

static void task_system_exit(void)
{
    if (PY_RUN(exit_main) == CEDO_EEXIT) p("escaped with code %d", cedo_exit_code());
}

/* ------------------------------------------------------------- task_await_itself */

struct itself_me {
    cedo_coro coro;
    int status;
};

static cedo_async(itself_me)
{
    cedo_body(struct itself_me, self) {
        cedo_catch(self->status, cedo_join(cedo_current_task()));
        p("awaiting itself -> %s", py_error(self->status));
        cedo_await(cedo_yield_now());
        p("goes on");
    }
}

struct itself_main {
    cedo_coro coro;
    cedo_task_of(itself_me) t;
};

static cedo_async(itself_main)
{
    cedo_body(struct itself_main, self) {
        (void)cedo_spawn(&self->t, itself_me);
        cedo_await(cedo_join(&self->t.task));
        p("done %s cancelled %s", py_bool(cedo_task_done(&self->t.task)),
          py_bool(cedo_task_cancelled(&self->t.task)));
    }
}

static void task_await_itself(void)
{
    PY_RUN(itself_main);
}

/* ------------------------------------------------------------- task_cancel_twice */

struct twice_victim {
    cedo_coro coro;
    int status;
    const char *result;
};

static cedo_async(twice_victim)
{
    cedo_body(struct twice_victim, self) {
        cedo_catch(self->status, cedo_sleep_ms(10000));
        if (self->status < 0) {
            p("first %s; cancelling %u", py_error(self->status),
              cedo_task_cancelling(cedo_current_task()));
            cedo_catch(self->status, cedo_sleep_ms(10000));
            if (self->status < 0)
                p("cleanup %s; cancelling %u", py_error(self->status),
                  cedo_task_cancelling(cedo_current_task()));
        }
        cedo_await(cedo_sleep_ms(20));
        p("not interrupted again");
        cedo_return(self->result = "kept");
    }
}

struct twice_main {
    cedo_coro coro;
    cedo_task_of(twice_victim) t;
    bool first, second;
};

static cedo_async(twice_main)
{
    cedo_body(struct twice_main, self) {
        (void)cedo_spawn(&self->t, twice_victim);
        cedo_await(cedo_yield_now());
        self->first = cedo_task_cancel(&self->t.task);
        self->second = cedo_task_cancel(&self->t.task);
        p("cancel %s %s cancelling %u", py_bool(self->first), py_bool(self->second),
          cedo_task_cancelling(&self->t.task));
        cedo_await(cedo_yield_now());
        p("not yet done %s", py_bool(cedo_task_done(&self->t.task)));
        cedo_await(cedo_yield_now());
        p("cancel in cleanup %s", py_bool(cedo_task_cancel(&self->t.task)));
        cedo_await(cedo_join(&self->t.task));
        p("result %s cancelled %s cancelling %u", self->t.frame.result,
          py_bool(cedo_task_cancelled(&self->t.task)), cedo_task_cancelling(&self->t.task));
        (void)cedo_spawn(&self->t, twice_victim);
        self->first = cedo_task_cancel(&self->t.task);
        self->second = cedo_task_cancel(&self->t.task);
        p("cancel before the start %s %s", py_bool(self->first), py_bool(self->second));
        cedo_await(cedo_yield_now());
        p("done %s cancelled %s cancelling %u again %s", py_bool(cedo_task_done(&self->t.task)),
          py_bool(cedo_task_cancelled(&self->t.task)), cedo_task_cancelling(&self->t.task),
          py_bool(cedo_task_cancel(&self->t.task)));
    }
}

static void task_cancel_twice(void)
{
    PY_RUN(twice_main);
}

/* ------------------------------------------------------------- task_cancel_parent_child */

struct family_child {
    cedo_coro coro;
    const char *kind;
    int status;
    const char *result;
};

static cedo_async(family_child)
{
    cedo_body(struct family_child, self) {
        cedo_catch(self->status, cedo_sleep_ms(10000));
        p("child %s %s; cancelling %u", self->kind, py_error(self->status),
          cedo_task_cancelling(cedo_current_task()));
        cedo_await(cedo_sleep_ms(20));
        p("child %s cleaned up", self->kind);
        if (strcmp(self->kind, "swallows") == 0) cedo_return(self->result = "value");
        if (strcmp(self->kind, "replaces") == 0) cedo_throw(VALUE_ERROR);
        cedo_throw(self->status);
    }
}

struct family_parent {
    cedo_coro coro;
    cedo_task *c;
    const char *const *result;
    cedo_guard guard;
};

static cedo_async(family_parent)
{
    cedo_body(struct family_parent, self) {
        cedo_try_all (&self->guard) {
            cedo_await(cedo_join(self->c));
            p("parent got %s", *self->result);
            cedo_await(cedo_yield_now());
            p("parent goes on; cancelling %u", cedo_task_cancelling(cedo_current_task()));
        }
        cedo_except (&self->guard) {
            p("parent %s", py_error(cedo_caught(&self->guard)));
            cedo_rethrow(&self->guard);
        }
    }
}

struct family_sleep {
    cedo_coro coro;
};

static cedo_async(family_sleep)
{
    cedo_body(struct family_sleep, self) {
        cedo_await(cedo_sleep(0));
    }
}

struct family_main {
    cedo_coro coro;
    cedo_task_of(family_child) c;
    cedo_task_of(family_parent) o, g;
    cedo_task_of(family_sleep) s;
    int i;
    int status;
};

static const char *const family_kinds[] = {"passes", "swallows", "replaces"};

static cedo_async(family_main)
{
    cedo_body(struct family_main, self) {
        for (self->i = 0; self->i < 3; self->i++) {
            (void)cedo_spawn(&self->c, family_child, .kind = family_kinds[self->i]);
            (void)cedo_spawn(&self->o, family_parent, .c = &self->c.task,
                             .result = &self->c.frame.result);
            cedo_await(cedo_yield_now());
            self->status = cedo_task_cancel(&self->o.task);
            p("cancel %s cancelling: parent %u child %u", py_bool(self->status),
              cedo_task_cancelling(&self->o.task), cedo_task_cancelling(&self->c.task));
            cedo_await(cedo_yield_now());
            cedo_await(cedo_yield_now());
            p("parent done while the child cleans up %s", py_bool(cedo_task_done(&self->o.task)));
            cedo_catch(self->status, cedo_join(&self->o.task));
            p("cancelled: parent %s child %s", py_bool(cedo_task_cancelled(&self->o.task)),
              py_bool(cedo_task_cancelled(&self->c.task)));
        }
        (void)cedo_spawn(&self->c, family_child, .kind = "passes");
        (void)cedo_spawn(&self->o, family_parent, .c = &self->c.task);
        (void)cedo_spawn(&self->g, family_parent, .c = &self->o.task);
        cedo_await(cedo_yield_now());
        self->status = cedo_task_cancel(&self->g.task);
        p("cancel %s cancelling: %u %u %u", py_bool(self->status),
          cedo_task_cancelling(&self->g.task), cedo_task_cancelling(&self->o.task),
          cedo_task_cancelling(&self->c.task));
        cedo_catch(self->status, cedo_join(&self->g.task));
        p("cancelled: %s %s %s", py_bool(cedo_task_cancelled(&self->g.task)),
          py_bool(cedo_task_cancelled(&self->o.task)), py_bool(cedo_task_cancelled(&self->c.task)));
        (void)cedo_spawn(&self->s, family_sleep);
        (void)cedo_spawn(&self->o, family_parent, .c = &self->s.task);
        cedo_await(cedo_yield_now());
        cedo_await(cedo_yield_now());
        p("child done %s parent done %s cancel %s", py_bool(cedo_task_done(&self->s.task)),
          py_bool(cedo_task_done(&self->o.task)), py_bool(cedo_task_cancel(&self->o.task)));
        cedo_catch(self->status, cedo_join(&self->o.task));
        p("cancelled: parent %s child %s", py_bool(cedo_task_cancelled(&self->o.task)),
          py_bool(cedo_task_cancelled(&self->s.task)));
    }
}

static void task_cancel_parent_child(void)
{
    PY_RUN(family_main);
}

/* ------------------------------------------------------------- task_uncancel_counts */

struct uncancel_counts {
    cedo_coro coro;
    cedo_task *me;
    unsigned before;
    int status;
};

static cedo_async(uncancel_counts)
{
    cedo_body(struct uncancel_counts, self) {
        self->me = cedo_current_task();
        self->before = cedo_task_cancelling(self->me);
        p("at zero %u %u", self->before, cedo_task_uncancel(self->me));
        (void)cedo_task_cancel(self->me);
        (void)cedo_task_cancel(self->me);
        self->before = cedo_task_cancelling(self->me);
        p("twice %u uncancel %u", self->before, cedo_task_uncancel(self->me));
        cedo_catch(self->status, cedo_yield_now());
        p("one left: %s; cancelling %u", py_error(self->status), cedo_task_cancelling(self->me));
        p("uncancel %u", cedo_task_uncancel(self->me));
        (void)cedo_task_cancel(self->me);
        p("void %u", cedo_task_uncancel(self->me));
        cedo_await(cedo_yield_now());
        p("not interrupted");
    }
}

struct uncancel_waits {
    cedo_coro coro;
    cedo_event *event;
    int status;
};

static cedo_async(uncancel_waits)
{
    cedo_body(struct uncancel_waits, self) {
        cedo_catch(self->status, cedo_event_wait(self->event));
        p("%s; cancelling %u", self->status < 0 ? py_error(self->status) : "woken",
          cedo_task_cancelling(cedo_current_task()));
    }
}

struct uncancel_main {
    cedo_coro coro;
    cedo_task_of(uncancel_counts) counts;
    cedo_task_of(uncancel_waits) t;
    cedo_event event;
};

static cedo_async(uncancel_main)
{
    cedo_body(struct uncancel_main, self) {
        (void)cedo_spawn(&self->counts, uncancel_counts);
        cedo_await(cedo_join(&self->counts.task));
        p("- passed on already, so it strikes all the same");
        (void)cedo_spawn(&self->t, uncancel_waits, .event = &self->event);
        cedo_await(cedo_yield_now());
        (void)cedo_task_cancel(&self->t.task);
        p("uncancel %u", cedo_task_uncancel(&self->t.task));
        cedo_await(cedo_join(&self->t.task));
        p("- after the wake-up: void");
        (void)cedo_spawn(&self->t, uncancel_waits, .event = &self->event);
        cedo_await(cedo_yield_now());
        cedo_event_set(&self->event);
        (void)cedo_task_cancel(&self->t.task);
        p("uncancel %u", cedo_task_uncancel(&self->t.task));
        cedo_await(cedo_join(&self->t.task));
    }
}

static void task_uncancel_counts(void)
{
    PY_RUN(uncancel_main);
}

/* ------------------------------------------------------------- task_cancel_vs_wakeup */

struct wakeup_w {
    cedo_coro coro;
    cedo_event *event;
    int status;
};

static cedo_async(wakeup_w)
{
    cedo_body(struct wakeup_w, self) {
        cedo_catch(self->status, cedo_event_wait(self->event));
        if (self->status < 0) {
            p("%s, event set %s", py_error(self->status), py_bool(cedo_event_is_set(self->event)));
            cedo_throw(self->status);
        }
        p("got it");
    }
}

struct wakeup_getter {
    cedo_coro coro;
    const char *name;
    cedo_queue *q;
    int item;
    int status;
};

static cedo_async(wakeup_getter)
{
    cedo_body(struct wakeup_getter, self) {
        cedo_catch(self->status, cedo_queue_get(self->q, &self->item));
        if (self->status < 0) {
            p("%s %s, items left %zu", self->name, py_error(self->status),
              cedo_queue_size(self->q));
            cedo_throw(self->status);
        }
        p("%s got %d", self->name, self->item);
    }
}

struct wakeup_main {
    cedo_coro coro;
    cedo_event event;
    cedo_task_of(wakeup_w) t;
    cedo_task_of(wakeup_getter) a, b, c;
    cedo_queue_of(int, 2) q;
    int item;
    int status;
    size_t left;
};

static cedo_async(wakeup_main)
{
    cedo_body(struct wakeup_main, self) {
        (void)cedo_spawn(&self->t, wakeup_w, .event = &self->event);
        cedo_await(cedo_yield_now());
        cedo_event_set(&self->event);
        p("cancel after set -> %s", py_bool(cedo_task_cancel(&self->t.task)));
        cedo_catch(self->status, cedo_join(&self->t.task));
        p("cancelled %s", py_bool(cedo_task_cancelled(&self->t.task)));
        cedo_queue_init(&self->q);
        (void)cedo_spawn(&self->a, wakeup_getter, .name = "a", .q = &self->q.queue);
        (void)cedo_spawn(&self->b, wakeup_getter, .name = "b", .q = &self->q.queue);
        cedo_await(cedo_yield_now());
        self->item = 1;
        (void)cedo_queue_put_nowait(&self->q.queue, &self->item);
        p("cancel after put -> %s", py_bool(cedo_task_cancel(&self->a.task)));
        cedo_catch(self->status, cedo_join(&self->a.task));
        cedo_catch(self->status, cedo_join(&self->b.task));
        p("cancelled %s %s items left %zu", py_bool(cedo_task_cancelled(&self->a.task)),
          py_bool(cedo_task_cancelled(&self->b.task)), cedo_queue_size(&self->q.queue));
        (void)cedo_spawn(&self->c, wakeup_getter, .name = "c", .q = &self->q.queue);
        cedo_await(cedo_yield_now());
        self->item = 2;
        (void)cedo_queue_put_nowait(&self->q.queue, &self->item);
        p("cancel with nobody else waiting -> %s", py_bool(cedo_task_cancel(&self->c.task)));
        cedo_catch(self->status, cedo_join(&self->c.task));
        self->left = cedo_queue_size(&self->q.queue);
        self->item = 0;
        (void)cedo_queue_get_nowait(&self->q.queue, &self->item);
        p("cancelled %s items left %zu %d", py_bool(cedo_task_cancelled(&self->c.task)), self->left,
          self->item);
    }
}

static void task_cancel_vs_wakeup(void)
{
    PY_RUN(wakeup_main);
}

/* ------------------------------------------------------------- task_joiners_order */

struct joiners_job {
    cedo_coro coro;
    cedo_handle soon;
    int result;
};

static char joiners_line[] = "queued by the job as it ends";

static cedo_async(joiners_job)
{
    cedo_body(struct joiners_job, self) {
        cedo_await(cedo_sleep_ms(20));
        (void)cedo_call_soon(&py_loop, &self->soon, start_print, joiners_line);
        p("job ends");
        cedo_return(self->result = 5);
    }
}

struct joiners_joiner {
    cedo_coro coro;
    int n;
    cedo_task *t;
    const int *result;
};

static cedo_async(joiners_joiner)
{
    cedo_body(struct joiners_joiner, self) {
        cedo_await(cedo_join(self->t));
        p("joiner %d got %d", self->n, *self->result);
        cedo_await(cedo_join(self->t));
        p("joiner %d again %d", self->n, *self->result);
    }
}

struct joiners_main {
    cedo_coro coro;
    cedo_task_of(joiners_job) t;
    cedo_task_of(joiners_joiner) j[4];
    int i;
    int status;
};

static cedo_async(joiners_main)
{
    cedo_body(struct joiners_main, self) {
        (void)cedo_spawn(&self->t, joiners_job);
        for (self->i = 0; self->i < 3; self->i++)
            (void)cedo_spawn(&self->j[self->i], joiners_joiner, .n = self->i, .t = &self->t.task,
                             .result = &self->t.frame.result);
        cedo_await(cedo_sleep_ms(10));
        (void)cedo_spawn(&self->j[3], joiners_joiner, .n = 3, .t = &self->t.task,
                         .result = &self->t.frame.result);
        (void)cedo_task_cancel(&self->j[1].task);
        for (self->i = 0; self->i < 4; self->i++)
            cedo_catch(self->status, cedo_join(&self->j[self->i].task));
        p("cancelled [%s, %s, %s, %s] job %s", py_bool(cedo_task_cancelled(&self->j[0].task)),
          py_bool(cedo_task_cancelled(&self->j[1].task)),
          py_bool(cedo_task_cancelled(&self->j[2].task)),
          py_bool(cedo_task_cancelled(&self->j[3].task)),
          py_bool(cedo_task_cancelled(&self->t.task)));
        (void)cedo_spawn(&self->t, joiners_job);
        for (self->i = 0; self->i < 3; self->i++)
            (void)cedo_spawn(&self->j[self->i], joiners_joiner, .n = self->i, .t = &self->t.task,
                             .result = &self->t.frame.result);
        for (self->i = 0; self->i < 3; self->i++)
            cedo_catch(self->status, cedo_join(&self->j[self->i].task));
        p("cancelled [%s, %s, %s] job %s", py_bool(cedo_task_cancelled(&self->j[0].task)),
          py_bool(cedo_task_cancelled(&self->j[1].task)),
          py_bool(cedo_task_cancelled(&self->j[2].task)),
          py_bool(cedo_task_cancelled(&self->t.task)));
    }
}

static void task_joiners_order(void)
{
    PY_RUN(joiners_main);
}

/* ------------------------------------------------------------- task_cancel_msg */

struct msg_args {
    cedo_coro coro;
    int status;
};

static cedo_async(msg_args)
{
    cedo_body(struct msg_args, self) {
        cedo_catch(self->status, cedo_sleep_ms(10000));
        if (self->status == CEDO_ECANCELED)
            p("inner got ('%s',)", py_text(cedo_task_cancel_message(cedo_current_task())));
        cedo_throw(self->status);
    }
}

struct msg_awaits {
    cedo_coro coro;
    cedo_task *t;
    int status;
};

static cedo_async(msg_awaits)
{
    cedo_body(struct msg_awaits, self) {
        cedo_catch(self->status, cedo_join(self->t));
        if (self->status == CEDO_ECANCELED)
            p("outer got ('%s',)", py_text(cedo_task_cancel_message(cedo_current_task())));
    }
}

struct fut_main {
    cedo_coro coro;
    cedo_task_of(msg_args) t;
    cedo_task_of(msg_awaits) o;
    cedo_future f;
    int status;
};

static cedo_async(fut_main)
{
    cedo_body(struct fut_main, self) {
        (void)cedo_spawn(&self->t, msg_args);
        (void)cedo_spawn(&self->o, msg_awaits, .t = &self->t.task);
        cedo_await(cedo_yield_now());
        (void)cedo_task_cancel_with(&self->t.task, "bye");
        cedo_catch(self->status, cedo_join(&self->t.task));
        cedo_catch(self->status, cedo_join(&self->o.task));
        (void)cedo_spawn(&self->t, msg_args);
        (void)cedo_spawn(&self->o, msg_awaits, .t = &self->t.task);
        cedo_await(cedo_yield_now());
        cedo_await(cedo_yield_now());
        (void)cedo_task_cancel_with(&self->o.task, "via parent");
        cedo_catch(self->status, cedo_join(&self->t.task));
        cedo_catch(self->status, cedo_join(&self->o.task));
        p("outer swallowed %s inner cancelled %s", py_bool(!cedo_task_cancelled(&self->o.task)),
          py_bool(cedo_task_cancelled(&self->t.task)));
        (void)cedo_future_cancel_with(&self->f, "fut");
        cedo_catch(self->status, cedo_future_wait(&self->f));
        if (self->status == CEDO_ECANCELED)
            p("future ('%s',)", py_text(cedo_task_cancel_message(cedo_current_task())));
    }
}

static void task_cancel_msg(void)
{
    PY_RUN(fut_main);
}

/* ------------------------------------------------------------- task_cancel_vs_result_race */

typedef cedo_future_of(int) race_future;

struct race_waiter {
    cedo_coro coro;
    race_future *f;
    bool second;
    int status;
};

static cedo_async(race_waiter)
{
    cedo_body(struct race_waiter, self) {
        cedo_catch(self->status, cedo_future_wait(&self->f->future));
        if (self->second)
            p("w2 %s", py_error(self->status));
        else if (self->status == CEDO_OK)
            p("got %d", self->f->value);
        else
            p("%s, future result was %d", py_error(self->status),
              cedo_future_result(&self->f->future) == CEDO_OK ? self->f->value : -1);
        if (self->status < 0) cedo_throw(self->status);
    }
}

struct race_main {
    cedo_coro coro;
    race_future f, g;
    cedo_task_of(race_waiter) t;
    int status;
};

static cedo_async(race_main)
{
    cedo_body(struct race_main, self) {
        (void)cedo_spawn(&self->t, race_waiter, .f = &self->f);
        cedo_await(cedo_yield_now());
        (void)cedo_future_set_value(&self->f, 1);
        p("cancel after set_result -> %s", py_bool(cedo_task_cancel(&self->t.task)));
        cedo_catch(self->status, cedo_join(&self->t.task));
        p("cancelled %s", py_bool(cedo_task_cancelled(&self->t.task)));
        (void)cedo_spawn(&self->t, race_waiter, .f = &self->g, .second = true);
        cedo_await(cedo_yield_now());
        (void)cedo_task_cancel(&self->t.task);
        p("future cancelled by the task's cancel %s",
          py_bool(cedo_future_cancelled(&self->g.future)));
        p("set_result after -> %s", py_error(cedo_future_set_value(&self->g, 2)));
        cedo_catch(self->status, cedo_join(&self->t.task));
        p("cancelled %s", py_bool(cedo_task_cancelled(&self->t.task)));
    }
}

static void task_cancel_vs_result_race(void)
{
    PY_RUN(race_main);
}

/* ------------------------------------------------------------- task_done_callback_vs_awaiter */

static cedo_status print_line(void *line)
{
    p("%s", (const char *)line);
    return CEDO_OK;
}

struct order_inner {
    cedo_coro coro;
    cedo_future *gate;
    bool fails;
    const char *result;
    cedo_handle soon;
};

static cedo_async(order_inner)
{
    static char line[] = "queued before the end";
    cedo_body(struct order_inner, self) {
        cedo_await(cedo_future_wait(self->gate));
        (void)cedo_call_soon(&py_loop, &self->soon, print_line, line);
        p("inner ends");
        if (self->fails) cedo_throw(VALUE_ERROR);
        cedo_return(self->result = "R");
    }
}

typedef cedo_task_of(order_inner) order_task;

static const char *order_outcome(const order_task *t)
{
    const cedo_status status = cedo_task_result(&t->task);
    return status < 0 ? py_error(status) : t->frame.result;
}

struct order_w {
    cedo_coro coro;
    const char *n;
    order_task *t;
    int status;
};

static cedo_async(order_w)
{
    cedo_body(struct order_w, self) {
        cedo_catch(self->status, cedo_join(&self->t->task));
        p("%s gets %s", self->n,
          self->status < 0 ? py_error(self->status) : order_outcome(self->t));
    }
}

/* A registration: the callback of asyncio gets its task, this one finds it here. */
struct order_callback {
    cedo_handle handle;
    int number;
    const order_task *t;
};

static cedo_status order_called(void *arg)
{
    const struct order_callback *const self = (const struct order_callback *)arg;
    p("callback %d: %s", self->number, order_outcome(self->t));
    return CEDO_OK;
}

struct order_main {
    cedo_coro coro;
    cedo_future gate;
    order_task t;
    cedo_task_of(order_w) a, b;
    struct order_callback callbacks[4];
    struct order_w w;
    int fails;
};

static void order_add(struct order_main *self, int number)
{
    struct order_callback *const callback = &self->callbacks[number - 1];
    callback->number = number;
    callback->t = &self->t;
    (void)cedo_task_add_done_callback(&self->t.task, &callback->handle, order_called, callback);
}

static cedo_async(order_main)
{
    cedo_body(struct order_main, self) {
        for (self->fails = 0; self->fails < 2; self->fails++) {
            cedo_future_init(&self->gate, &py_loop);
            (void)cedo_spawn(&self->t, order_inner, .gate = &self->gate, .fails = self->fails != 0);
            order_add(self, 1);
            (void)cedo_spawn(&self->a, order_w, .n = "a", .t = &self->t);
            cedo_await(cedo_yield_now());
            order_add(self, 2);
            (void)cedo_spawn(&self->b, order_w, .n = "b", .t = &self->t);
            cedo_await(cedo_yield_now());
            order_add(self, 3);
            (void)cedo_future_set(&self->gate, CEDO_OK);
            cedo_await(cedo_call(&self->w, order_w, .n = "main", .t = &self->t));
            p("done %s %s", py_bool(cedo_task_done(&self->a.task)),
              py_bool(cedo_task_done(&self->b.task)));
            order_add(self, 4);
            p("added to a task that is done");
            cedo_await(cedo_yield_now());
        }
    }
}

static void task_done_callback_vs_awaiter(void)
{
    PY_RUN(order_main);
}

/* ------------------------------------------------------------- */

ORACLE_TABLE(task) = {
    {"task_await_itself", task_await_itself},
    {"task_cancel_basic", task_cancel_basic},
    {"task_cancel_before_start", task_cancel_before_start},
    {"task_cancel_msg", task_cancel_msg},
    {"task_cancel_msg_tasks", task_cancel_msg_tasks},
    {"task_cancel_parent_child", task_cancel_parent_child},
    {"task_cancel_self", task_cancel_self},
    {"task_cancel_suppressed", task_cancel_suppressed},
    {"task_cancel_twice", task_cancel_twice},
    {"task_cancel_vs_result_race", task_cancel_vs_result_race},
    {"task_cancel_vs_wakeup", task_cancel_vs_wakeup},
    {"task_direct_await_no_yield", task_direct_await_no_yield},
    {"task_done_callback_vs_awaiter", task_done_callback_vs_awaiter},
    {"task_exception_propagation", task_exception_propagation},
    {"task_joiners_order", task_joiners_order},
    {"task_names_introspection", task_names_introspection},
    {"task_sleep0_interleave", task_sleep0_interleave},
    {"task_start_order", task_start_order},
    {"task_system_exit", task_system_exit},
    {"task_uncancel_counts", task_uncancel_counts},
    {NULL, NULL},
};
