/* Tests that are played by a seed: random numbers, a trail of what happened, and many seeds in
 * parallel processes, so that a crash or an endless loop names its seed, too.
 *
 *     CEDO_SEED=n       plays this seed only, in the test's own process
 *     CEDO_VERBOSE=1    and tells what happens
 *     CEDO_SEEDS=n      how many seeds; each program has its own default
 *     CEDO_JOBS=n       in how many processes; default: one a processor
 *     CK_FORK=no        in this one
 *
 * A file that includes this defines _GNU_SOURCE first.
 */
#ifndef SEEDS_H
#define SEEDS_H

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "random.h"
#include "suite.h"

static uint32_t seed_played;
static unsigned turn_played; /* the test counts them */
static bool is_verbose, is_worker;

/* ------------------------------------------------------------- random numbers */

static inline void random_begin(uint32_t seed)
{
    seed_played = seed;
    turn_played = 0;
    random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + UINT64_C(0xbf58476d1ce4e5b9);
}

/* ------------------------------------------------------------- what happened */

static inline void note_(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline void note_(const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "%5u  ", turn_played);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

#define note(...) \
    do { \
        if (__builtin_expect(is_verbose, 0)) note_(__VA_ARGS__); \
    } while (0)

static inline void broken_(const char *format, ...)
    __attribute__((format(printf, 1, 2), noreturn, cold));
static inline void broken_(const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (is_worker) {
        fprintf(stderr, "seed %u, turn %u: %s\n", (unsigned)seed_played, turn_played, text);
        _exit(1);
    }
    ck_abort_msg("seed %u, turn %u: %s", (unsigned)seed_played, turn_played, text);
    abort();
}

/* An invariant. Cheaper than those of Check, and knows the seed. */
#define must(condition, ...) \
    do { \
        if (__builtin_expect(!(condition), 0)) broken_(__VA_ARGS__); \
    } while (0)

/* ------------------------------------------------------------- many seeds */

static inline unsigned seeds_number_(const char *variable, unsigned otherwise)
{
    const char *const text = getenv(variable);
    return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

/* Plays the seeds 1 to `count`, each of which ends in `seconds`. Fails the test at the first one
 * that does not hold, in each process. */
static inline void play_seeds(void (*play)(uint32_t seed), unsigned count, unsigned seconds)
{
    const unsigned most = 64;
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const time_t begin = time(NULL);
    unsigned jobs = seeds_number_("CEDO_JOBS", processors > 0 ? (unsigned)processors : 1);
    unsigned failed = 0;
    pid_t workers[64];
    uint32_t *played;
    is_verbose = getenv("CEDO_VERBOSE") != NULL;
    if (getenv("CEDO_SEED")) {
        play(seeds_number_("CEDO_SEED", 1));
        return;
    }
    count = seeds_number_("CEDO_SEEDS", count);
    if (getenv("CK_FORK") && strcmp(getenv("CK_FORK"), "no") == 0) {
        /* under a debugger, valgrind or gcov, whose data a worker would not write */
        for (uint32_t seed = 1; seed <= count; seed++) play(seed);
        return;
    }
    if (jobs > most) jobs = most;
    if (jobs < 1) jobs = 1;
    played = (uint32_t *)mmap(NULL, most * sizeof *played, PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(played, MAP_FAILED);
    fflush(NULL);
    for (unsigned job = 0; job < jobs; job++) {
        workers[job] = fork();
        ck_assert_int_ge(workers[job], 0);
        if (workers[job]) continue;
        is_worker = true;
        signal(SIGALRM, SIG_DFL); /* Check's handler ends all */
        for (uint32_t seed = 1 + job; seed <= count; seed += jobs) {
            played[job] = seed;
            alarm(seconds);
            play(seed);
        }
        _exit(0);
    }
    for (unsigned job = 0; job < jobs; job++) {
        int status;
        ck_assert_int_eq(waitpid(workers[job], &status, 0), workers[job]);
        if (status == 0) continue;
        failed = failed && failed < played[job] ? failed : played[job];
        fprintf(stderr, "seed %u does not hold: %s %d\n", (unsigned)played[job],
                WIFSIGNALED(status) ? "signal" : "exit",
                WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    }
    munmap(played, most * sizeof *played);
    ck_assert_msg(!failed, "CEDO_SEED=%u plays the one that failed, CEDO_VERBOSE=1 tells about it",
                  failed);
    printf("%u seeds held, %ld s\n", count, (long)(time(NULL) - begin));
    fflush(stdout);
}

#endif
