/* Compile-time choices. Define a macro before the first include (or with -D) to change it; every
 * file of one program must be compiled with the same values, CEDO_LABELS excepted, which is chosen
 * per file.
 */
#ifndef CEDO_CONFIG_H
#define CEDO_CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 1 where there is a POSIX system and a C library, 0 on bare metal. */
#ifndef CEDO_HOSTED
#if defined(__STDC_HOSTED__) && __STDC_HOSTED__ && (defined(__unix__) || defined(__APPLE__))
#define CEDO_HOSTED 1
#else
#define CEDO_HOSTED 0
#endif
#endif

/* Width of cedo_time. 64: nanoseconds, never wraps. 32 or 16: ticks of the port, compared
 * wrap-safe, so a delay may be at most 2^31 - 1 or 2^15 - 1 ticks. */
#ifndef CEDO_TIME_BITS
#define CEDO_TIME_BITS (CEDO_HOSTED ? 64 : 32)
#endif

/* Ticks of the port in a second, for CEDO_MS and CEDO_US. */
#ifndef CEDO_TICKS_PER_SECOND
#if CEDO_HOSTED
#define CEDO_TICKS_PER_SECOND 1000000000
#else
#define CEDO_TICKS_PER_SECOND 1000
#endif
#endif

/* 1: timers in a radix wheel, O(1) arm and cancel at any number, 32 KiB of tables in the loop.
 * 0: timers in a sorted list, O(n) arm, O(1) cancel and fire, two words in the loop. */
#ifndef CEDO_TIMER_WHEEL
#define CEDO_TIMER_WHEEL (CEDO_HOSTED && CEDO_TIME_BITS == 64)
#endif

/* Bits of a frame's resume state and status. With 8 bits a coroutine holds at most 250 awaits,
 * statuses reach down to -126, and CEDO_LABELS cannot be used. */
#ifndef CEDO_STATE_BITS
#if UINTPTR_MAX > 0xffffffffu
#define CEDO_STATE_BITS 32
#elif UINTPTR_MAX > 0xffffu
#define CEDO_STATE_BITS 16
#else
#define CEDO_STATE_BITS 8
#endif
#endif
#ifndef CEDO_STATUS_BITS
#define CEDO_STATUS_BITS CEDO_STATE_BITS
#endif

/* 1: several loops in one program (one per thread, or one per interrupt priority): a task and a
 * handle know theirs. 0: one loop; saves a word in each. */
#ifndef CEDO_LOOPS
#define CEDO_LOOPS CEDO_HOSTED
#endif

/* CEDO_PORT: the name of the port, if it is always the same one (-DCEDO_PORT=cedo_port_cortex_m).
 * The compiler can then see through it, which saves its table, a word in the loop and the detour.
 * Not defined: any port, per loop. */

/* CEDO_LOOP: the name of the loop, if there is one and it is a global variable (-DCEDO_LOOP=loop,
 * and cedo_loop loop; in one file). Saves a word of RAM, and an instruction where it is used. Not
 * defined: any loop. */
#if defined(CEDO_LOOP) && CEDO_LOOPS
#error "CEDO_LOOP is for a program with one loop: CEDO_LOOPS 0"
#endif

/* 1: cedo_with, cedo_try, timeouts, groups. 0: only finally; saves a word per task and their
 * flash. */
#ifndef CEDO_SCOPES
#define CEDO_SCOPES 1
#endif

/* 1: the loop calls functions: cedo_call_soon, cedo_call_later, and what stands on them (timeouts,
 * so CEDO_SCOPES needs it; cedo_loop_run_until_complete). 0: it only runs tasks; saves 160 to 200
 * bytes of flash on a Cortex-M0. */
#ifndef CEDO_HANDLES
#define CEDO_HANDLES 1
#endif

/* 1: a loop can end: cedo_loop_stop, cedo_loop_step, cedo_loop_close, cedo_running_loop,
 * CEDO_EEXIT. 0: cedo_loop_run_forever does what it says, a CEDO_EEXIT is an error like any other,
 * and the clock is read when no task is ready or CEDO_POLL_INTERVAL of them have run; saves 260 to
 * 290 bytes of flash on a Cortex-M0, and 16 in the loop. */
#ifndef CEDO_STOP
#define CEDO_STOP 1
#endif

/* 1: interrupts and other threads can wake tasks: isr.h. 0: nothing but time and the port does;
 * saves 100 bytes of flash on a Cortex-M0 and a word in the loop. */
