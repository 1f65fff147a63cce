/* The sizes that the documentation promises, checked by the compiler; for the usual width of clock
 * and state. */
#ifndef PROMISED_SIZES_H
#define PROMISED_SIZES_H

#include <cedo/core.h>

#define PROMISE(name, condition) typedef char promise_##name[(condition) ? 1 : -1]

/* none of the parts that can be left out */
#define WITH_NONE (!CEDO_SCOPES && !CEDO_JOIN && !CEDO_REGISTRY && !CEDO_NAMES)

#if CEDO_HOSTED && UINTPTR_MAX > 0xffffffffu
PROMISE(coro, sizeof(cedo_coro) == 24);
PROMISE(task, sizeof(cedo_task) <= 104);
#elif defined(__AVR__) && CEDO_STATE_BITS == 8 && CEDO_TIME_BITS <= 32 && !CEDO_LOOPS
PROMISE(coro, sizeof(cedo_coro) == 6);
PROMISE(task, sizeof(cedo_task) <= (WITH_NONE ? 18 : 24));
#elif UINTPTR_MAX == 0xffffffffu && CEDO_STATE_BITS == 16 && CEDO_TIME_BITS <= 32 && !CEDO_LOOPS
PROMISE(coro, sizeof(cedo_coro) == 12);
PROMISE(task, sizeof(cedo_task) <= (WITH_NONE ? 28 : 40));
#endif

#endif
