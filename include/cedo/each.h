/* Iteration over an operation that gives one thing at a time. */
#ifndef CEDO_EACH_H
#define CEDO_EACH_H

#include <cedo/coro.h>

/* cedo_for_each (self->line, cedo_stream_read_line(&self->conn, &self->line)) { ... }
 * Awaits `op`, anew in each round, and runs the block, until `op` answers CEDO_END: then goes on
 * behind the block. If `op` fails, leaves as cedo_await does. break and continue work as in any
 * loop. `item`, which `op` stores into, stands there for the reader. One to a source line. Python:
 * async for. */
#define cedo_for_each(item, op) \
    CEDO_FOR_EACH_(item, op, CEDO_NEXT_, CEDO_PASTE_(cedo_each_, __LINE__))

#define CEDO_FOR_EACH_(item, op, n, block) \
    for (;;) \
        if (1) { \
            (void)sizeof(&(item)); \
            CEDO_SUSPEND_(op, n) : CEDO_FAIL_IF_NEGATIVE_ if (st_ == CEDO_END) break; \
            goto block; \
        } \
        else \
        block:

#endif
