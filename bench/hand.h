/* The ready queue that the hand-written programs run on: the least that an event loop can do.
 *
 * A task is a state machine: `resume` is called with the task, looks at `state`, does one step and
 * returns. What is ready stands in one intrusive FIFO list.
 */
#ifndef HAND_H
#define HAND_H

#include "bench.h"

struct task {
    void (*resume)(struct task *task);
    struct task *next;
    int state;
    long left; /* operations still to do */
    void *argument;
};

static struct task *ready_first;
static struct task **ready_end = &ready_first;

static inline void make_ready(struct task *task)
{
    task->next = NULL;
    *ready_end = task;
    ready_end = &task->next;
}

/* Runs until nothing is ready. */
static inline void run_ready(void)
{
    struct task *task;

    while ((task = ready_first) != NULL) {
        ready_first = task->next;
        if (ready_first == NULL) ready_end = &ready_first;
        task->resume(task);
    }
}

/* An event for one waiter. */
struct event {
    int is_set;
    struct task *waiter;
};

static inline void event_set(struct event *event)
{
    event->is_set = 1;
    if (event->waiter != NULL) {
        make_ready(event->waiter);
        event->waiter = NULL;
    }
}

#endif
