/* Traces of queues. */
#include "oracle.h"

/* ------------------------------------------------------------- queue_basic */

struct basic_getter {
    cedo_coro coro;
    const char *n;
    cedo_queue *q;
    int item;
};

static cedo_async(basic_getter)
{
    cedo_body(struct basic_getter, self) {
        cedo_await(cedo_queue_get(self->q, &self->item));
        p("getter %s got %d", self->n, self->item);
    }
}

/* The items are numbers, and the names of putters. */
struct basic_item {
    const char *name; /* NULL: the number */
    int number;
};

struct basic_putter {
    cedo_coro coro;
    struct basic_item n;
    cedo_queue *q;
};

static cedo_async(basic_putter)
{
    cedo_body(struct basic_putter, self) {
        cedo_await(cedo_queue_put(self->q, &self->n));
        p("putter %s stored; size %zu", self->n.name, cedo_queue_size(self->q));
    }
}

static cedo_queue_of(int, 1001) basic_large;

struct basic_main {
    cedo_coro coro;
    cedo_queue_of(struct basic_item, 2) q;
    cedo_queue_of(int, 2) numbers;
    cedo_task_of(basic_putter) ps[3];
    cedo_task_of(basic_getter) gs[3];
    struct basic_item item;
    cedo_handle soon;
    int i;
    int number;
};

static cedo_status basic_soon(void *arg)
{
    (void)arg;
    p("soon");
    return CEDO_OK;
}

static cedo_async(basic_main)
{
    static const char *const putters[] = {"x", "y", "z"}, *const getters[] = {"g1", "g2", "g3"};
    cedo_body(struct basic_main, self) {
        cedo_queue_init(&self->q);
        p("empty %s full %s maxsize %zu", py_bool(cedo_queue_empty(&self->q.queue)),
          py_bool(cedo_queue_full(&self->q.queue)), cedo_queue_maxsize(&self->q.queue));
        if (cedo_queue_get_nowait(&self->q.queue, &self->item) == CEDO_EAGAIN) p("QueueEmpty");
        for (self->item.number = 1; self->item.number <= 3; self->item.number++)
            if (cedo_queue_put_nowait(&self->q.queue, &self->item) == CEDO_EAGAIN) p("QueueFull");
        p("full %s size %zu", py_bool(cedo_queue_full(&self->q.queue)),
          cedo_queue_size(&self->q.queue));
        for (self->i = 0; self->i < 3; self->i++)
            (void)cedo_spawn(&self->ps[self->i], basic_putter, .n = {putters[self->i], 0},
                             .q = &self->q.queue);
        cedo_await(cedo_yield_now());
        for (self->i = 0; self->i < 5; self->i++) {
            cedo_await(cedo_queue_get(&self->q.queue, &self->item));
            if (self->item.name)
                p("get %s size %zu", self->item.name, cedo_queue_size(&self->q.queue));
            else
                p("get %d size %zu", self->item.number, cedo_queue_size(&self->q.queue));
            cedo_await(cedo_yield_now());
            cedo_await(cedo_yield_now());
        }
        cedo_queue_init(&self->numbers);
        for (self->i = 0; self->i < 3; self->i++)
            (void)cedo_spawn(&self->gs[self->i], basic_getter, .n = getters[self->i],
                             .q = &self->numbers.queue);
        cedo_await(cedo_yield_now());
        for (self->i = 0; self->i < 3; self->i++) {
            if (cedo_queue_full(&self->numbers.queue))
                cedo_await(cedo_queue_put(&self->numbers.queue, &self->i));
            else
                (void)cedo_queue_put_nowait(&self->numbers.queue, &self->i);
        }
        for (self->i = 0; self->i < 3; self->i++) cedo_await(cedo_join(&self->gs[self->i].task));
        cedo_queue_init(&basic_large); /* no queue is unbounded: this one is large enough */
        for (self->i = 0; self->i < 1000; self->i++)
            (void)cedo_queue_put_nowait(&basic_large.queue, &self->i);
        p("unbounded: full %s size %zu", py_bool(cedo_queue_full(&basic_large.queue)),
          cedo_queue_size(&basic_large.queue));
        (void)cedo_call_soon(&py_loop, &self->soon, basic_soon, NULL);
        cedo_await(cedo_queue_get(&basic_large.queue, &self->number));
        p("get of a non-empty queue does not yield: %d", self->number);
        cedo_await(cedo_queue_put(&basic_large.queue, &self->number));
        p("put done");
        cedo_await(cedo_yield_now());
    }
}