#ifndef CEDO_ISR
#define CEDO_ISR 1
#endif

/* 1: a task can be joined, and told about when it ends. 0: saves a word per task. */
#ifndef CEDO_JOIN
#define CEDO_JOIN 1
#endif

/* 1: the loop knows all its tasks (cedo_loop_next_task). 0: saves a word per task. */
#ifndef CEDO_REGISTRY
#define CEDO_REGISTRY 1
#endif

/* 1: the loop calls a handler of yours with unhandled errors. 0: they trap; saves two words in the
 * loop. */
#ifndef CEDO_EXCEPTION_HANDLER
#define CEDO_EXCEPTION_HANDLER 1
#endif

/* 1: more can happen when a task is spawned: it begins at once (eager.h), it inherits values
 * (context.h), a function of yours is told (cedo_loop_set_spawn_hook). 0: saves three words in the
 * loop, and 50 bytes of flash on a Cortex-M0. */
#ifndef CEDO_SPAWN_HOOK
#define CEDO_SPAWN_HOOK CEDO_HOSTED
#endif

/* 1: cedo_spawn_new and cedo_call_new, through an allocator. 0: all storage is the caller's. */
#ifndef CEDO_ALLOCATORS
#define CEDO_ALLOCATORS 1
#endif

/* 1: tasks can be named. 0: a task is known by its function; saves a word per task. */
#ifndef CEDO_NAMES
#define CEDO_NAMES CEDO_HOSTED
#endif

/* 1: coroutines can tell their function and line: await stacks in error reports, names in traps.
 * Costs a string per coroutine and a few bytes of code per await, no RAM, and nothing on the fast
 * path. */
#ifndef CEDO_TRACE
#define CEDO_TRACE CEDO_HOSTED
#endif

/* 1: the loop has a debug mode, see debug.h: slow steps, calls from other threads, errors that
 * nobody looked at, how long tasks wait. On a host it is off until cedo_loop_set_debug or the
 * environment variable CEDO_DEBUG says otherwise, and then costs nothing. On firmware it is on, and
 * costs a time per task. */
#ifndef CEDO_DEBUG
#define CEDO_DEBUG (CEDO_HOSTED && CEDO_REGISTRY && CEDO_ALLOCATORS)
#endif

/* 1: misuse that can be seen cheaply at run time traps. 0: only what would be silently wrong
 * otherwise does. */
#ifndef CEDO_CHECKS
#define CEDO_CHECKS 1
#endif

/* 1: traps call a handler of yours, see cedo_set_trap_handler. 0: saves a word of RAM, and 60 to
 * 100 bytes of flash on a Cortex-M0. */
#ifndef CEDO_TRAP_HANDLER
#define CEDO_TRAP_HANDLER 1
#endif

/* 1: traps and error reports carry their text. 0: they say where only, by the stack that a debugger
 * sees; the text stands at that line of the source. It is 1 to 3 KB of flash, and of RAM what a trap
 * copies to the stack on AVR. */
#ifndef CEDO_ADVICE
#define CEDO_ADVICE CEDO_HOSTED
#endif

/* Storage class of the two "current" pointers. One loop per thread on a host; plain variables on
 * firmware. */
#ifndef CEDO_THREAD_LOCAL
#if CEDO_HOSTED && defined(__ELF__) && defined(__GNUC__)
/* initial-exec: one instruction to reach, also from a shared library */
#define CEDO_THREAD_LOCAL __thread __attribute__((tls_model("initial-exec")))
#elif CEDO_HOSTED
#define CEDO_THREAD_LOCAL __thread
#else
#define CEDO_THREAD_LOCAL
#endif
#endif

#if CEDO_TIMER_WHEEL && CEDO_TIME_BITS != 64
#error "CEDO_TIMER_WHEEL needs CEDO_TIME_BITS 64"
#endif
#if defined(CEDO_LABELS) && CEDO_STATE_BITS < 16
#error "CEDO_LABELS needs CEDO_STATE_BITS 16 or more: define it for the whole program"
#endif

