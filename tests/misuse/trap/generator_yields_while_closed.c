/* A generator yields while it is being closed.
 * file: coro.h
 * function: cedo_close_
 * advice: a generator that is being closed must not yield
 */
#include <cedo/core.h>
#include <cedo/port/sim.h>

struct user {
    cedo_coro coro;
};

static cedo_async(user)
{
    cedo_body(struct user, self) {
        cedo_yield();
    cedo_finally:
        cedo_yield();
    }
}

int main(void)
{
    static struct user user;
    (void)cedo_make(&user, user);
    (void)cedo_next(&user);
    return cedo_close(&user) == CEDO_OK ? 0 : 1;
}
