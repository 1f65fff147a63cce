/* The millisecond counter of the hand-written variants. */
#ifndef MS_H
#define MS_H

#include "app.h"

static volatile uint32_t ms;

TICK_HANDLER()
{
    ms++;
    APP_TICK(ms);
}

static inline uint32_t ms_now(void)
{
#if TICK_ATOMIC
    return ms;
#else
    uint32_t now;

    IRQ_OFF();
    now = ms;
    IRQ_ON();
    return now;
#endif
}

/* Sleeps until the next tick unless it came since `seen`. */
static inline void ms_sleep(uint32_t seen)
{
    IRQ_OFF();
    if (ms == seen) WFI();
    IRQ_ON();
}

#endif
