/* Runs the random programs that stand on its input, one a line, and prints what happens. run.py
 * does the same.
 *
 * A step is a letter, a number, and for some a block in brackets:
 *
 *     Sn sleep n ms     Wn wait for event n    Jn join task n       G get         Pn put n
 *     Tn set event n    Xn clear it            Cn cancel task n     Un uncancel it
 *     Bn block n ms     R, E throw             Z return
 *     Lnk in n ms set event k                  Mnk in n ms cancel task k
 *     wn STEP, on( ) wait_for n ms             tn( ) a block limited to n ms
 *     an( ) rn( ) en( ) catch all; all, and throw again; errors     cn( ) just call
 *     bn wait at the barrier            gn, nn get, put n without waiting
 *     Qn join the queue                 Dn task_done                V0, V1 shut it down, at once
 *     Yn wait for the condition         Nn notify n of it
 *     ln( ) sn( ) hold lock n, a permit of semaphore n              hn( ) in a group, with a second child
 *
 * Blocks at odd depths end with a finally that sleeps. -DRANDOM_LABELS: with labels as values.
 */
#ifdef RANDOM_LABELS
#define CEDO_LABELS
#endif
#include "../oracle.h"

#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 1000, TASKS = 8, EVENTS = 3, DEPTH = 5 };

struct step {
    char kind;
    int n;
    int next; /* the step after it and its block */
};

struct block {
    cedo_coro coro;
    int me;
    int at, end, depth;
    cedo_guard guard;
    cedo_timeout limit;
    cedo_hold hold;
    cedo_group group;
    int item;
    int status;
    unsigned index;
};

struct second {
    cedo_coro coro;
    int me;
};

/* The tasks of the groups at a depth. */
struct children {
    cedo_task first;
    cedo_task_of(second) second;
};

static struct step steps[STEPS];
static int starts[TASKS + 1];
static int task_count;
static struct block frames[TASKS][DEPTH];
static struct children children[TASKS][DEPTH];
static cedo_event events[EVENTS];
static cedo_queue_of(int, 2) queue;
static cedo_lock locks[2];
static cedo_semaphore semaphores[2];
static cedo_condition condition;
static cedo_barrier barrier;
static cedo_handle handles[STEPS];

static cedo_task *task_at(int index);

static cedo_status sets(void *event)
{
    cedo_event_set(event);
    return CEDO_OK;
}

static cedo_status cancels(void *task)
{
    (void)cedo_task_cancel(task);
    return CEDO_OK;
}

static cedo_op wait_at(struct block *self, int at)
{
    switch (steps[at].kind) {
    case 'S': return cedo_sleep(CEDO_MS(steps[at].n));
    case 'W': return cedo_event_wait(&events[steps[at].n]);
    case 'J': return cedo_join(task_at(steps[at].n));
    case 'b': return cedo_barrier_wait(&barrier, &self->index);
    case 'Q': return cedo_queue_join(&queue.queue);
    case 'G': return cedo_queue_get(&queue.queue, &self->item);
    default: self->item = steps[at].n; return cedo_queue_put(&queue.queue, &self->item);
    }
}

static void at_once(struct block *self, char kind, int n)
{
    const bool gets = kind == 'g';
    int item = n;
    const cedo_status status = gets ? cedo_queue_get_nowait(&queue.queue, &item)
                                    : cedo_queue_put_nowait(&queue.queue, &item);
    if (status == CEDO_EAGAIN)
        p("%d would block", self->me);
    else if (status == CEDO_ECLOSED || status == CEDO_END)
        p("%d is shut", self->me);
    else if (gets)
        p("%d at once %d %zu", self->me, item, cedo_queue_size(&queue.queue));
    else
        p("%d at once None %zu", self->me, cedo_queue_size(&queue.queue));
}

