/* Bare RISC-V in machine mode: time from mtime (CLINT, or its successor ACLINT), sleep by WFI.
 *
 *     #define CEDO_RISCV_MTIME_HZ 10000000   // what mtime counts
 *     #define CEDO_IMPLEMENTATION            // in one file
 *     #include <cedo/core.h>
 *     #include <cedo/port/riscv.h>
 *
 *     cedo_loop_init(&loop, &cedo_port_riscv);
 *
 * Ticks are CEDO_TICKS_PER_SECOND, milliseconds by default; time 0 is cedo_loop_init. Tickless:
 * mtime runs freely, and mtimecmp wakes the processor when a task is due. The port needs no
 * interrupt handler: the timer's interrupt is enabled only while the processor sleeps with
 * interrupts off, and then it wakes and is not taken. mtimecmp and the bit MTIE of mie are the
 * port's. The loop must run at least once in 2^31 cycles of mtime while tasks are ready.
 *
 * An interrupt is told by MIE of mstatus, which is off in a handler. So with CEDO_CHECKS, in a program
 * that has slept with interrupts on, what only tasks and callbacks may call also traps between a csrci
 * and a csrsi of yours.
 *
 * To choose, before the includes of that one file:
 *   CEDO_RISCV_MTIME      address of mtime of this hart, default 0x0200BFF8 (SiFive, QEMU)
 *   CEDO_RISCV_MTIMECMP   address of mtimecmp of this hart, default 0x02004000 (hart 0)
 */
#ifndef CEDO_PORT_RISCV_H
#define CEDO_PORT_RISCV_H

#include <cedo/loop.h>

#ifdef __cplusplus
extern "C" {
#endif

extern const cedo_port cedo_port_riscv;

#ifdef __cplusplus
}
#endif
#endif

/* ============================================================= implementation */

#if defined(CEDO_IMPLEMENTATION) && !defined(CEDO_RISCV_IMPLEMENTED_)
#define CEDO_RISCV_IMPLEMENTED_

#ifndef CEDO_RISCV_MTIME_HZ
#error "CEDO_RISCV_MTIME_HZ: define it as the frequency of mtime"
#endif
#if CEDO_RISCV_MTIME_HZ % CEDO_TICKS_PER_SECOND
#error \
    "CEDO_RISCV_MTIME_HZ must be a multiple of CEDO_TICKS_PER_SECOND, or the clock would be wrong"
#endif
#ifndef CEDO_RISCV_MTIME
#define CEDO_RISCV_MTIME 0x0200BFF8u
#endif
#ifndef CEDO_RISCV_MTIMECMP
#define CEDO_RISCV_MTIMECMP 0x02004000u
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CEDO_MTIME_(half) (((volatile uint32_t *)CEDO_RISCV_MTIME)[half])
#define CEDO_MTIMECMP_(half) (((volatile uint32_t *)CEDO_RISCV_MTIMECMP)[half])

enum {
    CEDO_CYCLES_PER_TICK_ = CEDO_RISCV_MTIME_HZ / CEDO_TICKS_PER_SECOND,
    CEDO_MOST_TICKS_ = 0x40000000 / CEDO_CYCLES_PER_TICK_ /* in one sleep */
};

/* A time, and the lower half of mtime at which it began. */
static struct {
    cedo_time ticks;
    uint32_t cycles;
} cedo_riscv_;

static cedo_time cedo_riscv_time_(cedo_loop *loop)
{
    const uint32_t passed = (CEDO_MTIME_(0) - cedo_riscv_.cycles) / CEDO_CYCLES_PER_TICK_;
    (void)loop;
    cedo_riscv_.cycles += passed * CEDO_CYCLES_PER_TICK_;
    cedo_riscv_.ticks = (cedo_time)(cedo_riscv_.ticks + (cedo_time)passed);
    return cedo_riscv_.ticks;
}

#if CEDO_CHECKS
static bool cedo_riscv_has_interrupts_; /* they were on when it slept */

static bool cedo_riscv_in_interrupt_(void)
{
    uintptr_t status;
    __asm__ volatile("csrr %0, mstatus" : "=r"(status));
    return cedo_riscv_has_interrupts_ && !(status & 8u);
}
#else
#define cedo_riscv_in_interrupt_ NULL
#endif

/* Sets mtimecmp. False: that time has passed. */
static bool cedo_riscv_arm_(const cedo_time *until)
{
    int32_t ticks = CEDO_MOST_TICKS_, left;
    uint32_t top, low;
    if (until) {
        const cedo_duration wanted = (cedo_duration)(*until - cedo_riscv_.ticks);
        if (wanted < ticks) ticks = (int32_t)wanted;
        if (wanted <= 0) return false;
    }
    do {
        top = CEDO_MTIME_(1);
        low = CEDO_MTIME_(0);
    } while (top != CEDO_MTIME_(1));
    left = (int32_t)(cedo_riscv_.cycles + (uint32_t)ticks * CEDO_CYCLES_PER_TICK_ - low);
    if (left <= 0) return false;
    low += (uint32_t)left;
    if (low < (uint32_t)left) top++;
    CEDO_MTIMECMP_(1) = UINT32_MAX; /* never a moment with a value that is too early */
    CEDO_MTIMECMP_(0) = low;
    CEDO_MTIMECMP_(1) = top;
    return true;
}

static uintptr_t cedo_riscv_lock_(void)
{
    uintptr_t before;
    __asm__ volatile("csrrci %0, mstatus, 8" : "=r"(before)::"memory");
    return before & 8u;
}

static void cedo_riscv_unlock_(uintptr_t before)
{
    __asm__ volatile("csrs mstatus, %0" ::"r"(before) : "memory");
}

static void cedo_riscv_wait_(cedo_loop *loop, const cedo_time *until)
{
    const uint32_t timer = 1u << 7;
    const uintptr_t before = cedo_riscv_lock_();
#if CEDO_CHECKS
    cedo_riscv_has_interrupts_ = before != 0;
#endif
    if (cedo_loop_may_sleep(loop) && cedo_riscv_arm_(until)) {
        __asm__ volatile("csrs mie, %0\n\twfi\n\tcsrc mie, %0" ::"r"(timer) : "memory");
    }
    cedo_riscv_unlock_(before);
}

static cedo_status cedo_riscv_open_(cedo_loop *loop)
{
    (void)loop;
    cedo_riscv_.ticks = 0;
#if CEDO_CHECKS
    cedo_riscv_has_interrupts_ = false;
#endif
    cedo_riscv_.cycles = CEDO_MTIME_(0);
    return CEDO_OK;
}

const cedo_port cedo_port_riscv = {cedo_riscv_time_,
                                   cedo_riscv_wait_,
                                   NULL,
                                   cedo_riscv_open_,
                                   NULL,
                                   NULL,
                                   cedo_riscv_lock_,
                                   cedo_riscv_unlock_,
                                   cedo_riscv_in_interrupt_,
                                   true};

#ifdef __cplusplus
}
#endif
#endif
