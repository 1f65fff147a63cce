/* Random numbers that are the same each time. */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdbool.h>
#include <stdint.h>

static uint64_t random_state;

/* From 0 to below `below`. */
static inline int draw(int below)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int)((random_state >> 33) * (uint64_t)below >> 31);
}

/* True once in `times`. */
static inline bool chance(int times)
{
    return draw(times) == 0;
}

#endif
