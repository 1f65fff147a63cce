/* From interrupts and other threads into a loop.
 *
 * A loop belongs to its thread. What comes from elsewhere, an interrupt, another thread, a signal
 * handler of the system, comes in by these functions, which may be called from anywhere, at any
 * time, and never wait:
 *
 *     cedo_signal_set_from_isr      sets a level that tasks wait for
 *     cedo_channel_put_from_isr     puts an item that a task gets, in order
 *     cedo_future_set_from_isr      ends a future
 *     cedo_call_soon_threadsafe     has the loop call a function: asyncio's word
 *
 * No other function of the library may be called there, but for cedo_next of a generator that is
 * the interrupt's own. With CEDO_CHECKS others trap in an interrupt, where the port can tell.
 *
 *     static cedo_signal pressed;
 *
 *     void EXTI0_1_IRQHandler(void) { exti_clear(0); cedo_signal_set_from_isr(&pressed); }
 *     ...
 *         cedo_await(cedo_signal_wait(&pressed));
 *
 * What is set or put before the loop has seen the last one wakes it once: a thousand interrupts
 * cost one wake-up, and a running loop no system call. Nothing is lost. What was posted becomes
 * ready when the loop looks next, in the order in which it was posted, behind what is ready then.
 *
 * Lifetime: a signal and a channel must outlive who sets and puts. Turn the interrupt off, or join
 * the thread, before their storage goes. A future and a handle are given away by the call: nothing
 * there touches them once the loop can see them, so they may stand in the frame that waits.
 *
 * Interrupts of different priorities may all call these. On firmware a post keeps interrupts off
 * for about ten instructions. There it is for one core.
 */
#ifndef CEDO_ISR_H
#define CEDO_ISR_H

#include <cedo/future.h>
#include <cedo/queue.h>
#include <cedo/wake.h>

#if CEDO_ISR

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------- calls */

#if CEDO_HANDLES
/* Runs fn(arg) in the loop, soon. `handle` (all zero at first) must stay until then. CEDO_OK;
 * CEDO_EBUSY: its last call is still to be made, and so sees what was written before this one:
 * nothing to do; CEDO_ECLOSED. Not for a handle that cedo_call_soon and such are used with, too;
 * cedo_handle_cancel, in the loop's thread, takes the call back. From anywhere. O(1), lock-free on a
 * host. Counterpart: loop.call_soon_threadsafe(). */
cedo_status cedo_call_soon_threadsafe(cedo_loop *loop, cedo_handle *handle, cedo_callback *fn,
                                      void *arg);
#endif

/* Ends `future` as cedo_future_set does, as soon as the loop looks. `handle` (all zero at first) is
 * storage for the message and must stay until then. If the future is done then, nothing happens.
 * What the future brings, write before. CEDO_OK; CEDO_EBUSY: the handle is in use; CEDO_ECLOSED;
 * CEDO_EINVAL: on a host, or with several loops, that of the future must have been named by
 * cedo_future_init. cedo_handle_cancel, in the loop's thread, takes it back. From anywhere. O(1). Counterpart: loop.call_soon_threadsafe(future.set_result, ...). */
cedo_status cedo_future_set_from_isr(cedo_future *future, cedo_handle *handle, cedo_status status);

/* ------------------------------------------------------------- signal */

/* A level that may be set from anywhere, and that tasks wait for. All zero: not set. 16 bytes on a
 * 32-bit target, 40 on a 64-bit host. It belongs to the loop of the first task that waits. Private
 * fields. Counterpart: asyncio.Event, by call_soon_threadsafe(event.set). */
typedef struct cedo_signal cedo_signal;
struct cedo_signal {
    cedo_node node;
    cedo_ring waiters;
#if CEDO_LOOPS || CEDO_HOSTED
    cedo_loop *CEDO_SHARED_ loop;
#endif
    CEDO_SHARED_ uint8_t flags;
    CEDO_SHARED_ uint8_t is_set;
};

