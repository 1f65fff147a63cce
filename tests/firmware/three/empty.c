/* No task at all: what vectors, start-up, tick and sleep cost. */
#include "ms.h"

int main(void)
{
    systick_start();
    for (;;) WFI();
}
