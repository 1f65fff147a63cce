/*
 * What a test image may ask of the emulated board it runs on. Nothing here belongs to cedo: the
 * library brings its own ports, this is only how an image speaks and how it ends.
 *
 *   target   machine                      text out           exit code
 *   m0, m3   QEMU microbit, mps2-an385    semihosting        semihosting SYS_EXIT_EXTENDED
 *   rv32     QEMU virt                    16550 UART         sifive_test
 *   avr      simavr atmega328p            UART0              GPIOR0, then sleep with interrupts off
 *
 * main() returning ends the image with its value; an unexpected fault, trap or interrupt with 99.
 * There is no libc, and no memcpy or memset either: an image that needs them does not link, which
 * shows that the core has begun to depend on them.
 *
 * Interrupt handlers are weak, so an image or a port defines those it wants:
 *   Cortex-M  SysTick_Handler PendSV_Handler SVC_Handler IRQ0_Handler .. IRQ3_Handler IRQ8_Handler
 *   RV32      machine_timer_handler machine_software_handler machine_external_handler
 *   AVR       avr-libc's ISR(...)
 */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

#if defined(__GNUC__)
#define BOARD_NORETURN __attribute__((noreturn))
#else
#define BOARD_NORETURN
#endif

/* Exit code of an image that met a fault, a trap or an interrupt nobody handles. */
#define BOARD_EXIT_FAULT 99

void board_puts(const char *text);
void board_putu(uint32_t value);

/* Ends the emulation; the emulator's own exit status is the low 8 bits of `code`. */
BOARD_NORETURN void board_exit(int code);

/*
 * A 1 kHz interrupt for images that have no port to do it. The image defines its body:
 *     BOARD_TICK_HANDLER() { ticks++; }
 */
void board_tick_start(void);

/*
 * Another 1 kHz interrupt, from a timer that no port uses (m0, m3, rv32, avr; on AVR it is that of
 * board_tick_start). The image defines its body:
 *     BOARD_SAMPLE_HANDLER() { read_the_sensor(); }
 */
void board_sample_start(void);

#if defined(__AVR__)

#include <avr/interrupt.h>
#include <avr/sleep.h>
#define BOARD_TICK_HANDLER() ISR(TIMER0_COMPA_vect)
#define BOARD_SAMPLE_HANDLER() ISR(TIMER0_COMPA_vect)
static inline void board_irq_off(void)
{
    cli();
}
static inline void board_irq_on(void)
{
    sei();
}

#elif defined(__riscv)

#define BOARD_TICK_HANDLER() void board_tick(void)
void board_tick(void);
static inline void board_irq_off(void)
{
    __asm__ volatile("csrci mstatus, 8" ::: "memory");
}
static inline void board_irq_on(void)
{
    __asm__ volatile("csrsi mstatus, 8" ::: "memory");
}

#elif defined(__arm__)

#define BOARD_TICK_HANDLER() void SysTick_Handler(void)
void SysTick_Handler(void);
static inline void board_irq_off(void)
{
    __asm__ volatile("cpsid i" ::: "memory");
}
static inline void board_irq_on(void)
{
    __asm__ volatile("cpsie i" ::: "memory");
}

#else
#error "board.h: no board for this processor"
#endif

#ifndef BOARD_SAMPLE_HANDLER
#define BOARD_SAMPLE_HANDLER() void board_sample(void)
void board_sample(void);
#endif

/*
 * Call it with interrupts off: returns once an interrupt is pending, without losing one that came
 * just before. Whether its handler has run already differs between processors (on AVR it has), so
 * call board_irq_on() next. WFI, never WFE: QEMU does not model WFE as a wait.
 */
static inline void board_wait(void)
{
#if defined(__AVR__)
    sleep_enable();
    sei();
    sleep_cpu();
#elif defined(__riscv)
    __asm__ volatile("wfi" ::: "memory");
#else
    __asm__ volatile("dsb\n\twfi" ::: "memory");
#endif
}

#endif