static void queue_basic(void)
{
    PY_RUN(basic_main);
}

/* ------------------------------------------------------------- queue_cancel_getter */

struct getter {
    cedo_coro coro;
    const char *n;
    cedo_queue *q;
    int item;
    int status;
};

static cedo_async(getter)
{
    cedo_body(struct getter, self) {
        cedo_catch(self->status, cedo_queue_get(self->q, &self->item));
        if (self->status == CEDO_ECANCELED) {
            p("%s cancelled", self->n);
            cedo_throw(self->status);
        }
        p("%s got %d", self->n, self->item);
    }
}

struct getter_main {
    cedo_coro coro;
    cedo_queue_of(int, 4) q;
    cedo_task_of(getter) a, b, c, d;
    int item;
    int status;
};

static int stolen(cedo_queue *queue)
{
    int item = 0;
    (void)cedo_queue_get_nowait(queue, &item);
    return item;
}

static void put_number(cedo_queue *queue, int item)
{
    (void)cedo_queue_put_nowait(queue, &item);
}

static cedo_async(getter_main)
{
    cedo_body(struct getter_main, self) {
        cedo_queue_init(&self->q);
        (void)cedo_spawn(&self->a, getter, .n = "a", .q = &self->q.queue);
        (void)cedo_spawn(&self->b, getter, .n = "b", .q = &self->q.queue);
        (void)cedo_spawn(&self->c, getter, .n = "c", .q = &self->q.queue);
        cedo_await(cedo_yield_now());
        put_number(&self->q.queue, 1);
        (void)cedo_task_cancel(&self->a.task);
        cedo_catch(self->status, cedo_join(&self->a.task));
        cedo_await(cedo_yield_now());
        p("size %zu", cedo_queue_size(&self->q.queue));
        (void)cedo_task_cancel(&self->c.task);
        cedo_catch(self->status, cedo_join(&self->b.task));
        cedo_catch(self->status, cedo_join(&self->c.task));
        put_number(&self->q.queue, 2);
        p("no getter left; size %zu", cedo_queue_size(&self->q.queue));
        (void)cedo_spawn(&self->d, getter, .n = "d", .q = &self->q.queue);
        p("stolen %d", stolen(&self->q.queue));
        cedo_await(cedo_yield_now());
        put_number(&self->q.queue, 3);
        p("stolen after wake-up %d", stolen(&self->q.queue));
        cedo_await(cedo_yield_now());
        cedo_await(cedo_yield_now());
        p("d still waiting %s", py_bool(!cedo_task_done(&self->d.task)));
        put_number(&self->q.queue, 4);
        cedo_await(cedo_join(&self->d.task));
    }
}

static void queue_cancel_getter(void)
{
    PY_RUN(getter_main);
}

/* ------------------------------------------------------------- queue_cancel_putter */

struct putter {
    cedo_coro coro;
    const char *n;
    cedo_queue *q;
    int status;
};

static cedo_async(putter)
{
    cedo_body(struct putter, self) {
        cedo_catch(self->status, cedo_queue_put(self->q, &self->n));
        if (self->status == CEDO_ECANCELED) {
            p("%s cancelled; size %zu", self->n, cedo_queue_size(self->q));
            cedo_throw(self->status);
        }
        p("%s stored; size %zu", self->n, cedo_queue_size(self->q));
    }
}

struct putter_main {
    cedo_coro coro;
    cedo_queue_of(const char *, 1) q;
    cedo_task_of(putter) a, b, c;
    const char *item;
    int status;
};

static const char *taken(cedo_queue *queue)
{
    const char *item = NULL;
    (void)cedo_queue_get_nowait(queue, &item);
    return py_text(item);
}

static void put_text(cedo_queue *queue, const char *item)
{
    (void)cedo_queue_put_nowait(queue, &item);
}

