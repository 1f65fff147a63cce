/* The core as a library: the bodies that firmware gets by CEDO_IMPLEMENTATION. */
#define CEDO_IMPLEMENTATION
#include <cedo/core.h>
