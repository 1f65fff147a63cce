/* The loop: runs what is ready, turn by turn.
 *
 * A turn: look for what I/O and then what timers have made ready and put it behind what was ready
 * before; then run exactly that batch, in order. What the batch makes ready waits for the next
 * turn. When nothing is ready, the loop sleeps in its port until the nearest deadline.
 *
 * On a port with an expensive clock (a host) the first half is left out while tasks are ready,
 * until CEDO_POLL_INTERVAL of them have run: it would cost a hundred times what a task switch does.
 * The same where a loop cannot be stopped (CEDO_STOP 0), and nobody can tell.
 *
 * A loop belongs to one thread. Unless a function says otherwise it may be called from tasks,
 * callbacks and, while the loop does not run, the thread that runs it, but from no interrupt and no
 * other thread.
 */
#ifndef CEDO_LOOP_H
#define CEDO_LOOP_H

#include <cedo/alloc.h>
#include <cedo/duet.h>
#include <cedo/handle.h>
#include <cedo/message.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cedo_task cedo_task;

#ifndef CEDO_POLL_INTERVAL
#define CEDO_POLL_INTERVAL 61
#endif

/* ------------------------------------------------------------- unhandled errors */

/* What went wrong where nobody waits for it. The asyncio counterpart is the context of
 * call_exception_handler(). */
typedef struct cedo_exception cedo_exception;
struct cedo_exception {
    const char *message; /* NULL where CEDO_ADVICE is 0 */
    cedo_status status;
    cedo_task *task;     /* the task concerned, or NULL; valid during the call */
    cedo_handle *handle; /* whose callback failed, or NULL; an address: it may be free already */
    const cedo_trace *trace; /* where the error came from, innermost frame first, or NULL */
};

/* Is told of an error. Runs in the loop; must not block. A negative answer means that the handler
 * itself failed: then the default one is called too. */
typedef cedo_status cedo_exception_handler(cedo_loop *loop, const cedo_exception *exception,
                                           void *arg);

/* Gets text: `length` bytes, with no terminator, valid during the call. For dump.h and debug.h. */
typedef void cedo_sink(void *arg, const char *text, size_t length);

#if CEDO_DEBUG && CEDO_HOSTED
/* Private: when tasks have run last, by their address; open addressing. What is not filled in has
 * no task. A task that has ended stays until the table is full. */
typedef struct cedo_age_ cedo_age_;
struct cedo_age_ {
    const cedo_task *task;
    cedo_time since;
};
#define CEDO_AGES_ 32 /* without an allocation */
#endif

#if CEDO_SPAWN_HOOK
/* ------------------------------------------------------------- what is spawned */

/* Is told of a task that was spawned, before its first step, by whoever spawns it. May name it, count
 * it, note it, or let it begin at once (cedo_spawn_eagerly); must not block, nor spawn. */
typedef void cedo_spawn_hook(cedo_loop *loop, cedo_task *task, void *arg);
#endif

/* ------------------------------------------------------------- the loop */