/* Makes it unset and of no loop: for storage that is not zero, and to use it in another loop. Not
 * while tasks wait for it, nor while somebody sets it. */
static inline void cedo_signal_init(cedo_signal *signal)
{
    cedo_ring_init(&signal->waiters);
#if CEDO_LOOPS || CEDO_HOSTED
    signal->loop = NULL;
#endif
    signal->flags = 0;
    signal->is_set = 0;
}

/* Sets it. From anywhere. While it is set already, a test. */
void cedo_signal_set_from_isr(cedo_signal *signal);

/* Awaitable: waits until it is set; at once if it is. Wakes all who wait. It stays set until
 * cedo_signal_clear: clear it before you look at what it is about, so that what comes meanwhile
 * sets it again. A set that is cleared before the loop has seen it wakes nobody. CEDO_EINVAL: it
 * belongs to another loop. Cancel contract: nothing happened. Counterpart: Event.wait(). */
CEDO_AWAITABLE cedo_signal_wait(cedo_signal *signal);

/* Clears it. From anywhere. What was written before a set that this clears can be seen after. */
static inline void cedo_signal_clear(cedo_signal *signal)
{
#if CEDO_HOSTED
    (void)__atomic_exchange_n(&signal->is_set, 0, __ATOMIC_SEQ_CST);
#else
    signal->is_set = 0;
    CEDO_BARRIER_();
#endif
}

/* From anywhere. */
static inline bool cedo_signal_is_set(const cedo_signal *signal)
{
    return CEDO_LOAD_(signal->is_set) != 0;
}

/* ------------------------------------------------------------- channel */

/* A FIFO of fixed-size items between one that puts, an interrupt or a thread, and the tasks of one
 * loop. Never waits at the putting end. At most as many items, and as big, as a cedo_queue. To put
 * from several interrupts or threads, give each a channel, or keep the others off while one puts.
 * Private fields. */
typedef struct cedo_channel cedo_channel;
struct cedo_channel {
    cedo_node node;
    cedo_ring waiters;
#if CEDO_LOOPS || CEDO_HOSTED
    cedo_loop *CEDO_SHARED_ loop;
#endif
    unsigned char *items;
    cedo_count capacity;
    cedo_count item_size;
    cedo_count put_at;            /* of who puts: the next place */
    cedo_count got_at;            /* of who gets */
    CEDO_SHARED_ cedo_count puts; /* how many were, and wrap */
    CEDO_SHARED_ cedo_count gots;
    CEDO_SHARED_ uint8_t flags;
};

/* The type of a channel of `count` items of `type`, with their storage: members `channel`,
 * `items`. */
#define cedo_channel_of(type, count) \
    struct { \
        cedo_channel channel; \
        type items[count]; \
    }

/* Makes a cedo_channel_of empty. Not while tasks wait on it or somebody puts. */
#define cedo_channel_init(object) \
    cedo_channel_init_(&(object)->channel, (object)->items, \
                       sizeof(object)->items / sizeof(object)->items[0], sizeof(object)->items[0])

/* A static initialiser for a cedo_channel_of object: static cedo_channel_of(uint8_t, 64) bytes =
 * CEDO_CHANNEL_INIT(bytes); */
#if CEDO_LOOPS || CEDO_HOSTED
#define CEDO_CHANNEL_NO_LOOP_ NULL,
#else
#define CEDO_CHANNEL_NO_LOOP_
#endif
#ifdef __cplusplus
#define CEDO_CHANNEL_INIT(object) \
    { \
        CEDO_CHANNEL_INIT_(object), \
        { \
        } \
    }
#else
#define CEDO_CHANNEL_INIT(object) \
    { \
        .channel = CEDO_CHANNEL_INIT_(object) \
    }
#endif
#define CEDO_CHANNEL_INIT_(object) \
    { \
        {NULL, NULL}, {NULL}, CEDO_CHANNEL_NO_LOOP_(unsigned char *)(object).items, \
            sizeof(object).items / sizeof(object).items[0], sizeof(object).items[0], 0, 0, 0, 0, 0 \
    }

