/* Traces of values that go along with tasks. A Python program sets a variable where a C program opens
 * a block, so what is set in a coroutine does not stay for its caller. */
#include "oracle.h"

static const cedo_variable v = {(void *)(uintptr_t) "default"};

static const char *get(void)
{
    return cedo_value(&v);
}

/* ------------------------------------------------------------- contextvars_tasks */

struct context_child {
    cedo_coro coro;
    const char *name;
    const char *sets;
    cedo_binding v;
};

static cedo_async(context_child)
{
    cedo_body(struct context_child, self) {
        p("%s starts with %s", self->name, get());
        cedo_with_value(&self->v, &v, self->sets)
        {
            cedo_await(cedo_yield_now());
            p("%s still %s", self->name, get());
        }
    }
}

struct context_main {
    cedo_coro coro;
    cedo_binding main, main2, main3, explicit_;
    cedo_task_of(context_child) a, b, c;
    struct context_child child;
    cedo_handle soon;
};

static cedo_status context_soon(void *arg)
{
    (void)arg;
    p_not_applicable("call_soon sees main2", "a callback belongs to no task");
    return CEDO_OK;
}

static cedo_async(context_main)
{
    cedo_body(struct context_main, self) {
        cedo_with_value(&self->main, &v, "main")
        {
            (void)cedo_spawn(&self->a, context_child, .name = "a", .sets = "child a");
            cedo_with_value(&self->main2, &v, "main2")
            {
                (void)cedo_spawn(&self->b, context_child, .name = "b", .sets = "child b");
                (void)cedo_call_soon(&py_loop, &self->soon, context_soon, NULL);
                cedo_with_value(&self->main3, &v, "main3")
                {
                    cedo_await(cedo_join(&self->a.task));
                    cedo_await(cedo_join(&self->b.task));
                    p("main keeps %s", get());
                    cedo_await(cedo_call(&self->child, context_child, .name = "inline",
                                         .sets = "child inline"));
                    p_not_applicable("a direct await shares the context: child inline",
                                     "the block has ended, and main3 holds again");
                    p_not_applicable("explicit context: explicit", "a callback belongs to no task");
                    cedo_with_value(&self->explicit_, &v, "explicit")
                    {
                        (void)cedo_spawn(&self->c, context_child, .name = "c", .sets = "child c");
                        cedo_await(cedo_join(&self->c.task));
                    }
                    p_not_applicable("explicit context was used, not copied: child c",
                                     "the block of the child has ended");
                    p_not_applicable("done callback sees child inline",
                                     "a callback belongs to no task");
                    p_not_applicable("to_thread sees later", "no thread here");
                }
            }
        }
    }
}

static void contextvars_tasks(void)
{
    (void)PY_RUN(context_main);
}

/* ------------------------------------------------------------- the table */

ORACLE_TABLE(context) = {
    {"contextvars_tasks", contextvars_tasks},
    {NULL, NULL},
};