/* Private fields. About 60 bytes on a 32-bit target, 34 KiB with the timer wheel of a host. */
struct cedo_loop {
#if CEDO_HOSTED
    cedo_entry mark;  /* in the ring of what is ready: here a turn ends and the next one begins */
    cedo_node *place; /* in that ring: what runs now, or next; what becomes ready goes before it */
    /* While a task runs that was alone: what became ready since, if it is one, else CEDO_NONE_, or the
     * sign of a duet, and the ring is empty. Else the mark. */
    cedo_node *only;
#else
    cedo_node ready;
#if CEDO_STOP
    cedo_node batch; /* what is left of the running batch */
#endif
#endif
#ifndef CEDO_PORT
    const cedo_port *port;
#endif
    cedo_timers timers;
#if CEDO_STOP
    cedo_time now; /* as of this turn */
    uint8_t flags;
#endif
#if CEDO_HOSTED
    cedo_node fresh; /* delays that begin with the next look at the clock, see cedo_arm_after_ */
    int credit;      /* entries that may run before the next poll */
    cedo_duet_ duet;
    void *port_state;
    uintptr_t stack; /* where the C stack stood when the run call began */
    int exit_code;
    bool has_many; /* the last turn, or turns, had many entries */
    cedo_message_ messages[CEDO_MESSAGES_];
    uint8_t next_message; /* which of them is the oldest */
#endif
#if !CEDO_HOSTED
    /* What the engine asks while a request to be cancelled is pending, see cancel.h. Known only
     * since the first one, so that a program that never cancels does not carry it. */
    cedo_op (*meet_request)(cedo_task *task, cedo_op op, const cedo_coro *coro);
#endif
#if CEDO_EXCEPTION_HANDLER
    cedo_exception_handler *exception_handler;
    void *exception_arg;
#endif
#if CEDO_ALLOCATORS
    cedo_allocator *allocator;
#if CEDO_HOSTED
    cedo_cache cache; /* the default allocator */
#endif
#endif
#if CEDO_REGISTRY
    cedo_task *tasks;
#endif
#if CEDO_NAMES
    unsigned long names; /* how many default names were given */
#endif
#if CEDO_DEBUG
    cedo_duration slow; /* what is reported of steps in debug mode */
    cedo_sink *log;
    void *log_arg;
    bool log_stuck; /* said already that nothing can wake it */
#if CEDO_HOSTED
    cedo_age_ *ages; /* `age_room` of them, a power of two; NULL: as in `few_ages` */
    unsigned age_room;
    unsigned age_count;
    cedo_age_ few_ages[CEDO_AGES_];
#endif
#endif
#if CEDO_SPAWN_HOOK
    cedo_spawn_hook *spawn_hook;
    void *spawn_arg;
#if CEDO_SCOPES
    cedo_scope *values; /* see cedo_loop_set_value */
#endif
#endif
#if CEDO_ISR
#if CEDO_HOSTED
    char apart_[64]; /* in a line of the cache that other threads may have */
    unsigned wakers; /* threads in port->wake: the loop must not go while there are any */
#endif
    cedo_node *CEDO_SHARED_ inbox; /* what was posted, the last first, or one of CEDO_INBOX_... */
#if CEDO_HOSTED
    char apart_too_[64]; /* from what comes behind the loop */
#endif
#endif
};

/* The loop that runs in this thread, NULL outside. With CEDO_LOOPS 0: the loop. Private, see
 * cedo_running_loop. */
#ifdef CEDO_LOOP
extern cedo_loop CEDO_LOOP;
#define cedo_running_ (&CEDO_LOOP)
#else
extern CEDO_THREAD_LOCAL cedo_loop *cedo_running_;
#endif

/* Makes a loop on a port. CEDO_OK, or the error of the port (EMFILE and such on a host). */
#ifdef CEDO_PORT
cedo_status cedo_loop_init_(cedo_loop *loop);
static inline cedo_status cedo_loop_init(cedo_loop *loop, const cedo_port *port)
{
    CEDO_CHECK_(port == &CEDO_PORT, "CEDO_PORT names another port than this one");
    (void)port;
    return cedo_loop_init_(loop);
}
#else
cedo_status cedo_loop_init(cedo_loop *loop, const cedo_port *port);
#endif

/* Runs until cedo_loop_stop (CEDO_STOP 0: for ever). CEDO_OK: stopped. CEDO_EEXIT: a task or
 * callback failed with CEDO_EEXIT, the rest of its batch stays queued. CEDO_EDEADLK: everything
 * waits and the port (simulated time) knows that nothing can wake it. CEDO_EBUSY: this loop, or
 * another one of this thread, runs already. CEDO_ECLOSED. Counterpart: loop.run_forever(). */
cedo_status cedo_loop_run_forever(cedo_loop *loop);

#if CEDO_STOP
#if CEDO_JOIN && CEDO_HANDLES
/* Runs until `task` is done and gives its outcome. If it is done already, runs one turn.
 * CEDO_ESTOPPED: the loop was stopped before; else as cedo_loop_run_forever. Counterpart:
 * loop.run_until_complete(). */
cedo_status cedo_loop_run_until_complete(cedo_loop *loop, cedo_task *task);
#endif

/* Runs one turn without sleeping. CEDO_OK: more is ready. CEDO_END: nothing is; see
 * cedo_loop_deadline. Errors as cedo_loop_run_forever. For embedding in a foreign loop. */
cedo_status cedo_loop_step(cedo_loop *loop);

/* Ends the run call after the running batch; before a run: that run makes one turn. Counterpart:
 * loop.stop(). */
void cedo_loop_stop(cedo_loop *loop);

/* Drops what is queued and armed without running it. Tasks that are not done end as CEDO_ECLOSED
 * where they stand: no finally section runs, and each is reported to the exception handler. What
 * they waited for does not know them any more and may be used in another loop. CEDO_EBUSY: the loop
 * runs. A second close does nothing. Counterpart: loop.close(). */
