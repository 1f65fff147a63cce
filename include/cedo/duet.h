/* Duets, on a host: two tasks that pass words through one place, in turn. Nothing here is for programs.
 *
 * Each wakes the other one and waits, again and again, and nothing else is ready. Then most of what a
 * wake-up, a turn and a wait write is only read by the next of them. So the queue that both wait for may
 * begin a duet: it leaves out what it would write, and the loop knows who comes next, and what is to be
 * moved first, without looking (turn.h).
 *
 * A sign in loop->only, which is the address of nothing, tells where a duet stands. Whoever reads or
 * changes what is ready meets it, and others who look ask cedo_loop_settle_: this ends the duet, and all
 * is then as if it had never been. A loop has one at most.
 */
#ifndef CEDO_DUET_H
#define CEDO_DUET_H

#include <cedo/list.h>
#include <cedo/port.h>

#ifdef __cplusplus
extern "C" {
#endif

#if CEDO_HOSTED

typedef struct cedo_duet_ cedo_duet_;
struct cedo_duet_ {
    struct cedo_task *tasks[2];   /* who takes what is in the place, and who puts it there */
    void *place;                  /* for a uint64_t; tasks have theirs in entry.u.arg */
    cedo_node *next[2];           /* of each: the sign that the next turn is its own */
    void (*end)(cedo_loop *loop); /* its object takes the sign away */
};

/* What a sign adds to the address of a part of the object. */
enum {
    CEDO_DUET_TURN_ = 1, /* it is the turn of the one that is meant */
    CEDO_DUET_NEXT_ = 3  /* nobody's turn: its own is the next one */
};

/* The address is a multiple of 4. */
static inline cedo_node *cedo_duet_sign_(const void *part, int what)
{
    return (cedo_node *)((uintptr_t)part + (uintptr_t)what);
}

/* Of the same one: its turn has come. */
static inline cedo_node *cedo_duet_turn_(const cedo_node *next)
{
    return cedo_duet_sign_(next, CEDO_DUET_TURN_ - CEDO_DUET_NEXT_);
}

static inline void *cedo_duet_part_(const cedo_node *sign)
{
    return (void *)((uintptr_t)sign & ~(uintptr_t)CEDO_DUET_NEXT_);
}

static inline bool cedo_duet_is_in_turn_(const cedo_node *sign)
{
    return ((uintptr_t)sign & CEDO_DUET_NEXT_) == CEDO_DUET_TURN_;
}

/* In loop->only: nothing has become ready. */
#define CEDO_NONE_ cedo_duet_sign_(NULL, CEDO_DUET_TURN_)

#endif

#ifdef __cplusplus
}
#endif
#endif
