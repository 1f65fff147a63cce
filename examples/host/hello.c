/* The smallest program: a coroutine that sleeps. */
#include <cedo/cedo.h>

#include <stdio.h>

struct hello {
    cedo_coro coro;
};

static cedo_async(hello)
{
    cedo_body(struct hello, self) {
        puts("Hello ...");
        cedo_await(cedo_sleep_ms(1000));
        puts("... World!");
    }
}

CEDO_MAIN(hello)
