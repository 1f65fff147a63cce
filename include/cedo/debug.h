/* Debug mode: what costs too much to look at always.
 *
 * While a loop is in debug mode
 *   - a step of a task, or a callback, that holds the loop for long is reported to the log:
 *     "cedo: executing Task-1 (worker, app.c:12) took 0.150 s", with where it had resumed;
 *   - a call from another thread than the one that runs the loop traps: cedo_call_soon and the
 *     others of its kind, spawning, cancelling, ending a future, adding a done callback;
 *   - the loop knows how long each task waits (dump.h);
 *   - when everything waits and nothing that the loop knows of can change that, all tasks are
 *     dumped to the log, once;
 *   - an error of a task that was kept (cedo_task_keep) and that nobody looked at is reported to
 *     the exception handler when the task is spawned again.
 * What is there always: a task that fails unheard is reported when it ends, one that is not done
 * when its loop is closed; an operation that is not awaited is refused by the compiler, or traps.
 *
 * Needs CEDO_DEBUG (config.h): on a host it is there and off, unless the environment variable
 * CEDO_DEBUG is set, to more than "" and "0", when the loop is made. On firmware it is compiled in
 * by choice, and then on. Off, it costs nothing in the loop. On, two looks at the clock a step.
 *
 * Counterparts: loop.set_debug(), PYTHONASYNCIODEBUG, loop.slow_callback_duration.
 */
#ifndef CEDO_DEBUG_H
#define CEDO_DEBUG_H

#include <cedo/dump.h>

#ifdef __cplusplus
extern "C" {
#endif

#if CEDO_DEBUG

/* Turns debug mode on or off; while the loop runs, from the next turn on. Tasks, callbacks, and
 * while the loop does not run. Counterpart: loop.set_debug(). */
void cedo_loop_set_debug(cedo_loop *loop, bool on);

/* Is it on? Counterpart: loop.get_debug(). */
static inline bool cedo_loop_debug(const cedo_loop *loop)
{
    return (loop->flags & CEDO_LOOP_DEBUG_) != 0;
}

/* How long a step may take before it is reported; 100 ms at first. Counterpart:
 * loop.slow_callback_duration. */
static inline void cedo_loop_set_slow_callback_duration(cedo_loop *loop, cedo_duration duration)
{
    loop->slow = duration;
}

static inline cedo_duration cedo_loop_slow_callback_duration(const cedo_loop *loop)
{
    return loop->slow;
}

/* Where the reports go that are no errors; NULL: standard error on a host, on firmware nowhere.
 * Called in the loop; must not block. Counterpart: the logger "asyncio". */
void cedo_loop_set_log(cedo_loop *loop, cedo_sink *sink, void *arg);

#else

static inline void cedo_loop_set_debug(cedo_loop *loop, bool on)
{
    (void)loop, (void)on;
}

static inline bool cedo_loop_debug(const cedo_loop *loop)
{
    (void)loop;
    return false;
}

#endif

/* ------------------------------------------------------------- the end of storage */

/* C does not tell when storage goes. Who wants to hear what asyncio would say then, says so: both
 * cost a call, and may be left out. */

/* Says that the storage of `task` goes, or will be used otherwise. CEDO_OK: it is done (or was
 * never spawned); if it failed and nobody looked at the error, that is reported to the exception
 * handler (CEDO_DEBUG). CEDO_EBUSY: it is not done; that is reported, and its storage must stay:
 * cancel it, and join it. In debug mode or not. Counterparts: "Task exception was never retrieved",
 * "Task was destroyed but it is pending!". */
cedo_status cedo_task_destroy(cedo_task *task);

/* Says that the storage of `future` goes. If it failed and nobody waited for it, looked at the
 * result or was called, that is reported to the exception handler of its loop (CEDO_DEBUG). Traps
 * if tasks still wait for it. It is pending afterwards. Counterpart: "Future exception was never
 * retrieved". */
void cedo_future_destroy(cedo_future *future);

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_DEBUG_IMPLEMENTED_)
#define CEDO_DEBUG_IMPLEMENTED_