/* Puts a copy of *item at the end. CEDO_OK; CEDO_EAGAIN: it is full, the item was not put. From
 * anywhere, but from one place at a time. O(1). */
cedo_status cedo_channel_put_from_isr(cedo_channel *channel, const void *item);

/* Awaitable: takes the first item out into *item, waiting while there is none. `item` must stay
 * until then: it must not be a C local. Several tasks may wait; each item goes to one.
 * CEDO_EINVAL: the channel belongs to another loop. Cancel contract: no item was taken. */
CEDO_AWAITABLE cedo_channel_get(cedo_channel *channel, void *item);

/* The same without waiting: CEDO_EAGAIN if there is none. */
cedo_status cedo_channel_get_nowait(cedo_channel *channel, void *item);

/* The number of items in it, for who gets and who puts. */
static inline size_t cedo_channel_size(const cedo_channel *channel)
{
    return (cedo_count)(CEDO_LOAD_(channel->puts) - CEDO_LOAD_(channel->gots));
}

void cedo_channel_init_(cedo_channel *channel, void *items, size_t capacity, size_t item_size);

#ifdef __cplusplus
}
#endif

#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && CEDO_ISR && !defined(CEDO_ISR_IMPLEMENTED_)
#define CEDO_ISR_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------- the inbox */

/* While a node is in an inbox, `next` is what was posted before it, and `prev` the `node` of one of
 * these: what to do when the loop takes it. */
typedef struct cedo_post_ cedo_post_;
struct cedo_post_ {
    cedo_node node;
    void (*arrive)(cedo_loop *loop, cedo_node *node);
};

#define CEDO_POST_OF_(arrive) \
    { \
        {NULL, NULL}, (arrive) \
    }

/* A post is claimed, filled in and pushed: by one at a time. On a host two words decide that, its
 * flags and the inbox; on firmware interrupts are off. */
#if CEDO_HOSTED

#define CEDO_ENTER_(loop) ((void)0)
#define CEDO_LEAVE_(loop) ((void)0)

static bool cedo_claim_(uint8_t *flags)
{
    uint8_t seen = CEDO_LOAD_(*flags);
    if (seen & CEDO_HANDLE_BUSY_) {
        /* is it still, seen after all that this thread has written? Then the call sees that */
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        seen = CEDO_LOAD_(*flags);
    }
    if (seen & CEDO_HANDLE_BUSY_) return false;
    seen = __atomic_fetch_or(flags, CEDO_HANDLE_POSTED_, __ATOMIC_SEQ_CST);
    return (seen & CEDO_HANDLE_BUSY_) == 0;
}

/* Nothing of the node or the loop is touched after the exchange: they may be gone. But a loop that
 * knows of a waker does not go. */
static cedo_status cedo_push_(cedo_loop *loop, cedo_node *node, const cedo_post_ *post,
                              uint8_t *flags)
{
    cedo_node *head = __atomic_load_n(&loop->inbox, __ATOMIC_RELAXED);
    unsigned waking = 0;
    cedo_status status = CEDO_OK;
    node->prev = (cedo_node *)(uintptr_t)&post->node;
    do {
        if (CEDO_UNLIKELY_(head == CEDO_INBOX_CLOSED_)) {
            CEDO_STORE_(*flags, 0);
            status = CEDO_ECLOSED;
            break;
        }
        node->next = head;
        if (CEDO_UNLIKELY_(head == CEDO_INBOX_ASLEEP_)) {
            (void)__atomic_fetch_add(&loop->wakers, 1u, __ATOMIC_SEQ_CST);
            waking++;
            node->next = NULL;
        }
    } while (!__atomic_compare_exchange_n(&loop->inbox, &head, node, true, __ATOMIC_SEQ_CST,
                                          __ATOMIC_SEQ_CST));
    if (CEDO_UNLIKELY_(waking)) {
        if (cedo_loop_port_(loop)->wake) cedo_loop_port_(loop)->wake(loop);
        (void)__atomic_fetch_sub(&loop->wakers, waking, __ATOMIC_SEQ_CST);
    }
    return status;
}

