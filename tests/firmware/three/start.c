/* The least start-up a Cortex-M program can have; the size builds carry nothing else. */
#include "app.h"
#ifdef RUN
#include "semihost.h"
#endif

extern uint32_t board_data_image[], board_data_start[], board_data_end[];
extern uint32_t board_bss_start[], board_bss_end[], board_stack_top[];

int main(void);
void Reset_Handler(void);
void PendSV_Handler(void);
void SVC_Handler(void);

static void fault(void)
{
#ifdef RUN
    semihost_puts("fault\n");
    semihost_exit(99);
#endif
    for (;;) {
    }
}

__attribute__((weak)) void SysTick_Handler(void)
{
}
__attribute__((weak)) void PendSV_Handler(void)
{
}
__attribute__((weak)) void SVC_Handler(void)
{
}

/* Without this attribute gcc calls memcpy and memset: 312 bytes of libc on a Cortex-M0. */
__attribute__((optimize("no-tree-loop-distribute-patterns"))) void Reset_Handler(void)
{
    const uint32_t *from = board_data_image;
    uint32_t *to = board_data_start;

    while (to < board_data_end) *to++ = *from++;
    for (to = board_bss_start; to < board_bss_end;) *to++ = 0;
    main();
    for (;;) {
    }
}

typedef void (*vector)(void);

__attribute__((section(".vectors"), used)) static const vector vectors[16] = {
    (vector)(uintptr_t)board_stack_top,
    Reset_Handler,
    fault,
    fault,
    fault,
    fault,
    fault,
    fault,
    0,
    0,
    0,
    SVC_Handler,
    fault,
    0,
    PendSV_Handler,
    SysTick_Handler,
};