cedo_status cedo_loop_close(cedo_loop *loop);

bool cedo_loop_is_running(const cedo_loop *loop);
bool cedo_loop_is_closed(const cedo_loop *loop);

/* The loop that is running in this thread, NULL where none is. Counterpart:
 * asyncio.get_running_loop(). */
cedo_loop *cedo_running_loop(void);
#endif

/* True, and *when: the time at which a timer is due next. False: no timer is armed. */
bool cedo_loop_deadline(cedo_loop *loop, cedo_time *when);

/* Private: the list of what is ready, for who looks at it between turns. */
static inline cedo_node *cedo_loop_ready_(cedo_loop *loop)
{
#if CEDO_HOSTED
    return &loop->mark.node;
#else
    return &loop->ready;
#endif
}

#if CEDO_HOSTED
void cedo_loop_fill_ring_(cedo_loop *loop);
/* Private: puts an entry behind what is ready, which goes into the ring if it is not there. */
void cedo_loop_push_into_ring_(cedo_loop *loop, cedo_node *node);

/* Private: puts what is ready into the ring, if it is not. */
static inline void cedo_loop_use_ring_(cedo_loop *loop)
{
    if (CEDO_UNLIKELY_(loop->only != &loop->mark.node)) cedo_loop_fill_ring_(loop);
}

/* Private: after the turn that runs, the run call looks at what has happened, and at its flags. */
static inline void cedo_loop_look_next_(cedo_loop *loop)
{
    loop->credit = 0;
    cedo_loop_use_ring_(loop);
}
#endif

#if CEDO_HOSTED
/* Private: puts an entry behind all that is ready, unless that is just one outside of the ring. `only`
 * is loop->only. */
CEDO_ALWAYS_INLINE_ static inline bool cedo_loop_pushes_(cedo_loop *loop, const cedo_node *only,
                                                         cedo_node *node)
{
    if (CEDO_LIKELY_(only == CEDO_NONE_)) {
        loop->only = node;
        return true;
    }
    if (CEDO_UNLIKELY_(only != &loop->mark.node)) return false;
    cedo_list_push(loop->place, node);
    return true;
}
#endif

/* Private: puts an entry behind all that is ready. */
CEDO_ALWAYS_INLINE_ static inline void cedo_loop_push_(cedo_loop *loop, cedo_node *node)
{
#if CEDO_HOSTED
    if (CEDO_UNLIKELY_(!cedo_loop_pushes_(loop, loop->only, node)))
        cedo_loop_push_into_ring_(loop, node);
#else
    cedo_list_push(&loop->ready, node);
#endif
}

#if CEDO_HOSTED
/* Private: for who looks at a task, or at what tasks are woken for. One that was woken by a short way,
 * see cedo_wake_to_take_, has been woken by the usual one then. */
void cedo_loop_settle_(cedo_loop *loop);

/* Private: takes the node that is at the loop's place out of the ring; what comes after it takes
 * that place. */
CEDO_ALWAYS_INLINE_ static inline void cedo_loop_leave_place_(cedo_loop *loop, cedo_node *node)
{
    cedo_node *const next = node->next;
    cedo_list_unlink(node);
    loop->place = next;
}
#endif

/* Private: takes a node out of the ready queue, or of the timers. */
static inline void cedo_loop_unlink_(cedo_loop *loop, cedo_node *node)
{
#if CEDO_HOSTED
    cedo_loop_use_ring_(loop);
    if (loop->place == node) loop->place = node->next;
#else
    (void)loop;
#endif
    cedo_list_unlink(node);
}

/* Private: the port of a loop. */
static inline const cedo_port *cedo_loop_port_(const cedo_loop *loop)
{
#ifdef CEDO_PORT
    (void)loop;
    return &CEDO_PORT;
#else
    return loop->port;
#endif
}

#if CEDO_ISR
/* Private: of an inbox that is empty, and more. */
#define CEDO_INBOX_CLOSED_ ((cedo_node *)(uintptr_t)1)
#define CEDO_INBOX_ASLEEP_ ((cedo_node *)(uintptr_t)2) /* hosts: whoever posts wakes the loop */
#endif

