/* What a use of each primitive costs, for sizes.sh: a least program that sleeps, and with
 * -DUSE_name also uses `name`, once. With -DLEAST only the headers that tasks and sleep need have bodies:
 * so one can see that the others cost nothing where they are not used. (CEDO_ISR must be 0 then:
 * the loop calls isr.h.)
 */
#ifndef LEAST
#define CEDO_IMPLEMENTATION
#endif
#include <cedo/core.h>
#ifdef LEAST
#define CEDO_IMPLEMENTATION /* of the port */
#define CEDO_IMPLEMENT_
#include <cedo/trap.h>
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
#undef CEDO_IMPLEMENT_
#endif

#include "board.h"
#include "board_port.h"

static cedo_loop loop;

#define CHILD \
    struct child { \
        cedo_coro coro; \
    }; \
    static cedo_async(child) \
    { \
        cedo_body(struct child, self) { \
            cedo_await(cedo_yield_now()); \
        } \
    }

#if defined(USE_call)
CHILD
static struct child callee;
#define USE cedo_await(cedo_call(&callee, child));
#elif defined(USE_try)
static cedo_guard guard;
#define USE \
    cedo_try (&guard) { \
        cedo_await(cedo_sleep_ms(2)); \
    } \
    cedo_except (&guard) board_exit(1);
#elif defined(USE_callback)
static cedo_handle handle;
static cedo_status call(void *arg)
{
    (void)arg;
    return CEDO_OK;
}
#define USE (void)cedo_call_later(&loop, &handle, CEDO_MS(1), call, NULL);
#elif defined(USE_join)
CHILD
static cedo_task_of(child) task;
#define USE \
    cedo_spawn(&task, child); \
    cedo_await(cedo_join(&task.task));
#elif defined(USE_cancel)
CHILD
static cedo_task_of(child) task;
#define USE \
    cedo_spawn(&task, child); \
    (void)cedo_task_cancel(&task.task);
#elif defined(USE_timeout)
static cedo_timeout limit;
#define USE \
    cedo_with_timeout (&limit, CEDO_MS(5)) cedo_await(cedo_sleep_ms(2));
#elif defined(USE_wait_for)
static cedo_timeout limit;
#define USE cedo_await(cedo_wait_for(&limit, CEDO_MS(5), cedo_sleep_ms(2)));
#elif defined(USE_group)
CHILD
static cedo_task_of(child) task;
static cedo_group group;
#define USE \
    cedo_with_group (&group) cedo_group_spawn(&group, &task, child);
#elif defined(USE_event)
static cedo_event event;
#define USE \
    cedo_event_set(&event); \
    cedo_await(cedo_event_wait(&event));
#elif defined(USE_lock)
static cedo_lock lock;
#define USE \
    cedo_await(cedo_lock_acquire(&lock)); \
    (void)cedo_lock_release(&lock);
#elif defined(USE_with_lock)
static cedo_lock lock;
static cedo_hold hold;
#define USE \
    cedo_with_lock (&hold, &lock) cedo_await(cedo_sleep_ms(2));
#elif defined(USE_condition)
static cedo_condition condition;
#define USE \
    cedo_await(cedo_condition_acquire(&condition)); \
    (void)cedo_condition_notify(&condition, 1); \
    if (self->again) cedo_await(cedo_condition_wait(&condition)); \
    (void)cedo_condition_release(&condition);
#elif defined(USE_semaphore)
static cedo_semaphore semaphore;
#define USE \
    (void)cedo_semaphore_init(&semaphore, 1); \
    cedo_await(cedo_semaphore_acquire(&semaphore)); \
    (void)cedo_semaphore_release(&semaphore);
#elif defined(USE_barrier)
static cedo_barrier barrier;
#define USE \
    (void)cedo_barrier_init(&barrier, 1); \
    cedo_await(cedo_barrier_wait(&barrier, NULL));
#elif defined(USE_queue)
static uint16_t item;
static cedo_queue_of(uint16_t, 4) queue = CEDO_QUEUE_INIT(queue);
#define USE \
    cedo_await(cedo_queue_put(&queue.queue, &item)); \
    cedo_await(cedo_queue_get(&queue.queue, &item));
#elif defined(USE_lifo_queue)
static uint16_t item;
static cedo_lifo_queue_of(uint16_t, 4) queue = CEDO_LIFO_QUEUE_INIT(queue);
#define USE \
    cedo_await(cedo_queue_put(&queue.queue, &item)); \
    cedo_await(cedo_queue_get(&queue.queue, &item));
#elif defined(USE_priority_queue)
static uint16_t item;
static int compare(const void *a, const void *b)
{
    return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}
static cedo_priority_queue_of(uint16_t, 4) queue = CEDO_PRIORITY_QUEUE_INIT(queue, compare);
#define USE \
    cedo_await(cedo_queue_put(&queue.queue, &item)); \
    cedo_await(cedo_queue_get(&queue.queue, &item));
#elif defined(USE_future)
static cedo_future future;
#define USE \
    (void)cedo_future_set(&future, CEDO_OK); \
    cedo_await(cedo_future_wait(&future));
#elif defined(USE_wait)
static cedo_future future;
static cedo_set set;
static cedo_member member;
#define USE \
    (void)cedo_set_add_future(&set, &member, &future); \
    (void)cedo_future_set(&future, CEDO_OK); \
    cedo_await(cedo_wait(&set, CEDO_FIRST_COMPLETED, CEDO_MS(5)));
#elif defined(USE_gather)
static cedo_future future;
static cedo_set set;
static cedo_member member;
#define USE \
    (void)cedo_set_add_future(&set, &member, &future); \
    (void)cedo_future_set(&future, CEDO_OK); \
    cedo_await(cedo_gather(&set));
#elif defined(USE_signal)
static cedo_signal signal;
#define USE \
    cedo_signal_set_from_isr(&signal); \
    cedo_await(cedo_signal_wait(&signal));
#elif defined(USE_channel)
static uint16_t item;
static cedo_channel_of(uint16_t, 4) channel = CEDO_CHANNEL_INIT(channel);
#define USE \
    (void)cedo_channel_put_from_isr(&channel.channel, &item); \
    cedo_await(cedo_channel_get(&channel.channel, &item));
#elif defined(USE_generator)
struct child {
    cedo_coro coro;
    int n;
};
static cedo_async(child)
{
    cedo_body(struct child, self) {
        for (self->n = 0; self->n < 3; self->n++) cedo_yield();
    }
}
static cedo_generator_of(child) numbers;
#define USE \
    cedo_generate(&numbers, child); \
    cedo_for_each(numbers.frame.n, cedo_anext(&numbers)) board_irq_on();
#elif defined(USE_spawn_new)
CHILD
static cedo_pool pool;
static CEDO_POOL_STORAGE(storage, sizeof(cedo_task) + sizeof(struct child), 2);
#define USE \
    cedo_pool_init(&pool, storage, sizeof storage, sizeof(cedo_task) + sizeof(struct child)); \
    cedo_loop_set_allocator(&loop, &pool.allocator); \
    (void)cedo_spawn_new(child);
#else
#define USE
#endif

struct program {
    cedo_coro coro;
    bool again;
};

static cedo_async(program)
{
    cedo_body(struct program, self) {
        do {
            cedo_await(cedo_sleep_ms(1));
            USE
        } while (self->again);
        board_exit(0);
    }
}

int main(void)
{
    static cedo_task_of(program) main_task;

    cedo_loop_init(&loop, &BOARD_PORT);
    cedo_loop_spawn(&loop, &main_task, program);
    BOARD_INTERRUPTS_ON();
    return cedo_loop_run_forever(&loop);
}
