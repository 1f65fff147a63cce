/* Traces of locks, events, conditions, semaphores and barriers. */
#include "oracle.h"

/* ------------------------------------------------------------- lock_fifo_fairness */

struct fair_w {
    cedo_coro coro;
    int n;
    cedo_lock *lock;
    cedo_hold hold;
};

static cedo_async(fair_w)
{
    cedo_body(struct fair_w, self) {
        p("%d wants", self->n);
        cedo_with_lock (&self->hold, self->lock) {
            p("%d has it; locked %s", self->n, py_bool(cedo_lock_locked(self->lock)));
            cedo_await(cedo_yield_now());
            p("%d releases", self->n);
        }
    }
}

struct fair_greedy {
    cedo_coro coro;
    cedo_lock *lock;
};

static cedo_async(fair_greedy)
{
    cedo_body(struct fair_greedy, self) {
        cedo_await(cedo_lock_acquire(self->lock));
        p("greedy has it");
        cedo_await(cedo_sleep_ms(20));
        (void)cedo_lock_release(self->lock);
        p("greedy released; locked right after %s", py_bool(cedo_lock_locked(self->lock)));
        cedo_await(cedo_lock_acquire(self->lock));
        p("greedy has it again");
        (void)cedo_lock_release(self->lock);
    }
}

struct fair_main {
    cedo_coro coro;
    cedo_lock lock;
    cedo_task_of(fair_greedy) g;
    cedo_task_of(fair_w) t[3];
    int i;
    int status;
};

static cedo_async(fair_main)
{
    cedo_body(struct fair_main, self) {
        (void)cedo_spawn(&self->g, fair_greedy, .lock = &self->lock);
        cedo_await(cedo_yield_now());
        for (self->i = 0; self->i < 3; self->i++)
            (void)cedo_spawn(&self->t[self->i], fair_w, .n = self->i, .lock = &self->lock);
        cedo_await(cedo_join(&self->g.task));
        for (self->i = 0; self->i < 3; self->i++) cedo_await(cedo_join(&self->t[self->i].task));
        p("locked %s", py_bool(cedo_lock_locked(&self->lock)));
        if (cedo_lock_release(&self->lock) == CEDO_ESTATE)
            p("release of an unlocked lock -> RuntimeError");
        cedo_catch(self->status, cedo_lock_acquire(&self->lock));
        p("acquire returns %s", py_bool(self->status == CEDO_OK));
        (void)cedo_lock_release(&self->lock);
    }
}

static void lock_fifo_fairness(void)
{
    PY_RUN(fair_main);
}

/* ------------------------------------------------------------- event_semantics */

struct event_w {
    cedo_coro coro;
    const char *n;
    cedo_event *ev;
};

static cedo_async(event_w)
{
    cedo_body(struct event_w, self) {
        cedo_await(cedo_event_wait(self->ev));
        p("woken %s True is_set %s", self->n, py_bool(cedo_event_is_set(self->ev)));
    }
}

static cedo_status event_prints(void *text)
{
    p("%s", (const char *)text);
    return CEDO_OK;
}

struct event_main {
    cedo_coro coro;
    cedo_event ev;
    cedo_task_of(event_w) t[3], late, c, d;
    cedo_handle soon;
    char text[5];
    int i;
    int status;
};

static cedo_async(event_main)
{
    static const char *const names[] = {"0", "1", "2"};
    cedo_body(struct event_main, self) {
        p("initially %s", py_bool(cedo_event_is_set(&self->ev)));
        for (self->i = 0; self->i < 3; self->i++)
            (void)cedo_spawn(&self->t[self->i], event_w, .n = names[self->i], .ev = &self->ev);
        cedo_await(cedo_yield_now());
        cedo_event_set(&self->ev);
        cedo_event_clear(&self->ev);
        p("set+clear; is_set %s", py_bool(cedo_event_is_set(&self->ev)));
        (void)cedo_spawn(&self->late, event_w, .n = "late", .ev = &self->ev);
        for (self->i = 0; self->i < 3; self->i++) cedo_await(cedo_join(&self->t[self->i].task));
        p("late done %s", py_bool(cedo_task_done(&self->late.task)));
        cedo_event_set(&self->ev);
        cedo_event_set(&self->ev);
        cedo_await(cedo_join(&self->late.task));
        strcpy(self->text, "soon");
        (void)cedo_call_soon(&py_loop, &self->soon, event_prints, self->text);
        cedo_catch(self->status, cedo_event_wait(&self->ev));
        p("no yield: %s", py_bool(self->status == CEDO_OK));
        cedo_await(cedo_yield_now());
        cedo_event_clear(&self->ev);
        (void)cedo_spawn(&self->c, event_w, .n = "cancelled", .ev = &self->ev);
        (void)cedo_spawn(&self->d, event_w, .n = "d", .ev = &self->ev);
        cedo_await(cedo_yield_now());
        (void)cedo_task_cancel(&self->c.task);
        cedo_event_set(&self->ev);
        cedo_catch(self->status, cedo_join(&self->c.task));
        cedo_await(cedo_join(&self->d.task));
        p("c cancelled %s", py_bool(cedo_task_cancelled(&self->c.task)));
    }
}

