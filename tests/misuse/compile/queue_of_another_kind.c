/* A queue that is declared as one kind and made as another.
 * compilers: gcc clang g++ clang++
 * expect: no member named
 */
#include <cedo/core.h>

static cedo_lifo_queue_of(int, 4) stack;

void make(void);
void make(void)
{
#ifdef WRONG
    cedo_queue_init(&stack);
#else
    cedo_lifo_queue_init(&stack);
#endif
}
