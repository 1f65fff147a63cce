/* Simulated time: the clock stands still while tasks run and jumps to the next deadline when all of
 * them wait. For tests: an hour of timeouts takes microseconds, and every run is the same. When
 * nothing is armed and nothing is ready, the run call ends with CEDO_EDEADLK: all that is left
 * waits for ever.
 *
 * Interrupts are simulated, too: functions that come between, at a time, when the loop looks, or
 * where a test calls them. In them, and on firmware, calls that only tasks may make trap.
 */
#ifndef CEDO_PORT_SIM_H
#define CEDO_PORT_SIM_H

#include <cedo/loop.h>

#ifdef __cplusplus
extern "C" {
#endif

extern const cedo_port cedo_port_sim;

/* Lets time pass while the running step or callback "blocks". Interrupts that are due meanwhile
 * come at their times. */
void cedo_sim_advance(cedo_loop *loop, cedo_duration duration);

#if CEDO_ISR
/* An interrupt handler. */
typedef void cedo_sim_handler(void *arg);

/* Calls fn(arg) as an interrupt, now. */
void cedo_sim_interrupt(cedo_sim_handler *fn, void *arg);

/* An interrupt to come. All zero: none. Must stay until it came. Private fields. */
typedef struct cedo_sim_irq cedo_sim_irq;
struct cedo_sim_irq {
    cedo_sim_irq *next;
    cedo_loop *loop;
    cedo_sim_handler *fn;
    void *arg;
    cedo_time when;
};

/* Calls fn(arg) as an interrupt when the clock has reached `when`, which is not a deadlock to wait
 * for; before what is due at that time. It may arrange the next one, with the same `irq`. */
void cedo_sim_interrupt_at(cedo_loop *loop, cedo_sim_irq *irq, cedo_time when, cedo_sim_handler *fn,
                           void *arg);

/* Calls fn(arg) at each look of a loop of this thread, in every turn, before it can sleep: there it
 * may have interrupts come, by cedo_sim_interrupt, of whatever a random number says. NULL: no
 * more. */
void cedo_sim_at_each_look(void (*fn)(void *arg), void *arg);
#endif

#ifdef __cplusplus
}
#endif
#endif
