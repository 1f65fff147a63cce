/* Eager start: a task whose first step runs while it is spawned. One that never blocks has ended when
 * its spawner goes on, and was never queued: what to do where most calls find their answer at hand.
 *
 * The step runs on the C stack of the spawner, so coroutines that spawn each other eagerly nest there.
 *
 * Counterparts: asyncio.create_task(eager_start=True), asyncio.eager_task_factory.
 */
#ifndef CEDO_EAGER_H
#define CEDO_EAGER_H

#include <cedo/spawn.h>

#if CEDO_SPAWN_HOOK

#ifdef __cplusplus
extern "C" {
#endif

/* As cedo_spawn, and its first step runs at once, with cedo_current_task() being the new one; from
 * where it waits, it is a task like any other. An error of the first step is not reported, as after
 * cedo_task_keep: look at cedo_task_result, or join. Where the loop does not run, this is
 * cedo_loop_spawn. */
#define cedo_spawn_eager(...) CEDO_SPAWN_EAGER_(cedo_running_, NULL, __VA_ARGS__, )
#define cedo_loop_spawn_eager(loop, ...) CEDO_SPAWN_EAGER_(loop, NULL, __VA_ARGS__, )

/* The same with a name, a string that must outlive the task. */
#define cedo_spawn_eager_named(name_, ...) CEDO_SPAWN_EAGER_(cedo_running_, name_, __VA_ARGS__, )

#define CEDO_SPAWN_EAGER_(loop, title, object, name, ...) \
    (cedo_task_must_be_idle_(&(object)->task), \
     CEDO_SET_(&(object)->frame, name, NULL, __VA_ARGS__), \
     cedo_task_start_eager_(loop, &(object)->task, &(object)->frame.coro, title))

cedo_status cedo_task_start_eager_(cedo_loop *loop, cedo_task *task, cedo_coro *coro,
                                   const char *name);

/* A hook for cedo_loop_set_spawn_hook that makes every spawn eager, but for tasks from the allocator,
 * whose spawner must find them alive. A hook of yours may call it for the task that it was given.
 * Counterpart: asyncio.eager_task_factory. */
void cedo_spawn_eagerly(cedo_loop *loop, cedo_task *task, void *arg);

#ifdef __cplusplus
}
#endif
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && CEDO_SPAWN_HOOK && !defined(CEDO_EAGER_IMPLEMENTED_)
#define CEDO_EAGER_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

/* `task` was spawned just now: it is in the queue, unless it began already. */
static void cedo_task_step_now_(cedo_loop *loop, cedo_task *task)
{
    cedo_task *const around = cedo_current_();
    const uint8_t kept = task->entry.flags & CEDO_TASK_KEPT_;
    if (cedo_running_loop() != loop || cedo_task_done(task) || task->chain.top->state != 0) return;
    task->entry.flags |= CEDO_TASK_KEPT_; /* nobody can join it yet */
    cedo_loop_run_within_(loop, task);
    if (!cedo_task_done(task) && !kept) task->entry.flags &= (uint8_t)~CEDO_TASK_KEPT_;
    cedo_set_current_(around);
}

cedo_status cedo_task_start_eager_(cedo_loop *loop, cedo_task *task, cedo_coro *coro,
                                   const char *name)
{
    const cedo_status status = cedo_task_start_(loop, task, coro, name);
    if (status == CEDO_OK) cedo_task_step_now_(loop, task);
    return status;
}

void cedo_spawn_eagerly(cedo_loop *loop, cedo_task *task, void *arg)
{
    (void)arg;
    if (!(task->entry.flags & CEDO_TASK_HEAP_)) cedo_task_step_now_(loop, task);
}

#ifdef __cplusplus
}
#endif
#endif