static cedo_async(putter_main)
{
    cedo_body(struct putter_main, self) {
        cedo_queue_init(&self->q);
        put_text(&self->q.queue, "first");
        (void)cedo_spawn(&self->a, putter, .n = "a", .q = &self->q.queue);
        (void)cedo_spawn(&self->b, putter, .n = "b", .q = &self->q.queue);
        (void)cedo_spawn(&self->c, putter, .n = "c", .q = &self->q.queue);
        cedo_await(cedo_yield_now());
        (void)cedo_task_cancel(&self->b.task);
        cedo_catch(self->status, cedo_join(&self->b.task));
        p("got %s", taken(&self->q.queue));
        (void)cedo_task_cancel(&self->a.task);
        cedo_catch(self->status, cedo_join(&self->a.task));
        cedo_await(cedo_join(&self->c.task));
        self->item = taken(&self->q.queue);
        p("got %s size %zu", self->item, cedo_queue_size(&self->q.queue));
        put_text(&self->q.queue, "x");
        (void)cedo_spawn(&self->a, putter, .n = "d", .q = &self->q.queue);
        cedo_await(cedo_yield_now());
        p("got %s", taken(&self->q.queue));
        (void)cedo_task_cancel(&self->a.task);
        cedo_catch(self->status, cedo_join(&self->a.task));
        p("nobody left; full %s size %zu", py_bool(cedo_queue_full(&self->q.queue)),
          cedo_queue_size(&self->q.queue));
        put_text(&self->q.queue, "y");
        (void)cedo_spawn(&self->a, putter, .n = "e", .q = &self->q.queue);
        (void)cedo_spawn(&self->b, putter, .n = "f", .q = &self->q.queue);
        cedo_await(cedo_yield_now());
        p("got %s", taken(&self->q.queue));
        put_text(&self->q.queue, "faster");
        (void)cedo_task_cancel(&self->a.task);
        cedo_catch(self->status, cedo_join(&self->a.task));
        cedo_await(cedo_yield_now());
        p("f still waiting %s size %zu", py_bool(!cedo_task_done(&self->b.task)),
          cedo_queue_size(&self->q.queue));
        cedo_await(cedo_queue_get(&self->q.queue, &self->item));
        p("got %s", self->item);
        cedo_await(cedo_join(&self->b.task));
        self->item = taken(&self->q.queue);
        p("got %s empty %s", self->item, py_bool(cedo_queue_empty(&self->q.queue)));
        put_text(&self->q.queue, "z");
        (void)cedo_spawn(&self->a, putter, .n = "g", .q = &self->q.queue);
        (void)cedo_task_cancel(&self->a.task);
        cedo_catch(self->status, cedo_join(&self->a.task));
        self->item = taken(&self->q.queue);
        p("never began; got %s size %zu", self->item, cedo_queue_size(&self->q.queue));
    }
}

static void queue_cancel_putter(void)
{
    PY_RUN(putter_main);
}

/* ------------------------------------------------------------- queue_join_task_done */

struct done_worker {
    cedo_coro coro;
    cedo_queue *q;
    const char *x;
};

static cedo_async(done_worker)
{
    cedo_body(struct done_worker, self) {
        for (;;) {
            cedo_await(cedo_queue_get(self->q, &self->x));
            cedo_await(cedo_sleep_ms(10));
            p("processed %s", self->x);
            (void)cedo_queue_task_done(self->q);
        }
    }
}

struct done_joiner {
    cedo_coro coro;
    cedo_queue *q;
};

static cedo_async(done_joiner)
{
    cedo_body(struct done_joiner, self) {
        cedo_await(cedo_queue_join(self->q));
    }
}

struct done_main {
    cedo_coro coro;
    cedo_queue_of(const char *, 4) q;
    cedo_task_of(done_worker) w;
    cedo_task_of(done_joiner) j;
};

static cedo_async(done_main)
{
    cedo_body(struct done_main, self) {
        cedo_queue_init(&self->q);
        cedo_await(cedo_queue_join(&self->q.queue));
        p("join of an untouched queue returns at once");
        put_text(&self->q.queue, "0");
        put_text(&self->q.queue, "1");
        put_text(&self->q.queue, "2");
        (void)cedo_spawn(&self->w, done_worker, .q = &self->q.queue);
        cedo_await(cedo_queue_join(&self->q.queue));
        p("joined; size %zu", cedo_queue_size(&self->q.queue));
        if (cedo_queue_task_done(&self->q.queue) == CEDO_EINVAL)
            p("too many task_done -> ValueError");
        put_text(&self->q.queue, "x");
        (void)cedo_spawn(&self->j, done_joiner, .q = &self->q.queue);
        cedo_await(cedo_yield_now());
        put_text(&self->q.queue, "y");
        cedo_await(cedo_join(&self->j.task));
        p("join covered the item added later");
        (void)cedo_task_cancel(&self->w.task);
    }
}