#if CEDO_SCOPES && !CEDO_HANDLES
#error "CEDO_SCOPES needs CEDO_HANDLES: a timeout is one"
#endif
#if CEDO_SPAWN_HOOK && !CEDO_STOP
#error "CEDO_SPAWN_HOOK needs CEDO_STOP"
#endif
#if CEDO_HOSTED && !(CEDO_STOP && CEDO_HANDLES && CEDO_TRAP_HANDLER && CEDO_ISR)
#error "CEDO_STOP, CEDO_HANDLES, CEDO_TRAP_HANDLER and CEDO_ISR can be 0 on firmware only"
#endif
#if CEDO_DEBUG && !(CEDO_STOP && CEDO_REGISTRY && (CEDO_ALLOCATORS || !CEDO_HOSTED))
#error "CEDO_DEBUG needs CEDO_STOP and CEDO_REGISTRY, on a host also CEDO_ALLOCATORS"
#endif

/* ------------------------------------------------------------- compilers */

#ifdef __has_attribute
#define CEDO_HAS_ATTRIBUTE_(x) __has_attribute(x)
#else
#define CEDO_HAS_ATTRIBUTE_(x) 0
#endif

#if CEDO_HAS_ATTRIBUTE_(fallthrough)
#define CEDO_FALLTHROUGH_ __attribute__((fallthrough))
#else
#define CEDO_FALLTHROUGH_ ((void)0)
#endif

#ifdef __GNUC__
#define CEDO_NODISCARD_ __attribute__((warn_unused_result))
#define CEDO_NORETURN_ __attribute__((noreturn, cold))
#define CEDO_COLD_ __attribute__((cold, noinline))
#define CEDO_NOINLINE_ __attribute__((noinline))
#ifndef CEDO_ALWAYS_INLINE_ /* tests/coverage.sh counts each function once */
#define CEDO_ALWAYS_INLINE_ __attribute__((always_inline))
#endif
#define CEDO_UNUSED_ __attribute__((unused))
#define CEDO_LIKELY_(x) __builtin_expect(!!(x), 1)
#define CEDO_UNLIKELY_(x) __builtin_expect(!!(x), 0)
/* Asks for memory that is needed soon; any address will do. */
#define CEDO_PREFETCH_(address) __builtin_prefetch((const void *)(address))
#else
#define CEDO_NODISCARD_
#define CEDO_NORETURN_
#define CEDO_COLD_
#define CEDO_NOINLINE_
#ifndef CEDO_ALWAYS_INLINE_
#define CEDO_ALWAYS_INLINE_
#endif
#define CEDO_UNUSED_
#define CEDO_LIKELY_(x) (x)
#define CEDO_UNLIKELY_(x) (x)
#define CEDO_PREFETCH_(address) ((void)(address))
#endif

/* Frames must lie on even addresses (the low bit of a step tells a frame from a status). Only 8-bit
 * targets would place them elsewhere. */
#if defined(__AVR__) && defined(__GNUC__)
#define CEDO_FRAME_ALIGN_ __attribute__((aligned(2)))
#else
#define CEDO_FRAME_ALIGN_
#endif

/* Of a function that is called often, on a host: it begins with a line of the cache, so that how fast it
 * is does not depend on what stands before it. That is up to a seventh for a short one. */
#if CEDO_HOSTED && defined(__GNUC__)
#define CEDO_ALIGNED_ __attribute__((aligned(64)))
#else
#define CEDO_ALIGNED_
#endif

/* Of a variable: the compiler must not know its value. Where it knows the address of an object, gcc
 * makes a constant of the address of each of its fields, instead of one that lies in a register. */
#ifdef __GNUC__
#define CEDO_FORGET_VALUE_(variable) __asm__("" : "+r"(variable))
#else
#define CEDO_FORGET_VALUE_(variable) ((void)0)
#endif

/* Linkage of functions that are inline on a host, where they are called often, or kept out of line
 * there, so that the usual way around them saves no registers. Firmware counts bytes: there the
 * compiler decides. */
#if CEDO_HOSTED
#define CEDO_INLINE_ON_HOSTS_ CEDO_ALWAYS_INLINE_ static inline
#define CEDO_APART_ON_HOSTS_ CEDO_NOINLINE_ static
#else
#define CEDO_INLINE_ON_HOSTS_ static
#define CEDO_APART_ON_HOSTS_ static
#endif

/* Linkage of functions of the API that are called often: on a host they are inline, with all that
 * usually happens in them. */
#if CEDO_HOSTED
#define CEDO_HOT_ static inline
#define CEDO_EXTERN_ON_HOSTS_ /* what they need of the implementation */
#else
#define CEDO_HOT_
#define CEDO_EXTERN_ON_HOSTS_ static
#endif

#define CEDO_CONTAINER_(pointer, type, member) \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