/* For ports: true if nothing was posted, so that the loop may sleep; see `wait` in port.h. */
static inline bool cedo_loop_may_sleep(cedo_loop *loop)
{
#if !CEDO_ISR
    (void)loop;
    return true;
#elif CEDO_HOSTED
    cedo_node *empty = NULL;
    return __atomic_compare_exchange_n(&loop->inbox, &empty, CEDO_INBOX_ASLEEP_, false,
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
#else
    return loop->inbox == NULL;
#endif
}

#if CEDO_HOSTED
/* For ports: the sleep that cedo_loop_may_sleep has allowed is over. */
static inline void cedo_loop_has_slept(cedo_loop *loop)
{
    cedo_node *asleep = CEDO_INBOX_ASLEEP_;
    (void)__atomic_compare_exchange_n(&loop->inbox, &asleep, NULL, false, __ATOMIC_SEQ_CST,
                                      __ATOMIC_SEQ_CST);
}
#endif

/* Private: with CEDO_CHECKS on firmware, traps in an interrupt. */
#if CEDO_ISR && CEDO_CHECKS && !CEDO_HOSTED
void cedo_not_from_isr_(void);
#define CEDO_NOT_FROM_ISR_() cedo_not_from_isr_()
#else
#define CEDO_NOT_FROM_ISR_() ((void)0)
#endif

/* The loop's clock, read now. Counterpart: loop.time(). */
static inline cedo_time cedo_loop_time(cedo_loop *loop)
{
    return cedo_loop_port_(loop)->now(loop);
}

#if CEDO_EXCEPTION_HANDLER
/* Sets who is told of unhandled errors; NULL: the default, which prints to standard error on a host
 * and traps on firmware. Counterparts: loop.set_exception_handler(), get_exception_handler(). */
void cedo_loop_set_exception_handler(cedo_loop *loop, cedo_exception_handler *handler, void *arg);
cedo_exception_handler *cedo_loop_exception_handler(const cedo_loop *loop);
#endif

#if CEDO_SPAWN_HOOK
/* Sets who is told of each task that is spawned in `loop`, in whatever way; NULL: nobody. Costs the
 * spawns of a loop without one nothing. Counterparts: loop.set_task_factory(), get_task_factory();
 * a task cannot be replaced by one of another type. */
void cedo_loop_set_spawn_hook(cedo_loop *loop, cedo_spawn_hook *hook, void *arg);
cedo_spawn_hook *cedo_loop_spawn_hook(const cedo_loop *loop);
#endif

/* Tells the handler. Counterpart: loop.call_exception_handler(). */
void cedo_loop_call_exception_handler(cedo_loop *loop, const cedo_exception *exception);

/* What is done without a handler. Counterpart: loop.default_exception_handler(). */
void cedo_loop_default_exception_handler(cedo_loop *loop, const cedo_exception *exception);

#if CEDO_ALLOCATORS
/* Sets where cedo_spawn_new and cedo_call_new get their memory; NULL: malloc behind a cedo_cache on
 * a host, nothing on firmware. Not while something allocated is alive. */
void cedo_loop_set_allocator(cedo_loop *loop, cedo_allocator *allocator);
#endif

#if CEDO_HOSTED
/* Remembers `code` for cedo_run and gives CEDO_EEXIT, to throw or to return from a callback:
 * cedo_throw(cedo_exit(3)). Counterpart: sys.exit(). */
cedo_status cedo_exit(int code);
#endif

/* ------------------------------------------------------------- private, for the headers above */

enum {
    /* of a loop */
    CEDO_LOOP_RUNNING_ = 1,
    CEDO_LOOP_STOP_ = 2,
    CEDO_LOOP_EXIT_ = 4,
    CEDO_LOOP_DEADLOCK_ = 8,
    CEDO_LOOP_CLOSED_ = 16,
    CEDO_LOOP_DEBUG_ = 32,
    /* to spawn takes more than to queue, see cedo_task_spawned_ */
    CEDO_LOOP_SPAWNS_ = CEDO_SPAWN_HOOK ? 64 : 0,
    CEDO_LOOP_END_ = CEDO_LOOP_STOP_ | CEDO_LOOP_EXIT_ | CEDO_LOOP_DEADLOCK_,
    CEDO_LOOP_ODD_ = CEDO_LOOP_END_ | CEDO_LOOP_DEBUG_, /* what the run call looks at every turn */
    /* of any entry */
    CEDO_ENTRY_TASK_ = 1,
    CEDO_ENTRY_SPECIAL_ = 2 | 4 | 8, /* of a ready one, on a host: not just a task to resume */
    CEDO_LOOP_MARK_ = 128,           /* of the mark of a host's loop */
    CEDO_LOOP_SPECIAL_ = CEDO_ENTRY_SPECIAL_ | CEDO_LOOP_MARK_,
    /* of a task */
    CEDO_TASK_CANCEL_ = 2, /* a request that was not delivered yet */
    /* on a host; on firmware its `ops` and `status` tell both */
    CEDO_TASK_WOKEN_ = 4,   /* may try its operation again */
    CEDO_TASK_DELIVER_ = 8, /* `status` is the outcome of what it waited for */
#if CEDO_HOSTED
    CEDO_TASK_KEPT_ = 16, /* the other way round: one that is ready is not done */
    CEDO_TASK_DONE_ = 128,
#else
    CEDO_TASK_KEPT_ = 128,
    CEDO_TASK_DONE_ = 16,
#endif
    CEDO_TASK_HEAP_ = 32,
    CEDO_TASK_NAMED_ = 64
};

#if CEDO_HANDLES
/* Private: arms an entry whose delay begins now. */
void cedo_arm_after_(cedo_loop *loop, cedo_entry *entry, cedo_duration delay);
#endif

/* Private: the next deadline, or NULL. */
const cedo_time *cedo_loop_next_(cedo_loop *loop);

#if CEDO_SPAWN_HOOK
static inline bool cedo_loop_is_hooked_(const cedo_loop *loop)
{
    return (loop->flags & CEDO_LOOP_SPAWNS_) != 0;
}
#endif

static inline bool cedo_loop_is_closed_(const cedo_loop *loop)
{
#if CEDO_STOP
    return (loop->flags & CEDO_LOOP_CLOSED_) != 0;
#else
    (void)loop;
    return false;
#endif
}

#if CEDO_DEBUG
/* Private: see debug.h. */
void cedo_debug_init_(cedo_loop *loop);
bool cedo_loop_admits_slow_(const cedo_loop *loop);
void cedo_loop_run_turn_debug_(cedo_loop *loop);
bool cedo_debug_spawn_(cedo_loop *loop, cedo_task *task);
void cedo_debug_stuck_(cedo_loop *loop);
bool cedo_debug_age_(cedo_loop *loop, const cedo_task *task, cedo_duration *age);
void cedo_debug_close_(cedo_loop *loop);
#endif

/* Private: may something be given to `loop`, or is it closed? Traps in debug mode if this is
 * another thread. One test for both. */
static inline bool cedo_loop_admits_(const cedo_loop *loop)
{
#if CEDO_DEBUG
    if (CEDO_LIKELY_(!(loop->flags & (CEDO_LOOP_CLOSED_ | CEDO_LOOP_DEBUG_)))) return true;
    return cedo_loop_admits_slow_(loop);
#else
    return !cedo_loop_is_closed_(loop);
#endif
}

/* Private: the same of a task that is to be spawned. */
static inline bool cedo_loop_admits_task_(cedo_loop *loop, cedo_task *task)
{
#if CEDO_DEBUG
    if (CEDO_LIKELY_(!(loop->flags & (CEDO_LOOP_CLOSED_ | CEDO_LOOP_DEBUG_)))) return true;
    return cedo_debug_spawn_(loop, task);
#else
    (void)task;
    return cedo_loop_admits_(loop);
#endif
}

/* Private: traps in debug mode if this is another thread than the one that runs `loop`. */
static inline void cedo_loop_must_be_here_(const cedo_loop *loop)
{
#if CEDO_DEBUG
    if (CEDO_UNLIKELY_(loop->flags & CEDO_LOOP_DEBUG_)) (void)cedo_loop_admits_slow_(loop);
#else
    (void)loop;
#endif
}

#if CEDO_STOP
/* Ends the run call: after the running batch, or (CEDO_LOOP_EXIT_) after the entry that runs now;
 * the rest stays queued. */
static inline void cedo_loop_end_(cedo_loop *loop, uint8_t flag)
{
    loop->flags |= flag;
#if CEDO_HOSTED
    if (flag == CEDO_LOOP_EXIT_ && loop->place != &loop->mark.node) {
        /* the turn ends here: the rest is the beginning of the next one */
        cedo_list_unlink(&loop->mark.node);
        cedo_list_push(loop->place, &loop->mark.node);
        loop->place = &loop->mark.node;
    }
    cedo_loop_look_next_(loop);
#else
    if (flag == CEDO_LOOP_EXIT_ && !cedo_list_is_empty(&loop->batch))
        cedo_list_splice_(&loop->ready, &loop->batch);
#endif
}
#endif

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_LOOP_IMPLEMENTED_)
#define CEDO_LOOP_IMPLEMENTED_