#if CEDO_DEBUG && CEDO_HOSTED
#include <stdlib.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------- the end of storage */

static void cedo_report_(cedo_loop *loop, cedo_task *task, cedo_status status, const char *message)
{
    const cedo_exception exception = {message, status, task, NULL, NULL};
    if (loop) {
        cedo_loop_call_exception_handler(loop, &exception);
    }
    else {
        cedo_loop_default_exception_handler(loop, &exception);
    }
}

#if CEDO_DEBUG
/* Of a task that is done. */
static void cedo_task_check_seen_(cedo_loop *loop, cedo_task *task)
{
    if (task->entry.status >= 0 || task->entry.status == CEDO_ECANCELED ||
        !(task->entry.flags & CEDO_TASK_KEPT_))
        return;
    cedo_task_seen_(task);
    cedo_report_(loop, task, task->entry.status,
                 CEDO_ADVICE_("task failed, and nobody looked at its error"));
}
#endif

cedo_status cedo_task_destroy(cedo_task *task)
{
    if (!(task->entry.flags & CEDO_ENTRY_TASK_)) return CEDO_OK;
    if (!cedo_task_done(task)) {
        cedo_report_(cedo_task_loop_(task), task, CEDO_EBUSY,
                     CEDO_ADVICE_("task was destroyed but it is not done"));
        return CEDO_EBUSY;
    }
#if CEDO_DEBUG
    cedo_task_check_seen_(cedo_task_loop_(task), task);
#endif
    return CEDO_OK;
}

void cedo_future_destroy(cedo_future *future)
{
    cedo_loop *const loop = cedo_future_loop(future);
    CEDO_CHECK_(future->is_done || cedo_ring_is_empty(&future->u.watchers),
                "this future is destroyed while tasks wait for it");
#if CEDO_DEBUG
    if (future->is_done && future->status < 0 && future->status != CEDO_ECANCELED &&
        !future->is_seen)
        cedo_report_(loop ? loop : cedo_running_, NULL, future->status,
                     CEDO_ADVICE_("future failed, and nobody looked at its error"));
#endif
    cedo_future_init(future, loop);
}

#if CEDO_DEBUG

/* ------------------------------------------------------------- ages */

#if CEDO_HOSTED

static void cedo_ages_clear_(cedo_age_ *ages, unsigned room)
{
    while (room--) ages[room].task = NULL;
}

static void cedo_ages_init_(cedo_loop *loop)
{
    loop->ages = loop->few_ages;
    loop->age_room = CEDO_AGES_;
    loop->age_count = 0;
    cedo_ages_clear_(loop->few_ages, CEDO_AGES_);
}

static void cedo_ages_free_(cedo_loop *loop)
{
    if (loop->ages == loop->few_ages) return;
    cedo_allocator_malloc.free(&cedo_allocator_malloc, loop->ages);
}

/* The place of `task`, or the one where it would be. */
static cedo_age_ *cedo_age_place_(cedo_age_ *ages, unsigned room, const cedo_task *task)
{
    unsigned i = (unsigned)((uintptr_t)task >> 4) * 0x9e3779b1u;
    i ^= i >> 16;
    while (ages[i & (room - 1)].task && ages[i & (room - 1)].task != task) i++;
    return &ages[i & (room - 1)];
}

/* Room for four times as many as there are tasks; those that have ended are left out. False: no
 * memory. */
static bool cedo_ages_grow_(cedo_loop *loop)
{
    cedo_age_ *ages;
    const cedo_task *task = NULL;
    unsigned room = CEDO_AGES_;
    unsigned count = 0;
    while ((task = cedo_loop_next_task(loop, task)) != NULL) count++;
    while (room / 4 <= count) room *= 2;
    ages = (cedo_age_ *)cedo_allocator_malloc.alloc(&cedo_allocator_malloc, room * sizeof *ages);
    if (!ages) return false;
    cedo_ages_clear_(ages, room);
    loop->age_count = 0;
    while ((task = cedo_loop_next_task(loop, task)) != NULL) {
        const cedo_age_ *const before = cedo_age_place_(loop->ages, loop->age_room, task);
        if (!before->task) continue;
        *cedo_age_place_(ages, room, task) = *before;
        loop->age_count++;
    }
    cedo_ages_free_(loop);
    loop->ages = ages;
    loop->age_room = room;
    return true;
}

