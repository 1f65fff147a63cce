/* Ports: what a platform gives to a loop.
 *
 * A port is a constant table of functions. The library ships cedo_port_posix (port/posix.h),
 * cedo_port_sim (port/sim.h: time jumps to the next deadline), cedo_port_cortex_m
 * (port/cortex_m.h), cedo_port_riscv (port/riscv.h) and cedo_port_avr (port/avr.h). To write one
 * for a new target, give `now` and `wait`, and on firmware whose interrupts wake tasks (isr.h)
 * `enter` and `leave`; the rest may be NULL.
 *
 * The functions of the first group are called by the thread that runs the loop, with interrupts as
 * the caller of the loop left them (on), never from an interrupt. Those of the second are called
 * from anywhere.
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
     * until something was posted (isr.h), whichever comes first; returning early for no reason is
     * allowed. Ask cedo_loop_may_sleep last. The answer and the sleep must be one step with respect
     * to what can wake, or a wake-up can be lost. Firmware: ask with interrupts off, and sleep by
     * an instruction such as WFI that wakes on a pending one. Host: from the question on posts call
     * `wake`, so that a sleep that has not begun yet must end at once, too; afterwards call
     * cedo_loop_has_slept. What the port itself found, make ready before returning. */
    void (*wait)(cedo_loop *loop, const cedo_time *until);

    /* The same without sleeping: called between turns while tasks are ready, at least every
     * CEDO_POLL_INTERVAL tasks. NULL: nothing to look at. */
    void (*poll)(cedo_loop *loop);

    /* Called once by cedo_loop_init; the port may keep its state in loop->port_state. NULL: nothing
     * to do. */
    cedo_status (*open)(cedo_loop *loop);

    /* Called once by cedo_loop_close. Nothing is posted any more. */
    void (*close)(cedo_loop *loop);

    /* Something was posted, and nothing had been before: end the sleep of `wait`. Called by whoever
     * posts, a thread or an interrupt; on firmware with interrupts off, on a host only while the
     * loop sleeps. NULL: an interrupt ends the sleep by itself. */
    void (*wake)(cedo_loop *loop);

    /* Turns interrupts off for a few instructions, and gives what `leave` needs to restore the
     * state of before, whatever it was. May be nested. Unused on a host, where posts need no lock:
     * NULL. */
    uintptr_t (*enter)(void);
    void (*leave)(uintptr_t state);

    /* True in an interrupt. With CEDO_CHECKS, what only tasks and callbacks may call traps there.
     * Where a handler cannot be told from a critical section, that may count as one. Unused on a
     * host. NULL: nobody can tell. */
    bool (*in_interrupt)(void);

    /* The clock costs next to nothing to read: read it every turn, instead of every
     * CEDO_POLL_INTERVAL tasks while tasks are ready. True on firmware and in simulation. */
    bool clock_is_cheap;
};

#ifdef CEDO_PORT
extern const cedo_port CEDO_PORT;
#endif

/* Private: words that interrupts and other threads look at, too. A host has one order of all
 * accesses to them; on firmware, which has one core, an interrupt sees what was written before, if
 * the compiler has written it. */
#if CEDO_HOSTED
#define CEDO_SHARED_
#define CEDO_LOAD_(place) __atomic_load_n(&(place), __ATOMIC_SEQ_CST)
#define CEDO_STORE_(place, value) __atomic_store_n(&(place), (value), __ATOMIC_SEQ_CST)
#define CEDO_BARRIER_() ((void)0)
#else
#define CEDO_SHARED_ volatile
#define CEDO_LOAD_(place) (place)
#define CEDO_STORE_(place, value) ((void)((place) = (value)))
#ifdef __GNUC__
#define CEDO_BARRIER_() __asm__ volatile("" ::: "memory")
#else
#define CEDO_BARRIER_() ((void)0)
#endif
#endif

#ifdef __cplusplus
}
#endif
#endif