static void event_semantics(void)
{
    PY_RUN(event_main);
}

/* ------------------------------------------------------------- condition_notify */

struct notify_w {
    cedo_coro coro;
    int n;
    cedo_condition *cond;
    cedo_hold hold;
    int status;
};

static cedo_async(notify_w)
{
    cedo_body(struct notify_w, self) {
        cedo_with_condition (&self->hold, self->cond) {
            p("%d waits", self->n);
            cedo_catch(self->status, cedo_condition_wait(self->cond));
            p("%d woken %s locked %s", self->n, py_bool(self->status == CEDO_OK),
              py_bool(cedo_condition_locked(self->cond)));
            cedo_await(cedo_yield_now());
            p("%d leaves", self->n);
        }
    }
}

struct notify_main {
    cedo_coro coro;
    cedo_condition cond;
    cedo_task_of(notify_w) t[5];
    cedo_hold hold;
    int i;
    int status;
};

static cedo_async(notify_main)
{
    cedo_body(struct notify_main, self) {
        for (self->i = 0; self->i < 5; self->i++)
            (void)cedo_spawn(&self->t[self->i], notify_w, .n = self->i, .cond = &self->cond);
        cedo_await(cedo_sleep_ms(20));
        cedo_with_condition (&self->hold, &self->cond) {
            (void)cedo_condition_notify(&self->cond, 2);
            p("notified 2; nobody runs while we hold the lock");
            cedo_await(cedo_sleep_ms(20));
            p("releasing");
        }
        cedo_await(cedo_sleep_ms(20));
        cedo_with_condition (&self->hold, &self->cond) {
            (void)cedo_condition_notify(&self->cond, 1);
        }
        cedo_await(cedo_sleep_ms(20));
        cedo_with_condition (&self->hold, &self->cond) {
            (void)cedo_condition_notify_all(&self->cond);
        }
        for (self->i = 0; self->i < 5; self->i++) cedo_await(cedo_join(&self->t[self->i].task));
        cedo_with_condition (&self->hold, &self->cond) {
            (void)cedo_condition_notify(&self->cond, 3);
            p("notify without waiters is lost");
        }
        if (cedo_condition_notify(&self->cond, 1) == CEDO_ESTATE)
            p("notify without the lock -> RuntimeError");
        if (cedo_condition_notify_all(&self->cond) == CEDO_ESTATE)
            p("notify_all without the lock -> RuntimeError");
        cedo_catch(self->status, cedo_condition_wait(&self->cond));
        if (self->status == CEDO_ESTATE) p("wait without the lock -> RuntimeError");
    }
}

static void condition_notify(void)
{
    PY_RUN(notify_main);
}

/* ------------------------------------------------------------- condition_wait_for */

struct until_w {
    cedo_coro coro;
    cedo_condition *c1;
    const int *v;
    cedo_hold hold;
    int got;
};

static int until_pred(const int *v)
{
    p("predicate %d", *v);
    return *v >= 2 ? *v : 0;
}

static cedo_async(until_w)
{
    cedo_body(struct until_w, self) {
        cedo_with_condition (&self->hold, self->c1) {
            cedo_condition_wait_for(self->c1, (self->got = until_pred(self->v)) != 0);
            p("got value %d", self->got);
        }
    }
}

struct until_main {
    cedo_coro coro;
    cedo_lock lock;
    cedo_condition c1, c2;
    cedo_task_of(until_w) t;
    cedo_hold hold;
    int v;
    int i;
    bool value;
};