#endif

/* `task` runs now. */
static void cedo_debug_ran_(cedo_loop *loop, cedo_task *task)
{
#if CEDO_HOSTED
    cedo_age_ *place = cedo_age_place_(loop->ages, loop->age_room, task);
    if (!place->task) {
        if (loop->age_count >= loop->age_room / 2) {
            if (!cedo_ages_grow_(loop)) return;
            place = cedo_age_place_(loop->ages, loop->age_room, task);
        }
        place->task = task;
        loop->age_count++;
    }
    place->since = cedo_loop_time(loop);
#else
    task->since = cedo_loop_time(loop);
#endif
}

/* How long ago a task that waits ran; false: it is not known. */
bool cedo_debug_age_(cedo_loop *loop, const cedo_task *task, cedo_duration *age)
{
    cedo_time since;
    if (!(loop->flags & CEDO_LOOP_DEBUG_)) return false;
#if CEDO_HOSTED
    {
        const cedo_age_ *const place = cedo_age_place_(loop->ages, loop->age_room, task);
        if (!place->task) return false;
        since = place->since;
    }
#else
    since = task->since;
#endif
    *age = (cedo_duration)(cedo_loop_time(loop) - since);
    return true;
}

/* ------------------------------------------------------------- the mode */

void cedo_debug_init_(cedo_loop *loop)
{
#if CEDO_HOSTED
    const char *const wish = getenv("CEDO_DEBUG");
    if (wish && *wish && !(wish[0] == '0' && !wish[1])) loop->flags |= CEDO_LOOP_DEBUG_;
#else
    loop->flags |= CEDO_LOOP_DEBUG_;
#endif
    loop->slow = CEDO_MS(100);
    loop->log = NULL;
    loop->log_arg = NULL;
    loop->log_stuck = false;
#if CEDO_HOSTED
    cedo_ages_init_(loop);
#endif
}

void cedo_debug_close_(cedo_loop *loop)
{
#if CEDO_HOSTED
    cedo_ages_free_(loop);
    cedo_ages_init_(loop);
#else
    (void)loop;
#endif
}

void cedo_loop_set_debug(cedo_loop *loop, bool on)
{
    cedo_task *task = NULL;
    loop->flags &= (uint8_t)~CEDO_LOOP_DEBUG_;
    cedo_debug_close_(loop);
    if (!on) return;
    loop->flags |= CEDO_LOOP_DEBUG_;
    loop->log_stuck = false;
#if CEDO_HOSTED
    cedo_loop_look_next_(loop);
#endif
    while ((task = cedo_loop_next_task(loop, task)) != NULL) cedo_debug_ran_(loop, task);
}

void cedo_loop_set_log(cedo_loop *loop, cedo_sink *sink, void *arg)
{
    loop->log = sink;
    loop->log_arg = arg;
}

/* May something be given to `loop`? It is closed or in debug mode. */
CEDO_COLD_ bool cedo_loop_admits_slow_(const cedo_loop *loop)
{
    CEDO_CHECK_(!(loop->flags & CEDO_LOOP_RUNNING_) || cedo_running_ == loop,
                "this was called from another thread than the one that runs the loop");
    return !(loop->flags & CEDO_LOOP_CLOSED_);
}

/* The same, and the storage of `task` may have been used before. */
CEDO_COLD_ bool cedo_debug_spawn_(cedo_loop *loop, cedo_task *task)
{
    if (!cedo_loop_admits_slow_(loop)) return false;
    if (cedo_task_done(task)) cedo_task_check_seen_(loop, task);
    return true;
}