/* The steps that wait for nothing and stay in the block. */
static void plain_step(struct block *self)
{
    const struct step s = steps[self->at];
    switch (s.kind) {
    case 'G': p("%d got %d", self->me, self->item); break;
    case 'b': p("%d got %u", self->me, self->index); break;
    case 'g':
    case 'n': at_once(self, s.kind, s.n); break;
    case 'D':
        p("%d done %s", self->me, py_bool(cedo_queue_task_done(&queue.queue) == CEDO_OK));
        break;
    case 'V': (s.n ? cedo_queue_shutdown_now : cedo_queue_shutdown)(&queue.queue); break;
    case 'T': cedo_event_set(&events[s.n]); break;
    case 'X': cedo_event_clear(&events[s.n]); break;
    case 'C': p("%d cancel %d %s", self->me, s.n, py_bool(cedo_task_cancel(task_at(s.n)))); break;
    case 'U': p("%d uncancel %d %u", self->me, s.n, cedo_task_uncancel(task_at(s.n))); break;
    case 'B': cedo_sim_advance(&py_loop, CEDO_MS(s.n)); break;
    case 'L':
        (void)cedo_call_later(&py_loop, &handles[self->at], CEDO_MS(s.n / 10), sets,
                              &events[s.n % 10]);
        break;
    case 'M':
        (void)cedo_call_later(&py_loop, &handles[self->at], CEDO_MS(s.n / 10), cancels,
                              task_at(s.n % 10));
        break;
    default: break;
    }
}

#define STEP steps[self->at]
#define LIMIT CEDO_MS(STEP.n)
#define CHILD \
    cedo_call(&frames[self->me][self->depth + 1], block, .me = self->me, .at = self->at + 1, \
              .end = STEP.next, .depth = self->depth + 1)

static unsigned cancelling(void)
{
    return cedo_task_cancelling(cedo_current_task());
}

static cedo_async(second)
{
    cedo_body(struct second, self) {
        p("%d second", self->me);
        cedo_await(cedo_sleep_ms(20));
        p("%d second done", self->me);
    }
}

static cedo_async(block)
{
    cedo_body(struct block, self) {
        for (; self->at < self->end; self->at = STEP.next) {
            p("%d>%c%d", self->me, STEP.kind, STEP.n);
            self->status = CEDO_OK;
            if (strchr("SWJGPbQ", STEP.kind)) cedo_catch(self->status, wait_at(self, self->at));
            if (STEP.kind == 'w') {
                cedo_catch(self->status,
                           cedo_wait_for(&self->limit, LIMIT, wait_at(self, self->at + 1)));
            }
            if (self->status < 0) cedo_throw(self->status);
            if (self->status == CEDO_END) cedo_throw(CEDO_ECLOSED);
            plain_step(self);
            if (STEP.kind == 'R') cedo_throw(VALUE_ERROR);
            if (STEP.kind == 'E') cedo_throw(CEDO_ECANCELED);
            if (STEP.kind == 'Z') cedo_return();
            if (STEP.kind == 'o') cedo_await(cedo_wait_for(&self->limit, LIMIT, CHILD));
            if (STEP.kind == 'c') cedo_await(CHILD);
            if (STEP.kind == 'N') {
                cedo_with_condition (&self->hold, &condition)
                    (void)cedo_condition_notify(&condition, (unsigned)STEP.n);
            }
            if (STEP.kind == 'Y') {
                cedo_with_condition (&self->hold, &condition)
                    cedo_await(cedo_condition_wait(&condition));
            }
            if (STEP.kind == 'l') {
                cedo_with_lock (&self->hold, &locks[STEP.n]) cedo_await(CHILD);
            }
            if (STEP.kind == 's') {
                cedo_with_semaphore (&self->hold, &semaphores[STEP.n]) cedo_await(CHILD);
            }
            if (STEP.kind == 'h') {
                cedo_with_group (&self->group) {
                    (void)cedo_group_spawn_coro(
                        &self->group, &children[self->me][self->depth].first,
                        cedo_make(&frames[self->me][self->depth + 1], block, .me = self->me,
                                  .at = self->at + 1, .end = STEP.next, .depth = self->depth + 1));
                    (void)cedo_group_spawn(&self->group, &children[self->me][self->depth].second,
                                           second, .me = self->me);
                    cedo_await(cedo_sleep_ms(10));
                }
            }
            if (STEP.kind == 't') {
                cedo_with_timeout (&self->limit, LIMIT) cedo_await(CHILD);
                p("%d expired %s", self->me, py_bool(cedo_timeout_expired(&self->limit)));
            }
            if (STEP.kind == 'a' || STEP.kind == 'r') {
                cedo_try_all (&self->guard) cedo_await(CHILD);
                cedo_except (&self->guard) {
                    p("%d caught %s %u", self->me, py_error(cedo_caught(&self->guard)),
                      cancelling());
                    if (STEP.kind == 'r') cedo_rethrow(&self->guard);
                }
            }
            if (STEP.kind == 'e') {
                cedo_try (&self->guard) cedo_await(CHILD);
                cedo_except (&self->guard)
                    p("%d error %s", self->me, py_error(cedo_caught(&self->guard)));
            }
            p("%d<%c%d %u", self->me, STEP.kind, STEP.n, cancelling());
        }
    cedo_finally:
        if (self->depth % 2) {
            p("%d finally", self->me);
            cedo_await(cedo_sleep_ms(10));
            p("%d finally done", self->me);
        }
    }
}