static cedo_async(until_main)
{
    cedo_body(struct until_main, self) {
        self->c1.shared = &self->lock;
        self->c2.shared = &self->lock;
        (void)cedo_spawn(&self->t, until_w, .c1 = &self->c1, .v = &self->v);
        cedo_await(cedo_yield_now());
        for (self->i = 0; self->i < 3; self->i++) {
            cedo_with_condition (&self->hold, &self->c1) {
                self->v++;
                (void)cedo_condition_notify_all(&self->c1);
            }
            cedo_await(cedo_sleep_ms(10));
            if (cedo_task_done(&self->t.task)) break;
        }
        cedo_with_condition (&self->hold, &self->c2) {
            p("both conditions share the lock %s %s", py_bool(cedo_condition_locked(&self->c1)),
              py_bool(cedo_lock_locked(&self->lock)));
            cedo_condition_wait_for(&self->c2, (self->value = true));
            p("true at once does not wait: %s", py_bool(self->value));
        }
    }
}

static void condition_wait_for(void)
{
    PY_RUN(until_main);
}

/* ------------------------------------------------------------- semaphore_bounded */

struct bounded_main {
    cedo_coro coro;
    cedo_semaphore s;
    cedo_hold outer, inner;
    int i;
};

static cedo_async(bounded_main)
{
    cedo_body(struct bounded_main, self) {
        (void)cedo_bounded_semaphore_init(&self->s, 2);
        for (self->i = 0; self->i < 2; self->i++)
            if (cedo_semaphore_release(&self->s) == CEDO_EINVAL) p("ValueError");
        cedo_with_semaphore (&self->outer, &self->s) {
            cedo_with_semaphore (&self->inner, &self->s) {
                p("locked %s", py_bool(cedo_semaphore_locked(&self->s)));
            }
            p("locked %s", py_bool(cedo_semaphore_locked(&self->s)));
        }
        if (cedo_semaphore_release(&self->s) == CEDO_EINVAL) p("ValueError");
        cedo_await(cedo_semaphore_acquire(&self->s));
        cedo_await(cedo_semaphore_acquire(&self->s));
        p("locked %s", py_bool(cedo_semaphore_locked(&self->s)));
    }
}

static void semaphore_bounded(void)
{
    PY_RUN(bounded_main);
}

/* ------------------------------------------------------------- semaphore_fifo */

struct fifo_w {
    cedo_coro coro;
    const char *n;
    cedo_semaphore *sem;
};

static cedo_async(fifo_w)
{
    cedo_body(struct fifo_w, self) {
        cedo_await(cedo_semaphore_acquire(self->sem));
        p("%s acquired", self->n);
    }
}

struct fifo_main {
    cedo_coro coro;
    cedo_semaphore sem, z;
    cedo_task_of(fifo_w) t[3], me, last;
    int i;
    int status;
};

static cedo_async(fifo_main)
{
    static const char *const names[] = {"a", "b", "c"};
    cedo_body(struct fifo_main, self) {
        (void)cedo_semaphore_init(&self->sem, 2);
        for (self->i = 0; self->i < 2; self->i++) {
            cedo_catch(self->status, cedo_semaphore_acquire(&self->sem));
            p("%s %s", py_bool(self->status == CEDO_OK),
              py_bool(cedo_semaphore_locked(&self->sem)));
        }
        for (self->i = 0; self->i < 3; self->i++)
            (void)cedo_spawn(&self->t[self->i], fifo_w, .n = names[self->i], .sem = &self->sem);
        cedo_await(cedo_yield_now());
        (void)cedo_semaphore_release(&self->sem);
        p("released one for a; locked for others %s", py_bool(cedo_semaphore_locked(&self->sem)));
        (void)cedo_spawn(&self->me, fifo_w, .n = "barger", .sem = &self->sem);
        (void)cedo_semaphore_release(&self->sem);
        cedo_await(cedo_yield_now());
        cedo_await(cedo_yield_now());
        for (self->i = 0; self->i < 3; self->i++) (void)cedo_semaphore_release(&self->sem);
        cedo_await(cedo_join(&self->me.task));
        for (self->i = 0; self->i < 3; self->i++) cedo_await(cedo_join(&self->t[self->i].task));
        p("locked %s", py_bool(cedo_semaphore_locked(&self->sem)));
        cedo_catch(self->status, cedo_semaphore_acquire(&self->sem));
        p("%s", py_bool(self->status == CEDO_OK));
        p("now locked %s", py_bool(cedo_semaphore_locked(&self->sem)));
        self->status = CEDO_OK;
        for (self->i = 0; self->i < 3 && self->status == CEDO_OK; self->i++)
            self->status = cedo_semaphore_release(&self->sem);
        if (self->status == CEDO_OK) p("may exceed the initial value");
        if (cedo_semaphore_init(&self->z, -1) == CEDO_EINVAL) p("negative -> ValueError");
        (void)cedo_semaphore_init(&self->z, 0);
        (void)cedo_spawn(&self->last, fifo_w, .n = "z", .sem = &self->z);
        cedo_await(cedo_yield_now());
        p("zero: blocked %s", py_bool(!cedo_task_done(&self->last.task)));
        (void)cedo_semaphore_release(&self->z);
        cedo_await(cedo_join(&self->last.task));
    }
}

