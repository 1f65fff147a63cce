/* What the benchmark programs share: the clock, random numbers, the output line and the command
 * line.
 *
 * A program is started as `peer TEST N PARAM`, does N operations and prints one or more lines
 *     peer<TAB>test<TAB>param<TAB>ns per operation
 * It ends with 0, with 2 if it has no such test (that is no error: the driver leaves the cell
 * empty), with 1 if the test came to a wrong result. The header is for C and C++.
 */
#ifndef BENCH_H
#define BENCH_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* One test of a peer: does `n` operations and prints its rows. */
struct bench_test {
    const char *name;
    void (*run)(long n, long param);
};

enum { BENCH_NO_SUCH_TEST = 2 };

/* For functions that stand for the user's code in another translation unit. */
#define BENCH_NOINLINE __attribute__((noinline))

#define BENCH_COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *bench_peer;
static uint64_t bench_started_at;

/* CPU time of the process: a neighbour on the machine cannot inflate it, and waiting in the
 * kernel is free. A test whose work is done by several threads at once sets CLOCK_MONOTONIC
 * before bench_start. */
static clockid_t bench_clock = CLOCK_PROCESS_CPUTIME_ID;

static inline uint64_t bench_clock_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline void bench_start(void)
{
    bench_started_at = bench_clock_ns(bench_clock);
}

/* Nanoseconds since bench_start. */
static inline double bench_elapsed(void)
{
    return (double)(bench_clock_ns(bench_clock) - bench_started_at);
}

/* Prints a row; `ns` may also be bytes when the test's name says so. */
static inline void bench_row(const char *test, long param, double ns)
{
    printf("%s\t%s\t%ld\t%.2f\n", bench_peer, test, param, ns);
    fflush(stdout);
}

/* Ends the program if a result is wrong: a fast wrong answer must not become a figure. */
static inline void bench_check(int is_right, const char *what)
{
    if (!is_right) {
        fprintf(stderr, "%s: wrong result: %s\n", bench_peer, what);
        exit(1);
    }
}

/* What the numbers 1 to n add up to: the tests that hand numbers on add them up. */
static inline long bench_sum(long n)
{
    return n * (n + 1) / 2;
}

/* Zeroed memory whose pages exist already, so that no test pays for the kernel's first touch. */
static inline void *bench_alloc(long count, size_t size)
{
    const size_t bytes = (size_t)count * size;
    volatile char *const memory = (volatile char *)calloc(bytes ? bytes : 1, 1);

    if (memory == NULL) {
        fprintf(stderr, "%s: out of memory\n", bench_peer);
        exit(1);
    }
    for (size_t i = 0; i < bytes; i += 1024) memory[i] = 0;
    return (void *)memory;
}

/* Bytes of the process that are in memory. */
static inline long bench_resident_bytes(void)
{
    FILE *const file = fopen("/proc/self/statm", "r");
    long total = 0;
    long resident = 0;

    if (file != NULL) {
        if (fscanf(file, "%ld %ld", &total, &resident) != 2) resident = 0;
        fclose(file);
    }
    return resident * sysconf(_SC_PAGESIZE);
}

/* The same sequence in each run (splitmix64). */
static inline uint64_t bench_random(void)
{
    static uint64_t state = 20261123;
    uint64_t z;

    state += 0x9e3779b97f4a7c15u;
    z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Waits until the monotonic clock shows `ns`, busily: a processor that has slept begins slowly
 * and with cold caches, which would make the next figure half as large again. */
static inline void bench_wait_until(uint64_t ns)
{
    while (bench_clock_ns(CLOCK_MONOTONIC) < ns) continue;
}

/* The main program of every peer. */
static inline int bench_main(const char *peer, const struct bench_test *tests, size_t count,
                             int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: %s TEST N [PARAM]\n", argv[0]);
        return 1;
    }
    bench_peer = peer;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(tests[i].name, argv[1]) == 0) {
            tests[i].run(atol(argv[2]), argc > 3 ? atol(argv[3]) : 1);
            return 0;
        }
    }
    return BENCH_NO_SUCH_TEST;
}

#endif
