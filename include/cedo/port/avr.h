/* Bare AVR with a 16-bit timer 1 (ATmega, and ATtiny that have one): time from timer 1, idle sleep.
 *
 *     #define F_CPU 16000000                // as for avr-libc
 *     #define CEDO_TICKS_PER_SECOND 15625   // with -D: F_CPU / 1024
 *     #define CEDO_IMPLEMENTATION           // in one file
 *     #include <cedo/core.h>
 *     #include <cedo/port/avr.h>
 *
 *     cedo_loop_init(&loop, &cedo_port_avr);
 *     sei();
 *
 * Time 0 is cedo_loop_init. Timer 1 and its interrupts are the port's. How it works follows from
 * CEDO_TICKS_PER_SECOND:
 *
 *   F_CPU / 1, 8, 64, 256 or 1024   tickless: the timer runs freely, a tick is a count of it; it
 *                                   interrupts when a task is
 *                                   due, and every 65536 ticks
 *   else, 1000 by default           an interrupt every tick, if the timer can make it exactly
 *
 * The port sleeps lightly (idle), so that the timer goes on. Interrupts must be on when the loop
 * runs: they are what ends the sleep, and they are on after it.
 *
 * An interrupt is told by the I flag, which is off in a handler. So with CEDO_CHECKS, once the loop has
 * slept, what only tasks and callbacks may call also traps between a cli() and a sei() of yours.
 */
#ifndef CEDO_PORT_AVR_H
#define CEDO_PORT_AVR_H

#include <cedo/loop.h>

#ifdef __cplusplus
extern "C" {
#endif

extern const cedo_port cedo_port_avr;

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENTATION) && !defined(CEDO_AVR_IMPLEMENTED_)
#define CEDO_AVR_IMPLEMENTED_

#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

#ifndef F_CPU
#error "F_CPU: define it as the processor's frequency in Hz"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CEDO_AVR_COUNTS_AT_(divider) (CEDO_TICKS_PER_SECOND * (divider) == F_CPU)
#define CEDO_AVR_TICKS_AT_(divider) \
    (F_CPU % ((divider)*CEDO_TICKS_PER_SECOND) == 0 && \
     F_CPU / ((divider)*CEDO_TICKS_PER_SECOND) <= 65536)

#if CEDO_AVR_COUNTS_AT_(1L)
#define CEDO_AVR_CLOCK_ 1
#elif CEDO_AVR_COUNTS_AT_(8L)
#define CEDO_AVR_CLOCK_ 2
#elif CEDO_AVR_COUNTS_AT_(64L)
#define CEDO_AVR_CLOCK_ 3
#elif CEDO_AVR_COUNTS_AT_(256L)
#define CEDO_AVR_CLOCK_ 4
#elif CEDO_AVR_COUNTS_AT_(1024L)
#define CEDO_AVR_CLOCK_ 5
#elif CEDO_AVR_TICKS_AT_(1L)
#define CEDO_AVR_CLOCK_ 1
#define CEDO_AVR_PERIOD_ (F_CPU / CEDO_TICKS_PER_SECOND)
#elif CEDO_AVR_TICKS_AT_(64L)
#define CEDO_AVR_CLOCK_ 3
#define CEDO_AVR_PERIOD_ (F_CPU / 64 / CEDO_TICKS_PER_SECOND)
#else
#error "timer 1 cannot make CEDO_TICKS_PER_SECOND exactly from this F_CPU"
#endif

/* avr-libc's macro does not pass -Wconversion. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
static void cedo_avr_sleep_lightly_(void)
{
    set_sleep_mode(SLEEP_MODE_IDLE);
}
#pragma GCC diagnostic pop

static uintptr_t cedo_avr_lock_(void)
{
    const uint8_t sreg = SREG;
    cli();
    return sreg;
}

static void cedo_avr_unlock_(uintptr_t sreg)
{
    __asm__ volatile("" ::: "memory");
    SREG = (uint8_t)sreg;
}

#if CEDO_CHECKS
static bool cedo_avr_has_slept_; /* from then on interrupts are on */

static bool cedo_avr_in_interrupt_(void)
{
    return cedo_avr_has_slept_ && !(SREG & _BV(SREG_I));
}