static void semaphore_fifo(void)
{
    PY_RUN(fifo_main);
}

/* ------------------------------------------------------------- barriers */

/* What a list of ("name", index) is in Python. */
struct arrivals {
    struct {
        const char *name;
        unsigned index;
    } got[4];
    unsigned count;
};

/* As print(sorted(...)) has it. */
static const char *arrivals_sorted(const struct arrivals *arrivals)
{
    static char text[256];
    bool done[4] = {false, false, false, false};
    strcpy(text, "[");
    for (unsigned i = 0; i < arrivals->count; i++) {
        unsigned first = arrivals->count;
        char index[2] = "0";
        for (unsigned j = 0; j < arrivals->count; j++) {
            if (done[j]) continue;
            if (first == arrivals->count ||
                strcmp(arrivals->got[j].name, arrivals->got[first].name) < 0)
                first = j;
        }
        done[first] = true;
        index[0] = (char)('0' + (int)arrivals->got[first].index);
        strcat(strcat(strcat(text, i ? ", ('" : "('"), arrivals->got[first].name), "', ");
        strcat(strcat(text, index), ")");
    }
    return strcat(text, "]");
}

struct party {
    cedo_coro coro;
    const char *n;
    cedo_barrier *b;
    struct arrivals *got;
    unsigned i;
};

static cedo_async(party)
{
    cedo_body(struct party, self) {
        cedo_await(cedo_barrier_wait(self->b, &self->i));
        self->got->got[self->got->count].name = self->n;
        self->got->got[self->got->count++].index = self->i;
    }
}

/* ------------------------------------------------------------- barrier_basic */

struct basic_main {
    cedo_coro coro;
    cedo_barrier b, one;
    struct arrivals got;
    cedo_task_of(party) t[3];
    struct party w;
    unsigned index;
    int i;
};

static void basic_start(struct basic_main *self, const char *const *names, int count)
{
    self->got.count = 0;
    for (int i = 0; i < count; i++)
        (void)cedo_spawn(&self->t[i], party, .n = names[i], .b = &self->b, .got = &self->got);
}

static cedo_async(basic_main)
{
    static const char *const first[] = {"a", "b"}, *const rounds[] = {"x", "y", "z"},
                             *const with[] = {"p", "q", "r"};
    cedo_body(struct basic_main, self) {
        (void)cedo_barrier_init(&self->b, 3);
        p("parties %u waiting %u broken %s", cedo_barrier_parties(&self->b),
          cedo_barrier_n_waiting(&self->b), py_bool(cedo_barrier_broken(&self->b)));
        basic_start(self, first, 2);
        cedo_await(cedo_sleep_ms(10));
        p("waiting %u released %s", cedo_barrier_n_waiting(&self->b), arrivals_sorted(&self->got));
        cedo_await(cedo_call(&self->w, party, .n = "main", .b = &self->b, .got = &self->got));
        p("last arrival continues first %s waiting %u", arrivals_sorted(&self->got),
          cedo_barrier_n_waiting(&self->b));
        for (self->i = 0; self->i < 2; self->i++) cedo_await(cedo_join(&self->t[self->i].task));
        p("all %s", arrivals_sorted(&self->got));
        basic_start(self, rounds, 3);
        for (self->i = 0; self->i < 3; self->i++) cedo_await(cedo_join(&self->t[self->i].task));
        p("second round %s", arrivals_sorted(&self->got));
        basic_start(self, with, 3); /* a block of it would be the wait alone: nothing is left */
        for (self->i = 0; self->i < 3; self->i++) cedo_await(cedo_join(&self->t[self->i].task));
        p("async with %s", arrivals_sorted(&self->got));
        (void)cedo_barrier_init(&self->one, 1);
        cedo_await(cedo_barrier_wait(&self->one, &self->index));
        p("one party %u", self->index);
        if (cedo_barrier_init(&self->one, 0) == CEDO_EINVAL) p("0 parties -> ValueError");
    }
}

