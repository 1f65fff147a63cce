/* Traces of eager start and of hooks. */
#include "oracle.h"

/* gather() and TaskGroup over tasks that are done at once are joins here. */

/* ------------------------------------------------------------- eager_tasks */

struct eager_quick {
    cedo_coro coro;
    int n;
    cedo_task *seen;
};

static cedo_async(eager_quick)
{
    cedo_body(struct eager_quick, self) {
        self->seen = cedo_current_task();
        p("quick %d", self->n);
    }
}

struct eager_blocks {
    cedo_coro coro;
    int n;
};

static cedo_async(eager_blocks)
{
    cedo_body(struct eager_blocks, self) {
        p("blocks start %d", self->n);
        cedo_await(cedo_yield_now());
        p("blocks end %d", self->n);
    }
}

struct eager_bad {
    cedo_coro coro;
};

static cedo_async(eager_bad)
{
    cedo_body(struct eager_bad, self) {
        cedo_throw(VALUE_ERROR);
    }
}

static bool is_known(const cedo_task *wanted)
{
    for (const cedo_task *task = NULL; (task = cedo_loop_next_task(&py_loop, task)) != NULL;)
        if (task == wanted) return true;
    return false;
}

static cedo_status says_deferred(void *arg)
{
    (void)arg;
    p("done callback is still deferred");
    return CEDO_OK;
}

struct eager_main {
    cedo_coro coro;
    cedo_task *me;
    cedo_handle handle;
    cedo_task_of(eager_quick) t, three, four, x;
    cedo_task_of(eager_blocks) b;
    cedo_task_of(eager_bad) e;
};

static cedo_async(eager_main)
{
    cedo_body(struct eager_main, self) {
        self->me = cedo_current_task();
        (void)cedo_spawn(&self->t, eager_quick, .n = 1);
        p("done at once %s %d current inside was the new task %s current restored %s",
          py_bool(cedo_task_done(&self->t.task)), self->t.frame.n,
          py_bool(self->t.frame.seen == &self->t.task), py_bool(cedo_current_task() == self->me));
        (void)cedo_task_add_done_callback(&self->t.task, &self->handle, says_deferred, NULL);
        p("after add_done_callback");
        (void)cedo_spawn(&self->b, eager_blocks, .n = 2);
        p("suspended %s known %s finished one unknown %s", py_bool(!cedo_task_done(&self->b.task)),
          py_bool(is_known(&self->b.task)), py_bool(!is_known(&self->t.task)));
        (void)cedo_spawn(&self->e, eager_bad);
        p("error stored, not raised %s %s", py_bool(cedo_task_done(&self->e.task)),
          py_error(cedo_task_result(&self->e.task)));
        cedo_await(cedo_join(&self->b.task));
        p("await %d", self->b.frame.n);
        (void)cedo_spawn(&self->three, eager_quick, .n = 3);
        (void)cedo_spawn(&self->four, eager_quick, .n = 4);
        p("gather of eager finishers is already done %s [%d, %d]",
          py_bool(cedo_task_done(&self->three.task) && cedo_task_done(&self->four.task)),
          self->three.frame.n, self->four.frame.n);
        (void)cedo_spawn(&self->x, eager_quick, .n = 5);
        p("in group %s", py_bool(cedo_task_done(&self->x.task)));
    }
}

struct eager_cancel {
    cedo_coro coro;
    cedo_task_of(eager_blocks) t;
    int status;
};

static cedo_async(eager_cancel)
{
    cedo_body(struct eager_cancel, self) {
        (void)cedo_spawn(&self->t, eager_blocks, .n = 6);
        (void)cedo_task_cancel(&self->t.task);
        cedo_catch(self->status, cedo_join(&self->t.task));
        if (self->status == CEDO_ECANCELED) p("cancelled after its first step");
    }
}

static void run_eagerly(cedo_coro *coro)
{
    cedo_runner runner;
    cedo_runner_init(&runner, &py_loop, py_port());
    cedo_loop_set_spawn_hook(cedo_runner_loop(&runner), cedo_spawn_eagerly, NULL);
    (void)cedo_runner_run_coro(&runner, coro);
    (void)cedo_runner_close(&runner);
}

