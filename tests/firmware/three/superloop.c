/* By hand, in one loop: the cheapest that a person would write. */
#include "ms.h"

#define CAPACITY 4u

static uint32_t queue[CAPACITY];
static uint8_t put, got;

static inline int reached(uint32_t now, uint32_t due)
{
    return (int32_t)(now - due) >= 0;
}

int main(void)
{
    uint32_t due_a = 10, due_c = 50, n = 0;

    systick_start();
    for (;;) {
        const uint32_t now = ms_now();

        if (reached(now, due_a) && (uint8_t)(put - got) < CAPACITY) {
            due_a += 10;
            TOGGLE(0);
            queue[put++ % CAPACITY] = n++;
        }
        while (put != got) {
            const uint32_t value = queue[got++ % CAPACITY];

            TOGGLE(1);
            PORT(value);
        }
        if (reached(now, due_c)) {
            due_c += 50;
            TOGGLE(2);
        }
        ms_sleep(now);
    }
}