static void barrier_basic(void)
{
    PY_RUN(basic_main);
}

/* ------------------------------------------------------------- barrier_cancel */

struct cancel_main {
    cedo_coro coro;
    cedo_barrier b;
    struct arrivals res;
    cedo_task_of(party) a, c;
    struct party w;
    int status;
};

static cedo_async(cancel_main)
{
    cedo_body(struct cancel_main, self) {
        (void)cedo_barrier_init(&self->b, 2);
        (void)cedo_spawn(&self->a, party, .n = "a", .b = &self->b, .got = &self->res);
        cedo_await(cedo_sleep_ms(10));
        p("waiting %u", cedo_barrier_n_waiting(&self->b));
        (void)cedo_task_cancel(&self->a.task);
        cedo_catch(self->status, cedo_join(&self->a.task));
        p("a cancelled %s waiting %u broken %s", py_bool(cedo_task_cancelled(&self->a.task)),
          cedo_barrier_n_waiting(&self->b), py_bool(cedo_barrier_broken(&self->b)));
        (void)cedo_spawn(&self->c, party, .n = "c", .b = &self->b, .got = &self->res);
        cedo_await(cedo_sleep_ms(10));
        p("c alone waits %s %u", py_bool(!cedo_task_done(&self->c.task)),
          cedo_barrier_n_waiting(&self->b));
        cedo_await(cedo_call(&self->w, party, .n = "d", .b = &self->b, .got = &self->res));
        cedo_await(cedo_join(&self->c.task));
        p("%s", arrivals_sorted(&self->res));
    }
}

static void barrier_cancel(void)
{
    PY_RUN(cancel_main);
}

/* ------------------------------------------------------------- cancelled while waiting */

static cedo_status print_line(void *line)
{
    p("%s", (const char *)line);
    return CEDO_OK;
}

/* A call that prints a line. */
#define LINE(text) ((void *)(uintptr_t)("" text))

static const char *was_cancelled(const cedo_task *task)
{
    return py_bool(cedo_task_cancelled(task));
}

/* ------------------------------------------------------------- lock_cancel_waiter */

struct lock_w {
    cedo_coro coro;
    const char *n;
    cedo_lock *lock;
    int status;
};

static cedo_async(lock_w)
{
    cedo_body(struct lock_w, self) {
        cedo_catch(self->status, cedo_lock_acquire(self->lock));
        if (self->status == CEDO_ECANCELED) {
            p("%s cancelled; locked %s", self->n, py_bool(cedo_lock_locked(self->lock)));
            cedo_throw(self->status);
        }
        p("%s has it", self->n);
        cedo_await(cedo_yield_now());
        p("%s releases", self->n);
        (void)cedo_lock_release(self->lock);
    }
}

struct lock_main {
    cedo_coro coro;
    cedo_lock lock;
    cedo_task_of(lock_w) t[9];
    cedo_handle soon;
    int i;
    int status;
};

/* Waiters `from` up to `to`, each with its letter as name. */
static void lock_start(struct lock_main *self, int from, int to)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
    for (int i = from; i < to; i++)
        (void)cedo_spawn(&self->t[i], lock_w, .n = names[i], .lock = &self->lock);
}