static cedo_node *cedo_inbox_swap_(cedo_loop *loop, cedo_node *inbox)
{
    return __atomic_exchange_n(&loop->inbox, inbox, __ATOMIC_SEQ_CST);
}

#else

static uintptr_t cedo_lock_inbox_(const cedo_loop *loop)
{
    CEDO_CHECK_(cedo_loop_port_(loop)->enter != NULL,
                "interrupts need `enter` and `leave` of the port");
    return cedo_loop_port_(loop)->enter();
}

#define CEDO_ENTER_(loop) const uintptr_t cedo_state_before_ = cedo_lock_inbox_(loop)
#define CEDO_LEAVE_(loop) cedo_loop_port_(loop)->leave(cedo_state_before_)

static bool cedo_claim_(CEDO_SHARED_ uint8_t *flags)
{
    if (*flags & CEDO_HANDLE_BUSY_) return false;
    *flags = CEDO_HANDLE_POSTED_;
    return true;
}

static cedo_status cedo_push_(cedo_loop *loop, cedo_node *node, const cedo_post_ *post,
                              CEDO_SHARED_ uint8_t *flags)
{
    cedo_node *const head = loop->inbox;
    (void)flags;
#if CEDO_STOP
    if (head == CEDO_INBOX_CLOSED_) {
        *flags = 0;
        return CEDO_ECLOSED;
    }
#endif
    node->prev = (cedo_node *)(uintptr_t)&post->node;
    node->next = head;
    loop->inbox = node;
    if (!head && cedo_loop_port_(loop)->wake) cedo_loop_port_(loop)->wake(loop);
    return CEDO_OK;
}

static cedo_node *cedo_inbox_swap_(cedo_loop *loop, cedo_node *inbox)
{
    CEDO_ENTER_(loop);
    cedo_node *const posted = loop->inbox;
    loop->inbox = inbox;
    CEDO_LEAVE_(loop);
    return posted;
}

#endif

void cedo_loop_take_posts_(cedo_loop *loop, cedo_node *inbox)
{
    cedo_node *posted = cedo_inbox_swap_(loop, inbox);
    cedo_node *first = NULL;
    while (posted) {
        cedo_node *const before = posted->next;
        posted->next = first;
        first = posted;
        posted = before;
    }
    while (first) {
        cedo_node *const node = first;
        first = node->next; /* once it has arrived, it may be posted again */
        CEDO_CONTAINER_(node->prev, const cedo_post_, node)->arrive(loop, node);
    }
}

/* Has `post` done for the node of a signal or channel, if that is not about to happen anyway. The
 * caller has made what is new visible before, by CEDO_STORE_ or an exchange. */
static void cedo_notify_(cedo_loop *loop, cedo_node *node, const cedo_post_ *post,
                         CEDO_SHARED_ uint8_t *flags)
{
    if (!loop || CEDO_LOAD_(*flags)) return; /* no loop: nobody has waited yet */
    {
        CEDO_ENTER_(loop);
        if (cedo_claim_(flags)) (void)cedo_push_(loop, node, post, flags);
        CEDO_LEAVE_(loop);
    }
}

#if CEDO_LOOPS || CEDO_HOSTED
/* The loop of the running task becomes, or is, that of the object: else false. */
static bool cedo_is_mine_(cedo_loop *CEDO_SHARED_ *loop)
{
    cedo_loop *const mine = cedo_task_loop_(cedo_this_task_());
    if (!CEDO_LOAD_(*loop)) CEDO_STORE_(*loop, mine);
    return CEDO_LOAD_(*loop) == mine;
}
#define CEDO_LOOP_OF_(object) CEDO_LOAD_((object)->loop)
#define CEDO_MUST_BE_MINE_(object) \
    do { \
        if (!cedo_is_mine_(&(object)->loop)) return cedo_done(CEDO_EINVAL); \
    } while (0)