#if CEDO_HOSTED
#include <stdio.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

#ifndef CEDO_LOOP
CEDO_THREAD_LOCAL cedo_loop *cedo_running_;
#endif

#if CEDO_ISR && CEDO_CHECKS && !CEDO_HOSTED
void cedo_not_from_isr_(void)
{
    const cedo_loop *const loop = cedo_running_;
    CEDO_CHECK_(!loop || !cedo_loop_port_(loop)->in_interrupt ||
                    !cedo_loop_port_(loop)->in_interrupt(),
                "an interrupt calls what ends in _from_isr, or cedo_call_soon_threadsafe");
}
#endif

/* ------------------------------------------------------------- delays */

#if CEDO_HOSTED
/* Gives the delays that were begun since the last look their deadlines; now is new. */
static void cedo_loop_date_fresh_(cedo_loop *loop)
{
    do {
        cedo_entry *const entry = cedo_entry_of_(loop->fresh.next);
        cedo_list_unlink(&entry->node);
        entry->u.due = cedo_time_add(loop->now, entry->u.due);
        cedo_timers_add_(&loop->timers, entry);
    } while (!cedo_list_is_empty(&loop->fresh));
}
#endif

const cedo_time *cedo_loop_next_(cedo_loop *loop)
{
#if CEDO_HOSTED
    if (!cedo_list_is_empty(&loop->fresh)) {
        loop->now = cedo_loop_port_(loop)->now(loop);
        cedo_loop_date_fresh_(loop);
    }
#endif
    return cedo_timers_next_(&loop->timers);
}

