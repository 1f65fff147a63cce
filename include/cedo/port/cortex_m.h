/* Bare Cortex-M: time from SysTick, sleep by WFI. Every core that has a SysTick (M0, M0+, M1 with
 * the option, M3 and up).
 *
 *     #define CEDO_CORTEX_M_HZ 16000000   // what SysTick counts: the processor's frequency
 *     #define CEDO_IMPLEMENTATION         // in one file
 *     #include <cedo/core.h>
 *     #include <cedo/port/cortex_m.h>
 *
 *     cedo_loop_init(&loop, &cedo_port_cortex_m);
 *
 * Ticks are CEDO_TICKS_PER_SECOND, milliseconds by default; time 0 is cedo_loop_init. SysTick is
 * the port's from then on, its interrupt of any priority. One loop at a time. The processor's
 * frequency must not change while a loop is open.
 *
 * Tickless: SysTick interrupts when a task is due, and at least every 2^24 cycles (a second at 16
 * MHz). A sleep that ends where the last one left off is free; another one moves the interrupt,
 * which loses the cycles that this takes beyond CEDO_CORTEX_M_REARM_CYCLES: less than ten, that is,
 * a microsecond late at 10 MHz. Never early.
 *
 * SysTick stands still in the deep sleep modes of most chips: WFI sleeps lightly unless you set
 * SLEEPDEEP.
 *
 * To choose, before the includes of that one file:
 *   CEDO_CORTEX_M_OWN_HANDLER   the port defines no SysTick_Handler: call cedo_cortex_m_tick() from
 *                               yours, first
 *   CEDO_CORTEX_M_SHARED_TICK   the port leaves SysTick alone: you have a tick of
 *                               CEDO_TICKS_PER_SECOND (an RTOS, a vendor's HAL, another timer) and
 *                               call cedo_cortex_m_tick() from it. No CEDO_CORTEX_M_HZ then
 *   CEDO_CORTEX_M_SLEEP()       instead of WFI: return when an interrupt is pending. Called with
 *                               interrupts off
 */
#ifndef CEDO_PORT_CORTEX_M_H
#define CEDO_PORT_CORTEX_M_H

#include <cedo/loop.h>

#ifdef __cplusplus
extern "C" {
#endif

extern const cedo_port cedo_port_cortex_m;

/* The tick, for an interrupt handler of yours. See above. */
void cedo_cortex_m_tick(void);

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENTATION) && !defined(CEDO_CORTEX_M_IMPLEMENTED_)
#define CEDO_CORTEX_M_IMPLEMENTED_

