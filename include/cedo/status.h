/* Status codes: what an operation answers.
 *
 * Zero is success. CEDO_END, the one positive code of the library, says "no error, and nothing more
 * will come". Negative values are errors and travel like exceptions: an await that gets one leaves
 * its coroutine. On a host the values are those of errno, negated, so -errno of a system call is a
 * status as it is. On firmware they are small, so that they fit the one byte that an 8-bit target
 * spends on them.
 */
#ifndef CEDO_STATUS_H
#define CEDO_STATUS_H

#include <cedo/config.h>

#if CEDO_HOSTED
#include <errno.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* A status. At least 16 bits wide in your hands; a frame stores it in CEDO_STATUS_BITS. */
typedef int cedo_status;

enum {
    CEDO_OK = 0,
    CEDO_END = 1,  /* StopAsyncIteration: an iteration or a generator is over */
    CEDO_MORE = 2, /* a generator wants more input (cedo_next_input) */
#if CEDO_HOSTED
    CEDO_ECANCELED = -ECANCELED, /* CancelledError */
    CEDO_ETIMEDOUT = -ETIMEDOUT, /* TimeoutError */
    CEDO_EINVAL = -EINVAL,       /* ValueError: an argument that cannot be */
    CEDO_ENOMEM = -ENOMEM,       /* MemoryError: the allocator said no */
    CEDO_EBUSY = -EBUSY,         /* RuntimeError: it is running, armed or in use already */
    CEDO_EDEADLK = -EDEADLK,     /* RuntimeError: this could never end (a task joins itself) */
    CEDO_ESTATE = -EPROTO,       /* InvalidStateError: not yet, or not any more */
    CEDO_ECLOSED = -ESHUTDOWN,   /* RuntimeError: the loop or object is closed */
    CEDO_ESTOPPED = -EINTR,      /* RuntimeError: the loop was stopped before the task was done */
    CEDO_EAGAIN = -EAGAIN,       /* QueueFull, QueueEmpty: it would have to wait */
    CEDO_EEXIT = -4000,          /* SystemExit: leave the run call at once */
    CEDO_EEOF = -4002,           /* IncompleteReadError: the end came before what was asked for */
    CEDO_ELIMIT = -4003,         /* LimitOverrunError: more than the limit comes before the end */
#else
    CEDO_ECANCELED = -1,
    CEDO_ETIMEDOUT = -2,
    CEDO_EINVAL = -3,
    CEDO_ENOMEM = -4,
    CEDO_EBUSY = -5,
    CEDO_EDEADLK = -6,
    CEDO_ESTATE = -7,
    CEDO_ECLOSED = -8,
    CEDO_ESTOPPED = -9,
    CEDO_EAGAIN = -10,
    CEDO_EEXIT = -11,
    CEDO_EEOF = -12,
    CEDO_ELIMIT = -13,
#endif
/* Your own errors: CEDO_EUSER, CEDO_EUSER - 1, ... down to CEDO_STATUS_MIN. */
#if CEDO_HOSTED
    CEDO_EUSER = -5000,
#else
    CEDO_EUSER = -32,
#endif
#if CEDO_STATUS_BITS == 8
    CEDO_STATUS_MIN = -126
#elif CEDO_STATUS_BITS == 16
    CEDO_STATUS_MIN = -16383
#else
    CEDO_STATUS_MIN = -1073741823
#endif
};

#if CEDO_HOSTED
/* The name of a status of the library ("CEDO_ETIMEDOUT"), else the system's text for -errno. Never
 * NULL; valid until the next call in the same thread. Any context but an interrupt. */
const char *cedo_status_name(cedo_status status);
#endif

#ifdef __cplusplus
}
#endif
#endif
