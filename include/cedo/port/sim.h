/* Simulated time: the clock stands still while tasks run and jumps to the next deadline when all of
 * them wait. For tests: an hour of timeouts takes microseconds, and every run is the same. When
 * nothing is armed and nothing is ready, the run call ends with CEDO_EDEADLK: all that is left
 * waits for ever.
 */
#ifndef CEDO_PORT_SIM_H
#define CEDO_PORT_SIM_H

#include <cedo/loop.h>

#ifdef __cplusplus
extern "C" {
#endif

extern const cedo_port cedo_port_sim;

/* Lets time pass while the running step or callback "blocks". */
void cedo_sim_advance(cedo_loop *loop, cedo_duration duration);

#ifdef __cplusplus
}
#endif
#endif
