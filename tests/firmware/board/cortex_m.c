/* Cortex-M start-up and board functions. The memory map comes from cortex_m.ld. */
#include "board.h"
#include "semihost.h"

#ifndef BOARD_CPU_HZ
#error "BOARD_CPU_HZ: the frequency that SysTick counts at"
#endif

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SYSTICK_CONTROL REGISTER(0xE000E010u)
#define SYSTICK_RELOAD REGISTER(0xE000E014u)
#define SYSTICK_CURRENT REGISTER(0xE000E018u)
#define NVIC_ENABLE REGISTER(0xE000E100u)
#define CPACR REGISTER(0xE000ED88u)

typedef void handler(void);

extern uint32_t board_data_image[], board_data_start[], board_data_end[];
extern uint32_t board_bss_start[], board_bss_end[], board_stack_top[];

int main(void);
handler Reset_Handler;

void board_puts(const char *text)
{
    semihost_puts(text);
}
void board_putu(uint32_t value)
{
    semihost_putu(value);
}
void board_exit(int code)
{
    semihost_exit(code);
    for (;;) {
    }
}

void board_tick_start(void)
{
    SYSTICK_RELOAD = BOARD_CPU_HZ / 1000u - 1u;
    SYSTICK_CURRENT = 0u;
    SYSTICK_CONTROL = 7u; /* processor clock, interrupt, on */
}

__attribute__((weak)) void board_sample(void)
{
}

#if defined(__ARM_ARCH_6M__)

/* TIMER0 of the nRF51 of the microbit, at 1 MHz. */
#define TIMER0(offset) REGISTER(0x40008000u + (offset))

void board_sample_start(void)
{
    TIMER0(0x200u) = 1u;    /* SHORTS: a compare clears it */
    TIMER0(0x508u) = 3u;    /* BITMODE: 32 */
    TIMER0(0x510u) = 4u;    /* PRESCALER: 16 MHz / 16 */
    TIMER0(0x540u) = 1000u; /* CC[0] */
    TIMER0(0x304u) = 1u << 16;
    NVIC_ENABLE = 1u << 8;
    TIMER0(0x000u) = 1u; /* start */
}

static void sample_clear(void)
{
    TIMER0(0x140u) = 0u;
}

#else

/* Timer 0 of the mps2, at the processor's frequency. */
#define TIMER0(offset) REGISTER(0x40000000u + (offset))

void board_sample_start(void)
{
    TIMER0(0x8u) = BOARD_CPU_HZ / 1000u - 1u; /* reload */
    TIMER0(0x4u) = BOARD_CPU_HZ / 1000u - 1u;
    TIMER0(0x0u) = 9u; /* on, interrupt */
    NVIC_ENABLE = 1u << 8;
}

static void sample_clear(void)
{
    TIMER0(0xCu) = 1u;
}

#endif

static void sample(void)
{
    sample_clear();
    board_sample();
}

static void fault(void)
{
    board_puts("fault\n");
    board_exit(BOARD_EXIT_FAULT);
}

static void unexpected(void)
{
    board_puts("unexpected interrupt\n");
    board_exit(BOARD_EXIT_FAULT);
}

#define UNEXPECTED __attribute__((weak, alias("unexpected")))
handler SVC_Handler UNEXPECTED;
handler PendSV_Handler UNEXPECTED;
handler SysTick_Handler UNEXPECTED;
handler IRQ0_Handler UNEXPECTED;
handler IRQ1_Handler UNEXPECTED;
handler IRQ2_Handler UNEXPECTED;
handler IRQ3_Handler UNEXPECTED;
handler IRQ8_Handler __attribute__((weak, alias("sample")));

/* gcc would turn the two loops into calls of memcpy and memset, and there is no libc. */
#if defined(__clang__)
__attribute__((no_builtin("memcpy", "memset")))
#else
__attribute__((optimize("no-tree-loop-distribute-patterns")))
#endif
void Reset_Handler(void)
{
    const uint32_t *from = board_data_image;
    uint32_t *to;

    for (to = board_data_start; to < board_data_end; to++) *to = *from++;
    for (to = board_bss_start; to < board_bss_end; to++) *to = 0u;
#if defined(__ARM_FP) && !defined(__SOFTFP__)
    CPACR |= 0xFu << 20; /* full access to the FPU */
    __asm__ volatile("dsb\n\tisb" ::: "memory");
#endif
    board_exit(main());
}

struct vector_table {
    uint32_t *stack_top;
    handler *handlers[24];
};

__attribute__((section(".vectors"), used)) static const struct vector_table vectors = {
    board_stack_top,
    {
        Reset_Handler,
        fault, /* NMI */
        fault, /* hard fault */
        fault, /* memory management */
        fault, /* bus fault */
        fault, /* usage fault */
        fault, /* secure fault */
        0,
        0,
        0,
        SVC_Handler,
        fault, /* debug monitor */
        0,
        PendSV_Handler,
        SysTick_Handler,
        IRQ0_Handler,
        IRQ1_Handler,
        IRQ2_Handler,
        IRQ3_Handler,
        0,
        0,
        0,
        0,
        IRQ8_Handler,
    },
};
