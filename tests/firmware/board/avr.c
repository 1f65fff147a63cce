/*
 * ATmega328P board functions. Vectors, .data and .bss are avr-libc's crt, which every AVR program
 * links; its libc is not.
 */
#include "board.h"

#include <avr/io.h>
#include <avr/pgmspace.h>

#ifndef BOARD_CPU_HZ
#error "BOARD_CPU_HZ: the frequency of the processor"
#endif

static void put_char(char c)
{
    UCSR0A = (uint8_t)(_BV(U2X0) | _BV(TXC0)); /* writing a one clears "transmission complete" */
    UCSR0B = _BV(TXEN0);
    UBRR0 = 0; /* the fastest there is: nobody listens at the other end of the wire */
    while ((UCSR0A & _BV(UDRE0)) == 0) {
    }
    UDR0 = (uint8_t)c;
}

void board_puts(const char *text)
{
    while (*text != '\0') put_char(*text++);
}

void board_putu(uint32_t value)
{
    char digits[12];
    char *first = digits + sizeof digits - 1;

    *first = '\0';
    do {
        *--first = (char)('0' + (char)(value % 10u));
        value /= 10u;
    } while (value != 0u);
    board_puts(first);
}

/* simavr_runner.c takes "asleep with interrupts off" as the end and GPIOR0 as the exit code. */
void board_exit(int code)
{
    cli();
    GPIOR0 = (uint8_t)code;
    for (;;) {
        sleep_enable();
        sleep_cpu();
    }
}

/* Timer 0, clear on compare; 1000 Hz is exact for 16, 8 and 4 MHz. */
void board_tick_start(void)
{
    OCR0A = (uint8_t)(BOARD_CPU_HZ / 64u / 1000u - 1u);
    TCCR0A = _BV(WGM01);
    TCCR0B = (uint8_t)(_BV(CS01) | _BV(CS00)); /* divide by 64 */
    TIMSK0 = _BV(OCIE0A);
    SMCR = 0; /* sleep lightly (idle), so that the timer goes on */
    sei();
}

void board_sample_start(void)
{
    board_tick_start();
}

/* In flash only, unlike other strings on this processor: a silent image has no RAM taken by it. */
static const char unexpected[] PROGMEM = "unexpected interrupt\n";

ISR(BADISR_vect)
{
    const char *next = unexpected;
    char c;

    while ((c = (char)pgm_read_byte(next++)) != '\0') put_char(c);
    board_exit(BOARD_EXIT_FAULT);
}

/* avr-libc's crt calls main() and then its own exit(): this one carries the code out. */
void exit(int code) BOARD_NORETURN;
void exit(int code)
{
    board_exit(code);
}