#else
#define CEDO_LOOP_OF_(object) cedo_running_
#define CEDO_MUST_BE_MINE_(object) ((void)0)
#endif

/* ------------------------------------------------------------- calls */

#if CEDO_HANDLES
static void cedo_handle_arrive_(cedo_loop *loop, cedo_node *node)
{
    CEDO_STORE_(cedo_entry_of_(node)->flags, CEDO_HANDLE_READY_ | CEDO_HANDLE_POSTED_);
    cedo_loop_push_(loop, node);
}

static const cedo_post_ cedo_handle_post_ = CEDO_POST_OF_(cedo_handle_arrive_);

cedo_status cedo_call_soon_threadsafe(cedo_loop *loop, cedo_handle *handle, cedo_callback *fn,
                                      void *arg)
{
    cedo_status status = CEDO_EBUSY;
    CEDO_ENTER_(loop);
    if (cedo_claim_(&handle->entry.flags)) {
        handle->fn = fn;
        handle->arg = arg;
        handle->entry.u.arg = loop;
        status = cedo_push_(loop, &handle->entry.node, &cedo_handle_post_, &handle->entry.flags);
    }
    CEDO_LEAVE_(loop);
    return status;
}
#endif

static void cedo_future_arrive_(cedo_loop *loop, cedo_node *node)
{
    cedo_handle *const handle = CEDO_CONTAINER_(node, cedo_handle, entry.node);
    (void)loop;
    CEDO_STORE_(handle->entry.flags, 0);
    (void)cedo_future_set((cedo_future *)handle->arg, handle->entry.status);
}

static const cedo_post_ cedo_future_post_ = CEDO_POST_OF_(cedo_future_arrive_);

cedo_status cedo_future_set_from_isr(cedo_future *future, cedo_handle *handle, cedo_status result)
{
    cedo_loop *const loop = cedo_future_loop(future);
    cedo_status status = CEDO_EBUSY;
    if (!loop) return CEDO_EINVAL;
    CEDO_ENTER_(loop);
    if (cedo_claim_(&handle->entry.flags)) {
        handle->arg = future;
        handle->entry.u.arg = loop;
        handle->entry.status = (cedo_status_)result;
        status = cedo_push_(loop, &handle->entry.node, &cedo_future_post_, &handle->entry.flags);
    }
    CEDO_LEAVE_(loop);
    return status;
}

/* ------------------------------------------------------------- signal */

static void cedo_signal_arrive_(cedo_loop *loop, cedo_node *node)
{
    cedo_signal *const signal = CEDO_CONTAINER_(node, cedo_signal, node);
    (void)loop;
    CEDO_STORE_(signal->flags, 0); /* from here on a set posts again */
    if (CEDO_LOAD_(signal->is_set)) cedo_wake_all_(&signal->waiters);
}

static const cedo_post_ cedo_signal_post_ = CEDO_POST_OF_(cedo_signal_arrive_);
static const cedo_wait_ops cedo_signal_ops_ = CEDO_WAIT_OPS("signal", CEDO_NO_RETRY, NULL, NULL);

void cedo_signal_set_from_isr(cedo_signal *signal)
{
#if CEDO_HOSTED
    if (__atomic_exchange_n(&signal->is_set, 1, __ATOMIC_SEQ_CST)) return;
#else
    CEDO_BARRIER_();
    if (signal->is_set) return;
    signal->is_set = 1;
#endif
    cedo_notify_(CEDO_LOOP_OF_(signal), &signal->node, &cedo_signal_post_, &signal->flags);
}

cedo_op cedo_signal_wait(cedo_signal *signal)
{
    CEDO_MUST_BE_MINE_(signal);
    if (CEDO_LOAD_(signal->is_set)) {
        CEDO_BARRIER_();
        return cedo_done(CEDO_OK);
    }
    return cedo_wait_(&signal->waiters, &cedo_signal_ops_, NULL);
}

/* ------------------------------------------------------------- channel */

