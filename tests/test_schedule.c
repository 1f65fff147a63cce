/* Random programs under random schedules. A seed makes tasks that use all that can be waited for,
 * in finally sections, blocks and limits; it chooses which of those that are ready comes next; and
 * each time a task has been suspended it may cancel one, take a request back, let time pass over
 * several deadlines, set, post or close something. After every step the library must agree with a
 * model: no item, permit or wake-up is lost, none is doubled, no task is resumed that was not woken,
 * every finally section runs once, nothing is open at the end.
 *
 * A seed that fails is printed; see seeds.h for how to play it again, and how to play many.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "seeds.h"
#include "world.h"

/* what this build has */
#if CEDO_SCOPES && CEDO_JOIN && CEDO_REGISTRY
#define GROUPS 1
#else
#define GROUPS 0
#endif
#if CEDO_SCOPES && CEDO_JOIN
#define SETS 1
#else
#define SETS 0
#endif

#define ACTORS 8
#define LIVES 64
#define TURNS 2000 /* then all come to their end */
#define TURNS_MOST 20000

/* ------------------------------------------------------------- of each seed */

static cedo_duration unit; /* of its delays: within a slot of the timer wheel, or far beyond */
static int injections;     /* one in so many suspensions; 0: none */
static bool is_ending;
static unsigned closes_after; /* so many turns */
static bool is_posted;        /* an interrupt has posted what the loop may not have seen */
static bool is_plain;         /* the schedule is that of the loop */
static int expected_reports;  /* errors that nobody waits for */
static bool exits;            /* the run call must end with CEDO_EEXIT */
static int entered, left_;    /* bodies that have a finally section */
static int opened, closed;
static int deferred;

static cedo_time now(void)
{
    return cedo_loop_time(&loop);
}

static cedo_duration some_delay(void)
{
    if (chance(60)) return CEDO_FOREVER;
    return (cedo_duration)(draw(24) - 1) * unit;
}

static cedo_time after(cedo_duration delay)
{
    return cedo_time_add(now(), delay);
}

/* ------------------------------------------------------------- who is alive */

/* A task between its first step and its end. */
struct life {
    cedo_task *task; /* NULL: free */
    int number;
    bool waits;    /* in an operation that it called itself */
    bool asked;    /* it was cancelled in it */
    bool voided;   /* and a request was taken back */
    int seen;      /* at the check of this number */
    bool is_child; /* somebody must wait for it */
    bool sleeps;
    cedo_time due;
    cedo_timeout *limit;  /* around it */
    const cedo_ring *own; /* where only this one waits: of a group or set of its own */
#if GROUPS
    cedo_group *group; /* that it has opened, and that is open */
#endif
    unsigned disturbances; /* what may have changed its count of requests */
};
static struct life lives[LIVES];
static int lives_most, lives_begun;

static struct life *life_of(const cedo_task *task)
{
    static int last;
    if (lives[last].task == task) return &lives[last];
    for (int i = 0; i < lives_most; i++) {
        if (lives[i].task == task) return &lives[last = i];
    }
    return NULL;
}

static struct life *me(void)
{
    struct life *const life = life_of(cedo_current_task());
    must(life, "a task runs that does not live");
    return life;
}

static void life_begin(const char *what)
{
    static const struct life none;
    int i = 0;
    must(!life_of(cedo_current_task()), "a task begins twice");
    while (lives[i].task) i++;
    must(i < LIVES, "too many tasks");
    if (i == lives_most) lives_most++;
    lives[i] = none;
    lives[i].task = cedo_current_task();
    lives[i].number = ++lives_begun;
    note("#%d begins: %s", lives[i].number, what);
}

static void life_end(void)
{
    note("#%d ends", me()->number);
    me()->task = NULL;
}

static int number_of(const cedo_task *task)
{
    const struct life *const life = life_of(task);
    return life ? life->number : 0;
}

/* What a wait may end with: see wait_ends. */
enum { OWN, OF_A_FUTURE, OF_A_TASK };

static void wait_begins(const char *what)
{
    struct life *const life = me();
    must(!life->waits, "#%d is resumed in the midst of a wait", life->number);
    life->waits = true;
    life->asked = life->voided = life->sleeps = false;
    note("#%d: %s", life->number, what);
}

static void wait_ends(int status, int of)
{
    struct life *const life = me();
    note("#%d goes on with %d", life->number, status);
    must(life->waits, "#%d is resumed twice", life->number);
    life->waits = life->sleeps = false;
    if (life->voided) return;
    if (of != OF_A_TASK && life->asked)
        must(status == CEDO_ECANCELED, "#%d does not hear of its cancel", life->number);
    if (of == OWN && status == CEDO_ECANCELED)
        must(cedo_task_cancelling(life->task) > 0, "nobody has cancelled #%d", life->number);
}