static cedo_async(lock_main)
{
    enum { A, B, C, D, E, F, G, H, I };
    cedo_body(struct lock_main, self) {
        (void)cedo_call_soon(&py_loop, &self->soon, print_line, LINE("the loop had a turn"));
        cedo_catch(self->status, cedo_lock_acquire(&self->lock));
        p("acquire returns %s", py_bool(self->status == CEDO_OK));
        cedo_await(cedo_yield_now());

        lock_start(self, A, D);
        cedo_await(cedo_yield_now());
        (void)cedo_task_cancel(&self->t[B].task);
        cedo_catch(self->status, cedo_join(&self->t[B].task));
        p("queued: cancelled %s", was_cancelled(&self->t[B].task));
        (void)cedo_lock_release(&self->lock);
        cedo_await(cedo_join(&self->t[A].task));
        cedo_await(cedo_join(&self->t[C].task));

        cedo_await(cedo_lock_acquire(&self->lock));
        lock_start(self, D, F);
        cedo_await(cedo_yield_now());
        (void)cedo_lock_release(&self->lock);
        (void)cedo_task_cancel(&self->t[D].task);
        p("locked %s", py_bool(cedo_lock_locked(&self->lock)));
        for (self->i = D; self->i <= E; self->i++)
            cedo_catch(self->status, cedo_join(&self->t[self->i].task));
        p("chosen: cancelled %s %s locked %s", was_cancelled(&self->t[D].task),
          was_cancelled(&self->t[E].task), py_bool(cedo_lock_locked(&self->lock)));

        cedo_await(cedo_lock_acquire(&self->lock));
        lock_start(self, F, H);
        cedo_await(cedo_yield_now());
        (void)cedo_lock_release(&self->lock);
        for (self->i = F; self->i <= G; self->i++) (void)cedo_task_cancel(&self->t[self->i].task);
        for (self->i = F; self->i <= G; self->i++)
            cedo_catch(self->status, cedo_join(&self->t[self->i].task));
        p("both: cancelled %s %s locked %s", was_cancelled(&self->t[F].task),
          was_cancelled(&self->t[G].task), py_bool(cedo_lock_locked(&self->lock)));

        cedo_await(cedo_lock_acquire(&self->lock));
        lock_start(self, H, I + 1);
        cedo_await(cedo_yield_now());
        for (self->i = H; self->i <= I; self->i++) (void)cedo_task_cancel(&self->t[self->i].task);
        (void)cedo_lock_release(&self->lock);
        (void)cedo_call_soon(&py_loop, &self->soon, print_line, LINE("the loop had a turn"));
        cedo_await(cedo_lock_acquire(&self->lock));
        p("taken at once; h done %s", py_bool(cedo_task_done(&self->t[H].task)));
        for (self->i = H; self->i <= I; self->i++)
            cedo_catch(self->status, cedo_join(&self->t[self->i].task));
        (void)cedo_lock_release(&self->lock);
        p("locked %s", py_bool(cedo_lock_locked(&self->lock)));
    }
}

static void lock_cancel_waiter(void)
{
    PY_RUN(lock_main);
}

/* ------------------------------------------------------------- semaphore_cancel */

struct permit_w {
    cedo_coro coro;
    const char *n;
    cedo_semaphore *s;
    int status;
};

static cedo_async(permit_w)
{
    cedo_body(struct permit_w, self) {
        cedo_catch(self->status, cedo_semaphore_acquire(self->s));
        p("%s %s; locked %s", self->n, self->status == CEDO_ECANCELED ? "cancelled" : "has one",
          py_bool(cedo_semaphore_locked(self->s)));
        if (self->status < 0) cedo_throw(self->status);
    }
}

struct permit_main {
    cedo_coro coro;
    cedo_semaphore s;
    cedo_task_of(permit_w) t[7];
    int i, n;
    int status;
};

static void permit_start(struct permit_main *self, int from, int to)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g"};
    for (int i = from; i < to; i++)
        (void)cedo_spawn(&self->t[i], permit_w, .n = names[i], .s = &self->s);
}

static cedo_async(permit_main)
{
    enum { A, B, C, D, E, F, G };
    cedo_body(struct permit_main, self) {
        (void)cedo_semaphore_init(&self->s, 1);
        cedo_await(cedo_semaphore_acquire(&self->s));
        permit_start(self, A, C);
        cedo_await(cedo_yield_now());
        (void)cedo_task_cancel(&self->t[A].task);
        cedo_catch(self->status, cedo_join(&self->t[A].task));
        (void)cedo_semaphore_release(&self->s);
        cedo_await(cedo_join(&self->t[B].task));
        p("queued: cancelled %s %s locked %s", was_cancelled(&self->t[A].task),
          was_cancelled(&self->t[B].task), py_bool(cedo_semaphore_locked(&self->s)));

        permit_start(self, C, F);
        cedo_await(cedo_yield_now());
        (void)cedo_semaphore_release(&self->s);
        (void)cedo_task_cancel(&self->t[C].task);
        p("locked %s", py_bool(cedo_semaphore_locked(&self->s)));
        for (self->i = C; self->i <= D; self->i++)
            cedo_catch(self->status, cedo_join(&self->t[self->i].task));
        p("granted: cancelled %s %s e waits %s", was_cancelled(&self->t[C].task),
          was_cancelled(&self->t[D].task), py_bool(!cedo_task_done(&self->t[E].task)));

        permit_start(self, F, G + 1);
        cedo_await(cedo_yield_now());
        (void)cedo_semaphore_release(&self->s);
        (void)cedo_semaphore_release(&self->s);
        (void)cedo_task_cancel(&self->t[E].task);
        (void)cedo_task_cancel(&self->t[F].task);
        for (self->i = E; self->i <= G; self->i++)
            cedo_catch(self->status, cedo_join(&self->t[self->i].task));
        p("two granted: cancelled %s %s %s", was_cancelled(&self->t[E].task),
          was_cancelled(&self->t[F].task), was_cancelled(&self->t[G].task));
        for (self->n = 0; !cedo_semaphore_locked(&self->s); self->n++)
            cedo_await(cedo_semaphore_acquire(&self->s));
        p("permits left %d", self->n);
    }
}

