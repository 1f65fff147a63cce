/* POSIX systems: the clock is CLOCK_MONOTONIC in nanoseconds, and the loop sleeps in epoll until a
 * descriptor is ready or a timer is due, never less.
 *
 * A loop on this port allocates its state when it is made (cedo_loop_init fails with EMFILE, ENFILE
 * or CEDO_ENOMEM) and frees it when it is closed. Descriptors that are still registered then are
 * closed, too: their streams are gone with the frames they stood in. After fork() the child must
 * not touch the loop; exec or _exit.
 */
#ifndef CEDO_PORT_POSIX_H
#define CEDO_PORT_POSIX_H

#include <cedo/task.h>

#ifdef __cplusplus
extern "C" {
#endif

extern const cedo_port cedo_port_posix;

/* A descriptor that a loop watches, from its registration until it is closed. Streams and servers
 * hold one. All zero: not registered. Its address must not change while it is. Private fields. */
typedef struct cedo_source cedo_source;
struct cedo_source {
    cedo_ring readers; /* tasks and handles that wait until it can be read, */
    cedo_ring writers; /* and written */
    int fd;
    uint16_t generation; /* tells this registration from an earlier one of the same descriptor */
    uint8_t flags;       /* CEDO_SOURCE_... of src/loop/poller.h */
    uint8_t user;        /* free for the object that holds it */
};

#ifdef __cplusplus
}
#endif
#endif