/* Awaits an operation that is no coroutine. */
#define TRY(op, of) \
    do { \
        wait_begins(#op); \
        cedo_catch(self->status, op); \
        wait_ends(self->status, of); \
    } while (0)

static void ask(cedo_task *task)
{
    struct life *const life = life_of(task);
    const bool is_done = cedo_task_done(task);
    note("cancel #%d", life ? life->number : 0);
    if (life) life->disturbances++;
    if (life && life->waits && task != cedo_current_task()) life->asked = true;
    must(cedo_task_cancel_with(task, chance(2) ? "enough" : NULL) != is_done,
         "cancel does not say whether the task was done");
    must(is_done || cedo_task_cancelling(task) > 0, "a request is not counted");
}

static void take_back(cedo_task *task)
{
    struct life *const life = life_of(task);
    note("uncancel #%d", life ? life->number : 0);
    if (life) life->voided = true;
    if (life) life->disturbances++;
    (void)cedo_task_uncancel(task);
}

/* Any task that is not done, or NULL. */
static cedo_task *anyone(void)
{
    cedo_task *task = NULL;
    int count = 0;
    while ((task = cedo_loop_next_task(&loop, task)) != NULL) count++;
    if (!count) return NULL;
    for (int i = draw(count); i >= 0; i--) task = cedo_loop_next_task(&loop, task);
    return task;
}

/* ------------------------------------------------------------- queues */

#define PLACES 3

/* of the size that has a way of its own, see fifo.h */
typedef int64_t box_item;

enum { FIFO, LIFO, PRIORITY };

struct box {
    cedo_queue *queue; /* one of these */
    cedo_queue_of(box_item, PLACES) fifo;
    cedo_lifo_queue_of(box_item, PLACES) lifo;
    cedo_priority_queue_of(box_item, PLACES) priority;
    int kind;
    int capacity;
    int model[PLACES];
    int size, unfinished;
    unsigned ends; /* how often nothing was unfinished */
    bool is_shut;
};
static struct box boxes[2];
static int items;

static int rank_of(int item)
{
    return item % 4;
}

static int by_rank(const void *a, const void *b)
{
    return rank_of((int)*(const box_item *)a) - rank_of((int)*(const box_item *)b);
}

static void box_open(struct box *box)
{
    box->kind = draw(3);
    box->capacity = box->kind == FIFO ? 1 + draw(PLACES) : PLACES;
    box->size = box->unfinished = 0;
    box->ends++;
    box->is_shut = false;
    switch (box->kind) {
    case FIFO:
        box->queue = &box->fifo.queue;
        cedo_queue_init_at(box->queue, box->fifo.items, (size_t)box->capacity, sizeof(box_item));
        break;
    case LIFO:
        box->queue = &box->lifo.queue;
        cedo_lifo_queue_init(&box->lifo);
        break;
    default: box->queue = &box->priority.queue; cedo_priority_queue_init(&box->priority, by_rank);
    }
}

static void box_was_put(struct box *box, int item)
{
    must(!box->is_shut, "an item was put into a queue that is shut down");
    must(box->size < box->capacity, "an item was put into a full queue");
    box->model[box->size++] = item;
    box->unfinished++;
}

static void box_finish(struct box *box)
{
    if (box->unfinished && --box->unfinished == 0) box->ends++;
}

static void box_task_done(struct box *box)
{
    must(cedo_queue_task_done(box->queue) == (box->unfinished ? CEDO_OK : CEDO_EINVAL),
         "task_done is wrong, %d items are unfinished", box->unfinished);
    box_finish(box);
}

static void box_was_got(struct box *box, int item)
{
    int next = box->kind == LIFO ? box->size - 1 : 0;
    must(box->size > 0, "an item was got from an empty queue");
    for (int i = 0; box->kind == PRIORITY && i < box->size; i++) {
        if (rank_of(box->model[i]) < rank_of(box->model[next])) next = i;
    }
    must(item == box->model[next], "item %d was got instead of %d", item, box->model[next]);
    box->size--;
    for (int i = next; i < box->size; i++) box->model[i] = box->model[i + 1];
    if (!chance(8)) box_task_done(box);
}

static void box_shut(struct box *box)
{
    note("shutdown");
    box->is_shut = true;
    if (chance(2)) {
        cedo_queue_shutdown(box->queue);
        return;
    }
    cedo_queue_shutdown_now(box->queue);
    for (; box->size; box->size--) box_finish(box);
}

/* As a callback does. */
static void box_put_nowait(struct box *box)
{
    const box_item item = ++items;
    const cedo_status status = cedo_queue_put_nowait(box->queue, &item);
    note("put_nowait %d: %d", (int)item, status);
    must(status == (box->is_shut                ? CEDO_ECLOSED
                    : box->size < box->capacity ? CEDO_OK
                                                : CEDO_EAGAIN),
         "put_nowait is wrong");
    if (status == CEDO_OK) box_was_put(box, (int)item);
}

static void box_get_nowait(struct box *box)
{
    box_item item = -1;
    const cedo_status status = cedo_queue_get_nowait(box->queue, &item);
    note("get_nowait: %d, %d", status, (int)item);
    must(status == (box->size      ? CEDO_OK
                    : box->is_shut ? CEDO_END
                                   : CEDO_EAGAIN),
         "get_nowait is wrong");
    if (status == CEDO_OK) box_was_got(box, (int)item);
}

struct put {
    cedo_coro coro;
    struct box *box;
    box_item item;
    int status;
    cedo_timeout limit;
};

static cedo_async(put)
{
    cedo_body(struct put, self) {
        self->box = &boxes[draw(2)];
        self->item = ++items;
        if (chance(4))
            cedo_catch(self->status, cedo_wait_for(&self->limit, some_delay(),
                                                   cedo_queue_put(self->box->queue, &self->item)));
        else
            TRY(cedo_queue_put(self->box->queue, &self->item), OWN);
        if (self->status == CEDO_OK) box_was_put(self->box, (int)self->item);
        must(self->status != CEDO_ECLOSED || self->box->is_shut, "a queue is not shut down");
        if (self->status == CEDO_ECANCELED) cedo_throw(self->status);
    }
}

struct get {
    cedo_coro coro;
    struct box *box;
    box_item item;
    int status;
    cedo_timeout limit;
};

static cedo_async(get)
{
    cedo_body(struct get, self) {
        self->box = &boxes[draw(2)];
        self->item = -1;
        if (chance(4))
            cedo_catch(self->status, cedo_wait_for(&self->limit, some_delay(),
                                                   cedo_queue_get(self->box->queue, &self->item)));
        else
            TRY(cedo_queue_get(self->box->queue, &self->item), OWN);
        if (self->status == CEDO_OK)
            box_was_got(self->box, (int)self->item);
        else
            must(self->item == -1, "a get that failed took an item");
        must(self->status != CEDO_END || (self->box->is_shut && !self->box->size),
             "a queue has not ended");
        if (self->status == CEDO_ECANCELED) cedo_throw(self->status);
    }
}

struct join_queue {
    cedo_coro coro;
    struct box *box;
    unsigned ends;
    int status;
};

static cedo_async(join_queue)
{
    cedo_body(struct join_queue, self) {
        self->box = &boxes[draw(2)];
        self->ends = self->box->ends - !self->box->unfinished;
        TRY(cedo_queue_join(self->box->queue), OWN);
        if (self->status < 0) cedo_throw(self->status);
        must(self->box->ends != self->ends, "a queue is joined that has work");
    }
}

/* ------------------------------------------------------------- locks and conditions */

struct mutex {
    cedo_lock *lock;
    const cedo_task *holder;
};
static cedo_lock locks[2];
static cedo_condition conditions[2]; /* one of them with a lock of its own */
static struct mutex mutexes[3] = {{&locks[0], NULL}, {&locks[1], NULL}, {&conditions[1].own, NULL}};
static int tokens[2]; /* what they wait for */

static void take(struct mutex *mutex)
{
    must(!mutex->holder, "two tasks hold a lock");
    must(cedo_lock_locked(mutex->lock), "a task holds a lock that is not locked");
    mutex->holder = cedo_current_task();
}

static void give(struct mutex *mutex)
{
    must(mutex->holder == cedo_current_task(), "a lock was lost");
    mutex->holder = NULL;
}

/* Something to do meanwhile. */
static cedo_op pause_(void)
{
    return chance(2) ? cedo_yield_now() : cedo_sleep((cedo_duration)draw(5) * unit);
}

struct exclude {
    cedo_coro coro;
    struct mutex *mutex, *second;
    int status;
};

static cedo_async(exclude)
{
    cedo_body(struct exclude, self) {
        self->mutex = &mutexes[draw(3)];
        TRY(cedo_lock_acquire(self->mutex->lock), OWN);
        if (self->status < 0) {
            self->mutex = NULL;
            cedo_throw(self->status);
        }
        take(self->mutex);
        cedo_await(pause_());
        if (chance(4)) { /* perhaps a deadlock */
            self->second = &mutexes[draw(3)];
            TRY(cedo_lock_acquire(self->second->lock), OWN);
            if (self->status < 0) {
                self->second = NULL;
                cedo_throw(self->status);
            }
            take(self->second);
            cedo_await(pause_());
        }
    cedo_finally:
        if (self->second) {
            give(self->second);
            must(cedo_lock_release(self->second->lock) == CEDO_OK, "a lock cannot be released");
        }
        if (self->mutex) {
            if (chance(4)) cedo_catch(self->status, pause_());
            give(self->mutex);
            must(cedo_lock_release(self->mutex->lock) == CEDO_OK, "a lock cannot be released");
        }
    }
}

#if CEDO_SCOPES
/* The same as a block. */
struct exclude_block {
    cedo_coro coro;
    struct mutex *mutex;
    cedo_hold hold;
    cedo_deferred leave;
};

static void leave_exclusion(void *arg)
{
    struct exclude_block *const self = (struct exclude_block *)arg;
    if (self->mutex) give(self->mutex);
}

static cedo_async(exclude_block)
{
    cedo_body(struct exclude_block, self) {
        self->mutex = &mutexes[draw(3)];
        cedo_with_lock (&self->hold, self->mutex->lock) {
            take(self->mutex);
            cedo_defer(&self->leave, leave_exclusion, self);
            cedo_await(pause_());
            if (chance(4)) cedo_throw(CEDO_EUSER);
            if (chance(4)) cedo_return();
            cedo_await(pause_());
            give(self->mutex);
            self->mutex = NULL;
        }
    }
}
#endif

struct consume {
    cedo_coro coro;
    int which, status;
    struct mutex *mutex, *held;
};

static cedo_async(consume)
{
    cedo_body(struct consume, self) {
        self->which = draw(2);
        self->mutex = &mutexes[self->which * 2];
        TRY(cedo_condition_acquire(&conditions[self->which]), OWN);
        if (self->status < 0) cedo_throw(self->status);
        take(self->held = self->mutex);
        while (!tokens[self->which]) {
            give(self->mutex);
            self->held = NULL;
            TRY(cedo_condition_wait(&conditions[self->which]), OWN);
            take(self->held = self->mutex); /* also if it failed */
            if (self->status < 0) cedo_throw(self->status);
        }
        tokens[self->which]--;
    cedo_finally:
        if (self->held) {
            give(self->held);
            must(cedo_condition_release(&conditions[self->which]) == CEDO_OK,
                 "the lock of a condition cannot be released");
        }
    }
}

struct produce {
    cedo_coro coro;
    int which, status;
    struct mutex *held;
};

static cedo_async(produce)
{
    cedo_body(struct produce, self) {
        self->which = draw(2);
        TRY(cedo_condition_acquire(&conditions[self->which]), OWN);
        if (self->status < 0) cedo_throw(self->status);
        take(self->held = &mutexes[self->which * 2]);
        if (chance(4)) {
            must(cedo_condition_notify_all(&conditions[self->which]) == CEDO_OK, "notify fails");
        }
        else {
            tokens[self->which]++;
            must(cedo_condition_notify(&conditions[self->which], 1) == CEDO_OK, "notify fails");
        }
        if (chance(2)) cedo_await(pause_());
    cedo_finally:
        if (self->held) {
            give(self->held);
            must(cedo_condition_release(&conditions[self->which]) == CEDO_OK,
                 "the lock of a condition cannot be released");
        }
    }
}

/* ------------------------------------------------------------- semaphores */

struct permits {
    cedo_semaphore real;
    int all, held;
    bool is_bounded;
};
static struct permits permits[2];

static void permits_open(struct permits *some, bool is_bounded)
{
    some->all = draw(4);
    some->held = 0;
    some->is_bounded = is_bounded;
    must((is_bounded ? cedo_bounded_semaphore_init(&some->real, some->all)
                     : cedo_semaphore_init(&some->real, some->all)) == CEDO_OK,
         "a semaphore cannot be made");
}

/* One more than were taken. */
static void permits_add(struct permits *some)
{
    if (some->is_bounded ? some->held > 0 || some->real.granted : some->all > 5) return;
    must(cedo_semaphore_release(&some->real) == (some->is_bounded ? CEDO_EINVAL : CEDO_OK),
         "a semaphore takes what it must not, or the other way round");
    if (!some->is_bounded) some->all++;
}

struct permit {
    cedo_coro coro;
    struct permits *from;
    int status;
#if CEDO_SCOPES
    cedo_hold hold;
    cedo_deferred leave;
#endif
};

#if CEDO_SCOPES
static void permit_leave(void *arg)
{
    struct permits **const from = (struct permits **)arg;
    if (*from) (*from)->held--;
    *from = NULL;
}
#endif

static cedo_async(permit)
{
    cedo_body(struct permit, self) {
#if CEDO_SCOPES
        if (chance(3)) { /* as a block */
            cedo_with_semaphore (&self->hold, &permits[1].real) {
                permits[1].held++;
                self->from = &permits[1];
                cedo_defer(&self->leave, permit_leave, &self->from);
                cedo_await(pause_());
                if (chance(4)) cedo_return();
                permit_leave(&self->from);
            }
            cedo_return();
        }
#endif
        self->from = &permits[draw(2)];
        TRY(cedo_semaphore_acquire(&self->from->real), OWN);
        if (self->status < 0) {
            self->from = NULL;
            cedo_throw(self->status);
        }
        self->from->held++;
        cedo_await(pause_());
    cedo_finally:
        if (self->from) {
            self->from->held--;
            must(cedo_semaphore_release(&self->from->real) == CEDO_OK,
                 "a permit cannot be given back");
        }
    }
}

/* ------------------------------------------------------------- barriers and events */

static cedo_barrier barrier;

struct meet {
    cedo_coro coro;
    unsigned index;
    int status;
};

static cedo_async(meet)
{
    cedo_body(struct meet, self) {
        TRY(cedo_barrier_wait(&barrier, chance(3) ? NULL : &self->index), OWN);
        must(self->index < cedo_barrier_parties(&barrier), "a place beyond the parties");
        must(self->status == CEDO_OK || self->status == CEDO_ECLOSED ||
                 self->status == CEDO_ECANCELED,
             "a barrier fails with %d", self->status);
        if (self->status == CEDO_ECANCELED) cedo_throw(self->status);
    }
}

struct bell {
    cedo_event real;
    unsigned sets;
};
static struct bell bells[2];

static void bell_change(struct bell *bell)
{
    if (chance(3)) {
        cedo_event_clear(&bell->real);
        return;
    }
    note("event set");
    bell->sets++;
    cedo_event_set(&bell->real);
}

struct hear {
    cedo_coro coro;
    struct bell *bell;
    unsigned seen;
    int status;
};

static cedo_async(hear)
{
    cedo_body(struct hear, self) {
        self->bell = &bells[draw(2)];
        self->seen = self->bell->sets - cedo_event_is_set(&self->bell->real);
        TRY(cedo_event_wait(&self->bell->real), OWN);
        if (self->status < 0) cedo_throw(self->status);
        must(self->bell->sets != self->seen, "an event that was not set woke a task");
    }
}

/* ------------------------------------------------------------- futures */

#define GENERATIONS 256

struct promise {
    cedo_future_of(int) real;
    unsigned generation;
    cedo_status outcomes[GENERATIONS];
};
static struct promise promises[2];

/* Of a generation that is done. CEDO_ESTATE: not yet. */
static cedo_status outcome_of(const struct promise *promise, unsigned generation)
{
    if (generation == promise->generation) return cedo_future_result(&promise->real.future);
    return promise->outcomes[generation % GENERATIONS];
}

static void promise_change(struct promise *promise)
{
    cedo_future *const future = &promise->real.future;
    if (cedo_future_done(future)) {
        note("future begins anew");
        promise->outcomes[promise->generation++ % GENERATIONS] = cedo_future_result(future);
        cedo_future_init(future, &loop);
        return;
    }
    note("future is done");
    switch (draw(4)) {
    case 0: must(cedo_future_cancel(future), "a future cannot be cancelled"); break;
    case 1: must(cedo_future_set(future, CEDO_EUSER) == CEDO_OK, "a future cannot be set"); break;
    default:
        must(cedo_future_set_value(&promise->real, (int)promise->generation) == CEDO_OK,
             "a future cannot be set");
    }
    must(cedo_future_set(future, CEDO_OK) == CEDO_ESTATE, "a future was set twice");
}

struct expect {
    cedo_coro coro;
    struct promise *promise;
    unsigned generation;
    int status;
};

static cedo_async(expect)
{
    cedo_body(struct expect, self) {
        self->promise = &promises[draw(2)];
        self->generation = self->promise->generation;
        if (chance(2))
            TRY(cedo_future_wait(&self->promise->real.future), OF_A_FUTURE);
        else
            TRY(cedo_future_wait_shielded(&self->promise->real.future), OF_A_FUTURE);
        if (self->status != CEDO_ECANCELED || !cedo_task_cancelling(cedo_current_task()))
            must(me()->voided || outcome_of(self->promise, self->generation) == self->status,
                 "a future with outcome %d gives %d", outcome_of(self->promise, self->generation),
                 self->status);
        if (self->status < 0) cedo_throw(self->status);
    }
}

/* ------------------------------------------------------------- actors, for others to join */

#define INCARNATIONS 8

static cedo_task *actor_task(int i);
static struct {
    int incarnation;
    int joiners; /* who pass their requests on to it */
    cedo_status outcomes[INCARNATIONS];
} acts[ACTORS];
static int actors; /* of this seed */

#if CEDO_JOIN
struct attend {
    cedo_coro coro;
    int whom, incarnation, status;
    cedo_timeout limit;
};

static cedo_async(attend)
{
    cedo_body(struct attend, self) {
        self->whom = draw(actors);
        self->incarnation = acts[self->whom].incarnation;
        acts[self->whom].joiners++;
        if (life_of(actor_task(self->whom))) life_of(actor_task(self->whom))->disturbances++;
        if (chance(3) && !me()->is_child)
            cedo_catch(self->status, cedo_wait_for(&self->limit, some_delay(),
                                                   cedo_join(actor_task(self->whom))));
        else if (chance(2) && !me()->is_child) /* a cancel of it would come back to its parent */
            TRY(cedo_join(actor_task(self->whom)), OF_A_TASK);
        else
            TRY(cedo_join_shielded(actor_task(self->whom)), OF_A_TASK);
        acts[self->whom].joiners--;
        if (self->status != CEDO_ECANCELED && self->status != CEDO_EDEADLK &&
            self->status != CEDO_ETIMEDOUT) {
            const cedo_status outcome = acts[self->whom].incarnation == self->incarnation
                                            ? cedo_task_result(actor_task(self->whom))
                                            : acts[self->whom].outcomes[self->incarnation];
            must(outcome == self->status, "a task with outcome %d gives %d", outcome, self->status);
        }
        if (self->status == CEDO_ECANCELED) cedo_throw(self->status);
    }
}
#endif

/* ------------------------------------------------------------- sets of futures and tasks */

#if SETS
struct collect {
    cedo_coro coro;
    cedo_set set;
    cedo_member members[3], *next;
    struct promise *promises[3]; /* NULL: it is a task */
    unsigned generations[3];
    const cedo_ring *before;
    bool given[3];
    int i, count, status;
    cedo_return_when when;
    cedo_duration delay;
};

static void collect_add(struct collect *self, bool also_tasks)
{
    for (int i = 0; i < self->count; i++) {
        cedo_status status;
        if (also_tasks && chance(2)) {
            status = cedo_set_add_task(&self->set, &self->members[i], actor_task(draw(actors)));
        }
        else {
            self->promises[i] = &promises[draw(2)];
            self->generations[i] = self->promises[i]->generation;
            status =
                cedo_set_add_future(&self->set, &self->members[i], &self->promises[i]->real.future);
        }
        must(status == CEDO_OK, "a set does not take a member: %d", status);
    }
    self->before = me()->own;
    me()->own = &self->set.waiting;
}

/* How many are done; each has its right outcome. */
static int collect_done(const struct collect *self)
{
    int done = 0;
    for (int i = 0; i < self->count; i++) {
        const cedo_member *const member = &self->members[i];
        if (!cedo_member_done(member)) continue;
        done++;
        must(!self->promises[i] ||
                 cedo_member_result(member) == outcome_of(self->promises[i], self->generations[i]),
             "a member of a set has outcome %d", cedo_member_result(member));
    }
    return done;
}

static void collect_take(struct collect *self)
{
    const int i = (int)(self->next - self->members);
    must(i >= 0 && i < self->count && !self->given[i], "a member of a set is given twice");
    must(cedo_member_done(self->next), "a member of a set is given that is not done");
    self->given[i] = true;
}

static cedo_async(collect)
{
    cedo_body(struct collect, self) {
        self->count = 1 + draw(3);
        self->delay = some_delay();
        switch (draw(3)) {
        case 0: self->i = -1; break; /* gather */
        case 1: self->i = -2; break; /* wait */
        default: break;
        }
        collect_add(self, self->i != -1);
        if (self->i == -1) {
            TRY(cedo_gather(&self->set), OF_A_FUTURE);
            if (self->status == CEDO_OK)
                must(collect_done(self) == self->count, "gather ends early");
        }
        else if (self->i == -2) {
            self->when = (cedo_return_when)draw(3);
            TRY(cedo_wait(&self->set, self->when, self->delay), OWN);
            if (self->status == CEDO_OK && self->delay == CEDO_FOREVER)
                must(collect_done(self) >= (self->when == CEDO_ALL_COMPLETED ? self->count : 1),
                     "a wait for a set ends early");
        }
        else {
            if (chance(2)) cedo_set_limit(&self->set, self->delay);
            for (;;) {
                TRY(cedo_as_completed(&self->set, &self->next), OWN);
                if (self->status != CEDO_OK) break;
                collect_take(self);
                self->i++;
            }
            must(self->status != CEDO_END || self->i == self->count, "as_completed ends early");
        }
        (void)collect_done(self);
        if (chance(4) && self->status == CEDO_OK) (void)cedo_set_remove(&self->members[0]);
        if (self->status == CEDO_ECANCELED) cedo_throw(self->status);
    cedo_finally:
        me()->own = self->before;
    }
}
#endif

/* ------------------------------------------------------------- calls */

struct call {
    cedo_handle handle;
    bool is_expected;
    cedo_time due;           /* not before */
    struct promise *promise; /* or when that is done, */
    unsigned generation;
    int whom, incarnation; /* or that one; -1 */
};
static struct call calls[5]; /* the last one is for interrupts */

static cedo_status call_made(void *arg)
{
    struct call *const call = (struct call *)arg;
    note("call %d is made", (int)(call - calls));
    must(!cedo_current_task(), "a callback runs in a task");
    must(call->is_expected, "a call is made twice, or was cancelled");
    must(!cedo_time_after(call->due, now()), "a call is made early");
    must(!call->promise || outcome_of(call->promise, call->generation) != CEDO_ESTATE,
         "a future that is not done calls back");
    must(call->whom < 0 || acts[call->whom].incarnation != call->incarnation ||
             cedo_task_done(actor_task(call->whom)),
         "a task that is not done calls back");
    call->is_expected = false;
    if (!chance(8)) return CEDO_OK;
    if (chance(4)) {
        exits = true;
        return CEDO_EEXIT;
    }
    expected_reports++;
    return CEDO_EUSER;
}

/* True: it was a done callback, and is not any more. */
static bool call_take_back(struct call *call)
{
    bool is_pending = false, is_removed = false;
    if (chance(2)) return false;
    if (call->promise) {
        is_pending = outcome_of(call->promise, call->generation) == CEDO_ESTATE;
        is_removed = cedo_future_remove_done_callback(&call->promise->real.future, &call->handle);
    }
#if CEDO_JOIN
    else if (call->whom >= 0) {
        is_pending = acts[call->whom].incarnation == call->incarnation &&
                     !cedo_task_done(actor_task(call->whom));
        is_removed = cedo_task_remove_done_callback(actor_task(call->whom), &call->handle);
    }
#endif
    must(is_removed == is_pending, "a done callback is taken back: %d", is_removed);
    return is_removed;
}

static void call_arrange(struct call *call)
{
    const cedo_duration delay = (cedo_duration)draw(20) * unit;
    cedo_status status = CEDO_OK;
    if (call->is_expected) {
        if (!chance(3)) return;
        note("call %d is cancelled", (int)(call - calls));
        if (call_take_back(call)) {
            call->is_expected = false;
            return;
        }
        cedo_handle_cancel(&call->handle);
        must(cedo_handle_cancelled(&call->handle), "a handle cannot be cancelled");
        call->is_expected = false;
        return;
    }
    note("call %d is arranged", (int)(call - calls));
    call->due = now();
    call->promise = NULL;
    call->whom = -1;
    switch (draw(CEDO_JOIN ? 4 : 3)) {
    case 0: status = cedo_call_soon(&loop, &call->handle, call_made, call); break;
    case 1:
        call->due = after(delay);
        status = cedo_call_later(&loop, &call->handle, delay, call_made, call);
        break;
    case 2:
        call->promise = &promises[draw(2)];
        call->generation = call->promise->generation;
        status = cedo_future_add_done_callback(&call->promise->real.future, &call->handle,
                                               call_made, call);
        break;
#if CEDO_JOIN
    case 3:
        call->whom = draw(actors);
        call->incarnation = acts[call->whom].incarnation;
        status =
            cedo_task_add_done_callback(actor_task(call->whom), &call->handle, call_made, call);
        break;
#endif
    }
    must(status == CEDO_OK, "a call cannot be arranged: %d", status);
    call->is_expected = true;
    must(cedo_call_soon(&loop, &call->handle, call_made, call) == CEDO_EBUSY,
         "a handle is arranged twice");
}

/* ------------------------------------------------------------- interrupts */

#if CEDO_ISR

static struct {
    cedo_signal real;
    unsigned sets;
} alarm_;

static struct {
    cedo_channel_of(int, PLACES) real;
    int model[PLACES];
    int size;
} wire;

static cedo_handle posts[2]; /* for the futures */
static struct call *const isr_call = &calls[4];

static void wire_was_got(int item)
{
    must(wire.size > 0 && item == wire.model[0], "a channel gives item %d", item);
    wire.size--;
    for (int i = 0; i < wire.size; i++) wire.model[i] = wire.model[i + 1];
}

/* An interrupt: between turns, in the midst of a body, or when the loop looks. */
static void interrupt(void *arg)
{
    (void)arg;
    is_posted = true;
    switch (draw(5)) {
    case 0:
        note("interrupt: signal");
        alarm_.sets++;
        cedo_signal_set_from_isr(&alarm_.real);
        break;
    case 1: {
        const int item = ++items;
        const cedo_status status = cedo_channel_put_from_isr(&wire.real.channel, &item);
        note("interrupt: channel, item %d: %d", item, status);
        must(status == (wire.size < PLACES ? CEDO_OK : CEDO_EAGAIN),
             "a put into a channel is wrong");
        if (status == CEDO_OK) wire.model[wire.size++] = item;
        break;
    }
    case 2: {
        const int i = draw(2);
        const cedo_status status = cedo_future_set_from_isr(&promises[i].real.future, &posts[i],
                                                            chance(4) ? CEDO_EUSER : CEDO_OK);
        note("interrupt: future: %d", status);
        must(status == CEDO_OK || status == CEDO_EBUSY, "a future cannot be set: %d", status);
        break;
    }
    case 3: {
        const cedo_status status =
            cedo_call_soon_threadsafe(&loop, &isr_call->handle, call_made, isr_call);
        note("interrupt: call: %d", status);
        must(status == (isr_call->is_expected ? CEDO_EBUSY : CEDO_OK),
             "a call from an interrupt is wrong");
        isr_call->is_expected = true;
        isr_call->due = now();
        break;
    }
    default: note("interrupt"); break;
    }
}

/* What comes when the loop looks is seen by that look. */
static void interrupt_at_look(void *arg)
{
    const bool before = is_posted;
    if (!chance(6)) return;
    cedo_sim_interrupt(interrupt, arg);
    is_posted = before;
}

static void interrupts_begin(void)
{
    static const cedo_handle unused;
    cedo_signal_init(&alarm_.real);
    alarm_.sets = 0;
    cedo_channel_init(&wire.real);
    wire.size = 0;
    for (int i = 0; i < 2; i++) posts[i] = unused;
    isr_call->whom = -1;
    is_posted = false;
    cedo_sim_at_each_look(chance(2) ? interrupt_at_look : NULL, NULL);
}

struct listen {
    cedo_coro coro;
    unsigned seen;
    int status;
};

static cedo_async(listen)
{
    cedo_body(struct listen, self) {
        self->seen = alarm_.sets - cedo_signal_is_set(&alarm_.real);
        TRY(cedo_signal_wait(&alarm_.real), OWN);
        if (self->status < 0) cedo_throw(self->status);
        must(alarm_.sets != self->seen, "a signal that was not set woke a task");
        if (chance(2)) cedo_signal_clear(&alarm_.real);
    }
}

struct receive {
    cedo_coro coro;
    int item, status;
    cedo_timeout limit;
};

static cedo_async(receive)
{
    cedo_body(struct receive, self) {
        self->item = -1;
        if (chance(4))
            cedo_catch(self->status,
                       cedo_wait_for(&self->limit, some_delay(),
                                     cedo_channel_get(&wire.real.channel, &self->item)));
        else
            TRY(cedo_channel_get(&wire.real.channel, &self->item), OWN);
        if (self->status == CEDO_OK)
            wire_was_got(self->item);
        else
            must(self->item == -1, "a get that failed took an item");
        if (self->status == CEDO_ECANCELED) cedo_throw(self->status);
    }
}

static void wire_get_nowait(void)
{
    int item = -1;
    const cedo_status status = cedo_channel_get_nowait(&wire.real.channel, &item);
    must(status == (wire.size ? CEDO_OK : CEDO_EAGAIN), "get_nowait of a channel is wrong");
    if (status == CEDO_OK) wire_was_got(item);
}

#endif

/* ------------------------------------------------------------- a generator */

struct count_up {
    cedo_coro coro;
    int i, most;
    int *ends;
};

static cedo_async(count_up)
{
    cedo_body(struct count_up, self) {
        for (self->i = 0; self->i < self->most; self->i++) cedo_yield();
    cedo_finally:
        ++*self->ends;
    }
}

/* Runs one to its end, or not. */
static void generate(void)
{
    struct count_up counter;
    const cedo_task *const before = cedo_current_task();
    int ends = 0;
    const int nexts = draw(6);
    (void)cedo_make(&counter, count_up, .most = draw(4), .ends = &ends);
    for (int i = 0; i < nexts; i++) {
        const cedo_status status = cedo_next(&counter);
        must(status == (i < counter.most ? CEDO_OK : CEDO_END), "a generator gives %d", status);
    }
    must(cedo_close(&counter) == CEDO_OK, "a generator cannot be closed");
    must(ends == (nexts > 0), "a generator ended %d times", ends);
    must(cedo_current_task() == before, "a generator changes whose turn it is");
}

#if CEDO_SCOPES
/* One that awaits. */
struct flow {
    cedo_coro coro;
    int i, most, finals;
    struct mutex *mutex;
    cedo_hold hold;
    cedo_deferred leave;
};

static void flow_leave(void *arg)
{
    struct mutex **const mutex = (struct mutex **)arg;
    if (*mutex) give(*mutex);
    *mutex = NULL;
}

static cedo_async(flow)
{
    cedo_body(struct flow, self) {
        entered++;
        for (self->i = 0; self->i < self->most; self->i++) {
            cedo_await(pause_());
            cedo_yield();
        }
        if (chance(2)) {
            self->mutex = &mutexes[draw(3)];
            cedo_with_lock (&self->hold, self->mutex->lock) {
                take(self->mutex);
                cedo_defer(&self->leave, flow_leave, &self->mutex);
                self->i++;
                cedo_yield(); /* it holds the lock */
                flow_leave(&self->mutex);
            }
        }
    cedo_finally:
        must(self->finals++ == 0, "a finally section runs twice");
        left_++;
        if (chance(2)) cedo_await(pause_());
    }
}

struct iterate {
    cedo_coro coro;
    cedo_generator_of(flow) flow;
    int expected, status;
};

static cedo_async(iterate)
{
    cedo_body(struct iterate, self) {
        cedo_generate(&self->flow, flow, .most = draw(4));
        for (;;) {
            cedo_catch(self->status, cedo_anext(&self->flow));
            if (self->status < 0) cedo_throw(self->status);
            if (self->status == CEDO_END) break;
            must(self->flow.frame.i - (self->flow.frame.mutex != NULL) == self->expected++,
                 "a generator gives the wrong thing");
            if (chance(8)) break;
            if (chance(8)) cedo_return(); /* it is closed then */
        }
        must(self->status != CEDO_END || self->flow.frame.finals == 1,
             "a generator that is over did not end");
        if (chance(2)) {
            cedo_catch(self->status, cedo_aclose(&self->flow));
            must(self->status == CEDO_ECANCELED || self->flow.frame.finals == 1,
                 "a generator that is closed did not end");
            if (self->status < 0) cedo_throw(self->status);
        }
    }
}
#endif

/* ------------------------------------------------------------- sleep */

struct nap {
    cedo_coro coro;
    cedo_duration delay;
    cedo_time due;
    int status;
};

static cedo_async(nap)
{
    cedo_body(struct nap, self) {
        self->delay = some_delay();
        self->due = self->delay == CEDO_FOREVER ? now() : after(self->delay);
        if (chance(4) && self->delay != CEDO_FOREVER)
            TRY((me()->sleeps = true, me()->due = self->due, cedo_sleep_until(self->due)), OWN);
        else
            TRY((me()->sleeps = self->delay > 0 && self->delay != CEDO_FOREVER,
                 me()->due = self->due, cedo_sleep(self->delay)),
                OWN);
        if (self->status < 0) cedo_throw(self->status);
        must(self->delay != CEDO_FOREVER, "a sleep for ever ended");
        must(!cedo_time_after(self->due, now()), "a sleep ended early");
    }
}

/* ------------------------------------------------------------- a step: one of all these */

union step {
    struct nap nap;
    struct put put;
    struct get get;
    struct join_queue join_queue;
#if SETS
    struct collect collect;
#endif
#if CEDO_ISR
    struct listen listen;
    struct receive receive;
#endif
    struct exclude exclude;
#if CEDO_SCOPES
    struct iterate iterate;
#endif
#if CEDO_SCOPES
    struct exclude_block exclude_block;
#endif
    struct consume consume;
    struct produce produce;
    struct permit permit;
    struct meet meet;
    struct hear hear;
    struct expect expect;
#if CEDO_JOIN
    struct attend attend;
#endif
};

/* What does not wait. */
static void act(void)
{
    cedo_task *task;
    switch (draw(CEDO_ISR ? 12 : 10)) {
    case 0:
        if ((task = anyone()) != NULL) ask(task);
        break;
    case 1:
        if ((task = anyone()) != NULL && chance(2)) take_back(task);
        break;
    case 2: bell_change(&bells[draw(2)]); break;
    case 3: promise_change(&promises[draw(2)]); break;
    case 4: chance(2) ? box_put_nowait(&boxes[draw(2)]) : box_get_nowait(&boxes[draw(2)]); break;
    case 5: permits_add(&permits[draw(2)]); break;
    case 6: call_arrange(&calls[draw(4)]); break;
    case 7:
        if (chance(4)) {
            note("barrier abort");
            cedo_barrier_abort(&barrier);
        }
        else if (chance(2)) {
            note("barrier reset");
            cedo_barrier_reset(&barrier);
        }
        break;
    case 8: {
        struct life *const life = &lives[lives_most ? draw(lives_most) : 0];
#if GROUPS
        if (life->task && life->group && chance(4)) {
            note("the group of #%d is cancelled", life->number);
            cedo_group_cancel(life->group);
        }
#endif
        if (!life->task || !life->limit) break;
        note("limit of #%d changes", life->number);
        if (chance(3))
            (void)cedo_timeout_remove(life->limit);
        else
            (void)cedo_timeout_reschedule(life->limit, after((cedo_duration)draw(10) * unit));
        break;
    }
    case 9:
        if (chance(8)) cedo_loop_stop(&loop);
        if (chance(16)) box_shut(&boxes[draw(2)]);
        if (chance(4)) box_task_done(&boxes[draw(2)]);
        break;
#if CEDO_ISR
    case 10: wire_get_nowait(); break;
    case 11: cedo_sim_interrupt(interrupt, NULL); break;
#endif
    }
}

/* What the tasks of a seed do: all, or only a few kinds, which then meet more often. */
static int kinds[20], kinds_count;

static void kinds_choose(void)
{
    kinds_count = 20;
    for (int i = 0; i < 20; i++) kinds[i] = i;
    if (chance(3)) return;
    kinds_count = 2 + draw(5);
    for (int i = 0; i < kinds_count; i++) kinds[i] = draw(20);
}

/* Awaitable: any of them. */
static cedo_op step(cedo_coro *co_, union step *frame)
{
    switch (kinds[draw(kinds_count)]) {
    case 0: return cedo_call(&frame->nap, nap);
    case 1:
    case 2: return cedo_call(&frame->put, put);
    case 3:
    case 4: return cedo_call(&frame->get, get);
    case 5: return cedo_call(&frame->exclude, exclude);
#if CEDO_SCOPES
    case 6: return cedo_call(&frame->exclude_block, exclude_block);
#endif
    case 7: return cedo_call(&frame->consume, consume);
    case 8: return cedo_call(&frame->produce, produce);
    case 9: return cedo_call(&frame->permit, permit);
    case 10: return cedo_call(&frame->meet, meet);
    case 11: return cedo_call(&frame->hear, hear);
    case 12: return cedo_call(&frame->expect, expect);
#if CEDO_JOIN
    case 13: return cedo_call(&frame->attend, attend);
#endif
    case 14: return cedo_call(&frame->join_queue, join_queue);
#if CEDO_SCOPES
    case 18: return cedo_call(&frame->iterate, iterate);
#endif
#if SETS
    case 17: return cedo_call(&frame->collect, collect);
#endif
#if CEDO_ISR
    case 15: return cedo_call(&frame->listen, listen);
    case 16: return cedo_call(&frame->receive, receive);
#endif
    default:
        act();
        generate();
        return cedo_yield_now();
    }
}

/* ------------------------------------------------------------- memory that may run out */

static struct {
    cedo_allocator allocator;
    int used;
    bool is_pool;
} memory;

static cedo_pool pool;

static void *memory_alloc(cedo_allocator *allocator, size_t size)
{
    void *block;
    (void)allocator;
    if (chance(12)) return NULL;
    block = memory.is_pool ? pool.allocator.alloc(&pool.allocator, size) : malloc(size);
    if (block) memory.used++;
    return block;
}

static void memory_free(cedo_allocator *allocator, void *block)
{
    (void)allocator;
    memory.used--;
    if (memory.is_pool)
        pool.allocator.free(&pool.allocator, block);
    else
        free(block);
}

/* ------------------------------------------------------------- a scope that closes slowly */

struct slow {
    cedo_scope scope;
    int pauses;
};

static cedo_op slow_close(cedo_scope *scope, cedo_status *pending, cedo_status woke)
{
    struct slow *const slow = CEDO_CONTAINER_(scope, struct slow, scope);
    (void)pending, (void)woke;
    if (slow->pauses) {
        slow->pauses--;
        return pause_();
    }
    closed++;
    return cedo_done(chance(10) ? CEDO_EUSER - 5 : CEDO_OK);
}

static void slow_open(struct slow *slow)
{
    slow->pauses = draw(3);
    opened++;
    cedo_scope_open(&slow->scope, slow_close);
}

/* ------------------------------------------------------------- a piece of work: steps in blocks */

struct work {
    cedo_coro coro;
    int depth, i, steps, finals, status;
    bool defers;
    cedo_timeout limit, limit2;
    cedo_guard guard;
    struct slow slow;
    cedo_deferred deferred;
    union step step;
};

static void count_deferred(void *arg)
{
    (void)arg;
    deferred--;
}

static cedo_async(work);

static cedo_op work_on(cedo_coro *co_, struct work *self)
{
    if (self->depth < 3 && chance(4)) return cedo_call_new(work, .depth = self->depth + 1);
    return step(co_, &self->step);
}

static cedo_async(work)
{
    cedo_body(struct work, self) {
        entered++;
        self->steps = 1 + draw(3);
        if (chance(2)) {
            deferred++;
            cedo_defer(&self->deferred, count_deferred, NULL);
        }
        if (chance(4)) cedo_await(work_on(co_, self));
        cedo_try (&self->guard) {
            cedo_with_timeout (&self->limit, chance(4) ? CEDO_FOREVER : some_delay()) {
                me()->limit = &self->limit;
                cedo_with_(slow_open(&self->slow), &self->slow.scope)
                {
                    for (self->i = 0; self->i < self->steps; self->i++)
                        cedo_await(work_on(co_, self));
                    if (chance(10)) cedo_throw(CEDO_EUSER);
                    if (chance(10)) cedo_return();
                    if (chance(10)) continue;
                    cedo_await(step(co_, &self->step));
                }
                me()->limit = NULL;
            }
        }
        me()->limit = NULL;
        cedo_except (&self->guard) {
            must(cedo_caught(&self->guard) != CEDO_ECANCELED, "a guard caught a cancel");
            if (chance(4)) cedo_await(step(co_, &self->step));
            if (chance(4)) cedo_rethrow(&self->guard);
        }
        cedo_try_all (&self->guard) {
            cedo_await(step(co_, &self->step));
        }
        cedo_except (&self->guard) {
            if (chance(2)) cedo_rethrow(&self->guard);
        }
    cedo_finally:
        must(self->finals++ == 0, "a finally section runs twice");
        me()->limit = NULL;
        left_++;
        if (chance(2)) cedo_await(cedo_yield_now());
        if (chance(3)) {
            self->limit2.handle.arg = NULL;
            cedo_catch(self->status,
                       cedo_wait_for(&self->limit2, some_delay(), step(co_, &self->step)));
        }
        if (chance(20)) cedo_throw(CEDO_EUSER - 1);
    }
}

/* ------------------------------------------------------------- tasks of their own */

/* Whose storage comes from the loop: nobody hears of its end. */
struct stray {
    cedo_coro coro;
    int status;
};

static cedo_async(stray)
{
    cedo_body(struct stray, self) {
        life_begin("stray");
        cedo_catch(self->status, cedo_call_new(work, .depth = 2));
        life_end();
        if (chance(100) && !(cedo_current_()->entry.flags & CEDO_TASK_CANCEL_)) {
            exits = true;
            cedo_throw(CEDO_EEXIT);
        }
        if (self->status == CEDO_ECANCELED) cedo_throw(self->status);
        if (self->status < 0 && !(cedo_current_()->entry.flags & CEDO_TASK_CANCEL_)) {
            expected_reports++;
            cedo_throw(self->status);
        }
    }
}

#if CEDO_JOIN
/* Whose storage lies in the frame of another one, which must not end before. */
struct child {
    cedo_coro coro;
    union step step;
};

static cedo_async(child)
{
    cedo_body(struct child, self) {
        entered++;
        life_begin("child");
        me()->is_child = true;
        cedo_await(step(co_, &self->step));
    cedo_finally:
        left_++;
        life_end();
    }
}

struct family {
    cedo_coro coro;
    cedo_task_of(child) child;
    int status;
    union step step;
};

static cedo_async(family)
{
    cedo_body(struct family, self) {
#if CEDO_SPAWN_HOOK
        self->status =
            chance(2) ? cedo_spawn_eager(&self->child, child) : cedo_spawn(&self->child, child);
#else
        self->status = cedo_spawn(&self->child, child);
#endif
        must(self->status == CEDO_OK, "a child cannot be spawned");
        if (!cedo_task_done(&self->child.task)) cedo_task_keep(&self->child.task);
        cedo_await(step(co_, &self->step));
        if (chance(2)) cedo_await(cedo_join_shielded(&self->child.task));
    cedo_finally:
        (void)cedo_task_cancel(&self->child.task);
        while (!cedo_task_done(&self->child.task))
            cedo_catch(self->status, chance(2) ? cedo_join(&self->child.task)
                                               : cedo_join_shielded(&self->child.task));
        must(!life_of(&self->child.task), "a child is done and lives");
    }
}
#endif

/* ------------------------------------------------------------- groups */

#if GROUPS
struct clan {
    cedo_coro coro;
    cedo_group group;
    cedo_task_of(child) children[3];
    cedo_task *next;
    int i, finals, status, given;
    bool spawned[3];
    union step step;
};

static void clan_opens(cedo_group *group)
{
    me()->group = group;
    me()->own = &group->waiting;
}

static void clan_spawn(struct clan *self, int i)
{
    cedo_status status;
    if (self->spawned[i] && !cedo_task_done(&self->children[i].task)) return;
    status = cedo_group_spawn(&self->group, &self->children[i], child);
    must(status == CEDO_OK || status == CEDO_ECLOSED, "a group answers %d", status);
    if (status == CEDO_OK) self->spawned[i] = true;
}

static void clan_is_done(const struct clan *self)
{
    must(cedo_group_running(&self->group) == 0, "a group was left with children that run");
    for (int i = 0; i < 3; i++)
        must(!self->spawned[i] ||
                 (cedo_task_done(&self->children[i].task) && !life_of(&self->children[i].task)),
             "a group was left with a child that lives");
}

/* Every child that lives was asked to end, unless that was taken back. */
static void clan_is_cancelled(const struct clan *self)
{
    for (int i = 0; i < 3; i++) {
        const cedo_task *const child = &self->children[i].task;
        const struct life *const life = life_of(child);
        if (!self->spawned[i] || cedo_task_done(child) || (life && life->disturbances)) continue;
        must(cedo_task_cancelling(child) > 0, "a group is cancelled, and its child is not");
    }
}

/* Something in the block. */
static cedo_op clan_on(cedo_coro *co_, struct clan *self)
{
    switch (draw(8)) {
    case 0: clan_spawn(self, draw(3)); break;
    case 1: (void)cedo_group_spawn_new(&self->group, child); break;
    case 2:
        note("group cancel");
        if (chance(2)) break;
        cedo_group_cancel(&self->group);
        clan_is_cancelled(self);
        break;
    case 3: return cedo_group_next(&self->group, &self->next);
    default: return step(co_, &self->step);
    }
    return cedo_yield_now();
}

static cedo_async(clan)
{
    cedo_body(struct clan, self) {
        entered++;
        cedo_group_on_error(&self->group, (cedo_on_error)draw(3));
        if (chance(10)) cedo_group_cancel(&self->group); /* early */
        if (chance(2)) {
            cedo_with_group (&self->group) {
                clan_opens(&self->group);
                for (self->i = 0; self->i < 3; self->i++) clan_spawn(self, self->i);
                while (!chance(3)) cedo_await(clan_on(co_, self));
                if (chance(8)) cedo_return();
                if (chance(8)) cedo_throw(CEDO_EUSER);
                if (chance(8)) continue;
                cedo_await(clan_on(co_, self));
            }
            clan_is_done(self);
        }
        else {
            clan_opens(&self->group);
            for (self->i = 0; self->i < 3; self->i++) clan_spawn(self, self->i);
            if (chance(2)) cedo_await(clan_on(co_, self));
            if (chance(2)) {
                cedo_catch(self->status, cedo_group_join(&self->group));
                clan_is_done(self);
                if (self->status < 0) cedo_throw(self->status);
                if (chance(2)) clan_spawn(self, 0);
            }
        }
    cedo_finally:
        must(self->finals++ == 0, "a finally section runs twice");
        left_++;
        me()->group = NULL;
        me()->own = NULL;
        clan_is_done(self);
        if (chance(4)) cedo_await(pause_());
    }
}
#endif

/* ------------------------------------------------------------- the actors */

struct actor {
    cedo_coro coro;
    int me, steps, finals, status;
    unsigned cancels, disturbances;
    bool is_joined;
    cedo_timeout limit, limit2;
    union {
        union step step;
        struct work work;
#if CEDO_JOIN
        struct family family;
#endif
#if GROUPS
        struct clan clan;
#endif
    } now;
};

static cedo_task_of(actor) stage[ACTORS];

static cedo_task *actor_task(int i)
{
    return &stage[i].task;
}

static cedo_op actor_on(cedo_coro *co_, struct actor *self)
{
    switch (draw(12)) {
    case 0: return cedo_call(&self->now.work, work);
    case 1: return cedo_wait_for(&self->limit, some_delay(), cedo_call(&self->now.work, work));
    case 2: return cedo_wait_for(&self->limit, some_delay(), step(co_, &self->now.step));
#if CEDO_JOIN
    case 3: return cedo_call(&self->now.family, family);
#endif
    case 4:
        return cedo_wait_for(&self->limit, some_delay(),
                             cedo_wait_for(&self->limit2, some_delay(), cedo_call_new(work)));
    case 5:
        (void)cedo_spawn_new(stray);
        act();
        return cedo_done(CEDO_OK);
#if GROUPS
    case 6: return cedo_call(&self->now.clan, clan);
    case 7: return cedo_wait_for(&self->limit, some_delay(), cedo_call(&self->now.clan, clan));
#endif
    default: return step(co_, &self->now.step);
    }
}

static cedo_async(actor)
{
    cedo_body(struct actor, self) {
        entered++;
        life_begin("actor");
        self->steps = 2 + draw(40);
        while (self->steps-- > 0 && !is_ending) {
            self->cancels = cedo_task_cancelling(cedo_current_task());
            self->disturbances = me()->disturbances;
            self->is_joined = acts[self->me].joiners > 0;
            cedo_catch(self->status, actor_on(co_, self));
            must(self->is_joined || self->disturbances != me()->disturbances ||
                     self->cancels == cedo_task_cancelling(cedo_current_task()),
                 "limits have changed the number of requests from %u to %u", self->cancels,
                 cedo_task_cancelling(cedo_current_task()));
            if (self->status == CEDO_ECANCELED && chance(8)) cedo_throw(self->status);
            if (chance(100)) cedo_throw(CEDO_EUSER);
        }
    cedo_finally:
        must(self->finals++ == 0, "a finally section runs twice");
        left_++;
        if (chance(2)) cedo_catch(self->status, step(co_, &self->now.step));
        life_end();
    }
}

/* ------------------------------------------------------------- the invariants */

/* Rings of the objects, and the tasks that were woken from each and have not run. */
static struct watched {
    const cedo_ring *ring;
    const char *name;
    int waiting, woken;
} watched[32];
static int watched_count;
static cedo_node *ready; /* the list of what is ready */

static struct watched *watch_of(const cedo_ring *ring)
{
    for (int i = 0; i < watched_count; i++) {
        if (watched[i].ring == ring) return &watched[i];
    }
    return NULL;
}

static int watch(const cedo_ring *ring, const char *name)
{
    const struct watched one = {ring, name, 0, 0};
    watched[watched_count] = one;
    return watched_count++;
}

/* Was it woken from its ring, and has not run yet? */
static bool is_woken(const cedo_task *task)
{
#if CEDO_HOSTED
    return (task->entry.flags & CEDO_TASK_WOKEN_) != 0;
#else
    return task->ops && task->u.ring && task->entry.status == 1;
#endif
}

/* Each task is in one place. */
static int checks;

static void check_place(const cedo_task *task, const char *place)
{
    struct life *const life = life_of(task);
    must(!cedo_task_done(task), "a task that is done is in %s", place);
    if (!life) return;
    must(life->seen != checks, "#%d is in %s and elsewhere", life->number, place);
    life->seen = checks;
}

static int check_ring(const cedo_ring *ring, const char *name)
{
    int tasks = 0;
    const cedo_node *node = cedo_ring_first(ring);
    for (; node; node = cedo_ring_next(ring, node)) {
        const cedo_task *const task = cedo_task_of_node_((cedo_node *)(uintptr_t)node);
        must(cedo_ring_is_lone_(ring) || node->next->prev == node, "the ring of %s is broken",
             name);
        if (!(task->entry.flags & CEDO_ENTRY_TASK_)) continue;
        tasks++;
        check_place(task, name);
        must(task->ops && !is_woken(task), "#%d waits for %s and is ready", number_of(task), name);
        must(cedo_ring_of_task_(task) == ring, "#%d waits for something else than %s",
             number_of(task), name);
    }
    return tasks;
}

static int lock_rings[3], permit_rings[2], bell_rings[2], barrier_ring, get_rings[2], put_rings[2],
    condition_rings[2], join_rings[2];
#if CEDO_ISR
static int alarm_ring, wire_ring;
#endif

static void watch_all(void)
{
    watched_count = 0;
    for (int i = 0; i < 3; i++) lock_rings[i] = watch(&mutexes[i].lock->waiters, "a lock");
    for (int i = 0; i < 2; i++) {
        permit_rings[i] = watch(&permits[i].real.waiters, "a semaphore");
        bell_rings[i] = watch(&bells[i].real.waiters, "an event");
        get_rings[i] = watch(&boxes[i].queue->ends[0].waiters, "a queue's items");
        put_rings[i] = watch(&boxes[i].queue->ends[1].waiters, "a queue's places");
        join_rings[i] = watch(&boxes[i].queue->joiners, "the end of a queue's work");
        condition_rings[i] = watch(&conditions[i].waiters, "a condition");
    }
    barrier_ring = watch(&barrier.waiters, "a barrier");
#if CEDO_ISR
    alarm_ring = watch(&alarm_.real.waiters, "a signal");
    wire_ring = watch(&wire.real.channel.waiters, "a channel");
#endif
}

/* Every task that is not done is ready, in a ring, or asleep, and all lists are whole. */
static void check_places(void)
{
    int tasks = 0, found = 0;
    const cedo_task *task = NULL;
    checks++;
    for (int i = 0; i < watched_count; i++) watched[i].woken = 0;
    for (const cedo_node *node = ready->next; node != ready; node = node->next) {
        const cedo_task *const one = cedo_task_of_node_((cedo_node *)(uintptr_t)node);
        must(node->next->prev == node, "the list of what is ready is broken");
        if (!(one->entry.flags & CEDO_ENTRY_TASK_)) continue;
#if GROUPS
        if (cedo_task_done(one) && one->ops) continue; /* on its way to its group */
#endif
        must(found++ < 1000, "the list of what is ready has no end");
        check_place(one, "the list of what is ready");
        if (is_woken(one)) {
            struct watched *const from = watch_of(cedo_ring_of_task_(one));
            if (from) from->woken++;
        }
    }
    for (int i = 0; i < watched_count; i++) {
        watched[i].waiting = check_ring(watched[i].ring, watched[i].name);
        found += watched[i].waiting;
    }
    for (int i = 0; i < 2; i++) {
        if (!cedo_future_done(&promises[i].real.future))
            found += check_ring(&promises[i].real.future.u.watchers, "a future");
    }
    while ((task = cedo_loop_next_task(&loop, task)) != NULL) {
        tasks++;
#if CEDO_JOIN
        found += check_ring(&task->watchers, "a task");
#endif
    }
    for (int i = 0; i < lives_most; i++) {
        if (!lives[i].task || lives[i].seen == checks) continue;
        task = lives[i].task;
        if (task->u.ring && task->u.ring == lives[i].own) {
            must(check_ring(task->u.ring, "its own") == 1, "#%d is not alone", lives[i].number);
            found++;
#if GROUPS
            must(!lives[i].group || lives[i].own != &lives[i].group->waiting ||
                     lives[i].group->count,
                 "#%d waits for children and has none", lives[i].number);
#endif
            continue;
        }
        must(task->ops && !is_woken(task), "#%d should be ready", lives[i].number);
        must(!task->u.ring, "#%d should be in a ring", lives[i].number);
        must(task->entry.node.next->prev == &task->entry.node, "#%d is nowhere", lives[i].number);
        found++;
    }
    must(tasks == found, "of %d tasks %d are somewhere", tasks, found);
}

static void check_objects(void)
{
    for (int i = 0; i < 2; i++) {
        const struct box *const box = &boxes[i];
        const struct watched *const gets = &watched[get_rings[i]];
        const struct watched *const puts = &watched[put_rings[i]];
        must((int)cedo_queue_size(box->queue) == box->size, "a queue has %d items, not %d",
             (int)cedo_queue_size(box->queue), box->size);
        must((int)(box->queue->unfinished - cedo_queue_ahead_(&box->queue->ends[1])) ==
                 box->unfinished,
             "%d items are unfinished, not %d", (int)box->queue->unfinished, box->unfinished);
        must(box->unfinished || !watched[join_rings[i]].waiting, "a queue's work is done, %d wait",
             watched[join_rings[i]].waiting);
        must(!box->is_shut || (!gets->waiting && !puts->waiting),
             "a queue is shut down and tasks wait");
        must(!box->size || !gets->waiting || gets->woken,
             "an item is there, %d wait for one, nobody was woken", gets->waiting);
        must(box->size == box->capacity || !puts->waiting || puts->woken,
             "a place is free, %d wait for one, nobody was woken", puts->waiting);
    }
    for (int i = 0; i < 3; i++) {
        const struct mutex *const mutex = &mutexes[i];
        const struct watched *const ring = &watched[lock_rings[i]];
        const int promised = mutex->lock->state == CEDO_LOCK_PROMISED_;
        must(cedo_lock_locked(mutex->lock) == (mutex->holder != NULL),
             "a lock is in state %d, and somebody holds it: %d", mutex->lock->state,
             mutex->holder != NULL);
        /* who waits on a condition and is cancelled is woken from there, too */
        must(!promised || ring->woken, "a lock is promised to nobody");
        must(mutex->lock->state != CEDO_LOCK_FREE_ || !ring->waiting,
             "a lock is free and %d tasks wait for it", ring->waiting);
    }
    for (int i = 0; i < 2; i++) {
        const struct permits *const some = &permits[i];
        const struct watched *const ring = &watched[permit_rings[i]];
        must((int)some->real.value + (int)some->real.granted + some->held == some->all,
             "of %d permits %d are held, %d are granted, %d are free", some->all, some->held,
             (int)some->real.granted, (int)some->real.value);
        must((int)some->real.granted == ring->woken, "%d permits are granted, %d tasks were woken",
             (int)some->real.granted, ring->woken);
        must(!some->real.value || !ring->waiting || some->real.granted,
             "a permit is free and %d tasks wait for it", ring->waiting);
        must(!cedo_event_is_set(&bells[i].real) || !watched[bell_rings[i]].waiting,
             "an event is set and tasks wait for it");
    }
    must(barrier.state != CEDO_BARRIER_FILLING_ || barrier.count < barrier.parties,
         "all parties wait at a barrier");
    /* some of those that were woken have come for the next round and are not counted yet */
    must(barrier.state != CEDO_BARRIER_FILLING_ ||
             ((int)barrier.count >= watched[barrier_ring].waiting &&
              (int)barrier.count <= watched[barrier_ring].waiting + watched[barrier_ring].woken),
         "a barrier counts %d, %d wait, %d were woken", (int)barrier.count,
         watched[barrier_ring].waiting, watched[barrier_ring].woken);
#if CEDO_ISR
    must((int)cedo_channel_size(&wire.real.channel) == wire.size, "a channel has %d items, not %d",
         (int)cedo_channel_size(&wire.real.channel), wire.size);
#endif
    must(barrier.state != CEDO_BARRIER_BROKEN_ || !watched[barrier_ring].waiting,
         "tasks wait at a broken barrier");
    for (int i = 0; i < 4; i++) {
        must(calls[i].is_expected == cedo_handle_scheduled(&calls[i].handle) || calls[i].promise ||
                 calls[i].whom >= 0,
             "a handle does not know whether it is scheduled");
    }
}

/* Nothing is ready: what could go on must not be waiting. */
static void check_idle(void)
{
    cedo_time when;
    const bool is_armed = cedo_loop_deadline(&loop, &when);
    for (int i = 0; i < 2; i++)
        must(!tokens[i] || mutexes[i * 2].lock->state != CEDO_LOCK_FREE_ ||
                 !watched[condition_rings[i]].waiting,
             "a notification was lost");
    must((barrier.state != CEDO_BARRIER_DRAINING_ && barrier.state != CEDO_BARRIER_RESETTING_),
         "a round at a barrier does not end");
#if CEDO_ISR
    must(!cedo_signal_is_set(&alarm_.real) || !watched[alarm_ring].waiting,
         "a signal is set and tasks wait for it");
    must(!wire.size || !watched[wire_ring].waiting, "a channel has items and tasks wait for one");
    must(!isr_call->is_expected, "a call from an interrupt was forgotten");
#endif
    for (int i = 0; i < lives_most; i++) {
        if (lives[i].task && lives[i].sleeps)
            must(is_armed && !cedo_time_after(when, lives[i].due),
                 "#%d sleeps and no timer is armed", lives[i].number);
    }
    for (int i = 0; i < 4; i++) {
        if (!calls[i].is_expected) continue;
        if (calls[i].promise)
            must(outcome_of(calls[i].promise, calls[i].generation) == CEDO_ESTATE,
                 "a done callback of a future was forgotten");
        else if (calls[i].whom >= 0)
            must(acts[calls[i].whom].incarnation == calls[i].incarnation &&
                     !cedo_task_done(actor_task(calls[i].whom)),
                 "a done callback of a task was forgotten");
        else
            must(is_armed && !cedo_time_after(when, calls[i].due), "a call was forgotten");
    }
}

static void check(void)
{
    must(!cedo_current_task() || !cedo_running_loop(), "a step has not ended");
    check_places();
    check_objects();
    if (cedo_list_is_empty(ready) && !is_posted) check_idle();
}

/* ------------------------------------------------------------- the schedule */

static cedo_status never(void *arg)
{
    (void)arg;
    broken_("a handle that was cancelled runs");
}

/* The list of what is ready: what becomes ready last stands before its head, whatever that is. */
static cedo_node *ready_list(void)
{
    static cedo_handle probe;
    cedo_node *list;
    (void)cedo_call_soon(&loop, &probe, never, NULL);
    list = probe.entry.node.next;
    cedo_handle_cancel(&probe);
    return list;
}

static void shuffle_ready(void)
{
    cedo_node *nodes[LIVES * 2];
    int count = 0;
    while (!cedo_list_is_empty(ready) && count < LIVES * 2) {
        nodes[count] = ready->next;
        cedo_list_unlink(nodes[count++]);
    }
    while (count) {
        const int i = draw(count);
        cedo_list_push(ready, nodes[i]);
        nodes[i] = nodes[--count];
    }
}

static void one_turn(void)
{
    cedo_status status;
    is_posted = false; /* the loop looks first */
    status = cedo_loop_step(&loop);
    must(status == (exits                       ? CEDO_EEXIT
                    : cedo_list_is_empty(ready) ? CEDO_END
                                                : CEDO_OK),
         "a turn ends with %d", status);
    exits = false;
}

/* All turns, until nothing is ready and nothing is armed, or something stops the loop. */
static void all_turns(void)
{
    const cedo_status status = cedo_loop_run_forever(&loop);
    note("the loop ends with %d", status);
    must(exits ? status == CEDO_EEXIT : status == CEDO_EDEADLK || status == CEDO_OK,
         "a run ends with %d", status);
    exits = false;
    if (status == CEDO_EDEADLK) is_posted = false; /* it looked in vain */
}

/* Runs one of those that are ready. Answers the task, or NULL. */
static cedo_task *run_one(void)
{
    cedo_node others;
    cedo_node *node;
    int count = 0;
    for (node = ready->next; node != ready; node = node->next) count++;
    node = ready->next;
    for (int i = draw(count); i > 0; i--) node = node->next;
    cedo_list_unlink(node);
    cedo_list_init(&others);
    if (!cedo_list_is_empty(ready)) cedo_list_splice_(&others, ready);
    cedo_list_push(ready, node);
    one_turn();
    if (!cedo_list_is_empty(&others)) cedo_list_splice_(ready, &others);
    return cedo_task_of_node_(node);
}

/* Time passes, perhaps beyond several deadlines. */
static void let_time_pass(void)
{
    cedo_time when;
    if (cedo_loop_deadline(&loop, &when) && cedo_time_after(when, now()))
        cedo_sim_advance(&loop, (cedo_duration)(when - now()));
    if (chance(2)) cedo_sim_advance(&loop, (cedo_duration)draw(12) * unit);
    note("it is %lld", (long long)now());
}

/* One that was woken, perhaps, and has not run. */
static cedo_task *anyone_ready(void)
{
    cedo_task *tasks[LIVES];
    int count = 0;
    for (cedo_node *node = ready->next; node != ready && count < LIVES; node = node->next) {
        cedo_task *const task = cedo_task_of_node_(node);
        if (task->entry.flags & CEDO_ENTRY_TASK_ && !cedo_task_done(task)) tasks[count++] = task;
    }
    return count ? tasks[draw(count)] : NULL;
}

/* Something comes between. `task` is the one that was just suspended, or NULL. */
static void inject(cedo_task *task)
{
    switch (draw(4)) {
    case 0:
        if (!task || chance(2)) task = chance(2) ? anyone() : anyone_ready();
        if (task) ask(task);
        break;
    case 1: let_time_pass(); break;
    default: act(); break;
    }
}

static bool is_alive(const cedo_task *task)
{
    for (const cedo_task *one = NULL; (one = cedo_loop_next_task(&loop, one)) != NULL;) {
        if (one == task) return true;
    }
    return false;
}

static void spawn_actor(int i)
{
    if (acts[i].incarnation >= 0)
        acts[i].outcomes[acts[i].incarnation] = cedo_task_result(&stage[i].task);
    acts[i].incarnation++;
    start(&stage[i], actor, .me = i);
    cedo_task_keep(&stage[i].task);
}

/* A queue that was shut down is made anew, once nobody knows it. */
static void box_reopen(int i)
{
    if (!boxes[i].is_shut || watched[get_rings[i]].woken || watched[put_rings[i]].woken ||
        !cedo_ring_is_empty(&boxes[i].queue->joiners) ||
        !cedo_ring_is_empty(&boxes[i].queue->ends[0].waiters) ||
        !cedo_ring_is_empty(&boxes[i].queue->ends[1].waiters))
        return;
    box_open(&boxes[i]);
    watch_all();
}

/* All that is left waits for others: stir. */
static void stir(void)
{
    if (!is_ending && !chance(4)) {
        for (int i = 1 + draw(4); i > 0; i--) act();
        return;
    }
    for (cedo_task *task = NULL; (task = cedo_loop_next_task(&loop, task)) != NULL;) {
        if (chance(3)) ask(task);
    }
}

/* One step of the whole. */
static void turn(void)
{
    cedo_task *task = NULL;
    turn_played++;
    if (is_plain) {
        all_turns();
        if (cedo_list_is_empty(ready)) stir();
    }
    else if (cedo_list_is_empty(ready)) {
        cedo_time when;
        if (cedo_loop_deadline(&loop, &when) && !chance(20))
            let_time_pass();
        else
            stir();
        one_turn();
    }
    else if (!chance(4)) {
        task = run_one();
        if (!is_alive(task)) task = NULL;
    }
    else {
        if (chance(2)) shuffle_ready();
        one_turn();
    }
    check();
    if (injections && !is_ending && chance(injections)) {
        inject(task);
        check();
    }
    if (chance(20)) box_reopen(draw(2));
    if (chance(40)) {
        const int i = draw(actors);
        if (!is_ending && cedo_task_done(&stage[i].task) && acts[i].incarnation + 1 < INCARNATIONS)
            spawn_actor(i);
    }
    if (turn_played > TURNS) is_ending = true;
    must(turn_played < TURNS_MOST, "a program does not end");
}

/* ------------------------------------------------------------- a seed */

#define BLOCK (sizeof(cedo_task) + sizeof(cedo_coro) + sizeof(struct work))
static CEDO_POOL_STORAGE(blocks, BLOCK, 24);

static void world_begin(void)
{
    static const cedo_event unset;
    static const cedo_lock unlocked;
    static const cedo_condition unnotified;
    static const struct call no_call;
#if CEDO_HOSTED
    clock_is_costly = chance(2);
#endif
    open_world();
    unit = 1;
#if CEDO_TIME_BITS == 64
    switch (draw(4)) {
    case 0: unit = 20000; break;
    case 1: unit = 3000000; break;
    case 2: unit = INT64_C(5000000000); break;
    }
#endif
    injections = draw(4) ? 1 << draw(6) : 0;
    is_ending = exits = false;
    is_plain = chance(8);
    closes_after = chance(16) ? (unsigned)draw(200) : TURNS_MOST;
    expected_reports = entered = left_ = opened = closed = deferred = 0;
    lives_most = lives_begun = items = 0;
    memset(lives, 0, sizeof lives);
    for (int i = 0; i < 2; i++) {
        box_open(&boxes[i]);
        permits_open(&permits[i], i == 0);
        locks[i] = unlocked;
        conditions[i] = unnotified;
        tokens[i] = 0;
        bells[i].real = unset;
        bells[i].sets = 0;
        cedo_future_init(&promises[i].real.future, &loop);
        promises[i].generation = 0;
    }
    conditions[0].shared = &locks[0];
    for (int i = 0; i < 3; i++) mutexes[i].holder = NULL;
    for (int i = 0; i < 5; i++) {
        calls[i] = no_call;
        calls[i].whom = -1;
    }
    must(cedo_barrier_init(&barrier, 1 + draw(3)) == CEDO_OK, "a barrier cannot be made");
    memory.allocator.alloc = memory_alloc;
    memory.allocator.free = memory_free;
    memory.used = 0;
    memory.is_pool = chance(2);
    cedo_pool_init(&pool, blocks, sizeof blocks, BLOCK);
    cedo_loop_set_allocator(&loop, &memory.allocator);
    kinds_choose();
#if CEDO_ISR
    interrupts_begin();
#endif
    actors = 2 + draw(ACTORS - 1);
    memset(stage, 0, sizeof stage);
    for (int i = 0; i < actors; i++) {
        acts[i].incarnation = -1;
        acts[i].joiners = 0;
        spawn_actor(i);
    }
    ready = ready_list();
    watch_all();
#if CEDO_SPAWN_HOOK
    if (chance(4)) cedo_loop_set_spawn_hook(&loop, cedo_spawn_eagerly, NULL);
#endif
}

/* The loop is closed over all that is left: that comes to nothing, and is reported. */
static void world_close(void)
{
    for (const cedo_task *task = NULL; (task = cedo_loop_next_task(&loop, task)) != NULL;)
        expected_reports++;
    must(cedo_loop_close(&loop) == CEDO_OK, "the loop cannot be closed");
    must(!cedo_loop_next_task(&loop, NULL), "a closed loop has tasks");
    must(memory.used == 0 && pool.used == 0, "%d blocks are not back", memory.used);
    must(unhandled == expected_reports, "%d errors were reported, %d should be", unhandled,
         expected_reports);
    for (int i = 0; i < actors; i++)
        must(cedo_task_done(&stage[i].task), "a task of a closed loop is not done");
    for (int i = 0; i < 4; i++)
        must(!cedo_handle_scheduled(&calls[i].handle), "a closed loop has something scheduled");
    /* what outlives the loop does not know its tasks any more */
    for (int i = 0; i < 4; i++) cedo_handle_cancel(&calls[i].handle);
    for (int i = 0; i < watched_count; i++)
        must(cedo_ring_is_empty(watched[i].ring), "a task of a closed loop waits for %s",
             watched[i].name);
    for (int i = 0; i < 2; i++)
        must(cedo_future_done(&promises[i].real.future) ||
                 cedo_ring_is_empty(&promises[i].real.future.u.watchers),
             "a task of a closed loop waits for a future");
}

static void world_end(void)
{
    for (int i = 0; i < 4; i++) {
        if (calls[i].is_expected) cedo_handle_cancel(&calls[i].handle);
    }
#if CEDO_ISR
    cedo_sim_at_each_look(NULL, NULL);
    cedo_handle_cancel(&isr_call->handle);
    for (int i = 0; i < 2; i++) cedo_handle_cancel(&posts[i]);
#endif
    for (int i = 0; i < lives_most; i++) must(!lives[i].task, "a task that is done lives");
    for (int i = 0; i < watched_count; i++)
        must(cedo_ring_is_empty(watched[i].ring), "somebody waits for %s", watched[i].name);
    for (int i = 0; i < actors; i++) {
#if CEDO_SCOPES
        must(!stage[i].task.chain.scopes, "a scope is open");
#endif
    }
    must(entered == left_, "%d bodies were entered, %d finally sections run", entered, left_);
    must(opened == closed, "%d scopes were opened, %d closed", opened, closed);
    must(deferred == 0, "%d deferred calls were not made", deferred);
    must(memory.used == 0 && pool.used == 0, "%d blocks are not back", memory.used);
    must(unhandled == expected_reports, "%d errors were reported, %d should be", unhandled,
         expected_reports);
    unhandled = 0;
    close_world();
}

static void play(uint32_t seed)
{
    random_begin(seed);
    world_begin();
    while (cedo_loop_next_task(&loop, NULL) || !cedo_list_is_empty(ready)) {
        if (turn_played > closes_after) {
            world_close();
            return;
        }
        turn();
    }
    world_end();
}

START_TEST(random_schedules_keep_what_is_promised)
{
    play_seeds(play, CEDO_HOSTED ? 3000 : 1000, 20);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("schedule");
    TCase *const cases = tcase_create("schedule");
    SRunner *const runner = srunner_create(suite);
    int failed;
    tcase_set_timeout(cases, 0); /* each seed has its own */
    tcase_add_test(cases, random_schedules_keep_what_is_promised);
    suite_add_tcase(suite, cases);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