#if CEDO_HANDLES
CEDO_APART_ON_HOSTS_ void cedo_arm_dated_(cedo_loop *loop, cedo_entry *entry, cedo_duration delay)
{
    entry->u.due = cedo_time_add(cedo_loop_time(loop), delay);
    cedo_timers_add_(&loop->timers, entry);
}

/* Where a look at the clock costs more than all the rest, a delay begins with the next one that the
 * loop takes anyway: so no timer fires early, and one that is cancelled in the same turn has cost
 * next to nothing. */
CEDO_INLINE_ON_HOSTS_ void cedo_arm_after_here_(cedo_loop *loop, cedo_entry *entry,
                                                cedo_duration delay)
{
#if CEDO_HOSTED
    if (CEDO_LIKELY_(!cedo_loop_port_(loop)->clock_is_cheap)) {
        entry->u.due = delay;
        cedo_list_push(&loop->fresh, &entry->node);
        return;
    }
#endif
    cedo_arm_dated_(loop, entry, delay);
}

void cedo_arm_after_(cedo_loop *loop, cedo_entry *entry, cedo_duration delay)
{
    cedo_arm_after_here_(loop, entry, delay);
}
#endif

/* ------------------------------------------------------------- errors */

#if CEDO_EXCEPTION_HANDLER
void cedo_loop_set_exception_handler(cedo_loop *loop, cedo_exception_handler *handler, void *arg)
{
    loop->exception_handler = handler;
    loop->exception_arg = arg;
}

cedo_exception_handler *cedo_loop_exception_handler(const cedo_loop *loop)
{
    return loop->exception_handler;
}
#endif

#if CEDO_SPAWN_HOOK
void cedo_loop_set_spawn_hook(cedo_loop *loop, cedo_spawn_hook *hook, void *arg)
{
    loop->spawn_hook = hook;
    loop->spawn_arg = arg;
    loop->flags |= CEDO_LOOP_SPAWNS_;
}

cedo_spawn_hook *cedo_loop_spawn_hook(const cedo_loop *loop)
{
    return loop->spawn_hook;
}
#endif

void cedo_loop_call_exception_handler(cedo_loop *loop, const cedo_exception *exception)
{
#if CEDO_EXCEPTION_HANDLER
    if (loop->exception_handler) {
        const cedo_status status = loop->exception_handler(loop, exception, loop->exception_arg);
        const cedo_exception failed = {CEDO_ADVICE_("exception handler failed"), status,
                                       exception->task, exception->handle, NULL};
        if (status >= 0) return;
        cedo_loop_default_exception_handler(loop, &failed);
    }
#endif
    cedo_loop_default_exception_handler(loop, exception);
}