static cedo_task_of(block) tasks[TASKS];

static cedo_task *task_at(int index)
{
    return &tasks[index].task;
}

struct program {
    cedo_coro coro;
    int i;
    int status;
};

static cedo_async(program)
{
    cedo_body(struct program, self) {
        for (self->i = 0; self->i < task_count; self->i++)
            (void)cedo_spawn(&tasks[self->i], block, .me = self->i, .at = starts[self->i],
                             .end = starts[self->i + 1]);
        for (self->i = 0; self->i < task_count; self->i++) {
            cedo_catch(self->status, cedo_join(task_at(self->i)));
            p("%d is %s %u", self->i, py_error(self->status),
              cedo_task_cancelling(task_at(self->i)));
        }
    }
}

/* Of tasks that fail while nobody waits, or wait when the loop is closed, nothing is printed. */
static cedo_status ignore(cedo_loop *loop, const cedo_exception *exception, void *arg)
{
    (void)loop, (void)exception, (void)arg;
    return CEDO_OK;
}

static void run(void)
{
    static cedo_task_of(program) object;
    cedo_status status;
    memset(&object, 0, sizeof object);
    memset(tasks, 0, sizeof tasks);
    memset(frames, 0, sizeof frames);
    memset(events, 0, sizeof events);
    memset(handles, 0, sizeof handles);
    memset(children, 0, sizeof children);
    memset(locks, 0, sizeof locks);
    memset(&condition, 0, sizeof condition);
    cedo_queue_init(&queue);
    for (int i = 0; i < 2; i++) (void)cedo_semaphore_init(&semaphores[i], 1 + i);
    (void)cedo_barrier_init(&barrier, 2);
    py_open();
    cedo_loop_set_exception_handler(&py_loop, ignore, NULL);
    (void)cedo_loop_spawn(&py_loop, &object, program);
    status = cedo_loop_run_until_complete(&py_loop, &object.task);
    p("%s", status == CEDO_EDEADLK ? "deadlock" : "end");
    py_close();
}

static void parse(char *line)
{
    int open[DEPTH];
    int depth = 0, count = 0;
    task_count = 0;
    for (char *text = strtok(line, " \n"); text; text = strtok(NULL, " \n")) {
        if (*text == '|') {
            if (task_count == TASKS) abort();
            starts[++task_count] = count;
        }
        else if (*text == ')') {
            steps[open[--depth]].next = count;
        }
        else {
            if (count == STEPS || depth == DEPTH) abort();
            if (strchr(text, '(')) open[depth++] = count;
            steps[count].kind = *text;
            steps[count].n = atoi(text + 1);
            steps[count].next = count + (*text == 'w' ? 2 : 1);
            count++;
        }
    }
}

int main(void)
{
    static const oracle_trace trace = {"random", run};
    static char line[1 << 16];
    while (fgets(line, sizeof line, stdin)) {
        printf("program %s", line);
        parse(line);
        fputs(oracle_output(&trace), stdout);
    }
    return 0;
}