/* ------------------------------------------------------------- a step */

static void cedo_debug_log_(const cedo_loop *loop, cedo_writer_ *line)
{
    cedo_line_begin_(line, loop->log, loop->log_arg);
    cedo_line_text_(line, "cedo: ");
}

/* What will be said if the step is slow: after it the task may be gone. */
static void cedo_debug_before_(cedo_loop *loop, cedo_entry *entry, cedo_writer_ *line)
{
    cedo_debug_log_(loop, line);
    cedo_line_text_(line, "executing ");
#if CEDO_HANDLES
    if (!(entry->flags & CEDO_ENTRY_TASK_)) {
        cedo_line_text_(line, "callback ");
        cedo_line_pointer_(line,
                           (const void *)(uintptr_t)CEDO_CONTAINER_(entry, cedo_handle, entry)->fn);
    }
    else
#endif
    {
        cedo_task *const task = cedo_task_of_node_(&entry->node);
        cedo_debug_ran_(loop, task);
#if CEDO_TRACE
        {
            cedo_trace_entry place;
            cedo_line_name_(line, task);
            /* what is done may have its turn once more */
            if (task->chain.top && cedo_coro_place_(task->chain.top, &place)) {
                cedo_line_text_(line, " (");
                cedo_line_place_(line, &place);
                cedo_line_char_(line, ')');
            }
        }
#else
        cedo_line_text_(line, "task at ");
        cedo_line_pointer_(line, task);
#endif
    }
}

/* Runs what stands at `node` of the ready queue; gives what comes next there. */
static cedo_node *cedo_debug_step_(cedo_loop *loop, cedo_node *node)
{
#if CEDO_HOSTED
    cedo_task *const task = cedo_task_of_node_(node);
    if (!(task->entry.flags & CEDO_ENTRY_TASK_)) {
        cedo_handle_run_(loop, CEDO_CONTAINER_(node, cedo_handle, entry.node));
        return loop->place;
    }
    loop->place = node;
    if (task->entry.flags & CEDO_ENTRY_SPECIAL_) return cedo_task_run_slow_(loop, task);
    return cedo_task_run_(task, 0) ? node->next : loop->place;
#else
    cedo_list_pop_(&loop->batch, node);
    cedo_loop_run_entry_(loop, node);
    return loop->batch.next;
#endif
}

void cedo_loop_run_turn_debug_(cedo_loop *loop)
{
#if CEDO_HOSTED
    cedo_node *const end = &loop->mark.node;
#else
    cedo_node *const end = &loop->batch;
    if (!cedo_list_is_empty(&loop->ready)) cedo_list_splice_(end, &loop->ready);
#endif
    for (cedo_node *node = end->next; node != end;) {
        cedo_writer_ line;
        cedo_time before;
        cedo_duration took;
        cedo_debug_before_(loop, cedo_entry_of_(node), &line);
        before = cedo_loop_time(loop);
        node = cedo_debug_step_(loop, node);
        took = (cedo_duration)(cedo_loop_time(loop) - before);
        if (took < loop->slow) continue;
        cedo_line_text_(&line, " took ");
        cedo_line_duration_(&line, took);
        cedo_line_char_(&line, '\n');
    }
#if CEDO_HOSTED
    loop->place = end;
#endif
}

/* Everything waits, and neither a timer nor a source could wake it. */
void cedo_debug_stuck_(cedo_loop *loop)
{
    cedo_writer_ line;
    if (!(loop->flags & CEDO_LOOP_DEBUG_) || loop->log_stuck || !cedo_loop_next_task(loop, NULL))
        return;
    loop->log_stuck = true;
    cedo_debug_log_(loop, &line);
    cedo_line_text_(&line, "everything waits, and nothing in this loop will wake it\n");
#if CEDO_TRACE
    cedo_dump(loop, loop->log, loop->log_arg);
#endif
}

#endif

#ifdef __cplusplus
}
#endif
#endif