static void queue_join_task_done(void)
{
    PY_RUN(done_main);
}

/* ------------------------------------------------------------- queue_priority_lifo */

struct ranked {
    int rank;
    const char *name;
};

/* As Python compares tuples. */
static int ranked_compare(const void *a, const void *b)
{
    const struct ranked *const x = a, *const y = b;
    return x->rank != y->rank ? x->rank - y->rank : strcmp(x->name, y->name);
}

struct lifo_getter {
    cedo_coro coro;
    cedo_queue *q;
    int item;
};

static cedo_async(lifo_getter)
{
    cedo_body(struct lifo_getter, self) {
        cedo_await(cedo_queue_get(self->q, &self->item));
    }
}

struct kinds_main {
    cedo_coro coro;
    cedo_priority_queue_of(struct ranked, 4) q;
    struct ranked got[4];
    cedo_lifo_queue_of(int, 3) l;
    int numbers[3];
    cedo_task_of(lifo_getter) t;
    int i;
};

static cedo_async(kinds_main)
{
    static const struct ranked items[] = {{3, "c"}, {1, "a"}, {2, "b"}, {1, "A"}};
    cedo_body(struct kinds_main, self) {
        cedo_priority_queue_init(&self->q, ranked_compare);
        for (self->i = 0; self->i < 4; self->i++)
            (void)cedo_queue_put_nowait(&self->q.queue, &items[self->i]);
        for (self->i = 0; self->i < 4; self->i++)
            (void)cedo_queue_get_nowait(&self->q.queue, &self->got[self->i]);
        p("[(%d, '%s'), (%d, '%s'), (%d, '%s'), (%d, '%s')]", self->got[0].rank, self->got[0].name,
          self->got[1].rank, self->got[1].name, self->got[2].rank, self->got[2].name,
          self->got[3].rank, self->got[3].name);
        cedo_lifo_queue_init(&self->l);
        for (self->i = 1; self->i <= 3; self->i++)
            cedo_await(cedo_queue_put(&self->l.queue, &self->i));
        p("full %s", py_bool(cedo_queue_full(&self->l.queue)));
        for (self->i = 0; self->i < 3; self->i++)
            cedo_await(cedo_queue_get(&self->l.queue, &self->numbers[self->i]));
        p("[%d, %d, %d]", self->numbers[0], self->numbers[1], self->numbers[2]);
        (void)cedo_spawn(&self->t, lifo_getter, .q = &self->l.queue);
        cedo_await(cedo_yield_now());
        put_number(&self->l.queue, 1);
        put_number(&self->l.queue, 2);
        cedo_await(cedo_join(&self->t.task));
        p("woken getter takes the newest %d left %zu", self->t.frame.item,
          cedo_queue_size(&self->l.queue));
    }
}

static void queue_priority_lifo(void)
{
    PY_RUN(kinds_main);
}

/* ------------------------------------------------------------- queue_shutdown */

enum op_kind { GET, PUT, JOIN };

/* What op(n, coro) is in Python. */
struct op {
    cedo_coro coro;
    const char *n;
    cedo_queue *q;
    enum op_kind kind;
    const char *item;
    int status;
};

static cedo_async(op)
{
    cedo_body(struct op, self) {
        if (self->kind == GET) {
            cedo_catch(self->status, cedo_queue_get(self->q, &self->item));
        }
        else if (self->kind == PUT) {
            cedo_catch(self->status, cedo_queue_put(self->q, &self->item));
        }
        else {
            cedo_catch(self->status, cedo_queue_join(self->q));
        }
        if (self->status == (self->kind == GET ? (int)CEDO_END : (int)CEDO_ECLOSED))
            p("%s -> QueueShutDown", self->n);
        else
            p("%s -> %s", self->n, self->kind == GET ? self->item : "None");
    }
}

struct shut_main {
    cedo_coro coro;
    cedo_queue_of(const char *, 1) q, e;
    cedo_task_of(op) blocked_put, joiner, g;
    struct op op;
    const char *item;
};