static void semaphore_cancel(void)
{
    PY_RUN(permit_main);
}

/* ------------------------------------------------------------- condition_cancel */

struct cond_w {
    cedo_coro coro;
    const char *n;
    cedo_condition *cond;
    cedo_hold hold;
    int status;
};

static cedo_async(cond_w)
{
    cedo_body(struct cond_w, self) {
        cedo_with_condition (&self->hold, self->cond) {
            p("%s waits", self->n);
            cedo_catch(self->status, cedo_condition_wait(self->cond));
            p("%s %s; locked %s", self->n,
              self->status == CEDO_ECANCELED ? "cancelled" : "notified",
              py_bool(cedo_condition_locked(self->cond)));
            if (self->status < 0) cedo_throw(self->status);
        }
    }
}

struct cond_main {
    cedo_coro coro;
    cedo_condition cond;
    cedo_task_of(cond_w) t[7];
    cedo_hold hold;
    int i;
    int status;
};

static void cond_start(struct cond_main *self, int from, int to)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g"};
    for (int i = from; i < to; i++)
        (void)cedo_spawn(&self->t[i], cond_w, .n = names[i], .cond = &self->cond);
}

static cedo_async(cond_main)
{
    enum { A, B, C, D, E, F, G };
    cedo_body(struct cond_main, self) {
        cond_start(self, A, B);
        cedo_await(cedo_yield_now());
        cedo_await(cedo_condition_acquire(&self->cond));
        (void)cedo_task_cancel(&self->t[A].task);
        cedo_await(cedo_yield_now());
        cedo_await(cedo_yield_now());
        p("held by main: a done %s", py_bool(cedo_task_done(&self->t[A].task)));
        (void)cedo_condition_release(&self->cond);
        cedo_catch(self->status, cedo_join(&self->t[A].task));
        p("a cancelled %s locked %s", was_cancelled(&self->t[A].task),
          py_bool(cedo_condition_locked(&self->cond)));

        cond_start(self, B, D);
        cedo_await(cedo_yield_now());
        cedo_with_condition (&self->hold, &self->cond) {
            (void)cedo_condition_notify(&self->cond, 1);
            (void)cedo_task_cancel(&self->t[B].task);
        }
        for (self->i = B; self->i <= C; self->i++)
            cedo_catch(self->status, cedo_join(&self->t[self->i].task));
        p("notified: cancelled %s %s", was_cancelled(&self->t[B].task),
          was_cancelled(&self->t[C].task));

        cond_start(self, D, F);
        cedo_await(cedo_yield_now());
        cedo_await(cedo_condition_acquire(&self->cond));
        (void)cedo_condition_notify(&self->cond, 1);
        cedo_await(cedo_yield_now());
        for (self->i = 0; self->i < 2; self->i++) {
            (void)cedo_task_cancel(&self->t[D].task);
            cedo_await(cedo_yield_now());
            p("wants the lock: d done %s", py_bool(cedo_task_done(&self->t[D].task)));
        }
        (void)cedo_condition_release(&self->cond);
        for (self->i = D; self->i <= E; self->i++)
            cedo_catch(self->status, cedo_join(&self->t[self->i].task));
        p("wanting: cancelled %s %s locked %s", was_cancelled(&self->t[D].task),
          was_cancelled(&self->t[E].task), py_bool(cedo_condition_locked(&self->cond)));

        cond_start(self, F, G + 1);
        cedo_await(cedo_yield_now());
        cedo_await(cedo_condition_acquire(&self->cond));
        (void)cedo_task_cancel(&self->t[F].task);
        cedo_await(cedo_yield_now());
        (void)cedo_condition_release(&self->cond);
        (void)cedo_task_cancel(&self->t[F].task);
        for (self->i = F; self->i <= G; self->i++)
            cedo_catch(self->status, cedo_join(&self->t[self->i].task));
        p("given the lock: cancelled %s %s locked %s", was_cancelled(&self->t[F].task),
          was_cancelled(&self->t[G].task), py_bool(cedo_condition_locked(&self->cond)));
    }
}

