/* How a loop runs what is ready, turn by turn: the bodies of cedo_loop_run_forever, cedo_loop_step and
 * cedo_loop_run_until_complete, which loop.h declares. Nothing here is for programs. */
#ifndef CEDO_TURN_H
#define CEDO_TURN_H

#include <cedo/loop.h>

#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_TURN_IMPLEMENTED_)
#define CEDO_TURN_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------- what has happened */

#if CEDO_HOSTED
/* Is there nothing that time could make ready? */
static inline bool cedo_loop_is_timeless_(const cedo_loop *loop)
{
    return cedo_list_is_empty(&loop->fresh) && cedo_timers_are_none_(&loop->timers);
}
#endif

#if CEDO_HANDLES
/* Puts what has become due behind what is ready. As in asyncio, a sleep that is due takes a place
 * in the batch and its task resumes in the turn after, so that whatever else is in the batch, a
 * timeout say, still meets it asleep. In a batch of nothing but such tasks nobody could tell: they
 * resume at once. */
static void cedo_loop_expire_(cedo_loop *loop)
{
    cedo_node *const ready = cedo_loop_ready_(loop);
    bool only_sleeps = cedo_list_is_empty(ready);
    cedo_entry *entry;
#if !CEDO_STOP
    const cedo_time now = cedo_loop_port_(loop)->now(loop);
    while ((entry = cedo_timers_pop_(&loop->timers, now)) != NULL) {
#else
#if CEDO_HOSTED
    if (!cedo_loop_port_(loop)->clock_is_cheap && cedo_loop_is_timeless_(loop)) return;
#endif
    loop->now = cedo_loop_port_(loop)->now(loop);
#if CEDO_HOSTED
    if (!cedo_list_is_empty(&loop->fresh)) cedo_loop_date_fresh_(loop);
#endif
    while ((entry = cedo_timers_pop_(&loop->timers, loop->now)) != NULL) {
#endif
        if (entry->flags & CEDO_ENTRY_TASK_) {
            cedo_task_fire_(cedo_task_of_node_(&entry->node));
            if (!only_sleeps) cedo_task_due_(cedo_task_of_node_(&entry->node));
            continue;
        }
        if (only_sleeps) {
            only_sleeps = false;
            for (cedo_node *node = ready->next; node != ready; node = node->next)
                cedo_task_due_(cedo_task_of_node_(node));
        }
        cedo_handle_ready_(loop, CEDO_CONTAINER_(entry, cedo_handle, entry));
    }
}
#else
/* Puts the tasks that have become due behind those that are ready. Without handles nobody could
 * tell whether they resume at once. */
static inline void cedo_loop_expire_(cedo_loop *loop)
{
    const cedo_time now = cedo_loop_port_(loop)->now(loop);
    cedo_entry *entry;
#if CEDO_STOP
    loop->now = now;
#endif
    while ((entry = cedo_timers_pop_(&loop->timers, now)) != NULL) {
        cedo_task_of_node_(&entry->node)->ops = NULL;
        cedo_list_push(&loop->ready, &entry->node);
    }
}
#endif

/* What was posted goes behind what I/O made ready. */
static inline void cedo_loop_open_inbox_(cedo_loop *loop)
{
#if CEDO_ISR
    if (CEDO_LOAD_(loop->inbox)) cedo_loop_take_posts_(loop, NULL);
#else
    (void)loop;
#endif
}

#if CEDO_STOP
/* The first half of a turn: what has happened, and what is due? */
static void cedo_loop_look_(cedo_loop *loop, bool may_sleep)
{
    const cedo_port *const port = cedo_loop_port_(loop);
    cedo_set_current_(NULL);
    if (cedo_list_is_empty(cedo_loop_ready_(loop))) {
        port->wait(loop, may_sleep ? cedo_loop_next_(loop) : &loop->now);
    }
    else if (port->poll) {
        port->poll(loop);
    }
    cedo_loop_open_inbox_(loop);
#if CEDO_HOSTED
    loop->credit = port->clock_is_cheap || loop->flags & CEDO_LOOP_ODD_ ? 0 : CEDO_POLL_INTERVAL;
#endif
    cedo_loop_expire_(loop);
}

#endif

/* ------------------------------------------------------------- what is ready */

#if CEDO_HOSTED

/* 0: a task to resume; else something has happened to it, or it is something else. */
static inline int8_t cedo_loop_flags_(cedo_node *node)
{
    return (int8_t)(cedo_entry_of_(node)->flags & CEDO_LOOP_SPECIAL_);
}

/* The same, read anew: or the compiler would keep for here what the usual case just tests. */
static inline int8_t cedo_loop_flags_again_(cedo_node *node)
{
    const volatile uint8_t *const flags = &cedo_entry_of_(node)->flags;
    return (int8_t)(*flags & CEDO_LOOP_SPECIAL_);
}

/* Looks at what has happened while just one is ready, outside of the ring. That mostly is nothing; else
 * all is in the ring afterwards. Answers the new credit. */
CEDO_NOINLINE_ static int cedo_loop_glance_(cedo_loop *loop)
{
    const cedo_port *const port = cedo_loop_port_(loop);
    cedo_set_current_(NULL);
    loop->credit = CEDO_POLL_INTERVAL;
    if (port->poll) port->poll(loop);
    cedo_loop_open_inbox_(loop);
    if (!cedo_loop_is_timeless_(loop)) {
        cedo_loop_use_ring_(loop);
        cedo_loop_expire_(loop);
    }
    return loop->credit;
}

/* Runs a turn of one of two tasks that take turns. True: the next turn is the other's. */
CEDO_ALWAYS_INLINE_ static inline bool cedo_loop_run_in_duet_(cedo_loop *loop, cedo_task *task,
                                                              const cedo_node *next)
{
    const cedo_op op = task->chain.top->body(task->chain.top, 0);
    if (CEDO_UNLIKELY_(op != CEDO_WAITING) &&
        (op == CEDO_YIELDING_ || cedo_task_goes_on_apart_(task, op))) {
        cedo_loop_push_into_ring_(loop, &task->entry.node);
        return false;
    }
    return loop->only == next;
}

/* The turn of one of them begins; its item is yet to be moved. */
CEDO_ALWAYS_INLINE_ static inline void
cedo_loop_begin_in_duet_(cedo_loop *loop, uintptr_t *here, cedo_task *task, const cedo_node *next)
{
    loop->only = cedo_duet_turn_(next);
    *here = (uintptr_t)task;
    task->ops = NULL;
}

/* Goes on with a duet that has begun, in the turn of one of its tasks, as long as it lasts. Of what is
 * known then nothing is looked up: a processor would wait for what the one has just written for the
 * other. */
CEDO_NOINLINE_ static int cedo_loop_run_duet_(cedo_loop *loop, int credit)
{
    cedo_task *const taker = loop->duet.tasks[0];
    cedo_task *const giver = loop->duet.tasks[1];
    cedo_node *const taker_next = loop->duet.next[0];
    cedo_node *const giver_next = loop->duet.next[1];
    void *const place = loop->duet.place;
    uintptr_t *here = &cedo_here_;
    CEDO_FORGET_VALUE_(here);
    if (loop->only == cedo_duet_turn_(taker_next)) goto taken;
    for (;;) {
        if (!cedo_loop_run_in_duet_(loop, giver, taker_next)) break;
        cedo_loop_begin_in_duet_(loop, here, taker, taker_next);
        __builtin_memcpy(taker->entry.u.arg, place, sizeof(uint64_t));
    taken:
        if (!cedo_loop_run_in_duet_(loop, taker, giver_next)) break;
        if ((credit -= 2) < 0) {
            credit = cedo_loop_glance_(loop);
            if (loop->only != giver_next) break;
        }
        cedo_loop_begin_in_duet_(loop, here, giver, giver_next);
        __builtin_memcpy(place, giver->entry.u.arg, sizeof(uint64_t));
    }
    cedo_loop_settle_(loop);
    return credit;
}

/* Runs turns as long as just one task is ready in each, as now. What is ready stands in loop->only then:
 * a processor would wait for the pointers of an almost empty ring. It never is a task that has just
 * yielded, see cedo_loop_settle_. */
CEDO_NOINLINE_ static void cedo_loop_run_alone_(cedo_loop *loop)
{
    cedo_node *const mark = &loop->mark.node;
    uintptr_t *here = &cedo_here_;
    int credit = loop->credit;
    cedo_node *node = mark->next;
    if (credit <= 0 || cedo_loop_flags_(node) & (CEDO_LOOP_SPECIAL_ ^ CEDO_TASK_WOKEN_)) return;
    CEDO_FORGET_VALUE_(here); /* or it would be found anew each time */
    mark->next = mark;
    mark->prev = mark;
    do {
        cedo_task *const task = cedo_task_of_node_(node);
        const uint8_t flags = task->entry.flags;
        cedo_status status = 0;
        cedo_op op;
        if (--credit < 0) {
            if (node == mark) break;
            credit = cedo_loop_glance_(loop);
            continue; /* something may have happened to it */
        }
        if (CEDO_UNLIKELY_(flags & CEDO_LOOP_SPECIAL_)) {
            /* as those of the mark are, too */
            if (flags & (CEDO_LOOP_SPECIAL_ ^ CEDO_TASK_WOKEN_)) break;
            loop->only = CEDO_NONE_;
            *here = (uintptr_t)task;
            op = cedo_task_retry_(task);
            if (CEDO_UNLIKELY_(!cedo_op_is_done_(op))) {
                if (op == CEDO_DUET_BEGINS_) credit = cedo_loop_run_duet_(loop, credit);
                continue;
            }
            status = cedo_op_status_(op);
            goto step;
        }
        loop->only = CEDO_NONE_;
        *here = (uintptr_t)task;
    step:
        op = task->chain.top->body(task->chain.top, status);
        if (CEDO_LIKELY_(op == CEDO_WAITING)) continue;
        while (CEDO_LIKELY_(op == CEDO_YIELDING_) || cedo_task_goes_on_(task, op)) {
            /* it yields: still alone, it goes on, unless it is time to look */
            if (loop->only != CEDO_NONE_ || --credit < 0) {
                cedo_loop_push_into_ring_(loop, node);
                break;
            }
            /* not by the call above: the way there and back is a tenth of such a turn */
            op = task->chain.top->body(task->chain.top, 0);
            if (op == CEDO_WAITING) break;
        }
    } while ((node = loop->only) != CEDO_NONE_);
    *here = CEDO_HERE_NOT_;
    if (loop->credit) loop->credit = credit; /* else it is to end */
    cedo_loop_use_ring_(loop);
}

/* From so many entries in a turn on, the memory of tasks does not fit into the first cache. */
#define CEDO_MANY_ 200

/* Asks for the memory of a task that has its turn soon, some twenty after this one, if tasks lie as they
 * stand in the ring: those that were made one after the other mostly do. */
static inline void cedo_loop_fetch_ahead_(const cedo_node *node)
{
    CEDO_PREFETCH_((uintptr_t)node + 2560);
    CEDO_PREFETCH_((uintptr_t)node + 2560 + 64);
}

/* Runs tasks from the beginning of a turn of many, up to something that is not just a task to resume.
 * That is the loop's place then. Answers how many. */
CEDO_NOINLINE_ CEDO_ALIGNED_ static int cedo_loop_run_many_(cedo_loop *loop)
{
    cedo_node *node = loop->mark.node.next;
    int count = 0;
    while (cedo_loop_flags_(node) == 0) {
        cedo_task *const task = cedo_task_of_node_(node);
        cedo_op op;
        cedo_loop_fetch_ahead_(node);
        count++;
        loop->place = node;
        cedo_here_ = (uintptr_t)task + CEDO_HERE_IN_RING_;
        op = task->chain.top->body(task->chain.top, 0);
        node =
            op == CEDO_YIELDING_ || cedo_task_goes_on_apart_(task, op) ? node->next : loop->place;
    }
    loop->place = node;
    return count;
}

/* The second half: runs what is ready now, and nothing that becomes ready meanwhile; then the next
 * turns, as long as something is ready and it is not time to look.
 *
 * What is ready stands in a ring, with the mark where a turn ends. The loop goes around in it. A
 * task that yields is at the end of the next turn if it stays where it is; what waits or ends takes
 * itself out, and loop->place is then what came after it.
 *
 * A task that is alone runs outside of the ring: a processor would wait for the pointers of an
 * almost empty one. */
CEDO_ALWAYS_INLINE_ static inline void cedo_loop_run_turns_(cedo_loop *loop)
{
    cedo_node *const mark = &loop->mark.node;
    cedo_node *node = mark->next;
    int count = 0;
    if (node == mark) return;
    if (CEDO_UNLIKELY_(loop->has_many)) {
        count = cedo_loop_run_many_(loop);
        node = loop->place;
    }
    for (;;) {
        cedo_task *task;
        cedo_status status = 0;
        int8_t flags;
        task = cedo_task_of_node_(node);
        if (CEDO_LIKELY_(cedo_loop_flags_(node) == 0)) {
            loop->place = node;
            cedo_here_ = (uintptr_t)task + CEDO_HERE_IN_RING_;
        go_on:
            count++;
            node = cedo_task_go_on_(task, status) ? node->next : loop->place;
            continue;
        }
        if (node == mark) {
            node = mark->next;
            if (node->next == mark) {
                loop->place = mark;
                loop->credit -= count;
                count = 0;
                cedo_loop_run_alone_(loop);
                node = mark->next;
                if (node == mark) break;
            }
            if (count >= loop->credit) {
                loop->has_many = count >= CEDO_MANY_;
                break;
            }
            continue;
        }
        flags = cedo_loop_flags_again_(node);
        if (task->entry.flags & CEDO_ENTRY_TASK_) {
            cedo_op op;
            loop->place = node;
            if (CEDO_LIKELY_(flags == CEDO_TASK_WOKEN_)) {
                cedo_here_ = (uintptr_t)task + CEDO_HERE_IN_RING_;
                op = cedo_task_retry_(task);
                if (op != CEDO_WAITING) {
                    status = cedo_op_status_(op);
                    goto go_on;
                }
                count++;
                node = loop->place;
            }
            else if (flags == (int8_t)(CEDO_TASK_WOKEN_ | CEDO_TASK_DONE_)) {
                count++;
                (void)task->ops->resume(task); /* a group gets to know of it */
                node = loop->place;
            }
            else {
                count++;
                node = cedo_task_run_slow_(loop, task);
            }
        }
        else {
            count++;
            cedo_handle_run_(loop, CEDO_CONTAINER_(node, cedo_handle, entry.node));
            node = loop->place;
        }
    }
    loop->place = mark;
}

#if CEDO_SPAWN_HOOK
/* Runs a task that was spawned just now within the step or callback that runs; see eager.h. It takes
 * the place before that one, so what it makes ready comes before it, as if it were its turn. */
static void cedo_loop_run_within_(cedo_loop *loop, cedo_task *task)
{
    cedo_task *const around = cedo_current_();
    /* not a callback, nor a task that is alone */
    const bool is_in_ring = around && loop->place == &around->entry.node;
    cedo_node *const node = &task->entry.node;
    cedo_loop_unlink_(loop, node);
    cedo_list_push(loop->place, node);
    loop->place = node;
    /* not the place of before: behind a callback, what stood there may have been cancelled */
    if (task->entry.flags & CEDO_ENTRY_SPECIAL_) {
        loop->place = cedo_task_run_slow_(loop, task);
    }
    else if (cedo_task_run_(task, 0)) {
        loop->place = node->next;
    }
    if (is_in_ring && loop->place != &around->entry.node) {
        /* it was an exit, and the place is the mark: the turn ends with the step around this one */
        cedo_list_unlink(&loop->mark.node);
        cedo_list_insert_after(&around->entry.node, &loop->mark.node);
        loop->place = &around->entry.node;
    }
}
#endif

#else

/* Runs an entry that was taken out of its queue. */
static inline void cedo_loop_run_entry_(cedo_loop *loop, cedo_node *node)
{
    cedo_task *const task = cedo_task_of_node_(node);
#if CEDO_HANDLES
    if (!(task->entry.flags & CEDO_ENTRY_TASK_)) {
        cedo_handle_run_(loop, CEDO_CONTAINER_(node, cedo_handle, entry.node));
        return;
    }
#endif
    cedo_task_resume_(loop, task);
}

#if CEDO_SPAWN_HOOK
/* Runs a task that was spawned just now within the step or callback that runs; see eager.h. */
static void cedo_loop_run_within_(cedo_loop *loop, cedo_task *task)
{
    cedo_list_unlink(&task->entry.node);
    cedo_loop_run_entry_(loop, &task->entry.node);
}
#endif

#if CEDO_STOP
/* The second half: runs what is ready now, and nothing that becomes ready meanwhile. */
static inline void cedo_loop_run_turns_(cedo_loop *loop)
{
    cedo_node *const batch = &loop->batch;
    cedo_node *node = loop->ready.next;
    if (node == &loop->ready) return;
    cedo_list_splice_(batch, &loop->ready);
    while ((node = batch->next) != batch) {
        cedo_list_pop_(batch, node);
        cedo_loop_run_entry_(loop, node);
    }
}
#endif

#endif

#if CEDO_STOP
/* In debug mode: runs a turn. */
static inline bool cedo_loop_debug_turn_(cedo_loop *loop)
{
#if CEDO_DEBUG
    if (CEDO_UNLIKELY_(loop->flags & CEDO_LOOP_DEBUG_)) {
        cedo_loop_run_turn_debug_(loop);
        return true;
    }
#else
    (void)loop;
#endif
    return false;
}

static cedo_status cedo_loop_enter_(cedo_loop *loop)
{
    if (loop->flags & CEDO_LOOP_CLOSED_) return CEDO_ECLOSED;
    if (loop->flags & CEDO_LOOP_RUNNING_) return CEDO_EBUSY;
#if CEDO_LOOPS
    if (cedo_running_) return CEDO_EBUSY;
#endif
#ifndef CEDO_LOOP
    cedo_running_ = loop;
#endif
#if CEDO_HOSTED
    {
        const char here = 0;
        loop->stack = (uintptr_t)&here;
    }
#endif
    loop->flags |= CEDO_LOOP_RUNNING_;
    return CEDO_OK;
}

static cedo_status cedo_loop_leave_(cedo_loop *loop)
{
    const uint8_t flags = loop->flags;
    loop->flags = flags & (CEDO_LOOP_SPAWNS_ | (CEDO_DEBUG ? CEDO_LOOP_DEBUG_ : 0));
    cedo_set_current_(NULL);
#if CEDO_LOOPS
    cedo_running_ = NULL;
#endif
    if (flags & CEDO_LOOP_EXIT_) return CEDO_EEXIT;
    if (flags & CEDO_LOOP_DEADLOCK_) return CEDO_EDEADLK;
    return CEDO_OK;
}

#if CEDO_HOSTED && defined(__GNUC__)
/* How fast it is shall not depend on what stands before it: that is worth a third. Nor shall a
 * compiler put the turns into a function of their own. */
__attribute__((aligned(64), noinline))
#endif
cedo_status
cedo_loop_run_forever(cedo_loop *loop)
{
    cedo_status status = cedo_loop_enter_(loop);
    if (status < 0) return status;
    cedo_loop_look_(loop, !(loop->flags & CEDO_LOOP_STOP_));
    for (;;) {
        if (!cedo_loop_debug_turn_(loop)) cedo_loop_run_turns_(loop);
        if (loop->flags & CEDO_LOOP_END_) break;
        cedo_loop_look_(loop, true);
        if (loop->flags & CEDO_LOOP_END_) break;
    }
    return cedo_loop_leave_(loop);
}

cedo_status cedo_loop_step(cedo_loop *loop)
{
    cedo_status status = cedo_loop_enter_(loop);
    if (status < 0) return status;
    cedo_loop_look_(loop, false);
#if CEDO_HOSTED
    loop->credit = 0;
#endif
    if (!cedo_loop_debug_turn_(loop)) cedo_loop_run_turns_(loop);
    status = cedo_loop_leave_(loop);
    if (status == CEDO_OK && cedo_list_is_empty(cedo_loop_ready_(loop))) return CEDO_END;
    return status;
}

#if CEDO_JOIN && CEDO_HANDLES
static cedo_status cedo_loop_stop_callback_(void *loop)
{
    cedo_loop_stop((cedo_loop *)loop);
    return CEDO_OK;
}

cedo_status cedo_loop_run_until_complete(cedo_loop *loop, cedo_task *task)
{
    cedo_handle stop;
    cedo_status status;
    if (loop->flags & CEDO_LOOP_RUNNING_) return CEDO_EBUSY;
    stop.entry.flags = 0;
    stop.entry.status = task->entry.status; /* if it is done already */
    status = cedo_task_add_done_callback(task, &stop, cedo_loop_stop_callback_, loop);
    if (status < 0) return status;
    status = cedo_loop_run_forever(loop);
    if (cedo_task_remove_done_callback(task, &stop)) return status < 0 ? status : CEDO_ESTOPPED;
    cedo_handle_cancel(&stop);
    return status < 0 ? status : (cedo_status)stop.entry.status; /* the task may be freed already */
}
#endif

#else

/* What has happened, and what is due? Not inline: so the loop below has the registers for
 * itself. */
CEDO_NOINLINE_ static void cedo_loop_look_(cedo_loop *loop)
{
    const cedo_port *const port = cedo_loop_port_(loop);
#if CEDO_HANDLES
    cedo_set_current_(NULL);
#endif
    if (cedo_list_is_empty(&loop->ready)) {
        port->wait(loop, cedo_loop_next_(loop));
    }
    else if (port->poll) {
        port->poll(loop);
    }
    cedo_loop_open_inbox_(loop);
    cedo_loop_expire_(loop);
}

/* Where a loop cannot be stopped nobody sees where a turn ends: it runs the first that is ready,
 * for ever, and looks at the port when none is, or after CEDO_POLL_INTERVAL of them. */
cedo_status cedo_loop_run_forever(cedo_loop *loop)
{
#if CEDO_LOOPS
    cedo_running_ = loop;
#endif
    for (;;) {
        cedo_node *node;
        unsigned credit = CEDO_POLL_INTERVAL;
        cedo_loop_look_(loop);
        while (credit-- && (node = loop->ready.next) != &loop->ready) {
            cedo_list_pop_(&loop->ready, node);
            cedo_loop_run_entry_(loop, node);
        }
    }
}
#endif

#ifdef __cplusplus
}
#endif
#endif
