/* Was everything toggled as often as 1005 ms allow? Only in images built with RUN. */
#include "app.h"

#if defined(__arm__) /* inline, so that the counted instructions stay those of the program */
#include "semihost.h"
#define put_text(text) semihost_puts(text)
#define put_number(value) semihost_putu(value)
#define finish(code) semihost_exit(code)
#else
#include "board.h"
#define put_text(text) board_puts(text)
#define put_number(value) board_putu(value)
#define finish(code) board_exit(code)
#endif

#define BETWEEN(low, value, high) ((value) >= (low) && (value) <= (high))

volatile uint32_t app_pins[4];

void app_check(uint32_t ms)
{
    int right;

    if (ms < 1005u) return;
    put_text("A=");
    put_number(app_pins[0]);
    put_text(" B=");
    put_number(app_pins[1]);
    put_text(" C=");
    put_number(app_pins[2]);
    put_text(" last=");
    put_number(app_pins[3]);
    right = BETWEEN(99u, app_pins[0], 101u) && BETWEEN(99u, app_pins[1], 101u) &&
            BETWEEN(19u, app_pins[2], 21u) && BETWEEN(98u, app_pins[3], 100u);
    put_text(right ? " PASS\n" : " FAIL\n");
    finish(right ? 0 : 1);
}