static cedo_async(shut_main)
{
    cedo_body(struct shut_main, self) {
        cedo_queue_init(&self->q);
        put_text(&self->q.queue, "1");
        (void)cedo_spawn(&self->blocked_put, op, .n = "blocked put", .q = &self->q.queue,
                         .kind = PUT, .item = "2");
        (void)cedo_spawn(&self->joiner, op, .n = "join", .q = &self->q.queue, .kind = JOIN);
        cedo_await(cedo_yield_now());
        cedo_queue_shutdown(&self->q.queue);
        cedo_await(cedo_yield_now());
        cedo_await(
            cedo_call(&self->op, op, .n = "put", .q = &self->q.queue, .kind = PUT, .item = "3"));
        self->item = "4";
        if (cedo_queue_put_nowait(&self->q.queue, &self->item) == CEDO_ECLOSED)
            p("put_nowait -> QueueShutDown");
        p("join pending %s size %zu", py_bool(!cedo_task_done(&self->joiner.task)),
          cedo_queue_size(&self->q.queue));
        cedo_await(cedo_call(&self->op, op, .n = "get drains", .q = &self->q.queue));
        cedo_await(cedo_call(&self->op, op, .n = "get when empty", .q = &self->q.queue));
        if (cedo_queue_get_nowait(&self->q.queue, &self->item) == CEDO_END)
            p("get_nowait -> QueueShutDown");
        (void)cedo_queue_task_done(&self->q.queue);
        cedo_await(cedo_join(&self->joiner.task));
        cedo_await(cedo_join(&self->blocked_put.task));
        cedo_queue_shutdown(&self->q.queue);
        p("shutdown is idempotent");
        cedo_queue_init(&self->e);
        (void)cedo_spawn(&self->g, op, .n = "blocked get", .q = &self->e.queue);
        cedo_await(cedo_yield_now());
        cedo_queue_shutdown(&self->e.queue);
        cedo_await(cedo_join(&self->g.task));
    }
}

static void queue_shutdown(void)
{
    PY_RUN(shut_main);
}

/* ------------------------------------------------------------- queue_shutdown_immediate */

static int text_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct now_main {
    cedo_coro coro;
    cedo_queue_of(const char *, 3) q;
    cedo_queue_of(const char *, 1) one;
    cedo_lifo_queue_of(const char *, 3) lifo;
    cedo_priority_queue_of(const char *, 3) priority;
    cedo_queue *queue;
    cedo_task_of(op) a, b, joiner, putter;
    struct op op;
    const char *item;
    int i;
};

