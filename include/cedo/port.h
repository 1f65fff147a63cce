/* Ports: what a platform gives to a loop.
 *
 * A port is a constant table of functions. The library ships cedo_port_posix (port/posix.h),
 * cedo_port_sim (port/sim.h: time jumps to the next deadline) and cedo_port_cortex_m
 * (port/cortex_m.h). To write one for a new target, give `now` and `wait`; the rest may be NULL.
 *
 * All functions are called by the thread that runs the loop, with interrupts as the caller of the
 * loop left them (on), never from an interrupt.
 */
#ifndef CEDO_PORT_H
#define CEDO_PORT_H

#include <cedo/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#if CEDO_TIME_BITS == 64
typedef int64_t cedo_time;     /* a point in time of the loop's clock: ns */
typedef int64_t cedo_duration; /* ns; CEDO_FOREVER: no limit */
#define CEDO_FOREVER INT64_MAX
#elif CEDO_TIME_BITS == 32
typedef uint32_t cedo_time;
typedef int32_t cedo_duration;
#define CEDO_FOREVER INT32_MAX
#elif CEDO_TIME_BITS == 16
typedef uint16_t cedo_time;
typedef int16_t cedo_duration;
#define CEDO_FOREVER INT16_MAX
#else
#error "CEDO_TIME_BITS must be 64, 32 or 16"
#endif

/* Durations from milli- and microseconds, rounded up to whole ticks, since no timer fires early.
 * Constant arguments cost nothing; the argument must fit cedo_duration after the conversion. */
#define CEDO_TICKS_(n, per_second) \
    ((cedo_duration)(((n) * (int64_t)CEDO_TICKS_PER_SECOND + ((n) > 0 ? (per_second)-1 : 0)) / \
                     (per_second)))
#define CEDO_US(n) CEDO_TICKS_(n, 1000000)
#define CEDO_MS(n) CEDO_TICKS_(n, 1000)
#define CEDO_SECONDS(n) CEDO_TICKS_(n, 1)

/* True if `a` is later than `b`. Of wrapping clocks: within half the range. */
static inline bool cedo_time_after(cedo_time a, cedo_time b)
{
#if CEDO_TIME_BITS == 64
    return a > b;
#else
    return (cedo_duration)(cedo_time)(a - b) > 0;
#endif
}

/* now + delay. Saturates on 64 bits; else delays are below half the range by their type. */
static inline cedo_time cedo_time_add(cedo_time now, cedo_duration delay)
{
#if CEDO_TIME_BITS == 64
    if (delay > 0 && now > INT64_MAX - delay) return INT64_MAX;
    if (delay < 0 && now < INT64_MIN - delay) return INT64_MIN;
    return now + delay;
#else
    return (cedo_time)(now + (cedo_time)delay);
#endif
}

typedef struct cedo_loop cedo_loop;
typedef struct cedo_port cedo_port;

struct cedo_port {
    /* The time, in ns or ticks, never going back (32 and 16 bits: but wrapping). Must be exact: a
     * timer fires when now() has reached its deadline, so a clock that runs ahead would fire it
     * early. Cheap: called once per turn and whenever a delay begins. */
    cedo_time (*now)(cedo_loop *loop);

    /* Called when no task is ready. Sleep until the clock has reached *until (NULL: no limit), or
     * until an interrupt or another thread has made something ready, whichever comes first;
     * returning early for no reason is allowed. The last check and the decision to sleep must be
     * one step with respect to what can wake (interrupts off on firmware, and an instruction such
     * as WFI that wakes on a pending one), or a wake-up can be lost. Make what has happened ready
     * before returning. */
    void (*wait)(cedo_loop *loop, const cedo_time *until);

    /* The same without sleeping: called between turns while tasks are ready, at least every
     * CEDO_POLL_INTERVAL tasks. NULL: nothing to look at. */
    void (*poll)(cedo_loop *loop);

    /* Called once by cedo_loop_init; the port may keep its state in loop->port_state. NULL: nothing
     * to do. */
    cedo_status (*open)(cedo_loop *loop);

    /* Called once by cedo_loop_close. */
    void (*close)(cedo_loop *loop);

    /* The clock costs next to nothing to read: read it every turn, instead of every
     * CEDO_POLL_INTERVAL tasks while tasks are ready. True on firmware and in simulation. */
    bool clock_is_cheap;
};

#ifdef CEDO_PORT
extern const cedo_port CEDO_PORT;
#endif

#ifdef __cplusplus
}
#endif
#endif
