/*
 * ARM semihosting, the two requests the images need: text out and exit. In a header, so that an
 * image which never speaks carries none of it. semihost_puts() must not be inlined: what a program
 * spends on reporting its result would then depend on what else stands in the file.
 */
#ifndef BOARD_SEMIHOST_H
#define BOARD_SEMIHOST_H

#include <stdint.h>

#define SEMIHOST_WRITE0 0x04
#define SEMIHOST_EXIT_EXTENDED 0x20

/* The "application exit" reason; plain SYS_EXIT (0x18) could only say zero or one. */
#define SEMIHOST_REASON_EXIT 0x20026u

static inline void semihost_request(int number, const void *argument)
{
    register int request __asm__("r0") = number;
    register const void *block __asm__("r1") = argument;

    __asm__ volatile("bkpt 0xab" : "+r"(request) : "r"(block) : "memory");
}

__attribute__((noinline, unused)) static void semihost_puts(const char *text)
{
    semihost_request(SEMIHOST_WRITE0, text);
}

static inline void semihost_putu(uint32_t value)
{
    char digits[12];
    char *first = digits + sizeof digits - 1;

    *first = '\0';
    do {
        *--first = (char)('0' + value % 10u);
        value /= 10u;
    } while (value != 0u);
    semihost_puts(first);
}

static inline void semihost_exit(int code)
{
    const uint32_t block[2] = {SEMIHOST_REASON_EXIT, (uint32_t)code};

    semihost_request(SEMIHOST_EXIT_EXTENDED, block);
    for (;;) {
    }
}

#endif