#ifdef __cplusplus
extern "C" {
#endif

#ifdef CEDO_PORT
#define CEDO_PORT_INLINE_ __attribute__((always_inline)) inline
#else
#define CEDO_PORT_INLINE_
#endif
#ifndef CEDO_CORTEX_M_SLEEP
#define CEDO_CORTEX_M_SLEEP() __asm__ volatile("dsb\n\twfi" ::: "memory")
#endif

static inline uint32_t cedo_cortex_m_lock_(void)
{
    uint32_t primask;
    __asm__ volatile("mrs %0, primask\n\tcpsid i" : "=r"(primask)::"memory");
    return primask;
}

static inline void cedo_cortex_m_unlock_(uint32_t primask)
{
    __asm__ volatile("msr primask, %0" ::"r"(primask) : "memory");
}

#ifdef CEDO_CORTEX_M_SHARED_TICK

static volatile cedo_time cedo_cortex_m_now_;

void cedo_cortex_m_tick(void)
{
    cedo_cortex_m_now_ = (cedo_time)(cedo_cortex_m_now_ + 1u);
}

static cedo_time cedo_cortex_m_time_(cedo_loop *loop)
{
    (void)loop;
#if CEDO_TIME_BITS == 64
    {
        const uint32_t primask = cedo_cortex_m_lock_();
        const cedo_time now = cedo_cortex_m_now_;
        cedo_cortex_m_unlock_(primask);
        return now;
    }
#else
    return cedo_cortex_m_now_;
#endif
}

CEDO_PORT_INLINE_ static void cedo_cortex_m_wait_(cedo_loop *loop, const cedo_time *until)
{
    const uint32_t primask = cedo_cortex_m_lock_();
    if (cedo_list_is_empty(&loop->ready) &&
        (!until || cedo_time_after(*until, cedo_cortex_m_now_))) {
        CEDO_CORTEX_M_SLEEP();
    }
    cedo_cortex_m_unlock_(primask);
}

const cedo_port cedo_port_cortex_m = {
    cedo_cortex_m_time_, cedo_cortex_m_wait_, NULL, NULL, NULL, true};

#else

#ifndef CEDO_CORTEX_M_HZ
#error "CEDO_CORTEX_M_HZ: define it as the processor's frequency, or CEDO_CORTEX_M_SHARED_TICK"
#endif
#if CEDO_CORTEX_M_HZ % CEDO_TICKS_PER_SECOND
#error "CEDO_CORTEX_M_HZ must be a multiple of CEDO_TICKS_PER_SECOND, or the clock would be wrong"
#endif

/* The least time between reading and restarting the counter: four instructions. */
#ifndef CEDO_CORTEX_M_REARM_CYCLES
#define CEDO_CORTEX_M_REARM_CYCLES 4
#endif

/* The registers of SysTick. The compiler must not know the address, or it would make a constant of
 * each. */
typedef struct {
    volatile uint32_t control, reload, left;
} cedo_systick_;

__attribute__((always_inline)) static inline cedo_systick_ *cedo_systick_at_(void)
{
    cedo_systick_ *systick = (cedo_systick_ *)0xE000E010u;
    CEDO_FORGET_VALUE_(systick);
    return systick;
}

/* its bit 26 as the sign, which is the shortest test */
#define CEDO_SYSTICK_IS_PENDING_ ((int32_t)(*(volatile uint32_t *)0xE000ED04u << 5) < 0)

enum {
    CEDO_CYCLES_PER_TICK_ = CEDO_CORTEX_M_HZ / CEDO_TICKS_PER_SECOND,
    CEDO_MOST_TICKS_ = 0x1000000 / CEDO_CYCLES_PER_TICK_, /* in one period of the counter */
    CEDO_CLOSE_CYCLES_ = 200                              /* more than moving the interrupt takes */
};

typedef char cedo_cortex_m_ticks_too_long_[CEDO_MOST_TICKS_ > 1 ? 1 : -1];

/* The counter counts down, reaches 0 at `end`, interrupts, and begins again with `period` ticks. So
 * what is left in it tells the time, whatever it began with. */
static struct {
    volatile cedo_time end;
    volatile uint32_t period;
} cedo_cortex_m_;

#ifdef CEDO_CORTEX_M_OWN_HANDLER
#define CEDO_CORTEX_M_HANDLER_ cedo_cortex_m_tick
#else
#define CEDO_CORTEX_M_HANDLER_ SysTick_Handler
#endif
void CEDO_CORTEX_M_HANDLER_(void);
void CEDO_CORTEX_M_HANDLER_(void)
{
    cedo_cortex_m_.end = (cedo_time)(cedo_cortex_m_.end + cedo_cortex_m_.period);
}

/* Rounded up: the part of a tick that has passed does not count. */
static inline uint32_t cedo_cortex_m_ticks_(uint32_t cycles)
{
    const uint32_t up = cycles + CEDO_CYCLES_PER_TICK_ - 1;
#if defined(__ARM_ARCH_6M__) && CEDO_CORTEX_M_HZ / CEDO_TICKS_PER_SECOND > 256
    /* these cores do not divide, nor multiply to 64 bits: an estimate from below, and a step or
     * two */
    uint32_t ticks = (up >> 8) * (0x1000000u / CEDO_CYCLES_PER_TICK_) >> 16;
    while ((ticks + 1) * CEDO_CYCLES_PER_TICK_ <= up) ticks++;
    return ticks;
#else
    return up / CEDO_CYCLES_PER_TICK_;
#endif
}

CEDO_PORT_INLINE_ static cedo_time cedo_cortex_m_time_(cedo_loop *loop)
{
    const cedo_systick_ *const systick = cedo_systick_at_();
    const uint32_t primask = cedo_cortex_m_lock_();
    cedo_time end;
    uint32_t left;
    (void)loop;
    do { /* at 0 it may stay for a while, and the interrupt may be pending then or not */
        end = cedo_cortex_m_.end;
        left = systick->left;
        if (CEDO_SYSTICK_IS_PENDING_) { /* since before or after that: so once more */
            end = (cedo_time)(end + cedo_cortex_m_.period);
            left = systick->left;
        }
    } while (left == 0);
    cedo_cortex_m_unlock_(primask);
    return (cedo_time)(end - cedo_cortex_m_ticks_(left));
}

/* Moves `end` by so many ticks. False: that is too close, or has passed. */
static bool cedo_cortex_m_move_(int32_t later)
{
    cedo_systick_ *const systick = cedo_systick_at_();
    const uint32_t more = (uint32_t)(later * CEDO_CYCLES_PER_TICK_);
    uint32_t left = systick->left;  /* 0: too close */
    if (CEDO_SYSTICK_IS_PENDING_ || /* `end` is wrong until the handler has run */
        left < CEDO_CLOSE_CYCLES_ || (int32_t)(left + more) < CEDO_CLOSE_CYCLES_)
        return false;
    /* these four together, see CEDO_CORTEX_M_REARM_CYCLES */
    left = systick->left;
    systick->reload = left + (more - 1u - CEDO_CORTEX_M_REARM_CYCLES);
    systick->left = 0;
    cedo_cortex_m_.end = (cedo_time)(cedo_cortex_m_.end + (cedo_time)later);
    cedo_cortex_m_.period += (uint32_t)later;
    while (systick->left == 0) continue; /* it has not begun again yet */
    systick->reload = cedo_cortex_m_.period * CEDO_CYCLES_PER_TICK_ - 1u;
    return true;
}

CEDO_PORT_INLINE_ static void cedo_cortex_m_wait_(cedo_loop *loop, const cedo_time *until)
{
    CEDO_FORGET_VALUE_(until); /* or there would be a copy of all this for NULL */
    __asm__ volatile("cpsid i" ::: "memory");
    if (cedo_list_is_empty(&loop->ready)) {
        /* as far as the counter goes */
        int32_t later = (int32_t)(CEDO_MOST_TICKS_ - cedo_cortex_m_.period);
        bool is_near = true;
        if (until) {
            const cedo_duration wanted = (cedo_duration)(*until - cedo_cortex_m_.end);
            if (wanted < later) later = (int32_t)wanted;
            /* or it has passed, and the product below might not fit */
            if (CEDO_CYCLES_PER_TICK_ > 1) is_near = wanted > -(int32_t)cedo_cortex_m_.period;
        }
        if (later == 0 || (is_near && cedo_cortex_m_move_(later))) CEDO_CORTEX_M_SLEEP();
    }
    __asm__ volatile("cpsie i" ::: "memory");
}

CEDO_PORT_INLINE_ static cedo_status cedo_cortex_m_open_(cedo_loop *loop)
{
    cedo_systick_ *const systick = cedo_systick_at_();
    (void)loop;
    cedo_cortex_m_.period = CEDO_MOST_TICKS_;
    cedo_cortex_m_.end = CEDO_MOST_TICKS_;
    systick->reload = CEDO_MOST_TICKS_ * CEDO_CYCLES_PER_TICK_ - 1u;
    systick->left = 0;
    systick->control = 7; /* processor clock, interrupt, on */
    return CEDO_OK;
}

static void cedo_cortex_m_close_(cedo_loop *loop)
{
    (void)loop;
    cedo_systick_at_()->control = 0;
}

const cedo_port cedo_port_cortex_m = {cedo_cortex_m_time_, cedo_cortex_m_wait_,  NULL,
                                      cedo_cortex_m_open_, cedo_cortex_m_close_, true};

#endif

#ifdef __cplusplus
}
#endif
#endif