void cedo_loop_default_exception_handler(cedo_loop *loop, const cedo_exception *exception)
{
    (void)loop;
#if CEDO_HOSTED
    fprintf(stderr, "cedo: %s\n", exception->message ? exception->message : "error");
    if (exception->handle) fprintf(stderr, "  handle: %p\n", (void *)exception->handle);
    fprintf(stderr, "  status: %s (%d)\n", cedo_status_name(exception->status), exception->status);
#if CEDO_NAMES
    if (exception->task) fprintf(stderr, "  task: %s\n", cedo_task_name(exception->task));
#endif
    for (unsigned i = 0; exception->trace && i < exception->trace->depth && i < CEDO_TRACE_MAX;
         i++) {
        const cedo_trace_entry *const entry = &exception->trace->entries[i];
        fprintf(stderr, "  %s %s, %s:%d\n", i ? "awaited by" : "in", entry->function, entry->file,
                entry->line);
    }
#else
    cedo_trap(NULL, exception->message);
#endif
}

/* ------------------------------------------------------------- what is ready */

#if CEDO_HOSTED
/* What is ready, if anything, stands outside of the ring, and goes into it. */
void cedo_loop_fill_ring_(cedo_loop *loop)
{
    cedo_node *const mark = &loop->mark.node;
    cedo_node *only;
    cedo_loop_settle_(loop);
    only = loop->only;
    loop->only = mark;
    if (only != CEDO_NONE_) cedo_list_push(mark, only);
}

CEDO_NOINLINE_ void cedo_loop_push_into_ring_(cedo_loop *loop, cedo_node *node)
{
    cedo_loop_use_ring_(loop);
    cedo_list_push(loop->place, node);
}
#endif

/* ------------------------------------------------------------- open and close */

