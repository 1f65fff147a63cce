/* The core: coroutines, loop, tasks, timers, scopes, futures, synchronisation, queues, readers.
 * Freestanding C99: no libc, no allocation, no operating system.
 *
 * Header-only: in exactly one file of a program,
 *
 *     #define CEDO_IMPLEMENTATION
 *     #include <cedo/core.h>
 *
 * The hosted library does this itself, in src/core.c: then link it and define nothing.
 */
#ifndef CEDO_CORE_H
#define CEDO_CORE_H

#include <cedo/config.h>
#include <cedo/status.h>
#include <cedo/list.h>
#include <cedo/bytes.h>
#include <cedo/trap.h>
#include <cedo/trace.h>
#include <cedo/coro.h>
#include <cedo/each.h>
#include <cedo/port.h>
#include <cedo/duet.h>
#include <cedo/timer.h>
#include <cedo/handle.h>
#include <cedo/alloc.h>
#include <cedo/message.h>
#include <cedo/loop.h>
#include <cedo/turn.h>
#include <cedo/task.h>
#include <cedo/wake.h>
#include <cedo/spawn.h>
#include <cedo/join.h>
#include <cedo/cancel.h>
#include <cedo/sleep.h>
#include <cedo/scope.h>
#include <cedo/timeout.h>
#include <cedo/group.h>
#include <cedo/future.h>
#include <cedo/wait.h>
#include <cedo/hold.h>
#include <cedo/tally.h>
#include <cedo/event.h>
#include <cedo/lock.h>
#include <cedo/condition.h>
#include <cedo/semaphore.h>
#include <cedo/barrier.h>
#include <cedo/sync.h>
#include <cedo/queue.h>
#include <cedo/fifo.h>
#include <cedo/priority_queue.h>
#include <cedo/reader.h>
#include <cedo/isr.h>
#include <cedo/generator.h>
#include <cedo/runner.h>
#include <cedo/eager.h>
#include <cedo/context.h>
#include <cedo/inspect.h>
#include <cedo/dump.h>
#include <cedo/graph.h>
#include <cedo/debug.h>

#ifdef CEDO_IMPLEMENTATION
/* Each header's bodies stand at its end, and need the declarations of all: so a second pass. */
#define CEDO_IMPLEMENT_
#include <cedo/trap.h>
#include <cedo/bytes.h>
#include <cedo/trace.h>
#include <cedo/coro.h>
#include <cedo/timer.h>
#include <cedo/alloc.h>
#include <cedo/message.h>
#include <cedo/task.h>
#include <cedo/wake.h>
#include <cedo/spawn.h>
#include <cedo/join.h>
#include <cedo/cancel.h>
#include <cedo/sleep.h>
#include <cedo/handle.h>
#include <cedo/loop.h>
#include <cedo/turn.h>
#include <cedo/scope.h>
#include <cedo/timeout.h>
#include <cedo/group.h>
#include <cedo/future.h>
#include <cedo/wait.h>
#include <cedo/hold.h>
#include <cedo/tally.h>
#include <cedo/event.h>
#include <cedo/lock.h>
#include <cedo/condition.h>
#include <cedo/semaphore.h>
#include <cedo/barrier.h>
#include <cedo/fifo.h>
#include <cedo/queue.h>
#include <cedo/priority_queue.h>
#include <cedo/reader.h>
#include <cedo/isr.h>
#include <cedo/generator.h>
#include <cedo/runner.h>
#include <cedo/eager.h>
#include <cedo/context.h>
#include <cedo/inspect.h>
#include <cedo/dump.h>
#include <cedo/graph.h>
#include <cedo/debug.h>
#undef CEDO_IMPLEMENT_
#endif

#endif