static void condition_cancel(void)
{
    PY_RUN(cond_main);
}

/* ------------------------------------------------------------- barrier_abort_reset */

struct broken_w {
    cedo_coro coro;
    const char *n;
    cedo_barrier *b;
    unsigned index;
    int status;
};

static cedo_async(broken_w)
{
    cedo_body(struct broken_w, self) {
        cedo_catch(self->status, cedo_barrier_wait(self->b, &self->index));
        if (self->status == CEDO_OK) p("%s passes %u", self->n, self->index);
        if (self->status == CEDO_ECLOSED) p("%s BrokenBarrierError", self->n);
        if (self->status == CEDO_ECANCELED) cedo_throw(self->status);
    }
}

struct broken_main {
    cedo_coro coro;
    cedo_barrier b;
    cedo_task_of(broken_w) t[11];
    int i;
};

static void broken_start(struct broken_main *self, int from, int to)
{
    static const char *const names[] = {"a", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};
    for (int i = from; i < to; i++)
        (void)cedo_spawn(&self->t[i], broken_w, .n = names[i], .b = &self->b);
}

static void broken_show(const struct broken_main *self, const char *what)
{
    p("%s waiting %u broken %s", what, cedo_barrier_n_waiting(&self->b),
      py_bool(cedo_barrier_broken(&self->b)));
}

static cedo_async(broken_main)
{
    enum { A, C, D, E, F, G, H, I, J, K, L };
    cedo_body(struct broken_main, self) {
        (void)cedo_barrier_init(&self->b, 3);
        cedo_barrier_reset(&self->b);
        broken_show(self, "reset of an empty one:");
        broken_start(self, A, D);
        cedo_await(cedo_yield_now());
        broken_show(self, "two of three:");
        cedo_barrier_reset(&self->b);
        broken_show(self, "reset:");
        broken_start(self, D, F);
        cedo_await(cedo_yield_now());
        for (self->i = A; self->i <= C; self->i++) cedo_await(cedo_join(&self->t[self->i].task));
        cedo_await(cedo_yield_now());
        broken_show(self, "a fresh round:");
        broken_start(self, F, G);
        cedo_await(cedo_yield_now());
        for (self->i = D; self->i <= F; self->i++) cedo_await(cedo_join(&self->t[self->i].task));

        broken_start(self, G, I);
        cedo_await(cedo_yield_now());
        cedo_barrier_abort(&self->b);
        broken_show(self, "abort:");
        for (self->i = G; self->i <= H; self->i++) cedo_await(cedo_join(&self->t[self->i].task));
        broken_start(self, I, J);
        cedo_await(cedo_yield_now());
        cedo_await(cedo_join(&self->t[I].task));
        cedo_barrier_abort(&self->b);
        broken_show(self, "abort again:");
        cedo_barrier_reset(&self->b);
        broken_show(self, "reset:");
        broken_start(self, J, L + 1);
        cedo_await(cedo_yield_now());
        for (self->i = J; self->i <= L; self->i++) cedo_await(cedo_join(&self->t[self->i].task));
        broken_show(self, "all:");
    }
}

static void barrier_abort_reset(void)
{
    PY_RUN(broken_main);
}

/* ------------------------------------------------------------- */

ORACLE_TABLE(sync) = {
    {"barrier_abort_reset", barrier_abort_reset},
    {"barrier_basic", barrier_basic},
    {"barrier_cancel", barrier_cancel},
    {"condition_cancel", condition_cancel},
    {"condition_notify", condition_notify},
    {"condition_wait_for", condition_wait_for},
    {"event_semantics", event_semantics},
    {"lock_cancel_waiter", lock_cancel_waiter},
    {"lock_fifo_fairness", lock_fifo_fairness},
    {"semaphore_bounded", semaphore_bounded},
    {"semaphore_cancel", semaphore_cancel},
    {"semaphore_fifo", semaphore_fifo},
    {NULL, NULL},
};
