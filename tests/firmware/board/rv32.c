/* RV32 start-up and board functions for QEMU's "virt" machine. The memory map comes from
 * rv32.ld. */
#include "board.h"

#define UART_DATA (*(volatile uint8_t *)0x10000000u) /* 16550; QEMU's is always ready */
#define TEST_DEVICE (*(volatile uint32_t *)0x00100000u)
#define MTIMECMP_LOW (*(volatile uint32_t *)0x02004000u)
#define MTIMECMP_TOP (*(volatile uint32_t *)0x02004004u)
#define MTIME_LOW (*(volatile uint32_t *)0x0200BFF8u)
#define MTIME_TOP (*(volatile uint32_t *)0x0200BFFCu)
#define MTIME_HZ 10000000u

#define TEST_PASS 0x5555u
#define TEST_FAIL 0x3333u /* with the exit code above it */

#define MIE_TIMER 0x80u
#define CAUSE_INTERRUPT 0x80000000u
#define INTERRUPT_SOFTWARE 3u
#define INTERRUPT_TIMER 7u
#define INTERRUPT_EXTERNAL 11u

extern uint32_t board_data_image[], board_data_start[], board_data_end[];
extern uint32_t board_bss_start[], board_bss_end[];

int main(void);
void board_entry(void);
void board_start(void);
void board_trap(void);
void machine_timer_handler(void);
void machine_software_handler(void);
void machine_external_handler(void);

void board_puts(const char *text)
{
    while (*text != '\0') UART_DATA = (uint8_t)*text++;
}

void board_putu(uint32_t value)
{
    char digits[12];
    char *first = digits + sizeof digits - 1;

    *first = '\0';
    do {
        *--first = (char)('0' + value % 10u);
        value /= 10u;
    } while (value != 0u);
    board_puts(first);
}

void board_exit(int code)
{
    TEST_DEVICE = code == 0 ? TEST_PASS : (((uint32_t)code & 0xFFu) << 16 | TEST_FAIL);
    for (;;) {
    }
}

static void tick_set(uint64_t when)
{
    MTIMECMP_TOP = UINT32_MAX; /* never a moment with a too early value in both halves */
    MTIMECMP_LOW = (uint32_t)when;
    MTIMECMP_TOP = (uint32_t)(when >> 32);
}

void board_tick_start(void)
{
    uint32_t top, low;

    do {
        top = MTIME_TOP;
        low = MTIME_LOW;
    } while (top != MTIME_TOP);
    tick_set(((uint64_t)top << 32 | low) + MTIME_HZ / 1000u);
    __asm__ volatile("csrs mie, %0" ::"r"(MIE_TIMER) : "memory");
    board_irq_on();
}

__attribute__((weak)) void board_tick(void)
{
}

/* The next tick counts from the last deadline, not from now, so that ticks do not drift. */
__attribute__((weak)) void machine_timer_handler(void)
{
    tick_set(((uint64_t)MTIMECMP_TOP << 32 | MTIMECMP_LOW) + MTIME_HZ / 1000u);
    board_tick();
}

static void unexpected(void)
{
    board_puts("unexpected interrupt\n");
    board_exit(BOARD_EXIT_FAULT);
}

__attribute__((weak)) void machine_software_handler(void)
{
    unexpected();
}
__attribute__((weak)) void board_sample(void)
{
}

/* The alarm of the clock at 0x101000 (Goldfish RTC, ns), which is interrupt 11 of the PLIC. */
#define RTC(offset) (*(volatile uint32_t *)(0x00101000u + (offset)))
#define PLIC(offset) (*(volatile uint32_t *)(0x0C000000u + (offset)))
#define SAMPLE_NS 1000000u
#define SAMPLE_SOURCE 11u
#define PLIC_CLAIM 0x200004u

static uint64_t next_sample;

static void sample_set(void)
{
    next_sample += SAMPLE_NS;
    RTC(0x0Cu) = (uint32_t)(next_sample >> 32);
    RTC(0x08u) = (uint32_t)next_sample; /* arms it */
}

void board_sample_start(void)
{
    next_sample = RTC(0x00u); /* latches the upper half */
    next_sample |= (uint64_t)RTC(0x04u) << 32;
    PLIC(4u * SAMPLE_SOURCE) = 1u; /* priority */
    PLIC(0x2000u) = 1u << SAMPLE_SOURCE;
    PLIC(0x200000u) = 0u; /* threshold */
    RTC(0x10u) = 1u;
    sample_set();
    __asm__ volatile("csrs mie, %0" ::"r"(1u << INTERRUPT_EXTERNAL) : "memory");
}

__attribute__((weak)) void machine_external_handler(void)
{
    const uint32_t source = PLIC(PLIC_CLAIM);
    if (source != SAMPLE_SOURCE) unexpected();
    RTC(0x1Cu) = 1u; /* clear */
    sample_set();
    PLIC(PLIC_CLAIM) = source;
    board_sample();
}

__attribute__((interrupt("machine"), aligned(4))) void board_trap(void)
{
    uint32_t cause, where;

    __asm__ volatile("csrr %0, mcause" : "=r"(cause));
    if (cause == (CAUSE_INTERRUPT | INTERRUPT_TIMER)) {
        machine_timer_handler();
    }
    else if (cause == (CAUSE_INTERRUPT | INTERRUPT_SOFTWARE)) {
        machine_software_handler();
    }
    else if (cause == (CAUSE_INTERRUPT | INTERRUPT_EXTERNAL)) {
        machine_external_handler();
    }
    else {
        __asm__ volatile("csrr %0, mepc" : "=r"(where));
        board_puts("trap, cause ");
        board_putu(cause);
        board_puts(" at ");
        board_putu(where);
        board_puts("\n");
        board_exit(BOARD_EXIT_FAULT);
    }
}

/* gcc would turn the two loops into calls of memcpy and memset, and there is no libc. */
#if defined(__clang__)
__attribute__((no_builtin("memcpy", "memset")))
#else
__attribute__((optimize("no-tree-loop-distribute-patterns")))
#endif
void board_start(void)
{
    const uint32_t *from = board_data_image;
    uint32_t *to;

    for (to = board_data_start; to < board_data_end; to++) *to = *from++;
    for (to = board_bss_start; to < board_bss_end; to++) *to = 0u;
    board_exit(main());
}

/* The first instructions of the image: gp must not be loaded relative to itself, hence norelax. */
__attribute__((section(".entry"), naked, used)) void board_entry(void)
{
    __asm__ volatile(".option push\n\t"
                     ".option norelax\n\t"
                     "la gp, __global_pointer$\n\t"
                     ".option pop\n\t"
                     "la sp, board_stack_top\n\t"
                     "csrw mie, zero\n\t"
                     "la t0, board_trap\n\t"
                     "csrw mtvec, t0\n\t"
                     "j board_start");
}
