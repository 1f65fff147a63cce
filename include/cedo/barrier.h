/* Barriers: places where tasks wait for each other, round after round.
 *
 * What holds for all that synchronises stands in sync.h. Counterpart: asyncio.Barrier.
 */
#ifndef CEDO_BARRIER_H
#define CEDO_BARRIER_H

#include <cedo/tally.h>
#include <cedo/wake.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A place where `parties` tasks wait for each other, round after round. Needs its number. Private
 * fields. Counterpart: asyncio.Barrier. */
typedef struct cedo_barrier cedo_barrier;
struct cedo_barrier {
    cedo_ring waiters; /* of this round, while it fills; then those of the next */
    cedo_tally_ parties;
    cedo_tally_ count; /* who arrived and has not left */
    uint8_t state;
};

enum {
    CEDO_BARRIER_FILLING_,
    CEDO_BARRIER_DRAINING_,
    CEDO_BARRIER_RESETTING_,
    CEDO_BARRIER_BROKEN_
};

/* A static initialiser. Less than 1 or, on firmware, more than 255 does not compile. */
#define CEDO_BARRIER_INIT(parties) \
    { \
        {NULL}, (cedo_tally_)(CEDO_TALLY_((parties)-1) + 1), 0, CEDO_BARRIER_FILLING_ \
    }

/* The same at run time, not while tasks wait on it. CEDO_EINVAL: as above (ValueError), nothing
 * changed. */
cedo_status cedo_barrier_init(cedo_barrier *barrier, int parties);

/* Awaitable: waits until all parties have come. The last one does not wait, and the others go on in
 * the order of their arrival. Who comes while a round leaves waits for its end and belongs to the
 * next. *index (if not NULL; it must stay until then, so no C local) is the place in the order of
 * arrival, from 0. Fails with CEDO_ECLOSED if the barrier is, or becomes, broken, or is reset
 * (BrokenBarrierError). O(1), for the last O(waiters).
 * Cancel contract: has left the round, in its own turn; the others wait for another one.
 * Counterpart: Barrier.wait(). */
CEDO_AWAITABLE cedo_barrier_wait(cedo_barrier *barrier, unsigned *index);

/* Makes those who wait fail with CEDO_ECLOSED, also who was let go but has not run yet; once they
 * have left a new round begins. Mends a broken barrier. Does not wait. O(waiters). Counterpart:
 * await Barrier.reset(). */
void cedo_barrier_reset(cedo_barrier *barrier);

/* Breaks the barrier: all who wait, or come before it is reset, fail with CEDO_ECLOSED. Does not
 * wait. O(waiters). Counterpart: await Barrier.abort(). */
void cedo_barrier_abort(cedo_barrier *barrier);

/* Counterpart: Barrier.parties. */
static inline unsigned cedo_barrier_parties(const cedo_barrier *barrier)
{
    return barrier->parties;
}

/* How many wait for others; 0 while they leave. Counterpart: Barrier.n_waiting. */
static inline unsigned cedo_barrier_n_waiting(const cedo_barrier *barrier)
{
    return barrier->state == CEDO_BARRIER_FILLING_ ? barrier->count : 0;
}

/* Counterpart: Barrier.broken. */
static inline bool cedo_barrier_broken(const cedo_barrier *barrier)
{
    return barrier->state == CEDO_BARRIER_BROKEN_;
}

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENT_) && !defined(CEDO_BARRIER_IMPLEMENTED_)
#define CEDO_BARRIER_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

cedo_status cedo_barrier_init(cedo_barrier *barrier, int parties)
{
    if (parties < 1 || !cedo_tally_fits_(parties)) return CEDO_EINVAL;
    cedo_ring_init(&barrier->waiters);
    barrier->parties = (cedo_tally_)parties;
    barrier->count = 0;
    barrier->state = CEDO_BARRIER_FILLING_;
    return CEDO_OK;
}

/* A task that was counted leaves, in whatever way. */
static void cedo_barrier_leave_(cedo_barrier *barrier)
{
    if (--barrier->count) return;
    if (barrier->state != CEDO_BARRIER_BROKEN_) barrier->state = CEDO_BARRIER_FILLING_;
    cedo_wake_all_(&barrier->waiters);
}

static cedo_barrier *cedo_barrier_of_(const cedo_task *task)
{
    return CEDO_CONTAINER_(task->u.ring, cedo_barrier, waiters);
}

/* Let go, by the last one or by a reset or abort since. */
static cedo_op cedo_barrier_released_(cedo_task *task)
{
    cedo_barrier *const barrier = cedo_barrier_of_(task);
    const cedo_status status = barrier->state == CEDO_BARRIER_DRAINING_ ? CEDO_OK : CEDO_ECLOSED;
    cedo_barrier_leave_(barrier);
    return cedo_done(status);
}

static void cedo_barrier_abandon_(cedo_task *task)
{
    cedo_barrier_leave_(cedo_barrier_of_(task));
}

static cedo_op cedo_barrier_cancelled_(cedo_task *task)
{
    cedo_barrier_abandon_(task);
    return cedo_done(CEDO_ECANCELED);
}

static const cedo_wait_ops cedo_barrier_cancelled_ops_ =
    CEDO_WAIT_OPS("barrier", cedo_barrier_cancelled_, NULL, cedo_barrier_abandon_);

static bool cedo_barrier_cancel_(cedo_task *task, const char *message)
{
    (void)message;
    return cedo_wake_to_fail_(task, &cedo_barrier_cancelled_ops_);
}

static const cedo_wait_ops cedo_barrier_ops_ =
    CEDO_WAIT_OPS("barrier", cedo_barrier_released_, cedo_barrier_cancel_, cedo_barrier_abandon_);

static cedo_op cedo_barrier_again_(cedo_task *task)
{
    return cedo_barrier_wait(cedo_barrier_of_(task), (unsigned *)task->entry.u.arg);
}

/* Of those who wait for the next round: they are not counted yet. */
static const cedo_wait_ops cedo_barrier_next_ops_ =
    CEDO_WAIT_OPS("barrier", cedo_barrier_again_, NULL, NULL);

cedo_op cedo_barrier_wait(cedo_barrier *barrier, unsigned *index)
{
    CEDO_CHECK_(barrier->parties > 0,
                "a barrier needs its number: CEDO_BARRIER_INIT or cedo_barrier_init");
    if (barrier->state == CEDO_BARRIER_BROKEN_) return cedo_done(CEDO_ECLOSED);
    if (barrier->state != CEDO_BARRIER_FILLING_)
        return cedo_wait_(&barrier->waiters, &cedo_barrier_next_ops_, index);
    if (index) *index = barrier->count;
    if (++barrier->count < barrier->parties)
        return cedo_wait_(&barrier->waiters, &cedo_barrier_ops_, index);
    barrier->state = CEDO_BARRIER_DRAINING_;
    cedo_wake_all_(&barrier->waiters);
    cedo_barrier_leave_(barrier);
    return cedo_done(CEDO_OK);
}

void cedo_barrier_reset(cedo_barrier *barrier)
{
    barrier->state = barrier->count ? CEDO_BARRIER_RESETTING_ : CEDO_BARRIER_FILLING_;
    cedo_wake_all_(&barrier->waiters);
}

void cedo_barrier_abort(cedo_barrier *barrier)
{
    barrier->state = CEDO_BARRIER_BROKEN_;
    cedo_wake_all_(&barrier->waiters);
}

#ifdef __cplusplus
}
#endif
#endif
