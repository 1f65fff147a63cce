/* What the programs of the test `post` share: a thread that posts from a processor of its own, and
 * a list for loops whose doorbell says only that something came. */
#ifndef POST_H
#define POST_H

#include "bench.h"

#include <pthread.h>
#include <sched.h>

/* Of what the thread that runs the loop writes, or both write: where what the other one reads happened to
 * lie in the same line of the cache, a post took twice as long. */
#define BENCH_APART __attribute__((aligned(128)))

/* Where there is no such processor the thread stays where it is. */
static inline void bench_stay_on(int processor)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    (void)sched_setaffinity(0, sizeof set, &set);
}

static void *(*bench_poster)(void *);

static inline void *bench_post_elsewhere(void *argument)
{
    bench_stay_on(1);
    return bench_poster(argument);
}

/* Starts the clock and, on another processor, poster(argument). The time that passes counts, not
 * that of the processors. */
static inline pthread_t bench_start_posting(void *(*poster)(void *), void *argument)
{
    pthread_t thread;

    bench_stay_on(0);
    bench_poster = poster;
    bench_clock = CLOCK_MONOTONIC;
    bench_start();
    if (pthread_create(&thread, NULL, bench_post_elsewhere, argument) != 0) {
        fprintf(stderr, "%s: no thread\n", bench_peer);
        exit(1);
    }
    return thread;
}

/* ------------------------------------------------------------- for loops with a doorbell */

/* A callback that is posted. */
struct letter {
    struct letter *next;
    void (*callback)(void *argument);
    void *argument;
};

/* The last that was posted first. Alone in its line of the cache. */
static union {
    struct letter *last;
    char line[128];
} letterbox BENCH_APART;

/* True: the box was empty, so the bell must be rung. From any thread. */
static inline int post(struct letter *letter)
{
    struct letter *before = __atomic_load_n(&letterbox.last, __ATOMIC_RELAXED);

    do letter->next = before;
    while (!__atomic_compare_exchange_n(&letterbox.last, &before, letter, 0, __ATOMIC_SEQ_CST,
                                        __ATOMIC_RELAXED));
    return before == NULL;
}

/* Calls all that was posted, in that order. */
static inline void open_post(void)
{
    struct letter *posted = __atomic_exchange_n(&letterbox.last, NULL, __ATOMIC_SEQ_CST);
    struct letter *first = NULL;

    while (posted != NULL) {
        struct letter *const before = posted->next;
        posted->next = first;
        first = posted;
        posted = before;
    }
    while (first != NULL) {
        struct letter *const letter = first;
        first = letter->next; /* from here on it may be posted again */
        letter->callback(letter->argument);
    }
}

static struct letter *letters;
static long letters_sent;
static long letters_read BENCH_APART;
static void (*ring_bell)(void);

static inline void read_letter(void *argument)
{
    (void)argument;
    letters_read++;
}

static inline void *post_letters(void *argument)
{
    struct letter *const all = letters;
    const long count = letters_sent;

    (void)argument;
    for (long i = 0; i < count; i++) {
        all[i].callback = read_letter;
        all[i].argument = NULL;
        if (post(&all[i])) ring_bell();
    }
    return NULL;
}

/* The test itself: posts `n` callbacks from another thread, which rings by ring(), while run() runs
 * the loop here until letters_read is letters_sent. */
static inline void bench_post(long n, long param, void (*ring)(void), void (*run)(void))
{
    pthread_t thread;

    letters = (struct letter *)bench_alloc(n, sizeof *letters);
    letters_sent = n;
    ring_bell = ring;
    thread = bench_start_posting(post_letters, NULL);
    run();
    bench_row("post", param, bench_elapsed() / n);
    pthread_join(thread, NULL);
    bench_check(letters_read == n, "post");
    free(letters);
}

#endif
