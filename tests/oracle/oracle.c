/* What all traces need: see oracle.h. */
#include "oracle.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

cedo_loop py_loop;

static char output[1 << 16];
static size_t output_length;

void p(const char *format, ...)
{
    const size_t left = sizeof output - output_length;
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(output + output_length, left, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length + 2 > left) {
        fputs("oracle: the output of this trace does not fit\n", stderr);
        abort();
    }
    output_length += (size_t)length;
    output[output_length++] = '\n';
    output[output_length] = '\0';
}

void p_not_applicable(const char *line, const char *why)
{
    (void)why;
    p("%s", line);
}

const char *py_error(cedo_status status)
{
    switch (status) {
    case CEDO_ECANCELED: return "CancelledError";
    case CEDO_ETIMEDOUT: return "TimeoutError";
    case CEDO_ESTATE: return "InvalidStateError";
    case CEDO_EBUSY:
    case CEDO_EDEADLK:
    case CEDO_ECLOSED:
    case CEDO_ESTOPPED: return "RuntimeError";
    case VALUE_ERROR: return "ValueError";
    case KEY_ERROR: return "KeyError";
    default: return status < 0 ? "Exception" : "None";
    }
}

/* ------------------------------------------------------------- asyncio.run */

/* Simulated time. With CEDO_COSTLY_CLOCK set in the environment the loop of a host looks at it as
 * seldom as it does at a real one: then a task that is alone runs by the way that it has in a
 * program. */
const cedo_port *py_port(void)
{
#if CEDO_HOSTED
    static cedo_port costly;
    if (getenv("CEDO_COSTLY_CLOCK")) {
        costly = cedo_port_sim;
        costly.clock_is_cheap = false;
        return &costly;
    }
#endif
    return &cedo_port_sim;
}

void py_open(void)
{
    if (cedo_loop_init(&py_loop, py_port()) < 0) abort();
}

cedo_status py_run(cedo_coro *coro)
{
    cedo_runner runner;
    cedo_status status;
    cedo_runner_init(&runner, &py_loop, py_port());
    status = cedo_runner_run_coro(&runner, coro);
    if (cedo_runner_close(&runner) < 0) abort();
    return status;
}

void py_close(void)
{
    if (cedo_loop_close(&py_loop) < 0) abort();
}

/* ------------------------------------------------------------- nothing allocates */

#if defined(__SANITIZE_ADDRESS__)
#define CAN_FORBID 0
#elif defined(__has_feature)
#define CAN_FORBID !__has_feature(address_sanitizer)
#else
#define CAN_FORBID 1
#endif

static bool forbidden;

#if CAN_FORBID && defined(__GLIBC__)
/* glibc lets a program bring its own; these only look, and go on to glibc's */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);

static void allocates(void)
{
    static const char message[] = "oracle: something allocated memory during a trace\n";
    if (!forbidden) return;
    forbidden = false;
    fwrite(message, 1, sizeof message - 1, stderr);
    abort();
}

void *malloc(size_t size)
{
    allocates();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocates();
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    allocates();
    return __libc_realloc(block, size);
}
#endif

const char *oracle_output(const oracle_trace *trace)
{
    output_length = 0;
    output[0] = '\0';
    forbidden = true;
    trace->run();
    forbidden = false;
    return output;
}