#else
#define cedo_avr_in_interrupt_ NULL
#endif

/* Behind a sleep. */
static void cedo_avr_go_on_(void)
{
#if CEDO_CHECKS
    cedo_avr_has_slept_ = true;
#endif
    sei();
}

static void cedo_avr_sleep_(void)
{
    sleep_enable();
    sei(); /* takes effect after the next instruction: no interrupt comes between */
    sleep_cpu();
    sleep_disable();
}

#ifdef CEDO_AVR_PERIOD_

static volatile cedo_time cedo_avr_now_;

ISR(TIMER1_COMPA_vect)
{
    cedo_avr_now_++;
}

static cedo_time cedo_avr_time_(cedo_loop *loop)
{
    const uint8_t sreg = SREG;
    cedo_time now;
    (void)loop;
    cli();
    now = cedo_avr_now_;
    SREG = sreg;
    return now;
}

static void cedo_avr_wait_(cedo_loop *loop, const cedo_time *until)
{
    cli();
    if (cedo_loop_may_sleep(loop) && (!until || cedo_time_after(*until, cedo_avr_now_)))
        cedo_avr_sleep_();
    cedo_avr_go_on_();
}

static cedo_status cedo_avr_open_(cedo_loop *loop)
{
    (void)loop;
    cedo_avr_sleep_lightly_();
    OCR1A = (uint16_t)(CEDO_AVR_PERIOD_ - 1);
    TCCR1A = 0;
    TCCR1B = (uint8_t)(_BV(WGM12) | CEDO_AVR_CLOCK_);
    TIMSK1 = _BV(OCIE1A);
    return CEDO_OK;
}

#else

static volatile uint16_t cedo_avr_overflows_;

ISR(TIMER1_OVF_vect)
{
    cedo_avr_overflows_++;
}

/* It only has to wake. */
EMPTY_INTERRUPT(TIMER1_COMPA_vect)

/* With interrupts off. */
static cedo_time cedo_avr_read_(void)
{
    uint16_t low = TCNT1;
    uint16_t high = cedo_avr_overflows_;
    if (TIFR1 & _BV(TOV1)) { /* before or after the timer was read: so once more */
        low = TCNT1;
        high++;
    }
    return (cedo_time)((uint32_t)high << 16 | low);
}

static cedo_time cedo_avr_time_(cedo_loop *loop)
{
    const uint8_t sreg = SREG;
    cedo_time now;
    (void)loop;
    cli();
    now = cedo_avr_read_();
    SREG = sreg;
    return now;
}

/* A deadline that is further away than the timer counts: the compare comes too early, which is
 * allowed. */
static void cedo_avr_wait_(cedo_loop *loop, const cedo_time *until)
{
    cli();
    if (cedo_loop_may_sleep(loop)) {
        if (until) {
            OCR1A = (uint16_t)*until;
            TIFR1 = _BV(OCF1A);
            TIMSK1 = _BV(TOIE1) | _BV(OCIE1A);
        }
        if (!until || cedo_time_after(*until, cedo_avr_read_())) cedo_avr_sleep_();
        TIMSK1 = _BV(TOIE1);
    }
    cedo_avr_go_on_();
}

static cedo_status cedo_avr_open_(cedo_loop *loop)
{
    (void)loop;
    cedo_avr_sleep_lightly_();
    TCCR1A = 0;
    TCCR1B = CEDO_AVR_CLOCK_;
    TCNT1 = 0;
    TIFR1 = _BV(TOV1);
    TIMSK1 = _BV(TOIE1);
    return CEDO_OK;
}

#endif

static void cedo_avr_close_(cedo_loop *loop)
{
    (void)loop;
    TIMSK1 = 0;
    TCCR1B = 0;
}

const cedo_port cedo_port_avr = {cedo_avr_time_,
                                 cedo_avr_wait_,
                                 NULL,
                                 cedo_avr_open_,
                                 cedo_avr_close_,
                                 NULL,
                                 cedo_avr_lock_,
                                 cedo_avr_unlock_,
                                 cedo_avr_in_interrupt_,
                                 true};

#ifdef __cplusplus
}
#endif
#endif
