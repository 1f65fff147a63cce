/*
 * Runs one AVR image in simavr and tells how it ended, which the stock `simavr` command does not:
 * it always exits with 0.
 *
 *   simavr_runner IMAGE.elf [MAX_CYCLES]
 *
 * Standard output: what the image writes to UART0. Standard error: at the end "cycles N",
 * all that went by, and "awake N", those of them that the processor did not sleep.
 * Exit status: GPIOR0 at the moment the image sleeps with interrupts off, or one of the codes
 * below. Needs libsimavr and libelf: cc simavr_runner.c -lsimavr -lelf
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>

#define MCU "atmega328p"
#define FREQUENCY 16000000u
#define DEFAULT_CYCLES (60ull * FREQUENCY)

#define ADDRESS_GPIOR0 0x3E /* in the data space: I/O address 0x1E + 0x20 */

enum { EXIT_USAGE = 120, EXIT_NO_IMAGE = 121, EXIT_CRASHED = 122, EXIT_TOO_LONG = 124 };

static void on_uart(struct avr_irq_t *irq, uint32_t byte, void *unused)
{
    (void)irq;
    (void)unused;
    putchar((int)byte);
}

static avr_cycle_count_t asleep;

/* Time is simulated: a sleeping processor must not put this process to sleep as well. The one more
   is what simavr itself adds for every round of sleep. */
static void on_sleep(avr_t *avr, avr_cycle_count_t cycles)
{
    (void)avr;
    asleep += cycles + 1;
}

static void errors_only(avr_t *avr, const int level, const char *format, va_list arguments)
{
    (void)avr;
    if (level <= LOG_ERROR) vfprintf(stderr, format, arguments);
}

int main(int argc, char **argv)
{
    elf_firmware_t firmware;
    unsigned long long limit = DEFAULT_CYCLES;
    uint32_t uart_flags = 0;
    int state = cpu_Running;
    avr_t *avr;

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: %s IMAGE.elf [MAX_CYCLES]\n", argv[0]);
        return EXIT_USAGE;
    }
    if (argc == 3) limit = strtoull(argv[2], NULL, 0);

    avr_global_logger_set(errors_only);
    memset(&firmware, 0, sizeof firmware);
    if (elf_read_firmware(argv[1], &firmware) != 0) {
        fprintf(stderr, "%s: not an AVR image\n", argv[1]);
        return EXIT_NO_IMAGE;
    }
    avr = avr_make_mcu_by_name(MCU);
    if (avr == NULL) {
        fprintf(stderr, "this libsimavr does not know the %s\n", MCU);
        return EXIT_NO_IMAGE;
    }
    avr_init(avr);
    firmware.frequency = FREQUENCY;
    avr_load_firmware(avr, &firmware);
    avr->sleep = on_sleep;

    /* simavr would print whole lines itself, coloured, and sleep while the image polls. */
    avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &uart_flags);
    uart_flags &= ~(uint32_t)(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &uart_flags);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT),
                            on_uart, NULL);

    while (state != cpu_Done && state != cpu_Crashed && avr->cycle < limit) state = avr_run(avr);

    fflush(stdout);
    fprintf(stderr, "cycles %llu\nawake %llu\n", (unsigned long long)avr->cycle,
            (unsigned long long)(avr->cycle - asleep));
    if (state == cpu_Crashed) return EXIT_CRASHED;
    if (state != cpu_Done) return EXIT_TOO_LONG;
    return avr->data[ADDRESS_GPIOR0];
}
