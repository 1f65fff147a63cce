/* The port of cedo for the board that an image is built for, as BOARD_PORT. After <cedo/core.h>. */
#ifndef BOARD_PORT_H
#define BOARD_PORT_H

#if defined(__arm__)

#define CEDO_CORTEX_M_HZ BOARD_CPU_HZ
#include <cedo/port/cortex_m.h>
#define BOARD_PORT cedo_port_cortex_m
#define BOARD_INTERRUPTS_ON() ((void)0) /* as they are after reset */

#elif defined(__riscv)

#define CEDO_RISCV_MTIME_HZ 10000000u
#include <cedo/port/riscv.h>
#define BOARD_PORT cedo_port_riscv
#define BOARD_INTERRUPTS_ON() __asm__ volatile("csrsi mstatus, 8" ::: "memory")

#elif defined(__AVR__)

#ifndef F_CPU
#define F_CPU BOARD_CPU_HZ
#endif
#include <cedo/port/avr.h>
#define BOARD_PORT cedo_port_avr
#define BOARD_INTERRUPTS_ON() sei()

#endif

#endif
