/* Running a program: a loop of its own for one coroutine. For several coroutines in one loop, and
 * on other ports, see runner.h. Counterpart: asyncio.run(). */
#ifndef CEDO_RUN_H
#define CEDO_RUN_H

#include <cedo/runner.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Makes a loop on cedo_port_posix, runs coroutine `name` in it as a task, with the arguments .field
 * = value, until it ends; then shuts the loop down: cancels all other tasks, waits for their end, and closes it.
 * Gives the coroutine's outcome; CEDO_EEXIT if it, another task or a callback failed with that: see
 * cedo_exit_code. CEDO_EBUSY: a loop runs in this thread already. -EMFILE, CEDO_ENOMEM and such: no
 * loop could be made. CEDO_ESTOPPED: the loop was stopped.
 *     const cedo_status status = cedo_run(greet, .who = "world");
 * The frame stands on the C stack of the caller. Errors of the tasks that were cancelled go to the
 * loop's exception handler. Counterpart: asyncio.run(). */
#define cedo_run(...) CEDO_RUN_(__VA_ARGS__, )
#define CEDO_RUN_(name, ...) \
    cedo_run_coro(&(struct name){.coro = CEDO_CORO_(name, NULL), __VA_ARGS__}.coro)

/* The same with a frame of yours, made by cedo_make or cedo_prepare: to look at its results, for
 * big ones, and for C++ before 20. */
cedo_status cedo_run_coro(cedo_coro *coro);

/* The main() of a program that is one coroutine, with its frame in static storage. Exits with 0,
 * with the code of cedo_exit, or, after an error, which is printed to standard error with its await
 * stack, with 1. */
#define CEDO_MAIN(name) \
    int main(void) \
    { \
        static struct name cedo_frame_; \
        return cedo_main_(cedo_prepare(&cedo_frame_, name)); \
    }

/* The same for a frame with members `int argc; char **argv;`. */
#define CEDO_MAIN_ARGS(name) \
    int main(int argc, char **argv) \
    { \
        static struct name cedo_frame_; \
        cedo_frame_.argc = argc; \
        cedo_frame_.argv = argv; \
        return cedo_main_(cedo_prepare(&cedo_frame_, name)); \
    }

int cedo_main_(cedo_coro *coro);

#ifdef __cplusplus
}
#endif
#endif