void cedo_channel_init_(cedo_channel *channel, void *items, size_t capacity, size_t item_size)
{
    CEDO_CHECK_(capacity > 0 && capacity <= (cedo_count)-1 && item_size > 0 &&
                    item_size <= (cedo_count)-1,
                "a channel on this target holds 1 to 255 items of 1 to 255 bytes");
    cedo_ring_init(&channel->waiters);
#if CEDO_LOOPS || CEDO_HOSTED
    channel->loop = NULL;
#endif
    channel->items = (unsigned char *)items;
    channel->capacity = (cedo_count)capacity;
    channel->item_size = (cedo_count)item_size;
    channel->put_at = 0;
    channel->got_at = 0;
    channel->puts = 0;
    channel->gots = 0;
    channel->flags = 0;
}

/* The place at `at`, which then is the next one. */
static unsigned char *cedo_channel_place_(const cedo_channel *channel, cedo_count *at)
{
    const size_t here = *at;
    *at = (cedo_count)(here + 1u == channel->capacity ? 0u : here + 1u);
    return channel->items + here * channel->item_size;
}

static void cedo_channel_arrive_(cedo_loop *loop, cedo_node *node)
{
    cedo_channel *const channel = CEDO_CONTAINER_(node, cedo_channel, node);
    (void)loop;
    CEDO_STORE_(channel->flags, 0); /* from here on a put posts again */
    if (cedo_channel_size(channel)) cedo_wake_first_(&channel->waiters);
}

static const cedo_post_ cedo_channel_post_ = CEDO_POST_OF_(cedo_channel_arrive_);

cedo_status cedo_channel_put_from_isr(cedo_channel *channel, const void *item)
{
    if (cedo_channel_size(channel) == channel->capacity) return CEDO_EAGAIN;
    CEDO_BARRIER_();
    cedo_queue_copy_(cedo_channel_place_(channel, &channel->put_at), (const unsigned char *)item,
                     channel->item_size);
    CEDO_BARRIER_();
    CEDO_STORE_(channel->puts, (cedo_count)(channel->puts + 1u));
    cedo_notify_(CEDO_LOOP_OF_(channel), &channel->node, &cedo_channel_post_, &channel->flags);
    return CEDO_OK;
}

cedo_status cedo_channel_get_nowait(cedo_channel *channel, void *item)
{
    if (!cedo_channel_size(channel)) return CEDO_EAGAIN;
    CEDO_BARRIER_();
    cedo_queue_copy_((unsigned char *)item, cedo_channel_place_(channel, &channel->got_at),
                     channel->item_size);
    CEDO_BARRIER_();
    CEDO_STORE_(channel->gots, (cedo_count)(channel->gots + 1u));
    return CEDO_OK;
}

/* Who was woken for an item and does not take it, or leaves others, wakes the next one. */
static void cedo_channel_pass_on_(cedo_channel *channel)
{
    if (cedo_channel_size(channel)) cedo_wake_first_(&channel->waiters);
}

static cedo_op cedo_channel_again_(cedo_task *task)
{
    return cedo_channel_get(CEDO_CONTAINER_(task->u.ring, cedo_channel, waiters),
                            task->entry.u.arg);
}

static void cedo_channel_abandon_(cedo_task *task)
{
    cedo_channel_pass_on_(CEDO_CONTAINER_(task->u.ring, cedo_channel, waiters));
}

static const cedo_wait_ops cedo_channel_ops_ =
    CEDO_WAIT_OPS("channel get", cedo_channel_again_, NULL, cedo_channel_abandon_);

cedo_op cedo_channel_get(cedo_channel *channel, void *item)
{
    CEDO_MUST_BE_MINE_(channel);
    if (cedo_channel_get_nowait(channel, item) != CEDO_OK)
        return cedo_wait_(&channel->waiters, &cedo_channel_ops_, item);
    cedo_channel_pass_on_(channel);
    return cedo_done(CEDO_OK);
}

#ifdef __cplusplus
}
#endif
#endif