#ifdef CEDO_PORT
cedo_status cedo_loop_init_(cedo_loop *loop)
{
    const cedo_port *const port = &CEDO_PORT;
#else
cedo_status cedo_loop_init(cedo_loop *loop, const cedo_port *port)
{
    loop->port = port;
#endif
    cedo_list_init(cedo_loop_ready_(loop));
    cedo_timers_init_(&loop->timers);
#if CEDO_STOP
#if !CEDO_HOSTED
    cedo_list_init(&loop->batch);
#endif
    loop->flags = 0;
#endif
#if CEDO_HOSTED
    loop->mark.flags = CEDO_LOOP_MARK_;
    loop->place = &loop->mark.node;
    loop->only = &loop->mark.node;
    cedo_list_init(&loop->fresh);
    loop->credit = 0;
    loop->has_many = false;
    loop->port_state = NULL;
    loop->stack = 0;
    loop->exit_code = 0;
    loop->next_message = 0;
#endif
#if CEDO_SPAWN_HOOK
    loop->spawn_hook = NULL;
#if CEDO_SCOPES
    loop->values = NULL;
#endif
#endif
#if CEDO_EXCEPTION_HANDLER
    loop->exception_handler = NULL;
    loop->exception_arg = NULL;
#endif
#if CEDO_ALLOCATORS
#if CEDO_HOSTED
    cedo_cache_init(&loop->cache);
#endif
    cedo_loop_set_allocator(loop, NULL);
#endif
#if CEDO_REGISTRY
    loop->tasks = NULL;
#endif
#if CEDO_NAMES
    loop->names = 0;
#endif
#if CEDO_DEBUG
    cedo_debug_init_(loop);
#endif
#if CEDO_ISR
#if CEDO_HOSTED
    loop->wakers = 0;
#endif
#ifdef CEDO_LOOP
    /* an interrupt may have been faster */
    if (loop->inbox == CEDO_INBOX_CLOSED_)
#endif
        loop->inbox = NULL;
#endif
#ifdef CEDO_LOOP
    CEDO_CHECK_(loop == &CEDO_LOOP, "CEDO_LOOP names another loop than this one");
#elif !CEDO_LOOPS
    cedo_running_ = loop;
#endif
    if (port->open) {
        const cedo_status status = port->open(loop);
        if (status < 0) {
#if CEDO_STOP
            loop->flags = CEDO_LOOP_CLOSED_;
#if CEDO_ISR
            CEDO_STORE_(loop->inbox, CEDO_INBOX_CLOSED_);
#endif
#endif
            return status;
        }
    }
#if CEDO_STOP
    loop->now = port->now(loop);
#endif
    return CEDO_OK;
}

#if CEDO_ALLOCATORS
void cedo_loop_set_allocator(cedo_loop *loop, cedo_allocator *allocator)
{
#if CEDO_HOSTED
    loop->allocator = allocator ? allocator : &loop->cache.allocator;
#else
    loop->allocator = allocator;
#endif
}
#endif

#if CEDO_STOP
static void cedo_entry_drop_(cedo_node *node)
{
    cedo_task *const task = cedo_task_of_node_(node);
    uint8_t *const flags = &task->entry.flags;
    if (!(*flags & CEDO_ENTRY_TASK_)) {
        *flags = 0;
        return;
    }
    if (*flags & CEDO_TASK_DONE_) { /* a child whose end its group has not seen */
        const cedo_wait_ops *const ops = task->ops;
        task->ops = NULL; /* its storage is free again */
        if (ops->abandon) ops->abandon(task);
    }
}

#if CEDO_REGISTRY && CEDO_SCOPES && CEDO_JOIN
/* The loop is about to be closed over a task: what its sets watch may outlive it. */
static void cedo_task_close_sets_(const cedo_task *task)
{
    for (cedo_scope *scope = task->chain.scopes; scope; scope = scope->next) {
        cedo_status none = 0;
        if (scope->handler == CEDO_S_ENDED_) (void)scope->close(scope, &none, 0);
    }
}
#endif

cedo_status cedo_loop_close(cedo_loop *loop)
{
    const cedo_time *when;
    if (loop->flags & CEDO_LOOP_RUNNING_) return CEDO_EBUSY;
    if (loop->flags & CEDO_LOOP_CLOSED_) return CEDO_OK;
    loop->flags |= CEDO_LOOP_CLOSED_;
#if CEDO_ISR
#if !CEDO_HOSTED
    if (cedo_loop_port_(loop)->enter) /* else nothing can be posted */
#endif
        cedo_loop_take_posts_(loop, CEDO_INBOX_CLOSED_);
#endif
#if CEDO_REGISTRY && CEDO_SCOPES && CEDO_JOIN
    for (cedo_task *task = NULL; (task = cedo_loop_next_task(loop, task)) != NULL;)
        cedo_task_close_sets_(task);
#endif
    while (!cedo_list_is_empty(cedo_loop_ready_(loop))) {
        cedo_node *const node = cedo_loop_ready_(loop)->next;
        cedo_list_unlink(node);
        cedo_entry_drop_(node);
    }
    while ((when = cedo_loop_next_(loop)) != NULL) {
        cedo_entry *const entry = cedo_timers_pop_(&loop->timers, *when);
        if (entry) cedo_entry_drop_(&entry->node);
    }
#if CEDO_REGISTRY
    for (cedo_task *task = NULL; (task = cedo_loop_next_task(loop, task)) != NULL;)
        cedo_task_withdraw_(task);
    for (cedo_task *task; (task = cedo_loop_next_task(loop, NULL)) != NULL;) {
        cedo_task_unregister_(loop, task);
        cedo_task_orphan_(task);
    }
#endif
#if CEDO_DEBUG
    cedo_debug_close_(loop);
#endif
    if (cedo_loop_port_(loop)->close) cedo_loop_port_(loop)->close(loop);
#if CEDO_ALLOCATORS
    loop->allocator = NULL;
#if CEDO_HOSTED
    cedo_cache_empty(&loop->cache);
#endif
#endif
    return CEDO_OK;
}

bool cedo_loop_is_running(const cedo_loop *loop)
{
    return (loop->flags & CEDO_LOOP_RUNNING_) != 0;
}

bool cedo_loop_is_closed(const cedo_loop *loop)
{
    return (loop->flags & CEDO_LOOP_CLOSED_) != 0;
}

cedo_loop *cedo_running_loop(void)
{
    return cedo_running_ && cedo_loop_is_running(cedo_running_) ? cedo_running_ : NULL;
}

void cedo_loop_stop(cedo_loop *loop)
{
    CEDO_NOT_FROM_ISR_();
    cedo_loop_end_(loop, CEDO_LOOP_STOP_);
}
#endif

bool cedo_loop_deadline(cedo_loop *loop, cedo_time *when)
{
    const cedo_time *const next = cedo_loop_next_(loop);
    if (next) *when = *next;
    return next != NULL;
}

#if CEDO_HOSTED
cedo_status cedo_exit(int code)
{
    if (cedo_running_) cedo_running_->exit_code = code;
    return CEDO_EEXIT;
}
#endif

#ifdef __cplusplus
}
#endif
#endif
