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
    int item;
};

static struct step steps[STEPS];
static int starts[TASKS + 1];
static int task_count;
static struct block frames[TASKS][DEPTH];
static cedo_event events[EVENTS];
static cedo_queue_of(int, 2) queue;
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
    case 'G': return cedo_queue_get(&queue.queue, &self->item);
    default: self->item = steps[at].n; return cedo_queue_put(&queue.queue, &self->item);
    }
}

/* The steps that wait for nothing and stay in the block. */
static void plain_step(const struct block *self)
{
    const struct step s = steps[self->at];
    switch (s.kind) {
    case 'G': p("%d got %d", self->me, self->item); break;
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

static cedo_async(block)
{
    cedo_body(struct block, self) {
        for (; self->at < self->end; self->at = STEP.next) {
            p("%d>%c%d", self->me, STEP.kind, STEP.n);
            if (strchr("SWJGP", STEP.kind)) cedo_await(wait_at(self, self->at));
            plain_step(self);
            if (STEP.kind == 'R') cedo_throw(VALUE_ERROR);
            if (STEP.kind == 'E') cedo_throw(CEDO_ECANCELED);
            if (STEP.kind == 'Z') cedo_return();
            if (STEP.kind == 'w') {
                cedo_await(cedo_wait_for(&self->limit, LIMIT, wait_at(self, self->at + 1)));
            }
            if (STEP.kind == 'o') cedo_await(cedo_wait_for(&self->limit, LIMIT, CHILD));
            if (STEP.kind == 'c') cedo_await(CHILD);
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

static void run(void)
{
    static cedo_task_of(program) object;
    cedo_status status;
    memset(&object, 0, sizeof object);
    memset(tasks, 0, sizeof tasks);
    memset(frames, 0, sizeof frames);
    memset(events, 0, sizeof events);
    memset(handles, 0, sizeof handles);
    cedo_queue_init(&queue);
    py_open();
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
