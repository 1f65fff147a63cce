/*
 * The board of the three-task program, the same for every variant of it:
 *   A  every 10 ms toggles pin 0 and puts n++ into a queue of 4 uint32_t
 *   B  waits for the queue, toggles pin 1, writes the value to a port
 *   C  every 50 ms toggles pin 2
 * on a 1 kHz tick, asleep when idle. As built for size it touches registers and nothing else; with
 * RUN the pins are counters, and APP_TICK() ends the image after 1005 ms with the verdict of
 * check.c.
 */
#ifndef APP_H
#define APP_H

#include <stdint.h>

#ifdef RUN

extern volatile uint32_t app_pins[4]; /* the last one is the port */
void app_check(uint32_t ms);
#define TOGGLE(pin) (app_pins[pin]++)
#define PORT(value) (app_pins[3] = (value))
#define APP_TICK(now) app_check(now)

#else

#define APP_TICK(now) ((void)0)

#endif

#if defined(__arm__)

#ifndef RELOAD
#define RELOAD (BOARD_CPU_HZ / 1000u) /* processor cycles in a millisecond */
#endif
#define REG32(address) (*(volatile uint32_t *)(address))
#ifndef RUN
#define TOGGLE(pin) (REG32(0x50000504u) ^= 1u << (pin))
#define PORT(value) (REG32(0x50000600u) = (value))
#endif
#define TICK_HANDLER() void SysTick_Handler(void)
#define IRQ_OFF() __asm__ volatile("cpsid i" ::: "memory")
#define IRQ_ON() __asm__ volatile("cpsie i" ::: "memory")
#define WFI() __asm__ volatile("dsb\n\twfi" ::: "memory")
#define TICK_ATOMIC 1

void SysTick_Handler(void);

static inline void systick_start(void)
{
    REG32(0xE000E014u) = RELOAD - 1u;
    REG32(0xE000E018u) = 0u;
    REG32(0xE000E010u) = 7u;
}

#elif defined(__AVR__)

#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#ifndef RUN
#define TOGGLE(pin) (PORTB ^= 1u << (pin))
#define PORT(value) (PORTC = (uint8_t)(value))
#endif
#define TICK_HANDLER() ISR(TIMER0_COMPA_vect)
#define IRQ_OFF() cli()
#define IRQ_ON() sei()
#define WFI() \
    do { \
        sei(); \
        sleep_cpu(); \
    } while (0)
#define TICK_ATOMIC 0 /* reading the tick takes four instructions */

static inline void systick_start(void)
{
    OCR0A = 249; /* 16 MHz / 64 / 250 */
    TCCR0A = _BV(WGM01);
    TCCR0B = _BV(CS01) | _BV(CS00);
    TIMSK0 = _BV(OCIE0A);
    SMCR = 0; /* idle */
    sleep_enable();
    sei();
}

#elif defined(__riscv)

#include "board.h"
#ifndef RUN
#define TOGGLE(pin) (*(volatile uint32_t *)0x10012040u ^= 1u << (pin))
#define PORT(value) (*(volatile uint32_t *)0x1001200Cu = (value))
#endif
#define TICK_HANDLER() BOARD_TICK_HANDLER()
#define IRQ_OFF() board_irq_off()
#define IRQ_ON() board_irq_on()
#define WFI() board_wait()
#define TICK_ATOMIC 1
#define systick_start() board_tick_start()

#endif

#endif