static void eager_tasks(void)
{
    static struct eager_main first;
    static struct eager_cancel second;
    run_eagerly(cedo_make(&first, eager_main));
    run_eagerly(cedo_make(&second, eager_cancel));
}

/* ------------------------------------------------------------- create_task_eager_start */

struct start_job {
    cedo_coro coro;
    const char *factory, *eager;
};

static cedo_async(start_job)
{
    cedo_body(struct start_job, self) {
        p("job %s/%s", self->factory, self->eager);
    }
}

/* eager_start=False: a hook of the program's own decides. */
static void eager_unless_told(cedo_loop *loop, cedo_task *task, void *lazy)
{
    if (!*(const bool *)lazy) cedo_spawn_eagerly(loop, task, NULL);
}

struct start_main {
    cedo_coro coro;
    cedo_task_of(start_job) t;
    int round;
};

static cedo_async(start_main)
{
    static const char *const factories[] = {"default", "eager"};
    static const char *const starts[] = {"None", "True", "False"};
    static bool lazy;
    cedo_body(struct start_main, self) {
        for (self->round = 0; self->round < 6; self->round++) {
            lazy = self->round % 3 == 2;
            if (self->round == 3)
                cedo_loop_set_spawn_hook(cedo_running_loop(), eager_unless_told, &lazy);
            if (self->round % 3 == 1)
                (void)cedo_spawn_eager_named("T", &self->t, start_job,
                                             .factory = factories[self->round / 3],
                                             .eager = starts[self->round % 3]);
            else
                (void)cedo_spawn_named("T", &self->t, start_job,
                                       .factory = factories[self->round / 3],
                                       .eager = starts[self->round % 3]);
            p("done at once %s %s", py_bool(cedo_task_done(&self->t.task)),
              cedo_task_name(&self->t.task));
            cedo_await(cedo_join(&self->t.task));
        }
    }
}

static void create_task_eager_start(void)
{
    (void)PY_RUN(start_main);
}

/* ------------------------------------------------------------- task_factory */

struct factory_job {
    cedo_coro coro;
    int n;
};

static cedo_async(factory_job)
{
    cedo_body(struct factory_job, self) {
        cedo_await(cedo_yield_now());
    }
}

static struct {
    int count;
    cedo_task *tasks[8];
} made;

static void factory(cedo_loop *loop, cedo_task *task, void *arg)
{
    (void)loop, (void)arg;
    made.tasks[made.count++] = task;
}

struct factory_main {
    cedo_coro coro;
    cedo_task_of(factory_job) jobs[6];
    int i;
};

static int number_of(const cedo_task *task)
{
    typedef cedo_task_of(factory_job) object;
    return CEDO_CONTAINER_(task, object, task)->frame.n;
}

static cedo_async(factory_main)
{
    cedo_body(struct factory_main, self) {
        p("default %s", cedo_loop_spawn_hook(cedo_running_loop()) ? "set" : "None");
        cedo_loop_set_spawn_hook(cedo_running_loop(), factory, NULL);
        p("set %s", py_bool(cedo_loop_spawn_hook(cedo_running_loop()) == factory));
        for (self->i = 1; self->i <= 5; self->i++) {
            (void)cedo_spawn(&self->jobs[self->i - 1], factory_job, .n = self->i);
            cedo_await(cedo_join(&self->jobs[self->i - 1].task));
        }
        p("made %d [%d, %d, %d, %d, %d]", made.count, number_of(made.tasks[0]),
          number_of(made.tasks[1]), number_of(made.tasks[2]), number_of(made.tasks[3]),
          number_of(made.tasks[4]));
        cedo_loop_set_spawn_hook(cedo_running_loop(), NULL, NULL);
        (void)cedo_spawn(&self->jobs[5], factory_job, .n = 6);
        cedo_await(cedo_join(&self->jobs[5].task));
        p("made %d", made.count);
        p_not_applicable("not callable -> TypeError", "it does not compile");
    }
}

static void task_factory(void)
{
    made.count = 0;
    (void)PY_RUN(factory_main);
}

/* ------------------------------------------------------------- the table */

ORACLE_TABLE(eager) = {
    {"eager_tasks", eager_tasks},
    {"create_task_eager_start", create_task_eager_start},
    {"task_factory", task_factory},
    {NULL, NULL},
};