static cedo_async(now_main)
{
    cedo_body(struct now_main, self) {
        cedo_queue_init(&self->q);
        self->queue = &self->q.queue;
        put_text(self->queue, "0");
        put_text(self->queue, "1");
        put_text(self->queue, "2");
        cedo_await(cedo_queue_get(self->queue, &self->item));
        p("in flight %s", self->item);
        put_text(self->queue, "3");
        (void)cedo_spawn(&self->putter, op, .n = "blocked put", .q = self->queue, .kind = PUT,
                         .item = "4");
        (void)cedo_spawn(&self->joiner, op, .n = "join", .q = self->queue, .kind = JOIN);
        cedo_await(cedo_yield_now());
        cedo_queue_shutdown_now(self->queue);
        p("size %zu", cedo_queue_size(self->queue));
        cedo_await(cedo_yield_now());
        cedo_await(cedo_call(&self->op, op, .n = "get", .q = self->queue));
        cedo_await(
            cedo_call(&self->op, op, .n = "put", .q = self->queue, .kind = PUT, .item = "5"));
        self->item = "6";
        if (cedo_queue_put_nowait(self->queue, &self->item) == CEDO_ECLOSED)
            p("put_nowait -> QueueShutDown");
        p("join pending %s", py_bool(!cedo_task_done(&self->joiner.task)));
        (void)cedo_queue_task_done(self->queue);
        cedo_await(cedo_join(&self->putter.task));
        cedo_await(cedo_join(&self->joiner.task));
        if (cedo_queue_task_done(self->queue) == CEDO_EINVAL) p("ValueError");

        cedo_queue_init(&self->q);
        (void)cedo_spawn(&self->a, op, .n = "a", .q = self->queue);
        (void)cedo_spawn(&self->b, op, .n = "b", .q = self->queue);
        cedo_await(cedo_yield_now());
        put_text(self->queue, "lost");
        (void)cedo_spawn(&self->joiner, op, .n = "join", .q = self->queue, .kind = JOIN);
        cedo_await(cedo_yield_now());
        put_text(self->queue, "lost");
        put_text(self->queue, "lost");
        cedo_queue_shutdown(self->queue);
        p("size %zu", cedo_queue_size(self->queue));
        cedo_queue_shutdown_now(self->queue);
        p("size %zu", cedo_queue_size(self->queue));
        cedo_await(cedo_join(&self->a.task));
        cedo_await(cedo_join(&self->b.task));
        p("join pending %s", py_bool(!cedo_task_done(&self->joiner.task)));
        (void)cedo_queue_task_done(self->queue);
        cedo_await(cedo_join(&self->joiner.task));

        cedo_queue_init(&self->one);
        self->queue = &self->one.queue;
        put_text(self->queue, "in flight");
        p("got %s", taken(self->queue));
        (void)cedo_spawn(&self->a, op, .n = "woken get", .q = self->queue);
        (void)cedo_spawn(&self->b, op, .n = "get", .q = self->queue);
        (void)cedo_spawn(&self->joiner, op, .n = "join", .q = self->queue, .kind = JOIN);
        cedo_await(cedo_yield_now());
        put_text(self->queue, "dropped");
        (void)cedo_spawn(&self->putter, op, .n = "put", .q = self->queue, .kind = PUT,
                         .item = "never");
        (void)cedo_queue_task_done(self->queue);
        cedo_queue_shutdown_now(self->queue);
        cedo_await(cedo_join(&self->a.task));
        cedo_await(cedo_join(&self->b.task));
        cedo_await(cedo_join(&self->joiner.task));
        cedo_await(cedo_join(&self->putter.task));

        cedo_lifo_queue_init(&self->lifo);
        cedo_priority_queue_init(&self->priority, text_compare);
        for (self->i = 0; self->i < 2; self->i++) {
            self->queue = self->i ? &self->priority.queue : &self->lifo.queue;
            put_text(self->queue, "2");
            put_text(self->queue, "3");
            put_text(self->queue, "1");
            p("got %s", taken(self->queue));
            (void)cedo_queue_task_done(self->queue);
            cedo_queue_shutdown(self->queue);
            cedo_await(cedo_call(&self->op, op, .n = "drained", .q = self->queue));
            cedo_queue_shutdown_now(self->queue);
            cedo_await(cedo_call(&self->op, op, .n = "dropped", .q = self->queue));
            (void)cedo_queue_task_done(self->queue);
            cedo_await(cedo_call(&self->op, op, .n = "join", .q = self->queue, .kind = JOIN));
        }
    }
}

static void queue_shutdown_immediate(void)
{
    PY_RUN(now_main);
}

/* ------------------------------------------------------------- sync_waitfor_lock */

struct late {
    cedo_coro coro;
    const char *n;
    cedo_lock *lock;
};

static cedo_async(late)
{
    cedo_body(struct late, self) {
        cedo_await(cedo_lock_acquire(self->lock));
        p("%s True", self->n);
    }
}

static void limited_print(const char *n, cedo_status status, const char *value)
{
    p("%s %s", n, status < 0 ? py_error(status) : value);
}

struct limited_get {
    cedo_coro coro;
    const char *n;
    cedo_queue *q;
    cedo_timeout limit;
    const char *item;
    int status;
};

static cedo_async(limited_get)
{
    cedo_body(struct limited_get, self) {
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_MS(20), cedo_queue_get(self->q, &self->item)));
        limited_print(self->n, self->status, self->item);
    }
}

/* A callback that puts a text. */
struct limited_put {
    cedo_queue *q;
    const char *item;
};

static cedo_status limited_puts(void *arg)
{
    struct limited_put *const later = arg;
    return cedo_queue_put_nowait(later->q, &later->item);
}

static cedo_status limited_releases(void *lock)
{
    return cedo_lock_release(lock);
}

struct limited_main {
    cedo_coro coro;
    cedo_lock lock;
    cedo_semaphore s;
    cedo_queue_of(const char *, 1) q;
    cedo_timeout limit;
    cedo_task_of(late) t;
    cedo_task_of(limited_get) a, b;
    struct limited_get get;
    struct limited_put put;
    cedo_handle later;
    const char *item;
    int status;
};

static cedo_async(limited_main)
{
    cedo_body(struct limited_main, self) {
        cedo_await(cedo_lock_acquire(&self->lock));
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_MS(20), cedo_lock_acquire(&self->lock)));
        limited_print("lock", self->status, "True");
        p("locked %s", py_bool(cedo_lock_locked(&self->lock)));
        (void)cedo_spawn(&self->t, late, .n = "next", .lock = &self->lock);
        cedo_await(cedo_yield_now());
        (void)cedo_lock_release(&self->lock);
        cedo_await(cedo_join(&self->t.task));
        (void)cedo_lock_release(&self->lock);
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_MS(20), cedo_lock_acquire(&self->lock)));
        limited_print("free lock", self->status, "True");
        (void)cedo_call_later(&py_loop, &self->later, CEDO_MS(20), limited_releases, &self->lock);
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_MS(20), cedo_lock_acquire(&self->lock)));
        limited_print("released at the deadline", self->status, "True");
        p("locked %s", py_bool(cedo_lock_locked(&self->lock)));

        (void)cedo_semaphore_init(&self->s, 1);
        cedo_await(cedo_semaphore_acquire(&self->s));
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_MS(20), cedo_semaphore_acquire(&self->s)));
        limited_print("semaphore", self->status, "True");
        (void)cedo_semaphore_release(&self->s);
        p("locked %s", py_bool(cedo_semaphore_locked(&self->s)));
        cedo_catch(self->status,
                   cedo_wait_for(&self->limit, CEDO_MS(20), cedo_semaphore_acquire(&self->s)));
        limited_print("semaphore with a permit", self->status, "True");

        cedo_queue_init(&self->q);
        cedo_await(cedo_call(&self->get, limited_get, .n = "get", .q = &self->q.queue));
        put_text(&self->q.queue, "1");
        p("size %zu", cedo_queue_size(&self->q.queue));
        self->item = "2";
        cedo_catch(self->status, cedo_wait_for(&self->limit, CEDO_MS(20),
                                               cedo_queue_put(&self->q.queue, &self->item)));
        limited_print("put", self->status, "None");
        self->status = (int)cedo_queue_size(&self->q.queue);
        self->item = taken(&self->q.queue);
        p("size %d %s %zu", self->status, self->item, cedo_queue_size(&self->q.queue));
        self->put.q = &self->q.queue;
        self->put.item = "3";
        (void)cedo_call_later(&py_loop, &self->later, CEDO_MS(10), limited_puts, &self->put);
        cedo_await(cedo_call(&self->get, limited_get, .n = "get in time", .q = &self->q.queue));
        self->put.item = "4";
        (void)cedo_call_later(&py_loop, &self->later, CEDO_MS(20), limited_puts, &self->put);
        cedo_await(
            cedo_call(&self->get, limited_get, .n = "put at the deadline", .q = &self->q.queue));
        p("size %zu", cedo_queue_size(&self->q.queue));
        cedo_await(
            cedo_call(&self->get, limited_get, .n = "get of what stayed", .q = &self->q.queue));
        (void)cedo_spawn(&self->a, limited_get, .n = "a", .q = &self->q.queue);
        (void)cedo_spawn(&self->b, limited_get, .n = "b", .q = &self->q.queue);
        cedo_await(cedo_sleep_ms(10));
        put_text(&self->q.queue, "5");
        cedo_await(cedo_join(&self->a.task));
        cedo_await(cedo_join(&self->b.task));
        p("size %zu", cedo_queue_size(&self->q.queue));
    }
}

static void sync_waitfor_lock(void)
{
    PY_RUN(limited_main);
}

/* ------------------------------------------------------------- */

ORACLE_TABLE(queue) = {
    {"queue_basic", queue_basic},
    {"queue_cancel_getter", queue_cancel_getter},
    {"queue_cancel_putter", queue_cancel_putter},
    {"queue_join_task_done", queue_join_task_done},
    {"queue_priority_lifo", queue_priority_lifo},
    {"queue_shutdown", queue_shutdown},
    {"queue_shutdown_immediate", queue_shutdown_immediate},
    {"sync_waitfor_lock", sync_waitfor_lock},
    {NULL, NULL},
};
